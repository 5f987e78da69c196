"""Further rankings: who is in, with which totals, and the teams; places and gaps worked out by hand."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from centesimo.model.event import Entry, Selection
from centesimo.model.facts import Ranking
from centesimo.rank import of_control, rankings
from centesimo.rank.selections import find_selection, label, selected, teams
from centesimo.rulebook import RuleBook
from centesimo.score import score
from tests.scoring import book, crew, event, passing, time_control, trial

PC1 = trial("PC1", "A1", "A2", 1000)
PC2 = trial("PC2", "A2", "A3", 1000)
BASE = Selection("cup", "Cup", ("R",))
FLAT = '[coefficient]\nkind = "none"\n'


def entry(number: int, year: int, **values) -> Entry:
    """Return a crew with what entries.csv says of it."""
    return replace(crew(number, year), **values)


# Net 10, 20, 30, 40, 50 on the first trial; totals x 1.30, 1.50, 1.20, 1.40, none (open).
CREWS = (
    entry(1, 1930, car_class="A", category="RC1", nation="I", team="East"),
    entry(2, 1950, car_class="B", category="RC2", nation="D", team="East", ladies=True),
    entry(3, 1920, car_class="A", category="RC1", nation="I", team="East", under30=True),
    entry(4, 1940, car_class="B", category="RC3", nation="D", team="West", ladies=True),
    entry(5, 1955, car_class="B", category="RC2", nation="I", team="West", ladies=True),
)
ROAD = event((PC1, PC2), CREWS)


def passages(numbers: tuple[int, ...] = (1, 2, 3, 4)) -> list:
    return [
        passing(point, at, number)
        for number in numbers
        for point, at in (("A1", Decimal(0)), ("A2", 10 + Decimal(number) / 10), ("A3", 20 + Decimal(number) / 10))
    ]


def whole(rules: RuleBook | None = None) -> tuple[Ranking, RuleBook]:
    """Return the race's own ranking and its rule book."""
    rules = rules or book()
    scores, _ = score(ROAD, {"R": rules}, passages())
    return rankings(ROAD, {"R": rules}, scores)[0], rules


def shown(found: Ranking) -> list[tuple[int | None, int, str]]:
    return [(line.position, line.entry.start_number, f"{line.total:f}") for line in found.lines]


# 1: 13.00, 2: 30.00, 3: 36.00, 4: 56.00, 5: open
SELECTIONS = {
    "everybody": ({}, [(1, 1, "13.00"), (2, 2, "30.00"), (3, 3, "36.00"), (4, 4, "56.00"), (None, 5, "0.00")]),
    "a class": ({"values": (("class", ("A",)),)}, [(1, 1, "13.00"), (2, 3, "36.00")]),
    "two classes": (
        {"values": (("class", ("A", "B")), ("ladies", ("yes",)))},
        [(1, 2, "30.00"), (2, 4, "56.00"), (None, 5, "0.00")],
    ),
    "under 30": ({"values": (("under30", ("yes",)),)}, [(1, 3, "36.00")]),
    "a group by year": ({"year_from": 1930, "year_to": 1940}, [(1, 1, "13.00"), (2, 4, "56.00")]),
    "without coefficient": (
        {"coefficient": False, "values": (("nation", ("I", "D")), ("class", ("A",)))},
        [(1, 1, "10.00"), (2, 3, "30.00")],
    ),
    "another race": ({"races": ("S",)}, None),
    "nobody": ({"values": (("nation", ("F",)),)}, None),
}


@pytest.mark.parametrize(("values", "expected"), SELECTIONS.values(), ids=SELECTIONS)
def test_who_is_in_a_further_ranking(values: dict, expected: list | None) -> None:
    found = [shown(one) for one in selected(replace(BASE, **values), *whole())]
    assert found == ([] if expected is None else [expected])


def test_gaps_are_those_of_the_selection() -> None:
    (found,) = selected(replace(BASE, values=(("ladies", ("yes",)),)), *whole())
    assert [(line.gap, line.ahead) for line in found.lines[:2]] == [(0, 0), (Decimal("26.00"), Decimal("26.00"))]
    assert (found.race.id, found.race.name) == ("R-cup", "Race: Cup")


def test_one_ranking_for_each_category() -> None:
    found = list(selected(replace(BASE, each="category"), *whole()))
    assert [one.race.name for one in found] == ["Race: Cup RC1", "Race: Cup RC2", "Race: Cup RC3"]
    assert [one.race.id for one in found] == ["R-cup-RC1", "R-cup-RC2", "R-cup-RC3"]
    assert shown(found[0]) == [(1, 1, "13.00"), (2, 3, "36.00")]
    assert shown(found[1]) == [(1, 2, "30.00"), (None, 5, "0.00")]


def test_a_crew_is_told_its_further_ranking() -> None:
    assert label(BASE, CREWS[0]) == ("cup", "Cup")
    assert label(replace(BASE, each="category"), CREWS[0]) == ("cup-RC1", "Cup RC1")


# name: (selection, (place, team, its cars, total, status))
TEAMS = {
    "best two cars": ({"best": 2}, [(1, "East", [1, 2], "43.00", ""), (None, "West", [4], "56.00", "1 of 2 cars")]),
    "from different categories": (
        {"best": 2, "different": "category"},
        [(1, "East", [1, 2], "43.00", ""), (None, "West", [4], "56.00", "1 of 2 cars")],
    ),
    "from different classes": (
        {"best": 3, "different": "class"},
        [(None, "East", [1, 2], "43.00", "2 of 3 cars"), (None, "West", [4], "56.00", "1 of 3 cars")],
    ),
    "one car": ({"best": 1}, [(1, "East", [1], "13.00", ""), (2, "West", [4], "56.00", "")]),
    "nations": ({"best": 2, "by": "nation"}, [(1, "I", [1, 3], "49.00", ""), (2, "D", [2, 4], "86.00", "")]),
    "without coefficient": (
        {"best": 2, "by": "nation", "coefficient": False},
        [(1, "I", [1, 3], "40.00", ""), (2, "D", [2, 4], "60.00", "")],
    ),
}


@pytest.mark.parametrize(("values", "expected"), TEAMS.values(), ids=TEAMS)
def test_teams(values: dict, expected: list) -> None:
    found = teams(replace(BASE, **{"by": "team", **values}), *whole())
    assert [
        (line.position, line.name, [one.entry.start_number for one in line.lines], f"{line.total:f}", line.status)
        for line in found.lines
    ] == expected


def test_a_table_of_teams_says_of_what_it_is_and_who_follows() -> None:
    # South has two cars that did not finish, North one car that did; both need two.
    towns = {1: "East", 2: "East", 3: "West", 4: "North", 5: "South"}
    crews = tuple(replace(one, team=towns[one.start_number]) for one in CREWS)
    crews += (entry(6, 1950, team="West"), entry(7, 1950, team="South"), entry(8, 1950, team="Alp"))
    road, rules = event((PC1, PC2), crews), book(FLAT)
    scores, _ = score(road, {"R": rules}, passages((1, 2, 3, 4, 6)))
    found = teams(replace(BASE, by="team", best=2), rankings(road, {"R": rules}, scores)[0], rules)
    assert [
        (line.position, line.name, f"{line.total:f}", line.gap, line.ahead, line.status) for line in found.lines
    ] == [
        (1, "East", "30.00", 0, 0, ""),
        (2, "West", "90.00", 60, 60, ""),
        (None, "North", "40.00", None, None, "1 of 2 cars"),
        (None, "Alp", "0", None, None, "0 of 2 cars"),
        (None, "South", "0", None, None, "0 of 2 cars"),
    ]
    assert (found.race.id, found.race.name, found.leg, found.by) == ("R-cup", "Race: Cup", road.legs[0], "team")


def test_where_the_highest_wins_the_best_cars_of_a_team_are_the_highest() -> None:
    rules = book('wins = "highest"\n' + FLAT)
    road = event((PC1, PC2), tuple(replace(one, team="East" if one.start_number < 3 else "West") for one in CREWS))
    scores, _ = score(road, {"R": rules}, passages())  # -10, -20, -30, -40
    found = teams(replace(BASE, by="team", best=1), rankings(road, {"R": rules}, scores)[0], rules)
    assert [(line.position, line.name, line.total, line.gap) for line in found.lines] == [
        (1, "East", -10, 0),
        (2, "West", -30, 20),
    ]


def test_equal_cars_of_a_team_count_by_start_number() -> None:
    road, rules = event((PC2,), CREWS[2::-1]), book(FLAT)  # all 0 there, entered from crew 3 down
    scores, _ = score(road, {"R": rules}, passages())
    (found,) = teams(replace(BASE, by="team", best=1), rankings(road, {"R": rules}, scores)[0], rules).lines
    assert [one.entry.start_number for one in found.lines] == [1]


def test_without_the_coefficient_it_is_shown_as_1() -> None:
    (found,) = selected(replace(BASE, coefficient=False), *whole())
    assert {line.coefficient for line in found.lines} == {1}


def test_a_further_ranking_is_found_by_its_id() -> None:
    road = replace(ROAD, selections=(BASE, replace(BASE, id="ladies")))
    assert find_selection(road, "ladies") == road.selections[1]
    assert find_selection(road, "nations") is None


def test_teams_that_are_equal_share_a_place_and_the_highest_may_win() -> None:
    rules = book(
        'wins = "highest"\n[timed_trial]\nrule = "points table"\nunit_s = 1\ntable = [[0, 100]]\nbeyond = 0\n' + FLAT
    )
    found = teams(replace(BASE, by="nation", best=1), *whole(rules))
    assert [(line.position, line.name, line.total, line.gap) for line in found.lines] == [
        (1, "D", 200, 0),
        (1, "I", 200, 0),
    ]


def test_one_control_alone_is_ranked() -> None:
    rules = book(FLAT)
    scores, _ = score(ROAD, {"R": rules}, passages())
    first = of_control(ROAD, ROAD.races[0], "PC1", rules, scores)
    second = of_control(ROAD, ROAD.races[0], "PC2", rules, scores)
    assert shown(first)[:3] == [(1, 1, "10.00"), (2, 2, "20.00"), (3, 3, "30.00")]
    assert [one[0] for one in shown(second)] == [1, 1, 1, 1, None]


@given(st.sets(st.sampled_from([1, 2, 3, 4, 5]), min_size=1), st.booleans())
def test_a_further_ranking_keeps_the_totals_and_the_order_of_the_race(numbers: set[int], factor: bool) -> None:
    crews = tuple(replace(one, team="T" if one.start_number in numbers else "") for one in CREWS)
    road, rules = event((PC1, PC2), crews), book("" if factor else FLAT)
    scores, _ = score(road, {"R": rules}, passages())
    (own,) = rankings(road, {"R": rules}, scores)
    (found,) = selected(replace(BASE, values=(("team", ("T",)),)), own, rules)
    assert [(line.entry.start_number, line.total) for line in found.lines] == [
        (line.entry.start_number, line.total) for line in own.lines if line.entry.start_number in numbers
    ]


def test_where_the_highest_wins_the_dearest_card_is_discarded() -> None:
    cards = (time_control("CO1", "A1", 0), time_control("CO2", "A2", 600), PC2)
    rules = book('wins = "highest"\n' + FLAT + '[discard]\nworst = 1\nof = "time_control"\nper = "race"\n')
    road = event(cards, (crew(1),))
    late = [passing("A1", 60), passing("A2", 720), passing("A3", 730)]  # 1 and 2 minutes late: -100, -200
    (line,) = rankings(road, {"R": rules}, score(road, {"R": rules}, late)[0])[0].lines
    assert [(one.status, one.penalty) for one in line.scores[:2]] == [("scored", -100), ("discarded", 0)]
    assert line.net == -100
