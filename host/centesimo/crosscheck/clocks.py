"""How far the clocks of those who key are off, by the passages whose crews they keyed.

Told by names alone: a sighting of a crew and the passage that is that crew's at the same timing point differ by the
clock's error and the hand's delay. It asks nothing of how the passage became that crew's, so it can contradict it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import median

from centesimo.model.about_people import KeyedClock
from centesimo.model.facts import Attribution, Sighting
from centesimo.model.findings import Finding, FindingKind
from centesimo.sightings.cards import is_card

FEWEST = 3  # numbers that tell a clock
WITHIN_NS = 15_000_000_000  # a number tells the clock when it is within this of what most tell
OFF_NS = 30_000_000_000  # a clock that is off by more is said

Key = tuple[str, str]  # person and device


def keyed_clocks(attributions: Iterable[Attribution], sightings: Sequence[Sighting]) -> dict[Key, KeyedClock]:
    """Return the clocks by person and device, of those that at least FEWEST numbers tell."""
    ats_by_crew: dict[tuple[str, int], list[int]] = defaultdict(list)
    for made in attributions:
        if made.passage.at_ns is not None and not is_card(made.passage):
            ats_by_crew[made.passage.timing_point, made.start_number].append(made.passage.at_ns)
    apart_by_key: dict[Key, list[tuple[int, str]]] = defaultdict(list)
    for sighting in sightings:
        ats = ats_by_crew.get((sighting.timing_point, sighting.start_number or 0))
        if ats:
            apart_ns = min((sighting.at_ns - at_ns for at_ns in ats), key=abs)
            apart_by_key[sighting.person, sighting.device].append((apart_ns, sighting.timing_point))
    clocks = (_clock(key, apart) for key, apart in sorted(apart_by_key.items()))
    return {(clock.person, clock.device): clock for clock in clocks if clock.told_by >= FEWEST}


def _clock(key: Key, apart: Sequence[tuple[int, str]]) -> KeyedClock:
    middle_ns = round(median(apart_ns for apart_ns, _ in apart))
    near = [apart_ns for apart_ns, _ in apart if abs(apart_ns - middle_ns) <= WITHIN_NS]
    ahead_ns = round(median(near)) if near else middle_ns
    return KeyedClock(*key, ahead_ns, len(near), len(apart), tuple(dict.fromkeys(point for _, point in apart)))


def off(clocks: Mapping[Key, KeyedClock]) -> Iterator[Finding]:
    """Yield a finding for each clock that is off by more than OFF_NS; kind "sighting"."""
    for clock in clocks.values():
        if abs(clock.ahead_ns) > OFF_NS:
            yield Finding(FindingKind.SIGHTING, clock.points[0], None, clock)
