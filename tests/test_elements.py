"""What averages, time cards, allowances, stamps and missed tubes give: cases by name, worked out by hand."""

from dataclasses import replace
from decimal import Decimal

import pytest

from centesimo.amend import made
from centesimo.model.event import AVERAGE_TRIAL, PASSAGE_CONTROL, Allowance, Control, Event, TimingPoint
from centesimo.model.facts import MISSED, OPEN, SCORED, Attribution, Score
from centesimo.rulebook import RuleBook
from centesimo.score import score
from centesimo.score.unattributed import ANYBODY
from tests.scoring import book, crew, event, passing, time_control, trial

PC1 = trial("PC1", "A1", "A2", 1000)
PC2 = trial("PC2", "A2", "A3", 500)
PC3 = trial("PC3", "A3", "C1", 700)
CO1 = time_control("CO1", "A1", 600)  # due at 09:10 for crew 1
CO2 = time_control("CO2", "A2", 1200)  # 09:20
CO3 = time_control("CO3", "A3", 1800)  # 09:30
STAMP = replace(CO1, id="CT1", kind=PASSAGE_CONTROL, closes="A2", after_ns=None)
MINUTE_NS = 60_000_000_000


def average(*ideals_cs: int, from_start: bool) -> tuple[Control, ...]:
    """Return an average trial from A1 with its secret points at A2, A3, C1."""
    points = ("A1", "A2", "A3", "C1")
    return tuple(
        replace(
            trial(f"PM1.{n}", "A1" if from_start else points[n - 1], points[n], ideal_cs),
            kind=AVERAGE_TRIAL,
            series="PM1",
        )
        for n, ideal_cs in enumerate(ideals_cs, 1)
    )


def given(road: Event, passages: list[Attribution], rules: RuleBook | None = None) -> list[Score]:
    """Return the scores of the road."""
    return score(road, {"R": rules or book()}, passages)[0]


# At A2 2.5 s late of 60 s, at A3 6.01 s late of 120 s, at C1 on time again.
DRIVEN = [passing("A1", 0), passing("A2", "62.5"), passing("A3", "126.01"), passing("C1", "180")]
AVERAGES = {
    "from the start": ((6000, 12000, 18000), True, [2, 6, 0]),
    "from the previous point": ((6000, 6000, 6000), False, [2, 3, 6]),  # 2.5, 63.51 - 60, 53.99 - 60
}


@pytest.mark.parametrize(("ideals", "from_start", "penalties"), AVERAGES.values(), ids=AVERAGES)
def test_an_average_counts_whole_seconds_at_each_secret_point(ideals, from_start: bool, penalties: list[int]) -> None:
    scores = given(event(average(*ideals, from_start=from_start)), DRIVEN)
    assert [one.penalty for one in scores] == penalties
    assert [one.control for one in scores] == ["PM1.1", "PM1.2", "PM1.3"]


def test_from_the_start_a_missed_secret_point_leaves_the_later_ones() -> None:
    without = [DRIVEN[0], *DRIVEN[2:]]
    assert [one.status for one in given(event(average(6000, 12000, 18000, from_start=True)), without)] == [
        OPEN,
        SCORED,
        SCORED,
    ]


def test_each_class_has_its_set_time() -> None:
    by_class = replace(PC1, ideal_by_class=(("A", 1000), ("B", 1200)))
    crews = (replace(crew(1), car_class="A"), replace(crew(2), car_class="B"))
    passages = [passing(point, at, number) for number in (1, 2) for point, at in (("A1", 0), ("A2", "10.05"))]
    assert [one.deviation for one in given(event((by_class,), crews), passages)] == [5, -195]


def allowance(control: str, seconds: int, *numbers: int) -> Allowance:
    return Allowance(control, ("R",), numbers, seconds * 1_000_000_000, "accident")


CARDS = [passing("A1", 600), passing("A2", 1200 + 180), passing("A3", 1800 + 180)]  # 0, 3, 3 minutes late
# name: (controls, allowances, minutes late at each)
DUES = {
    "as the start order says": ((CO1, CO2, CO3), (), [0, 3, 3]),
    "a new card carries lateness on": ((CO1, replace(CO2, new_card=True), CO3), (), [0, 3, 0]),
    "a card on time carries nothing": ((replace(CO1, new_card=True), CO2, CO3), (), [0, 3, 3]),
    "neutralised from a control on": ((CO1, CO2, CO3), (allowance("CO2", 120),), [0, 1, 1]),
    "given to one crew": ((CO1, CO2, CO3), (allowance("CO2", 120, 1),), [0, 1, 1]),
    "given to another crew": ((CO1, CO2, CO3), (allowance("CO2", 120, 7),), [0, 3, 3]),
    "given twice": ((CO1, CO2, CO3), (allowance("CO2", 120), allowance("CO3", 60)), [0, 1, 0]),
    "given twice at one control": ((CO1, CO2, CO3), (allowance("CO2", 120), allowance("CO2", 60)), [0, 0, 0]),
    "carried after what was given": (
        (CO1, replace(CO2, new_card=True), CO3),
        (allowance("CO2", 120),),
        [0, 1, 0],  # due 09:22, at 09:23; then due 09:30 + 2 + 1
    ),
    "half minutes": ((CO1, CO2, CO3), (allowance("CO2", 150),), [0, 0, 0]),  # due 09:22:30, at 09:23:00
}


@pytest.mark.parametrize(("controls", "allowances", "minutes"), DUES.values(), ids=DUES)
def test_when_a_crew_is_due(controls, allowances, minutes: list[int]) -> None:
    road = replace(event(controls), allowances=allowances)
    assert [one.deviation for one in given(road, CARDS)] == minutes


def test_a_card_without_a_time_carries_nothing_on() -> None:
    road = event((CO1, replace(CO2, new_card=True), CO3))
    assert [one.deviation for one in given(road, [CARDS[0], CARDS[2]])] == [0, None, 3]


def test_lateness_is_not_carried_into_the_next_leg() -> None:
    tomorrow = replace(time_control("CO9", "A1", 600, leg="L2"), id="CO9")
    passages = [passing("A1", 900), passing("A1", 600, leg=1)]
    scores = given(event((replace(CO1, new_card=True), tomorrow)), passages)
    assert [one.deviation for one in scores] == [5, 0]


def test_a_trial_is_longer_by_what_was_given_there() -> None:
    road = replace(event((PC1, PC2)), allowances=(allowance("PC1", 30),))
    first, second = given(road, [passing("A1", 0), passing("A2", "40.02"), passing("A3", "45.02")])
    assert (first.set_cs, first.deviation, second.deviation) == (4000, 2, 0)


def test_a_trial_is_as_long_as_ever_for_who_was_given_nothing() -> None:
    road = replace(event((PC1,), (crew(1), crew(2))), allowances=(allowance("PC1", 30, 2),))
    assert [one.set_cs for one in given(road, [])] == [1000, 4000]


def test_time_given_in_an_average_from_the_start_is_gone_at_the_later_points_too() -> None:
    road = replace(event(average(6000, 12000, 18000, from_start=True)), allowances=(allowance("PM1.2", 10),))
    assert [one.set_cs for one in given(road, [])] == [6000, 13000, 19000]
    road = replace(event(average(6000, 6000, 6000, from_start=False)), allowances=(allowance("PM1.2", 10),))
    assert [one.set_cs for one in given(road, [])] == [6000, 7000, 6000]


def test_where_early_is_allowed_it_costs_nothing() -> None:
    free, paid = (
        given(event((one,)), [passing("A1", 300)])[0] for one in (replace(CO1, early_allowed=True), CO1)
    )  # 5 minutes early
    assert (free.penalty, free.deviation, free.reason) == (0, -5, "5 min early, which is allowed here")
    assert paid.penalty == 500
    (on_time,) = given(event((replace(CO1, early_allowed=True),)), [passing("A1", 600)])
    assert on_time.reason == "in the due minute"
    (late,) = given(event((replace(CO1, early_allowed=True),)), [passing("A1", 660)])
    assert late.penalty == 100


def test_a_control_may_have_a_maximum_lateness_of_its_own() -> None:
    both = (replace(CO1, max_lateness_min=2), CO2)
    assert [one.status for one in given(event(both), [passing("A1", 780), passing("A2", 1380)])] == ["excluded", SCORED]


def test_a_leg_may_have_a_start_order_of_its_own() -> None:
    first = replace(crew(1), places=(("L1", 2),))  # due at 09:12
    assert given(event((CO1,), (first,)), [passing("A1", 720)])[0].deviation == 0


STAMPS = {
    "in order": ([passing("A1", 0), passing("A2", 5), passing("A3", 10)], "", SCORED, 0, "passed"),
    "too late": ([passing("A1", 0), passing("A2", 11), passing("A3", 10)], "", OPEN, None, "passed after A3, out of"),
    "too early": (
        [passing("A1", 6), passing("A2", 5)],
        "",
        OPEN,
        None,
        "passed before A1, out of order; the ru",
    ),
    "it costs": ([passing("A1", 6), passing("A2", 5)], "out_of_order = 50\n", MISSED, 50, "passed before A1, out of o"),
    "order is free": ([passing("A1", 6), passing("A2", 5)], 'order = "free"\n', SCORED, 0, "passed"),
    "missing": ([passing("A1", 0), passing("A3", 10)], "", OPEN, None, "no passage at A2"),
    "nothing beside it": ([passing("A2", 11)], "", SCORED, 0, "passed"),
}


@pytest.mark.parametrize(("passages", "more", "status", "penalty", "reason"), STAMPS.values(), ids=STAMPS)
def test_a_stamp(passages, more: str, status: str, penalty: int | None, reason: str) -> None:
    rules = book(f"[passage_control]\n{more}") if more else book()
    _, stamp, _ = given(event((CO1, STAMP, CO3)), passages, rules)
    assert (stamp.status, stamp.penalty) == (status, penalty)
    assert stamp.reason.startswith(reason)


def test_a_stamp_without_a_time_is_in_order() -> None:
    untimed = passing("A2", 5)
    untimed = untimed._replace(passage=untimed.passage._replace(at_ns=None))
    assert given(event((CO1, STAMP)), [passing("A1", 6), untimed])[1].status == SCORED


COSTS = '[timed_trial]\nmissed = 300\nmissed_article = "art. 7"\nno_passage = "missed"\n'
CLOSING = COSTS + 'missed_tube = "closing trial"\n'
TIMES = {"A1": 0, "A2": 10, "A3": 15, "C1": 22}
# name: (tubes passed, more of the rule book, what PC1, PC2, PC3 cost; None: open)
CHAINS = {
    "all there": ("A1 A2 A3 C1", COSTS, [0, 0, 0]),
    "official decides": ("A1 A3 C1", "", [None, None, 0]),
    "a missed tube costs both its trials": ("A1 A3 C1", COSTS, [300, 300, 0]),
    "a missed tube costs the trial that it closes": ("A1 A3 C1", CLOSING, [300, 0, 0]),
    "two missed tubes cost both": ("A1 C1", COSTS, [300, 300, 300]),
    "two missed tubes cost what they close": ("A1 C1", CLOSING, [300, 300, 0]),
    "nothing closes where a chain opens": ("A2 A3 C1", CLOSING, [300, 0, 0]),
    "not seen further on": ("A1", COSTS, [None, None, None]),
    "seen further on, then gone": ("A1 A3", COSTS, [300, 300, None]),
    "never seen": ("", COSTS, [None, None, None]),
}


@pytest.mark.parametrize(("passed", "more", "penalties"), CHAINS.values(), ids=CHAINS)
def test_a_missed_tube_of_a_chain(passed: str, more: str, penalties: list[int | None]) -> None:
    scores = given(event((PC1, PC2, PC3)), [passing(point, TIMES[point]) for point in passed.split()], book(more))
    assert [one.penalty for one in scores] == penalties
    assert [one.status for one in scores] == [
        OPEN if cost is None else MISSED if "missed" in one.reason else SCORED
        for cost, one in zip(penalties, scores, strict=True)
    ]


def test_a_missed_control_says_by_which_article() -> None:
    first = given(event((PC1, PC2)), [passing("A1", 0), passing("A3", 15)], book(COSTS))[0]
    assert (first.article, first.reason) == ("art. 7", "no passage at A2, but further on: missed")


def test_a_doubtful_passage_is_not_a_missed_one() -> None:
    passages = [passing("A1", 0), passing("A2", 10, confidence=0.5), passing("A3", 15)]
    assert [one.status for one in given(event((PC1, PC2)), passages, book(COSTS))] == [OPEN, OPEN]


# points with a passage of nobody yet, what PC1 and PC2 give a crew that was not seen at A2 (None: open)
UNSETTLED = [((), [300, 300]), (("A2",), [None, None]), (("A1",), [300, 300]), (("A3", "C1"), [300, 300])]


@pytest.mark.parametrize(("points", "penalties"), UNSETTLED)
def test_nobody_missed_a_tube_whose_passages_are_not_settled(points: tuple[str, ...], penalties: list) -> None:
    road, passages = event((PC1, PC2)), [passing("A1", 0), passing("A3", 15)]
    scores, _ = score(
        road, {"R": book(COSTS)}, passages, unattributed={("L1", point): {ANYBODY: ""} for point in points}
    )
    assert [one.penalty for one in scores] == penalties
    why = "no passage at A2; a passage at A2 is of a doubtful crew"
    assert [one.reason == why for one in scores] == [cost is None for cost in penalties]


def test_what_may_be_one_crews_is_missed_by_no_other() -> None:
    """A passage at A2 is likely nobody's, or else crew 1's: crew 2, who was not seen there either, has missed it."""
    passages = [passing(point, at, number) for number in (1, 2) for point, at in (("A1", 0), ("A3", 15))]
    its = {("L1", "A2"): {1: "whether it is its own is open"}}
    scores, _ = score(event((PC1, PC2), (crew(1), crew(2))), {"R": book(COSTS)}, passages, unattributed=its)
    assert [(one.status, one.reason) for one in scores if one.control == "PC1"] == [
        (OPEN, "whether it is its own is open"),
        (MISSED, "no passage at A2, but further on: missed"),
    ]


def test_both_tubes_of_a_trial_that_are_not_settled_are_named() -> None:
    open_at = {("L1", point): {ANYBODY: ""} for point in ("A1", "A2")}
    scores, _ = score(event((PC1, PC2)), {"R": book(COSTS)}, [passing("A3", 15)], unattributed=open_at)
    assert scores[0].reason.endswith("; a passage at A1 and A2 is of a doubtful crew")


def test_where_points_win_a_missed_trial_is_taken_off() -> None:
    rules = book('wins = "highest"\n' + COSTS)
    assert given(event((PC1, PC2)), [passing("A1", 0), passing("A3", 15)], rules)[0].penalty == Decimal(-300)


# name: (what the rule book says, what the official says, the average); PC1's others: 3, 6 in its series, 30 in the leg
ASSIGNED = {
    "own series, when nobody says": ("", None, "4.50"),
    "the rule book says the leg": ('average = "leg"\n', None, "13.00"),
    "the official says the series": ('average = "leg"\n', "series", "4.50"),
}


@pytest.mark.parametrize(("more", "said", "expected"), ASSIGNED.values(), ids=ASSIGNED)
def test_which_average_is_assigned(more: str, said: str | None, expected: str) -> None:
    apart = Control("PC9", "timed trial", "L1", "B1", "B2", 1000, None, ("R",))
    road = event((PC1, PC2, PC3, apart))
    times = {"A1": "0", "A2": "20", "A3": "25.03", "C1": "32.09", "B1": "50", "B2": "60.30"}
    passages = [passing(point, at) for point, at in times.items()]
    decided = made("average", "the clerk", "impeded", 1, control="PC1", start_number=1, average=said)
    rules = book(f"[timed_trial]\n{more}") if more else book()
    road = replace(road, timing_points=tuple(TimingPoint(point, "", None, None, 30, 400) for point in times))
    first = score(road, {"R": rules}, passages, decisions=[decided])[0][0]
    assert f"{first.penalty}" == expected
