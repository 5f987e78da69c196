"""What a decision must find, and what it must not contradict: one small function a kind of amendment.

Each returns one line that says why the decision cannot stand, or "" when it can. Nothing is changed here.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain

from centesimo.amend import controls_named, describe, in_order
from centesimo.amend.scores import FROM_HERE_ON, reached
from centesimo.event import Event
from centesimo.facts import Amendment, Passage

HALF_DAY_NS = 43_200_000_000_000  # a point may serve in two legs: there, a crew has a passage in each


class Known:
    """What there is: the event, the passages, what officials inserted, and the decisions that stand so far.

    standing          in the order of the decisions
    inserted          the passages that officials put in, by id
    void_by_passage   which decision voided a passage
    crew_by_passage   whose a passage is, by which decision
    passages_by_crew  the passages that a crew has by decisions, by start number
    named_by_crew     the passages whose source names the crew, by start number
    """

    def __init__(self, event: Event, passages_by_id: Mapping[str, Passage]) -> None:
        self.event = event
        self.passages_by_id = passages_by_id
        self.standing: list[Amendment] = []
        self.inserted: dict[str, Passage] = {}
        self.void_by_passage: dict[str, Amendment] = {}
        self.crew_by_passage: dict[str, tuple[int, Amendment]] = {}
        self.passages_by_crew: dict[int, list[str]] = defaultdict(list)
        self.named_by_crew: dict[int, list[Passage]] = defaultdict(list)
        for passage in passages_by_id.values():
            if passage.start_number is not None:
                self.named_by_crew[passage.start_number].append(passage)
        self._by_kind: dict[str, list[Amendment]] = defaultdict(list)
        self._race_by_number = {entry.start_number: entry.race for entry in event.entries}

    def stand(self, one: Amendment) -> None:
        """Let a decision stand."""
        self.standing.append(one)
        self._by_kind[one.kind].append(one)
        if one.kind == "insert":
            passage = inserted_passage(one)
            self.inserted[passage.id] = passage
        if one.kind == "void" and one.passage is not None:
            self.void_by_passage[one.passage] = one
        for identity, number in given_by(one):
            self.crew_by_passage[identity] = number, one
            self.passages_by_crew[number].append(identity)

    def find_passage(self, identity: str) -> Passage | None:
        """Return a passage, also one that was inserted, or None."""
        return self.inserted.get(identity) or self.passages_by_id.get(identity)

    def drives(self, race: str | None, name: str) -> bool:
        """Say whether a race drives a control, or a trial of several."""
        named = controls_named(self.event, name)
        return any(one.id in named and race in one.races for one in self.event.controls)

    def find_race(self, start_number: int | None) -> str | None:
        """Return a crew's race, or None if there is no such crew."""
        return None if start_number is None else self._race_by_number.get(start_number)

    def of_kind(self, *kinds: str) -> Iterator[Amendment]:
        """Yield the standing decisions of these kinds, kind by kind."""
        return chain.from_iterable(self._by_kind[kind] for kind in kinds)


def contradiction(amendment: Amendment, known: Known) -> str:
    """Return why a decision cannot stand beside the earlier ones, "" when it can."""
    found = _crew(amendment, known) or _control(amendment, known)
    return found or CHECKS[amendment.kind](amendment, known)


def _crew(one: Amendment, known: Known) -> str:
    numbers = [number for number in (one.start_number, one.other_number) if number is not None]
    for number in numbers:
        if known.find_race(number) is None:
            return f"expected the start number of an entry, got {number}"
    races = [race.id for race in known.event.races]
    if one.race is not None and one.race not in races:
        return f"expected a race of the event ({', '.join(races)}), got {one.race}"
    its = known.find_race(one.start_number)
    if one.race is not None and its not in (None, one.race):
        return f"crew {one.start_number} drives race {its}, not {one.race}"
    return ""


def _control(one: Amendment, known: Known) -> str:
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


def _told(other: Amendment) -> str:
    return f"amendment {other.id} ({describe(other)}): withdraw that first"


def given_by(one: Amendment) -> list[tuple[str, int]]:
    """Return each passage that a decision gives to a crew."""
    pairs = [(one.passage, one.start_number), (one.other_passage, one.other_number)]
    if one.kind == "insert":
        pairs = [(f"amend:{one.id}", one.start_number)]
    return [(identity, number) for identity, number in pairs if identity is not None and number is not None]


def inserted_passage(amendment: Amendment) -> Passage:
    """Return the passage that an official put in by hand; its source stays with it for ever."""
    return Passage(
        f"amend:{amendment.id}",
        amendment.timing_point or "",
        amendment.passed_at_ns,
        amendment.uncertainty_ns,
        True,
        (),
        (),
        amendment.source or "",
        amendment.start_number,
    )


def _passage(identity: str | None, known: Known) -> str:
    """Return why nothing more can be decided of a passage."""
    passage = known.find_passage(identity or "")
    if passage is None:
        return f"expected a passage of the event, got {identity}, which does not exist"
    if passage.id in known.void_by_passage:
        return f"passage {identity} does not count by {_told(known.void_by_passage[passage.id])}"
    if passage.id in known.crew_by_passage:
        number, other = known.crew_by_passage[passage.id]
        return f"passage {identity} is crew {number}'s by {_told(other)}"
    return ""


def _given(identity: str | None, start_number: int | None, known: Known, other: str | None = None) -> str:
    """Return why a passage cannot be given to a crew; `other` is the passage that is given away beside it."""
    passage = known.find_passage(identity or "")
    if passage is None or start_number is None:
        return ""
    if passage.at_ns is None:
        return f"passage {identity} has no instant: insert one by hand, with its source"
    if "simulated" in passage.flags:
        return f"passage {identity} was made on request to test the board: no crew was there"
    return _there(start_number, passage.timing_point, passage.at_ns, known, (identity, other))


def _there(start_number: int, point: str, at_ns: int, known: Known, free: tuple[str | None, ...] = ()) -> str:
    """Return why a crew cannot have a passage at a point: it does not drive there, or has one that is not in `free`."""
    controls = [one for one in known.event.controls if point in (one.opens, one.closes)]
    if not any(known.find_race(start_number) in one.races for one in controls):
        return f"crew {start_number} drives no control at {point}"
    for other in known.of_kind("miss"):
        if other.start_number == start_number and point in _stands_at(other, known):
            return f"crew {start_number} was not at {point} by {_told(other)}"
    for its in known.passages_by_crew.get(start_number, ()):
        passage = known.find_passage(its)
        if passage and passage.timing_point == point and abs((passage.at_ns or 0) - at_ns) < HALF_DAY_NS:
            return f"crew {start_number} has passage {its} at {point} by {_told(known.crew_by_passage[its][1])}"
    for passage in known.named_by_crew.get(start_number, ()):
        is_decided = passage.id in known.void_by_passage or passage.id in known.crew_by_passage or passage.id in free
        is_near = passage.timing_point == point and abs((passage.at_ns or 0) - at_ns) < HALF_DAY_NS
        if is_near and not is_decided:
            return f"crew {start_number} has passage {passage.id} at {point}, whose source names it: void that first"
    return ""


def _stands_at(missed: Amendment, known: Known) -> list[str]:
    """Return the points where a crew that missed a control cannot have passed: those of a card or a stamp alone."""
    named = controls_named(known.event, missed.control or "")
    used = [point for one in known.event.controls for point in (one.opens, one.closes)]
    return [
        one.closes
        for one in known.event.controls
        if one.id in named and one.opens is None and used.count(one.closes) == 1
    ]


def attribute(one: Amendment, known: Known) -> str:
    """A passage is one crew's, and a crew has one passage at a point."""
    return _passage(one.passage, known) or _given(one.passage, one.start_number, known)


def swap(one: Amendment, known: Known) -> str:
    """Both passages are there and free, and the crews are two."""
    if one.passage == one.other_passage or one.start_number == one.other_number:
        return f"expected two passages of two crews, got {one.passage} and {one.other_passage}"
    pairs = ((one.passage, one.start_number), (one.other_passage, one.other_number))
    for (identity, number), (other, _) in zip(pairs, reversed(pairs), strict=True):
        if why := _passage(identity, known) or _given(identity, number, known, other):
            return why
    return ""


def void(one: Amendment, known: Known) -> str:
    """A passage is voided once; what was put in by hand is withdrawn instead."""
    for other in known.of_kind("insert"):
        if one.passage == f"amend:{other.id}":
            return f"passage {one.passage} was inserted by {_told(other)}"
    return _passage(one.passage, known)


def insert(one: Amendment, known: Known) -> str:
    """The point is there, and the crew has no passage there by another decision."""
    points = [point.id for point in known.event.timing_points]
    if one.timing_point not in points:
        return f"expected a timing point of the event ({', '.join(points)}), got {one.timing_point}"
    for other in known.of_kind("insert"):
        if (one.timing_point, one.passed_at_ns) == (other.timing_point, other.passed_at_ns):
            return f"the same passage was inserted by {_told(other)}"
    if one.start_number is None:
        return ""
    return _there(one.start_number, one.timing_point or "", one.passed_at_ns or 0, known)


def period(one: Amendment, known: Known) -> str:
    """The board is there, the period is one, and no other of the board lies over it: what it says is said once."""
    boards = sorted({point.board for point in known.event.timing_points if point.board})
    start_ns, end_ns = one.from_ns or 0, one.to_ns or 0
    if one.board not in boards:
        return f"expected a board of the event ({', '.join(boards)}), got {one.board}"
    if start_ns >= end_ns:
        return "expected a period that ends after it begins, got one that does not"
    if one.kind == "shift" and not one.shift_ns:
        return "expected a shift other than 0, got 0"
    for other in known.of_kind("unreliable", "shift"):
        if other.board == one.board and start_ns <= (other.to_ns or 0) and (other.from_ns or 0) <= end_ns:
            return f"the period of board {one.board} overlaps that of {_told(other)}"
    return ""


def covers(wide: Amendment, narrow: Amendment, known: Known) -> bool:
    """Say whether all that `narrow` is about of a control is in what `wide` is about."""
    race = narrow.race or known.find_race(narrow.start_number)
    of_wide = controls_named(known.event, wide.control or "")
    return (
        all(one in of_wide for one in controls_named(known.event, narrow.control or ""))
        and wide.race in (None, race)
        and wide.start_number in (None, narrow.start_number)
    )


def overlaps(one: Amendment, other: Amendment, known: Known) -> bool:
    """Say whether two decisions are about the time of one crew at one control."""
    both = set(controls_named(known.event, one.control or "")) & set(controls_named(known.event, other.control or ""))
    return bool(both) and one.start_number == other.start_number


def cancel(one: Amendment, known: Known) -> str:
    """What is cancelled is not cancelled again, and not for one crew whose time there stands."""
    for other in known.of_kind("cancel"):
        if covers(other, one, known):
            return f"{one.control} is cancelled by {_told(other)}"
    return "" if one.start_number is None else _confirmed(one, known)


def penalty(one: Amendment, known: Known) -> str:
    """A fixed penalty may be given whatever else is decided of the control, but at one: it costs what it says, once."""
    return _one_control(one, known)


def _one_control(one: Amendment, known: Known) -> str:
    """Return why a decision that says what a control costs cannot name all of an average trial."""
    race = known.find_race(one.start_number)
    named = [its for its in controls_named(known.event, one.control or "") if known.drives(race, its)]
    if one.amount is None or len(named) == 1:
        return ""
    return f"expected one control, as each would cost {one.amount:f}: {one.control} is {', '.join(named)}"


def score(one: Amendment, known: Known) -> str:
    """What is cancelled stays so; the same is not decided twice."""
    for other in known.of_kind("cancel"):
        if covers(other, one, known):
            return f"{one.control} is cancelled by {_told(other)}"
    for other in known.of_kind("average", "miss"):
        if overlaps(one, other, known):
            return f"it is decided by {_told(other)}"
    return _confirmed(one, known) or _one_control(one, known) or (_passed(one, known) if one.kind == "miss" else "")


def _confirmed(one: Amendment, known: Known) -> str:
    """Return why nothing can take the place of a crew's time: a decision says that it stands."""
    for other in known.of_kind("confirm"):
        if overlaps(one, other, known):
            return f"the time of crew {one.start_number} at {other.control} stands by {_told(other)}"
    return ""


def _passed(one: Amendment, known: Known) -> str:
    """Return why a crew cannot have missed a control: a decision gives it a passage there."""
    points = _stands_at(one, known)
    for its in known.passages_by_crew.get(one.start_number or 0, ()):
        passage = known.find_passage(its)
        if passage is not None and passage.timing_point in points:
            other = known.crew_by_passage[its][1]
            return f"crew {one.start_number} has passage {its} at {passage.timing_point} by {_told(other)}"
    return ""


def _out_by(start_number: int | None, known: Known) -> dict[str, Amendment]:
    """Return by which decision a crew is out, by the ids of the controls where it is."""
    found: dict[str, Amendment] = {}
    for other in sorted(known.of_kind(*FROM_HERE_ON), key=in_order):
        for control in reached(known.event, other) if other.start_number == start_number else ():
            if other.kind == "reinstate":
                found.pop(control, None)
            else:
                found[control] = other
    return found


def out(one: Amendment, known: Known) -> str:
    """A crew is excluded or retired once; a reinstatement ends that."""
    last = _out_by(one.start_number, known).get(known.event.controls[-1].id)
    return f"crew {one.start_number} is out by {_told(last)}" if last is not None else ""


def reinstate(one: Amendment, known: Known) -> str:
    """A crew comes back where a decision put it out, or where the rule book did: then it is said what that costs."""
    number, by = one.start_number, _out_by(one.start_number, known)
    if reached(known.event, one) & by.keys() or (one.control is not None and one.amount is not None):
        return ""
    where = "" if one.control is None else f" from {one.control} on"
    back = [other for other in known.of_kind("reinstate") if other.start_number == number]
    if back and not by:
        return f"crew {number} is back by {_told(max(back, key=in_order))}"
    return (
        f"crew {number} is out by no decision{where}; where the rule book excluded it, "
        "name the control and the points that it costs instead"
    )


def confirm(one: Amendment, known: Known) -> str:
    """A time may be confirmed more than once, for each request, but not where it does not count."""
    for other in known.of_kind("cancel", "average", "miss"):
        if covers(other, one, known) or (other.kind != "cancel" and overlaps(one, other, known)):
            return f"the time of crew {one.start_number} at {one.control} does not count by {_told(other)}"
    return ""


def withdrawals(ordered: Sequence[Amendment]) -> tuple[set[str], list[tuple[Amendment, str]]]:
    """Return the ids of the amendments that were withdrawn, and the withdrawals that cannot stand, with why."""
    by_id: dict[str, Amendment] = {}
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


CHECKS: dict[str, Callable[[Amendment, Known], str]] = {
    "attribute": attribute,
    "swap": swap,
    "void": void,
    "insert": insert,
    "unreliable": period,
    "shift": period,
    "average": score,
    "cancel": cancel,
    "miss": score,
    "penalty": penalty,
    "exclude": out,
    "retire": out,
    "reinstate": reinstate,
    "confirm": confirm,
}
