"""What people keyed, as the store keeps it: one row a sighting, known by the digest of all it says.

A sighting that is there already is not new, so the same file, bundle or push adds nothing the second time. The counter
of a device is given out in the transaction that stores the sighting: two programs on one laptop never give one twice.
"""

from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from centesimo.model.errors import StoreError
from centesimo.model.facts import Sighting
from centesimo.sightings import check, in_order, made
from centesimo.store.board_records import BoardRecords
from centesimo.store.row_digests import insert
from centesimo.store.schema import loaded_files, sightings

COLUMNS = tuple(sightings.c[name] for name in Sighting._fields)


class Sighted(BoardRecords):
    """The part of a store that people have keyed."""

    def add_sightings(self, new: Sequence[Sighting], file: tuple[str, str, str, int] | None = None) -> int:
        """Add sightings, with the file they are from (name, SHA-256 in hex, text, loaded_at_ns), and return how many
        are new.

        All of it or nothing. StoreError if one of them cannot be.
        """
        for sighting in new:
            self._checked_sighting(sighting)
        with self.writing() as connection:
            if file is not None:
                _add_file(connection, *file)
            return _add(connection, new)

    def key(
        self,
        timing_point: str,
        start_number: int | None,
        at_ns: int,
        person: str,
        device: str,
        replaces: str | None = None,
        source: str = "",
    ) -> Sighting:
        """Add what was just keyed on a device, as the next one of it, and return it; it is committed then.

        StoreError if it cannot be, or the store cannot be written: then nothing was stored.
        """
        highest = sa.select(sa.func.max(sightings.c.counter)).where(sightings.c.device == device)
        with self.writing() as connection:
            counter = (connection.execute(highest).scalar() or 0) + 1
            try:
                sighting = made(timing_point, start_number, at_ns, person, device, counter, None, replaces, source)
            except ValueError as error:
                raise StoreError(f"{self.name}: a sighting is refused: {error}") from error
            _add(connection, [sighting])
        return sighting

    def sightings(self, points: Collection[str] | None = None) -> list[Sighting]:
        """Return every sighting, also those that were replaced, at these timing points (None: all), in order."""
        query = sa.select(*COLUMNS)
        if points is not None:
            query = query.where(sightings.c.timing_point.in_(sorted(points)))
        with self.reading() as connection:
            return sorted((Sighting(*row) for row in connection.execute(query)), key=in_order)

    def sightings_count(self) -> int:
        """Return how many sightings there are: whether new ones came is seen by it."""
        with self.reading() as connection:
            return connection.execute(sa.select(sa.func.count()).select_from(sightings)).scalar() or 0

    def _checked_sighting(self, sighting: Sighting) -> None:
        try:
            check(sighting)
        except ValueError as error:
            raise StoreError(f"{self.name}: a sighting is refused: {error}") from error


def _add(connection: Connection, new: Sequence[Sighting]) -> int:
    """Insert the sightings that are not there, and return how many."""
    stored = set(connection.execute(sa.select(sightings.c.id)).scalars()) if len(new) > 1 else _stored(connection, new)
    fresh = {sighting.id: sighting for sighting in new if sighting.id not in stored}
    insert(connection, sightings, [sighting._asdict() for sighting in fresh.values()])
    return len(fresh)


def _stored(connection: Connection, new: Sequence[Sighting]) -> set[str]:
    query = sa.select(sightings.c.id).where(sightings.c.id.in_([sighting.id for sighting in new]))
    return set(connection.execute(query).scalars())


def _add_file(connection: Connection, name: str, digest: str, text: str, now_ns: int) -> None:
    """Keep the text of a file, once."""
    if not connection.execute(sa.select(loaded_files).where(loaded_files.c.digest == digest)).first():
        insert(connection, loaded_files, [{"digest": digest, "name": name, "loaded_at_ns": now_ns, "text": text}])
