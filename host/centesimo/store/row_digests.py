"""Documents: the rows of a store beside records and archive, each with its digest, so that one changed bit is found.

The digest is the SHA-256 of a row's line as a bundle has it (docs/bundle.md): its kind and its values. It is kept in a
table of its own, in the same transaction; `changed` holds the two against each other. Ids of rows are not covered.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from centesimo.store.arrivals import note_sightings
from centesimo.store.schema import (
    acceptances,
    archive,
    conflicts,
    decisions,
    devices,
    digests,
    event_versions,
    lists,
    loaded_files,
    loaded_passages,
    preparations,
    publications,
    receipts,
    sightings,
    signatures,
    verifications,
)

RowKind = tuple[str, sa.Table, tuple[str, ...]]

# What a bundle's line begins with, the table it is of, and the columns that follow; sorted by those.
BUNDLED: tuple[RowKind, ...] = (
    ("receipt", receipts, ("received_at_ns", "port", "board", "host_version", "first", "last")),
    ("file", loaded_files, ("digest", "loaded_at_ns", "name", "text")),
    (
        "passage",
        loaded_passages,
        ("digest", "line", "timing_point", "start_number", "passed_at_ns", "uncertainty_ns", "source"),
    ),
    ("event", event_versions, ("digest", "stored_at_ns", "files")),
    ("list", lists, ("name", "stored_at_ns", "digest", "text")),
    ("preparation", preparations, ("prepared_at_ns", "phase", "report")),
    ("amendment", decisions, ("id", "kind", "who", "why", "decided_at_ns", "values")),
    (
        "sighting",
        sightings,
        (
            "id",
            "timing_point",
            "start_number",
            "at_ns",
            "error_ns",
            "person",
            "device",
            "counter",
            "replaces",
            "source",
        ),
    ),
    ("signature", signatures, ("decision", "key", "signature")),
    (
        "verification",
        verifications,
        ("board", "first", "last", "sequence", "digest", "verified_at_ns", "key", "signature"),
    ),
)
POSTED: RowKind = (
    "publication",
    publications,
    ("race", "leg", "version", "status", "posted_at_ns", "facts_digest", "content"),
)
# What a store decides for itself: whom it trusts, which decisions count.
OWN: tuple[RowKind, ...] = (
    ("device", devices, ("key", "name", "who", "decided_at_ns", "is_trusted")),
    ("acceptance", acceptances, ("decision", "who", "accepted_at_ns")),
)
DOCUMENTS = (*BUNDLED, POSTED, *OWN)
# Rows that have digests but are no documents: of the archive, the digest of a part stands for its bytes.
OF_BOARDS: tuple[RowKind, ...] = (
    ("archive", archive, ("visit", "part", "digest")),
    ("conflict", conflicts, ("board", "sequence", "raw")),
)
COVERED = (*DOCUMENTS, *OF_BOARDS)
BY_KIND = {row[0]: row for row in COVERED}
_BY_TABLE = {table.name: (kind, columns) for kind, table, columns in COVERED}
SHOWN = 40  # letters of a value


def as_line(kind: str, values: Sequence[object]) -> str:
    """Return a row as one line of JSON, without its end."""
    return json.dumps([kind, *values], ensure_ascii=False, separators=(",", ":"), default=repr)


def digest_of(kind: str, values: Sequence[object]) -> str:
    """Return the SHA-256, hex, of a row's kind and values."""
    return sha256(as_line(kind, values).encode()).hexdigest()


def insert(connection: Connection, table: sa.Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert rows of one of the tables of COVERED, with their digests."""
    if rows:
        connection.execute(sa.insert(table), rows)
        keep_digests(connection, table, rows)
        if table is sightings:
            note_sightings(connection, [str(row["id"]) for row in rows])


def keep_digests(connection: Connection, table: sa.Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert the digests of rows that are inserted in the same transaction."""
    kind, columns = _BY_TABLE[table.name]
    digest_rows = [{"kind": kind, "digest": digest_of(kind, [row[column] for column in columns])} for row in rows]
    connection.execute(sa.insert(digests), digest_rows)


def changed(connection: Connection) -> Iterator[str]:
    """Yield a sentence for each row that is not as it was stored, and for rows that are gone."""
    for kind, table, columns in COVERED:
        query = sa.select(*(table.c[column] for column in columns)).order_by(*table.primary_key)
        rows = {digest_of(kind, row): row for row in connection.execute(query)}
        kept = set(connection.execute(sa.select(digests.c.digest).where(digests.c.kind == kind)).scalars())
        altered = [row for digest, row in rows.items() if digest not in kept]
        for row in altered:
            about = ", ".join(f"{column} {str(row[place])[:SHOWN]}" for place, column in enumerate(columns[:2]))
            yield f"the {kind} of {about} is not as it was stored"
        gone = len(kept - rows.keys()) - len(altered)
        if gone > 0:
            yield f"{gone} of what was stored as {kind} is no longer there"
