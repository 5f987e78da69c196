"""Days of an event whose truth is known: crews drive chains of timing points, and things go wrong at given rates.

Nothing here looks at the solver. A day is a function of its Plan, seed and all. Every passage tells its truth only
through Day.truth. Rates are chances per passage, per crew and chain, or per chain, as Faults says.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

from centesimo.model.event import TIME_CONTROL, TIMED_TRIAL, Control, Entry, Event, Leg, Race, Start, TimingPoint
from centesimo.model.facts import Attribution, MarshalList, Passage
from simulate.mishaps import at_the_tubes, listing, on_the_lists, on_the_road, order

FIRST_NS = 1_717_221_600 * 10**9  # 2024-06-01 06:00 UTC
S_NS = 10**9


class Faults(NamedTuple):
    """What goes wrong, and how often."""

    missing: float = 0.0  # a passage without a pulse, per passage
    ghost: float = 0.0  # a pulse of nobody, per passage
    twin: float = 0.0  # a crew opens a chain within 3 s behind the crew ahead of it, per crew and chain
    late: float = 0.0  # a crew is minutes late on its own from a chain on, per crew and chain
    lost: float = 0.0  # a crew loses minutes inside a chain, per crew and chain
    absent: float = 0.0  # a crew does not start, per crew
    retired: float = 0.0  # a crew gives up somewhere in a chain, per crew and chain
    again: float = 0.0  # a crew drives a chain again some minutes later, per crew and chain
    delay: float = 0.0  # the whole field is late by whole minutes from some crew of a chain on, per chain
    list_: float = 0.0  # a line is misread, left out, doubled or swapped with the next, per line
    card: float = 0.0  # a card at a time control is not on the sheet, or under another crew's number, per card
    # From here on mishaps.py's.
    escort: float = 0.0  # cars of nobody's drive a whole chain, per crew and chain; 20 times before the first
    lorry: float = 0.0  # a lorry of nobody's, or a car with a trailer, crosses one tube, per passage
    crossed: float = 0.0  # a car stops, reverses over the tube and crosses it again, per passage
    deaf: float = 0.0  # a tube stamps nothing while 1 to 15 crews pass, per tube
    flutter: float = 0.0  # a tube flutters for a minute or less, per tube
    second: float = 0.0  # a board is a whole second off for 1 to 40 crews, per tube
    hundredths: float = 0.0  # a board is 2 to 30 hundredths off all day, per tube
    misread: float = 0.0  # a number is misread, or that of the car before is written again, per line of a list
    other_list: float = 0.0  # a list has another timing point's order, per list


NONE = Faults()
LISTS = None, 0.0, 0.02, 0.1  # no marshals' lists, or that share of their lines wrong
OF_CREWS = Faults(0.003, 0.003, 0.005, 0.005, 0.001, 0.02, 0.002, 0.0001, 0.02, 0.02, 0.003)
# How often in a season: roads are open, so once in ten chains a car of nobody's drives one whole, and a lorry
# crosses a tube once in 2,000 cars; one car in 5,000 stops in sight of a tube and crosses it twice; a hose comes off at
# one tube in a hundred, one in 500 has a loose contact; one board in a thousand has not heard the leap seconds, one in
# fifty is off a little. What is wrong on lists is LISTS' to say.
REALISTIC = OF_CREWS._replace(
    escort=0.001, lorry=0.0005, crossed=0.0002, deaf=0.01, flutter=0.002, second=0.001, hundredths=0.02
)
MINUTE_NS = 60 * S_NS
AFTER_CONTROL = 0.25  # of those that get late between two chains: behind the time control


@dataclass(frozen=True)
class Plan:
    """What kind of day."""

    seed: int
    crews: int = 60
    ahead: int = 0  # crews of a second race, ahead of the field on the same tubes
    chains: tuple[int, ...] = (4, 3)  # timing points of each
    interval_s: int = 60
    opening_s: float = 1.0  # how exactly crews open a chain
    faults: Faults = NONE
    listed: tuple[str, ...] = ()  # timing points with a marshal's list
    reversed_chain: int | None = None  # from this chain on the crews drive in reverse order
    carded: bool = False  # a time control before each chain, whose sheet of cards is loaded
    tubed: bool = False  # a time control before each chain, at a tube of its own
    starters_known: bool = False  # an official says who did not start


@dataclass
class Day:
    """An event, what was recorded of it, and the truth."""

    event: Event
    passages: list[Passage] = field(default_factory=list)
    lists: list[MarshalList] = field(default_factory=list)
    truth: dict[str, int | None] = field(default_factory=dict)  # start number by passage id, None: nobody's
    out: dict[int, frozenset[str]] = field(default_factory=dict)  # controls by start number, as an official says
    again: set[str] = field(default_factory=set)  # passages of a crew's second round: they must be nobody's


class _Crew:
    """A crew of the day and how it drives."""

    def __init__(self, entry: Entry, due_ns: int, random: Random, faults: Faults) -> None:
        self.number = entry.start_number
        self.due_ns = due_ns
        self.skill_s = min(2.0, 0.08 * random.lognormvariate(0, 1.1))
        self.late_s = 0.0
        self.driving = random.random() >= faults.absent


class _Axles:
    """How far each car's second axle is behind its first; its own random stream changes nothing else of a day."""

    def __init__(self, seed: int) -> None:
        self.random = Random(f"axles {seed}")
        self._m_by_number: dict[int | None, float] = {}
        self._kmh_by_point: dict[str, float] = {}

    def gap_ns(self, point: str, number: int | None) -> int:
        """Return the time between the axles of one passage: that of its car and speed within 8 %; of nobody's, any."""
        kmh = self._kmh_by_point.setdefault(point, self.random.uniform(25, 70))
        if number is None or number not in self._m_by_number:
            self._m_by_number[number] = min(max(self.random.gauss(2.5, 0.25), 1.9), 3.3) / self.random.lognormvariate(
                0, 0.05
            )
        return int(self._m_by_number[number] * 3.6 / kmh / self.random.lognormvariate(0, 0.08) * S_NS)


def usual_plan(seed: int, carded: bool = False) -> Plan:
    """Return one of the plans that a season has: 20 to 500 crews, chains of 2 to 8, with lists or without.

    `carded`: with a time control before each chain.
    """
    random = Random(f"plan {seed}")
    crews = int(20 * 25 ** random.random())
    chains = tuple(random.randint(2, 8) for _ in range(random.randint(1, 3)))
    interval_s = random.choice((30, 60))
    ahead = random.choice((0, 0, random.randint(8, 40)))
    opening_s = random.choice((0.5, 1.0, 1.0, 2.0, 4.0))
    wrong = random.choice(LISTS)
    ids = [point_id(chain, node) for chain, length in enumerate(chains) for node in range(length)]
    listed = () if wrong is None else tuple(sorted(random.sample(ids, max(1, len(ids) // 3))))
    faults = REALISTIC._replace(list_=wrong or 0.0)
    return Plan(seed, crews, ahead, chains, interval_s, opening_s, faults, listed, carded=carded)


def mistakes(made: Day, attributions: Iterable[Attribution]) -> list[tuple[str, int]]:
    """Return the attributions of a day that are wrong, as (passage, start number); what a source names is left out."""
    return [
        (attribution.passage.id, attribution.start_number)
        for attribution in attributions
        if attribution.passage.start_number is None
        and (made.truth[attribution.passage.id] != attribution.start_number or attribution.passage.id in made.again)
    ]


def point_id(chain: int, node: int) -> str:
    """Return the timing point's id."""
    return f"T{chain + 1}{chr(97 + node)}"


def before_opening_ns(plan: Plan, chain: int) -> int:
    """Return how long before a chain opens its time control is due: 3 to 8 minutes."""
    return Random(f"control {plan.seed} {chain}").randint(3, 8) * MINUTE_NS


def event_of(plan: Plan) -> Event:
    """Return the event of a plan; trials take 20 to 75 s, chains are 20 minutes apart."""
    random = Random(f"event {plan.seed}")
    points: list[TimingPoint] = []
    controls: list[Control] = []
    raced = ("main", "ahead") if plan.ahead else ("main",)
    for chain, length in enumerate(plan.chains):
        ids = [point_id(chain, node) for node in range(length)]
        points += [TimingPoint(point, "road", f"{len(points) + i:016x}", 1, 30, 1000) for i, point in enumerate(ids)]
        after_ns = (chain + 1) * 1200 * S_NS
        if plan.carded or plan.tubed:
            board = f"{chain + 0xC0:016x}" if plan.tubed else None
            points.append(TimingPoint(f"C{chain + 1}", "road", board, 1 if plan.tubed else None, 30, 1000))
            due_ns = after_ns - before_opening_ns(plan, chain)
            controls.append(Control(f"CO{chain + 1}", TIME_CONTROL, "L1", None, f"C{chain + 1}", None, due_ns, raced))
        for node, (opens, closes) in enumerate(pairwise(ids)):
            ideal_cs = random.randrange(2000, 7500)
            name = f"PC{chain + 1}.{node + 1}"
            controls.append(
                Control(name, TIMED_TRIAL, "L1", opens, closes, ideal_cs, after_ns if not node else None, raced)
            )
    ahead_ns = plan.ahead * 30 * S_NS + 300 * S_NS
    races = [Race("main", "Main", "aci", (Start("L1", FIRST_NS + ahead_ns, plan.interval_s * S_NS),))]
    if plan.ahead:
        races.append(Race("ahead", "Ahead", "aci", (Start("L1", FIRST_NS, 30 * S_NS),)))
    entries = [_entry(number, "main", number - 1) for number in range(1, plan.crews + 1)]
    entries += [_entry(800 + number, "ahead", number - 1) for number in range(1, plan.ahead + 1)]
    leg = Leg("L1", "Leg 1", date(2024, 6, 1))
    return Event("Day", ZoneInfo("Europe/Rome"), (leg,), tuple(races), tuple(points), tuple(controls), tuple(entries))


def _entry(number: int, race: str, place: int) -> Entry:
    return Entry(number, race, f"Crew {number}", "Car", 1955, "", None, place)


def day(plan: Plan) -> Day:
    """Return the day of a plan."""
    random = Random(f"day {plan.seed}")
    made = Day(event_of(plan))
    starts = {race.id: race.starts[0] for race in made.event.races}
    crews = []
    for entry in made.event.entries:
        start = starts[entry.race]
        due_ns = start.first_at_ns + entry.place * start.interval_ns
        crews.append(_Crew(entry, due_ns, random, plan.faults))
    if plan.starters_known:
        every = frozenset(control.id for control in made.event.controls)
        made.out = {crew.number: every for crew in crews if not crew.driving}
    crews.sort(key=lambda crew: crew.due_ns)
    axles = _Axles(plan.seed)
    cards = Random(f"cards {plan.seed}")
    for chain, length in enumerate(plan.chains):
        if chain == plan.reversed_chain:
            for crew, due_ns in zip(crews, [crew.due_ns for crew in reversed(crews)], strict=True):
                crew.due_ns = due_ns
            crews.reverse()
        _drive(plan, made, random, axles, cards, crews, chain, length)
    made.passages.sort(key=lambda passage: (passage.timing_point, passage.at_ns))
    on_the_road(made, plan.seed, plan.faults)
    lists = [_list(made, point, random, plan.faults.list_) for point in plan.listed]
    made.lists = on_the_lists(lists, made, plan.seed, plan.faults)
    at_the_tubes(made, plan.seed, plan.faults)
    return made


def _drive(
    plan: Plan,
    made: Day,
    random: Random,
    axles: _Axles,
    cards: Random,
    crews: list[_Crew],
    chain: int,
    length: int,
) -> None:
    """Let every crew drive one chain."""
    faults = plan.faults
    controls = [
        control for control in made.event.controls if control.opens and control.opens.startswith(f"T{chain + 1}")
    ]
    ideals_s = [(control.ideal_cs or 0) / 100 for control in controls]
    delayed_from = random.randrange(len(crews)) if random.random() < faults.delay else len(crews)
    delay_s = 60.0 * random.randint(1, 10)
    is_before = cards.random() >= AFTER_CONTROL
    ahead_ns = None
    for place, crew in enumerate(crews):
        if not crew.driving:
            continue
        before_s = crew.late_s
        if random.random() < faults.late:
            crew.late_s += random.expovariate(1 / 300)
        if crew.late_s > before_s and cards.random() >= AFTER_CONTROL:
            before_s = crew.late_s
        field_s = delay_s if place >= delayed_from else 0.0
        control_s = before_s + (field_s if is_before else 0.0)
        if plan.carded:
            _card(plan, made, cards, crew, chain, control_s)
        elif plan.tubed:
            _at_control(plan, made, cards, axles, crew, chain, control_s)
        opening_s = (chain + 1) * 1200 + crew.late_s + field_s + random.gauss(0, plan.opening_s)
        at_ns = crew.due_ns + int(opening_s * S_NS)
        if ahead_ns is not None and random.random() < faults.twin:
            at_ns = ahead_ns + int(random.uniform(0.5, 3) * S_NS)
        ahead_ns = at_ns
        crew.driving = _chain(made, random, axles, crew, chain, length, at_ns, ideals_s, faults)
        if random.random() < faults.again:
            later_ns = at_ns + int(random.uniform(120, 1500) * S_NS)
            before = len(made.passages)
            _chain(made, random, axles, crew, chain, length, later_ns, ideals_s, Faults())
            made.again |= {passage.id for passage in made.passages[before:]}


def _at_control_ns(plan: Plan, random: Random, crew: _Crew, chain: int, late_s: float) -> int:
    """Return when a crew comes to the time control before a chain: within its minute, or so late."""
    late_ns = int((late_s + random.uniform(0, 59)) * S_NS)
    return crew.due_ns + (chain + 1) * 1200 * S_NS - before_opening_ns(plan, chain) + late_ns


def _card(plan: Plan, made: Day, random: Random, crew: _Crew, chain: int, late_s: float) -> None:
    """Put a crew's card on the sheet of the time control before a chain."""
    at_ns = _at_control_ns(plan, random, crew, chain, late_s)
    number: int | None = crew.number
    if random.random() < plan.faults.card:
        number = random.choice((None, _misread(crew.number, random)))
    if number not in {entry.start_number for entry in made.event.entries}:
        return
    identity = f"C{chain + 1}:{crew.number}"
    at_ns -= at_ns % MINUTE_NS
    made.passages.append(Passage(identity, f"C{chain + 1}", at_ns, None, True, (), (), "card", number))
    made.truth[identity] = crew.number


def _at_control(plan: Plan, made: Day, random: Random, axles: _Axles, crew: _Crew, chain: int, late_s: float) -> None:
    """Let a crew cross the tube of the time control before a chain, with ghosts nearby."""
    at_ns = _at_control_ns(plan, random, crew, chain, late_s)
    if random.random() >= plan.faults.missing:
        _pass(made, axles, f"C{chain + 1}", at_ns, crew.number, random.random() < 0.01)
    if random.random() < plan.faults.ghost:
        ghost_ns = at_ns + int(random.uniform(-60, 60) * S_NS)
        _pass(made, axles, f"C{chain + 1}", ghost_ns, None, random.random() < 0.7)


def _chain(
    made: Day,
    random: Random,
    axles: _Axles,
    crew: _Crew,
    chain: int,
    length: int,
    at_ns: int,
    ideals_s: list[float],
    faults: Faults,
) -> bool:
    """Add one crew's passages of one chain, with ghosts nearby; return whether it drives on."""
    gives_up = random.randrange(1, length) if random.random() < faults.retired else length
    stops = random.randrange(1, length) if random.random() < faults.lost else length
    for node in range(gives_up):
        if node:
            deviation_s = random.gauss(0, crew.skill_s)
            if random.random() < 0.01:
                deviation_s += random.expovariate(1 / 4)
            if node == stops:
                deviation_s += random.uniform(30, 600)
            at_ns += int((ideals_s[node - 1] + deviation_s) * S_NS)
        if random.random() >= faults.missing:
            _pass(made, axles, point_id(chain, node), at_ns, crew.number, random.random() < 0.01)
        if random.random() < faults.ghost:
            ghost_ns = at_ns + int(random.uniform(-60, 60) * S_NS)
            _pass(made, axles, point_id(chain, node), ghost_ns, None, random.random() < 0.7)
    return gives_up == length


def _pass(made: Day, axles: _Axles, point: str, at_ns: int, number: int | None, single: bool) -> None:
    identity = f"{point}:{len(made.passages) + 1}"
    flags = ("single edge",) if single else ()
    gap_ns = None if single else axles.gap_ns(point, number)
    made.passages.append(Passage(identity, point, at_ns, 1000, True, (), flags, "board", None, gap_ns))
    made.truth[identity] = number


def _list(made: Day, point: str, random: Random, rate: float) -> MarshalList:
    """Write down a point's passing order, with mistakes."""
    written: list[int] = []
    for number in order(made, point):
        mistake = random.choice(("misread", "left out", "doubled", "swapped")) if random.random() < rate else ""
        if mistake == "misread":
            written.append(_misread(number, random))
        elif mistake != "left out":
            written.append(number)
        if mistake == "doubled":
            written.append(number)
        elif mistake == "swapped" and len(written) > 1:
            written[-1], written[-2] = written[-2], written[-1]
    return listing(point, written)


def _misread(number: int, random: Random) -> int:
    """Return a number with one digit changed or two exchanged."""
    digits = list(str(number))
    place = random.randrange(len(digits))
    if len(digits) > 1 and random.random() < 0.5:
        neighbour = place - 1 if place else 1
        digits[place], digits[neighbour] = digits[neighbour], digits[place]
    else:
        digits[place] = random.choice("0123456789")
    return int("".join(digits))
