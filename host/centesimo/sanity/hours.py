"""Clocks that are whole hours off: a sheet written an hour late, local times taken for UTC, a board on another zone.

Between tubes it shows without knowing the crews: nearly all cars take the ideal time and so many whole hours, or would
close a trial before they opened it. Where all tubes are off alike, it shows at time controls: everybody is late, or
early, by the same whole hours. Half hours count too, as there are such zones of time.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import NamedTuple

from centesimo.model.about_points import HourOff
from centesimo.model.event import TIME_CONTROL, TIMED_TRIAL, Control, Event
from centesimo.model.facts import Passage, Score
from centesimo.sanity.lags import differences, together

S_NS, CS_NS = 1_000_000_000, 10_000_000
HALF_HOUR_NS, HALF_HOUR_MIN = 1800 * S_NS, 30
MOST_HALVES = 28  # 14 hours, the widest zone of time
NEAR_NS, TOGETHER_NS = 60 * S_NS, 2 * S_NS  # of the whole hours; of each other
NEAR_MIN = 4  # of the whole hours, at a time control
FEWEST, PART = 5, 0.6  # cars that must show it, also of those that could


def hours_off(event: Event, passages: Iterable[Passage], scores: Iterable[Score]) -> list[HourOff]:
    """Return the points whose clock is whole hours off, in driving order; none where fewer than five cars tell."""
    ats_by_point: dict[str, list[int]] = defaultdict(list)
    for passage in passages:
        if passage.at_ns is not None:
            ats_by_point[passage.timing_point].append(passage.at_ns)
    for ats in ats_by_point.values():
        ats.sort()
    between = _between_tubes(event, ats_by_point)
    found = {point for off in between for point in off.timing_points}
    return [*between, *(off for off in _at_controls(event, scores) if off.timing_points[0] not in found)]


class _Step(NamedTuple):
    """How a trial's second tube is off beside its first one."""

    opens: str
    closes: str
    halves: int
    cars: int
    of_cars: int


def _between_tubes(event: Event, ats_by_point: Mapping[str, Sequence[int]]) -> list[HourOff]:
    trials = [control for control in event.controls if control.kind == TIMED_TRIAL and control.opens]
    steps = [step for trial in trials if (step := _find_step(trial, ats_by_point))]
    result = []
    for chain in _chains(steps):
        halves_by_point = {chain[0].opens: 0}
        for step in chain:
            halves_by_point[step.closes] = halves_by_point[step.opens] + step.halves
        # Most points of a chain are right; of two that differ, the later one is called off.
        (usual, _), *_ = Counter(halves_by_point.values()).most_common()
        for halves in dict.fromkeys(halves_by_point.values()):
            if halves != usual:
                points = tuple(point for point, of_point in halves_by_point.items() if of_point == halves)
                telling = [step for step in chain if {step.opens, step.closes} & set(points) and step.halves]
                cars, of_cars = max((step.cars, step.of_cars) for step in telling)
                result.append(HourOff(points, (halves - usual) * HALF_HOUR_NS, cars, of_cars, False))
    return result


def _chains(steps: Iterable[_Step]) -> list[list[_Step]]:
    """Return steps in groups that follow on each other from tube to tube."""
    chains: list[list[_Step]] = []
    for step in steps:
        if chains and chains[-1][-1].closes == step.opens:
            chains[-1].append(step)
        else:
            chains.append([step])
    return chains


def _find_step(trial: Control, ats_by_point: Mapping[str, Sequence[int]]) -> _Step | None:
    """Return by how many half hours a trial's closing tube is off beside the opening one, None where few cars tell."""
    opens, closes = ats_by_point.get(trial.opens or "", ()), ats_by_point.get(trial.closes, ())
    of_cars = min(len(opens), len(closes))
    if of_cars < FEWEST:
        return None
    ideal_ns = (trial.ideal_cs or 0) * CS_NS
    cars_by_halves = {
        halves: _cars(opens, closes, ideal_ns + halves * HALF_HOUR_NS)
        for halves in range(-MOST_HALVES, MOST_HALVES + 1)
    }
    halves = max(cars_by_halves, key=lambda halves: (cars_by_halves[halves], -abs(halves)))
    cars = cars_by_halves[halves]
    if cars < max(FEWEST, PART * of_cars) or (halves and cars_by_halves[0] >= PART * cars):
        halves, cars = 0, cars_by_halves[0]
    return _Step(trial.opens or "", trial.closes, halves, cars, of_cars)


def _cars(opens: Sequence[int], closes: Sequence[int], apart_ns: int) -> int:
    """Return how many cars fall together about a time between two tubes."""
    most = together(differences(opens, closes, apart_ns - NEAR_NS, apart_ns + NEAR_NS), TOGETHER_NS)
    return most.cars if most else 0


def _at_controls(event: Event, scores: Iterable[Score]) -> list[HourOff]:
    kind_by_control = {control.id: control for control in event.controls if control.kind == TIME_CONTROL}
    late_by_control: dict[str, list[int]] = defaultdict(list)
    for score in scores:
        if score.control in kind_by_control and score.deviation is not None:
            late_by_control[score.control].append(score.deviation)
    result = []
    for name, late_min in late_by_control.items():
        halves = round(median(late_min) / HALF_HOUR_MIN)
        near = sum(abs(late - halves * HALF_HOUR_MIN) <= NEAR_MIN for late in late_min)
        if 1 < abs(halves) <= MOST_HALVES and near >= max(FEWEST, PART * len(late_min)):
            point = kind_by_control[name].closes
            result.append(HourOff((point,), halves * HALF_HOUR_NS, near, len(late_min), True))
    return result
