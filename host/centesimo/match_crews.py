"""Tracks become crews: all ways to read a chain's opening are followed side by side, in order of time.

A state is what has been explained so far: which crews are due but not seen, and how late each race's field runs now. A
track is the next crew, one that is overdue, one that comes early, or nobody. The likelihood of a crew's lateness has
three parts: near the field's (so that all may be late together), near its own on the chain before, and far off on its
own. A crew that is not seen costs a little, a track of nobody costs a little; a shift of everybody by one place costs a
jump of the field as well. States that cannot win any more are dropped; then every way that is left is weighed forwards
and backwards, so each track gets the chance of every crew.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import exp
from typing import NamedTuple

ABSENT = 0.03  # a crew does not come
NEAR, OWN_WAY = 0.95, 0.05  # late as the field is, or on its own
LATE_S, EARLY_S = 400.0, 60.0  # how far off crews are that are late or early on their own
JUMP = 0.002  # the whole field gets later (or earlier) from a crew on
JUMP_S = 600.0
ALIEN_HZ = 3e-6  # cars a second that drive the whole chain and are nobody's, or drive it again
STRAY_HZ = 1e-4  # tracks a second that begin after the first point: the rest of a car that was lost on the way
GHOST_HZ = 3e-4  # single passages of nobody a second
GIVE_UP_S = 3600.0  # a crew this late does not come
AHEAD_S = 200.0  # a crew this early is not looked for
STATES = 64
DROP = 1e-5  # states this much less likely than the best are dropped, but not the best one of each other field lateness
APART = 8  # tracks this many sigma apart cannot be mistaken for each other: there, less unlikely ways are dropped
CLEAR = 5e-3
SHIFT_S, FAINT = 15.0, 1e-5
UNKNOWN_S = 14400.0  # the field's first lateness lies within this when the event does not say when a chain opens


class Crew(NamedTuple):
    """A crew that may come."""

    due_s: float  # after the chain's base
    field: int  # number of its race
    absent: float  # chance that it does not come
    before_s: float | None  # its lateness on the chain before, if that is known
    known: bool  # whether the due time is


@dataclass(frozen=True, slots=True)
class Column:
    """A track to be explained; `evidence` weighs crews (by index) by what else is known, `otherwise` the rest."""

    at_s: float
    car: float
    begins: bool  # at the first point of the chain
    evidence: dict[int, float] = field(default_factory=dict)
    otherwise: float = 1.0


# (next crew that was not looked at, crews before it that are not seen, lateness by field in s)
State = tuple[int, tuple[int, ...], tuple[float | None, ...]]
Arc = tuple[State, State, int, float]


def solve(
    crews: Sequence[Crew], columns: Sequence[Column], sigma_s: float, lateness: Sequence[float | None]
) -> list[dict[int, float]]:
    """Return for each column the chance of each crew (index into `crews`, -1: nobody).

    `crews` in order of due_s, `columns` in order of at_s, `sigma_s`: how near crews keep to the field's lateness,
    `lateness`: each field's before the first crew, in s (None: not known).
    """
    layer: dict[State, float] = {(0, (), tuple(lateness)): 1.0}
    steps: list[list[Arc]] = []
    starts: list[dict[State, float]] = []
    apart = _apart([column.at_s for column in columns], APART * sigma_s)
    for column, clear in zip(columns, apart, strict=True):
        starts.append(layer)
        arcs: list[Arc] = []
        for state in layer:
            one = _clear_option(crews, state, column, sigma_s) if clear else None
            options = (one,) if one else _options(crews, state, column, sigma_s)
            arcs += [(state, *option) for option in options]
        layer = _kept(crews, _forward(layer, arcs), column.at_s, sigma_s, 1e-3 if clear else DROP)
        steps.append([arc for arc in arcs if arc[1] in layer])
    return _backward(crews, starts, steps, layer)


def _apart(ats: list[float], far_s: float) -> list[bool]:
    """Return for each instant whether its neighbours are further away than that."""
    gaps = [far_s, *(after - before for before, after in pairwise(ats)), far_s]
    return [before >= far_s and after >= far_s for before, after in pairwise(gaps)]


def _clear_option(
    crews: Sequence[Crew], state: State, column: Column, sigma_s: float
) -> tuple[State, int, float] | None:
    """Return the only option worth following: the next crew on time with the field, when nothing else comes near it."""
    following, out, lateness = state
    if following == len(crews) or column.evidence:
        return None
    crew = crews[following]
    fields_s = lateness[crew.field]
    if fields_s is None:
        return None
    off_s = column.at_s - crew.due_s - fields_s
    if abs(off_s) > 1.5 * sigma_s:
        return None
    if following + 1 < len(crews):
        after = crews[following + 1]
        if column.at_s - after.due_s - (lateness[after.field] or 0.0) > -APART * sigma_s:
            return None
    near = NEAR * _near(crew, column.at_s - crew.due_s, fields_s, sigma_s)
    if near * column.car * CLEAR < GHOST_HZ + (ALIEN_HZ + STRAY_HZ) * column.car:
        return None
    now = round(fields_s + 0.3 * off_s, 0)
    if now != fields_s:
        lateness = (*lateness[: crew.field], now, *lateness[crew.field + 1 :])
    return (following + 1, out, lateness), following, near * column.car


def _forward(layer: dict[State, float], arcs: list[Arc]) -> dict[State, float]:
    after: dict[State, float] = {}
    for state, target, _, weight in arcs:
        after[target] = after.get(target, 0.0) + layer[state] * weight
    return after


def _options(crews: Sequence[Crew], state: State, column: Column, sigma_s: float) -> list[tuple[State, int, float]]:
    """Return (state after it, crew or -1, weight) for each way to explain a column."""
    following, out, lateness = state
    given_up = 1.0
    for who in out:
        if column.at_s - crews[who].due_s >= GIVE_UP_S:
            given_up *= crews[who].absent
    if given_up < 1:
        out = tuple(who for who in out if column.at_s - crews[who].due_s < GIVE_UP_S)
    stray = 0.0 if column.begins else STRAY_HZ
    found = [((following, out, lateness), -1, GHOST_HZ + (ALIEN_HZ + stray) * column.car)]
    for who in out:
        rest = tuple(other for other in out if other != who)
        found += _as_crew(crews[who], who, (following, rest, lateness), column, sigma_s)
    skipped = out
    for who in range(following, len(crews)):
        crew = crews[who]
        if crew.due_s + (lateness[crew.field] or 0.0) - AHEAD_S > column.at_s and crew.known:
            break
        found += _as_crew(crew, who, (who + 1, skipped, lateness), column, sigma_s)
        skipped = (*skipped, who)
    enough = 1e-7 * max(weight for _, _, weight in found)
    return [(target, who, weight * given_up) for target, who, weight in found if weight > enough]


def _as_crew(crew: Crew, who: int, state: State, column: Column, sigma_s: float) -> list[tuple[State, int, float]]:
    """Return the ways in which a column can be this crew: late with the field, on its own, or first of a late field."""
    following, out, lateness = state
    late_s = column.at_s - crew.due_s
    evidence = column.evidence.get(who, column.otherwise) * column.car
    if evidence <= 0.0:
        return []
    fields_s = lateness[crew.field]
    if fields_s is None:
        return [(_with(state, crew.field, late_s), who, evidence / UNKNOWN_S)]
    off_s = late_s - fields_s
    near = _near(crew, late_s, fields_s, sigma_s)
    own = exp(-off_s / LATE_S) * 0.8 / LATE_S if off_s > 0 else exp(off_s / EARLY_S) * 0.2 / EARLY_S
    if abs(off_s) < 3 * sigma_s:
        now = _with(state, crew.field, fields_s + 0.3 * off_s)
        return [(now, who, (NEAR * near + OWN_WAY * own) * evidence)]
    jump = exp(-abs(off_s) / JUMP_S) * JUMP / JUMP_S
    alone: State = (following, out, lateness)
    return [
        (alone, who, (NEAR * near + OWN_WAY * own) * evidence),
        (_with(state, crew.field, late_s), who, jump * evidence),
    ]


def _near(crew: Crew, late_s: float, fields_s: float, sigma_s: float) -> float:
    """Return the density of a lateness near the field's or near the crew's own on the chain before."""
    near = _bell(late_s - fields_s, sigma_s)
    if crew.before_s is None:
        return near
    return 0.5 * near + 0.5 * _bell(late_s - crew.before_s, 2 * sigma_s)


def _with(state: State, number: int, late_s: float) -> State:
    """Return the state with another lateness of one field, rounded so that like states meet."""
    following, out, lateness = state
    now = round(late_s, 0)
    return following, out, (*lateness[:number], now, *lateness[number + 1 :])


def _bell(off_s: float, sigma_s: float) -> float:
    """Return a density a second with heavy tails (Student's t with 3 degrees of freedom)."""
    scaled = 1 + (off_s / sigma_s) ** 2 / 3
    return 0.3675 / sigma_s / (scaled * scaled)


def _kept(
    crews: Sequence[Crew], layer: dict[State, float], at_s: float, sigma_s: float, drop: float
) -> dict[State, float]:
    """Return the states that can still win, scaled so that the best is 1; what is overdue counts against a state.

    The best state of every lateness of the fields stays: only the end of the chain may tell a shift by one place.
    """
    if len(layer) == 1:
        return dict.fromkeys(layer, 1.0)
    hopes = ((weight * _hope(crews, state, at_s, sigma_s), state) for state, weight in layer.items())
    ranked = sorted(hopes, reverse=True, key=lambda one: one[0])
    best, largest = ranked[0]
    kept: dict[State, float] = {}
    best_by_shift: dict[tuple[int, ...], float] = {}
    for hope, state in ranked:
        if hope < best * FAINT or len(kept) == STATES:
            break
        shift = tuple(-1 if late_s is None else round(late_s / SHIFT_S) for late_s in state[2])
        if hope >= best_by_shift.setdefault(shift, hope) * drop:
            kept[state] = layer[state] / layer[largest]
    return kept


def _hope(crews: Sequence[Crew], state: State, at_s: float, sigma_s: float) -> float:
    """Return the chance that all crews which a state has not seen yet come later or not at all."""
    following, out, lateness = state
    hope = 1.0
    for who in out:
        hope *= _not_yet(crews[who], at_s, lateness, sigma_s)
    for who in range(following, len(crews)):
        if crews[who].due_s + (lateness[crews[who].field] or 0.0) >= at_s:
            break
        hope *= _not_yet(crews[who], at_s, lateness, sigma_s)
    return hope


def _not_yet(crew: Crew, at_s: float, lateness: tuple[float | None, ...], sigma_s: float) -> float:
    over_s = at_s - crew.due_s - (lateness[crew.field] or 0.0)
    if over_s <= 0:
        return 1.0
    near = 1 / (1 + (over_s / sigma_s) ** 3)
    return crew.absent + (1 - crew.absent) * (NEAR * near + OWN_WAY * 0.8 * LATE_S / (LATE_S + over_s))


def _backward(
    crews: Sequence[Crew], starts: list[dict[State, float]], steps: list[list[Arc]], last: dict[State, float]
) -> list[dict[int, float]]:
    """Return each column's chances from the ways that are left."""
    after = {}
    for state in last:
        unseen = 1.0
        for who in (*state[1], *range(state[0], len(crews))):
            unseen *= crews[who].absent
        after[state] = unseen
    after = _scaled(after)
    found: list[dict[int, float]] = []
    for layer, arcs in zip(reversed(starts), reversed(steps), strict=True):
        before: dict[State, float] = {}
        chances: dict[int, float] = {}
        for state, target, who, weight in arcs:
            value = weight * after[target]
            before[state] = before.get(state, 0.0) + value
            chances[who] = chances.get(who, 0.0) + value * layer[state]
        total = sum(chances.values())
        found.append({who: chance / total for who, chance in chances.items()})
        after = _scaled(before)
        after = {state: after.get(state, 0.0) for state in layer}
    return found[::-1]


def _scaled(weights: dict[State, float]) -> dict[State, float]:
    largest = max(weights.values())
    return {state: weight / largest for state, weight in weights.items()}
