"""A sheet of starts becomes legs, races and their starts: a row says which race starts when in which leg.

Ids are made of names: "Auto classiche" is auto-classiche. Dates may be cells of Excel, 2027-04-10, 10/04/2027 or
10.4.2027, the day first.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date, time
from typing import NamedTuple

from centesimo.reading.toml_tables import Problems, as_toml
from centesimo.sheets.headings import plain
from centesimo.sheets.to_event import NewStart
from centesimo.sheets.understood import Understood

WANTED = ("race", "leg", "date", "start", "interval_s")
ID_LETTERS = 20
ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
DAY_FIRST = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})")
HOUR = re.compile(r"(\d{1,2})[:.h](\d\d)(?:[:.](\d\d))?")


class Starts(NamedTuple):
    """What the rows of a sheet of starts say."""

    legs: tuple[tuple[str, date], ...]  # (id, date), in order of the dates
    races: tuple[tuple[str, str], ...]  # (id, name)
    starts: tuple[NewStart, ...]


def to_starts(file: str, sheets: Sequence[Understood]) -> Starts:
    """Return what sheets of starts say; EventError with every row that does not fit."""
    problems = Problems()
    day_by_leg: dict[str, date] = {}
    name_by_race: dict[str, str] = {}
    starts = []
    for where, line, cells in _rows(file, sheets):
        leg, race = id_of(cells.get("leg", "")), id_of(cells.get("race", "")).lower()
        day, first, interval = find_day(cells.get("date", "")), find_hour(cells.get("start", "")), _seconds(cells)
        wanted = {
            "a leg": (leg, "leg"),
            "a race": (race, "race"),
            "the date of the leg, as 10/04/2027": (day or day_by_leg.get(leg), "date"),
            "the first start, as 9:00": (first, "start"),
            "the seconds from crew to crew, 1 to 3600": (interval, "interval_s"),
        }
        for what, (found, column) in wanted.items():
            if found is None or found == "":
                problems.add(where, line, f"expected {what}, got {as_toml(cells.get(column, ''))}")
        if day is not None and day_by_leg.setdefault(leg, day) != day:
            problems.add(where, line, f"expected one date for leg {leg}, {day_by_leg[leg]} as above, got {day}")
        name_by_race.setdefault(race, cells.get("race", ""))
        starts.append(NewStart(race, leg, first or time(), interval or 1))
    problems.refuse()
    return Starts(tuple(sorted(day_by_leg.items(), key=lambda leg: leg[1])), tuple(name_by_race.items()), tuple(starts))


def _rows(file: str, sheets: Sequence[Understood]) -> Iterator[tuple[str, int, dict[str, str]]]:
    for sheet in sheets:
        for line, cells, _ in sheet.rows:
            yield f"{file}, sheet {sheet.name}", line, cells


def id_of(name: str) -> str:
    """Return a name as an id of event.toml; one that is an id already stays."""
    is_id = re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,19}", name)
    return name if is_id else plain(name).replace(" ", "-")[:ID_LETTERS].strip("-")


def find_day(written: str) -> date | None:
    """Return a date as people write it, the day first or as ISO has it; None where it is none."""
    iso, other = ISO.match(written), DAY_FIRST.fullmatch(written)
    numbers = iso.groups() if iso else other.groups()[::-1] if other else None
    with suppress(ValueError):
        return date(*map(int, numbers)) if numbers else None
    return None


def find_hour(written: str) -> time | None:
    """Return a local time as 9:00, 9.00 or 09:00:30; None where it is none."""
    match = HOUR.fullmatch(written)
    with suppress(ValueError):
        return time(int(match[1]), int(match[2]), int(match[3] or 0)) if match else None
    return None


def _seconds(cells: dict[str, str]) -> int | None:
    """Return an interval: 60, or 0:01:00 as a cell of Excel has it."""
    written = cells.get("interval_s", "")
    clock = re.fullmatch(r"(?:(\d+):)?(\d+):(\d\d)", written)
    if clock:
        written = str(int(clock[1] or 0) * 3600 + int(clock[2]) * 60 + int(clock[3]))
    return int(written) if re.fullmatch(r"\d{1,4}", written) and 1 <= int(written) <= 3600 else None
