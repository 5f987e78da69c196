"""Odd worlds: one chain of tubes each, written from the roadside, apart from worlds.py and from what attributes.

Each says in one function where cars cross and what a marshal would write of them. Nothing is shared with the worlds of
`worlds.py` but the day that comes out, so that bench.worlds counts both alike.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from random import Random
from zoneinfo import ZoneInfo

from centesimo.model.event import (
    AS_THEY_COME,
    IN_TURN,
    SENT_OFF,
    TIMED_TRIAL,
    Control,
    Entry,
    Event,
    Leg,
    Race,
    Start,
    TimingPoint,
)
from centesimo.model.facts import Listed, MarshalList, Passage, Sighting
from centesimo.sightings import made as made_sighting
from simulate.people import Evidence
from simulate.worlds import WorldDay

FIRST_NS = 1_811_055_600 * 10**9  # 2027-05-23 09:00:00 in Rome
S_NS = 10**9
AFTER_S = 1500  # from a crew's start to the first tube
RULES = 'title = "Odd"\nextends = "aci-regularity-2021-no-coefficient"\n[time_control]\nmax_lateness_min = "none"\n'


@dataclass
class Cross:
    """A car on a tube: whose its passage is, and the number that stands on the car (None: it has none)."""

    point: str
    at_s: float  # since FIRST_NS
    crew: int | None
    number: int | None


@dataclass
class Roadside:
    """What a world's function fills, and what marshals do there that they do not do elsewhere."""

    random: Random
    points: tuple[str, ...]
    ideals_s: tuple[float, ...]  # from each point to the next
    numbers: tuple[int, ...]  # in start order
    interval_s: int
    order: str = SENT_OFF
    cars: list[Cross] = field(default_factory=list)
    no_list_before: int = 0  # lists begin with the n-th car
    stuck_digit: str = ""  # of the keypad
    keyed_in_blocks: int = 1  # numbers keyed together, from memory
    two_writers: int = 0  # who writes a list changes every n cars
    copied_list: bool = False  # the lists of all points are that of the first

    def due_s(self, place: int) -> float:
        """Return when the crew in a place is due at the first tube."""
        return float(place * self.interval_s + AFTER_S)

    def drive(self, number: int, opens_s: float, skill_s: float = 0.4) -> None:
        """Let a crew drive the chain once, with one bad moment in thirty."""
        at_s = opens_s
        self.cross(0, at_s, number)
        for node, ideal_s in enumerate(self.ideals_s, 1):
            slip_s = self.random.choice((-1, 1)) * self.random.uniform(1, 6) if self.random.random() < 1 / 30 else 0.0
            at_s += ideal_s + self.random.gauss(0, skill_s) + slip_s
            self.cross(node, at_s, number)

    def cross(self, node: int, at_s: float, crew: int | None, number: int | None = None) -> None:
        """Add a car on a tube; `number` stands on it where it is no crew's."""
        self.cars.append(Cross(self.points[node], at_s, crew, crew or number))

    def sent_off(self) -> Iterator[tuple[int, int, float]]:
        """Yield who comes (nineteen in twenty) as (place, number, instant), each within a second of when it is due."""
        for place, number in enumerate(self.numbers):
            if self.random.random() < 0.95:
                yield place, number, self.due_s(place) + self.random.gauss(0.3, 0.5)


def _hairpin(road: Roadside) -> None:
    """The second and the third point are one tube, driven up and down: who comes up meets who goes down."""
    for _, number, at_s in road.sent_off():
        road.drive(number, at_s)
    up, down = road.points[1:3]
    tube = sorted((car for car in road.cars if car.point in (up, down)), key=lambda car: car.at_s)
    for car in tube:  # both points stamp every car; that of the other way is nobody's there
        road.cars.append(Cross(down if car.point == up else up, car.at_s, None, car.crew))


def _loop(road: Roadside) -> None:
    """After the last tube the road comes back over the first one."""
    for _, number, at_s in road.sent_off():
        road.drive(number, at_s)
        back_s = road.cars[-1].at_s + road.random.uniform(50, 200)
        road.cross(0, back_s, None, number)


def _two_columns(road: Roadside) -> None:
    """Crews are sent off in pairs, side by side: either is first."""
    for place, number, _ in road.sent_off():
        pair_s = road.due_s(place - place % 2)
        road.drive(number, pair_s + road.random.uniform(0.5, 4))


def _lunch(road: Roadside) -> None:
    """Crews leave lunch as they came to it, but two that keep their due times."""
    keep = set(road.random.sample(road.numbers, 2))
    road.order = AS_THEY_COME
    coming = sorted((place + road.random.gauss(0, 4), number) for place, number, _ in road.sent_off())
    at_s = road.due_s(0) + road.random.uniform(0, 600)
    for _, number in coming:
        if number not in keep:
            at_s += road.random.uniform(8, 40)
            road.drive(number, at_s)
    for number in keep:
        road.drive(number, road.due_s(road.numbers.index(number)) + road.random.gauss(0.3, 0.5))


def _from_memory(road: Roadside) -> None:
    """Whoever keys waits for five cars, then keys them one after another, as far as memory goes."""
    road.keyed_in_blocks = 5
    _plain(road)


def _stuck_digit(road: Roadside) -> None:
    """One digit of each keypad does nothing."""
    road.stuck_digit = road.random.choice("123456789")
    _plain(road)


def _two_writers(road: Roadside) -> None:
    """Two people write a list in turns of ten; the one who takes over misses a car or writes the last one again."""
    road.two_writers = 10
    _plain(road)


def _copied(road: Roadside) -> None:
    """The list of the first tube, with its mistakes, is handed in for every tube."""
    road.copied_list = True
    _plain(road)


def _begins_late(road: Roadside) -> None:
    """Lists begin with the twelfth car."""
    road.no_list_before = 12
    _plain(road)


def _same_numbers(road: Roadside) -> None:
    """Cars of a race that nobody times here, with start numbers of its own that are the same, drive in the middle."""
    _plain(road)
    first_s = road.due_s(0) + road.random.uniform(-600, 600)
    for place, number in enumerate(road.random.sample(road.numbers, len(road.numbers) // 3)):
        at_s = first_s + 45 * place + road.random.gauss(0, 3)
        for node in range(len(road.points)):
            road.cross(node, at_s, None, number)
            at_s += (*road.ideals_s, 0.0)[node] * road.random.uniform(0.8, 1.2)


def _in_turn(road: Roadside) -> None:
    """Crews go when they like in their minute, one in fifteen a minute late, past the next one."""
    road.order = IN_TURN
    for place, number, _ in road.sent_off():
        late_s = 60.0 if road.random.random() < 1 / 15 else 0.0
        road.drive(number, road.due_s(place) + road.random.uniform(2, 50) + late_s)


def _plain(road: Roadside) -> None:
    for _, number, at_s in road.sent_off():
        road.drive(number, at_s)


ODD: dict[str, Callable[[Roadside], None]] = {
    "hairpin": _hairpin,
    "loop": _loop,
    "two columns": _two_columns,
    "lunch, two keep": _lunch,
    "keyed from memory": _from_memory,
    "stuck digit": _stuck_digit,
    "two writers": _two_writers,
    "list copied": _copied,
    "list from the 12th": _begins_late,
    "same numbers": _same_numbers,
    "a minute late": _in_turn,
}


def day(name: str, evidence: Evidence, seed: int = 0, word: str = "") -> WorldDay:
    """Return a day of an odd world; `word`: what the event says of the order, in place of what is so."""
    random = Random(f"{name} {seed}")
    length, crews = random.randint(3, 6), random.randint(25, 120)
    points = tuple(f"T{node}" for node in range(1, length + 1))
    numbers = random.sample(range(1, 2 * crews), crews) if random.random() < 0.2 else list(range(1, crews + 1))
    ideals_s = tuple(float(random.randint(8, 70)) for _ in points[1:])
    road = Roadside(random, points, ideals_s, tuple(numbers), random.choice((30, 60, 60)))
    ODD[name](road)
    _strays(road)
    passages, truth = _stamped(road)
    made = WorldDay(_event(road, word or road.order), passages, truth, {}, _passed(road), {"P1": word or road.order})
    _write(made, road, evidence, Random(f"{name} {seed} people"))
    return made


def days(name: str, evidence: Evidence, passages: int, seed: int = 0, word: str = "") -> Iterator[WorldDay]:
    """Yield days of an odd world, of consecutive seeds, until they have that many passages of crews."""
    count = 0
    while count < passages:
        made = day(name, evidence, seed, word)
        count += sum(number is not None for number in made.truth.values())
        seed += 1
        yield made


def _strays(road: Roadside) -> None:
    """Add two cars an hour of nobody's, each over some of the tubes in a row."""
    first_s, last_s = min(car.at_s for car in road.cars), max(car.at_s for car in road.cars)
    for _ in range(round((last_s - first_s) / 1800)):
        at_s, begin = road.random.uniform(first_s, last_s), road.random.randrange(len(road.points))
        for node in range(begin, road.random.randint(begin + 1, len(road.points))):
            road.cross(node, at_s, None)
            at_s += (*road.ideals_s, 0.0)[node] * road.random.uniform(0.7, 1.5)


def _stamped(road: Roadside) -> tuple[list[Passage], dict[str, int | None]]:
    """Return the passages, one pulse in a hundred missed, a car within 0.3 s of the one before swallowed."""
    passages: list[Passage] = []
    truth: dict[str, int | None] = {}
    for point in road.points:
        before_s = float("-inf")
        for place, car in enumerate(_at(road, point)):
            if road.random.random() < 0.01 or car.at_s - before_s < 0.3:
                continue
            before_s = car.at_s
            name, axle_ns = f"{point}:{place}", round(road.random.uniform(0.15, 0.4) * S_NS)
            at_ns = FIRST_NS + round(car.at_s * S_NS)
            passages.append(Passage(name, point, at_ns, 1000, True, (), (), "board", axle_ns=axle_ns))
            truth[name] = car.crew
    return passages, truth


def _at(road: Roadside, point: str) -> list[Cross]:
    return sorted((car for car in road.cars if car.point == point), key=lambda car: car.at_s)


def _passed(road: Roadside) -> dict[tuple[int, str], int]:
    return {(car.crew, car.point): FIRST_NS + round(car.at_s * S_NS) for car in road.cars if car.crew is not None}


def _event(road: Roadside, word: str) -> Event:
    race = Race("main", "Main", "rules.toml", (Start("L1", FIRST_NS, road.interval_s * S_NS),))
    boards = [f"{0xC0000 + node // 4:016x}" for node in range(len(road.points))]
    points = tuple(
        TimingPoint(point, "road", board, node % 4 + 1, 25, 1500)
        for node, (point, board) in enumerate(zip(road.points, boards, strict=True))
    )
    controls = [
        Control(f"P{node}", TIMED_TRIAL, "L1", opens, closes, round(ideal_s * 100), None, ("main",))
        for node, (opens, closes, ideal_s) in enumerate(
            zip(road.points, road.points[1:], road.ideals_s, strict=False), 1
        )
    ]
    first = controls[0]
    controls[0] = Control(
        first.id, first.kind, "L1", first.opens, first.closes, first.ideal_cs, AFTER_S * S_NS, ("main",), order=word
    )
    entries = tuple(
        Entry(number, "main", f"Crew {number}", "Car", 1955, "", None, place)
        for place, number in enumerate(road.numbers)
    )
    legs = (Leg("L1", "Leg 1", date(2027, 5, 23)),)
    return Event("Odd", ZoneInfo("Europe/Rome"), legs, (race,), points, tuple(controls), entries, {"rules.toml": RULES})


def _write(made: WorldDay, road: Roadside, evidence: Evidence, random: Random) -> None:
    """Add the lists and sightings that people write down; rates are shares of cars."""
    first = None
    for node, point in enumerate(road.points):
        seen = [car for car in _at(road, point) if car.number is not None]
        rate = evidence.lists if evidence.lists is not None else None if node else evidence.first
        if rate is not None:
            first = first or _list(road, seen, rate, random)
            lines = first if road.copied_list else _list(road, seen, rate, random)
            made.lists.append(_as_list(point, lines))
        if evidence.keyed is not None:
            made.sightings += _keyed(road, point, seen, evidence.keyed, random, node)


def _list(road: Roadside, seen: list[Cross], rate: float, random: Random) -> list[int]:
    """Return the numbers that stand on a list; of wrong lines half are misread, the others missing."""
    written: list[int] = []
    for place, car in enumerate(seen):
        number = car.number or 0
        changes = road.two_writers and place and place % road.two_writers == 0
        if place < road.no_list_before or (changes and random.random() < 0.3):
            continue
        if changes and written and random.random() < 0.3:
            written.append(written[-1])
        if random.random() >= rate:
            written.append(number)
        elif random.random() < 0.5:
            written.append(_misread(random, number))
    return written


def _misread(random: Random, number: int) -> int:
    """Return a number with one digit another one."""
    digits = list(str(number))
    digits[random.randrange(len(digits))] = random.choice("123456789")
    return int("".join(digits))


def _as_list(point: str, numbers: list[int]) -> MarshalList:
    lines = (Listed(point, place, number, f"lists/{point}.csv:{place + 1}") for place, number in enumerate(numbers, 1))
    return MarshalList(point, tuple(lines))


def _keyed(road: Roadside, point: str, seen: list[Cross], rate: float, random: Random, person: int) -> list[Sighting]:
    """Return what one person keys at a tube: half a second to two behind each car, by a clock some seconds off."""
    clock_s, keyed = random.uniform(-20, 20), []
    for begin in range(0, len(seen), road.keyed_in_blocks):
        block = seen[begin : begin + road.keyed_in_blocks]
        numbers = [car.number or 0 for car in block]
        if len(block) > 1 and random.random() < 0.1:  # memory: two have changed places
            place = random.randrange(len(block) - 1)
            numbers[place], numbers[place + 1] = numbers[place + 1], numbers[place]
        for place, (car, number) in enumerate(zip(block, numbers, strict=True)):
            base_s = car.at_s if len(block) == 1 else block[-1].at_s + 2 * place
            keyed.append((base_s + random.uniform(0.5, 2), number))
    made = []
    for counter, (at_s, number) in enumerate(sorted(keyed), 1):
        slip = random.random() / rate if rate else 1.0
        if slip < 0.4:
            continue
        typed = _misread(random, number) if slip < 1 else number
        digits = str(typed).replace(road.stuck_digit, "") if road.stuck_digit else str(typed)
        if digits and int(digits):
            at_ns = FIRST_NS + round(at_s + clock_s) * S_NS
            made.append(made_sighting(point, int(digits), at_ns, f"marshal {person}", f"pad {person}", counter))
    return made
