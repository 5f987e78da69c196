"""Attributed passages in the order of the road: whose, at which timing point, in which leg.

A tube may lie in two legs at the same place; the instant tells which one a passage belongs to. What cannot be used, or
is there twice, is a finding.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from centesimo.model.about_passages import CrossedTwice, PassageUnused, WhyUnused
from centesimo.model.event import Event, Race
from centesimo.model.facts import Attribution, by_time
from centesimo.model.findings import Finding, FindingKind

# By leg and timing point, then by start number, in order of time; those without a time come last.
Crossings = Mapping[tuple[str, str], Mapping[int, list[Attribution]]]


class Road(NamedTuple):
    """Which race each crew drives and which legs use each timing point."""

    race_by_number: Mapping[int, Race]
    legs_by_point: Mapping[str, tuple[str, ...]]  # those that use it, in their order


def road(event: Event) -> Road:
    """Return which race each crew of an event drives and which legs use each timing point."""
    race_by_id = {race.id: race for race in event.races}
    race_by_number = {entry.start_number: race_by_id[entry.race] for entry in event.entries}
    used = {(point, control.leg) for control in event.controls for point in (control.opens, control.closes)}
    order = [leg.id for leg in event.legs]
    legs_by_point = {
        point.id: tuple(leg for leg in order if (point.id, leg) in used) or tuple(order[:1])
        for point in event.timing_points
    }
    return Road(race_by_number, legs_by_point)


def crossings(road: Road, attributions: Sequence[Attribution], findings: list[Finding]) -> Crossings:
    """Group the attributions by leg, timing point and crew, and note what cannot be used as findings."""
    grouped: dict[tuple[str, str], dict[int, list[Attribution]]] = defaultdict(dict)
    twice: list[tuple[str, int, list[Attribution]]] = []
    of_one_leg: dict[str, dict[int, list[Attribution]]] = {}  # of the points that serve in one leg: nearly all
    for attribution in attributions:
        number, point = attribution.start_number, attribution.passage.timing_point
        attributions_by_number = of_one_leg.get(point)
        if attributions_by_number is None or number not in road.race_by_number:
            legs = road.legs_by_point.get(point, ())
            leg, why = _find_leg(attribution, road.race_by_number.get(number), legs)
            if leg is None:
                findings.append(_unused(attribution, why))
                continue
            attributions_by_number = grouped[leg, point]
            if len(legs) == 1:
                of_one_leg[point] = attributions_by_number
        earlier = attributions_by_number.get(number)
        if earlier is None:
            attributions_by_number[number] = [attribution]
        else:
            earlier.append(attribution)
            if len(earlier) == 2:
                twice.append((point, number, earlier))
    for point, number, earlier in twice:
        earlier.sort(key=lambda attribution: by_time(attribution.passage))
        findings.append(_crossed_twice(point, number, earlier))
    return grouped


def _find_leg(attribution: Attribution, race: Race | None, legs: Sequence[str]) -> tuple[str | None, WhyUnused]:
    """Return in which leg a passage counts; without one (None), why it does not."""
    if race is None:
        return None, WhyUnused.NO_CREW
    if len(legs) == 1:
        return legs[0], WhyUnused.NO_LEG
    return leg_at(race, legs, attribution.passage.at_ns), WhyUnused.NO_LEG


def leg_at(race: Race, legs: Sequence[str], at_ns: int | None) -> str | None:
    """Return the leg of a race in which an instant lies, which ends where the next begins; None: unknown."""
    driven = [start for start in race.starts if start.leg in legs]
    if at_ns is None or not driven:
        return None
    return [driven[0].leg, *(start.leg for start in driven[1:] if start.first_at_ns <= at_ns)][-1]


def _unused(attribution: Attribution, why: WhyUnused) -> Finding:
    passage, number = attribution.passage, attribution.start_number
    about = PassageUnused(passage.timing_point, number, why)
    return Finding(FindingKind.NOT_USED, passage.timing_point, number, about, (passage.id,))


def _crossed_twice(point: str, start_number: int, crossed: list[Attribution]) -> Finding:
    about = CrossedTwice(point, start_number, len(crossed))
    ids = tuple(attribution.passage.id for attribution in crossed)
    return Finding(FindingKind.CROSSED_TWICE, point, start_number, about, ids)
