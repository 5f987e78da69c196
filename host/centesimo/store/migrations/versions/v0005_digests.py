"""The digest of every row beside records and archive; of those that are there already, as they stand now."""

import sqlalchemy as sa
from alembic import op

from centesimo.store.row_digests import digest_of

revision = "0005"
down_revision = "0004"

# Kind, table and columns as they were when this was the newest schema.
KINDS = (
    ("receipt", "receipts", "received_at_ns, port, board, host_version, first, last"),
    ("file", "loaded_files", "digest, loaded_at_ns, name, text"),
    ("passage", "loaded_passages", "digest, line, timing_point, start_number, passed_at_ns, uncertainty_ns, source"),
    ("event", "event_versions", "digest, stored_at_ns, files"),
    ("list", "lists", "name, stored_at_ns, digest, text"),
    ("preparation", "preparations", "prepared_at_ns, phase, report"),
    ("amendment", "amendments", 'id, kind, who, why, decided_at_ns, "values"'),
    ("publication", "publications", "race, leg, version, status, posted_at_ns, facts_digest, content"),
)


def upgrade() -> None:
    """Make the table and the triggers that refuse to change it; add the digests of what is stored."""
    made = op.create_table(
        "digests",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
    )
    for kind, table, columns in KINDS:
        rows = op.get_bind().execute(sa.text(f"SELECT {columns} FROM {table}"))
        op.bulk_insert(made, [{"kind": kind, "digest": digest_of(kind, row)} for row in rows])
    if op.get_bind().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        op.execute(
            "CREATE TRIGGER digests_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON digests "
            "FOR EACH STATEMENT EXECUTE FUNCTION centesimo_insert_only()"
        )


def _guard_sqlite() -> None:
    """INSERT OR REPLACE deletes without a DELETE trigger, so an INSERT over an existing key is refused as well."""
    events = (
        ("update", "UPDATE", ""),
        ("delete", "DELETE", ""),
        ("replace", "INSERT", "WHEN EXISTS (SELECT 1 FROM digests WHERE id = NEW.id)"),
    )
    for name, event, when in events:
        op.execute(
            f"CREATE TRIGGER digests_no_{name} BEFORE {event} ON digests {when} "
            "BEGIN SELECT RAISE(ABORT, 'digests is insert-only'); END"
        )
