"""How the best crews scatter at each trial, beside the others: what the findings rest on, for people to look at."""

from collections import defaultdict
from collections.abc import Sequence
from statistics import quantiles
from typing import NamedTuple

from centesimo.model.event import AVERAGE_TRIAL, TIMED_TRIAL, Event
from centesimo.model.facts import Score
from centesimo.sanity.field import Field
from centesimo.score import HUNDREDTHS

FEWEST = 8  # crews that a scatter is told of
PART = 3  # the best third


class Spread(NamedTuple):
    """How the best crews came at one trial."""

    control: str
    crews: int
    low_s: float  # a quarter of them came earlier than that (negative: early)
    middle_s: float
    high_s: float  # a quarter of them came later than that


def spreads(event: Event, scores: Sequence[Score]) -> dict[str, list[Spread]]:
    """Return by kind of trial, in driving order, how its best crews scatter; trials with too few of them are left out.

    The best are the third of the crews that are usually least far from the others at trials of that kind.
    """
    trials = [one for one in event.controls if one.kind in (TIMED_TRIAL, AVERAGE_TRIAL)]
    field = Field(trials, scores)
    late_cs: dict[str, dict[int, int]] = defaultdict(dict)
    for one in scores:
        if one.deviation is not None and one.unit == HUNDREDTHS:
            late_cs[one.control][one.start_number] = one.deviation
    found: dict[str, list[Spread]] = {}
    for kind in (TIMED_TRIAL, AVERAGE_TRIAL):
        best = field.best(kind, PART, FEWEST)
        of_kind = [one.id for one in trials if one.kind == kind]
        its = {
            control: [late_cs[control][number] / 100 for number in best if number in late_cs[control]]
            for control in of_kind
        }
        if told := [_spread(control, late_s) for control, late_s in its.items() if len(late_s) >= FEWEST]:
            found[kind] = told
    return found


def _spread(control: str, late_s: Sequence[float]) -> Spread:
    return Spread(control, len(late_s), *quantiles(late_s, n=4, method="inclusive"))
