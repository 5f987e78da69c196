"""A second device, a backup sheet, a sheet on the wrong hour: nothing of it opens a crew that had its time."""

import json
import re
import shlex
from decimal import Decimal

import pytest
from click.testing import CliRunner

from centesimo.commands.main import centesimo
from centesimo.compute import Facts, compute
from centesimo.sanity import judged
from centesimo.store import STORE_NAME, Store
from centesimo.store.load_passages import load_passages
from centesimo.words.findings import sentence
from tests.events import event
from tests.sheet_day import LOADED_AT_NS, make

# What sheet_day's own docstring works out by hand.
TOTALS = {1: Decimal("4.02"), 2: Decimal("149.33"), 3: None, 11: Decimal("0.00"), 12: Decimal("6.15")}
HEADER = "timing_point,start_number,time_of_day,source,uncertainty_s\n"
# name, what a second sheet says of A1 (start number, time of day), what is said of it
AT_A1 = ((1, "09:15:00.005"), (2, "09:16:05.005"), (3, "09:17:10.005"), (11, "09:25:00.005"), (12, "09:25:40.505"))


def shifted(clock, late_cs):
    """Return a time of day later by hundredths."""
    hours, minutes, seconds = clock.split(":")
    cs = (int(hours) * 60 + int(minutes)) * 6000 + round(float(seconds) * 1000) / 10 + late_cs
    minutes, seconds = divmod(cs, 6000)
    return f"{int(minutes) // 60:02}:{int(minutes) % 60:02}:{seconds / 100:06.3f}"


def sheet(late_cs, named=True, without=()):
    """Return the rows of a second device at A1."""
    rows = [(number, shifted(clock, late_cs)) for number, clock in AT_A1 if number not in without]
    return HEADER + "".join(f"A1,{number if named else ''},{clock},backup,0.001\n" for number, clock in rows)


SHEETS = [
    ("a hundredth later, named", sheet(1), []),
    ("without start numbers", sheet(1, named=False), []),
    ("four tenths early", sheet(-40), []),
    ("of some crews only", sheet(2, without=(2, 3)), []),
    ("an hour late", sheet(360_000), ["backup is 1:00:00.00 late beside hand at A1 (5 cars on both): its times are "
                                      "only compared, less that."]),
]  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    return make(tmp_path / "event")


def outcome_with(folder, text, event_=None):
    (folder / "second.csv").write_text(text, encoding="utf-8")
    store = Store.open(folder / STORE_NAME)
    load_passages(store, event(), folder / "second.csv", LOADED_AT_NS)
    outcome = compute(facts := Facts(event_ or event(), (), {}, tuple(store.passages())))
    store.close()
    return judged(facts.event, outcome)


def totals(outcome):
    return {
        line.entry.start_number: line.total if line.position is not None else None
        for ranking in outcome.rankings if ranking.leg for line in ranking.lines
    }  # fmt: skip


@pytest.mark.parametrize(("name", "text", "clocks"), SHEETS, ids=[row[0] for row in SHEETS])
def test_a_second_source_changes_no_total(folder, name, text, clocks):
    outcome = outcome_with(folder, text)
    assert totals(outcome) == TOTALS
    texts = [sentence(finding, event()) for finding in outcome.findings]
    assert [text for text in texts if "beside hand" in text] == clocks
    assert not [finding for finding in outcome.findings if finding.where == "A1" and finding.start_number]


def test_explain_says_who_else_timed_it(folder):
    (folder / "second.csv").write_text(sheet(1), encoding="utf-8")
    runner = CliRunner()
    assert runner.invoke(centesimo, ["load", str(folder / "second.csv"), "--event", str(folder)]).exit_code == 0
    shown = runner.invoke(centesimo, ["explain", "--event", str(folder), "1", "PC1"])
    assert re.search(
        r"also timed +by backup, who names 1 at 09:15:00\.015000, 0\.010 s later; "
        r"its clock is 0\.010 s late, as 5 cars on both tell \(load:",
        shown.output,
    ), shown.output


MISSED = "A2,3,09:17:40.005\n"  # of sheet_day: crew 3 was not seen at A2, PC1 exact, PC2 275
AT_A2 = ((1, "09:15:30.035"), (2, "09:16:34.985"), (3, "09:17:40.005"), (11, "09:25:30.005"), (12, "09:26:10.555"))


def test_a_second_source_with_more_rows_at_one_point_takes_nothing_over(folder):
    """The backup has all five cars at A2, 1.3 s late; the sheet of the day lacks one there and has the other points."""
    rows = "".join(f"A2,{number},{shifted(clock, 130)},backup,0.001\n" for number, clock in AT_A2)
    outcome = outcome_with(folder, HEADER + rows)
    assert totals(outcome) == TOTALS


def test_a_time_by_a_wrong_clock_is_offered_with_what_is_wrong(folder):
    rows = "".join(f"A2,{number},{shifted(clock, 130)},backup,0.001\n" for number, clock in AT_A2)
    (folder / "second.csv").write_text(HEADER + rows, encoding="utf-8")
    runner, where = CliRunner(), ["--event", str(folder)]
    assert runner.invoke(centesimo, ["load", str(folder / "second.csv"), *where]).exit_code == 0
    asked = json.loads(runner.invoke(centesimo, ["questions", "--json", *where]).output)
    (text,) = [question["text"] for question in asked if 3 in question["start_numbers"]]
    assert text == (
        "Crew 3 has no time at A2, but backup has one at 09:17:41.30 (by a clock that is 1.300 s late there, as 4 cars "
        "tell: shift-file its file first): is it its own?"
    )


@pytest.mark.parametrize("named", [True, False])
def test_what_only_the_second_source_has_is_one_question_and_one_decision(folder, named):
    """The main sheet lacks crew 3 at A2; the backup has it: given to the crew, PC1 is exact, PC2 2.75 s early."""
    rows = "".join(f"A2,{number if named else ''},{clock},backup,0.001\n" for number, clock in AT_A2)
    (folder / "second.csv").write_text(HEADER + rows, encoding="utf-8")
    event_toml = (folder / "event.toml").read_text(encoding="utf-8")
    (folder / "event.toml").write_text(
        event_toml.replace('id = "A2"\n', 'id = "A2"\ncounts = "hand"\n', 1), encoding="utf-8"
    )
    runner, where = CliRunner(), ["--event", str(folder)]
    assert runner.invoke(centesimo, ["load", str(folder / "second.csv"), *where]).exit_code == 0
    asked = runner.invoke(centesimo, ["questions", "--json", *where])
    (question,) = [asking for asking in json.loads(asked.output) if 3 in asking["start_numbers"]]
    assert question["text"] == ("Crew 3 has no time at A2, but backup has one at 09:17:40.00: is it its own?")
    command = shlex.split(question["command"].replace("NAME", "Clerk").replace("...", "backup"))
    assert command[:3] == ["centesimo", "amend", "attribute"]
    assert runner.invoke(centesimo, [*command[1:], *where, "--yes"]).exit_code == 0
    ranking = json.loads(runner.invoke(centesimo, ["ranking", "--json", *where]).output)
    lines = {line["start_number"]: line["total"] for race in ranking for line in race["lines"]}
    assert lines[3] == "415.25"  # as sheet_day works it out
