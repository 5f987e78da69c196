"""Questions about records of which several versions came: which of them counts."""

from collections.abc import Iterable, Iterator, Sequence

from centesimo.compute import Outcome
from centesimo.decide.command_text import WHY, typed_board
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
    for of_journals in _by_board(outcome.contests).values():
        if len(of_journals) > 1:
            yield _of_journals(event, outcome, of_journals, point_by_id)
        else:
            yield from (_question(event, outcome, contest, point_by_id) for contest in of_journals)
    yield from (_question(event, outcome, one, point_by_id) for one in outcome.contests if not _is_of_journals(one))


def _is_of_journals(contest: Contest) -> bool:
    """Say whether several versions were read off a board: not one record is another then, but the journal."""
    return sum(version.is_archived for version in contest.rivals.versions) > 1


def _by_board(contests: Iterable[Contest]) -> dict[str, list[Contest]]:
    by_board: dict[str, list[Contest]] = {}
    for contest in filter(_is_of_journals, contests):
        by_board.setdefault(contest.rivals.board, []).append(contest)
    return by_board


def _of_journals(event: Event, outcome: Outcome, contests: Sequence[Contest], point_by_id: dict[str, str]) -> Question:
    """Return the one question of all numbers that several journals under one board's id have."""
    board, sequence, versions, ground = contests[0].rivals
    read = [version.digest for version in versions if version.is_archived]
    text = (
        f"{len(read)} journals came under the id of board {shown_board(event, board)}: {len(contests)} of their records"
        f" differ, from {sequence} on; {GROUNDS[ground]}: which journal counts?"
    )
    commands = [
        f"centesimo amend choose-journal {typed_board(event, board)} {sequence} {digest} {WHY}" for digest in read
    ]
    passages = tuple(dict.fromkeys(identity for contest in contests for identity in contest.passages))
    return _asked(outcome, contests[0]._replace(passages=passages), point_by_id, text, commands)


def _question(event: Event, outcome: Outcome, contest: Contest, point_by_id: dict[str, str]) -> Question:
    board, sequence, versions, ground = contest.rivals
    points = list(dict.fromkeys(point_by_id[identity] for identity in contest.passages))
    there = f", at {points[0]}," if points else ""
    which = f"Record {sequence} of board {shown_board(event, board)}{there} came in {len(versions)} versions"
    text = f"{which}, {GROUNDS[ground]}: which counts?"
    named = typed_board(event, board)
    commands = [f"centesimo amend choose {named} {sequence} {version.digest} {WHY}" for version in versions]
    return _asked(outcome, contest, point_by_id, text, commands)


def _asked(
    outcome: Outcome, contest: Contest, point_by_id: dict[str, str], text: str, commands: Sequence[str]
) -> Question:
    board, _, _, ground = contest.rivals
    ids = set(contest.passages)
    touched = [score for score in outcome.scores if not ids.isdisjoint(passage.id for passage in score.passages)]
    waiting = [score for score in touched if score.status == OPEN] if ground == Ground.NOTHING else []
    points = list(dict.fromkeys(point_by_id[identity] for identity in contest.passages))
    first, *further = commands
    numbers = tuple(sorted({score.start_number for score in waiting}))
    hanging = len(touched) if not waiting else 0
    where = points[0] if points else board
    return Question(text, where, numbers, len(waiting), 0, first, further[0], tuple(further[1:]), hanging)
