"""centesimo import: a spreadsheet of entries, times or numbers becomes the event's own plain files."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from shlex import quote

import click
from rich.table import Table

from centesimo.check import races_of, read_event
from centesimo.check.entries import FILE as ENTRIES
from centesimo.check.entries import NEEDED
from centesimo.commands.console import console, say
from centesimo.commands.event_folder import event_option, expect, for_this_event
from centesimo.commands.load import Asked, load_one
from centesimo.model.errors import LoadError
from centesimo.reading import limits
from centesimo.sheets.headings import find_column
from centesimo.sheets.remembered import FILE as COLUMNS
from centesimo.sheets.remembered import remember, remembered, said
from centesimo.sheets.to_entries import WANTED as OF_ENTRIES
from centesimo.sheets.to_entries import changed_crews, to_entries
from centesimo.sheets.to_passages import WANTED as OF_PASSAGES
from centesimo.sheets.to_passages import Given, to_list, to_passages
from centesimo.sheets.to_sightings import WANTED as OF_SIGHTINGS
from centesimo.sheets.to_sightings import to_sightings
from centesimo.sheets.understood import SEARCHED, Understood, understood
from centesimo.sheets.workbook import MOST_BYTES, Grid, read_grids

OF_PEOPLE = {"crew", "driver", "surname"}
KINDS = {"entries": OF_ENTRIES, "passages": OF_PASSAGES, "sightings": OF_SIGHTINGS, "list": ("start_number",)}
LOAD, CHECK = "centesimo load {}", "centesimo check"
NEXT = {"entries": CHECK, "passages": LOAD, "sightings": LOAD, "list": CHECK}


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, readable=False))
@event_option
@click.option("--as", "kind", type=click.Choice(list(KINDS)), help="What the sheet is, whatever its columns tell.")
@click.option("--sheet", "sheets", multiple=True, help="Only this sheet of the workbook; several where given again.")
@click.option("--column", "columns", multiple=True, metavar="HEADING=COLUMN", help="What a heading means; remembered.")
@click.option("--race", help="The race of crews whose row names none.")
@click.option("--point", help="The timing point of times or numbers whose row names none.")
@click.option("--leg", help="The leg of times whose row names none.")
@click.option("--source", help="Who or what took times whose row does not say; by default the file's name.")
@click.option("--uncertainty-s", help="How sure times are whose row does not say: within so many seconds.")
@click.option("--load", "is_loaded", is_flag=True, help="Load what was written, too: times, or who saw whom.")
@click.option("--yes", is_flag=True, help="Do not ask; for scripts.")
def import_sheet(
    file: Path,
    folder: Path,
    kind: str | None,
    sheets: tuple[str, ...],
    columns: tuple[str, ...],
    race: str | None,
    point: str | None,
    leg: str | None,
    source: str | None,
    uncertainty_s: str | None,
    is_loaded: bool,
    yes: bool,
) -> None:
    """Read FILE (.xlsx, .xls, .ods or CSV) and write it as the event's own plain files.

    Entries become entries.csv, times a file for centesimo load (sightings where a column says who saw them), start
    numbers alone a marshal's list. Headings may be in Italian, English, German or French. What was understood is shown
    column by column, and asked before it is written.
    """
    taught = {**remembered(folder), **said(columns)}
    grids = _chosen(file, read_grids(file, read_file(file)), sheets)
    kind = kind or _kind(grids, taught)
    needed = "time_of_day" if kind in ("passages", "sightings") else "start_number"
    read = [understood(file.name, grid, taught, KINDS[kind], needed) for grid in grids]
    if kind == "entries":
        races = races_of(folder)
        expect("race", race, [each.id for each in races])
        target, text = ENTRIES, to_entries(file.name, read, races, race)
    elif kind in ("passages", "sightings"):
        given = Given(point, leg, source or file.stem, uncertainty_s)
        written = to_passages if kind == "passages" else to_sightings
        target, text = f"sheets/{file.stem}.csv", written(file.name, read, read_event(folder), given)
    else:
        points = [each.id for each in read_event(folder).timing_points]
        expect("timing point", point or read[0].name, points)
        target, text = f"lists/{point or read[0].name}.csv", to_list(file.name, read[0])
    for sheet in read:
        _show(sheet, kind)
    _write(folder, target, text, yes)
    if columns:
        (folder / COLUMNS).write_text(remember(taught), encoding="utf-8", newline="\n")
        say(f"{COLUMNS} remembers what {len(taught)} heading{'s' * (len(taught) != 1)} mean")
    if is_loaded and NEXT[kind] == LOAD:
        load_one(folder, folder / target, Asked(kind))
    else:
        say(for_this_event(NEXT[kind].format(quote(str(folder / target)))))


def read_file(file: Path) -> bytes:
    """Return what a file has; LoadError when it cannot be read, is none, or is too large for a spreadsheet."""
    try:
        return limits.read_file(file, MOST_BYTES)
    except OSError as error:
        raise LoadError(f"{file}: expected a file that can be read, got: {error.strerror}") from error


def _chosen(file: Path, grids: Sequence[Grid], names: Sequence[str]) -> Sequence[Grid]:
    for name in names:
        if name not in [grid.name for grid in grids]:
            there = ", ".join(grid.name for grid in grids)
            raise LoadError(f"{file.name}: expected a sheet of it ({there}), got {name}")
    return [grid for grid in grids if grid.name in names] if names else grids


def _kind(grids: Sequence[Grid], taught: Mapping[str, str]) -> str:
    """Return what a workbook is by the headings that it has."""
    found = {find_column(cell, taught) for grid in grids for row in grid.rows[:SEARCHED] for cell in row if cell}
    if found & OF_PEOPLE or len(found & set(NEEDED)) > 3:
        return "entries"
    if "time_of_day" in found:
        return "sightings" if "person" in found else "passages"
    return "list"


def _show(sheet: Understood, kind: str) -> None:
    """Show column by column what was understood of a sheet."""
    title = f"{sheet.name}: {len(sheet.rows)} rows of {kind}, headings in line {sheet.line}"
    table = Table(title=title, title_justify="left")
    for heading in ("heading", "is", "first value"):
        table.add_column(heading, overflow="fold")
    for column in sheet.columns:
        extra = "kept as it is" if kind == "entries" else "not used"
        meaning = column.column or ("not used" if column.column == "" else f"({extra})")
        table.add_row(column.heading, meaning, sheet.first(column)[:40])
    console().print(table, markup=False)
    for line in (*(f"above the headings: {title}" for title in sheet.titles), *sheet.left_out):
        say(f"left out: {line}")


def _write(folder: Path, target: str, text: str, yes: bool) -> None:
    """Write a file of the event, asked where it is not there or says something else."""
    path = folder / target
    before = path.read_text(encoding="utf-8") if path.exists() else None
    rows = text.count("\n") - 1
    if before == text:
        say(f"{target}: {rows} rows, as it is already")
        return
    if before is not None and target == ENTRIES:
        for line in changed_crews(before, text):
            say(f"  {line}")
    what = f"{'replace' if before is not None else 'write'} {target} ({rows} rows)"
    if not yes:
        if not sys.stdin.isatty():
            raise LoadError(f"nothing was written: expected a terminal to accept it at, or --yes, to {what}")
        if not click.confirm(f"{what[0].upper()}{what[1:]}?"):
            raise LoadError("not accepted; nothing was written")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
    say(f"{target}: {rows} rows written")
