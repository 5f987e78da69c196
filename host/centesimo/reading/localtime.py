"""Instants to local time, as crews read it on the official clock, and back; a time shown twice or never is refused."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAYS_AROUND = 2  # before the first leg's date and after the last one's an instant is taken for a slip of the pen
NS_PER_S = 1_000_000_000
NS_PER_CS = 10_000_000
NS_PER_DAY = 86_400 * NS_PER_S
HOUR_NS = 3600 * NS_PER_S


class LegClock(NamedTuple):
    """The official clock on the days of a leg, which goes on past midnight: 27:02:20 is 03:02:20 of the night after."""

    day: date
    zone: ZoneInfo
    offset_ns: int | None  # of local time from UTC; None: the clocks change in these days

    def shown_cs(self, at_ns: int) -> int:
        """Return what it shows at an instant, 1/100 s since 00:00 of the leg's date; what follows is dropped."""
        offset_ns = _offset_ns(at_ns, self.zone) if self.offset_ns is None else self.offset_ns
        begin_ns = (self.day.toordinal() - EPOCH.toordinal()) * NS_PER_DAY
        return (at_ns + offset_ns - begin_ns) // NS_PER_CS

    def until_ns(self, at_ns: int, shown_cs: int) -> int:
        """Return how long after an instant it shows a time, negative before it, whole 1/100 s."""
        wall_ns = (shown_cs - self.shown_cs(at_ns)) * NS_PER_CS
        changed = (wall_ns + shift_ns for shift_ns in (0, HOUR_NS, -HOUR_NS))
        return next((time_ns for time_ns in changed if self.shown_cs(at_ns + time_ns) == shown_cs), wall_ns)


def leg_clock(day: date, zone: ZoneInfo) -> LegClock:
    """Return the clock of a leg of this date."""
    begin_ns = (day.toordinal() - EPOCH.toordinal()) * NS_PER_DAY
    offsets = {_offset_ns(begin_ns + days * NS_PER_DAY, zone) for days in (-1, 0, 1, 2, 3)}
    return LegClock(day, zone, offsets.pop() if len(offsets) == 1 else None)


def _offset_ns(at_ns: int, zone: ZoneInfo) -> int:
    offset = datetime.fromtimestamp(at_ns // NS_PER_S, zone).utcoffset() or timedelta()
    return offset // timedelta(microseconds=1) * 1000


def local_text(at_ns: int, zone: ZoneInfo) -> str:
    """Return an instant as 2027-05-23T10:05:58.601234 of local time; what follows the microseconds is dropped."""
    local = datetime.fromtimestamp(at_ns // NS_PER_S, UTC).astimezone(zone)
    return f"{local:%Y-%m-%dT%H:%M:%S}.{at_ns % NS_PER_S // 1000:06}"


def offset_at(at_ns: int, zone: ZoneInfo) -> str:
    """Return the offset of local time from UTC at an instant: "+02:00"."""
    return datetime.fromtimestamp(at_ns // NS_PER_S, zone).isoformat()[-len("+02:00") :]


def offset_if_twice(at_ns: int, zone: ZoneInfo) -> str:
    """Return the offset from UTC where the clocks show an instant's local time twice, else ""."""
    local = datetime.fromtimestamp(at_ns // NS_PER_S, zone)
    is_twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return offset_at(at_ns, zone) if is_twice else ""


def local_at_ns(day: date, hour: time, zone: ZoneInfo) -> int:
    """Return the instant, ns since 1970, of a local date and time; ValueError if clocks show it never, or twice."""
    local = datetime.combine(day, hour, zone)
    what = f"{hour.isoformat()} on {day.isoformat()} in {zone.key}"
    try:
        first, second = local.replace(fold=0).astimezone(UTC), local.replace(fold=1).astimezone(UTC)
    except OverflowError as error:  # on the first or the last day of the calendar
        raise ValueError(f"{what}, which no calendar has in UTC") from error
    if first.astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise ValueError(f"{what}, which the clocks skip as summer time begins")
    if first != second:
        raise ValueError(f"{what}, which the clocks show twice as summer time ends")
    return (first - EPOCH) // timedelta(microseconds=1) * 1000


def is_near(at_ns: int, days: Collection[date], days_after: int = DAYS_AROUND) -> bool:
    """Say whether an instant (ns since 1970) is at most DAYS_AROUND days before these days or `days_after` after.

    Its day is that of UTC.
    """
    day = at_ns // 86_400_000_000_000 + EPOCH.toordinal()
    return min(days).toordinal() - DAYS_AROUND <= day <= max(days).toordinal() + days_after
