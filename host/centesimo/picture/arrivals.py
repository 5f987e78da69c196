"""The arrivals at a timing point: each passage with its crew, when that was due and what is doubtful; who did not come.

This is what the pages of a timing point draw and write out.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from centesimo.amend.apply import SHIFTED, UNRELIABLE
from centesimo.compute import Outcome
from centesimo.model.basis import BasisKind
from centesimo.model.decisions import Shift, ShiftFile, Unreliable, Void
from centesimo.model.event import Control, Entry, Event
from centesimo.model.facts import Attribution, Passage
from centesimo.model.findings import FindingKind
from centesimo.model.timetable import Timetable
from centesimo.picture.scale import hundredths
from centesimo.timing.passages import FLAGS
from centesimo.words.basis import basis_words
from centesimo.words.decisions import signed
from centesimo.words.findings import sentence
from centesimo.words.instants import time_of_day

OF_SCORES = (FindingKind.AVERAGE,)  # findings that doubt no passage, but what is decided over it
NS_PER_CS, S_NS = 10_000_000, 1_000_000_000
SAME_NS = (
    3600 * S_NS
)  # due times of one crew at one point nearer than this are one: a control that closes, one that opens

GIVEN, DOUBT, HAND, NOBODY, VOID, MISSING = "given", "doubt", "hand", "nobody", "voided", "missing"
MOVED = "shifted"  # the second class of a mark whose time an official has put later or earlier
# What a mark means, in the order of the key.
KINDS = {
    GIVEN: "a crew's passage",
    DOUBT: "a crew's, with a doubt (?)",
    HAND: "not timed by a board",
    NOBODY: "nobody's yet (?)",
    VOID: "does not count, an official says",
    MISSING: "due and not seen",
}


class Arrival(NamedTuple):
    """One passage at a timing point, or one crew that was due there and has no passage."""

    kind: str  # of KINDS
    at_ns: int | None  # None: not seen
    due_ns: int | None  # None: not known
    start_number: int | None
    title: str
    is_shifted: bool = False  # an official has put its time later or earlier

    @property
    def mark(self) -> str:
        """Return the classes of its mark."""
        return mark_of(self.kind, self.is_shifted)


def mark_of(kind: str, is_shifted: bool) -> str:
    """Return the classes of a mark: its kind, and whether an official has put its time later or earlier."""
    return f"{kind} {MOVED}" if is_shifted else kind


class Arrivals:
    """The arrivals at every timing point of an outcome, from maps that are made once for all of them."""

    def __init__(self, event: Event, outcome: Outcome) -> None:
        self.event, self.outcome = event, outcome
        self.entry_by_number = {entry.start_number: entry for entry in event.entries}
        self.controls_by_point: dict[str, list[Control]] = defaultdict(list)
        for control in event.controls:
            for used in {control.opens, control.closes} - {None}:
                self.controls_by_point[used or ""].append(control)
        self.given: dict[str, Attribution] = {
            attribution.passage.id: attribution for attribution in outcome.attributions
        }
        self.passages_by_point: dict[str, list[Passage]] = defaultdict(list)
        for passage in outcome.passages:
            self.passages_by_point[passage.timing_point].append(passage)
        self.ats_ns: dict[tuple[str, int], list[int]] = defaultdict(list)  # by point and crew: its passages
        for attribution in outcome.attributions:
            if attribution.passage.at_ns is not None:
                self.ats_ns[attribution.passage.timing_point, attribution.start_number].append(
                    attribution.passage.at_ns
                )
        self.doubts: dict[str, list[str]] = defaultdict(list)  # by passage: what findings say
        for finding in (finding for finding in outcome.findings if finding.kind not in OF_SCORES):
            for identity in finding.passages:
                self.doubts[identity].append(sentence(finding, event))
        self.timetable = Timetable(event)

    def at(self, point: str) -> list[Arrival]:
        """Return the arrivals at a timing point in order of time; a crew without a passage stands where it was due."""
        arrivals = [self._arrival(passage) for passage in self.passages_by_point[point] if passage.at_ns is not None]
        arrivals += self._voided(point)
        last_ns = max((arrival.at_ns or 0 for arrival in arrivals), default=0)
        for entry in self.event.entries:
            for due_ns in self._missed(point, entry):
                title = f"crew {entry.start_number}: due {time_of_day(due_ns, self.event.timezone)}, not seen"
                if due_ns < last_ns:
                    arrivals.append(Arrival(MISSING, None, due_ns, entry.start_number, title))
        return sorted(
            arrivals,
            key=lambda arrival: (arrival.at_ns or arrival.due_ns or 0, arrival.start_number or 0, arrival.title),
        )

    def _voided(self, point: str) -> Iterator[Arrival]:
        """Yield the passages of a point that an official declared void."""
        for decision in self.outcome.applied.standing:
            action = decision.action
            passage = self.outcome.recorded.get(action.passage) if isinstance(action, Void) else None
            if passage is not None and passage.timing_point == point and passage.at_ns is not None:
                whose = "nobody's" if decision.start_number is None else f"crew {decision.start_number}'s until then"
                title = f"{self._when(passage)}: does not count, {whose}: {signed(decision)}"
                yield Arrival(VOID, passage.at_ns, None, decision.start_number, title)

    def _when(self, passage: Passage) -> str:
        return time_of_day(passage.at_ns or 0, self.event.timezone)

    def _decided(self, passage: Passage) -> list[str]:
        """Return what officials decided of the time of a passage."""
        decided = []
        for decision in self.outcome.notes.get(passage.id, ()):
            if isinstance(decision.action, (Shift, ShiftFile)):
                decided.append(f"put {_put(decision.action.shift_ns)} by an official: {signed(decision)}")
            elif isinstance(decision.action, Unreliable):
                decided.append(f"its time does not count, an official says: {signed(decision)}")
        return decided

    def _arrival(self, passage: Passage) -> Arrival:
        at_ns = passage.at_ns or 0
        when, is_shifted = self._when(passage), SHIFTED in passage.flags
        flags = [FLAGS[flag] for flag in passage.flags if flag not in (SHIFTED, UNRELIABLE)]
        why = [*flags, *self.doubts.get(passage.id, ())]
        by = [] if passage.source == "board" else [f"timed by {passage.source}"]
        by += self._decided(passage)
        given = self.given.get(passage.id)
        if given is None:
            title = "; ".join((f"{when}: nobody's", *by, *why))
            return _counting(Arrival(NOBODY, at_ns, None, None, title, is_shifted), passage)
        dues = self._dues(passage.timing_point, self.entry_by_number[given.start_number])
        due_ns = min(dues, key=lambda due_ns: abs(due_ns - at_ns), default=None)
        late = [] if due_ns is None else [f"due {time_of_day(due_ns, self.event.timezone)}", self._late(at_ns - due_ns)]
        title = "; ".join((f"{when}: crew {given.start_number}", *late, _sure(given), *by, *why))
        kind = DOUBT if why else HAND if passage.source != "board" else GIVEN
        return _counting(Arrival(kind, at_ns, due_ns, given.start_number, title, is_shifted), passage)

    def _late(self, late_ns: int) -> str:
        if abs(late_ns) < 60 * S_NS:
            return hundredths(late_ns / S_NS)
        minutes, rest = divmod(abs(late_ns) // S_NS, 60)
        return f"{minutes} min {rest} s {'late' if late_ns > 0 else 'early'}"

    def _missed(self, point: str, entry: Entry) -> list[int]:
        """Return when a crew was due at a point without a passage there; a point may serve in several legs."""
        dues: list[int] = []
        for due_ns in self._dues(point, entry):
            if not dues or due_ns - dues[-1] > SAME_NS:
                dues.append(due_ns)
        for at_ns in self.ats_ns.get((point, entry.start_number), ())[: len(dues)]:
            dues.remove(min(dues, key=lambda due_ns: abs(due_ns - at_ns)))
        return dues

    def _dues(self, point: str, entry: Entry) -> list[int]:
        """Return when a crew was due at a point: by its own passages where trials opened, or by its starts."""
        controls = (control for control in self.controls_by_point[point] if entry.race in control.races)
        return sorted(due_ns for control in controls for due_ns in self._due_at(control, point, entry))

    def _due_at(self, control: Control, point: str, entry: Entry) -> list[int]:
        ideal_cs = control.ideal_cs_of(entry.in_leg(control.leg).car_class)
        if control.opens and point == control.closes and ideal_cs is not None:
            opened = self.ats_ns.get((control.opens, entry.start_number), ())
            return [opened_ns + ideal_cs * NS_PER_CS for opened_ns in opened]
        is_due = control.after_ns is not None and point == (control.opens or control.closes)
        return [self.timetable.due_ns(entry, control)] if is_due else []


def _counting(arrival: Arrival, passage: Passage) -> Arrival:
    """Return an arrival; one whose time does not count, an official says, is void."""
    return arrival._replace(kind=VOID, is_shifted=False) if UNRELIABLE in passage.flags else arrival


def _sure(given: Attribution) -> str:
    """Return how sure an attribution is, never rounded up to certainty, and what it rests on."""
    rests_on = basis_words(given.basis)
    if given.basis.kind == BasisKind.LOADED:
        return "its file names the crew"
    if given.basis.kind == BasisKind.DECIDED:
        return f"given by {rests_on}"
    part = "over 99" if 0.995 <= given.confidence < 1 else f"{100 * given.confidence:.0f}"
    return f"{part} % by {rests_on}"


def counts(arrivals: Sequence[Arrival]) -> list[tuple[str, str, int]]:
    """Return each kind of arrival that occurs: its class, what it means, and how many there are."""
    kinds = [arrival.kind for arrival in arrivals]
    counted = [(kind, text, kinds.count(kind)) for kind, text in KINDS.items()]
    shifted = (
        mark_of(GIVEN, is_shifted=True),
        "put later or earlier by an official",
        sum(arrival.is_shifted for arrival in arrivals),
    )
    return [row for row in (*counted, shifted) if row[2]]


def _put(shift_ns: int) -> str:
    return f"{abs(shift_ns) / S_NS:g} s {'later' if shift_ns > 0 else 'earlier'}"
