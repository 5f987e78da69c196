"""What a decision must find, and what it must not contradict: one small function a kind of decision.

Each returns one line that says why the decision cannot stand, or "" when it can. Nothing is changed here. These are
about passages, boards and decisions; score_checks.py has those about scores and crews.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from centesimo.amend import score_checks as of_scores
from centesimo.amend.scores import reached
from centesimo.amend.standing import HALF_DAY_NS, Standing, is_of_file, stands_at
from centesimo.model.course import controls_named, last_tube
from centesimo.model.decisions import (
    Action,
    Attribute,
    Average,
    Cancel,
    Choose,
    ChooseJournal,
    Confirm,
    Decision,
    Exclude,
    Insert,
    Miss,
    OfFile,
    OfVersion,
    Penalty,
    Period,
    Reinstate,
    Retire,
    Shift,
    ShiftFile,
    Swap,
    TakeBack,
    Unreliable,
    Void,
    Withdraw,
)
from centesimo.words.boards import shown_board
from centesimo.words.decisions import describe

WantedAction = TypeVar("WantedAction", bound=Action)


def contradiction(decision: Decision, standing: Standing) -> str:
    """Return why a decision cannot stand beside the earlier ones, "" when it can."""
    why = _crew(decision, standing) or _control(decision, standing)
    return why or CHECKS[type(decision.action)](decision, standing)


def _action(decision: Decision, kind: type[WantedAction]) -> WantedAction:
    """Return a decision's action, which is of this kind: CHECKS says so."""
    if not isinstance(decision.action, kind):
        raise TypeError(f"expected a decision of kind {kind.__name__}, got {decision.kind}")
    return decision.action


def _crew(decision: Decision, standing: Standing) -> str:
    action = decision.action
    numbers = [decision.start_number, action.other_number if isinstance(action, Swap) else None]
    for number in filter(None, numbers if not isinstance(action, Void) else ()):  # whose a passage was is only said
        if standing.find_race(number) is None:
            return f"expected the start number of an entry, got {number}"
    races = [race.id for race in standing.event.races]
    if decision.race is not None and decision.race not in races:
        return f"expected a race of the event ({', '.join(races)}), got {decision.race}"
    own = standing.find_race(decision.start_number)
    if decision.race is not None and own not in (None, decision.race):
        return f"crew {decision.start_number} drives race {own}, not {decision.race}"
    return ""


def _control(decision: Decision, standing: Standing) -> str:
    if decision.control is None:
        return ""
    ids = [control.id for control in standing.event.controls]
    if not controls_named(standing.event, decision.control):
        return f"expected a control of the event ({', '.join(ids)}), got {decision.control}"
    race = standing.find_race(decision.start_number)
    if race is not None and not standing.drives(race, decision.control):
        driven = ", ".join(control for control in ids if standing.drives(race, control))
        return f"expected a control that {decision.start_number} drives ({driven}), got {decision.control}"
    if decision.race is not None and not standing.drives(decision.race, decision.control):
        return f"race {decision.race} does not drive {decision.control}"
    return ""


def _passage(identity: str | None, standing: Standing) -> str:
    """Return why nothing more can be decided of a passage."""
    passage = standing.find_passage(identity or "")
    if passage is None:
        return f"expected a passage of the event, got {standing.missing(identity or '')}"
    for earlier in standing.of_kind(TakeBack):
        if is_of_file(passage, earlier.action):
            return f"passage {standing.name(passage.id)} does not count by {standing.against(earlier)}"
    if passage.id in standing.void_by_passage:
        by = standing.against(standing.void_by_passage[passage.id])
        return f"passage {standing.name(passage.id)} does not count by {by}"
    if passage.id in standing.crew_by_passage:
        number, earlier = standing.crew_by_passage[passage.id]
        return f"passage {standing.name(passage.id)} is crew {number}'s by {standing.against(earlier)}"
    return ""


def _given(identity: str | None, start_number: int | None, standing: Standing, away: str | None = None) -> str:
    """Return why a passage cannot be given to a crew; `away` is the passage that is taken from it beside that."""
    passage = standing.find_passage(identity or "")
    if passage is None or start_number is None:
        return ""
    if passage.at_ns is None:
        return f"passage {identity} has no instant: insert one by hand, with its source"
    if "simulated" in passage.flags:
        return f"passage {standing.name(passage.id)} was made on request to test the board: no crew was there"
    return _there(start_number, passage.timing_point, passage.at_ns, standing, (identity, away))


def _there(start_number: int, point: str, at_ns: int, standing: Standing, free: tuple[str | None, ...] = ()) -> str:
    """Return why a crew cannot have a passage at a point: it does not drive there, or has one that is not in `free`."""
    controls = standing.controls_at(point, start_number)
    if not controls:
        return f"crew {start_number} drives no control at {point}"
    for earlier in standing.of_kind(Miss):
        if earlier.start_number == start_number and point in stands_at(earlier, standing):
            return f"crew {start_number} was not at {point} by {standing.against(earlier)}"
    by = of_scores.retired_by(start_number, controls, standing)
    if by and point != last_tube(standing.event, standing.find_race(start_number), reached(standing.event, by)):
        return f"crew {start_number} did not come to {point} by {standing.against(by)}"
    for identity in standing.passages_by_crew.get(start_number, ()):
        passage, by = standing.find_passage(identity), standing.crew_by_passage[identity][1]
        if passage and passage.timing_point == point and abs((passage.at_ns or 0) - at_ns) < HALF_DAY_NS:
            return f"crew {start_number} has passage {standing.name(identity)} by {standing.against(by)}"
    for passage in standing.named_by_crew.get(start_number, ()):
        is_decided = (
            passage.id in standing.void_by_passage or passage.id in standing.crew_by_passage or passage.id in free
        )
        is_near = passage.timing_point == point and abs((passage.at_ns or 0) - at_ns) < HALF_DAY_NS
        if is_near and not is_decided:
            return (
                f"crew {start_number} has passage {standing.name(passage.id)}, whose source names it: void that first"
            )
    return ""


def attribute(decision: Decision, standing: Standing) -> str:
    """A passage is one crew's, and a crew has one passage at a point."""
    action = _action(decision, Attribute)
    identity, number = action.passage, action.start_number
    return _passage(identity, standing) or _given(identity, number, standing)


def swap(decision: Decision, standing: Standing) -> str:
    """Both passages are there and free, and the crews are two."""
    action = _action(decision, Swap)
    if action.passage == action.other_passage or action.start_number == action.other_number:
        got = f"{standing.name(action.passage)} and {standing.name(action.other_passage)}"
        return f"expected two passages of two crews, got {got}"
    pairs = ((action.passage, action.start_number), (action.other_passage, action.other_number))
    for (identity, number), (away, _) in zip(pairs, reversed(pairs), strict=True):
        if why := _passage(identity, standing) or _given(identity, number, standing, away):
            return why
    return ""


def void(decision: Decision, standing: Standing) -> str:
    """A passage is voided once; what was put in by hand is withdrawn instead."""
    identity = _action(decision, Void).passage
    for earlier in standing.of_kind(Insert):
        if identity == earlier.inserted_id:
            return f"passage {standing.name(identity)} was inserted by {standing.against(earlier)}"
    return _passage(identity, standing)


def insert(decision: Decision, standing: Standing) -> str:
    """The point is there, and the crew has no passage there by another decision."""
    action = _action(decision, Insert)
    points = [point.id for point in standing.event.timing_points]
    if action.timing_point not in points:
        return f"expected a timing point of the event ({', '.join(points)}), got {action.timing_point}"
    for earlier in standing.of_kind(Insert):
        before = _action(earlier, Insert)
        if (action.timing_point, action.passed_at_ns) == (before.timing_point, before.passed_at_ns):
            return f"the same passage was inserted by {standing.against(earlier)}"
    if action.start_number is None:
        return ""
    return _there(action.start_number, action.timing_point, action.passed_at_ns, standing)


def period(decision: Decision, standing: Standing) -> str:
    """The board is there, the period is one, and no other of the board lies over it: what it says is said once."""
    action = _action(decision, Period)
    boards = sorted({point.board for point in standing.event.timing_points if point.board})
    if action.board not in boards:
        board = next((point.board for point in standing.event.timing_points if point.id == action.board), None)
        hint = f", a timing point: its board is {shown_board(standing.event, board)}" if board else ""
        of_event = ", ".join(shown_board(standing.event, name) for name in boards)
        return f"expected a board of the event, by name or id ({of_event}), got {action.board}{hint}"
    if action.from_ns >= action.to_ns:
        return "expected a period that ends after it begins, got one that does not"
    if isinstance(action, Shift) and not action.shift_ns:
        return "expected a shift other than 0, got 0"
    for earlier in standing.of_kind(Period):
        before = _action(earlier, Period)
        if before.board == action.board and action.from_ns <= before.to_ns and before.from_ns <= action.to_ns:
            board = shown_board(standing.event, action.board)
            return f"the period of board {board} overlaps that of {standing.against(earlier)}"
    return ""


def choose(decision: Decision, standing: Standing) -> str:
    """The record has several versions, this is one of them, and no other one, or no other journal, was chosen."""
    action = _action(decision, OfVersion)
    if standing.rivals_by_key is None:
        return ""
    rivals = standing.rivals_by_key.get((action.board, action.sequence))
    board = shown_board(standing.event, action.board)
    if rivals is None:
        return f"expected a record that came in several versions, got {action.sequence} of board {board}"
    versions = {version.digest: version for version in rivals.versions}
    if action.digest not in versions:
        return f"expected one of the versions of record {action.sequence} ({', '.join(versions)}), got {action.digest}"
    is_whole = isinstance(action, ChooseJournal)
    if is_whole and not versions[action.digest].is_archived:
        return f"expected a version that was read off a board, got {action.digest}, which is in no raw archive"
    for earlier in standing.of_kind(type(action)):
        before = _action(earlier, OfVersion)
        if before.board == action.board and (is_whole or before.sequence == action.sequence):
            what = "the journals" if is_whole else f"record {action.sequence}"
            return f"of {what} of board {board} one was chosen by {standing.against(earlier)}"
    return ""


def of_file(decision: Decision, standing: Standing) -> str:
    """The file is there, and nothing else was decided of it or of its passages."""
    action = _action(decision, OfFile)
    points = {passage.timing_point for passage in standing.of_file(action.file)}
    if not points:
        return f"expected a file that was loaded ({', '.join(standing.files()) or 'none was'}), got {action.file}"
    if action.timing_point is not None and action.timing_point not in points:
        return f"expected a timing point of file {action.file} ({', '.join(sorted(points))}), got {action.timing_point}"
    if isinstance(action, ShiftFile) and not action.shift_ns:
        return "expected a shift other than 0, got 0"
    for earlier in standing.of_kind(OfFile):
        before = _action(earlier, OfFile)
        reaches = {action.timing_point, before.timing_point}
        if before.file == action.file and (None in reaches or len(reaches) == 1):
            return f"of file {action.file} something else was decided by {standing.against(earlier)}"
    if isinstance(action, TakeBack):
        for passage in standing.of_file(action.file):
            if action.timing_point in (None, passage.timing_point) and (by := standing.find_decision(passage.id)):
                return f"passage {standing.name(passage.id)} of file {action.file} has {standing.against(by)}"
    return ""


def withdrawals(ordered: Sequence[Decision]) -> tuple[set[str], list[tuple[Decision, str]]]:
    """Return the ids of the decisions that were withdrawn, and the withdrawals that cannot stand, with why."""
    by_id: dict[str, Decision] = {}
    gone: set[str] = set()
    refused = []
    for decision in ordered:
        by_id[decision.id] = decision
        action = decision.action
        if not isinstance(action, Withdraw):
            continue
        target = by_id.get(action.withdrawn) if action.withdrawn != decision.id else None
        if target is None:
            refused.append(
                (decision, f"expected an earlier amendment to withdraw, got {action.withdrawn}, which does not exist")
            )
        elif isinstance(target.action, Withdraw):
            refused.append((decision, f"amendment {target.id} is a withdrawal: decide again what it took back"))
        elif target.id in gone:
            refused.append((decision, f"amendment {target.id} ({describe(target)}) is withdrawn already"))
        else:
            gone.add(target.id)
    return gone, refused


CHECKS: dict[type[Action], Callable[[Decision, Standing], str]] = {
    Attribute: attribute,
    Swap: swap,
    Void: void,
    Insert: insert,
    Unreliable: period,
    Shift: period,
    Choose: choose,
    ChooseJournal: choose,
    TakeBack: of_file,
    ShiftFile: of_file,
    Average: of_scores.score,
    Cancel: of_scores.cancel,
    Miss: of_scores.score,
    Penalty: of_scores.penalty,
    Exclude: of_scores.out,
    Retire: of_scores.retire,
    Reinstate: of_scores.reinstate,
    Confirm: of_scores.confirm,
}
