"""centesimo new: a sheet of controls in driving order and a few answers become the folder of an event."""

from datetime import date, time
from pathlib import Path

import click

from centesimo.check import EVENT, check_folder
from centesimo.check.entries import FILE as ENTRIES
from centesimo.check.entries import NEEDED
from centesimo.commands.console import say
from centesimo.commands.import_sheet import read_file
from centesimo.model.errors import LoadError
from centesimo.rulebook.layers import shipped
from centesimo.sheets.to_event import WANTED, NewEvent, event_toml
from centesimo.sheets.understood import understood
from centesimo.sheets.workbook import read_grids

RULES = "rules.toml"
# What a shipped book leaves to the event and nearly every event writes alike; visible in rules.toml.
GIVEN = "[time_control]\nmax_lateness_min = 30\n"


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, readable=False))
@click.argument("file", type=click.Path(path_type=Path, readable=False))
@click.option("--name", prompt="Name of the event", help="Of the event, as rankings show it.")
@click.option("--timezone", prompt="Time zone", default="Europe/Rome", help="Of all local times.")
@click.option("--leg", "legs", multiple=True, metavar="ID=DATE", help="A leg and its date, as L1=2027-04-10.")
@click.option(
    "--race", "races", multiple=True, metavar="ID=NAME", help="A race; the first one where none is given is classic."
)
@click.option("--rulebook", default="aci-regularity-2021", help="A shipped rule book; by default aci-regularity-2021.")
@click.option("--first", prompt="First start", default="09:00", help="Local time of the first start of each leg.")
@click.option("--interval-s", prompt="Seconds from crew to crew", default=60, help="From one crew to the next.")
def new(
    folder: Path,
    file: Path,
    name: str,
    timezone: str,
    legs: tuple[str, ...],
    races: tuple[str, ...],
    rulebook: str,
    first: str,
    interval_s: int,
) -> None:
    """Make the FOLDER of an event of FILE, a spreadsheet of its controls in driving order.

    What the sheet cannot say is asked, or given by options. The folder passes centesimo check, with a crew of
    each race in entries.csv until centesimo import brings the right ones.
    """
    if (folder / EVENT).exists():
        raise LoadError(f"{folder / EVENT}: expected a folder without an event, got one that has it")
    if rulebook not in shipped():
        raise LoadError(f"expected --rulebook as one of {', '.join(shipped())}, got {rulebook}")
    answers = legs or (f"L1={click.prompt('Date of the leg (2027-04-10)')}",)
    dated = tuple((leg, _day(day)) for leg, day in map(_pair, answers))
    raced = tuple(map(_pair, races)) or (("classic", "Classic cars"),)
    event = NewEvent(name, timezone, dated, raced, RULES, _hour(first), interval_s)
    grids = read_grids(file, read_file(file))
    read = [understood(file.name, grid, {}, WANTED, "control") for grid in grids]
    files = {
        EVENT: event_toml(event, file.name, read),
        RULES: f'title = "{name}"\nextends = "{rulebook}"\n' + (GIVEN if rulebook.startswith("aci") else ""),
        ENTRIES: ",".join(NEEDED)
        + "\n"
        + "".join(f"{place},{race},Crew {place},Car,1950,\n" for place, (race, _) in enumerate(raced, 1)),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for path, text in files.items():
        (folder / path).write_text(text, encoding="utf-8")
    made, _ = check_folder(folder)
    counts = f"{len(made.controls)} controls, {len(made.timing_points)} timing points"
    say(f"{folder}: {counts}; hold it against the road book: centesimo course --event {folder}")
    say(f"then the crews: centesimo import FILE --event {folder}")


def _pair(written: str) -> tuple[str, str]:
    key, equals, value = written.partition("=")
    if not equals or not key.strip() or not value.strip():
        raise LoadError(f"expected two words with = between them, as L1=2027-04-10, got {written}")
    return key.strip(), value.strip()


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise LoadError(f"expected a date as 2027-04-10, got {written}") from error


def _hour(written: str) -> time:
    try:
        return time.fromisoformat(written.zfill(len("09:00")))
    except ValueError as error:
        raise LoadError(f"expected a local time as 09:00, got {written}") from error
