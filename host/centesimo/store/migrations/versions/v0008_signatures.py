"""Who made a decision and whether it counts here, what was verified by a secret, and digests of all that is stored."""

from hashlib import sha256
from itertools import groupby

import sqlalchemy as sa
from alembic import op

from centesimo.store.row_digests import digest_of

revision = "0008"
down_revision = "0007"

# Each table with its primary key.
TABLES = (
    ("signatures", ("decision", "key")),
    ("verifications", ("id",)),
    ("devices", ("id",)),
    ("acceptances", ("decision",)),
    ("record_runs", ("id",)),
)


def upgrade() -> None:
    """Make the tables and the triggers that refuse to change them; what is stored already stands and is covered."""
    _make()
    connection = op.get_bind()
    ids = list(connection.execute(sa.text("SELECT id FROM amendments ORDER BY id")).scalars())
    rows = [{"decision": identity, "who": "stored before", "accepted_at_ns": 0} for identity in ids]
    _insert("acceptances", rows)
    _digest("acceptance", [tuple(row.values()) for row in rows])
    _digest("archive", connection.execute(sa.text("SELECT visit, part, digest FROM archive ORDER BY visit, part")))
    conflicts = connection.execute(sa.text("SELECT board, sequence, raw FROM conflicts ORDER BY board, sequence"))
    _digest("conflict", [(board, sequence, bytes(raw)) for board, sequence, raw in conflicts])
    _runs(connection)
    if connection.dialect.name == "sqlite":
        _guard_sqlite()
    else:
        for table, _ in TABLES:
            op.execute(
                f"CREATE TRIGGER {table}_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION centesimo_insert_only()"
            )


def _make() -> None:
    op.create_table(
        "signatures",
        sa.Column("decision", sa.String(12), primary_key=True),
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("signature", sa.String(128), nullable=False),
    )
    op.create_table(
        "verifications",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("board", sa.String(16), nullable=False),
        sa.Column("first", sa.BigInteger, nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("verified_at_ns", sa.BigInteger, nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("signature", sa.String(128), nullable=False),
    )
    op.create_table(
        "devices",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("decided_at_ns", sa.BigInteger, nullable=False),
        sa.Column("is_trusted", sa.Integer, nullable=False),
    )
    op.create_table(
        "acceptances",
        sa.Column("decision", sa.String(12), primary_key=True),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("accepted_at_ns", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "record_runs",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("board", sa.String(16), nullable=False),
        sa.Column("first", sa.BigInteger, nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
    )


def _insert(table: str, rows: list[dict[str, object]]) -> None:
    if rows:
        metadata = sa.MetaData()
        op.bulk_insert(sa.Table(table, metadata, autoload_with=op.get_bind()), rows)


def _digest(kind: str, rows: object) -> None:
    _insert("digests", [{"kind": kind, "digest": digest_of(kind, tuple(row))} for row in rows])  # type: ignore[attr-defined]


def _runs(connection: sa.Connection) -> None:
    """Note the digest of each run of consecutive records, as they stand now."""
    rows = connection.execute(sa.text("SELECT board, sequence, raw FROM records ORDER BY board, sequence"))
    numbered = ((place, row) for place, row in enumerate(rows))
    runs = []
    for (board, _), run in groupby(numbered, key=lambda pair: (pair[1][0], pair[1][1] - pair[0])):
        of_run = [row for _, row in run]
        digest = sha256(b"".join(bytes(row[2]) for row in of_run)).hexdigest()
        runs.append({"board": board, "first": of_run[0][1], "last": of_run[-1][1], "digest": digest})
    _insert("record_runs", runs)


def _guard_sqlite() -> None:
    """INSERT OR REPLACE deletes without a DELETE trigger, so an INSERT over an existing key is refused as well."""
    for table, key in TABLES:
        same = " AND ".join(f'"{column}" = NEW."{column}"' for column in key)
        events = (
            ("update", "UPDATE", ""),
            ("delete", "DELETE", ""),
            ("replace", "INSERT", f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})"),
        )
        for name, event, when in events:
            op.execute(
                f"CREATE TRIGGER {table}_no_{name} BEFORE {event} ON {table} {when} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is insert-only'); END"
            )
