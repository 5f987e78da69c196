"""How long the cars of a whole field really take from tube to tube, without knowing which car is which.

All differences of instants between two tubes are laid over each other: those of one car with itself fall together,
those of different cars spread. Where they fall together away from the ideal time, the ideal time is a slip of the pen,
or a board's whole second is wrong. This sees what attribution cannot: an ideal time that is wrong by a crew's interval
gives every passage to the next crew.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import NormalDist
from typing import NamedTuple

from centesimo.model.about_points import Lag
from centesimo.model.event import TIMED_TRIAL, Control, Event
from centesimo.model.facts import Passage

NS_PER_CS, S_NS = 10_000_000, 1_000_000_000
TOGETHER_NS = 400_000_000  # differences of one car lie within this, for most of a field
NEAR_NS = 1_000_000_000  # what is nearer to the ideal time than this is for offsets.py
REACH_NS = 150 * S_NS  # ideal times that are wrong by more are not looked for
FEWEST, PART = 8, 0.5  # cars that must fall together, also of those that passed the tube that fewer passed
SURE = 0.9999  # that it is not the ideal time, from which it is told


class Cluster(NamedTuple):
    """Where the most differences fall together: how many, and their middle."""

    middle_ns: int
    cars: int


def lags(event: Event, passages: Iterable[Passage]) -> list[Lag]:
    """Return the timed trials whose ideal time is not the one that the cars drove, in driving order."""
    ats_by_point: dict[str, list[int]] = defaultdict(list)
    for passage in passages:
        if passage.at_ns is not None:
            ats_by_point[passage.timing_point].append(passage.at_ns)
    for ats in ats_by_point.values():
        ats.sort()
    trials = [control for control in event.controls if control.kind == TIMED_TRIAL and not control.ideal_by_class]
    return [trial_lag for trial in trials if (trial_lag := _find_lag(trial, ats_by_point))]


def _find_lag(control: Control, ats_by_point: Mapping[str, Sequence[int]]) -> Lag | None:
    opens, closes = ats_by_point.get(control.opens or "", ()), ats_by_point.get(control.closes, ())
    ideal_ns = (control.ideal_cs or 0) * NS_PER_CS
    behind = [apart_ns - ideal_ns for apart_ns in differences(opens, closes, ideal_ns - REACH_NS, ideal_ns + REACH_NS)]
    most = together(behind, TOGETHER_NS)
    fewest = max(FEWEST, PART * min(len(opens), len(closes)))
    if most is None or most.cars < fewest or abs(most.middle_ns) < NEAR_NS:
        return None
    near = behind[bisect_left(behind, -NEAR_NS) : bisect_right(behind, NEAR_NS)]
    ideal = together(near, TOGETHER_NS) or Cluster(0, 0)
    # Each difference of one of both clusters is as likely in the other one if it is chance which is larger.
    apart = (most.cars - ideal.cars) / (most.cars + ideal.cars) ** 0.5
    sure = NormalDist().cdf(apart)
    return Lag(control, most.middle_ns, most.cars, ideal.cars, sure) if sure >= SURE else None


def differences(first: Sequence[int], second: Sequence[int], least_ns: int, most_ns: int) -> list[int]:
    """Return all differences second - first from least_ns to most_ns, sorted; both sequences must be sorted."""
    apart_ns: list[int] = []
    for at_ns in first:
        start, end = bisect_left(second, at_ns + least_ns), bisect_right(second, at_ns + most_ns)
        apart_ns += [later_ns - at_ns for later_ns in second[start:end]]
    return sorted(apart_ns)


def together(ordered: Sequence[int], width_ns: int) -> Cluster | None:
    """Return where the most of some sorted values lie within width_ns of each other, or None when there are none."""
    best = first = 0
    most = 0
    for last, value in enumerate(ordered):
        while value - ordered[first] > width_ns:
            first += 1
        if last - first + 1 > most:
            best, most = first, last - first + 1
    return Cluster(ordered[best + most // 2], most) if most else None
