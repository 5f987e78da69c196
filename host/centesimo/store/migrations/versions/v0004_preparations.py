"""What `centesimo prepare` found of the fleet, before and after a day."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the table and the triggers that refuse to change it."""
    op.create_table(
        "preparations",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("prepared_at_ns", sa.BigInteger, nullable=False),
        sa.Column("phase", sa.Text, nullable=False),
        sa.Column("report", sa.Text, nullable=False),
    )
    if op.get_bind().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        op.execute(
            "CREATE TRIGGER preparations_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON preparations "
            "FOR EACH STATEMENT EXECUTE FUNCTION centesimo_insert_only()"
        )


def _guard_sqlite() -> None:
    """INSERT OR REPLACE deletes without a DELETE trigger, so an INSERT over an existing key is refused as well."""
    events = (
        ("update", "UPDATE", ""),
        ("delete", "DELETE", ""),
        ("replace", "INSERT", "WHEN EXISTS (SELECT 1 FROM preparations WHERE id = NEW.id)"),
    )
    for name, event, when in events:
        op.execute(
            f"CREATE TRIGGER preparations_no_{name} BEFORE {event} ON preparations {when} "
            "BEGIN SELECT RAISE(ABORT, 'preparations is insert-only'); END"
        )
