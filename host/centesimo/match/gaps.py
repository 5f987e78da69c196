"""The gap of two axles as evidence of which car it is: a wheelbase is constant, and so, nearly, is how a crew drives.

A gap is told as the logarithm of how much longer it is than usual at that point (the median of the cars that came
there), so that fast and slow points compare. How far one gap of a car tells the next is measured on the chain itself,
from the passages whose link is clear without it: where speeds are anyone's, it tells nothing.
"""

from collections.abc import Sequence
from math import exp, log, sqrt
from statistics import median

from centesimo.model.facts import Passage

USUAL, USUAL_SQUARE = 30, 0.03  # before anything is measured: so many pairs that tell nothing, of this variance
MOST_ALIKE = 0.95
LEAST, MOST = 0.05, 20.0  # a gap may be another one for once, and a car another's twin


class Gaps:
    """How alike the gaps of a car are on one chain; filled from its clear links."""

    def __init__(self) -> None:
        self._both = 0.0
        self._squares = USUAL * USUAL_SQUARE
        self._count = USUAL

    def add(self, before: float | None, after: float | None) -> None:
        """Learn from two gaps of one car."""
        if before is not None and after is not None:
            self._both += before * after
            self._squares += (before * before + after * after) / 2
            self._count += 1

    def alike(self, before: float | None, after: float | None) -> float:
        """Return how much likelier a gap follows another when the car is the same than when it is any other."""
        if before is None or after is None:
            return 1.0
        share = min(max(self._both / self._squares, 0.0), MOST_ALIKE)
        variance = self._squares / self._count
        left = 1 - share * share
        exponent = (after * after - (after - share * before) ** 2 / left) / (2 * variance)
        return min(max(exp(min(exponent, 9.0)) / sqrt(left), LEAST), MOST)


def relative_gaps(passages: Sequence[Passage]) -> list[float | None]:
    """Return how much longer each passage's axle gap is than usual at its point, as a logarithm; None: not known."""
    known = [one.axle_ns for one in passages if one.axle_ns]
    if not known:
        return [None] * len(passages)
    usual_ns = median(known)
    return [log(one.axle_ns / usual_ns) if one.axle_ns else None for one in passages]
