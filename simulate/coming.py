"""How a field comes to a chain: who starts in whose place, how late it is, and what makes cars go when they go.

A manner takes the instants at which crews are due at the first tube and returns when they cross it. An order takes how
many crews there are and returns who drives in which place. Both are pure functions of a stream of chance.
"""

from collections.abc import Callable

import numpy as np

from simulate.course import MINUTE_S, Floats, Ints, Random

Manner = Callable[[Random, Floats], Floats]
Order = Callable[[Random, int], Ints]
LATE_MIN = 1.0, 20.0  # how late a late field is


def sent_off(random: Random, due_s: Floats) -> Floats:
    """A marshal counts each crew down in its own due second; one in fifty stalls or hesitates for seconds."""
    count = len(due_s)
    slow_s = np.where(random.random(count) < 0.02, random.exponential(3, count), 0)
    return due_s + random.uniform(0, 0.6) + random.normal(0, random.uniform(0.1, 0.4), count) + slow_s


def own_minute(random: Random, due_s: Floats) -> Floats:
    """Each crew goes when it likes in its due minute, by its own clock; some chains are opened early in it."""
    return due_s + 59 * random.beta(1, random.choice([1, 1, 2, 4]), len(due_s)) + random.normal(0, 0.5, len(due_s))


def scattered(random: Random, due_s: Floats) -> Floats:
    """No marshal, nobody waits: crews open within some minutes of when they are due, early or late."""
    return due_s + random.normal(random.uniform(-60, 120), random.uniform(20, 150), len(due_s))


def queue(random: Random, due_s: Floats) -> Floats:
    """Cars queue before the first tube and go 5 to 20 s apart in the order in which they came; a marshal waves.

    They come within some minutes of when they are due. In one chain of two it opens when most of the field waits;
    else the road is closed for 3 to 10 min again and again, and open for 1 to 4.
    """
    come_s = due_s + random.normal(0, random.uniform(20, 240), len(due_s))
    first_s, last_s = float(come_s.min()), float(come_s.max())
    if random.random() < 0.5:
        come_s = np.maximum(come_s, first_s + random.uniform(0.4, 1.0) * (last_s - first_s))
    else:
        come_s = _held(come_s, _closures(random, first_s, last_s))
    return _one_by_one(come_s, random.uniform(5, 20, len(due_s)))


def released(random: Random, due_s: Floats) -> Floats:
    """All are held up once (level crossing, lunch, accident) for 10 to 60 min, then go 8 s apart; else sent off."""
    begins_s = random.uniform(due_s.min() - 600, due_s.max() - 600)
    come_s = sent_off(random, due_s)
    held = _held(come_s, np.array([[begins_s, begins_s + random.uniform(600, 3600)]]))
    # Who stands nearer to the barrier: cars that come within half a minute may stand in any order.
    held = np.where(held > come_s, held + 1e-4 * (come_s + random.normal(0, 20, len(due_s))), come_s)
    return _one_by_one(held, np.maximum(random.normal(8, 1.5, len(due_s)), 3))


def as_due(random: Random, count: int) -> Ints:
    """The order stays."""
    del random
    return np.arange(count)


def by_arrival(random: Random, count: int) -> Ints:
    """After a regroup who came first goes first: some places before or behind where it was."""
    return np.argsort(np.arange(count) + random.normal(0, random.uniform(1, 10), count))


def by_ranking(random: Random, count: int) -> Ints:
    """After a regroup the best go first: any order, for those who know the start order only."""
    return random.permutation(count)


def in_blocks(random: Random, count: int) -> Ints:
    """Blocks of the field change places."""
    blocks = np.array_split(np.arange(count), random.integers(2, 7))
    return np.concatenate([blocks[place] for place in random.permutation(len(blocks))])


def backwards(random: Random, count: int) -> Ints:
    """The last goes first."""
    del random
    return np.arange(count)[::-1].copy()


def exchanged(random: Random, count: int) -> Ints:
    """Single crews have exchanged places with one up to ten places behind, one crew in thirty."""
    order = np.arange(count)
    for place in np.flatnonzero(random.random(count) < 1 / 30).tolist() or [int(random.integers(count - 1))]:
        behind = min(count - 1, place + int(random.geometric(0.5) if random.random() < 0.7 else random.integers(1, 11)))
        order[place], order[behind] = order[behind], order[place]
    return order


def one_last(random: Random, count: int) -> Ints:
    """One crew goes last, or in the place of one far behind; the others close up."""
    order = np.arange(count).tolist()
    moved = order.pop(int(random.integers(count // 2)))
    order.insert(len(order) if random.random() < 0.7 else int(random.integers(moved, count)), moved)
    return np.array(order)


def field_late_s(random: Random, due_s: Floats) -> Floats:
    """Return how late the field is at each instant: 1 to 20 min, drifting along the day from one value to the next."""
    knots = random.integers(2, 5)
    at_s = np.linspace(due_s.min(), due_s.max() + 1, knots)
    return np.interp(due_s, at_s, MINUTE_S * random.uniform(*LATE_MIN, knots))


def convoys(random: Random, due_s: Floats, share: float) -> Floats:
    """Friends go together, 3 to 12 s apart in any order, when the last of them may: that share of crews."""
    open_s, count = due_s.copy(), len(due_s)
    for leader in np.flatnonzero(random.random(count) < share / 3).tolist():
        friends = np.unique(np.clip(leader + random.integers(0, 9, random.integers(2, 5)), 0, count - 1))
        begins_s = open_s[friends].max()
        random.shuffle(friends)
        open_s[friends] = begins_s + np.cumsum(random.uniform(3, 12, len(friends)))
    return open_s


def headway(random: Random, at_s: Floats) -> Floats:
    """Return the instants of cars that pass one place, none of which passes through another: 0.6 to 1.2 s behind it."""
    return _one_by_one(at_s, random.uniform(0.6, 1.2, len(at_s)))


def _one_by_one(come_s: Floats, apart_s: Floats) -> Floats:
    """Return when cars go that come then, each so long behind the car ahead of it at least."""
    order = np.argsort(come_s, kind="stable")
    behind_s = np.cumsum(apart_s)
    gone_s = np.empty_like(come_s)
    gone_s[order] = behind_s + np.maximum.accumulate(come_s[order] - behind_s)
    return gone_s


def _closures(random: Random, first_s: float, last_s: float) -> Floats:
    """Return from when until when the road is closed."""
    count = int((last_s - first_s) / (4 * MINUTE_S)) + 1
    closed_s, open_s = random.uniform(180, 600, count), random.uniform(60, 240, count)
    ends_s = first_s + np.cumsum(closed_s + open_s)
    return np.stack([ends_s - closed_s, ends_s], axis=1)


def _held(come_s: Floats, closures_s: Floats) -> Floats:
    """Return when cars may go that come then: at the end of a closure, in the order in which they came."""
    for begins_s, ends_s in closures_s:
        inside = (come_s >= begins_s) & (come_s < ends_s)
        come_s = np.where(inside, ends_s + 1e-6 * (come_s - begins_s), come_s)
    return come_s
