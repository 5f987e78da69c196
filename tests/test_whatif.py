"""What the ranking would be, and further rankings, by the commands: passages timed by hand, nothing written."""

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from centesimo.check import event_from_files
from centesimo.commands.main import centesimo
from centesimo.commands.whatif import by
from centesimo.compute import Computation, Facts, compute
from centesimo.decide.whatif import Supposed, SupposedLine, supposed_lines, whatif
from centesimo.model.errors import TimingError
from centesimo.model.facts import SCORED
from centesimo_protocol import record
from tests.events import FILES, FIRST_AT_NS, changed, event, write
from tests.sheet_day import make

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


# Crew 3 was not seen at A2: PC1 and PC2 are open, its total is the 0 of its time control. name: (what is supposed, its
# line and what stands below).
UNSETTLED = {
    "one trial less": (
        ("--cancel", "PC2"),
        ["–", "–", "3", "Crew 3", "0.00, 1 open", "0.00, 2 open"],
        "Open would be: 3. Such a total is what is settled so far; it has no place.",
    ),
    "both": (
        ("--cancel", "PC1", "--cancel", "PC2"),
        ["1", "–", "3", "Crew 3", "0.00", "0.00, 2 open", "gets a place"],
        "3 of 3 crews would have another place or total.",
    ),
}


@pytest.mark.parametrize(("arguments", "line", "last"), UNSETTLED.values(), ids=UNSETTLED)
def test_a_total_of_which_something_is_open_says_so(tmp_path: Path, arguments: tuple, line: list, last: str) -> None:
    folder = make(tmp_path)
    said = run(folder, "whatif", "--race", "classic", *arguments).rstrip().splitlines()
    assert [re.split(r"\s{2,}", one.strip()) for one in said if "Crew 3" in one] == [line]
    assert said[-1] == last
    (found,) = json.loads(run(folder, "whatif", "--race", "classic", "--json", *arguments))
    (third,) = [one for one in found["lines"] if one["start_number"] == 3]
    assert (third["open"], third["would_be_open"]) == (2, 2 - len(arguments) // 2)


def test_what_is_open_now_and_would_be_is_counted() -> None:
    # The car is crew 1's from 0.5 on, and nobody's yet at 0.99; the crew's card is not there.
    facts = driven((1, 930), (1, 930.2), (2, 960), (2, 960.2))
    now, then = compute(facts, "PC1", 0.5), compute(facts, "PC1", 0.99)
    row = next(one for one in supposed_lines(now.rankings[0], then.rankings[0]) if one.start_number == 1)
    assert (row.open, row.would_be_open) == (1, 2)


# (place that it would have, that it has, what is said)
PLACES = [(1, 3, "up 2"), (3, 1, "down 2"), (2, 2, ""), (None, 4, "loses its place"), (4, None, "gets a place")]


@pytest.mark.parametrize(("would_be", "position", "said"), [*PLACES, (None, None, "")])
def test_how_a_crew_would_move(would_be: int | None, position: int | None, said: str) -> None:
    row = SupposedLine(1, "Crew 1", position, Decimal(0), "", would_be, Decimal(0), "", 0, 0)
    assert by(row) == said


BOARD, SYNCED_S = "00000000000000a1", FIRST_AT_NS // 1_000_000_000  # its counter is 0 at the leg's 09:00:00


def driven(*contacts: tuple[int, float]) -> Facts:
    """Return the small event with contacts (input, seconds after 09:00:00) on its first board."""
    anchors = [record.Anchor(1 + at, 1, at * 1_800_000_000, SYNCED_S + at * 1800, 1, 100, 8, 18, 0, 0) for at in (0, 1)]
    its = [
        record.Edge(3 + place, 1, round(at_s * 1_000_000), input_, count, record.LOCKED, 0, 2)
        for place, (input_, at_s) in enumerate(contacts)
        for count in [sum(one[0] == input_ for one in contacts[: place + 1])]
    ]
    return Facts(event(), (), {BOARD: [record.pack(one) for one in (*anchors, *its)]}, ())


# Two contacts at A1 1.2 s apart: within axle_ms (1500) one slow car, else two cars. Ten ms: within bounce_ms (25) one
# contact. What is supposed, the contacts at A1, and the passages there as (seconds after 09:00:00, edges).
LOCKED_OUT = {
    "as it is": (Supposed(), (900, 901.2), [(900, 2)]),
    "shorter than the gap": (Supposed(axle_ms=(("A1", 1000),)), (900, 901.2), [(900, 1), (901.2, 1)]),
    "of another point": (Supposed(axle_ms=(("A2", 1000),)), (900, 901.2), [(900, 2)]),
    "as long as the gap": (Supposed(axle_ms=(("A1", 1200),)), (900, 901.2), [(900, 2)]),
    "a bounce of two cars' axles": (Supposed(axle_ms=(("A1", 5),)), (900, 900.01), [(900, 2)]),
    "no bounce": (Supposed(bounce_ms=(("A1", 5),), axle_ms=(("A1", 5),)), (900, 900.01), [(900, 1), (900.01, 1)]),
}


@pytest.mark.parametrize(("supposed", "contacts", "expected"), LOCKED_OUT.values(), ids=LOCKED_OUT)
def test_another_lock_out_makes_other_passages_of_the_same_edges(
    supposed: Supposed, contacts: tuple[float, ...], expected: list[tuple[float, int]]
) -> None:
    found = whatif(driven(*((1, at_s) for at_s in contacts)), supposed).passages
    assert [(((one.at_ns or 0) - FIRST_AT_NS) / 1e9, len(one.edges)) for one in found] == expected


def test_a_lower_threshold_settles_what_is_doubtful() -> None:
    # One car, 30 s late for crew 1 and 30 s early for crew 2, drives the 30 s of PC1 to the hundredth.
    facts = driven((1, 930), (1, 930.2), (2, 960), (2, 960.2))
    now, then = compute(facts), whatif(facts, Supposed(threshold=0.5))
    assert [one.kind for one in now.findings if one.passages] == ["doubtful"]
    assert now.attributions == ()
    assert [one.kind for one in then.findings if one.passages] == []
    assert [(one.start_number, one.passage.timing_point) for one in then.attributions] == [(1, "A1"), (1, "A2")]
    first = next(one for one in then.scores if (one.start_number, one.control) == (1, "PC1"))
    assert (first.status, first.penalty) == (SCORED, 0)


def test_the_event_sets_the_threshold() -> None:
    zone = 'timezone = "Europe/Rome"'
    facts = driven((1, 930), (1, 930.2), (2, 960), (2, 960.2))
    asked = event_from_files(changed("event.toml", zone, f"{zone}\nthreshold_percent = 50"))
    assert asked.threshold == 0.5
    assert len(compute(facts).attributions) == 0
    assert len(compute(facts._replace(event=asked)).attributions) == 2


def test_a_computation_that_goes_on_gives_what_a_cold_one_does() -> None:
    facts, warm = driven((1, 930), (1, 930.2), (2, 960), (2, 960.2)), Computation()
    for threshold in (0.99, 0.5, 0.95, 0.99):
        assert warm.outcome(facts, threshold=threshold) == compute(facts, threshold=threshold)


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


def test_teams_as_table_csv_and_json(folder: Path) -> None:
    (table,) = json.loads(run(folder, "ranking", "--ranking", "teams", "--json"))
    assert [(line["position"], line["name"], line["start_numbers"], line["total"]) for line in table["lines"]] == [
        (1, "Team East", [1], "20.00"),
        (2, "Team West", [2], "30.00"),
    ]
    assert run(folder, "ranking", "--ranking", "teams", "--csv").splitlines() == [
        "position,team,start_numbers,totals,total,gap,ahead,status",
        "1,Team East,1,20.00,20.00,0.00,0.00,",
        "2,Team West,2,30.00,30.00,10.00,10.00,",
    ]
    shown = run(folder, "ranking", "--ranking", "teams")
    assert "Team West" in shown
    assert "2 (30.00)" in shown


def test_one_control_alone(folder: Path) -> None:
    (only,) = json.loads(run(folder, "ranking", "--race", "classic", "--control", "PC1", "--json"))
    assert [(line["start_number"], line["total"]) for line in only["lines"]] == [(3, "0.00"), (2, "5.00"), (1, "20.00")]
    with pytest.raises(TimingError, match="expected a further ranking of the event"):
        run(folder, "ranking", "--ranking", "new")
