"""The generator of days: each fault changes what it says and nothing else, and the truth is what a timekeeper says."""

from collections import Counter
from itertools import pairwise

import pytest

from centesimo.model.event import TimingPoint
from centesimo.model.facts import Edge, Passage
from centesimo.timing.passages import passages
from simulate.days import NONE, S_NS, Day, Faults, Plan, day, point_id

PLAN = Plan(50, crews=20, chains=(4, 2), listed=("T1b", "T2a"))
MISHAPS = Faults._fields[Faults._fields.index("escort") :]
# fault: whether it adds passages, takes some out, moves some
TOUCHES = {
    "escort": (True, False, False),
    "lorry": (True, False, False),
    "crossed": (True, False, True),
    "deaf": (False, True, False),
    "flutter": (True, None, False),  # it may swallow some
    "second": (False, False, True),
    "hundredths": (False, False, True),
    "misread": (False, False, False),
    "other_list": (False, False, False),
}


def of(plan: Plan = PLAN, **faults: float) -> Day:
    """Return the day with these faults alone."""
    return day(Plan(**{**plan.__dict__, "faults": NONE._replace(**faults)}))


PLAIN = of()


@pytest.mark.parametrize("fault", MISHAPS)
def test_a_fault_touches_only_what_it_says(fault: str) -> None:
    made = of(**{fault: 0.5})
    before = {one.id: one for one in PLAIN.passages}
    after = {one.id: one for one in made.passages}
    moved = any(before[one].at_ns != after[one].at_ns for one in before.keys() & after.keys())
    taken = bool(before.keys() - after.keys())
    adds, takes, moves = TOUCHES[fault]
    assert (bool(after.keys() - before.keys()), taken, moved) == (adds, taken if takes is None else takes, moves)
    assert (made.lists != PLAIN.lists) == (fault == "misread")  # the order is the same everywhere
    assert all(made.truth[one] is None for one in after.keys() - before.keys())
    assert all(made.truth[one] == PLAIN.truth[one] for one in before)
    assert made.passages == sorted(made.passages, key=lambda one: (one.timing_point, one.at_ns))
    assert len(after) == len(made.passages)


def off_ns(made: Day, point: str) -> list[int]:
    """Return by how much the crews' passages of a point are later than they were, in their order."""
    before = {one.id: one.at_ns or 0 for one in PLAIN.passages}
    return [(one.at_ns or 0) - before[one.id] for one in made.passages if one.timing_point == point]


def test_a_deaf_tube_misses_crews_in_a_row_also_at_an_opening() -> None:
    made = of(deaf=1.0)
    for point in ("T1a", "T1b", "T1c", "T1d", "T2a", "T2b"):
        left = [made.truth[one.id] for one in made.passages if one.timing_point == point]
        missed = sorted(set(range(1, 21)) - set(left))
        assert 1 <= len(missed) <= 15
        assert missed == list(range(missed[0], missed[-1] + 1))


def test_marshals_write_down_who_passed_a_deaf_tube() -> None:
    assert [[line.start_number for line in one.lines] for one in of(deaf=1.0).lists] == [[*range(1, 21)]] * 2


def test_of_a_car_that_crosses_twice_the_first_passage_counts() -> None:
    made = of(crossed=1.0)
    for node, (one, back, again) in enumerate(zip(*[iter(of_crew(made, 1, 4))] * 3, strict=True)):
        assert [made.truth[its.id] for its in (one, back, again)] == [1, None, None]
        assert {its.timing_point for its in (one, back, again)} == {point_id(0, node)}
        assert 1.5 * S_NS <= (back.at_ns or 0) - (one.at_ns or 0) <= 8 * S_NS
        assert 1.5 * S_NS <= (again.at_ns or 0) - (back.at_ns or 0) <= 10 * S_NS


def of_crew(made: Day, number: int, points: int) -> list[Passage]:
    """Return all that passed the first chain before the next crew, by instant."""
    found = []
    for node in range(points):
        its = [one for one in made.passages if one.timing_point == point_id(0, node)]
        until = next(place for place, one in enumerate(its) if made.truth[one.id] == number + 1)
        found += its[:until]
    return found


def test_a_tube_flutters_for_about_a_minute() -> None:
    made = of(flutter=1.0)
    for point in ("T1a", "T2b"):
        burst = [one.at_ns or 0 for one in made.passages if one.timing_point == point and made.truth[one.id] is None]
        assert 24 <= len(burst) <= 48
        assert burst[-1] - burst[0] < 75 * S_NS
        assert min(after - before for before, after in pairwise(burst)) >= S_NS


def test_a_board_is_a_second_off_for_some_crews_and_says_so() -> None:
    made = of(second=1.0)
    off = Counter(off_ns(made, "T1a"))
    assert off.keys() <= {0, S_NS, -S_NS}
    assert len(off) <= 2
    for one in made.passages:
        was = next(its for its in PLAIN.passages if its.id == one.id)
        assert (one.confirmed, "unconfirmed second" in one.flags) == (one.at_ns == was.at_ns, one.at_ns != was.at_ns)


def test_a_board_is_hundredths_off_all_day() -> None:
    made = of(hundredths=1.0)
    for point in ("T1a", "T1c", "T2a"):
        (off,) = set(off_ns(made, point))
        assert S_NS // 50 <= abs(off) <= 3 * S_NS // 10


def test_lists_are_misread() -> None:
    """Every line is: never what it was but for two like digits exchanged, and 10 of 20 in a row are no slip."""
    numbers = [line.start_number for line in of(misread=1.0).lists[0].lines]
    assert len(numbers) == 20
    assert sum(one == its for one, its in zip(numbers, range(1, 21), strict=True)) < 10


def test_a_list_of_another_point() -> None:
    """Crews 20 to 1 drive the second chain: the first chain's list has their order, or the second's theirs."""
    plan = Plan(51, crews=20, chains=(2, 2), listed=("T1a", "T2a"), reversed_chain=1)
    lists = of(plan, other_list=1.0).lists
    orders = [tuple(line.start_number for line in one.lines) for one in lists]
    assert set(orders) <= {tuple(range(1, 21)), tuple(range(20, 0, -1))}
    assert lists != of(plan).lists


def test_a_time_control_at_a_tube_of_its_own() -> None:
    plan = Plan(52, crews=20, ahead=5, chains=(3, 2), tubed=True)
    made = of(plan)
    for point in ("C1", "C2"):
        its = [one for one in made.passages if one.timing_point == point]
        assert sorted(made.truth[one.id] or 0 for one in its) == [*range(1, 21), *range(801, 806)]
        assert {(one.source, one.start_number) for one in its} == {("board", None)}
    assert {one.timing_point for one in of(plan, missing=0.5, ghost=0.5).passages} >= {"C1", "C2"}
    assert len([one for one in of(plan, deaf=1.0).passages if one.timing_point == "C1"]) < 25


# What a tube's contacts (ms) become, which is what mishaps.py puts down: how many passages, and the flags of each.
SHAPES: dict[str, tuple[list[int], list[tuple[str, ...]]]] = {
    # 2.7 m and 5 m at 40 km/h
    "a car with a trailer": ([0, 243, 450], [("many edges",)]),
    # axles at 0, 3.5, 4.8, 9, 10.3 and 11.6 m at 40 km/h
    "a lorry": (
        [0, 315, 432, 810, 927, 1044],
        [("single edge", "close behind"), ("close behind",), ("many edges", "close behind")],
    ),
    "on the tube, back, and over it": ([0, 3000, 6000, 6720], [("single edge",), ("single edge",), ()]),
    "over it, back, and over it again": ([0, 250, 5000, 5600, 9000, 9600], [(), (), ()]),
    "a loose contact": (
        [0, 1200, 1207, 1900, 3500, 3540, 3580],
        [("single edge",), ("many edges",), ("many edges",)],
    ),
}


@pytest.mark.parametrize(("contacts_ms", "flags"), SHAPES.values(), ids=SHAPES)
def test_what_edges_become(contacts_ms: list[int], flags: list[tuple[str, ...]]) -> None:
    board = f"{1:016x}"
    edges = [
        Edge(board, place, 1, 1, ms * 1000, ms * 1_000_000, 1000, True, "locked", 2, False)
        for place, ms in enumerate(contacts_ms, 1)
    ]
    found, _ = passages(edges, [TimingPoint("T1", "road", board, 1, 5, 1000)])
    assert [one.flags for one in found] == flags
