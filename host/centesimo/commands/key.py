"""centesimo key: start numbers keyed as cars pass, beside the passages of the boards as they come."""

import getpass
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import click
from rich.live import Live

from centesimo.check import read_event
from centesimo.collect import Collected, Fleet
from centesimo.collect.own_clock import WatchedClock
from centesimo.collect.watch import Watch
from centesimo.commands.console import TextConsole, say
from centesimo.commands.event_folder import (
    boards_of,
    event_option,
    expect,
    note_event,
    open_store,
    other_board_option,
)
from centesimo.keying.desk import Desk
from centesimo.keying.keys import STOP
from centesimo.keying.screen import Screen, View
from centesimo.keying.terminal import RESIZED, Terminal, open_terminal
from centesimo.model.errors import StoreError
from centesimo.reading.localtime import NS_PER_S
from centesimo.store import Store

LOOK_S = 0.25  # how often the store is looked at


@click.command()
@click.argument("points", nargs=-1, required=True, metavar="POINT [POINT]...")
@event_option
@click.option(
    "--collect", "ports", multiple=True, metavar="PORT", help="Collect the board on PORT meanwhile; repeat it."
)
@click.option("--person", help="Who keys; by default the name you are signed in by.")
@click.option("--device", help="On what; by default the name of this computer.")
@other_board_option
def key(
    points: tuple[str, ...],
    folder: Path,
    ports: tuple[str, ...],
    person: str | None,
    device: str | None,
    other_board: bool,
) -> None:
    """Key start numbers at POINTs as cars pass: digits and Enter; each is stored at once.

    The screen names the other keys. Passages appear as they are collected, here with --collect or by another program.
    """
    event = read_event(folder)
    names = list(dict.fromkeys(points))
    for name in names:
        expect("timing point", name, [point.id for point in event.timing_points if not point.backup_of])
    who = (person or _signed_in(), device or socket.gethostname())
    with open_terminal() as terminal, open_store(folder) as store:
        note_event(folder, store, time.time_ns())
        desk = Desk(store, event, names, who, time.time_ns)
        desk.begin()
        boards = () if other_board else boards_of(folder)
        with _collecting(store, ports, boards) as said_by_port:
            _show(desk, terminal, said_by_port)
        rest = desk.store_rest()
    if rest:
        say("\n".join(rest))
        why = (
            f"{desk.trouble}; {len(rest) - 1} of what was keyed is not stored: keep the lines above as a file for load"
        )
        raise StoreError(why)


def _signed_in() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError) as error:  # a system that has no name for who is signed in
        raise click.UsageError("expected --person, as this computer does not say who is signed in") from error


def _show(desk: Desk, terminal: Terminal, said_by_port: dict[str, str]) -> None:
    """Take keys and show the desk until it is to end; a terminal that is gone is no error."""
    console = TextConsole()
    live = Live(console=console, screen=True, auto_refresh=False, redirect_stdout=False, redirect_stderr=False)
    with suppress(OSError), live:
        drawn, looked_ns = None, 0
        while True:
            view = _view(desk, said_by_port)
            if view != drawn:
                drawn = view
                console.size = terminal.size
                live.update(Screen(view), refresh=True)
            pressed = terminal.find_pressed(LOOK_S)
            if desk.now_ns() - looked_ns >= LOOK_S * NS_PER_S:
                looked_ns = desk.now_ns()
                desk.look()
            if pressed is None:
                continue
            if pressed.key == STOP:
                return
            if pressed.key == RESIZED:
                drawn = None
            else:
                desk.press(pressed.key, pressed.at_ns)


def _view(desk: Desk, said_by_port: dict[str, str]) -> View:
    now_ns = desk.now_ns() // NS_PER_S * NS_PER_S
    pad = desk.pad
    instead = pad.find_instead(desk.now_ns())
    number = instead.sighting.start_number if instead else None
    trouble = [desk.trouble] if desk.trouble else []
    return View(
        event=desk.event,
        points=pad.points,
        point=pad.points[pad.point],
        rows=desk.rows,
        chosen=pad.chosen,
        typed=pad.typed,
        instead=("nobody's" if number is None else str(number)) if instead else "",
        ahead=desk.ahead(),
        who=f"{desk.person}, {desk.device}",
        now_ns=now_ns,
        lag_ns=desk.lag_ns,
        word=desk.word,
        is_warning=desk.is_warning,
        trouble=[*trouble, *(trouble_text for trouble_text in dict(said_by_port).values() if trouble_text)],
        unstored=len(desk.unstored),
    )


@contextmanager
def _collecting(store: Store, ports: Sequence[str], boards: Sequence[str]) -> Iterator[dict[str, str]]:
    """Collect and follow these ports meanwhile; what is to be said of each is in the dict that is given."""
    said_by_port = {port: f"{port}: waiting for a board" for port in ports}
    if not ports:
        yield said_by_port
        return
    fleet = Fleet(store, time.time_ns, lambda _: None, boards)

    def done(collected: Collected) -> None:
        said_by_port[collected.port] = collected.error or ""

    fleet.caught_up, fleet.own_error_ns = done, WatchedClock()
    thread = threading.Thread(target=Watch(fleet, list(dict.fromkeys(ports)), True, done).run, name="collect")
    thread.start()
    try:
        yield said_by_port
    finally:
        fleet.stopped.set()
        thread.join()
