"""An assigned average walked back: the trials that it was taken of, each down to its own edges, and the rounding."""

import re
from decimal import ROUND_HALF_UP, Decimal

import pytest

from centesimo.compute import Facts, compute, decisions_of, rulebooks
from centesimo.explain import explain
from centesimo.explain.averaged import Operand, averaged
from centesimo.model.facts import SCORED
from centesimo.score import score
from tests.golden_day import decisions, event, recorded, truth
from tests.scoring import book, passing
from tests.scoring import event as one_race
from tests.test_amend_scores import CENT, CHAIN, FINE, FLAT, PC1, PC2, PC3, decided

AVERAGE = decided("average")
DEAR = decided("penalty", 100, control="PC2", id="c")
# name: (rule book, passages, decisions, how the average of PC1 is reckoned, the trials that it was taken of).
# PC2 is 3/100 s late and PC3 6/100 s late; by hand.
TOTALS, BOTH = "(rounded as totals are: 2 decimals, half up)", ["PC2", "PC3"]
CLOSER = [*CHAIN[:2], passing("C1", "20.052")]  # PC3 is 2/100 s late
EVEN = '[total]\ndecimals = 0\nrounding = "half even"\n'
BESIDE = "; with fixed penalties of 100: 104.5"
OF_PC2 = decided("average", control="PC2", id="b")
RECKONED = {
    "of two": (FLAT, CHAIN, [AVERAGE], f"(3 + 6) / 2 = 4.5 {TOTALS}", BOTH),
    "rounded": (CENT, CLOSER, [AVERAGE], f"(0.03 + 0.02) / 2 = 0.03 {TOTALS}", BOTH),
    "by another rounding": (
        *(FLAT + EVEN, CHAIN, [AVERAGE]),
        *("(3 + 6) / 2 = 4 (rounded as totals are: 0 decimals, half even)", BOTH),
    ),
    "beside a fixed penalty": (
        *(FLAT, CHAIN, [FINE, decided("average", at_ns=2)]),
        *(f"(3 + 6) / 2 = 4.5 {TOTALS}{BESIDE}", BOTH),
    ),
    "not of another average": (FLAT, CHAIN, [AVERAGE, OF_PC2], f"(6) / 1 = 6 {TOTALS}", ["PC3"]),
    "of a trial that a decision changed": (FLAT, CHAIN, [AVERAGE, DEAR], f"(103 + 6) / 2 = 54.5 {TOTALS}", BOTH),
}


def walked_back(rules, passages, decisions):
    """Return why PC1 gave crew 1 what it gave, as a person and as a program reads it."""
    road, books = one_race((PC1, PC2, PC3)), {"R": book(rules)}
    scores, _ = score(road, books, passages, decisions=decisions)
    found = averaged(road, books["R"], scores[0], scores, decisions)
    operands = [Operand(one, tuple(d for d in decisions if d.control == one.control)) for one in found]
    own = [one for one in decisions if one.control == "PC1"]
    return explain(road, books["R"], scores[0], passages, own, (), operands)


def shown(lines, name):
    """Return the values of all lines of that name."""
    return [line[18:] for line in lines if line[:18].strip() == name]


@pytest.mark.parametrize(("rules", "passages", "decisions", "how", "trials"), RECKONED.values(), ids=RECKONED)
def test_an_average_is_reckoned_for_all_to_see(rules, passages, decisions, how, trials):
    found = walked_back(rules, passages, decisions)
    assert shown(found.lines(), "average") == [how]
    assert shown(found.lines(), "averaged trial") == [f"{one}, timed trial of leg L1" for one in trials]
    assert found.as_json()["average_of"] == [one["control"] for one in found.as_json()["averaged"]] == trials


def test_each_trial_of_an_average_is_walked_back_itself():
    found = walked_back(FLAT, CHAIN, [AVERAGE, DEAR])
    lines = found.lines()
    # opened 0.002, closed 10.032: 10.03 - 0.00 - 10.00; opened 10.032, closed 20.092: 20.09 - 10.03 - 10.00
    assert shown(lines, "arithmetic")[1:] == [
        "09:00:10.03 - 09:00:00.00 - 0:10.00 = +0.03 s",
        "09:00:20.09 - 09:00:10.03 - 0:10.00 = +0.06 s",
    ]
    # PC1 has its A2 alone; then both tubes of PC2 and of PC3.
    assert [one.split()[0] for one in shown(lines, "timing point")] == ["A2", "A2", "A3", "A3", "C1"]
    assert [len(one) for one in (shown(lines, line) for line in ("crew", "race", "its digest"))] == [1, 1, 1]
    fines = [one for one in shown(lines, "amendments") if "penalty" in one]
    assert len(fines) == 1
    assert [len(one["passages"]) for one in found.as_json()["averaged"]] == [2, 2]


# name: decisions after which PC1 is no average any more.
NONE = {
    "never was": [],
    "cancelled after it": [AVERAGE, decided("cancel", at_ns=2)],
    "missed after it": [AVERAGE, decided("miss", 300, 2)],
    "the average of another trial": [OF_PC2],
}


@pytest.mark.parametrize("decisions", NONE.values(), ids=NONE)
def test_what_is_no_average_says_nothing_of_one(decisions):
    found = walked_back(FLAT, CHAIN, decisions)
    assert (shown(found.lines(), "average"), "averaged" in found.as_json()) == ([], False)


def test_every_average_of_the_golden_event_is_the_mean_of_what_explain_shows():
    true, road = truth(), event()
    outcome, books = compute(Facts(road, (), {}, tuple(recorded(true)), tuple(decisions(true)))), rulebooks(road)
    count = 0
    for one in outcome.scores:
        found = averaged(road, books[one.race], one, outcome.scores, outcome.applied.of_scores)
        decided_so = any(its.kind == "average" for its in decisions_of(road, outcome, one))
        assert bool(found) == (decided_so and one.status == SCORED)
        if found:
            mean = sum((its.penalty for its in found), Decimal(0)) / len(found)
            assert one.penalty - one.fixed == mean.quantize(Decimal("0.01"), ROUND_HALF_UP)
            assert re.search("average of ([^=]*) =", one.reason)[1] == ", ".join(its.control for its in found)
            count += 1
    assert count > 0
