"""What is open, most valuable first, each with the decision that would most likely settle it as a ready command line.

A point that is off comes first: every time that it gave hangs on it, and what is open may follow from it. Then come
gaps (gaps.py): a crew's passages that its open scores wait for. Gaps that one answer settles are one question: a board
that was not collected, a crew that went home, a car that was lost on a chain, cars of which each may be the other. A
gap is asked when the field has passed the point. What is open though nothing is missing is asked too: a decision or a
record is wrong there.
"""

from collections.abc import Iterator

from centesimo.compute import Facts, Outcome
from centesimo.model.facts import CANCELLED
from centesimo.model.findings import Finding
from centesimo.questions.desk import Desk
from centesimo.questions.question import Question as Question
from centesimo.sanity import KINDS, OF_ALL
from centesimo.sanity.causes import touched

LOOK = "centesimo picture"  # what shows a doubt about the points themselves


def questions(facts: Facts, outcome: Outcome, ended: bool = False) -> list[Question]:
    """Return the questions, those first that most penalties hang on, then those that give most crews a place.

    `ended` says that nobody comes any more, so that also whoever would be last is asked for. What is odd about a point
    without a time being off (a backup that has other cars) comes last: no score waits for it.
    """
    desk = Desk(facts, outcome, ended)
    gaps = list(desk.field.gaps())
    asked = desk.without_gap(gaps)
    for ask in (desk.silent_points, desk.gone_crews, desk.single):
        found, gaps = ask(gaps)
        asked += found
    asked += _of_points(facts, outcome)
    return sorted(asked, key=lambda one: (-one.hanging, -one.placed, -one.open_scores, one.where, one.start_numbers))


def _of_points(facts: Facts, outcome: Outcome) -> Iterator[Question]:
    """Yield the questions about the points themselves (sanity), each answer once: it settles all that it is for."""
    found = [(_hanging(facts, outcome, one), one) for one in outcome.findings if one.kind in KINDS]
    asked = set()
    for hanging, one in sorted(found, key=lambda pair: -pair[0]):
        command, otherwise, *_ = *one.answers, LOOK, ""
        if command == LOOK or command not in asked:
            asked.add(command)
            yield Question(one.text, one.where, (), 0, 0, command, otherwise, hanging=hanging)


def _hanging(facts: Facts, outcome: Outcome, finding: Finding) -> int:
    """Return how many scores are only as right as a point that is off; 0 where a finding only says that it is odd."""
    controls = touched(facts.event, {finding.where}) if finding.kind in OF_ALL else set()
    return sum(score.control in controls and score.status != CANCELLED for score in outcome.scores)


def yet_to_come(facts: Facts, outcome: Outcome) -> list[int]:
    """Return the start numbers of the crews that are open where the field has not passed: that is no question yet."""
    field = Desk(facts, outcome, ended=False).field
    return sorted({gap.start_number for gap in field.gaps() if not field.has_passed(gap)})
