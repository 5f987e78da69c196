"""Questions about records of which several versions came: which of them counts."""

from collections.abc import Iterator

from centesimo.compute import Outcome
from centesimo.decide.command_text import WHY
from centesimo.model.event import Event
from centesimo.model.facts import OPEN
from centesimo.model.rivals import Ground
from centesimo.questions.question import Question
from centesimo.timing.contested import Contest
from centesimo.words.boards import shown_board
from centesimo.words.english import GROUNDS


def of_rivals(event: Event, outcome: Outcome) -> Iterator[Question]:
    """Yield a question for each record of which nobody has decided which version counts."""
    point_by_id = (
        {passage.id: passage.timing_point for passage in outcome.recorded.values()} if outcome.contests else {}
    )
    for contest in outcome.contests:
        yield _question(event, outcome, contest, point_by_id)


def _question(event: Event, outcome: Outcome, contest: Contest, point_by_id: dict[str, str]) -> Question:
    board, sequence, versions, ground = contest.rivals
    ids = set(contest.passages)
    touched = [score for score in outcome.scores if not ids.isdisjoint(passage.id for passage in score.passages)]
    waiting = [score for score in touched if score.status == OPEN] if ground == Ground.NOTHING else []
    points = list(dict.fromkeys(point_by_id[identity] for identity in contest.passages))
    first, *further = [f"centesimo amend choose {board} {sequence} {version.digest} {WHY}" for version in versions]
    there = f" ({points[0]})" if points else ""
    which = f"Record {sequence} of board {shown_board(event, board)}{there} came in {len(versions)} versions"
    text = f"{which}, {GROUNDS[ground]}: which counts?"
    numbers = tuple(sorted({score.start_number for score in waiting}))
    hanging = len(touched) if not waiting else 0
    where = points[0] if points else board
    return Question(text, where, numbers, len(waiting), 0, first, further[0], tuple(further[1:]), hanging)
