"""In which order records and sightings came, so that who follows a store reads what is new and no more.

Rows of other tables have an id that rises, or are few; records and sightings are many and known by what they say. So
each transaction that adds some notes it in a row of its own, whose id rises: writers take turns (database.py), so a row
that appears later never has a lower id. Nothing that is computed reads this table.
"""

from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from centesimo.store.number_runs import runs
from centesimo.store.schema import arrivals

RECORDS, SIGHTING = "records", "sighting"


def note_records(connection: Connection, board: str, sequences: Collection[int]) -> None:
    """Note that records of a board (16 hex digits) are added in this transaction, conflicts too."""
    spans = [{"kind": RECORDS, "name": board, "first": first, "last": last} for first, last in runs(sorted(sequences))]
    connection.execute(sa.insert(arrivals), spans)


def note_sightings(connection: Connection, ids: Sequence[str]) -> None:
    """Note that sightings are added in this transaction."""
    connection.execute(sa.insert(arrivals), [{"kind": SIGHTING, "name": identity} for identity in ids])
