"""What makes all crews late or early alike at a trial, by how much, since when, and how sure that is.

Good crews scatter around zero. Where the middle of a field, its best crews counting most, is not at zero, something is
off that is no crew's: the ideal time, a tube, a board (causes.py). All causes are tried; the one that explains most is
told, with the chance of each other one that could explain the same trials, and taken out; then the rest is looked at
again. What came in the course of the day (a tube that moved) is looked for first.
"""

from collections.abc import Iterator, Mapping, Sequence
from math import exp
from typing import NamedTuple

from centesimo.model.event import AVERAGE_TRIAL, TIMED_TRIAL, Event
from centesimo.model.facts import Score
from centesimo.sanity.causes import Pattern, patterns
from centesimo.sanity.field import Effect, Field, Sized
from centesimo.sanity.robust import Located, chance, find_change, solve

SURE = 0.999  # that it is no chance, over all that was tried, from which something is told
# What a field may share without a fault: a time that another device has cut to the hundredth is early by half of one.
TOLERATED_CS = 0.5
LEAST_CS = 1.0  # what is less is not told: it changes no penalty for certain
MOST = 20  # told of one event; more are one and the same fault, such as another event's times
LOOK = 3.0  # errors from zero at which a cause is looked at crew by crew


class Offset(NamedTuple):
    """Something that is off."""

    pattern: Pattern  # how it shows, and its causes that show so
    size_cs: float  # how late the first cause of sign +1 makes its first control
    error_cs: float  # standard error of the size
    crews: int  # that it rests on: those that are often far off count little
    sure: float  # that it is no chance, 0 .. 1
    share: float  # of the probability that it is this pattern and none of the rivals
    rivals: tuple[tuple[Pattern, float], ...]  # with their share, the likeliest first
    from_ns: int | None = None  # it came from this instant on; None: it was there all day
    until_ns: int = 0  # it was all there by this one, at the same when it came at once


class _Tried(NamedTuple):
    """A pattern with what the crews say of its size."""

    pattern: Pattern
    size: Located
    chance: float
    effect: Effect

    @property
    def errors(self) -> float:
        """Return how many of its errors the size is."""
        return abs(self.size.middle) / self.size.error


def offsets(event: Event, scores: Sequence[Score]) -> list[Offset]:
    """Return all that is off, what came later first, else the surest first."""
    trials = [one for one in event.controls if one.kind in (TIMED_TRIAL, AVERAGE_TRIAL)]
    field, every = Field(trials, scores), patterns(event, trials)
    found: list[Offset] = []
    for seek in (_changes, _constant):
        while len(found) < MOST and (one := _surest(seek(field, every), len(every))):
            told, effect = _judged(field, every, one)
            found.append(told)
            field.take_out(told.pattern.signs, effect)
    return found


def _surest(tried: Iterator[_Tried], count: int) -> _Tried | None:
    """Return what is least of all chance, of those that are sure enough after so many were tried."""
    sure = [one for one in tried if one.chance * count < 1 - SURE and abs(one.size.middle) >= LEAST_CS]
    return max(sure, key=lambda one: one.errors, default=None)


def _constant(field: Field, every: Sequence[Pattern]) -> Iterator[_Tried]:
    """Yield the patterns whose size is not zero, as far as single trials let expect that."""
    single = {one.signs[0][0]: field.locate(one.signs) for one in every if len(one.signs) == 1}
    for one in every:
        if _expected(one, single) >= LOOK and (size := field.locate(one.signs)):
            yield _Tried(one, size, _by_chance(size), Effect(size.middle))


def _expected(pattern: Pattern, single: dict[str, Located | None]) -> float:
    """Return how many errors from zero a pattern's size is, as if each trial were another field's."""
    known = [(sign, its) for control, sign in pattern.signs if (its := single.get(control)) is not None]
    weight = sum(1 / its.error**2 for _, its in known)
    return abs(sum(sign * its.middle / its.error**2 for sign, its in known)) / weight**0.5 if known else 0.0


def _changes(field: Field, every: Sequence[Pattern]) -> Iterator[_Tried]:
    """Yield the patterns whose size changed in the course of the day."""
    for one in every:
        its = field.series(one.signs)
        change = find_change(its.late_cs, its.scales_cs, its.at_ns)
        if change is not None:
            first, last = (change.step, change.step) if change.step is not None else (0, -1)
            effect = Effect(change.size.middle, change.base, its.at_ns[first], its.at_ns[last])
            # Where it changed was chosen of all places: the bridge counts that, Student does not.
            yield _Tried(one, change.size, max(change.chance, _by_chance(change.size)), effect)


def _by_chance(size: Located) -> float:
    """Return the chance that a size is as far beyond what is tolerated as this one."""
    return chance(max(abs(size.middle) - TOLERATED_CS, 0.0) / size.error, size.resting)


def _judged(field: Field, every: Sequence[Pattern], tried: _Tried) -> tuple[Offset, Effect]:
    """Return what is told, with its effect: of all patterns that share a trial with what was tried the likeliest.

    The trials are weighed together, with the covariances that the crews show: who aims at the time since the chain
    began is late on one trial and early on the next, and that is no tube's fault.
    """
    own = {control for control, _ in tried.pattern.signs}
    near = [one for one in every if own & {control for control, _ in one.signs}]
    controls = list(dict.fromkeys(control for one in near for control, _ in one.signs))
    fits = {one: fit[1] for one in controls if (fit := field.fit(((one, 1),), tried.effect))}
    near = [one for one in near if any(control in fits for control, _ in one.signs)]
    gains = _gains(near, fits)
    best = max(range(len(near)), key=lambda place: gains[place][0])
    odds = [exp((gain - gains[best][0]) / 2) for gain, _, _ in gains]
    shares = [one / sum(odds) for one in odds]
    rivals = [(one, share) for one, share in zip(near, shares, strict=True) if one is not near[best]]
    rivals.sort(key=lambda pair: -pair[1])
    _, size_cs, error_cs = gains[best]
    fitted = field.fit(near[best].signs, tried.effect)
    base_cs = fitted[0].base_cs if fitted else 0.0
    effect = tried.effect._replace(size_cs=size_cs, base_cs=base_cs)
    sure = max(0.0, 1 - tried.chance * len(every))
    crews = round(tried.size.resting)
    told = Offset(near[best], size_cs, error_cs, crews, sure, shares[best], tuple(rivals), *effect[2:])
    return told, effect


def _gains(near: Sequence[Pattern], fits: Mapping[str, Sized]) -> list[tuple[float, float, float]]:
    """Return of each pattern twice the logarithm of its likelihood against none at all, its size and its error."""
    sizes = [one.located.middle for one in fits.values()]
    covariances = [[_covariance(one, other) for other in fits.values()] for one in fits.values()]
    found = []
    for pattern in near:
        sign_by_control = dict(pattern.signs)
        signs = [float(sign_by_control.get(control, 0)) for control in fits]
        weights = solve(covariances, signs)
        known = sum(weight * sign for weight, sign in zip(weights, signs, strict=True))
        size = sum(weight * one for weight, one in zip(weights, sizes, strict=True)) / known
        found.append((size * size * known, size, known**-0.5))
    return found


def _covariance(one: Sized, other: Sized) -> float:
    """Return the covariance of two sizes, from the crews that both rest on.

    Of one with itself it is its error's square, and that of what a field may share there: anything that is tolerated.
    """
    if one is other:
        return one.located.error**2 + TOLERATED_CS**2 / 3
    shared = one.share_by_number.keys() & other.share_by_number.keys()
    return sum(one.share_by_number[number] * other.share_by_number[number] for number in shared)
