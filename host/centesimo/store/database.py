"""How a store is opened, read and written: engine, transactions, migrations, and errors that a person can act on.

SQLite keeps its rollback journal (no WAL): at rest the store is one file that can be copied to a stick or read from a
read-only place, and with synchronous=EXTRA a commit survives loss of power, so a board may be told that it is safe.
A kill at any moment leaves the journal, from which the next one who opens undoes what was not committed.
A new store is made beside its place and put there when it is whole: a full disk leaves nothing.
The migrations (and alembic) are loaded only when a store is new or older than this program.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any, Self
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from centesimo.model.errors import StoreError
from centesimo.store.schema import HEAD, VERSION_TABLE, metadata

IN_MEMORY = ":memory:"  # instead of a path: an empty store for one thread, that is gone when it is closed
BUSY_S = 10  # how long to wait for another process that is writing
_MIGRATING = Lock()  # alembic keeps what it does in globals: one thread at a time
WRITERS_LOCK = 0x63656E74  # PostgreSQL's advisory lock: one writer at a time, as in SQLite

CHANNEL = "centesimo"  # what PostgreSQL notifies after each commit: wake.py

NO_ROOM = ("SQLITE_FULL", "SQLITE_IOERR")  # how the names of its errors begin where nothing can be written
DAMAGED = "is damaged: keep this file, and collect the boards into a new store"

# What SQLite says, and what a person should read instead.
REASONS = (
    ("unable to open database file", "cannot be opened: expected a file in a folder that exists and may be written"),
    ("file is not a database", "is not a store: expected an SQLite file made by centesimo"),
    ("disk is full", "has no room: the disk is full; free some space and do it again, nothing of this step was stored"),
    ("readonly database", "cannot be written: the file or its folder is read-only; copy it to a place of your own"),
    ("is locked", f"is in use: another program has been writing for {BUSY_S} s; wait for it or end it"),
    ("malformed", DAMAGED),
    ("Could not decode to UTF-8", DAMAGED),
)


class Database:
    """An open database of one event; may be used from several threads."""

    def __init__(self, engine: Engine, name: str) -> None:
        self.engine = engine
        self.name = name
        self._still: Connection | None = None  # of a snapshot: what every reading sees

    @classmethod
    def open(cls, place: str | Path) -> Self:
        """Open a store, making it if it is new, bringing it up to date if it is older.

        `place` is the path of an SQLite file, IN_MEMORY, or a database URL (postgresql+psycopg://...). StoreError when
        it is not a store, was written by a newer program, or cannot be opened.
        """
        name = str(place)
        if "://" not in name and name != IN_MEMORY and _is_new(Path(name)):
            cls._make(Path(name))
        return cls._opened(name)

    @classmethod
    def _make(cls, path: Path) -> None:
        """Make a whole store under another name in the same folder, then give it its name, if nobody was quicker."""
        aside = path.with_name(f".{path.name}.{uuid4().hex[:8]}")
        try:
            cls._opened(str(aside)).close()
            _put(aside, path)
        except StoreError as error:
            raise StoreError(str(error).replace(str(aside), str(path))) from error
        except OSError as error:
            raise StoreError(f"{path} cannot be made: {error.strerror}") from error
        finally:
            for left in (aside, aside.with_name(f"{aside.name}-journal")):
                with suppress(OSError):
                    left.unlink()

    @classmethod
    def _opened(cls, name: str) -> Self:
        try:
            engine = _engine(name)
            database = cls(engine, str(engine.url) if "://" in name else name)  # without a password
        except (SQLAlchemyError, ImportError) as error:
            raise StoreError(f"{name}: expected a path or a URL of a database with its driver: {error}") from error
        try:
            database._bring_to_head()
        except StoreError:
            database.close()
            raise
        return database

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the store; database errors become StoreError."""
        with self._named_errors():
            if self._still is not None:
                yield self._still
                return
            with self.engine.connect() as connection:
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection whose transaction is committed at the end, or wholly undone; the only writer meanwhile."""
        with self._named_errors(), self.engine.connect() as plain:
            connection = plain.execution_options(writing=True)
            with connection.begin():
                if connection.dialect.name == "postgresql":
                    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(WRITERS_LOCK)))
                    connection.exec_driver_sql(f"NOTIFY {CHANNEL}")  # sent when it is committed
                yield connection

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            came = str(getattr(error, "orig", None) or error).splitlines()[0]
            meaning = _meaning(came)
            raise StoreError(f"{self.name}{' ' if meaning != came else ': '}{meaning}") from error
        except UnicodeDecodeError as error:  # sqlite3 fails so to tell an error whose text is damaged
            raise StoreError(f"{self.name} {DAMAGED}") from error

    @contextmanager
    def snapshot(self) -> Iterator[Self]:
        """Give the store as it is at one moment, to read for long in one thread: no writer waits for who reads it.

        A reader of SQLite's rollback journal keeps every commit waiting, and WAL would not let the store be one file:
        there it is a copy. PostgreSQL's readers never do: there it is one transaction. One in memory is itself.
        """
        if self.name == IN_MEMORY:
            yield self
            return
        if self.engine.dialect.name != "sqlite":
            with self._named_errors(), self.engine.connect() as plain:
                still = type(self)(self.engine, self.name)
                still._still = plain.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
                yield still
            return
        with TemporaryDirectory(prefix="centesimo-") as folder:
            path = Path(folder) / "snapshot.sqlite"
            with self.reading() as connection, closing(sqlite3.connect(path)) as copy:
                line: Any = connection.connection.driver_connection
                try:
                    line.backup(copy)
                except sqlite3.Error as error:
                    if error.sqlite_errorname.startswith(NO_ROOM):
                        what = f"{path}: expected room for a copy of {self.name}: free some or set TMPDIR, got: {error}"
                        raise StoreError(what) from error
                    raise StoreError(f"{self.name} {_meaning(str(error))}") from error
            engine = _engine(str(path))
            try:
                yield type(self)(engine, self.name)
            finally:
                engine.dispose()

    def damage(self) -> list[str]:
        """Return what SQLite's integrity check finds wrong with the file, at most 100 lines; [] for PostgreSQL.

        A file with damage may give wrong rows, or too few: nothing read from it can be trusted.
        """
        with self.reading() as connection:
            if connection.dialect.name != "sqlite":
                return []
            texts = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
        return [line for text in texts for line in str(text).splitlines() if line != "ok"]

    def lacking(self) -> list[str]:
        """Return what keeps rows from being changed in a store as it is made, and is not in this one, or otherwise."""
        with self.reading() as connection:
            here = _guards(connection)
            if connection.dialect.name != "sqlite":
                names = [f"{table.name}_insert_only" for table in metadata.sorted_tables]
                return [f"the trigger {name}" for name in names if name not in here]
        made = self._opened(IN_MEMORY)
        try:
            with made.reading() as connection:
                expected = _guards(connection)
        finally:
            made.close()
        return [name for name, text in sorted(expected.items()) if here.get(name) != text]

    def _bring_to_head(self) -> None:
        with self.reading() as connection:
            version = self._version(connection)
        if version == HEAD:
            return
        with self.writing() as connection:
            if self._version(connection) != HEAD:  # another process may have been quicker
                _migrate(connection)

    def _version(self, connection: Connection) -> str:
        """Return the schema's version, "" of an empty database; StoreError if it is newer or not ours."""
        tables = sa.inspect(connection).get_table_names()
        if not tables:
            return ""
        if VERSION_TABLE not in tables:
            raise StoreError(f"{self.name} is not a store: expected centesimo's tables, found {', '.join(tables[:3])}")
        version = connection.execute(sa.text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar() or ""
        if version > HEAD:
            raise StoreError(
                f"{self.name} was written by a newer centesimo (schema {version}, this program knows up to {HEAD}): "
                "update this program"
            )
        return str(version)


def _meaning(came: str) -> str:
    """Return what a person should read instead of what the database said."""
    return next((meaning for sqlite_words, meaning in REASONS if sqlite_words in came), came)


def _is_new(path: Path) -> bool:
    """Say whether there is nothing at a path; StoreError if there is an empty file, which never was a whole store."""
    try:
        is_empty = path.is_file() and path.stat().st_size == 0
        is_there = path.exists()
    except OSError as error:
        raise StoreError(f"{path} cannot be opened: {error.strerror}") from error
    if is_empty:
        raise StoreError(
            f"{path} is empty, perhaps a full disk cut it: expected a store; put a copy of it there, or remove the file"
            " to begin anew"
        )
    return not is_there


def _put(aside: Path, path: Path) -> None:
    """Give a file its name, unless there is one of that name: another process may have written to that one."""
    try:
        os.link(aside, path)
    except FileExistsError:
        return
    except OSError:  # a file system without links, as on many USB sticks
        aside.rename(path)


def _engine(name: str) -> Engine:
    if "://" in name:
        return sa.create_engine(name)
    engine = sa.create_engine(sa.URL.create("sqlite", database=name), connect_args={"timeout": BUSY_S})
    sa.event.listen(engine, "connect", _prepare)
    sa.event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _: Any) -> None:
    """Leave BEGIN to _begin (sqlite3 would send it late, and not before a change of the schema)."""
    connection.isolation_level = None
    for pragma in ("synchronous = EXTRA", "foreign_keys = ON", "recursive_triggers = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    """Take the write lock at the start of a writing transaction: asking later could meet another one who asks too."""
    writing = connection.get_execution_options().get("writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _guards(connection: Connection) -> dict[str, str]:
    """Return the triggers of a database with their texts; of SQLite its tables and indexes too."""
    if connection.dialect.name != "sqlite":
        query = "SELECT tgname, '' FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
    else:
        query = "SELECT type || ' ' || name, sql FROM sqlite_master WHERE sql IS NOT NULL"
    return {f"the {name}" if " " in name else name: text for name, text in connection.execute(sa.text(query))}


def _migrate(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.attributes["connection"] = connection
    with _MIGRATING:
        command.upgrade(config, "head")
