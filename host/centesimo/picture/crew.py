"""The pictures of one crew: how late or early it was at each trial along the day, and what its other controls gave."""

from collections.abc import Sequence
from typing import NamedTuple

from centesimo.facts import SCORED, Score
from centesimo.picture.chart import Dot, Frame, dots
from centesimo.picture.scale import reach_s, y_labels
from centesimo.publish.published import score_content
from centesimo.publish.render import MINUS, WORDS
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
    "doubt": "with a doubt (?)",
    OPEN: "open, or does not count",
}


class Course(NamedTuple):
    """What one crew did in a leg."""

    charts: tuple[str, ...]  # its trials, as many charts as they need
    trials: tuple[str, ...]  # the same in words, a line each
    others: tuple[str, ...]  # its other controls, likewise


def course(scores: Sequence[Score], reach: float, about: str) -> Course:
    """Return the pictures of a crew's scores of one leg, in driving order; `reach` (s) is up and down from zero."""
    trials = [one for one in scores if one.unit == HUNDREDTHS]
    parts = [trials[place : place + A_CHART] for place in range(0, len(trials), A_CHART)]
    others = [one for one in scores if one.unit != HUNDREDTHS]
    charts = tuple(_chart(part, reach, about) for part in parts)
    return Course(charts, tuple(map(_told, trials)), tuple(map(_told, others)))


def _told(one: Score) -> str:
    return f"{one.control}: {told(score_content(one))}"


def reach_of(scores: Sequence[Score]) -> float:
    """Return how far up and down in s the charts of a crew go, the same for all of them."""
    return reach_s(one.deviation / 100 for one in scores if one.deviation is not None and one.unit == HUNDREDTHS)


def _chart(trials: Sequence[Score], reach: float, about: str) -> str:
    """Return some trials, each a mark on a stem from zero."""
    marks: dict[str, list[Dot]] = {ZERO: []}
    for place, one in enumerate(trials):
        late_s = 0.0 if one.deviation is None else one.deviation / 100
        shown = max(-reach, min(reach, late_s))
        marks[ZERO].append(Dot(place, 0, _told(one), link=str(place)))
        marks.setdefault(_kind(one), []).append(Dot(place, shown, _told(one), _label(one), str(place)))
    return dots(trials_frame([one.control for one in trials], reach, about), marks)


def trials_frame(names: Sequence[str], reach: float, about: str) -> Frame:
    """Return the frame of a chart with a place for each trial of these names, from -reach to reach (s)."""
    labels = [(float(place), name) for place, name in enumerate(names)]
    across = (-0.5, max(len(names), A_CHART // 2) - 0.5)
    return Frame(WIDTH, HEIGHT, (-reach * 1.15, reach * 1.25), y_labels(reach), across, labels, turned=50, about=about)


def _label(one: Score) -> str:
    """Return what is written at a mark: hundredths, with a question mark where there is a doubt, or why none count."""
    if one.status in WORDS:
        return WORDS[one.status]
    if one.deviation is None:
        return ""
    found = f"{one.deviation:+d}".replace("-", MINUS) if one.deviation else "0"
    return f"{found}?" if one.doubts else found


def _kind(one: Score) -> str:
    if one.deviation is None or one.status != SCORED:
        return OPEN
    if one.doubts:
        return "doubt"
    return LATE if one.deviation > 0 else EARLY if one.deviation < 0 else EXACT
