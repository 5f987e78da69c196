"""A bundle: what a store holds of an event as one file, to be carried to another laptop; docs/bundle.md has the format.

A store's content is taken as a set of facts, each known by its whole value. A bundle lists them in a fixed order, so
the same content is the same bytes; to load one is the union of two sets, so neither the order of bundles nor how often
one is loaded can be seen afterwards. Its last line is the SHA-256 of all lines before it. What was posted stays with
the one who posted it and is not in a bundle.
"""

from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from itertools import groupby

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from centesimo.store.board_records import sequence_of
from centesimo.store.row_digests import BUNDLED, as_line
from centesimo.store.schema import archive, conflicts, records

VERSION = 2
MAGIC = "centesimo bundle "
END = "sha256 "
RECORDS_A_LINE = 240

# As the kinds of documents. Records are lines of their own: ["records", board, base64 of 1 .. 240 records]. `raw` is
# base64 too.
ARCHIVE = (
    "archive",
    archive,
    (
        "visit",
        "part",
        "host",
        "host_version",
        "port",
        "board",
        "begun_at_ns",
        "ended_at_ns",
        "digest",
        "raw",
    ),
)


def write_bundle(connection: Connection) -> bytes:
    """Return the bundle of all that a connection to a store sees."""
    lines = [f"{MAGIC}{VERSION}"]
    for name, table, columns in (*BUNDLED, ARCHIVE):
        lines += [as_line(name, row) for row in _rows(connection, table, columns)]
    for board, raws in versions_by_board(connection).items():
        for at in range(0, len(raws), RECORDS_A_LINE):
            lines.append(as_line("records", [board, _text(b"".join(raws[at : at + RECORDS_A_LINE]))]))
    body = "".join(line + "\n" for line in lines).encode()
    return body + f"{END}{sha256(body).hexdigest()}\n".encode()


def versions_by_board(connection: Connection) -> dict[str, list[bytes]]:
    """Return every record that was ever stored of each board, conflicts too, in order of sequence, then bytes."""
    stored: set[tuple[str, int, bytes]] = set()
    for table in (records, conflicts):
        query = sa.select(table.c.board, table.c.raw)
        stored |= {(board, sequence_of(raw), bytes(raw)) for board, raw in connection.execute(query)}
    return {board: [raw for _, _, raw in rows] for board, rows in groupby(sorted(stored), key=lambda row: row[0])}


def _rows(connection: Connection, table: sa.Table, columns: tuple[str, ...]) -> Iterator[list[object]]:
    """Yield the rows of a table, each once, as values that JSON can hold, in order."""
    query = sa.select(*(table.c[column] for column in columns)).distinct()
    for row in sorted(connection.execute(query), key=_order):
        yield [_text(value) if isinstance(value, bytes) else value for value in row]


def _order(row: sa.Row[tuple[object, ...]]) -> list[tuple[bool, object]]:
    return [(value is not None, value) for value in row]


def _text(raw: bytes) -> str:
    return b64encode(raw).decode()
