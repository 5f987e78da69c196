"""entries.csv: the crews of all races, one row each, with their places in the start order; docs/event.md has them."""

from collections import Counter
from collections.abc import Collection

from centesimo.event import Entry
from centesimo.sheet import Row, read_rows
from centesimo.tables import Problems, a_known, shown

FILE = "entries.csv"
NEEDED = ("start_number", "race", "crew", "car", "year", "team")
FURTHER = ("coefficient", "place")
HIGHEST_NUMBER = 99_999
FIRST_YEAR, LAST_YEAR = 1880, 2100


def read_entries(text: str, races: Collection[str], problems: Problems) -> list[tuple[Entry, Row]]:
    """Return the entries with their rows in the order of the file; `races` are the ids that there are."""
    rows = [row for row in read_rows(FILE, text, NEEDED, FURTHER, problems) if not row.empty]
    entries: list[Entry] = []
    line_by_number: dict[int, int] = {}
    entered: Counter[str] = Counter()
    for row in rows:
        race = row.text("race")
        if race and races and race not in races:
            row.wrong(f"expected race as {a_known('a race', races, race)}, got {shown(race)}")
        number = row.whole("start_number", 1, HIGHEST_NUMBER)
        first = line_by_number.setdefault(number, row.line)
        if number and first != row.line:
            row.wrong(f"expected a start number of its own, got {number} as in line {first}")
        entries.append(_entry(row, number, race, entered[race]))
        entered[race] += 1
    _check_places(entries, rows)
    return list(zip(entries, rows, strict=True))


def _entry(row: Row, number: int, race: str, ahead: int) -> Entry:
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
        place=row.whole("place", 1, HIGHEST_NUMBER) - 1 if placed else ahead,
    )


def _check_places(entries: list[Entry], rows: list[Row]) -> None:
    """Note the rows whose place another crew of the race has, and those without one where others have one."""
    placed = {entry.race for entry, row in zip(entries, rows, strict=True) if row.find("place")}
    line_by_place: dict[tuple[str, int], int] = {}
    for entry, row in zip(entries, rows, strict=True):
        if entry.race in placed and not row.find("place"):
            row.wrong(f"expected place, as other crews of {entry.race} have one, got an empty cell")
            continue
        first = line_by_place.setdefault((entry.race, entry.place), row.line)
        if first != row.line and entry.place >= 0:
            row.wrong(f"expected a place of its own in {entry.race}, got {entry.place + 1} as in line {first}")
