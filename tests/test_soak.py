"""Half a day in the field, accelerated: true time inside the stated uncertainty every time, and no growth of memory.

The whole week is `python -m bench soak`.
"""

import dataclasses
from collections import Counter

import pytest

from protocol import record
from virtual.board import VirtualBoard
from virtual.proof import fetch, held, told
from virtual.scenario import NS, Crossing, Receiver, Scenario, ScenarioError, after, check, utc_ns
from virtual.soak import MIDNIGHT_S, START_NS, soak

READY_S = 300
HOURS = 14  # noon to 2 in the morning
GROWTH_BYTES = 4096


def test_half_a_day_with_all_that_may_happen_to_the_time():
    scenario = soak(HOURS)
    with VirtualBoard(scenario) as board:
        board.wait_until_ready(READY_S)
        memory = [used for _, used in board.memory]
        records = fetch(board)
    found = held(scenario, records)
    assert len(found) == len(scenario.crossings) == 332  # (14 x 3600 - 30) / 151.3
    assert [one for one in found if not one.inside] == []
    assert [leap.utc_s for leap in records if isinstance(leap, record.LeapSecond)] == [START_NS // NS + MIDNIGHT_S]
    assert [one.shift_s for one in records if isinstance(one, record.Correction)] == [-2]
    assert max(one.counter_us for one in records) > 11 * 2**32  # wraps of 71.6 min in 14 h
    states = Counter(record.STATE_NAMES[one.state] for one in records if isinstance(one, record.State))
    assert states["free running"] == 3  # twice off, once without a fix for an hour
    # What a list of the timeline's lines takes comes and goes; the least of a few hours does not.
    assert min(memory[-6:]) - min(memory[:6]) <= GROWTH_BYTES


def leap_day(**changes):
    """Return 15 minutes around the leap second, with a car every 0.7 s within 40 s of it."""
    start_ns = START_NS + (MIDNIGHT_S - 600) * NS
    cars = tuple(Crossing(start_ns + 580 * NS + n * 700_000_000, 1 + n % 4) for n in range(57))
    receiver = Receiver(ubx=True, fix_s=3, silent_s=1)
    return Scenario(start_ns, 900, receiver=receiver, crossings=cars, leap_at_s=600, **changes)


@pytest.mark.parametrize("collected", [held, told], ids=["afterwards", "at once"])
def test_cars_around_a_leap_second(collected):
    scenario = leap_day()
    with VirtualBoard(scenario) as board:
        board.wait_until_ready(READY_S)
        records = fetch(board)
    found = collected(scenario, records)
    assert len(found) == 57
    wrong = [(one.true_at_ns - scenario.start_utc_ns) / NS for one in found if not one.inside]
    # Collected before the board has noticed, those behind the inserted second are one off: that takes eleven labels.
    assert wrong == [] if collected is held else all(601 <= at_s < 613.1 for at_s in wrong)


def test_what_utc_a_scenario_s_instant_is():
    scenario = leap_day()
    midnight_ns = scenario.start_utc_ns + 600 * NS
    # 23:59:59.5, 23:59:60.5, 00:00:00.5
    seconds = [(utc_ns(scenario, after(scenario, at_s)) - midnight_ns) / NS for at_s in (599.5, 600.5, 601.5)]
    assert seconds == [-0.5, 0.5, 0.5]


def test_a_leap_second_in_the_middle_of_a_month_is_refused():
    with pytest.raises(
        ScenarioError, match="expected leap_at_s at the first midnight of a month, got 2026-10-31 23:50:01"
    ):
        check(dataclasses.replace(leap_day(), leap_at_s=1))
