"""Waiting until a store has news, whoever wrote it: this program, another one, another computer.

SQLite: `PRAGMA data_version` on a connection of its own changes with every commit of another connection; it is looked
at every 20 ms, which costs 4 us. PostgreSQL: every writing transaction notifies CHANNEL, which a connection of its own
listens to. Both say only that there may be news; what it is, `Store.since` says.
"""

import sqlite3
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol, Self

from centesimo.model.errors import StoreError
from centesimo.store.database import CHANNEL, Database

LOOK_S = 0.02
LOCKED_S = 5.0  # so long a writer may have the file for itself before that is said


class Wake(Protocol):
    """Waits for news of one store, in one thread."""

    def wait(self, timeout_s: float) -> bool:
        """Return True as soon as something was committed since the last call, False after so many seconds without.

        The first call returns True: read the store then. 0 looks once. StoreError when the store is gone, or another
        one lies in its place: open it again.
        """
        ...

    def close(self) -> None:
        """Close the connection."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


def wake_of(store: Database) -> Wake:
    """Return what waits for news of an open store; StoreError when it cannot be watched, as one in memory."""
    if store.engine.dialect.name == "postgresql":
        return _Listening(store)
    return _Looking(store)


class _Closing:
    def close(self) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Looking(_Closing):
    """Looks at an SQLite file."""

    def __init__(self, store: Database) -> None:
        self.path = Path(store.name)
        self._place = self._identity()
        # Only ever used by the one who waits, who may be another thread than this.
        uri = f"{self.path.resolve().as_uri()}?mode=ro"
        self._connection = sqlite3.connect(uri, timeout=0, uri=True, check_same_thread=False, isolation_level=None)
        self._version: int | None = None
        self._looked_s = time.monotonic()

    def wait(self, timeout_s: float) -> bool:
        """Return True as soon as something was committed since the last call, False after so many seconds without."""
        until_s = time.monotonic() + timeout_s
        while True:
            if self._identity() != self._place:
                raise StoreError(f"{self.path}: another file lies where the store was: open it again")
            version = self._find_version()
            if version is not None and version != self._version:
                self._version = version
                return True
            left_s = until_s - time.monotonic()
            if left_s <= 0:
                return False
            time.sleep(min(LOOK_S, left_s))

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _find_version(self) -> int | None:
        """Return what changes with every commit of others; None while a writer has the file for itself."""
        with suppress(sqlite3.OperationalError):
            version: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
            self._looked_s = time.monotonic()
            return version
        if time.monotonic() - self._looked_s >= LOCKED_S:
            raise StoreError(f"{self.path} is in use: another program has had it for itself for {LOCKED_S:.0f} s")
        return None

    def _identity(self) -> tuple[int, int]:
        try:
            stat = self.path.stat()
        except OSError as error:
            raise StoreError(f"{self.path}: the store is gone: {error.strerror}") from error
        return stat.st_dev, stat.st_ino


class _Listening(_Closing):
    """Listens to a PostgreSQL database."""

    def __init__(self, store: Database) -> None:
        import psycopg

        self._name = store.name
        self._error = psycopg.Error
        self._is_new = True
        try:
            url = store.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
            self._connection: Any = psycopg.connect(url, autocommit=True)
            self._connection.execute(f"LISTEN {CHANNEL}")
        except psycopg.Error as error:
            raise self._gone(error) from error

    def wait(self, timeout_s: float) -> bool:
        """Return True as soon as something was committed since the last call, False after so many seconds without."""
        if self._is_new:
            self._is_new = False
            return True
        try:
            return bool(list(self._connection.notifies(timeout=timeout_s, stop_after=1)))
        except self._error as error:
            raise self._gone(error) from error

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _gone(self, error: Exception) -> StoreError:
        why = (str(error).splitlines() or ["no reason was given"])[0]
        return StoreError(f"{self._name}: the store cannot be listened to: {why}")
