"""Where a crew stands on its road: what is settled, what is still to come, and what is missing.

A control whose passage is not there is *missing* only when the crew was seen further on, or is far behind its due
time; until then the crew is on its way. What counts never depends on this: a ranking leaves such a crew without a place
either way. The hour at which all this is asked (`as_of_ns`) is given: nothing here looks at a clock.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from centesimo.model.course import chains
from centesimo.model.event import Control, Entry, Event
from centesimo.model.facts import EXCLUDED, NOT_STARTED, OPEN, RETIRED, Score
from centesimo.model.timetable import Timetable

# Behind its due time, and what it was late before, by more than that a crew is no longer expected: the usual maximum
# lateness of a time control (RDS art. 8.20 of a leg of several).
GRACE_NS = 30 * 60 * 10**9


class State(StrEnum):
    """What a crew is doing."""

    NOT_STARTED = "not started"
    ON_ITS_WAY = "on its way"
    DUE = "due"  # its due time is over, and it was not seen yet
    SCORED = "scored"  # all controls that count have been settled
    OPEN = "open"  # something is missing, or a person has to decide
    EXCLUDED = "excluded"
    RETIRED = "retired"
    DID_NOT_START = "did not start"


COMING = frozenset((State.NOT_STARTED, State.ON_ITS_WAY, State.DUE))
OUT = frozenset((State.EXCLUDED, State.RETIRED, State.DID_NOT_START))


class Standing(NamedTuple):
    """Where a crew stands over some controls.

    missing    timing points without the passage that an open control waits for; () where open for another reason
    next_point where it is expected next, "" where it is not; next_at_ns when, None where nobody knows
    coming     places of the controls that are still to come, from 0
    done       how many controls are settled, from the first one on without a gap that is still to come
    """

    state: State
    missing: tuple[str, ...] = ()
    next_point: str = ""
    next_at_ns: int | None = None
    done: int = 0
    coming: frozenset[int] = frozenset()


class Road(NamedTuple):
    """When the crews of an event are due: at each timing point of each leg, and at the start of the leg.

    chains  by leg and timing point: the numbers of the chains that it is of, and how long after their begin
    at_ns   by number of the chain: when each crew whose time is known is due at its begin, by start number
    """

    chains: Mapping[tuple[str, str], Sequence[tuple[int, int]]]
    at_ns: Sequence[Mapping[int, int]]
    start_ns: Mapping[tuple[str, int], int]  # by leg and start number
    end_ns: Mapping[str, int]  # by leg: when the last crew is due anywhere

    def find_due_ns(self, leg: str, point: str, number: int) -> int | None:
        """Return when a crew is due at a timing point; None where nobody knows."""
        for chain, offset_ns in self.chains.get((leg, point), ()):
            if number in self.at_ns[chain]:
                return self.at_ns[chain][number] + offset_ns
        return None


def road_of(event: Event) -> Road:
    """Return when the crews of an event are due."""
    table, every = Timetable(event), chains(event)
    chains_by_point: dict[tuple[str, str], list[tuple[int, int]]] = {}
    end_ns: dict[str, int] = {}
    for number, chain in enumerate(every):
        for point, offset_ns in zip(chain.points, chain.offsets_ns, strict=True):
            chains_by_point.setdefault((chain.leg, point), []).insert(0, (number, offset_ns))
        last_ns = max((crew.at_ns for crew in chain.crews), default=0) + max(chain.offsets_ns, default=0)
        end_ns[chain.leg] = max(end_ns.get(chain.leg, 0), last_ns)
    at_ns = [{crew.start_number: crew.at_ns for crew in chain.crews if crew.is_timed} for chain in every]
    start_ns = {
        (leg.id, entry.start_number): table.start_ns(entry, leg.id)
        for leg in event.legs
        for entry in event.entries
        if table.find_start(entry, leg.id) is not None
    }
    return Road(chains_by_point, at_ns, start_ns, end_ns)


def standing_of(
    entry: Entry, scores: Sequence[Score], controls: Sequence[Control], road: Road, as_of_ns: int
) -> Standing:
    """Return where a crew stands over some controls; `scores` are its own at each of them, in their order."""
    statuses = [score.status for score in scores]
    if EXCLUDED in statuses:
        return Standing(State.EXCLUDED)
    if NOT_STARTED in statuses:
        return Standing(State.DID_NOT_START)
    if RETIRED in statuses:
        never_started = statuses[0] == RETIRED and not any(score.passages for score in scores)
        return Standing(State.DID_NOT_START if never_started else State.RETIRED)
    if OPEN not in statuses:
        return Standing(State.SCORED, done=len(scores))
    pending = [place for place, is_so in enumerate(_pending(entry, scores, controls, road, as_of_ns)) if is_so]
    missing = [score for place, score in enumerate(scores) if score.status == OPEN and place not in frozenset(pending)]
    state = State.OPEN if missing else State.ON_ITS_WAY
    points = tuple(dict.fromkeys(point for score in missing for point in score.unusable))
    if not pending:
        return Standing(state, points, done=len(scores))
    next_point, next_at_ns = _next(entry, scores[pending[0]], controls[pending[0]], road)
    if state is not State.OPEN:
        state = _coming(entry, scores, controls[pending[0]], road, next_at_ns, as_of_ns)
    return Standing(state, points, next_point, next_at_ns, pending[0], frozenset(pending))


def _pending(
    entry: Entry, scores: Sequence[Score], controls: Sequence[Control], road: Road, as_of_ns: int
) -> list[bool]:
    """Say of each control whether it is open and the crew may still come to it."""
    last = max((place for place, score in enumerate(scores) if _is_closed(score, controls[place])), default=-1)
    late_by_leg = _late_by_leg(entry, scores, controls, road)
    is_pending = []
    for place, (score, control) in enumerate(zip(scores, controls, strict=True)):
        if score.status != OPEN or place <= last:
            is_pending.append(False)
            continue
        due_ns = road.find_due_ns(control.leg, control.closes, entry.start_number)
        if due_ns is None:
            due_ns = road.end_ns.get(control.leg, 0)
        is_pending.append(due_ns + late_by_leg.get(control.leg, 0) + GRACE_NS >= as_of_ns)
    return is_pending


def _is_closed(score: Score, control: Control) -> bool:
    """Say whether a crew was seen where a control ends, or is known not to come."""
    return any(passage.timing_point == control.closes for passage in score.passages)


def _late_by_leg(entry: Entry, scores: Sequence[Score], controls: Sequence[Control], road: Road) -> Mapping[str, int]:
    """Return how much later than due the crew was where it was seen last, by leg; only where it was late."""
    late_by_leg: dict[str, int] = {}
    for score, control in zip(scores, controls, strict=True):
        for passage in score.passages:
            due_ns = road.find_due_ns(control.leg, passage.timing_point, entry.start_number)
            if due_ns is not None and passage.at_ns is not None:
                late_by_leg[control.leg] = max(0, passage.at_ns - due_ns)
    return late_by_leg


def _next(entry: Entry, score: Score, control: Control, road: Road) -> tuple[str, int | None]:
    """Return the timing point at which a crew is expected next, and when, as the event says."""
    seen = {passage.timing_point for passage in score.passages}
    point = control.opens if control.opens and control.opens not in seen else control.closes
    return point, road.find_due_ns(control.leg, point, entry.start_number)


def _coming(
    entry: Entry, scores: Sequence[Score], control: Control, road: Road, next_at_ns: int | None, as_of_ns: int
) -> State:
    """Return what a crew that nothing is missing of is doing."""
    start_ns = road.start_ns.get((control.leg, entry.start_number), 0)
    if start_ns > as_of_ns and not any(score.passages for score in scores):
        return State.NOT_STARTED
    return State.DUE if next_at_ns is not None and next_at_ns <= as_of_ns else State.ON_ITS_WAY
