"""What a crew may have been late on the chain before: a density of coming on its own, whatever was told of it."""

from collections.abc import Set

import numpy as np
import pytest

from centesimo.match.memory import Memory
from centesimo.match.parameters import OUT
from centesimo.match.sighted_chain import SightedChain
from centesimo.model.course import chains
from tests.test_match import event

# name: (how late crew 5 may have been, each with its chance; whether an official says that it is out)
TOLD: dict[str, tuple[list[tuple[float, float]], Set[int]]] = {
    "once, for sure": ([(300.0, 1.0)], set()),
    "by two tracks, together more than surely": ([(300.0, 1.0), (330.0, 0.94)], set()),
    "late before, and out since": ([(300.0, 1.0)], {5}),
    "perhaps": ([(300.0, 0.3), (-40.0, 0.2)], set()),
}


@pytest.mark.parametrize(("late", "gone"), TOLD.values(), ids=TOLD)
def test_it_is_a_density(late: list[tuple[float, float]], gone: Set[int]) -> None:
    (chain,) = chains(event())
    crews = SightedChain(event(), chain, 0.99, gone, Memory(late={5: late})).crews
    own_s = np.arange(-3000.0, 30_000.0, 0.5)
    density = crews.own_hz(np.full(len(own_s), 4), own_s)
    assert density.min() > 0
    # All of it is the chance that the crew comes on its own, but for what comes much later or earlier than looked at.
    assert density.sum() * 0.5 == pytest.approx(float(crews.aside[4]), rel=0.07)
    assert crews.aside[4] <= 1 - (OUT if gone else 0.04) + 1e-12
