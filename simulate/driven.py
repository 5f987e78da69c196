"""Days on which it is known which tubes, boards and ideal times are off, to test and measure sanity.

Nothing here looks at how faults are found. A day is a function of its Course. Crews differ in skill as fields do: the
best are within a few hundredths, some are seconds off, each has a habit of its own, and some aim at the time since
the chain began instead of since the last tube, so that what they lose on one trial they win back on the next.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import accumulate, pairwise
from random import Random
from zoneinfo import ZoneInfo

from centesimo.model.event import TIMED_TRIAL, Control, Entry, Event, Leg, Race, Start, TimingPoint
from centesimo.model.facts import SCORED, Passage, Score
from centesimo.score import HUNDREDTHS

FIRST_NS = 1_810_360_800 * 10**9  # 2027-05-15 06:00 UTC
CS_NS, S_NS = 10**7, 10**9
INTERVAL_S = 60
CHAIN_EVERY_S = 1500
SKILL_CS, SKILL_SPREAD, WORST_CS = 8.0, 0.8, 200.0  # the middle crew's scatter, as a log-normal of the field
HABIT_CS = 1.0  # of one crew, always the same
AIM_AT_CHAIN = 0.3  # of the crews
DISTURBED, DISTURBED_S = 0.02, 3.0  # of the passages, and how much later in the mean


@dataclass(frozen=True)
class Course:
    """What kind of day, and what is off."""

    seed: int
    crews: int = 60
    chains: tuple[int, ...] = (4, 3, 4, 3)  # timing points of each
    points_of_board: int = 2  # points next to each other share a board
    late_cs: dict[str, float] = field(default_factory=dict)  # by timing point: how late it stamps
    since: dict[str, float] = field(default_factory=dict)  # by timing point: from which part of the field on (0 .. 1)
    drift_cs: dict[str, float] = field(default_factory=dict)  # by timing point: later by this over the field
    ideal_cs: dict[str, float] = field(default_factory=dict)  # by control: how much more crews were told than the event


@dataclass
class Driven:
    """The event, every passage by point and crew, and what each trial gave."""

    event: Event
    passages: dict[tuple[str, int], Passage]
    scores: list[Score]


def event_of(course: Course) -> Event:
    """Return the event: points A1, A2, ..., B1, ...; trials A1-A2, ...; ideal times of 20 to 60 s."""
    random = Random(f"event {course.seed}")
    points: list[TimingPoint] = []
    controls: list[Control] = []
    for chain, length in enumerate(course.chains):
        ids = [f"{chr(65 + chain)}{node}" for node in range(1, length + 1)]
        for point in ids:
            board, place = divmod(len(points), course.points_of_board)
            points.append(TimingPoint(point, "road", f"{board + 1:016x}", place + 1, 25, 1500))
        after_ns: int | None = (chain + 1) * CHAIN_EVERY_S * S_NS
        for opens, closes in pairwise(ids):
            ideal_cs = random.randrange(2000, 6000)
            name = f"{opens}-{closes}"
            controls.append(Control(name, TIMED_TRIAL, "L1", opens, closes, ideal_cs, after_ns, ("main",)))
            after_ns = None
    races = (Race("main", "Main", "aci-regularity-2021", (Start("L1", FIRST_NS, INTERVAL_S * S_NS),)),)
    entries = [Entry(n, "main", f"Crew {n}", "Car", 1955, "", Decimal(1), n - 1) for n in range(1, course.crews + 1)]
    legs = (Leg("L1", "Leg 1", date(2027, 5, 15)),)
    return Event("Day", ZoneInfo("Europe/Rome"), legs, races, tuple(points), tuple(controls), tuple(entries))


def driven(course: Course) -> Driven:
    """Return the day of a course."""
    event, random = event_of(course), Random(f"day {course.seed}")
    day = Driven(event, {}, [])
    for entry in event.entries:
        skill_cs = min(WORST_CS, SKILL_CS * random.lognormvariate(0, SKILL_SPREAD))
        habit_cs, aims_at_chain = random.gauss(0, HABIT_CS), random.random() < AIM_AT_CHAIN
        part = entry.place / max(course.crews - 1, 1)
        for chain in range(len(course.chains)):
            trials = [control for control in event.controls if control.closes.startswith(chr(65 + chain))]
            stated_cs = [(trial.ideal_cs or 0) + course.ideal_cs.get(trial.id, 0.0) for trial in trials]
            off_cs = [_off(random, skill_cs) + habit_cs for _ in trials]
            if aims_at_chain:
                off_cs = [after - before for before, after in pairwise([0.0, *off_cs])]
            start_s = entry.place * INTERVAL_S + (chain + 1) * CHAIN_EVERY_S + random.gauss(0, 1)
            times_cs = [ideal + off for ideal, off in zip(stated_cs, off_cs, strict=True)]
            at_cs = list(accumulate(times_cs, initial=start_s * 100))
            ids = [trials[0].opens or "", *(trial.closes for trial in trials)]
            for point, cs in zip(ids, at_cs, strict=True):
                _stamp(course, day, point, entry.start_number, part, cs)
    day.scores = [_score(day, control, entry.start_number) for control in event.controls for entry in event.entries]
    return day


def _off(random: Random, skill_cs: float) -> float:
    """Return how late one crew is on one trial."""
    late_cs = random.gauss(0, skill_cs)
    return late_cs + random.expovariate(1 / (DISTURBED_S * 100)) if random.random() < DISTURBED else late_cs


def _stamp(course: Course, day: Driven, point: str, number: int, part: float, cs: float) -> None:
    late_cs = course.late_cs.get(point, 0.0) if part >= course.since.get(point, 0.0) else 0.0
    late_cs += course.drift_cs.get(point, 0.0) * part
    at_ns = FIRST_NS + round((cs + late_cs) * CS_NS)
    day.passages[point, number] = Passage(f"{point}:{number}", point, at_ns, 1000, True, (), (), "board")


def _score(day: Driven, control: Control, number: int) -> Score:
    """Return a trial as it is scored: from instants that are cut to the hundredth."""
    passages = day.passages[control.opens or "", number], day.passages[control.closes, number]
    taken_cs = (passages[1].at_ns or 0) // CS_NS - (passages[0].at_ns or 0) // CS_NS
    late_cs = taken_cs - (control.ideal_cs or 0)
    cost = Decimal(min(abs(late_cs), 300))
    return Score(
        "main", control.id, number, SCORED, HUNDREDTHS, control.ideal_cs, taken_cs, late_cs, cost, "", "", passages, ()
    )
