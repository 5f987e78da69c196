"""Time cards: for each crew a page with its controls of a leg, when it is due, and room for what a marshal writes."""

from collections.abc import Iterator

from centesimo.model.event import AVERAGE_TRIAL, TIME_CONTROL, TIMED_TRIAL, Control, Entry, Event, Leg, Race
from centesimo.model.timetable import Timetable
from centesimo.paper.lists import SECONDS, in_order, of_leg
from centesimo.paper.sheet import Column, Sheet, page_words
from centesimo.words.instants import time_of_day
from centesimo.words.paper import number_in, words_in

CS_PER_S = 100


def time_cards(event: Event, race: Race, leg: Leg, language: str) -> Iterator[Sheet]:
    """Yield the card of each crew of a race, in the order in which they start the leg.

    Points of average trials are secret and stand on no card. Behind a regroup by arrival nobody knows yet when a crew
    is due: there is room to write it.
    """
    table = Timetable(event)
    controls = [
        control
        for control in event.controls
        if control.leg == leg.id and race.id in control.races and control.kind != AVERAGE_TRIAL
    ]
    for entry in in_order(event, race, leg):
        yield _card(event, race, leg, entry, controls, table, language)


def _card(
    event: Event, race: Race, leg: Leg, entry: Entry, controls: list[Control], table: Timetable, language: str
) -> Sheet:
    words = words_in(language)
    place_by_point = {point.id: point.place for point in event.timing_points}
    start = time_of_day(table.start_ns(entry, leg.id), event.timezone)[:SECONDS]
    rows = [(words["start"], "", start, "", "", "")]
    for control in controls:
        place = place_by_point[control.opens or control.closes]
        due, ideal = "", ""
        if control.kind == TIME_CONTROL and not table.is_behind_arrival(race.id, control):
            due = time_of_day(table.due_ns(entry, control), event.timezone)[:SECONDS]
        if control.kind == TIMED_TRIAL and not control.ideal_from:
            ideal = _ideal(control.ideal_cs_of(entry.car_class), language)
        rows.append((control.id, place, due, ideal, "", ""))
    driven = entry.in_leg(leg.id)
    columns = (
        Column(words["control"]),
        Column(words["place"], width="1fr"),
        Column(words["due at"], "right"),
        Column(words["ideal"], "right"),
        Column(words["taken"], "center", "1fr"),
        Column(words["marshal"], "center", "1fr"),
    )
    return Sheet(
        language,
        event.name,
        words["card"],
        f"{words['number']} {entry.start_number} {entry.crew}, {of_leg(race, leg, language)}",
        f"{driven.car}, {driven.year}",
        columns,
        tuple(rows),
        page_words(words["page"]),
        signatures=(words["competitor"], words["clerk"]),
        revision=f"{words['revision']} {event.digest[:10]}",
        is_tall=True,
    )


def _ideal(ideal_cs: int | None, language: str) -> str:
    """Return an ideal time as "1:05,00"."""
    if ideal_cs is None:
        return ""
    minutes, cs = divmod(ideal_cs, 60 * CS_PER_S)
    return number_in(language, f"{minutes}:{cs // CS_PER_S:02}.{cs % CS_PER_S:02}")
