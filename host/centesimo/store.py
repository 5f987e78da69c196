"""The store: every record, file and publication that this event has, in one SQLite file (or a PostgreSQL database).

Insert-only: nothing is ever changed or removed, triggers refuse it. A record is known by its board and sequence; the
same record again is skipped, another one under the same key is kept beside it as a conflict and reported, never used.
Every method that adds does so in one transaction: after a failure or a kill the store is as it was before the call.
How it is opened, and why it survives a kill: database.py. Its tables: schema.py and docs/store.md.
"""

import json
import struct
from collections.abc import Mapping, Sequence
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple, Self

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from centesimo.database import Database
from centesimo.errors import StoreError
from centesimo.event import Event
from centesimo.facts import Passage
from centesimo.schema import (
    conflicts,
    event_versions,
    lists,
    loaded_files,
    loaded_passages,
    publications,
    receipts,
    records,
)
from protocol import record
from protocol.shim import RecordError

STORE_NAME = "centesimo.sqlite"  # in the event folder
LOADED_COLUMNS = ("line", "timing_point", "start_number", "passed_at_ns", "uncertainty_ns", "source")


class Added(NamedTuple):
    """What add_records did: how many were new or there already, and sequences that differ from the store."""

    new: int
    known: int
    conflicts: tuple[int, ...]


class LoadedPassage(NamedTuple):
    """One line of a file of passages; `line` counts from 1, instants and uncertainty in ns."""

    line: int
    timing_point: str
    start_number: int | None
    at_ns: int
    uncertainty_ns: int | None
    source: str


class Receipt(NamedTuple):
    """When and through which port a block of a board's records came; first .. last are sequences."""

    id: int
    received_at_ns: int
    port: str
    board: str
    host_version: str
    first: int
    last: int


class Publication(NamedTuple):
    """One posted ranking; `leg` None is all legs together, `version` counts from 1 for each race and leg."""

    race: str
    leg: str | None
    version: int
    status: str
    posted_at_ns: int
    facts_digest: str
    content: str


class Store(Database):
    """An open store; its methods may be called from several threads, each call is one transaction."""

    @classmethod
    def of_event(cls, folder: Path) -> Self:
        """Open the store of an event folder, making it if it is new; StoreError if the folder is no event's."""
        if not (folder / "event.toml").exists() and not (folder / STORE_NAME).exists():
            raise StoreError(f"{folder}: expected an event folder, found no event.toml in it: name it with --event")
        return cls.open(folder / STORE_NAME)

    # Records.

    def add_records(
        self, board: str, port: str, raws: Sequence[bytes], now_ns: int, host_version: str | None = None
    ) -> Added:
        """Add a board's records (32 bytes each, any order, any number of times); StoreError if one does not check."""
        checked = self._checked(board, raws)
        if not checked:
            return Added(0, 0, ())
        fresh: dict[int, bytes] = {}
        differing = set()
        with self.writing() as connection:
            stored = _stored(connection, board, min(checked)[0], max(checked)[0])
            for sequence, raw in checked:
                if (stored.get(sequence) or fresh.setdefault(sequence, raw)) != raw:
                    differing.add((sequence, raw))
            unseen = differing - _known_conflicts(connection, board) if differing else set()
            if fresh or unseen:
                source = (now_ns, port, board, host_version or _host_version())
                _insert(connection, source, fresh, unseen)
        return Added(len(fresh), len(raws) - len(fresh), tuple(sorted({sequence for sequence, _ in differing})))

    def _checked(self, board: str, raws: Sequence[bytes]) -> list[tuple[int, bytes]]:
        try:
            return [(record.unpack(raw).sequence, bytes(raw)) for raw in raws]
        except RecordError as error:
            raise StoreError(f"{self.name}: a record of board {board} is refused: {error}") from error

    def last_sequence(self, board: str) -> int:
        """Return the highest sequence stored of a board (16 hex digits); 0 if there is none."""
        with self.reading() as connection:
            query = sa.select(sa.func.max(records.c.sequence)).where(records.c.board == board)
            return connection.execute(query).scalar() or 0

    def held(self, board: str) -> list[tuple[int, int]]:
        """Return the ranges (first, last) of sequences that are stored of a board, in order, without touching ones."""
        place = sa.func.row_number().over(order_by=records.c.sequence)
        numbered = sa.select(records.c.sequence, (records.c.sequence - place).label("island"))
        islands = numbered.where(records.c.board == board).subquery()
        ends = sa.select(sa.func.min(islands.c.sequence), sa.func.max(islands.c.sequence))
        with self.reading() as connection:
            rows = connection.execute(ends.group_by(islands.c.island).order_by(islands.c.island))
            return [(first, last) for first, last in rows]

    def boards(self) -> list[str]:
        """Return the boards (16 hex digits) of which there are records, in order."""
        with self.reading() as connection:
            return list(connection.execute(sa.select(records.c.board).distinct().order_by(records.c.board)).scalars())

    def records(self) -> dict[str, list[bytes]]:
        """Return every stored record as its 32 bytes, by board, in order of sequence."""
        return {board: self.records_of(board) for board in self.boards()}

    def records_of(self, board: str) -> list[bytes]:
        """Return a board's stored records as their 32 bytes, in order of sequence."""
        query = sa.select(records.c.raw).where(records.c.board == board).order_by(records.c.sequence)
        with self.reading() as connection:
            # The driver's own cursor: SQLAlchemy's rows would take three times as long.
            cursor = connection.execute(query).cursor
            return [bytes(raw) for (raw,) in cursor.fetchall()] if cursor else []

    def conflicts(self) -> list[tuple[str, int, bytes]]:
        """Return (board, sequence, raw) of every record that came with other bytes than the stored one, in order."""
        query = sa.select(conflicts.c.board, conflicts.c.sequence, conflicts.c.raw)
        with self.reading() as connection:
            rows = connection.execute(query.order_by(conflicts.c.board, conflicts.c.sequence, conflicts.c.raw))
            return [(board, sequence, raw) for board, sequence, raw in rows]

    def receipts(self) -> list[Receipt]:
        """Return every receipt in the order in which they came."""
        with self.reading() as connection:
            return [Receipt(*row) for row in connection.execute(sa.select(receipts).order_by(receipts.c.id))]

    # Loaded passages.

    def add_loaded(self, name: str, digest: str, text: str, passages: Sequence[LoadedPassage], now_ns: int) -> int:
        """Add a file of passages, all of it or nothing, and return how many passages are new.

        Nothing is added of a file that is there already (`digest`: SHA-256, hex), nor of lines that another file had.
        """
        with self.writing() as connection:
            if connection.execute(sa.select(loaded_files).where(loaded_files.c.digest == digest)).first():
                return 0
            query = sa.select(*(loaded_passages.c[column] for column in LOADED_COLUMNS[1:]))
            known = {tuple(row) for row in connection.execute(query)}
            new = [passage for passage in passages if tuple(passage[1:]) not in known]
            file = {"digest": digest, "name": name, "loaded_at_ns": now_ns, "text": text}
            connection.execute(sa.insert(loaded_files), [file])
            if new:
                rows = [{"digest": digest, **dict(zip(LOADED_COLUMNS, passage, strict=True))} for passage in new]
                connection.execute(sa.insert(loaded_passages), rows)
        return len(new)

    def passages(self) -> list[Passage]:
        """Return the loaded passages, in order of instant, then id."""
        with self.reading() as connection:
            rows = connection.execute(sa.select(loaded_passages)).all()
        return sorted((_passage(*row) for row in rows), key=lambda passage: (passage.at_ns, passage.id))

    # What people wrote: event versions, marshal's lists; and what was posted.

    def add_event(self, event: Event, now_ns: int) -> bool:
        """Add a version of the event folder; False if this version (its digest) is there."""
        with self.writing() as connection:
            return _add_event(connection, event, now_ns)

    def event_versions(self) -> list[tuple[str, int, dict[str, str]]]:
        """Return (digest, stored_at_ns, text by file name) of every version of the event folder, oldest first."""
        query = sa.select(event_versions).order_by(event_versions.c.stored_at_ns, event_versions.c.digest)
        with self.reading() as connection:
            return [(digest, at_ns, json.loads(files)) for digest, at_ns, files in connection.execute(query)]

    def add_list(self, name: str, digest: str, text: str, now_ns: int) -> bool:
        """Add a marshal's list as written; False if it is the newest of its name already."""
        with self.writing() as connection:
            return _add_list(connection, name, digest, text, now_ns)

    def lists(self) -> dict[str, str]:
        """Return the text of the newest marshal's list of each name, in order of name."""
        with self.reading() as connection:
            rows = connection.execute(sa.select(lists.c.name, lists.c.text).order_by(lists.c.id)).all()
        newest = {str(name): str(text) for name, text in rows}
        return dict(sorted(newest.items()))

    def post(self, event: Event, list_texts: Mapping[str, str], new: Sequence[Publication], now_ns: int) -> None:
        """Add publications with what people wrote that they follow from: event folder and marshal's lists by name.

        All of it or nothing. StoreError if a publication is not the next version of its race and leg.
        """
        with self.writing() as connection:
            _add_event(connection, event, now_ns)
            for name, text in sorted(list_texts.items()):
                _add_list(connection, name, sha256(text.encode()).hexdigest(), text, now_ns)
            for publication in new:
                same = (publications.c.race == publication.race) & (publications.c.leg == (publication.leg or ""))
                last = connection.execute(sa.select(sa.func.max(publications.c.version)).where(same)).scalar() or 0
                if publication.version != last + 1:
                    why = f"expected to post version {last + 1}, got {publication.version}: do it again"
                    raise StoreError(f"{self.name}: {publication.race} was posted by another program: {why}")
                connection.execute(sa.insert(publications), [{**publication._asdict(), "leg": publication.leg or ""}])

    def publications(
        self, race: str | None = None, leg: str | None = None, newest: int | None = None
    ) -> list[Publication]:
        """Return the publications oldest first, of one race and leg (None: all legs together), or all.

        `newest` is how many of the last ones at most; None: all of them.
        """
        query = sa.select(*(publications.c[name] for name in Publication._fields)).order_by(publications.c.id.desc())
        if race is not None:
            query = query.where((publications.c.race == race) & (publications.c.leg == (leg or "")))
        with self.reading() as connection:
            found = [Publication(*row) for row in connection.execute(query.limit(newest))]
        return [publication._replace(leg=publication.leg or None) for publication in reversed(found)]


def _add_event(connection: Connection, event: Event, now_ns: int) -> bool:
    if connection.execute(sa.select(event_versions).where(event_versions.c.digest == event.digest)).first():
        return False
    files = json.dumps(event.files, ensure_ascii=False, sort_keys=True)
    row = {"digest": event.digest, "stored_at_ns": now_ns, "files": files}
    connection.execute(sa.insert(event_versions), [row])
    return True


def _add_list(connection: Connection, name: str, digest: str, text: str, now_ns: int) -> bool:
    newest = sa.select(lists.c.digest).where(lists.c.name == name).order_by(lists.c.id.desc()).limit(1)
    if connection.execute(newest).scalar() == digest:
        return False
    row = {"name": name, "digest": digest, "text": text, "stored_at_ns": now_ns}
    connection.execute(sa.insert(lists), [row])
    return True


def _stored(connection: Connection, board: str, first: int, last: int) -> dict[int, bytes]:
    query = sa.select(records.c.sequence, records.c.raw)
    query = query.where((records.c.board == board) & records.c.sequence.between(first, last))
    return {sequence: bytes(raw) for sequence, raw in connection.execute(query)}


def _known_conflicts(connection: Connection, board: str) -> set[tuple[int, bytes]]:
    query = sa.select(conflicts.c.sequence, conflicts.c.raw).where(conflicts.c.board == board)
    return {(sequence, bytes(raw)) for sequence, raw in connection.execute(query)}


def _insert(
    connection: Connection, source: tuple[int, str, str, str], fresh: dict[int, bytes], unseen: set[tuple[int, bytes]]
) -> None:
    """Insert a receipt for `source` (when, port, board, host version), its new records and its new conflicts."""
    sequences = sorted(fresh) or sorted(sequence for sequence, _ in unseen)
    row = dict(zip(Receipt._fields[1:], (*source, sequences[0], sequences[-1]), strict=True))
    receipt = connection.execute(sa.insert(receipts).values(row).returning(receipts.c.id)).scalar_one()
    common = {"board": source[2], "receipt": receipt}
    if fresh:
        heads = ((raw, struct.unpack(record.HEAD, raw[:15])) for _, raw in sorted(fresh.items()))
        rows = [{**common, "sequence": s, "boot": boot, "kind": kind, "raw": raw} for raw, (s, boot, kind, _) in heads]
        connection.execute(sa.insert(records), rows)
    if unseen:
        connection.execute(sa.insert(conflicts), [{**common, "sequence": s, "raw": raw} for s, raw in sorted(unseen)])


def _passage(digest: str, line: int, *values: Any) -> Passage:
    timing_point, start_number, at_ns, uncertainty_ns, source = values
    name = f"load:{digest[:8]}:{line}"
    return Passage(name, timing_point, at_ns, uncertainty_ns, True, (), (), source, start_number)


def _host_version() -> str:
    try:
        return version("centesimo")
    except PackageNotFoundError:  # run from its folder, not installed
        return "not installed"
