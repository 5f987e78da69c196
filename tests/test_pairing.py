"""Passages are paired in all ways; in a crowd each pair is weighed beside its rivals, and none is sure."""

import random

import pytest

from centesimo.match import match
from centesimo.match.pairing import CROWD, beside_rivals, marginals, pairing
from centesimo.model.facts import Passage
from simulate.days import Plan, day, mistakes

Weights = list[dict[int, float]]

# name: (odds of each row's columns, of none, chances in all ways, chances beside the rivals); columns 7 and 8
CASES: dict[str, tuple[Weights, list[float], Weights, Weights]] = {
    # the pair 3, none 1; beside: 3 / (1 + 3 + 1) is more than may be said
    "one of each": ([{7: 3.0}], [1.0], [{-1: 0.25, 7: 0.75}], [{-1: 0.5, 7: 0.5}]),
    # none 1, each of the pairs 3; beside: a row's 1 + 3, and the column's 1 + 3 from the other row
    "two rows, one column": ([{7: 3.0}] * 2, [1.0] * 2, [{-1: 4 / 7, 7: 3 / 7}] * 2, [{-1: 5 / 8, 7: 3 / 8}] * 2),
    # none 1, four ways with one pair, two with two: a row has each column in 2 of 7; beside: 1 of a row's 3 and 2 more
    "two rows, two columns, all alike": (
        [{7: 1.0, 8: 1.0}] * 2,
        [1.0] * 2,
        [{-1: 3 / 7, 7: 2 / 7, 8: 2 / 7}] * 2,
        [{-1: 0.6, 7: 0.2, 8: 0.2}] * 2,
    ),
    # the other row's pair 1 beside a row's 1 + 1 and the column's 1
    "a row that has no column": (
        [{}, {7: 1.0}],
        [1.0] * 2,
        [{-1: 1.0}, {-1: 1 / 2, 7: 1 / 2}],
        [{-1: 1.0}, {-1: 2 / 3, 7: 1 / 3}],
    ),
}


@pytest.mark.parametrize(("weights", "none", "in_all_ways", "beside"), CASES.values(), ids=CASES)
def test_chances_of_pairs(weights: Weights, none: list[float], in_all_ways: Weights, beside: Weights) -> None:
    assert marginals(weights, none) == [pytest.approx(its) for its in in_all_ways]
    assert beside_rivals(weights, none) == [pytest.approx(its) for its in beside]
    assert pairing(weights, none) == marginals(weights, none)


def test_in_a_crowd_no_column_is_more_than_one_rows() -> None:
    chance = random.Random(1)
    weights = [{column: chance.lognormvariate(0, 3) for column in range(30)} for _ in range(30)]
    assert len(weights) * 30 > CROWD
    chances = pairing(weights, [0.02] * 30)
    assert all(sum(its.values()) == pytest.approx(1) and min(its.values()) >= 0 for its in chances)
    assert all(sum(its[column] for its in chances) <= 1 for column in range(30))


def test_of_a_tube_that_flutters_at_two_points_nothing_is_told_wrongly() -> None:
    """30 passages of nobody's in the minute about a crew's own, at the first two of four points."""
    chance = random.Random(1)
    made = day(Plan(7, crews=20, chains=(4,)))
    flutters = []
    for point in ("T1a", "T1b"):
        about_ns = [one.at_ns for one in made.passages if one.timing_point == point][10] or 0
        ats_ns = [about_ns + int(chance.uniform(-30, 30) * 1e9) for _ in range(30)]
        flutters += [Passage(f"{point}:flutter{at_ns}", point, at_ns, 1000, True, (), (), "board") for at_ns in ats_ns]
    made.truth |= dict.fromkeys((one.id for one in flutters), None)
    attributions, findings = match(made.event, [*made.passages, *flutters])
    assert mistakes(made, attributions) == []
    told = {one.passage.id for one in attributions} | {identity for one in findings for identity in one.passages}
    assert told == made.truth.keys()
