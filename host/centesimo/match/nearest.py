"""Which of some instants is nearest to another one, and how far the next one is; instants in s, in order."""

from bisect import bisect_left
from collections.abc import Sequence
from math import inf

Ats = Sequence[float]
Nearest = tuple[int, float, float]  # index, or -1 for none; distance of it and of the next one


def nearest_of(ats: Ats, others_s: Ats, ideals_s: Sequence[float]) -> list[Nearest]:
    """Return what `nearest` does for each of `others_s` plus any ideal time."""
    if len(ideals_s) > 1:
        return [nearest(ats, [other_s + ideal_s for ideal_s in ideals_s]) for other_s in others_s]
    padded = [-inf, -inf, *ats, inf, inf]
    found: list[Nearest] = []
    for other_s in others_s:
        target_s = other_s + ideals_s[0]
        after = bisect_left(padded, target_s, 2, len(ats) + 2)
        before_s, behind_s = target_s - padded[after - 1], padded[after] - target_s
        if before_s > behind_s:
            found.append((after - 2, behind_s, min(before_s, padded[after + 1] - target_s)))
        elif padded[after - 2] == padded[after - 1]:
            found.append(nearest(ats, [target_s]))
        else:
            found.append((after - 3, before_s, min(behind_s, target_s - padded[after - 2])))
    return found


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
