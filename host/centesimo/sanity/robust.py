"""Robust statistics: the middle of many values of which some are far off, and whether it changed; plain numbers.

Each value has its own scale (how far it usually is from the middle). The middle is Huber's estimate: values near it
count by 1 / scale^2, and a value beyond BEND scales pulls no harder than one at BEND. Its standard error is estimated
from the actual scatter (the sandwich estimator), so a wrong scale makes the middle less sharp but never the error too
small. To find a change, the pulls are added up in order of time: when nothing has changed, their sum wanders like a
Brownian bridge.
"""

from collections.abc import Sequence
from math import exp, log, sqrt
from statistics import NormalDist, median
from typing import NamedTuple

BEND = 1.5  # scales from which a value counts no more: 96 % as sharp as the mean when all is normal
STEPS = 4  # of the estimate; it moves by less than a hundredth of its error in the last
MAD = 1.4826  # a normal scale from the median distance
FEWEST = 8.0  # values that an estimate needs, counted by their weights
LEAST_SPREAD = 0.25  # scales that values are believed to scatter by, however alike they are: they are whole hundredths
RARE = 0.01  # chance above which a change is none
_NORMAL = NormalDist()


class Located(NamedTuple):
    """The middle of some values with its standard error, in their unit."""

    middle: float
    error: float  # standard error of the middle
    resting: float  # how many values it rests on: one that counts little counts little here
    shares: tuple[float, ...] = ()  # what each value has moved the middle by; the root of their squares is the error


class Change(NamedTuple):
    """A change of values in order of time: they follow base + size x level."""

    levels: tuple[float, ...]  # of each value: 0 before and 1 after a step, 0 .. 1 as time goes on for a drift
    base: float
    size: Located
    chance: float  # that as much comes about without a change, 0 .. 1
    step: int | None  # place of the first value after the step; None: a drift


def locate(values: Sequence[float], scales: Sequence[float]) -> Located | None:
    """Return the middle of values, each with its scale (above 0), or None when they are too few."""
    if not values or _count(scales) < FEWEST:
        return None
    middle = _weighted_median(values, scales)
    spread = _spread(values, scales, middle)
    slope = 1.0
    for _ in range(STEPS):
        pulls, slope = _pulls(values, scales, middle, spread)
        middle += sum(pulls) / slope
    pulls, slope = _pulls(values, scales, middle, spread)
    return _located(middle, [pull / slope for pull in pulls], scales, 1)


def _located(middle: float, moved: Sequence[float], scales: Sequence[float], taken: int) -> Located:
    """Return an estimate with its error, enlarged for the `taken` fitted parameters (as n - 1 in a variance)."""
    count = _count(scales)
    more = sqrt(count / (count - taken))
    shares = tuple(share * more for share in moved)
    least = LEAST_SPREAD / sqrt(sum(1 / (scale * scale) for scale in scales))
    return Located(middle, max(sqrt(sum(share * share for share in shares)), least), count / taken, shares)


def find_change(values: Sequence[float], scales: Sequence[float], times: Sequence[float]) -> Change | None:
    """Return the likeliest change of values in order of time; None when it may be chance or the values are too few."""
    whole = locate(values, scales)
    if whole is None or times[0] == times[-1]:
        return None
    step, by_chance = _highest(values, scales, whole.middle)
    if by_chance > RARE or min(_count(scales[:step]), _count(scales[step:])) < FEWEST:
        return None
    stepped = tuple(float(place >= step) for place in range(len(values)))
    drifted = tuple((time - times[0]) / (times[-1] - times[0]) for time in times)
    ways = [(regress(values, scales, stepped), stepped, step), (regress(values, scales, drifted), drifted, None)]
    (base, size, _), levels, at = min(ways, key=lambda way: way[0][2])
    return Change(levels, base, size, by_chance, at)


def _highest(values: Sequence[float], scales: Sequence[float], middle: float) -> tuple[int, float]:
    """Return the index at which the sum of the pulls is farthest from zero, and its chance where nothing changed."""
    pulls, _ = _pulls(values, scales, middle, _spread(values, scales, middle))
    total = highest = 0.0
    at = 0
    for place, pull in enumerate(pulls, 1):
        total += pull
        if abs(total) > highest:
            highest, at = abs(total), place
    return at, _bridge(highest / (sqrt(sum(pull * pull for pull in pulls)) or 1.0))


def regress(values: Sequence[float], scales: Sequence[float], levels: Sequence[float]) -> tuple[float, Located, float]:
    """Return the base and size with which base + size x level fits the values best, and the sum of the losses left.

    Values that are far off pull no harder than one at BEND scales, as in `locate`.
    """
    base, size, spread = _weighted_median(values, scales), 0.0, 1.0
    rows = list(zip(values, scales, levels, strict=True))
    for _ in range(STEPS):
        left = [value - base - size * level for value, _, level in rows]
        spread = _spread(left, scales, 0.0)
        weights = [_weight(residual, scale * spread) for residual, scale in zip(left, scales, strict=True)]
        total = sum(weights)
        mean = sum(weight * level for weight, level in zip(weights, levels, strict=True)) / total
        wide = sum(weight * (level - mean) ** 2 for weight, level in zip(weights, levels, strict=True)) or 1.0
        rise = (
            sum(weight * (row[2] - mean) * residual for weight, row, residual in zip(weights, rows, left, strict=True))
            / wide
        )
        base += sum(weight * residual for weight, residual in zip(weights, left, strict=True)) / total - rise * mean
        size += rise
    moved = [
        weight * (row[2] - mean) * residual / wide for weight, row, residual in zip(weights, rows, left, strict=True)
    ]
    losses = sum(_loss(residual / scale) for residual, scale in zip(left, scales, strict=True))
    return base, _located(size, moved, scales, 2), losses


def _weight(apart: float, unit: float) -> float:
    """Return the weight of a value that is `apart` from the middle: 1 / unit^2, less beyond BEND units."""
    return min(1.0, BEND * unit / max(abs(apart), 1e-9)) / (unit * unit)


def _loss(apart: float) -> float:
    """Return Huber's loss of a value so many scales off."""
    apart = abs(apart)
    return apart * apart / 2 if apart < BEND else BEND * apart - BEND * BEND / 2


def chance(beyond: float, count: float) -> float:
    """Return the chance that a middle is `beyond` of its errors away from where it should be, on either side.

    Student's t for `count` values, by Wallace's approximation to the normal (Biometrika 46, 1959).
    """
    free = max(count - 1, 1.0)
    normal = (8 * free + 1) / (8 * free + 3) * sqrt(free * log(1 + beyond * beyond / free))
    return 2 * _NORMAL.cdf(-normal)


def solve(rows: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    """Return the x that solves rows x = right for a small covariance matrix (Gaussian elimination with pivoting)."""
    left = [[*row, value] for row, value in zip(rows, right, strict=True)]
    size = len(left)
    for place in range(size):
        best = max(range(place, size), key=lambda row: abs(left[row][place]))
        left[place], left[best] = left[best], left[place]
        for row in range(size):
            if row != place:
                factor = left[row][place] / left[place][place]
                left[row] = [value - factor * pivot for value, pivot in zip(left[row], left[place], strict=True)]
    return [left[row][size] / left[row][row] for row in range(size)]


def scale_of(distances: Sequence[float]) -> float:
    """Return the scale that follows from distances from the middle (each 0 or more); 0 where there are none."""
    return MAD * median(distances) if distances else 0.0


def _count(scales: Sequence[float]) -> float:
    """Return how many values of equal weight would be as informative as these."""
    weights = [1 / (scale * scale) for scale in scales]
    squares = sum(weight * weight for weight in weights)
    return sum(weights) ** 2 / squares if squares else 0.0


def _weighted_median(values: Sequence[float], scales: Sequence[float]) -> float:
    """Return the weighted median: half of the weight (1 / scale of each value) lies on either side."""
    pairs = sorted((value, 1 / scale) for value, scale in zip(values, scales, strict=True))
    half, total = sum(weight for _, weight in pairs) / 2, 0.0
    for value, weight in pairs:
        total += weight
        if total >= half:
            return value
    return pairs[-1][0]


def _spread(values: Sequence[float], scales: Sequence[float], middle: float) -> float:
    """Return the typical distance of values from a middle in their scales: about 1, never below a minimum."""
    apart = [abs(value - middle) / scale for value, scale in zip(values, scales, strict=True)]
    return max(scale_of(apart), LEAST_SPREAD)


def _pulls(values: Sequence[float], scales: Sequence[float], middle: float, spread: float) -> tuple[list[float], float]:
    """Return each value's pull on a middle, limited at BEND, and the derivative of their sum by the middle."""
    pulls, slope = [], 0.0
    for value, scale in zip(values, scales, strict=True):
        unit = scale * spread
        apart = (value - middle) / unit
        if -BEND < apart < BEND:
            pulls.append(apart / unit)
            slope += 1 / (unit * unit)
        else:
            pulls.append((BEND if apart > 0 else -BEND) / unit)
    return pulls, slope or 1.0


def _bridge(height: float) -> float:
    """Return the chance that a Brownian bridge comes as high as this on either side (Kolmogorov's distribution)."""
    if height < 0.3:
        return 1.0
    terms = (exp(-2 * (term * height) ** 2) * (1 if term % 2 else -1) for term in range(1, 20))
    return min(1.0, max(0.0, 2 * sum(terms)))
