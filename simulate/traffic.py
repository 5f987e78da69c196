"""Who drives the same road and is nobody: cars, lorries, motorcycles, bicycles, escorts, a race that nobody times."""

from typing import NamedTuple

import numpy as np

from simulate.course import Chain, Floats, Ints, Random
from simulate.road import NOBODY, Crossings, axles_s

AROUND_S = 1200.0  # traffic counts from so long before the field until so long after it
BEHIND, THROUGH, HALF, AGAINST = 0.15, 0.35, 0.25, 0.15  # shares of cars; the rest crosses one tube
ESCORTS = 3.0  # on average, in a chain
CLEAR_S = 1.0  # no car is nearer to a crew than this on a tube, except one that comes against it


class Street(NamedTuple):
    """A chain, its tubes, and the field that drives it."""

    chain: Chain
    points: Ints  # places of its timing points in the course
    field_s: Floats  # crews x points
    passing_s: tuple[Floats, ...]  # when crews pass, in order, at each point
    offsets_s: Floats  # of the ideal times from the first point

    def add(self, random: Random, made: Crossings, at_s: Floats, rear_s: Floats, is_against: bool = False) -> None:
        """Add what one vehicle crosses; it keeps clear of crews, going 1 to 2 s behind one that it would touch."""
        if not is_against:
            at_s = np.array([_clear(random, at, crews) for at, crews in zip(at_s, self.passing_s, strict=True)])
        made.add(self.points, at_s, np.full(len(at_s), NOBODY), False, rear_s)


def street(chain: Chain, points: Ints, field_s: Floats) -> Street:
    """Return a chain with the field on it."""
    passing_s = tuple(np.sort(at_s[~np.isnan(at_s)]) for at_s in field_s.T)
    return Street(chain, points, field_s, passing_s, np.concatenate([[0.0], np.cumsum(chain.ideals_s)]))


def _clear(random: Random, at_s: float, crews_s: Floats) -> float:
    """Return the first instant from `at_s` on that is clear of crews."""
    place = int(np.searchsorted(crews_s, at_s - CLEAR_S))
    while place < len(crews_s) and abs(crews_s[place] - at_s) < CLEAR_S:
        at_s = float(crews_s[place]) + random.uniform(CLEAR_S, 2 * CLEAR_S)
        place += 1
    return at_s


def cars(random: Random, made: Crossings, road: Street, per_h: float) -> None:
    """Let ordinary traffic drive: right behind a crew, through all or half of a chain, against it, over one tube."""
    from_s, until_s = np.nanmin(road.field_s) - AROUND_S, np.nanmax(road.field_s) + AROUND_S
    length = len(road.points)
    for _ in range(int(random.poisson(per_h * (until_s - from_s) / 3600))):
        kind = random.random()
        whole = random.uniform(from_s, until_s) + road.offsets_s * random.uniform(0.4, 1.3)
        whole += random.normal(0, 1, length)
        if kind < BEHIND:
            whole = _behind(random, road.field_s)
        at_s = np.full(length, np.nan)
        if kind < BEHIND + THROUGH:
            part = slice(0, length) if random.random() < 0.6 else _half(random, length)
            at_s[part] = whole[part]
        elif kind < BEHIND + THROUGH + HALF:
            part = _half(random, length)
            at_s[part] = whole[part]
        elif kind < BEHIND + THROUGH + HALF + AGAINST:
            part = slice(0, length) if random.random() < 0.6 else _half(random, length)
            at_s[part] = (whole[0] + whole[-1] - whole)[part]
        else:
            node = int(random.integers(length))
            at_s[node] = whole[node]
        is_against = BEHIND + THROUGH + HALF <= kind < BEHIND + THROUGH + HALF + AGAINST
        road.add(random, made, at_s, _vehicle(random, length), is_against)


def _behind(random: Random, field_s: Floats) -> Floats:
    """Return the instants of a car that follows a crew, 1 to 4 s behind it."""
    crew_s: Floats = field_s[int(random.integers(len(field_s)))]
    return crew_s + random.uniform(1, 4) + random.normal(0, 0.2, len(crew_s))


def _half(random: Random, length: int) -> slice:
    """Return the points of a vehicle that leaves the chain on its way, or joins it there."""
    cut = int(random.integers(1, length))
    return slice(0, cut) if random.random() < 0.5 else slice(cut, length)


def _vehicle(random: Random, count: int) -> Floats:
    """Return the axles of one vehicle at each point: a car, one with a trailer, a lorry, a motorcycle or a bicycle."""
    kind = random.random()
    kmh = random.uniform(20, 60) * random.lognormal(0, 0.08, count)
    if kind < 0.70:
        lengths_m = [random.normal(2.65, 0.12)]
    elif kind < 0.75:
        lengths_m = [2.7, random.uniform(5.5, 7.5)]
    elif kind < 0.83:
        lengths_m = [3.6, 9.0, 10.3, 11.6][: int(random.integers(1, 5))]
    elif kind < 0.95:
        lengths_m = [random.normal(1.45, 0.08)]
    else:
        lengths_m, kmh = [1.05], kmh / 2.5
    return np.array(lengths_m)[None, :] * 3.6 / kmh[:, None]


def escorts(random: Random, made: Crossings, road: Street) -> None:
    """Organisers' cars and motorcycles, two by two as a rule, up to 15 min ahead of the field and between crews."""
    length = len(road.points)
    first_s, last_s = np.nanmin(road.field_s[:, 0]), np.nanmax(road.field_s[:, 0])
    for _ in range(int(random.poisson(ESCORTS))):
        begins_s = random.uniform(first_s - 900, first_s) if random.random() < 0.7 else random.uniform(first_s, last_s)
        pace = 1.0 if random.random() < 0.25 else random.uniform(0.6, 1.2)
        motorcycles = random.random() < 0.6
        length_m = 1.45 if motorcycles else 2.7
        for number in range(2 if motorcycles and random.random() < 0.7 else 1):
            behind_s = number * random.uniform(0.7, 3) + random.normal(0, 1, length)
            rear = axles_s(random, np.full(length, length_m), np.full(length, random.uniform(25, 70)))
            road.add(random, made, begins_s + pace * road.offsets_s + behind_s, rear)


def lorry_s(random: Random, chain: Chain, field_s: Floats) -> Floats:
    """Return when a slow lorry passes each point, somewhere in the field."""
    offsets_s = np.concatenate([[0.0], np.cumsum(chain.ideals_s)])
    begins_s = random.uniform(np.nanmin(field_s[:, 0]), np.nanmax(field_s[:, 0]))
    return begins_s + offsets_s * random.uniform(1.2, 2.0)


def add_lorry(random: Random, made: Crossings, points: Ints, at_s: Floats) -> None:
    """Add a lorry's crossings."""
    kmh = random.uniform(15, 40, len(points))
    made.add(points, at_s, np.full(len(points), NOBODY), False, np.array([[3.6, 9.0, 10.3]]) * 3.6 / kmh[:, None])


def untimed_race(random: Random, made: Crossings, road: Street, is_among: bool) -> None:
    """Let a race drive that nobody times, 20 to 108 cars: ahead of the field, behind it or in its middle.

    One race in two has the same ideal times; one that `is_among` the field has them always.
    """
    count, length = int(random.integers(20, 109)), len(road.points)
    first_s, last_s = np.nanmin(road.field_s[:, 0]), np.nanmax(road.field_s[:, 0])
    lasts_s = 30.0 * count
    begins_s = random.choice([first_s - lasts_s - random.uniform(120, 1200), last_s + random.uniform(60, 900)])
    if is_among or random.random() < 0.3:
        begins_s = random.uniform(first_s, max(first_s, last_s - lasts_s))
    same = is_among or random.random() < 0.5
    for place in range(count):
        off_s = np.cumsum(random.normal(0, 0.3, length)) if same else random.normal(0, 2, length)
        at_s = begins_s + 30.0 * place + random.normal(0, 2) + off_s
        at_s = at_s + road.offsets_s * (1.0 if same else random.uniform(0.6, 1.1))
        rear = axles_s(random, np.full(length, random.normal(2.6, 0.1)), np.full(length, random.uniform(25, 60)))
        road.add(random, made, at_s, rear)
