"""The pictures of one crew: how late or early it was at each trial along the day, and what its other controls gave."""

from collections.abc import Sequence
from typing import NamedTuple

from centesimo.facts import SCORED, Score
from centesimo.picture.chart import Dot, Frame, dots
from centesimo.picture.scale import reach_s, y_labels
from centesimo.publish.published import score_content
from centesimo.publish.render import about as told
from centesimo.score import HUNDREDTHS

A_CHART = 14  # trials
WIDTH, HEIGHT = 400, 210
ZERO, LATE, EARLY, EXACT, OPEN = "zero", "late", "early", "exact", "open"
# What a mark means, in the order of the key.
KINDS = {
    LATE: "late",
    EARLY: "early",
    EXACT: "exact to the hundredth",
    "doubt": "with a doubt",
    OPEN: "open, or does not count",
}


class Course(NamedTuple):
    """What one crew did in a leg."""

    charts: tuple[str, ...]  # its trials, as many charts as they need
    others: tuple[str, ...]  # its other controls, a line each


def course(scores: Sequence[Score], reach: float, about: str) -> Course:
    """Return the pictures of a crew's scores of one leg, in driving order; `reach` (s) is up and down from zero."""
    trials = [one for one in scores if one.unit == HUNDREDTHS]
    parts = [trials[place : place + A_CHART] for place in range(0, len(trials), A_CHART)]
    others = [f"{one.control}: {told(score_content(one))}" for one in scores if one.unit != HUNDREDTHS]
    return Course(tuple(_chart(part, reach, about) for part in parts), tuple(others))


def reach_of(scores: Sequence[Score]) -> float:
    """Return how far up and down in s the charts of a crew go, the same for all of them."""
    return reach_s(one.deviation / 100 for one in scores if one.deviation is not None and one.unit == HUNDREDTHS)


def _chart(trials: Sequence[Score], reach: float, about: str) -> str:
    """Return some trials, each a mark on a stem from zero."""
    marks: dict[str, list[Dot]] = {ZERO: []}
    for place, one in enumerate(trials):
        late_s = 0.0 if one.deviation is None else one.deviation / 100
        shown = max(-reach, min(reach, late_s))
        title = f"{one.control}: {told(score_content(one))}"
        marks[ZERO].append(Dot(place, 0, title, link=str(place)))
        label = "" if one.deviation is None else f"{one.deviation:+d}".replace("-", "\u2212").replace("+0", "0")
        marks.setdefault(_kind(one), []).append(Dot(place, shown, title, label, str(place)))
    names = [(float(place), one.control) for place, one in enumerate(trials)]
    across = (-0.5, max(len(trials), A_CHART // 2) - 0.5)
    frame = Frame(WIDTH, HEIGHT, (-reach * 1.15, reach * 1.25), y_labels(reach), across, names, turned=50, about=about)
    return dots(frame, marks)


def _kind(one: Score) -> str:
    if one.deviation is None or one.status != SCORED:
        return OPEN
    if one.doubts:
        return "doubt"
    return LATE if one.deviation > 0 else EARLY if one.deviation < 0 else EXACT
