"""entries.csv: the crews of all races, one row each, with their places in the start order; docs/event.md has them."""

import csv
import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import time
from zoneinfo import ZoneInfo

from centesimo.check.spellings import spelt_alike
from centesimo.model.event import Entry, Leg, Race
from centesimo.reading.csv_rows import Row, read_rows
from centesimo.reading.localtime import local_at_ns
from centesimo.reading.toml_tables import Problems, as_toml, choices_text

FILE = "entries.csv"
NEEDED = ("start_number", "race", "crew", "car", "year", "team")
START = "start"  # a start of its own, outside the order; with several legs start_ and the leg's id
TIME_OF_DAY = re.compile(r"[0-2]?\d:[0-5]\d:[0-5]\d")
FURTHER = ("coefficient", "place", "class", "category", "nation", "ladies", "under30", "cc", "factor", "bonus")
MOST_CC = 30_000
FIRST_YEAR, LAST_YEAR = 1880, 2100
# Columns of a car that another one of a leg has, as car_L2: the field of an entry, and how a cell is read.
OF_CAR: Mapping[str, tuple[str, Callable[[Row, str], object]]] = {
    "car": ("car", lambda row, column: row.text(column)),
    "year": ("year", lambda row, column: row.whole(column, FIRST_YEAR, LAST_YEAR, "a year of 4 digits")),
    "coefficient": ("coefficient", lambda row, column: row.find_decimal(column, "0.01", "100")),
    "class": ("car_class", lambda row, column: row.text(column)),
    "category": ("category", lambda row, column: row.text(column)),
    "cc": ("cc", lambda row, column: row.whole(column, 1, MOST_CC, "cm3")),
}
PLACE_IN = "place_"  # with a leg's id: the place in that leg's own start order
BY_VALUE = ("class", "category", "nation", "team")  # columns by whose values a further ranking may choose
YES, NO = "yes", "no"
HIGHEST_NUMBER = 99_999


def read_entries(
    text: str, races: Sequence[Race], problems: Problems, legs: Sequence[Leg] = (), zone: ZoneInfo | None = None
) -> list[tuple[Entry, Row]]:
    """Return the entries with their rows, in the order of the file; `races` and `legs` are the event's ids."""
    race_by_id = {race.id: race for race in races}
    own_start = {(START if len(legs) == 1 else f"{START}_{leg.id}"): leg for leg in legs}
    cars = [f"{name}_{leg.id}" for leg in legs for name in OF_CAR] if len(legs) > 1 else []
    columns = (*FURTHER, *(PLACE_IN + leg.id for leg in legs), *own_start, *cars)
    rows = [row for row in read_rows(FILE, text, NEEDED, columns, problems, has_extra=True) if not row.empty]
    entries: list[Entry] = []
    line_by_number: dict[int, int] = {}
    entered: Counter[str] = Counter()
    for row in rows:
        race = row.text("race")
        if race and races and race not in race_by_id:
            row.wrong(f"expected race as {choices_text('a race', race_by_id, race)}, got {as_toml(race)}")
        number = row.whole("start_number", 1, HIGHEST_NUMBER)
        first = line_by_number.setdefault(number, row.line)
        if number and first != row.line:
            row.wrong(f"expected a start number of its own, got {number} as in line {first}")
        own_starts = _own_starts(row, own_start, race_by_id.get(race), zone)
        entry = _entry(row, number, race, entered[race], [leg.id for leg in legs], own_starts)
        entries.append(replace(entry, cars=_cars(row, legs) if cars else ()))
        entered[race] += not own_starts
    for column in ("place", *(PLACE_IN + leg.id for leg in legs)):
        _check_places(entries, rows, column)
    return list(zip(spelt_alike(entries), rows, strict=True))


def extra_columns(text: str, legs: Sequence[Leg]) -> list[str]:
    """Return the columns of entries.csv that are of no use, in their order."""
    lines = text.removeprefix("\ufeff").splitlines()
    header = next(csv.reader(lines[:1], delimiter=";" if lines and ";" in lines[0] else ","), [])
    known = {*NEEDED, *FURTHER, START, *(f"{name}_{leg.id}" for leg in legs for name in ("place", START, *OF_CAR))}
    return [column.strip() for column in header if column.strip() not in known]


def value_of(entry: Entry, column: str) -> str:
    """Return what an entry has in a column that rankings choose by: class, category, nation, team, ladies, under30."""
    if column == "class":
        return entry.car_class
    if column in ("ladies", "under30"):
        return YES if getattr(entry, column) else NO
    return str(getattr(entry, column))


def _own_starts(
    row: Row, leg_by_column: Mapping[str, Leg], race: Race | None, zone: ZoneInfo | None
) -> tuple[tuple[str, int], ...]:
    """Return (leg, instant) of each start of its own, as crews have that take no place in the order of the rows."""
    starts = []
    for column, leg in leg_by_column.items():
        written = row.find(column)
        if written is None:
            continue
        at_ns = _local_ns(written, leg, zone)
        if at_ns is None:
            row.wrong(f"expected {column} as a local time that there is once, as 09:01:30, got {as_toml(written)}")
        elif race is not None and leg.id not in [start.leg for start in race.starts]:
            row.wrong(f"expected no {column}, as {race.id} does not drive leg {leg.id}, got {written}")
        else:
            starts.append((leg.id, at_ns))
    placed = {leg for leg, _ in starts} | {leg.id for leg in leg_by_column.values() if row.find(PLACE_IN + leg.id)}
    if starts and race is not None and row.find("place") is None:
        for start in race.starts:
            if start.leg not in placed:
                row.wrong(
                    f"expected {START}_{start.leg} or {PLACE_IN}{start.leg} too, as a crew with a start of its own has "
                    "no place in the order of the rows"
                )
    return tuple(starts)


def _cars(row: Row, legs: Sequence[Leg]) -> tuple[tuple[str, tuple[tuple[str, object], ...]], ...]:
    """Return (leg, fields) of each leg for which a row has another car."""
    cars = []
    for leg in legs:
        given = [(column, f"{column}_{leg.id}") for column in OF_CAR if row.find(f"{column}_{leg.id}") is not None]
        fields = tuple((OF_CAR[column][0], OF_CAR[column][1](row, cell)) for column, cell in given)
        if fields:
            cars.append((leg.id, fields))
    return tuple(cars)


def _local_ns(written: str, leg: Leg, zone: ZoneInfo | None) -> int | None:
    """Return the instant of a local time on the date of a leg, None when it is none."""
    try:
        clock = time.fromisoformat(written.zfill(len("00:00:00"))) if TIME_OF_DAY.fullmatch(written) else None
        return None if clock is None or zone is None else local_at_ns(leg.date, clock, zone)
    except ValueError:
        return None


def _entry(
    row: Row, number: int, race: str, ahead: int, legs: Collection[str], own_starts: tuple[tuple[str, int], ...]
) -> Entry:
    """Read one row; without a place the crew starts after those `ahead` of it in the file."""
    placed = row.find("place") is not None
    return Entry(
        start_number=number,
        race=race,
        crew=row.text("crew"),
        car=row.text("car"),
        year=row.whole("year", FIRST_YEAR, LAST_YEAR, "a year of 4 digits"),
        team=row.find("team") or "",
        coefficient=row.find_decimal("coefficient", "0.01", "100"),
        place=_place(row, "place") if placed else ahead,
        car_class=row.find("class") or "",
        category=row.find("category") or "",
        nation=row.find("nation") or "",
        ladies=_yes(row, "ladies"),
        under30=_yes(row, "under30"),
        places=tuple((leg, _place(row, PLACE_IN + leg)) for leg in legs if row.find(PLACE_IN + leg) is not None),
        own_starts=own_starts,
        cc=row.whole("cc", 1, MOST_CC, "cm3") if row.find("cc") is not None else None,
        factor=_yes(row, "factor"),
        bonus=_yes(row, "bonus"),
    )


def _place(row: Row, column: str) -> int:
    """Return a place in a start order, from 0; -1 when it is wrong."""
    return row.whole(column, 1, HIGHEST_NUMBER) - 1


def _yes(row: Row, column: str) -> bool:
    written = row.find(column)
    if written not in (YES, NO, None):
        row.wrong(f"expected {column} as {YES} or {NO}, got {as_toml(written)}")
    return written == YES


def _check_places(entries: list[Entry], rows: list[Row], column: str) -> None:
    """Note the rows whose place another crew of the race has, and those without one where others have one."""
    placed = {entry.race for entry, row in zip(entries, rows, strict=True) if row.find(column)}
    line_by_place: dict[tuple[str, int], int] = {}
    leg = column.removeprefix(PLACE_IN)
    for entry, row in zip(entries, rows, strict=True):
        if entry.race not in placed and column != "place":
            continue
        if entry.own_starts and not row.find(column):
            continue
        if entry.race in placed and not row.find(column):
            row.wrong(f"expected {column}, as other crews of {entry.race} have one, got an empty cell")
            continue
        place = entry.place if column == "place" else entry.place_in(leg)
        first = line_by_place.setdefault((entry.race, place), row.line)
        if first != row.line and place >= 0:
            row.wrong(f"expected a {column} of its own in {entry.race}, got {place + 1} as in line {first}")
