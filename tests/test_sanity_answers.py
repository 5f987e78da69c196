"""What is suggested where a point is off, that it settles it, and that such a question comes first."""

import re
import shlex
from decimal import Decimal

import pytest

from centesimo.amend import made
from centesimo.amend.references import instant_ns
from centesimo.commands.questions import waiting
from centesimo.compute import Facts, Outcome, compute
from centesimo.decide.command_text import WHY
from centesimo.model.about_points import BackupMissed
from centesimo.model.facts import OPEN, Edge
from centesimo.model.findings import Finding
from centesimo.questions import LOOK, Question, questions
from centesimo.sanity import judged, sanity
from centesimo.words.boards import find_board
from centesimo.words.findings import sentence
from simulate.driven import S_NS, Course, Driven, driven


def stamped(day: Driven) -> Facts:
    """Return the facts of a driven day, each passage by an edge of its point's board."""
    board = {one.id: (one.board, one.input) for one in day.event.timing_points}
    its = [
        one._replace(edges=(Edge(*_at(board[one.timing_point]), one.at_ns, 1000, True, "", 0, False),))
        for one in day.passages.values()
    ]
    return Facts(day.event, (), {}, tuple(its))


def _at(place: tuple[str, int]) -> tuple[str, int, int, int, int]:
    """Return board, sequence, boot, input and counter of an edge."""
    return place[0], 1, 1, place[1], 0


PERIOD = r"2027-05-15T08:\d\d:\d\d 2027-05-15T09:\d\d:\d\d"
ALONE = {"chains": (4, 3), "points_of_board": 1}
# name: (what is off, the suggestions). All take 10.04 s more for B1-B2 than event.toml says: a slip of 10 s; or 11.5 s.
ANSWERS = {
    "an ideal time that nobody drove": ({"ideal_cs": {"B1-B2": 1004}}, [r"edit event.toml: ideal_s = B1-B2 \+ 10"]),
    "by tenths, where it is no whole second": (
        {"ideal_cs": {"B1-B2": 1150}},
        [r"edit event.toml: ideal_s = B1-B2 \+ 11.5"],
    ),
    "a board that is two seconds off, which shows at both trials beside it": (
        {"late_cs": {"A2": 200}, **ALONE},
        [
            rf'centesimo amend shift "A2 road \(0000000000000002\)" ' rf"{PERIOD} -2\.000",
            r"edit event.toml: ideal_s = A1-A2 \+ 2",
        ],
    ),
    "the same of a board with two tubes": (
        {"late_cs": {"A3": -200, "A4": -200}, "chains": (6, 3)},
        [
            rf'centesimo amend shift "A3 A4 road \(0000000000000002\)" ' rf"{PERIOD} 2\.000",
            r"edit event.toml: ideal_s = A2-A3 \+ -2",
        ],
    ),
    "the first tube of a chain, or its trial": (
        {"late_cs": {"A1": 200}, **ALONE},
        [
            r"edit event.toml: ideal_s = A1-A2 \+ -2",
            rf'centesimo amend shift "A1 road \(0000000000000001\)" ' rf"{PERIOD} -2\.000",
        ],
    ),
    "a tube with a board of its own": (
        {"late_cs": {"A2": 30}, **ALONE},
        [rf'centesimo amend shift "A2 road \(0000000000000002\)" ' rf"{PERIOD} -0\.(29|30)\d"],
    ),
    "a board with two tubes": (
        {"late_cs": {"A3": -30, "A4": -30}, "chains": (6, 3)},
        [rf'centesimo amend shift "A3 A4 road \(0000000000000002\)" ' rf"{PERIOD} 0\.(29|30)\d"],
    ),
    "a tube that shares its board with another": ({"late_cs": {"A2": 30}, "chains": (4, 3)}, []),
    "little by little": ({"drift_cs": {"A2": 60}, **ALONE}, []),
    "the last trial, or its last tube": (
        {"late_cs": {"A4": 30}, **ALONE},
        [
            r"edit event.toml: ideal_s = A3-A4 \+ 0\.(29|3|30|31)",
            rf'centesimo amend shift "A4 road \(0000000000000004\)" ' rf"{PERIOD} -0\.(29|30|31)\d",
        ],
    ),
}


@pytest.mark.parametrize(("off", "expected"), ANSWERS.values(), ids=ANSWERS)
def test_what_would_settle_it_is_suggested(off: dict, expected: list[str]) -> None:
    day = driven(Course(7, crews=40, **off))
    (found, *_) = sanity(day.event, Outcome(stamped(day).loaded, (), tuple(day.scores), (), ()))
    assert len(found.answers) == len(expected)
    for answer, pattern in zip(found.answers, expected, strict=True):
        assert re.fullmatch(pattern, _beside(day, answer.removesuffix(f" {WHY}"))), answer


def _beside(day: Driven, answer: str) -> str:
    """Return a suggestion in which a new ideal time stands as what it is more than the present one."""
    ideal = re.fullmatch(r"(.*) = (\S+) of (\S+), not (\S+)", answer)
    if ideal is None:
        return answer
    control = next(one for one in day.event.controls if one.id == ideal[3])
    assert Decimal(ideal[4]) * 100 == control.ideal_cs
    return f"{ideal[1]} = {control.id} + {(Decimal(ideal[2]) - Decimal(ideal[4])).normalize():f}"


def test_the_shift_that_is_suggested_takes_the_offset_away() -> None:
    day = driven(Course(7, crews=40, late_cs={"A2": 30}, chains=(4, 3), points_of_board=1))
    facts = stamped(day)
    (found,) = [one for one in judged(day.event, compute(facts)).findings if one.kind == "offset"]
    board, first, last, seconds, *_ = shlex.split(found.answers[0])[3:]
    values = {
        "board": find_board(day.event, board),
        "from_ns": instant_ns(day.event, first),
        "to_ns": instant_ns(day.event, last),
    }
    new = made("shift", "the clerk", "tape", 1, shift_ns=round(float(seconds) * S_NS), **values)
    settled = compute(facts._replace(decisions=(new,)))
    assert [one.kind for one in judged(day.event, settled).findings if one.kind == "offset"] == []
    assert settled.applied.refused == ()


def test_a_field_that_may_be_one_place_off_is_one_question_which_one_answer_settles() -> None:
    """Everybody is an interval late and crew 1 is missing: each of 59 cars may be the crew before. 3 trials each."""
    day = driven(Course(7, crews=60, chains=(4,)))
    facts = stamped(day)
    late = [one._replace(at_ns=(one.at_ns or 0) + 60 * S_NS) for one in facts.loaded if not one.id.endswith(":1")]
    facts = facts._replace(loaded=tuple(late))
    field, missing = questions(facts, compute(facts))
    assert (field.open_scores, field.placed, field.further, missing.start_numbers) == (177, 59, (), (1,))
    assert "Candidates: 60 crews from 1 to 60" in field.text
    assert field.text.endswith(" One answer or a list likely settles all.")
    new = made("attribute", "the clerk", "a marshal", 1, passage="A1:2", start_number=2)
    settled = compute(facts._replace(decisions=(new,)))
    assert {one.start_number for one in settled.scores if one.status == OPEN} == {1}


def test_what_one_answer_settles_is_asked_once() -> None:
    """Ten seconds are seen by the times between the tubes and by the crews: both say that the ideal time is wrong."""
    facts = stamped(driven(Course(7, crews=40, chains=(4, 3), ideal_cs={"A2-A3": 1000})))
    outcome = judged(facts.event, compute(facts))
    assert [one.kind for one in outcome.findings] == ["ideal time", "offset"]
    (asked,) = questions(facts, outcome)
    assert (asked.text, asked.hanging) == (sentence(outcome.findings[0], facts.event), 40)
    assert asked.command.startswith("edit event.toml: ideal_s = ")


# (open scores, hanging, what the list of questions says)
WAITING = [
    (1, 0, "1 open score waits for it"),
    (9, 0, "9 open scores wait for it"),
    (0, 80, "about the point itself: 80 scores are only as right as it"),
    (0, 0, "about the point itself: no score waits for it"),
]


@pytest.mark.parametrize(("open_scores", "hanging", "said"), WAITING)
def test_what_hangs_on_a_question_is_said(open_scores: int, hanging: int, said: str) -> None:
    assert waiting(Question("?", "A1", (), open_scores, 0, LOOK, hanging=hanging)) == said


def test_what_is_off_for_all_comes_before_what_is_open_and_what_is_only_odd_comes_last() -> None:
    day = driven(Course(7, crews=40, chains=(4, 3), late_cs={"A2": 30}))
    gone = day.passages.pop(("A4", 3))
    facts = stamped(day)
    outcome = judged(facts.event, compute(facts))
    odd = Finding("backup", "A1", None, BackupMissed("A1b", "A1", (0,), 39))
    off, missing, last = questions(facts, outcome._replace(findings=(odd, *outcome.findings)))
    # A2 closes A1-A2 and opens A2-A3: 40 scores each.
    assert (off.where, off.hanging, off.open_scores, off.command, off.otherwise) == ("A2", 80, 0, LOOK, "")
    assert (missing.start_numbers, missing.where, missing.open_scores) == ((3,), gone.timing_point, 1)
    assert (last.text, last.hanging, last.command) == (sentence(odd, day.event), 0, LOOK)
