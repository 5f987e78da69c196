"""Numbers that people keyed as cars passed: one row a sighting."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the table and the triggers that refuse to change it."""
    op.create_table(
        "sightings",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("timing_point", sa.Text, nullable=False),
        sa.Column("start_number", sa.Integer),
        sa.Column("at_ns", sa.BigInteger, nullable=False),
        sa.Column("error_ns", sa.BigInteger),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("device", sa.Text, nullable=False),
        sa.Column("counter", sa.Integer, nullable=False),
        sa.Column("replaces", sa.Text),
        sa.Column("source", sa.Text, nullable=False),
    )
    if op.get_bind().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        op.execute(
            "CREATE TRIGGER sightings_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON sightings "
            "FOR EACH STATEMENT EXECUTE FUNCTION centesimo_insert_only()"
        )


def _guard_sqlite() -> None:
    """INSERT OR REPLACE deletes without a DELETE trigger, so an INSERT over an existing key is refused as well."""
    events = (
        ("update", "UPDATE", ""),
        ("delete", "DELETE", ""),
        ("replace", "INSERT", "WHEN EXISTS (SELECT 1 FROM sightings WHERE id = NEW.id)"),
    )
    for name, event, when in events:
        op.execute(
            f"CREATE TRIGGER sightings_no_{name} BEFORE {event} ON sightings {when} "
            "BEGIN SELECT RAISE(ABORT, 'sightings is insert-only'); END"
        )
