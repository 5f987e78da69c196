"""How late the best crews were at each trial: what the findings of this room rest on, for people to look at."""

from collections import defaultdict
from collections.abc import Sequence
from statistics import quantiles
from typing import NamedTuple

from centesimo.model.event import AVERAGE_TRIAL, TIMED_TRIAL, Event
from centesimo.model.facts import Score
from centesimo.sanity.deviations import FieldDeviations
from centesimo.score import HUNDREDTHS

FEWEST = 8  # crews that a scatter is told of
PART = 3  # the best third


class Spread(NamedTuple):
    """How late the best crews were at one trial: the middle one, and the half in the middle."""

    control: str
    crews: int
    low_s: float  # a quarter of them came earlier than that (negative: early)
    middle_s: float
    high_s: float  # a quarter of them came later than that


def spreads(event: Event, scores: Sequence[Score]) -> dict[str, list[Spread]]:
    """Return how late the best crews were at each trial in driving order, by kind of trial.

    The best crews are the third that is usually nearest to the middle of the field at trials of that kind. Trials with
    fewer than FEWEST of them are left out.
    """
    trials = [control for control in event.controls if control.kind in (TIMED_TRIAL, AVERAGE_TRIAL)]
    field = FieldDeviations(trials, scores)
    late_cs: dict[str, dict[int, int]] = defaultdict(dict)
    for score in scores:
        if score.deviation is not None and score.unit == HUNDREDTHS:
            late_cs[score.control][score.start_number] = score.deviation
    spreads_by_kind: dict[str, list[Spread]] = {}
    for kind in (TIMED_TRIAL, AVERAGE_TRIAL):
        best = field.best(kind, PART, FEWEST)
        of_kind = [trial.id for trial in trials if trial.kind == kind]
        late_s_by_control = {
            control: [late_cs[control][number] / 100 for number in best if number in late_cs[control]]
            for control in of_kind
        }
        if scatter := [
            _spread(control, late_s) for control, late_s in late_s_by_control.items() if len(late_s) >= FEWEST
        ]:
            spreads_by_kind[kind] = scatter
    return spreads_by_kind


def _spread(control: str, late_s: Sequence[float]) -> Spread:
    return Spread(control, len(late_s), *quantiles(late_s, n=4, method="inclusive"))
