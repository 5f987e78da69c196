"""Where a tube stamps again and again within seconds: a car's first passage counts; what cannot be told is asked."""

import pytest

from centesimo.match import match
from tests.test_match import ALL, POINTS, but, drive, event, passage, wrong

# Crew 4 is due at T1 180 s after the first; it passes there at 180.01.
AXLE_ON_IT = passage("T1", 184.0, single=True), passage("T1", 188.0)
LORRY = (passage("T2", 223.0, single=True), passage("T2", 223.3), passage("T2", 223.8))
LOOSE = tuple(passage("T2", 200 + 1.3 * place, single=place % 2 == 0) for place in range(40))
FLUTTER = tuple(one for one in LOOSE if abs(one.at_ns - passage("T2", 220.01).at_ns) > 10**9)


def later(made: dict, number: int, after: str, by_s: float) -> dict:
    """Return passages of which those of a crew behind a point are so much later."""
    behind = POINTS[POINTS.index(after) + 1 :]
    moved = {}
    for one, who in made.values():
        its = one._replace(at_ns=one.at_ns + round(by_s * 1e9)) if who == number and one.timing_point in behind else one
        moved[its.id] = (its, who)
    return moved


CASES = {
    "it crosses again and makes it up": but(drive(ALL), more=AXLE_ON_IT),
    "it crosses again and drives on from there": but(later(drive(ALL), 4, "T1", 7.99), more=AXLE_ON_IT),
    "a lorry behind it": but(drive(ALL), more=LORRY),
    "a loose contact around it": but(drive(ALL), more=FLUTTER),
    "a loose contact in its place": but(drive(ALL), without=(("T2", 4),), more=LOOSE),
}


@pytest.mark.parametrize("made", CASES.values(), ids=CASES)
def test_only_what_is_in_a_burst_is_asked(made: dict) -> None:
    attributions, findings = match(event(), [one for one, _ in made.values()])
    assert wrong(attributions, made) == []
    told = {one.passage.id for one in attributions}
    assert {who for key, (_, who) in made.items() if key not in told} <= {4, None}
    assert {one for found in findings for one in found.passages} | told == made.keys()


def test_the_first_passage_of_a_car_that_crosses_twice_names_its_crew() -> None:
    made = CASES["it crosses again and drives on from there"]
    _, findings = match(event(), [one for one, _ in made.values()])
    first = next(key for key, (one, who) in made.items() if (one.timing_point, who) == ("T1", 4))
    assert 4 in {one.start_number for found in findings for one in found.candidates if one.passage == first}


def test_two_ghosts_further_away_change_nothing() -> None:
    """Over 20 s from the next car."""
    made = but(drive(ALL), more=(passage("T1", 205.0, single=True), passage("T1", 207.0, single=True)))
    attributions, _ = match(event(), [one for one, _ in made.values()])
    assert len(attributions) == 32
