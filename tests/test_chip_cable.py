"""A cable that is pulled while the board is followed live: it goes on by its battery, and no edge is lost."""

import pytest

from tests import chip_cable
from tests.chip_road import image


@pytest.fixture(scope="module")
def cable() -> chip_cable.Cable:
    return chip_cable.play(image())


def test_it_is_not_restarted(cable):
    assert cable.boot == 1


def test_every_edge_is_there_to_the_microsecond(cable):
    expected = {tube: [at_ns // 1000 for at_ns in instants] for tube, instants in cable.truth.items()}
    assert {tube: sorted(cable.counters_us.get(tube, [])) for tube in expected} == expected


def test_it_is_followed_live_again(cable):
    assert cable.live_after == 1
