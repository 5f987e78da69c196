"""Which free passages to suggest for which gaps: each passage once, to the crew that it fits best.

Gaps that belong together are filled by the passages of one car: a car that is late at the first point is as late at
the next. Fits of that kind come first, then those nearest to the expected instant. The choice is greedy, as a person's
would be: it is a suggestion only.
"""

import heapq
from collections.abc import Callable, Collection, Sequence
from itertools import pairwise

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
        ids = {passage.id for passage in fits[place] if passage is not None}
        if ids & used:
            ask(place)
        else:
            used |= ids
    return [fits[place] for place in range(len(groups))]


def is_one_car(group: Sequence[Gap], candidates: Candidates) -> bool:
    """Say whether there are passages that fill all gaps of a group as one car would."""
    return not _best(group, candidates, ())[0][0]


def is_of_one_car(group: Sequence[Gap], fit: Fit) -> bool:
    """Say whether the passages of a fit, two at least, are as late at each gap as at the one before."""
    lates_ns = [_late_ns(passage, gap.expected_ns) for gap, passage in zip(group, fit, strict=True) if passage]
    return len(lates_ns) > 1 and all(abs(late - before) <= ONE_CAR_NS for before, late in pairwise(lates_ns))


def _best(group: Sequence[Gap], candidates: Candidates, used: Collection[str]) -> tuple[Cost, Fit]:
    """Return the best fit of a group with passages that are not in `used`, and its cost."""
    for place, gap in enumerate(group):
        firsts = [passage for passage in candidates(gap, gap.expected_ns) if passage.id not in used]
        if firsts:
            fits = [_following(group[place:], first, candidates, used) for first in firsts]
            cost, fit = min(fits, key=lambda priced: priced[0])
            return cost, (None,) * place + fit
    return NOTHING, (None,) * len(group)


def _following(group: Sequence[Gap], first: Passage, candidates: Candidates, used: Collection[str]) -> tuple[Cost, Fit]:
    """Return the fit that begins with a passage, and its cost; at each gap the car is as late as at the one before."""
    late_ns = off_ns = _late_ns(first, group[0].expected_ns)
    fit: list[Passage | None] = [first]
    apart_ns: list[int] = []
    for gap in group[1:]:
        expected_ns = None if gap.expected_ns is None else gap.expected_ns + late_ns
        last_ns = max((passage.at_ns or 0 for passage in fit if passage is not None), default=0)
        there = (passage for passage in candidates(gap, expected_ns) if passage.id not in used)
        following = next((passage for passage in there if (passage.at_ns or 0) > last_ns), None)
        fit.append(following)
        if following is not None:
            late_ns += _late_ns(following, expected_ns)
            apart_ns.append(abs(_late_ns(following, expected_ns)))
    fits = bool(apart_ns) and max(apart_ns) <= ONE_CAR_NS
    return (not fits, abs(off_ns)), tuple(fit)


def _late_ns(passage: Passage, expected_ns: int | None) -> int:
    return 0 if expected_ns is None else (passage.at_ns or 0) - expected_ns
