"""Runs of records that came together, each with its digest: so one that is gone or changed is found without an archive.

A run is of consecutive sequences that were new in one transaction. Records are never changed, so the digest of what is
in the table from its first to its last is that of the run for ever.
"""

from collections.abc import Iterator, Sequence
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from centesimo.store.number_runs import Run, merged, runs
from centesimo.store.schema import record_runs, records


def sequence_of(raw: bytes) -> int:
    """Return the sequence of a record's 32 bytes."""
    return int.from_bytes(raw[:4], "little")


def note_runs(connection: Connection, board: str, raws: Sequence[bytes]) -> None:
    """Keep the digest of each run of a board's new records, which are in order of sequence."""
    raw_by_sequence = {sequence_of(raw): raw for raw in raws}
    rows = []
    for first, last in runs(sorted(raw_by_sequence)):
        digest = sha256(b"".join(raw_by_sequence[at] for at in range(first, last + 1))).hexdigest()
        rows.append({"board": board, "first": first, "last": last, "digest": digest})
    if rows:
        connection.execute(sa.insert(record_runs), rows)


def changed_runs(connection: Connection) -> Iterator[tuple[str, int, int]]:
    """Yield (board, first, last) of each run that is not as it was stored."""
    query = sa.select(record_runs).order_by(record_runs.c.board, record_runs.c.first)
    for _, board, first, last, digest in connection.execute(query).all():
        within = (records.c.board == board) & records.c.sequence.between(first, last)
        raws = connection.execute(sa.select(records.c.raw).where(within).order_by(records.c.sequence)).scalars()
        if sha256(b"".join(bytes(raw) for raw in raws)).hexdigest() != digest:
            yield board, first, last


def covered(connection: Connection, board: str) -> list[Run]:
    """Return the sequences of a board that are in runs; what is stored beside them was put in by another program."""
    query = sa.select(record_runs.c.first, record_runs.c.last).where(record_runs.c.board == board)
    return merged(sorted((first, last) for first, last in connection.execute(query)))
