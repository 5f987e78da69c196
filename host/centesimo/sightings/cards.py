"""Where no tube lies: at a time control or passage control a sighting is the passage, to the minute of the card.

One pure step before match: each sighting that stands at such a point and names a crew becomes a Passage whose crew is
given. The clock of the table is the one that counts there. Two sightings of one crew in one minute are one passage; a
crew that has a loaded passage there keeps that one, and the sighting is only evidence.
"""

from collections.abc import Collection, Iterable

from centesimo.model.event import PASSAGE_CONTROL, TIME_CONTROL, Event
from centesimo.model.facts import Passage, Sighting, by_time
from centesimo.sightings import in_order

MINUTE_NS = 60_000_000_000
PREFIX = "sighting:"  # of the id of such a passage; the sighting's own follows


def card_points(event: Event) -> frozenset[str]:
    """Return the timing points without a board at which only time controls and passage controls stand."""
    used = {point for control in event.controls for point in (control.opens, control.closes)}
    timed = {
        point
        for control in event.controls
        if control.kind not in (TIME_CONTROL, PASSAGE_CONTROL)
        for point in (control.opens, control.closes)
    }
    boardless = {point.id for point in event.timing_points if point.board is None and not point.backup_of}
    return frozenset((boardless & used) - timed)


def card_passages(event: Event, standing: Iterable[Sighting], loaded: Collection[Passage] = ()) -> list[Passage]:
    """Return the passages that sightings are, in order of instant, then id.

    `standing` are those that corrections leave; one whose number no entry has is none (doubts.py says so).
    """
    points = card_points(event)
    numbers = {entry.start_number for entry in event.entries}
    timed = {(passage.timing_point, passage.start_number) for passage in loaded}
    made: dict[tuple[str, int | None, int], Passage] = {}
    for sighting in sorted(standing, key=in_order):
        number, point = sighting.start_number, sighting.timing_point
        if point in points and number in numbers and (point, number) not in timed:
            made.setdefault((point, number, sighting.at_ns // MINUTE_NS), _passage(sighting))
    return sorted(made.values(), key=by_time)


def is_card(passage: Passage) -> bool:
    """Say whether a passage is a sighting where no tube lies."""
    return passage.id.startswith(PREFIX)


def evidence(event: Event, standing: Iterable[Sighting]) -> tuple[Sighting, ...]:
    """Return the sightings that tell whose passages are: at a point of the event, of one of its crews or nobody.

    Who keys beside a backup sees the cars of the timing point that it backs up.
    """
    main_by_point = {point.id: point.backup_of or point.id for point in event.timing_points}
    numbers = {entry.start_number for entry in event.entries}
    return tuple(
        sighting._replace(timing_point=main_by_point[sighting.timing_point])
        for sighting in standing
        if sighting.timing_point in main_by_point
        and (sighting.start_number is None or sighting.start_number in numbers)
    )


def _passage(sighting: Sighting) -> Passage:
    """Return the passage of a card: the minute is what is written, so nothing of it is uncertain."""
    source = sighting.source or f"{sighting.person}, {sighting.device}"
    minute_ns = sighting.at_ns // MINUTE_NS * MINUTE_NS
    seen = (source, sighting.start_number)
    return Passage(PREFIX + sighting.id, sighting.timing_point, minute_ns, 0, True, (), (), *seen)
