"""What people keyed of the passages of a score: who named its crew, by a clock that is so far off; and its cards."""

from collections.abc import Iterable, Mapping, Sequence

from centesimo.crosscheck.clocks import Key
from centesimo.explain.explanation import Fact, fact
from centesimo.model.about_people import KeyedClock
from centesimo.model.event import Event
from centesimo.model.facts import Passage, Score, Sighting
from centesimo.reading.localtime import local_text
from centesimo.reading.numbers import shown_duration
from centesimo.sightings.cards import PREFIX, is_card
from centesimo.words.about_people import clock_words


def keyed_facts(
    event: Event, scores: Iterable[Score], sightings: Sequence[Sighting], clocks: Mapping[Key, KeyedClock]
) -> dict[str, tuple[Fact, ...]]:
    """Return by passage id what people keyed of it: `sightings` are those that stand."""
    facts_by_passage: dict[str, tuple[Fact, ...]] = {}
    for score in scores:
        for passage in score.passages:
            said = [
                _words(event, sighting, clocks.get((sighting.person, sighting.device)))
                for sighting in sightings
                if _is_of(sighting, passage, score.start_number)
            ]
            if said:
                facts_by_passage[passage.id] = (fact("keyed", said, "; ".join(said)),)
    return facts_by_passage


def _is_of(sighting: Sighting, passage: Passage, start_number: int) -> bool:
    """Say whether a sighting is the passage, or names its crew at its timing point."""
    if is_card(passage):
        return passage.id == PREFIX + sighting.id
    return (sighting.timing_point, sighting.start_number) == (passage.timing_point, start_number)


def _words(event: Event, sighting: Sighting, clock: KeyedClock | None) -> str:
    at = local_text(sighting.at_ns, event.timezone)[11:21]
    entry = f", entry {sighting.counter}," if sighting.counter else ""
    error = "" if sighting.error_ns is None else f" +- {shown_duration(sighting.error_ns)}"
    correction = f", in place of {sighting.replaces}" if sighting.replaces else ""
    off = ""
    if clock is not None:
        off = f"; that clock is {clock_words(clock.ahead_ns)} the times, by {clock.told_by} of {clock.numbers} numbers"
    return f"by {sighting.person} on {sighting.device}{entry} at {at}{error}{correction} (sighting {sighting.id}{off})"
