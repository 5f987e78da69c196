"""The verbs of `centesimo amend` at a desk: what is shown before one is stored, what is refused, what is listed."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from centesimo.commands.amend import amend
from centesimo.commands.console import TextConsole
from centesimo.model.decisions import KINDS
from centesimo.model.errors import DecisionError
from centesimo.words.instants import shown_at
from tests.decisions import BY, EVENT, desk_at

BRIDGE = "A1 A2 Bridge (00000000000000a1)"


@pytest.fixture
def desk(tmp_path: Path):
    """Return how to run a command in the folder of the small event, with three crews that drove it."""
    return desk_at(tmp_path)


def test_a_decision_is_shown_then_stored_and_can_be_withdrawn(desk) -> None:
    done = desk("amend", "cancel", "PC1", "--race", "classic", *BY, "--yes", "--json")
    told = json.loads(done.output)
    assert [(one["start_number"], one["position"]) for one in told["moved"]]
    assert json.loads(desk("amend", "list", "--json").output)[0]["id"] == told["amendment"]["id"]
    assert desk("amend", "withdraw", told["amendment"]["id"][:6], *BY, "--yes").exit_code == 0
    states = [one["state"] for one in json.loads(desk("amend", "list", "--json").output)]
    assert states == [f"withdrawn by {json.loads(desk('amend', 'list', '--json').output)[1]['id']}", "stands"]


# name: (words, what the message says)
REFUSED = {
    "nobody to confirm": (
        ("cancel", "PC1", *BY),
        "nothing was stored: expected a terminal to confirm this at, or --yes",
    ),
    "no such passage": (
        ("void", "A1@09:30:00", *BY, "--yes"),
        "expected a passage at A1@09:30:00, got none; the nearest",
    ),
    "several passages": (
        ("void", "A1@09:1", *BY, "--yes"),
        "expected local time as HH:MM:SS.cc after A1@, as far.*, got 09:1",
    ),
    "no such point": (("void", "B1@09:15:00", *BY, "--yes"), "expected a timing point of the event .*, got B1"),
    "a time that is none": (
        ("insert", "A2", "TIME", "--source", "watch", *BY, "--yes"),
        "expected TIME as local time HH:MM:SS.cc, up to 47:59:59.99 in the night after, or as .*, got TIME",
    ),
    "points that are none": (
        ("penalty", "1", "PC1", "many", "--article", "9", *BY, "--yes"),
        "expected POINTS as a number from 0 to 10000000, got many",
    ),
    "nobody": (("cancel", "PC1", "--who", " ", "--why", "x", "--yes"), "expected who decided and why"),
    "what a crew does not have": (
        ("swap", "A1@09:15:00", "amend:x", *BY, "--yes"),
        "expected a passage as its id or as A1@10:05:58.60, got amend:x",
    ),
    "a passage of another event": (
        ("attribute", "load:00000000:2", "1", *BY, "--yes"),
        "expected a passage as its id or as A1@10:05:58.60, got load:00000000:2, which does not exist",
    ),
    "a passage of nobody's crew": (
        ("attribute", "A1@09:15:00", "99", *BY, "--yes"),
        "expected the start number of an entry, got 99",
    ),
    "a swap with oneself": (
        ("swap", "A1@09:15:00", "A1@09:15:00", *BY, "--yes"),
        "expected two passages of two crews",
    ),
    "a point of another event": (
        ("insert", "Z9", "09:15:00", "--source", "watch", *BY, "--yes"),
        r"expected a timing point of the event \(A1, A2, A3, C1\), got Z9",
    ),
    "another day": (
        ("insert", "A1", "2027-06-23T09:15:00", "--source", "watch", *BY, "--yes"),
        "expected TIME near the event's days, 2027-05-23 to 2027-05-23, got 2027-06-23T09:15:00",
    ),
    "a source without a name": (
        ("insert", "A1", "09:15:00", "--source", " ", *BY, "--yes"),
        "expected --source to say who or what timed it, got an empty text",
    ),
    "an uncertainty that is none": (
        ("insert", "A1", "09:15:00", "--source", "watch", "--uncertainty-s", "x", *BY, "--yes"),
        "expected --uncertainty-s as a number from 0 to 60, got x",
    ),
    "a board of another event": (
        ("unreliable", "00000000000000ff", "09:00:00", "10:00:00", *BY, "--yes"),
        r"expected a board of the event, by name or id \(.*\), got 00000000000000ff",
    ),
    "a record of one version": (
        ("choose", "00000000000000a1", "1", "abcdef", *BY, "--yes"),
        "expected a record that came in several versions, got 1 of board A1 A2 Bridge \\(00000000000000a1\\)",
    ),
    "a board with one journal": (
        ("choose-journal", "00000000000000a1", "1", "abcdef", *BY, "--yes"),
        "expected a record that came in several versions, got 1 of board A1 A2 Bridge \\(00000000000000a1\\)",
    ),
    "a period that ends before it begins": (
        ("shift", "00000000000000a1", "10:00:00", "09:00:00", "1", *BY, "--yes"),
        "expected a period that ends after it begins",
    ),
    "a shift of nothing": (
        ("shift", "00000000000000a1", "09:00:00", "10:00:00", "0", *BY, "--yes"),
        "expected a shift other than 0",
    ),
    "a shift that is none": (
        ("shift", "00000000000000a1", "09:00:00", "10:00:00", "much", *BY, "--yes"),
        "expected SECONDS as a number from -86400 to 86400, got much",
    ),
    "a file that was not loaded": (
        ("take-back", "other.csv", *BY, "--yes"),
        "expected a file that was loaded, by its name or digest",
    ),
    "a shift of a file that was not loaded": (
        ("shift-file", "other.csv", "1", *BY, "--yes"),
        "expected a file that was loaded, by its name or digest",
    ),
    "an average of minutes": (
        ("average", "1", "CO1", *BY, "--yes"),
        "no average of its series can be formed for crew 1 at CO1, there is no other trial in it",
    ),
    "a control of another event": (
        ("cancel", "PC9", *BY, "--yes"),
        r"expected a control of the event \(CO1, PC1, PC2\), got PC9",
    ),
    "a race of another event": (
        ("cancel", "PC1", "--race", "old", *BY, "--yes"),
        r"expected a race of the event \(classic, modern\), got old",
    ),
    "a crew of another race": (
        ("cancel", "PC1", "--race", "modern", "--start-number", "1", *BY, "--yes"),
        "crew 1 drives race classic, not modern",
    ),
    "a miss of nobody's crew": (("miss", "99", "CO1", *BY, "--yes"), "expected the start number of an entry, got 99"),
    "a penalty of no article": (
        ("penalty", "1", "PC1", "100", *BY, "--yes"),
        "expected --article with a penalty that the rule book does not name",
    ),
    "a penalty that is a gain": (
        ("penalty", "1", "PC1", "-5", "--article", "9", *BY, "--yes"),
        "expected POINTS as a number from 0 to 10000000, got -5",
    ),
    "out of another event": (("exclude", "1", "PC9", *BY, "--yes"), "expected a control of the event"),
    "gone from another event": (("retire", "99", *BY, "--yes"), "expected the start number of an entry, got 99"),
    "back, though never out": (
        ("reinstate", "1", "CO1", *BY, "--yes"),
        "crew 1 is out by no decision from CO1 on; where the rule book excluded it",
    ),
    "back at a price, though never out": (
        ("reinstate", "1", "CO1", "--points", "100", *BY, "--yes"),
        r"The points of amendment \w+ \(reinstate\) are not used: the rule book does not exclude crew 1 from CO1 on",
    ),
    "a time that is not there": (
        ("confirm", "11", "PC1", *BY, "--yes"),
        "expected a time of crew 11 at PC1 to confirm, got none: no passage at A1",
    ),
    "an amendment of another event": (
        ("withdraw", "abc", *BY, "--yes"),
        "expected one amendment whose id begins with abc, got none",
    ),
    "asked at no time": (
        ("confirm", "1", "PC1", *BY, "--yes", "--received", "noon"),
        "expected --received as local time HH:MM:SS.cc, up to 47:59:59.99 .*, or as 2027-05-23T10:05:58.60, got noon",
    ),
}


@pytest.mark.parametrize(("words", "says"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_is_said_in_one_line_and_stores_nothing(desk, words: tuple[str, ...], says: str) -> None:
    done = desk("amend", *words)
    assert isinstance(done.exception, DecisionError)
    assert re.match(says, str(done.exception))
    assert "\n" not in str(done.exception)
    assert json.loads(desk("amend", "list", "--json").output) == []


def test_a_passage_of_nobody_has_no_crew_to_swap(desk) -> None:
    assert desk("amend", "insert", "A3", "09:40:00", "--source", "watch", *BY, "--yes").exit_code == 0
    done = desk("amend", "swap", "A3@09:15:42.50", "A3@09:40:00", *BY, "--yes")
    assert str(done.exception) == "passage A3@09:40:00 is no crew's: give it to one with attribute"


def test_every_kind_of_amendment_is_refused_somewhere() -> None:
    assert {words[0] for words, _ in REFUSED.values()} == KINDS.keys()


def test_an_average_that_nothing_gives_is_refused(desk) -> None:
    assert desk("amend", "void", "A2@09:17:30.02", *BY, "--yes").exit_code == 0
    done = desk("amend", "average", "3", "PC1", *BY, "--yes")
    assert str(done.exception) == (
        "no average of its series can be formed for crew 3 at PC1, without a time: PC2 (no passage at A2); "
        "try insert the time that another device or a sheet has; nothing was stored"
    )
    assert len(json.loads(desk("amend", "list", "--json").output)) == 1


def test_an_inserted_passage_shows_its_instant(desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    said = "insert: a passage at A2 at 09:20:30.07 by second device"
    assert said in desk("amend", "insert", "A2", "09:20:30.07", "--source", "second device", *BY, "--yes").output
    assert said in desk("amend", "list").output


def test_a_narrow_terminal_lists_decisions_as_lines(desk, monkeypatch: pytest.MonkeyPatch) -> None:
    told = json.loads(desk("amend", "confirm", "1", "PC2", *BY, "--yes", "--json").output)
    monkeypatch.setenv("COLUMNS", "50")
    monkeypatch.setattr(TextConsole, "is_terminal", property(lambda _: True))
    assert f"\n{told['amendment']['id']}\n  when: 20" in desk("amend", "list").output


def test_a_list_of_decisions_says_where_when_and_whose(desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    voided = desk("amend", "void", "A2@09:17:30.02", *BY, "--yes")
    assert "void: passage A2 at 09:17:30.02 does not count; it was crew 3's" in voided.output
    assert '3,Crew 3,"PC1, PC2"' in desk("register", "--csv").output
    assert desk("amend", "attribute", "A1@09:15:00.00", "1", *BY, "--yes").exit_code == 0
    swapped = desk("amend", "swap", "A3@09:15:42.50", "A3@09:16:42.50", *BY, "--yes")
    both = "passage A3 at 09:15:42.50 is crew 2's and A3 at 09:16:42.50 is crew 1's"
    assert both in swapped.output
    listed = desk("amend", "list").output
    for said in ("A2 at 09:17:30.02 does not count; it was crew 3's", "passage A1 at 09:15:00.00 is crew 1's", both):
        assert said in listed
    assert [one.get("passage", "")[:5] for one in json.loads(desk("amend", "list", "--json").output)] == ["load:"] * 3


def test_a_passage_that_does_not_count_is_called_so(desk) -> None:
    assert desk("amend", "void", "A2@09:17:30.02", *BY, "--yes").exit_code == 0
    (one,) = json.loads(desk("amend", "list", "--json").output)
    for words in (
        ("void", "A2@09:17:30"),
        ("attribute", one["passage"], "3"),
        ("swap", "A2@09:15:30.05", "A2@09:17:30.02"),
    ):
        assert str(desk("amend", *words, *BY, "--yes").exception) == (
            f"passage A2 at 09:17:30.02 does not count by amendment {one['id']}: withdraw that first"
        )


def test_every_kind_of_amendment_has_a_verb() -> None:
    assert set(amend.commands) == {*KINDS, "list", "accept"}


# name: (answer, what is said last, how many are stored)
ANSWERS = {"no": ("n", "error: not confirmed; nothing was stored", 0), "yes": ("y", "stored as amendment", 1)}


@pytest.mark.parametrize(("answer", "ends", "stored"), ANSWERS.values(), ids=ANSWERS)
def test_the_effect_is_shown_before_it_is_confirmed(desk, tmp_path: Path, answer, ends: str, stored: int) -> None:
    master, slave = os.openpty()
    os.write(master, f"{answer}\n".encode())
    words = ["amend", "cancel", "PC1", "--race", "classic", *BY, "--event", str(tmp_path)]
    run = [sys.executable, "-c", "from centesimo.commands.main import main; main()", *words]
    done = subprocess.run(run, stdin=slave, capture_output=True, text=True, check=False, timeout=120)
    for end in (master, slave):
        os.close(end)
    said = done.stdout + done.stderr
    shown = [said.index(what) for what in ("Scores that change", "Rankings that change", "Store this decision?", ends)]
    assert shown == sorted(shown)
    assert len(json.loads(desk("amend", "list", "--json").output)) == stored


def test_only_a_time_that_is_there_is_confirmed(desk) -> None:
    assert desk("amend", "void", "A2@09:17:30.02", *BY, "--yes").exit_code == 0
    done = desk("amend", "confirm", "3", "PC1", *BY, "--yes")
    assert str(done.exception) == (
        "expected a time of crew 3 at PC1 to confirm, got none: no passage at A2; nothing was stored"
    )
    assert desk("amend", "confirm", "1", "PC1", *BY, "--yes").exit_code == 0


def test_a_missed_control_costs_what_the_book_or_the_official_says(desk) -> None:
    done = desk("amend", "miss", "1", "CO1", *BY, "--yes")
    assert str(done.exception) == (
        "expected --points with a missed CO1: the rule book does not say what that costs; nothing was stored"
    )
    done = desk("amend", "miss", "1", "CO1", *BY, "--yes", "--points", "250")
    assert "25.00 \u2192 275.00" in done.output  # totals have the decimals of the ranking: 25 before


def test_a_cancellation_says_which_fixed_penalties_stay(desk) -> None:
    fine = ("amend", "penalty", "1", "PC1", "100", "--article", "9", *BY, "--yes")
    assert desk(*fine).exit_code == 0
    assert "Fixed penalties stay: crew 1 100 at PC1." in desk("amend", "cancel", "PC1", *BY, "--yes").output
    assert "Fixed penalties stay: crew 1 200 at PC1." in desk(*fine).output


@pytest.mark.parametrize(
    "words", [("retire", "Crew 3"), ("attribute", "A1@09:15", "3.5"), ("cancel", "PC1", "--start-number", "-3")]
)
def test_what_is_no_start_number_is_told(desk, words: tuple[str, ...]) -> None:
    done = desk("amend", *words, *BY, "--yes")
    assert done.exit_code == 2
    assert f'expected a start number, as 34, got "{words[-1]}"; nothing was stored' in done.output


def test_without_a_terminal_a_decision_is_shown_and_not_stored(desk) -> None:
    done = desk("amend", "insert", "A2", "09:20:30.07", "--source", "watch", *BY)
    assert done.exit_code == 1
    assert str(done.exception) == "nothing was stored: expected a terminal to confirm this at, or --yes with it"
    assert done.output.splitlines() == [
        "insert: a passage at A2 at 09:20:30.07 by watch",
        "No ranking changes.",
        "A finding more: A2 at 09:20:30.07: fits no crew.",
    ]
    assert json.loads(desk("amend", "list", "--json").output) == []


def test_what_a_decision_settles_is_shown(desk) -> None:
    assert desk("amend", "insert", "A2", "09:20:30.07", "--source", "watch", *BY, "--yes").exit_code == 0
    void = json.loads(desk("amend", "list", "--json").output)[0]["id"]
    done = desk("amend", "withdraw", void, *BY, "--yes")
    assert "\nA finding less: A2 at 09:20:30.07: fits no crew.\n" in done.output
    assert "A finding more" not in done.output


@pytest.mark.parametrize(("also", "stored"), [((), False), (("--yes",), True)], ids=["not confirmed", "stored"])
def test_json_says_whether_a_decision_was_stored(desk, also: tuple[str, ...], stored: bool) -> None:
    told = json.loads(desk("amend", "retire", "3", "PC2", *BY, "--json", *also).output)
    assert told["stored"] is stored
    assert [one["control"] for one in told["rescored"]] == ["PC2"]
    assert [one["kind"] for one in told["findings"]] == ["amendment"]
    (line,) = told["met"]
    assert line == "Warning: crew 3 was seen there: A3 at 09:17:42.50. That is a finding as long as it is so."
    assert len(json.loads(desk("amend", "list", "--json").output)) == stored


def test_a_period_that_holds_nothing_does_not_look_like_success(desk) -> None:
    done = desk("amend", "shift", "00000000000000a1", "09:00", "10:00", "-1.5", *BY, "--yes")
    shift, warning, unmoved, finding, stored = done.output.splitlines()
    assert shift.startswith(f"shift: the times of board {BRIDGE} are put 1.5 s earlier from 2027-05-23 09:00:00")
    assert warning == (
        f"Warning: board {BRIDGE} has no passage with a time yet. Stored, this changes nothing, and is a "
        "finding as long as that is so."
    )
    assert unmoved == "No ranking changes."
    assert finding.endswith(f"changes nothing: board {BRIDGE} has no passage with a time yet.")
    assert stored.endswith("; it changes nothing yet")


def test_json_is_all_that_stands_on_the_output_when_it_is_asked(desk, tmp_path: Path) -> None:
    master, slave = os.openpty()
    os.write(master, b"y\n")
    words = ["amend", "confirm", "1", "PC1", *BY, "--json", "--event", str(tmp_path)]
    run = [sys.executable, "-c", "from centesimo.commands.main import main; main()", *words]
    done = subprocess.run(run, stdin=slave, capture_output=True, text=True, check=False, timeout=120)
    for end in (master, slave):
        os.close(end)
    assert (json.loads(done.stdout)["stored"], "Store this decision?" in done.stderr) == (True, True)


# name: (words, what is missing)
MISSING = {
    "nearly all": (("insert", "A2"), "TIME, --source, --who, --why"),
    "all": (("shift",), "BOARD, FROM, TO, SECONDS, --who, --why"),
    "who and why": (("confirm", "1", "PC1"), "--who, --why"),
    "one": (("retire", "--who", "c", "--why", "w"), "START_NUMBER"),
}


@pytest.mark.parametrize(("words", "missing"), MISSING.values(), ids=MISSING)
def test_all_that_is_missing_is_told_at_once(desk, words: tuple[str, ...], missing: str) -> None:
    done = desk("amend", *words)
    assert done.exit_code == 2
    assert done.output.splitlines()[-1] == f"Error: Missing {missing}; nothing was stored."


HOURS = {
    "on the day of the only leg": ("09:50", "2027-05-23T09:50:00"),
    "in the night after it": ("24:10:05", "2027-05-24T00:10:05"),
    "with its date": ("2027-05-24T00:10:05.50", "2027-05-24T00:10:05.5"),
}


@pytest.mark.parametrize(("written", "expected"), HOURS.values(), ids=HOURS)
def test_a_local_time_is_on_the_day_of_its_leg_or_on_the_date_given(desk, written: str, expected: str) -> None:
    assert desk("amend", "insert", "A2", written, "--source", "watch", *BY, "--yes").exit_code == 0
    (one,) = json.loads(desk("amend", "list", "--json").output)
    assert shown_at(EVENT, one["passed_at_ns"]).startswith(expected)
