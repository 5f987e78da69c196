"""The pictures of one crew: how late or early it was at each trial along the day, and what its other controls gave."""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from centesimo.amend.apply import SHIFTED
from centesimo.model.facts import SCORED, Score
from centesimo.picture.chart import Dot, Frame, dots
from centesimo.picture.scale import reach_s, y_labels
from centesimo.picture.seen import SHIFT
from centesimo.publish.published import score_content
from centesimo.publish.render import MINUS, WORDS
from centesimo.publish.render import about as told
from centesimo.score import HUNDREDTHS

A_CHART = 14  # trials
WIDTH, HEIGHT = 400, 210
ZERO, LATE, EARLY, EXACT, OPEN, AVERAGED = "zero", "late", "early", "exact", "open", "averaged"
AVERAGE = "avg."
# What a mark means, in the order of the key.
KINDS = {
    LATE: "late",
    EARLY: "early",
    EXACT: "exact to the hundredth",
    "doubt": "with a doubt (?)",
    OPEN: "open, or does not count",
}
# And these where there are some.
OF_DECISIONS = {AVERAGED: "average of other trials (avg.)", LATE + SHIFT: "with a time put later or earlier"}


class Trial(NamedTuple):
    """What a trial gave a crew."""

    score: Score
    is_averaged: bool  # an official assigned an average, and it counts

    @property
    def is_shifted(self) -> bool:
        """Whether an official has put one of its times later or earlier."""
        return any(SHIFTED in passage.flags for passage in self.score.passages)


class Course(NamedTuple):
    """What one crew did in a leg."""

    charts: tuple[str, ...]  # its trials, as many charts as they need
    trials: tuple[str, ...]  # the same in words, a line each
    others: tuple[str, ...]  # its other controls, likewise


def course(scores: Sequence[Score], reach: float, about: str, averaged: Collection[str] = ()) -> Course:
    """Return the pictures of a crew's scores of one leg, in driving order; `reach` (s) is up and down from zero.

    `averaged` are the ids of the controls for which an official assigned it an average.
    """
    trials = [Trial(one, one.status == SCORED and one.control in averaged) for one in scores if one.unit == HUNDREDTHS]
    parts = [trials[place : place + A_CHART] for place in range(0, len(trials), A_CHART)]
    others = [one for one in scores if one.unit != HUNDREDTHS]
    charts = tuple(_chart(part, reach, about) for part in parts)
    return Course(
        charts, tuple(map(_told, trials)), tuple(f"{one.control}: {told(score_content(one))}" for one in others)
    )


def kinds(courses: Iterable[Course]) -> dict[str, str]:
    """Return what the marks of a crew's pictures mean, by their class."""
    drawn = "".join(chart for one in courses for chart in one.charts)
    return KINDS | {kind: text for kind, text in OF_DECISIONS.items() if kind.split()[-1] in drawn}


def _told(one: Trial) -> str:
    """Return a trial in words; of an average not what was timed, which does not count."""
    its = one.score._replace(taken_cs=None, deviation=None) if one.is_averaged else one.score
    return f"{its.control}: {told(score_content(its))}"


def reach_of(scores: Sequence[Score]) -> float:
    """Return how far up and down in s the charts of a crew go, the same for all of them."""
    return reach_s(one.deviation / 100 for one in scores if one.deviation is not None and one.unit == HUNDREDTHS)


def _chart(trials: Sequence[Trial], reach: float, about: str) -> str:
    """Return some trials, each a mark on a stem from zero."""
    marks: dict[str, list[Dot]] = {ZERO: []}
    for place, one in enumerate(trials):
        late_s = (_counted(one) or 0) / 100
        shown = max(-reach, min(reach, late_s))
        marks[ZERO].append(Dot(place, 0, _told(one), link=str(place)))
        marks.setdefault(_kind(one), []).append(Dot(place, shown, _told(one), _label(one), str(place)))
    return dots(trials_frame([one.score.control for one in trials], reach, about), marks)


def trials_frame(names: Sequence[str], reach: float, about: str) -> Frame:
    """Return the frame of a chart with a place for each trial of these names, from -reach to reach (s)."""
    labels = [(float(place), name) for place, name in enumerate(names)]
    across = (-0.5, max(len(names), A_CHART // 2) - 0.5)
    return Frame(WIDTH, HEIGHT, (-reach * 1.15, reach * 1.25), y_labels(reach), across, labels, turned=50, about=about)


def _counted(one: Trial) -> int | None:
    """Return the deviation in 1/100 s; None where there is none, and of an average."""
    return None if one.is_averaged else one.score.deviation


def _label(one: Trial) -> str:
    """Return what is written at a mark: hundredths, with a question mark where there is a doubt, or why none count."""
    if one.score.status in WORDS:
        return WORDS[one.score.status]
    late_cs = _counted(one)
    if late_cs is None and not one.is_averaged:
        return ""
    found = AVERAGE if late_cs is None else f"{late_cs:+d}".replace("-", MINUS) if late_cs else "0"
    return f"{found}?" if one.score.doubts else found


def _kind(one: Trial) -> str:
    late_cs, shifted = _counted(one), SHIFT if one.is_shifted else ""
    if one.is_averaged:
        return AVERAGED
    if late_cs is None or one.score.status != SCORED:
        return OPEN
    if one.score.doubts:
        return f"doubt{shifted}"
    return (LATE if late_cs > 0 else EARLY if late_cs < 0 else EXACT) + shifted
