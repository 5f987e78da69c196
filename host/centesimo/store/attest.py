"""Attest: one line that says what a store held at some moment, to be kept elsewhere and held against it later.

    centesimo attest 1 412+3107 2027-05-23T16:05:09Z 5f1c...(64 hex digits)

Counts are of the digests of rows and of the runs of records, in the order in which they came: nothing is ever removed,
so the first so many of a store are the same for ever. The head is the SHA-256 of them all. Whoever rewrites the file,
digests and all, cannot make its first rows give the head that stands on a page which people have. A line tells that
something is otherwise; what, tells the list of the digests that it is the head of (attested_list.py).
"""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from centesimo.store.database import Database
from centesimo.store.schema import digests, record_runs

MAGIC = "centesimo attest 1"
LINE = re.compile(rf"{MAGIC} (\d{{1,12}})\+(\d{{1,12}}) (\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\dZ) ([0-9a-f]{{64}})")
NS_PER_S = 1_000_000_000

Digest = tuple[str, ...]  # (kind, digest) of a row, (board, first, last, digest) of a run of records


class Attested(NamedTuple):
    """What a line says."""

    rows: int  # digests of rows
    runs: int  # of records
    at: str  # UTC, by the clock of the computer that wrote it
    head: str  # 64 hex digits

    def __str__(self) -> str:
        return f"{MAGIC} {self.rows}+{self.runs} {self.at} {self.head}"


class Facts(NamedTuple):
    """The digests that a head is of, in the order in which they came."""

    rows: Sequence[Digest]
    runs: Sequence[Digest]

    def first(self, line: Attested) -> "Facts":
        """Return those that a line counts, fewer where there are fewer."""
        return Facts(self.rows[: line.rows], self.runs[: line.runs])

    def head(self) -> str:
        """Return the SHA-256 of all, hex."""
        whole = sha256()
        for table, parts in zip(TABLES, self, strict=True):
            for digest in parts:
                whole.update(("\0".join(digest) + "\n").encode())
            whole.update(f"{table.name} {len(parts)}\n".encode())
        return whole.hexdigest()


def attest(store: Database, now_ns: int) -> Attested:
    """Return what a store holds now; `now_ns` is this computer's clock."""
    with store.reading() as connection:
        return line_of(facts_in(connection), now_ns)


def line_of(facts: Facts, now_ns: int) -> Attested:
    """Return the line that attests facts; `now_ns` is this computer's clock."""
    at = datetime.fromtimestamp(now_ns // NS_PER_S, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Attested(len(facts.rows), len(facts.runs), at, facts.head())


def find_lines(text: str) -> list[Attested]:
    """Return the lines in a text (a line itself, a page, a file of them), the earliest first."""
    lines = {Attested(int(rows), int(runs), at, head) for rows, runs, at, head in LINE.findall(text)}
    return sorted(lines, key=lambda line: (line.rows, line.runs))


def against(facts: Facts, line: Attested) -> str:
    """Return what speaks against a line, "" when a store's facts are all that it attests, as they were."""
    facts = facts.first(line)
    if lacking := line.rows + line.runs - len(facts.rows) - len(facts.runs):
        return (
            f"{lacking} of the {line.rows + line.runs} facts attested at {line.at} are not here: they were taken away"
        )
    if facts.head() != line.head:
        return (
            f"the {line.rows + line.runs} facts attested at {line.at} are others now: something of them was rewritten"
        )
    return ""


TABLES = (digests, record_runs)
COLUMNS = (
    (digests.c.kind, digests.c.digest),
    tuple(record_runs.c[name] for name in ("board", "first", "last", "digest")),
)


def facts_in(connection: Connection) -> Facts:
    """Return the digests of all that a store holds."""
    rows, runs = (
        _digests(connection.execute(sa.select(*columns).order_by(table.c.id)))
        for table, columns in zip(TABLES, COLUMNS, strict=True)
    )
    return Facts(rows, runs)


def _digests(rows: Iterable[Sequence[object]]) -> list[Digest]:
    return [tuple(map(str, row)) for row in rows]
