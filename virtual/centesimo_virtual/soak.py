"""A long time in the field: a week, or a part of it, in which all happens to a board's time that a week may bring.

It begins at noon before a month, a GPS week and a day begin at once, with a leap second there. The receiver starts cold
and is 2 s wrong until it knows the leap seconds; it is off every afternoon and over every midnight but that one, and
once a day the fix is lost for an hour, in which the crystal drifts as fast and as far as docs/time.md allows a crystal
to. Cars pass all the time, and one after another over the leap second.
"""

import math

from centesimo_virtual.scenario import NS, OFF, Crossing, Crystal, Outage, Receiver, Scenario

START_NS = 1_793_448_000 * NS  # 2026-10-31 12:00:00 UTC, a Saturday
MIDNIGHT_S = 12 * 3600  # GPS weeks begin on Sundays
HOUR_S, DAY_S = 3600, 86_400
WEEK_H = 168

COLD_S = 60  # until the first fix
WRONG_UNTIL_S = 750  # 12.5 min
LOST_AT_S = 6 * HOUR_S  # each day, counted from noon
OFF_AT_S = (3 * HOUR_S, int(11.75 * HOUR_S))  # likewise; the second time over midnight, but for the leap second
OFF_S = 1200
CROWD_S, CROWD_EVERY_S = 20, 0.7  # cars around the leap second: so long before and after, one every so often

PPM = 11.0
SWING_PPM = 1.0  # over a day
DRIFT_PPM = 8.5
DRIFT_S = 1000  # 8.5 ppb a second, and 0.1 for the swing: w is 10


def soak(hours: float, every_s: float = 151.3) -> Scenario:
    """Return the first hours (0.5 .. WEEK_H) of the week, with a car over one of the tubes every so many seconds."""
    duration_s = hours * HOUR_S
    days = range(math.ceil(hours / 24))
    offs = [day * DAY_S + at_s for day in days for at_s in OFF_AT_S if (day, at_s) != (0, OFF_AT_S[1])]
    outages = [Outage(day * DAY_S + LOST_AT_S, day * DAY_S + LOST_AT_S + HOUR_S) for day in days]
    outages += [Outage(at_s, at_s + OFF_S, OFF) for at_s in offs]
    passing_s = [20 + number * every_s for number in range(int((duration_s - 30) / every_s))]
    if hours > 12:
        crowd = range(int(2 * CROWD_S / CROWD_EVERY_S))
        passing_s += [MIDNIGHT_S - CROWD_S + number * CROWD_EVERY_S for number in crowd]
    crossings = tuple(
        Crossing(START_NS + round(at_s * NS), 1 + number % 4, speed_kmh=25 + number % 80)
        for number, at_s in enumerate(sorted(passing_s))
    )
    return Scenario(
        START_NS,
        duration_s,
        crystal=Crystal(tuple((at_s, _ppm(at_s)) for at_s in _bends(duration_s))),
        receiver=Receiver(
            silent_s=5, fix_s=COLD_S, wrong_s=2, wrong_until_s=WRONG_UNTIL_S, ubx=True, leap_known_s=WRONG_UNTIL_S,
            outages=tuple(outages),
        ),
        crossings=crossings,
        leap_at_s=MIDNIGHT_S if hours > 12 else None,
    )  # fmt: skip


def _bends(duration_s: float) -> list[float]:
    """Return the seconds at which the crystal's rate is given; it is linear between them."""
    bends_s = {float(at_s) for at_s in range(0, int(duration_s) + HOUR_S, HOUR_S // 2)}
    for day in range(math.ceil(duration_s / DAY_S)):
        lost_s = day * DAY_S + LOST_AT_S
        bends_s |= {lost_s, lost_s + DRIFT_S, lost_s + HOUR_S, lost_s + HOUR_S + DRIFT_S}
    return sorted(bends_s)


def _ppm(at_s: float) -> float:
    """Return how fast the crystal is: a swing over the day, and a drift away and back again around the lost hour."""
    since_s = at_s % DAY_S - LOST_AT_S
    drift = min(max(since_s, 0) / DRIFT_S, 1) - min(max(since_s - HOUR_S, 0) / DRIFT_S, 1)
    sign = 1 if int(at_s / DAY_S) % 2 else -1
    return PPM + SWING_PPM * math.sin(2 * math.pi * at_s / DAY_S) + sign * DRIFT_PPM * drift
