"""Which of some instants is nearest to another one, and how far the next one is; instants in s, in order."""

from bisect import bisect_left
from collections.abc import Sequence
from math import inf
from typing import NamedTuple

import numpy as np

from centesimo.match.parameters import Floats, Ints

Ats = Sequence[float]
Nearest = tuple[int, float, float]  # index, or -1 for none; distance of it and of the next one


class AllNearest(NamedTuple):
    """What `nearest` returns for each of many targets."""

    places: Ints
    aways_s: Floats
    nexts_s: Floats


def nearest_of(ats: Ats, others_s: Ats, ideals_s: Sequence[float]) -> AllNearest:
    """Return what `nearest` does for each of `others_s` plus any ideal time."""
    targets = np.asarray(others_s, float)
    if len(ideals_s) > 1:
        return _each([nearest(ats, [other_s + ideal_s for ideal_s in ideals_s]) for other_s in targets.tolist()])
    targets = targets + ideals_s[0]
    padded = np.concatenate([(-inf, -inf), ats, (inf, inf)])
    after = np.searchsorted(padded[2:-2], targets) + 2
    before_s, behind_s = targets - padded[after - 1], padded[after] - targets
    is_behind = before_s > behind_s
    nexts_s = np.where(
        is_behind, np.minimum(before_s, padded[after + 1] - targets), np.minimum(behind_s, targets - padded[after - 2])
    )
    found = AllNearest(after - np.where(is_behind, 2, 3), np.where(is_behind, behind_s, before_s), nexts_s)
    for place in np.flatnonzero(~is_behind & (padded[after - 2] == padded[after - 1])).tolist():  # of equals the first
        found.places[place], found.aways_s[place], found.nexts_s[place] = nearest(ats, [float(targets[place])])
    return found


def _each(found: Sequence[Nearest]) -> AllNearest:
    places, aways_s, nexts_s = zip(*found, strict=True) if found else ((), (), ())
    return AllNearest(np.array(places, int), np.array(aways_s, float), np.array(nexts_s, float))


def nearest(ats: Ats, targets_s: Ats) -> Nearest:
    """Return the nearest of `ats` to any target."""
    best, best_s, next_s = -1, inf, inf
    for target_s in targets_s:
        after = bisect_left(ats, target_s)
        for index in range(max(after - 2, 0), min(after + 2, len(ats))):
            away_s = abs(ats[index] - target_s)
            if away_s < best_s:
                if index != best:
                    next_s = best_s
                best, best_s = index, away_s
            elif index != best and away_s < next_s:
                next_s = away_s
    return best, best_s, next_s
