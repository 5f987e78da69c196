"""All ways to read a chain's tracks, weighed forwards and backwards: each track gets the chance of every explanation.

A way is a row of states, one after each track. What is common to the ways through one track is its Step.
"""

from collections.abc import Mapping, Sequence

# (next crew that was not looked at, crews before it that are not seen and not belated, lateness by field in s)
State = tuple[int, tuple[int, ...], tuple[float, ...]]
Option = tuple[State, int, float]  # state after a track, who made it, weight
Chances = list[dict[int, float]]  # of each crew by index, and of NOBODY, by track

_BELATED = -3  # who made a track: one of some crews that the states have forgotten, numbered down from here
Late = tuple[int, float]  # that number, and the weight of those crews together


class Step:
    """The ways through one track: the states before it, and the arcs from there to those after it."""

    def __init__(self, layer: Mapping[State, float]) -> None:
        self.layer = layer
        self.arcs: list[tuple[State, State, int, float]] = []
        self._late: list[Mapping[int, float]] = []

    def late(self, weights: Mapping[int, float]) -> Late:
        """Take the crews that may have made it though the states have forgotten them, with their weights."""
        self._late.append(weights)
        return _BELATED - len(self._late) + 1, sum(weights.values())

    def forward(self) -> dict[State, float]:
        """Return the weight of each state after the track."""
        after: dict[State, float] = {}
        for state, target, _, weight in self.arcs:
            after[target] = after.get(target, 0.0) + self.layer[state] * weight
        return after

    def keep(self, layer: Mapping[State, float]) -> None:
        """Forget the arcs to states that cannot win any more."""
        self.arcs = [arc for arc in self.arcs if arc[1] in layer]

    def backward(self, after: Mapping[State, float]) -> tuple[dict[State, float], dict[int, float], dict[int, float]]:
        """Return the weight of each state before the track, and the chances of those who come when due, and belated."""
        if len(self.layer) == len(self.arcs) == 1 and self.arcs[0][2] > _BELATED:  # the usual case
            return dict.fromkeys(self.layer, 1.0), {self.arcs[0][2]: 1.0}, {}
        before = dict.fromkeys(self.layer, 0.0)
        due: dict[int, float] = {}
        for state, target, who, weight in self.arcs:
            value = weight * after[target]
            before[state] += value
            due[who] = due.get(who, 0.0) + value * self.layer[state]
        total = sum(due.values())
        belated: dict[int, float] = {}
        for number, its in enumerate(self._late):
            share = due.pop(_BELATED - number, 0.0) / total
            if share:
                whole = sum(its.values())
                for who, weight in its.items():
                    belated[who] = belated.get(who, 0.0) + share * weight / whole
        return scaled(before), {who: value / total for who, value in due.items()}, belated


def backward(steps: Sequence[Step], ends: Mapping[State, float]) -> tuple[Chances, Chances]:
    """Return for each track the chances of crews that come when they are due (and of nobody), and of belated ones."""
    after = scaled(ends)
    found_due: Chances = []
    found_belated: Chances = []
    for step in reversed(steps):
        after, due, belated = step.backward(after)
        found_due.append(due)
        found_belated.append(belated)
    return found_due[::-1], found_belated[::-1]


def scaled(weights: Mapping[State, float]) -> dict[State, float]:
    """Return weights of which the largest is 1."""
    largest = max(weights.values())
    return {state: weight / largest for state, weight in weights.items()}
