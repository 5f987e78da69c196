"""Crews drive a chain: how exactly, who gives up, stops, crosses a tube twice, is held up or stuck behind a lorry.

What crosses a tube is a row of Crossings: where, when, whose, and how far each further axle is behind the first. Rates
are shares of crews a day or of crews a chain, as Faults says.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from simulate.coming import headway
from simulate.course import Chain, Flags, Floats, Ints, Random

NOBODY = 0  # in the place of a start number
AXLES = 5  # most axles behind the first
CAR_M, SPREAD_M, SHORTEST_M, LONGEST_M = 2.5, 0.25, 1.9, 3.3  # wheelbases of historic cars


class Faults(NamedTuple):
    """What happens to crews, and how often; worlds.md's rates."""

    absent: float = 0.05  # does not start, per crew and day
    gives_up: float = 0.10  # somewhere in a chain, per crew and day
    skips: float = 0.03  # leaves one chain out, per crew and day
    hour_late: float = 0.02  # 30 to 90 min late from a chain on, per crew and day
    late: float = 0.02  # minutes late from a chain on, per crew and chain
    beside: float = 0.001  # drives past a tube, per passage
    trouble: float = 0.01  # stalls, stops on a tube or crosses it twice, per crew and chain
    blunder: float = 0.01  # seconds late or early at a point, per passage
    loses: float = 0.003  # loses 30 s to 10 min between two points, per passage


NO_FAULTS = Faults(*[0.0] * len(Faults._fields))


@dataclass
class Crossings:
    """Front axles of vehicles on tubes; rows of equal length."""

    points: list[Ints] = field(default_factory=list)  # place of the timing point in its course
    at_s: list[Floats] = field(default_factory=list)
    numbers: list[Ints] = field(default_factory=list)  # start number, NOBODY
    own: list[Flags] = field(default_factory=list)  # it is the passage that counts: a crew's first at a point
    axles_s: list[Floats] = field(default_factory=list)  # rows x AXLES: each axle behind the first, NaN: no such axle

    def add(self, points: Ints, at_s: Floats, numbers: Ints, own: bool, axles_s: Floats) -> None:
        """Add crossings; those without an instant did not happen."""
        driven = ~np.isnan(at_s)
        wide = np.full((int(driven.sum()), AXLES), np.nan)
        wide[:, : axles_s.shape[1]] = axles_s[driven]
        self.points.append(points[driven])
        self.at_s.append(at_s[driven])
        self.numbers.append(numbers[driven])
        self.own.append(np.full(int(driven.sum()), own))
        self.axles_s.append(wide)

    def whole(self) -> tuple[Ints, Floats, Ints, Flags, Floats]:
        """Return points, instants, numbers, whether they count, and axles, in order of points and instants."""
        points, at_s = np.concatenate(self.points), np.concatenate(self.at_s)
        order = np.lexsort((at_s, points))
        numbers, own = np.concatenate(self.numbers), np.concatenate(self.own)
        return points[order], at_s[order], numbers[order], own[order], np.concatenate(self.axles_s)[order]


@dataclass
class Crews:
    """The crews of a course as they drive: one row each, in order of their due starts."""

    numbers: Ints
    skills_s: Floats  # spread of their deviations
    wheelbases_m: Floats
    late_s: Floats  # on their own, so far
    driving: Flags  # not absent, has not given up
    gives_up: Ints  # in which chain; -1: never
    skips: Ints  # which chain; -1: none
    hour_late: Ints  # from which chain on; -1: never


def crews(random: Random, numbers: Ints, chains: int, faults: Faults) -> Crews:
    """Return the crews of a day: spreads from hundredths to seconds, the best tenth some fifteen times the better."""
    count = len(numbers)
    usual_s = random.uniform(0.04, 0.3)

    def somewhere(share: float) -> Ints:
        return np.where(random.random(count) < share, random.integers(0, chains, count), -1)

    return Crews(
        numbers,
        np.minimum(3.0, usual_s * random.lognormal(0, 1.0, count)),
        np.clip(random.normal(CAR_M, SPREAD_M, count), SHORTEST_M, LONGEST_M),
        np.zeros(count),
        random.random(count) >= faults.absent,
        somewhere(faults.gives_up),
        somewhere(faults.skips),
        somewhere(faults.hour_late),
    )


class Drive(NamedTuple):
    """How a chain is driven beside the crews' own doing; what only some chains have."""

    late_s: Floats  # crews x points: lost before each point, on top of all else
    moved_s: Floats  # crews x points: how much later a tube is crossed, as it lies elsewhere than was measured
    barrier: int = 0  # between this point and the one before is a level crossing; 0: there is none
    closed_s: tuple[float, float] = (0.0, 0.0)  # from when until when


def drive(random: Random, chain: Chain, open_s: Floats, skills_s: Floats, faults: Faults, how: Drive) -> Floats:
    """Return when crews pass each point (crews x points) that come to the first tube at `open_s`.

    Deviations have heavy tails: Student's t of 3 degrees times a crew's spread. No car passes through another one.
    """
    count, length = len(open_s), len(chain.points)
    at_s = np.empty((count, length))
    at_s[:, 0] = headway(random, open_s + how.moved_s[:, 0])
    for node in range(1, length):
        off_s = skills_s * random.standard_t(3, count)
        off_s += np.where(random.random(count) < faults.blunder, random.normal(1, 4, count), 0)
        off_s += np.where(random.random(count) < faults.loses, random.uniform(30, 600, count), 0)
        off_s += how.late_s[:, node] + how.moved_s[:, node] - how.moved_s[:, node - 1]
        ideal_s = chain.ideals_s[node - 1]
        next_s = at_s[:, node - 1] + np.maximum(ideal_s + off_s, 0.4 * ideal_s)
        if node == how.barrier:
            next_s = _held_inside(random, at_s[:, node - 1], next_s, how.closed_s)
        at_s[:, node] = headway(random, next_s)
    return at_s


def _held_inside(random: Random, from_s: Floats, to_s: Floats, closed_s: tuple[float, float]) -> Floats:
    """Return when crews pass a point behind a level crossing half way, at which they queue and go 3 to 8 s apart."""
    gate_s = (from_s + to_s) / 2
    held = (gate_s >= closed_s[0]) & (gate_s < closed_s[1])
    order = np.argsort(gate_s[held], kind="stable")
    go_s = np.empty(int(held.sum()))
    go_s[order] = closed_s[1] + np.cumsum(random.uniform(3, 8, len(go_s)))
    passed_s = to_s.copy()
    passed_s[held] = np.maximum(go_s + (to_s - from_s)[held] / 2, passed_s[held])
    return passed_s


def stuck(random: Random, at_s: Floats, lorry_s: Floats) -> Floats:
    """Return when crews pass each point that catch up with a lorry and stay behind it, 2 to 4 s apart."""
    passed_s = at_s.copy()
    for node in range(1, at_s.shape[1]):
        behind = np.flatnonzero(passed_s[:, node - 1] > lorry_s[node - 1])
        behind = behind[np.argsort(passed_s[behind, node - 1], kind="stable")]
        kept_s = lorry_s[node]
        for crew in behind.tolist():
            kept_s += random.uniform(2, 4)
            if passed_s[crew, node] >= kept_s:  # the road ahead of this one is free
                break
            passed_s[crew, node:] += kept_s - passed_s[crew, node]
    return passed_s


def left_out(random: Random, at_s: Floats, gives_up: Flags, faults: Faults) -> Floats:
    """Return the same without what crews do not pass: those that give up somewhere, and tubes that they drive past."""
    count, length = at_s.shape
    last = np.where(gives_up, random.integers(0, length, count), length)
    gone = np.arange(length)[None, :] >= last[:, None]
    return np.where(gone | (random.random(at_s.shape) < faults.beside), np.nan, at_s)


def axles_s(random: Random, wheelbases_m: Floats, kmh: Floats) -> Floats:
    """Return how far second axles are behind the first, one row each; speeds differ by 8 %."""
    return (wheelbases_m * 3.6 / (kmh * random.lognormal(0, 0.08, len(kmh))))[:, None]


def troubles(
    random: Random, made: Crossings, points: Ints, at_s: Floats, numbers: Ints, wheelbases_m: Floats, share: float
) -> tuple[Floats, Flags]:
    """Add what crews in trouble cross beside their own passages; return their own instants, and where one axle is all.

    A crew stalls behind a tube, stops with its axles on either side, crosses it twice (it reverses over it), comes back
    against the direction minutes later, or drives the chain once more. The first passage is its own.
    """
    passed_s, alone, length = at_s.copy(), np.zeros(at_s.shape, dtype=np.bool_), len(points)
    for crew in np.flatnonzero(random.random(len(at_s)) < share).tolist():
        node = int(random.integers(length))
        row = points[node : node + 1], numbers[crew : crew + 1], wheelbases_m[crew : crew + 1]
        kind = random.choice(["stalls", "on it", "twice", "back", "again"], p=[0.3, 0.25, 0.35, 0.05, 0.05])
        if np.isnan(passed_s[crew, node]):
            continue
        if kind in ("back", "again"):
            _round_again(random, made, points, passed_s[crew], row[1][0], row[2][0], kind == "back")
            continue
        later_s = 5 + random.exponential(20)
        if kind == "on it":
            alone[crew, node] = True
            made.add(row[0], passed_s[crew, node] + np.full(1, later_s), row[1], False, np.full((1, 1), np.nan))
        elif kind == "twice":
            back_s = random.uniform(1.5, 8)
            later_s = back_s + random.uniform(1.5, 10)
            for after_s in (back_s, later_s):
                slow_s = axles_s(random, row[2], random.uniform(6, 20, 1))
                made.add(row[0], passed_s[crew, node] + np.full(1, after_s), row[1], False, slow_s)
        if random.random() < 0.5:  # the others make the seconds up
            passed_s[crew, node + 1 :] += later_s
    return passed_s, alone


def _round_again(
    random: Random, made: Crossings, points: Ints, at_s: Floats, number: int, wheelbase_m: float, is_back: bool
) -> None:
    """Let a crew drive a chain once more, 2 to 25 min later, or come back through it."""
    again_s = at_s + random.uniform(120, 1500)
    if is_back:
        again_s = np.nanmin(again_s) + np.nanmax(again_s) - again_s
    count = len(points)
    rear_s = axles_s(random, np.full(count, wheelbase_m), random.uniform(20, 50, count))
    made.add(points, again_s, np.full(count, number), False, rear_s)
