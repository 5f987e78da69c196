"""Whether a marshal's list lies at the right timing point: one that was saved under another's name, or copied.

Such a list has numbers of crews that drive there, so nothing else refuses it. What tells is the order: it is not that
in which the crews passed its own point, but that of another one, or its lines are those of another list. Only crews
that were seen at the points count, and one exchange alone is a marshal's slip. Lists that are the same are usual where
nobody overtook; but two that contradict the due times are believed against them, so a copy must not be one of them.
Nothing is changed: an official decides.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from centesimo.model.about_people import LineUnusable, ListElsewhere, ListOfStrangers, ListsAgainstDue
from centesimo.model.course import chains
from centesimo.model.event import Event
from centesimo.model.facts import Attribution, MarshalList
from centesimo.model.findings import Finding, FindingKind

MOVED = 2  # crews out of order, or in doubt: one is a slip
STRANGERS = 3  # crews that do not drive there: fewer have lost their way, or are slips
TIMES = 4  # how much better the order of another point must fit
AGAINST = 0.25  # of the crews of lists that are the same in another order than they are due: the lists decide


class _Orders:
    """In which order the crews passed each timing point; worked out where it is asked for."""

    def __init__(self, attributions: Iterable[Attribution]) -> None:
        self._made: dict[str, list[Attribution]] = defaultdict(list)
        for made in attributions:
            self._made[made.passage.timing_point].append(made)
        self._place_by_number: dict[str, Mapping[int, int]] = {}  # by point, as far as it was asked for
        self.points = list(self._made)

    def at(self, point: str) -> Mapping[int, int]:
        """Return by start number its place in the order of passing a timing point."""
        if point not in self._place_by_number:
            made_here = self._made.get(point, [])
            passed = sorted(
                (made.passage.at_ns, made.start_number) for made in made_here if made.passage.at_ns is not None
            )
            self._place_by_number[point] = {number: place for place, (_, number) in enumerate(passed)}
        return self._place_by_number[point]


def mislaid(
    event: Event, lists: Sequence[MarshalList], attributions: Iterable[Attribution], doubts: Iterable[Finding] = ()
) -> list[Finding]:
    """Return a finding for each list that is likely another timing point's; kind "list".

    `doubts` are the findings of match: who may have made a doubtful passage does not stand as its list says.
    """
    if not lists:
        return []
    orders, doubted, same = _Orders(attributions), _doubted(doubts), _same(lists)
    findings = []
    about: ListOfStrangers | ListElsewhere | None
    for marshal_list in lists:
        point = marshal_list.timing_point
        about = _find_strangers(event, marshal_list)
        about = about or _find_elsewhere(marshal_list, orders, doubted[point], same.get(point, ()))
        if about:
            findings.append(_finding(point, about))
    return [*findings, *_against_due(event, lists)]


def unusable(lists: Sequence[MarshalList]) -> list[Finding]:
    """Return a finding for each line, or file, that says nothing because of a mistake; kind "list"."""
    return [
        Finding(FindingKind.LIST, mistake.source, None, LineUnusable(mistake.source, mistake.why))
        for marshal_list in lists
        for mistake in marshal_list.unusable
    ]


def same_lists(lists: Iterable[MarshalList]) -> list[tuple[str, ...]]:
    """Return the timing points whose lists are line by line the same, group by group."""
    points_by_lines: dict[tuple[tuple[int, int], ...], list[str]] = defaultdict(list)
    for marshal_list in lists:
        lines = tuple((line.place, line.start_number) for line in marshal_list.lines)
        points_by_lines[lines].append(marshal_list.timing_point)
    return [tuple(points) for lines, points in points_by_lines.items() if lines and len(points) > 1]


def _same(lists: Iterable[MarshalList]) -> dict[str, tuple[str, ...]]:
    """Return by timing point those others whose lists are the same."""
    return {
        point: tuple(beside for beside in points if beside != point) for points in same_lists(lists) for point in points
    }


def _doubted(doubts: Iterable[Finding]) -> Mapping[str, set[int]]:
    """Return by timing point the crews that may have made a doubtful passage where their doubt begins."""
    crews_by_point: dict[str, set[int]] = defaultdict(set)
    for doubt in doubts:
        if doubt.kind == FindingKind.DOUBTFUL:
            crews_by_point[doubt.where] |= {
                candidate.start_number for candidate in doubt.candidates if candidate.start_number is not None
            }
    return crews_by_point


def _find_strangers(event: Event, marshal_list: MarshalList) -> ListOfStrangers | None:
    """Return which crews of a list drive no control at its timing point, None where that may be a slip."""
    point = marshal_list.timing_point
    races = {race for control in event.controls if point in (control.opens, control.closes) for race in control.races}
    strangers = {entry.start_number for entry in event.entries if entry.race not in races}
    listed = tuple(line.start_number for line in marshal_list.lines if line.start_number in strangers)
    return ListOfStrangers(point, listed, len(marshal_list.lines)) if len(listed) >= STRANGERS else None


def _find_elsewhere(
    marshal_list: MarshalList, orders: _Orders, doubted: Collection[int], same: Sequence[str]
) -> ListElsewhere | None:
    """Return whose a list may be when its crews did not pass its own timing point in its order, else None."""
    point, numbers = marshal_list.timing_point, [line.start_number for line in marshal_list.lines]
    own = orders.at(point)
    moved = _out_of_order(numbers, own)
    doubtful = [number for number in numbers if number in doubted and number not in own]
    fits = []
    if len(moved) >= MOVED:
        elsewhere = (name for name in orders.points if name != point)
        fits = [name for name in elsewhere if _fits(numbers, moved, own, orders.at(name))]
    is_copy = bool(same) and (bool(moved) or len(doubtful) >= MOVED)
    if not fits and not is_copy:
        return None
    wrong = sorted([*moved, *doubtful], key=numbers.index)
    return ListElsewhere(point, tuple(wrong), len(numbers), fits[0] if fits else None, tuple(same))


def _fits(numbers: Sequence[int], moved: Sequence[int], own: Mapping[int, int], there: Mapping[int, int]) -> bool:
    """Say whether a list fits the order of another timing point much better, where most of its crews were seen, too."""
    seen = [number for number in numbers if number in own]
    seen_there = [number for number in seen if number in there]
    if 2 * len(seen_there) < len(seen) or not set(moved) <= set(seen_there):
        return False
    return TIMES * len(_out_of_order(seen_there, there)) <= len(moved)


def _against_due(event: Event, lists: Sequence[MarshalList]) -> Iterator[Finding]:
    """Yield a finding for lists that are the same, and another order than that in which their crews are due."""
    numbers_by_point = {
        marshal_list.timing_point: [line.start_number for line in marshal_list.lines] for marshal_list in lists
    }
    groups = same_lists(lists)
    all_chains = chains(event) if groups else []
    for points in groups:
        numbers = numbers_by_point[points[0]]
        crews = next((chain.crews for chain in all_chains if points[0] in chain.points), ())
        moved = _out_of_order(numbers, {crew.start_number: place for place, crew in enumerate(crews)})
        if len(moved) >= max(MOVED, AGAINST * len(numbers)):
            yield _finding(points[0], ListsAgainstDue(points[0], points[1:], len(moved), len(numbers)))


def _finding(point: str, about: ListOfStrangers | ListElsewhere | ListsAgainstDue) -> Finding:
    return Finding(FindingKind.LIST, f"lists/{point}.csv", None, about)


def _out_of_order(numbers: Iterable[int], place_by_number: Mapping[int, int]) -> list[int]:
    """Return the fewest of these crews without which the others stand in the order of passing."""
    seen = [(number, place_by_number[number]) for number in numbers if number in place_by_number]
    ends: list[int] = []  # by length: the smallest place with which so many in order end
    lengths = []
    for _, place in seen:
        lengths.append(bisect_left(ends, place))
        ends[lengths[-1] : lengths[-1] + 1] = [place]
    kept, wanted, before = set(), len(ends) - 1, len(place_by_number)
    for (number, place), length in zip(reversed(seen), reversed(lengths), strict=True):
        if length == wanted and place < before:
            kept.add(number)
            wanted, before = wanted - 1, place
    return [number for number, _ in seen if number not in kept]
