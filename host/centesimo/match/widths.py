"""How far something keeps from where it should be: a density made of widths whose shares are fitted to the day.

A field has crews that keep to hundredths and crews that keep to seconds, and each has a bad moment: a deviation is one
of several widths, each four times the one before, or lies anywhere. What share each width has follows from the
deviations that are plain, beside a guess that stands for so many of them.
"""

from copy import copy
from dataclasses import dataclass, field
from math import log1p
from typing import Self

import numpy as np

from centesimo.match.parameters import BAD_MOMENT, FAR_OFF_S, ROUNDS, STEPS, TABLE_S, Floats


@dataclass(frozen=True)
class Guess:
    """What is usual before anything is measured: the narrowest width, each width's share, worth so many deviations."""

    width_s: float
    shares: tuple[float, ...]  # what is left of 1 lies anywhere
    worth: float


@dataclass
class Widths:
    """A density of deviations in s, the same on either side."""

    guess: Guess
    shares: Floats = field(init=False)
    _table: Floats = field(init=False)

    def __post_init__(self) -> None:
        self._scales = self.guess.width_s * 4.0 ** np.arange(len(self.guess.shares))
        self._take(np.array([*self.guess.shares, 1 - sum(self.guess.shares)]))

    def fitted(self, deviations_s: Floats) -> Self:
        """Return the density whose shares are likeliest by the guess and these deviations."""
        fitted = type(self)(self.guess)
        if len(deviations_s):
            prior = self.guess.worth * fitted.shares
            parts = fitted._parts(np.abs(deviations_s))
            shares = fitted.shares
            for _ in range(ROUNDS):
                weights = parts * shares
                shares = prior + (weights / weights.sum(1, keepdims=True)).sum(0)
                shares = shares / shares.sum()
            fitted._take(shares)
        return fitted

    def __call__(self, deviations_s: Floats) -> Floats:
        """Return the density a second at these deviations."""
        steps = np.log1p(np.abs(deviations_s) / TABLE_S) * STEPS
        density: Floats = self._table[np.minimum(steps, len(self._table) - 1).astype(int)]
        return density

    def at(self, deviation_s: float) -> float:
        """Return the density a second at one deviation."""
        step = int(log1p(abs(deviation_s) / TABLE_S) * STEPS)
        return float(self._table[min(step, len(self._table) - 1)])

    def blurred(self, by: "Widths") -> "Widths":
        """Return the density of a deviation of this kind and one of another kind together."""
        both = copy(self)
        both._scales = np.sqrt(np.add.outer(self._scales**2, by._scales**2)).ravel()
        near = np.outer(self.shares[:-1], by.shares[:-1]).ravel()
        both._take(np.array([*near, 1 - near.sum()]))
        return both

    def of_kinds(self, kinds: Floats) -> "Widths":
        """Return the density of one that keeps to each width with that chance, but for bad moments."""
        own = copy(self)
        own._take(BAD_MOMENT * self.shares + (1 - BAD_MOMENT) * kinds)
        return own

    @property
    def usual_s(self) -> float:
        """Twice the width within which two in three deviations lie."""
        order = np.cumsum(self.shares[:-1])
        return float(2 * self._scales[min(int(np.searchsorted(order, 2 / 3)), len(self._scales) - 1)])

    def _take(self, shares: Floats) -> None:
        self.shares = shares
        at_s = TABLE_S * np.expm1((np.arange(int(np.log1p(8 * FAR_OFF_S / TABLE_S) * STEPS)) + 0.5) / STEPS)
        self._table = self._parts(at_s) @ shares

    def _parts(self, away_s: Floats) -> Floats:
        """Return the density of each width, and of anywhere, in columns."""
        away_s = away_s[:, None]
        normal = 0.39894 / self._scales * np.exp(-0.5 * (away_s / self._scales) ** 2)
        anywhere = np.exp(-away_s / FAR_OFF_S) / (2 * FAR_OFF_S)
        return np.hstack([normal, anywhere])
