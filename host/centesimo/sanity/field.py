"""How far all crews were off at every trial, and how far each of them usually is: what the points are judged by.

Deviations are those that officials see, in 1/100 s; timed trials and average trials have scales of their own. A crew's
scale is how far it usually is from the others, over all its trials, so that the best crews count most; what the whole
field shares at one trial is not in it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import sqrt
from operator import itemgetter
from statistics import median
from typing import NamedTuple

from centesimo.model.event import Control
from centesimo.model.facts import Score
from centesimo.sanity.causes import Signs
from centesimo.sanity.robust import Located, locate, regress, scale_of
from centesimo.score import HUNDREDTHS

LEAST_SCALE_CS = 1.0  # nobody is better than this for certain, and instants are whole hundredths
OF_FIELD = 3  # trials as many as which the scale of all crews counts in that of one
HABIT_OF = 5  # trials from which a habit of the whole field (late by as much everywhere) can be told


class Effect(NamedTuple):
    """How much later crews are by something: always `size_cs`, or before an instant `base_cs` and after one that more.

    Between the two instants it grows with time; when they are one, it is a step.
    """

    size_cs: float
    base_cs: float = 0.0
    from_ns: int | None = None  # None: always
    until_ns: int = 0

    def at(self, at_ns: int) -> float:
        """Return how much it is at an instant."""
        return self.base_cs + self.size_cs * self.level(at_ns)

    def level(self, at_ns: int) -> float:
        """Return how much of it is there at an instant: 0 before it came, 1 when it is all there."""
        if self.from_ns is None or at_ns >= self.until_ns:
            return 1.0
        return 0.0 if at_ns < self.from_ns else (at_ns - self.from_ns) / (self.until_ns - self.from_ns)


class Deviation(NamedTuple):
    """What one crew was off at one trial."""

    at_ns: int  # when it closed
    late_cs: float


class Series(NamedTuple):
    """What some trials together say of each crew, in order of time."""

    start_numbers: Sequence[int]
    at_ns: Sequence[int]
    late_cs: Sequence[float]
    scales_cs: Sequence[float]


_Row = tuple[int, int, float, float]  # of a series: start number, instant, lateness, scale


class Sized(NamedTuple):
    """A size with what each crew has moved it by, by start number."""

    located: Located
    share_by_number: dict[int, float]


class Field:
    """The deviations at each trial, and each crew's scale; `take_out` leaves what is not explained yet."""

    def __init__(self, controls: Sequence[Control], scores: Iterable[Score]) -> None:
        self.kind_by_control = {control.id: control.kind for control in controls}
        self.deviations: dict[str, dict[int, Deviation]] = {control.id: {} for control in controls}
        for one in scores:
            if one.deviation is None or one.unit != HUNDREDTHS or one.control not in self.deviations:
                continue
            if one.passages and one.passages[-1].at_ns is not None:
                late = Deviation(one.passages[-1].at_ns, float(one.deviation))
                self.deviations[one.control][one.start_number] = late
        self._scales_cs = self._scales()
        self._series: dict[Signs, Series] = {}  # of the deviations as they are now
        self._take_habit()

    def _scales(self) -> dict[tuple[str, int], float]:
        """Return each crew's scale by kind of control and start number."""
        apart: dict[tuple[str, int], list[float]] = defaultdict(list)
        of_all: dict[str, list[float]] = defaultdict(list)
        for control, its in self.deviations.items():
            kind = self.kind_by_control[control]
            middle = median(one.late_cs for one in its.values()) if its else 0.0
            for number, one in its.items():
                apart[kind, number].append(abs(one.late_cs - middle))
                of_all[kind].append(abs(one.late_cs - middle))
        usual = {kind: scale_of(its) for kind, its in of_all.items()}
        return {key: _scale(its, usual[key[0]]) for key, its in apart.items()}

    def best(self, kind: str, part: int, fewest: int) -> list[int]:
        """Return one in `part` of the crews, at least `fewest`: those least far from the others at trials of a kind."""
        scales = sorted((scale_cs, number) for (its, number), scale_cs in self._scales_cs.items() if its == kind)
        return [number for _, number in scales[: max(fewest, len(scales) // part)]]

    def _take_habit(self) -> None:
        """Take out what all trials of a kind share: a field that is late everywhere alike is no point's fault."""
        for kind in sorted(set(self.kind_by_control.values())):
            same = [control for control, its in self.kind_by_control.items() if its == kind]
            located = [self.locate(((control, 1),)) for control in same]
            middles = [one.middle for one in located if one is not None]
            if len(middles) >= HABIT_OF:
                for control in same:
                    self.take_out(((control, 1),), Effect(median(middles)))

    def series(self, signs: Signs) -> Series:
        """Return for each crew the mean of what its trials say of the size that shows by `signs`."""
        found = self._series.get(signs)
        if found is None:
            rows = self._of_one(*signs[0]) if len(signs) == 1 else self._of_several(signs)
            rows.sort(key=itemgetter(1, 0))
            found = self._series[signs] = Series(*zip(*rows, strict=True)) if rows else Series((), (), (), ())
        return found

    def _of_one(self, control: str, sign: int) -> list[_Row]:
        kind, scales_cs = self.kind_by_control[control], self._scales_cs
        return [
            (number, at_ns, sign * late_cs, scales_cs[kind, number])
            for number, (at_ns, late_cs) in self.deviations[control].items()
        ]

    def _of_several(self, signs: Signs) -> list[_Row]:
        rows = []
        numbers = {number: None for control, _ in signs for number in self.deviations[control]}
        for number in numbers:
            its = [(control, sign) for control, sign in signs if number in self.deviations[control]]
            late_cs = sum(sign * self.deviations[control][number].late_cs for control, sign in its) / len(its)
            scales = (self._scales_cs[self.kind_by_control[control], number] for control, _ in its)
            scale_cs = sqrt(sum(scale * scale for scale in scales)) / len(its)
            rows.append((number, self.deviations[its[0][0]][number].at_ns, late_cs, scale_cs))
        return rows

    def locate(self, signs: Signs) -> Located | None:
        """Return the size that shows by `signs`, in 1/100 s, or None when too few crews tell."""
        its = self.series(signs)
        return locate(its.late_cs, its.scales_cs)

    def fit(self, signs: Signs, like: Effect) -> tuple[Effect, Sized] | None:
        """Return the effect that shows by `signs` when it comes as another one does, or None when it cannot be told."""
        its = self.series(signs)
        base, size = 0.0, locate(its.late_cs, its.scales_cs)
        if like.from_ns is not None and size is not None:
            levels = [like.level(at_ns) for at_ns in its.at_ns]
            if len(set(levels)) == 1:
                return None
            base, size, _ = regress(its.late_cs, its.scales_cs, levels)
        if size is None:
            return None
        effect = like._replace(size_cs=size.middle, base_cs=base)
        return effect, Sized(size, dict(zip(its.start_numbers, size.shares, strict=True)))

    def take_out(self, signs: Signs, effect: Effect) -> None:
        """Take an effect out of the deviations."""
        self._series = {}
        for control, sign in signs:
            for number, one in self.deviations[control].items():
                late_cs = one.late_cs - sign * effect.at(one.at_ns)
                self.deviations[control][number] = one._replace(late_cs=late_cs)


def _scale(apart: Sequence[float], usual: float) -> float:
    """Return one crew's scale: of few trials, mostly that of all crews."""
    own, count = scale_of(apart), len(apart)
    both = (count * own * own + OF_FIELD * usual * usual) / (count + OF_FIELD)
    return max(sqrt(both), LEAST_SCALE_CS)
