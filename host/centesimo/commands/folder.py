"""What most verbs share: the event folder, its facts, a choice of its rankings, and how JSON is printed."""

import json
import os
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from centesimo.check import EVENT, check_folder, read_event
from centesimo.compute import Facts
from centesimo.model.errors import EventError, StoreError, TimingError
from centesimo.model.event import Event
from centesimo.model.facts import Ranking
from centesimo.reading.hidden_characters import visible_lines
from centesimo.store import STORE_NAME, Store, has_store

WIDTH_IN_FILES = 160
WIDEST = 10_000  # no table is

Command = TypeVar("Command", bound=Callable[..., Any])


def event_option(command: Command) -> Command:
    """Give a verb the option --event: the event folder, by default the current one."""
    return click.option(
        "--event",
        "folder",
        type=click.Path(path_type=Path, readable=False),  # what cannot be read is no wrong usage
        default=".",
        envvar="CENTESIMO_EVENT",
        show_envvar=True,
        show_default=True,
        help="The event folder (docs/event.md).",
    )(command)


def json_option(command: Command) -> Command:
    """Give a verb the option --json."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")(command)


@contextmanager
def open_store(folder: Path) -> Iterator[Store]:
    """Open the store of an event folder for as long as it is needed, to add to it: a new one is made.

    StoreError when the folder is no event's.
    """
    with closing(Store.of_event(folder)) as store:
        yield store


@contextmanager
def read_store(folder: Path) -> Iterator[Store]:
    """Open the store of an event folder as open_store does, to read: where there is none, an empty one in memory."""
    with closing(Store.of_event(folder, is_made=False)) as store:
        yield store


@contextmanager
def present_store(folder: Path) -> Iterator[Store]:
    """Open the store of an event folder that must have one; StoreError when it has none."""
    if not has_store(folder):
        raise StoreError(f"{folder / STORE_NAME}: expected a store, found none: nothing was collected or loaded yet")
    with open_store(folder) as store:
        yield store


def facts_of(folder: Path, store: Store) -> Facts:
    """Return the facts of an event: its folder as it is now, and what its store holds."""
    event, lists = check_folder(folder)
    of_people = tuple(store.passages()), tuple(store.amendments()), tuple(store.sightings())
    return Facts(event, lists, store.records(), *of_people)


def note_event(folder: Path, store: Store, now_ns: int) -> None:
    """Add the event folder as it is now to its store, so that a bundle says of which event it is.

    Not where it cannot be read: to collect does not wait for that, and centesimo check says what is wrong.
    """
    with suppress(EventError):
        store.add_event(read_event(folder), now_ns)


def other_board_option(command: Command) -> Command:
    """Give a verb the option --other-board: it takes also boards that are at no timing point of the event."""
    return click.option(
        "--other-board", is_flag=True, help="Take also a board that is at no timing point of the event."
    )(command)


def boards_of(folder: Path) -> list[str]:
    """Return the boards that event.toml names; none where it cannot be read, for collecting does not wait for that."""
    with suppress(OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        points = tomllib.loads((folder / EVENT).read_text("utf-8-sig")).get("timing_point")
        tables = [point for point in points if isinstance(point, dict)] if isinstance(points, list) else []
        return [str(table["board"]).lower() for table in tables if table.get("board")]
    return []


def choice_options(command: Command) -> Command:
    """Give a verb the options that choose rankings: --race, --leg, --overall."""
    for option in (
        click.option("--overall", is_flag=True, help="Only the ranking over all legs."),
        click.option("--leg", help="Only this leg."),
        click.option("--race", help="Only this race."),
    ):
        command = option(command)
    return command


def chosen(
    event: Event, rankings: Sequence[Ranking], race: str | None, leg: str | None, overall: bool
) -> list[Ranking]:
    """Return the rankings that --race, --leg and --overall choose; TimingError when there is none such."""
    expect("race", race, [one.id for one in event.races])
    expect("leg", leg, [one.id for one in event.legs])
    if leg is not None and overall:
        raise click.UsageError("expected --leg or --overall, got both")
    found = [
        one
        for one in rankings
        if race in (None, one.race.id) and (one.leg is None if overall else leg in (None, one.leg and one.leg.id))
    ]
    if not found:
        what = "over all legs" if overall else f"of leg {leg}"
        raise TimingError(f"expected a ranking {what}{f' of race {race}' if race else ''}, found none")
    return found


def expect(what: str, given: str | int | None, known: Sequence[str | int]) -> None:
    """Raise TimingError when something is given that the event does not have."""
    if given is not None and given not in known:
        names = ", ".join(map(str, known))
        raise TimingError(f"expected a {what} of the event ({names}), got {given}")


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
    for first, *others in rows:
        cells = [f"  {name}: {cell}" for name, cell in zip(names[1:], others, strict=True) if cell]
        say("\n".join([first, *cells]))


def console(table: Table | None = None) -> Console:
    """Return where a verb prints its tables: as wide as the terminal; in a file as wide as a table needs."""
    found = TextConsole()
    if found.is_terminal:
        return found
    needed = 0 if table is None else TextConsole(width=WIDEST).measure(table).maximum
    return TextConsole(width=max(needed, WIDTH_IN_FILES))
