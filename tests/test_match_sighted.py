"""What people key beside the tubes says who it is, whatever the order, the clocks and the traffic."""

from dataclasses import replace

import pytest

from centesimo.match import match
from centesimo.match.people import find_offset_s
from centesimo.model.event import AS_THEY_COME, IN_TURN
from centesimo.model.facts import Passage, Sighting
from centesimo.model.findings import FindingKind
from centesimo.words.findings import sentence
from tests.test_match import ALL, FIRST_NS, IDEALS_S, POINTS, S_NS, but, drive, escort, event, passage, wrong

Made = dict[str, tuple[Passage, int | None]]
REVERSED = {number: (8 - number) * 60.0 - (number - 1) * 60.0 for number in ALL}
QUEUE = {number: 600.0 - (number - 1) * 60.0 + 11.0 * ((number * 5) % 8) for number in ALL}  # 11 s apart, in any order
FOLLOWED = but(drive(dict.fromkeys(ALL, 108.0)), more=escort(110.0))  # everybody late, a stranger behind crew 1
STALLED = {
    key: (
        one._replace(at_ns=(one.at_ns or 0) + 150 * S_NS) if who == 3 and one.timing_point in POINTS[2:] else one,
        who,
    )
    for key, (one, who) in drive(ALL).items()
}


def keyed(made: Made, clock_s: float = 0.0, misread: tuple[tuple[str, int, int], ...] = ()) -> list[Sighting]:
    """Return a sighting of each passage of a crew, by a clock that is off; `misread`: (point, crew, number)."""
    numbers = {(point, crew): number for point, crew, number in misread}
    own = sorted((one for one in made.values() if one[1] is not None), key=lambda one: one[0].at_ns or 0)
    return [
        Sighting(
            f"{one.timing_point}:{counter}",
            one.timing_point,
            numbers.get((one.timing_point, who), who),
            (one.at_ns or 0) + round((clock_s + 0.4 + 0.1 * (counter % 5)) * S_NS),
            None,
            one.timing_point,
            "keypad",
            counter,
        )
        for counter, (one, who) in enumerate(own, 1)
        if who is not None
    ]


# name: (passages with their truth, by how much the clocks are off in s, numbers keyed wrong)
CASES: dict[str, tuple[Made, float, tuple[tuple[str, int, int], ...]]] = {
    "all well": (drive(ALL), 0.0, ()),
    "clocks seven seconds off": (drive(ALL), 7.0, ()),
    "reversed": (drive(REVERSED), 0.0, ()),
    "a queue in any order": (drive(QUEUE), 0.0, ()),
    "all late, and a stranger behind the first": (FOLLOWED, 0.0, ()),
    "one number keyed wrong": (drive(ALL), 0.0, (("T2", 3, 6),)),
    "a crew stalls on the way": (STALLED, 0.0, ()),
    "two cars 1.5 s apart": (drive({**ALL, 4: 58.5, 5: 0.0}), 0.0, ()),
}


@pytest.mark.parametrize(("made", "clock_s", "misread"), CASES.values(), ids=CASES)
def test_people_say_who_it_is(made: Made, clock_s: float, misread: tuple[tuple[str, int, int], ...]) -> None:
    passages = [one for one, _ in made.values()]
    attributions, _ = match(event(), passages, sightings=keyed(made, clock_s, misread))
    assert wrong(attributions, made) == []
    assert {one.passage.id for one in attributions} == {key for key, (_, who) in made.items() if who is not None}


def test_of_two_cars_keyed_in_one_second_the_first_keyed_is_the_first() -> None:
    """Crews 4 and 5 pass everywhere 0.8 s apart, and are keyed behind the second: 5 first."""
    made = drive({**ALL, 4: 60.4, 5: -0.4})
    together = {
        point: max(one.at_ns or 0 for one, who in made.values() if one.timing_point == point and who in (4, 5))
        for point in POINTS
    }
    sightings = [
        one._replace(at_ns=together[one.timing_point] + S_NS) if one.start_number in (4, 5) else one
        for one in keyed(made)
    ]
    attributions, _ = match(event(), [one for one, _ in made.values()], sightings=sightings)
    assert wrong(attributions, made) == []
    assert len(attributions) == len(made)


def test_a_car_that_was_keyed_where_its_pulse_is_missing_is_no_stranger_s_behind_it() -> None:
    made = but(drive(ALL), without=(("T3", 4),))
    stranger = passage("T3", 60.0 * 3 + IDEALS_S[2] + 5.0)
    made[stranger.id] = (stranger, None)
    attributions, _ = match(event(), [one for one, _ in made.values()], sightings=keyed(drive(ALL)))
    assert wrong(attributions, made) == []
    assert len(attributions) == len(made) - 1


def test_where_nothing_tells_one_finding_says_what_would() -> None:
    made = drive(QUEUE)
    asked = event()
    controls = tuple(replace(one, order=AS_THEY_COME) for one in asked.controls)
    attributions, (finding,) = match(replace(asked, controls=controls), [one for one, _ in made.values()])
    assert attributions == []
    assert (finding.kind, finding.where) == (FindingKind.DOUBTFUL, "T1")
    assert "A list at T1, or numbers keyed there, would settle most of 32 passages at 4 points." in sentence(
        finding, asked
    )
    assert set(finding.passages) == set(made)


def test_in_turn_is_read_by_due_minute() -> None:
    made = drive({number: 11.0 * ((number * 3) % 5) for number in ALL})
    asked = event()
    controls = tuple(replace(one, order=IN_TURN) for one in asked.controls)
    attributions, _ = match(replace(asked, controls=controls), [one for one, _ in made.values()])
    assert wrong(attributions, made) == []


# name: how much the person's clock is to be put later, s
OFFSETS = {"right": 0.0, "seconds": -7.0, "minutes": 180.0, "an hour": -3600.0}


@pytest.mark.parametrize("offset_s", OFFSETS.values(), ids=OFFSETS)
def test_a_clock_is_found(offset_s: float) -> None:
    """Crews 41 to 97 s apart, of which the person misses every ninth."""
    at_s = [0.0]
    for place in range(60):
        at_s.append(at_s[-1] + 41 + (place * place * 17) % 57)
    own_s = [one_s - offset_s for place, one_s in enumerate(at_s) if place % 9]
    numpy = pytest.importorskip("numpy")
    assert find_offset_s(numpy.array(own_s), numpy.array(at_s)) == pytest.approx(offset_s, abs=0.01)


def test_a_named_passage_of_a_chain_that_people_saw_keeps_its_name() -> None:
    made = but(drive(ALL), without=(("T2", 4),))
    named = passage("T2", 60.0 * 3 + IDEALS_S[1], number=4)
    made[named.id] = (named, 4)
    attributions, _ = match(event(), [one for one, _ in made.values()], sightings=keyed(drive(ALL)))
    assert wrong(attributions, made) == []
    assert (named.at_ns or 0) > FIRST_NS
    assert next(one for one in attributions if one.passage.id == named.id).confidence == 1.0
