"""The lines of a ranking, one by one: discards, ties, who follows without a place, and lines that are kept."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from centesimo.model.event import Control
from centesimo.model.facts import CANCELLED, DISCARDED, EXCLUDED, MISSED, OPEN, RETIRED, SCORED, Ranking, Score
from centesimo.model.memo import Memo
from centesimo.rank import of_control, ranking, rankings, rankings_of
from centesimo.rulebook import RuleBook
from tests.scoring import book, crew, event, time_control, trial

PC1 = trial("PC1", "A1", "A2", 1000)
PC2 = trial("PC2", "A2", "A3", 1000)
PC3 = trial("PC3", "A3", "C1", 1000)
PC9 = trial("PC9", "A1", "A2", 1000, leg="L2")
CO1 = time_control("CO1", "C1", 600)
FLAT = '[coefficient]\nkind = "none"\n'
HIGHEST = 'wins = "highest"\n' + FLAT


def gave(
    control: str,
    penalty: str | int | None,
    number: int = 1,
    status: str = SCORED,
    deviation: int | None = 1,
) -> Score:
    """Return what a control gave a crew; without a penalty it is open unless the status says why."""
    amount = None if penalty is None else Decimal(penalty)
    shown = OPEN if amount is None and status == SCORED else status
    return Score("R", control, number, shown, "1/100 s", None, None, deviation, amount, "", "driven", (), ())


def ranked(controls: tuple[Control, ...], scores: Sequence[Score], rules: RuleBook, crews: int = 1) -> Ranking:
    """Return the ranking of crews 1 to `crews` over these controls of one leg."""
    road = event(controls, tuple(crew(number) for number in range(1, crews + 1)))
    return ranking(road, road.races[0], road.legs[0], controls, rules, scores)


LATE_ONLY = "late_only = true\n"
# name: (more of [discard], what PC1, PC2, PC3 cost, each with its deviation, what counts of them)
DISCARDS = {
    "nothing to discard": ("", ((0, 0), (0, 0), (0, 0)), ["0", "0", "0"]),
    "half a penalty is worse than none": ("", (("0.5", 1), (0, 0), (0, 0)), ["(0)", "0", "0"]),
    "two of three": ("worst = 2\n", ((9, 9), (7, 7), (8, 8)), ["(0)", "7", "(0)"]),
    "one hundredth late is late": (LATE_ONLY, ((1, 1), (0, 0), (7, -7)), ["(0)", "0", "7"]),
    "a fixed penalty on a trial on time is no lateness": (LATE_ONLY, ((50, 0), (3, 3), (0, 0)), ["50", "(0)", "0"]),
    "a missed trial is no late one": (LATE_ONLY, ((300, None), (3, 3), (0, 0)), ["300", "(0)", "0"]),
    "the joker is as dear": ("counts_as = 15\n", ((15, 15), (3, 3), (0, 0)), ["15", "3", "0"]),
    "the joker is dearer": ("counts_as = 15\n", ((14, 14), (3, 3), (0, 0)), ["14", "3", "0"]),
    "the joker is cheaper": ("counts_as = 15\n", ((16, 16), (3, 3), (0, 0)), ["(15)", "3", "0"]),
}


@pytest.mark.parametrize(("more", "given", "counted"), DISCARDS.values(), ids=DISCARDS)
def test_what_is_discarded(more: str, given: tuple, counted: list[str]) -> None:
    worst = "" if "worst" in more else "worst = 1\n"
    rules = book(f'{FLAT}[discard]\nof = "timed_trial"\nper = "leg"\narticle = "art. 9"\n{worst}{more}')
    scores = [gave(f"PC{n}", cost, deviation=late) for n, (cost, late) in enumerate(given, 1)]
    (line,) = ranked((PC1, PC2, PC3), scores, rules).lines
    shown = [f"({one.penalty})" if one.status == DISCARDED else f"{one.penalty}" for one in line.scores]
    assert shown == counted


def test_the_fixed_penalty_of_a_cancelled_trial_is_not_what_is_discarded() -> None:
    rules = book(f'{FLAT}[discard]\nworst = 1\nof = "timed_trial"\nper = "leg"\narticle = "art. 9"\n')
    given = [gave("PC1", 300, status=CANCELLED), gave("PC2", 5), gave("PC3", 3)]
    (line,) = ranked((PC1, PC2, PC3), given, rules).lines
    assert [(one.status, one.penalty) for one in line.scores] == [(CANCELLED, 300), (DISCARDED, 0), (SCORED, 3)]


def test_the_fixed_penalty_of_a_cancelled_trial_parts_no_tie() -> None:
    rules = book(f'{FLAT}[ties]\norder = ["first trial", "shared place"]\n')
    given = [gave("PC1", 5, 1, CANCELLED), gave("PC2", 2, 1), gave("PC1", None, 2, CANCELLED), gave("PC2", 7, 2)]
    found = ranked((PC1, PC2), given, rules, 2)  # both 7; the first trial is PC2: 2 before 7
    assert [(line.position, line.entry.start_number) for line in found.lines] == [(1, 1), (2, 2)]


def test_a_discarded_trial_says_why() -> None:
    rules = book(f'{FLAT}[discard]\nworst = 1\ncounts_as = 15\nof = "timed_trial"\nper = "leg"\narticle = "art. 9"\n')
    (line,) = ranked((PC1,), [gave("PC1", 90)], rules).lines
    assert line.scores[0].reason == "driven; discarded as one of the 1 worst, counts 15 (art. 9)"


def test_a_fixed_penalty_that_is_never_discarded_stays_beside_the_joker() -> None:
    rules = book(
        f'{FLAT}[fixed_penalties]\ndiscard = "never"\n'
        '[discard]\nworst = 1\ncounts_as = 15\nof = "timed_trial"\nper = "leg"\narticle = "art. 9"\n'
    )
    fined = gave("PC1", 190)._replace(fixed=Decimal(100))
    (line,) = ranked((PC1, PC2), [fined, gave("PC2", 95)], rules).lines
    assert [(one.status, one.penalty) for one in line.scores] == [(SCORED, 190), (DISCARDED, 15)]  # 90 is less than 95
    (line,) = ranked((PC1,), [fined], rules).lines
    assert line.scores[0].penalty == 115
    why = "driven; discarded as one of the 1 worst, counts 15 (art. 9), with its fixed penalties 115"
    assert line.scores[0].reason == why


# name: (per, what PC1, PC2 of leg 1 and PC9 of leg 2 cost, what counts of them)
PER = {
    "in each leg": ("leg", (5, 7, 3), ["scored", "discarded", "discarded"]),
    "in the whole race": ("race", (5, 7, 3), ["scored", "discarded", "scored"]),
}


@pytest.mark.parametrize(("per", "costs", "statuses"), PER.values(), ids=PER)
def test_where_the_worst_is_looked_for(per: str, costs: tuple[int, ...], statuses: list[str]) -> None:
    road, rules = event((PC1, PC2, PC9)), book(f'{FLAT}[discard]\nworst = 1\nof = "timed_trial"\nper = "{per}"\n')
    scores = [gave(control.id, cost) for control, cost in zip(road.controls, costs, strict=True)]
    over_all = rankings(road, {"R": rules}, scores)[2]
    assert [one.status for one in over_all.lines[0].scores] == statuses


def test_where_the_highest_wins_a_joker_is_taken_off() -> None:
    rules = book(HIGHEST + '[discard]\nworst = 1\ncounts_as = 15\nof = "time_control"\nper = "race"\n')
    (line,) = ranked((PC1, CO1), [gave("PC1", 420), gave("CO1", -200)], rules).lines
    assert [(one.status, one.penalty) for one in line.scores] == [(SCORED, 420), (DISCARDED, -15)]
    assert line.net == 405


def test_without_a_place_few_open_ones_come_first_and_the_excluded_last() -> None:
    given = {
        1: (gave("PC1", None, 1, EXCLUDED), gave("PC2", 1, 1)),
        2: (gave("PC1", None, 2, RETIRED), gave("PC2", None, 2)),
        3: (gave("PC1", None, 3), gave("PC2", None, 3), gave("PC3", None, 3)),
        4: (gave("PC1", None, 4), gave("PC2", None, 4), gave("PC3", 0, 4)),
        5: (gave("PC1", None, 5), gave("PC2", 9, 5)),
        6: (gave("PC1", None, 6), gave("PC2", 3, 6)),
        7: (gave("PC1", None, 7, EXCLUDED), gave("PC2", 0, 7)),
        8: (gave("PC1", None, 8, RETIRED), gave("PC2", 0, 8)),
        9: (gave("PC1", None, 9), gave("PC2", 3, 9)),
    }
    found = ranked((PC1, PC2, PC3), [one for its in given.values() for one in its], book(FLAT), 9)
    assert [(line.entry.start_number, line.status) for line in found.lines] == [
        (6, "1 open"),
        (9, "1 open"),
        (5, "1 open"),
        (4, "2 open"),
        (3, "no times"),
        (8, "retired"),
        (2, "retired"),
        (7, "excluded"),
        (1, "excluded"),
    ]
    assert {(line.position, line.gap, line.ahead) for line in found.lines} == {(None, None, None)}


# name: (tie keys, who wins, by crew what CO1, PC1 and PC2 gave, places of the crews)
TIES = {
    "the first trial, not the card before it": (
        '"first trial", ',
        FLAT,
        [(100, 0, 0), (0, 100, 0)],
        [1, 2],
    ),
    "a cancelled first trial is no first trial": (
        '"first trial", ',
        FLAT,
        [(0, None, 7), (0, 3, 4), (0, 4, 3)],
        [3, 1, 2],
    ),
    "without any trial it is 0": ('"first trial", ', FLAT, [(10, None, None), (9, 1, 0), (10, 0, 0)], [1, 3, 1]),
    "where points win, more on the first trial": ('"first trial", ', HIGHEST, [(0, 5, 6), (0, 6, 5)], [2, 1]),
    "most zeros count trials only": ('"most zeros", ', FLAT, [(0, 4, 4), (1, 0, 7)], [2, 1]),
}


@pytest.mark.parametrize(("order", "wins", "given", "places"), TIES.values(), ids=TIES)
def test_what_parts_a_tie(order: str, wins: str, given: list[tuple], places: list[int]) -> None:
    rules = book(f'{wins}[ties]\norder = [{order}"shared place"]\n')
    scores = [
        gave(control, cost, number, CANCELLED if cost is None else SCORED, None if cost is None else int(cost))
        for number, its in enumerate(given, 1)
        for control, cost in zip(("CO1", "PC1", "PC2"), its, strict=True)
    ]
    found = ranked((CO1, PC1, PC2), scores, rules, len(given))
    by_crew = {line.entry.start_number: line.position for line in found.lines}
    assert [by_crew[number] for number in sorted(by_crew)] == places


def test_a_trial_missed_at_deviation_0_is_no_zero() -> None:
    given = [gave("PC1", 5, 1, MISSED, 0), gave("PC1", 5, 2, SCORED, 0), gave("PC1", 5, 3, SCORED, 5)]
    found = ranked((PC1,), given, book(f'{FLAT}[ties]\norder = ["most zeros", "shared place"]\n'), 3)
    assert [(line.position, line.entry.start_number) for line in found.lines] == [(1, 2), (2, 1), (2, 3)]


def test_a_crew_without_any_score_has_no_times() -> None:
    found = ranked((PC1,), [gave("PC1", 1, 2)], book(FLAT), 2)
    assert [(line.entry.start_number, len(line.scores), line.status) for line in found.lines] == [
        (2, 1, ""),
        (1, 0, "no times"),
    ]


def test_a_line_has_its_scores_in_the_order_of_the_controls() -> None:
    found = ranked((PC1, CO1, PC2), [gave("PC2", 1), gave("PC1", 2), gave("PC3", 4), gave("CO1", 3)], book(FLAT))
    assert [one.control for one in found.lines[0].scores] == ["PC1", "CO1", "PC2"]
    assert found.leg is not None
    assert (found.leg.id, found.event, found.race.id) == ("L1", "Test", "R")


def test_a_ranking_says_by_which_rule_book_it_is() -> None:
    rules = book(HIGHEST)
    found = ranked((PC1,), [gave("PC1", 1)], rules)
    assert (found.rulebook, found.rulebook_digest, found.highest_wins) == ("Test rules", rules.digest, True)


def test_one_control_is_ranked_in_its_leg_by_the_scores_of_the_race() -> None:
    road = event((PC1, PC9))
    of_another = gave("PC9", 9)._replace(race="S")
    found = of_control(road, road.races[0], "PC9", book(FLAT), [gave("PC1", 1), gave("PC9", 2), of_another])
    assert found.leg is not None
    assert (found.leg.id, found.controls, found.lines[0].total) == ("L2", (PC9,), 2)


ROAD = event((PC1, PC2, PC9), (crew(1), crew(2)))
GROUPS = {("R", control): [gave(control, 3, 1), gave(control, 4, 2)] for control in ("PC1", "PC2", "PC9")}


@pytest.mark.parametrize("up_to", [None, "PC1"])
def test_scores_by_race_and_control_give_the_same_rankings(up_to: str | None) -> None:
    rules = {"R": book(FLAT)}
    found = rankings_of(ROAD, rules, GROUPS, up_to, Memo())
    assert found == rankings(ROAD, rules, [one for its in GROUPS.values() for one in its], up_to)
    assert [len(one.controls) for one in found] == ([2, 1, 3] if up_to is None else [1, 1, 1])


def test_a_group_that_lacks_a_crew_is_no_ranking() -> None:
    lacking = {**GROUPS, ("R", "PC2"): GROUPS["R", "PC2"][:1]}
    with pytest.raises(ValueError, match="shorter"):
        rankings_of(ROAD, {"R": book(FLAT)}, lacking, None, Memo())


def test_only_lines_of_changed_scores_are_added_up_again() -> None:
    rules, memo = {"R": book(FLAT)}, Memo()
    rankings_of(ROAD, rules, GROUPS, None, memo)
    memo.turn()
    rankings_of(ROAD, rules, GROUPS, None, memo)
    assert memo.made == []
    memo.turn()
    changed = {**GROUPS, ("R", "PC9"): [gave("PC9", 3, 1), gave("PC9", 5, 2)]}
    assert rankings_of(ROAD, rules, changed, None, memo) == rankings_of(ROAD, rules, changed, None, Memo())
    assert [key[1:] for key in memo.made] == [("R", "L2", 2), ("R", None, 2)]


# name: ([total] of the rule book, net penalties of a car of 1950, its total); 1.50 x 0.05 = 0.075, 1.50 x 0.15 = 0.225
TOTALS = {
    "a half goes up": ('decimals = 2\nrounding = "half up"\n', "0.15", "0.23"),
    "a half goes to the even one": ('decimals = 2\nrounding = "half even"\n', "0.15", "0.22"),
    "what follows is dropped": ('decimals = 2\nrounding = "down"\n', "0.05", "0.07"),
    "a negative one is dropped towards 0": ('decimals = 2\nrounding = "down"\n', "-0.05", "-0.07"),
    "three decimals": ('decimals = 3\nrounding = "half up"\n', "0.05", "0.075"),
}


@pytest.mark.parametrize(("more", "net", "total"), TOTALS.values(), ids=TOTALS)
def test_how_a_total_is_rounded(more: str, net: str, total: str) -> None:
    (line,) = ranked((PC1,), [gave("PC1", net)], book(f"[total]\n{more}")).lines
    assert (line.net, line.coefficient, str(line.total)) == (Decimal(net), Decimal("1.50"), total)


def test_what_stays_without_the_coefficient_is_added_after_it() -> None:
    road = event((PC1, CO1, replace(CO1, id="CO2")), (crew(1, coefficient="1.25"),))
    rules = book('[coefficient]\nkind = "entry"\non = ["timed_trial"]\n')
    scores = [gave("PC1", 100), gave("CO1", 10), gave("CO2", 20)]
    (line,) = ranking(road, road.races[0], None, road.controls, rules, scores).lines
    assert (line.net, line.total) == (130, 155)  # 100 x 1.25 + 10 + 20


def test_fixed_penalties_of_all_trials_stay_without_the_coefficient() -> None:
    rules = book('[coefficient]\nkind = "entry"\n[fixed_penalties]\ncoefficient = "none"\n')
    road = event((PC1, PC2), (crew(1, coefficient="1.25"),))
    scores = [gave("PC1", 110)._replace(fixed=Decimal(100)), gave("PC2", 30)._replace(fixed=Decimal(20))]
    (line,) = ranking(road, road.races[0], None, road.controls, rules, scores).lines
    assert (line.net, line.total) == (140, 145)  # 20 x 1.25 + 120


def test_an_entry_without_a_coefficient_has_1() -> None:
    (line,) = ranked((PC1,), [gave("PC1", 100)], book('[coefficient]\nkind = "entry"\n')).lines
    assert (line.coefficient, line.total) == (1, 100)


def test_the_coefficient_of_an_entry_counts_only_where_the_book_says_so() -> None:
    road = event((PC1,), (crew(1, coefficient="1.25"),))
    (line,) = ranking(road, road.races[0], None, (PC1,), book(FLAT), [gave("PC1", 100)]).lines
    assert (line.coefficient, line.total) == (1, 100)


def test_a_year_is_a_coefficient_by_its_last_two_digits() -> None:
    road = event((PC1,), tuple(replace(crew(number), year=year) for number, year in enumerate((1900, 1999, 2001), 1)))
    scores = [gave("PC1", 100, number) for number in (1, 2, 3)]
    found = ranking(road, road.races[0], None, (PC1,), book(), scores)
    assert [f"{line.total}" for line in found.lines] == ["100.00", "101.00", "199.00"]
