"""Which passages are rear axles, or feet: by what the tube itself shows."""

import pytest

from centesimo.match.looks import look
from centesimo.model.facts import Passage
from tests.test_match import passage

AXLE_NS = 300_000_000


def made(at_s: float, has_axle: bool) -> Passage:
    """Return a passage with a second axle, or of a single edge."""
    one = passage("T1", at_s)
    return one._replace(axle_ns=AXLE_NS, flags=()) if has_axle else one._replace(axle_ns=None, flags=("single edge",))


# name: what passes every minute (s after it, whether it has a second axle), one more, and of that one: whether it is a
# rear axle, and how much likelier a car makes it than nobody, at least and at most
CARS = [(0.0, True)]
AT_WALKING_PACE = [(0.0, False), (2.5, False)]
ONE_EDGE = [(0.0, False)]
CASES = {
    "a car among cars": (CARS, (630.0, True), False, (1.9, 2.0)),
    "a foot among cars": (CARS, (630.0, False), False, (0.0, 0.03)),
    "a foot behind a car": (CARS, (602.0, False), False, (0.0, 0.03)),
    "a rear axle at walking pace": (AT_WALKING_PACE, (632.5, False), True, (0.0, 0.01)),
    "a car behind a rear axle at walking pace": (AT_WALKING_PACE, (607.0, False), False, (0.0, 1.0)),
    "a single edge where all are": (ONE_EDGE, (630.0, False), False, (1.0, 2.0)),
}


@pytest.mark.parametrize(("each", "more", "is_rear", "car"), CASES.values(), ids=CASES)
def test_how_a_passage_looks(
    each: list[tuple[float, bool]], more: tuple[float, bool], is_rear: bool, car: tuple[float, float]
) -> None:
    rows = [(60.0 * number + at_s, has_axle) for number in range(40) for at_s, has_axle in each]
    rows += [more] + ([(630.0, False)] if is_rear else [])
    rows.sort()
    numpy = pytest.importorskip("numpy")
    looks = look([made(*row) for row in rows], numpy.array([at_s for at_s, _ in rows]), 40.0)
    place = rows.index(more)
    assert bool(looks.rear[place] > 0.9) is is_rear
    assert car[0] <= looks.car[place] <= car[1]


def test_two_slow_cars_whose_axles_mix() -> None:
    """Fronts at 0 and 0.56 s, rears at 0.75 and 1.31 s: the second passage is a car's, the third its rear axle."""
    numpy = pytest.importorskip("numpy")
    slow = [passage("T1", 60.0 * number)._replace(axle_ns=750_000_000, flags=()) for number in range(40)]
    mixed = [
        passage("T1", 630.0)._replace(axle_ns=None, flags=("single edge", "close behind")),
        passage("T1", 630.56)._replace(axle_ns=190_000_000, flags=("close behind",)),
        passage("T1", 631.31)._replace(axle_ns=None, flags=("single edge", "close behind")),
    ]
    rows = sorted([*slow, *mixed], key=lambda one: one.at_ns or 0)
    at_s = numpy.array([(one.at_ns or 0) / 1e9 for one in rows])
    rear = look(rows, at_s, 42.0).rear
    first, second, third = (float(rear[rows.index(one)]) for one in mixed)
    assert first < 0.01
    assert second < 0.5
    assert third > 0.9
