"""What is open of a ranking that is to become official, and which places its answers may change."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from centesimo.model.event import Event
from centesimo.model.facts import OPEN, Line, Ranking
from centesimo.publish.published import concerns
from centesimo.publish.render import name
from centesimo.questions import Question
from centesimo.rank import OUT

NAMED = 12  # crews that are named; more are counted


class Unsettled(NamedTuple):
    """What is open of one ranking."""

    name: str  # of its files
    questions: int
    of_points: int  # of these, about the points themselves: a tube, a board or an ideal time that may be off
    open_scores: int
    waiting: tuple[int, ...]  # start numbers that have no place for that
    from_place: int | None  # places from this one on may change; None: none that somebody has

    def as_json(self) -> dict[str, Any]:
        """Return it as values that JSON can hold."""
        return {**self._asdict(), "waiting": list(self.waiting)}

    def __str__(self) -> str:
        """Say it: "classic-leg-L1: 1 open question, 2 open scores; no place yet: 3; every place may change"."""
        counts = [_many(self.questions, "open question"), _many(self.open_scores, "open score")]
        if self.of_points:
            counts.append(f"{self.of_points} of the questions about the points themselves")
        named = ", ".join(map(str, self.waiting)) if len(self.waiting) <= NAMED else _many(len(self.waiting), "crew")
        parts = [", ".join(counts), *([f"no place yet: {named}"] if self.waiting else []), self._places()]
        return f"{self.name}: {'; '.join(parts)}"

    def _places(self) -> str:
        if self.from_place is None:
            return "no place that somebody has can change"
        return "every place may change" if self.from_place == 1 else f"places from {self.from_place} on may change"


def find_unsettled(event: Event, ranking: Ranking, questions: Sequence[Question]) -> Unsettled | None:
    """Return what is open of a ranking, None when nothing is; `questions` about other rankings are left out."""
    own = [question for question in questions if concerns(event, ranking, question.where, question.start_numbers)]
    of_points = sum(not question.start_numbers for question in own)
    open_scores = sum(score.status == OPEN for line in ranking.lines for score in line.scores)
    if not own and not open_scores:
        return None
    waiting = [line for line in ranking.lines if _waits(line)]
    numbers = tuple(sorted(line.entry.start_number for line in waiting))
    leg = ranking.leg.id if ranking.leg else None
    from_place = 1 if of_points else _from_place(ranking, waiting)
    return Unsettled(name(ranking.race.id, leg), len(own), of_points, open_scores, numbers, from_place)


def _waits(line: Line) -> bool:
    """Say whether a crew has no place because something of it is open."""
    return line.status not in OUT and any(score.status == OPEN for score in line.scores)


def _from_place(ranking: Ranking, waiting: Sequence[Line]) -> int | None:
    """Return the best place that a waiting crew may come to: at least its present total where the lowest wins."""
    ranked = [(line.fails, line.total) for line in ranking.lines if line.position]
    if ranking.highest_wins and waiting and ranked:
        return 1
    places = [1 + sum(rank < (line.fails, line.total) for rank in ranked) for line in waiting]
    return min((place for place in places if place <= len(ranked)), default=None)


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"
