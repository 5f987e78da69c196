"""What is open, most valuable first, and that the suggested commands do settle it."""

import json
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from centesimo.amend.apply import accept, apply
from centesimo.commands.main import centesimo
from centesimo.compute import Facts, Outcome, compute
from centesimo.decide.command_text import WHY
from centesimo.model.about_passages import Whose
from centesimo.model.decisions import Decision
from centesimo.model.errors import DecisionError
from centesimo.model.facts import OPEN, Passage, Sighting
from centesimo.model.findings import Candidate, Finding
from centesimo.questions import questions, yet_to_come
from centesimo.sightings import made
from tests.decisions import EVENT, FLAT, at_ns, decided, facts, identity, known, passage
from tests.events import write


def without(*names: str) -> Facts:
    """Return the day without these passages."""
    day = facts()
    return day._replace(loaded=tuple(one for one in day.loaded if one.id not in names))


def of_point(point: str) -> list[str]:
    return [one.id for one in facts().loaded if one.timing_point == point]


def later(seconds: float, *names: str) -> Facts:
    """Return the day with these passages so many s later."""
    day = facts()
    more_ns = int(seconds * 1_000_000_000)
    moved = [one._replace(at_ns=(one.at_ns or 0) + more_ns) if one.id in names else one for one in day.loaded]
    return day._replace(loaded=tuple(moved))


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
    "a crew that never came": (
        [identity(point, 2) for point in ("C1", "A1", "A2", "A3")],
        [("CO1", (2,), 3, 1, "centesimo amend retire 2"), ("A2", (3,), 2, 1, A2_BY_HAND)],
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


def beside(late_s: float = 58.5) -> Facts:
    """Return the day on which crew 1 opens so late, of 60 s at most: 1.5 s before crew 2."""
    return later(late_s, *(identity(point, 1) for point in ("A1", "A2", "A3")))


def test_two_cars_of_which_each_may_be_the_other_are_one_question() -> None:
    day = beside()
    outcome = compute(day)
    first, second = questions(day, outcome)
    assert first.text == "A1 at 09:15:58.50, A1 at 09:16:00.00: whose is it? Candidates: crew 1, crew 2."
    assert (first.start_numbers, first.open_scores, first.placed, second.start_numbers) == ((1, 2), 4, 2, (3,))
    said = [
        command.removeprefix("centesimo amend ").removesuffix(f" {WHY}") for command in (first.command, *first.further)
    ]
    assert said == [f"attribute {identity('A1', 1)} 1", f"attribute {identity('A1', 2)} 2"]
    given = decided("attribute", passage=identity("A1", 1), start_number=1)
    settled = compute(day._replace(decisions=(given,)))
    assert {one.start_number for one in settled.scores if one.status == OPEN} == {3}


def asking(day: Facts, *candidates: Candidate) -> Outcome:
    """Return what follows when nobody can tell whose the passages of these candidates are."""
    ids = tuple(dict.fromkeys(one.passage for one in candidates))
    doubt = Finding("doubtful", "A2", None, Whose(()), ids, candidates)
    return known(day, *ids)._replace(findings=(doubt,))


# One passage at A2, of crew 11 or 12, when neither has another: 11 is due there at 09:25:30, 12 at 09:26:00.
A2_11 = identity("A2", 11)
# name: (chances, the question by crew)
SHARED = {
    "it is suggested to whom it fits, and the other is told of it": (
        [Candidate(A2_11, 11, 0.6), Candidate(A2_11, 12, 0.4)],
        {
            11: "Crew 11 has no passage at A2; is the one at 09:25:30.00 its own, or crew 12's?",
            12: "Crew 12 has no time at A2 (whose the passage at A2 at 09:25:30.00 is, is open: crew 11 or 12): "
            "does another device or a sheet have it, or is it lost?",
        },
    ),
    "it may be nobody's": (
        [Candidate(A2_11, 11, 0.6), Candidate(A2_11, None, 0.4)],
        {
            11: "Crew 11 has no passage at A2; is the one at 09:25:30.00 its own, or nobody's?",
            12: "Crew 12 has no time at A2: does another device or a sheet have it, or is it lost?",
        },
    ),
}


@pytest.mark.parametrize(("candidates", "texts"), SHARED.values(), ids=SHARED)
def test_a_passage_that_may_be_of_two_crews_is_told_to_both(candidates: list, texts: dict[int, str]) -> None:
    day = without(identity("A2", 12))
    asked = questions(day, asking(day, *candidates), ended=True)
    assert {number: one.text for one in asked for number in one.start_numbers if number != 3} == texts


A2_12, A3_12 = identity("A2", 12), identity("A3", 12)
# name: (day, passages of which nobody can tell whose, the question about crew 12, its commands without who and why).
# Crew 12 opens at 09:25:30, is at A2 30.01 s and at A3 12.32 s after that.
LOST = {
    "a car that stopped between two tubes is one question": (
        later(300, A2_12, A3_12),
        (A2_12, A3_12),
        "Crew 12 is open at A2, A3: are the passages at 09:31:00.01, 09:31:12.33 its own?",
        [f"attribute {A2_12} 12", f"attribute {A3_12} 12"],
    ),
    "a ghost nearer to its time is not the car's": (
        later(300, A2_12, A3_12)._replace(loaded=(*later(300, A2_12, A3_12).loaded, passage("A2", 99, 1600))),
        (A2_12, A3_12),
        "Crew 12 is open at A2, A3: are the passages at 09:31:00.01, 09:31:12.33 its own?",
        [f"attribute {A2_12} 12", f"attribute {A3_12} 12"],
    ),
    "a passage of one tube only": (
        without(A3_12),
        (A2_12,),
        "Crew 12 was not seen from A2 on: did it retire?",
        ["retire 12 PC1"],
    ),
    "a passage before its own is not its": (
        without(A3_12)._replace(loaded=(*without(A3_12).loaded, passage("A3", 99, 1540))),
        (),
        "Crew 12 has no time at A3: does another device or a sheet have it, or is it lost?",
        ["insert A3 TIME --source 'second device' --start-number 12"],
    ),
    "neither tube has the car, which went on": (
        without(A2_12, A3_12)._replace(loaded=(*without(A2_12, A3_12).loaded, passage("C1", 12, 1700))),
        (),
        "Crew 12 has no time at A2, A3: does another device or a sheet have them, or are they lost?",
        [f"insert {point} TIME --source 'second device' --start-number 12" for point in ("A2", "A3")],
    ),
    "one tube has it": (
        without(A3_12)._replace(loaded=(*without(A3_12).loaded, passage("C1", 12, 1700))),
        (A2_12,),
        "Crew 12 is open at A2, A3: its own at A2 at 09:26:00.01, no time at A3; is that so?",
        [f"attribute {A2_12} 12", "insert A3 TIME --source 'second device' --start-number 12"],
    ),
}


@pytest.mark.parametrize(("day", "nobodys", "text", "commands"), LOST.values(), ids=LOST)
def test_one_lost_car_is_one_question(day: Facts, nobodys: tuple[str, ...], text: str, commands: list[str]) -> None:
    (one,) = [one for one in questions(day, known(day, *nobodys), ended=True) if 12 in one.start_numbers]
    assert one.text == text
    said = [shlex.join(shlex.split(command.replace(f" {WHY}", ""))[2:]) for command in (one.command, *one.further)]
    assert said == commands
    assert one.open_scores == (1 if one.where == "A3" else 2)
    decisions: list[Decision] = []
    for command in said:
        verb, name, *number = command.split()
        if verb == "attribute":
            new = decided(verb, len(decisions), passage=name, start_number=int(number[0]))
            accept(EVENT, known(day).recorded, decisions, new)
            decisions.append(new)


def seen(point: str, *numbers: int) -> tuple[Sighting, ...]:
    """Return what somebody keyed at a point."""
    start_ns = at_ns(1500)
    return tuple(
        made(point, number, start_ns + place * 60 * 10**9, "Anna", "pad", place)
        for place, number in enumerate(numbers, 1)
    )


# who was keyed at A2; what is asked of crew 12, whose own passages at A2 and A3 are taken for nobody's, 5 minutes late
WATCHED = {
    "nobody keys there": ((), "Crew 12 is open at A2, A3: are the passages at 09:31:00.01, 09:31:12.33 its own?"),
    "it was keyed": ((1, 2, 12), "Crew 12 is open at A2, A3: are the passages at 09:31:00.01, 09:31:12.33 its own?"),
    "others were keyed, it never": ((1, 2, 3, 11), "Crew 12 was not seen from A2 on: did it retire?"),
}


@pytest.mark.parametrize(("numbers", "text"), WATCHED.values(), ids=WATCHED)
def test_a_car_that_is_nobodys_is_no_suggestion_to_a_crew_that_people_did_not_see(
    numbers: tuple[int, ...], text: str
) -> None:
    day = later(300, A2_12, A3_12)._replace(sightings=seen("A2", *numbers))
    (one,) = [one for one in questions(day, known(day, A2_12, A3_12), ended=True) if 12 in one.start_numbers]
    assert one.text == text


# s after 09:00 of a passage of nobody's at A2, where crew 12, at A1 at 1530 and at C1 later, is due at 1560
FAR = {1600: True, 1640: False}


@pytest.mark.parametrize("second", FAR)
def test_what_is_nobodys_is_no_suggestion_a_minute_from_where_it_must_be(second: int) -> None:
    bare = without(A2_12, A3_12)
    day = bare._replace(loaded=(*bare.loaded, passage("C1", 12, 1700), passage("A2", 99, second)))
    (one,) = [one for one in questions(day, known(day, identity("A2", 99)), ended=True) if 12 in one.start_numbers]
    assert one.command.startswith("centesimo amend attribute load:A2:99 12") == FAR[second]


def test_who_has_a_passage_by_a_decision_is_not_asked_to_have_retired() -> None:
    given = decided("attribute", passage=A3_12, start_number=12)
    day = without(A2_12)._replace(decisions=(given,))
    outcome = known(day, A3_12)._replace(applied=apply(EVENT, {one.id: one for one in day.loaded}, [given]))
    (one,) = [one for one in questions(day, outcome, ended=True) if one.start_numbers == (12,)]
    assert [command.split()[2] for command in (one.command, *one.further)] == ["insert", "withdraw"]
    assert one.otherwise == ""


def test_the_last_crew_is_asked_for_when_nobody_comes_any_more() -> None:
    day = without(A2_12, A3_12)
    outcome = known(day)
    assert yet_to_come(day, outcome) == [12]
    assert [one.start_numbers for one in questions(day, outcome)] == [(3,)]
    asked = questions(day, outcome, ended=True)
    assert [(one.start_numbers, one.command.split()[2]) for one in asked] == [((3,), "insert"), ((12,), "retire")]


def test_the_last_crew_is_asked_for_on_the_next_leg() -> None:
    tomorrow = passage("C1", 1, 86_400)._replace(id="load:next:1")
    day = without(A2_12, A3_12)
    day = day._replace(loaded=(*day.loaded, tomorrow))
    assert yet_to_come(day, known(day)) == []
    assert [one.start_numbers for one in questions(day, known(day))] == [(3,), (12,)]


AFTER_C1 = decided("insert", timing_point="A2", passed_at_ns=at_ns(800), source="watch", start_number=3)
TWICE = passage("C1", 1, 660)._replace(id="load:again:1", start_number=1)
# name: (day, crew, its command without who and why)
NOTHING_MISSING = {
    "a passage put in before the one that opens": (facts(AFTER_C1), 3, f"amend withdraw {AFTER_C1.id}"),
    "an average of nothing any more": (
        facts(AVERAGE := decided("average", control="PC1", start_number=2), decided("cancel", 2, control="PC2")),
        2,
        f"amend withdraw {AVERAGE.id}",
    ),
    "two cards of one crew": (
        facts()._replace(loaded=(*facts().loaded, TWICE)),
        1,
        "amend void load:again:1",
    ),
}


@pytest.mark.parametrize(("day", "number", "command"), NOTHING_MISSING.values(), ids=NOTHING_MISSING)
def test_what_is_open_though_nothing_is_missing_is_asked(day: Facts, number: int, command: str) -> None:
    asked = [one for one in questions(day, compute(day)) if one.start_numbers == (number,)]
    assert [one.command.replace(f" {WHY}", "") for one in asked] == [f"centesimo {command}"]


def test_every_open_score_is_asked_for() -> None:
    for day in (facts(), without(A2_12), without(*of_point("A2")), without(identity("C1", 2)), facts(AFTER_C1)):
        outcome = compute(day)
        asked = questions(day, outcome, ended=True)
        assert sum(one.open_scores for one in asked) >= sum(one.status == OPEN for one in outcome.scores)


# Who was where when, as a sheet says: 1 not seen at A2, where a passage of nobody is near, 2 gone after C1, 3 not seen
# at A3, 11 without a card, 12 gone after A1.
SHEET = {
    1: ("09:10:20", "09:15:00.00", "", "09:15:42.50"),
    2: ("09:11:20", "", "", ""),
    3: ("09:12:20", "09:17:00.00", "09:17:30.20", ""),
    11: ("", "09:25:00.00", "09:25:30.05", "09:25:42.50"),
    12: ("09:20:50", "09:25:30.00", "", ""),
}
NOBODYS = [("A2", "09:15:33.10")]
TIMES = {("A2", 1): "09:15:30.20", ("A3", 3): "09:17:42.60", ("C1", 11): "09:20:20"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return an event folder with what SHEET and NOBODYS say."""
    folder = write(tmp_path / "event", FLAT)
    rows = ["timing_point,start_number,time_of_day,source"]
    for number, times in SHEET.items():
        rows += [f"{p},{number},{at},sheet" for p, at in zip(("C1", "A1", "A2", "A3"), times, strict=True) if at]
    rows += [f"{point},,{at},second device" for point, at in NOBODYS]
    (folder / "sheet.csv").write_text("\n".join(rows) + "\n")
    assert run(folder, "load", str(folder / "sheet.csv"), "--event", str(folder)).exit_code == 0
    return folder


def run(folder: Path, *words: str) -> Result:
    return CliRunner(env={"CENTESIMO_EVENT": str(folder)}).invoke(centesimo, list(words), catch_exceptions=False)


def open_scores(folder: Path) -> int:
    scores = json.loads(run(folder, "score", "--json").output)["scores"]
    return sum(one["status"] == OPEN for one in scores)


def test_every_suggestion_is_accepted_and_settles_what_it_says(folder: Path, tmp_path: Path) -> None:
    asked = json.loads(run(folder, "questions", "--ended", "--json").output)
    before, verbs = open_scores(folder), set()
    for place, one in enumerate(asked):
        first, otherwise = [one["command"], *one["further"]], [one["otherwise"]] if one["otherwise"] else []
        for ways in (first, otherwise):
            copy = shutil.copytree(folder, tmp_path / f"{place}-{ways is otherwise}")
            for command in ways:
                words = shlex.split(command.removesuffix(WHY))[1:]
                at = TIMES.get((words[2], one["start_numbers"][0]), "TIME")
                typed = (at if word == "TIME" else word for word in words)
                done = run(copy, *typed, "--who", "the clerk", "--why", "a sheet", "--yes")
                assert "stored as amendment" in done.output
                verbs.add(words[1])
            settled = one["open_scores"] if ways is first else len(otherwise)
            assert open_scores(copy) <= before - settled
    assert {"insert", "retire", "average"} <= verbs


def test_a_time_that_only_a_sheet_has_is_refused_until_it_is_filled_in(folder: Path) -> None:
    words = [
        "amend",
        "insert",
        "A2",
        "TIME",
        "--source",
        "x",
        "--start-number",
        "3",
        "--who",
        "c",
        "--why",
        "w",
        "--yes",
    ]
    with pytest.raises(DecisionError, match="expected TIME as local time"):
        run(folder, *words)


# name: (who, why, the option that is refused)
LEFT_OPEN = {"who": ("NAME", "a sheet", "--who"), "why": ("the clerk", " ... ", "--why")}


@pytest.mark.parametrize(("who", "why", "option"), LEFT_OPEN.values(), ids=LEFT_OPEN)
def test_who_and_why_are_refused_as_they_are_suggested(folder: Path, who: str, why: str, option: str) -> None:
    words = ["amend", "retire", "3", "PC2", "--who", who, "--why", why, "--yes"]
    with pytest.raises(DecisionError, match=f"expected {option} in your words, got .*; nothing was stored"):
        run(folder, *words)
    assert json.loads(run(folder, "amend", "list", "--json").output) == []


def test_who_may_yet_come_is_said(folder: Path) -> None:
    assert "may yet come where the field has not passed; --ended asks for them too." in run(folder, "questions").output
    assert "may yet come" not in run(folder, "questions", "--ended").output


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


def test_what_is_less_sure_than_officials_want_is_asked_too(tmp_path: Path) -> None:
    """The tubes name nobody: all is plain by the due times, but nothing is certain."""
    folder = write(tmp_path, FLAT)
    rows = ["timing_point,start_number,time_of_day,source"]
    for number, minute in {1: 15, 2: 16, 3: 17}.items():
        rows.append(f"C1,{number},09:{minute - 5}:20,sheet")
        rows += [
            f"{point},,09:{minute}:{s},second device" for point, s in (("A1", "00"), ("A2", "30.05"), ("A3", 42.35))
        ]
    (folder / "sheet.csv").write_text("\n".join(rows) + "\n")
    assert run(folder, "load", str(folder / "sheet.csv"), "--event", str(folder)).exit_code == 0
    usual, strict = (
        {
            number
            for one in json.loads(run(folder, "questions", "--json", *more).output)
            for number in one["start_numbers"]
        }
        for more in ((), ("--threshold", "1"))
    )
    assert (usual & {1, 2, 3}, strict & {1, 2, 3}) == (set(), {1, 2, 3})
    said = run(folder, "questions", "--threshold", "0.999").output
    assert said.startswith("Asked as if a passage had to be 0.999 sure; scores count it from 0.99 on.")
    assert "Asked as if" not in run(folder, "questions", "--threshold", "0.9").output
