"""What the event says of crews otherwise than when a ranking was posted last: due times, entries, cars, classes.

A row moved in entries.csv changes the due times, and so the penalties, of everybody behind it. Before such a ranking is
posted an official is shown, crew by crew, what is different. Values only; `sentence` says them.
"""

from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from centesimo.model.event import Entry, Event
from centesimo.model.timetable import Timetable
from centesimo.reading.localtime import local_text

COLUMNS = {
    "race": "race", "crew": "crew", "car": "car", "year": "year", "team": "team", "coefficient": "coefficient",
    "car_class": "class", "category": "category", "nation": "nation", "ladies": "ladies", "under30": "under 30",
    "cc": "cc", "factor": "factor", "bonus": "bonus",
}  # fmt: skip


class CrewChangeKind(Enum):
    """What is different of a crew."""

    ENTERED = "entered"
    LEFT = "left"
    COLUMN = "column"  # of entries.csv
    DUE = "due"  # at a control


class CrewChange(NamedTuple):
    """One difference of one crew."""

    kind: CrewChangeKind
    start_number: int
    subject: str = ""  # the column, or the first control where its due time is another
    before: str = ""
    now: str = ""
    more: int = 0  # of due times: at how many further controls


def crew_changes(before: Event, now: Event, race: str, leg: str | None) -> tuple[CrewChange, ...]:
    """Return what is different of the crews of a race, in order of start number; `leg` None: in all legs."""
    entries, earlier = _entries(now, race), _entries(before, race)
    changes = [CrewChange(CrewChangeKind.ENTERED, number) for number in entries.keys() - earlier.keys()]
    changes += [CrewChange(CrewChangeKind.LEFT, number) for number in earlier.keys() - entries.keys()]
    tables = Timetable(before), Timetable(now)
    for number in entries.keys() & earlier.keys():
        for driven in (
            [leg] if leg else [*dict.fromkeys(["", *dict(entries[number].cars), *dict(earlier[number].cars)])]
        ):
            changes += _columns(earlier[number].in_leg(driven), entries[number].in_leg(driven))
        changes += _dues(before, now, tables, (earlier[number], entries[number]), leg)
    return tuple(sorted(set(changes), key=lambda change: (change.start_number, change.kind.value, change.subject)))


def sentence(change: CrewChange) -> str:
    """Say one difference: "crew 3 is due at CO1 at 09:23:00, was 09:22:00, and so on at 2 more"."""
    crew = f"crew {change.start_number}"
    if change.kind is CrewChangeKind.ENTERED:
        return f"{crew} is entered now"
    if change.kind is CrewChangeKind.LEFT:
        return f"{crew} is not entered any more"
    if change.kind is CrewChangeKind.COLUMN:
        return f"{crew} has {change.subject} {change.now or 'none'}, was {change.before or 'none'}"
    more = f", and so on at {change.more} more" if change.more else ""
    return f"{crew} is due at {change.subject} at {change.now}, was {change.before}{more}"


def _entries(event: Event, race: str) -> dict[int, Entry]:
    return {entry.start_number: entry for entry in event.entries if entry.race == race}


def _columns(before: Entry, now: Entry) -> Iterator[CrewChange]:
    for name, column in COLUMNS.items():
        earlier, value = _text(getattr(before, name)), _text(getattr(now, name))
        if earlier != value:
            yield CrewChange(CrewChangeKind.COLUMN, now.start_number, column, earlier, value)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _dues(
    before: Event, now: Event, tables: tuple[Timetable, Timetable], crew: tuple[Entry, Entry], leg: str | None
) -> list[CrewChange]:
    """Return the first control with a due time where a crew is due at another time, and how many follow."""
    earlier_by_id = {control.id: control for control in before.controls}
    changed = []
    for control in now.controls:
        earlier = earlier_by_id.get(control.id)
        if control.after_ns is None or control.opens or earlier is None or earlier.after_ns is None:
            continue
        if crew[1].race not in control.races or crew[0].race not in earlier.races or leg not in (None, control.leg):
            continue
        was_ns, is_ns = tables[0].due_ns(crew[0], earlier), tables[1].due_ns(crew[1], control)
        if was_ns != is_ns:
            changed.append((control.id, _clock(was_ns, before), _clock(is_ns, now)))
    if not changed:
        return []
    subject, was, clock = changed[0]
    return [CrewChange(CrewChangeKind.DUE, crew[1].start_number, subject, was, clock, len(changed) - 1)]


def _clock(at_ns: int, event: Event) -> str:
    return local_text(at_ns, event.timezone)[11:19]
