"""What bench.worlds counts: bounds against Poisson's tables, bins, the picture, and a timekeeper who answers right."""

import json
from xml.etree import ElementTree

import pytest

from bench.calibration import draw, no_bins, put, together
from bench.tally import missed, upper_bound
from bench.timekeeper import settle
from bench.worlds import line, main
from simulate.people import evidence
from simulate.worlds import day

# Wrong by day, of how many in all; the bound from a table of Poisson's 95 % limits where days are alike.
BOUNDS = {
    "none wrong": ([0, 0, 0], 3.00),
    "one": ([1, 0, 0], 4.74),
    "three, one a day": ([1, 1, 1], 7.75),
    "ten, spread evenly": ([5, 5], 16.96),
    # All ten on one of ten days: a variance of 10 for a mean of 1 counts as one error ten times as large.
    "ten on one of ten days": ([10] + [0] * 9, 47.4),
}


@pytest.mark.parametrize("case", BOUNDS)
def test_the_upper_bound_is_poissons(case):
    counts, expected = BOUNDS[case]
    assert upper_bound(counts, 1000) * 1000 == pytest.approx(expected, rel=0.015)


def test_nothing_measured_bounds_nothing():
    assert upper_bound([0], 0) == 1.0


def test_bins_hold_what_was_said_and_what_was_so():
    bins = no_bins()
    for chance, is_so in ((0.995, True), (0.994, False), (0.2, False), (1.0, True)):
        put(bins, chance, is_so)
    assert [row for row in together([bins, bins]) if row[0]] == [
        [2, pytest.approx(1.6), 2],
        [4, pytest.approx(0.022), 2],
        [2, 0.0, 0],
    ]


FIGURES = {
    "evidence": "keyed-1",
    "share wrong at 0.99": 0.0,
    "share wrong at 0.999": 0.0,
    "wrong per million at 0.99": 0.0,
    "open %": 0.0,
    "ask in 1,000": 0.0,
}
MISSED = {
    "nothing": ({}, ""),
    "as far as it may go": ({"wrong per million at 0.99": 50, "open %": 0.5, "ask in 1,000": 5}, ""),
    "calibration": ({"share wrong at 0.999": 0.002}, "calibration at 0.999"),
    "all": (
        {
            "share wrong at 0.99": 0.02,
            "share wrong at 0.999": 0.02,
            "wrong per million at 0.99": 51,
            "open %": 1,
            "ask in 1,000": 6,
        },
        "calibration at 0.99, calibration at 0.999, wrong, open, asked",
    ),
    "no reach is set without lists": ({"evidence": "none", "open %": 90, "wrong per million at 0.99": 900}, ""),
    "of the first list, only what is wrong": (
        {"evidence": "first-0", "open %": 90, "wrong per million at 0.99": 501},
        "wrong",
    ),
}


@pytest.mark.parametrize("case", MISSED)
def test_a_missed_reach_is_named(case):
    changed, expected = MISSED[case]
    assert missed(FIGURES | changed) == expected


def test_a_run_is_a_line_and_a_panel(tmp_path, capsys):
    out, picture = tmp_path / "runs.jsonl", tmp_path / "calibration.svg"
    main(["--world", "sent off", "--evidence", "lists-1", "--passages", "100", "--out", str(out)])
    assert "sent off" in capsys.readouterr().out
    figures = json.loads(out.read_text())
    assert figures["passages"] >= 100
    assert sum(row[0] for row in figures["bins"]) > 0
    assert line(figures).startswith("sent off")
    main(["--out", str(out), "--picture", str(picture)])
    texts = [element.text for element in ElementTree.parse(picture).iter("{http://www.w3.org/2000/svg}text")]
    assert {"sent off", "lists-1"} <= set(texts)


def test_a_picture_has_a_dot_for_each_bin_that_tells_something(tmp_path):
    bins = no_bins()
    bins[7] = [1000, 8.0, 0]  # eight should be wrong and none was: an open dot
    bins[9] = [100_000, 50.0, 70]
    bins[12] = [3, 0.0, 0]  # too few
    run = {"world": "queue & co", "evidence": "none", "word": "", "bins": bins}
    draw([run], tmp_path / "picture.svg")
    marks = ElementTree.parse(tmp_path / "picture.svg").findall(".//{*}circle[{*}title]")
    assert [mark.get("fill") for mark in marks] == ["white", "#777777"]
    assert marks[1].find("{*}title").text == "none: of 100000 said 50.0 to be wrong, 70 were"


def test_a_timekeeper_settles_what_is_asked():
    seeds = (seed for seed in range(100) if len(day("sent off", evidence("none"), seed).event.entries) < 25)
    made = day("sent off", evidence("none"), next(seeds))
    answered = settle(made)
    assert answered.passages == sum(number is not None for number in made.truth.values())
    assert answered.open == 0
    assert answered.wrong <= answered.wrong_before + 0.005 * answered.passages
