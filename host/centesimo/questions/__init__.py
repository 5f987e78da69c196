"""What is open, most valuable first, each with a ready command for the decision that would most likely settle it.

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
from centesimo.questions.crew_questions import CrewQuestions
from centesimo.questions.question import Question as Question
from centesimo.questions.rivals import of_rivals
from centesimo.sanity import KINDS, OF_ALL
from centesimo.sanity.causes import touched
from centesimo.timing.contested import CONTESTED
from centesimo.words.findings import sentence

LOOK = "centesimo picture"  # what shows a doubt about the points themselves


def questions(facts: Facts, outcome: Outcome, ended: bool = False) -> list[Question]:
    """Return the questions: first those that most scores depend on, then those that give most crews a place.

    `ended` says that no car comes any more, so the last cars are asked for too. Findings about a point that put no time
    in doubt (a backup that has other cars than its main tube) come last, as no score waits for them.
    """
    crew_questions = CrewQuestions(facts, outcome, ended)
    gaps = list(crew_questions.field.gaps())
    asked = [*crew_questions.without_gap(gaps), *of_rivals(facts.event, outcome)]
    gaps = [gap for gap in gaps if gap.passage is None or CONTESTED not in gap.passage.flags]
    steps = (
        crew_questions.silent_points,
        crew_questions.cut_short,
        crew_questions.gone_crews,
        crew_questions.single,
    )
    for ask in steps:
        answered, gaps = ask(gaps)
        asked += answered
    asked += _of_points(facts, outcome)
    return sorted(
        asked,
        key=lambda question: (
            -question.hanging,
            -question.placed,
            -question.open_scores,
            question.where,
            question.start_numbers,
        ),
    )


def _of_points(facts: Facts, outcome: Outcome) -> Iterator[Question]:
    """Yield the questions about points that may be off (sanity); findings with the same answer become one question."""
    off = [(_hanging(facts, outcome, finding), finding) for finding in outcome.findings if finding.kind in KINDS]
    asked = set()
    for hanging, finding in sorted(off, key=lambda pair: -pair[0]):
        command, otherwise, *_ = *finding.answers, LOOK, ""
        if command == LOOK or command not in asked:
            asked.add(command)
            yield Question(sentence(finding, facts.event), finding.where, (), 0, 0, command, otherwise, hanging=hanging)


def _hanging(facts: Facts, outcome: Outcome, finding: Finding) -> int:
    """Return how many scores depend on the point of a finding; 0 where the finding puts no time in doubt."""
    controls = touched(facts.event, {finding.where}) if finding.kind in OF_ALL else set()
    return sum(score.control in controls and score.status != CANCELLED for score in outcome.scores)


def yet_to_come(facts: Facts, outcome: Outcome) -> list[int]:
    """Return the start numbers of crews with open scores where the field has not passed yet: no question so far."""
    field = CrewQuestions(facts, outcome, ended=False).field
    return sorted({gap.start_number for gap in field.gaps() if not field.has_passed(gap)})
