"""What officials decide: one row a decision."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table and the triggers that refuse to change it."""
    op.create_table(
        "amendments",
        sa.Column("id", sa.String(12), primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("decided_at_ns", sa.BigInteger, nullable=False),
        sa.Column("values", sa.Text, nullable=False),
    )
    if op.get_bind().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        op.execute(
            "CREATE TRIGGER amendments_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON amendments "
            "FOR EACH STATEMENT EXECUTE FUNCTION centesimo_insert_only()"
        )


def _guard_sqlite() -> None:
    """INSERT OR REPLACE deletes without a DELETE trigger, so an INSERT over an existing key is refused as well."""
    events = (
        ("update", "UPDATE", ""),
        ("delete", "DELETE", ""),
        ("replace", "INSERT", "WHEN EXISTS (SELECT 1 FROM amendments WHERE id = NEW.id)"),
    )
    for name, event, when in events:
        op.execute(
            f"CREATE TRIGGER amendments_no_{name} BEFORE {event} ON amendments {when} "
            "BEGIN SELECT RAISE(ABORT, 'amendments is insert-only'); END"
        )
