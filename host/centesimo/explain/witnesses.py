"""Who else timed a passage: the instants of further sources at the same timing point, and what their clocks show."""

from collections.abc import Iterable, Mapping
from zoneinfo import ZoneInfo

from centesimo.explain.explanation import Fact, fact
from centesimo.model.event import Event
from centesimo.model.facts import Passage, Score
from centesimo.reading.localtime import local_text
from centesimo.timing.witnesses import Clock, Witnessed, file_of

S_NS = 1_000_000_000


def witness_facts(
    event: Event, scores: Iterable[Score], witnessed: Mapping[str, Witnessed]
) -> dict[str, tuple[Fact, ...]]:
    """Return by passage id who else timed it, of the passages of these scores that somebody else timed."""
    facts: dict[str, tuple[Fact, ...]] = {}
    for passage in (passage for score in scores for passage in score.passages):
        at_point = witnessed.get(passage.timing_point)
        witnesses = at_point.witnesses_by_id.get(passage.id, ()) if at_point else ()
        if at_point and witnesses:
            clocks = {(clock.file, clock.source): clock for clock in at_point.clocks}
            words = [_words(passage, witness, clocks, event.timezone) for witness in witnesses]
            facts[passage.id] = (fact("also_timed", words, "; ".join(words)),)
    return facts


def _words(passage: Passage, witness: Passage, clocks: Mapping[tuple[str, str], Clock], timezone: ZoneInfo) -> str:
    """Say one witness: "by backup at 09:15:00.015000, 0.010 s later; its clock is 0.010 s late (30 cars)"."""
    apart_s = ((witness.at_ns or 0) - (passage.at_ns or 0)) / S_NS
    at = local_text(witness.at_ns or 0, timezone)[11:]
    who = f", who names {witness.start_number}" if witness.start_number is not None else ""
    text = f"by {witness.source}{who} at {at}, {abs(apart_s):.3f} s {'later' if apart_s >= 0 else 'earlier'}"
    clock = clocks.get((file_of(witness), witness.source))
    if clock is None or not clock.is_told:
        return f"{text} ({witness.id})"
    late_s = clock.late_ns / S_NS
    how = f"{abs(late_s):.3f} s {'late' if late_s >= 0 else 'early'}, as {clock.cars} cars on both tell"
    return f"{text}; its clock is {how} ({witness.id})"
