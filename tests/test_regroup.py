"""Crews that go on in another order or at other times: when each is due behind a regroup, and who starts apart.

Three crews of "classic" start at 09:00, a minute apart; CO1 is due 10 minutes after the start, CO2 40.
"""

from dataclasses import replace
from itertools import pairwise

import pytest

from centesimo.check import event_from_files
from centesimo.commands.course import due_times
from centesimo.compute import Facts, compute
from centesimo.explain.set_time import how_set
from centesimo.model.course import chains
from centesimo.model.errors import EventError
from centesimo.model.event import AS_THEY_COME, SENT_OFF
from centesimo.model.facts import OPEN, Passage
from centesimo.model.timetable import Timetable
from tests.events import ENTRIES_CSV, FILES

CO2 = """
[[timing_point]]
id = "C2"
place = "Castle"
board = ""

[[timing_point]]
id = "B1"
place = "Ford"
board = "00000000000000a2"
input = 2

[[timing_point]]
id = "B2"
place = "Wood"
board = "00000000000000a2"
input = 3

[[control]]
id = "CO2"
kind = "time control"
leg = "L1"
at = "C2"
after_min = 40

[[control]]
id = "PC3"
kind = "timed trial"
leg = "L1"
opens = "B1"
closes = "B2"
ideal_s = 20
after_min = 50
"""
START_NS = 1_811_055_600_000_000_000  # 09:00 of the leg's day
MINUTE_NS = 60 * 10**9


def event(more="", entries=ENTRIES_CSV):
    return event_from_files({**FILES, "event.toml": FILES["event.toml"] + CO2 + more, "entries.csv": entries})


def clock(time_cs):
    """Return hundredths since midnight as a time of day."""
    minutes, cs = divmod(time_cs, 6000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{cs // 100:02}"


def dues(facts_event, control="CO2", passages=()):
    """Return when each crew of the race is due at a control, as it is scored; None: not known."""
    scores = compute(Facts(facts_event, (), {}, tuple(passages))).scores
    by_number = {score.start_number: score for score in scores if score.control == control}
    return [None if by_number[number].set_cs is None else clock(by_number[number].set_cs) for number in (1, 2, 3)]


def test_the_instants_of_this_file():
    assert event().races[0].starts[0].first_at_ns == START_NS


AT = '[[regroup]]\nat = "CO1"\nraces = ["classic"]\n'
GIVEN = '[[allowance]]\ncontrol = "CO1"\nraces = ["classic"]\nstart_numbers = [1]\ntime_s = 300\nwhy = "stopped"\n'
LATE_ENTRY = ENTRIES_CSV.replace("year,team\n", "year,team,start\n").replace("East\n", "East,\n").replace(
    "West\n", "West,\n").replace("1951,\n", "1951,,09:01:30\n").replace("2023,\n", "2023,,\n")  # fmt: skip
# name, more of event.toml, entries, when crews 1, 2 and 3 are due at CO2: each counted by hand as the comment says.
DUES = [
    ("no regroup", "", ENTRIES_CSV, ["09:40:00", "09:41:00", "09:42:00"]),
    # 30 minutes from CO1 to CO2, where the first place is due 09:10.
    ("a new order", AT + "order = [3, 1, 2]\n", ENTRIES_CSV, ["09:41:00", "09:42:00", "09:40:00"]),
    ("one goes first", AT + "order = [3]\n", ENTRIES_CSV, ["09:41:00", "09:42:00", "09:40:00"]),
    ("a new hour", AT + "first = 14:00:00\n", ENTRIES_CSV, ["14:30:00", "14:31:00", "14:32:00"]),
    ("and interval", AT + "first = 14:00:00\ninterval_s = 30\n", ENTRIES_CSV, ["14:30:00", "14:30:30", "14:31:00"]),
    ("all of it", AT + "first = 14:00:00\ninterval_s = 30\norder = [2, 3, 1]\n", ENTRIES_CSV,
     ["14:31:00", "14:30:00", "14:30:30"]),
    ("time given is carried to CO2", GIVEN, ENTRIES_CSV, ["09:45:00", "09:41:00", "09:42:00"]),
    ("and is over at a regroup", GIVEN + AT + "first = 14:00:00\n", ENTRIES_CSV, ["14:30:00", "14:31:00", "14:32:00"]),
    ("crew 3 starts apart", "", LATE_ENTRY, ["09:40:00", "09:41:00", "09:41:30"]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "more", "entries", "expected"), DUES, ids=[row[0] for row in DUES])
def test_when_crews_are_due_behind_a_regroup(name, more, entries, expected):
    made = event(more, entries)
    assert dues(made) == expected
    # A chain of trials behind it is expected ten minutes later, as after_min says.
    chain = next(chain for chain in chains(made) if chain.points[0] == "B1")
    due_by_number = {due.start_number: due.at_ns for due in chain.crews}
    table = Timetable(made)
    control = next(control for control in made.controls if control.id == "CO2")
    for entry in made.entries[:3]:
        assert due_by_number[entry.start_number] == table.due_ns(entry, control) + 10 * MINUTE_NS
    assert chain.order == SENT_OFF


def test_the_regroup_itself_is_due_as_before():
    made = event(AT + "first = 14:00:00\norder = [3, 1, 2]\n")
    assert dues(made, "CO1") == ["09:10:00", "09:11:00", "09:12:00"]


def cards(*minutes):
    """Return passages at CO1 of (start number, minutes after 09:00)."""
    return [
        Passage(f"load:aa:{number}", "C1", START_NS + minute * MINUTE_NS, None, True, (), (), "card", number)
        for number, minute in minutes
    ]


# name, cards at CO1, due at CO2 (first at 10:00, then every minute, CO2 is 30 minutes behind)
ARRIVALS = [
    ("in order", [(1, 10), (2, 11), (3, 12)], ["10:30:00", "10:31:00", "10:32:00"]),
    ("crew 1 late", [(1, 14), (2, 11), (3, 12)], ["10:32:00", "10:30:00", "10:31:00"]),
    ("two on one card", [(1, 12), (2, 12), (3, 11)], ["10:31:00", "10:32:00", "10:30:00"]),
    ("crew 2 not seen", [(1, 10), (3, 12)], ["10:30:00", None, "10:31:00"]),
    ("nobody seen", [], [None, None, None]),
]


@pytest.mark.parametrize(("name", "seen", "expected"), ARRIVALS, ids=[row[0] for row in ARRIVALS])
def test_in_the_order_of_arrival(name, seen, expected):
    made = event(AT + 'order = "by arrival"\nfirst = 10:00:00\n')
    assert dues(made, passages=cards(*seen)) == expected
    chain = next(chain for chain in chains(made) if chain.points[0] == "B1")
    assert chain.order == AS_THEY_COME
    assert not any(due.is_timed for due in chain.crews if due.race == "classic")


def test_who_was_not_seen_at_the_regroup_is_told_why_it_is_open():
    made = event(AT + 'order = "by arrival"\nfirst = 10:00:00\n')
    passage = Passage("load:bb:1", "C2", START_NS + 90 * MINUTE_NS, None, True, (), (), "card", 2)
    scores = compute(Facts(made, (), {}, (*cards((1, 10)), passage))).scores
    (score,) = (score for score in scores if (score.control, score.start_number) == ("CO2", 2))
    assert (score.status, score.reason) == (OPEN, "its place in the order of arrival at CO1 is not known")


def at_a1(*minutes):
    """Return passages at A1, the tube that opens the first trial behind CO1, of (start number, minutes after 09:00)."""
    return [
        Passage(f"load:bb:{number}", "A1", START_NS + minute * MINUTE_NS, 0, True, (), (), "hand", number)
        for number, minute in minutes
    ]


# name, cards at CO1, passages at A1, due at CO2, crews of which a doubt says that it follows from A1
INFERRED = [
    ("no cards", [], [(2, 61), (3, 62), (1, 63)], ["10:32:00", "10:30:00", "10:31:00"], [1, 2, 3]),
    ("no cards, crew 1 not at the tube", [], [(3, 61), (2, 62)], [None, "10:31:00", "10:30:00"], [2, 3]),
    # 3 passed the tube right behind 1, so it arrived between 1 and 2.
    ("one card forgotten", [(1, 10), (2, 12)], [(1, 61), (3, 62), (2, 63)], ["10:30:00", "10:32:00", "10:31:00"], [3]),
    ("the first one's", [(1, 10), (2, 12)], [(3, 61), (1, 62), (2, 63)], ["10:31:00", "10:32:00", "10:30:00"], [3]),
    # Cards say who arrived first, whoever overtook behind them.
    ("cards against the tube", [(1, 10), (2, 11), (3, 12)], [(3, 61), (2, 62), (1, 63)],
     ["10:30:00", "10:31:00", "10:32:00"], []),
]  # fmt: skip


@pytest.mark.parametrize(("name", "seen", "passed", "expected", "doubted"), INFERRED, ids=[row[0] for row in INFERRED])
def test_an_arrival_that_no_card_tells_follows_from_the_tube_behind(name, seen, passed, expected, doubted):
    made = event(AT + 'order = "by arrival"\nfirst = 10:00:00\n')
    assert dues(made, passages=[*cards(*seen), *at_a1(*passed)]) == expected
    at_co2 = [
        Passage(f"load:cc:{number}", "C2", START_NS + 90 * MINUTE_NS, None, True, (), (), "card", number)
        for number in (1, 2, 3)
    ]
    scores = compute(Facts(made, (), {}, (*cards(*seen), *at_a1(*passed), *at_co2))).scores
    doubt = "its place in the order of arrival at CO1 follows from A1, as CO1 has no passage of it"
    assert [score.start_number for score in scores if score.control == "CO2" and doubt in score.doubts] == doubted


def test_explain_says_how_a_due_time_follows():
    made = event(AT + "first = 14:00:00\ninterval_s = 30\norder = [2, 3, 1]\n")
    scores = compute(Facts(made, (), {}, ())).scores
    (score,) = (score for score in scores if (score.control, score.start_number) == ("CO2", 1))
    control = next(control for control in made.controls if control.id == "CO2")
    assert how_set(made, control, made.entries[0], score) == (
        "first start 09:00:00, place 1 in the start order, 60 s apart, regroup at CO1: place 3, goes on at 14:01:00, "
        "30 min after CO1"
    )


def test_an_order_from_a_file():
    files = {"event.toml": FILES["event.toml"] + CO2 + AT + 'order = "orders/lunch.csv"\n'}
    made = event_from_files({**FILES, **files, "orders/lunch.csv": "start_number\n3\n1\n2\n"})
    assert dues(made) == ["09:41:00", "09:42:00", "09:40:00"]
    assert "orders/lunch.csv" in made.files


# name, the table, what is refused
REFUSED = [
    ("no such control", '[[regroup]]\nat = "CO9"\norder = [1]\n', "expected at as a control"),
    (
        "a trial",
        '[[regroup]]\nat = "PC1"\norder = [1]\n',
        "expected a time control or a passage control with after_min",
    ),
    ("nothing new", '[[regroup]]\nat = "CO1"\n', "expected a new order, first or interval_s"),
    ("no such crew", AT + "order = [1, 99]\n", "expected the start number of a crew that regroups here, got 99"),
    ("another race's crew", AT + "order = [1, 11]\n", "got 11"),
    ("twice", AT + "order = [1, 1]\n", "expected order as an array of different whole numbers"),
    ("no such file", AT + 'order = "orders/x.csv"\n', 'got "orders/x.csv"'),
    ("a second one", AT + "order = [1]\n" + AT + "order = [2]\n", "expected one [[regroup]] of classic at CO1"),
    ("a word", AT + 'order = "random"\n', 'got "random"'),
    ("a date", AT + "first = 2027-05-23\n", "expected first as a local time"),
    ("an unknown key", AT + "order = [1]\ninterval = 30\n", "interval"),
]


@pytest.mark.parametrize(("name", "more", "says"), REFUSED, ids=[row[0] for row in REFUSED])
def test_refuses(name, more, says):
    with pytest.raises(EventError, match=r"event\.toml:") as refused:
        event(more)
    assert says in str(refused.value)


def test_a_start_of_its_own_must_be_a_time():
    with pytest.raises(EventError, match=r"entries\.csv:4: expected start as a local time that there is once"):
        event(entries=LATE_ENTRY.replace("09:01:30", "9.01"))


def test_base_and_restart_agree_where_the_order_stays():
    """A regroup that keeps order and times changes nothing: each crew is due as without it."""
    plain, same = event(), event(AT + "interval_s = 60\n")
    for control in plain.controls:
        for entry in plain.entries:
            if entry.race in control.races:
                assert Timetable(same).due_ns(entry, control) == Timetable(plain).due_ns(entry, control)
    ordered = replace(plain, regroups=same.regroups)
    assert all(a.crews == b.crews for a, b in zip(chains(plain), chains(ordered), strict=True))
    assert all(a <= b for a, b in pairwise(dues(same)))


def test_the_course_shows_who_is_due_first_and_last_behind_a_regroup():
    """Crews 3, 2, 1 go on from CO1 at 14:00, 14:01, 14:02; CO2 is due 30 minutes later."""
    regroup = '[[regroup]]\nat = "CO1"\nraces = ["classic"]\norder = [3, 2, 1]\nfirst = 14:00:00\n'
    rows = {row.control: (row.first, row.last) for row in due_times(event(regroup)) if row.race == "Classic"}
    assert rows["CO1"] == ("09:10:00", "09:12:00")
    assert rows["CO2"] == ("14:30:00", "14:32:00")
