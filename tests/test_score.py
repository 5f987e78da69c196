"""Penalties from passages: the sport's cases by name, worked out by hand, and what must hold for all."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from centesimo.model.errors import RuleBookError
from centesimo.model.event import AVERAGE_TRIAL, PASSAGE_CONTROL
from centesimo.model.facts import EXCLUDED, OPEN, SCORED
from centesimo.rulebook import ROUND_HALF_UP, TRUNCATE_DEVIATION, TRUNCATE_INSTANTS
from centesimo.score import score
from centesimo.score.instants import minutes_late, trial_deviation, truncated
from centesimo.words.findings import sentence
from tests.scoring import at_ns, book, crew, event, passing, scored, time_control, trial

PC1 = trial("PC1", "A1", "A2", 1000)  # 10.00 s
PC2 = trial("PC2", "A2", "A3", 500)  # 5.00 s
CO1 = time_control("CO1", "C1", 600)  # due at 09:10:00 for the first crew

# name: (opened, closed in s after 09:00, deviation in 1/100 s, penalty, reason); set time 10.00 s
TRIALS = {
    "to the hundredth": ("0", "10", 0, 0, "exactly on time"),
    "late": ("0", "10.12", 12, 12, "12/100 s late x 1 = 12"),
    "early": ("0", "9.88", -12, 12, "12/100 s early x 1 = 12"),
    "the hundredth is cut, not rounded": ("0", "10.009999999", 0, 0, "exactly on time"),
    "cut at both ends": ("0.009", "10.011", 1, 1, "1/100 s late x 1 = 1"),  # 10.01 - 0.00
    "cut makes it on time": ("0.001", "10.009", 0, 0, "exactly on time"),  # 10.00 - 0.00
    "a hair early": ("0", "9.999999999", -1, 1, "1/100 s early x 1 = 1"),  # 9.99
    "at the cap": ("0", "13", 300, 300, "300/100 s late x 1 = 300"),
    "past the cap": ("0", "13.01", 301, 300, "301/100 s late x 1 = 301, capped at 300"),
    "early past the cap": ("0", "2", -800, 300, "800/100 s early x 1 = 800, capped at 300"),
    "an hour late": ("0", "3610", 360000, 300, "360000/100 s late x 1 = 360000, capped at 300"),
}

# name: (instants, opened, closed in s, deviation); set time 10.00 s
DEVIATIONS = {
    "instants cut: 9.99 - 0.00": (TRUNCATE_INSTANTS, "0.0099", "9.998", -1),
    "instants cut: 10.00 - 0.01": (TRUNCATE_INSTANTS, "0.01", "10.0099", -1),
    "instants rounded: 10.00 - 0.01": (ROUND_HALF_UP, "0.0099", "9.998", -1),
    "instants rounded, half up: 10.01 - 0.00": (ROUND_HALF_UP, "0", "10.005", 1),
    "instants rounded, half of the opening up: 10.00 - 0.01": (ROUND_HALF_UP, "0.005", "10", -1),
    "instants rounded, just below half": (ROUND_HALF_UP, "0", "10.004999999", 0),
    "deviation cut: -0.0119": (TRUNCATE_DEVIATION, "0.0099", "9.998", -1),
    "deviation cut: -0.005": (TRUNCATE_DEVIATION, "0", "9.995", 0),
    "deviation cut: 0.005": (TRUNCATE_DEVIATION, "0", "10.005", 0),
    "deviation cut: -0.010": (TRUNCATE_DEVIATION, "0.005", "9.995", -1),
    "deviation cut: 0.0199": (TRUNCATE_DEVIATION, "0.0001", "10.02", 1),
}

# name: (at in s after 09:00, minutes, penalty); due at 09:10:00
CARDS = {
    "the first instant of the due minute": ("600", 0, 0),
    "the last instant of the due minute": ("659.999999999", 0, 0),
    "one minute late": ("660", 1, 100),
    "one minute late, to its end": ("719.99", 1, 100),
    "two minutes late": ("720", 2, 200),
    "late is capped": ("840", 4, 300),
    "a hair early": ("599.999999999", -1, 100),
    "one minute early": ("540", -1, 100),
    "a minute and a hair early": ("539.99", -2, 200),
    "early has no cap": ("0", -10, 1000),
    "at the maximum lateness": ("2400", 30, 300),  # 09:40:00
}

# name: (due in s of the minute, at in s, window, minutes)
WINDOWS = {
    "half minute, free from its due time": ("30", "30", "from the due time", 0),
    "half minute, a second before": ("30", "29", "from the due time", -1),
    "half minute, free into the next minute": ("30", "89.99", "from the due time", 0),
    "half minute, late": ("30", "90", "from the due time", 1),
    "clock minute, free from its :00": ("30", "0", "clock minute", 0),
    "clock minute, free to its :59": ("30", "59.99", "clock minute", 0),
    "clock minute, late at the next :00": ("30", "60", "clock minute", 1),
    "clock minute, early before its :00": ("90", "59.99", "clock minute", -1),
}


@pytest.mark.parametrize(("opened", "closed", "deviation", "penalty", "reason"), TRIALS.values(), ids=TRIALS)
def test_a_timed_trial(opened: str, closed: str, deviation: int, penalty: int, reason: str) -> None:
    (one,) = scored((PC1,), [passing("A1", opened), passing("A2", closed)])
    assert (one.status, one.deviation, one.penalty, one.reason) == (SCORED, deviation, penalty, reason)
    assert (one.set_cs, one.taken_cs, one.unit) == (1000, 1000 + deviation, "1/100 s")
    assert one.article == "RDS art. 8.20: timed trial"
    assert [passage.timing_point for passage in one.passages] == ["A1", "A2"]


@pytest.mark.parametrize(("instants", "opened", "closed", "deviation"), DEVIATIONS.values(), ids=DEVIATIONS)
def test_how_instants_become_hundredths(instants: str, opened: str, closed: str, deviation: int) -> None:
    assert trial_deviation(at_ns(opened), at_ns(closed), 1000, instants) == deviation
    rules = book(f'[instants]\ntake = "{instants}"\n')
    (one,) = scored((PC1,), [passing("A1", opened), passing("A2", closed)], rules)
    assert one.deviation == deviation


@pytest.mark.parametrize(("at", "minutes", "penalty"), CARDS.values(), ids=CARDS)
def test_a_time_control(at: str, minutes: int, penalty: int) -> None:
    (one,) = scored((CO1,), [passing("C1", at)])
    assert (one.status, one.deviation, one.penalty, one.unit) == (SCORED, minutes, penalty, "min")
    assert one.set_cs == (9 * 3600 + 600) * 100
    assert one.taken_cs == 9 * 3600 * 100 + int(Decimal(at) * 100)


@pytest.mark.parametrize(("due", "at", "window", "minutes"), WINDOWS.values(), ids=WINDOWS)
def test_the_free_minute_of_a_half_minute_due_time(due: str, at: str, window: str, minutes: int) -> None:
    assert minutes_late(at_ns(due), at_ns(at), window) == minutes


def test_past_the_maximum_lateness_a_crew_is_excluded_in_an_event_of_one_leg() -> None:
    (one,) = scored((CO1,), [passing("C1", 2460)])  # 09:41:00
    assert (one.status, one.deviation, one.penalty) == (EXCLUDED, 31, None)


def test_past_the_maximum_lateness_it_costs_1000_in_a_leg_that_is_not_the_last() -> None:
    second = time_control("CO2", "C1", 600, leg="L2")
    first, last = scored((CO1, second), [passing("C1", 2460), passing("C1", 2460, leg=1)])
    assert (first.status, first.penalty) == (SCORED, 1000)
    assert last.status == EXCLUDED


def test_a_crew_is_due_by_its_place_in_the_start_order() -> None:
    crews = (crew(1), crew(3))  # crew 3 starts in place 2, 60 s each: due at 09:12
    scores, _ = score(event((CO1,), crews), {"R": book()}, [passing("C1", 600), passing("C1", 720, 3)])
    assert [one.penalty for one in scores] == [0, 0]


def test_in_a_chain_one_passage_closes_a_trial_and_opens_the_next() -> None:
    first, second = scored((PC1, PC2), [passing("A1", 0), passing("A2", "10.03"), passing("A3", "15.01")])
    assert (first.penalty, second.penalty) == (3, 2)  # 15.01 - 10.03 = 4.98
    assert first.passages[1] == second.passages[0]


OPENS = {
    "nothing passed": ([], "no passage at A1; no passage at A2"),
    "the opening is missing": ([passing("A2", 10)], "no passage at A1"),
    "the closing is missing": ([passing("A1", 0)], "no passage at A2"),
    "doubtful crew": (
        [passing("A1", 0, confidence=0.5), passing("A2", 10)],
        "whose passage it is at A1 is doubtful (50%, start order and due times)",
    ),
    "closed before it was opened": (
        [passing("A1", 10), passing("A2", 0)],
        "the passage at A2 is not after the one at A1",
    ),
    "closed as it was opened": ([passing("A1", 0), passing("A2", 0)], "the passage at A2 is not after the one at A1"),
}


@pytest.mark.parametrize(("passages", "reason"), OPENS.values(), ids=OPENS)
def test_a_trial_stays_open(passages: list, reason: str) -> None:
    (one,) = scored((PC1,), passages)
    assert (one.status, one.penalty, one.deviation, one.taken_cs, one.reason) == (OPEN, None, None, None, reason)
    assert len(one.passages) == len(passages)


def test_a_passage_without_a_time_leaves_its_trial_open() -> None:
    opened = passing("A1", 0)
    without = opened._replace(passage=opened.passage._replace(at_ns=None, uncertainty_ns=None))
    (one,) = scored((PC1,), [without, passing("A2", 10)])
    assert (one.status, one.reason) == (OPEN, "the time of the passage at A1 is not known")


def test_a_simulated_passage_gives_no_penalty() -> None:
    opened = passing("A1", 0)
    simulated = opened._replace(passage=opened.passage._replace(flags=("simulated",)))
    (one,) = scored((PC1,), [simulated, passing("A2", 10)])
    assert (one.status, one.reason) == (OPEN, "the passage at A1 was made on request, not by a wheel")


def test_a_missed_tube_in_a_chain_leaves_open_only_the_trials_that_need_it() -> None:
    third = trial("PC3", "A3", "C1", 700)
    passages = [passing("A1", 0), passing("A3", 15), passing("C1", 22)]
    assert [one.status for one in scored((PC1, PC2, third), passages)] == [OPEN, OPEN, SCORED]


_opened = passing("A1", "0.005")
MARKED = _opened._replace(passage=_opened.passage._replace(flags=("marked doubtful",)))
DOUBTS = {
    "none": (passing("A1", "0.005"), ()),
    "near the next hundredth": (
        passing("A1", "0.009999", uncertainty_ns=2000),
        ("A1: the uncertainty of 2 us reaches the next hundredth",),
    ),
    "near the hundredth before": (
        passing("A1", "0.010001", uncertainty_ns=2000),
        ("A1: the uncertainty of 2 us reaches the next hundredth",),
    ),
    "just far enough": (passing("A1", "0.010002", uncertainty_ns=2000), ()),
    "reaching it exactly": (
        passing("A1", "0.009998", uncertainty_ns=2000),
        ("A1: the uncertainty of 2 us reaches the next hundredth",),
    ),
    "wider than a hundredth": (
        passing("A1", "0.005", uncertainty_ns=12_000_000),
        ("A1: the uncertainty of 12 ms reaches the next hundredth",),
    ),
    "marked by a marshal": (
        MARKED,
        ("A1: a marshal marked the passage as doubtful, at the board",),
    ),
    "second not confirmed": (passing("A1", "0.005", confirmed=False), ("A1: the whole second is not confirmed",)),
    "no uncertainty stated": (
        passing("A1", "0.005", uncertainty_ns=None),
        ("A1: the source (board) states no uncertainty",),
    ),
}


@pytest.mark.parametrize(("opened", "doubts"), DOUBTS.values(), ids=DOUBTS)
def test_what_makes_a_score_doubtful(opened, doubts: tuple[str, ...]) -> None:
    (one,) = scored((PC1,), [opened, passing("A2", "10.005")])
    assert one.doubts == doubts
    assert one.status == SCORED


def test_a_card_is_doubtful_at_the_edge_of_its_minute_only() -> None:
    (edge,) = scored((CO1,), [passing("C1", "659.9999999", uncertainty_ns=1000)])
    (inside,) = scored((CO1,), [passing("C1", "630.01", uncertainty_ns=1000)])
    assert edge.doubts == ("C1: the uncertainty of 1 us reaches the next minute",)
    assert inside.doubts == ()


# name: (window, due in s, at in s, whether it is near the edge of a minute that counts)
EDGES = {
    "due at second 20, at second 20": ("from the due time", 620, "680", True),
    "due at second 20, at second 40": ("from the due time", 620, "640", False),
    "due at second 20, at the full minute": ("from the due time", 620, "660", False),
    "clock minute, at the full minute": ("clock minute", 620, "660", True),
    "clock minute, at second 20": ("clock minute", 620, "680", False),
}


@pytest.mark.parametrize(("window", "due", "at", "near"), EDGES.values(), ids=EDGES)
def test_the_edge_of_a_minute_lies_where_the_free_minute_begins(window: str, due: int, at: str, near: bool) -> None:
    rules = book()
    rule = rules.controls["time_control"]
    card = replace(rule, settings=replace(rule.settings, window=window))
    (one,) = scored(
        (time_control("CO1", "C1", due),), [passing("C1", at)], replace(rules, controls={"time_control": card})
    )
    assert bool(one.doubts) is near


def test_a_rounded_hundredth_is_doubtful_at_its_half() -> None:
    rules = book(f'[instants]\ntake = "{ROUND_HALF_UP}"\n')
    (half,) = scored((PC1,), [passing("A1", "0.005"), passing("A2", "10.000")], rules)
    assert half.doubts == ("A1: the uncertainty of 1 us reaches the next hundredth",)


def test_an_attribution_as_sure_as_asked_counts() -> None:
    stamp = replace(CO1, id="CT1", kind=PASSAGE_CONTROL)
    passages = [passing("A1", 0, confidence=0.9), passing("A2", 10, confidence=0.9), passing("C1", 11, confidence=0.9)]
    scores, _ = score(event((PC1, stamp)), {"R": book()}, passages, sure=0.9)
    assert [one.status for one in scores] == [SCORED, SCORED]


def test_a_race_gets_only_the_controls_that_it_drives() -> None:
    road = event((PC1, replace(PC2, races=("S",))))
    assert [one.control for one in score(road, {"R": book()}, [])[0]] == ["PC1"]


def test_a_cut_deviation_is_doubtful_by_both_uncertainties() -> None:
    rules = book(f'[instants]\ntake = "{TRUNCATE_DEVIATION}"\n')
    (near,) = scored((PC1,), [passing("A1", 0), passing("A2", "10.0099985")], rules)  # 1.5 us below, 2 us together
    (zero,) = scored((PC1,), [passing("A1", 0), passing("A2", "10.0000005")], rules)  # early or late, it is 0
    assert near.doubts == ("the uncertainty of 2 us reaches the next hundredth of the deviation",)
    assert zero.doubts == ()


def test_a_crew_that_crosses_twice_counts_first_and_is_found() -> None:
    passages = [passing("A2", 14), passing("A1", 0), passing("A2", 10)]
    scores, findings = score(event((PC1,)), {"R": book()}, passages)
    assert scores[0].deviation == 0
    assert [(one.kind, one.where, one.start_number) for one in findings] == [("crossed twice", "A2", 1)]
    assert findings[0].passages == (passages[2].passage.id, passages[0].passage.id)


def test_a_passage_of_no_crew_is_found() -> None:
    _, findings = score(event((PC1,)), {"R": book()}, [passing("A1", 0, number=99)])
    assert [(one.kind, one.start_number) for one in findings] == [("not used", 99)]


def test_the_same_point_in_two_legs_is_no_second_crossing() -> None:
    again = trial("PC9", "A1", "A2", 1000, leg="L2")
    passages = [passing("A1", 0), passing("A2", 10), passing("A1", 5, leg=1), passing("A2", "15.07", leg=1)]
    scores, findings = score(event((PC1, again)), {"R": book()}, passages)
    assert ([one.penalty for one in scores], findings) == ([0, 7], [])


def test_without_a_time_a_passage_of_two_legs_is_of_neither() -> None:
    again = trial("PC9", "A1", "A2", 1000, leg="L2")
    opened = passing("A1", 0)
    without = opened._replace(passage=opened.passage._replace(at_ns=None))
    _, findings = score(event((PC1, again)), {"R": book()}, [without])
    assert [sentence(one, event((PC1, again))) for one in findings] == [
        "the passage at A1 given to start number 1 is not used: it cannot be told of which leg"
    ]


def test_of_two_passages_the_one_with_a_time_counts() -> None:
    opened = passing("A1", 0)
    without = opened._replace(passage=opened.passage._replace(id="aaa", at_ns=None))
    scores, findings = score(event((PC1,)), {"R": book()}, [without, opened, passing("A2", 10)])
    assert scores[0].penalty == 0
    assert [one.kind for one in findings] == ["crossed twice"]


def test_an_average_trial_counts_whole_seconds() -> None:
    secret = replace(PC1, id="PM1", kind=AVERAGE_TRIAL)
    (one,) = scored((secret,), [passing("A1", 0), passing("A2", "12.99")])
    assert (one.penalty, one.reason) == (2, "299/100 s late, 2 units of 1 s x 1 = 2")


def test_a_passage_control_asks_only_for_a_passage() -> None:
    stamp = replace(CO1, id="CT1", kind=PASSAGE_CONTROL)
    (there,) = scored((stamp,), [passing("C1", 5000, confirmed=False)])
    (missing,) = scored((stamp,), [])
    assert (there.status, there.penalty, there.reason) == (SCORED, 0, "passed")
    assert (missing.status, missing.reason) == (OPEN, "no passage at C1")


def test_a_race_that_drives_what_its_book_does_not_cover_is_refused() -> None:
    rules = book()
    without = replace(rules, controls={}, wanting={})
    with pytest.raises(RuleBookError, match=r"expected a table \[timed_trial\]"):
        scored((PC1,), [], without)


POINTS = """\
wins = "highest"
[timed_trial]
rule = "points table"
unit_s = 0.01
table = [[0, 420], [1, 395]]
beyond = 10
"""


def test_where_the_highest_wins_a_late_minute_is_taken_off() -> None:
    passages = [passing("A1", 0), passing("A2", "10.01"), passing("C1", 660)]
    first, second = scored((PC1, CO1), passages, book(POINTS))
    assert (first.penalty, first.reason) == (395, "1/100 s late: 395 by the table")
    assert (second.penalty, second.reason) == (-100, "1 min late x 100 = 100, taken off")


@given(st.integers(-(10**12), 10**12))
def test_a_deviation_is_cut_towards_nothing(deviation_ns: int) -> None:
    cut = truncated(deviation_ns)
    assert truncated(-deviation_ns) == -cut
    assert 0 <= abs(deviation_ns) - abs(cut) * 10_000_000 < 10_000_000


CENTIS = st.integers(0, 40_000).map(lambda cs: Decimal(cs) / 1000)


@given(st.lists(st.tuples(CENTIS, CENTIS), min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_scores_do_not_depend_on_the_order_of_facts_and_never_pass_the_cap(times, random) -> None:
    crews = tuple(crew(number) for number in range(1, len(times) + 1))
    passages = [passing("A1", opened, number) for number, (opened, _) in enumerate(times, 1)]
    passages += [passing("A2", closed, number) for number, (_, closed) in enumerate(times, 1)]
    mixed = random.sample(passages + passages[:1], len(passages) + 1)
    road, rules = event((PC1,), crews), {"R": book()}
    assert score(road, rules, mixed) == score(road, rules, [*passages, passages[0]])
    for one in score(road, rules, mixed)[0]:
        assert one.penalty is None or 0 <= one.penalty <= 300
        assert one.deviation is None or one.penalty == min(abs(one.deviation), 300)
