"""What people who key start numbers say of each passage at their point; their clocks are off by what is to be found.

A sighting stands near the passage that it is about, once the clock's offset is taken off it. The offset is the one
by which most sightings meet a passage: seconds are usual, minutes and whole hours happen. How exactly a person keys
is measured then. A number may be wrong, a car may not be keyed, and a car may be keyed that the tube missed.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import exp, log
from typing import NamedTuple

import numpy as np

from centesimo.match.assignment import marginals
from centesimo.match.parameters import (
    ALIKE,
    CLOCK_S,
    KEYED,
    KEYING,
    KEYING_SHARES,
    KEYING_WORTH,
    LEAST,
    MET_S,
    MISREAD,
    OFFSET_LIMIT_S,
    OFFSET_SHARES,
    OUT_OF_ORDER,
    PAUSE_S,
    SEEN_S,
    UNSTAMPED,
    Flags,
    Floats,
)
from centesimo.match.widths import Guess, Widths
from centesimo.model.facts import Sighting


class Clock(NamedTuple):
    """What was found about the clock of one person's device at one point."""

    timing_point: str
    person: str
    device: str
    offset_s: float  # add it to the person's instants
    usual_s: float  # how exactly the person keys
    sightings: int
    met: int  # of them so many meet a passage


@dataclass
class Keys:
    """What one person's device has at one point, by its own order; instants are put right by the clock's offset."""

    at_s: Floats  # in order
    places_by_crew: dict[int, list[int]]
    width: Widths
    wrong_hz: Floats  # by key: density of that number being keyed there by mistake

    def covers(self, at_s: float) -> bool:
        """Say whether somebody who keys all crews would have keyed one that passed then: not in a pause."""
        after = int(np.searchsorted(self.at_s, at_s))
        before_s = self.at_s[after - 1] if after else -np.inf
        behind_s = self.at_s[after] if after < len(self.at_s) else np.inf
        return bool(at_s - before_s < PAUSE_S and behind_s - at_s < PAUSE_S)


@dataclass
class Seen:
    """What people saw, by passage of a node (logs, against what would be read if it were nobody's).

    crew    weight of being a crew that nobody named
    nobody  weight of being nobody's
    named   by passage: weight of each crew that was named, beside `crew`
    """

    crew: Floats
    nobody: Floats
    named: list[dict[int, float]]
    clocks: list[Clock] = field(default_factory=list)
    keys: list[Keys] = field(default_factory=list)


def see(
    at_s: Floats, front: Floats, sightings: Sequence[Sighting], base_ns: int, index_by_number: Mapping[int, int]
) -> Seen:
    """Return what the sightings of a point say of its passages at `at_s` (s after the base, in order).

    `front`: how likely each is not the rear axle of the one ahead, which nobody keys.
    """
    seen = Seen(np.zeros(len(at_s)), np.zeros(len(at_s)), [{} for _ in at_s])
    by_device: dict[tuple[str, str], list[Sighting]] = defaultdict(list)
    for sighting in sightings:
        by_device[sighting.person, sighting.device].append(sighting)
    for person, device in sorted(by_device):
        keyed = sorted(by_device[person, device], key=lambda one: one.at_ns)
        _see(seen, at_s, front, keyed, base_ns, index_by_number)
    return seen


def _see(
    seen: Seen,
    at_s: Floats,
    front: Floats,
    keyed: Sequence[Sighting],
    base_ns: int,
    index_by_number: Mapping[int, int],
) -> None:
    own_s = np.array([(sighting.at_ns - base_ns) / 1e9 for sighting in keyed])
    if not (front > 0.5).any():
        return
    fronts_s = at_s[front > 0.5]
    offset_s = find_offset_s(own_s, fronts_s)
    near_s = own_s + offset_s
    guess = Guess(KEYING, KEYING_SHARES, KEYING_WORTH)
    off_s = _plain(near_s, fronts_s)
    width = Widths(guess).fitted(off_s)
    met = int((np.abs(off_s) < MET_S).sum())
    seen.clocks.append(
        Clock(keyed[0].timing_point, keyed[0].person, keyed[0].device, offset_s, width.usual_s, len(keyed), met)
    )
    seen.keys.append(_keys(near_s, fronts_s, keyed, width, index_by_number))
    chances = _pairs(near_s, at_s, front, width)
    covered = _covered(near_s, at_s)
    _weigh(seen, chances, covered, keyed, index_by_number)


def _keys(
    near_s: Floats, at_s: Floats, keyed: Sequence[Sighting], width: Widths, index_by_number: Mapping[int, int]
) -> Keys:
    """Return the keys of one device: a number that is keyed by mistake is most often keyed when some car passes."""
    places: dict[int, list[int]] = defaultdict(list)
    for place, sighting in enumerate(keyed):
        number = sighting.start_number
        if number is not None and number in index_by_number:
            places[index_by_number[number]].append(place)
    rate_hz = len(near_s) / max(near_s[-1] - near_s[0], 60.0)
    first = np.searchsorted(at_s, near_s - SEEN_S)
    final = np.searchsorted(at_s, near_s + SEEN_S)
    around = [
        float(width(at_s[first_place:final_place] - key_s).sum())
        for key_s, first_place, final_place in zip(near_s, first, final, strict=True)
    ]
    wrong_hz = MISREAD * (np.array(around) / ALIKE + rate_hz / len(index_by_number))
    return Keys(near_s, dict(places), width, wrong_hz)


def _pairs(near_s: Floats, at_s: Floats, front: Floats, width: Widths) -> Floats:
    """Return how likely each sighting (row) is of each passage; people key in order, nearly always."""
    rate_hz = len(near_s) / max(near_s[-1] - near_s[0], 60.0)
    keyed = min(max(len(near_s) / float(front.sum()), 0.02), 0.9)
    apart_s = at_s[None, :] - near_s[:, None]
    near = np.abs(apart_s) < SEEN_S
    odds = np.where(near, width(apart_s), 0.0) * front * keyed / (1 - keyed) / (UNSTAMPED * rate_hz)
    rows, columns = np.nonzero(odds > 1e-6)
    free = np.zeros_like(odds)
    free[rows, columns] = marginals(rows, columns, odds[rows, columns], *odds.shape)
    chances: Floats = (1 - OUT_OF_ORDER) * _in_order(odds) + OUT_OF_ORDER * free
    return chances


def _in_order(odds: Floats) -> Floats:
    """Return how likely each row is of each column where both keep their order, by sums over all ways."""
    rows, columns = odds.shape
    before = np.zeros((rows + 1, columns + 1))  # by the last column used, 0 for none
    before[0, 0] = 1.0
    for row in range(rows):
        taken = odds[row] * np.cumsum(before[row])[:-1]
        before[row + 1] = before[row]
        before[row + 1, 1:] += taken
        before[row + 1] /= before[row + 1].sum()
    behind = np.ones(columns + 1)
    chances = np.zeros_like(odds)
    for row in range(rows - 1, -1, -1):
        onward = odds[row] * behind[1:]
        pairs = np.cumsum(before[row])[:-1] * onward
        chances[row] = pairs / (pairs.sum() + before[row] @ behind)
        behind[:-1] += np.cumsum(onward[::-1])[::-1]
        behind /= behind.max()
    return chances


def _weigh(
    seen: Seen, chances: Floats, covered: Flags, keyed: Sequence[Sighting], index_by_number: Mapping[int, int]
) -> None:
    """Weigh for each passage who it is, by which sightings it may be of."""
    usual = min(max(len(keyed) / chances.shape[1], 0.02), 0.9)
    whole = np.minimum(chances.sum(0), 1 - LEAST)
    odds = chances / (1 - whole) * (1 - usual) / usual
    crews = len(index_by_number)
    numbers = [one.start_number for one in keyed]
    total = odds.sum(0)
    missed = 1 - KEYED
    crew = np.log(missed + KEYED * MISREAD * total)
    seen.crew += np.where(covered | (total > 0.01), crew, 0.0)
    rows, columns = np.nonzero(odds > 1e-3)
    strength: list[dict[int | None, float]] = [{} for _ in range(chances.shape[1])]
    for row, column, value in zip(rows.tolist(), columns.tolist(), odds[rows, columns].tolist(), strict=True):
        strength[column][numbers[row]] = strength[column].get(numbers[row], 0.0) + value
    base = crew.tolist()
    for column, by_number in enumerate(strength):
        for number, value in by_number.items():
            who = -1 if number is None else index_by_number.get(number, -1)
            if number is None:
                seen.nobody[column] += log(1 + value)
            elif who >= 0:
                gain = log(1 + KEYED * (1 - MISREAD) * crews * value / exp(base[column]))
                seen.named[column][who] = seen.named[column].get(who, 0.0) + gain


def _covered(near_s: Floats, at_s: Floats) -> Flags:
    """Return which passages somebody who keys all crews would have keyed: none in a pause."""
    after = np.searchsorted(near_s, at_s)
    padded = np.concatenate([[-np.inf], near_s, [np.inf]])
    covered: Flags = (at_s - padded[after] < PAUSE_S) & (padded[after + 1] - at_s < PAUSE_S)
    return covered


def _plain(near_s: Floats, at_s: Floats) -> Floats:
    """Return how far each sighting is from the passage nearest to it, within what can be meant."""
    after = np.clip(np.searchsorted(at_s, near_s), 1, max(len(at_s) - 1, 1))
    candidates = np.stack([at_s[np.minimum(after, len(at_s) - 1)], at_s[after - 1]]) - near_s
    off_s: Floats = candidates[np.abs(candidates).argmin(0), np.arange(len(near_s))]
    return off_s[np.abs(off_s) < SEEN_S]


def find_offset_s(own_s: Floats, at_s: Floats) -> float:
    """Return what must be added to a person's instants so that most of them meet a passage."""
    apart_s = (at_s[None, :] - own_s[:, None]).ravel()
    apart_s = apart_s[np.abs(apart_s) < OFFSET_LIMIT_S]
    if not len(apart_s):
        return 0.0
    low_s = apart_s.min()
    counts = np.bincount(((apart_s - low_s) / CLOCK_S).astype(int) + 1, minlength=4)
    counts = np.concatenate([counts, [0, 0]])
    both = counts[:-1] + counts[1:]
    centre_s = low_s + np.arange(len(both)) * CLOCK_S
    rate_hz = len(at_s) / max(at_s[-1] - at_s[0], 60.0)
    gain = np.log(1 + 1 / (2 * CLOCK_S * rate_hz))
    usual = np.minimum(both, len(own_s))
    score = gain * usual + _prior(centre_s)
    best = float(centre_s[score.argmax()])
    for _ in range(3):
        near = apart_s[np.abs(apart_s - best) < 1.5 * CLOCK_S]
        if len(near):
            best = float(np.median(near))
    return best


def _prior(offset_s: Floats) -> Floats:
    """Return the log density of an offset: seconds, minutes, or whole hours and some of either."""
    hours_s = offset_s - 3600 * np.round(offset_s / 3600)
    seconds, minutes, hours = OFFSET_SHARES
    shares = ((seconds, offset_s, 5.0), (minutes, offset_s, 300.0), (hours / 24, hours_s, 30.0))
    parts = [share * np.exp(-np.abs(away_s) / scale_s) / scale_s for share, away_s, scale_s in shares]
    density: Floats = np.log(np.sum(parts, 0) + 1e-12)
    return density
