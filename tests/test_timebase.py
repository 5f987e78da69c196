"""The timebase: named cases worked by hand, and a crystal that wanders as it may, whose truth always lies inside."""

import doctest
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from centesimo_protocol import bounds, timebase
from centesimo_protocol.line import AFTER, BEFORE, BETWEEN
from centesimo_protocol.timebase import Timebase, TimebaseError
from tests import protocol_cases as cases

SECOND, T0 = cases.SECOND, cases.T0
HOUR = 3600


@pytest.mark.parametrize("row", cases.STAMPS, ids=[row[0] for row in cases.STAMPS])
def test_named_cases(row):
    _, logged, counter_us, ns, uncertainty_ns, how, confirmed, disagreeing = row
    of_boot = Timebase(logged)
    assert tuple(of_boot.at(counter_us)) == (T0 * SECOND + ns, uncertainty_ns, how, confirmed)
    assert of_boot.disagreeing == list(disagreeing)


def test_without_an_anchor_there_is_no_time():
    with pytest.raises(TimebaseError, match="expected at least one anchor, got none"):
        Timebase([])


# What, first anchor, second anchor, agree. Over 16 s the crystal may be off by 5 us + 100 ppm = 1605 us.
AGREE = (
    ("exact", (0, 0), (16_000_000, 16), True),
    ("as fast as it may", (0, 0), (16_001_605, 16), True),
    ("too fast", (0, 0), (16_001_606, 16), False),
    ("as slow as it may", (0, 0), (15_998_396, 16), True),
    ("too slow", (0, 0), (15_998_394, 16), False),
    ("another second", (0, 0), (16_000_000, 17), False),
    ("the same second", (0, 0), (3, 0), False),
    ("backwards", (16_000_000, 16), (0, 0), False),
)


@pytest.mark.parametrize(("one", "other", "answer"), [row[1:] for row in AGREE], ids=[row[0] for row in AGREE])
def test_two_anchors_agree(one, other, answer):
    assert bounds.agree(*one, *other) is answer


def test_uncertainty_grows_away_from_the_anchors():
    of_boot = Timebase(cases.FAST)
    last_us = cases.FAST[-1][0]
    after = [of_boot.at(last_us + away).uncertainty_ns for away in (0, 1, 10**6, 10**8, 10**9, 10**9 + 1, 10**10)]
    assert after == sorted(after)
    between = [of_boot.at(60_000_000 + into).uncertainty_ns for into in range(0, 8_000_000, 500_000)]
    assert between == sorted(between)


class Crystal:
    """A 1 MHz counter whose rate moves by whole ppb a second in steps of `step_s`, from `rate_ppb` on.

    It stays in a band of WANDER_LIMIT_PPB above `rate_ppb`, or below it where `band` is negative. Exact: the phase is
    an integer of 1e-18 s, for a time of whole ns.
    """

    def __init__(self, rate_ppb, slopes_ppb_per_s, step_s, band):
        limit = bounds.WANDER_LIMIT_PPB
        low, high = (rate_ppb, rate_ppb + limit) if band > 0 else (rate_ppb - limit, rate_ppb)
        self.step_ns = step_s * SECOND
        self.steps = []  # (phase, rate, slope) where each begins
        phase = 0
        for slope in slopes_ppb_per_s:
            if not low <= rate_ppb + slope * step_s <= high:
                slope = 0
            self.steps.append((phase, rate_ppb, slope))
            phase += self._advance(rate_ppb, slope, self.step_ns)
            rate_ppb += slope * step_s

    def counter_us(self, at_ns, late_ns=0):
        """Return what is captured at a true time; late_ns (0 .. 499) is what pulse and chip add."""
        at_ns += late_ns
        number = min(at_ns // self.step_ns, len(self.steps) - 1)
        phase, rate, slope = self.steps[number]
        return (phase + self._advance(rate, slope, at_ns - number * self.step_ns)) // 10**12

    @staticmethod
    def _advance(rate_ppb, slope_ppb_per_s, for_ns):
        return for_ns * (SECOND + rate_ppb) + slope_ppb_per_s * for_ns * for_ns // (2 * SECOND)


WANDER = bounds.WANDER_PPB_PER_S
SLOPES = st.integers(-WANDER, WANDER) | st.sampled_from([-WANDER, WANDER])
LATE = st.integers(0, 499)


@st.composite
def drives(draw):
    """A crystal, when its pulses were kept (whole seconds), and when cars passed (ns), all within three hours."""
    rate_ppb, band = draw(st.integers(-50_000, 50_000)), draw(st.sampled_from([-1, 1]))
    crystal = Crystal(rate_ppb, draw(st.lists(SLOPES, min_size=36, max_size=36)), 300, band)
    first_s = draw(st.integers(0, 2 * HOUR))
    gaps = draw(st.lists(st.sampled_from([1, 2, 16, 64, 300]) | st.integers(1, HOUR), min_size=1, max_size=12))
    pulses = [first_s]
    for gap in gaps:
        pulses.append(pulses[-1] + gap)
    last_s = min(max(pulses) + HOUR, 3 * HOUR)
    passages = draw(st.lists(st.integers(0, last_s * SECOND), min_size=1, max_size=20))
    return crystal, pulses, sorted(passages), draw(LATE), draw(LATE)


@given(drives())
def test_the_true_time_is_always_inside_the_stated_uncertainty(drive):
    crystal, pulses, passages, pulse_late, edge_late = drive
    anchors = [(crystal.counter_us(s * SECOND, pulse_late), T0 + s, False) for s in pulses]
    of_boot = Timebase(anchors)
    assert of_boot.disagreeing == []
    for at_ns in passages:
        stamp = of_boot.at(crystal.counter_us(at_ns, edge_late))
        assert abs(stamp.utc_ns - (T0 * SECOND + at_ns)) <= stamp.uncertainty_ns
        assert stamp.how in (BEFORE, BETWEEN, AFTER)


@given(drives(), st.lists(st.integers(-20, 20), min_size=13, max_size=13))
def test_so_it_is_where_pulses_stray_and_say_by_how_much(drive, strays):
    crystal, pulses, passages, pulse_late, edge_late = drive
    anchors = []
    for at_s, stray in zip(pulses, strays, strict=False):
        off_us = stray if abs(stray) > bounds.RESIDUAL_US else 0
        anchors.append((crystal.counter_us(at_s * SECOND, pulse_late) + off_us, T0 + at_s, False, off_us))
    of_boot = Timebase(anchors)
    assert of_boot.disagreeing == []
    for at_ns in passages:
        stamp = of_boot.at(crystal.counter_us(at_ns, edge_late))
        assert abs(stamp.utc_ns - (T0 * SECOND + at_ns)) <= stamp.uncertainty_ns


WRONG_S = st.shared(st.integers(-4, 4))  # the same for all pulses of one draw


@st.composite
def lost_days(draw):
    """A receiver wrong by whole seconds, 11 to 24 hours without one, then a confirmed one; as many pulses of each."""
    rate_ppb, band = draw(st.integers(-50_000, 50_000)), draw(st.sampled_from([-1, 1]))
    crystal = Crystal(rate_ppb, draw(st.lists(st.integers(-2, 2), min_size=30, max_size=30)), HOUR, band)
    found_s = 60 + draw(st.integers(40_000, 24 * HOUR))
    pulses = [(at_s, T0 + at_s + draw(WRONG_S), False) for at_s in range(0, draw(st.integers(17, 60)), 16)]
    pulses += [(found_s + at_s, T0 + found_s + at_s, True) for at_s in range(0, draw(st.integers(1, 60)), 16)]
    passages = draw(st.lists(st.integers(0, (found_s + HOUR) * SECOND), min_size=1, max_size=10))
    return crystal, pulses, sorted(passages)


@given(lost_days())
def test_so_it_is_where_a_receiver_was_wrong_half_a_day_before_it_was_confirmed(day):
    crystal, pulses, passages = day
    of_boot = Timebase([(crystal.counter_us(at_s * SECOND), label_s, sure) for at_s, label_s, sure in pulses])
    for at_ns in passages:
        stamp = of_boot.at(crystal.counter_us(at_ns))
        assert abs(stamp.utc_ns - (T0 * SECOND + at_ns)) <= stamp.uncertainty_ns
        assert stamp.confirmed


# The worst that a crystal may do: its slopes minute by minute, the seconds of its pulses, when it is looked at, and
# how many hundredths of the stated uncertainty that must use up at least. It reaches the limit of 10 ppm in 17 minutes.
WORST = (
    ("warming up in holdover", [0] * 3 + [WANDER] * 177, range(0, 180, 16), range(180, 180 + HOUR, 60), 70),
    (
        "cooling until a fix",
        [0] * 43 + [-WANDER] * 17 + [0] * 120,
        range(HOUR, 3780, 16),
        range(0, HOUR, 60),
        70,
    ),
    ("there and back in a gap", [WANDER] * 30 + [-WANDER] * 150, (0, HOUR), range(0, HOUR, 60), 40),
)


@pytest.mark.parametrize(
    ("slopes", "pulses", "seen", "least"), [row[1:] for row in WORST], ids=[row[0] for row in WORST]
)
def test_the_bound_is_kept_and_no_more_than_it_must_be(slopes, pulses, seen, least):
    crystal = Crystal(0, slopes, 60, sum(slopes) or 1)
    of_boot = Timebase([(crystal.counter_us(at_s * SECOND), T0 + at_s, False) for at_s in pulses])
    used = []
    for at_s in seen:
        stamp = of_boot.at(crystal.counter_us(at_s * SECOND))
        used.append(100 * abs(stamp.utc_ns - (T0 + at_s) * SECOND) / stamp.uncertainty_ns)
    assert least <= max(used) <= 100


@given(st.lists(st.integers(0, 10**9), max_size=30), drives())
def test_stamps_are_what_at_gives(counters, drive):
    crystal, pulses, _, late, _ = drive
    of_boot = Timebase([(crystal.counter_us(s * SECOND, late), T0 + s, s % 3 == 0) for s in pulses])
    counters = sorted(counters + [anchor[0] for anchor in of_boot.anchors])
    assert of_boot.stamps(counters) == [of_boot.at(counter_us) for counter_us in counters]


@given(drives())
def test_time_never_runs_backwards(drive):
    crystal, pulses, passages, late, _ = drive
    of_boot = Timebase([(crystal.counter_us(s * SECOND, late), T0 + s, False) for s in pulses])
    stamps = of_boot.stamps([crystal.counter_us(at_ns) for at_ns in passages])
    assert all(one.utc_ns <= other.utc_ns for one, other in pairwise(stamps))


ANY_ANCHOR = st.tuples(st.integers(0, 2**64 - 1), st.integers(0, 2**32 - 1), st.booleans())


ANY_LEAP = st.integers(0, 2**32 - 1).map(timebase.Leap)


@given(st.lists(ANY_ANCHOR | st.integers(-9, 9) | ANY_LEAP, max_size=8))
@example([(0, 0, False), (3, 0, False)])
def test_anything_logged_gives_time_or_our_own_error(logged):
    anchors = {(entry[0], entry[1]) for entry in logged if isinstance(entry, tuple) and len(entry) == 3}
    try:
        of_boot = Timebase(logged)
    except TimebaseError:
        assert not anchors
        return
    assert len(of_boot.anchors) + len(of_boot.disagreeing) >= len({counter_us for counter_us, _ in anchors})
    assert of_boot.at(0).uncertainty_ns >= bounds.COUNTING_NS
    assert of_boot.at(2**64 - 1).uncertainty_ns >= bounds.COUNTING_NS


def test_the_examples_for_timekeepers_are_right():
    page = Path(__file__).parent.parent / "docs" / "time.md"
    result = doctest.testfile(str(page), module_relative=False)
    assert (result.failed, result.attempted) == (0, 18)
