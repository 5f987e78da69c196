"""Where a board stands, held against the timing points of the event: a board at another one's place is seen.

In the hall, the evening before, a fleet stands at no timing point: that is a note. A board that stands where another
timing point is, and not at its own, is a no-go.
"""

from collections.abc import Iterable, Sequence
from math import asin, cos, radians, sin, sqrt

from centesimo.model.event import TimingPoint

EARTH_M = 6_371_000
E7 = 10_000_000
AT_M = 150  # a receiver scatters by 50 m at worst, a point on a map is off by as much, and cables have a length

Position = tuple[int, int]  # latitude and longitude in 1e-7 degree


def judged_place(
    position: Position | None, own_points: Sequence[TimingPoint], points: Iterable[TimingPoint]
) -> tuple[str, str]:
    """Return why a board that stands there is no go, and what a person should know of it; "" for neither.

    own_points  the timing points that it serves; points: all of the event
    """
    distances = [(distance_m(position, point.position), point) for point in own_points if position and point.position]
    if not distances:
        return "", ""
    away_m, point = min(distances, key=lambda pair: pair[0])
    if away_m <= AT_M:
        return "", ""
    away = f"it stands {distance_text(away_m)} from {point.id} {point.place}"
    near = [(distance_m(position, of.position), of) for of in points if of not in own_points]
    near_m, nearest = min(near, key=lambda pair: pair[0], default=(float("inf"), point))
    if near_m > AT_M:
        return "", f"{away}, and at no other timing point"
    return f"{away}, at {nearest.id} {nearest.place} ({distance_text(near_m)}): exchange the boards", ""


def distance_m(first: Position | None, second: Position | None) -> float:
    """Return the metres between two places on a sphere, within half a percent; infinity where one is not known."""
    if first is None or second is None:
        return float("inf")
    (latitude, longitude), (to_latitude, to_longitude) = (
        tuple(radians(angle / E7) for angle in place) for place in (first, second)
    )
    half = sin((to_latitude - latitude) / 2) ** 2
    half += cos(latitude) * cos(to_latitude) * sin((to_longitude - longitude) / 2) ** 2
    return 2 * EARTH_M * asin(min(1.0, sqrt(half)))


def distance_text(metres: float) -> str:
    """Return a distance as people say it: 20 m, 1.4 km."""
    return f"{metres:.0f} m" if metres < 950 else f"{metres / 1000:.1f} km"
