"""What a list says of a run of cars that are all one place off: one slip of it, however many cars it is about."""

import pytest

from centesimo.match.links import Track
from centesimo.match.lists import Said
from centesimo.match.model import ABSENT, Crew
from centesimo.match.shared import of_single, once
from centesimo.model.facts import Passage

CREWS = [Crew(number, 60.0 * number, 0, ABSENT, None) for number in range(6)]
DUE: list[dict[int, float]] = [{who: 0.8, who + 1: 0.2} for who in range(5)]  # each its own, or all one place off


def said(best: int, other: int, times: float) -> Said:
    """Return what a list says that reads so many times likelier if the car is one crew's than another's."""
    return Said({best: 0.9, other: 0.9 / times}, 1e-6)


ON = [said(who + 1, who, 64.0) for who in range(5)]  # each is the next crew by the list
ALIKE = [said(who, who + 1, 64.0) for who in range(5)]

# name: (what is heard of each car, how much likelier than the due crew, or the next one, the other is by each then)
RUNS: dict[str, tuple[list[Said | None], list[float | None]]] = {
    # three cars together count as one: the cube root of 64 each
    "three cars one place on": ([ON[0], ON[1], ON[2], None, None], [4.0, 4.0, 4.0, None, None]),
    "with one in between that is not heard": ([ON[0], None, ON[2], ON[3], None], [4.0, None, 4.0, 4.0, None]),
    "all as they are due": (ALIKE, [64.0] * 5),
    "one car on its own": ([ALIKE[0], ON[1], ALIKE[2], None, None], [64.0, 64.0, 64.0, None, None]),
    # two one place on and three as due: the square root, and the cube root
    "the list slips and finds back": ([ON[0], ON[1], *ALIKE[2:]], [8.0, 8.0, 4.0, 4.0, 4.0]),
}


@pytest.mark.parametrize(("heard", "times"), RUNS.values(), ids=RUNS)
def test_a_run_counts_once(heard: list[Said | None], times: list[float | None]) -> None:
    found = [
        None if one is None else max(one.by_number.values()) / min(one.by_number.values())
        for one in once(heard, DUE, CREWS)
    ]
    assert found == [None if one is None else pytest.approx(one) for one in times]


def test_a_late_car_that_a_list_names_is_no_part_of_a_run() -> None:
    """The list says crew 0 where crew 4 is due; of its neighbours it says that they are one place on."""
    late = Said({0: 0.9, 4: 1e-5}, 1e-6)
    found = once([ON[0], ON[1], ON[2], None, late], DUE, CREWS)
    assert found[4] is not None
    assert found[4].by_number == late.by_number


def track(at_s: float) -> Track:
    """Return a track of one passage."""
    return Track(0, at_s, Passage(f"T1@{at_s}", "T1", 0, 1500, True, (), (), "board"), None)


def test_only_cars_on_their_own_are_heard() -> None:
    tracks = [track(at_s) for at_s in (0.0, 60.0, 69.0, 120.0, 180.0)]
    heard: list[Said | None] = [ON[0], ON[1], ON[2], said(3, 4, 2.0), None]  # 9 s apart; 2 times is not decisive
    assert of_single(heard, tracks) == [ON[0], None, None, None, None]
