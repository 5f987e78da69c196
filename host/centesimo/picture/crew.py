"""The pictures of one crew: how late or early it was at each trial along the day, and what its other controls gave."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from centesimo.amend.apply import SHIFTED
from centesimo.model.facts import SCORED, Score
from centesimo.model.said import joined, said
from centesimo.picture.arrivals import mark_of
from centesimo.picture.chart import Dot, Frame, dots
from centesimo.picture.scale import reach_s, y_labels
from centesimo.publish.published import score_content
from centesimo.publish.render import MINUS, WORDS
from centesimo.publish.render import about as score_text
from centesimo.publish.tongue import ENGLISH, Tongue
from centesimo.score import HUNDREDTHS

A_CHART = 14  # trials
WIDTH, HEIGHT = 400, 210
ZERO, LATE, EARLY, EXACT, OPEN, AVERAGED = "zero", "late", "early", "exact", "open", "averaged"
AVERAGE = "avg."
ABOUT = "How late crew {start_number} was at each {kind}"
# What a mark means, in the order of the key.
KINDS = {
    LATE: "late",
    EARLY: "early",
    EXACT: "exact to the hundredth",
    "doubt": "with a doubt (?)",
    OPEN: "open, or does not count",
}
# And these where there are some.
AVERAGED_TEXT, SHIFTED_TEXT = "average of other trials (avg.)", "with a time put later or earlier"


class Trial(NamedTuple):
    """What a trial gave a crew."""

    score: Score
    is_averaged: bool  # an official assigned an average, and it counts

    @property
    def is_shifted(self) -> bool:
        """Whether an official has put one of its times later or earlier."""
        return any(SHIFTED in passage.flags for passage in self.score.passages)


class Course(NamedTuple):
    """A crew's controls of one leg as pictures and in words."""

    charts: tuple[str, ...]  # its trials, as many charts as they need
    trials: tuple[str, ...]  # the same in words, a line each
    other_controls: tuple[str, ...]  # its other controls, likewise
    is_averaged: bool  # at one trial at least
    is_shifted: bool  # likewise


def course(
    scores: Sequence[Score],
    kinds: Mapping[str, str],
    reaches: Mapping[str, float],
    averaged: Collection[str] = (),
    tongue: Tongue = ENGLISH,
) -> Course:
    """Return the pictures of a crew's scores of one leg, in driving order; each kind of trial has charts of its own.

    kinds     of control, by its id
    reaches   how far up and down in s the charts of a kind go, as `reach_by_kind` says
    averaged  ids of the controls for which an official assigned it an average
    tongue    the language
    """
    trials = [
        Trial(score, score.status == SCORED and score.control in averaged)
        for score in scores
        if score.unit == HUNDREDTHS
    ]
    charts: list[str] = []
    for kind, reach in reaches.items():
        every = [trial for trial in trials if kinds[trial.score.control] == kind]
        parts = [every[place : place + A_CHART] for place in range(0, len(every), A_CHART)]
        for part in parts:
            about = tongue(ABOUT, start_number=part[0].score.start_number, kind=said(kind))
            charts.append(_chart(part, reach, about, tongue))
    other_controls = [score for score in scores if score.unit != HUNDREDTHS]
    return Course(
        tuple(charts),
        tuple(_trial_text(trial, tongue) for trial in trials),
        tuple(_score_text(score, tongue) for score in other_controls),
        any(trial.is_averaged for trial in trials),
        any(trial.is_shifted for trial in trials),
    )


def kinds(courses: Iterable[Course], tongue: Tongue = ENGLISH) -> dict[str, str]:
    """Return what each class of mark in a crew's pictures means."""
    every = list(courses)
    averaged = {AVERAGED: AVERAGED_TEXT} if any(course.is_averaged for course in every) else {}
    shifted = {mark_of(LATE, True): SHIFTED_TEXT} if any(course.is_shifted for course in every) else {}
    return {kind: tongue(text) for kind, text in (KINDS | averaged | shifted).items()}


def _trial_text(trial: Trial, tongue: Tongue) -> str:
    """Return a trial in words; where an average was assigned, without the time that was taken, as it does not count."""
    score = trial.score._replace(taken_cs=None, deviation=None) if trial.is_averaged else trial.score
    return _score_text(score, tongue)


def _score_text(score: Score, tongue: Tongue) -> str:
    return tongue.text(joined(said(": "), (score.control, score_text(score_content(score)))))


def reach_by_kind(scores: Sequence[Score], kinds: Mapping[str, str]) -> dict[str, float]:
    """Return how far up and down in s the charts of a crew go, by kind of trial: the same for all of a kind.

    Average trials are met to the second and timed trials to hundredths: on one scale these would lie at zero.
    """
    late_s_by_kind: dict[str, list[float]] = {}
    for score in scores:
        if score.unit == HUNDREDTHS:
            late_s = late_s_by_kind.setdefault(kinds[score.control], [])
            late_s += [score.deviation / 100] if score.deviation is not None else []
    return {kind: reach_s(late_s) for kind, late_s in late_s_by_kind.items()}


def _chart(trials: Sequence[Trial], reach: float, about: str, tongue: Tongue) -> str:
    """Return some trials, each a mark on a stem from zero."""
    marks: dict[str, list[Dot]] = {ZERO: []}
    for place, trial in enumerate(trials):
        late_s = (_counted(trial) or 0) / 100
        drawn_s = max(-reach, min(reach, late_s))
        text, label = _trial_text(trial, tongue), _label(trial, tongue)
        marks[ZERO].append(Dot(place, 0, text, link=str(place)))
        marks.setdefault(_kind(trial), []).append(Dot(place, drawn_s, text, label, str(place)))
    frame = trials_frame([trial.score.control for trial in trials], reach, about)
    return dots(frame._replace(y_labels=[(value, tongue.number(text)) for value, text in frame.y_labels]), marks)


def trials_frame(names: Sequence[str], reach: float, about: str) -> Frame:
    """Return the frame of a chart with a place for each trial of these names, from -reach to reach (s)."""
    labels = [(float(place), name) for place, name in enumerate(names)]
    across = (-0.5, max(len(names), A_CHART // 2) - 0.5)
    return Frame(WIDTH, HEIGHT, (-reach * 1.15, reach * 1.25), y_labels(reach), across, labels, turned=50, about=about)


def _counted(trial: Trial) -> int | None:
    """Return the deviation in 1/100 s; None where there is none and where an average was assigned."""
    return None if trial.is_averaged else trial.score.deviation


def _label(trial: Trial, tongue: Tongue) -> str:
    """Return what is written at a mark: hundredths, with a question mark where there is a doubt, or why none count."""
    if trial.score.status in WORDS:
        return tongue(WORDS[trial.score.status])
    late_cs = _counted(trial)
    if late_cs is None and not trial.is_averaged:
        return ""
    text = tongue(AVERAGE) if late_cs is None else f"{late_cs:+d}".replace("-", MINUS) if late_cs else "0"
    return f"{text}?" if trial.score.doubts else text


def _kind(trial: Trial) -> str:
    late_cs = _counted(trial)
    if trial.is_averaged:
        return AVERAGED
    if late_cs is None or trial.score.status != SCORED:
        return OPEN
    if trial.score.doubts:
        return mark_of("doubt", trial.is_shifted)
    return mark_of(LATE if late_cs > 0 else EARLY if late_cs < 0 else EXACT, trial.is_shifted)
