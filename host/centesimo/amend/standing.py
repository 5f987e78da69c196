"""What there is when a decision is judged: the event, the passages, and the decisions that stand so far."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from centesimo.amend import inserted_passage
from centesimo.model.course import controls_named
from centesimo.model.decisions import KINDS, Action, Attribute, Decision, Insert, OfFile, Swap, Void
from centesimo.model.event import Event
from centesimo.model.facts import Passage
from centesimo.model.rivals import Rivals
from centesimo.words.decisions import describe
from centesimo.words.instants import shown_passage

HALF_DAY_NS = 43_200_000_000_000  # a point may serve in two legs: there, a crew has a passage in each


def is_of_file(passage: Passage, action: Action) -> bool:
    """Say whether a decision about a loaded file is about this passage of it."""
    return (
        isinstance(action, OfFile)
        and passage.id.startswith(f"load:{action.file}:")
        and action.timing_point in (None, passage.timing_point)
    )


class Standing:
    """What there is: the event, the passages, what officials inserted, and the decisions that stand so far.

    decisions         in the order of the decisions
    inserted          the passages that officials put in, by id
    void_by_passage   which decision voided a passage
    crew_by_passage   whose a passage is, by which decision
    passages_by_crew  the passages that a crew has by decisions, by start number
    named_by_crew     the passages whose source names the crew, by start number
    rivals_by_key     the records of which there are several versions, by board and sequence; None: they are not known
    """

    def __init__(
        self, event: Event, passages_by_id: Mapping[str, Passage], rivals: Sequence[Rivals] | None = None
    ) -> None:
        self.event = event
        self.rivals_by_key = None if rivals is None else {every.key: every for every in rivals}
        self.passages_by_id = passages_by_id
        self.decisions: list[Decision] = []
        self.inserted: dict[str, Passage] = {}
        self.void_by_passage: dict[str, Decision] = {}
        self.crew_by_passage: dict[str, tuple[int, Decision]] = {}
        self.passages_by_crew: dict[int, list[str]] = defaultdict(list)
        self.named_by_crew: dict[int, list[Passage]] = defaultdict(list)
        for passage in passages_by_id.values():
            if passage.start_number is not None:
                self.named_by_crew[passage.start_number].append(passage)
        self._by_kind: dict[type[Action], list[Decision]] = defaultdict(list)
        self._race_by_number = {entry.start_number: entry.race for entry in event.entries}

    def add(self, decision: Decision) -> None:
        """Let a decision stand."""
        self.decisions.append(decision)
        self._by_kind[type(decision.action)].append(decision)
        if isinstance(decision.action, Insert):
            passage = inserted_passage(decision)
            self.inserted[passage.id] = passage
        if isinstance(decision.action, Void):
            self.void_by_passage[decision.action.passage] = decision
        for identity, number in given_by(decision):
            self.crew_by_passage[identity] = number, decision
            self.passages_by_crew[number].append(identity)

    def find_passage(self, identity: str) -> Passage | None:
        """Return a passage, also one that was inserted, or None."""
        return self.inserted.get(identity) or self.passages_by_id.get(identity)

    def of_file(self, file: str) -> list[Passage]:
        """Return the passages that a loaded file brought, by the 8 hex digits in their ids."""
        return [passage for passage in self.passages_by_id.values() if passage.id.startswith(f"load:{file}:")]

    def files(self) -> list[str]:
        """Return the loaded files, by the 8 hex digits in the ids of their passages."""
        loaded = (identity.split(":") for identity in self.passages_by_id if identity.startswith("load:"))
        return sorted({file for _, file, *_ in loaded})

    def find_decision(self, identity: str) -> Decision | None:
        """Return the decision that voided a passage or gave it to a crew, None when there is none."""
        crew = self.crew_by_passage.get(identity)
        return self.void_by_passage.get(identity) or (crew[1] if crew else None)

    def missing(self, identity: str) -> str:
        """Return what to say of a passage that does not exist: whether another one has its first edge now."""
        return missing(self.event, self.passages_by_id.values(), identity)

    def drives(self, race: str | None, name: str) -> bool:
        """Say whether a race drives a control, or a trial of several."""
        named = controls_named(self.event, name)
        return any(control.id in named and race in control.races for control in self.event.controls)

    def name(self, identity: str) -> str:
        """Return what people call a passage: where and when it was; its id where it does not exist."""
        passage = self.find_passage(identity)
        return identity if passage is None else shown_passage(self.event, passage)

    def against(self, earlier: Decision) -> str:
        """Return how a refusal names the decision that stands against it, with what to do."""
        named = {identity: self.name(identity) for identity in earlier.passages}
        return f"amendment {earlier.id} ({describe(earlier, named, self.event)}): withdraw that first"

    def controls_at(self, point: str, start_number: int | None) -> set[str]:
        """Return the ids of the controls at a timing point that a crew drives."""
        race = self.find_race(start_number)
        return {
            control.id
            for control in self.event.controls
            if point in (control.opens, control.closes) and race in control.races
        }

    def find_race(self, start_number: int | None) -> str | None:
        """Return a crew's race, or None if there is no such crew."""
        return None if start_number is None else self._race_by_number.get(start_number)

    def of_kind(self, *kinds: type[Action]) -> Iterator[Decision]:
        """Yield the standing decisions of these kinds, kind by kind."""
        actions = [row.action for row in KINDS.values()]
        wanted = (action for kind in kinds for action in actions if issubclass(action, kind))
        return chain.from_iterable(self._by_kind[action] for action in wanted)


def missing(event: Event, passages: Iterable[Passage], identity: str) -> str:
    """Say that there is no such passage, and of which one its first edge is a part now: the lock-out was changed."""
    board, _, sequence = identity.rpartition(":")
    for passage in passages if sequence.isdigit() else ():
        if any((edge.board, edge.sequence) == (board, int(sequence)) for edge in passage.edges):
            whole = f"{shown_passage(event, passage)} ({passage.id})"
            return f"{identity}, which is a part of {whole} as the event reads edges now"
    return f"{identity}, which does not exist"


def given_by(decision: Decision) -> list[tuple[str, int]]:
    """Return each passage that a decision gives to a crew."""
    action = decision.action
    if isinstance(action, Attribute):
        return [(action.passage, action.start_number)]
    if isinstance(action, Swap):
        return [(action.passage, action.start_number), (action.other_passage, action.other_number)]
    if isinstance(action, Insert) and action.start_number is not None:
        return [(decision.inserted_id, action.start_number)]
    return []


def stands_at(missed: Decision, standing: Standing) -> list[str]:
    """Return the points where a crew that missed a control cannot have passed: those of a card or a stamp alone."""
    named = controls_named(standing.event, missed.control or "")
    used = [point for control in standing.event.controls for point in (control.opens, control.closes)]
    return [
        control.closes
        for control in standing.event.controls
        if control.id in named and control.opens is None and used.count(control.closes) == 1
    ]
