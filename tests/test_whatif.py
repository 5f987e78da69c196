"""What the ranking would be, and further rankings, by the commands: passages timed by hand, nothing written."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from events import FILES, write

from centesimo.command import centesimo
from centesimo.errors import TimingError

FLAT = FILES["rules.toml"] + '\n[coefficient]\nkind = "none"\n'
BOOKS = {"rules.toml": FLAT, "dear.toml": FLAT.replace("[time", "[timed_trial]\nlate_per_unit = 5\n\n[time")}
CUP = '\n[[ranking]]\nid = "old"\nname = "Old cars"\nraces = ["classic"]\nyear_to = 1940\n'
CUPS = CUP + '[[ranking]]\nid = "teams"\nname = "Teams"\nraces = ["classic"]\nby = "team"\nbest = 1\n'
HEAD = "timing_point,start_number,time_of_day,source"


def clock(seconds: float) -> str:
    """Return a time of day so many seconds after 09:00."""
    minutes, rest = divmod(round(seconds * 100), 6000)
    return f"09:{minutes:02}:{rest // 100:02}.{rest % 100:02}"


# Hundredths late on PC1 and PC2 (30 s and 12.25 s): crew 1 leads with 20, then 2 with 30, then 3 with 40.
DEVIATIONS = {1: (20, 0), 2: (5, 25), 3: (0, 40)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return an event folder in whose store three crews have driven."""
    rows = [HEAD]
    for number, (first, second) in DEVIATIONS.items():
        start = 60 * (number - 1)
        opened = start + 900
        times = {"C1": start + 600, "A1": opened, "A2": opened + 30 + first / 100}
        times["A3"] = times["A2"] + 12.25 + second / 100
        rows += [f"{point},{number},{clock(at)},hand" for point, at in times.items()]
    event = FILES["event.toml"] + CUPS
    write(tmp_path, {**FILES, **BOOKS, "event.toml": event, "times.csv": "\n".join(rows) + "\n"})
    run(tmp_path, "load", str(tmp_path / "times.csv"))
    return tmp_path


def run(folder: Path, verb: str, *arguments: str) -> str:
    """Run a verb in the event folder and return what it prints."""
    done = CliRunner().invoke(centesimo, [verb, *arguments, "--event", str(folder)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def lines(folder: Path, *arguments: str) -> list[tuple[int | None, int | None, int, str, str]]:
    """Return (would be, is, start number, total would be, is) of the classic race."""
    (found,) = json.loads(run(folder, "whatif", "--race", "classic", "--json", *arguments))
    return [(r["would_be"], r["position"], r["start_number"], r["would_total"], r["total"]) for r in found["lines"]]


SUPPOSED = {
    "PC2 cancelled": (
        ("--cancel", "PC2"),
        [(1, 3, 3, "0.00", "40.00"), (2, 2, 2, "5.00", "30.00"), (3, 1, 1, "20.00", "20.00")],
    ),
    "PC1 cancelled for crew 1": (
        ("--cancel", "PC1:1"),
        [(1, 1, 1, "0.00", "20.00"), (2, 2, 2, "30.00", "30.00"), (3, 3, 3, "40.00", "40.00")],
    ),
    "both cancelled": (
        ("--cancel", "PC1", "--cancel", "PC2"),
        [(1, 1, 1, "0.00", "20.00"), (1, 2, 2, "0.00", "30.00"), (1, 3, 3, "0.00", "40.00")],
    ),
    "a dearer rule book": (
        ("--rulebook", "dear.toml"),
        [(1, 1, 1, "100.00", "20.00"), (2, 2, 2, "150.00", "30.00"), (3, 3, 3, "200.00", "40.00")],
    ),
    "a rule book of the other race": (
        ("--rulebook", "modern=dear.toml"),
        [(1, 1, 1, "20.00", "20.00"), (2, 2, 2, "30.00", "30.00"), (3, 3, 3, "40.00", "40.00")],
    ),
    "another lock-out, of passages by hand": (
        ("--bounce-ms", "A1=500", "--axle-ms", "600", "--threshold", "0.8"),
        [(1, 1, 1, "20.00", "20.00"), (2, 2, 2, "30.00", "30.00"), (3, 3, 3, "40.00", "40.00")],
    ),
}


@pytest.mark.parametrize(("arguments", "expected"), SUPPOSED.values(), ids=SUPPOSED)
def test_what_the_ranking_would_be(folder: Path, arguments: tuple[str, ...], expected: list) -> None:
    before = (folder / "centesimo.sqlite").read_bytes()
    assert lines(folder, *arguments) == expected
    assert (folder / "centesimo.sqlite").read_bytes() == before


def test_it_is_shown_side_by_side(folder: Path) -> None:
    shown = run(folder, "whatif", "--race", "classic", "--cancel", "PC2")
    assert "Classic, Leg 1: what if" in shown
    assert "3 of 3 crews would have another place or total." in shown
    assert "up 2" in shown
    assert "down 2" in shown


REFUSED = {
    "unknown control": (("--cancel", "PC9"), "expected a control of the event (CO1, PC1, PC2), got PC9"),
    "unknown crew": (("--cancel", "PC1:9"), "expected a start number of entries.csv after PC1:, got '9'"),
    "unknown race": (("--rulebook", "x=club"), "expected a race of the event (classic, modern), got x"),
    "unknown rule book": (("--rulebook", "clubb"), "clubb: expected a file of the event folder or one of"),
    "unknown point": (("--axle-ms", "X=3"), "expected a timing point of the event (A1, A2, A3, C1), got X"),
    "no number": (("--axle-ms", "1.5"), "expected whole ms from 1 to 60000, got '1.5'"),
    "number too high": (("--bounce-ms", "99999999999999"), "expected whole ms from 1 to 60000"),
}


@pytest.mark.parametrize(("arguments", "why"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_supposed(folder: Path, arguments: tuple[str, ...], why: str) -> None:
    with pytest.raises(TimingError) as refused:
        run(folder, "whatif", *arguments)
    assert str(refused.value).startswith(why)


def test_nothing_supposed_is_wrong_usage(folder: Path) -> None:
    assert CliRunner().invoke(centesimo, ["whatif", "--event", str(folder)]).exit_code == 2


def test_a_further_ranking_by_its_id(folder: Path) -> None:
    (old,) = json.loads(run(folder, "ranking", "--ranking", "old", "--json"))
    assert old["race"] == {"id": "classic-old", "name": "Classic: Old cars"}
    assert [(line["position"], line["start_number"]) for line in old["lines"]] == [(1, 1), (2, 2)]
    assert "Classic: Old cars" in run(folder, "ranking", "--ranking", "old")


def test_teams_as_table_and_json(folder: Path) -> None:
    (table,) = json.loads(run(folder, "ranking", "--ranking", "teams", "--json"))
    assert [(line["position"], line["name"], line["start_numbers"], line["total"]) for line in table["lines"]] == [
        (1, "Team East", [1], "20.00"),
        (2, "Team West", [2], "30.00"),
    ]
    shown = run(folder, "ranking", "--ranking", "teams")
    assert "Team West" in shown
    assert "2 (30.00)" in shown


def test_one_control_alone(folder: Path) -> None:
    (only,) = json.loads(run(folder, "ranking", "--race", "classic", "--control", "PC1", "--json"))
    assert [(line["start_number"], line["total"]) for line in only["lines"]] == [(3, "0.00"), (2, "5.00"), (1, "20.00")]
    with pytest.raises(TimingError, match="expected a further ranking of the event"):
        run(folder, "ranking", "--ranking", "new")
