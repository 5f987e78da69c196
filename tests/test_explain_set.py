"""What a set time or a due time is made of, told to a crew."""

import re
from collections import defaultdict
from decimal import Decimal

import pytest
from golden_day import amendments, event, recorded, truth

from centesimo.compute import Facts, amendments_of, compute, rulebooks
from centesimo.explain import explain

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
    outcome = compute(Facts(event(), (), {}, tuple(recorded(true)), tuple(amendments(true))))
    return event(), {(one.start_number, one.control): one for one in outcome.scores}


@pytest.mark.parametrize(("key", "expected"), SET.items(), ids=[f"{n} {c}" for n, c in SET])
def test_what_a_set_time_is_made_of(golden, key: tuple[int, str], expected: list[str]) -> None:
    road, scores = golden
    facts = explain(road, rulebooks(road)[scores[key].race], scores[key]).facts
    assert [one.shown for one in facts if one.key == "set_by"] == expected


def test_lateness_that_a_new_card_carried_on_is_told(golden) -> None:
    road, scores = golden
    late = [n for n in range(1, 41) if (scores[n, "CO2"].deviation or 0) > 0 and (n, "CO3") in scores]
    for number in late:
        score = scores[number, "CO3"]
        (told,) = [one.shown for one in explain(road, rulebooks(road)["classic"], score).facts if one.key == "set_by"]
        assert told.endswith(f"{scores[number, 'CO2'].deviation} min late at a new time card before")
    assert late


COUNTED = re.compile(r"(?P<of>.+): (?P<counted>\S+)(?P<out> \(discarded\))? of net (?P<net>\S+), .*")


def test_the_net_of_every_crew_is_the_sum_of_what_explain_shows() -> None:
    """Every kind of control and of decision is in it: each score explains itself, in its leg and over all legs."""
    true, road = truth(), event()
    outcome, books = compute(Facts(road, (), {}, tuple(recorded(true)), tuple(amendments(true)))), rulebooks(road)
    sums: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
    nets: dict[tuple[int, str], Decimal] = {}
    discarded = 0
    for score in outcome.scores:
        decided = amendments_of(road, outcome, score)
        found = explain(road, books[score.race], score, (), decided, outcome.rankings)
        assert found.lines()
        ((*said,),) = [one.value for one in found.facts if one.key == "counts"]
        assert len(said) == 2
        for one in map(COUNTED.fullmatch, said):
            assert one
            key = score.start_number, one["of"]
            sums[key] += Decimal(0) if one["counted"] == "nothing" else Decimal(one["counted"])
            assert nets.setdefault(key, Decimal(one["net"])) == Decimal(one["net"])
            discarded += bool(one["out"])
    assert sums == nets
    assert discarded > 100
