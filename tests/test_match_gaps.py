"""What is not there: tubes that slept, chains that nobody drove, a crew an interval late. Nobody gets another time."""

from datetime import date
from random import Random
from zoneinfo import ZoneInfo

import pytest

from centesimo.match import match
from centesimo.model.event import TIME_CONTROL, TIMED_TRIAL, Control, Entry, Event, Leg, Race, Start, TimingPoint
from centesimo.model.facts import MarshalList, Passage
from tests.test_match import ALL, FIRST_NS, S_NS, drive, event, marshal, passage, wrong

# Crew 4 is a whole interval late and opens the chain half a second ahead of crew 5, which is due then.
AN_INTERVAL_LATE = {**ALL, 4: 60.0, 5: 0.5}
IN_ORDER, EXCHANGED = [1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 3, 5, 4, 6, 7, 8]

# name: (lists, crews left open at T1)
PAIRS = {
    "without a list": ([], {4, 5}),
    "with a list": ([marshal("T1", IN_ORDER)], set()),
    "with two lists that differ": ([marshal("T1", IN_ORDER), marshal("T3", EXCHANGED)], {4, 5}),
}


@pytest.mark.parametrize(("lists", "left_open"), PAIRS.values(), ids=PAIRS)
def test_a_crew_an_interval_late_beside_the_one_that_is_due(lists: list[MarshalList], left_open: set[int]) -> None:
    made = drive(AN_INTERVAL_LATE)
    attributions, _ = match(event(), [one for one, _ in made.values()], lists)
    assert wrong(attributions, made) == []
    sure = {one.start_number for one in attributions if one.passage.timing_point == "T1"}
    assert ALL.keys() - sure == left_open


def test_a_hand_time_of_a_number_that_does_not_drive_here_takes_no_passage_away() -> None:
    made = drive(ALL)
    attributions, findings = match(event(), [*(one for one, _ in made.values()), passage("T1", 60.30, number=77)])
    assert wrong(attributions, made) == []
    assert len(attributions) == len(made)
    assert [one.kind for one in findings] == ["unknown crew"]


# name: (seconds late, is there a ghost on the first chain)
DEAD = {"nothing there": (0.0, False), "a ghost there": (0.0, True), "a ghost there, all late": (300.0, True)}


@pytest.mark.parametrize(("late_s", "ghost"), DEAD.values(), ids=DEAD)
def test_a_chain_that_saw_nobody_makes_nobody_gone(late_s: float, ghost: bool) -> None:
    points = tuple(TimingPoint(name, "road", None, None, 30, 1000) for name in ("A1", "A2", "B1", "B2"))
    controls = (
        Control("PC1", TIMED_TRIAL, "L1", "A1", "A2", 4000, 0, ("R",)),
        Control("PC2", TIMED_TRIAL, "L1", "B1", "B2", 4000, 1200 * S_NS, ("R",)),
    )
    made = {}
    for number in range(1, 21):
        for point, ideal_s in (("B1", 0), ("B2", 40)):
            one = passage(point, 1200 + 60 * (number - 1) + ideal_s + late_s)
            made[one.id] = (one, number)
    ghosts = [passage("A1", 333.0)] if ghost else []
    attributions, _ = match(_event(points, controls, 20), [*ghosts, *(one for one, _ in made.values())])
    assert wrong(attributions, made) == []
    assert len(attributions) == 40


@pytest.mark.parametrize("asleep", [range(20, 24), range(20, 26)], ids=["4 crews", "6 crews"])
def test_a_tube_at_a_time_control_that_sleeps_for_some_crews(asleep: range) -> None:
    points = (TimingPoint("C1", "road", None, None, 30, 1000),)
    controls = (Control("CO1", TIME_CONTROL, "L1", None, "C1", None, 0, ("R",)),)
    random = Random(1)
    made: dict[str, tuple[Passage, int | None]] = {}
    for number in range(1, 61):
        one = passage("C1", 60 * (number - 1) + random.uniform(5, 55))
        if number not in asleep:
            made[one.id] = (one, number)
    attributions, _ = match(_event(points, controls, 60), [one for one, _ in made.values()])
    assert wrong(attributions, made) == []


def _event(points: tuple[TimingPoint, ...], controls: tuple[Control, ...], crews: int) -> Event:
    race = Race("R", "Race", "aci", (Start("L1", FIRST_NS, 60 * S_NS),))
    entries = tuple(Entry(n, "R", f"Crew {n}", "Car", 1955, "", None, n - 1) for n in range(1, crews + 1))
    leg = Leg("L1", "Leg 1", date(2024, 6, 1))
    return Event("Event", ZoneInfo("Europe/Rome"), (leg,), (race,), points, controls, entries)
