"""Two devices at one place: a backup tube beside the main tube, two boards, a printer beside a board.

Their passages are paired by time alone, after subtracting the difference that most pairs share. Then the differences
are judged: how large they are, whether that changed during the day, which pairs do not fit, and which cars only one
of the devices has while both were at work.
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
    """One car's passage on the main device and on its backup."""

    main: Passage
    backup: Passage
    late_ms: float  # how much later the backup has it


class Pairs(NamedTuple):
    """A timing point's main device compared with a backup."""

    timing_point: str
    backup: str  # the backup's timing point, or the source of loaded passages
    pairs: tuple[Pair, ...]  # in order of time
    late_ms: Located  # how much later the backup is
    scale_ms: float  # of the differences
    change: Change | None  # of the differences during the day, in ms
    only_main: tuple[Passage, ...]  # missed by the backup
    only_backup: tuple[Passage, ...]  # missed by the main one

    @property
    def far(self) -> list[Pair]:
        """Return the pairs whose difference is far from that of most pairs."""
        least = max(FAR * self.scale_ms, FAR_MS)
        base, size = (self.change.base, self.change.size.middle) if self.change else (self.late_ms.middle, 0.0)
        levels = self.change.levels if self.change else (0.0,) * len(self.pairs)
        leveled = zip(self.pairs, levels, strict=True)
        return [pair for pair, level in leveled if abs(pair.late_ms - base - size * level) > least]


def pairs(event: Event, passages: Iterable[Passage], beside: Iterable[Passage] = ()) -> list[Pairs]:
    """Return the comparison of each backup with its main device, in the order of the timing points.

    `passages` are those that count; those `beside` them come from further sources at the same timing points.
    """
    further = {passage.id for passage in beside}
    main_by_point = {point.id: point.backup_of or point.id for point in event.timing_points}
    devices: dict[str, dict[str, list[Passage]]] = defaultdict(lambda: defaultdict(list))
    for passage in (*passages, *beside):
        point = main_by_point.get(passage.timing_point)
        if point is not None and passage.at_ns is not None and not passage.is_inserted:
            own = passage.source if passage.id in further else point
            devices[point][passage.timing_point if passage.timing_point != point else own].append(passage)
    comparisons = []
    for point in main_by_point:
        passages_by_device = devices.get(point, {})
        main = passages_by_device.pop(point, None)
        for device, there in sorted(passages_by_device.items()):
            if main and (compared := _compared(point, device, _in_order(main), _in_order(there))):
                comparisons.append(compared)
    return comparisons


def without_main(event: Event, passages: Iterable[Passage]) -> dict[str, list[Passage]]:
    """Return the backup tubes' passages of cars that the main tube does not have, by the main timing point."""
    by_point: dict[str, list[Passage]] = defaultdict(list)
    for passage in passages:
        if passage.at_ns is not None and OF_NO_USE.isdisjoint(passage.flags):
            by_point[passage.timing_point].append(passage)
    alone_by_point: dict[str, list[Passage]] = defaultdict(list)
    for point in event.timing_points:
        if point.backup_of and (there := _in_order(by_point[point.id])):
            main = _in_order(by_point[point.backup_of])
            paired = {pair.backup.id for pair in _paired(main, there)} if main else set()
            alone_by_point[point.backup_of] += [passage for passage in there if passage.id not in paired]
    return alone_by_point


def _in_order(passages: Sequence[Passage]) -> list[Passage]:
    return sorted(passages, key=_at_ns)


def _at_ns(passage: Passage) -> int:
    return passage.at_ns or 0


def _compared(point: str, device: str, main: Sequence[Passage], there: Sequence[Passage]) -> Pairs | None:
    """Return the comparison of two devices, or None when too few cars are on both."""
    paired = _paired(main, there)
    late_ms = [pair.late_ms for pair in paired]
    middle = sorted(late_ms)[len(late_ms) // 2] if late_ms else 0.0
    scale_ms = max(scale_of([abs(pair_ms - middle) for pair_ms in late_ms]), LEAST_SCALE_MS)
    scales = [scale_ms] * len(late_ms)
    located = locate(late_ms, scales)
    if located is None:
        return None
    change = find_change(late_ms, scales, [_at_ns(pair.main) for pair in paired])
    first = max(_at_ns(main[0]), _at_ns(there[0])) - SAME_NS
    last = min(_at_ns(main[-1]), _at_ns(there[-1])) + SAME_NS
    paired_ids = {passage.id for pair in paired for passage in (pair.main, pair.backup)}
    alone = [
        tuple(passage for passage in device if passage.id not in paired_ids and first <= _at_ns(passage) <= last)
        for device in (main, there)
    ]
    return Pairs(point, device, tuple(paired), located, scale_ms, change, alone[0], alone[1])


def _paired(main: Sequence[Passage], there: Sequence[Passage]) -> list[Pair]:
    """Return the passages that are each other's nearest, after subtracting the difference that most of them share."""
    ats, backup_ats = [_at_ns(passage) for passage in main], [_at_ns(passage) for passage in there]
    most = together(differences(ats, backup_ats, -REACH_NS, REACH_NS), TOGETHER_NS)
    if most is None:
        return []
    shifted = [at_ns - most.middle_ns for at_ns in backup_ats]
    nearest_pairs = []
    for place, at_ns in enumerate(ats):
        nearest = _nearest(shifted, at_ns)
        if abs(shifted[nearest] - at_ns) <= SAME_NS and _nearest(ats, shifted[nearest]) == place:
            late_ms = (backup_ats[nearest] - at_ns) / NS_PER_MS
            nearest_pairs.append(Pair(main[place], there[nearest], late_ms))
    return nearest_pairs


def _nearest(ats: Sequence[int], at_ns: int) -> int:
    """Return the index of the instant nearest to at_ns; `ats` must be sorted and not empty."""
    place = bisect_left(ats, at_ns)
    near = [neighbour for neighbour in (place - 1, place) if 0 <= neighbour < len(ats)]
    return min(near, key=lambda neighbour: abs(ats[neighbour] - at_ns))
