"""How a set or due time follows from the event: distance and speed, class, start order, time given, new cards."""

from collections.abc import Iterator

from centesimo.model.event import TIME_CONTROL, Control, Entry, Event
from centesimo.model.facts import Score
from centesimo.reading.localtime import NS_PER_S
from centesimo.score.instants import CS_PER_MINUTE, NS_PER_CS
from centesimo.score.tasks import allowed, midnight_ns, reaches_to


def how_set(event: Event, control: Control, entry: Entry, score: Score) -> str:
    """Return in one line what the set time or due time of a score is made of, "" where event.toml says it outright."""
    if score.set_cs is None:
        return ""
    parts = _due(event, control, entry, score) if control.kind == TIME_CONTROL else _trial(event, control, entry)
    return ", ".join(parts)


def _trial(event: Event, control: Control, entry: Entry) -> Iterator[str]:
    if control.how_set:
        yield control.how_set
    if control.ideal_by_class:
        yield f"class {entry.car_class}"
    yield from _given(event, [control], control, entry)


def _due(event: Event, control: Control, entry: Entry, score: Score) -> Iterator[str]:
    """Yield the parts of a due time; what they leave is lateness that a new time card carried on."""
    race = next(race for race in event.races if race.id == entry.race)
    leg = next(leg for leg in event.legs if leg.id == control.leg)
    start = next(start for start in race.starts if start.leg == control.leg)
    first_cs = (start.first_at_ns - midnight_ns(leg, event.timezone)) // NS_PER_CS
    place = entry.place_in(leg.id)
    yield f"first start {_clock(first_cs)}"
    yield f"place {place + 1} in the start order, {start.interval_ns // NS_PER_S} s apart"
    yield f"{_minutes((control.after_ns or 0) // NS_PER_CS)} after the start"
    before = [one for one in event.controls if one.leg == control.leg and race.id in one.races]
    cards = [one for one in before[: before.index(control) + 1] if one.kind == TIME_CONTROL]
    yield from _given(event, cards, control, entry)
    given_ns = sum(
        one.time_ns for card in cards for one in event.allowances if one.control == card.id and allowed(one, entry)
    )
    own_ns = place * start.interval_ns + (control.after_ns or 0) + given_ns
    carried_cs = (score.set_cs or 0) - first_cs - own_ns // NS_PER_CS
    if carried_cs:
        yield f"{_minutes(carried_cs)} late at a new time card before"


def _given(event: Event, controls: list[Control], control: Control, entry: Entry) -> Iterator[str]:
    for one in event.allowances:
        here = any(one.control == other.id for other in controls) or reaches_to(one, control, event.controls)
        if here and allowed(one, entry):
            yield f"{_minutes(one.time_ns // NS_PER_CS)} given at {one.control} ({one.why})"


def _minutes(time_cs: int) -> str:
    minutes, rest_cs = divmod(time_cs, CS_PER_MINUTE)
    return f"{minutes} min{f' {rest_cs / 100:g} s' if rest_cs else ''}"


def _clock(time_cs: int) -> str:
    minutes, rest_cs = divmod(time_cs, CS_PER_MINUTE)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest_cs // 100:02}"
