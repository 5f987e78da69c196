"""What is open, most valuable first, and that the suggested commands do settle it."""

import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner
from decisions import FLAT, decided, facts, identity
from events import write

from centesimo.command import centesimo
from centesimo.compute import Facts, compute
from centesimo.facts import Passage
from centesimo.questions import WHY, questions


def without(*names: str) -> Facts:
    """Return the day without these passages."""
    day = facts()
    return day._replace(loaded=tuple(one for one in day.loaded if one.id not in names))


def of_point(point: str) -> list[str]:
    return [one.id for one in facts().loaded if one.timing_point == point]


A2_BY_HAND = 'centesimo amend insert A2 TIME --source "second device" --start-number 3'

# name: (passages that are not there, [(where, crews, open scores, crews placed, command without who and why)])
CASES = {
    "a tube missed a car": (
        [],
        [("A2", (3,), 2, 1, A2_BY_HAND)],
    ),
    "a tube missed the last car": (
        [identity("A2", 12)],
        [("A2", (3,), 2, 1, A2_BY_HAND), ("A2", (12,), 2, 1, A2_BY_HAND.replace(" 3", " 12"))],
    ),
    "a crew that went home after the first tube": (
        [identity("A2", 2), identity("A3", 2)],
        [
            ("A2", (3,), 2, 1, A2_BY_HAND),
            ("PC1", (2,), 2, 1, "centesimo amend retire 2 PC1"),
        ],
    ),
    "a board that was not collected": (
        of_point("A2"),
        [("A2", (1, 2, 3, 11, 12), 10, 5, "centesimo collect")],
    ),
    "a sheet that was not loaded": (
        of_point("C1"),
        [
            ("C1", (1, 2, 3, 11, 12), 5, 4, "centesimo load FILE.csv"),
            ("A2", (3,), 2, 0, A2_BY_HAND),
        ],
    ),
    "a card that was not stamped": (
        [identity("C1", 2)],
        [
            ("A2", (3,), 2, 1, A2_BY_HAND),
            ("C1", (2,), 1, 1, 'centesimo amend insert C1 TIME --source "time card" --start-number 2'),
        ],
    ),
}


@pytest.mark.parametrize(("gone", "expected"), CASES.values(), ids=CASES)
def test_what_is_asked(gone: list[str], expected: list) -> None:
    day = without(*gone)
    found = questions(day, compute(day))
    assert [
        (one.where, one.start_numbers, one.open_scores, one.placed, one.command.replace(f" {WHY}", "")) for one in found
    ] == expected


def test_a_control_that_the_field_has_not_reached_is_no_question() -> None:
    day = without(*of_point("A1"), *of_point("A2"), *of_point("A3"))
    assert questions(day, compute(day)) == []


def test_a_passage_of_nobody_is_suggested_to_the_crew_that_it_fits() -> None:
    (missing,) = [one for one in facts().loaded if one.id == identity("A3", 12)]
    late: Passage = missing._replace(id="load:late:1", at_ns=(missing.at_ns or 0) + 200_000_000_000)
    day = without(missing.id)
    day = day._replace(loaded=(*day.loaded, late))
    found = questions(day, compute(day))
    assert f"centesimo amend attribute load:late:1 12 {WHY}" in [one.command for one in found]


def test_a_passage_that_a_decision_gives_to_a_crew_is_suggested_to_no_other() -> None:
    voided = decided("void", 0, passage=identity("C1", 1))
    day = facts(voided, decided("attribute", passage=identity("C1", 2), start_number=1))
    asked = [one.command for one in questions(day, compute(day)) if one.start_numbers == (2,)]
    assert asked
    assert not [one for one in asked if identity("C1", 2) in one]


def test_the_suggested_command_settles_it(tmp_path: Path) -> None:
    folder = write(tmp_path, FLAT)
    rows = ["timing_point,time_of_day,source"]
    for number, times in {
        1: ("09:10:20", "09:15:00.00", "09:15:30.05", "09:15:42.30"),
        2: ("09:11:20", "", "", ""),
    }.items():
        points = ("C1", "A1", "A2", "A3")
        rows += [f"{point},{at},sheet of {number}" for point, at in zip(points, times, strict=True) if at]
    (folder / "sheet.csv").write_text("\n".join(rows) + "\n")
    run = CliRunner(env={"CENTESIMO_EVENT": str(folder)}).invoke
    assert run(centesimo, ["load", str(folder / "sheet.csv"), "--event", str(folder)]).exit_code == 0
    asked = run(centesimo, ["questions"]).output
    command = next(line for line in asked.splitlines() if "amend" in line).strip().removesuffix(WHY)
    done = run(
        centesimo, [*shlex.split(command)[1:], "--who", "clerk", "--why", "gone home", "--yes"], catch_exceptions=False
    )
    assert "stored as amendment" in done.output, done.output
    assert len(run(centesimo, ["questions"]).output) < len(asked)


# name: (passages that are not there, crew, the second answer). PC2 alone is open without A3: PC1,
# its series, gives the average. Without A2 both are open and nothing gives one.
SECOND = {
    "both trials of the series are open": ([identity("A2", 2)], 2, ""),
    "the other trial has a time": ([identity("A3", 2)], 2, f"centesimo amend average 2 PC2 {WHY}"),
}


@pytest.mark.parametrize(("gone", "number", "otherwise"), SECOND.values(), ids=SECOND)
def test_an_average_is_suggested_only_where_it_settles_something(gone: list[str], number: int, otherwise: str) -> None:
    day = without(*gone)
    (one,) = [one for one in questions(day, compute(day)) if one.start_numbers == (number,)]
    assert " insert A" in one.command
    assert one.otherwise == otherwise


def test_an_event_without_a_passage_says_so(tmp_path: Path) -> None:
    folder = write(tmp_path, FLAT)
    done = CliRunner(env={"CENTESIMO_EVENT": str(folder)}).invoke(centesimo, ["questions"])
    assert done.output.startswith("There are no passages yet")
