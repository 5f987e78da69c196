"""A sheet of entries becomes entries.csv: names joined, numbers tidied, extra columns kept behind ours."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence

from centesimo.check.entries import FURTHER, NEEDED
from centesimo.model.event import Race
from centesimo.reading.toml_tables import Problems, as_toml
from centesimo.sheets.headings import plain
from centesimo.sheets.understood import Understood

NAMES = ("driver", "co_driver", "surname", "first_name", "make", "model")  # of which crew and car are made
WANTED = (*NEEDED, *FURTHER, "start", *NAMES)
NUMBER = re.compile(r"(?:n|no|nr)?[°º.#\s]*0*(\d{1,5})(?:[.,]0+)?", re.IGNORECASE)
YEAR = re.compile(r"(\d{4})(?:-\d\d-\d\d)?")
YES = ("yes", "y", "si", "sì", "s", "ja", "j", "oui", "o", "x", "1", "true", "vero", "wahr", "vrai")
NO = ("no", "n", "nein", "non", "0", "false", "falso", "falsch", "faux", "-")
PASTE = "mend it, or copy the column and paste it with Home > Paste > Values (Home > Incolla > Valori)"
NAMED = 12  # crews that are named; more are counted
ERRORS = ("#REF!", "#N/A", "#N/D", "#NAME?", "#NOME?", "#VALUE!", "#VALORE!", "#DIV/0!", "####")


def to_entries(file: str, sheets: Sequence[Understood], races: Sequence[Race], race: str | None) -> str:
    """Return the text of entries.csv; LoadError with every row that does not fit.

    race  id of the race of crews whose row names none; None: that of the sheet's name, or the only one
    """
    problems = Problems()
    rows: list[dict[str, str]] = []
    extra: list[str] = []
    for sheet in sheets:
        own_race = race or _race_of(sheet.name, races) or (races[0].id if len(races) == 1 else "")
        for line, cells, more in sheet.rows:
            where = f"{file}, sheet {sheet.name}"
            rows.append({**_row(where, line, cells, races, own_race, problems), **more})
            extra += [heading for heading in more if heading not in extra]
    problems.refuse()
    ours = [
        column for column in (*NEEDED, *FURTHER, "start") if column in NEEDED or any(row.get(column) for row in rows)
    ]
    extra = [heading for heading in extra if any(row.get(heading) for row in rows)]
    text = io.StringIO()
    writer = csv.DictWriter(text, [*ours, *extra], extrasaction="ignore", restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def changed_crews(before: str, after: str) -> Iterator[str]:
    """Give which start numbers are new, gone or otherwise in another entries.csv: "new: 36"."""
    was, now = (
        {row.get("start_number", ""): row for row in csv.DictReader(io.StringIO(text))} for text in (before, after)
    )
    numbers = {
        "new": [number for number in now if number not in was],
        "gone": [number for number in was if number not in now],
        "changed": [number for number in now if number in was and now[number] != was[number]],
    }
    for what, of_what in numbers.items():
        if of_what:
            more = f" and {len(of_what) - NAMED} more" if len(of_what) > NAMED else ""
            yield f"{what}: {', '.join(of_what[:NAMED])}{more}"


def _row(
    where: str, line: int, cells: dict[str, str], races: Sequence[Race], own_race: str, problems: Problems
) -> dict[str, str]:
    """Return one row by our columns; what is wrong is noted at its line."""

    def wrong(why: str) -> None:
        problems.add(where, line, why)

    for column, cell in cells.items():
        if cell.upper().startswith(ERRORS):
            wrong(f"expected a value for {column}, got the error {cell} of a formula: {PASTE}")
    number, year = NUMBER.fullmatch(cells.get("start_number", "")), YEAR.match(cells.get("year", ""))
    race = _race_of(cells["race"], races) if cells.get("race") else own_race
    crew, car = _crew(cells), cells.get("car") or " ".join(filter(None, (cells.get("make"), cells.get("model"))))
    wanted = {
        "a start number, as 34": (number, cells.get("start_number", "")),
        "the year of the car with 4 digits": (year, cells.get("year", "")),
        f"the race ({' or '.join(each.id for each in races)}) or --race": (race, cells.get("race", "")),
        "the names of the crew": (crew, ""),
        "the car": (car, ""),
    }
    for what, (found, got) in wanted.items():
        if not found:
            wrong(f"expected {what}, got {as_toml(got)}")
    own = {"start_number": number and number[1], "race": race, "crew": crew, "car": car, "year": year and year[1]}
    return {**_further(cells, wrong), **{column: value or "" for column, value in own.items()}}


def _further(cells: dict[str, str], wrong: Callable[[str], None]) -> dict[str, str]:
    """Return what else a row has of our columns, as entries.csv writes it."""
    made = {column: cells[column] for column in (*FURTHER, "start", "team") if cells.get(column)}
    for column in ("ladies", "under30", "factor", "bonus"):
        if column in made:
            made[column] = _yes(made[column], column, wrong)
    for column in ("coefficient", "cc", "place"):
        if column in made:
            made[column] = made[column].replace(",", ".")
    return made


def _crew(cells: dict[str, str]) -> str:
    """Return driver and co-driver as rankings show them: "Rossi / Bianchi"."""
    driver = cells.get("driver") or " ".join(filter(None, (cells.get("surname"), cells.get("first_name"))))
    return cells.get("crew") or " / ".join(filter(None, (driver, cells.get("co_driver"))))


def _race_of(written: str, races: Sequence[Race]) -> str:
    word = plain(written)
    return next((race.id for race in races if word in (plain(race.id), plain(race.name))), "")


def _yes(written: str, column: str, wrong: Callable[[str], None]) -> str:
    word = written.casefold()
    if word in YES or word in NO:
        return "yes" if word in YES else "no"
    wrong(f"expected {column} as yes or no, got {as_toml(written)}")
    return ""
