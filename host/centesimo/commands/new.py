"""centesimo new: a sheet of controls in driving order and a few answers become the folder of an event."""

from collections.abc import Iterator, Sequence
from datetime import date, time
from pathlib import Path
from shlex import quote
from typing import NamedTuple

import click

from centesimo.check import EVENT, event_from_files
from centesimo.check.entries import FILE as ENTRIES
from centesimo.check.entries import NEEDED
from centesimo.commands.console import say
from centesimo.commands.import_sheet import read_file
from centesimo.model.errors import LoadError
from centesimo.model.event import LANGUAGES
from centesimo.reading.toml_tables import as_toml
from centesimo.rulebook.layers import shipped
from centesimo.sheets.to_event import OF_POINTS, WANTED, NewEvent, NewStart, event_toml
from centesimo.sheets.to_starts import WANTED as OF_STARTS
from centesimo.sheets.to_starts import Starts, find_day, find_hour, to_starts
from centesimo.sheets.understood import Understood, columns_of, understood
from centesimo.sheets.workbook import Grid, read_grids

RULES = "rules.toml"
# What a shipped book leaves to the event and nearly every event writes alike; visible in rules.toml.
GIVEN = "[time_control]\nmax_lateness_min = 30\n"


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, readable=False))
@click.argument("file", type=click.Path(path_type=Path, readable=False))
@click.option("--name", prompt="Name of the event", help="Of the event, as rankings show it.")
@click.option("--timezone", prompt="Time zone", default="Europe/Rome", help="Of all local times.")
@click.option(
    "--language", "languages", multiple=True, type=click.Choice(LANGUAGES), help="What crews and public read; several."
)
@click.option("--leg", "legs", multiple=True, metavar="ID=DATE", help="A leg and its date, as L1=2027-04-10.")
@click.option(
    "--race", "races", multiple=True, metavar="ID=NAME", help="A race; the first one where none is given is classic."
)
@click.option("--rulebook", default="aci-regularity-2021", help="A shipped rule book; by default aci-regularity-2021.")
@click.option("--first", help="Local time of the first start of each leg, where no sheet of starts tells.")
@click.option("--interval-s", type=click.IntRange(1, 3600), help="From one crew to the next, likewise.")
def new(
    folder: Path,
    file: Path,
    name: str,
    timezone: str,
    languages: tuple[str, ...],
    legs: tuple[str, ...],
    races: tuple[str, ...],
    rulebook: str,
    first: str | None,
    interval_s: int | None,
) -> None:
    """Make the FOLDER of an event of FILE, a spreadsheet of its controls in driving order.

    A sheet of it with races, legs, dates and first starts tells those, one with timing points and boards what stamps
    each. What FILE does not say is asked, or given by options. The folder passes centesimo check, with a crew of each
    race in entries.csv until centesimo import brings the right ones.
    """
    if (folder / EVENT).exists():
        raise LoadError(f"{folder / EVENT}: expected a folder without an event, got one that has it")
    if rulebook not in shipped():
        raise LoadError(f"expected --rulebook as one of {', '.join(shipped())}, got {rulebook}")
    sheets = Sheets.of(read_grids(file, read_file(file)))
    starts = to_starts(file.name, [understood(file.name, grid, {}, OF_STARTS, "leg") for grid in sheets.starts])
    if not sheets.starts:
        starts = _asked(legs, races, first, interval_s)
    event = NewEvent(name, timezone, tuple(dict.fromkeys(languages)), starts.legs, starts.races, RULES, starts.starts)
    controls = [understood(file.name, grid, {}, WANTED, "control") for grid in sheets.controls]
    points = [understood(file.name, grid, {}, OF_POINTS, "timing_point") for grid in sheets.points]
    files = {
        EVENT: event_toml(event, file.name, controls, points),
        RULES: f"title = {as_toml(name)}\nextends = {as_toml(rulebook)}\n"
        + (GIVEN if rulebook.startswith("aci") else ""),
        ENTRIES: ",".join(NEEDED)
        + "\n"
        + "".join(f"{place},{race},Crew {place},Car,1950,\n" for place, (race, _) in enumerate(starts.races, 1)),
    }
    made = event_from_files(files)
    folder.mkdir(parents=True, exist_ok=True)
    for path, text in files.items():
        (folder / path).write_text(text, encoding="utf-8", newline="\n")
    for line in sheets.left_out(controls):
        say(f"left out: {line}")
    boards = len({point.board for point in made.timing_points if point.board})
    counts = f"{_count(made.controls, 'control')}, {_count(made.timing_points, 'timing point')}"
    say(f"{folder}: {counts}, {boards or 'no'} board{'s' * (boards != 1)}")
    say(f"hold it against the road book: centesimo course --event {quote(str(folder))}")
    say(f"then the crews: centesimo import FILE --event {quote(str(folder))}")


class Sheets(NamedTuple):
    """The sheets of a workbook by what they are about, as their headings tell."""

    controls: list[Grid]
    starts: list[Grid]
    points: list[Grid]
    others: list[Grid]

    @classmethod
    def of(cls, grids: Sequence[Grid]) -> "Sheets":
        """Sort sheets; where none has controls all are taken for such, so that what is missing is said."""
        sheets = cls([], [], [], [])
        for grid in grids:
            columns = columns_of(grid)
            if "control" in columns:
                sheets.controls.append(grid)
            elif {"leg", "start"} <= columns:
                sheets.starts.append(grid)
            elif {"timing_point", "board"} <= columns:
                sheets.points.append(grid)
            else:
                sheets.others.append(grid)
        return sheets if sheets.controls else sheets._replace(controls=sheets.others, others=[])

    def left_out(self, controls: Sequence[Understood]) -> Iterator[str]:
        """Give the sheets that nothing was read from, and the lines of notes."""
        yield from (f"sheet {grid.name}: neither controls, starts nor timing points" for grid in self.others)
        yield from (f"sheet {sheet.name}, {line}" for sheet in controls for line in sheet.left_out)


def _asked(legs: Sequence[str], races: Sequence[str], first: str | None, interval_s: int | None) -> Starts:
    """Return legs, races and starts as options give them; what they do not is asked."""
    answers = legs or (f"L1={click.prompt('Date of the leg (2027-04-10)')}",)
    dated = tuple((leg, _day(day)) for leg, day in map(_pair, answers))
    raced = tuple(map(_pair, races)) or (("classic", "Classic cars"),)
    at = _hour(first or click.prompt("First start", default="09:00"))
    every = interval_s or click.prompt("Seconds from crew to crew", default=60, type=click.IntRange(1, 3600))
    return Starts(dated, raced, tuple(NewStart(race, leg, at, every) for race, _ in raced for leg, _ in dated))


def _count(many: Sequence[object], what: str) -> str:
    return f"{len(many)} {what}{'s' * (len(many) != 1)}"


def _pair(written: str) -> tuple[str, str]:
    key, equals, value = written.partition("=")
    if not equals or not key.strip() or not value.strip():
        raise LoadError(f"expected two words with = between them, as L1=2027-04-10, got {written}")
    return key.strip(), value.strip()


def _day(written: str) -> date:
    day = find_day(written)
    if day is None:
        raise LoadError(f"expected a date as 2027-04-10, got {written}")
    return day


def _hour(written: str) -> time:
    hour = find_hour(written)
    if hour is None:
        raise LoadError(f"expected a local time as 09:00, got {written}")
    return hour
