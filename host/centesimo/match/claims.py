"""Crews that are long overdue, or gone, and may be any track yet: weighed beside the states that have forgotten them.

To a state that forgets a crew, not having seen it is worth the chance that it is absent, and the odds of each track
by which it may yet come. To a track, the crew is worth how likely it is still to come: seen neither when it was due nor
by another track. Each tells the other, a few times over: the sum-product algorithm on the graph of crews and tracks,
by which Williams and Lau give radar plots to targets (IEEE Transactions on Aerospace and Electronic Systems 50, 2014,
page 2942). It is nearly as exact as a state for every set of crews that is still out, and linear.
"""

from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from math import log
from typing import Self

OPEN = 1e-6  # a crew this likely not seen may come yet
MATTERS = 1e-3  # a chance below this is not weighed again
ALIKE = 0.3  # what changes by less than this share changes nothing
SURE = 1 - 1e-9


class _Open:
    """A crew that may come yet: the odds that it was seen when it was due, that it is absent, and of each track."""

    def __init__(self, seen: float, absent: float, odds: Mapping[int, float]) -> None:
        self.seen = seen
        self.odds = odds
        self.unseen = absent + sum(odds.values())
        self.free_elsewhere = 1 / (seen + self.unseen)
        self.free_by_column = {
            column: 1 / (seen + absent + sum(its for other, its in odds.items() if other != column))
            for column, mine in odds.items()
            if mine * self.free_elsewhere > ALIKE / 10
        }

    def free(self, column: int) -> float:
        """Return how likely it may still come by this track, beside its being absent, seen, or another track."""
        return self.free_by_column.get(column, self.free_elsewhere)

    def is_like(self, before: "_Open") -> bool:
        """Say whether what it tells has hardly changed, where that may change anything."""
        if self.seen > MATTERS * self.unseen and not _alike(self.unseen, before.unseen):
            return False
        return all(
            _alike(self.free(column), before.free(column))
            for column, odds in self.odds.items()
            if odds * before.free(column) > MATTERS
        )


class Claims:
    """What belated crews and tracks tell each other; `absent`: chance by crew, `opened`: the crews that may come."""

    def __init__(self, absent: Sequence[float], opened: Mapping[int, _Open]) -> None:
        self._absent = absent
        self._open = opened
        self._free = {who: one.free_elsewhere for who, one in opened.items()}
        self._free_by_column: dict[int, dict[int, float]] = defaultdict(dict)
        for who, one in opened.items():
            for column, free in one.free_by_column.items():
                self._free_by_column[column][who] = free

    @classmethod
    def first(cls, absent: Sequence[float], expected: Container[int]) -> Self:
        """Return what is said before any track has been weighed: who is not expected may come at any time."""
        return cls(absent, {who: _Open(0.0, its, {}) for who, its in enumerate(absent) if who not in expected})

    def unseen(self, who: int) -> float:
        """Return what it is worth to a state not to have seen a crew, when it forgets it."""
        return self._open[who].unseen if who in self._open else self._absent[who]

    def on(self, column: int) -> dict[int, float]:
        """Return what each crew that may come by a track is worth there beside its lateness, in order of the crews."""
        return {**self._free, **self._free_by_column.get(column, {})}

    def after(self, due: Sequence[Mapping[int, float]], belated: Sequence[Mapping[int, float]]) -> Self:
        """Return what is said once the tracks are weighed: chances by track of crews when due, and of belated ones."""
        seen: dict[int, float] = defaultdict(float)
        for its in due:
            for who, chance in its.items():
                seen[who] += chance
        odds: dict[int, dict[int, float]] = defaultdict(dict)
        for column, its in enumerate(belated):
            for who, chance in its.items():
                if chance > OPEN:
                    odds[who][column] = self._odds(who, column, min(chance, SURE))
        return type(self)(self._absent, dict(self._still_open(seen, odds)))

    def is_like(self, before: Self) -> bool:
        """Say whether to weigh the tracks again would hardly change anything."""
        return all(who in before._open and one.is_like(before._open[who]) for who, one in self._open.items())

    def _odds(self, who: int, column: int, chance: float) -> float:
        """Return the odds of a crew by a track, less what the crew itself has said for it."""
        free = self._open[who].free(column) if who in self._open else 1.0
        return chance / (1 - chance) / free

    def _still_open(
        self, seen: Mapping[int, float], odds: Mapping[int, Mapping[int, float]]
    ) -> Iterator[tuple[int, _Open]]:
        for who, absent in enumerate(self._absent):
            unseen = 1 - seen.get(who, 0.0)
            if unseen > OPEN or who in odds:
                odds_seen = seen.get(who, 0.0) / max(unseen, OPEN) * self.unseen(who)
                yield who, _Open(odds_seen, absent, odds.get(who, {}))


def _alike(one: float, other: float) -> bool:
    return abs(log(one / other)) < ALIKE
