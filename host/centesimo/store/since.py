"""What a store has taken in behind a cursor: new records and sightings themselves, of all else which sorts are new.

A cursor is read before the rows that it stands for, so nothing is missed by a database that shows each statement what
was committed by then; a row may come twice, and taking it twice changes nothing. A cursor belongs to its store: ids are
given by each store in the order in which things came to it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from centesimo.model.facts import Sighting
from centesimo.store.arrivals import RECORDS, SIGHTING
from centesimo.store.number_runs import Run, merged
from centesimo.store.row_digests import DOCUMENTS
from centesimo.store.schema import arrivals, digests, records, sightings

AT_ONCE = 500  # ids in one question
EVERYTHING = frozenset(kind for kind, _, _ in DOCUMENTS)


class Cursor(NamedTuple):
    """How far a store was read: ids of the last rows of the tables digests and arrivals."""

    digest: int
    arrival: int


class News(NamedTuple):
    """What came behind a cursor.

    records    by board (16 hex digits): the record that came first of each sequence of which something came, in order
               of sequence; of which there are several, Store.rivals says which one is used
    sightings  in the order in which they came
    kinds      the sorts of rows of which some came, as row_digests.DOCUMENTS names them: "amendment", "passage",
               "file", "event", "list", "publication", "sighting", "receipt", "preparation"
    """

    records: Mapping[str, Sequence[bytes]]
    sightings: Sequence[Sighting]
    kinds: frozenset[str]

    def __bool__(self) -> bool:
        return bool(self.records or self.sightings or self.kinds)


def cursor_of(connection: Connection) -> Cursor:
    """Return the cursor behind all that a connection sees."""
    ends = (sa.select(sa.func.coalesce(sa.func.max(table.c.id), 0)).scalar_subquery() for table in (digests, arrivals))
    return Cursor(*connection.execute(sa.select(*ends)).one())


def news_since(connection: Connection, cursor: Cursor) -> News:
    """Return what came behind a cursor of this store."""
    kind_query = sa.select(digests.c.kind).where(digests.c.id > cursor.digest).distinct()
    kinds = frozenset(connection.execute(kind_query).scalars()) & EVERYTHING
    columns = arrivals.c.kind, arrivals.c.name, arrivals.c.first, arrivals.c.last
    spans_by_board: dict[str, list[Run]] = defaultdict(list)
    sighted = []
    behind = sa.select(*columns).where(arrivals.c.id > cursor.arrival).order_by(arrivals.c.id)
    for kind, name, first, last in connection.execute(behind):
        if kind == RECORDS:
            spans_by_board[name].append((first, last))
        elif kind == SIGHTING:
            sighted.append(name)
    new = {board: _records(connection, board, spans) for board, spans in sorted(spans_by_board.items())}
    return News(new, _sightings(connection, sighted), kinds)


def _records(connection: Connection, board: str, spans: Sequence[Run]) -> list[bytes]:
    """Return the records of a board's sequences."""
    raws: list[bytes] = []
    for first, last in merged(sorted(spans)):
        within = (records.c.board == board) & records.c.sequence.between(first, last)
        query = sa.select(records.c.raw).where(within).order_by(records.c.sequence)
        raws += map(bytes, connection.execute(query).scalars())
    return raws


def _sightings(connection: Connection, ids: Sequence[str]) -> list[Sighting]:
    columns = [sightings.c[name] for name in Sighting._fields]
    by_id = {}
    for at in range(0, len(ids), AT_ONCE):
        rows = connection.execute(sa.select(*columns).where(sightings.c.id.in_(ids[at : at + AT_ONCE])))
        by_id.update({row.id: Sighting(*row) for row in rows})
    return [by_id[identity] for identity in ids]
