"""What a chain tells of itself: how far its cars keep from the ideal time, and how often its tubes err."""

from operator import itemgetter
from statistics import NormalDist

import pytest

from centesimo.match.gaps import Gaps
from centesimo.match.links import Rates, link
from centesimo.match.model import GHOST_HZ
from centesimo.match.spread import WINDOW_S, Spread, plain
from centesimo.model.facts import Passage

# name: (instants at one point, at the next, ideal times less the first race's, deviations of what is plain)
PAIRS: dict[str, tuple[list[float], list[float], list[float], list[float]]] = {
    "each its own": ([0, 60, 120], [0.25, 60.0, 119.5], [0.0], [0.25, 0.0, 0.5]),
    "a ghost far away": ([0, 60], [0.25, 30.0, 60.0], [0.0], [0.25, 0.0]),
    # The ghost is 1 s from crew 1's instant, less than four times the 0.5 s of its passage.
    "a ghost beside it": ([0, 60], [0.5, -1.0, 60.0], [0.0], [0.0]),
    "two cars side by side": ([0, 1, 60], [0.5, 1.5, 60.0], [0.0], [0.0]),
    "a race that has 6 s more": ([0, 60], [0.25, 66.125], [0.0, 6.0], [0.25, 0.125]),
    "nobody came": ([0, 60], [], [0.0], []),
}


@pytest.mark.parametrize(("before", "after", "ideals_s", "deviations_s"), PAIRS.values(), ids=PAIRS)
def test_only_what_is_plain_is_measured(
    before: list[float], after: list[float], ideals_s: list[float], deviations_s: list[float]
) -> None:
    assert list(plain(before, sorted(after), ideals_s)) == deviations_s


def normal(width_s: float, count: int) -> list[float]:
    """Return deviations that lie as a normal distribution has them."""
    return [abs(NormalDist(0, width_s).inv_cdf((place + 0.5) / count)) for place in range(count)]


FIELDS = {"nothing": [], "seconds": normal(1.2, 400), "hundredths": normal(0.02, 400)}


@pytest.mark.parametrize("deviations_s", FIELDS.values(), ids=FIELDS)
def test_a_density_is_one(deviations_s: list[float]) -> None:
    spread = Spread(0.3, deviations_s)
    step_s = 0.005
    assert 2 * step_s * sum(spread.at(place * step_s) for place in range(int(WINDOW_S / step_s))) == pytest.approx(
        1, abs=0.02
    )


# 400 deviations stand against a guess worth 20: 0.95 of a normal density of their width, and little of the guess.
# A width of 1.2 s has 0.3989 / 1.2 = 0.332 at 0.005 s, and exp(-2) of that, 0.045, at 2.4 s.
def test_a_slow_field_is_measured() -> None:
    spread = Spread(0.3, FIELDS["seconds"])
    assert spread.at(2.35) == pytest.approx(0.95 * 0.045, rel=0.25)
    assert spread.at(2.35) > 2 * Spread(0.3).at(2.35)


def test_a_good_field_leaves_less_for_a_second() -> None:
    assert Spread(0.3, FIELDS["hundredths"]).at(1.0) < Spread(0.3).at(1.0) / 10


def columns(lates_s: dict[float, str]) -> list[list[tuple[float, Passage]]]:
    """Return the passages of cars at the nodes where each is seen, e.g. "013"."""
    found: list[list[tuple[float, Passage]]] = [[], [], [], []]
    for at_s, nodes in lates_s.items():
        for node in map(int, nodes):
            found[node].append((at_s, Passage(f"{node}@{at_s}", f"T{node}", 0, 1500, True, (), (), "board")))
    return [sorted(its, key=itemgetter(0)) for its in found]


ON_TIME = {60.0 * place: "0123" for place in range(11)}  # 10 minutes: 3 nodes behind the first are 1800 s
# name: (cars, single passages a second, missing pulses); usual are two of each in 2 / 3e-4 = 6667 s and 200 passages
RATES: dict[str, tuple[dict[float, str], float, float]] = {
    "no fault": (ON_TIME, 2 / (1800 + 6666.7), 2 / (22 + 200)),
    "two ghosts": ({**ON_TIME, 90.0: "1", 210.0: "3"}, 4 / (1800 + 6666.7), 2 / (22 + 200)),
    "it stops behind the first": ({**ON_TIME, 300.0: "0"}, 2 / (1800 + 6666.7), 2 / (20 + 200)),
    "two pulses missing": ({**ON_TIME, 300.0: "013", 360.0: "023"}, 2 / (1800 + 6666.7), 4 / (22 + 200)),
    "it gives up": ({**ON_TIME, 300.0: "012"}, 2 / (1800 + 6666.7), 2 / (21 + 200)),
}


@pytest.mark.parametrize(("cars", "ghost_hz", "miss"), RATES.values(), ids=RATES)
def test_tubes_are_as_good_as_they_were(cars: dict[float, str], ghost_hz: float, miss: float) -> None:
    tracks = link(columns(cars), [Spread(0.3)] * 4, Gaps())
    assert Rates.measured(tracks, 4) == pytest.approx((ghost_hz, miss), rel=1e-4)


def test_of_two_points_none_is_known_to_err() -> None:
    tracks = link(columns(dict.fromkeys((0.0, 60.0), "01"))[:2], [Spread(0.3)] * 2, Gaps())
    assert Rates.measured(tracks, 2) == (GHOST_HZ, 0.01)
