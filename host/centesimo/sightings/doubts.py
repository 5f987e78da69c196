"""What is odd about sightings, as findings: each says what came and what to do; nothing is lost and nothing stops.

What one sighting says beside the times is for match; here is what stands against the event, against one another, and
against the calendar.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import TypeVar

from centesimo.model.about_people import (
    AboutPeople,
    DeviceTwice,
    KeyedAway,
    KeyedNobody,
    KeyedNowhere,
    KeyedTwice,
    ReplacedMissing,
)
from centesimo.model.course import AWAY_NS, chains, windows
from centesimo.model.event import Event
from centesimo.model.facts import Sighting
from centesimo.model.findings import Finding, FindingKind
from centesimo.sightings import Standing, is_taking_back
from centesimo.sightings.cards import card_points

Key = TypeVar("Key")


def doubts(event: Event, every: Sequence[Sighting], standing: Standing) -> list[Finding]:
    """Return what is odd about an event's sightings; `standing` is what corrections leave of `every` sighting."""
    return [
        *_unknown_points(event, standing.sightings),
        *_unknown_numbers(event, standing.sightings),
        *_unmet(standing.unmet),
        *_one_name(every),
        *_away(event, standing.sightings),
        *_twice(event, standing.sightings),
    ]


def _unknown_points(event: Event, sightings: Iterable[Sighting]) -> Iterator[Finding]:
    points = {point.id for point in event.timing_points}
    at_point = _grouped((sighting.timing_point, sighting) for sighting in sightings)
    for name in sorted(at_point.keys() - points):
        yield _finding(name, KeyedNowhere(name, tuple(at_point[name])))


def _unknown_numbers(event: Event, sightings: Iterable[Sighting]) -> Iterator[Finding]:
    numbers = {entry.start_number for entry in event.entries}
    for sighting in sightings:
        if sighting.start_number is not None and sighting.start_number not in numbers:
            yield _finding(sighting.timing_point, KeyedNobody(sighting), sighting.start_number)


def _unmet(unmet: Iterable[Sighting]) -> Iterator[Finding]:
    for sighting in unmet:
        about = ReplacedMissing(sighting, is_taking_back(sighting))
        yield _finding(sighting.timing_point, about, sighting.start_number)


def _one_name(every: Iterable[Sighting]) -> Iterator[Finding]:
    """Yield the devices that have counted to one number more than once: there are two of them."""
    by_count = _grouped(((sighting.device, sighting.counter), sighting) for sighting in every if sighting.counter)
    doubled: dict[str, list[list[Sighting]]] = defaultdict(list)
    for (device, _), group in sorted(by_count.items()):
        if len({sighting.id for sighting in group}) > 1:
            doubled[device].append(group)
    for device, groups in doubled.items():
        counters = tuple(group[0].counter or 0 for group in groups)
        people = sorted({(sighting.person, sighting.timing_point) for group in groups for sighting in group})
        yield _finding(groups[0][0].timing_point, DeviceTwice(device, counters, tuple(people)))


def _away(event: Event, sightings: Iterable[Sighting]) -> Iterator[Finding]:
    """Yield what was keyed hours away from when crews are due at a timing point, as on another day."""
    windows_by_point = windows(chains(event))
    far = []
    for sighting in sightings:
        due = windows_by_point.get(sighting.timing_point, ())
        if due and all(window.is_timed for window in due):
            away_ns = min(window.away_ns(sighting.at_ns) for window in due)
            far += [((sighting.timing_point, sighting.person, sighting.device), sighting)] if away_ns > AWAY_NS else []
    for (point, _, device), group in sorted(_grouped(far).items()):
        yield _finding(point, KeyedAway(point, device, tuple(group)))


def _twice(event: Event, sightings: Iterable[Sighting]) -> Iterator[Finding]:
    """Yield the numbers that one person keyed more than once at a tube within half a leg's hours."""
    cards = card_points(event)
    named = (
        sighting for sighting in sightings if sighting.start_number is not None and sighting.timing_point not in cards
    )
    by_crew = _grouped(
        ((sighting.timing_point, sighting.person, sighting.device, sighting.start_number or 0), sighting)
        for sighting in named
    )
    doubled: dict[tuple[str, str, str], list[list[Sighting]]] = defaultdict(list)
    for (point, person, device, _), group in sorted(by_crew.items()):
        if any(later.at_ns - before.at_ns < AWAY_NS for before, later in pairwise(group)):
            doubled[point, person, device].append(group)
    for (point, person, device), groups in doubled.items():
        yield _finding(point, KeyedTwice(point, person, device, tuple(map(tuple, groups))))


def _grouped(pairs: Iterable[tuple[Key, Sighting]]) -> dict[Key, list[Sighting]]:
    groups: dict[Key, list[Sighting]] = defaultdict(list)
    for key, sighting in pairs:
        groups[key].append(sighting)
    return groups


def _finding(point: str, about: AboutPeople, number: int | None = None) -> Finding:
    return Finding(FindingKind.SIGHTING, point, number, about)
