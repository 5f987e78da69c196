"""Local time, as crews read it on the official clock, becomes an instant; the hours of clock changes are refused."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def local_at_ns(day: date, hour: time, zone: ZoneInfo) -> int:
    """Return the instant, ns since 1970, of a local date and time; ValueError if it never is, or is twice."""
    local = datetime.combine(day, hour, zone)
    first, second = local.replace(fold=0).astimezone(UTC), local.replace(fold=1).astimezone(UTC)
    what = f"{hour.isoformat()} on {day.isoformat()} in {zone.key}"
    if first.astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise ValueError(f"{what}, which the clocks skip as summer time begins")
    if first != second:
        raise ValueError(f"{what}, which the clocks show twice as summer time ends")
    return (first - EPOCH) // timedelta(microseconds=1) * 1000
