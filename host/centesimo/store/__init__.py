"""The store: every record, file and publication that this event has, in one SQLite file (or a PostgreSQL database).

Insert-only: nothing is ever changed or removed, triggers refuse it. Every method that adds does so in one transaction:
after a failure or a kill the store is as it was before the call. What is read does not depend on the order in which it
was added, so two laptops that loaded each other's bundles read the same. What boards have sent is in board_records.py,
what people keyed in sightings.py, what officials decided in decided.py, what is new in since.py and wake.py, how a
store is opened and why it survives a kill in database.py, the tables in schema.py and docs/store.md.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple, Self

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from centesimo.model.errors import StoreError
from centesimo.model.event import Event
from centesimo.model.facts import Passage
from centesimo.store.board_records import Added as Added
from centesimo.store.board_records import Receipt as Receipt
from centesimo.store.database import IN_MEMORY
from centesimo.store.decided import Decided
from centesimo.store.row_digests import insert
from centesimo.store.schema import event_versions, lists, loaded_files, loaded_passages, publications
from centesimo.store.since import EVERYTHING, Cursor, News, cursor_of, news_since

STORE_NAME = "centesimo.sqlite"  # in the event folder
LOADED_COLUMNS = ("line", "timing_point", "start_number", "passed_at_ns", "uncertainty_ns", "source")


class LoadedPassage(NamedTuple):
    """One line of a file of passages; `line` counts from 1, instants and uncertainty in ns."""

    line: int
    timing_point: str
    start_number: int | None
    at_ns: int
    uncertainty_ns: int | None
    source: str


class Publication(NamedTuple):
    """One posted ranking; `leg` None is all legs together, `version` counts from 1 for each race and leg."""

    race: str
    leg: str | None
    version: int
    status: str
    posted_at_ns: int
    facts_digest: str
    content: str


class Posted(NamedTuple):
    """What a posted ranking says of itself; the rest is in its Publication."""

    race: str
    leg: str | None
    version: int
    status: str
    posted_at_ns: int


class Store(Decided):
    """An open store; its methods may be called from several threads, each call is one transaction."""

    @classmethod
    def of_event(cls, folder: Path, is_made: bool = True) -> Self:
        """Open the store of an event folder; where there is none, make one, or one in memory if not `is_made`.

        StoreError if the folder is no event's.
        """
        is_there = has_store(folder)
        return cls.open(folder / STORE_NAME if is_made or is_there else IN_MEMORY)

    def since(self, cursor: Cursor | None = None) -> tuple[News, Cursor]:
        """Return what came behind a cursor of this store (None: all there is), and the cursor behind that.

        What came meanwhile may be in it and come again: taken twice it changes nothing.
        """
        with self.reading() as connection:
            end = cursor_of(connection)
            if cursor == end:
                return News({}, (), frozenset()), end
            if cursor is not None:
                return news_since(connection, cursor), end
        return News(self.records(), self.sightings(), EVERYTHING), end

    # Loaded passages.

    def add_loaded(
        self,
        name: str,
        digest: str,
        text: str,
        passages: Sequence[LoadedPassage],
        now_ns: int,
        taken_back: Collection[str] = (),
    ) -> int:
        """Add a file of passages, all of it or nothing, and return how many passages are new.

        `digest` is the file's SHA-256 (hex); of a file that the store has already nothing is added. A line that an
        earlier file had is kept, but is not new: its passage counts once, as that of the file loaded first; one of
        files in `taken_back` counts as this file's from now on, and is new.
        """
        once = self._loaded_once(taken_back)
        stored = {passage[1:] for earlier, passage in once if earlier[:8] not in taken_back}
        with self.writing() as connection:
            if connection.execute(sa.select(loaded_files).where(loaded_files.c.digest == digest)).first():
                return 0
            file = {"digest": digest, "name": name, "loaded_at_ns": now_ns, "text": text}
            insert(connection, loaded_files, [file])
            rows = [{"digest": digest, **dict(zip(LOADED_COLUMNS, passage, strict=True))} for passage in passages]
            insert(connection, loaded_passages, rows)
        return len({passage[1:] for passage in passages} - stored)

    def passages(self, taken_back: Collection[str] = ()) -> list[Passage]:
        """Return the loaded passages, in order of instant, then id.

        A row that several files have is the first one's; one of files in `taken_back` (the first 8 hex digits of their
        digests) is the other's, whenever that was loaded.
        """
        loaded_once = [_passage(digest, loaded) for digest, loaded in self._loaded_once(taken_back)]
        return sorted(loaded_once, key=lambda passage: (passage.at_ns, passage.id))

    def files(self) -> list[tuple[str, str]]:
        """Return (SHA-256 in hex, name) of every loaded file, in the order of loading."""
        columns = loaded_files.c.digest, loaded_files.c.name
        with self.reading() as connection:
            rows = connection.execute(sa.select(*columns).order_by(loaded_files.c.loaded_at_ns, *columns))
            return [(digest, name) for digest, name in rows]

    def texts_of_sightings(self) -> list[tuple[str, str, str]]:
        """Return (SHA-256 in hex, name, text) of every loaded file without passages, in order of the digests."""
        columns = loaded_files.c.digest, loaded_files.c.name, loaded_files.c.text
        of_passages = sa.select(loaded_passages.c.digest)
        with self.reading() as connection:
            rows = connection.execute(sa.select(*columns).where(loaded_files.c.digest.not_in(of_passages)))
            return sorted((digest, name, text) for digest, name, text in rows)

    def _loaded_once(self, last: Collection[str] = ()) -> list[tuple[str, LoadedPassage]]:
        """Return every passage once, with its file's digest: of several the one loaded first, those `last` last."""
        first = sa.select(loaded_files.c.digest, sa.func.min(loaded_files.c.loaded_at_ns))
        columns = (loaded_passages.c[name] for name in ("digest", *LOADED_COLUMNS))
        with self.reading() as connection:
            files = connection.execute(first.group_by(loaded_files.c.digest))
            at_by_digest = {file[0]: file[1] for file in files}
            rows = [(digest, LoadedPassage(*values)) for digest, *values in connection.execute(sa.select(*columns))]
        by_line: dict[tuple[str, int], LoadedPassage] = {}
        for digest, loaded in rows:  # a file that was read with two versions of the event has two rows a line
            key = (digest, loaded.line)
            by_line[key] = min(by_line.get(key, loaded), loaded, key=repr)
        once: dict[tuple[object, ...], tuple[str, LoadedPassage]] = {}
        for digest, line in sorted(by_line, key=lambda key: (key[0][:8] in last, at_by_digest[key[0]], *key)):
            loaded = by_line[digest, line]
            once.setdefault(loaded[1:], (digest, loaded))
        return list(once.values())

    # What people wrote: event versions, marshal's lists; and what was posted.

    def add_event(self, event: Event, now_ns: int) -> None:
        """Add a version of the event folder, if this one is not there: what is stored now is of this event."""
        with self.writing() as connection:
            _add_event(connection, event, now_ns)

    def event_versions(self) -> list[tuple[str, int, dict[str, str]]]:
        """Return (digest, stored_at_ns, text by file name) of every version of the event folder, oldest first."""
        query = sa.select(event_versions).order_by(event_versions.c.stored_at_ns, event_versions.c.digest)
        with self.reading() as connection:
            rows = connection.execute(query).all()
        oldest: dict[str, tuple[str, int, dict[str, str]]] = {}
        for digest, at_ns, files in rows:
            oldest.setdefault(digest, (digest, at_ns, json.loads(files)))
        return list(oldest.values())

    def lists(self) -> dict[str, str]:
        """Return the text of the newest marshal's list of each name, in order of name."""
        with self.reading() as connection:
            in_order = sa.select(lists.c.name, lists.c.text).order_by(lists.c.stored_at_ns, lists.c.digest)
            rows = connection.execute(in_order).all()
        newest = {str(name): str(text) for name, text in rows}
        return dict(sorted(newest.items()))

    def post(self, event: Event, list_texts: Mapping[str, str], new: Sequence[Publication], now_ns: int) -> None:
        """Add publications together with the event folder and the marshals' lists (by name) that they follow from.

        All of it or nothing. StoreError if a publication is not the next version of its race and leg.
        """
        with self.writing() as connection:
            _add_event(connection, event, now_ns)
            for name, text in sorted(list_texts.items()):
                _add_list(connection, name, text, now_ns)
            for publication in new:
                same = (publications.c.race == publication.race) & (publications.c.leg == (publication.leg or ""))
                last = connection.execute(sa.select(sa.func.max(publications.c.version)).where(same)).scalar() or 0
                if publication.version != last + 1:
                    why = f"expected to post version {last + 1}, got {publication.version}: do it again"
                    raise StoreError(f"{self.name}: {publication.race} was posted by another program: {why}")
                insert(connection, publications, [{**publication._asdict(), "leg": publication.leg or ""}])

    def publications(
        self, race: str | None = None, leg: str | None = None, newest: int | None = None
    ) -> list[Publication]:
        """Return publications, oldest first: of a race and leg (None: all legs together), or all if `race` is None.

        `newest` limits them to that many of the last ones.
        """
        query = sa.select(*(publications.c[name] for name in Publication._fields)).order_by(publications.c.id.desc())
        if race is not None:
            query = query.where((publications.c.race == race) & (publications.c.leg == (leg or "")))
        with self.reading() as connection:
            newest_first = [Publication(*row) for row in connection.execute(query.limit(newest))]
        return [publication._replace(leg=publication.leg or None) for publication in reversed(newest_first)]

    def posted(self) -> list[Posted]:
        """Return the newest version of each race and leg that was posted, without its content."""
        columns = [publications.c[name] for name in Posted._fields]
        with self.reading() as connection:
            rows = connection.execute(sa.select(*columns).order_by(publications.c.id)).all()
        newest = {(row.race, row.leg): Posted(*row)._replace(leg=row.leg or None) for row in rows}
        return list(newest.values())


def has_store(folder: Path) -> bool:
    """Say whether an event folder has a store; StoreError if the folder is no event's."""
    try:
        is_there = (folder / STORE_NAME).exists()
        is_event = is_there or (folder / "event.toml").exists()
    except OSError as error:
        raise StoreError(f"{folder}: expected an event folder, got: {error.strerror}") from error
    if not is_event:
        raise StoreError(f"{folder}: expected an event folder, found no event.toml in it: name it with --event")
    return is_there


def _add_event(connection: Connection, event: Event, now_ns: int) -> None:
    """Add a version of the event folder, if this one (its digest) is not there."""
    if connection.execute(sa.select(event_versions).where(event_versions.c.digest == event.digest)).first():
        return
    files = json.dumps(event.files, ensure_ascii=False, sort_keys=True)
    insert(connection, event_versions, [{"digest": event.digest, "stored_at_ns": now_ns, "files": files}])


def _add_list(connection: Connection, name: str, text: str, now_ns: int) -> None:
    """Add a list if it is not the newest of its name; it becomes the newest, also by a clock that was set back."""
    digest = sha256(text.encode()).hexdigest()
    newest_first = (lists.c.stored_at_ns.desc(), lists.c.digest.desc())
    query = sa.select(lists.c.digest, lists.c.stored_at_ns).where(lists.c.name == name).order_by(*newest_first)
    newest = connection.execute(query.limit(1)).first()
    if newest is not None and newest.digest == digest:
        return
    at_ns = now_ns if newest is None else max(now_ns, newest.stored_at_ns + 1)
    insert(connection, lists, [{"name": name, "digest": digest, "text": text, "stored_at_ns": at_ns}])


def _passage(digest: str, loaded: LoadedPassage) -> Passage:
    name = f"load:{digest[:8]}:{loaded.line}"
    rest = ((), (), loaded.source, loaded.start_number)
    return Passage(name, loaded.timing_point, loaded.at_ns, loaded.uncertainty_ns, True, *rest)
