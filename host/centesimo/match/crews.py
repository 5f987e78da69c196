"""Tracks become crews: all ways to read a chain's opening are followed side by side, in order of time.

A state is what has been explained so far: which crews are due but not seen, and how late each race's field runs now. A
track is the next crew, one that is overdue, one that comes early, or nobody. The likelihood of a crew's lateness has
three parts: near the field's (so that all may be late together), near its own on the chain before, and far off on its
own. A crew that is not seen costs a little, a track of nobody costs a little; a shift of everybody by one place costs
a jump of the field as well. States that cannot win any more are dropped; what is left is weighed both ways (ways.py).

A crew that is long overdue, or gone since the chain before, is belated: each state forgets it when it is. Any track may
still be its own; claims.py says how that is weighed without a state for every set of crews that may yet come.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise, product
from math import exp, inf, isinf, log, prod
from operator import itemgetter
from typing import NamedTuple

from centesimo.match.claims import Claims
from centesimo.match.exchanges import Exchanges, exchanged
from centesimo.match.gaps import Gaps
from centesimo.match.model import (
    AHEAD_S,
    BELATED_S,
    CONVOY_HZ,
    FOLLOW,
    GONE_FROM,
    HELD_UP_S,
    JUMP,
    NOBODY,
    NOT_YET,
    OVERTAKEN,
    UNKNOWN_S,
    Column,
    Crew,
    Manner,
    jump_hz,
    nobody_hz,
    to_come,
)
from centesimo.match.ways import Chances, Late, Option, State, Step, backward

APART = 5  # tracks this many sigma apart cannot be mistaken for each other: there, less unlikely ways are dropped
CLEAR = 1e-3
NEAR_BY = 2.5  # a crew this many sigma from the field's lateness goes with the field
UNEXPECTED = 0.1  # a crew as likely gone as this is no clear case: its slot may be another's
LISTED = 0.1  # nor is it one if the lists say another this much rather
STATES, STATES_AT_CONTROL = 512, 32  # ways followed; at a time control a minute is open to all, and many are alike
DROP, DROP_CLEAR = 1e-7, 1e-5
FAINT = 1e-7  # so is a field lateness: only the end of a chain may tell a shift by one place
SHIFT_S = 15.0
STEP, LEAST_STEP_S = 0.25, 0.1  # a field's lateness is told in steps of so many sigma, so that like states meet
OPTION = 1e-9
TOGETHER_S = 10.0
LEAST = 1e-300  # of a weight, that it does not vanish
NAMED = 1e-9  # worth of a crew that only its name tells
PASSES = 4
NOT_EXPECTED = -1
SAME: tuple[int, tuple[float, ...]] = (0, ())  # instead of what tells states apart


class Missing(NamedTuple):
    """A crew that a column may be though it has been forgotten, or is not expected any more."""

    who: int
    crew: Crew
    field: int
    over_s: float  # how much later than it is due
    place: int  # among the expected crews
    belated_s: float  # it is belated from this instant on, if its field is not late
    worth: float  # of its being this column, beside its lateness


class Reading:
    """All ways to read the tracks of one chain.

    `crews` in order of due_s, `manner`: how near they keep to the field's lateness, `lateness`: what each field's may
    be before the first crew, in s (NOT_YET: not known), `gaps`: how alike a car's axle gaps are.
    """

    def __init__(
        self, crews: Sequence[Crew], manner: Manner, lateness: Sequence[Sequence[float]], gaps: Gaps | None = None
    ) -> None:
        self.crews = crews
        self.manner = manner
        self.sigma_s = manner.sigma_s
        self.step_s = max(LEAST_STEP_S, STEP * manner.sigma_s)
        self.gaps = gaps or Gaps()
        self.expected = [who for who, crew in enumerate(crews) if crew.absent < GONE_FROM]
        self._place_by_crew = {who: place for place, who in enumerate(self.expected)}
        self._belated_s = [crew.due_s + max(crew.before_s or 0.0, 0.0) + manner.wide_s + BELATED_S for crew in crews]
        self._states = STATES_AT_CONTROL if manner.wide_s else STATES
        self._start: dict[State, float] = {(0, (), fields): 1.0 for fields in product(*lateness)}

    def solve(self, columns: Sequence[Column], passes: int = PASSES) -> Chances:
        """Return for each column (in order of at_s) the chance of each crew by index, and of NOBODY.

        `passes`: how often belated crews and tracks may tell each other.
        """
        claims = Claims.first([crew.absent for crew in self.crews], set(self.expected))
        for _ in range(passes):
            due, belated = self._read(columns, claims)
            after = claims.after(due, belated)
            if after.is_like(claims):
                break
            claims = after
        chances = [_together(its, late) for its, late in zip(due, belated, strict=True)]
        exchanges = Exchanges(columns, self.crews, self.manner, chances)

        def weight(who: int, place: int) -> float:
            return self.manner.hz(self.crews[who], exchanges.off_s(who, place)) * self._car(who, columns[place])

        return exchanged(chances, exchanges.pairs(), weight)

    def _read(self, columns: Sequence[Column], claims: Claims) -> tuple[Chances, Chances]:
        """Return for each column the chance of each crew that comes when it is due, and of each belated one."""
        layer = self._start
        steps: list[Step] = []
        apart = _apart(columns, APART * self.sigma_s)
        for column, clear, since_s in zip(columns, apart, _since(columns), strict=True):
            step = Step(layer)
            missing = self._missing(column, claims, min(min(lateness) for _, _, lateness in layer))
            is_same = not missing and column.only is None  # nobody was forgotten: nobody comes belated to any state
            late_by_key: dict[tuple[int, tuple[float, ...]], Late] = {}
            for state in layer:
                base, given_up = self._without_belated(state, since_s, claims) if state[1] else (state, 1.0)
                key = SAME if is_same else (base[0], _shift(base[2]))
                if key not in late_by_key:
                    late_by_key[key] = step.late(self._belated(column, since_s, base, missing))
                late = late_by_key[key]
                options = self._clear_options(base, column, late) if clear else []
                options = options or self._options(base, column, late)
                step.arcs += [(state, target, who, weight * given_up) for target, who, weight in options]
            layer = self._kept(step.forward(), column.at_s, DROP_CLEAR if clear else DROP)
            step.keep(layer)
            steps.append(step)
        ends = {state: self._end(state) for state in layer}
        most = max(ends.values())
        return backward(steps, {state: exp(end - most) for state, end in ends.items()})

    def _without_belated(self, state: State, at_s: float, claims: Claims) -> tuple[State, float]:
        """Return a state that has forgotten who is belated by now, and what it is worth not to have seen them."""
        following, out, lateness = state
        belated = [who for who in out if self._is_belated(who, at_s, lateness)]
        if not belated:
            return state, 1.0
        left = tuple(who for who in out if who not in belated)
        return (following, left, lateness), max(prod(map(claims.unseen, belated)), LEAST)

    def _is_belated(self, who: int, at_s: float, lateness: tuple[float, ...]) -> bool:
        """Say whether a crew is so late that the states forget it: each open case would double them for ever."""
        field_s = lateness[self.crews[who].field]
        return field_s != NOT_YET and at_s - max(field_s, 0.0) >= self._belated_s[who]

    def _missing(self, column: Column, claims: Claims, earliest_s: float) -> list[Missing]:
        """Return the crews which a column may be once a state has forgotten them, if no field is less late than that.

        In order of their due times.
        """
        found: list[Missing] = []
        if column.only is not None:
            return found
        for who, free in claims.on(column.number).items():
            crew = self.crews[who]
            over_s = column.at_s - crew.due_s
            if over_s - earliest_s < -AHEAD_S:
                break  # it is too early for it, and for those behind it
            place = self._place_by_crew.get(who, NOT_EXPECTED)
            worth = self._car(who, column) * free
            found.append(Missing(who, crew, crew.field, over_s, place, self._belated_s[who], worth))
        return found

    def _belated(self, column: Column, since_s: float, state: State, missing: Sequence[Missing]) -> dict[int, float]:
        """Return the crews which a column may be though a state has forgotten them, with their weights."""
        following, _, lateness = state
        if column.only is not None:
            return {column.only: NAMED}
        found: dict[int, float] = {}
        if not missing:
            return found
        hz = self.manner.hz
        sinces_s = [-inf if field_s == NOT_YET else since_s - max(field_s, 0.0) for field_s in lateness]
        for who, crew, field, over_s, place, belated_s, worth in missing:
            late_s = over_s - lateness[field]
            if late_s > -AHEAD_S if place == NOT_EXPECTED else place < following and belated_s <= sinces_s[field]:
                held_up_hz = CONVOY_HZ if column.convoy and late_s < HELD_UP_S else 0.0
                found[who] = (hz(crew, late_s) + held_up_hz) * worth
        return found

    def _car(self, who: int, column: Column) -> float:
        """Return how much likelier it is that this crew comes, in this car, than nobody."""
        crew = self.crews[who]
        return column.car * (1 - crew.absent) * self.gaps.alike(crew.gap, column.gap) * column.heard(who)

    def _clear_options(self, state: State, column: Column, late: Late) -> list[Option]:
        """Return the options worth following where nothing else is near: the next crew on time, or a belated one."""
        following, out, lateness = state
        if following == len(self.expected) or column.only is not None:
            return []
        who = self.expected[following]
        crew = self.crews[who]
        field_s = lateness[crew.field]
        late_s = column.at_s - crew.due_s
        off_s = self.manner.off_s(late_s - field_s)
        if crew.absent > UNEXPECTED or not abs(off_s) < NEAR_BY * self.sigma_s:
            return []
        if following + 1 < len(self.expected):
            after = self.crews[self.expected[following + 1]]
            if not column.at_s - after.due_s - lateness[after.field] < -APART * self.sigma_s:
                return []
        if column.said and column.heard(who) < LISTED * max(column.said.values()):
            return []
        weight = self.manner.near_hz(crew, late_s - field_s) * self._car(who, column)
        if weight * CLEAR < self._nobody(column):
            return []
        found: list[Option] = [((following + 1, out, self._followed(lateness, crew.field, off_s)), who, weight)]
        others = [*self._overdue(state, column), (state, *late)]
        return found + [option for option in others if option[2] > DROP_CLEAR * weight]

    def _options(self, state: State, column: Column, late: Late) -> list[Option]:
        """Return (state after it, who, weight) for each way to explain a column."""
        found = [*self._due(state, column), (state, *late)]
        if column.only is None:
            found.append((state, NOBODY, self._nobody(column)))
        else:
            found = [option for option in found if option[1] in (column.only, late[0])]
        enough = OPTION * max(weight for _, _, weight in found)
        return [option for option in found if option[2] > enough]

    def _nobody(self, column: Column) -> float:
        return nobody_hz(column.car, column.stray_hz) * column.heard(NOBODY)

    def _due(self, state: State, column: Column) -> Iterator[Option]:
        """Yield the crews that are overdue or due, or may come early."""
        yield from self._overdue(state, column)
        following, out, lateness = state
        skipped = out
        for place in range(following, len(self.expected)):
            who = self.expected[place]
            crew = self.crews[who]
            field_s = lateness[crew.field]
            if field_s != NOT_YET and crew.due_s + field_s - AHEAD_S > column.at_s:
                break
            convoy = column.convoy and place <= following + 1
            yield from self._as_crew(who, (place + 1, skipped, lateness), column, 1.0, convoy)
            skipped = (*skipped, who)

    def _overdue(self, state: State, column: Column) -> Iterator[Option]:
        """Yield the crews that were let by."""
        following, out, lateness = state
        for who in out:
            rest = tuple(other for other in out if other != who)
            jumps = OVERTAKEN if self._is_overtaken(who, following, out) else 1.0
            yield from self._as_crew(who, (following, rest, lateness), column, jumps, column.convoy)

    def _is_overtaken(self, who: int, following: int, out: tuple[int, ...]) -> bool:
        """Say whether a crew of the same field that is due later has been seen."""
        number = self.crews[who].field
        later = (one for one in reversed(self.expected[:following]) if one > who)
        return any(self.crews[one].field == number and one not in out for one in later)

    def _as_crew(self, who: int, state: State, column: Column, jumps: float, convoy: bool) -> Iterator[Option]:
        """Yield the ways in which a column can be this crew: with the field, on its own, or first of a late field."""
        following, out, lateness = state
        crew = self.crews[who]
        late_s = column.at_s - crew.due_s
        field_s = lateness[crew.field]
        car = self._car(who, column)
        if field_s == NOT_YET:
            yield (following, out, self._at(lateness, crew.field, late_s)), who, car / UNKNOWN_S
            return
        off_s = self.manner.off_s(late_s - field_s)
        held_up_hz = CONVOY_HZ if convoy and off_s < HELD_UP_S else 0.0
        weight = self.manner.hz(crew, late_s - field_s) + held_up_hz
        if abs(off_s) < NEAR_BY * self.sigma_s:
            yield (following, out, self._followed(lateness, crew.field, off_s)), who, weight * car
        else:
            yield state, who, weight * car
            jumped = self._at(lateness, crew.field, field_s + off_s)
            yield (following, out, jumped), who, jumps * jump_hz(off_s) * car

    def _followed(self, lateness: tuple[float, ...], field: int, off_s: float) -> tuple[float, ...]:
        """Return the lateness of the fields once a crew of one has come so much later than it."""
        return self._at(lateness, field, lateness[field] + FOLLOW * off_s)

    def _at(self, lateness: tuple[float, ...], field: int, late_s: float) -> tuple[float, ...]:
        """Return the lateness of the fields with another one of one."""
        now = round(round(late_s / self.step_s) * self.step_s, 3)
        return lateness if lateness[field] == now else (*lateness[:field], now, *lateness[field + 1 :])

    def _kept(self, layer: dict[State, float], at_s: float, drop: float) -> dict[State, float]:
        """Return the states that can still win, scaled so that the best is 1; what is overdue counts against them."""
        if len(layer) == 1:
            return dict.fromkeys(layer, 1.0)
        hopes: list[tuple[float, State]] = []
        best = -inf
        for state, weight in sorted(layer.items(), key=itemgetter(1), reverse=True):
            if weight <= 0 or log(weight) < best + log(FAINT):
                break  # no hope is above 0
            hopes.append((log(weight) + self._hope(state, at_s), state))
            best = max(best, hopes[-1][0])
        ranked = sorted(hopes, reverse=True, key=itemgetter(0))
        largest = ranked[0][1]
        kept: dict[State, float] = {}
        best_by_shift: dict[tuple[float, ...], float] = {}
        for hope, state in ranked:
            if hope < best + log(FAINT):
                break
            shift = _shift(state[2])
            if shift not in best_by_shift or (hope >= best_by_shift[shift] + log(drop) and len(kept) < self._states):
                best_by_shift.setdefault(shift, hope)
                kept[state] = layer[state] / layer[largest]
        return kept

    def _hope(self, state: State, at_s: float) -> float:
        """Return the logarithm of the chance that what a state has not seen yet comes later or not at all.

        Those that no crew has come behind may all be late together.
        """
        following, out, lateness = state
        hope = 0.0
        for who in out:
            crew = self.crews[who]
            over_s = self.manner.off_s(at_s - crew.due_s - lateness[crew.field])
            hope += log(to_come(crew, over_s, self.sigma_s))
        together = 0.0
        for place in range(following, len(self.expected)):
            crew = self.crews[self.expected[place]]
            over_s = self.manner.off_s(at_s - crew.due_s - lateness[crew.field])
            if over_s <= 0:
                break
            together += log(to_come(crew, over_s, self.sigma_s))
        return hope + max(together, log(JUMP))

    def _end(self, state: State) -> float:
        """Return the logarithm of the chance that the crews which a state has not seen are absent."""
        following, out, _ = state
        return sum(log(self.crews[who].absent) for who in (*out, *self.expected[following:]))


def _together(due: dict[int, float], belated: dict[int, float]) -> dict[int, float]:
    """Return the chances of crews that came when they were due, or belated."""
    for who, chance in belated.items():
        due[who] = due.get(who, 0.0) + chance
    return due


def _shift(lateness: tuple[float, ...]) -> tuple[float, ...]:
    """Return what lateness has in common that is nearly the same."""
    return tuple(late_s if isinf(late_s) else late_s // SHIFT_S for late_s in lateness)


def _apart(columns: Sequence[Column], far_s: float) -> list[bool]:
    """Return for each column whether its neighbours are further away than that."""
    gaps = [far_s, *(after.at_s - before.at_s for before, after in pairwise(columns)), far_s]
    return [before >= far_s and after >= far_s for before, after in pairwise(gaps)]


def _since(columns: Sequence[Column]) -> list[float]:
    """Return for each column the instant of the last one before those close together: in them nobody gets belated."""
    found: list[float] = []
    before_s = -inf
    for column in columns:
        found.append(found[-1] if column.at_s - before_s < TOGETHER_S else before_s)
        before_s = column.at_s
    return found
