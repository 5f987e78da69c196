"""Attributed passages in the order of the road: whose, at which timing point, in which leg.

A tube may lie in two legs at the same place; the instant tells which one a passage belongs to. What cannot be used, or
is there twice, is a finding.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from centesimo.event import Event, Race
from centesimo.facts import Attribution, Finding

# By leg and timing point, then by start number, in order of time; those without a time come last.
Crossings = Mapping[tuple[str, str], Mapping[int, list[Attribution]]]


def crossings(event: Event, attributions: Sequence[Attribution], findings: list[Finding]) -> Crossings:
    """Group the attributions by leg, timing point and crew, and note what cannot be used as findings."""
    race_by_id = {race.id: race for race in event.races}
    race_by_number = {entry.start_number: race_by_id[entry.race] for entry in event.entries}
    legs_by_point = _legs_by_point(event)
    grouped: dict[tuple[str, str], dict[int, list[Attribution]]] = defaultdict(dict)
    for attribution in attributions:
        point, race = attribution.passage.timing_point, race_by_number.get(attribution.start_number)
        legs = legs_by_point.get(point, ())
        leg = legs[0] if len(legs) == 1 or not race else _leg_at(race, legs, attribution.passage.at_ns)
        if race is None or leg is None:
            findings.append(_unused(attribution, "no such crew" if race is None else "it cannot be told of which leg"))
        else:
            grouped[leg, point].setdefault(attribution.start_number, []).append(attribution)
    for (_, point), found_by_number in grouped.items():
        for start_number, found in found_by_number.items():
            if len(found) > 1:
                found.sort(key=_by_time)
                findings.append(_crossed_twice(point, start_number, found))
    return grouped


def _legs_by_point(event: Event) -> dict[str, tuple[str, ...]]:
    """Return the legs that use each timing point, in the order of the legs."""
    used = {(point, control.leg) for control in event.controls for point in (control.opens, control.closes)}
    order = [leg.id for leg in event.legs]
    return {
        point.id: tuple(leg for leg in order if (point.id, leg) in used) or tuple(order[:1])
        for point in event.timing_points
    }


def _leg_at(race: Race, legs: tuple[str, ...], at_ns: int | None) -> str | None:
    """Return which leg of a race an instant lies in: from its first start to that of the next; None if not known."""
    driven = [start for start in race.starts if start.leg in legs]
    if at_ns is None or not driven:
        return None
    return [driven[0].leg, *(start.leg for start in driven[1:] if start.first_at_ns <= at_ns)][-1]


def _by_time(attribution: Attribution) -> tuple[bool, int, str]:
    passage = attribution.passage
    return passage.at_ns is None, passage.at_ns or 0, passage.id


def _unused(attribution: Attribution, why: str) -> Finding:
    passage, number = attribution.passage, attribution.start_number
    text = f"the passage at {passage.timing_point} given to start number {number} is not used: {why}"
    return Finding("not used", passage.timing_point, number, text, (passage.id,))


def _crossed_twice(point: str, start_number: int, found: list[Attribution]) -> Finding:
    text = f"start number {start_number} has {len(found)} passages at {point}: the first counts"
    return Finding("crossed twice", point, start_number, text, tuple(one.passage.id for one in found))
