"""Axes in numbers that people read: how far up and down, where the hours are, and how a value is written."""

from collections.abc import Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from centesimo.publish.render import MINUS

NICE_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1200, 3600)
SHOWN = 0.9  # of the values lie inside the axis; the others stand at its end
STEPS_S = (300, 600, 900, 1800, 3600, 7200, 14_400, 28_800)
MOST_LABELS = 9
S_NS = 1_000_000_000


def reach_s(values_s: Iterable[float]) -> float:
    """Return how far an axis goes up and down from zero, so that nearly all values lie on it."""
    sizes = sorted(abs(value_s) for value_s in values_s)
    wanted = sizes[int(SHOWN * (len(sizes) - 1))] if sizes else 0.0
    return next((nice_s for nice_s in NICE_S if nice_s >= wanted), NICE_S[-1])


def y_labels(reach: float) -> list[tuple[float, str]]:
    """Return the labels of an axis of seconds from -reach to reach."""
    return [(part * reach, signed(part * reach)) for part in (-1, -0.5, 0, 0.5, 1)]


def signed(late_s: float) -> str:
    """Return seconds late (+) or early in the unit that people read: "+0.05 s", "−2 min", "0"."""
    if late_s == 0:
        return "0"
    text = f"{late_s / 60:+g} min" if abs(late_s) >= 60 else f"{late_s:+g} s"
    return text.replace("-", MINUS)


def signed_cs(late_s: float) -> str:
    """Return seconds late (+) or early to the hundredth: "+0.05 s"."""
    return f"{round(late_s, 2) + 0.0:+.2f} s".replace("-", MINUS)  # no -0.00


def hundredths(late_s: float) -> str:
    """Return a deviation as it counts: "0.05 s late"."""
    return (
        f"{abs(late_s):.2f} s {'late' if late_s >= 0 else 'early'}" if round(late_s, 2) else "on time to the hundredth"
    )


def hours(first_ns: int, last_ns: int, timezone: ZoneInfo) -> list[tuple[float, str]]:
    """Return labels of an axis of s since 1970, in local time: each a round part of an hour, at most MOST_LABELS."""
    long_s = (last_ns - first_ns) // S_NS
    step_s = next((long_step_s for long_step_s in STEPS_S if long_s // long_step_s < MOST_LABELS), STEPS_S[-1])
    start_s = -(-first_ns // S_NS // step_s) * step_s
    return [(float(at_s), clock(at_s * S_NS, timezone)[:5]) for at_s in range(start_s, last_ns // S_NS + 1, step_s)]


def clock(at_ns: int, timezone: ZoneInfo) -> str:
    """Return an instant as local time of day to the second: "10:05:58"."""
    return f"{datetime.fromtimestamp(at_ns // S_NS, UTC).astimezone(timezone):%H:%M:%S}"
