"""The digests that a line of attest is the head of, as a file: `verify --against` tells by it what is otherwise.

Its first line is that of attest, then comes a line for each fact, in the order in which they came. It is no secret:
whoever changes it changes its head, and a list counts only for a line whose head it gives. As
facts only ever come behind others, a list also tells of every earlier line.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from centesimo.model.errors import StoreError
from centesimo.store.attest import Attested, Digest, Facts, against, find_lines
from centesimo.store.row_digests import BY_KIND, SHOWN, digest_of

ROW = re.compile(r"([a-z]{1,20}) ([0-9a-f]{64})")
RUN = re.compile(r"records ([0-9a-f]{16}) (\d{1,10}) (\d{1,10}) ([0-9a-f]{64})")
MOST_NAMED = 20  # facts of one line; more are counted


class AttestedList(NamedTuple):
    """A file as it was read: what its lines attest, and the digests below them, none where it has none."""

    lines: Sequence[Attested]
    facts: Facts


def list_text(line: Attested, facts: Facts) -> str:
    """Return the file of a line and of the facts that it attests."""
    rows = [" ".join(digest) for digest in facts.rows]
    runs = [" ".join(("records", *digest)) for digest in facts.runs]
    return "\n".join((str(line), *rows, *runs, ""))


def read_list(text: str, name: str) -> AttestedList:
    """Return the lines in a text, and its facts; StoreError when it has no line."""
    lines = find_lines(text)
    if not lines:
        raise StoreError(f"{name}: expected a line that begins with 'centesimo attest 1', found none")
    written = text.splitlines()
    rows = [match.groups() for match in map(ROW.fullmatch, written) if match]
    runs = [match.groups() for match in map(RUN.fullmatch, written) if match]
    return AttestedList(lines, Facts(rows, runs))


def speaks_against(connection: Connection, facts: Facts, line: Attested, lists: Sequence[Facts]) -> Iterator[str]:
    """Yield what speaks against a line, then each fact that is otherwise, by the first list that gives its head.

    `facts` are those of the store. Nothing is yielded where it holds all that the line attests, as it was.
    """
    why = against(facts, line)
    if not why:
        return
    yield why
    attested = next((part for part in (each.first(line) for each in lists) if part.head() == line.head), None)
    if attested is None:
        yield "no list of these facts was given (centesimo attest --list): which of them is otherwise cannot be told"
        return
    gone = [*_named(attested.rows, facts.rows), *_named(attested.runs, facts.runs)]
    came = [
        *_rows(connection, facts.first(line).rows, attested.rows),
        *_named(facts.first(line).runs, attested.runs),
    ]
    yield from _some(gone, "attested, and is no longer here")
    yield from _some(came, "stands among the first facts and is not what was attested there")
    if not gone and not came:
        yield "each of the attested facts is here, but in another order"


def _named(has: Sequence[Digest], lacks: Sequence[Digest]) -> list[str]:
    """Return the names of what one side has and another lacks."""
    return [_name(digest) for digest in (Counter(has) - Counter(lacks)).elements()]


def _name(digest: Digest) -> str:
    if len(digest) == 2:
        return f"{digest[0]} of digest {digest[1][:12]}"
    board, first, last, _ = digest
    return f"records {first} to {last} of board {board}"


def _rows(connection: Connection, has: Sequence[Digest], lacks: Sequence[Digest]) -> list[str]:
    """Return the same of rows, those that are named told by what they say, where that is still there."""
    rows = list((Counter(has) - Counter(lacks)).elements())
    told = [_row(connection, kind, digest) or _name((kind, digest)) for kind, digest in rows[:MOST_NAMED]]
    return told + list(map(_name, rows[MOST_NAMED:]))


def _row(connection: Connection, kind: str, digest: str) -> str:
    if kind not in BY_KIND:
        return ""
    _, table, columns = BY_KIND[kind]
    for row in connection.execute(sa.select(*(table.c[column] for column in columns))):
        if digest_of(kind, row) == digest:
            about = ", ".join(f"{column} {str(row[place])[:SHOWN]}" for place, column in enumerate(columns[:2]))
            return f"{kind} of {about}"
    return ""


def _some(names: Sequence[str], what: str) -> Iterator[str]:
    for name in names[:MOST_NAMED]:
        yield f"{name}: {what}"
    if len(names) > MOST_NAMED:
        yield f"{len(names) - MOST_NAMED} more: {what}"
