"""An event of two days in the evening of the first: tomorrow's leg is silent until somebody asks for it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from centesimo.commands.main import centesimo
from tests.events import changed
from tests.sheet_day import make

LEG_2 = '[[leg]]\nid = "L2"\nname = "Leg 2"\ndate = 2027-05-24\n\n'
START_2 = '[[race.start]]\nleg = "L2"\nfirst = 09:00:00\ninterval_s = 60\n\n'
POINTS = '[[timing_point]]\nid = "B1"\nplace = "Lake"\n\n[[timing_point]]\nid = "B2"\nplace = "Pass"\n\n'
TRIAL_2 = '\n[[control]]\nid = "PC9"\nkind = "timed trial"\nleg = "L2"\nopens = "B1"\ncloses = "B2"\nideal_s = 30\n'
HEAD = "timing_point,start_number,time_of_day,source,uncertainty_s,leg\n"


def two_days() -> dict[str, str]:
    """Return the small event with a second leg of one trial, which only the classic cars drive."""
    files = changed("event.toml", "[[race]]\n", f"{LEG_2}[[race]]\n")
    files = changed("event.toml", '[[race]]\nid = "modern"', f'{START_2}[[race]]\nid = "modern"', files)
    files = changed("event.toml", '[[timing_point]]\nid = "A1"', f'{POINTS}[[timing_point]]\nid = "A1"', files)
    return {**files, "event.toml": files["event.toml"] + f"{TRIAL_2}after_min = 10\n"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of that event, with the first day's times in its store."""
    return write_two_days(tmp_path)


def write_two_days(folder: Path) -> Path:
    """Write the event; the sheet of the first day names its leg, as the event has two."""
    make(folder, two_days())
    return folder


def run(folder: Path, *words: str) -> Result:
    """Run a verb in the folder."""
    return CliRunner().invoke(centesimo, [*words, "--event", str(folder)])


def load_second_day(folder: Path) -> None:
    """Load the times of crews 1 and 2 in the second leg, both exact."""
    sheet = folder / "day2.csv"
    sheet.write_text(
        f"{HEAD}B1,1,09:10:00,hand,0,L2\nB2,1,09:10:30,hand,0,L2\nB1,2,09:11:00,hand,0,L2\nB2,2,09:11:30,hand,0,L2\n",
        encoding="utf-8",
    )
    assert run(folder, "load", str(sheet)).exit_code == 0


def names(done: Result) -> list[str]:
    """Return the names of what was posted."""
    return [posting["name"] for posting in json.loads(done.output)["posted"]]


def test_the_first_evening_posts_the_first_leg_alone(folder: Path) -> None:
    done = run(folder, "publish", "--json")
    assert names(done) == ["classic-leg-L1", "modern-leg-L1"]
    assert json.loads(done.output)["left_out"] == ["classic-leg-L2", "classic-overall"]
    said = run(folder, "publish").output
    assert "left out, as nothing was timed there yet: classic-leg-L2, classic-overall" in said


def test_what_is_asked_for_is_posted(folder: Path) -> None:
    assert names(run(folder, "publish", "--json", "--leg", "L2")) == ["classic-leg-L2"]
    assert "classic-leg-L2" in names(run(folder, "publish", "--json"))  # it was posted before


# name: (words, what is posted); an option that is given again adds to what it chose before
CHOICES = {
    "two legs": (["--leg", "L1", "--leg", "L2"], ["classic-leg-L1", "classic-leg-L2", "modern-leg-L1"]),
    "a leg and all legs": (["--leg", "L1", "--overall", "--race", "classic"], ["classic-leg-L1", "classic-overall"]),
    "two races": (["--race", "modern", "--race", "classic"], ["classic-leg-L1", "modern-leg-L1"]),
    "all legs": (["--overall"], ["classic-overall"]),
}


@pytest.mark.parametrize(("words", "posted"), CHOICES.values(), ids=CHOICES)
def test_an_option_given_again_adds(folder: Path, words: list[str], posted: list[str]) -> None:
    assert names(run(folder, "publish", "--json", *words)) == posted


def test_tomorrow_is_no_finding_and_no_question(folder: Path) -> None:
    findings = json.loads(run(folder, "score", "--json").output)["findings"]
    assert [finding for finding in findings if finding["where"] in ("B1", "B2", "PC9")] == []
    questions = run(folder, "questions").output
    assert "B1" not in questions
    assert "PC9" not in questions


def test_the_ranking_over_all_legs_counts_those_that_are_driven(folder: Path) -> None:
    (overall,) = json.loads(run(folder, "ranking", "--json", "--overall").output)
    assert {control["leg"] for control in overall["controls"]} == {"L1"}
    assert overall["lines"][0]["status"] == ""  # nobody waits for tomorrow
    load_second_day(folder)
    (overall,) = json.loads(run(folder, "ranking", "--json", "--overall").output)
    assert [control["id"] for control in overall["controls"]][-1] == "PC9"
    assert names(run(folder, "publish", "--json"))[-1] == "modern-leg-L1"
    assert "classic-overall" in names(run(folder, "publish", "--json"))


def test_in_the_second_leg_who_is_missing_is_a_finding_again(folder: Path) -> None:
    load_second_day(folder)
    findings = json.loads(run(folder, "score", "--json").output)["findings"]
    assert [finding["start_number"] for finding in findings if finding["where"] in ("B1", "B2")] == [3]


def test_what_is_official_changes_by_a_decision_alone(folder: Path) -> None:
    approved = ["--official", "--approved-by", "Steward", "--yes"]
    assert run(folder, "publish", "--leg", "L1", *approved).exit_code == 0
    late = folder / "late.csv"
    late.write_text(f"{HEAD}A2,3,09:17:40.005,hand,0.001,L1\n", encoding="utf-8")
    assert run(folder, "load", str(late)).exit_code == 0
    refused = run(folder, "publish")
    assert refused.exit_code == 1
    assert "classic-leg-L1 is official and would become provisional" in str(refused.exception)
    assert "Crew 3" in refused.output  # crew by crew, what would change
    assert '"version": 1' in (folder / "results" / "classic-leg-L1.json").read_text(encoding="utf-8")
    assert names(run(folder, "publish", "--json", "--race", "modern")) == ["modern-leg-L1"]
    assert "classic-leg-L1: provisional, version 2" in run(folder, "publish", "--yes").output
