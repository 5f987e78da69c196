"""Paths of cars through a chain, against a sum over all of them that is written out."""

from itertools import pairwise, product
from math import exp, log

import pytest

from centesimo.match.paths import Car, Choice, weigh

GHOST_HZ, MISS, LEAVES, NEVER, OPENS_HZ = 1e-3, 0.02, 0.01, 0.05, 1e-2


def near(away_s: float) -> float:
    """Return the density of a deviation: within a second or two, as a rule."""
    return exp(-abs(away_s)) / 2


def car(who: int, *at_s: tuple[float, ...]) -> Car:
    """Return a car that may have made the passages at these instants, by node; a place is its instant in tenths."""
    return Car(
        who,
        [[Choice(round(10 * one_s), one_s, -log(GHOST_HZ)) for one_s in node] for node in at_s],
        opens=lambda first_s: log(OPENS_HZ),
        never=log(NEVER),
        leaves=log(LEAVES),
        kinds=[0.0],
        link=lambda kind, before, node, away_s: log(near(away_s)),
        unstamped=lambda node, last_s: log(MISS),
        unseen=lambda node, first_s: log(MISS),
        stays=log(1 - LEAVES),
    )


def weight_of(path: tuple[float | None, ...]) -> float:
    """Return the weight of one car's path: its instant at each node, or None."""
    seen = [(node, at_s) for node, at_s in enumerate(path) if at_s is not None]
    if not seen:
        return NEVER
    weight = OPENS_HZ * MISS ** seen[0][0] / GHOST_HZ
    for (before, before_s), (node, at_s) in pairwise(seen):
        stays = (1 - LEAVES) ** (node - before) * MISS ** (node - before - 1)
        weight *= near(at_s - before_s) * stays / GHOST_HZ
    rest = len(path) - 1 - seen[-1][0]  # it leaves after some node, or has no passage until the end
    left = sum(LEAVES * ((1 - LEAVES) * MISS) ** node for node in range(rest))
    return weight * (left + ((1 - LEAVES) * MISS) ** rest)


def expected(cars: list[Car], nodes: int) -> list[list[dict[int, float]]]:
    """Return the chances by all ways, one after the other."""
    paths_by_car = [
        list(product(*[[None, *(choice.at_s for choice in choices)] for choices in one.choices])) for one in cars
    ]
    sums = [[dict.fromkeys((choice.place for choice in choices), 0.0) for choices in one.choices] for one in cars]
    whole = 0.0
    for paths in product(*paths_by_car):
        at_nodes = [[path[node] for path in paths if path[node] is not None] for node in range(nodes)]
        if any(len(set(taken)) < len(taken) for taken in at_nodes):
            continue
        weight = 1.0
        for path in paths:
            weight *= weight_of(path)
        whole += weight
        for number, path in enumerate(paths):
            for node, at_s in enumerate(path):
                if at_s is not None:
                    sums[number][node][round(10 * at_s)] += weight
    return [[{place: one / whole for place, one in by_place.items()} for by_place in by_node] for by_node in sums]


# name: cars, each with the instants of its passages by node
CASES = {
    "a passage on its own": [car(0, (1.0,), ())],
    "two as near": [car(0, (0.0,), (1.0, -1.0))],
    "a stranger where it was missed": [car(0, (0.0,), (3.0,), (0.1,))],
    "two cars side by side": [car(0, (0.0,), (0.2, 1.1)), car(1, (1.0,), (0.2, 1.1))],
    "two cars and one passage": [car(0, (0.0,), (0.4,), (0.3, 0.6)), car(1, (0.5,), (0.4,), (0.3, 0.6))],
    "three in a row": [car(who, (0.0, 0.9), (0.1, 0.8, 1.5)) for who in range(3)],
}


@pytest.mark.parametrize("cars", CASES.values(), ids=CASES)
def test_all_ways_are_weighed(cars: list[Car]) -> None:
    nodes = len(cars[0].choices)
    for by_node, sums in zip(weigh(cars, nodes), expected(cars, nodes), strict=True):
        for by_place, chances in zip(by_node, sums, strict=True):
            for place, chance in chances.items():
                assert by_place.get(place, 0.0) == pytest.approx(chance, abs=1e-4)


def test_two_that_were_keyed_in_order_are_in_that_order() -> None:
    """Side by side either may be either; keyed in order, one way is 99 times as likely."""
    cars = [car(0, (0.0,), (0.5, 0.6)), car(1, (0.1,), (0.5, 0.6))]

    def ordered_by(first: Car, second: Car, node: int, place: int, after: int) -> float:
        del node
        return log(0.01) if (first.who < second.who) != (place < after) else log(0.99)

    by_node, _ = weigh(cars, 2, ordered_by)
    assert by_node[1][5] == pytest.approx(0.99, abs=0.005)


def test_a_way_too_unlikely_for_a_number_is_none() -> None:
    one = car(1, (0.0,), (0.1,))
    one.choices = [[Choice(0, 0.0, 1000.0)], one.choices[1]]  # that it was not seen there is no number beside it
    chances = weigh([one], 2)[0]
    assert chances[0][0] == 1.0
    assert chances[1][1] > 0.9
