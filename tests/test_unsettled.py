"""An official ranking with open questions: how many, what they may change, and that nobody overlooks them."""

import json
import os
from contextlib import nullcontext

import pytest
from click.testing import CliRunner

from centesimo.commands.main import centesimo
from centesimo.compute import compute
from centesimo.model.errors import StoreError
from centesimo.publish.unsettled import Unsettled, find_unsettled
from centesimo.questions import LOOK, Question, questions
from tests.decisions import decided, facts, identity
from tests.sheet_day import MISSING, load_rows, make

# Crew 1 has 5/100 s, crew 2 has 7/100 s; crew 3 was not seen at A2, so its two trials are open and it has 0 so far.
NOT_ALL = "no place that somebody has can change"
FINE = {"start_number": 3, "control": "CO1", "article": "art. 1"}
# name: (passages that are not there, decisions, the last control that counts, race, what is said)
CASES = {
    "it may win": ((), (), None, 0, "1 open question, 2 open scores; no place yet: 3; every place may change"),
    "it may be second": (
        *((), (decided("penalty", amount=6, **FINE),), None, 0),
        "1 open question, 2 open scores; no place yet: 3; places from 2 on may change",
    ),
    "level with the second": (
        *((), (decided("penalty", amount=7, **FINE),), None, 0),
        "1 open question, 2 open scores; no place yet: 3; places from 2 on may change",
    ),
    "it will be last": (
        *((), (decided("penalty", amount=8, **FINE),), None, 0),
        f"1 open question, 2 open scores; no place yet: 3; {NOT_ALL}",
    ),
    "two crews, two questions": (
        *((identity("A2", 2),), (), None, 0),
        "2 open questions, 4 open scores; no place yet: 2, 3; every place may change",
    ),
    "nobody has a place": (
        *((identity("A2", 1), identity("A2", 2)), (), None, 0),
        f"3 open questions, 6 open scores; no place yet: 1, 2, 3; {NOT_ALL}",
    ),
    "it went home": ((), (decided("retire", start_number=3, control="PC1"),), None, 0, None),
    "not as far as that": ((), (), "CO1", 0, None),
    "the other race": ((), (), None, 1, None),
}


def told(passages, decisions, up_to, race, more=()):
    """Return what is said to be open of the ranking of a race, None when nothing is."""
    day = facts(*decisions)
    day = day._replace(loaded=tuple(one for one in day.loaded if one.id not in passages))
    outcome = compute(day, up_to)
    found = find_unsettled(day.event, outcome.rankings[race], [*questions(day, outcome), *more])
    return found and str(found).partition(": ")[2]


@pytest.mark.parametrize(("passages", "decisions", "up_to", "race", "said"), CASES.values(), ids=CASES)
def test_what_open_questions_may_change(passages, decisions, up_to, race, said):
    assert told(passages, decisions, up_to, race) == said


def test_a_point_that_may_be_off_may_change_every_place():
    off = Question("The best crews are off alike.", "A2", (), 0, 0, LOOK)
    said = "1 open question, 0 open scores, 1 of the questions about the points themselves; every place may change"
    assert told((), (), None, 1, [off]) == said


def test_many_crews_without_a_place_are_counted():
    one = Unsettled("r-leg-L1", 1, 0, 26, tuple(range(1, 14)), 5)
    assert str(one) == "r-leg-L1: 1 open question, 26 open scores; no place yet: 13 crews; places from 5 on may change"


@pytest.fixture
def day(tmp_path):
    return make(tmp_path)


OFFICIAL = ("publish", "--official", "--approved-by", "Steward 1")
OPEN = "classic-leg-L1: 1 open question, 2 open scores; no place yet: 3; every place may change"


def call(folder, *words):
    done = CliRunner().invoke(centesimo, [*words, "--event", str(folder)])
    return done.exit_code, done.stdout, str(done.exception or "")


def statuses(folder):
    """Return the status of every ranking in the results."""
    return {path.stem: json.loads(path.read_text())["publication"]["status"] for path in folder.glob("results/*.json")}


def test_nothing_official_is_posted_silently_with_a_question_open(day):
    code, out, why = call(day, *OFFICIAL)
    assert (code, OPEN in out, why.startswith(OPEN), why.endswith("nothing was posted")) == (1, True, True, True)
    assert call(day, *OFFICIAL, "--json")[0] == 1
    assert statuses(day) == {}


def test_yes_posts_it_and_still_says_so(day):
    code, out, _ = call(day, *OFFICIAL, "--yes")
    assert (code, OPEN in out, "centesimo questions" in out) == (0, True, True)
    assert set(statuses(day).values()) == {"official"}
    code, out, _ = call(day, *OFFICIAL)  # nothing is new: nothing is asked
    assert (code, OPEN in out) == (0, False)


def test_a_program_gets_it_as_values(day):
    posted = json.loads(call(day, *OFFICIAL, "--yes", "--json")[1])["posted"]
    assert [one["unsettled"] for one in posted] == [
        {
            "name": "classic-leg-L1",
            "questions": 1,
            "of_points": 0,
            "open_scores": 2,
            "waiting": [3],
            "from_place": 1,
        },
        None,
    ]


@pytest.mark.parametrize("answer", [b"y\n", b"n\n"])
def test_at_a_terminal_it_is_asked(day, monkeypatch, capsys, answer):
    typed, terminal = os.openpty()
    os.write(typed, answer)
    with open(terminal) as file, open(typed, "rb"):
        monkeypatch.setattr("sys.stdin", file)
        refused = pytest.raises(StoreError, match=r"^not accepted; nothing was posted$")
        with refused if answer == b"n\n" else nullcontext():
            centesimo([*OFFICIAL, "--event", str(day)], standalone_mode=False)
    assert OPEN in capsys.readouterr().out
    assert bool(statuses(day)) == (answer == b"y\n")


def test_without_an_open_question_nothing_is_asked(day):
    load_rows(day, MISSING)
    assert call(day, *OFFICIAL)[0] == 0


def test_what_is_provisional_is_posted_as_it_is(day):
    code, out, _ = call(day, "publish")
    assert (code, OPEN in out) == (0, False)
