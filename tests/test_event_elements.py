"""event.toml: averages, passage controls, time cards, allowances, further rankings, shared inputs; right and wrong."""

import pytest

from centesimo.check import event_from_files
from centesimo.model.errors import EventError
from centesimo.model.event import AVERAGE_TRIAL, PASSAGE_CONTROL
from centesimo.model.facts import Edge
from centesimo.timing.passages import passages
from tests.events import FILES, FIRST_AT_NS, changed

FILE = "event.toml"
MINUTE_NS = 60_000_000_000
HEAD, CONTROLS = FILES[FILE].split("[[control]]", 1)

MORE_POINTS = "".join(f'[[timing_point]]\nid = "{point}"\nplace = "km"\n' for point in ("M0", "M1", "M2", "M3", "T1"))
AVERAGE = """
[[control]]
id = "PM1"
kind = "average trial"
leg = "L1"
opens = "M0"
after_min = 40
counted_from = "start"
speed_kmh = 50
set_unit_s = 1
[[control.secret]]
point = "M1"
distance_m = 3250
[[control.secret]]
point = "M2"
distance_m = 7000
[[control.secret]]
point = "M3"
distance_m = 7100
"""
STAMP = '[[control]]\nid = "CT1"\nkind = "passage control"\nleg = "L1"\nat = "T1"\n'
FURTHER = """
[[allowance]]
control = "CO1"
start_numbers = [2]
time_s = 300
why = "accident ahead"
[[ranking]]
id = "cup"
name = "The cup"
races = ["classic"]
year_to = 1950
"""
TEXT = HEAD + MORE_POINTS + "[[control]]" + CONTROLS + AVERAGE + STAMP + FURTHER
LINE = {line: number for number, line in reversed(list(enumerate(TEXT.splitlines(), 1)))}


def files(old: str = "", new: str = "") -> dict[str, str]:
    """Return the event with all elements, one thing changed."""
    return changed(FILE, old, new, {**FILES, FILE: TEXT})


def read(old: str = "", new: str = ""):
    """Return it as it is read."""
    return event_from_files(files(old, new))


CLASSES = "start_number,race,crew,car,year,team,class\n" + "".join(
    f"{number},{race},Crew {number},Car,1930,,{name}\n"
    for number, race, name in ((1, "classic", "A"), (2, "classic", "B"), (11, "modern", "A"))
)
# name: (old, new, set times of the points in 1/100 s); 3250 m at 50 km/h are 234 s, 7000 m 504 s, 7100 m 511.2 s
SET_TIMES = {
    "from the start": ("", "", [23400, 50400, 51100]),
    "from the previous point": ('"start"', '"previous point"', [23400, 27000, 700]),  # 100 m: 7.2 s
    "in tenths": ("set_unit_s = 1", "set_unit_s = 0.1", [23400, 50400, 51120]),
    "at 49 km/h": ("speed_kmh = 50", "speed_kmh = 49", [23900, 51400, 52200]),  # 238.78, 514.29, 521.63
    "half up": ("speed_kmh = 50", "speed_kmh = 80", [14600, 31500, 32000]),  # 146.25, 315, 319.5
    "a broken speed": ("speed_kmh = 50", "speed_kmh = 49.5", [23600, 50900, 51600]),  # 236.36, 509.09, 516.36
}


@pytest.mark.parametrize(("old", "new", "ideals"), SET_TIMES.values(), ids=SET_TIMES)
def test_set_times_of_an_average(old: str, new: str, ideals: list[int]) -> None:
    points = [one for one in read(old, new).controls if one.kind == AVERAGE_TRIAL]
    assert [one.ideal_cs for one in points] == ideals
    assert [one.id for one in points] == ["PM1.1", "PM1.2", "PM1.3"]
    assert {one.series for one in points} == {"PM1"}
    assert [one.after_ns for one in points] == [40 * MINUTE_NS, None, None]
    opens = ["M0", "M1", "M2"] if "previous" in new else ["M0"] * 3
    assert [one.opens for one in points] == opens


def test_set_times_by_class() -> None:
    text = files("speed_kmh = 50", "speed_kmh = { A = 50, B = 40 }")
    first = next(one for one in event_from_files({**text, "entries.csv": CLASSES}).controls if one.id == "PM1.1")
    assert (first.ideal_cs_of("A"), first.ideal_cs_of("B"), first.ideal_cs) == (23400, 29300, 23400)  # 292.5 s, half up
    text = files("ideal_s = 30", "ideal_s = { A = 30, B = 32.5 }")
    trial = next(one for one in event_from_files({**text, "entries.csv": CLASSES}).controls if one.id == "PC1")
    assert trial.ideal_by_class == (("A", 3000), ("B", 3250))


def test_what_stands_at_controls() -> None:
    keys = "after_min = 10\nearly_allowed = true\nnew_card = true\nmax_lateness_min = 15"
    card = read("after_min = 10", keys).controls[0]
    assert (card.early_allowed, card.new_card, card.max_lateness_min) == (True, True, 15)
    stamp = read().controls[-1]
    assert (stamp.id, stamp.kind, stamp.closes, stamp.after_ns) == ("CT1", PASSAGE_CONTROL, "T1", None)
    assert read("ideal_s = 30", 'ideal_s = 30\nseries = "S1"').controls[1].series == "S1"


def test_allowances_and_rankings() -> None:
    event = read()
    (allowance,), (cup,) = event.allowances, event.selections
    assert (allowance.control, allowance.start_numbers, allowance.time_ns) == ("CO1", (2,), 5 * MINUTE_NS)
    assert allowance.races == ("classic", "modern")
    assert (cup.id, cup.races, cup.year_to, cup.coefficient) == ("cup", ("classic",), 1950, True)


def at(line: str, problem: str) -> str:
    """Return a problem at the line of event.toml that reads so."""
    return f"{FILE}:{LINE[line]}: {problem}"


TEAMS = 'year_to = 1950\nby = "team"\nbest = 2\ndifferent = '
# (what is wrong, what stands there, what is put in its place, how the one problem begins)
MISTAKES = [
    (
        "no speed",
        "speed_kmh = 50\n",
        "",
        "expected speed_kmh in [[control]] PM1, a number from 1 to 200 km/h, got none",
    ),
    (
        "speed in words",
        "= 50",
        '= "50"',
        at("speed_kmh = 50", 'expected speed_kmh as a number from 1 to 200 km/h, got "5'),
    ),
    (
        "class without crews",
        "= 50",
        "= { A = 50 }",
        'entries.csv:2: expected class as A, as PM1.1 has a set time for each, got ""',
    ),
    (
        "counted from nowhere",
        '"start"',
        '"end"',
        at('counted_from = "start"', 'expected counted_from as "start" or "prev'),
    ),
    (
        "set unit",
        "set_unit_s = 1",
        "set_unit_s = 0.5",
        at("set_unit_s = 1", "expected set_unit_s as 0.01, 0.1, 1 s, got 0.5"),
    ),
    (
        "points in disorder",
        "7000",
        "3000",
        at("distance_m = 7000", "expected distance_m from the trial's start, above 3250"),
    ),
    (
        "unknown point",
        'point = "M2"',
        'point = "M9"',
        at('point = "M2"', 'expected point as a timing point ("A1", "A2"'),
    ),
    (
        "point twice",
        'point = "M2"',
        'point = "M1"',
        at('point = "M2"', "expected every timing point once in a leg, got M1 ag"),
    ),
    (
        "no secret point",
        AVERAGE[AVERAGE.index("[[control.s") :],
        "",
        "expected secret in [[control]] PM1, at least one [[con",
    ),
    (
        "key of another kind",
        'at = "T1"',
        'at = "T1"\nideal_s = 3',
        "expected one of id, kind, leg, at, after_min, order, races in",
    ),
    (
        "lateness 0",
        "after_min = 10",
        "after_min = 10\nmax_lateness_min = 0",
        "expected max_lateness_min as a whole number from 1",
    ),
    ("card yes", "after_min = 10", 'after_min = 10\nnew_card = "yes"', 'expected new_card as true or false, got "yes"'),
    (
        "allowance at nothing",
        'control = "CO1"',
        'control = "CO9"',
        at('control = "CO1"', 'expected control as a control ("CO1"'),
    ),
    (
        "allowance to nobody",
        "[2]",
        "[2, 99]",
        at("start_numbers = [2]", "expected the start number of a crew that drives CO1, got"),
    ),
    (
        "allowance of nothing",
        "time_s = 300",
        "time_s = 0",
        at("time_s = 300", "expected time_s as a whole number from 1 to 86400"),
    ),
    (
        "allowance without why",
        'why = "accident ahead"\n',
        "",
        "expected why in [[allowance]], a text in quotes, got none",
    ),
    (
        "allowance at a stamp",
        'control = "CO1"',
        'control = "CT1"',
        at('control = "CO1"', "expected a trial or a time control, got"),
    ),
    (
        "cup of nobody",
        "1950",
        "1920",
        at('id = "cup"', "expected at least one crew of entries.csv in [[ranking]] cup, got none"),
    ),
    (
        "years in disorder",
        "year_to = 1950",
        "year_to = 1950\nyear_from = 1951",
        at("year_to = 1950", "expected year_to from year_f"),
    ),
    ("unknown class", "year_to = 1950", 'class = ["Z"]', 'expected a class that a crew has, got "Z"'),
    (
        "unknown team",
        "year_to = 1950",
        'team = ["Team Est"]',
        'expected a team that a crew has ("Team East", "Team West"), got "Team Est"',
    ),
    (
        "best of crews",
        "year_to = 1950",
        "year_to = 1950\nbest = 3",
        'expected best only beside by ("team" or "nation")',
    ),
    (
        "teams by colour",
        "year_to = 1950",
        TEAMS + '"colour"',
        'expected different as "class" or "category" or "nation" or',
    ),
]


@pytest.mark.parametrize(("old", "new", "problem"), [case[1:] for case in MISTAKES], ids=[case[0] for case in MISTAKES])
def test_every_mistake_is_told_at_its_line(old: str, new: str, problem: str) -> None:
    with pytest.raises(EventError) as refused:
        read(old, new)
    assert problem in refused.value.problems[0]


SECOND_LEG = '[[leg]]\nid = "L2"\nname = "Leg 2"\ndate = 2027-05-24\n\n[[race]]'
SECOND_START = 'interval_s = 60\n[[race.start]]\nleg = "L2"\nfirst = 10:00:00\ninterval_s = 30'
MOVED = (
    '[[timing_point]]\nid = "B1"\nplace = "Hill"\nboard = "00000000000000a1"\ninput = 1\nlegs = ["L2"]\n\n[[control]]'
)
DAY_NS = 86_400_000_000_000


def two_legs(a1_legs: str, b1_legs: str = '["L2"]', control_at: str = "B1") -> dict[str, str]:
    """Return an event of two legs whose A1 and B1 are the same input."""
    two = changed(FILE, "[[race]]", SECOND_LEG)
    two = changed(FILE, "interval_s = 60", SECOND_START, two)
    two = changed(FILE, "[[control]]", MOVED.replace('["L2"]', b1_legs), two)
    two = changed(FILE, "input = 1\n", f"input = 1\n{a1_legs}\n", two)
    stamp = f'\n[[control]]\nid = "CT2"\nkind = "passage control"\nleg = "L2"\nat = "{control_at}"\n'
    return {**two, FILE: two[FILE] + stamp}


def test_one_input_serves_another_point_in_the_next_leg() -> None:
    event = event_from_files(two_legs('legs = ["L1"]'))
    first, moved = event.timing_points[0], event.timing_points[-1]
    ten_ns = FIRST_AT_NS + DAY_NS + 60 * MINUTE_NS
    assert (first.id, first.from_ns, first.until_ns) == ("A1", None, ten_ns)
    assert (moved.id, moved.from_ns, moved.until_ns) == ("B1", ten_ns, None)


# name: (legs of A1, legs of B1, point of the control of leg 2, the problem)
SHARED = {
    "both in all legs": (
        "",
        '["L2"]',
        "B1",
        "expected an input of its own, or for other legs, or with from, got input 1",
    ),
    "both in one leg": ('legs = ["L1", "L2"]', '["L2"]', "B1", "expected an input of its own, or for other legs"),
    "control in a leg that is not served": (
        'legs = ["L1"]',
        '["L2"]',
        "A1",
        "expected at as a timing point that serves in",
    ),
    "unknown leg": ('legs = ["L3"]', '["L2"]', "B1", 'expected a leg ("L1", "L2"), got "L3"'),
}


@pytest.mark.parametrize(("a1", "b1", "point", "problem"), SHARED.values(), ids=SHARED)
def test_an_input_for_two_points_of_one_leg_is_refused(a1: str, b1: str, point: str, problem: str) -> None:
    with pytest.raises(EventError) as refused:
        event_from_files(two_legs(a1, b1, point))
    assert problem in refused.value.problems[0]


AGAIN = (
    '[[timing_point]]\nid = "R1"\nplace = "Bridge again"\nboard = "00000000000000a1"\ninput = 1\nfrom = 11:00:00\n\n'
    '[[timing_point]]\nid = "R2"\nplace = "Mill again"\nboard = "00000000000000a1"\ninput = 2\nfrom = 11:00:00\n\n'
    "[[control]]"
)
REPEATED = '\n[[control]]\nid = "PC9"\nkind = "timed trial"\nleg = "L1"\nopens = "R1"\ncloses = "R2"\nideal_s = 30\n'


def driven_again(old: str = "", new: str = "") -> dict[str, str]:
    """Return an event that drives PC1 again two hours later over the same tubes: R1 and R2 are A1 and A2 from 11:00."""
    again = changed(FILE, "[[control]]", AGAIN)
    again = {**again, FILE: again[FILE] + REPEATED + "after_min = 135\n"}
    return changed(FILE, old, new, again) if old else again


def test_the_road_comes_to_the_same_tubes_again() -> None:
    event = event_from_files(driven_again())
    eleven_ns = FIRST_AT_NS + 120 * MINUTE_NS
    windows = {point.id: (point.from_ns, point.until_ns) for point in event.timing_points}
    assert {one: windows[one] for one in ("A1", "A2", "R1", "R2")} == {
        "A1": (None, eleven_ns),
        "A2": (None, eleven_ns),
        "R1": (eleven_ns, None),
        "R2": (eleven_ns, None),
    }
    ats_ns = (eleven_ns - 1, eleven_ns, eleven_ns + 60 * MINUTE_NS)
    edges = [
        Edge("00000000000000a1", n, 1, 1, at_ns // 1000, at_ns, 1000, True, "between anchors", 3, False)
        for n, at_ns in enumerate(ats_ns)
    ]
    found, _ = passages(edges, event.timing_points)
    assert [(one.timing_point, one.at_ns) for one in found] == list(zip(("A1", "R1", "R1"), ats_ns, strict=True))


# name: (what is replaced in it, by what, the problem)
NOT_AGAIN = {
    "no time": (
        "input = 1\nfrom = 11:00:00",
        "input = 1",
        "expected an input of its own, or for other legs, or with from",
    ),
    "no other point": ("input = 2\nfrom", "input = 4\nfrom", "expected from only where points share an input, got it"),
    "a text": ("from = 11:00:00", 'from = "11:00"', "expected from as a local time without quotes, as 08:30:00, got"),
    "no other name": ('opens = "R1"', 'opens = "A1"', "a tube that is passed again is another timing point, with from"),
}


@pytest.mark.parametrize(("old", "new", "problem"), NOT_AGAIN.values(), ids=NOT_AGAIN)
def test_a_tube_that_comes_again_without_its_time_is_refused(old: str, new: str, problem: str) -> None:
    with pytest.raises(EventError) as refused:
        event_from_files(driven_again(old, new))
    assert problem in "\n".join(refused.value.problems)


def test_a_leg_may_have_a_start_order_of_its_own() -> None:
    lines = FILES["entries.csv"].splitlines()
    orders = ["place_L1", "3", "2", "1", "", ""]
    entries = "\n".join(f"{line},{order}" for line, order in zip(lines, orders, strict=True))
    event = event_from_files({**FILES, "entries.csv": entries})
    assert [entry.place_in("L1") for entry in event.entries] == [2, 1, 0, 0, 1]
    with pytest.raises(EventError) as refused:
        event_from_files({**FILES, "entries.csv": entries.replace(",3\n", ",1\n")})
    assert refused.value.problems == ["entries.csv:4: expected a place_L1 of its own in classic, got 1 as in line 2"]
