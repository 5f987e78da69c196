"""What hurt a desk on the day, each as it went wrong and what is right: one command, one sentence, one question."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from centesimo.commands import take_decision
from centesimo.commands.main import centesimo
from tests.events import FILES, write
from tests.sheet_day import ROWS, load_rows, make
from tests.test_driven_legs import two_days

HEAD = "timing_point,start_number,time_of_day,source,uncertainty_s\n"
BY = ["--who", "Clerk", "--why", "seen", "--yes"]


def run(folder: Path, *words: str) -> Result:
    """Run a verb in the folder, without naming it on the command line."""
    return CliRunner().invoke(centesimo, list(words), env={"CENTESIMO_EVENT": str(folder)})


def sheet(folder: Path, name: str, rows: str) -> str:
    """Write a sheet of passages and return its path."""
    (folder / name).write_text(HEAD + rows, encoding="utf-8")
    return str(folder / name)


def test_a_board_that_was_collected_at_noon_is_one_question(tmp_path: Path) -> None:
    write(tmp_path, two_days())
    kept = ("C1", "A1", "A2,1,", "A3,1,")
    load_rows(tmp_path, "".join(f"{row}\n" for row in ROWS.splitlines() if row.startswith(kept)))
    second_day = f"{HEAD.strip()},leg\nB1,1,09:10:00,hand,0,L2\nB1,2,09:11:00,hand,0,L2\n"
    (tmp_path / "day2.csv").write_text(second_day, encoding="utf-8")
    assert run(tmp_path, "load", str(tmp_path / "day2.csv")).exit_code == 0
    asked = json.loads(run(tmp_path, "questions", "--json").output)
    texts = [question["text"] for question in (asked["questions"] if isinstance(asked, dict) else asked)]
    assert texts == [
        "A2 has nothing after 09:15:30.03, when 4 crews were still to come: "
        "is board A1 A2 Bridge (00000000000000a1) collected to "
        "the end?",
        "A3 has nothing after 09:15:42.28, when 4 crews were still to come: "
        "is board A3 Church (00000000000000a2) collected to "
        "the end?",
    ]


def test_who_never_started_did_not_start(tmp_path: Path) -> None:
    make(tmp_path)
    said = run(tmp_path, "amend", "retire", "3", *BY)
    assert "retire: crew 3 did not start" in said.output
    (classic,) = json.loads(run(tmp_path, "ranking", "--json", "--race", "classic").output)
    last = classic["lines"][-1]
    assert (last["start_number"], last["position"], last["status"]) == (3, None, "did not start")
    assert {score["status"] for score in last["scores"]} == {"dns"}
    assert "Crew 3" not in run(tmp_path, "questions").output
    assert run(tmp_path, "publish").exit_code == 0
    page = (tmp_path / "results" / "classic-leg-L1.html").read_text(encoding="utf-8")
    assert "DNS: did not start" in page
    assert "Crew 3 was not seen" not in page


def test_who_gave_up_later_has_retired(tmp_path: Path) -> None:
    make(tmp_path)
    assert "crew 3 has retired from PC1 on" in run(tmp_path, "amend", "retire", "3", "PC1", *BY).output
    (classic,) = json.loads(run(tmp_path, "ranking", "--json", "--race", "classic").output)
    assert classic["lines"][-1]["status"] == "retired"


# name: (words before the verb's own, what the suggested command ends with)
PLACES = {
    "the environment names the event": ([], '--who NAME --why "..."'),
    "the command line names it": (["--event", "{}"], '--who NAME --why "..." --event {}'),
}


@pytest.mark.parametrize(("words", "ends"), PLACES.values(), ids=PLACES)
def test_a_suggested_command_can_be_copied(tmp_path: Path, words: list[str], ends: str) -> None:
    folder = make(tmp_path / "my event")
    quoted = f"'{folder}'"
    given = [word.format(folder) for word in words]
    shown = " ".join(run(folder, "questions", *given).output.split())
    assert ends.format(quoted) in shown


def test_a_file_is_called_by_its_name(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    assert run(tmp_path, "load", sheet(tmp_path, "wrong.csv", "A1,1,09:15:00.005,hand,0.001\n")).exit_code == 0
    assert "what the file wrong.csv (" in run(tmp_path, "amend", "take-back", "wrong.csv", *BY).output
    assert "wrong.csv (" in run(tmp_path, "amend", "list").output
    assert run(tmp_path, "load", sheet(tmp_path, "right.csv", "A1,1,09:15:01.005,hand,0.001\n")).exit_code == 0
    assert "loaded file       right.csv (" in run(tmp_path, "explain", "1", "PC1").output


def test_what_a_file_that_was_taken_back_had_is_new_again(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    shared, wrong, right = "C1,1,09:10:20,hand,0\n", "A2,1,09:15:00.01,hand,0\n", "A1,1,09:15:00.01,hand,0\n"
    first, second = sheet(tmp_path, "wrong.csv", shared + wrong), sheet(tmp_path, "right.csv", shared + right)
    assert "2 new passages" in run(tmp_path, "load", first).output
    assert run(tmp_path, "amend", "take-back", "wrong.csv", *BY).exit_code == 0
    loaded = run(tmp_path, "load", second).output
    assert "2 new passages" in loaded
    assert "known from before" not in loaded
    again = run(tmp_path, "load", first).output
    assert "this file was taken back: it counts again when that amendment is withdrawn" in again


def test_of_two_named_passages_the_one_that_fits_the_trial_stays(tmp_path: Path) -> None:
    """Crew 2 was due at A1 at 09:16:00 and came at 09:22:00; a line of another car names it at 09:17:30."""
    write(tmp_path, FILES)
    rows = "A1,2,09:22:00,hand,0\nA1,2,09:17:30,hand,0\nA2,2,09:22:30,hand,0\nA3,2,09:22:42.25,hand,0\n"
    assert run(tmp_path, "load", sheet(tmp_path, "sheet.csv", rows)).exit_code == 0
    asked = run(tmp_path, "questions", "--ended", "--all").output
    assert "Crew 2 is named at A1 at 09:17:30.00, which gives no time: does that not count?" in " ".join(asked.split())


def test_two_decisions_at_once_are_two_decisions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the first one is being confirmed, somebody else cancels another control."""
    make(tmp_path)
    calls = iter((["amend", "cancel", "PC2", *BY], []))

    def confirmed(options: take_decision.DecisionOptions) -> str:
        words = next(calls)
        if words:
            monkeypatch.setattr(take_decision, "_unconfirmed", lambda options: "")
            assert run(tmp_path, *words).exit_code == 0
            monkeypatch.setattr(take_decision, "_unconfirmed", confirmed)
        return ""

    monkeypatch.setattr(take_decision, "_unconfirmed", confirmed)
    done = run(tmp_path, "amend", "penalty", "12", "PC1", "100", "--article", "art. 1", *BY)
    assert done.exit_code == 0, done.output
    kinds = [decision["kind"] for decision in json.loads(run(tmp_path, "amend", "list", "--json").output)]
    assert sorted(kinds) == ["cancel", "penalty"]


def test_several_files_are_loaded_at_once(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    first = sheet(tmp_path, "first.csv", "A1,1,09:15:00.005,hand,0.001\n")
    second = sheet(tmp_path, "second.csv", "A2,1,09:15:30.005,hand,0.001\nA3,1,09:15:42.255,hand,0.001\n")
    done = run(tmp_path, "load", first, second)
    assert "first.csv: 1 new passage\n" in done.output
    assert "second.csv: 2 new passages\n" in done.output
    assert [one["known"] for one in json.loads(run(tmp_path, "load", first, second, "--json").output)] == [1, 2]


def test_a_request_came_on_the_day_of_its_control(tmp_path: Path) -> None:
    make(tmp_path, two_days())
    done = run(tmp_path, "amend", "confirm", "1", "PC1", *BY, "--received", "11:20")
    assert done.exit_code == 0, str(done.exception)
    (row,) = json.loads(run(tmp_path, "register", "--json").output)
    assert row["received_at_ns"] == 1_811_064_000_000_000_000  # 11:20 in Rome is 09:20 UTC
