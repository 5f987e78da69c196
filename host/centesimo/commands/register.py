"""centesimo register: the register of time checks, as table, CSV or page."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from centesimo.commands.console import json_option, print_json, print_rows, say, write_whole
from centesimo.commands.event_folder import event_option, read_store
from centesimo.compute import compute
from centesimo.gather import facts_of
from centesimo.model.event import Event
from centesimo.publish.register import COLUMNS, LANGUAGES, WORDS, Check, as_csv, cells, page
from centesimo.publish.register import register as rows_of
from centesimo.reading.hidden_characters import visible

SHORT = ("number", "received", "start_number", "crew", "measure")  # columns that are never broken


@click.command()
@event_option
@json_option
@click.option("--language", type=click.Choice(LANGUAGES), help="Of the words; else the event's first.")
@click.option("--csv", "csv", is_flag=True, help="Print CSV instead of a table.")
@click.option("--page", "to", type=click.Path(path_type=Path), help="Write a page for print to this file.")
def register(folder: Path, as_json: bool, language: str | None, csv: bool, to: Path | None) -> None:
    """Show the register of time checks: every request about a time, and what was decided."""
    with read_store(folder) as store:
        facts = facts_of(folder, store)
    event, rows = facts.event, rows_of(facts, compute(facts))
    language = language or event.languages[0]
    if to is not None:
        write_whole(to, page(event, rows, language).encode())
        say(f"written to {to}")
    elif as_json:
        print_json([_content(row) for row in rows])
    elif csv:
        click.echo(as_csv(event, rows, language).encode(), nl=False)
    else:
        _show(event, rows, language)


def _content(row: Check) -> dict[str, Any]:
    """Return a row as values that JSON can hold; its decision is named by its id."""
    values = row._asdict()
    return {"amendment" if key == "decision" else key: value for key, value in values.items()} | {
        "amendment": row.decision.id
    }


def _show(event: Event, rows: Sequence[Check], language: str) -> None:
    """Print the register as a table; where the terminal has no room for it, each row as lines of its own."""
    words = WORDS[language]
    say(words["title"])
    if not rows:
        say(words["none"])
        return
    table = Table()
    for column in COLUMNS:
        table.add_column(
            words[column], justify="right" if column == "start_number" else "left", no_wrap=column in SHORT
        )
    cell_rows = [[visible(cell) for cell in cells(event, row, language).values()] for row in rows]
    for row in cell_rows:
        table.add_row(*row)
    print_rows(table, cell_rows)
