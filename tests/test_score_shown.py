"""What a score says, whole: for each kind of control, driven and not, all that a crew is shown; and every finding."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from centesimo.amend import made
from centesimo.model.event import PASSAGE_CONTROL, Allowance, Control, Race, Start
from centesimo.model.facts import MISSED, OPEN, SCORED, Attribution, Score
from centesimo.model.findings import Finding
from centesimo.reading.numbers import plain
from centesimo.rulebook import ROUND_HALF_UP, TRUNCATE_DEVIATION, RuleBook, read_rulebook, rules
from centesimo.score import score
from centesimo.score.doubts import reaches
from centesimo.score.instants import hundredths
from centesimo.score.tasks import which_leg
from centesimo.words.findings import sentence
from tests.scoring import HEAD, LATENESS, at_ns, book, crew, event, passing, scored, time_control, trial

PC1 = trial("PC1", "A1", "A2", 1000)
PC3 = trial("PC3", "A3", "C1", 1000)
CO1 = time_control("CO1", "C1", 600)  # due at 09:10 for crew 1: 33,000 s after midnight
CT1 = replace(time_control("CT1", "A2", 0), kind=PASSAGE_CONTROL, after_ns=None)
TRIAL = "RDS art. 8.20: timed trial"
CARD = "RDS art. 8.20: time control"
STAMP = "RDS art. 8.20: passage control"
WHOSE = "whose passage it is at {} is doubtful (50%, start order and due times)"

# name: (control, passages, how many of them it shows,
#        status, unit, set, taken, deviation, penalty, article, reason)
SHOWN = {
    "a trial that nobody passed": (
        *(PC1, (), 0),
        (OPEN, "1/100 s", 1000, None, None, None, TRIAL, "no passage at A1; no passage at A2"),
    ),
    "a trial that is not closed": (
        *(PC1, (passing("A1", 0),), 1),
        (OPEN, "1/100 s", 1000, None, None, None, TRIAL, "no passage at A2"),
    ),
    "a trial": (
        *(PC1, (passing("A1", "0.002"), passing("A2", "10.073")), 2),
        (SCORED, "1/100 s", 1000, 1007, 7, 7, TRIAL, "7/100 s late x 1 = 7"),
    ),
    "no passage at a time control": (
        *(CO1, (), 0),
        (OPEN, "min", 3_300_000, None, None, None, CARD, "no passage at C1"),
    ),
    "a doubtful card": (
        *(CO1, (passing("C1", 660, confidence=0.5), passing("C1", 700)), 1),
        (OPEN, "min", 3_300_000, None, None, None, CARD, WHOSE.format("C1")),
    ),
    "a card that is as sure as asked": (
        *(CO1, (passing("C1", 670, confidence=0.9),), 1),
        (SCORED, "min", 3_300_000, 3_307_000, 1, 100, CARD, "1 min late x 100 = 100"),
    ),
    "a card, passed twice": (
        *(CO1, (passing("C1", "630.019"), passing("C1", 700)), 1),
        (SCORED, "min", 3_300_000, 3_303_001, 0, 0, CARD, "in the due minute"),
    ),
    "no stamp": (*(CT1, (), 0), (OPEN, "", None, None, None, None, STAMP, "no passage at A2")),
    "a stamp, passed twice": (
        *(CT1, (passing("A2", 5), passing("A2", 6)), 1),
        (SCORED, "", None, None, 0, 0, STAMP, "passed"),
    ),
    "a doubtful stamp": (
        *(CT1, (passing("A2", 5, confidence=0.5),), 1),
        (OPEN, "", None, None, None, None, STAMP, WHOSE.format("A2")),
    ),
}


@pytest.mark.parametrize(("control", "passages", "count", "expected"), SHOWN.values(), ids=SHOWN)
def test_what_a_score_shows(control: Control, passages: Sequence[Attribution], count: int, expected: tuple) -> None:
    (one,) = scored((control,), list(passages))
    passed = tuple(each.passage for each in passages[:count])
    first_by_point = {each.passage.timing_point: each for each in reversed(passages)}
    points = [point for point in (control.opens, control.closes) if point and one.status == OPEN]
    sure = [point for point, first in first_by_point.items() if first.confidence == 1]
    unusable = tuple(point for point in points if point not in sure)
    assert one == Score("R", control.id, 1, *expected, passages=passed, doubts=(), unusable=unusable)
    assert all(isinstance(number, int | None) for number in (one.set_cs, one.taken_cs, one.deviation))


# A stamp at A2 between cards at A1 and A3. name: (seconds at A1, A2, A3, what it costs, status, penalty, reason)
ORDER = {
    "with the one before": (5, 5, 9, "", SCORED, 0, "passed"),
    "with the one after": (1, 9, 9, "", SCORED, 0, "passed"),
    "before the one before, the book is silent": (
        *(6, 5, 9, "", OPEN, None),
        "passed before A1, out of order; the rule book does not say what that costs",
    ),
    "before the one before, at a price": (6, 5, 9, "out_of_order = 50\n", MISSED, 50, "passed before A1, out of order"),
    "after the one after, at a price": (1, 9, 8, "out_of_order = 50\n", MISSED, 50, "passed after A3, out of order"),
}


@pytest.mark.parametrize(("first", "at", "last", "more", "status", "penalty", "reason"), ORDER.values(), ids=ORDER)
def test_a_stamp_in_the_order_of_the_road(
    first: int, at: int, last: int, more: str, status: str, penalty: int | None, reason: str
) -> None:
    road = (time_control("CO1", "A1", 0), CT1, time_control("CO3", "A3", 0))
    passages = [passing("A1", first), passing("A2", at), passing("A3", last)]
    stamp = scored(road, passages, book(f"[passage_control]\n{more}" if more else ""))[1]
    deviation = 0 if status == SCORED else None
    assert stamp == Score(
        *("R", "CT1", 1, status, "", None, None, deviation, penalty, STAMP, reason, (passages[1].passage,), ())
    )


COSTS = '[timed_trial]\nmissed = 300\nno_passage = "missed"\nmissed_tube = "closing trial"\n'


def test_a_trial_that_is_chained_to_none_pays_for_its_missed_tube() -> None:
    passages = [passing("A1", 0), passing("A2", 10), passing("C1", 22)]  # A3, which opens PC3, is missed
    first, third = scored((PC1, PC3), passages, book(COSTS))
    assert (first.penalty, third.penalty, third.status) == (0, 300, MISSED)
    assert third.article == TRIAL  # no article of its own


def test_an_untimed_crew_leaves_the_others_their_trial() -> None:
    untimed = passing("A1", 0)
    untimed = untimed._replace(passage=untimed.passage._replace(at_ns=None))
    passages = [untimed, passing("A1", 60, 2), passing("A2", 10), passing("A2", 70, 2)]
    scores, _ = score(event((PC1,), (crew(1), crew(2))), {"R": book()}, passages)
    assert [one.status for one in scores] == [OPEN, SCORED]


def with_window(window: str) -> RuleBook:
    """Return the rules with the free minute of a time control as this window says."""
    rules = book()
    card = rules.controls["time_control"]
    its = replace(card, settings=replace(card.settings, window=window))
    return replace(rules, controls={**rules.controls, "time_control": its})


# A card at C1 due at 09:10:30, and with a new one there at A1 due at 09:20. Passed at 09:11:00 and 09:21:00.
# name: (window, minutes at C1, minutes at A1)
HALF_MINUTES = {
    "free from its due time, nothing to carry": ("from the due time", 0, 1),
    "the clock's minute, and that is carried": ("clock minute", 1, 0),
}


@pytest.mark.parametrize(("window", "first", "second"), HALF_MINUTES.values(), ids=HALF_MINUTES)
def test_a_half_minute_by_the_window_of_the_book(window: str, first: int, second: int) -> None:
    road = (replace(time_control("CO1", "C1", 630), new_card=True), time_control("CO2", "A1", 1200))
    scores = scored(road, [passing("C1", 660), passing("A1", 1260)], with_window(window))
    assert [one.deviation for one in scores] == [first, second]


def test_a_doubtful_card_carries_no_lateness() -> None:
    road = (replace(CO1, new_card=True), time_control("CO2", "A1", 1200))
    scores = scored(road, [passing("C1", 780, confidence=0.5), passing("A1", 1320)])
    assert [one.deviation for one in scores] == [None, 2]


def test_what_crews_are_given_at_different_controls_adds_up_for_each() -> None:
    minute_ns = 60_000_000_000
    given = (Allowance("CO1", ("R",), (1,), minute_ns, "fog"), Allowance("CO2", ("R",), (2,), minute_ns, "fog"))
    road = replace(event((CO1, time_control("CO2", "A1", 1200)), (crew(1), crew(2))), allowances=given)
    # Crew 2 starts a minute after crew 1: due 09:11, 09:11 at CO1 and 09:21, 09:22 at CO2, and on the instant there.
    passages = [passing("C1", 660), passing("C1", 660, 2), passing("A1", 1260), passing("A1", 1320, 2)]
    scores, _ = score(road, {"R": book()}, passages)
    assert [one.deviation for one in scores] == [0, 0, 0, 0]
    assert [(one.set_cs or 0) // 6000 - 540 for one in scores] == [11, 11, 21, 22]


def near(point: str) -> str:
    return f"{point}: the uncertainty of 1 us reaches the next hundredth"


SILENT = "{}: the source (board) states no uncertainty"
HALF_UP = f'[instants]\ntake = "{ROUND_HALF_UP}"\n'
DEVIATION = f'[instants]\ntake = "{TRUNCATE_DEVIATION}"\n'
marked = passing("A1", "0.002")
# name: (more of the rule book, the passage that opens, the one that closes, the doubts)
DOUBTS = {
    "marked, far from any edge": (
        "",
        marked._replace(passage=marked.passage._replace(flags=("marked doubtful",))),
        passing("A2", "10.002"),
        ("A1: a marshal marked the passage as doubtful, at the board",),
    ),
    "rounded, a hair less than 1 us after the half": (
        HALF_UP,
        passing("A1", "0.005000999"),
        passing("A2", "10.002"),
        (near("A1"),),
    ),
    "rounded, 1 us after the half": (HALF_UP, passing("A1", "0.005001"), passing("A2", "10.002"), ()),
    "exact, on the edge of its hundredth": ("", passing("A1", "0", uncertainty_ns=0), passing("A2", "10.002"), ()),
    "exact, on the edge, its second not confirmed": (
        "",
        passing("A1", "0", uncertainty_ns=0, confirmed=False),
        passing("A2", "10.002"),
        ("A1: the whole second is not confirmed",),
    ),
    "the deviation exact, on a hundredth": (
        DEVIATION,
        passing("A1", "0", uncertainty_ns=0),
        passing("A2", "10.01", uncertainty_ns=0),
        (),
    ),
    "the deviation on a hundredth, uncertainties not known": (
        DEVIATION,
        passing("A1", "0", uncertainty_ns=None),
        passing("A2", "10.01", uncertainty_ns=None),
        (SILENT.format("A1"), SILENT.format("A2")),
    ),
}


@pytest.mark.parametrize(("more", "opened", "closed", "doubts"), DOUBTS.values(), ids=DOUBTS)
def test_what_makes_a_trial_doubtful(
    more: str, opened: Attribution, closed: Attribution, doubts: tuple[str, ...]
) -> None:
    (one,) = scored((PC1,), [opened, closed], book(more))
    assert one.doubts == doubts


# A trial timed by a list in hundredths, 0.00 and 10.02. name: (more rules, uncertainty in ns, points in doubt)
PRINTED = {
    "cut by the printer, says the list": ("", 0, []),
    "truncated, known to 1 us": ("", 1_000, ["A1", "A2"]),
    "truncated, known to half a hundredth": ("", 5_000_000, ["A1", "A2"]),
    "rounded, known to less than half a hundredth": (HALF_UP, 4_999_999, []),
    "rounded, known to half a hundredth": (HALF_UP, 5_000_000, ["A1", "A2"]),
    "truncated, no uncertainty stated": ("", None, ["A1", "A2"]),
}


@pytest.mark.parametrize(("more", "uncertainty_ns", "doubtful"), PRINTED.values(), ids=PRINTED)
def test_when_a_list_in_hundredths_is_in_doubt(more: str, uncertainty_ns: int | None, doubtful: list[str]) -> None:
    listed = [passing(point, at, uncertainty_ns=uncertainty_ns) for point, at in (("A1", "0"), ("A2", "10.02"))]
    (one,) = scored((PC1,), listed, book(more))
    assert ([doubt[:2] for doubt in one.doubts], one.penalty) == (doubtful, 2)


# name: (window, at in s, uncertainty in ns, whether it reaches the next minute); due at 09:10
EDGES = {
    "1 us after the minute, by 1 us": ("from the due time", "660.000001", 1000, False),
    "just less than 1 us after the minute": ("from the due time", "660.000000999", 1000, True),
    "clock minute, 1 us after it": ("clock minute", "660.000001", 1000, False),
    "clock minute, just less than 1 us after it": ("clock minute", "660.000000999", 1000, True),
    "exact, on the minute": ("from the due time", "660", 0, False),
    "1 us before the minute, by 1 us": ("from the due time", "659.999999", 1000, True),
    "more than 1 us before the minute": ("from the due time", "659.999998999", 1000, False),
}


@pytest.mark.parametrize(("window", "at", "uncertainty_ns", "reached"), EDGES.values(), ids=EDGES)
def test_how_near_a_minute_is_near(window: str, at: str, uncertainty_ns: int, reached: bool) -> None:
    (one,) = scored((CO1,), [passing("C1", at, uncertainty_ns=uncertainty_ns)], with_window(window))
    assert bool(one.doubts) is reached


def test_an_instant_reaches_the_unit_before_and_the_next() -> None:
    assert [reaches(at_ns(0) + apart, 2, at_ns(0), 10) for apart in range(10)] == [True] * 2 + [False] * 6 + [True] * 2


def test_past_the_maximum_lateness_in_a_leg_of_several_says_what_it_costs() -> None:
    first, _ = scored((CO1, time_control("CO2", "C1", 600, leg="L2")), [passing("C1", 600 + 31 * 60)])
    assert (first.penalty, first.reason) == (1000, "31 min late, maximum lateness 30 min: 1000 (leg of several)")


def test_of_the_leg_a_single_minute_may_be_too_late() -> None:
    """30 minutes late and carried on by a new time card, then one more: 31 of 30."""
    rules = read_rulebook(HEAD + LATENESS + 'max_lateness_of = "the leg"\n', "book.toml")
    road = (replace(time_control("CO0", "A1", 0), new_card=True), CO1)
    _, second = scored(road, [passing("A1", 30 * 60), passing("C1", 600 + 31 * 60)], rules)
    assert second.reason == "1 min late and 30 min before, maximum lateness 30 min: excluded (only leg)"


# name: (beyond the dead band of 0.50 s, what 0.60 s late costs)
DEAD_BANDS = {"the whole deviation": ("whole deviation", 60), "what is beyond it": ("excess", 10)}


@pytest.mark.parametrize(("beyond", "penalty"), DEAD_BANDS.values(), ids=DEAD_BANDS)
def test_what_counts_beyond_a_dead_band(beyond: str, penalty: int) -> None:
    rules = book(f'[timed_trial]\ndead_band_s = 0.5\nbeyond_dead_band = "{beyond}"\n')
    (one,) = scored((PC1,), [passing("A1", 0), passing("A2", "10.60")], rules)
    assert one.penalty == penalty


def test_half_a_hundredth_goes_up() -> None:
    assert [hundredths(ns, ROUND_HALF_UP) for ns in (4_999_999, 5_000_000, 14_999_999)] == [0, 1, 1]


def test_numbers_are_shown_without_an_exponent() -> None:
    assert [plain(Decimal(number)) for number in ("1E+3", "0.50", "12", "100")] == ["1000", "0.5", "12", "100"]


def test_only_the_last_of_three_legs_is_the_last() -> None:
    race = Race("R", "Race", "book.toml", tuple(Start(leg, 0, 0) for leg in ("L1", "L2", "L3")))
    assert [which_leg(race, leg) for leg in ("L1", "L2", "L3")] == [rules.INNER_LEG, rules.INNER_LEG, rules.LAST_LEG]


def test_points_by_whole_seconds_say_how_many() -> None:
    rules = '[timed_trial]\nrule = "points table"\nunit_s = 1\ntable = [[0, 420], [1, 395], [2, 370]]\nbeyond = 0\n'
    (one,) = scored((PC1,), [passing("A1", 0), passing("A2", "12.99")], book(rules))
    assert (one.penalty, one.reason) == (370, "299/100 s late, 2 units of 1 s: 370 by the table")


def test_less_confidence_may_be_asked() -> None:
    passages = [passing("A1", 0, confidence=0.5), passing("A2", 10), passing("C1", 600, confidence=0.5)]
    scores, _ = score(event((PC1, CO1)), {"R": book()}, passages, sure=0.5)
    assert [one.status for one in scores] == [SCORED, SCORED]


def test_findings_come_by_place_then_by_crew() -> None:
    numbers = enumerate((2, 1, None))
    unknown = [made("cancel", "the clerk", "fog", at, control="PC9", start_number=number) for at, number in numbers]
    passages = [passing("A2", 10), passing("A2", 14), passing("A1", 0, number=99)]
    _, findings = score(event((PC1,)), {"R": book()}, passages, decisions=unknown)
    assert [(one.kind, one.where, one.start_number) for one in findings] == [
        ("not used", "A1", 99),
        ("crossed twice", "A2", 1),
        ("not used", "PC9", None),
        ("not used", "PC9", 1),
        ("not used", "PC9", 2),
    ]


def rows(findings: list[Finding]) -> list[tuple]:
    return [(one.kind, one.where, one.start_number, sentence(one, event((PC1,))), one.passages) for one in findings]


def test_a_second_passage_is_found_in_the_order_of_time_whatever_its_id() -> None:
    first, second = (passing("A2", at) for at in (10, 14))
    first = first._replace(passage=first.passage._replace(id="z"))
    scores, findings = score(event((PC1,)), {"R": book()}, [second, passing("A1", 0), first])
    assert scores[0].deviation == 0
    text = "start number 1 has 2 passages at A2: the first counts"
    assert rows(findings) == [("crossed twice", "A2", 1, text, ("z", second.passage.id))]


def test_every_crew_that_crossed_twice_is_found() -> None:
    passages = [passing(point, at, number) for number in (1, 2) for point, at in (("A1", 0), ("A1", 1), ("A2", 10))]
    _, findings = score(event((PC1,), (crew(1), crew(2))), {"R": book()}, passages)
    assert [(one.kind, one.where, one.start_number) for one in findings] == [
        ("crossed twice", "A1", 1),
        ("crossed twice", "A1", 2),
    ]


def test_a_passage_of_no_point_of_the_event_leaves_the_others() -> None:
    scores, findings = score(event((PC1,)), {"R": book()}, [passing("Z9", 5), passing("A1", 0), passing("A2", 10)])
    text = "the passage at Z9 given to start number 1 is not used: it cannot be told of which leg"
    assert [(one.status, one.deviation) for one in scores] == [(SCORED, 0)]
    assert [sentence(one, event((PC1,))) for one in findings] == [text]


def test_at_a_point_that_no_control_uses_nothing_is_asked() -> None:
    untimed = passing("C1", 0)
    untimed = untimed._replace(passage=untimed.passage._replace(at_ns=None))
    assert score(event((PC1, trial("PC9", "A1", "A2", 1000, leg="L2"))), {"R": book()}, [untimed])[1] == []


def test_a_passage_that_is_not_used_says_why() -> None:
    strange = passing("A1", 0, number=99)
    _, findings = score(event((PC1,)), {"R": book()}, [passing("A1", 1), strange])
    text = "the passage at A1 given to start number 99 is not used: no such crew"
    assert rows(findings) == [("not used", "A1", 99, text, (strange.passage.id,))]
