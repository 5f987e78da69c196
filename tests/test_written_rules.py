"""Rules as regulations write them: each a road of few passages, worked out by hand with its article.

UK cases: Motorsport UK National Competition Rules 2026, issue 11, chapter 13 (NCR).
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from centesimo.amend import made
from centesimo.model.errors import EventError, RuleBookError
from centesimo.model.event import AVERAGE_TRIAL, PASSAGE_CONTROL, Control, Entry
from centesimo.model.facts import Attribution, Line
from centesimo.publish.published import content
from centesimo.publish.render import as_csv, cell, total
from centesimo.rank import rankings
from centesimo.rulebook import RuleBook, read_rulebook
from centesimo.score import score
from centesimo.score.instants import hundredths, trial_deviation
from tests.events import changed
from tests.events import event as event_of
from tests.scoring import at_ns, book, crew, event, passing, scored, time_control, trial

PC1 = trial("PC1", "A1", "A2", 3000)  # 30 s

UK = 'title = "UK"\nextends = "uk-regularity"\n[timed_trial]\ncap = 60\n'


def uk(more: str = "") -> RuleBook:
    """Return the UK's rules with lateness capped at a minute, with `more` after them."""
    return read_rulebook(UK + more, "book.toml")


def lines(
    controls: tuple[Control, ...],
    passages: Sequence[Attribution],
    rules: RuleBook,
    crews: tuple[Entry, ...] = (crew(1),),
) -> tuple[Line, ...]:
    """Return the lines of the one ranking of a road."""
    road = event(controls, crews)
    (ranking,) = rankings(road, {"R": rules}, score(road, {"R": rules}, passages)[0])
    return ranking.lines


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


# A test has a bogey of its own (the ideal time) and a maximum; under it costs nothing (NCR 2026, p. 489, 491).
TESTS = (
    replace(trial("S1", "A1", "A2", 6200), cap=Decimal(60), early_allowed=True),
    replace(trial("S2", "A2", "A3", 9500), cap=Decimal(120)),
)

# name: (s at A1, A2, A3, penalties, reason at S1)
MAXIMA = {
    "each has its own maximum": (
        (0, 200, 500),
        (60, 120),
        "13800/100 s late, 138 units of 1 s x 1 = 138, capped at 60",
    ),
    "below both": ((0, 72, 177), (10, 10), "1000/100 s late, 10 units of 1 s x 1 = 10"),
    "under the bogey": ((0, 50, 145), (0, 0), "1200/100 s early, which is allowed here"),
}


@pytest.mark.parametrize(("at", "penalties", "reason"), MAXIMA.values(), ids=MAXIMA)
def test_a_test_has_its_own_bogey_and_maximum(at: tuple[int, ...], penalties: tuple[int, ...], reason: str) -> None:
    passages = [passing(point, second) for point, second in zip(("A1", "A2", "A3"), at, strict=True)]
    scores = scored(TESTS, passages, seconds('cap = "none"'))
    assert ([score.penalty for score in scores], scores[0].reason) == (list(penalties), reason)


# Trial S1 sets what S2 (and S3) must take again (German GLP, RCN): the set lap costs nothing itself.
SETS = replace(trial("S1", "A1", "A2", 6000), sets=True)
FOLLOWS = (
    SETS,
    replace(trial("S2", "A2", "A3", 6000), ideal_from="S1"),
    replace(trial("S3", "A3", "C1", 6000), ideal_from="S1"),
)

# name: (s at A1, A2, A3, C1; None: not seen), (set times in s, penalties)
LAPS = {
    "the later ones must be as long": ((0, 61, 122, 180), (61, 61, 61), (0, 0, 3)),
    "a slow one sets a slow time": ((0, 100, 190, 290), (100, 100, 100), (0, 10, 0)),
    "without a set lap nothing is due": ((None, 61, 122, 180), (60, None, None), (None, None, None)),
}


@pytest.mark.parametrize(("at", "set_s", "penalties"), LAPS.values(), ids=LAPS)
def test_a_crew_sets_its_own_ideal_time(
    at: tuple[int | None, ...], set_s: tuple[int | None, ...], penalties: tuple[int | None, ...]
) -> None:
    points = ("A1", "A2", "A3", "C1")
    passages = [passing(point, second) for point, second in zip(points, at, strict=True) if second is not None]
    scores = scored(FOLLOWS, passages, seconds('cap = "none"'))
    assert [score.set_cs for score in scores] == [None if each is None else each * 100 for each in set_s]
    assert [score.penalty for score in scores] == list(penalties)


def test_without_a_set_lap_the_reason_names_it() -> None:
    scores = scored(FOLLOWS, [passing("A2", 61), passing("A3", 122)], seconds("cap = 1"))
    assert scores[1].reason == "no time at S1, which sets the crew's ideal time"


# name: (keys of the second control, what is said)
IDEALS = {
    "of no trial": (
        'ideal_from = "PC9"',
        "expected ideal_from as a timed trial with sets = true before",
    ),
    "of one that does not set": (
        'ideal_from = "PC1"',
        "expected ideal_from as a timed trial with sets = true before it",
    ),
    "both": ('sets = true\nideal_from = "PC1"', "expected sets or ideal_from, got both"),
    "a cap that the rule has not": ("cap = 5", None),
}


@pytest.mark.parametrize(("keys", "message"), IDEALS.values(), ids=IDEALS)
def test_keys_of_a_trial_that_do_not_fit(keys: str, message: str | None) -> None:
    files = changed("event.toml", "ideal_s = 12.25", f"ideal_s = 12.25\n{keys}")
    if message is None:
        assert event_of(files).controls[2].cap == 5
        return
    with pytest.raises(EventError) as refused:
        event_of(files)
    assert message in str(refused.value)


# The worst of both kinds together (raid.ch): a crew with 30 at a trial and 50 at an average loses the 50 alone.
WORST = """
[discard]
worst = 1
of = {of}
per = "race"
"""
BOTH = (trial("PC1", "A1", "A2", 6000), replace(trial("PM1.1", "A2", "A3", 6000), kind=AVERAGE_TRIAL, series="PM1"))
OF_AVERAGES = '\n[average_trial]\nrule = "per unit"\nunit_s = 1\nearly_per_unit = 1\nlate_per_unit = 1\ncap = "none"\n'

# name: (of, net)
DISCARDS = {
    "of both kinds": ('["timed_trial", "average_trial"]', 30),
    "of one": ('"timed_trial"', 50),
    "of one, as a list": ('["average_trial"]', 30),
}


@pytest.mark.parametrize(("of", "net"), DISCARDS.values(), ids=DISCARDS)
def test_one_discard_over_several_kinds(of: str, net: int) -> None:
    rules = seconds('cap = "none"', OF_AVERAGES + WORST.format(of=of))
    (line,) = lines(BOTH, [passing("A1", 0), passing("A2", 90), passing("A3", 200)], rules)
    assert line.net == net


# The fails system (NCR 2026, app. 7B): whoever has fewer fails comes first, whatever the penalties.
FAILS = '\n[passage_control]\nrule = "presence"\nmissed = "fail"\nno_passage = "missed"\n'
CHECKED = (replace(time_control("CT1", "C1", 0), kind=PASSAGE_CONTROL), trial("PC1", "A1", "A2", 6000))


def test_fails_come_before_penalties() -> None:
    crews = (crew(1), crew(2), crew(3))
    passages = [
        *(passing("A1", 0, 1), passing("A2", 60, 1)),  # exact, but not at the passage control
        *(passing("C1", 0, 2), passing("A1", 10, 2), passing("A2", 170, 2)),  # 100 late
        *(passing("A1", 0, 3), passing("A2", 70, 3)),  # 10 late and not there either
    ]
    found = lines(CHECKED, passages, seconds('cap = "none"', FAILS), crews)
    assert [(line.entry.start_number, line.position, line.fails, line.total, line.gap) for line in found] == [
        (2, 1, 0, 100, 0),
        (1, 2, 1, 0, None),
        (3, 3, 1, 10, None),
    ]
    assert found[1].scores[0].reason == "no passage at C1, but further on: missed: a fail"
    assert [line.ahead for line in found] == [0, None, 10]


def test_fails_are_published() -> None:
    passages = [passing("A1", 0), passing("A2", 60)]
    road, rules = event(CHECKED, (crew(1),)), seconds('cap = "none"', FAILS)
    (ranking,) = rankings(road, {"R": rules}, score(road, {"R": rules}, passages)[0])
    posted = content(road, ranking, ())
    assert (posted["lines"][0]["fails"], total(posted["lines"][0])) == (1, "1 fail + 0")
    assert [cell(each) for each in posted["lines"][0]["scores"]] == ["fail", "0"]
    assert as_csv(posted).splitlines()[1].endswith(",fail,0,0,1,1,0,0,0,")


def test_an_official_may_say_that_a_control_was_a_fail() -> None:
    road, rules = event(CHECKED, (crew(1),)), seconds('cap = "none"', FAILS.replace('no_passage = "missed"\n', ""))
    decided = made("miss", "Clerk", "seen", 0, start_number=1, control="CT1")
    scores, _ = score(road, {"R": rules}, [passing("A1", 0), passing("A2", 60)], decisions=[decided])
    assert [(each.fails, each.penalty) for each in scores] == [(1, 0), (0, 0)]


def test_a_fail_is_the_worst_that_can_be_discarded() -> None:
    rules = seconds('cap = "none"', FAILS + WORST.format(of='["timed_trial", "passage_control"]'))
    (line,) = lines(CHECKED, [passing("A1", 0), passing("A2", 90)], rules)
    assert (line.fails, line.net) == (0, 30)


# Equal totals: the first trial, then the second, and so on (raid.ch and others).
TIES = '[ties]\norder = ["{how}", "shared place"]\n'
THREE = (trial("PC1", "A1", "A2", 1000), trial("PC2", "A2", "A3", 1000), trial("PC3", "A3", "C1", 1000))

# name: (how, places of crew 1: 5, 1, 4 late; crew 2: 5, 3, 2; crew 3: 4, 6, 0)
TIED = {
    "the first trial alone": ("first trial", {3: 1, 1: 2, 2: 2}),
    "the second too": ("trial after trial", {3: 1, 1: 2, 2: 3}),
    "nothing": ("shared place", {1: 1, 2: 1, 3: 1}),
}


@pytest.mark.parametrize(("how", "places"), TIED.values(), ids=TIED)
def test_ties_go_on_to_the_second_trial(how: str, places: dict[int, int]) -> None:
    passages = []
    for number, late in ((1, (5, 1, 4)), (2, (5, 3, 2)), (3, (4, 6, 0))):
        at = [0, 10 + late[0], 20 + late[0] + late[1], 30 + sum(late)]
        passages += [passing(point, second, number) for point, second in zip(("A1", "A2", "A3", "C1"), at, strict=True)]
    text = TIES.format(how=how).replace('"shared place", "shared place"', '"shared place"')
    rules = read_rulebook(
        f'title = "R"\nwins = "lowest"\n{PER_SECOND}cap = "none"\n{REST.partition("[ties]")[0]}{text}', "book.toml"
    )
    found = lines(THREE, passages, rules, (crew(1), crew(2), crew(3)))
    assert {line.entry.start_number: line.position for line in found} == places
