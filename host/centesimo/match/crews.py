"""Tracks become crews: all ways to read a chain's opening are followed side by side, in order of time.

A state is what has been explained so far: which crews are due but not seen, and how late each race's field runs now. A
track is the next crew, one that is overdue, one that comes early, or nobody. The likelihood of a crew's lateness has
three parts: near the field's (so that all may be late together), near its own on the chain before, and far off on its
own. A crew that is not seen costs a little, a track of nobody costs a little; a shift of everybody by one place costs
a jump of the field as well. A crew that is long overdue, or gone since the chain before, is belated: the states forget
it, but any track may be its own. States that cannot win any more are dropped; then every way that is left is weighed
forwards and backwards, so each track gets the chance of every crew.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise, product
from math import exp, inf, isinf, log, prod
from operator import itemgetter

from centesimo.match.gaps import Gaps
from centesimo.match.model import (
    AHEAD_S,
    BELATED_S,
    CONVOY_HZ,
    FOLLOW,
    HELD_UP_S,
    NOBODY,
    NOT_YET,
    OVERTAKEN,
    UNKNOWN_S,
    Column,
    Crew,
    Manner,
    jump_hz,
    near_hz,
    nobody_hz,
    own_hz,
    to_come,
)

APART = 5  # tracks this many sigma apart cannot be mistaken for each other: there, less unlikely ways are dropped
CLEAR = 5e-3
NEAR_BY = 2.5  # a crew this many sigma from the field's lateness goes with the field
UNEXPECTED = 0.1  # a crew as likely gone as this is no clear case: its slot may be another's
GONE_FROM = 0.5  # a crew more likely gone than this is expected no more; it may still come, as a belated one may
STATES = 32
DROP, DROP_CLEAR = 1e-5, 1e-4
FAINT = 1e-7  # so is a field lateness: only the end of a chain may tell a shift by one place
SHIFT_S = 15.0
OPTION = 1e-7

# (next crew that was not looked at, crews before it that are not seen, lateness by field in s, belated ones that are)
State = tuple[int, tuple[int, ...], tuple[float, ...], tuple[int, ...]]
Option = tuple[State, int, float]
Arc = tuple[State, State, int, float]


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
        self.gaps = gaps or Gaps()
        self.expected = [who for who, crew in enumerate(crews) if crew.absent < GONE_FROM]
        self._place_by_crew = {who: place for place, who in enumerate(self.expected)}
        self._belated = {who for who, crew in enumerate(crews) if crew.absent >= GONE_FROM}
        self._start: dict[State, float] = {(0, (), fields, ()): 1.0 for fields in product(*lateness)}

    def solve(self, columns: Sequence[Column]) -> list[dict[int, float]]:
        """Return for each column (in order of at_s) the chance of each crew by index, and of NOBODY."""
        layer = self._start
        steps: list[list[Arc]] = []
        starts: list[dict[State, float]] = []
        for column, clear in zip(columns, _apart(columns, APART * self.sigma_s), strict=True):
            starts.append(layer)
            arcs: list[Arc] = []
            belated = self._newly_belated(next(iter(layer)), column.at_s)
            for state in layer:
                options = self._clear_options(state, column) if clear and not belated else []
                options = options or self._options(state, column, belated)
                arcs += [(state, *option) for option in options]
            layer = self._kept(_forward(layer, arcs), column.at_s, DROP_CLEAR if clear else DROP)
            steps.append([arc for arc in arcs if arc[1] in layer])
        ends = {state: self._end(state) for state in layer}
        most = max(ends.values())
        return _backward(starts, steps, {state: exp(end - most) for state, end in ends.items()})

    def _car(self, crew: Crew, column: Column) -> float:
        """Return how much likelier it is that this crew comes, in this car, than nobody."""
        return column.car * (1 - crew.absent) * self.gaps.alike(crew.gap, column.gap)

    def _clear_options(self, state: State, column: Column) -> list[Option]:
        """Return the options worth following where nothing else is near: the next crew on time, or a belated one."""
        following, out, lateness, spent = state
        if following == len(self.expected) or column.only is not None or not self._belated.isdisjoint(out):
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
        weight = near_hz(crew, late_s - field_s, self.manner) * self._car(crew, column)
        if weight * CLEAR < nobody_hz(column):
            return []
        followed = _followed(lateness, crew.field, field_s + FOLLOW * off_s)
        found: list[Option] = [((following + 1, out, followed, spent), who, weight)]
        if out or self._belated:
            others = [*self._overdue(state, column), *self._as_belated(state, column)]
            found += [option for option in others if option[2] > DROP_CLEAR * weight]
        return found

    def _newly_belated(self, best: State, at_s: float) -> set[int]:
        """Return the crews that are belated from now on, by the likeliest state; none may be seen twice by any."""
        _, out, lateness, _ = best
        belated = {who for who in out if self._is_belated(who, at_s, lateness)} - self._belated
        self._belated |= belated
        return belated

    def _options(self, state: State, column: Column, belated: set[int]) -> list[Option]:
        """Return (state after it, who, weight) for each way to explain a column; `belated`: those crews are so now."""
        following, out, lateness, spent = state
        given_up = 1.0
        late = {who for who in out if who in self._belated and self._is_belated(who, column.at_s, lateness)}
        seen = {who for who in belated if who not in out and self._place_by_crew[who] < following}
        if late or seen:
            given_up = prod(self.crews[who].absent for who in late)
            out = tuple(who for who in out if who not in late)
            spent = tuple(sorted({*spent, *seen}))
        state = (following, out, lateness, spent)
        found: list[Option] = [(state, NOBODY, nobody_hz(column))]
        found += self._due(state, column)
        found += self._as_belated(state, column)
        if column.only is not None:
            found = [option for option in found if option[1] == column.only] or [(found[0][0], column.only, 1e-9)]
        enough = OPTION * max(weight for _, _, weight in found)
        return [(target, who, weight * given_up) for target, who, weight in found if weight > enough]

    def _is_belated(self, who: int, at_s: float, lateness: tuple[float, ...]) -> bool:
        """Say whether a crew is so late that the states forget it: each open case would double them for ever."""
        crew = self.crews[who]
        expected_s = max(lateness[crew.field], 0.0) + max(crew.before_s or 0.0, 0.0)
        return at_s - crew.due_s - expected_s >= BELATED_S

    def _as_belated(self, state: State, column: Column) -> Iterator[Option]:
        """Yield the crews that the states forgot; each state has paid for its being absent, which is given back."""
        following, out, lateness, spent = state
        for who in self._belated:
            if who in spent or who in out:
                continue
            crew = self.crews[who]
            late_s = column.at_s - crew.due_s - lateness[crew.field]
            if late_s > (-AHEAD_S if crew.absent >= GONE_FROM else 0):
                weight = near_hz(crew, late_s, self.manner) + own_hz(self.manner.off_s(late_s))
                if column.convoy and late_s < HELD_UP_S:
                    weight += CONVOY_HZ
                seen = (following, out, lateness, tuple(sorted((*spent, who))))
                yield seen, who, weight * self._car(crew, column) / crew.absent

    def _due(self, state: State, column: Column) -> Iterator[Option]:
        """Yield the crews that are overdue or due, or may come early."""
        yield from self._overdue(state, column)
        following, out, lateness, spent = state
        skipped = out
        for place in range(following, len(self.expected)):
            who = self.expected[place]
            crew = self.crews[who]
            field_s = lateness[crew.field]
            if field_s != NOT_YET and crew.due_s + field_s - AHEAD_S > column.at_s:
                break
            convoy = column.convoy and place <= following + 1
            yield from self._as_crew(who, (place + 1, skipped, lateness, spent), column, 1.0, convoy)
            skipped = (*skipped, who)

    def _overdue(self, state: State, column: Column) -> Iterator[Option]:
        """Yield the crews that were let by."""
        following, out, lateness, spent = state
        for who in out:
            rest = tuple(other for other in out if other != who)
            jumps = OVERTAKEN if self._is_overtaken(who, following, out) else 1.0
            yield from self._as_crew(who, (following, rest, lateness, spent), column, jumps, column.convoy)

    def _is_overtaken(self, who: int, following: int, out: tuple[int, ...]) -> bool:
        """Say whether a crew of the same field that is due later has been seen."""
        number = self.crews[who].field
        later = (one for one in reversed(self.expected[:following]) if one > who)
        return any(self.crews[one].field == number and one not in out for one in later)

    def _as_crew(self, who: int, state: State, column: Column, jumps: float, convoy: bool) -> Iterator[Option]:
        """Yield the ways in which a column can be this crew: with the field, on its own, or first of a late field."""
        following, out, lateness, spent = state
        crew = self.crews[who]
        late_s = column.at_s - crew.due_s
        field_s = lateness[crew.field]
        car = self._car(crew, column)
        if field_s == NOT_YET:
            yield (following, out, _followed(lateness, crew.field, late_s), spent), who, car / UNKNOWN_S
            return
        off_s = self.manner.off_s(late_s - field_s)
        held_up_hz = CONVOY_HZ if convoy and off_s < HELD_UP_S else 0.0
        weight = (near_hz(crew, late_s - field_s, self.manner) + own_hz(off_s) + held_up_hz) * car
        if abs(off_s) < NEAR_BY * self.sigma_s:
            followed = _followed(lateness, crew.field, field_s + FOLLOW * off_s)
            yield (following, out, followed, spent), who, weight
        else:
            yield state, who, weight
            jumped = _followed(lateness, crew.field, field_s + off_s)
            yield (following, out, jumped, spent), who, jumps * jump_hz(off_s) * car

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
            shift = tuple(late_s if isinf(late_s) else late_s // SHIFT_S for late_s in state[2])
            if shift not in best_by_shift or (hope >= best_by_shift[shift] + log(drop) and len(kept) < STATES):
                best_by_shift.setdefault(shift, hope)
                kept[state] = layer[state] / layer[largest]
        return kept

    def _hope(self, state: State, at_s: float) -> float:
        """Return the logarithm of the chance that what a state has not seen yet comes later or not at all."""
        following, out, lateness, _ = state
        hope = 0.0
        for who in out:
            crew = self.crews[who]
            over_s = self.manner.off_s(at_s - crew.due_s - lateness[crew.field])
            hope += log(to_come(crew, over_s, self.sigma_s))
        for place in range(following, len(self.expected)):
            crew = self.crews[self.expected[place]]
            over_s = self.manner.off_s(at_s - crew.due_s - lateness[crew.field])
            if over_s <= 0:
                break
            hope += log(to_come(crew, over_s, self.sigma_s))
        return hope

    def _end(self, state: State) -> float:
        """Return the logarithm of the chance that the crews which a state has not seen are absent."""
        following, out, _, _ = state
        return sum(log(self.crews[who].absent) for who in (*out, *self.expected[following:]))


def _apart(columns: Sequence[Column], far_s: float) -> list[bool]:
    """Return for each column whether its neighbours are further away than that."""
    gaps = [far_s, *(after.at_s - before.at_s for before, after in pairwise(columns)), far_s]
    return [before >= far_s and after >= far_s for before, after in pairwise(gaps)]


def _followed(lateness: tuple[float, ...], field: int, late_s: float) -> tuple[float, ...]:
    """Return the lateness with another one of a field, in steps of 0.1 s so that like states meet."""
    now = round(late_s, 1)
    return lateness if lateness[field] == now else (*lateness[:field], now, *lateness[field + 1 :])


def _forward(layer: dict[State, float], arcs: list[Arc]) -> dict[State, float]:
    after: dict[State, float] = {}
    for state, target, _, weight in arcs:
        after[target] = after.get(target, 0.0) + layer[state] * weight
    return after


def _backward(
    starts: list[dict[State, float]], steps: list[list[Arc]], ends: dict[State, float]
) -> list[dict[int, float]]:
    """Return each column's chances from the ways that are left."""
    after = _scaled(ends)
    found: list[dict[int, float]] = []
    for layer, arcs in zip(reversed(starts), reversed(steps), strict=True):
        if len(layer) == len(arcs) == 1:  # the usual case, of which the rest would make the same
            found.append({arcs[0][2]: 1.0})
            after = dict.fromkeys(layer, 1.0)
            continue
        before = dict.fromkeys(layer, 0.0)
        chances: dict[int, float] = {}
        for state, target, who, weight in arcs:
            value = weight * after[target]
            before[state] += value
            chances[who] = chances.get(who, 0.0) + value * layer[state]
        total = sum(chances.values())
        found.append({who: chance / total for who, chance in chances.items()})
        after = _scaled(before)
    return found[::-1]


def _scaled(weights: dict[State, float]) -> dict[State, float]:
    largest = max(weights.values())
    return {state: weight / largest for state, weight in weights.items()}
