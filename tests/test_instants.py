"""The instants of many counter values at once are those of the timebase, to the nanosecond, whatever was logged."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from centesimo.timing.instants import instants
from centesimo_protocol.timebase import Leap, Since, Timebase

T0 = 1_717_221_600  # 2024-06-01 06:00 UTC
HOUR_US = 3_600_000_000


@st.composite
def journals(draw):
    """Return what a boot logged: anchors of a crystal that is off, some gaps of hours, doubts, leaps, corrections."""
    off_ppm = draw(st.integers(-80, 80))
    logged, at_s = [], 0
    for step_s in draw(st.lists(st.sampled_from((1, 16, 60, 61, 600, 7_200, 80_000)), min_size=1, max_size=12)):
        at_s += step_s
        counter_us = at_s * (1_000_000 + off_ppm) + draw(st.integers(-3, 3))
        logged.append((counter_us, T0 + at_s, draw(st.booleans()), draw(st.sampled_from((0, 0, 5, -9)))))
        if draw(st.integers(0, 9)) == 0:
            logged.append(draw(st.sampled_from((Since(counter_us + 500_000), Leap(T0 + at_s + 1), 1, -1))))
    return logged


def expected(timebase, counters):
    return [list(column) for column in timebase.columns(counters)]


@given(journals(), st.lists(st.integers(0, 50 * HOUR_US), max_size=40))
@example([(5_000_000, T0, True, 0)], [0, 5_000_000, 9_000_000])  # one anchor
@example([(0, T0, True, 0), (60_000_000, T0 + 60, True, 0)], [0, 1, 59_999_999, 60_000_000, 60_000_001])
@example([(2**61, T0, True, 0), (2**61 + 10**6, T0 + 1, True, 0)], [2**61 - 1, 2**61 + 1, 2**61 + 10**7])
def test_instants_are_those_of_the_timebase(logged, counters):
    timebase = Timebase(logged)
    anchors = [entry[0] for entry in logged if isinstance(entry, tuple) and len(entry) == 4]
    rising = sorted([*counters, *anchors, *(counter_us + 1 for counter_us in anchors)])
    assert [list(column) for column in instants(timebase, np.array(rising, np.int64))] == expected(timebase, rising)


@pytest.mark.parametrize("apart_s", [1, 60, 3_600, 86_400, 40_000_000])
def test_they_are_however_far_apart_the_anchors_lie(apart_s):
    """Where products leave 64 bits the timebase itself is asked."""
    timebase = Timebase([(0, T0, True, 0), (apart_s * 1_000_010, T0 + apart_s, True, 0)])
    counters = [apart_s * 1_000_010 * part // 1_000 for part in range(1_001)]
    assert [list(column) for column in instants(timebase, np.array(counters, np.int64))] == expected(timebase, counters)
