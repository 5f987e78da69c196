"""How people name a passage, an instant or an amendment: by what they read on a sheet, never by a position.

A passage is named by its id, or by timing point and local time as the official clock showed it, as far as it is known:
A1@10:05:58.60, A1@10:05:58 when it is the only one in that second, A1@2027-05-23T10:05:58 when legs share the point.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta

from centesimo.amend.shown import shown_at
from centesimo.errors import AmendmentError
from centesimo.event import Event
from centesimo.facts import Amendment, Passage
from centesimo.reading.localtime import DAYS_AROUND, NS_PER_S, is_near, local_at_ns

TIME = re.compile(r"(?:(\d{4}-\d\d-\d\d)[T ])?(\d\d):([0-5]\d)(?::([0-5]\d)(?:[.,](\d{1,9}))?)?")
INSTANT = re.compile(TIME.pattern + r"(Z|[+-](?:0\d|1[0-4]):[0-5]\d)?")  # with its offset from UTC
BEFORE_START_NS = 21_600_000_000_000  # 6 h: nothing of a leg is so early; after midnight it is the night after
NEAREST = 3  # passages that a message names when none is meant


def find_passage(event: Event, passages: Iterable[Passage], written: str, gone: Iterable[Passage] = ()) -> Passage:
    """Return the one passage that is meant; AmendmentError when none or several are.

    Where none of the passages is meant, one of those `gone` may be: they were voided.
    """
    every, others = list(passages), list(gone)
    point, at, clock = written.partition("@")
    if not at:
        found = next((one for one in (*every, *others) if one.id == written), None)
        if found is None:
            raise AmendmentError(
                f"expected a passage as its id or as A1@10:05:58.60, got {written}, which does not exist"
            )
        return found
    if point not in {one.id for one in event.timing_points}:
        points = ", ".join(one.id for one in event.timing_points)
        raise AmendmentError(f"expected a timing point of the event ({points}), got {point}")
    if TIME.fullmatch(clock) is None:
        raise AmendmentError(f"expected local time as HH:MM:SS.cc after {point}@, got {clock}")
    there = [one for one in every if one.timing_point == point]
    left = _shown_as(event, [one for one in others if one.timing_point == point], _digits(clock))
    if left and not _shown_as(event, there, _digits(clock)):
        there = left
    return _one_of(event, there, written, _digits(clock))


def _digits(clock: str) -> str:
    return clock.replace(",", ".").replace(" ", "T")


def _shown_as(event: Event, there: Iterable[Passage], clock: str) -> list[Passage]:
    """Return the passages whose local time begins so, with a date or without."""
    found = []
    for one in there:
        local = shown_at(event, one.at_ns)
        if local.startswith(clock) or local.partition("T")[2].startswith(clock):
            found.append(one)
    return found


def _one_of(event: Event, there: Sequence[Passage], written: str, clock: str) -> Passage:
    """Return the only passage of a point whose local time begins as it is written."""
    found = _shown_as(event, there, clock)
    if len(found) == 1:
        return found[0]
    if found:
        its = ", ".join(f"{one.id} at {shown_at(event, one.at_ns)}" for one in found[:NEAREST])
        raise AmendmentError(f"expected one passage at {written}, got {len(found)}: {its}; name one by its id")
    seconds = _of_day_s(clock.rpartition("T")[2])
    timed = [one for one in there if one.at_ns is not None]
    timed.sort(key=lambda one: abs(_of_day_s(shown_at(event, one.at_ns).partition("T")[2]) - seconds))
    near = ", ".join(f"{one.id} at {shown_at(event, one.at_ns)}" for one in timed[:NEAREST])
    raise AmendmentError(f"expected a passage at {written}, got none; the nearest: {near or 'none there at all'}")


def _of_day_s(clock: str) -> float:
    parts = [float(part) for part in clock.split(":")]
    return sum(part * unit for part, unit in zip(parts, (3600, 60, 1), strict=False))


def instant_ns(event: Event, written: str, point: str | None = None, days_after: int = DAYS_AROUND) -> int:
    """Return the instant of a local time near the event's days, up to `days_after` the last of them.

    Without a date it is that of the only leg, or the only one at `point`; 24:00:00 to 47:59:59 are hours of the night
    after it. With date and offset from UTC (2027-10-31T02:30:00+01:00) also an hour that the clocks show twice is one
    instant. AmendmentError when there is no such time, or it may be meant for the night after.
    """
    match = INSTANT.fullmatch(written)
    if match is None or (match[6] and not match[1]):
        raise AmendmentError(f"expected local time as HH:MM:SS.cc or 2027-05-23T10:05:58.60, got {written}")
    try:
        day = date.fromisoformat(match[1]) if match[1] else _day(event, written, point)
        at_ns = _at_ns(event, day, match)
    except (ValueError, OverflowError) as error:
        raise AmendmentError(
            f"expected a local time that there is, got {written}: {error}; "
            "its offset from UTC may be given, as 2027-05-23T10:05:58+02:00"
        ) from error
    if not match[1] and at_ns < _first_start_ns(event, day) - BEFORE_START_NS:
        both = f"{day}T{written} or {day + timedelta(days=1)}T{written}"
        raise AmendmentError(f"expected {written} with its date, as it is long before the first start: {both}")
    days = [leg.date for leg in event.legs]
    if not is_near(at_ns, days, days_after):
        raise AmendmentError(f"expected a time near the event's days, {min(days)} to {max(days)}, got {written}")
    return at_ns


def _at_ns(event: Event, day: date, written: re.Match[str]) -> int:
    """Return the instant of a local time of a day; ValueError when there is none."""
    hour = int(written[2])
    if not written[1] and 24 <= hour < 48:
        day, hour = day + timedelta(days=1), hour - 24
    clock, part_ns = time(hour, int(written[3]), int(written[4] or 0)), int((written[5] or "").ljust(9, "0"))
    if written[6]:
        return int(datetime.fromisoformat(f"{day}T{clock}{written[6]}").timestamp()) * NS_PER_S + part_ns
    return local_at_ns(day, clock, event.timezone) + part_ns


def _first_start_ns(event: Event, day: date) -> int:
    """Return the first start of the legs of a day; 0 where none starts."""
    legs = {leg.id for leg in event.legs if leg.date == day}
    return min((one.first_at_ns for race in event.races for one in race.starts if one.leg in legs), default=0)


def _day(event: Event, written: str, point: str | None) -> date:
    legs = {one.leg for one in event.controls if point is None or point in (one.opens, one.closes)}
    days = {leg.date for leg in event.legs if leg.id in legs} or {leg.date for leg in event.legs}
    if len(days) != 1:
        names = ", ".join(sorted(day.isoformat() for day in days))
        raise AmendmentError(f"expected {written} with its date ({names}), as 2027-05-23T{written}")
    return days.pop()


def find_amendment(amendments: Sequence[Amendment], written: str) -> Amendment:
    """Return the amendment whose id begins as it is written; AmendmentError when none or several do."""
    found = [one for one in amendments if one.id.startswith(written)] if written else []
    if len(found) != 1:
        got = f"{len(found)}: {', '.join(one.id for one in found)}" if found else "none"
        raise AmendmentError(f"expected one amendment whose id begins with {written or 'something'}, got {got}")
    return found[0]
