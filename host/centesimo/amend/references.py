"""How people name a passage, an instant or a decision: by what they read on a sheet, never by a position.

A passage is named by its id, or by timing point and local time as the official clock showed it, as far as it is known:
A1@10:05:58.60, A1@10:05:58 when it is the only one in that second, A1@2027-05-23T10:05:58 when legs share the point.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from centesimo.amend.standing import missing
from centesimo.model.decisions import Decision
from centesimo.model.errors import DecisionError
from centesimo.model.event import Event
from centesimo.model.facts import Passage
from centesimo.reading.localtime import DAYS_AROUND, NS_PER_S, is_near, local_at_ns, offset_at
from centesimo.words.instants import dated_at, shown_at

TIME = re.compile(r"(?:(\d{4}-\d\d-\d\d)[T ])?([0-4]\d):([0-5]\d)(?::([0-5]\d)(?:[.,](\d{1,9}))?)?")
INSTANT = re.compile(TIME.pattern + r"(Z|[+-](?:0\d|1[0-4]):[0-5]\d)?")  # with its offset from UTC
NIGHTS_END = 48  # hours: 24 to 47 are those of the night after
BEFORE_START_NS = 21_600_000_000_000  # 6 h: nothing of a leg is so early; after midnight it is the night after
NEAREST = 3  # passages that a message names when none is meant
MICROSECOND = len("10:05:58.601234")


class _Written(NamedTuple):
    """The local time of a passage as it was written, in the digits in which it is shown."""

    digits: str  # the begin of "2027-05-23T10:05:58.601234", or of what follows its T
    offset: str  # from UTC, "+01:00"; "": not given

    def is_of(self, event: Event, passage: Passage) -> bool:
        """Say whether a passage's local time begins so."""
        if passage.at_ns is None:
            return False
        local = shown_at(event, passage.at_ns)
        begins = local.startswith(self.digits) or local.partition("T")[2].startswith(self.digits)
        return begins and self.offset in ("", offset_at(passage.at_ns, event.timezone))


def find_passage(event: Event, passages: Iterable[Passage], written: str, gone: Iterable[Passage] = ()) -> Passage:
    """Return the one passage that is meant; DecisionError when none or several are.

    Where none of the passages is meant, one of those `gone` may be: they were voided.
    """
    there, voided = list(passages), list(gone)
    point, at, clock = written.partition("@")
    if not at:
        passage = next((passage for passage in (*there, *voided) if passage.id == written), None)
        if passage is None:
            got = missing(event, there, written)
            raise DecisionError(f"expected a passage as its id or as A1@10:05:58.60, got {got}")
        return passage
    if point not in {point.id for point in event.timing_points}:
        points = ", ".join(point.id for point in event.timing_points)
        raise DecisionError(f"expected a timing point of the event ({points}), got {point}")
    meant = _written(event, point, clock)
    here, voided_here = ([passage for passage in every if passage.timing_point == point] for every in (there, voided))
    is_here, is_voided = (any(meant.is_of(event, passage) for passage in every) for every in (here, voided_here))
    return _only(event, voided_here if is_voided and not is_here else here, written, meant)


def _written(event: Event, point: str, clock: str) -> _Written:
    """Return the local time after A1@; 24:00:00 to 47:59:59 are hours of the night after its date, or the leg's."""
    match = INSTANT.fullmatch(clock)
    is_whole = match is not None and int(match[2]) < NIGHTS_END and match[6] != "Z" and (match[1] or not match[6])
    if match is None or not is_whole:
        raise DecisionError(
            f"expected local time as HH:MM:SS.cc after {point}@, as far as it is known, or "
            f"{point}@{_example(event)}, got {clock or 'nothing'}"
        )
    digits, hour = clock.removesuffix(match[6] or "").replace(",", ".").replace(" ", "T"), int(match[2])
    if hour < 24:
        return _Written(digits, match[6] or "")
    days = {match[1]} if match[1] else {day.isoformat() for day in _days(event, point)}
    after = f"{hour - 24:02}{digits.rpartition('T')[2][2:]}"
    return _Written(f"{_date(days.pop(), f'{point}@', 1)}T{after}" if len(days) == 1 else after, match[6] or "")


def _only(event: Event, here: Sequence[Passage], written: str, meant: _Written) -> Passage:
    """Return the only passage of a point whose local time begins as it is written."""
    fitting = [passage for passage in here if meant.is_of(event, passage)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        got = f"{len(fitting)}: {_named(event, fitting)}"
        raise DecisionError(f"expected one passage at {written}, got {got}; name one by its id")
    seconds = _of_day_s(meant.digits.rpartition("T")[2])
    timed = [passage for passage in here if passage.at_ns is not None]
    timed.sort(key=lambda passage: abs(_of_day_s(shown_at(event, passage.at_ns).partition("T")[2]) - seconds))
    near = _named(event, timed)
    raise DecisionError(f"expected a passage at {written}, got none; the nearest: {near or 'none there at all'}")


def _named(event: Event, passages: Sequence[Passage]) -> str:
    """Return the first few passages, each by its id and its local time."""
    return ", ".join(f"{passage.id} at {_whole(event, passage)}" for passage in passages[:NEAREST])


def _whole(event: Event, passage: Passage) -> str:
    """Return a passage's local time as it can be written."""
    return dated_at(event, passage.at_ns, MICROSECOND).replace(" ", "T")


def _of_day_s(clock: str) -> float:
    parts = [float(part) for part in clock.split(":")]
    return sum(part * unit for part, unit in zip(parts, (3600, 60, 1), strict=False))


def instant_ns(
    event: Event, written: str, point: str | None = None, days_after: int = DAYS_AROUND, what: str = "TIME"
) -> int:
    """Return the instant of a local time near the event's days, up to `days_after` the last of them.

    Without a date it is that of the only leg, or the only one at `point`. 24:00:00 to 47:59:59 are hours of the night
    after a day. With date and offset from UTC (2027-10-31T02:30:00+01:00) also an hour that the clocks show twice is
    one instant. DecisionError when there is no such time, or it may be meant for the night after; `what` names it.
    """
    match = INSTANT.fullmatch(written)
    if match is None or int(match[2]) >= NIGHTS_END or (match[6] and not match[1]):
        raise DecisionError(
            f"expected {what} as local time HH:MM:SS.cc, up to 47:59:59.99 in the night after, or as "
            f"{_example(event)}, got {written or 'nothing'}"
        )
    day = _date(match[1], what) if match[1] else _day(event, written, point, what)
    at_ns = _at_ns(event, day, match, what)
    if not match[1] and at_ns < _first_start_ns(event, day) - BEFORE_START_NS:
        ways = f"{day}T{written} or {day + timedelta(days=1)}T{written}"
        raise DecisionError(f"expected {what} with its date, as {written} is long before the first start: {ways}")
    days = [leg.date for leg in event.legs]
    if not is_near(at_ns, days, days_after):
        raise DecisionError(f"expected {what} near the event's days, {min(days)} to {max(days)}, got {written}")
    return at_ns


def _example(event: Event) -> str:
    return f"{event.legs[0].date}T10:05:58.60"


def _date(written: str, what: str, days_later: int = 0) -> date:
    try:
        return date.fromisoformat(written) + timedelta(days=days_later)
    except (ValueError, OverflowError) as error:
        raise DecisionError(f"expected {what} on a day of the calendar, got {written}") from error


def _at_ns(event: Event, day: date, written: re.Match[str], what: str) -> int:
    """Return the instant of a local time of a day; DecisionError when there is none, or two."""
    nights, hour = divmod(int(written[2]), 24)
    clock, part_ns = time(hour, int(written[3]), int(written[4] or 0)), int((written[5] or "").ljust(9, "0"))
    try:
        day += timedelta(days=nights)
        if written[6]:
            return int(datetime.fromisoformat(f"{day}T{clock}{written[6]}").timestamp()) * NS_PER_S + part_ns
        return local_at_ns(day, clock, event.timezone) + part_ns
    except (ValueError, OverflowError) as error:
        either = _either(datetime.combine(day, clock, event.timezone))
        raise DecisionError(f"expected {what} that the clocks show once, got {error}{either}") from error


def _either(local: datetime) -> str:
    """Say how a local time that the clocks show twice is written; "" of one that they skip."""
    first, second = local.replace(fold=0), local.replace(fold=1)
    is_twice = first.timestamp() < second.timestamp()
    return f": write {first.isoformat()} or {second.isoformat()}" if is_twice else ""


def _first_start_ns(event: Event, day: date) -> int:
    """Return the first start of the legs of a day; 0 where none starts."""
    legs = {leg.id for leg in event.legs if leg.date == day}
    starts = (start for race in event.races for start in race.starts)
    return min((start.first_at_ns for start in starts if start.leg in legs), default=0)


def _days(event: Event, point: str | None) -> set[date]:
    """Return the days of the legs that use a timing point; of all where none does."""
    legs = {control.leg for control in event.controls if point is None or point in (control.opens, control.closes)}
    return {leg.date for leg in event.legs if leg.id in legs} or {leg.date for leg in event.legs}


def _day(event: Event, written: str, point: str | None, what: str) -> date:
    days = _days(event, point)
    if len(days) != 1:
        names = " or ".join(f"{day}T{written}" for day in sorted(days))
        raise DecisionError(f"expected {what} with its date, as the event has several days: {names}, got {written}")
    return days.pop()


def find_decision(decisions: Sequence[Decision], written: str) -> Decision:
    """Return the decision whose id begins as it is written; DecisionError when none or several do."""
    fitting = [decision for decision in decisions if decision.id.startswith(written)] if written else []
    if len(fitting) != 1:
        got = f"{len(fitting)}: {', '.join(decision.id for decision in fitting)}" if fitting else "none"
        which = f"whose id begins with {written}" if written else "by the begin of its id"
        raise DecisionError(f"expected one amendment {which}, got {got}; centesimo amend list has their ids")
    return fitting[0]
