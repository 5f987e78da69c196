"""What makes all crews late or early alike at a trial, by how much, since when, and how sure that is.

Good crews scatter around zero. Where the middle of a field, its best crews counting most, is not at zero, something
else is off: the ideal time, a tube, a board (causes.py). All causes are tried. The one that explains most becomes an
offset, with the probability of every other cause that could explain the same trials; its effect is subtracted, and the
search begins again. What began in the course of the day (a tube that moved) is looked for first.
"""

from collections.abc import Iterator, Mapping, Sequence
from math import exp
from typing import NamedTuple

from centesimo.model.about_points import Offset, Pattern
from centesimo.model.event import AVERAGE_TRIAL, TIMED_TRIAL, Event
from centesimo.model.facts import Score
from centesimo.sanity.causes import patterns
from centesimo.sanity.deviations import Effect, FieldDeviations, Sized
from centesimo.sanity.robust import Located, chance, find_change, solve

SURE = 0.999  # that it is no chance, over all that was tried, from which something is told
# What a field may share without a fault: a time that another device has cut to the hundredth is early by half of one.
TOLERATED_CS = 0.5
LEAST_CS = 1.0  # what is less is not told: it changes no penalty for certain
MOST = 20  # told of one event; more are one and the same fault, such as another event's times
LOOK = 3.0  # errors from zero at which a cause is looked at crew by crew


class _Tried(NamedTuple):
    """A pattern that was tried: its size by the crews' deviations, and the chance of that where nothing is off."""

    pattern: Pattern
    size: Located
    chance: float
    effect: Effect

    @property
    def errors(self) -> float:
        """Return the size in standard errors."""
        return abs(self.size.middle) / self.size.error


def offsets(event: Event, scores: Sequence[Score]) -> list[Offset]:
    """Return all that is off: first what began during the day, then what was there all day, each the surest first."""
    trials = [control for control in event.controls if control.kind in (TIMED_TRIAL, AVERAGE_TRIAL)]
    field, every = FieldDeviations(trials, scores), patterns(event, trials)
    all_off: list[Offset] = []
    for seek in (_changes, _constant):
        while len(all_off) < MOST and (tried := _surest(seek(field, every), len(every))):
            offset, effect = _judged(field, every, tried)
            all_off.append(offset)
            field.take_out(offset.pattern.signs, effect)
    return all_off


def _surest(tried: Iterator[_Tried], count: int) -> _Tried | None:
    """Return the pattern that is least likely chance, None where none is sure enough when `count` were tried."""
    sure = [
        candidate
        for candidate in tried
        if candidate.chance * count < 1 - SURE and abs(candidate.size.middle) >= LEAST_CS
    ]
    return max(sure, key=lambda candidate: candidate.errors, default=None)


def _constant(field: FieldDeviations, every: Sequence[Pattern]) -> Iterator[_Tried]:
    """Yield the patterns that the single trials suggest, each with the size that it had all day."""
    single = {pattern.signs[0][0]: field.locate(pattern.signs) for pattern in every if len(pattern.signs) == 1}
    for pattern in every:
        if _expected(pattern, single) >= LOOK and (size := field.locate(pattern.signs)):
            yield _Tried(pattern, size, _by_chance(size), Effect(size.middle))


def _expected(pattern: Pattern, single: dict[str, Located | None]) -> float:
    """Return a pattern's size in standard errors, estimated from its single trials as if their crews were different."""
    located = [(sign, alone) for control, sign in pattern.signs if (alone := single.get(control)) is not None]
    weight = sum(1 / alone.error**2 for _, alone in located)
    return abs(sum(sign * alone.middle / alone.error**2 for sign, alone in located)) / weight**0.5 if located else 0.0


def _changes(field: FieldDeviations, every: Sequence[Pattern]) -> Iterator[_Tried]:
    """Yield the patterns whose size changed in the course of the day."""
    for pattern in every:
        series = field.series(pattern.signs)
        change = find_change(series.late_cs, series.scales_cs, series.at_ns)
        if change is not None:
            first, last = (change.step, change.step) if change.step is not None else (0, -1)
            effect = Effect(change.size.middle, change.base, series.at_ns[first], series.at_ns[last])
            # Where it changed was chosen of all places: the bridge counts that, Student does not.
            yield _Tried(pattern, change.size, max(change.chance, _by_chance(change.size)), effect)


def _by_chance(size: Located) -> float:
    """Return the chance of a size so far beyond TOLERATED_CS where nothing is off."""
    return chance(max(abs(size.middle) - TOLERATED_CS, 0.0) / size.error, size.resting)


def _judged(field: FieldDeviations, every: Sequence[Pattern], tried: _Tried) -> tuple[Offset, Effect]:
    """Return the likeliest of all patterns that share a trial with the tried one, as an offset with its effect.

    The trials are weighed together by the covariances of the crews' deviations: a crew that aims at the time since the
    chain began is late on one trial and early on the next, and no tube is off for that.
    """
    own = {control for control, _ in tried.pattern.signs}
    near = [pattern for pattern in every if own & {control for control, _ in pattern.signs}]
    controls = list(dict.fromkeys(control for pattern in near for control, _ in pattern.signs))
    fits = {control: fit[1] for control in controls if (fit := field.fit(((control, 1),), tried.effect))}
    near = [pattern for pattern in near if any(control in fits for control, _ in pattern.signs)]
    gains = _gains(near, fits)
    best = max(range(len(near)), key=lambda place: gains[place][0])
    odds = [exp((gain - gains[best][0]) / 2) for gain, _, _ in gains]
    shares = [odd / sum(odds) for odd in odds]
    rivals = [(pattern, share) for pattern, share in zip(near, shares, strict=True) if pattern is not near[best]]
    rivals.sort(key=lambda pair: -pair[1])
    _, size_cs, error_cs = gains[best]
    fitted = field.fit(near[best].signs, tried.effect)
    base_cs = fitted[0].base_cs if fitted else 0.0
    effect = tried.effect._replace(size_cs=size_cs, base_cs=base_cs)
    sure = max(0.0, 1 - tried.chance * len(every))
    crews = round(tried.size.resting)
    offset = Offset(near[best], size_cs, error_cs, crews, sure, shares[best], tuple(rivals), *effect[2:])
    return offset, effect


def _gains(near: Sequence[Pattern], fits: Mapping[str, Sized]) -> list[tuple[float, float, float]]:
    """Return for each pattern twice the log of its likelihood ratio to nothing being off, its size and its error."""
    sizes = [fit.located.middle for fit in fits.values()]
    covariances = [[_covariance(row, column) for column in fits.values()] for row in fits.values()]
    gains = []
    for pattern in near:
        sign_by_control = dict(pattern.signs)
        signs = [float(sign_by_control.get(control, 0)) for control in fits]
        weights = solve(covariances, signs)
        information = sum(weight * sign for weight, sign in zip(weights, signs, strict=True))
        size = sum(weight * size_cs for weight, size_cs in zip(weights, sizes, strict=True)) / information
        gains.append((size * size * information, size, information**-0.5))
    return gains


def _covariance(first: Sized, second: Sized) -> float:
    """Return the covariance of two sizes, from the crews that contribute to both.

    Of a size with itself: its squared error, plus the variance of what a field may share at a trial (TOLERATED_CS).
    """
    if first is second:
        return first.located.error**2 + TOLERATED_CS**2 / 3
    shared = first.share_by_number.keys() & second.share_by_number.keys()
    return sum(first.share_by_number[number] * second.share_by_number[number] for number in shared)
