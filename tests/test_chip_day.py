"""A day on the emulated chip with the shipped UF2: cold start, load, burst, a hung processor, a power cut."""

import pytest

from tests import chip_day
from tests.chip_road import image

POWER_ON, WATCHDOG = 1, 3  # machine.reset_cause()


@pytest.fixture(scope="module")
def day() -> chip_day.Day:
    return chip_day.play(image())


def test_it_goes_from_no_receiver_to_locked(day):
    assert day.states[0] == "no receiver"
    assert day.states[-2:] == ["acquiring", "locked"]
    assert day.locked_s < 20


@pytest.mark.parametrize(("group", "count"), [("early", 12), ("loaded", 100), ("crowded", 800)])
def test_no_edge_is_lost(day, group, count):
    assert len(getattr(day, group)) == count
    assert day.lost == 0


def test_locked_stamps_are_within_a_microsecond_and_a_half(day):
    errors = sorted(abs(error_ns) for error_ns, _ in day.loaded + day.crowded)
    assert errors[-1] <= 1500
    assert errors[len(errors) * 99 // 100] <= 1000


@pytest.mark.parametrize("group", ["early", "loaded", "crowded"])
def test_the_true_time_is_within_the_stated_uncertainty(day, group):
    outside = [(error_ns, stamp) for error_ns, stamp in getattr(day, group) if abs(error_ns) > stamp.uncertainty_ns]
    assert outside == []


def test_edges_are_on_flash_soon(day):
    # 50 ms where no erase is due; the worst stall is 400 ms and what piled up in it.
    ordered = sorted(day.to_flash_ms)
    assert ordered[len(ordered) // 2] < 50
    assert ordered[-1] < 600


def test_the_processor_sleeps_most_of_the_time(day):
    assert day.idle > 0.8


def test_a_hung_processor_is_restarted_and_nothing_is_lost(day):
    assert day.hung is not None
    assert (day.hung.boot, day.hung_cause, day.hung_missing, day.hung_edges) == (2, WATCHDOG, [], 0)


def test_a_power_cut_loses_nothing_that_was_announced(day):
    assert day.cut is not None
    assert (day.cut.boot, day.cut_cause, day.cut_missing) == (2, POWER_ON, [])
