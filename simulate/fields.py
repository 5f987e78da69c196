"""A day on the road: one field drives chain after chain, as its world says, and all that crosses the tubes is kept."""

from typing import NamedTuple

import numpy as np

from centesimo.model.event import SENT_OFF
from simulate import coming, road, traffic
from simulate.coming import Manner, Order
from simulate.course import FIRST_NS, MINUTE_S, S_NS, Chain, Course, Flags, Floats, Ints, Random
from simulate.road import NOBODY, Crossings, Drive, Faults
from simulate.tubes import Ills

BEFORE_TABLE = 0.75  # of what makes a field late: it was late at the time control too
MOVED_S = 0.3, 3.0  # how far off a tube may lie, at the speed of the field


Way = tuple[Manner, str]  # how cars come to a chain, and the word that the event has for it: `order`
Regroup = tuple[Order, str]  # in which order they go on, and the word that the event has from there on; "": untold


class World(NamedTuple):
    """How a field comes, and what else is on the road. Shares are of crews; chances and counts are per chain."""

    ways: tuple[Way, ...] = ((coming.sent_off, SENT_OFF),)  # for each chain one
    regroups: tuple[Regroup, ...] = ()  # one of them from some chain on
    field_late: float = 0.0  # chance, per day, that the field is minutes late
    whole_intervals: bool = False  # late by whole intervals, so that each crew comes in another's due second
    opening_kmh: tuple[float, float] = (12.0, 45.0)
    cars_per_h: float = 0.5
    steps_per_h: float = 1.0
    second: str = ""  # a second race that is timed: "ahead" of the field or "among" it
    untimed: float = 0.0  # chance of a race that nobody times
    untimed_among: bool = False  # it drives in the middle of the field, with the same ideal times
    convoys: float = 0.0  # share of crews that drive with friends
    overtaken: float = 0.0  # share of crews that stop somewhere and let others pass
    detour: float = 0.0  # chance that a part of the field is sent around the chain
    moved: float = 0.0  # chance that tubes do not lie where they were measured
    barrier: float = 0.0  # chance of a level crossing inside the chain, closed once
    lorries: float = 0.0  # slow ones inside the chain, which nobody can overtake, on average
    faults: Faults = Faults()
    ills: Ills = Ills()


class Field:
    """What a field has driven so far.

    starts_s   when each crew is due to start, as if it had started in the place that it has now
    words      what the event may say of the order at each chain driven
    tables_s   when each crew came to each chain's time control (crews x chains), NaN: it did not
    made       all that crossed a tube
    """

    def __init__(self, random: Random, world: World, course: Course) -> None:
        self.random, self.world, self.course = random, world, course
        chains = len(course.chains)
        self.crews = road.crews(random, course.numbers, chains, world.faults)
        self.starts_s = course.starts_s.copy()
        self.words: list[str] = []
        self.tables_s = np.full((len(course.numbers), chains), np.nan)
        self.made = Crossings()
        self._place_by_point = {point.id: place for place, point in enumerate(course.event.timing_points)}
        self._regroup_at = int(random.integers(chains)) if world.regroups else chains
        self._order_word = ""  # what the event says since the regroup
        self._late = self._field_late() if random.random() < world.field_late else None
        self._untimed = random.random() < world.untimed

    def drive(self, place: int) -> None:
        """Let the field drive a chain, and whoever else drives there."""
        random, world, chain = self.random, self.world, self.course.chains[place]
        manner, word = world.ways[int(random.integers(len(world.ways)))]
        if place == self._regroup_at:
            self._regroup(*world.regroups[int(random.integers(len(world.regroups)))])
        self.words.append(self._order_word or word)
        rows = np.flatnonzero(self._coming(place))
        if not len(rows):
            return
        points = np.array([self._place_by_point[point] for point in chain.points])
        at_s = self._field(place, chain, manner, rows)
        self._cross(chain, points, rows, at_s, self.crews.gives_up[rows] == place)
        self.crews.driving &= self.crews.gives_up != place
        street = traffic.street(chain, points, at_s)
        traffic.cars(random, self.made, street, world.cars_per_h)
        traffic.escorts(random, self.made, street)
        if self._untimed:
            traffic.untimed_race(random, self.made, street, world.untimed_among)

    def passed_ns(self) -> dict[tuple[int, str], int]:
        """Return when each crew passed each timing point."""
        points, at_s, numbers, own, _ = self.made.whole()
        ids = [point.id for point in self.course.event.timing_points]
        rows = np.flatnonzero(own & (numbers != NOBODY))
        at_ns = np.round(at_s[rows] * S_NS).astype(np.int64) + FIRST_NS
        keys = zip(numbers[rows].tolist(), (ids[point] for point in points[rows].tolist()), strict=True)
        return dict(zip(keys, at_ns.tolist(), strict=True))

    def _field_late(self) -> tuple[Floats, Floats]:
        """Return instants of the day and how late the field is at each: 1 to 20 min, drifting; or whole intervals."""
        random, knots = self.random, int(self.random.integers(2, 6))
        until_s = self.course.starts_s.max() + self.course.chains[-1].after_s
        at_s = np.linspace(0, until_s, knots)
        if self.world.whole_intervals:
            late_s = self.course.interval_s * random.integers(1, 4)
            return at_s, np.full(knots, late_s + random.normal(0, 1))
        return at_s, MINUTE_S * random.uniform(*coming.LATE_MIN, knots)

    def _regroup(self, order: Order, word: str) -> None:
        """Let the main race go on in another order, in the due seconds of those who are there.

        After a regroup of which the event tells, half of the fields close up, and three in ten go on minutes late.
        """
        random, self._order_word = self.random, word
        rows = np.flatnonzero(self.crews.driving & (self.course.races == 0))
        rows = rows[np.argsort(self.starts_s[rows], kind="stable")]
        slots_s = np.sort(self.starts_s[rows])
        if word and random.random() < 0.5:
            slots_s = slots_s[0] + self.course.interval_s * np.arange(len(rows))
        if word and random.random() < 0.3:
            slots_s = slots_s + MINUTE_S * random.integers(1, 21)
        self.starts_s[rows[order(random, len(rows))]] = slots_s

    def _coming(self, place: int) -> Flags:
        """Return who comes to a chain; some leave it out, or are sent around it with a part of the field."""
        random, crews = self.random, self.crews
        comes: Flags = crews.driving & (crews.skips != place)
        if random.random() < self.world.detour:
            count = len(comes)
            first, long = int(random.integers(count)), int(random.uniform(0.3, 0.6) * count)
            comes[first : first + long] = False
        return comes

    def _field(self, place: int, chain: Chain, manner: Manner, rows: Ints) -> Floats:
        """Return when the crews of `rows` pass each point of a chain, had none of them given up."""
        random, world, crews = self.random, self.world, self.crews
        before_s = crews.late_s[rows]
        crews.late_s += np.where(crews.hour_late == place, random.uniform(1800, 5400, len(crews.late_s)), 0)
        is_late = random.random(len(crews.late_s)) < world.faults.late
        crews.late_s += np.where(is_late, random.exponential(300, len(crews.late_s)), 0)
        due_s = self.starts_s[rows] + chain.after_s
        field_s = np.interp(due_s, *self._late) if self._late else np.zeros(len(rows))
        open_s = due_s + crews.late_s[rows] + field_s
        lets_pass = random.random(len(rows)) < world.overtaken
        inside = random.random(len(rows)) < 0.5
        waits_s = random.uniform(20, 200, len(rows)) * lets_pass
        open_s = manner(random, open_s)
        if world.convoys:
            open_s = coming.convoys(random, open_s, world.convoys)
        open_s = open_s + waits_s * ~inside
        if random.random() < BEFORE_TABLE:
            before_s = crews.late_s[rows] + field_s
        table_s = due_s - chain.before_s + before_s + random.uniform(0, 59, len(rows))
        self.tables_s[rows, place] = np.minimum(table_s, open_s - 30)
        how = self._drive(chain, open_s, waits_s * inside)
        at_s = road.drive(random, chain, open_s, crews.skills_s[rows], world.faults, how)
        for _ in range(int(random.poisson(world.lorries))):
            lorry_s = traffic.lorry_s(random, chain, at_s)
            at_s = road.stuck(random, at_s, lorry_s)
            points = np.array([self._place_by_point[point] for point in chain.points])
            traffic.add_lorry(random, self.made, points, lorry_s)
        return at_s

    def _drive(self, chain: Chain, open_s: Floats, waits_s: Floats) -> Drive:
        """Return what this chain has beside the crews' own doing."""
        random, world, length = self.random, self.world, len(chain.points)
        late_s, moved_s = np.zeros((len(open_s), length)), np.zeros((len(open_s), length))
        late_s[np.arange(len(open_s)), random.integers(1, length, len(open_s))] = waits_s
        if random.random() < world.moved:
            off_s = random.uniform(*MOVED_S) * random.choice([-1, 1])
            since_s = open_s.min() if random.random() < 0.5 else random.uniform(open_s.min(), open_s.max())
            moved_s[open_s >= since_s, int(random.integers(length))] = off_s
        if random.random() >= world.barrier:
            return Drive(late_s, moved_s)
        begins_s = random.uniform(open_s.min(), open_s.max())
        closed_s = begins_s, begins_s + random.uniform(120, 600)
        return Drive(late_s, moved_s, int(random.integers(1, length)), closed_s)

    def _cross(self, chain: Chain, points: Ints, rows: Ints, at_s: Floats, gives_up: Flags) -> None:
        """Add what crews cross in a chain: their own passages, and what they cross again."""
        random, faults, crews = self.random, self.world.faults, self.crews
        numbers, wheelbases_m = crews.numbers[rows], crews.wheelbases_m[rows]
        at_s = road.left_out(random, at_s, gives_up, faults)
        at_s, alone = road.troubles(random, self.made, points, at_s, numbers, wheelbases_m, faults.trouble)
        kmh = random.uniform(15, 60, len(points))
        kmh[0] = random.uniform(*self.world.opening_kmh)
        for node in range(len(points)):
            rear = road.axles_s(random, wheelbases_m, np.full(len(rows), kmh[node]))
            rear[alone[:, node]] = np.nan
            self.made.add(np.full(len(rows), points[node]), at_s[:, node], numbers, True, rear)
