"""All that follows from the facts: the steps of the flow from edges to rankings, in their order.

Whoever wants a number asks for the whole: the same facts give the same outcome again, whichever command asked. A
Computation keeps each part's result with what it was made of (memo.py), so one more passage or amendment recomputes
only what it touches: edges by board, passages by timing point, attributions by chain, scores by race and control, lines
by crew. There is no other way to compute: a cold computation is one whose memo is empty.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from centesimo.amend import signed
from centesimo.amend_apply import NOTHING, Applied, Notes, apply, changed, findings_of
from centesimo.edges import edges
from centesimo.event import Event, TimingPoint
from centesimo.facts import Amendment, Attribution, Edge, Finding, MarshalList, Passage, Ranking, Score
from centesimo.match import match
from centesimo.memo import Memo
from centesimo.passages import passages
from centesimo.rank import rankings
from centesimo.rulebook import RuleBook, find_rulebook
from centesimo.score import score

# What is said of a passage that an amendment is about.
DONE = {
    "attribute": "attributed",
    "swap": "swapped",
    "insert": "inserted by hand",
    "shift": "shifted",
    "unreliable": "not reliable",
}

Input = tuple[str, int]  # board and number of its input


class Facts(NamedTuple):
    """What was recorded and what people wrote; nothing in it was computed."""

    event: Event
    lists: tuple[MarshalList, ...]
    records: Mapping[str, Sequence[bytes]]  # every journal record by board (16 hex digits), in order of sequence
    loaded: tuple[Passage, ...]  # timed by other devices or by hand
    amendments: tuple[Amendment, ...] = ()  # all that officials decided, also what was withdrawn


class Outcome(NamedTuple):
    """What follows from the facts."""

    passages: tuple[Passage, ...]  # of boards, of loaded files and by hand, as the amendments leave them
    attributions: tuple[Attribution, ...]
    scores: tuple[Score, ...]
    rankings: tuple[Ranking, ...]
    findings: tuple[Finding, ...]  # of every step, in the order of the flow
    applied: Applied = NOTHING  # what the amendments changed
    notes: Mapping[str, tuple[Amendment, ...]] = {}  # by passage id: the amendments that are about it
    recorded: Mapping[str, Passage] = {}  # by id: of boards and loaded files, as they were before the amendments


def compute(facts: Facts, up_to: str | None = None) -> Outcome:
    """Return all that follows from the facts; `up_to` is the last control that counts in the rankings (None: all).

    RuleBookError when a race's rule book is missing or does not fit.
    """
    return Computation().outcome(facts, up_to)


class Computation:
    """Computes outcomes one after another; each costs what changed since the one before."""

    def __init__(self) -> None:
        self.memo = Memo()
        self.recorded: PassagesById = PassagesById(())

    def outcome(self, facts: Facts, up_to: str | None = None) -> Outcome:
        """Return all that follows from the facts, as `compute` does."""
        self.memo.turn()
        event, memo = facts.event, self.memo
        books = memo("rule books", rulebooks, event)
        passages_by_point, findings = self._recorded(facts)
        applied = apply(event, self.recorded, facts.amendments)
        crossed, notes = self._amended(event, passages_by_point, applied)
        attributions, of_match = match(event, [one for its in crossed for one in its], facts.lists)
        attributions = _grounded(attributions, notes)
        scores, of_score = score(event, books, attributions, amendments=applied.of_scores)
        scores = _noted(scores, notes)
        return Outcome(
            tuple(one for its in crossed for one in its),
            tuple(attributions),
            tuple(scores),
            tuple(rankings(event, books, scores, up_to)),
            (*findings, *findings_of(applied), *of_match, *of_score),
            applied,
            notes,
            self.recorded,
        )

    def _recorded(self, facts: Facts) -> tuple[dict[str, Sequence[Passage]], list[Finding]]:
        """Return the passages of boards and loaded files by timing point, and what is odd about the boards."""
        edges_by_input: dict[Input, list[Edge]] = {}
        findings: list[Finding] = []
        for board in sorted(facts.records):
            its, doubts = self.memo(("edges", board), _of_board, board, tuple(facts.records[board]))
            edges_by_input.update(its)
            findings += doubts
        by_point: dict[str, Sequence[Passage]] = {}
        loaded_by_point: dict[str, list[Passage]] = defaultdict(list)
        for passage in facts.loaded:
            loaded_by_point[passage.timing_point].append(passage)
        used = set()
        for point in facts.event.timing_points:
            stamped: Sequence[Edge] = ()
            if point.board is not None and point.input is not None:
                used.add((point.board, point.input))
                stamped = edges_by_input.get((point.board, point.input), ())
            loaded = loaded_by_point.pop(point.id, [])
            by_point[point.id] = self.memo(("passages", point.id), _at_point, point, stamped, loaded)
        by_point.update(loaded_by_point)  # of points that the event does not have any more: match says so
        unused = tuple(its for key, its in sorted(edges_by_input.items()) if key not in used)
        findings += self.memo("unused edges", _unused, unused)
        indices = [self.memo(("index", point), _index, its) for point, its in by_point.items()]
        self.recorded = PassagesById(indices)
        return by_point, findings

    def _amended(
        self, event: Event, by_point: Mapping[str, Sequence[Passage]], applied: Applied
    ) -> tuple[list[Sequence[Passage]], Notes]:
        """Return the passages of each timing point as amendments leave them, and the amendments by passage id."""
        found: list[Sequence[Passage]] = []
        notes: Notes = {}
        for point, its in by_point.items():
            changes = applied.changes_by_point.get(point)
            if changes is not None:
                its, more = self.memo(("amended", point), changed, its, changes)
                notes.update(more)
            found.append(its)
        return found, notes


class PassagesById(Mapping[str, Passage]):
    """Passages by id, in one index a timing point."""

    def __init__(self, indices: Sequence[Mapping[str, Passage]]) -> None:
        self.indices = indices

    def __getitem__(self, identity: str) -> Passage:
        for index in self.indices:
            if identity in index:
                return index[identity]
        raise KeyError(identity)

    def __iter__(self) -> Iterator[str]:
        return (identity for index in self.indices for identity in index)

    def __len__(self) -> int:
        return sum(len(index) for index in self.indices)


def rulebooks(event: Event) -> dict[str, RuleBook]:
    """Return each race's rule book by the race's id, from the event's files or the shipped ones."""
    return {race.id: find_rulebook(event.files, race.rulebook) for race in event.races}


def _of_board(board: str, raws: Sequence[bytes]) -> tuple[dict[Input, list[Edge]], list[Finding]]:
    """Return a board's edges by input, and what is odd about it."""
    stamped, findings = edges({board: raws})
    by_input: dict[Input, list[Edge]] = defaultdict(list)
    for edge in stamped:
        by_input[edge.board, edge.input].append(edge)
    return by_input, findings


def _at_point(point: TimingPoint, stamped: Sequence[Edge], loaded: Sequence[Passage]) -> list[Passage]:
    return [*passages(stamped, (point,))[0], *loaded]


def _unused(edges_by_input: Sequence[Sequence[Edge]]) -> list[Finding]:
    return passages([edge for its in edges_by_input for edge in its], ())[1]


def _index(its: Sequence[Passage]) -> dict[str, Passage]:
    return {passage.id: passage for passage in its}


def _grounded(attributions: Sequence[Attribution], notes: Notes) -> list[Attribution]:
    """Return the attributions; those that an official decided say so."""
    if not notes:
        return list(attributions)
    return [_ground(one, notes.get(one.passage.id, ())) for one in attributions]


def _ground(one: Attribution, amendments: Sequence[Amendment]) -> Attribution:
    for amendment in amendments:
        if amendment.kind in ("attribute", "swap", "insert"):
            return one._replace(grounds=f"amendment {amendment.id}")
    return one


def _noted(scores: Sequence[Score], notes: Notes) -> list[Score]:
    """Return the scores; those of passages that an official changed say so in their reason."""
    if not notes:
        return list(scores)
    return [_note(one, notes) for one in scores]


def _note(one: Score, notes: Notes) -> Score:
    said = [
        f"{passage.timing_point} {DONE[amendment.kind]}: {signed(amendment)}"
        for passage in one.passages
        for amendment in notes.get(passage.id, ())
    ]
    return one._replace(reason="; ".join((one.reason, *said))) if said else one
