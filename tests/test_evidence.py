"""What single pieces of evidence weigh when passages become crews: a slip on a list, a car not seen to the end."""

import pytest

from centesimo.match import match
from centesimo.match.gaps import Gaps
from centesimo.match.links import link
from centesimo.match.lists import Listing
from centesimo.match.memory import Memory
from centesimo.match.model import ABSENT, Crew, Manner
from centesimo.match.spread import Spread
from centesimo.model.facts import Listed, MarshalList, Passage
from simulate.days import day, usual_plan
from tests.test_match import ALL, FIRST_NS, drive, event, marshal

S_NS = 10**9
DUES_S = 0.0, 60.0, 120.0

# nodes at which each of three crews is seen: how likely each does not come to the next chain. A crew that was there
# does not come with 0.01, one that was not with 0.97; a point is missed with 0.01, the next one with 0.3 each, and a
# crew gives up with 0.003.
SEEN = {
    "all the way": (([0, 1, 2, 3], [0, 1, 2, 3], [0, 1, 2, 3]), [0.01, 0.01, 0.01]),
    # 0.01 / 0.013 = 0.769 drives on: 0.769 * 0.01 + 0.231 * 0.97
    "not at the last": (([0, 1, 2, 3], [0, 1, 2], [0, 1, 2, 3]), [0.01, 0.232, 0.01]),
    # 0.01 * 0.3 * 0.3 / (0.0009 + 0.003) = 0.231 drives on: 0.231 * 0.01 + 0.769 * 0.97
    "only at the first": (([0, 1, 2, 3], [0], [0, 1, 2, 3]), [0.01, 0.748, 0.01]),
    "a hole on the way": (([0, 1, 2, 3], [0, 3], [0, 1, 2, 3]), [0.01, 0.01, 0.01]),
    "the last two tubes are dead for most": (([0, 1, 2, 3], [0, 1], [0, 1]), [0.01, 0.01, 0.01]),
}


@pytest.mark.parametrize(("nodes_by_crew", "absent"), SEEN.values(), ids=SEEN)
def test_a_crew_that_is_not_seen_to_the_end_may_be_gone(nodes_by_crew: tuple, absent: list[float]) -> None:
    crews = [Crew(number, due_s, 0, ABSENT, None) for number, due_s in enumerate(DUES_S, 1)]
    columns: list[list[tuple[float, Passage]]] = [[], [], [], []]
    for due_s, nodes in zip(DUES_S, nodes_by_crew, strict=True):
        for node in nodes:
            one = Passage(f"{node}@{due_s}", f"T{node}", int(due_s * S_NS), 1500, True, (), (), "board")
            columns[node].append((due_s, one))
    tracks = link(columns, [Spread(0.03)] * 4, Gaps())
    known = Memory()
    known.remember(crews, ["R"], tracks, [{0: 1.0}, {1: 1.0}, {2: 1.0}], Manner(1.0))
    assert [known.absent[crew.start_number] for crew in crews] == absent


EVEN = {4: 0.5, 5: 0.5}

# Two cars side by side and no evidence but a list. Of few lines, a list slips 0.2 / (lines + 40) a line.
# name: (numbers of the list, belief of each passage, passage, how much likelier it is crew 4's than crew 5's)
PAIRS: dict[str, tuple[list[int], list[dict[int, float]], int, float]] = {
    # The slip is 0.2 / 42 = 0.004762. 4 before 5: 0.96 * 0.96 = 0.9216, and with lines left out 0.00009. 5 before 4:
    # two lines exchanged 0.004762 * 0.9216 = 0.004389, with lines left out 2 * 0.96 * 0.004762 * 0.01 = 0.000091.
    "the first of two": ([4, 5], [EVEN, EVEN], 0, 205.7),
    "the second of two": ([4, 5], [EVEN, EVEN], 1, 1 / 205.7),
    "two in the other order": ([5, 4], [EVEN, EVEN], 0, 1 / 205.7),
    # That the due times have an opinion, too, is not the list's to say.
    "two that the due times tell apart": ([5, 4], [{4: 0.999, 5: 0.001}, {4: 0.001, 5: 0.999}], 0, 1 / 205.7),
    # Whether the line is the first car's or the second's, the other car has none.
    "one line for two": ([4], [EVEN, EVEN], 0, 1.0),
}


@pytest.mark.parametrize(("numbers", "beliefs", "place", "odds"), PAIRS.values(), ids=PAIRS)
def test_a_list_is_read_for_two_cars_in_either_order(
    numbers: list[int], beliefs: list[dict[int, float]], place: int, odds: float
) -> None:
    lines = tuple(Listed("T1", line, number, f"lists/T1.csv:{line + 1}") for line, number in enumerate(numbers, 1))
    said = Listing(MarshalList("T1", lines), {4, 5}).says(beliefs)[place]
    assert said.of(4) / said.of(5) == pytest.approx(odds, rel=0.02)


RIGHT_ORDER, EXCHANGED = [1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 3, 5, 4, 6, 7, 8]

# Crew 4 opens the chain 0.6 s ahead of crew 5, both nearly as late: the due times cannot tell which is first.
# lists by timing point: whose the two passages at T1 are, in order of time; None: a question
ORDERS: dict[str, tuple[dict[str, list[int]], tuple[int, int] | None]] = {
    "no list": ({}, None),
    "one list": ({"T1": RIGHT_ORDER}, (4, 5)),
    "one list further on": ({"T3": RIGHT_ORDER}, (4, 5)),
    "two lists": ({"T1": RIGHT_ORDER, "T3": RIGHT_ORDER}, (4, 5)),
    "two lists of the other order": ({"T1": EXCHANGED, "T3": EXCHANGED}, (5, 4)),
    "two lists that contradict each other": ({"T1": RIGHT_ORDER, "T3": EXCHANGED}, None),
}


@pytest.mark.parametrize(("lists", "order"), ORDERS.values(), ids=ORDERS)
def test_lists_tell_two_cars_apart(lists: dict[str, list[int]], order: tuple[int, int] | None) -> None:
    passages = [one for one, _ in drive({**ALL, 4: 59.4}).values()]
    attributions, _ = match(event(), passages, [marshal(point, numbers) for point, numbers in lists.items()])
    here = sorted((one.passage.at_ns, one.start_number) for one in attributions if one.passage.timing_point == "T1")
    told = tuple(number for at_ns, number in here if abs(at_ns - FIRST_NS - 240 * S_NS) < S_NS)
    assert told == (order or ())


def test_two_lines_exchanged_are_one_slip() -> None:
    """A list of two lines slips 0.2 / 42 = once in 210: so much less likely is the other order, not 210 * 210."""
    lines = tuple(Listed("T1", place, number, f"lists/T1.csv:{place + 1}") for place, number in enumerate((4, 5), 1))
    first, second = Listing(MarshalList("T1", lines), {4, 5}).says([{4: 0.5, 5: 0.5}, {4: 0.5, 5: 0.5}])
    assert 100 < first.of(4) / first.of(5) < 210
    assert 100 < second.of(5) / second.of(4) < 210


@pytest.mark.parametrize("seed", [3287, 3305])
def test_the_threshold_decides_only_what_is_asked(seed: int) -> None:
    """What one chain tells the next does not hang on it: a higher one leaves the same, but fewer of them."""
    made = day(usual_plan(seed, carded=True))
    usual, _ = match(made.event, made.passages, made.lists, threshold=0.99)
    strict, _ = match(made.event, made.passages, made.lists, threshold=0.999)
    assert strict == [one for one in usual if one.confidence >= 0.999]
    assert len(strict) < len(usual)
