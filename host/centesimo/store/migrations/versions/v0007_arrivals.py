"""What came in which order, for who follows a store: a span of a board's records, or a sighting."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the table and the triggers that refuse to change it; what is stored already is read whole by who begins."""
    op.create_table(
        "arrivals",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("first", sa.BigInteger),
        sa.Column("last", sa.BigInteger),
    )
    if op.get_bind().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        op.execute(
            "CREATE TRIGGER arrivals_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON arrivals "
            "FOR EACH STATEMENT EXECUTE FUNCTION centesimo_insert_only()"
        )


def _guard_sqlite() -> None:
    """INSERT OR REPLACE deletes without a DELETE trigger, so an INSERT over an existing key is refused as well."""
    events = (
        ("update", "UPDATE", ""),
        ("delete", "DELETE", ""),
        ("replace", "INSERT", "WHEN EXISTS (SELECT 1 FROM arrivals WHERE id = NEW.id)"),
    )
    for name, event, when in events:
        op.execute(
            f"CREATE TRIGGER arrivals_no_{name} BEFORE {event} ON arrivals {when} "
            "BEGIN SELECT RAISE(ABORT, 'arrivals is insert-only'); END"
        )
