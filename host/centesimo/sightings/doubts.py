"""What is odd about sightings, as findings: each says what came and what to do; nothing is lost and nothing stops.

What one sighting says beside the times is for match; here is what stands against the event, against one another, and
against the calendar.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import TypeVar

from centesimo.model.course import AWAY_NS, chains, windows
from centesimo.model.event import Event
from centesimo.model.facts import Sighting
from centesimo.model.findings import Finding, FindingKind
from centesimo.reading.localtime import local_text
from centesimo.sightings import Standing, is_taking_back
from centesimo.sightings.cards import card_points

Key = TypeVar("Key")

NAMED = 6  # that are written out; more are counted


def doubts(event: Event, every: Sequence[Sighting], standing: Standing) -> list[Finding]:
    """Return what is odd about an event's sightings; `standing` is what corrections leave of `every` sighting."""
    return [
        *_unknown_points(event, standing.sightings),
        *_unknown_numbers(event, standing.sightings),
        *_unmet(event, standing.unmet),
        *_one_name(event, every),
        *_away(event, standing.sightings),
        *_twice(event, standing.sightings),
    ]


def _unknown_points(event: Event, sightings: Iterable[Sighting]) -> Iterator[Finding]:
    points = {point.id for point in event.timing_points}
    at_point = _grouped((sighting.timing_point, sighting) for sighting in sightings)
    for name in sorted(at_point.keys() - points):
        group = at_point[name]
        text = f"{name} is no timing point of the event: {_keyed(event, group)} there; they count for nothing."
        yield _finding(name, text)


def _unknown_numbers(event: Event, sightings: Iterable[Sighting]) -> Iterator[Finding]:
    numbers = {entry.start_number for entry in event.entries}
    for sighting in sightings:
        if sighting.start_number is not None and sighting.start_number not in numbers:
            text = f"{_named(event, sighting)}: no entry has the number; it counts for nothing."
            yield _finding(sighting.timing_point, text, sighting.start_number)


def _unmet(event: Event, unmet: Iterable[Sighting]) -> Iterator[Finding]:
    for sighting in unmet:
        what = "it takes nothing back" if is_taking_back(sighting) else "it counts by itself"
        text = (
            f"{_named(event, sighting)} in place of {sighting.replaces}, which is not here: {what}; load the bundle or"
            " the file that has the other one."
        )
        yield _finding(sighting.timing_point, text, sighting.start_number)


def _one_name(event: Event, every: Iterable[Sighting]) -> Iterator[Finding]:
    """Yield the devices that have counted to one number more than once: there are two of them."""
    by_count = _grouped(((sighting.device, sighting.counter), sighting) for sighting in every if sighting.counter)
    doubled: dict[str, list[list[Sighting]]] = defaultdict(list)
    for (device, _), group in sorted(by_count.items()):
        if len({sighting.id for sighting in group}) > 1:
            doubled[device].append(group)
    for device, groups in doubled.items():
        counts = _listed([str(group[0].counter) for group in groups])
        people = _listed(
            sorted({f"{sighting.person} at {sighting.timing_point}" for group in groups for sighting in group})
        )
        text = (
            f"Two devices are called {device}: both have keyed what they count as {counts} ({people}). All of it"
            " counts; give each a name of its own, for a clock is judged device by device."
        )
        yield _finding(groups[0][0].timing_point, text)


def _away(event: Event, sightings: Iterable[Sighting]) -> Iterator[Finding]:
    """Yield what was keyed hours away from when crews are due at a timing point, as on another day."""
    windows_by_point = windows(chains(event))
    far = []
    for sighting in sightings:
        due = windows_by_point.get(sighting.timing_point, ())
        if due and all(window.known for window in due):
            away_ns = min(window.away_ns(sighting.at_ns) for window in due)
            far += [((sighting.timing_point, sighting.person, sighting.device), sighting)] if away_ns > AWAY_NS else []
    for (point, _, device), group in sorted(_grouped(far).items()):
        question = f"hours away from when crews are due there: is the clock of {device} right?"
        yield _finding(point, f"{point}: {_keyed(event, group)}, {question}")


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
        crews = [
            f"{group[0].start_number} at {_listed([_clock(event, sighting) for sighting in group])}" for group in groups
        ]
        text = f"{point}: {person} keyed on {device} more than once: {_listed(crews, '; ')}."
        yield _finding(point, text)


def _grouped(pairs: Iterable[tuple[Key, Sighting]]) -> dict[Key, list[Sighting]]:
    groups: dict[Key, list[Sighting]] = defaultdict(list)
    for key, sighting in pairs:
        groups[key].append(sighting)
    return groups


def _keyed(event: Event, group: Sequence[Sighting]) -> str:
    """Return who keyed what when: "Anna keyed 3 numbers on phone from 2027-05-24 10:05:58 to 10:20:01"."""
    people = _listed(sorted({sighting.person for sighting in group}))
    devices = _listed(sorted({sighting.device for sighting in group}))
    first, last = (
        local_text(sighting.at_ns, event.timezone)[:19].replace("T", " ") for sighting in (group[0], group[-1])
    )
    when = f"at {first}" if len(group) == 1 else f"from {first} to {last}"
    return f"{people} keyed {len(group)} number{'s' * (len(group) > 1)} on {devices} {when}"


def _named(event: Event, sighting: Sighting) -> str:
    """Return one sighting as it is named: "A1: Anna keyed 341 on phone at 10:05:58"."""
    number = "nobody's" if sighting.start_number is None else sighting.start_number
    return (
        f"{sighting.timing_point}: {sighting.person} keyed {number} on {sighting.device} at {_clock(event, sighting)}"
    )


def _clock(event: Event, sighting: Sighting) -> str:
    return local_text(sighting.at_ns, event.timezone)[11:19]


def _listed(texts: Sequence[str], between: str = ", ") -> str:
    more = f" and {len(texts) - NAMED} more" if len(texts) > NAMED else ""
    return between.join(texts[:NAMED]) + more


def _finding(point: str, text: str, number: int | None = None) -> Finding:
    return Finding(FindingKind.SIGHTING, point, number, text)
