"""Record numbers as runs (first, last) of consecutive ones: what a board skips may be four billion numbers wide.

A run is a pair of numbers, first <= last; runs in a list are in rising order and do not touch. So all of it costs what
the runs are many, never what the numbers are.
"""

from collections.abc import Iterable, Iterator, Sequence
from heapq import merge

Run = tuple[int, int]


def runs(numbers: Iterable[int]) -> list[Run]:
    """Return rising numbers as runs."""
    return merged((number, number) for number in numbers)


def merged(ordered: Iterable[Run]) -> list[Run]:
    """Return runs in order of their first numbers, which may touch or lie over each other, as runs that do not."""
    spans: list[Run] = []
    for first, last in ordered:
        if spans and first <= spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], max(spans[-1][1], last))
        else:
            spans.append((first, last))
    return spans


def joined(one: Iterable[Run], another: Iterable[Run]) -> list[Run]:
    """Return the numbers of either of two lists of runs."""
    return merged(merge(one, another))


def without(spans: Sequence[Run], taken: Iterable[Run]) -> list[Run]:
    """Return the numbers of runs that are in none of the runs `taken`."""
    return list(_without(spans, list(taken)))


def _without(spans: Sequence[Run], taken: Sequence[Run]) -> Iterator[Run]:
    place = 0
    for first, last in spans:
        while place < len(taken) and taken[place][1] < first:
            place += 1
        beside = place
        while beside < len(taken) and taken[beside][0] <= last:
            if taken[beside][0] > first:
                yield first, taken[beside][0] - 1
            first = taken[beside][1] + 1
            beside += 1
        if first <= last:
            yield first, last


def count(spans: Iterable[Run]) -> int:
    """Return how many numbers are in runs."""
    return sum(last - first + 1 for first, last in spans)
