"""Two devices at one place: a backup tube beside the main tube, two boards, a printer beside a board.

Their passages are paired by time alone, after the difference that most pairs share; then the differences are looked
at: where they lie, whether that changed during the day, which pairs do not fit, and which cars only one of them has
seen while both were at work.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from centesimo.model.event import Event
from centesimo.model.facts import Passage
from centesimo.sanity.lags import differences, together
from centesimo.sanity.robust import Change, Located, find_change, locate, scale_of
from centesimo.timing.passages import OF_NO_USE

NS_PER_MS, S_NS = 1_000_000, 1_000_000_000
REACH_NS, TOGETHER_NS = 10 * S_NS, 200 * NS_PER_MS  # two devices that differ by more are not at one place
SAME_NS = 500 * NS_PER_MS  # a pair's difference is within this of most pairs'
LEAST_SCALE_MS = 0.5
FAR, FAR_MS = 6.0, 10.0  # scales, and ms, from which one pair's difference does not fit the others


class Pair(NamedTuple):
    """One car on both devices."""

    main: Passage
    other: Passage
    late_ms: float  # how much later the other device has it


class Pairs(NamedTuple):
    """All that two devices at one timing point say of each other."""

    timing_point: str
    other: str  # the backup's timing point, or the source of loaded passages
    pairs: tuple[Pair, ...]  # in order of time
    late_ms: Located  # how much later the other is
    scale_ms: float  # of the differences
    change: Change | None  # of the differences during the day, in ms
    only_main: tuple[Passage, ...]  # missed by the other
    only_other: tuple[Passage, ...]  # missed by the main one

    @property
    def far(self) -> list[Pair]:
        """Return the pairs whose difference is not that of the others."""
        least = max(FAR * self.scale_ms, FAR_MS)
        base, size = (self.change.base, self.change.size.middle) if self.change else (self.late_ms.middle, 0.0)
        levels = self.change.levels if self.change else (0.0,) * len(self.pairs)
        both = zip(self.pairs, levels, strict=True)
        return [one for one, level in both if abs(one.late_ms - base - size * level) > least]


def pairs(event: Event, passages: Iterable[Passage], beside: Iterable[Passage] = ()) -> list[Pairs]:
    """Return what is known of each second device, in the order of the timing points.

    `passages` count; those `beside` them are of further sources at the same timing points.
    """
    further = {passage.id for passage in beside}
    main_by_point = {point.id: point.backup_of or point.id for point in event.timing_points}
    devices: dict[str, dict[str, list[Passage]]] = defaultdict(lambda: defaultdict(list))
    for one in (*passages, *beside):
        point = main_by_point.get(one.timing_point)
        if point is not None and one.at_ns is not None and not one.id.startswith("amend:"):
            own = one.source if one.id in further else point
            devices[point][one.timing_point if one.timing_point != point else own].append(one)
    found = []
    for point in main_by_point:
        its = devices.get(point, {})
        main = its.pop(point, None)
        for other, there in sorted(its.items()):
            if main and (compared := _compared(point, other, _in_order(main), _in_order(there))):
                found.append(compared)
    return found


def without_main(event: Event, passages: Iterable[Passage]) -> dict[str, list[Passage]]:
    """Return the passages of backup tubes where their main tube has none that counts, by the main timing point."""
    by_point: dict[str, list[Passage]] = defaultdict(list)
    for one in passages:
        if one.at_ns is not None and OF_NO_USE.isdisjoint(one.flags):
            by_point[one.timing_point].append(one)
    found: dict[str, list[Passage]] = defaultdict(list)
    for point in event.timing_points:
        if point.backup_of and (there := _in_order(by_point[point.id])):
            main = _in_order(by_point[point.backup_of])
            paired = {pair.other.id for pair in _paired(main, there)} if main else set()
            found[point.backup_of] += [one for one in there if one.id not in paired]
    return found


def _in_order(passages: Sequence[Passage]) -> list[Passage]:
    return sorted(passages, key=_at_ns)


def _at_ns(passage: Passage) -> int:
    return passage.at_ns or 0


def _compared(point: str, other: str, main: Sequence[Passage], there: Sequence[Passage]) -> Pairs | None:
    """Return what two devices say of each other, or None when too few cars are on both."""
    paired = _paired(main, there)
    late_ms = [one.late_ms for one in paired]
    middle = sorted(late_ms)[len(late_ms) // 2] if late_ms else 0.0
    scale_ms = max(scale_of([abs(one - middle) for one in late_ms]), LEAST_SCALE_MS)
    scales = [scale_ms] * len(late_ms)
    located = locate(late_ms, scales)
    if located is None:
        return None
    change = find_change(late_ms, scales, [_at_ns(one.main) for one in paired])
    first = max(_at_ns(main[0]), _at_ns(there[0])) - SAME_NS
    last = min(_at_ns(main[-1]), _at_ns(there[-1])) + SAME_NS
    both = {one.id for pair in paired for one in (pair.main, pair.other)}
    alone = [
        tuple(one for one in device if one.id not in both and first <= _at_ns(one) <= last) for device in (main, there)
    ]
    return Pairs(point, other, tuple(paired), located, scale_ms, change, alone[0], alone[1])


def _paired(main: Sequence[Passage], there: Sequence[Passage]) -> list[Pair]:
    """Return the pairs: each is the nearest of the other, apart from what most of them differ by."""
    ats, other_ats = [_at_ns(one) for one in main], [_at_ns(one) for one in there]
    most = together(differences(ats, other_ats, -REACH_NS, REACH_NS), TOGETHER_NS)
    if most is None:
        return []
    shifted = [at_ns - most.middle_ns for at_ns in other_ats]
    found = []
    for place, at_ns in enumerate(ats):
        nearest = _nearest(shifted, at_ns)
        if abs(shifted[nearest] - at_ns) <= SAME_NS and _nearest(ats, shifted[nearest]) == place:
            late_ms = (other_ats[nearest] - at_ns) / NS_PER_MS
            found.append(Pair(main[place], there[nearest], late_ms))
    return found


def _nearest(ats: Sequence[int], at_ns: int) -> int:
    """Return the place of the instant that is nearest; `ats` are sorted and at least one."""
    place = bisect_left(ats, at_ns)
    near = [one for one in (place - 1, place) if 0 <= one < len(ats)]
    return min(near, key=lambda one: abs(ats[one] - at_ns))
