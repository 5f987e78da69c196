"""Instants to local time, as crews read it on the official clock, and back; a time shown twice or never is refused."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAYS_AROUND = 2  # before the first leg's date and after the last one's an instant is taken for a slip of the pen
NS_PER_S = 1_000_000_000


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
