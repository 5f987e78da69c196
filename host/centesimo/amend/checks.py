"""What a decision must find, and what it must not contradict: one small function a kind of amendment.

Each returns one line that says why the decision cannot stand, or "" when it can. Nothing is changed here. These are
about passages, boards and amendments; score_checks.py has those about scores and crews.
"""

from collections.abc import Callable, Sequence

from centesimo.amend import describe
from centesimo.amend import score_checks as of_scores
from centesimo.amend.known import HALF_DAY_NS, Known, stands_at
from centesimo.amend.scores import reached
from centesimo.model.course import controls_named, last_tube
from centesimo.model.facts import Decision


def contradiction(decision: Decision, known: Known) -> str:
    """Return why a decision cannot stand beside the earlier ones, "" when it can."""
    found = _crew(decision, known) or _control(decision, known)
    return found or CHECKS[decision.kind](decision, known)


def _crew(one: Decision, known: Known) -> str:
    numbers = [number for number in (one.start_number, one.other_number) if number is not None]
    for number in numbers if one.kind != "void" else ():  # whose a passage was is only said
        if known.find_race(number) is None:
            return f"expected the start number of an entry, got {number}"
    races = [race.id for race in known.event.races]
    if one.race is not None and one.race not in races:
        return f"expected a race of the event ({', '.join(races)}), got {one.race}"
    its = known.find_race(one.start_number)
    if one.race is not None and its not in (None, one.race):
        return f"crew {one.start_number} drives race {its}, not {one.race}"
    return ""


def _control(one: Decision, known: Known) -> str:
    if one.control is None:
        return ""
    ids = [control.id for control in known.event.controls]
    if not controls_named(known.event, one.control):
        return f"expected a control of the event ({', '.join(ids)}), got {one.control}"
    race = known.find_race(one.start_number)
    if race is not None and not known.drives(race, one.control):
        driven = ", ".join(control for control in ids if known.drives(race, control))
        return f"expected a control that {one.start_number} drives ({driven}), got {one.control}"
    if one.race is not None and not known.drives(one.race, one.control):
        return f"race {one.race} does not drive {one.control}"
    return ""


def _passage(identity: str | None, known: Known) -> str:
    """Return why nothing more can be decided of a passage."""
    passage = known.find_passage(identity or "")
    if passage is None:
        return f"expected a passage of the event, got {known.missing(identity or '')}"
    if passage.id in known.void_by_passage:
        return f"passage {known.name(passage.id)} does not count by {known.against(known.void_by_passage[passage.id])}"
    if passage.id in known.crew_by_passage:
        number, other = known.crew_by_passage[passage.id]
        return f"passage {known.name(passage.id)} is crew {number}'s by {known.against(other)}"
    return ""


def _given(identity: str | None, start_number: int | None, known: Known, other: str | None = None) -> str:
    """Return why a passage cannot be given to a crew; `other` is the passage that is given away beside it."""
    passage = known.find_passage(identity or "")
    if passage is None or start_number is None:
        return ""
    if passage.at_ns is None:
        return f"passage {identity} has no instant: insert one by hand, with its source"
    if "simulated" in passage.flags:
        return f"passage {known.name(passage.id)} was made on request to test the board: no crew was there"
    return _there(start_number, passage.timing_point, passage.at_ns, known, (identity, other))


def _there(start_number: int, point: str, at_ns: int, known: Known, free: tuple[str | None, ...] = ()) -> str:
    """Return why a crew cannot have a passage at a point: it does not drive there, or has one that is not in `free`."""
    controls = known.controls_at(point, start_number)
    if not controls:
        return f"crew {start_number} drives no control at {point}"
    for other in known.of_kind("miss"):
        if other.start_number == start_number and point in stands_at(other, known):
            return f"crew {start_number} was not at {point} by {known.against(other)}"
    by = of_scores.retired_by(start_number, controls, known)
    if by and point != last_tube(known.event, known.find_race(start_number), reached(known.event, by)):
        return f"crew {start_number} did not come to {point} by {known.against(by)}"
    for its in known.passages_by_crew.get(start_number, ()):
        passage, by = known.find_passage(its), known.crew_by_passage[its][1]
        if passage and passage.timing_point == point and abs((passage.at_ns or 0) - at_ns) < HALF_DAY_NS:
            return f"crew {start_number} has passage {known.name(its)} by {known.against(by)}"
    for passage in known.named_by_crew.get(start_number, ()):
        is_decided = passage.id in known.void_by_passage or passage.id in known.crew_by_passage or passage.id in free
        is_near = passage.timing_point == point and abs((passage.at_ns or 0) - at_ns) < HALF_DAY_NS
        if is_near and not is_decided:
            return f"crew {start_number} has passage {known.name(passage.id)}, whose source names it: void that first"
    return ""


def attribute(one: Decision, known: Known) -> str:
    """A passage is one crew's, and a crew has one passage at a point."""
    return _passage(one.passage, known) or _given(one.passage, one.start_number, known)


def swap(one: Decision, known: Known) -> str:
    """Both passages are there and free, and the crews are two."""
    if one.passage == one.other_passage or one.start_number == one.other_number:
        got = " and ".join(known.name(identity) for identity in (one.passage, one.other_passage) if identity)
        return f"expected two passages of two crews, got {got}"
    pairs = ((one.passage, one.start_number), (one.other_passage, one.other_number))
    for (identity, number), (other, _) in zip(pairs, reversed(pairs), strict=True):
        if why := _passage(identity, known) or _given(identity, number, known, other):
            return why
    return ""


def void(one: Decision, known: Known) -> str:
    """A passage is voided once; what was put in by hand is withdrawn instead."""
    for other in known.of_kind("insert"):
        if one.passage == f"amend:{other.id}":
            return f"passage {known.name(one.passage)} was inserted by {known.against(other)}"
    return _passage(one.passage, known)


def insert(one: Decision, known: Known) -> str:
    """The point is there, and the crew has no passage there by another decision."""
    points = [point.id for point in known.event.timing_points]
    if one.timing_point not in points:
        return f"expected a timing point of the event ({', '.join(points)}), got {one.timing_point}"
    for other in known.of_kind("insert"):
        if (one.timing_point, one.passed_at_ns) == (other.timing_point, other.passed_at_ns):
            return f"the same passage was inserted by {known.against(other)}"
    if one.start_number is None:
        return ""
    return _there(one.start_number, one.timing_point or "", one.passed_at_ns or 0, known)


def period(one: Decision, known: Known) -> str:
    """The board is there, the period is one, and no other of the board lies over it: what it says is said once."""
    boards = sorted({point.board for point in known.event.timing_points if point.board})
    start_ns, end_ns = one.from_ns or 0, one.to_ns or 0
    if one.board not in boards:
        its = next((point.board for point in known.event.timing_points if point.id == one.board), None)
        hint = f", a timing point: its board is {its}" if its else ""
        return f"expected a board of the event ({', '.join(boards)}), got {one.board}{hint}"
    if start_ns >= end_ns:
        return "expected a period that ends after it begins, got one that does not"
    if one.kind == "shift" and not one.shift_ns:
        return "expected a shift other than 0, got 0"
    for other in known.of_kind("unreliable", "shift"):
        if other.board == one.board and start_ns <= (other.to_ns or 0) and (other.from_ns or 0) <= end_ns:
            return f"the period of board {one.board} overlaps that of {known.against(other)}"
    return ""


def withdrawals(ordered: Sequence[Decision]) -> tuple[set[str], list[tuple[Decision, str]]]:
    """Return the ids of the amendments that were withdrawn, and the withdrawals that cannot stand, with why."""
    by_id: dict[str, Decision] = {}
    gone: set[str] = set()
    refused = []
    for one in ordered:
        target = by_id.get(one.withdrawn or "") if one.kind == "withdraw" else None
        by_id[one.id] = one
        if one.kind != "withdraw":
            continue
        if target is None:
            refused.append(
                (one, f"expected an earlier amendment to withdraw, got {one.withdrawn}, which does not exist")
            )
        elif target.kind == "withdraw":
            refused.append((one, f"amendment {target.id} is a withdrawal: decide again what it took back"))
        elif target.id in gone:
            refused.append((one, f"amendment {target.id} ({describe(target)}) is withdrawn already"))
        else:
            gone.add(target.id)
    return gone, refused


CHECKS: dict[str, Callable[[Decision, Known], str]] = {
    "attribute": attribute,
    "swap": swap,
    "void": void,
    "insert": insert,
    "unreliable": period,
    "shift": period,
    "average": of_scores.score,
    "cancel": of_scores.cancel,
    "miss": of_scores.score,
    "penalty": of_scores.penalty,
    "exclude": of_scores.out,
    "retire": of_scores.retire,
    "reinstate": of_scores.reinstate,
    "confirm": of_scores.confirm,
}
