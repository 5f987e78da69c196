"""All that follows from the facts: the steps of the flow from edges to rankings, in their order.

Whoever wants a number asks for the whole: the same facts give the same outcome again, whichever command asked. A
Computation keeps each part's result with what it was made of (memo.py), so one more passage or decision recomputes
only what it touches: edges by board, passages by timing point, attributions by chain, scores by race and control, lines
by crew. There is no other way to compute: a cold computation is one whose memo is empty.
"""

import gc
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence, ValuesView
from contextlib import contextmanager
from itertools import chain
from types import MappingProxyType
from typing import NamedTuple

from centesimo.amend.apply import (
    NOTHING,
    Applied,
    Notes,
    apply,
    changed,
    findings_of,
    proposed,
    set_aside,
    without_files,
)
from centesimo.amend.choices import settled
from centesimo.amend.scores import amended, concerning
from centesimo.crosscheck.clocks import keyed_clocks, off
from centesimo.crosscheck.decisions import Computed, against
from centesimo.crosscheck.lists import mislaid, unusable
from centesimo.match import Matched, begun_legs, match_points
from centesimo.model.basis import KEYED, Basis, BasisKind
from centesimo.model.decisions import Attribute, Decision, Insert, Proposal, Swap
from centesimo.model.errors import RuleBookError
from centesimo.model.event import Event, TimingPoint
from centesimo.model.facts import Attribution, Edge, MarshalList, Passage, Ranking, Score, Sighting, by_time
from centesimo.model.findings import Finding
from centesimo.model.memo import Memo
from centesimo.model.rivals import Rivals, Visited
from centesimo.model.said import joined, said
from centesimo.rank import rankings_of
from centesimo.rulebook import RuleBook, find_rulebook
from centesimo.score.crossings import Road, crossings, road
from centesimo.score.measure import Measures
from centesimo.score.tasks import SURE, Crossed
from centesimo.score.unattributed import unattributed
from centesimo.sightings import standing as stands
from centesimo.sightings.cards import card_passages, evidence, is_card
from centesimo.sightings.doubts import doubts as sighting_doubts
from centesimo.sightings.files import Keyed, as_decided, as_recorded
from centesimo.timing.contested import Contest, contests, with_flags
from centesimo.timing.contested import findings as contested_findings
from centesimo.timing.edges import edges
from centesimo.timing.passages import of_point, passages
from centesimo.timing.witnesses import Witnessed, file_of, witnessed
from centesimo.words.decisions import signed
from centesimo.words.findings import in_order

# What is said of a passage that a decision is about.
DONE = {
    "attribute": "attributed",
    "swap": "swapped",
    "insert": "inserted",
    "shift": "shifted",
    "shift-file": "shifted",
    "unreliable": "not reliable",
}

Input = tuple[str, int]  # board and number of its input
Place = tuple[str, str]  # leg and timing point, or race and control


class Facts(NamedTuple):
    """What was recorded and what people wrote; nothing in it was computed."""

    event: Event
    lists: tuple[MarshalList, ...]
    records: Mapping[str, Sequence[bytes]]  # every journal record by board (16 hex digits), in order of sequence
    loaded: tuple[Passage, ...]  # timed by other devices or by hand
    decisions: tuple[Decision, ...] = ()  # all that officials decided, also what was withdrawn
    sightings: tuple[Sighting, ...] = ()  # all that people keyed, also what was replaced
    set_aside: tuple[tuple[str, str], ...] = ()  # id and reason of each row that is stored as a decision and is none
    proposals: tuple[Proposal, ...] = ()  # decisions from elsewhere that nobody here has accepted
    rivals: tuple[Rivals, ...] = ()  # the records of which there are several versions; `records` has the first of each
    visited: tuple[Visited, ...] = ()  # which of the rivals came together
    keyed: Keyed = MappingProxyType({})  # what loaded files brought of the sightings, by the head of each file's digest


class Outcome(NamedTuple):
    """What follows from the facts."""

    passages: tuple[Passage, ...]  # of boards, of loaded files and by hand, as the decisions leave them
    attributions: tuple[Attribution, ...]
    scores: tuple[Score, ...]
    rankings: tuple[Ranking, ...]
    findings: tuple[Finding, ...]  # of every step, in the order of findings.in_order
    applied: Applied = NOTHING  # what the decisions changed
    notes: Mapping[str, tuple[Decision, ...]] = {}  # by passage id: the decisions that are about it
    recorded: Mapping[str, Passage] = {}  # by id: of boards and loaded files, as they were before the decisions
    contests: tuple[Contest, ...] = ()  # records of which nobody has decided which version counts
    witnessed: Mapping[str, Witnessed] = {}  # by timing point that several sources timed: which counts, who else saw
    begun: frozenset[str] = frozenset()  # ids of the legs that have a fact of their own

    @property
    def beside(self) -> tuple[Passage, ...]:
        """Return the passages of witnesses: what a second source timed, and what only it has."""
        return tuple(passage for every in self.witnessed.values() for passage in every.beside)


def compute(facts: Facts, up_to: str | None = None, threshold: float | None = None) -> Outcome:
    """Return all that follows from the facts; `up_to` is the last control that counts in the rankings (None: all).

    `threshold` (0.5 .. 1) is the confidence from which a passage is a crew's (None: as the event says). RuleBookError
    when a race's rule book is missing or does not fit.
    """
    return Computation().outcome(facts, up_to, threshold)


class Computation:
    """Computes outcomes one after another; each costs what changed since the one before."""

    def __init__(self) -> None:
        self.memo = Memo()
        self._measures = Measures()

    def outcome(self, facts: Facts, up_to: str | None = None, threshold: float | None = None) -> Outcome:
        """Return all that follows from the facts, as `compute` does."""
        with without_collector():
            outcome = self._outcome(facts, up_to, facts.event.threshold if threshold is None else threshold)
            return outcome._replace(findings=in_order(facts.event, outcome.findings, self.memo))

    def _outcome(self, facts: Facts, up_to: str | None, threshold: float) -> Outcome:
        self.memo.turn()
        event, memo = facts.event, self.memo
        books = memo("rule books", rulebooks, event)
        choices = settled(facts.records, facts.rivals, facts.decisions, facts.visited)
        all_rivals, undecided = facts.rivals, choices.undecided
        facts = facts._replace(records=choices.records, rivals=undecided)
        standing, passages_by_point, findings = self._seen(facts)
        indices = [memo(("index", point), _index, every) for point, every in passages_by_point.items()]
        recorded = PassagesById([*indices, memo("keyed files", as_recorded, facts.keyed)] if facts.keyed else indices)
        applied = apply(event, recorded, facts.decisions, all_rivals) if facts.decisions else NOTHING
        if (sightings := as_decided(facts.sightings, facts.keyed, applied.of_files)) is not facts.sightings:
            standing, passages_by_point, findings = self._seen(facts._replace(sightings=tuple(sightings)), "decided ")
        open_contests = contests(undecided, recorded.values()) if undecided else ()
        witnessed_by_point = self._witnessed(event, passages_by_point, facts.loaded, applied)
        counted_by_point = {
            point: (*witnessed_by_point[point].counted, *filter(is_card, every))
            if point in witnessed_by_point
            else every
            for point, every in passages_by_point.items()
        }
        crossed, notes_by_point = self._amended(counted_by_point, applied)
        keyed = memo("keyed", evidence, event, standing)
        beside = tuple(saw for every in witnessed_by_point.values() for saw in every.sightings)
        saw = keyed + evidence(event, beside)
        matched, of_match = match_points(event, crossed, facts.lists, memo, threshold, applied.retired, sightings=saw)
        begun = begun_legs(event, crossed, facts.lists, memo, saw)
        attributions, of_crossings, crossings_by_place = self._attributed(event, matched, notes_by_point)
        # What was attributed by a lower threshold than the usual one counts by it too.
        sure = min(SURE, threshold)
        nobodys = unattributed(memo("road", road, event), of_match, crossed, event.timezone)
        measured = self._measures.measure(event, books, crossings_by_place, memo, sure, nobodys)
        groups, of_scores = amended(event, books, measured, applied.of_scores)
        groups = self._noted(event, groups, notes_by_point)
        of_score = sorted([*of_crossings, *of_scores], key=_by_place)
        all_passages = tuple(chain.from_iterable(crossed.values()))
        scores = tuple(chain.from_iterable(groups.values()))
        notes = {identity: decisions for by_id in notes_by_point.values() for identity, decisions in by_id.items()}
        of_lists = [*unusable(facts.lists), *memo("lists", mislaid, event, facts.lists, attributions, of_match)]
        clocks = memo("clocks", keyed_clocks, attributions, keyed) if keyed else {}
        of_people = (*of_lists, *off(clocks))
        computed = Computed(event, facts.lists, applied, all_passages, notes, attributions, scores, of_match, standing)
        return Outcome(
            all_passages,
            attributions,
            scores,
            tuple(rankings_of(event, books, groups, up_to, memo, begun)),
            (
                *findings,
                *contested_findings(open_contests, recorded),
                *set_aside(facts.set_aside),
                *proposed(facts.proposals),
                *findings_of(applied, recorded),
                *against(computed),
                *of_people,
                *of_match,
                *of_score,
            ),
            applied,
            notes,
            recorded,
            open_contests,
            witnessed_by_point,
            begun,
        )

    def _attributed(
        self, event: Event, matched: Sequence[Matched], notes_by_point: Mapping[str, Notes]
    ) -> tuple[tuple[Attribution, ...], list[Finding], dict[Place, Crossed]]:
        """Return the attributions, and who crossed each point of each leg when."""
        made_by_point: dict[str, list[list[Attribution]]] = defaultdict(list)
        for number, (made, _) in enumerate(matched):
            for point, there in self.memo(("point by point", number), _by_point, made).items():
                made_by_point[point].append(there)
        driven = self.memo("road", road, event)
        attributions: list[Attribution] = []
        crossed: dict[Place, Crossed] = {}
        findings: list[Finding] = []
        for point, parts in made_by_point.items():
            notes = notes_by_point.get(point, {})
            there, doubts, places = self.memo(("crossings", point), _crossings, driven, tuple(parts), notes)
            attributions += there
            findings += doubts
            crossed.update(places)
        return tuple(attributions), findings, crossed

    def _seen(
        self, facts: Facts, which: str = ""
    ) -> tuple[tuple[Sighting, ...], dict[str, Sequence[Passage]], list[Finding]]:
        """Return the sightings that stand, the passages as _recorded does, those on cards too, and what is odd.

        `which` names the sightings in the memo: as they were keyed, or as decisions about files leave them.
        """
        memo = self.memo
        standing = memo(f"{which}standing", stands, facts.sightings)
        cards = memo(f"{which}cards", card_passages, facts.event, standing.sightings, facts.loaded)
        odd = []
        if facts.sightings:
            odd = memo(f"{which}sightings", sighting_doubts, facts.event, facts.sightings, standing)
        passages, findings = self._recorded(facts._replace(loaded=(*facts.loaded, *cards)))
        return standing.sightings, passages, [*findings, *odd]

    def _recorded(self, facts: Facts) -> tuple[dict[str, Sequence[Passage]], list[Finding]]:
        """Return the passages of boards and loaded files by timing point, and what is odd about the boards."""
        edges_by_input: dict[Input, list[Edge]] = {}
        findings: list[Finding] = []
        for board in sorted(facts.records):
            stamped_by_input, doubts = self.memo(("edges", board), _of_board, board, tuple(facts.records[board]))
            edges_by_input.update(stamped_by_input)
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
            rivals = tuple(every for every in facts.rivals if every.board == point.board)
            by_point[point.id] = self.memo(("passages", point.id), _at_point, point, stamped, loaded, rivals)
        for name, loaded in sorted(loaded_by_point.items()):  # of points that the event has no more: match says so
            by_point[name] = sorted(loaded, key=by_time)
        unused = tuple(every for key, every in sorted(edges_by_input.items()) if key not in used)
        findings += self.memo("unused edges", _unused, unused)
        return by_point, findings

    def _witnessed(
        self,
        event: Event,
        passages_by_point: Mapping[str, Sequence[Passage]],
        loaded: Sequence[Passage],
        applied: Applied,
    ) -> dict[str, Witnessed]:
        """Return which source counts at each timing point that several timed, and what only stands beside it."""
        counts_by_point = {point.id: point.counts for point in event.timing_points}
        rows_by_file = Counter(file_of(passage) for passage in loaded)
        result = {}
        for name in dict.fromkeys(passage.timing_point for passage in loaded):
            changes = applied.changes_by_point.get(name)
            named = frozenset(identity for identity, _, _ in changes.crews) if changes else frozenset()
            main = counts_by_point.get(name, "")
            timed = [passage for passage in passages_by_point[name] if not is_card(passage)]
            timed = list(without_files(timed, changes))
            every = self.memo(("witnesses", name), witnessed, timed, main, rows_by_file, named)
            if every.clocks:
                result[name] = every
        return result

    def _amended(
        self, by_point: Mapping[str, Sequence[Passage]], applied: Applied
    ) -> tuple[dict[str, Sequence[Passage]], dict[str, Notes]]:
        """Return the passages of each timing point as decisions leave them, and the decisions by passage id."""
        changed_by_point = dict(by_point)
        notes_by_point: dict[str, Notes] = {}
        for point, changes in applied.changes_by_point.items():
            changed_by_point[point], notes_by_point[point] = self.memo(
                ("amended", point), changed, by_point.get(point, ()), changes
            )
        return changed_by_point, notes_by_point

    def _noted(
        self, event: Event, groups: Mapping[Place, Sequence[Score]], notes_by_point: Mapping[str, Notes]
    ) -> dict[Place, Sequence[Score]]:
        """Return the scores by race and control; those of passages that an official changed say so in their reason."""
        noted_by_place = dict(groups)
        control_by_id = {control.id: control for control in event.controls}
        for key, scores in groups.items():
            control = control_by_id[key[1]]
            notes = {**notes_by_point.get(control.opens or "", {}), **notes_by_point.get(control.closes, {})}
            if notes:
                noted_by_place[key] = self.memo(("noted", key), _note_all, scores, notes)
        return noted_by_place


@contextmanager
def without_collector() -> Iterator[None]:
    """Pause the collector of cyclic garbage, which is the process's own and no part of what is computed.

    The steps make about a million values and no cycles; reference counts free them, and the collector visits all of
    them again and again for nothing. A day of 100,000 passages takes 3.8 s of processor time with the pause and 5.8 s
    without it, on one busy machine (bench.day), and the results are the same. Fewer values would cost more than they
    save: every edge is a tuple of its own because every published number is walked back to it. So this is a setting of
    the whole process for as long as one computation lasts: another thread that leaves cycles behind keeps them that
    long, and one that changes the setting itself meanwhile finds it changed back. At the end all that was made counts
    as old, or else the collector would visit it as soon as it goes on.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.unfreeze()
        if was_enabled:
            gc.enable()


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

    def values(self) -> ValuesView[Passage]:
        """Return the passages without looking each of them up."""
        return _Values(self)


class _Values(ValuesView[Passage]):
    """The passages of a PassagesById, index by index."""

    def __init__(self, by_id: PassagesById) -> None:
        super().__init__(by_id)
        self._indices = by_id.indices

    def __iter__(self) -> Iterator[Passage]:
        return chain.from_iterable(index.values() for index in self._indices)


def decisions_of(event: Event, outcome: Outcome, score: Score) -> tuple[Decision, ...]:
    """Return every decision that a score shows: those of its passages, then those of the score itself."""
    of_passages = [decision for passage in score.passages for decision in outcome.notes.get(passage.id, ())]
    return (*of_passages, *concerning(event, outcome.applied.of_scores, score))


def rulebooks(event: Event) -> dict[str, RuleBook]:
    """Return each race's rule book by the race's id, from the event's files or the shipped ones.

    RuleBookError with all that they lack of what the races drive.
    """
    books = {race.id: find_rulebook(event.files, race.rulebook) for race in event.races}
    lacking = [
        lack
        for race, book in books.items()
        for lack in book.lacks(control.kind for control in event.controls if race in control.races)
    ]
    if lacking:
        raise RuleBookError(list(dict.fromkeys(lacking)))
    return books


def _of_board(board: str, raws: Sequence[bytes]) -> tuple[dict[Input, list[Edge]], list[Finding]]:
    """Return a board's edges by input, and what is odd about it."""
    stamped, findings = edges({board: raws})
    by_input: dict[int, list[Edge]] = defaultdict(list)
    for edge in stamped:
        by_input[edge.input].append(edge)
    return {(board, number): every for number, every in by_input.items()}, findings


def _at_point(
    point: TimingPoint, stamped: Sequence[Edge], loaded: Sequence[Passage], rivals: Sequence[Rivals]
) -> list[Passage]:
    by_board = of_point(point, stamped)
    return [*(with_flags(by_board, rivals) if rivals else by_board), *sorted(loaded, key=by_time)]


def _unused(edges_by_input: Sequence[Sequence[Edge]]) -> list[Finding]:
    return passages([edge for edges in edges_by_input for edge in edges], ())[1]


def _index(at_point: Sequence[Passage]) -> dict[str, Passage]:
    return {passage.id: passage for passage in at_point}


def _by_point(made: Sequence[Attribution]) -> dict[str, list[Attribution]]:
    by_point: dict[str, list[Attribution]] = defaultdict(list)
    for attribution in made:
        by_point[attribution.passage.timing_point].append(attribution)
    return by_point


def _crossings(
    road: Road, parts: Sequence[Sequence[Attribution]], notes: Notes
) -> tuple[list[Attribution], list[Finding], Mapping[Place, Crossed]]:
    """Return one point's attributions, of all chains that use it, and who crossed it when."""
    attributions = [_ground(made, notes.get(made.passage.id, ())) for part in parts for made in part]
    findings: list[Finding] = []
    crossed = {place: crews for place, crews in crossings(road, attributions, findings).items() if crews}
    return attributions, findings, crossed


def _ground(attribution: Attribution, decisions: Sequence[Decision]) -> Attribution:
    """Return an attribution; one that an official decided, or that was keyed where no tube lies, says so."""
    for decision in decisions:
        if isinstance(decision.action, Attribute | Swap | Insert) and decision.start_number is not None:
            return attribution._replace(basis=Basis(BasisKind.DECIDED, decision=decision.id))
    return attribution._replace(basis=KEYED) if is_card(attribution.passage) else attribution


def _by_place(finding: Finding) -> tuple[str, int, tuple[str, ...]]:
    return finding.where, finding.start_number or 0, finding.passages


def _note_all(scores: Sequence[Score], notes: Notes) -> list[Score]:
    return [_note(score, notes) for score in scores]


def _note(score: Score, notes: Notes) -> Score:
    changes = [
        joined(" ", (passage.timing_point, said(DONE[decision.kind]))) + joined("", (": ", signed(decision)))
        for passage in score.passages
        for decision in notes.get(passage.id, ())
    ]
    return score._replace(reason=joined("; ", (score.reason, *changes))) if changes else score
