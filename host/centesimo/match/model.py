"""The numbers and the likelihoods by which tracks are read as crews; docs/match.md says where each comes from.

Densities are a second, chances 0 .. 1; lateness is the instant at the chain's opening minus the due time, in s.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, inf
from typing import NamedTuple

ABSENT = 0.03  # a crew does not come
GONE = 0.97  # a crew that the chain before did not see does not come
GONE_FROM = 0.5  # a crew more likely gone than this is expected no more; it may still come, as a belated one may
OUT = 1 - 1e-6  # nor one of which an official says so: a slip, or a car that still drives, is not ruled out
THERE = 0.01  # a crew that the chain before saw does not come
GONE_ON_THE_WAY = 0.003  # a crew gives up inside a chain
OWN_WAY, AT_CONTROL = 0.0085, 0.085  # of the crews come on their own, not with the field; at a time control
AS_BEFORE = 0.7  # of those on their own on the chain before: still as far from the field
LATE, EARLY = 0.95, 0.05  # of those on their own
# How far off they are, in the mean: half of the late ones a little, half a lot.
LITTLE_S, LOT_S, EARLY_S = 120.0, 600.0, 60.0
AWAY = 3  # sigma from the field's lateness: on one's own
CONVOY_S, HELD_UP_S = 3.0, 300.0
CONVOY_HZ = 0.005 / CONVOY_S  # crews a second right before or behind another: caught up, or held up, not for longer
JUMP, JUMP_S = 3e-4, 600.0  # the whole field gets later (or earlier) from a crew on, and by how much in the mean
OVERTAKEN = 1e-3  # of those jumps: with crews that the field behind them has already overtaken
FOLLOW = 0.4  # how fast the field's lateness follows its crews
GHOST_HZ = 3e-4  # single passages of nobody a second
ALIEN_HZ = 5e-6  # cars a second that drive the whole chain and are nobody's, or drive it again
STRAY_HZ = 1e-4  # tracks a second that begin after the first point and are nobody's
LOST_HZ = 5e-4  # or the rest of a given car that was lost on the way
BELATED_S = 60.0  # a crew this much later than expected is followed by no state any more; it may still come
AHEAD_S = 200.0  # a crew this early is not looked for
UNKNOWN_S = 3600.0  # lateness lies somewhere within this where nothing is known of it
STRANGER = 1e-6  # a passage is that of a given crew which by the due times it cannot be: they come in another order

NOT_YET = -inf  # a field's lateness that is not known yet
NOBODY = -1
SOMEBODY = -2  # a crew, but it cannot be said which


class Crew(NamedTuple):
    """A crew that may come."""

    start_number: int
    due_s: float  # after the chain's base
    field: int  # number of its race
    absent: float  # chance that it does not come
    before_s: float | None  # how much later than the field it was on the chain before, when it kept away from it
    gap: float | None = None  # its axle gap there, beside what is usual (gaps.py)


@dataclass(frozen=True, slots=True)
class Column:
    """A track to be explained."""

    number: int  # its place in order of time
    at_s: float  # its instant at the chain's opening
    car: float  # how much likelier it is one car on this chain than passages of nobody
    stray_hz: float  # how often a second such a track is the rest of a car that was lost on the way
    convoy: bool = False  # right behind another one, or before it
    only: int | None = None  # the crew (by index) that its source names
    gap: float | None = None  # its axle gap, beside what is usual
    said: Mapping[int, float] | None = None  # how likely the lists at its points read as they do, by crew and NOBODY
    rest: float = 1.0  # if it is any other crew's

    def heard(self, who: int) -> float:
        """Return how likely the lists read as they do if that crew made it."""
        return 1.0 if self.said is None else self.said.get(who, self.rest)


BELL = 0.3675  # the height of Student's t with 3 degrees of freedom


def bell(off_s: float, sigma_s: float) -> float:
    """Return a density with heavy tails (Student's t with 3 degrees of freedom)."""
    scaled = 1 + (off_s / sigma_s) ** 2 / 3
    return BELL / sigma_s / (scaled * scaled)


class Manner:
    """How crews come: within `wide_s` after the due time (0 at a chain's opening) and some `sigma_s` around that.

    `own`: so many of the crews come on their own; `before_wide_s`: that of the chain before. Densities are of a crew's
    lateness less the field's, in s.
    """

    __slots__ = ("_before_s", "_early", "_little", "_lot", "_near", "_own", "_squares", "sigma_s", "wide_s")

    def __init__(self, sigma_s: float, wide_s: float = 0.0, own: float = OWN_WAY, before_wide_s: float = 0.0) -> None:
        self.sigma_s = sigma_s
        self.wide_s = wide_s
        self._own = own
        self._before_s = 2 * sigma_s + max(wide_s, before_wide_s) / 2
        self._near = (1 - own) * BELL / (sigma_s + BELL * wide_s)
        self._squares = 3 * sigma_s * sigma_s
        self._little = own * LATE / 2 / LITTLE_S
        self._lot = own * LATE / 2 / LOT_S
        self._early = own * EARLY / EARLY_S

    def off_s(self, late_s: float) -> float:
        """Return how far a lateness is outside of what is on time."""
        return min(late_s, 0.0) if late_s < self.wide_s else late_s - self.wide_s

    def is_away(self, apart_s: float) -> bool:
        """Say whether two crews so far apart are not with the same field: one of them comes on its own."""
        return abs(apart_s) > self.wide_s + AWAY * self.sigma_s

    def near_hz(self, crew: Crew, late_s: float) -> float:
        """Return the density near the field, or as far from it as on the chain before."""
        off_s = self.off_s(late_s)
        scaled = 1 + off_s * off_s / self._squares  # as in `bell`
        near = self._near / (scaled * scaled)
        if crew.before_s is None:
            return near
        as_before = (1 - self._own) * bell(late_s - crew.before_s, self._before_s)
        return (1 - AS_BEFORE) * near + AS_BEFORE * as_before

    def hz(self, crew: Crew, late_s: float) -> float:
        """Return the density in any way: near the field, or later or earlier than it on one's own."""
        off_s = late_s - self.wide_s
        if off_s > 0:
            own = self._little * exp(-off_s / LITTLE_S) + self._lot * exp(-off_s / LOT_S)
        else:
            own = self._early * exp(min(late_s, 0.0) / EARLY_S)
        return self.near_hz(crew, late_s) + own


def jump_hz(off_s: float) -> float:
    """Return the density of the whole field getting `off_s` later or earlier at one crew."""
    return JUMP / JUMP_S * exp(-abs(off_s) / JUMP_S)


def nobody_hz(car: float, stray_hz: float) -> float:
    """Return the density of tracks of nobody that are one car so likely, the rest of a lost one so often a second."""
    return GHOST_HZ + (ALIEN_HZ + stray_hz) * car


def to_come(crew: Crew, over_s: float, sigma_s: float) -> float:
    """Return the chance that a crew which is `over_s` later than the field comes yet, or never."""
    if over_s <= 0:
        return 1.0
    near = 1 / (1 + (over_s / sigma_s) ** 3)
    return crew.absent + (1 - crew.absent) * ((1 - OWN_WAY) * near + OWN_WAY * LATE * LOT_S / (LOT_S + 2 * over_s))
