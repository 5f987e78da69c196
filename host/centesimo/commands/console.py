"""What verbs print: text and tables at a terminal or into a file, JSON for programs, and whole files."""

import json
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from centesimo.model.errors import StoreError
from centesimo.reading.hidden_characters import visible_lines

WIDTH_IN_FILES = 160
WIDEST = 10_000  # no table is

Command = TypeVar("Command", bound=Callable[..., Any])


def json_option(command: Command) -> Command:
    """Give a verb the option --json."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")(command)


def write_whole(path: Path, raw: bytes) -> None:
    """Write a file that is whole or not there; StoreError if it cannot be written."""
    aside = path.with_name(f"{path.name}.part")
    try:
        if path.exists() and not path.is_file():
            raise StoreError(f"{path}: expected the name of a file, got that of something else")
        with open(aside, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except OSError as error:
        with suppress(OSError):
            aside.unlink()
        raise StoreError(f"{path}: expected a place where a file can be written, got: {error.strerror}") from error


def print_json(value: Any) -> None:
    """Print JSON in UTF-8, whatever the terminal's encoding is: it is for programs. Hidden characters are escaped."""
    click.echo(visible_lines(json.dumps(value, ensure_ascii=False, indent=1)).encode())


def say(text: str) -> None:
    """Print lines of text in which names from outside may stand: hidden characters are written out."""
    click.echo(visible_lines(text))


def say_on(text: str) -> None:
    """Say what happens while something runs for a day; that nobody reads it any more (a closed pipe) stops nothing."""
    with suppress(OSError):
        say(text)


class TextConsole(Console):
    """A console to which a text is that text: no markup and no emoji in it, hidden characters are written out."""

    def __init__(self, **options: Any) -> None:
        super().__init__(highlight=False, markup=False, emoji=False, **options)

    def render_str(self, text: str, **options: Any) -> Text:
        """Return what is shown of a text, in a table as outside of it."""
        return super().render_str(visible_lines(text), **options)


def print_rows(table: Table, rows: Sequence[Sequence[str]]) -> None:
    """Print a table of these rows; where its columns do not fit the terminal, each row as lines of its own."""
    for place, column in enumerate(table.columns):
        if column.no_wrap:  # such a column is not made narrower either
            texts = (str(column.header), *(visible_lines(row[place]) for row in rows))
            column.min_width = max(map(cell_len, texts))
    out, width = console(), TextConsole(width=WIDEST).measure(table).minimum
    if not out.is_terminal:
        out = TextConsole(width=max(width, WIDTH_IN_FILES))
    if width <= out.width:
        out.print(table)
        return
    names = [str(column.header) for column in table.columns]
    for first, *cells_after in rows:
        cells = [f"  {name}: {cell}" for name, cell in zip(names[1:], cells_after, strict=True) if cell]
        say("\n".join([first, *cells]))


def console(table: Table | None = None) -> Console:
    """Return where a verb prints its tables: as wide as the terminal; in a file as wide as a table needs."""
    out = TextConsole()
    if out.is_terminal:
        return out
    needed = 0 if table is None else TextConsole(width=WIDEST).measure(table).maximum
    return TextConsole(width=max(needed, WIDTH_IN_FILES))
