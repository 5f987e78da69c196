"""How a set time or due time results from the event: distance and speed, class, start order, allowances, new cards."""

from collections.abc import Iterator

from centesimo.model.event import TIME_CONTROL, Control, Entry, Event
from centesimo.model.facts import Score
from centesimo.model.timetable import Timetable, is_given
from centesimo.reading.localtime import NS_PER_S, leg_clock
from centesimo.rulebook import rules
from centesimo.score.instants import CS_PER_MINUTE, NS_PER_CS
from centesimo.score.tasks import reaches_to

# What earlier controls of the leg have made of a due time, by the rule's `timing`, and whether it is later.
MOVED = {
    (rules.TIME_CARDS, True): "{} late at a new time card before",
    (rules.SCHEDULED, True): "{} late at the control before, of its scheduled time",
    (rules.TARGET, True): "{} later by its departure from the control before",
    (rules.TARGET, False): "{} earlier by its departure from the control before",
}


def how_set(event: Event, control: Control, entry: Entry, score: Score, timing: str = rules.TIME_CARDS) -> str:
    """Return in one line what a score's set time or due time is made of, "" where event.toml states it itself.

    `timing` is the rule's, of a time control.
    """
    if score.set_cs is None:
        return ""
    is_due = control.kind == TIME_CONTROL
    parts = _due(event, control, entry, score, timing) if is_due else _trial(event, control, entry)
    return ", ".join(parts)


def _trial(event: Event, control: Control, entry: Entry) -> Iterator[str]:
    if control.ideal_from:
        yield f"the crew's own time at {control.ideal_from}"
    if control.how_set:
        yield control.how_set
    if control.ideal_by_class:
        yield f"class {entry.in_leg(control.leg).car_class}"
    yield from _given(event, [control], control, entry)


def _due(event: Event, control: Control, entry: Entry, score: Score, timing: str) -> Iterator[str]:
    """Yield the parts of a due time; what they leave is what earlier controls have made of it."""
    leg = next(leg for leg in event.legs if leg.id == control.leg)
    timetable, clock = Timetable(event), leg_clock(leg.date, event.timezone)
    regroups = timetable.regroups_before(entry.race, control)
    yield from _start(event, timetable, control, entry)
    timed = [at for at, regroup in regroups if not regroup.by_arrival]
    after_ns = (control.after_ns or 0) - ((timed[-1].after_ns or 0) if timed else 0)
    yield f"{_minutes(after_ns // NS_PER_CS)} after {timed[-1].id if timed else 'the start'}"
    before = [each for each in event.controls if each.leg == control.leg and entry.race in each.races]
    first = before.index(regroups[-1][0]) + 1 if regroups else 0
    cards = [each for each in before[first : before.index(control) + 1] if each.kind == TIME_CONTROL]
    yield from _given(event, cards, control, entry)
    carried_cs = clock.until_ns(timetable.due_ns(entry, control), score.set_cs or 0) // NS_PER_CS
    if carried_cs and timetable.is_behind_arrival(entry.race, control):
        yield f"{_minutes(abs(carried_cs))} {'later' if carried_cs > 0 else 'earlier'} by the order of arrival"
    elif carried_cs:
        words = MOVED.get((timing, carried_cs > 0), MOVED[rules.TIME_CARDS, True])
        yield words.format(_minutes(abs(carried_cs)))


def _start(event: Event, timetable: Timetable, control: Control, entry: Entry) -> Iterator[str]:
    """Yield when the crew started, and what each regroup on the way made of it."""
    leg = next(leg for leg in event.legs if leg.id == control.leg)
    start, clock = timetable.find_start(entry, leg.id), leg_clock(leg.date, event.timezone)
    if start is None:
        return
    if leg.id in dict(entry.own_starts):
        yield f"own start {_clock(clock.shown_cs(timetable.start_ns(entry, leg.id)))}"
    else:
        yield f"first start {_clock(clock.shown_cs(start.first_at_ns))}"
        every_s = start.interval_ns // NS_PER_S
        yield f"place {entry.place_in(leg.id) + 1} in the start order, {every_s} s apart"
    for at, regroup in timetable.regroups_before(entry.race, control):
        if regroup.by_arrival:
            yield f"regroup at {at.id} in order of arrival"
            continue
        place = timetable.place_at(entry, at, regroup)
        restart_cs = clock.shown_cs(timetable.restart_ns(entry.race, at, regroup, place))
        yield f"regroup at {at.id}: place {place + 1}, goes on at {_clock(restart_cs)}"


def _given(event: Event, controls: list[Control], control: Control, entry: Entry) -> Iterator[str]:
    for allowance in event.allowances:
        here = any(allowance.control == card.id for card in controls) or reaches_to(allowance, control, event.controls)
        if here and is_given(allowance, entry):
            yield f"{_minutes(allowance.time_ns // NS_PER_CS)} given at {allowance.control} ({allowance.why})"


def _minutes(time_cs: int) -> str:
    minutes, rest_cs = divmod(time_cs, CS_PER_MINUTE)
    return f"{minutes} min{f' {rest_cs / 100:g} s' if rest_cs else ''}"


def _clock(time_cs: int) -> str:
    minutes, rest_cs = divmod(time_cs, CS_PER_MINUTE)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest_cs // 100:02}"
