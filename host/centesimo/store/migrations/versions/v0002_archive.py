"""The raw archive; and files, passages and event versions keyed so that what two laptops have written can be merged."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

# Each table that is made here, with its primary key.
TABLES = (
    ("archive", ("visit", "part")),
    ("loaded_files", ("digest", "loaded_at_ns", "name")),
    ("loaded_passages", ("id",)),
    ("event_versions", ("digest", "stored_at_ns")),
)
REMADE = {
    "loaded_passages": "digest, line, timing_point, start_number, passed_at_ns, uncertainty_ns, source",
    "loaded_files": "digest, loaded_at_ns, name, text",
    "event_versions": "digest, stored_at_ns, files",
}


def upgrade() -> None:
    """Make the archive; make the other tables anew under their wider keys, with what was in them."""
    for table in REMADE:
        op.rename_table(table, f"{table}_0001")
    _make_archive()
    _make_documents()
    for table, columns in REMADE.items():
        op.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {table}_0001")
        op.drop_table(f"{table}_0001")
    if op.get_bind().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgresql()


def _make_archive() -> None:
    op.create_table(
        "archive",
        sa.Column("visit", sa.String(32), primary_key=True),
        sa.Column("part", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("host", sa.String(16), nullable=False),
        sa.Column("host_version", sa.Text, nullable=False),
        sa.Column("port", sa.Text, nullable=False),
        sa.Column("board", sa.String(16), nullable=False),
        sa.Column("begun_at_ns", sa.BigInteger, nullable=False),
        sa.Column("ended_at_ns", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("raw", sa.LargeBinary, nullable=False),
    )


def _make_documents() -> None:
    op.create_table(
        "loaded_files",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("loaded_at_ns", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_table(
        "loaded_passages",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("line", sa.Integer, nullable=False),
        sa.Column("timing_point", sa.Text, nullable=False),
        sa.Column("start_number", sa.Integer),
        sa.Column("passed_at_ns", sa.BigInteger, nullable=False),
        sa.Column("uncertainty_ns", sa.BigInteger),
        sa.Column("source", sa.Text, nullable=False),
    )
    op.create_table(
        "event_versions",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("stored_at_ns", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("files", sa.Text, nullable=False),
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
    for table, _ in TABLES:
        op.execute(
            f"CREATE TRIGGER {table}_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION centesimo_insert_only()"
        )
