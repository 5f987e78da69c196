"""Rankings: published totals through the real scoring path, places, ties, gaps, discards and who has no place."""

import csv
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from centesimo.model.event import Entry
from centesimo.model.facts import Attribution, Line, Ranking
from centesimo.rank import rankings
from centesimo.rulebook import RuleBook, find_rulebook
from centesimo.score import score
from tests.scoring import book, crew, event, passing, time_control, trial

RESULTS = Path(__file__).parents[2] / "shared" / "data" / "results"
NOT_THERE = f"the published totals are not here: {RESULTS}"

PC1 = trial("PC1", "A1", "A2", 1000)
PC2 = trial("PC2", "A2", "A3", 1000)
PC3 = trial("PC3", "A3", "C1", 1000)
ROAD = (PC1, PC2, PC3)
POINTS = ("A1", "A2", "A3", "C1")
FLAT = '[coefficient]\nkind = "none"\n'


def driven(number: int, *deviations_cs: int) -> list[Attribution]:
    """Return a crew's passages whose trials, 10.00 s each, have these deviations."""
    seconds = [Decimal(0)]
    for deviation_cs in deviations_cs:
        seconds.append(seconds[-1] + 10 + Decimal(deviation_cs) / 100)
    return [passing(point, at, number) for point, at in zip(POINTS, seconds, strict=False)]


def ranked(crews: list[Entry], passages: list[Attribution], rules: RuleBook) -> Ranking:
    """Return the one ranking of ROAD."""
    road = event(ROAD, tuple(crews))
    scores, _ = score(road, {"R": rules}, passages)
    (found,) = rankings(road, {"R": rules}, scores)
    return found


def places(found: Ranking) -> list[tuple[int | None, int, Decimal]]:
    """Return (position, start number, total) of every line."""
    return [(line.position, line.entry.start_number, line.total) for line in found.lines]


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a published file, [] where the folder is not."""
    path = RESULTS / name
    return list(csv.DictReader(path.open(encoding="utf-8"))) if path.exists() else []


@pytest.mark.skipif(not RESULTS.exists(), reason=NOT_THERE)
def test_published_totals_of_aci_events_come_out() -> None:
    published = rows("aci_totals.csv")
    assert published
    for row in published:
        net = int(row["net_penalties"])
        passages = driven(1, min(net, 300), -max(net - 300, 0), 0)  # late on the first trial, early on the second
        (line,) = ranked([crew(1, int(row["year"]))], passages, book()).lines
        assert (line.net, line.coefficient) == (net, Decimal(row["coefficient"]))
        assert str(line.total) == row["published_total"]


@pytest.mark.skipif(not RESULTS.exists(), reason=NOT_THERE)
def test_a_published_gap_comes_out() -> None:
    first, second = rows("aci_totals.csv")[:2]  # 456.21 and 540.03, gap printed 83.82
    crews = [crew(1, int(second["year"])), crew(2, int(first["year"]))]
    passages = driven(1, 300, 83, 0) + driven(2, 300, 33, 0)
    found = ranked(crews, passages, book())
    assert [(line.entry.start_number, str(line.gap)) for line in found.lines] == [(2, "0.00"), (1, "83.82")]


@pytest.mark.skipif(not RESULTS.exists(), reason=NOT_THERE)
def test_the_published_order_of_an_event_without_coefficient_comes_out() -> None:
    published = rows("gp_nuvolari_2016_leg1.csv")
    crews = [crew(int(row["start_number"]), int(row["year"])) for row in reversed(published)]
    passages = []
    for row in published:
        penalties = int(row["penalties"])
        passages += driven(int(row["start_number"]), penalties - 20, -15, 5)
    found = ranked(crews, passages, find_rulebook({}, "aci-regularity-2021-no-coefficient"))
    expected = [(int(row["position"]), int(row["start_number"]), Decimal(row["penalties"])) for row in published]
    assert places(found) == expected


def test_places_gaps_and_coefficients() -> None:
    crews = [crew(1, 1950), crew(2, 1930), crew(3, 1999)]
    found = ranked(crews, driven(1, 1, 2, 3) + driven(2, 1, 2, 4) + driven(3, 10, 0, 0), book())
    # 6 x 1.50 = 9.00; 7 x 1.30 = 9.10; 10 x 1.99 = 19.90
    assert [(line.position, line.net, line.coefficient, line.total, line.gap, line.ahead) for line in found.lines] == [
        (1, 6, Decimal("1.50"), Decimal("9.00"), 0, 0),
        (2, 7, Decimal("1.30"), Decimal("9.10"), Decimal("0.10"), Decimal("0.10")),
        (3, 10, Decimal("1.99"), Decimal("19.90"), Decimal("10.90"), Decimal("10.80")),
    ]


# name: (order of the tie keys, deviations of crews 1 to 4, places by start number)
TIES = {
    "shared place": ("", [(4, 0, 0), (2, 2, 0), (1, 0, 0), (5, 0, 0)], {3: 1, 1: 2, 2: 2, 4: 4}),
    "most zeros": ('"most zeros", ', [(2, 2, 0), (4, 0, 0), (1, 0, 0), (5, 0, 0)], {3: 1, 2: 2, 1: 3, 4: 4}),
    "first trial": ('"first trial", ', [(3, 1, 0), (-1, 3, 0), (2, 2, 0), (1, 3, 0)], {2: 1, 4: 1, 3: 3, 1: 4}),
    "older car": ('"older car", ', [(4, 0, 0), (0, 4, 0), (0, 0, 4), (5, 0, 0)], {3: 1, 2: 2, 1: 3, 4: 4}),
    "one after the other": (
        '"most zeros", "first trial", ',
        [(4, 0, 0), (0, 4, 0), (2, 2, 0), (2, -2, 0)],
        {2: 1, 1: 2, 3: 3, 4: 3},
    ),
}


@pytest.mark.parametrize(("order", "deviations", "expected"), TIES.values(), ids=TIES)
def test_ties(order: str, deviations: list[tuple[int, ...]], expected: dict[int, int]) -> None:
    rules = book(f'{FLAT}[ties]\norder = [{order}"shared place"]\n')
    crews = [crew(number, 1960 - number) for number in range(1, 5)]  # the higher the number, the older
    passages = [passage for number, own in enumerate(deviations, 1) for passage in driven(number, *own)]
    found = ranked(crews, passages, rules)
    assert {line.entry.start_number: line.position for line in found.lines} == expected


def test_a_crew_with_an_open_control_has_no_place_and_follows() -> None:
    crews = [crew(1), crew(2), crew(3), crew(4)]
    passages = driven(1, 0, 0) + driven(2, 9, 9, 9) + driven(4, 1)
    found = ranked(crews, passages, book(FLAT))
    assert [(line.position, line.entry.start_number, line.status) for line in found.lines] == [
        (1, 2, ""),
        (None, 1, "1 open"),
        (None, 4, "2 open"),
        (None, 3, "no times"),
    ]
    assert found.lines[1].gap is None


def test_a_ranking_up_to_a_control_leaves_out_what_comes_after() -> None:
    road = event(ROAD, (crew(1), crew(2)))
    rules = {"R": book(FLAT)}
    scores, _ = score(road, rules, driven(1, 5) + driven(2, 3, 4, 5))
    (found,) = rankings(road, rules, scores, up_to="PC1")
    assert [control.id for control in found.controls] == ["PC1"]
    assert places(found) == [(1, 2, 3), (2, 1, 5)]


def test_an_excluded_crew_has_no_place() -> None:
    road = event((time_control("CO1", "C1", 0),), (crew(1), crew(2)))
    rules = {"R": book(FLAT)}
    scores, _ = score(road, rules, [passing("C1", 3600), passing("C1", 130, 2)])  # 60 min late; due 09:01, at 09:02:10
    (found,) = rankings(road, rules, scores)
    assert [(line.position, line.entry.start_number, line.total, line.status) for line in found.lines] == [
        (1, 2, 100, ""),
        (None, 1, 0, "excluded"),
    ]


def test_each_leg_and_then_all_legs_are_ranked() -> None:
    again = trial("PC9", "A1", "A2", 1000, leg="L2")
    road = event((PC1, again), (crew(1), crew(2)))
    rules = {"R": book(FLAT)}
    first = driven(1, 5) + driven(2, 3)
    second = [passing(p, at, n, leg=1) for p, at, n in (("A1", 0, 1), ("A2", 10, 1), ("A1", 0, 2), ("A2", 14, 2))]
    scores, _ = score(road, rules, first + second)
    found = rankings(road, rules, scores)
    assert [one.leg and one.leg.id for one in found] == ["L1", "L2", None]
    assert [places(one) for one in found] == [
        [(1, 2, 3), (2, 1, 5)],
        [(1, 1, 0), (2, 2, 300)],  # 400/100 s late, capped
        [(1, 1, 5), (2, 2, 303)],
    ]


def test_the_highest_total_wins_and_only_trials_are_multiplied() -> None:
    rules = book(
        'wins = "highest"\n'
        '[timed_trial]\nrule = "points table"\nunit_s = 0.01\ntable = [[0, 420], [1, 395]]\nbeyond = 0\n'
        '[coefficient]\nkind = "entry"\non = ["timed_trial"]\n'
    )
    road = event((PC1, time_control("CO1", "C1", 0)), (crew(1, coefficient="1.25"), crew(2, coefficient="1.80")))
    passages = driven(1, 0) + driven(2, 1) + [passing("C1", 0), passing("C1", 121, 2)]
    scores, _ = score(road, {"R": rules}, passages)
    (found,) = rankings(road, {"R": rules}, scores)
    # crew 2: 395 x 1.80 - 100 (due 09:01, at 09:02:01) = 611; crew 1: 420 x 1.25 = 525
    assert places(found) == [(1, 2, 611), (2, 1, 525)]
    assert (found.lines[0].net, found.lines[1].gap) == (295, 86)


DISCARD = '[discard]\nworst = 1\nof = "timed_trial"\nper = "leg"\narticle = "art. 9"\n'
# name: (more of [discard], deviations, net, status of the three trials)
DISCARDS = {
    "the worst": ("", (5, 90, 7), 12, ["scored", "discarded", "scored"]),
    "of equal ones the last": ("", (9, 0, 9), 9, ["scored", "scored", "discarded"]),
    "joker still counts": ("late_only = true\ncounts_as = 15\n", (-99, 90, 7), 121, ["scored", "discarded", "scored"]),
    "joker not worse than before": ("late_only = true\ncounts_as = 15\n", (-99, 9, 7), 115, ["scored"] * 3),
    "only late ones": ("late_only = true\n", (-99, 0, -7), 106, ["scored"] * 3),
}


@pytest.mark.parametrize(("more", "deviations", "net", "statuses"), DISCARDS.values(), ids=DISCARDS)
def test_a_discard(more: str, deviations: tuple[int, ...], net: int, statuses: list[str]) -> None:
    (line,) = ranked([crew(1)], driven(1, *deviations), book(FLAT + DISCARD + more)).lines
    assert line.net == net
    assert [one.status for one in line.scores] == statuses


def shown_sum(line: Line) -> Decimal:
    return sum((one.penalty for one in line.scores if one.penalty is not None), Decimal(0))


DEVIATIONS = st.lists(st.tuples(*[st.integers(-900, 900)] * 3), min_size=1, max_size=6)


@given(DEVIATIONS, st.sampled_from([FLAT, FLAT + DISCARD, ""]))
def test_a_total_is_the_sum_of_the_penalties_shown(deviations: list[tuple[int, ...]], rules: str) -> None:
    crews = [crew(number, 1900 + number) for number in range(1, len(deviations) + 1)]
    passages = [passage for number, own in enumerate(deviations, 1) for passage in driven(number, *own)]
    found = ranked(crews, passages, book(rules))
    for line in found.lines:
        assert line.net == shown_sum(line)
        assert line.total == line.net * line.coefficient
    totals = [line.total for line in found.lines]
    assert totals == sorted(totals)
    assert [line.gap for line in found.lines] == [total - totals[0] for total in totals]


@given(DEVIATIONS)
def test_a_coefficient_of_1_changes_nothing(deviations: list[tuple[int, ...]]) -> None:
    crews = [crew(number, coefficient="1") for number in range(1, len(deviations) + 1)]
    passages = [passage for number, own in enumerate(deviations, 1) for passage in driven(number, *own)]
    by_entry = ranked(crews, passages, book('[coefficient]\nkind = "entry"\n'))
    assert [(one.position, one.total) for one in by_entry.lines] == [
        (one.position, one.total) for one in ranked(crews, passages, book(FLAT)).lines
    ]


@given(DEVIATIONS, st.randoms(use_true_random=False))
def test_a_ranking_does_not_depend_on_the_order_of_entries_and_scores(deviations, random) -> None:
    crews = [crew(number) for number in range(1, len(deviations) + 1)]
    passages = [passage for number, own in enumerate(deviations, 1) for passage in driven(number, *own)]
    rules = {"R": book()}
    road = event(ROAD, tuple(crews))
    scores, _ = score(road, rules, passages)
    mixed = replace(road, entries=tuple(random.sample(crews, len(crews))))
    assert rankings(mixed, rules, random.sample(scores, len(scores)))[0].lines == rankings(road, rules, scores)[0].lines
