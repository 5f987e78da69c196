"""Which passages of nobody may be those that crews lack: each is suggested once, to the crew that it fits best.

Gaps that belong together are answered by the passages of one car: who is late at the first is as late at the next.
Those that fit so come first, then whoever is nearest to where it is expected. Greedy, as a person would: it is a
suggestion.
"""

import heapq
from collections.abc import Callable, Collection, Sequence

from centesimo.model.facts import Passage
from centesimo.questions.gaps import Gap

NEAR_NS = 600_000_000_000  # a passage this far from where a crew is expected is no suggestion
ONE_CAR_NS = 3_000_000_000  # so near its ideal time a car is that was seen at the point before

# The passages that may be a gap's, by the instant at which its crew is expected (None: it is not known).
Candidates = Callable[[Gap, int | None], Sequence[Passage]]
Fit = tuple[Passage | None, ...]  # a passage for each gap that belongs together
Cost = tuple[bool, int]  # whether it is not surely one car's, and how far the first is from where it was expected, ns
NOTHING: Cost = (True, NEAR_NS)


def fitted(groups: Sequence[Sequence[Gap]], candidates: Candidates) -> list[Fit]:
    """Return the passages that fit each group of gaps, in the order of the groups; none is given twice."""
    used: set[str] = set()
    fits: dict[int, Fit] = {}
    waiting: list[tuple[Cost, int]] = []

    def ask(place: int) -> None:
        cost, fits[place] = _best(groups[place], candidates, used)
        heapq.heappush(waiting, (cost, place))

    for place in range(len(groups)):
        ask(place)
    while waiting:
        _, place = heapq.heappop(waiting)
        ids = {one.id for one in fits[place] if one is not None}
        if ids & used:
            ask(place)
        else:
            used |= ids
    return [fits[place] for place in range(len(groups))]


def is_one_car(group: Sequence[Gap], candidates: Candidates) -> bool:
    """Say whether passages that are there fit gaps that belong together as one car's would."""
    return not _best(group, candidates, ())[0][0]


def _best(group: Sequence[Gap], candidates: Candidates, used: Collection[str]) -> tuple[Cost, Fit]:
    """Return the best fit of a group with passages that are not used, and what it costs."""
    for place, gap in enumerate(group):
        firsts = [one for one in candidates(gap, gap.expected_ns) if one.id not in used]
        if firsts:
            fits = [_following(group[place:], first, candidates, used) for first in firsts]
            cost, fit = min(fits, key=lambda one: one[0])
            return cost, (None,) * place + fit
    return NOTHING, (None,) * len(group)


def _following(group: Sequence[Gap], first: Passage, candidates: Candidates, used: Collection[str]) -> tuple[Cost, Fit]:
    """Return a fit that begins with a passage; the car is as late on as it was at the gap before."""
    late_ns = off_ns = _late_ns(first, group[0].expected_ns)
    fit: list[Passage | None] = [first]
    apart_ns: list[int] = []
    for gap in group[1:]:
        expected_ns = None if gap.expected_ns is None else gap.expected_ns + late_ns
        last_ns = max((one.at_ns or 0 for one in fit if one is not None), default=0)
        there = (one for one in candidates(gap, expected_ns) if one.id not in used)
        found = next((one for one in there if (one.at_ns or 0) > last_ns), None)
        fit.append(found)
        if found is not None:
            late_ns += _late_ns(found, expected_ns)
            apart_ns.append(abs(_late_ns(found, expected_ns)))
    fits = bool(apart_ns) and max(apart_ns) <= ONE_CAR_NS
    return (not fits, abs(off_ns)), tuple(fit)


def _late_ns(passage: Passage, expected_ns: int | None) -> int:
    return 0 if expected_ns is None else (passage.at_ns or 0) - expected_ns
