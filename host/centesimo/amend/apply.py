"""What decisions make of the facts: fixed attributions, voided and inserted passages, shifted periods of boards.

A pure function. Decisions are taken in their order; one that names what is not there, or contradicts an
earlier one that stands, is refused with a line that says why, and changes nothing. Adding a new decision is the same
function: it is accepted when it is not refused and makes no other one refused.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from centesimo.amend import checks as checks
from centesimo.amend import in_order
from centesimo.amend.passage_names import passage_names, passages_of
from centesimo.amend.score_checks import controls_without
from centesimo.amend.standing import Standing, is_of_file
from centesimo.amend.values import short
from centesimo.model.about_decisions import DecisionUnused, Proposed, RowSetAside
from centesimo.model.decisions import (
    Changes,
    Choose,
    Decision,
    Insert,
    OfFile,
    Period,
    Proposal,
    Retire,
    Shift,
    ShiftFile,
    TakeBack,
    Unreliable,
)
from centesimo.model.errors import DecisionError
from centesimo.model.event import Event, TimingPoint
from centesimo.model.facts import Passage, by_time
from centesimo.model.findings import Finding, FindingKind
from centesimo.model.rivals import Rivals
from centesimo.words.decisions import describe

UNRELIABLE, SHIFTED = "unreliable", "shifted"  # flags of a passage


class PointChanges(NamedTuple):
    """What decisions change at one timing point; all in the order of the decisions."""

    crews: tuple[tuple[str, int, Decision], ...] = ()  # passage id and whose it is
    voided: tuple[str, ...] = ()
    inserted: tuple[tuple[Passage, Decision], ...] = ()
    periods: tuple[Decision, ...] = ()  # of the point's board
    files: tuple[Decision, ...] = ()  # of loaded files with passages there


class Applied(NamedTuple):
    """What decisions change of the facts."""

    standing: tuple[Decision, ...]  # all that count, in the order of the decisions
    changes_by_point: Mapping[str, PointChanges]
    of_scores: tuple[Decision, ...]
    refused: tuple[tuple[Decision, str], ...]  # with why
    retired: Mapping[int, frozenset[str]] = {}  # by start number: the controls that the crew did not come to

    @property
    def of_files(self) -> tuple[OfFile, ...]:
        """Return what was decided about loaded files as a whole."""
        actions = (decision.action for decision in self.standing)
        return tuple(action for action in actions if isinstance(action, OfFile))


NOTHING = Applied((), {}, (), ())


def apply(
    event: Event,
    passages_by_id: Mapping[str, Passage],
    decisions: Sequence[Decision],
    rivals: Sequence[Rivals] | None = None,
) -> Applied:
    """Return what decisions change; `passages_by_id` are those of boards and of loaded files.

    `rivals` are the records of which there are several versions; None: not known, and which counts is not judged.
    """
    ordered = sorted(decisions, key=in_order)
    gone, refused = checks.withdrawals(ordered)
    standing = Standing(event, passages_by_id, rivals)
    for decision in ordered:
        if decision.id in gone or decision.changes == Changes.DECISIONS:
            continue
        why = checks.contradiction(decision, standing)
        if why:
            refused.append((decision, why))
            continue
        standing.add(decision)
    decisions_standing = tuple(standing.decisions)
    of_scores = tuple(decision for decision in decisions_standing if decision.changes == Changes.SCORES)
    return Applied(decisions_standing, _by_point(event, standing), of_scores, tuple(refused), _retired(standing))


def accept(
    event: Event,
    passages_by_id: Mapping[str, Passage],
    decisions: Sequence[Decision],
    new: Decision,
    rivals: Sequence[Rivals] | None = None,
) -> None:
    """Raise DecisionError if a new decision cannot stand beside the others, or another would not stand any more."""
    before = {refused.id for refused, _ in apply(event, passages_by_id, decisions, rivals).refused}
    for refused, why in apply(event, passages_by_id, [*decisions, new], rivals).refused:
        if refused.id == new.id:
            raise DecisionError(why)
        if refused.id not in before:
            text = describe(refused, passage_names(event, [*decisions, refused], (), passages_by_id), event)
            raise DecisionError(f"amendment {refused.id} ({text}) rests on that: withdraw {refused.id} first")


def findings_of(applied: Applied, passages_by_id: Mapping[str, Passage]) -> list[Finding]:
    """Return a finding for each decision that is not used, though it was accepted once."""
    refused = [decision for decision, _ in applied.refused]
    passage_by_id = passages_of(refused, (), passages_by_id)
    findings = []
    for decision, why in applied.refused:
        named = tuple(passage_by_id[identity] for identity in decision.passages if identity in passage_by_id)
        about, where = DecisionUnused(decision, named, why), _place(decision) or "amendments"
        findings.append(Finding(FindingKind.DECISION, where, decision.start_number, about, decision.passages[:1]))
    return findings


def set_aside(rows: Iterable[tuple[str, str]]) -> list[Finding]:
    """Return a finding for each row that is stored as a decision and cannot be one: id and reason."""
    return [
        Finding(FindingKind.DECISION, "amendments", None, RowSetAside(short(identity), why)) for identity, why in rows
    ]


def proposed(proposals: Iterable[Proposal]) -> list[Finding]:
    """Return a finding for each decision that came from elsewhere and does not count."""
    return [
        Finding(FindingKind.DECISION, _place(one.decision) or "amendments", one.decision.start_number, Proposed(one))
        for one in proposals
    ]


def _place(decision: Decision) -> str:
    """Return the control, timing point or board that a decision names; "": none."""
    action = decision.action
    if isinstance(action, Insert):
        return action.timing_point
    return action.board if isinstance(action, Period | Choose) else decision.control or ""


def _retired(standing: Standing) -> dict[int, frozenset[str]]:
    numbers = dict.fromkeys(
        decision.start_number for decision in standing.of_kind(Retire) if decision.start_number is not None
    )
    return {number: controls for number in numbers if (controls := controls_without(number, standing))}


def _by_point(event: Event, standing: Standing) -> dict[str, PointChanges]:
    """Return what is changed at each timing point where something is."""
    crews, voided, inserted = defaultdict(list), defaultdict(list), defaultdict(list)
    for identity, (number, decision) in standing.crew_by_passage.items():
        if (passage := standing.find_passage(identity)) and not isinstance(decision.action, Insert):
            crews[passage.timing_point].append((identity, number, decision))
    for identity in standing.void_by_passage:
        if passage := standing.find_passage(identity):
            voided[passage.timing_point].append(passage.id)
    for decision in standing.of_kind(Insert):
        passage = standing.inserted[decision.inserted_id]
        inserted[passage.timing_point].append((passage, decision))
    periods = {point.id: _periods_at(point, standing) for point in event.timing_points}
    changes = {
        point.id: PointChanges(
            tuple(crews[point.id]),
            tuple(voided[point.id]),
            tuple(inserted[point.id]),
            periods[point.id],
            tuple(decision for decision in standing.of_kind(OfFile) if _reaches(decision, point.id)),
        )
        for point in event.timing_points
    }
    return {point: of_point for point, of_point in changes.items() if any(of_point)}


# By passage id: the decisions that are about it.
Notes = dict[str, tuple[Decision, ...]]


def changed(passages: Sequence[Passage], changes: PointChanges) -> tuple[list[Passage], Notes]:
    """Return the passages of one timing point as match is given them, and the decisions of each that has some.

    A shifted passage keeps its edges as they were stamped; an unreliable one keeps its instant, for order, and its flag
    keeps it from being scored.
    """
    number_by_id = {identity: (number, decision) for identity, number, decision in changes.crews}
    voided = set(changes.voided)
    left: list[Passage] = []
    notes: Notes = {}
    inserted = ((passage, (decision,)) for passage, decision in changes.inserted)
    for passage, decisions in [*((passage, ()) for passage in passages), *inserted]:
        if passage.id in voided:
            continue
        decisions = (*decisions, *_periods_of(passage, changes.periods))
        decisions = (*decisions, *(decision for decision in changes.files if is_of_file(passage, decision.action)))
        if any(isinstance(decision.action, TakeBack) for decision in decisions):
            continue
        for action in (decision.action for decision in decisions):
            if isinstance(action, (Shift, ShiftFile)) and passage.at_ns is not None:
                passage = passage._replace(at_ns=passage.at_ns + action.shift_ns, flags=(*passage.flags, SHIFTED))
            elif isinstance(action, Unreliable):
                passage = passage._replace(flags=(*passage.flags, UNRELIABLE))
        if passage.id in number_by_id:
            number, decision = number_by_id[passage.id]
            passage, decisions = passage._replace(start_number=number), (*decisions, decision)
        left.append(passage)
        if decisions:
            notes[passage.id] = decisions
    return sorted(left, key=by_time), notes


def _periods_of(passage: Passage, periods: Sequence[Decision]) -> tuple[Decision, ...]:
    """Return the periods in which a board stamped a passage; the ends belong to it."""
    if not passage.edges or passage.at_ns is None:
        return ()
    at_ns = passage.at_ns
    return tuple(
        decision
        for decision in periods
        if isinstance(decision.action, Period) and decision.action.from_ns <= at_ns <= decision.action.to_ns
    )


def _reaches(decision: Decision, point: str) -> bool:
    """Say whether a decision about a loaded file is about its passages at a timing point."""
    return isinstance(decision.action, OfFile) and decision.action.timing_point in (None, point)


def without_files(passages: Sequence[Passage], changes: PointChanges | None) -> Sequence[Passage]:
    """Return a timing point's passages but those of files that were taken back: they are no second source."""
    taken_back = (
        [decision.action for decision in changes.files if isinstance(decision.action, TakeBack)] if changes else []
    )
    if not taken_back:
        return passages
    return [passage for passage in passages if not any(is_of_file(passage, action) for action in taken_back)]


def _periods_at(point: TimingPoint, standing: Standing) -> tuple[Decision, ...]:
    """Return the decisions about periods of a timing point's board."""
    periods = ((decision, decision.action) for decision in standing.of_kind(Period))
    return tuple(decision for decision, action in periods if isinstance(action, Period) and action.board == point.board)
