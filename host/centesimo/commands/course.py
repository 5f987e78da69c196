"""centesimo course: every control with its due and ideal times, to hold against the road book."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import click
from rich.table import Table

from centesimo.check import read_event
from centesimo.commands.console import console, json_option, print_json
from centesimo.commands.event_folder import event_option
from centesimo.model.event import AVERAGE_TRIAL, TIME_CONTROL, Control, Entry, Event
from centesimo.model.timetable import Timetable
from centesimo.score.instants import NS_PER_CS
from centesimo.words.instants import time_of_day

SECONDS = len("09:20:00")


class Due(NamedTuple):
    """One control of one race: when its first and last crews are due where it begins, and how long it takes."""

    race: str
    leg: str
    control: str
    kind: str
    points: str
    after_min: float | None  # after the start, of what is due by itself
    first: str
    last: str
    ideal_s: str
    how: str  # how it is set; "" where event.toml says it itself


@click.command()
@event_option
@json_option
def course(folder: Path, as_json: bool) -> None:
    """Show every control with due times of the first and last crew, and its ideal time."""
    event = read_event(folder)
    rows = list(due_times(event))
    if as_json:
        print_json([row._asdict() for row in rows])
        return
    for race, leg in dict.fromkeys((row.race, row.leg) for row in rows):
        table = Table(title=f"{race}, {leg}", title_justify="left")
        for heading in ("control", "kind", "points", "min", "first car", "last car", "ideal", "how"):
            table.add_column(heading, justify="right" if heading in ("min", "ideal") else "left", overflow="fold")
        for row in rows:
            if (row.race, row.leg) == (race, leg):
                after = "" if row.after_min is None else f"{row.after_min:g}"
                table.add_row(row.control, row.kind, row.points, after, row.first, row.last, row.ideal_s, row.how)
        console().print(table, markup=False)


def due_times(event: Event) -> Iterator[Due]:
    """Yield the controls of each race and leg in driving order."""
    timetable = Timetable(event)
    for race in event.races:
        for start in race.starts:
            entries = [entry for entry in event.entries if entry.race == race.id]
            leg = next(leg.name for leg in event.legs if leg.id == start.leg)
            into_ns = 0  # since the chain was opened
            opened_by: Control | None = None
            for control in event.controls:
                if control.leg != start.leg or race.id not in control.races:
                    continue
                if control.after_ns is not None or control.opens is None or opened_by is None:
                    opened_by, into_ns = control, 0
                yield _due(event, timetable, race.name, leg, control, entries, opened_by, into_ns)
                if control.kind != AVERAGE_TRIAL or control.opens != opened_by.opens:
                    into_ns += (control.ideal_cs or 0) * NS_PER_CS


def _due(
    event: Event,
    timetable: Timetable,
    race: str,
    leg: str,
    control: Control,
    entries: list[Entry],
    opened_by: Control,
    into_ns: int,
) -> Due:
    first = last = ""
    if opened_by.after_ns is not None:
        due_ns = [timetable.due_ns(entry, opened_by) + into_ns for entry in entries]
        first, last = (time_of_day(at_ns, event.timezone)[:SECONDS] for at_ns in (min(due_ns), max(due_ns)))
    points = " to ".join(filter(None, (control.opens, control.closes)))
    ideal = "" if control.ideal_cs is None else f"{control.ideal_cs / 100:.2f}"
    if control.ideal_by_class:
        ideal = ", ".join(f"{name} {ideal_cs / 100:.2f}" for name, ideal_cs in control.ideal_by_class)
    after_min = None if control.after_ns is None else control.after_ns / 60e9
    how = control.how_set or ("free minute" if control.kind == TIME_CONTROL else "")
    return Due(race, leg, control.id, control.kind, points, after_min, first, last, ideal, how)
