"""The emulated chip with a receiver at 115200 baud: the counter wraps, memory is collected, the receiver is lost."""

import pytest

from centesimo_protocol import record
from tests import chip_hour
from tests.chip_panel import ADDRESS
from tests.chip_road import image


@pytest.fixture(scope="module")
def hour() -> chip_hour.Hour:
    return chip_hour.play(image())


def test_it_locks(hour):
    assert hour.locked_s < 20


def test_a_display_that_is_not_there_is_asked_for_once(hour):
    assert hour.asked == [ADDRESS]


@pytest.mark.parametrize(("group", "count"), [("early", 12), ("wrapped", 40), ("collected", 80), ("held", 96)])
def test_no_edge_is_lost_and_the_true_time_is_within_the_stated_uncertainty(hour, group, count):
    found = getattr(hour, group)
    assert (len(found), hour.lost) == (count, 0)
    assert [(error_ns, stamp) for error_ns, stamp in found if abs(error_ns) > stamp.uncertainty_ns] == []


def test_the_counter_wraps_between_edges(hour):
    counters = [edge.counter_us for edge in hour.edges]
    assert sorted(counters) == counters
    assert counters[12] < 2**32 < counters[12 + 40 - 1]
    assert max(abs(error_ns) for error_ns, _ in hour.wrapped) <= 1500
    assert {edge.state for edge in hour.edges[12 : 12 + 40 + 80]} == {record.LOCKED}


def test_collecting_memory_among_edges_widens_nothing(hour):
    # 80 edges in 25 ms are one in 0.3 ms; the collection alone takes 6 ms.
    assert hour.in_test >= 6 / 0.3
    assert max(abs(error_ns) for error_ns, _ in hour.collected) <= 1500


def test_an_hour_without_the_receiver_ends_free_running(hour):
    # After 10 min +-2 ms are stated, after 20 min more than half a hundredth.
    assert hour.states == [record.HOLDOVER] + [record.FREE_RUNNING] * 5
    # 9 ppb more each second for 1000 s, then 9 ppm for 2600 s: 4.5 ms + 23.4 ms.
    assert max(abs(error_ns) for error_ns, _ in hour.held) == pytest.approx(27_900_000, rel=0.01)
