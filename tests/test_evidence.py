"""What single pieces of evidence weigh when passages become crews: a slip on a list, a car not seen to the end."""

import pytest

from centesimo.facts import Listed, MarshalList, Passage
from centesimo.match.gaps import Gaps
from centesimo.match.links import Spread, link
from centesimo.match.lists import Listing
from centesimo.match.memory import Memory
from centesimo.match.model import ABSENT, Crew, Manner

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
    known = Memory(0.99)
    known.remember(crews, ["R"], tracks, [{0: 1.0}, {1: 1.0}, {2: 1.0}], Manner(1.0))
    assert [known.absent[crew.start_number] for crew in crews] == absent


def test_two_lines_exchanged_are_one_slip() -> None:
    """A list of two lines slips 0.2 / 42 = once in 210: so much less likely is the other order, not 210 * 210."""
    lines = tuple(Listed("T1", place, number, f"lists/T1.csv:{place + 1}") for place, number in enumerate((4, 5), 1))
    first, second = Listing(MarshalList("T1", lines), {4, 5}).says([{4: 0.5, 5: 0.5}, {4: 0.5, 5: 0.5}])
    assert 100 < first.of(4) / first.of(5) < 210
    assert 100 < second.of(5) / second.of(4) < 210
