"""The instant of a row of a CSV file: as an instant with its offset from UTC, or as local time on the date of a leg."""

import re
from collections.abc import Collection
from datetime import date, datetime, time, timedelta

from centesimo.model.event import Event
from centesimo.reading.csv_rows import Row
from centesimo.reading.localtime import EPOCH, NS_PER_S, is_near, local_at_ns, local_text
from centesimo.reading.toml_tables import as_toml, choices_text

TIMES = ("instant", "time_of_day", "leg")  # the columns that are read here
INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d?\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:\d\d)")
EARLY_NS = 3600 * NS_PER_S  # before a leg's first start a time of day is one of the night after, without its 24 hours
TIME_OF_DAY = re.compile(r"(\d?\d):([0-5]\d):([0-5]\d)(?:[.,](\d{1,9}))?")
MINUTE = re.compile(r"\d?\d:[0-5]\d")


def is_to_the_second(row: Row) -> bool:
    """Say whether a row's time has no part of a second."""
    return re.search(r"[.,]\d", row.find("instant") or row.find("time_of_day") or "") is None


def reference(row: Row, column: str, ids: Collection[str], what: str) -> str:
    """Return a cell that is one of these ids, "" if it is none, which is noted."""
    written = row.text(column)
    if written and written not in ids:
        row.wrong(f"expected {column} as {choices_text(what, ids, written)}, got {as_toml(written)}")
        return ""
    return written


def row_at_ns(row: Row, event: Event, is_rough: bool = False) -> int:
    """Return the instant of a row, 0 if it is wrong: from `instant`, or from `time_of_day` on the date of its leg.

    `is_rough`: as people write it down, the minute is enough, and a day that is not the event's is taken as it is.
    """
    instant, of_day = row.find("instant"), row.find("time_of_day")
    if bool(instant) == bool(of_day):
        row.wrong(f"expected an instant or a time_of_day, got {'both' if instant else 'neither'}")
        return 0
    if instant:
        return _instant_ns(row, instant, event, is_rough)
    legs = {leg.id: leg.date for leg in event.legs}
    possible = legs_of(row.find("timing_point") or "", event) if not row.find("leg") else []
    leg = possible[0] if len(possible) == 1 else reference(row, "leg", legs, "a leg")
    return _time_of_day_ns(row, _whole(of_day or "", is_rough), legs[leg], event) if leg else 0


def legs_of(point: str, event: Event) -> list[str]:
    """Return the ids of the legs in which a timing point, or the one that it backs, is driven over; else all."""
    own = next((each.backup_of for each in event.timing_points if each.id == point and each.backup_of), point)
    of_point = {control.leg for control in event.controls if own in (control.opens, control.closes)}
    return [leg.id for leg in event.legs if leg.id in of_point or not of_point]


def _instant_ns(row: Row, written: str, event: Event, is_rough: bool) -> int:
    """Return what an ISO 8601 instant says, if it is near the event's days or `is_rough`."""
    match = INSTANT.fullmatch(written)
    try:
        moment = datetime.fromisoformat(f"{match[1]}T{match[2].zfill(8)}{match[4]}") if match else None
    except ValueError:  # a 30th of February, 25 o'clock
        moment = None
    if match is None or moment is None:
        row.wrong(f"expected instant with its offset from UTC, as 2027-05-23T09:00:00.25+02:00, got {as_toml(written)}")
        return 0
    days, at_ns = [leg.date for leg in event.legs], _ns(moment, match[3])
    if not is_rough and not is_near(at_ns, days):
        row.wrong(f"expected instant near the event's days, {min(days)} to {max(days)}, got {as_toml(written)}")
        return 0
    return at_ns


def _whole(written: str, is_rough: bool) -> str:
    """Return a time of day with its seconds, where the minute is enough."""
    return f"{written}:00" if is_rough and MINUTE.fullmatch(written) else written


def _time_of_day_ns(row: Row, written: str, day: date, event: Event) -> int:
    """Return the instant of a local time on a leg's date; 24:00:00 to 47:59:59 are hours of the night after it."""
    match = TIME_OF_DAY.fullmatch(written)
    if match is None or int(match[1]) >= 48:
        row.wrong(f"expected time_of_day as HH:MM:SS.cc up to 47:59:59.99, got {as_toml(written)}")
        return 0
    days, hour = divmod(int(match[1]), 24)
    clock = datetime.combine(day + timedelta(days=days), time(hour, int(match[2]), int(match[3])))
    try:
        at_ns = local_at_ns(clock.date(), clock.time(), event.timezone)
    except ValueError as error:
        row.wrong(f"expected a time that the clocks show once, got {error}: give it as an instant with its offset")
        return 0
    begins_ns = _first_start_ns(event, day) - EARLY_NS
    if at_ns < begins_ns and days == 0:
        begins = f"from {local_text(begins_ns, event.timezone)[11:16]} on, an hour before the leg's first start"
        night = f"{hour + 24}:{written.partition(':')[2]} for the night after, an instant for what was before"
        row.wrong(f"expected time_of_day {begins}, got {written}: write {night}")
        return 0
    return at_ns + _fraction_ns(match[4])


def _first_start_ns(event: Event, day: date) -> int:
    """Return the first start of the legs of a date."""
    legs = [leg.id for leg in event.legs if leg.date == day]
    return min(start.first_at_ns for race in event.races for start in race.starts if start.leg in legs)


def _ns(moment: datetime, digits: str | None) -> int:
    """Return ns since 1970 of a whole second and the digits behind its point."""
    return (moment - EPOCH) // timedelta(seconds=1) * NS_PER_S + _fraction_ns(digits)


def _fraction_ns(digits: str | None) -> int:
    return int((digits or "").ljust(9, "0"))
