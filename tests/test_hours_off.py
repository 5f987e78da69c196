"""Clocks that are whole hours off: found at a tube, at a time control, and not where a field is only late."""

from random import Random

import pytest

from centesimo.check import event_from_files
from centesimo.compute import Facts, compute
from centesimo.model.facts import Passage
from centesimo.sanity import judged
from centesimo.sanity.hours import hours_off
from centesimo.words.findings import sentence
from tests.events import FILES

START_NS, S_NS = 1_811_055_600_000_000_000, 1_000_000_000
CREWS = 12
ENTRIES = "start_number,race,crew,car,year,team\n" + "".join(
    f"{number},classic,Crew {number},Car,1950,\n" for number in range(1, CREWS + 1)
)
EVENT = event_from_files({
    **FILES,
    "entries.csv": ENTRIES + "51,modern,Crew 51,Car,2021,\n",
    "event.toml": FILES["event.toml"].replace('board = "00000000000000a1"\ninput = 1', 'board = ""')
    .replace('board = "00000000000000a1"\ninput = 2', 'board = ""')
    .replace('board = "00000000000000a2"\ninput = 1', 'board = ""'),
})  # fmt: skip
# When a crew that starts at 09:00 is due at each point: CO1 after 10 min, PC1 opens after 15, 30 s, 12.25 s.
DUE_S = {"C1": 600, "A1": 900, "A2": 930, "A3": 942.25}


def day(late_s, named=True, crews=CREWS, field_late_s=0.0):
    """Return all crews' passages; `late_s` by timing point: how late the clock there is."""
    random = Random(7)
    result = []
    for number in range(1, crews + 1):
        own_s = (number - 1) * 60 + random.uniform(0, 3) + field_late_s
        for point, due_s in DUE_S.items():
            at_s = own_s + due_s + random.gauss(0, 0.05) + late_s.get(point, 0)
            who = number if named or point == "C1" else None
            identity = f"load:aa:{len(result) + 2}"
            result.append(Passage(identity, point, START_NS + round(at_s * S_NS), 0, True, (), (), "hand", who))
    return result


def clock_texts(passages):
    outcome = judged(EVENT, compute(Facts(EVENT, (), {}, tuple(passages))))
    return [sentence(finding, EVENT) for finding in outcome.findings if finding.kind == "clock"]


HOUR = 3600
# name, how late the clocks are, whether rows are named, what is said: points, hours
CASES = [
    ("nothing", {}, True, []),
    ("the middle tube an hour late", {"A2": HOUR}, True, [(("A2",), HOUR)]),
    ("without names", {"A2": HOUR}, False, [(("A2",), HOUR)]),
    ("two hours early", {"A2": -2 * HOUR}, False, [(("A2",), -2 * HOUR)]),
    ("half an hour", {"A2": HOUR / 2}, False, [(("A2",), HOUR / 2)]),
    ("the last tube", {"A3": HOUR}, False, [(("A3",), HOUR)]),
    ("the first tube", {"A1": HOUR}, False, [(("A1",), HOUR)]),
    ("a minute", {"A2": 60}, True, []),
    ("everything two hours late", dict.fromkeys(DUE_S, 2 * HOUR), True, [(("C1",), 2 * HOUR)]),
]


@pytest.mark.parametrize(("name", "late_s", "named", "expected"), CASES, ids=[row[0] for row in CASES])
def test_which_clock_is_off(name, late_s, named, expected):
    passages = day(late_s, named)
    scores = compute(Facts(EVENT, (), {}, tuple(passages))).scores
    found = hours_off(EVENT, passages, scores)
    assert [(off.timing_points, off.late_ns / S_NS) for off in found] == expected


def test_a_sheet_an_hour_late_is_no_ideal_time_of_an_hour():
    outcome = judged(EVENT, compute(Facts(EVENT, (), {}, tuple(day({"A2": HOUR})))))
    (clock,) = [finding for finding in outcome.findings if finding.kind == "clock"]
    assert sentence(clock, EVENT) == (
        "A2 (hand) was timed 1:00:00 late: so many hours beside the ideal times do 12 of 12 cars take to or from it. "
        "By the look of it its clock was set to another hour."
    )
    assert not [finding for finding in outcome.findings if finding.kind in ("offset", "ideal time")]
    assert clock.answers == ('centesimo amend shift-file aa -3600 --at A2 --who NAME --why "..."',)


def test_local_times_written_as_utc():
    assert clock_texts(day(dict.fromkeys(DUE_S, 2 * HOUR))) == [
        "At C1 (hand) 12 of 12 crews are late by the same 2:00:00: by the look of it an offset from UTC, or a clock "
        "set to another zone of time. All that was timed with it may be off."
    ]


def test_a_field_that_is_late_is_no_clock():
    assert clock_texts(day({}, field_late_s=17 * 60)) == []


def test_too_few_cars_tell_nothing():
    assert hours_off(EVENT, day({"A2": HOUR}, crews=4), ()) == []
