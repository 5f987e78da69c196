"""What a set time or a due time is made of, told to a crew."""

import re
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal

import pytest

from centesimo.compute import Facts, compute, decisions_of, rulebooks
from centesimo.explain import explain
from centesimo.explain.totals import in_totals
from centesimo.model.facts import SCORED, Score
from centesimo.rank import rankings
from tests.golden_day import decisions, event, recorded, truth
from tests.scoring import book, crew, time_control, trial
from tests.scoring import event as one_race

# (start number, control): how the set time follows. The golden event's numbers, by hand.
SET = {
    (1, "PC1"): [],
    (1, "PM1.1"): ["1500 m at 40 km/h (A) or 50 km/h (B), rounded half up to 1 s, class B"],
    (1, "PM2.2"): ["1500 m at 36 km/h, rounded half up to 0.1 s"],
    (3, "CO1"): ["first start 09:00:00, place 3 in the start order, 60 s apart, 10 min after the start"],
    (3, "CO2"): ["first start 09:00:00, place 3 in the start order, 60 s apart, 60 min 30 s after the start"],
    # At CO2 crew 8's LATE_MIN[(24 + 7 + 1) % 10] is 0, crew 9's [(27 + 8) % 10] -1, crew 10's [(30 + 8) % 10] 0;
    # crew 12 has [(36 + 8) % 10] 0 and crew 42 [(126 + 8) % 10] 0, crew 5 [(15 + 8) % 10] 1.
    (12, "CO3"): ["first start 09:00:00, place 12 in the start order, 60 s apart, 75 min after the start"],
    (9, "CO9"): [
        "first start 09:00:00, place 9 in the start order, 60 s apart, 75 min after the start, "
        "2 min given at CO4 (stopped at a crossing)"
    ],
    (40, "CO6"): ["first start 09:00:00, place 1 in the start order, 60 s apart, 60 min after the start"],
    (1, "CT1"): [],
}


@pytest.fixture(scope="module")
def golden():
    """Return the golden event with its scores by crew and control."""
    true = truth()
    outcome = compute(Facts(event(), (), {}, tuple(recorded(true)), tuple(decisions(true))))
    return event(), {(one.start_number, one.control): one for one in outcome.scores}


@pytest.mark.parametrize(("key", "expected"), SET.items(), ids=[f"{n} {c}" for n, c in SET])
def test_what_a_set_time_is_made_of(golden, key: tuple[int, str], expected: list[str]) -> None:
    road, scores = golden
    facts = explain(road, rulebooks(road)[scores[key].race], scores[key]).facts
    assert [one.text for one in facts if one.key == "set_by"] == expected


def test_lateness_that_a_new_card_carried_on_is_told(golden) -> None:
    road, scores = golden
    late = [n for n in range(1, 41) if (scores[n, "CO2"].deviation or 0) > 0 and (n, "CO3") in scores]
    for number in late:
        score = scores[number, "CO3"]
        (told,) = [one.text for one in explain(road, rulebooks(road)["classic"], score).facts if one.key == "set_by"]
        assert told.endswith(f"{scores[number, 'CO2'].deviation} min late at a new time card before")
    assert late


COUNTED = re.compile(
    r"(?P<of>.+): (?P<counted>\S+)(?P<out> \(discarded\))? of net (?P<net>\S+), coefficient (?P<factor>\S+)"
    r"(?: of (?P<part>\S+) alone \(.*\))?, total (?P<total>\S+), .*"
)


def test_the_net_of_every_crew_is_the_sum_of_what_explain_shows() -> None:
    """Every kind of control and of decision is in it: each score explains itself, in its leg and over all legs."""
    true, road = truth(), event()
    outcome, books = compute(Facts(road, (), {}, tuple(recorded(true)), tuple(decisions(true)))), rulebooks(road)
    sums: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
    nets: dict[tuple[int, str], Decimal] = {}
    discarded = 0
    for score in outcome.scores:
        decided = decisions_of(road, outcome, score)
        found = explain(road, books[score.race], score, (), decided, outcome.rankings)
        assert found.lines()
        ((*said,),) = [one.value for one in found.facts if one.key == "counts"]
        assert len(said) == 2
        for one in map(COUNTED.fullmatch, said):
            assert one
            key = score.start_number, one["of"]
            sums[key] += Decimal(0) if one["counted"] == "nothing" else Decimal(one["counted"])
            assert nets.setdefault(key, Decimal(one["net"])) == Decimal(one["net"])
            part = Decimal(one["part"] or one["net"])
            reckoned = part * Decimal(one["factor"]) + Decimal(one["net"]) - part
            total = Decimal(one["total"])
            assert total.quantize(total, ROUND_HALF_UP) == reckoned.quantize(total, ROUND_HALF_UP)
            discarded += bool(one["out"])
    assert sums == nets
    assert discarded > 100


# A car of 1937 has 40 and a fixed penalty of 300 at a trial, and 100 on its card. What the coefficient multiplies:
# (keys of the rule book, how the card counts). By hand: 440 x 1.37 = 602.80, 340 x 1.37 = 465.80, 140 x 1.37 = 191.80.
MULTIPLIED = {
    "all": ("", "440, coefficient 1.37, total 602.80, place 1"),
    "the trials": (
        '[coefficient]\non = ["timed_trial"]',
        "440, coefficient 1.37 of 340 alone (340 x 1.37 + 100), total 565.80, place 1",
    ),
    "no fixed penalty": (
        '[fixed_penalties]\ncoefficient = "none"',
        "440, coefficient 1.37 of 140 alone (140 x 1.37 + 300), total 491.80, place 1",
    ),
    "the trials, no fixed penalty": (
        '[coefficient]\non = ["timed_trial"]\n[fixed_penalties]\ncoefficient = "none"',
        "440, coefficient 1.37 of 40 alone (40 x 1.37 + 400), total 454.80, place 1",
    ),
}


@pytest.mark.parametrize(("keys", "expected"), MULTIPLIED.values(), ids=MULTIPLIED)
def test_what_the_coefficient_multiplies_is_told(keys: str, expected: str) -> None:
    road = one_race((trial("PC1", "A1", "A2", 1000), time_control("CO1", "C1", 600)), (crew(1, 1937),))
    scores = [
        Score("R", control, 1, SCORED, "", None, None, 0, Decimal(penalty), "", "", (), (), Decimal(fixed))
        for control, penalty, fixed in (("PC1", 340, 300), ("CO1", 100, 0))
    ]
    rules = book(f"{keys}\n")
    found = rankings(road, {"R": rules}, scores)
    assert list(in_totals(found, scores[1])) == [f"Leg 1: 100 of net {expected}"]
