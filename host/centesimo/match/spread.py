"""How far cars are from the ideal time between two points: measured on the chain itself, from what is plain.

A field has crews that keep to hundredths and crews that keep to seconds, and each has a bad moment: a deviation is one
of several widths, each four times the one before. What share each has follows from the pairs of passages that can only
be the same car's, beside a guess that stands for as much as GUESSED pairs.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from math import exp
from typing import Self

import numpy as np

from centesimo.match.model import bell
from centesimo.match.nearest import Ats, nearest_of
from centesimo.match.parameters import Floats

WINDOW_S = 120.0
WIDTHS = 6  # the narrowest is a quarter of the point's sigma
GUESS = 0.5, 0.4, 0.02, 0.02, 0.01, 0.01  # of those widths; the rest has a heavy tail
GUESSED = 20.0
TAIL = 5.0  # the width of that is so many sigma
ROUNDS = 12  # of fitting the shares
PLAIN = 4.0  # a pair is plain if anything else is this many times as far away
FINE_S, FINE, MIDDLE_S, MIDDLE = 1.0, 100, 12.0, 10  # up to so far the density is told in steps of so many to a second


class Spread:
    """How likely a deviation from the ideal time is, a second.

    `deviations_s`: those that are plain; `ideals_s`: the ideal times of the races that drive here, less the one that
    the instants were reduced by.
    """

    def __init__(self, sigma_s: float, deviations_s: Iterable[float] = ()) -> None:
        self.ideals_s: tuple[float, ...] = (0.0,)
        self._widths_s = [sigma_s / 4 * 4**place for place in range(WIDTHS)]
        self._tail_s = TAIL * sigma_s
        self._shares = self._fitted(deviations_s)
        self._fine = [self._density((step + 0.5) / FINE) for step in range(int(FINE_S * FINE))]
        self._middle = [self._density((step + 0.5) / MIDDLE) for step in range(int(MIDDLE_S * MIDDLE))]
        self._coarse = [self._density(step + 0.5) for step in range(int(WINDOW_S))]

    def around(self, ideals_s: Sequence[float]) -> Self:
        """Return the same about these ideal times."""
        other = copy(self)
        other.ideals_s = tuple(ideals_s)
        return other

    def __call__(self, deviation_s: float) -> float:
        """Return the density at a deviation in s, 0 outside the window."""
        return self.at(min(abs(deviation_s - ideal_s) for ideal_s in self.ideals_s))

    def at(self, away_s: float) -> float:
        """Return the density that far off the nearest ideal time."""
        if away_s < FINE_S:
            return self._fine[int(away_s * FINE)]
        if away_s < MIDDLE_S:
            return self._middle[int(away_s * MIDDLE)]
        return self._coarse[int(away_s)] if away_s < WINDOW_S else 0.0

    def all_at(self, aways_s: Floats) -> list[float]:
        """Return the density that far off, for many at once."""
        table = [*self._fine, *self._middle, *self._coarse, 0.0]
        middle, coarse = len(self._fine), len(self._fine) + len(self._middle)
        within = np.minimum(aways_s, WINDOW_S)
        steps = np.where(within < MIDDLE_S, middle + (within * MIDDLE).astype(int), coarse + within.astype(int))
        steps = np.where(within < FINE_S, (within * FINE).astype(int), steps)
        densities: list[float] = np.array(table)[steps].tolist()
        return densities

    def _density(self, away_s: float) -> float:
        return sum(share * one for share, one in zip(self._shares, self._parts(away_s), strict=True))

    def _parts(self, away_s: float) -> list[float]:
        """Return the density of each width, and of the tail."""
        parts = [_normal(away_s, width_s) for width_s in self._widths_s]
        return [*parts, bell(away_s, self._tail_s)]

    def _fitted(self, deviations_s: Iterable[float]) -> list[float]:
        """Return the share of each width, likeliest by the guess and the deviations (expectation maximisation)."""
        guess = [*GUESS, 1 - sum(GUESS)]
        count_by_size = Counter(_sizes(deviations_s))
        parts_by_size = {size: self._parts(size) for size in count_by_size}
        whole = GUESSED + sum(count_by_size.values())
        shares = guess
        for _ in range(ROUNDS if count_by_size else 0):
            found = [GUESSED * share for share in guess]
            for size, count in count_by_size.items():
                its = [share * part for share, part in zip(shares, parts_by_size[size], strict=True)]
                scale = count / sum(its)
                found = [so_far + one * scale for so_far, one in zip(found, its, strict=True)]
            shares = [one / whole for one in found]
        return shares


def plain(before: Ats, after: Ats, ideals_s: Sequence[float]) -> Iterator[float]:
    """Yield the deviations of passages (s, in order) at two points that can only be the same cars'."""
    if not before or not after:
        return
    forth = [nearest_of(after, before, (ideal_s,)) for ideal_s in ideals_s]
    back = [nearest_of(before, after, (-ideal_s,)) for ideal_s in ideals_s]
    ideal = np.argmin([its.aways_s for its in forth], axis=0)  # of equals the first
    places, aways_s, nexts_s = (
        np.choose(ideal, [its[column] for its in forth]) if len(forth) > 1 else forth[0][column] for column in range(3)
    )
    other_nexts_s = np.array([its.nexts_s for its in back])[ideal, places]
    yield from aways_s[np.minimum(nexts_s, other_nexts_s) > PLAIN * aways_s].tolist()


def _sizes(deviations_s: Iterable[float]) -> list[float]:
    """Return deviations rounded to an eighth of their sizes, from a thousandth of a second up."""
    parts, powers = np.frexp(np.maximum(np.abs(np.fromiter(deviations_s, float)), 1e-3))
    sizes: list[float] = np.ldexp(np.rint(parts * 16) / 16, powers).tolist()
    return sizes


def _normal(away_s: float, width_s: float) -> float:
    return 0.3989 / width_s * exp(-0.5 * (away_s / width_s) ** 2)
