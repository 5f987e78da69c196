"""Whether an average can be formed of a crew's other trials, and why not: asked before one is assigned or suggested."""

from collections.abc import Sequence
from typing import NamedTuple

from centesimo.amend.scores import AVERAGES, averaged_over
from centesimo.model.course import controls_named
from centesimo.model.decisions import Average, Decision
from centesimo.model.event import Event
from centesimo.model.facts import OPEN, SCORED, Score


class Crew(NamedTuple):
    """What one crew's averages are taken of."""

    event: Event
    scores: Sequence[Score]  # all of the crew
    averaged: frozenset[str]  # ids of the controls that have an average by a decision: they count for no other

    def trials(self, own: Score, of: str) -> list[Score]:
        """Return the scores of the other trials of `of` (a word of AVERAGES), with a time or without."""
        among = averaged_over(self.event, own.race, own.control, of)
        return [score for score in self.scores if score.control in among and score.race == own.race]

    def operands(self, own: Score, of: str) -> list[Score]:
        """Return those of the others that the average is taken of: with a time, and not an average themselves."""
        return [
            score for score in self.trials(own, of) if score.status == SCORED and score.control not in self.averaged
        ]

    def settles(self, own: Score, of: str) -> bool:
        """Say whether the average of `of` can be formed: another trial has a time."""
        return bool(self.operands(own, of))


def crew(event: Event, scores: Sequence[Score], start_number: int | None, standing: Sequence[Decision]) -> Crew:
    """Return what a crew's averages are taken of, by the decisions that stand."""
    averages = [
        decision
        for decision in standing
        if isinstance(decision.action, Average) and decision.start_number == start_number
    ]
    averaged = frozenset(name for decision in averages for name in controls_named(event, decision.control or ""))
    return Crew(event, [score for score in scores if score.start_number == start_number], averaged)


def why_unformed(of_crew: Crew, new: Decision, usual: str) -> str:
    """Return one line on why a new average, already in the scores, leaves its control open; "" when it does not.

    usual is the rule book's average, where the decision names none.
    """
    named = controls_named(of_crew.event, new.control or "")
    left = next((score for score in of_crew.scores if score.control in named and score.status == OPEN), None)
    if left is None:
        return ""
    of = (new.action.average if isinstance(new.action, Average) else None) or usual
    trials = of_crew.trials(left, of)
    missing = ", ".join(f"{score.control} ({_without(score, of_crew)})" for score in trials)
    lacks = f"without a time: {missing}" if missing else "there is no other trial in it"
    wider = [average for average in AVERAGES if average != of and of_crew.settles(left, average)]
    ways = [*(f"--of {average}" for average in wider), "insert the time that another device or a sheet has"]
    return (
        f"no average of its {of} can be formed for crew {new.start_number} at {left.control}, {lacks}; "
        f"try {' or '.join(ways)}"
    )


def _without(score: Score, of_crew: Crew) -> str:
    return "an average itself" if score.control in of_crew.averaged else score.reason or score.status
