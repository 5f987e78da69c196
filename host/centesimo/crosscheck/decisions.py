"""What the facts say against decisions that stand: a period in which no car passed, a crew that gave up and was seen.

Such a decision is no mistake: the board may be collected later, another car may have been taken for the crew's. So it
is stored, with a line that says so, and is a finding as long as the facts are so. Pure functions.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from statistics import median
from typing import NamedTuple

from centesimo.amend.apply import Applied
from centesimo.model.about_decisions import PeriodEmpty, RetiredAndSeen
from centesimo.model.course import AWAY_NS, Chain, Places, chains, last_tube, places_without
from centesimo.model.decisions import Decision, Period, Retire
from centesimo.model.event import Event
from centesimo.model.facts import Attribution, MarshalList, Passage, Score, Sighting
from centesimo.model.findings import Finding, FindingKind

LIKELY = 0.1  # from this chance on an open passage may be that of a crew that gave up
NEAR_NS = 30_000_000_000  # of where the field is: what nobody passed there when a crew is due may be its own
AT_CONTROL_NS = 60_000_000_000  # the same at a time control: crews come anywhere in their minute
NEIGHBOURS = 5  # crews that tell how late the field is beside one
Noted = Mapping[str, tuple[Decision, ...]]  # by passage id: the decisions that are about it


class Computed(NamedTuple):
    """What follows from the facts, as far as it may speak against a decision."""

    event: Event
    lists: Sequence[MarshalList]
    applied: Applied
    passages: Collection[Passage]  # as the decisions leave them
    notes: Noted
    attributions: Collection[Attribution]
    scores: Collection[Score]
    findings: Collection[Finding]  # of match
    sightings: Collection[Sighting] = ()  # that stand


def against(computed: Computed) -> Iterator[Finding]:
    """Yield what speaks against the decisions that stand; kind "amendment"."""
    for decision in computed.applied.standing:
        if isinstance(decision.action, Period) and not held(decision, computed.passages, computed.notes):
            board = decision.action.board
            about = PeriodEmpty(decision, board, find_stamped_ns(board, computed.passages))
            yield Finding(FindingKind.DECISION, board, None, about)
    if computed.applied.retired:
        yield from _came(computed)


def held(decision: Decision, passages: Iterable[Passage], notes: Noted) -> list[Passage]:
    """Return the passages of a board's period, of those that count."""
    return [passage for passage in passages if decision in notes.get(passage.id, ())]


def find_stamped_ns(board: str, passages: Iterable[Passage]) -> tuple[int, int] | None:
    """Return from when to when a board has passages; None where it has none with a time."""
    first = (passage.edges[0] for passage in passages if passage.edges)
    ats_ns = [edge.at_ns for edge in first if edge.board == board and edge.at_ns is not None]
    return (min(ats_ns), max(ats_ns)) if ats_ns else None


def behind(event: Event, scores: Iterable[Score], start_number: int | None, controls: Collection[str]) -> list[Passage]:
    """Return a crew's passages at controls to which it did not come.

    The tube that closes the trial before is none of them, nor is the one that opens the trial in which it gave up.
    """
    own = [score for score in scores if score.start_number == start_number]
    before = {passage.id for score in own if score.control not in controls for passage in score.passages}
    there = {passage.id: passage for score in own if score.control in controls for passage in score.passages}
    last = last_tube(event, own[0].race, controls) if own else None
    return [passage for passage in there.values() if passage.id not in before and passage.timing_point != last]


def _came(computed: Computed) -> Iterator[Finding]:
    """Yield a finding for each crew that gave up and was seen, or may have been, stands on a list, or was keyed."""
    # The last one of each crew.
    retirement_by_number = {
        decision.start_number: decision for decision in computed.applied.standing if isinstance(decision.action, Retire)
    }
    race_by_number = {entry.start_number: entry.race for entry in computed.event.entries}
    field = _Field(computed)
    for number, controls in computed.applied.retired.items():
        away = [(chain, places_without(computed.event, chain, {number: controls})) for chain in field.chains]
        last = last_tube(computed.event, race_by_number.get(number), controls)
        points = {point for _, places in away for _, point in places} - {last}
        seen = behind(computed.event, computed.scores, number, controls)
        due = {passage.id: passage for chain, places in away for passage in field.when_due(chain, places)}
        open_passages = {**field.likely(number), **due}.values()
        likely = [passage for passage in open_passages if passage.timing_point in points]
        lists = (marshal_list for marshal_list in computed.lists if marshal_list.timing_point in points)
        lines = [line.source for marshal_list in lists for line in marshal_list.lines if line.start_number == number]
        of_crew = (sighting for sighting in computed.sightings if sighting.start_number == number)
        keyed = [sighting for sighting in of_crew if sighting.timing_point in points]
        if seen or likely or lines or keyed:
            likely.sort(key=lambda passage: passage.at_ns or 0)
            yield _all_the_same(retirement_by_number[number], seen, likely, lines, keyed)


class _Field:
    """What the passages that are open may be: whose, by their chances, or by when the field passed."""

    def __init__(self, computed: Computed) -> None:
        self.chains = chains(computed.event)
        self._by_id = {passage.id: passage for passage in computed.passages}
        self._findings = computed.findings
        nobodys = {
            identity
            for finding in computed.findings
            if finding.kind == FindingKind.GHOST
            for identity in finding.passages
        }
        self._nobodys = [
            (passage, passage.at_ns)
            for passage in computed.passages
            if passage.id in nobodys and passage.at_ns is not None
        ]
        self._passed: dict[str, list[tuple[int, int]]] = defaultdict(list)  # by point: start numbers and instants
        for made in computed.attributions:
            if made.passage.at_ns is not None:
                self._passed[made.passage.timing_point].append((made.start_number, made.passage.at_ns))

    def likely(self, number: int) -> dict[str, Passage]:
        """Return by id the open passages of which a crew is a likely candidate."""
        candidates = (candidate for finding in self._findings for candidate in finding.candidates)
        return {
            candidate.passage: self._by_id[candidate.passage]
            for candidate in candidates
            if candidate.start_number == number and candidate.chance >= LIKELY
        }

    def when_due(self, chain: Chain, places: Places) -> Iterator[Passage]:
        """Yield what nobody's car passed at places of a chain when a crew would have, as late as those beside it."""
        due_by_number = {crew.start_number: crew.at_ns for crew in chain.crews if crew.is_timed}
        near_ns = AT_CONTROL_NS if chain.at_control else NEAR_NS
        for number, point in places:
            there = [(passage, at_ns) for passage, at_ns in self._nobodys if passage.timing_point == point]
            due_ns = due_by_number.get(number)
            if not there or due_ns is None:
                continue
            late_ns = self._late_ns(point, due_by_number, due_ns, chain.offsets_ns[chain.points.index(point)])
            if late_ns:
                away = [(abs(at_ns - due_ns - median(late_ns)), passage) for passage, at_ns in there]
                away_ns, nearest = min(away, key=itemgetter(0))
                yield from [nearest] if away_ns <= near_ns else []

    def _late_ns(self, point: str, due_by_number: Mapping[int, int], due_ns: int, offset_ns: int) -> list[int]:
        """Return how long after they were due on the chain those beside a crew passed a point."""
        beside = [
            (abs(due_by_number[number] - due_ns), at_ns - due_by_number[number])
            for number, at_ns in self._passed[point]
            if number in due_by_number and abs(at_ns - due_by_number[number] - offset_ns) < AWAY_NS
        ]
        return [late_ns for _, late_ns in sorted(beside)[:NEIGHBOURS]]


def _all_the_same(
    decision: Decision,
    seen: Sequence[Passage],
    likely: Sequence[Passage],
    lines: Sequence[str],
    keyed: Sequence[Sighting],
) -> Finding:
    """Return the finding about a crew that gave up, and what speaks against it."""
    about = RetiredAndSeen(decision, tuple(seen), tuple(likely), tuple(lines), tuple(keyed))
    passages = (*seen, *likely)
    points = [*(passage.timing_point for passage in passages), *(sighting.timing_point for sighting in keyed)]
    where = points[0] if points else decision.control or "amendments"
    ids = tuple(passage.id for passage in passages)
    return Finding(FindingKind.DECISION, where, decision.start_number, about, ids)
