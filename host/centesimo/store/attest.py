"""Attest: one line that says what a store held at some moment, to be kept elsewhere and held against it later.

    centesimo attest 1 412+3107 2027-05-23T16:05:09Z 5f1c...(64 hex digits)

Counts are of the digests of rows and of the runs of records, in the order in which they came: nothing is ever removed,
so the first so many of a store are the same for ever. The head is the SHA-256 of them all. Whoever rewrites the file,
digests and all, cannot make its first rows give the head that stands on a page which people have.
"""

import re
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from centesimo.model.errors import StoreError
from centesimo.store.database import Database
from centesimo.store.schema import digests, record_runs

MAGIC = "centesimo attest 1"
LINE = re.compile(rf"{MAGIC} (\d{{1,12}})\+(\d{{1,12}}) (\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\dZ) ([0-9a-f]{{64}})")
NS_PER_S = 1_000_000_000


class Attested(NamedTuple):
    """What a line says."""

    rows: int  # digests of rows
    runs: int  # of records
    at: str  # UTC, by the clock of the computer that wrote it
    head: str  # 64 hex digits

    def __str__(self) -> str:
        return f"{MAGIC} {self.rows}+{self.runs} {self.at} {self.head}"


def attest(store: Database, now_ns: int) -> Attested:
    """Return what a store holds now; `now_ns` is this computer's clock."""
    with store.reading() as connection:
        counts = [connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() for table in TABLES]
        head, _ = _head(connection, counts[0], counts[1])
    at = datetime.fromtimestamp(now_ns // NS_PER_S, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Attested(counts[0], counts[1], at, head)


def find_lines(text: str) -> list[Attested]:
    """Return the lines in a text (a line itself, a page, a file of them), the earliest first."""
    lines = {Attested(int(rows), int(runs), at, head) for rows, runs, at, head in LINE.findall(text)}
    return sorted(lines, key=lambda line: (line.rows, line.runs))


def against(store: Database, line: Attested) -> str:
    """Return what speaks against a line, "" when the store holds all that it attests, as it was."""
    with store.reading() as connection:
        head, counts = _head(connection, line.rows, line.runs)
    if counts != (line.rows, line.runs):
        lacking = (line.rows - counts[0]) + (line.runs - counts[1])
        return (
            f"{lacking} of the {line.rows + line.runs} facts attested at {line.at} are not here: they were taken away"
        )
    if head != line.head:
        return (
            f"the {line.rows + line.runs} facts attested at {line.at} are others now: something of them was rewritten"
        )
    return ""


TABLES = (digests, record_runs)
COLUMNS = (
    (digests.c.kind, digests.c.digest),
    tuple(record_runs.c[name] for name in ("board", "first", "last", "digest")),
)


def _head(connection: Connection, rows: int, runs: int) -> tuple[str, tuple[int, int]]:
    """Return the head of the first so many digests and runs, and how many there are of them."""
    whole, counts = sha256(), []
    for table, of_table, limit in zip(TABLES, COLUMNS, (rows, runs), strict=True):
        query = sa.select(*of_table).order_by(table.c.id).limit(limit)
        count = 0
        for row in connection.execute(query):
            whole.update(("\0".join(map(str, row)) + "\n").encode())
            count += 1
        whole.update(f"{table.name} {count}\n".encode())
        counts.append(count)
    return whole.hexdigest(), (counts[0], counts[1])


def expect_lines(text: str, name: str) -> list[Attested]:
    """Return the lines in a text; StoreError when there is none."""
    if lines := find_lines(text):
        return lines
    raise StoreError(f"{name}: expected a line that begins with {MAGIC!r}, found none")
