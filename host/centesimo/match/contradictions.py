"""Two lists that agree with each other and not with the attributions: that is always a question, whatever else is sure.

Where crews come in another order than they are due, due times give each the other's passages, at a confidence that
knows nothing of it. Two crews that two lists have in the other order than their passages are *contradicted*, and so is
all that hangs together by such pairs. Their passages of the chain become open, and one question names for each who is
written in its place. One list alone contradicts nothing: it may be a slip; but of two cars side by side, of which one
list says one thing and another the opposite, nothing tells. What an official or a file named stays.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations, pairwise

from centesimo.match import findings as say
from centesimo.model.facts import Attribution, MarshalList, Passage
from centesimo.model.findings import Candidate, Finding

ENOUGH = 2  # lists that say the same
BESIDE_NS = 5_000_000_000  # ns: of cars so close one list may be as right as another
EITHER = 0.5  # the chance of the crew that is due and of the crew that is written, as nothing tells them apart


def without_contradicted(
    made: Sequence[Attribution], lists: Iterable[MarshalList]
) -> tuple[list[Attribution], list[Finding]]:
    """Return the attributions of a chain that its lists do not contradict, and a question for each group of others."""
    marshals = list(lists)
    if len(marshals) < ENOUGH:
        return list(made), []
    by_point = _in_order(made)
    written_by_point = {
        marshal.timing_point: [line.start_number for line in marshal.lines]
        for marshal in marshals
        if marshal.timing_point in by_point
    }
    pairs: Counter[tuple[int, int]] = Counter()
    beside: Counter[tuple[int, int]] = Counter()
    for point, written in written_by_point.items():
        exchanged = _exchanged([one.start_number for one in by_point[point]], written)
        pairs.update(exchanged)
        beside.update({pair: 1 if pair in exchanged else -1 for pair in _side_by_side(by_point[point], written)})
    groups = _groups(pair for pair, count in pairs.items() if count >= ENOUGH or (pair in beside and beside[pair] >= 0))
    if not groups:
        return list(made), []
    open_numbers = set().union(*groups)
    kept = [one for one in made if one.start_number not in open_numbers or one.basis.is_given]
    doubts = [_question(group, by_point, written_by_point) for group in groups]
    return kept, [doubt for doubt in doubts if doubt is not None]


def _in_order(made: Sequence[Attribution]) -> dict[str, list[Attribution]]:
    """Return the attributions by timing point, in order of passing."""
    by_point: dict[str, list[Attribution]] = defaultdict(list)
    for one in sorted(made, key=lambda one: (one.passage.at_ns or 0, one.passage.id)):
        by_point[one.passage.timing_point].append(one)
    return by_point


def _exchanged(attributed: Sequence[int], written: Sequence[int]) -> set[tuple[int, int]]:
    """Return the pairs of crews, the lower number first, that a list has in another order than their passages."""
    place = {number: at for at, number in enumerate(written)}
    both = [number for number in attributed if number in place]
    pairs = ((ahead, behind) for ahead, behind in combinations(both, 2) if place[ahead] > place[behind])
    return {(min(pair), max(pair)) for pair in pairs}


def _side_by_side(attributed: Sequence[Attribution], written: Sequence[int]) -> set[tuple[int, int]]:
    """Return the pairs of crews on a list, the lower number first, that passed within BESIDE_NS of each other."""
    on = [one for one in attributed if one.start_number in written]
    return {
        (min(one.start_number, other.start_number), max(one.start_number, other.start_number))
        for one, other in pairwise(on)
        if (other.passage.at_ns or 0) - (one.passage.at_ns or 0) < BESIDE_NS
    }


def _groups(pairs: Iterable[tuple[int, int]]) -> list[set[int]]:
    """Return the crews that hang together by pairs."""
    groups: list[set[int]] = []
    for pair in pairs:
        touching = [group for group in groups if group & set(pair)]
        groups = [group for group in groups if group not in touching] + [set(pair).union(*touching)]
    return groups


def _question(
    group: set[int],
    by_point: Mapping[str, Sequence[Attribution]],
    written_by_point: Mapping[str, Sequence[int]],
) -> Finding | None:
    """Return the question about a group's passages: of each, whether it is the due crew's or the written one's."""
    tracks: dict[int, list[Passage]] = defaultdict(list)
    candidates = []
    for point, attributions in by_point.items():
        of_group = [one for one in attributions if one.start_number in group and not one.basis.is_given]
        written = [number for number in written_by_point.get(point, ()) if number in group]
        for place, one in enumerate(of_group):
            tracks[one.start_number].append(one.passage)
            candidates.append(Candidate(one.passage.id, one.start_number, EITHER))
            if len(written) == len(of_group) and written[place] != one.start_number:
                candidates.append(Candidate(one.passage.id, written[place], EITHER))
    return say.doubtful(list(tracks.values()), tuple(candidates)) if tracks else None
