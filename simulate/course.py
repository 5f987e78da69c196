"""A course to be driven: chains of timing points with a time control before each, one race or two, their crews.

Chains are 2 to 8 points long, from 6 to 90 s apart, and some 25 minutes of road lie between two chains. Instants inside
this package are seconds (float) since FIRST_NS, the start of the first crew of all.
"""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from centesimo.model.event import TIME_CONTROL, TIMED_TRIAL, Control, Entry, Event, Leg, Race, Start, TimingPoint

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Random = np.random.Generator

FIRST_NS = 1_811_055_600 * 10**9  # 2027-05-23T07:00:00Z, 09:00:00 in Rome
S_NS = 10**9
MINUTE_S = 60.0
BOUNCE_MS, AXLE_MS = 25, 1500  # what event.toml has where it says nothing
RULES = """title = "Worlds"
extends = "aci-regularity-2021-no-coefficient"

[time_control]
max_lateness_min = "none"
"""
SECOND_NUMBERS = 500  # start numbers of a second race are above this
INPUTS = 4  # of a board


class Chain(NamedTuple):
    """Timing points that are driven one after another, each in an ideal time after the one before."""

    table: str  # timing point of the time control before it
    points: tuple[str, ...]
    ideals_s: Floats  # from each point to the next
    after_s: float  # after a crew's start it is expected at the first point
    before_s: float  # so long before that it is due at the time control
    opening: str  # id of the control that opens at the first point


class Course(NamedTuple):
    """An event and what there is to be driven; crews by due start, the rows of every array in this package."""

    event: Event
    chains: tuple[Chain, ...]
    numbers: Ints  # start numbers
    starts_s: Floats  # when each crew is due to start
    races: Ints  # 0: the main one, 1: the second one
    interval_s: float  # of the main race


class Size(NamedTuple):
    """How large a course is."""

    crews: int
    second: int  # crews of a second race; 0: there is none
    among: bool  # the second race starts among the first, not ahead of it
    interval_s: int
    chains: tuple[int, ...]  # timing points of each


def usual_size(random: Random, second: str) -> Size:
    """Return how large an event is: 20 to 400 crews, 1 to 4 chains; `second` race: "", "ahead" or "among"."""
    crews = int(20 * 20 ** random.random())
    share = random.uniform(0.15, 0.6) if second else 0.0
    lengths = tuple(int(length) for length in random.integers(2, 9, size=random.integers(1, 5)))
    return Size(crews, int(max(8, share * crews)) if second else 0, second == "among", _interval_s(random), lengths)


def _interval_s(random: Random) -> int:
    return 60 if random.random() < 0.6 else 30


def course(random: Random, size: Size) -> Course:
    """Return a course of that size."""
    races = _races(random, size)
    names = tuple(race.id for race in races)
    chains = tuple(_chains(random, size))
    controls = [control for chain in chains for control in _controls(chain, names)]
    entries, numbers, starts_s, race_of = _entries(random, size, races)
    event = Event(
        "Worlds",
        ZoneInfo("Europe/Rome"),
        (Leg("L1", "Leg 1", date(2027, 5, 23)),),
        races,
        tuple(_points(chains)),
        tuple(controls),
        tuple(entries),
        {"rules.toml": RULES},
    )
    order = np.argsort(starts_s, kind="stable")
    return Course(event, chains, numbers[order], starts_s[order], race_of[order], float(size.interval_s))


def _races(random: Random, size: Size) -> tuple[Race, ...]:
    """Return the races: a second one starts every 30 s, to be gone 5 to 20 min before the first, or among it."""
    if not size.second:
        return (_race("main", 0, size.interval_s),)
    main_s = 30 * size.second + int(random.integers(5, 21)) * 60
    second_s = 0
    if size.among:
        main_s, second_s = 0, int(random.integers(0, max(1, size.crews // 2))) * size.interval_s + 15
    return _race("main", main_s, size.interval_s), _race("second", second_s, 30)


def _race(name: str, first_s: int, interval_s: int) -> Race:
    return Race(name, name.title(), "rules.toml", (Start("L1", FIRST_NS + first_s * S_NS, interval_s * S_NS),))


def _chains(random: Random, size: Size) -> Iterator[Chain]:
    after_s = 0
    for place, length in enumerate(size.chains, 1):
        after_s += 60 * int(random.integers(18, 35))
        points = tuple(f"T{place}{chr(ord('a') + node)}" for node in range(length))
        ideals_s = np.round(6 * 15 ** random.random(length - 1), 2 if random.random() < 0.3 else 0)
        before_s = 60.0 * random.integers(2, 9)
        yield Chain(f"C{place}", points, ideals_s, float(after_s), before_s, f"PC{place}.1")
        after_s += int(ideals_s.sum())


def _points(chains: tuple[Chain, ...]) -> Iterator[TimingPoint]:
    for place, chain in enumerate(chains):
        yield TimingPoint(chain.table, "table", None, None, BOUNCE_MS, AXLE_MS)
        for node, point in enumerate(chain.points):
            board = f"{0xB0000 + place * 16 + node // INPUTS:016x}"
            yield TimingPoint(point, "road", board, node % INPUTS + 1, BOUNCE_MS, AXLE_MS)


def _controls(chain: Chain, races: tuple[str, ...]) -> Iterator[Control]:
    after_ns = int(chain.after_s) * S_NS
    due_ns = after_ns - int(chain.before_s) * S_NS
    yield Control(f"CO{chain.table[1:]}", TIME_CONTROL, "L1", None, chain.table, None, due_ns, races)
    for node, (opens, closes) in enumerate(pairwise(chain.points)):
        ideal_cs = round(float(chain.ideals_s[node]) * 100)
        name = f"PC{chain.table[1:]}.{node + 1}"
        yield Control(name, TIMED_TRIAL, "L1", opens, closes, ideal_cs, None if node else after_ns, races)


def _entries(random: Random, size: Size, races: tuple[Race, ...]) -> tuple[list[Entry], Ints, Floats, Ints]:
    """Return the entries; one number in thirty was never given out, and in one event of five they start in no order."""
    entries, numbers, starts_s, race_of = [], [], [], []
    for number, (race, count) in enumerate(zip(races, (size.crews, size.second), strict=False)):
        given_out = np.cumsum(1 + (random.random(count) < 1 / 30)) + number * SECOND_NUMBERS
        if random.random() < 0.2:
            random.shuffle(given_out)
        start = race.starts[0]
        for place, start_number in enumerate(given_out.tolist()):
            entries.append(Entry(start_number, race.id, f"Crew {start_number}", "Car", 1955, "", None, place))
            starts_s.append((start.first_at_ns - FIRST_NS + place * start.interval_ns) / S_NS)
            numbers.append(start_number)
            race_of.append(number)
    return entries, np.array(numbers), np.array(starts_s), np.array(race_of)
