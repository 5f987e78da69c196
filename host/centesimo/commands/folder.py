"""What most verbs begin with: the event folder they work on, and its facts."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console

from centesimo.check import check_folder
from centesimo.compute import Facts
from centesimo.errors import StoreError
from centesimo.store import STORE_NAME, Store

WIDTH_IN_FILES = 160

Command = TypeVar("Command", bound=Callable[..., Any])


def event_option(command: Command) -> Command:
    """Give a verb the option --event: the event folder, by default the current one."""
    return click.option(
        "--event",
        "folder",
        type=click.Path(path_type=Path),
        default=".",
        envvar="CENTESIMO_EVENT",
        show_default=True,
        help="The event folder (docs/event.md).",
    )(command)


def json_option(command: Command) -> Command:
    """Give a verb the option --json."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")(command)


@contextmanager
def open_store(folder: Path) -> Iterator[Store]:
    """Open the store of an event folder for as long as it is needed; StoreError when the folder is not there."""
    if not folder.is_dir():
        raise StoreError(f"{folder}: expected an event folder, found none")
    store = Store.open(folder / STORE_NAME)
    try:
        yield store
    finally:
        store.close()


def facts_of(folder: Path, store: Store) -> Facts:
    """Return the facts of an event: its folder as it is now, and what its store holds."""
    event, lists = check_folder(folder)
    return Facts(event, lists, store.records(), tuple(store.passages()))


def console() -> Console:
    """Return where a verb prints its tables: as wide as the terminal, and wide enough for any table in a file."""
    found = Console(highlight=False)
    return found if found.is_terminal else Console(highlight=False, width=WIDTH_IN_FILES)
