"""After the day: what became of each board of an event, from its records alone; and whether the day is over.

Pure functions: no port, no store, no clock.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import NamedTuple

from centesimo.boards.prepare import named, points_by_board
from centesimo.model.event import Event, Leg, TimingPoint
from centesimo.timing.edges import edges
from centesimo_protocol import record
from centesimo_protocol.timebase import Timebase, TimebaseError, logged


def is_over(event: Event, records_by_board: Mapping[str, Sequence[bytes]], now_ns: int) -> bool:
    """Say whether the newest leg that has begun is collected, at least in part, and the next one's date has not come.

    Then a report of the fleet is its second half; before, or with nothing of that leg in the store, its first.
    """
    begun = [(at_ns, leg) for at_ns, leg in _starts(event) if at_ns <= now_ns]
    if not begun:
        return False
    start_ns, leg = begun[-1]
    later = [one for one in event.legs if one.date > leg.date]
    if later and now_ns >= _midnight_ns(event, min(later, key=lambda one: one.date)):
        return False
    stamped, _ = edges({board: records_by_board.get(board, ()) for board in points_by_board(event)})
    return any(edge.at_ns is not None and edge.at_ns >= start_ns and not edge.simulated for edge in stamped)


def _starts(event: Event) -> list[tuple[int, Leg]]:
    """Return when the first race starts each leg, in order of time."""
    leg_by_id = {leg.id: leg for leg in event.legs}
    first: dict[str, int] = {}
    for start in (start for race in event.races for start in race.starts):
        first[start.leg] = min(start.first_at_ns, first.get(start.leg, start.first_at_ns))
    return sorted(((at_ns, leg_by_id[leg]) for leg, at_ns in first.items()), key=lambda one: one[0])


def _midnight_ns(event: Event, leg: Leg) -> int:
    """Return when the local date of a leg begins."""
    return int(datetime.combine(leg.date, time(), event.timezone).timestamp()) * 1_000_000_000


class After(NamedTuple):
    """What became of a board over the day, from its records alone.

    drift_ppm  of its crystal against GPS, over all starts; None when it never knew the time long enough
    lost       what it says that it lost
    edges      of tubes; `uncovered` of them were stamped while its receiver was not locked
    """

    board: str
    points: tuple[str, ...]
    starts: int
    edges: int
    uncovered: int
    lost: int
    drift_ppm: float | None


def after(event: Event, records_by_board: Mapping[str, Sequence[bytes]]) -> list[After]:
    """Return the second half of the report: a row for every board of the event, in its order."""
    return [_after(board, points, records_by_board.get(board, ())) for board, points in points_by_board(event).items()]


def _after(board: str, points: Sequence[TimingPoint], raws: Sequence[bytes]) -> After:
    values = [record.unpack(raw) for raw in raws]
    edges = [value for value in values if isinstance(value, record.Edge) and value.origin == record.TUBE]
    boots = sorted({value.boot for value in values})
    counted_us = passed_us = 0
    for boot in boots:
        try:
            anchors = Timebase(logged([value for value in values if value.boot == boot])).anchors
        except TimebaseError:
            continue
        counted_us += anchors[-1][0] - anchors[0][0]
        passed_us += (anchors[-1][1] - anchors[0][1]) * 1_000_000
    return After(
        board=board,
        points=named(points),
        starts=len(boots),
        edges=len(edges),
        uncovered=sum(edge.state != record.LOCKED for edge in edges),
        lost=sum(value.count for value in values if isinstance(value, record.Loss)),
        drift_ppm=round((counted_us - passed_us) / passed_us * 1e6, 3) if passed_us else None,
    )
