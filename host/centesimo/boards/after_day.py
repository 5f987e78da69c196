"""After the day: what happened to each board of an event, read from its records; and whether the day is over.

Pure functions: no port, no store, no clock.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from operator import attrgetter, itemgetter
from typing import NamedTuple

from centesimo.boards.prepare import named, points_by_board
from centesimo.model.event import Event, Leg, TimingPoint
from centesimo.timing.edges import edges
from centesimo.words.boards import board_name
from centesimo_protocol import record
from centesimo_protocol.timebase import Timebase, TimebaseError, logged


def is_over(event: Event, records_by_board: Mapping[str, Sequence[bytes]], now_ns: int) -> bool:
    """Say whether a report of the fleet is now the one after the day rather than the one before it.

    It is when the newest leg that has begun is collected, at least one edge of it, and the date of the next leg has
    not come. `now_ns` is this computer's clock, ns since 1970.
    """
    begun = [(at_ns, leg) for at_ns, leg in _starts(event) if at_ns <= now_ns]
    if not begun:
        return False
    start_ns, leg = begun[-1]
    later = [other_leg for other_leg in event.legs if other_leg.date > leg.date]
    if later and now_ns >= _midnight_ns(event, min(later, key=attrgetter("date"))):
        return False
    stamped, _ = edges({board: records_by_board.get(board, ()) for board in points_by_board(event)})
    return any(edge.at_ns is not None and edge.at_ns >= start_ns and not edge.simulated for edge in stamped)


def _starts(event: Event) -> list[tuple[int, Leg]]:
    """Return when the first race starts each leg, in order of time."""
    leg_by_id = {leg.id: leg for leg in event.legs}
    first: dict[str, int] = {}
    for start in (start for race in event.races for start in race.starts):
        first[start.leg] = min(start.first_at_ns, first.get(start.leg, start.first_at_ns))
    return sorted(((at_ns, leg_by_id[leg]) for leg, at_ns in first.items()), key=itemgetter(0))


def _midnight_ns(event: Event, leg: Leg) -> int:
    """Return when the local date of a leg begins."""
    return int(datetime.combine(leg.date, time(), event.timezone).timestamp()) * 1_000_000_000


class AfterDay(NamedTuple):
    """One board's row of the report after the day, from its records.

    starts     how often it was started
    edges      of tubes; `uncovered` of these were stamped while its receiver was not locked
    lost       edges and other events that the board itself reports as lost
    drift_ppm  how much faster than GPS its crystal ran, over all starts; None when it never knew the time long enough
    """

    board: str
    name: str
    points: tuple[str, ...]
    starts: int
    edges: int
    uncovered: int
    lost: int
    drift_ppm: float | None


def after_day(event: Event, records_by_board: Mapping[str, Sequence[bytes]]) -> list[AfterDay]:
    """Return the report after the day: a row for each board of the event, in the event's order."""
    return [_after(board, points, records_by_board.get(board, ())) for board, points in points_by_board(event).items()]


def _after(board: str, points: Sequence[TimingPoint], raws: Sequence[bytes]) -> AfterDay:
    values = [record.unpack(raw) for raw in raws]
    edges = [edge for value in values for edge in record.edges_of(value) if edge.origin == record.TUBE]
    boots = sorted({value.boot for value in values})
    counted_us = passed_us = 0
    for boot in boots:
        try:
            anchors = Timebase(logged([value for value in values if value.boot == boot])).anchors
        except TimebaseError:
            continue
        counted_us += anchors[-1][0] - anchors[0][0]
        passed_us += (anchors[-1][1] - anchors[0][1]) * 1_000_000
    return AfterDay(
        board=board,
        name=board_name(points),
        points=named(points),
        starts=len(boots),
        edges=len(edges),
        uncovered=sum(edge.state != record.LOCKED for edge in edges),
        lost=sum(value.count for value in values if isinstance(value, record.Loss)),
        drift_ppm=round((counted_us - passed_us) / passed_us * 1e6, 3) if passed_us else None,
    )
