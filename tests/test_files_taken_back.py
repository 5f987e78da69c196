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
