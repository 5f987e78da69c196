"""Rules as regulations write them: each a road of few passages, worked out by hand with its article.

UK cases: Motorsport UK National Competition Rules 2026, issue 11, chapter 13 (NCR).
"""

import pytest

from centesimo.model.errors import RuleBookError
from centesimo.rulebook import RuleBook, read_rulebook
from centesimo.score.instants import hundredths, trial_deviation
from tests.scoring import at_ns, book, passing, scored, time_control, trial

PC1 = trial("PC1", "A1", "A2", 3000)  # 30 s

UK = 'title = "UK"\nextends = "uk-regularity"\n[timed_trial]\ncap = 60\n'


def uk(more: str = "") -> RuleBook:
    """Return the UK's rules with lateness capped at a minute, with `more` after them."""
    return read_rulebook(UK + more, "book.toml")


# name: (opened, closed in s, taken in s, deviation in 1/100 s, penalty); set time 30 s
WHOLE_SECONDS = {
    "09:00:00.00 to 09:00:29.90 is 29 s": ("0", "29.90", 29, -100, 1),
    "09:00:00.90 to 09:00:31.10 is 31 s": ("0.90", "31.10", 31, 100, 1),
    "30.00 s are 30 s": ("0", "30", 30, 0, 0),
    "the last instant of a second": ("0.999999999", "30.999999999", 30, 0, 0),
}


@pytest.mark.parametrize(
    ("opened", "closed", "taken", "deviation", "penalty"), WHOLE_SECONDS.values(), ids=WHOLE_SECONDS
)
def test_each_instant_is_the_previous_whole_second(
    opened: str, closed: str, taken: int, deviation: int, penalty: int
) -> None:
    (score,) = scored((PC1,), [passing("A1", opened), passing("A2", closed)], uk())
    assert (score.taken_cs, score.deviation, score.penalty) == (taken * 100, deviation, penalty)


# name: (take, unit in 1/100 s, opened, closed in s, deviation in 1/100 s); set time 30 s
UNITS = {
    "instants to the tenth": ("truncate instants", 10, "0.09", "30.11", 10),  # 30.1 - 0.0
    "deviation to the second, towards 0": ("truncate deviation", 100, "0", "28.01", -100),  # -1.99
    "deviation to the tenth": ("truncate deviation", 10, "0", "30.19", 10),
    "nearest second, half up": ("round half up", 100, "0.49", "30.50", 100),  # 31 - 0
    "nearest tenth": ("round half up", 10, "0.04", "30.05", 10),  # 30.1 - 0.0
}


@pytest.mark.parametrize(("take", "unit_cs", "opened", "closed", "deviation"), UNITS.values(), ids=UNITS)
def test_the_unit_of_instants(take: str, unit_cs: int, opened: str, closed: str, deviation: int) -> None:
    assert trial_deviation(at_ns(opened), at_ns(closed), 3000, take, unit_cs) == deviation
    rules = book(f'[instants]\ntake = "{take}"\nunit_s = {unit_cs / 100}\n')
    (score,) = scored((PC1,), [passing("A1", opened), passing("A2", closed)], rules)
    assert score.deviation == deviation
    assert hundredths(at_ns(opened), "truncate instants", 1) == at_ns(opened) // 10_000_000


# name: (uncertainty in ns, doubts); the instant is 10 ms before the next second, 5 ms into its hundredth
NEAR = {
    "within the second": (9_000_000, ()),
    "the next second": (11_000_000, ("A2: the uncertainty of 11 ms reaches the next second",)),
}


@pytest.mark.parametrize(("uncertainty_ns", "doubts"), NEAR.values(), ids=NEAR)
def test_doubt_is_about_the_unit_that_counts(uncertainty_ns: int, doubts: tuple[str, ...]) -> None:
    passages = [passing("A1", "0.5"), passing("A2", "30.990", uncertainty_ns=uncertainty_ns)]
    (score,) = scored((PC1,), passages, uk())
    assert score.doubts == doubts


# name: (keys of the trial, early by 90 s gives, late by 90 s gives)
CAPS = {
    "only lateness is capped (NCR app. 7B (h), (j))": ('early_cap = "none"\nlate_cap = 60', 90, 60),
    "only early is capped": ('early_cap = 60\nlate_cap = "none"', 60, 90),
    "the cap is that of the side without its own": ('cap = 60\nearly_cap = "none"', 90, 60),
    "both by one cap": ("cap = 60", 60, 60),
}
PER_SECOND = '[timed_trial]\nrule = "per unit"\nunit_s = 1\nearly_per_unit = 1\nlate_per_unit = 1\n'
REST = """
[coefficient]
kind = "none"
[total]
decimals = 0
rounding = "down"
[ties]
order = ["shared place"]
"""


def seconds(keys: str, more: str = "") -> RuleBook:
    """Return a book of a penalty a second, with `keys` in the table of its trials and `more` behind it."""
    return read_rulebook(f'title = "R"\nwins = "lowest"\n{PER_SECOND}{keys}{REST}{more}', "book.toml")


@pytest.mark.parametrize(("keys", "early", "late"), CAPS.values(), ids=CAPS)
def test_a_cap_of_one_side(keys: str, early: int, late: int) -> None:
    for closed, penalty in ((10, early), (190, late)):
        (score,) = scored((trial("PC1", "A1", "A2", 10_000),), [passing("A1", 0), passing("A2", closed)], seconds(keys))
        assert score.penalty == penalty


# name: (keys beside the rates, what is said)
NO_CAPS = {
    "none at all": ("", 'expected rule: cap (a number, 0 or more, or "none"), or early_cap and late_cap, beside it'),
    "of one side alone": ("late_cap = 60", 'expected rule: cap (a number, 0 or more, or "none"), or early_cap and'),
    "below a unit": (
        'early_cap = "none"\nlate_cap = 0.5',
        "expected late_cap: at least 1, what one unit costs, got 0.5",
    ),
    "of instants": ("[instants]\nunit_s = 0.5", "expected unit_s = 0.01, 0.1 or 1, got 0.5"),
}


@pytest.mark.parametrize(("keys", "message"), NO_CAPS.values(), ids=NO_CAPS)
def test_a_mistake_is_named(keys: str, message: str) -> None:
    with pytest.raises(RuleBookError) as refused:
        seconds("cap = 1", keys) if keys.startswith("[") else seconds(keys)
    assert message in str(refused.value)


# Standard sections by NCR app. 7B (e), (f): 60 for a minute before the scheduled time, 15 for one after the due time.
# Scheduled 09:20, 09:50 and 10:20; OTL 30 minutes (p. 457, art. 5.8).
CONTROLS = tuple(
    time_control(f"TC{n}", point, 60 * after) for n, point, after in ((1, "C1", 20), (2, "A1", 50), (3, "A2", 80))
)
PER_MINUTE = """
[time_control]
rule = "per minute"
timing = "{timing}"
early_per_minute = 60
late_per_minute = 15
early_cap = "none"
late_cap = "none"
max_lateness_min = 30
max_lateness_of = "the leg"
beyond_only_leg = 900
beyond_inner_leg = 900
beyond_last_leg = 900
"""

# name: (timing, minutes after 09:00 at TC1, TC2, TC3, penalties)
CARDS = {
    "5 late, then 2, then 0: made up (NCR p. 457, 464)": ("scheduled", (25, 52, 80), (75, 0, 0)),
    "later still costs what is more": ("scheduled", (25, 58, 88), (75, 45, 0)),
    "early is early of the scheduled time": ("scheduled", (25, 49, 80), (75, 60, 0)),
    "early moves nothing": ("scheduled", (18, 50, 80), (120, 0, 0)),
    "not seen, as late as before": ("scheduled", (25, None, 85), (75, None, 0)),
    "past the maximum of the scheduled time": ("scheduled", (40, 70, 111), (300, 0, 900)),
    "2 early, then exact (NCR p. 489, art. 9.1)": ("target", (18, 48, 78), (120, 0, 0)),
    "5 late, then exact": ("target", (25, 55, 85), (75, 0, 0)),
    "5 late, then in time by the road book": ("target", (25, 50, 80), (75, 300, 0)),
    "lateness adds up and is never made up": ("target", (40, 78, 106), (300, 120, 120)),
    "past the maximum, added up": ("target", (40, 78, 111), (300, 120, 900)),
    "no departure, no due time; then one again": ("target", (20, None, 80), (0, None, None)),
    "cards alone, without a new one": ("time cards", (25, 52, 80), (75, 30, 0)),
}


@pytest.mark.parametrize(("timing", "minutes", "penalties"), CARDS.values(), ids=CARDS)
def test_what_lateness_does_to_the_next_control(
    timing: str, minutes: tuple[int | None, ...], penalties: tuple[int | None, ...]
) -> None:
    points = ("C1", "A1", "A2")
    passed = [passing(point, 60 * at + 10) for point, at in zip(points, minutes, strict=True) if at is not None]
    scores = scored(CONTROLS, passed, seconds('cap = "none"', PER_MINUTE.format(timing=timing)))
    assert [score.penalty for score in scores] == list(penalties)


def test_a_time_between_scheduled_and_due_says_so() -> None:
    scores = scored(
        CONTROLS, [passing("C1", 1510), passing("A1", 3130)], seconds("cap = 1", PER_MINUTE.format(timing="scheduled"))
    )
    assert scores[1].reason == "between the scheduled time and the due time"
    assert scores[1].set_cs == (9 * 60 + 55) * 6000  # due 09:55


def test_a_crew_without_departure_says_so() -> None:
    scores = scored(
        CONTROLS, [passing("C1", 1210), passing("A2", 4810)], seconds("cap = 1", PER_MINUTE.format(timing="target"))
    )
    assert scores[2].reason == "its departure from TC2 is not known"
