"""entries.csv: every mistake is told once, at its line; lines as in events.py."""

import re
from decimal import Decimal

import pytest

from centesimo.check import event_from_files
from centesimo.model.errors import EventError
from centesimo.model.event import Entry
from tests.events import FILES, changed

FILE = "entries.csv"
TEXT = FILES[FILE]
NUMBER = "a whole number from 1 to 99999"
FACTOR = "coefficient as a number from 0.01 to 100, as 1.57"
CELL = "expected a cell without control characters and marks of direction"
COLUMNS = "the columns start_number, race, crew, car, year, team, coefficient, place"
COLUMNS += ", class, category, nation, ladies, under30, place_L1, start"
RED = TEXT.replace("\n", ",red\n")  # one column more
ITALIAN = """\
start_number;race;crew;car;year;team;coefficient\r
2;modern;Crew 2;Fiat 508, S;1934;;1,57\r
1;classic;Crew 1;Fiat;1950;;\r
"""

# (what is wrong, what stands there, what is put in its place, line: the one problem)
MISTAKES = [
    ("start number twice", "\n11,", "\n3,", "5: expected a start number of its own, got 3 as in line 4"),
    ("text over two lines", "Fiat 508 S", '"Fiat\n508 S"', rf'2: {CELL}, got "Fiat\n508 S"'),
    ("an escape", "Crew 2", "Crew\x1b[2J2", rf'3: {CELL}, got "Crew\u001b[2J2"'),
    ("a bell", "Crew 2", "Crew\x072", rf'3: {CELL}, got "Crew\u00072"'),
    ("nothing of C", "Crew 2", "Crew\x002", rf'3: {CELL}, got "Crew\u00002"'),
    ("direction of writing turned", "Crew 2", "Crew\u20662", rf'3: {CELL}, got "Crew\u20662"'),
    ("start number 0", "\n3,", "\n0,", f'4: expected start_number as {NUMBER}, got "0"'),
    ("start number A", "\n3,", "\nA,", f'4: expected start_number as {NUMBER}, got "A"'),
    ("year of 2 digits", "1934", "34", '2: expected year as a year of 4 digits from 1880 to 2100, got "34"'),
    ("empty crew", "Crew 2", "", "3: expected crew, got an empty cell"),
    ("race misspelt", "3,classic", "3,clasic", '4: expected race as a race ("classic"), got "clasic"'),
    ("comma", "XK 120", "XK, 120", "4: expected 6 cells as in line 1, got 7; write a text that has a comma in quotes"),
    ("cell missing", ",Team East", "", "2: expected 6 cells as in line 1, got 5"),
    ("column misspelt", "start_number", "startnumber", '1: expected start_number, got "startnumber"'),
    ("column misspelt", TEXT, RED.replace("team,red", "team,clas"), '1: expected class, got "clas"'),
    ("column missing", ",year", "", "1: expected the column year, got none"),
    ("column twice", TEXT, RED.replace("team,red", "team,team"), "1: expected every column once, got team 2 times"),
    ("an open quote", "Crew 3", '"Crew 3', "6: expected CSV, got what is none: unexpected end of data"),
]

# (what is special, what stands there, what is put in its place, how the value is reached, the value)
ACCEPTED = [
    ("byte order mark", TEXT, "\ufeff" + TEXT, lambda e: e.entries[0].start_number, 1),
    (
        "old ends of line",
        TEXT,
        TEXT.replace("\n", "\r").replace("Crew 2", "Crew;2"),
        lambda e: e.entries[1].crew,
        "Crew;2",
    ),
    ("an empty line", "\n2,", "\n\n2,", lambda e: e.entries[1].start_number, 2),
    ("a row of commas", "\n2,", "\n,,,,,\n2,", lambda e: e.entries[1].start_number, 2),
    ("start order as in the file", "\n1,", "\n9,", lambda e: [entry.place for entry in e.entries], [0, 1, 2, 0, 1]),
    (
        "semicolons and decimal comma",
        TEXT,
        ITALIAN,
        lambda e: e.entries[0],
        Entry(2, "modern", "Crew 2", "Fiat 508, S", 1934, "", Decimal("1.57"), 0),
    ),
]

# (what, a further column, what two crews of one race have in it, the problem or the places)
FURTHER = [
    ("places, with a gap", "place", ("4", "2"), [3, 1]),
    ("place twice", "place", ("1", "1"), "3: expected a place of its own in classic, got 1 as in line 2"),
    ("place for some", "place", ("1", ""), "3: expected place, as other crews of classic have one, got an empty cell"),
    ("place 0", "place", ("1", "0"), f'3: expected place as {NUMBER}, got "0"'),
    ("coefficient in words", "coefficient", ("1.5", "big"), f'3: expected {FACTOR}, got "big"'),
    ("coefficient 0", "coefficient", ("1.5", "0"), f'3: expected {FACTOR}, got "0"'),
    ("coefficient inf", "coefficient", ("1.5", "inf"), f'3: expected {FACTOR}, got "inf"'),
]


@pytest.mark.parametrize(("old", "new", "problem"), [case[1:] for case in MISTAKES], ids=[case[0] for case in MISTAKES])
def test_every_mistake_is_one_problem_at_its_line(old, new, problem):
    with pytest.raises(EventError) as refused:
        event_from_files(changed(FILE, old, new))
    assert refused.value.problems == [f"{FILE}:{problem}"]


@pytest.mark.parametrize(("old", "new", "of", "value"), [case[1:] for case in ACCEPTED], ids=[c[0] for c in ACCEPTED])
def test_what_is_accepted(old, new, of, value):
    assert of(event_from_files(changed(FILE, old, new))) == value


@pytest.mark.parametrize(("column", "cells", "result"), [case[1:] for case in FURTHER], ids=[c[0] for c in FURTHER])
def test_further_columns(column, cells, result):
    rows = [f"{number},classic,Crew {number},Fiat,1934,,{cell}\n" for number, cell in enumerate(cells, 1)]
    rows.append(f"3,modern,Crew 3,Fiat,2020,,{cells[0]}\n")
    files = {**FILES, FILE: f"start_number,race,crew,car,year,team,{column}\n{''.join(rows)}"}
    if isinstance(result, list):
        assert [entry.place for entry in event_from_files(files).entries[:2]] == result
    else:
        with pytest.raises(EventError) as refused:
            event_from_files(files)
        assert refused.value.problems[0].startswith(f"{FILE}:{result}")
        assert len(refused.value.problems) == 1


def test_a_race_without_entries():
    without = re.sub(r"1\d,modern.*\n", "", TEXT)
    problem = "event.toml:21: expected at least one entry of race modern in entries.csv, got none"
    with pytest.raises(EventError, match=f"^{problem}$"):
        event_from_files({**FILES, FILE: without})


def test_a_rule_book_that_multiplies_by_the_entry_needs_coefficients():
    by_entry = changed("rules.toml", "[time", '[coefficient]\nkind = "entry"\n\n[time')
    with pytest.raises(EventError) as refused:
        event_from_files(by_entry)
    begins = [problem.split("coefficient, as rules.toml")[0] for problem in refused.value.problems]
    assert begins == [f"{FILE}:{line}: expected " for line in range(2, 7)]


def test_an_empty_file_is_called_one():
    with pytest.raises(EventError) as refused:
        event_from_files({**FILES, FILE: ""})
    columns = "start_number, race, crew, car, year, team"
    assert refused.value.problems == [f"{FILE}:1: expected a header with {columns}, got an empty file"]
