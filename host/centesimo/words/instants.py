"""The words for instants and passages: local times as the official clock shows them, never an id alone."""

from zoneinfo import ZoneInfo

from centesimo.model.event import Event
from centesimo.model.facts import Passage
from centesimo.model.said import said
from centesimo.reading.localtime import local_text, offset_if_twice
from centesimo.words.english import PLACE

AT_NO_TIME = "{timing_point} at a time that is not known"
HUNDREDTH, OF_SECOND, OF_MINUTE = len("10:05:58.60"), len("10:05:58"), len("10:05")


def shown_at(event: Event, at_ns: int | None) -> str:
    """Return an instant as local date and time to the microsecond; "" when it is not known."""
    return "" if at_ns is None else local_text(at_ns, event.timezone)


def time_of_day(at_ns: int, timezone: ZoneInfo) -> str:
    """Return an instant as local time of day, cut to 1/100 s: "10:05:58.60"."""
    return local_text(at_ns, timezone).partition("T")[2][:HUNDREDTH]


def date_and_time(at_ns: int, timezone: ZoneInfo) -> str:
    """Return an instant as local date and time, cut to 1/100 s: "2027-05-23 10:05:58.60"."""
    day, _, hour = local_text(at_ns, timezone).partition("T")
    return f"{day} {hour[:HUNDREDTH]}"


def clock_at(event: Event, at_ns: int | None, digits: int = HUNDREDTH) -> str:
    """Return an instant as local time; "" when it is not known.

    With its date where the event has several days, with its offset from UTC where the clocks show that hour twice.
    """
    several = len({leg.date for leg in event.legs}) > 1
    return dated_at(event, at_ns, digits) if several else dated_at(event, at_ns, digits).partition(" ")[2]


def dated_at(event: Event, at_ns: int | None, digits: int = OF_MINUTE) -> str:
    """Return an instant as local date and time, with its offset where the clocks show that hour twice; "": unknown."""
    if at_ns is None:
        return ""
    day, _, hour = shown_at(event, at_ns).partition("T")
    return f"{day} {hour[:digits]}{offset_if_twice(at_ns, event.timezone)}"


def shown_passage(event: Event, passage: Passage) -> str:
    """Return where and when a passage was: "A1 at 10:05:58.60"."""
    clock = clock_at(event, passage.at_ns)
    if not clock:
        return said(AT_NO_TIME, timing_point=passage.timing_point)
    return said(PLACE, timing_point=passage.timing_point, clock=clock)
