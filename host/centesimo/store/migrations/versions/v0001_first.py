"""The first schema: records and where they came from, loaded passages, event versions, lists, publications."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# Each table with its primary key.
TABLES = (
    ("receipts", ("id",)),
    ("records", ("board", "sequence")),
    ("conflicts", ("board", "sequence", "raw")),
    ("loaded_files", ("digest",)),
    ("loaded_passages", ("digest", "line")),
    ("event_versions", ("digest",)),
    ("lists", ("id",)),
    ("publications", ("id",)),
)


def upgrade() -> None:
    """Make the tables and the triggers that refuse to change them."""
    _make_records()
    _make_documents()
    if op.get_bind().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgresql()


def _make_records() -> None:
    op.create_table(
        "receipts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("received_at_ns", sa.BigInteger, nullable=False),
        sa.Column("port", sa.Text, nullable=False),
        sa.Column("board", sa.String(16), nullable=False),
        sa.Column("host_version", sa.Text, nullable=False),
        sa.Column("first", sa.BigInteger, nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "records",
        sa.Column("board", sa.String(16), primary_key=True),
        sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("boot", sa.Integer, nullable=False),
        sa.Column("kind", sa.Integer, nullable=False),
        sa.Column("raw", sa.LargeBinary, nullable=False),
        sa.Column("receipt", sa.Integer, sa.ForeignKey("receipts.id"), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "conflicts",
        sa.Column("board", sa.String(16), primary_key=True),
        sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("raw", sa.LargeBinary, primary_key=True),
        sa.Column("receipt", sa.Integer, sa.ForeignKey("receipts.id"), nullable=False),
    )


def _make_documents() -> None:
    op.create_table(
        "loaded_files",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("loaded_at_ns", sa.BigInteger, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_table(
        "loaded_passages",
        sa.Column("digest", sa.String(64), sa.ForeignKey("loaded_files.digest"), primary_key=True),
        sa.Column("line", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("timing_point", sa.Text, nullable=False),
        sa.Column("start_number", sa.Integer),
        sa.Column("passed_at_ns", sa.BigInteger, nullable=False),
        sa.Column("uncertainty_ns", sa.BigInteger),
        sa.Column("source", sa.Text, nullable=False),
    )
    op.create_table(
        "event_versions",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("stored_at_ns", sa.BigInteger, nullable=False),
        sa.Column("files", sa.Text, nullable=False),
    )
    op.create_table(
        "lists",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("stored_at_ns", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "publications",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("race", sa.Text, nullable=False),
        sa.Column("leg", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("posted_at_ns", sa.BigInteger, nullable=False),
        sa.Column("facts_digest", sa.String(64), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.UniqueConstraint("race", "leg", "version", name="publications_once"),
    )


def _guard_sqlite() -> None:
    """INSERT OR REPLACE deletes without a DELETE trigger, so an INSERT over an existing key is refused as well."""
    for table, key in TABLES:
        same = " AND ".join(f"{column} = NEW.{column}" for column in key)
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


def _guard_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION centesimo_insert_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is insert-only', TG_TABLE_NAME; END $$"
    )
    for table, _ in TABLES:
        op.execute(
            f"CREATE TRIGGER {table}_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION centesimo_insert_only()"
        )
