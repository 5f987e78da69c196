"""How an assigned average was reckoned, and from which of the crew's other trials."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from centesimo.amend.averages import crew
from centesimo.amend.scores import concerning
from centesimo.model.decisions import Average, Decision
from centesimo.model.event import Event
from centesimo.model.facts import SCORED, Score
from centesimo.reading.numbers import plain
from centesimo.rulebook import RuleBook

NONE = Decimal(0)


class Operand(NamedTuple):
    """One trial that an average was taken of, with the decisions about it."""

    score: Score
    decisions: tuple[Decision, ...]


def averaged(
    event: Event, rulebook: RuleBook, score: Score, scores: Sequence[Score], standing: Sequence[Decision]
) -> list[Score]:
    """Return the scores that an assigned average was taken of, in driving order; none where `score` is no average.

    scores may be all of the event's; standing are all decisions about scores that are in force.
    """
    actions = [decision.action for decision in concerning(event, standing, score)]
    decided = [action for action in actions if isinstance(action, Average)]
    if not decided or score.status != SCORED:
        return []
    kind = next(control.kind for control in event.controls if control.id == score.control)
    of = decided[-1].average or rulebook.rule_for(kind).average
    return crew(event, scores, score.start_number, standing).operands(score, of)


def reckoned(rulebook: RuleBook, score: Score, operands: Sequence[Operand]) -> str:
    """Return how an average was reckoned, to be checked by hand: "(3 + 6) / 2 = 4.5 (rounded ...)"."""
    terms = " + ".join(plain(operand.score.penalty or NONE) for operand in operands)
    mean = (score.penalty or NONE) - score.fixed
    beside = f"; with fixed penalties of {plain(score.fixed)}: {plain(score.penalty or NONE)}" if score.fixed else ""
    how = f"rounded as totals are: {rulebook.total}"
    return f"({terms}) / {len(operands)} = {plain(mean)} ({how}){beside}"
