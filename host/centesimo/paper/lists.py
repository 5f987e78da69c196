"""Lists of an event on paper, before anybody drives: the entries, the start list of a leg, due times at controls."""

from centesimo.model.event import TIME_CONTROL, Entry, Event, Leg, Race
from centesimo.model.timetable import Timetable
from centesimo.paper.sheet import LANDSCAPE, PORTRAIT, Column, Sheet, page_words
from centesimo.words.instants import time_of_day
from centesimo.words.paper import day_in, number_in, words_in

SECONDS = len("09:20:00")
WIDE = 6  # controls from which a table of due times lies on its side


def entries(event: Event, race: Race, language: str) -> Sheet:
    """Return the list of entries of a race, by start number."""
    words = words_in(language)
    crews = sorted((entry for entry in event.entries if entry.race == race.id), key=lambda entry: entry.start_number)
    further = [column for column in ("class", "category", "nation") if any(_value(entry, column) for entry in crews)]
    has_coefficient = any(entry.coefficient is not None for entry in crews)
    columns = [Column(words["number"], "right"), Column(words["crew"], width="3fr"), Column(words["car"], width="2fr")]
    columns += [Column(words["year"], "right"), Column(words["team"], width="1.5fr")]
    columns += [Column(words[column]) for column in further]
    columns += [Column(words["coefficient"], "right")] if has_coefficient else []
    rows = tuple(
        (
            str(entry.start_number),
            entry.crew,
            entry.car,
            str(entry.year),
            entry.team,
            *(_value(entry, column) for column in further),
            *((number_in(language, entry.coefficient or ""),) if has_coefficient else ()),
        )
        for entry in crews
    )
    return _sheet(event, words["entries"], race.name, language, columns, rows)


def starts(event: Event, race: Race, leg: Leg, language: str) -> Sheet:
    """Return the start list of a leg: crews in the order in which they start, with the local time."""
    words = words_in(language)
    columns = [Column(words["position"], "right"), Column(words["number"], "right"), Column(words["crew"], width="3fr")]
    columns += [Column(words["car"], width="2fr"), Column(words["year"], "right"), Column(words["start"], "right")]
    table = Timetable(event)
    rows = tuple(
        (
            str(place),
            str(entry.start_number),
            entry.crew,
            entry.car,
            str(entry.year),
            _clock(table.start_ns(entry, leg.id), event),
        )
        for place, entry in enumerate(in_order(event, race, leg), 1)
    )
    return _sheet(event, words["starts"], of_leg(race, leg, language), language, columns, rows)


def due_times(event: Event, race: Race, leg: Leg, language: str) -> Sheet:
    """Return when each crew is due at each time control of a leg, as far as that is known before anybody drives."""
    words, table = words_in(language), Timetable(event)
    controls = [
        control
        for control in event.controls
        if control.leg == leg.id and race.id in control.races and control.kind == TIME_CONTROL
    ]
    columns = [Column(words["number"], "right"), Column(words["crew"], width="1fr"), Column(words["start"], "right")]
    columns += [Column(control.id, "right") for control in controls]
    rows = tuple(
        (
            str(entry.start_number),
            entry.crew,
            _clock(table.start_ns(entry, leg.id), event),
            *(
                "" if table.is_behind_arrival(race.id, control) else _clock(table.due_ns(entry, control), event)
                for control in controls
            ),
        )
        for entry in in_order(event, race, leg)
    )
    paper = LANDSCAPE if len(controls) >= WIDE else PORTRAIT
    return _sheet(event, words["due"], of_leg(race, leg, language), language, columns, rows, paper)


def _sheet(
    event: Event,
    title: str,
    subtitle: str,
    language: str,
    columns: list[Column],
    rows: tuple[tuple[str, ...], ...],
    paper: str = PORTRAIT,
) -> Sheet:
    words = words_in(language)
    return Sheet(
        language,
        event.name,
        title,
        subtitle,
        "",
        tuple(columns),
        rows,
        page_words(words["page"]),
        signatures=(words["clerk"],),
        revision=f"{words['revision']} {event.digest[:10]}",
        paper=paper,
    )


def in_order(event: Event, race: Race, leg: Leg) -> list[Entry]:
    """Return the crews of a race in the order in which they start a leg."""
    table = Timetable(event)
    crews = [entry for entry in event.entries if entry.race == race.id]
    return sorted(crews, key=lambda entry: (table.start_ns(entry, leg.id), entry.start_number))


def of_leg(race: Race, leg: Leg, language: str) -> str:
    """Return race, leg and date as a language writes them."""
    return f"{race.name}, {leg.name}, {day_in(language, leg.date)}"


def _clock(at_ns: int, event: Event) -> str:
    return time_of_day(at_ns, event.timezone)[:SECONDS]


def _value(entry: Entry, column: str) -> str:
    return entry.car_class if column == "class" else str(getattr(entry, column))
