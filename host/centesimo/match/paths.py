"""The paths of a few cars through a chain, weighed together: which passage, or none, is each one's at each point.

A path goes from point to point. What it has so far is the passage that was last (its instant tells when the car is
expected next), that it was not seen yet, or that it has left the chain. Cars that may have made the same passage are
summed over together, point by point and car by car, forwards and backwards: no passage is two cars'. Exact, but for
ways that are e^-WAYS_REACH as likely as the best or that do not fit into MOST_WAYS.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import exp, inf, log
from typing import NamedTuple

from centesimo.match.parameters import MOST_WAYS, WAYS_REACH

UNSEEN, LEFT = -1, -2  # in the place of the passage that was last
NONE = -1  # in the place of a passage: the car has none at that point


class Choice(NamedTuple):
    """A passage that may be a car's at a point."""

    place: int  # in its node
    at_s: float
    weight: float  # log, against its being nobody's


class Move(NamedTuple):
    """A step of a path: to a passage or NONE, what is last then, and its weight (log)."""

    place: int
    last: int
    weight: float


@dataclass
class Car:
    """What is known of one car. All weights are logs; instants are minus the ideal time to their point.

    who        its crew (index), or -1
    choices    by node: the passages that may be its own
    opens      of its coming then, a second, by its first instant; never: of its not coming
    leaves     of its leaving the chain after a point; stays: of its not doing so
    """

    who: int
    choices: Sequence[Sequence[Choice]]
    opens: Callable[[float], float]
    never: float
    leaves: float
    kinds: Sequence[float]  # how it may drive: of each way, its chance
    link: Callable[[int, int, int, float], float]  # kind, node before, node, s from the instant that was last there
    unstamped: Callable[[int, float], float]  # node, instant that was last: it passed there, and has no passage
    unseen: Callable[[int, float], float]  # node, first instant: the same, of nodes before its first passage
    stays: float = 0.0
    alone: list[dict[int, float]] = field(default_factory=list)  # by node: chance of each place, were it alone
    sure: float = 1.0  # no passage is surer its own: what was left out may be right

    def restrict(self, least: float) -> None:
        """Leave out the passages that are less likely its own, were it alone on the road."""
        if self.alone:
            self.choices = [
                [choice for choice in choices if by_place.get(choice.place, 0.0) > least]
                for choices, by_place in zip(self.choices, self.alone, strict=True)
            ]
            self.__dict__.pop("moves", None)
            self.sure = 1 - least

    @cached_property
    def moves(self) -> list[dict[int, list[Move]]]:
        """The moves at each node, by what was last."""
        kinds = len(self.kinds)
        flat = [(node, choice) for node, choices in enumerate(self.choices) for choice in choices]
        first_number = [0]
        for choices in self.choices:
            first_number.append(first_number[-1] + len(choices))
        found = []
        for node, choices in enumerate(self.choices):
            numbered = list(enumerate(choices, first_number[node]))
            by_last = {LEFT: [Move(NONE, LEFT, 0.0)], UNSEEN: [Move(NONE, UNSEEN, 0.0)]}
            for number, choice in numbered:
                missed = sum(self.unseen(earlier, choice.at_s) for earlier in range(node))
                weight = self.opens(choice.at_s) + missed + choice.weight
                by_last[UNSEEN] += [
                    Move(choice.place, number * kinds + kind, weight + chance) for kind, chance in enumerate(self.kinds)
                ]
            for number in range(first_number[node]):
                before, last_s = flat[number][0], flat[number][1].at_s
                unstamped = self.stays + self.unstamped(node, last_s)
                for kind in range(kinds):
                    last = number * kinds + kind
                    by_last[last] = [Move(NONE, LEFT, self.leaves), Move(NONE, last, unstamped)]
                    for after, choice in numbered:
                        link = self.link(kind, before, node, choice.at_s - last_s)
                        by_last[last].append(
                            Move(choice.place, after * kinds + kind, self.stays + link + choice.weight)
                        )
            found.append(by_last)
        return found


def meeting(cars: Sequence[Car], numbers: Sequence[int]) -> list[list[int]]:
    """Return cars by number in groups: those of one may have made the same passage."""
    leader = {number: number for number in numbers}

    def lead(number: int) -> int:
        while leader[number] != number:
            leader[number] = leader[leader[number]]
            number = leader[number]
        return number

    first: dict[tuple[int, int], int] = {}
    for number in numbers:
        for node, choices in enumerate(cars[number].choices):
            for choice in choices:
                leader[lead(number)] = lead(first.setdefault((node, choice.place), number))
    groups: dict[int, list[int]] = defaultdict(list)
    for number in numbers:
        groups[lead(number)].append(number)
    return list(groups.values())


Chances = list[list[dict[int, float]]]  # by car and node: chance of each place, NONE left out
State = tuple[tuple[int, ...], tuple[int, ...]]  # what was last, by car; the places taken at this node so far
Edge = tuple[State, State, int, float]  # from, to, place, weight
OrderedBy = Callable[[Car, Car, int, int, int], float]  # two cars, a node, their places there: log weight


def _indifferent(before: Car, behind: Car, node: int, place: int, other_place: int) -> float:
    del before, behind, node, place, other_place
    return 0.0


Steps = list[tuple[int, int, list[Edge], dict[State, float]]]  # node, car, its edges, the states before


def weigh(cars: Sequence[Car], nodes: int, ordered_by: OrderedBy = _indifferent) -> Chances:
    """Return the chance of each passage of being each car's; `ordered_by` weighs two that pass the same point."""
    return _backward(cars, nodes, *_forward(cars, nodes, ordered_by))


def weigh_alone(car: Car, nodes: int) -> tuple[list[dict[int, float]], list[float]]:
    """Return the chance of each passage of being a car's were it alone, by node, and that of each way it may drive."""
    steps, layer = _forward([car], nodes, _indifferent)
    by_kind = [0.0] * len(car.kinds)
    for ((last,), _), weight in layer.items():
        if last >= 0:
            by_kind[last % len(by_kind)] += weight
    whole = sum(by_kind)
    usual = [exp(kind) for kind in car.kinds]
    kinds = [weight / whole for weight in by_kind] if whole > 0 else usual
    return _backward([car], nodes, steps, layer)[0], kinds


def _forward(cars: Sequence[Car], nodes: int, ordered_by: OrderedBy) -> tuple[Steps, dict[State, float]]:
    """Return all steps, and the states at the end."""
    layer: dict[State, float] = {((UNSEEN,) * len(cars), ()): 1.0}
    steps: Steps = []
    for node in range(nodes):
        for number, car in enumerate(cars):
            edges = _edges(layer, cars, number, car, node, number == len(cars) - 1, ordered_by)
            steps.append((node, number, edges, layer))
            layer = _after(layer, edges)
    return steps, layer


def _backward(cars: Sequence[Car], nodes: int, steps: Steps, layer: dict[State, float]) -> Chances:
    back = {
        state: exp(sum(car.never for car, last in zip(cars, state[0], strict=True) if last == UNSEEN))
        for state in layer
    }
    found: Chances = [[{} for _ in range(nodes)] for _ in cars]
    for node, number, edges, before in reversed(steps):
        back = _step_back(edges, before, back, found[number][node])
    return found


def _edges(
    layer: dict[State, float],
    cars: Sequence[Car],
    number: int,
    car: Car,
    node: int,
    is_last: bool,
    ordered_by: OrderedBy,
) -> list[Edge]:
    edges: list[Edge] = []
    by_last = car.moves[node]
    top = -inf
    for state, value in layer.items():
        if not value:  # so much less likely than another way that it is no number any more
            continue
        lasts, taken = state
        so_far = log(value)
        for place, last, weight in by_last[lasts[number]]:
            if place != NONE and taken:
                if place in taken:
                    continue
                weight += sum(
                    ordered_by(cars[earlier], car, node, other, place)
                    for earlier, other in enumerate(taken)
                    if other != NONE
                )
            after = (*lasts[:number], last, *lasts[number + 1 :])
            if so_far + weight > top - WAYS_REACH:
                top = max(top, so_far + weight)
                edges.append((state, (after, () if is_last else (*taken, place)), place, weight))
    return [(state, after, place, exp(weight - top)) for state, after, place, weight in edges]


def _after(layer: dict[State, float], edges: list[Edge]) -> dict[State, float]:
    after: dict[State, float] = {}
    for state, target, _, weight in edges:
        after[target] = after.get(target, 0.0) + layer[state] * weight
    if len(after) > MOST_WAYS:
        after = dict(sorted(after.items(), key=lambda item: -item[1])[:MOST_WAYS])
    top = max(after.values())
    return {state: weight / top for state, weight in after.items()}


def _step_back(
    edges: list[Edge], before: dict[State, float], back: dict[State, float], chances: dict[int, float]
) -> dict[State, float]:
    """Return the weight of all that follows each state; note the chances of the places."""
    onward: dict[State, float] = dict.fromkeys(before, 0.0)
    by_place: dict[int, float] = {}
    whole = 0.0
    for state, target, place, weight in edges:
        value = weight * back.get(target, 0.0)
        onward[state] += value
        share = before[state] * value
        whole += share
        by_place[place] = by_place.get(place, 0.0) + share
    for place, share in by_place.items():
        if place != NONE:
            chances[place] = share / whole
    top = max(onward.values())
    return {state: weight / top for state, weight in onward.items() if weight > 0.0}
