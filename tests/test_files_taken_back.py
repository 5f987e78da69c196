"""A loaded file is taken back, or put later, as a whole: a mistaken sheet costs one decision."""

import json

import pytest
from click.testing import CliRunner

from centesimo.commands.main import centesimo
from tests.events import FILES, write
from tests.sheet_day import ROWS

HEADER = "timing_point,start_number,time_of_day,source,uncertainty_s\n"
BY = ("--who", "Clerk", "--why", "the wrong sheet", "--yes")
RIGHT = HEADER + "".join(f"{row},hand,0.001\n" for row in ROWS.splitlines())
# What sheet_day works out by hand; crew 3 has no place.
TOTALS = {1: "4.02", 2: "149.33", 11: "0.00", 12: "6.15"}


def swapped(text):
    """Return the sheet with A1 and A2 exchanged, as of a timekeeper who sat at the other tube."""
    return text.replace("A1,", "A0,").replace("A2,", "A1,").replace("A0,", "A2,")


def later(text, point, seconds):
    """Return the sheet with one point's times later by whole seconds."""
    lines = []
    for line in text.splitlines():
        cells = line.split(",")
        if cells[0] == point:
            hours, minutes, rest = cells[2].split(":")
            total = int(hours) * 3600 + int(minutes) * 60 + seconds
            cells[2] = f"{total // 3600:02}:{total // 60 % 60:02}:{rest}"
        lines.append(",".join(cells))
    return "\n".join(lines) + "\n"


class Folder:
    def __init__(self, folder):
        self.folder = write(folder, FILES)

    def run(self, *words):
        return CliRunner().invoke(centesimo, [*words, "--event", str(self.folder)])

    def load(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")
        done = self.run("load", str(self.folder / name))
        assert done.exit_code == 0, done.output

    def totals(self):
        rankings = json.loads(self.run("ranking", "--json").output)
        lines = [line for ranking in rankings for line in ranking["lines"]]
        return {line["start_number"]: line["total"] for line in lines if line["position"] is not None}


@pytest.fixture
def event(tmp_path):
    return Folder(tmp_path / "event")


def test_a_wrong_file_that_was_loaded_first_is_taken_back(event):
    event.load("wrong.csv", swapped(RIGHT))
    event.load("right.csv", RIGHT)
    assert event.totals() != TOTALS
    done = event.run("amend", "take-back", "wrong.csv", *BY)
    assert done.exit_code == 0, done.output
    assert event.totals() == TOTALS


def test_it_can_be_withdrawn(event):
    event.load("right.csv", RIGHT)
    taken = json.loads(event.run("amend", "take-back", "right.csv", *BY, "--json").output)
    assert event.totals() == {}
    assert event.run("amend", "withdraw", taken["amendment"]["id"], *BY).exit_code == 0
    assert event.totals() == TOTALS


def test_one_point_of_a_sheet_an_hour_late_is_put_right(event):
    event.load("sheet.csv", later(RIGHT, "A2", 3600))
    assert event.totals() != TOTALS
    done = event.run("amend", "shift-file", "sheet.csv", "-3600", "--at", "A2", *BY)
    assert done.exit_code == 0, done.output
    assert event.totals() == TOTALS
    explained = event.run("explain", "1", "PC1").output
    assert "A2 shifted: the wrong sheet" in explained


# name, what is decided, what is refused
REFUSED = [
    ("no such file", ("take-back", "other.csv"), "expected a file that was loaded, by its name or digest (right.csv ("),
    ("no such point", ("take-back", "right.csv", "--at", "C9"), "expected a timing point of file "),
    ("a shift of nothing", ("shift-file", "right.csv", "0"), "expected a shift other than 0, got 0"),
    ("a shift that is none", ("shift-file", "right.csv", "much"), "expected SECONDS as a number from -86400 to 86400"),
]


@pytest.mark.parametrize(("name", "words", "says"), REFUSED, ids=[row[0] for row in REFUSED])
def test_what_is_refused_says_why_and_changes_nothing(event, name, words, says):
    event.load("right.csv", RIGHT)
    done = event.run("amend", *words, *BY)
    assert done.exit_code == 1
    assert says in str(done.exception)
    assert event.totals() == TOTALS


def test_twice_is_refused_and_what_rests_on_it_goes_first(event):
    event.load("right.csv", RIGHT)
    assert event.run("amend", "void", "A2@09:15:30.03", *BY).exit_code == 0
    done = event.run("amend", "take-back", "right.csv", *BY)
    assert "withdraw that first" in str(done.exception)
    assert event.run("amend", "shift-file", "right.csv", "1", *BY).exit_code == 0
    again = event.run("amend", "shift-file", "right.csv", "--at", "A1", "2", *BY)
    assert "something else was decided by amendment" in str(again.exception)


def test_a_passage_of_a_file_that_was_taken_back_does_not_count(event):
    event.load("right.csv", RIGHT)
    passage = json.loads(event.run("explain", "--json", "1", "PC1").output)["passages"][0]["passage"]
    assert event.run("amend", "take-back", "right.csv", *BY).exit_code == 0
    done = event.run("amend", "attribute", passage, "1", *BY)
    assert done.exit_code == 1


# To the minute, as they stand on cards; crew 12 is due at 09:20:30, so its minute ends at 09:21:29.
CARDS = [row.replace("09:20:45", "09:21:00").split(",")[:3] for row in ROWS.splitlines() if row.startswith("C1,")]
OF_CARDS = "timing_point,start_number,time_of_day,person\n"
TIMES = "".join(line for line in RIGHT.splitlines(keepends=True) if not line.startswith("C1,"))


def cards(hours_later=0, crews=()):
    """Return the sheet of time cards at C1, of all crews or some, with times later by whole hours."""
    rows = [(point, number, clock) for point, number, clock in CARDS if not crews or int(number) in crews]
    shifted = [(point, number, f"{int(clock[:2]) + hours_later:02}{clock[2:5]}") for point, number, clock in rows]
    return OF_CARDS + "".join(f"{point},{number},{clock},Carla\n" for point, number, clock in shifted)


def test_a_wrong_sheet_of_time_cards_is_taken_back_too(event):
    event.load("times.csv", TIMES)
    event.load("wrong.csv", cards(hours_later=1))
    event.load("right.csv", cards())
    assert event.totals() != TOTALS
    done = event.run("amend", "take-back", "wrong.csv", *BY)
    assert done.exit_code == 0, done.output + str(done.exception)
    assert "what the file wrong.csv (" in done.output
    assert event.totals() == TOTALS


def test_a_sheet_of_time_cards_an_hour_late_is_put_right(event):
    event.load("times.csv", TIMES)
    event.load("cards.csv", cards(hours_later=1))
    done = event.run("amend", "shift-file", "cards.csv", "-3600", "--at", "C1", *BY)
    assert done.exit_code == 0, done.output + str(done.exception)
    assert event.totals() == TOTALS


def test_what_another_sheet_has_too_stays(event):
    event.load("times.csv", TIMES)
    event.load("all.csv", cards().replace("Carla\n", "Carla,table\n").replace("person\n", "person,device\n"))
    some = cards(crews=(1, 2)).replace("Carla\n", "Carla,table\n").replace("person\n", "person,device\n")
    event.load("some.csv", some)
    assert event.run("amend", "take-back", "some.csv", *BY).exit_code == 0
    assert event.totals() == TOTALS
    assert event.run("amend", "take-back", "all.csv", *BY).exit_code == 0
    assert event.totals() != TOTALS


def test_numbers_keyed_beside_a_tube_are_taken_back_too(event):
    event.load("right.csv", RIGHT)
    event.load("keyed.csv", OF_CARDS + "A1,12,09:16,Anna\nA1,1,09:31,Anna\n")
    assert event.run("amend", "take-back", "keyed.csv", *BY).exit_code == 0
    refused = event.run("amend", "take-back", "keyed.csv", "--at", "A1", *BY)
    assert "something else was decided" in str(refused.exception)
