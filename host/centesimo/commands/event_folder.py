"""The event folder on the command line: its options, its store, and the choice of its rankings."""

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from shlex import quote
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from centesimo.check import EVENT, read_event
from centesimo.model.errors import EventError, StoreError, TimingError
from centesimo.model.event import Event
from centesimo.model.facts import Ranking
from centesimo.reading.limits import read_file
from centesimo.store import STORE_NAME, Store, has_store
from centesimo.words.boards import board_names

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


def for_this_event(command: str) -> str:
    """Return a suggested command with --event and --store as the running one was given them, so that it can be copied.

    Nothing is added where the event is the current folder, or the environment names it.
    """
    context = click.get_current_context(silent=True)
    if context is None or not command.startswith("centesimo "):
        return command
    given = (("folder", "--event", context.params.get("folder")), ("store", "--store", context.meta.get(PLACE)))
    words = [
        f" {option} {quote(str(value))}"
        for name, option, value in given
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    ]
    return "".join((command, *words))


def file_names(store: Store) -> dict[str, str]:
    """Return how loaded files are called, by the first 8 hex digits of each: "right.csv (c9e3e6b3)"."""
    names: dict[str, str] = {}
    for digest, name in store.files():
        names.setdefault(digest[:8], f"{name} ({digest[:8]})")
    return names


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
    with suppress(OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError):
        points = tomllib.loads(read_file(folder / EVENT).decode("utf-8-sig")).get("timing_point")
        tables = [point for point in points if isinstance(point, dict)] if isinstance(points, list) else []
        return [str(table["board"]).lower() for table in tables if table.get("board")]
    return []


def names_by_board(folder: Path) -> Mapping[str, str]:
    """Return the names of the event's boards; none where it cannot be read: what asks does not wait for that."""
    with suppress(EventError):
        return board_names(read_event(folder))
    return {}


def choice_options(command: Command) -> Command:
    """Give a verb the options that choose rankings: --race, --leg, --overall."""
    for option in (
        click.option("--overall", is_flag=True, help="Only the ranking over all legs."),
        click.option("--leg", "legs", multiple=True, help="Only this leg; several where it is given again."),
        click.option("--race", "races", multiple=True, help="Only this race; several where it is given again."),
    ):
        command = option(command)
    return command


def chosen(
    event: Event, rankings: Sequence[Ranking], races: Sequence[str], legs: Sequence[str], overall: bool
) -> list[Ranking]:
    """Return the rankings that --race, --leg and --overall choose; TimingError when there is none such.

    --leg with --overall chooses both; without either all are chosen.
    """
    for race in races:
        expect("race", race, [each.id for each in event.races])
    for leg in legs:
        expect("leg", leg, [each.id for each in event.legs])
    matching = [
        ranking
        for ranking in rankings
        if is_chosen(ranking.race.id, ranking.leg.id if ranking.leg else None, races, legs, overall)
    ]
    if not matching:
        of_race = f" of race {' or '.join(races)}" if races else ""
        what = "over all legs" if overall else f"of leg {' or '.join(legs)}"
        raise TimingError(f"expected a ranking {what}{of_race}, found none")
    return matching


def is_chosen(race: str, leg: str | None, races: Sequence[str], legs: Sequence[str], overall: bool) -> bool:
    """Say whether --race, --leg and --overall choose the ranking of a race and leg; leg None is all legs together."""
    of_leg = overall if leg is None else leg in legs
    return (not races or race in races) and (of_leg or not (legs or overall))


def driven(rankings: Sequence[Ranking], begun: frozenset[str]) -> list[Ranking]:
    """Return the rankings that have something to show: legs that are driven; those over all legs once two are."""
    return [
        ranking
        for ranking in rankings
        if (ranking.leg.id in begun if ranking.leg else len({control.leg for control in ranking.controls}) > 1)
    ]


def expect(what: str, given: str | int | None, choices: Sequence[str | int]) -> None:
    """Raise TimingError when something is given that the event does not have."""
    if given is not None and given not in choices:
        names = ", ".join(map(str, choices))
        raise TimingError(f"expected a {what} of the event ({names}), got {given}")
