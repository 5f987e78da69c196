"""Whether the points are right: what is off is found with its size and cause, and nothing is where nothing is off."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from centesimo.check import check_folder
from centesimo.compute import Facts, Outcome, compute
from centesimo.model.about_points import Offset
from centesimo.model.errors import EventError
from centesimo.model.event import TimingPoint
from centesimo.model.facts import SCORED, Passage, Score
from centesimo.questions import LOOK, questions
from centesimo.sanity import judged, sanity
from centesimo.sanity.best_crews import spreads
from centesimo.sanity.findings import backup_findings
from centesimo.sanity.lags import lags
from centesimo.sanity.offsets import offsets
from centesimo.sanity.pairs import Pairs, pairs
from centesimo.sanity.robust import chance, find_change, locate, solve
from centesimo.score import HUNDREDTHS
from centesimo.timing.witnesses import witnessed
from centesimo.words.findings import sentence
from simulate.driven import FIRST_NS, S_NS, Course, driven, event_of
from tests.events import FILES, event, write

CREWS = 120


def seen(**off: object) -> list[Offset]:
    """Return what is told of a day of 120 crews."""
    day = driven(Course(7, crews=CREWS, **off))
    return offsets(day.event, day.scores)


def causes(one: Offset) -> list[tuple[str, str, int]]:
    return [(cause.kind, cause.name, cause.sign) for cause in one.pattern.causes]


B1, B2, B3 = (f"{number:016x}" for number in (1, 2, 3))
# Boards: 1 has A1 and A2, 2 has A3 and A4, 3 has B1 and B2, 4 has B3 and C1, ...
# name: (what is off, its size in 1/100 s, causes that show as it does with the sign of their effect)
OFF = {
    "a tube in the middle of a chain": ({"late_cs": {"A2": 10}}, 10, [("timing point", "A2", 1)]),
    # It opens A1-A2 alone: that is 10 shorter, as if crews had 10 less to drive.
    "the first tube of a chain": (
        {"late_cs": {"A1": 10}},
        -10,
        [("ideal time", "A1-A2", 1), ("timing point", "A1", -1)],
    ),
    "the last tube of a chain": (
        {"late_cs": {"A4": -10}},
        -10,
        [("ideal time", "A3-A4", 1), ("timing point", "A4", 1)],
    ),
    # A1 and A2 together change A2-A3 alone, as A3 and A4 do; A1-A2 stays.
    "a board, or an ideal time": (
        {"ideal_cs": {"A2-A3": 10}},
        10,
        [("ideal time", "A2-A3", 1), ("board", B1, -1), ("board", B2, 1)],
    ),
    # Four points a board: A1 .. A4 are board 1.
    "an ideal time between tubes of one board": (
        {"ideal_cs": {"A2-A3": 10}, "points_of_board": 4},
        10,
        [("ideal time", "A2-A3", 1)],
    ),
    # Board 3 has C2, C3, C4 and D1: C1-C2 is longer and D1-D2 shorter.
    "a board of several chains": (
        {"late_cs": {"C2": 10, "C3": 10, "C4": 10, "D1": 10}, "points_of_board": 4},
        10,
        [("board", B3, 1)],
    ),
}


@pytest.mark.parametrize(("off", "size_cs", "expected"), OFF.values(), ids=OFF)
def test_what_is_off_is_told_with_its_size_and_cause(off: dict, size_cs: float, expected: list) -> None:
    (one,) = seen(**off)
    assert causes(one) == expected
    assert abs(one.size_cs - size_cs) < max(3 * one.error_cs, 1.5)
    assert one.error_cs < 1.5
    assert one.sure > 0.999
    assert one.share > 0.9


# name: (what is off, does it come at once)
COMES = {
    "a tube that moved in the middle of the day": ({"late_cs": {"A3": 15}, "since": {"A3": 0.5}}, True),
    "a tube that drifts": ({"drift_cs": {"A3": 30}}, False),
}


@pytest.mark.parametrize(("off", "at_once"), COMES.values(), ids=COMES)
def test_what_comes_during_the_day_is_told_with_when(off: dict, at_once: bool) -> None:
    (one,) = seen(**off)
    assert causes(one) == [("timing point", "A3", 1)]
    assert (one.from_ns == one.until_ns) == at_once
    # Crew 61 of 120 opens chain A at 06:00 + 60 min + 25 min; a crew passes every minute.
    middle_ns = FIRST_NS + (60 + 25) * 60 * S_NS
    if at_once:
        assert abs((one.from_ns or 0) - middle_ns) < 10 * 60 * S_NS


@pytest.mark.parametrize("seed", range(12))
def test_a_clean_day_gives_nothing(seed: int) -> None:
    day = driven(Course(seed, crews=(20, 60, 120)[seed % 3]))
    assert sanity(day.event, outcome_of(day)) == []


def outcome_of(day, *more: Passage) -> Outcome:
    return Outcome((*day.passages.values(), *more), (), tuple(day.scores), (), ())


def test_a_finding_says_size_and_confidence_and_touches_nothing() -> None:
    day = driven(Course(7, crews=CREWS, late_cs={"A2": 10}))
    before = outcome_of(day)
    after = judged(day.event, before)
    (found,) = after.findings
    assert after._replace(findings=()) == before
    assert (found.kind, found.where, found.start_number) == ("offset", "A2", None)
    said = (
        r"The best crews are off alike: A1-A2 0\.\d{3} s late, A2-A3 0\.\d{3} s early, "
        r"± 0\.00\d s \(as \d+ crews tell, over 99\.9 % sure\)\. "
        r"Cause: A2 stamps 0\.\d{3} s late \(over 99\.9 %\)\."
    )
    assert re.fullmatch(said, sentence(found, day.event)), sentence(found, day.event)


# name: (how much longer the field takes than the ideal time, in s)
LAGS = {"a slip of ten seconds": 10, "a crew's interval": 60, "a second too little": -2}


@pytest.mark.parametrize("more_s", LAGS.values(), ids=LAGS)
def test_an_ideal_time_that_nobody_drove_is_told_whoever_passed(more_s: int) -> None:
    day = driven(Course(3, crews=40, ideal_cs={"B1-B2": 100 * more_s}))
    (one,) = lags(day.event, day.passages.values())
    assert (one.control.id, round(one.more_ns / S_NS)) == ("B1-B2", more_s)
    assert one.cars > 30
    (found,) = [one for one in sanity(day.event, outcome_of(day)._replace(scores=())) if one.kind == "ideal time"]
    assert f"{abs(more_s)}.0 s {'more' if more_s > 0 else 'less'} than the ideal time of B1-B2" in sentence(
        found, day.event
    )


BACKUP = TimingPoint("A1b", "road", "000000000000ffff", 1, 25, 1500, backup_of="A1")


def beside(late_ms: float = 0.0, drift_ms: float = 0.0, without: tuple[int, ...] = (), far: int = 0) -> Pairs:
    """Return what A1b says beside A1, on a day of 40 crews: each 0, 1 or 2 ms apart by turns."""
    course = Course(5, crews=40)
    road, day = event_of(course), driven(course)
    main = [day.passages["A1", number] for number in range(1, 41)]
    other = [
        one._replace(
            id=f"A1b:{number}",
            timing_point="A1b",
            at_ns=(one.at_ns or 0)
            + int((late_ms + drift_ms * number / 40 + number % 3 + 300 * (number == far)) * 10**6),
        )
        for number, one in enumerate(main, 1)
        if number not in without
    ]
    two = replace(road, timing_points=(*road.timing_points, BACKUP))
    (one,) = pairs(two, [*(one for number, one in enumerate(main, 1) if number != 7), *other])
    return one


def test_two_tubes_are_compared_car_by_car() -> None:
    one = beside(25, without=(20, 21), far=30)
    assert (one.timing_point, one.backup, len(one.pairs)) == ("A1", "A1b", 37)
    assert one.late_ms.middle == pytest.approx(26, abs=0.5)
    assert one.change is None
    assert [passage.id for passage in one.only_main] == ["A1:20", "A1:21"]
    assert [passage.id for passage in one.only_backup] == ["A1b:7"]
    assert [(pair.main.id, round(pair.late_ms)) for pair in one.far] == [("A1:30", 325)]


def test_a_drift_of_one_against_the_other_is_told() -> None:
    change = beside(0, drift_ms=40).change
    assert change is not None
    assert change.step is None
    assert change.size.middle == pytest.approx(39, abs=1.5)  # from 1/40 to 40/40 of 40 ms


def test_a_second_device_in_a_file_is_compared_too() -> None:
    day = driven(Course(5, crews=30))
    main = [one for (point, _), one in day.passages.items() if point == "A1"]
    other = [one._replace(id=f"load:{one.id}", at_ns=(one.at_ns or 0) + S_NS, source="printer") for one in main]
    outcome = outcome_of(day)._replace(scores=(), witnessed={"A1": witnessed([*main, *other])})
    found = sanity(day.event, outcome)
    assert [sentence(one, day.event) for one in found] == [
        "printer is 1.000 s late beside A1 (± 0.0000 s, 30 cars on both, over 99.9 % sure)."
    ]


def backup_texts(devices: Pairs) -> list[str]:
    day = driven(Course(5, crews=1))
    return [sentence(one, day.event) for one in backup_findings(devices)]


def test_what_two_devices_differ_by_has_a_size_and_a_confidence() -> None:
    """By turns 25, 26 and 27 ms: 26 +- 0.8165 / sqrt(37) = 0.13 ms; car 30 is 300 ms beside that."""
    known = r"\(± 0\.0001 s, 37 cars on both, over 99\.9 % sure\)"
    late, far = backup_texts(beside(25, without=(20, 21), far=30))[:2]
    assert re.fullmatch(rf"A1b is 0\.026 s late beside A1 {known}\.", late), late
    assert re.match(r"A1b does not fit A1 as usual \(± 0\.00\d\d s\) at \S+ \(0\.325 s late\): ", far), far
    (drift,) = [text for text in backup_texts(beside(0, drift_ms=40)) if "at first" in text]
    assert re.search(r"drifting all day \(± 0\.000\d s, 39 cars on both, over 99\.9 % sure\)\.", drift), drift


def gave(control: str, number: int, deviation: int) -> Score:
    """Return what a trial gave a crew that is so many 1/100 s late."""
    return Score("main", control, number, SCORED, HUNDREDTHS, 1000, None, deviation, None, "", "", (PASSED,), ())


PASSED = Passage("a:1", "A2", FIRST_NS, 1000, True, (), (), "board")
# Crew n of 24 is n/100 s off, late and early by turns: the best third are 1 to 8, at A1-A2 -1, 2, -3, 4, -5, 6, -7, 8.
# In order -7 -5 -3 -1 2 4 6 8: a quarter of the way is -5 + 0.75 x 2 = -3.5, half 0.5, three quarters 4 + 0.25 x 2.
QUARTERS = (-0.035, 0.005, 0.045)


def test_how_the_best_third_scatters_at_each_trial_is_told_by_quarters() -> None:
    road = event_of(Course(1, crews=24, chains=(4,)))
    off = {"A1-A2": 0, "A2-A3": 0, "A3-A4": 50}  # the last tube is half a second late
    scores = [
        gave(control, number, off_cs + number * (1 if (number + place) % 2 == 0 else -1))
        for place, (control, off_cs) in enumerate(off.items())
        for number in range(1, 25)
    ]
    (first, _, last) = spreads(road, scores)["timed trial"]
    assert (first.control, first.crews, last.control) == ("A1-A2", 8, "A3-A4")
    assert (first.low_s, first.middle_s, first.high_s) == pytest.approx(QUARTERS)
    assert (last.low_s, last.middle_s, last.high_s) == pytest.approx([one + 0.5 for one in QUARTERS])
    assert spreads(road, [one for one in scores if one.start_number < 8]) == {}  # too few


# Student's t, two-sided, from its table: 2.228 with 10 degrees of freedom is 5 %, 3.250 with 9 is 1 %.
STUDENT = {"10 degrees": (2.228, 11, 0.05), "9 degrees": (3.250, 10, 0.01), "many": (1.960, 10_000, 0.05)}


@pytest.mark.parametrize(("beyond", "count", "expected"), STUDENT.values(), ids=STUDENT)
def test_the_chance_of_a_middle_is_students(beyond: float, count: float, expected: float) -> None:
    assert chance(beyond, count) == pytest.approx(expected, rel=0.02)


def test_the_middle_is_where_most_values_lie() -> None:
    values = [0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 1.5, -1.5, 1000.0]
    found = locate(values, [1.0] * len(values))
    assert found is not None
    assert 0 < found.middle < 0.6  # without the far one 0; it pulls no more than 1.5 spreads do
    assert locate(values[:7], [1.0] * 7) is None  # too few


def test_values_that_are_all_the_same_have_an_error_and_no_change() -> None:
    found = locate([3.0] * 20, [1.0] * 20)
    assert found is not None
    assert (found.middle, round(found.error, 3)) == (3.0, 0.056)  # a quarter of a scale / sqrt(20)
    assert find_change([3.0] * 20, [1.0] * 20, range(20)) is None


def test_equations_are_solved() -> None:
    # 2x + y = 5, x + 3y = 10: x = 1, y = 3; the first pivot is zero in the second case
    assert solve([[2, 1], [1, 3]], [5, 10]) == pytest.approx([1, 3])
    assert solve([[0, 1], [1, 0]], [2, 3]) == pytest.approx([3, 2])


def test_officials_see_it_from_passages_that_nobody_has_named() -> None:
    day = driven(Course(7, crews=40, chains=(4, 3), late_cs={"A2": 30}))
    facts = Facts(day.event, (), {}, tuple(day.passages.values()))
    outcome = compute(facts)
    assert outcome.findings == ()
    seen_by_officials = judged(day.event, outcome)
    assert [(one.kind, one.where) for one in seen_by_officials.findings] == [("offset", "A2")]
    (question,) = questions(facts, seen_by_officials)
    assert (question.where, question.open_scores, question.hanging, question.command) == ("A2", 0, 80, LOOK)
    assert question.text == sentence(seen_by_officials.findings[0], day.event)


BESIDE = """
[[timing_point]]
id = "A1b"
place = "Bridge, near side, second tube"
board = "00000000000000a9"
input = 1
backup_of = "A1"
"""


def with_backup(old: str = "", new: str = "") -> dict[str, str]:
    """Return the files of the small event with a backup tube, something in it exchanged."""
    text = FILES["event.toml"].replace("[[control]]", f"{BESIDE}\n[[control]]", 1)
    assert old in text
    return {**FILES, "event.toml": text.replace(old, new) if old else text}


def test_a_backup_is_a_timing_point_that_no_control_uses_and_no_question() -> None:
    found = event(with_backup())
    assert [(one.id, one.backup_of) for one in found.timing_points if one.backup_of] == [("A1b", "A1")]
    passage = Passage("load:x:1", "A1b", FIRST_NS, 1000, True, (), (), "board")
    assert "no control" not in {one.kind for one in compute(Facts(found, (), {}, (passage,))).findings}


# name: (old, new, what is said)
WRONG = {
    "of no timing point": (
        'backup_of = "A1"',
        'backup_of = "A9"',
        "expected backup_of as a timing point that is no backup",
    ),
    "of itself": ('backup_of = "A1"', 'backup_of = "A1b"', "expected backup_of as a timing point that is no backup"),
    "in a control": ('opens = "A1"', 'opens = "A1b"', "expected opens as a timing point"),
}


@pytest.mark.parametrize(("old", "new", "says"), WRONG.values(), ids=WRONG)
def test_a_backup_that_cannot_be_is_refused(tmp_path: Path, old: str, new: str, says: str) -> None:
    with pytest.raises(EventError, match=says):
        check_folder(write(tmp_path, with_backup(old, new)))
