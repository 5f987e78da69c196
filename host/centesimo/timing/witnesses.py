"""One car, several who timed it: a board, a second device, a hand; one counts, the others are its witnesses.

At each timing point one source is the main one. Every further source is laid beside it in time: how late its clock is
(by milliseconds or by whole hours) and how fast it drifts are estimated from all cars together, without asking who
they are. What falls together then is one passage with a witness; the main source's instant counts and the witness's
stays what it was. What only the witness has is spare: it counts for nothing by itself, and stands ready where the main
source has a gap. A source that was not there at the same time as the main one is no witness but the rest of it.

What a witness wrote of who passed is evidence like any sighting, at its instant by the main source's clock.

The limits: clocks that differ by up to 14 h and 200 ppm; fewer than three cars tell no clock, then only passages within
a second of each other are taken for the same car. Two cars closer together than a hand's clock scatters may be paired
with each other's witness: that is evidence of who to be weighed, never a time.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from centesimo.model.facts import Passage, Sighting, by_time

BOARD = "board"  # the source of what a board has timed
MS_NS, S_NS, HOUR_NS = 1_000_000, 1_000_000_000, 3_600_000_000_000
REACH_NS = 14 * HOUR_NS  # clocks set to another zone of time are off by at most this
WIDTHS_NS = (100 * MS_NS, 600 * MS_NS, 3 * S_NS)  # differences of the same cars lie within: of devices, hands, drifting
FEWEST, PART = 3, 0.5  # cars that must fall together, also of those of the source that has fewer
RIVAL = 0.8  # of the most that fall together: a clock that is about right needs so many, another one no rival with them
ABOUT_NS = 2 * S_NS  # a clock is about right
APART_NS = 5 * S_NS  # differences that lie further apart are of other cars
LEAST_NS, MOST_NS = 50 * MS_NS, 1500 * MS_NS  # a witness is within 6 scatters of the main one, and within these
UNTOLD_NS = 1 * S_NS  # where too few cars tell the clock
DRIFT_CARS, DRIFT_SURE, DRIFT_NS = 8, 5.0, 20 * MS_NS  # cars, standard errors and size over the day of a drift
DIFFERENCES = 4_000_000  # that are looked at, at the most; more cars are thinned out evenly

Ats = NDArray[np.int64]


class Clock(NamedTuple):
    """What the clock of a further source shows beside that of the main one; `late_ns` at the middle of its cars."""

    timing_point: str
    source: str  # its own words, "ALGE backup"
    file: str  # what its passages' ids begin with; "" for a board
    main: str  # the main source's own words
    late_ns: int  # later than the main source; negative: earlier
    drift_ppb: int  # later by so many ns each second; 0: none that its cars tell
    scatter_ns: int  # of its cars' differences, as a standard deviation
    cars: int  # that both have
    alone: int  # that only the further source has
    is_told: bool  # False: too few cars to tell the clock, taken for right


class Witnessed(NamedTuple):
    """The passages of one timing point, by what counts and who else saw them."""

    counted: tuple[Passage, ...]  # of the main source, and of what is no witness of it
    witnesses_by_id: Mapping[str, tuple[Passage, ...]]  # by the id of a counted passage: the same car elsewhere
    spare: tuple[Passage, ...]  # of witnesses only, in order of time
    clocks: tuple[Clock, ...]  # one a witness
    sightings: tuple[Sighting, ...]  # whom witnesses saw

    def ready(self, counting: Set[str]) -> tuple[Passage, ...]:
        """Return the passages that stand ready where the main source has a gap; `counting` are the ids that count.

        What only a witness has, and the witnesses of passages that do not count any more.
        """
        lost = (passages for identity, passages in self.witnesses_by_id.items() if identity not in counting)
        return tuple(sorted((*self.spare, *(passage for passages in lost for passage in passages)), key=by_time))

    @property
    def beside(self) -> tuple[Passage, ...]:
        """Return all passages of witnesses, in order of time."""
        paired = (passage for witnesses in self.witnesses_by_id.values() for passage in witnesses)
        return tuple(sorted((*paired, *self.spare), key=by_time))


def witnessed(
    passages: Sequence[Passage], main: str = "", sizes: Mapping[str, int] | None = None, named: Set[str] = frozenset()
) -> Witnessed:
    """Return what counts of one timing point's passages, and what only stands beside it.

    `main` is the source that the event says counts (""; a board, or else the source whose file has most rows by
    `sizes`, then the one with most passages here). `named` are ids of passages that an official gave to a crew: they
    count.
    """
    by_source: dict[tuple[str, str], list[Passage]] = defaultdict(list)
    for passage in passages:
        by_source[file_of(passage), passage.source].append(passage)
    if len(by_source) < 2:
        return Witnessed(tuple(passages), {}, (), (), ())
    size_by_file = sizes or {}

    def rank(key: tuple[str, str]) -> tuple[bool, bool, int, int, tuple[str, str]]:
        file, source = key
        return source != main, bool(file), -size_by_file.get(file, 0), -len(by_source[key]), key

    first, *further = sorted(by_source, key=rank)
    beside = _Beside(first[1], by_source[first], named)
    for file, source in further:
        beside.add(file, source, by_source[file, source])
    return beside.result()


def file_of(passage: Passage) -> str:
    """Return what tells the file of a loaded passage from others, "" for one of a board."""
    return "" if passage.source == BOARD else passage.id.rpartition(":")[0]


class _Beside:
    """The passages that count so far, and each further source laid beside them."""

    def __init__(self, main: str, counted: Sequence[Passage], named: Set[str]) -> None:
        self.main, self.named = main, named
        self.counted = sorted(counted, key=by_time)
        self.witnesses: dict[str, list[Passage]] = defaultdict(list)
        self.spare: list[Passage] = []
        self.clocks: list[Clock] = []
        self.sightings: list[Sighting] = []

    def add(self, file: str, source: str, passages: Sequence[Passage]) -> None:
        """Lay a source beside what counts: it is a witness of it, or joins it where it was not there."""
        timed = sorted((passage for passage in passages if passage.at_ns is not None), key=by_time)
        counted = [passage for passage in self.counted if passage.at_ns is not None]
        ats, main_ats = _ats(timed), _ats(counted)
        line = _find_line(main_ats, ats)
        is_told = line is not None
        line = line or _Line(0, 0.0, 0, UNTOLD_NS)
        on_main = line.on_main(ats)
        partner_by_place = dict(_nearest_pairs(main_ats, on_main, line.within_ns))
        joins = []
        for place, passage in enumerate(timed):
            partner = partner_by_place.get(place)
            if passage.id in self.named or (partner is None and not is_told):
                joins.append(passage)
                continue
            if partner is None:
                self.spare.append(passage)
            else:
                self.witnesses[counted[partner].id].append(passage)
            if passage.start_number is not None:
                self.sightings.append(_sighting(passage, int(on_main[place]), line.within_ns, file))
        if partner_by_place:
            late_ns, alone = line.late_ns, len(timed) - len(partner_by_place) - len(joins)
            drift_ppb, cars = round(line.drift * 1e9), len(partner_by_place)
            point = timed[0].timing_point
            clock = (point, source, file, self.main, late_ns, drift_ppb, line.scatter_ns, cars, alone, is_told)
            self.clocks.append(Clock(*clock))
        joins += [passage for passage in passages if passage.at_ns is None]
        self.counted = sorted([*self.counted, *joins], key=by_time)

    def result(self) -> Witnessed:
        by_id = {identity: tuple(passages) for identity, passages in self.witnesses.items()}
        spare = tuple(sorted(self.spare, key=by_time))
        return Witnessed(tuple(self.counted), by_id, spare, tuple(self.clocks), tuple(self.sightings))


def _sighting(passage: Passage, at_ns: int, within_ns: int, file: str) -> Sighting:
    """Return whom a witness saw, at the instant of the main source's clock."""
    line = passage.id.rpartition(":")[2]
    counter = int(line) if line.isdecimal() else 0
    return Sighting(
        f"witness:{passage.id}", passage.timing_point, passage.start_number, at_ns, within_ns, passage.source,
        file, counter, None, passage.id,
    )  # fmt: skip


def _ats(passages: Sequence[Passage]) -> Ats:
    return np.array([passage.at_ns for passage in passages], np.int64)


class _Line(NamedTuple):
    """How a source's clock runs beside the main one: late by late_ns at middle_ns, and by `drift` more each ns."""

    late_ns: int
    drift: float
    middle_ns: int
    within_ns: int  # a car's two instants differ by this at the most, apart from the line
    scatter_ns: int = 0

    def on_main(self, ats: Ats) -> Ats:
        """Return a source's instants by the main source's clock."""
        bend = np.rint((ats - self.late_ns - self.middle_ns) * self.drift).astype(np.int64)
        return np.asarray(ats - self.late_ns - bend, np.int64)


def _find_line(main_ats: Ats, ats: Ats) -> _Line | None:
    """Return how a source's clock runs, or None when too few cars are on both to tell."""
    fewest = max(FEWEST, int(np.ceil(PART * min(len(main_ats), len(ats)))))
    differences = _differences(main_ats, ats)
    for width_ns in WIDTHS_NS:
        late_ns, cars = _densest(differences, width_ns)
        if cars >= fewest:
            return _fitted(main_ats, ats, late_ns, width_ns)
    return None


def _differences(main_ats: Ats, ats: Ats) -> Ats:
    """Return how far instants of a source lie behind those of the main one, sorted, within reach."""
    if not len(main_ats) or not len(ats):
        return np.empty(0, np.int64)
    step = 1 + len(main_ats) * len(ats) // DIFFERENCES
    every = np.subtract.outer(ats[::step], main_ats).ravel()
    return np.sort(every[np.abs(every) <= REACH_NS])


def _densest(differences: Ats, width_ns: int) -> tuple[int, int]:
    """Return (middle, how many) where most differences lie within a width, 0 where that is no better than elsewhere.

    Cars that come every minute fall together nearly as well a minute later: only a clock that is about right may have
    such a rival.
    """
    if not len(differences):
        return 0, 0
    counts = np.searchsorted(differences, differences + width_ns, "right") - np.arange(len(differences))
    strong = np.flatnonzero(counts >= RIVAL * counts.max())
    about = strong[np.abs(differences[strong]) <= ABOUT_NS]
    most = int(about[counts[about].argmax()] if len(about) else counts.argmax())
    cars = int(counts[most])
    if not len(about) and np.ptp(differences[strong]) > APART_NS:
        return 0, 0
    return int(np.median(differences[most : most + cars])), cars


def _fitted(main_ats: Ats, ats: Ats, late_ns: int, width_ns: int) -> _Line:
    """Return the line through a source's differences, from where most of them lie."""
    middle_ns = int(np.median(main_ats))
    line = _Line(late_ns, 0.0, middle_ns, max(width_ns // 2, UNTOLD_NS))
    for _ in range(3):
        pairs = _nearest_pairs(main_ats, line.on_main(ats), line.within_ns)
        if len(pairs) < FEWEST:
            return line
        places, partners = np.array(pairs).T
        line = _through(main_ats[partners], ats[places] - main_ats[partners], middle_ns)
    return line


def _through(at_ns: Ats, late_ns: Ats, middle_ns: int) -> _Line:
    """Return a robust line through differences: their median, and a slope where they tell one."""
    since = (at_ns - middle_ns).astype(float)
    level, slope = float(np.median(late_ns)), 0.0
    if len(late_ns) >= DRIFT_CARS and np.ptp(since) > 0:
        keep = np.abs(late_ns - level) <= 3 * _scatter(late_ns - level) + np.abs(since) * 200e-6
        (steep, height), error = _least_squares(since[keep], late_ns[keep].astype(float))
        if abs(steep) > DRIFT_SURE * error and abs(steep) * np.ptp(since) >= DRIFT_NS:
            level, slope = height, steep
    scatter = _scatter(late_ns - level - slope * since)
    within_ns = int(min(max(6 * scatter, LEAST_NS), MOST_NS))
    return _Line(round(level), slope, middle_ns, within_ns, round(scatter))


def _least_squares(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[tuple[float, float], float]:
    """Return ((slope, height at 0), standard error of the slope)."""
    centred = x - x.mean()
    spread = float(centred @ centred)
    if len(x) < 3 or spread == 0:
        return (0.0, float(np.median(y))), np.inf
    slope = float(centred @ y) / spread
    height = float(y.mean() - slope * x.mean())
    rest = y - height - slope * x
    return (slope, height), float(np.sqrt(rest @ rest / (len(x) - 2) / spread))


def _scatter(values: NDArray[np.floating[Any]]) -> float:
    """Return the standard deviation of values of which some are far off, by their median distance from 0."""
    return 1.4826 * float(np.median(np.abs(values)))


def _nearest_pairs(main_ats: Ats, on_main: Ats, within_ns: int) -> list[tuple[int, int]]:
    """Return (place in the source, place in the main one) of instants that are each other's nearest within reach."""
    if not len(main_ats) or not len(on_main):
        return []
    mains, sources = main_ats.tolist(), on_main.tolist()
    pairs = []
    for place, at_ns in enumerate(sources):
        partner = _nearest(mains, at_ns)
        if abs(mains[partner] - at_ns) <= within_ns and _nearest(sources, mains[partner]) == place:
            pairs.append((place, partner))
    return pairs


def _nearest(ats: Sequence[int], at_ns: int) -> int:
    """Return the place of the instant that is nearest; `ats` are sorted and at least one."""
    place = bisect_left(ats, at_ns)
    return min((near for near in (place - 1, place) if 0 <= near < len(ats)), key=lambda near: abs(ats[near] - at_ns))
