"""A thousand edges a second: all are on flash as they come, each to the microsecond."""

import pytest

from tests import chip_rate
from tests.chip_road import image

BEHIND = 100  # edges that may still be on their way: a tenth of a second of them


@pytest.fixture(scope="module")
def rate() -> chip_rate.Rate:
    return chip_rate.play(image())


def test_flash_keeps_up(rate):
    assert sum(map(len, rate.truth.values())) - rate.at_end <= BEHIND


def test_every_edge_is_there_to_the_microsecond(rate):
    expected = {tube: [at_ns // 1000 for at_ns in instants] for tube, instants in rate.truth.items()}
    assert (rate.counters_us, rate.lost) == (expected, 0)


def test_they_are_packed(rate):
    assert rate.records < 0.4 * rate.at_end
