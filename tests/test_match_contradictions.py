"""Lists that agree with each other and not with the due times: three are believed, two are a question.

Crews are due a minute apart at A1 of tests/events.py's event of twelve crews; each crew comes to the second in the due
time of another one, as the order says, and every list has the order in which they really came.
"""

import pytest

from centesimo.check import event_from_files
from centesimo.match import match
from centesimo.model.facts import Listed, MarshalList, Passage
from tests.events import FILES

CREWS = range(1, 13)
ENTRIES = "start_number,race,crew,car,year,team\n" + "".join(
    f"{number},classic,Crew {number},Car,1950,\n" for number in CREWS
)
EVENT = event_from_files({**FILES, "entries.csv": ENTRIES + "51,modern,Crew 51,Car,2021,\n"})
POINTS = {"A1": 900.0, "A2": 930.0, "A3": 942.25}  # when crew 1 is due, in seconds after its start at 09:00
START_NS, S_NS = 1_811_055_600_000_000_000, 1_000_000_000


def passages(order):
    return [
        Passage(f"{point}:{number}", point, START_NS + round((due_s + 60 * place) * S_NS), 1500, True, (), (), "board",
                None, 300_000_000)
        for place, number in enumerate(order) for point, due_s in POINTS.items()
    ]  # fmt: skip


def lists(order, points):
    return [
        MarshalList(point, tuple(Listed(point, at, number, f"lists/{point}.csv:{at + 1}") for at, number in
                                 enumerate(order, 1)))
        for point in points
    ]  # fmt: skip


IN_ORDER = list(CREWS)
EXCHANGED = [1, 2, 3, 4, 6, 5, *range(7, 13)]
ONE_LAST = [1, 2, 3, *range(5, 13), 4]
# name, the order in which crews came, where lists are, how many of the 36 passages are attributed, whether it is asked
CASES = [
    ("in order", IN_ORDER, ("A1", "A2", "A3"), 36, False),
    ("two exchanged, three lists", EXCHANGED, ("A1", "A2", "A3"), 36, False),
    ("two exchanged, two lists", EXCHANGED, ("A1", "A3"), 30, True),
    ("one goes last", ONE_LAST, ("A1", "A2", "A3"), 36, False),
]


@pytest.mark.parametrize(("name", "order", "points", "attributed", "asked"), CASES, ids=[row[0] for row in CASES])
def test_lists_that_agree_against_the_due_times(name, order, points, attributed, asked):
    made, findings = match(EVENT, passages(order), lists(order, points))
    assert [one for one in made if one.passage.id.split(":")[1] != str(one.start_number)] == []
    assert len(made) == attributed
    doubts = [finding for finding in findings if finding.kind == "doubtful"]
    assert bool(doubts) == asked
    named = {candidate.start_number for finding in doubts for candidate in finding.candidates}
    wrong = {number for place, number in enumerate(order) if number != IN_ORDER[place]}
    assert named - {None} == (wrong if asked else set())


def test_what_an_official_gave_to_a_crew_stays():
    order = EXCHANGED
    given = [replace_number(passage, 5) if passage.id == "A2:5" else passage for passage in passages(order)]
    made, _ = match(EVENT, given, lists(order, ("A1", "A2", "A3")))
    assert [one.start_number for one in made if one.passage.id == "A2:5"] == [5]


def replace_number(passage, number):
    return passage._replace(start_number=number)
