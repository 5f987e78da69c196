"""The deviations of all crews at every trial, each weighed by how exact that crew usually is.

Deviations are those that officials see, in 1/100 s. A crew's scale is how far it usually is from the middle of the
field, over all its trials of a kind (timed, average); a crew counts by 1 / scale^2, so the best crews count most. What
the whole field shares at a trial does not enter the scales.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import sqrt
from operator import itemgetter
from statistics import median
from typing import NamedTuple

from centesimo.model.about_points import Signs
from centesimo.model.event import Control
from centesimo.model.facts import Score
from centesimo.sanity.robust import Located, locate, regress, scale_of
from centesimo.score import HUNDREDTHS

LEAST_SCALE_CS = 1.0  # nobody is better than this for certain, and instants are whole hundredths
OF_FIELD = 3  # trials as many as which the scale of all crews counts in that of one
HABIT_OF = 5  # trials from which a habit of the whole field (late by as much everywhere) can be told


class Effect(NamedTuple):
    """How much later crews are because something is off: `size_cs` all day, or from a part of the day on.

    Of what begins during the day, crews are `base_cs` later before `from_ns` and base_cs + size_cs after `until_ns`;
    in between it grows with time. When both instants are the same, it is a step.
    """

    size_cs: float
    base_cs: float = 0.0
    from_ns: int | None = None  # None: always
    until_ns: int = 0

    def at(self, at_ns: int) -> float:
        """Return how much later crews are by it at an instant, in 1/100 s."""
        return self.base_cs + self.size_cs * self.level(at_ns)

    def level(self, at_ns: int) -> float:
        """Return which part of it is there at an instant: 0 before it begins, 1 when it is complete."""
        if self.from_ns is None or at_ns >= self.until_ns:
            return 1.0
        return 0.0 if at_ns < self.from_ns else (at_ns - self.from_ns) / (self.until_ns - self.from_ns)


class Deviation(NamedTuple):
    """How late one crew was at one trial."""

    at_ns: int  # when it closed
    late_cs: float


class Series(NamedTuple):
    """For each crew, in order of time: how late it was at some trials together, and its scale there."""

    start_numbers: Sequence[int]
    at_ns: Sequence[int]
    late_cs: Sequence[float]
    scales_cs: Sequence[float]


_Row = tuple[int, int, float, float]  # of a series: start number, instant, lateness, scale


class Sized(NamedTuple):
    """An estimated size, and how much of it each crew contributes, by start number."""

    located: Located
    share_by_number: dict[int, float]


class FieldDeviations:
    """The deviations at each trial and each crew's scale; `take_out` subtracts an effect that has been explained."""

    def __init__(self, controls: Sequence[Control], scores: Iterable[Score]) -> None:
        self.kind_by_control = {control.id: control.kind for control in controls}
        self.deviations: dict[str, dict[int, Deviation]] = {control.id: {} for control in controls}
        for score in scores:
            if score.deviation is None or score.unit != HUNDREDTHS or score.control not in self.deviations:
                continue
            if score.passages and score.passages[-1].at_ns is not None:
                late = Deviation(score.passages[-1].at_ns, float(score.deviation))
                self.deviations[score.control][score.start_number] = late
        self._scales_cs = self._scales()
        self._series: dict[Signs, Series] = {}  # of the deviations as they are now
        self._take_habit()

    def _scales(self) -> dict[tuple[str, int], float]:
        """Return each crew's scale by kind of control and start number."""
        apart: dict[tuple[str, int], list[float]] = defaultdict(list)
        of_all: dict[str, list[float]] = defaultdict(list)
        for control, of_control in self.deviations.items():
            kind = self.kind_by_control[control]
            middle = median(deviation.late_cs for deviation in of_control.values()) if of_control else 0.0
            for number, deviation in of_control.items():
                apart[kind, number].append(abs(deviation.late_cs - middle))
                of_all[kind].append(abs(deviation.late_cs - middle))
        usual = {kind: scale_of(all_apart) for kind, all_apart in of_all.items()}
        return {key: _scale(own_apart, usual[key[0]]) for key, own_apart in apart.items()}

    def best(self, kind: str, part: int, fewest: int) -> list[int]:
        """Return the start numbers of the best crews at trials of a kind: one in `part` of them, at least `fewest`."""
        scales = sorted(
            (scale_cs, number) for (of_kind, number), scale_cs in self._scales_cs.items() if of_kind == kind
        )
        return [number for _, number in scales[: max(fewest, len(scales) // part)]]

    def _take_habit(self) -> None:
        """Subtract what all trials of a kind share: where a field is late everywhere alike, no single point is off."""
        for kind in sorted(set(self.kind_by_control.values())):
            same = [control for control, of_kind in self.kind_by_control.items() if of_kind == kind]
            located = [self.locate(((control, 1),)) for control in same]
            middles = [habit.middle for habit in located if habit is not None]
            if len(middles) >= HABIT_OF:
                for control in same:
                    self.take_out(((control, 1),), Effect(median(middles)))

    def series(self, signs: Signs) -> Series:
        """Return how late each crew was at the trials of `signs`, each deviation times its sign, as their mean."""
        series = self._series.get(signs)
        if series is None:
            rows = self._of_one(*signs[0]) if len(signs) == 1 else self._of_several(signs)
            rows.sort(key=itemgetter(1, 0))
            series = self._series[signs] = Series(*zip(*rows, strict=True)) if rows else Series((), (), (), ())
        return series

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
            driven = [(control, sign) for control, sign in signs if number in self.deviations[control]]
            late_cs = sum(sign * self.deviations[control][number].late_cs for control, sign in driven) / len(driven)
            scales = (self._scales_cs[self.kind_by_control[control], number] for control, _ in driven)
            scale_cs = sqrt(sum(scale * scale for scale in scales)) / len(driven)
            rows.append((number, self.deviations[driven[0][0]][number].at_ns, late_cs, scale_cs))
        return rows

    def locate(self, signs: Signs) -> Located | None:
        """Return how late the field was at the trials of `signs`, in 1/100 s; None when too few crews drove them."""
        series = self.series(signs)
        return locate(series.late_cs, series.scales_cs)

    def fit(self, signs: Signs, like: Effect) -> tuple[Effect, Sized] | None:
        """Return the effect at the trials of `signs` that begins as `like` does, and its size; None: too few crews."""
        series = self.series(signs)
        base, size = 0.0, locate(series.late_cs, series.scales_cs)
        if like.from_ns is not None and size is not None:
            levels = [like.level(at_ns) for at_ns in series.at_ns]
            if len(set(levels)) == 1:
                return None
            base, size, _ = regress(series.late_cs, series.scales_cs, levels)
        if size is None:
            return None
        effect = like._replace(size_cs=size.middle, base_cs=base)
        return effect, Sized(size, dict(zip(series.start_numbers, size.shares, strict=True)))

    def take_out(self, signs: Signs, effect: Effect) -> None:
        """Subtract an effect from the deviations at the trials of `signs`."""
        self._series = {}
        for control, sign in signs:
            for number, deviation in self.deviations[control].items():
                late_cs = deviation.late_cs - sign * effect.at(deviation.at_ns)
                self.deviations[control][number] = deviation._replace(late_cs=late_cs)


def _scale(apart: Sequence[float], usual: float) -> float:
    """Return one crew's scale; the fewer trials it has, the more it is that of all crews."""
    own, count = scale_of(apart), len(apart)
    square = (count * own * own + OF_FIELD * usual * usual) / (count + OF_FIELD)
    return max(sqrt(square), LEAST_SCALE_CS)
