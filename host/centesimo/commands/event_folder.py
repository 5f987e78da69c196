"""The event folder on the command line: its options, its store, and the choice of its rankings."""

import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import click

from centesimo.check import EVENT, read_event
from centesimo.model.errors import EventError, StoreError, TimingError
from centesimo.model.event import Event
from centesimo.model.facts import Ranking
from centesimo.store import STORE_NAME, Store, has_store

PLACE = "centesimo.store"  # under which click keeps what --store says
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
    )(store_option(command))


def store_option(command: Command) -> Command:
    """Give a verb the option --store: where the event's store is, by default in its folder.

    It is no parameter of the verb: open_store, read_store and present_store look it up.
    """
    return click.option(
        "--store",
        metavar="URL",
        expose_value=False,
        callback=_keep_place,
        envvar="CENTESIMO_STORE",
        show_envvar=True,
        help="The event's store, where it is not in its folder: postgresql+psycopg://... (docs/store.md).",
    )(command)


def _keep_place(context: click.Context, _: click.Parameter, url: str | None) -> str | None:
    """Keep what --store says; BadParameter where it is no URL."""
    if url and "://" not in url:
        raise click.BadParameter(f"expected a URL as postgresql+psycopg://user@host/database, got {url}")
    context.meta[PLACE] = url
    return url


def _find_url() -> str | None:
    """Return the URL that --store gives; None: the store is in the event's folder."""
    context = click.get_current_context(silent=True)
    return context.meta.get(PLACE) or None if context else None


@contextmanager
def open_store(folder: Path) -> Iterator[Store]:
    """Open the store of an event folder for as long as it is needed, to add to it: a new one is made.

    StoreError when the folder is no event's.
    """
    with closing(_opened(folder)) as store:
        yield store


@contextmanager
def read_store(folder: Path) -> Iterator[Store]:
    """Open the store of an event folder as open_store does, to read: where there is none, an empty one in memory."""
    with closing(_opened(folder, is_made=False)) as store:
        yield store


@contextmanager
def present_store(folder: Path) -> Iterator[Store]:
    """Open the store of an event folder that must have one; StoreError when it has none."""
    if not is_there(folder):
        raise StoreError(f"{folder / STORE_NAME}: expected a store, found none: nothing was collected or loaded yet")
    with open_store(folder) as store:
        yield store


def is_there(folder: Path) -> bool:
    """Say whether an event has a store already; StoreError when the folder is no event's."""
    return has_store(folder) or _find_url() is not None


def _opened(folder: Path, is_made: bool = True) -> Store:
    url = _find_url()
    if url is None:
        return Store.of_event(folder, is_made)
    has_store(folder)  # refuses a folder that is no event's
    return Store.open(url)


def opener(folder: Path) -> Callable[[], Store]:
    """Return what opens an event's store again and again, in any thread: only the first time a new one is made.

    It raises StoreError when the folder is no event's, or the store that was there is gone.
    """
    url = _find_url()
    opened = False

    def open_again() -> Store:
        nonlocal opened
        if url is None and opened and not has_store(folder):
            raise StoreError(f"{folder / STORE_NAME}: the store is gone")
        store = Store.of_event(folder) if url is None else Store.open(url)
        opened = True
        return store

    return open_again


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
    expect("race", race, [race.id for race in event.races])
    expect("leg", leg, [leg.id for leg in event.legs])
    if leg is not None and overall:
        raise click.UsageError("expected --leg or --overall, got both")
    matching = [
        ranking
        for ranking in rankings
        if race in (None, ranking.race.id)
        and (ranking.leg is None if overall else leg in (None, ranking.leg and ranking.leg.id))
    ]
    if not matching:
        what = "over all legs" if overall else f"of leg {leg}"
        raise TimingError(f"expected a ranking {what}{f' of race {race}' if race else ''}, found none")
    return matching


def expect(what: str, given: str | int | None, choices: Sequence[str | int]) -> None:
    """Raise TimingError when something is given that the event does not have."""
    if given is not None and given not in choices:
        names = ", ".join(map(str, choices))
        raise TimingError(f"expected a {what} of the event ({names}), got {given}")
