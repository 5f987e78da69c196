"""Any value at any key of the event's files: an event or an EventError; what is accepted is computed."""

import random
import re

import pytest

from centesimo.check import event_from_files
from centesimo.compute import Facts, compute
from centesimo.model.errors import EventError
from centesimo.model.facts import Passage
from centesimo.reading.toml_tables import Problems
from centesimo.store import LoadedPassage
from centesimo.store.load_passages import read_passages
from tests.events import EVENT_TOML, FILES

SEED, ROUNDS = 20270523, 150
# Every further key, so that each has a value to be changed.
MORE = """
[[control]]
id = "PM1"
kind = "average trial"
leg = "L1"
opens = "A3"
counted_from = "start"
speed_kmh = 50
set_unit_s = 0.1

[[control.secret]]
point = "C2"
distance_m = 3250

[[control]]
id = "CP1"
kind = "passage control"
leg = "L1"
at = "C3"
after_min = 90

[[control]]
id = "CO2"
kind = "time control"
leg = "L1"
at = "C4"
after_min = 120
early_allowed = true
new_card = true
max_lateness_min = 15

[[timing_point]]
id = "C2"
place = "Wood"
bounce_ms = 20
axle_ms = 1500
sigma_ms = 300
legs = ["L1"]

[[timing_point]]
id = "C3"
place = "Lake"

[[timing_point]]
id = "C4"
place = "Gate"

[[allowance]]
control = "CO2"
races = ["classic"]
start_numbers = [1]
time_s = 60
why = "held up"

[[ranking]]
id = "old"
name = "Old"
races = ["classic"]
year_from = 1930
year_to = 1960
coefficient = false

[[ranking]]
id = "teams"
name = "Teams"
by = "team"
best = 1
different = "class"
"""
RULES = """\
title = "Rules"
wins = "lowest"

[instants]
take = "truncate instants"

[coefficient]
kind = "year"

[total]
decimals = 2
rounding = "half up"

[ties]
order = ["older car", "shared place"]

[discard]
worst = 1
of = "timed_trial"
per = "leg"
counts_as = 0

[timed_trial]
rule = "per unit"
unit_s = 0.01
early_per_unit = 1
late_per_unit = 1
cap = 300
part_unit = "dropped"
dead_band_s = 0.05
beyond_dead_band = "excess"

[average_trial]
rule = "per unit"
unit_s = 0.01
early_per_unit = 1
late_per_unit = 1
cap = 300

[time_control]
rule = "per minute"
early_per_minute = 100
late_per_minute = 100
early_cap = 300
late_cap = 300
max_lateness_min = 30
beyond_only_leg = "exclusion"
beyond_inner_leg = 5
beyond_last_leg = 5

[passage_control]
rule = "presence"
missed = 300
out_of_order = 10
"""
ENTRIES = """\
start_number,race,crew,car,year,team,coefficient,place,class,category,nation,ladies,under30,place_L1
1,classic,Crew 1,Fiat 508 S,1934,Team East,1.5,1,A,X,IT,yes,no,2
2,classic,Crew 2,Lancia Aprilia,1937,Team West,1.5,2,B,X,IT,no,yes,1
11,modern,Crew 11,Ferrari Roma,2021,Team East,1.5,1,A,Y,DE,,,1
"""
SHEET = """\
timing_point,start_number,time_of_day,instant,leg,uncertainty_s,source
A1,1,09:16:00,,L1,0.001,hand
A2,1,,2027-05-23T09:16:30.02+02:00,,0.02,hand
A3,1,09:16:42.3,,L1,,hand
A1,,09:15:00,,,0,hand
"""
GOOD = {**FILES, "event.toml": EVENT_TOML + MORE, "entries.csv": ENTRIES, "rules.toml": RULES}
# What stands at a key or in a cell instead, parted by blanks.
TOML_TEXT = """
0 1 -1 2 7 60 99 1440 1441 10080 10081 86400 86401 1000000000 0.001 0.01 0.005 1.5 -0.0 1e-7 1e9 1e400 1e-400 nan inf
-inf true false 0x7f 1_0 2027-05-23 0001-01-01 9999-12-31 2000-01-01 2099-12-31 2027-05-23T09:00:00Z 00:00:00
23:59:59.99 08:30:00.123456789 [] [1] [1,1] ["a"] ["L1"] ["classic"] [[1,2]] [[0,1],[1,2]] {} {A=1,B=2} {a={b=1}}
"" "0" "L1" "A1" "A2" "PC1" "classic" "none" "exclusion" "team" "class" "[/x]" "a\\u001bb" "\\n" "1e999999999999999999"
"""
CSV_TEXT = """
0 1 2 11 12 99999 100000 -1 1.5 1,5 1_0 1e3 nan inf \u0661 \u00b2 + . 0.0000000001 60 60.1 1880 2100 2101 yes no classic
A1 A9 C1 L1 00:00:00 09:15:00 09:15:00.999999999 47:59:59.99 48:00:00 ? [/x] a\x1b a\x00 0001-01-01T00:00:00+14:00
9999-12-31T23:59:59-12:00 2027-05-23T09:15:00Z 2027-05-23T09:15:00+99:99 2027-05-23T24:00:00Z 1969-12-31T00:00:00Z
"""
LONG_VALUES = ("0x" + "f" * 5000, "9" * 4000, "0." + "1" * 300, "[" * 50 + "]" * 50, '"' + "x" * 999 + '"')
LONG_CELLS = ("", '"', '"a\nb"', '"a,b"', '"a;b"', ";", ",", "\r", "9" * 5000, "x" * 200_000)
TOML_VALUES = (*TOML_TEXT.split(), *LONG_VALUES)
CELLS = (*re.split("[ \n]", CSV_TEXT), *LONG_CELLS)


def other_toml(random_, text):
    """Return the text with the value of one key changed, or its line gone or twice."""
    lines = text.splitlines()
    place = random_.choice([place for place, line in enumerate(lines) if " = " in line])
    key = lines[place].partition(" = ")[0]
    lines[place] = random_.choice((f"{key} = {random_.choice(TOML_VALUES)}",) * 18 + ("", f"x{lines[place]}"))
    return "\n".join(lines) + "\n"


def other_csv(random_, text):
    """Return the text with one cell changed."""
    rows = [line.split(",") for line in text.splitlines()]
    row = random_.choice(rows)
    row[random_.randrange(len(row))] = random_.choice(CELLS)
    return "\n".join(",".join(row) for row in rows) + random_.choice("\n\r")


def outcome(files, sheet):
    """Return what follows from the files and a sheet of passages: an error of ours, or computed rankings."""
    try:
        event = event_from_files(files)
    except EventError as error:
        unlike = [line for line in error.problems if not re.match(r"[a-z.]+:(\d+:)? expected ", line)]
        return f"not as path:line: expected: {unlike}" if unlike else "refused"
    problems = Problems()
    passages = read_passages("sheet.csv", sheet, event, problems)
    if problems.lines():
        return "sheet refused"
    at_ns = [one.at_ns for one in passages]
    assert all(1_700_000_000_000_000_000 < one < 2**63 for one in at_ns if event.legs[0].date.year == 2027)
    return compute(Facts(event, (), (), tuple(map(as_passage, passages)), ())).rankings


def as_passage(one: LoadedPassage):
    identity = f"load:x:{one.line}"
    return Passage(
        identity, one.timing_point, one.at_ns, one.uncertainty_ns, True, (), (), one.source, one.start_number
    )


def test_the_files_are_an_event():
    assert outcome(GOOD, SHEET) not in ("refused", "sheet refused")


@pytest.mark.parametrize("name", ["event.toml", "rules.toml", "entries.csv", "sheet.csv"])
def test_any_value_anywhere(name):
    random_ = random.Random(f"{SEED} {name}")
    seen = set()
    for _ in range(ROUNDS):
        files, sheet = dict(GOOD), SHEET
        if name == "sheet.csv":
            sheet = other_csv(random_, sheet)
        else:
            files[name] = (other_csv if name == "entries.csv" else other_toml)(random_, files[name])
        found = outcome(files, sheet)
        seen.add(found if isinstance(found, str) else "computed")
    assert seen == {"computed", "sheet refused" if name == "sheet.csv" else "refused"}
