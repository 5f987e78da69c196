"""How a passage looks: is it a car's first axle, or its rear one, a foot, a loose contact?

A car makes two edges of one passage, as a rule. Where it is so slow, or another one so close, that its rear axle begins
a passage of its own, that one follows a single edge as far behind as axles are at this tube. How far that is, is
measured there: by the passages with two axles, and by how many more follow a single edge than come by chance.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from centesimo.match.parameters import AXLES, GHOST_HZ, MIXED, REAR_S, SINGLE, SINGLE_EDGE, STEPS_SINGLE, Flags, Floats
from centesimo.model.facts import Passage

BINS_S = np.concatenate([[0.0], 0.08 * 1.25 ** np.arange(22)])  # of gaps between axles; the last ends at REAR_S


class Looks(NamedTuple):
    """By passage, in order of time."""

    car: Floats  # how much likelier a car's front axle makes it than nobody
    rear: Floats  # how likely it is the rear axle of the one ahead of it


def look(passages: Sequence[Passage], at_s: Floats, expected: float) -> Looks:
    """Return how the passages of a tube look; `expected`: crews that are to come."""
    single = np.array(["single edge" in one.flags for one in passages], bool)
    gap_s = np.array([np.nan if one.axle_ns is None else one.axle_ns / 1e9 for one in passages])
    if not len(passages):
        return Looks(np.zeros(0), np.zeros(0))
    close = np.array(["close behind" in one.flags for one in passages], bool)
    rear = _rear(single, close, gap_s, at_s)
    alone = single & (rear < 0.5) & np.concatenate([rear[1:] < 0.5, [True]])
    share = _single_share(alone, rear, expected)
    car = np.where(alone, np.maximum(SINGLE, share / STEPS_SINGLE), 1.0)
    car = np.where(single | np.isnan(gap_s), car, np.minimum(AXLES, (1 - share) / (1 - STEPS_SINGLE)))
    return Looks(car * (1 - rear), rear)


def _rear(single: Flags, close: Flags, gap_s: Floats, at_s: Floats) -> Floats:
    """Return how likely each passage begins with the rear axle of the car ahead.

    A car so close behind another one that their axles mix may have the rear axle of that one for its second edge.
    """
    ahead_s = np.diff(at_s, prepend=-np.inf)
    alone_s = np.where(np.concatenate([[False], single[:-1]]), ahead_s, np.inf)
    density = _axle_density(gap_s[(gap_s > 0) & ~close], alone_s, at_s)
    gap_s = np.nan_to_num(gap_s, nan=np.inf)
    is_mixed = close & ~single & (MIXED * _at(density, gap_s) < _at(density, np.append(ahead_s[1:], np.inf)))
    is_open = np.concatenate([[False], (single | is_mixed)[:-1]])
    first_hz = np.where(is_open, _at(density, ahead_s), 0.0)
    second_hz = np.where(is_open & ~single, _at(density, ahead_s + gap_s), 0.0)
    rear: Floats = first_hz / (first_hz + second_hz + GHOST_HZ)
    return rear


def _axle_density(gaps_s: Floats, alone_s: Floats, at_s: Floats) -> Floats:
    """Return by bin the density of how far rear axles are behind; `alone_s`: of passages behind a single edge."""
    two = np.histogram(gaps_s, BINS_S)[0]
    follows = np.histogram(alone_s, BINS_S)[0]
    rate_hz = len(at_s) / max(float(np.ptp(at_s)), 60.0)
    by_chance = np.isfinite(alone_s).sum() * rate_hz * np.diff(BINS_S)
    count = two + np.maximum(follows - 2 * by_chance - 1, 0.0)
    smooth = np.convolve(count, [0.25, 0.5, 0.25], "same")
    density: Floats = smooth / max(float(smooth.sum()), 1.0) / np.diff(BINS_S)
    return density


def _at(density: Floats, gaps_s: Floats) -> Floats:
    place = np.searchsorted(BINS_S, gaps_s, side="right") - 1
    hz: Floats = np.where(gaps_s < REAR_S, density[np.clip(place, 0, len(density) - 1)], 0.0)
    return hz


def _single_share(alone: Flags, rear: Floats, expected: float) -> float:
    """Return which share of cars leaves a single edge: what is more than the crews expected is not cars."""
    cars = float((1 - rear).sum())
    more = max(0.0, cars - expected)
    return float(np.clip((alone.sum() - more) / max(expected, 1.0), SINGLE_EDGE, 1 - SINGLE_EDGE))
