"""centesimo collect: download boards into the event's store, several at once; until stopped with --watch or --live."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from centesimo.check import read_event
from centesimo.collect import Collected, Fleet, Progress
from centesimo.collect import collect as collect_ports
from centesimo.collect.link import found_ports
from centesimo.collect.live_passages import LivePassages
from centesimo.collect.own_clock import WatchedClock
from centesimo.collect.watch import Watch
from centesimo.commands.console import TextConsole, json_option, say, say_on
from centesimo.commands.event_folder import boards_of, event_option, note_event, open_store, other_board_option
from centesimo.model.errors import LinkError
from centesimo.model.event import Event
from centesimo.model.facts import Passage
from centesimo.reading.hidden_characters import visible
from centesimo.reading.localtime import local_text
from centesimo.reading.ranges import ranges_text
from centesimo.store import Store
from centesimo.words.boards import board_text

WATCHING = "Watching for boards; Ctrl-C ends."


@click.command()
@click.argument("ports", nargs=-1, metavar="[PORT]...")
@event_option
@json_option
@click.option("--watch", is_flag=True, help="Go on until stopped: unplug a board that is done, plug in the next.")
@click.option("--live", is_flag=True, help="Go on until stopped, and show passages as they come.")
@other_board_option
def collect(ports: tuple[str, ...], folder: Path, as_json: bool, watch: bool, live: bool, other_board: bool) -> None:
    """Collect the boards on PORTs (paths, or socket://host:port); on all ports that may have one if none is given.

    What the store has is not fetched again. A board is told that its records are safe only when they are.
    """
    boards = () if other_board else boards_of(folder)
    if watch or live:
        event = read_event(folder) if live else None
        with open_store(folder) as store:
            note_event(folder, store, time.time_ns())
            _watch(store, list(dict.fromkeys(ports)), boards, event, as_json)
        return
    names = list(dict.fromkeys(ports)) or [port.name for port in found_ports() if port.candidate]
    if not names:
        raise LinkError("expected a board on a port, found no port that could have one: plug it in, or name the PORT")
    with open_store(folder) as store, _bars(names, as_json) as (progress, _):
        note_event(folder, store, time.time_ns())
        collected = collect_ports(store, names, time.time_ns, progress, boards)
    if as_json:
        click.echo(json.dumps([result._asdict() for result in collected], indent=2))
    else:
        for result in collected:
            _show(result, say)
    errors = [result.error for result in collected if result.error]
    if errors:
        raise LinkError("\n".join(errors))


def _watch(store: Store, ports: Sequence[str], boards: Sequence[str], event: Event | None, as_json: bool) -> None:
    """Collect until Ctrl-C; each line is one port or one passage, as JSON objects if so asked."""
    with _bars(ports, as_json) as (progress, say):
        fleet = Fleet(store, time.time_ns, progress, boards)
        lock = threading.Lock()
        unsaid: list[OSError] = []

        def tell(line: str) -> None:
            """Say a line from a port's thread; who listens may be gone, or the disk full: then all ends."""
            try:
                say(line)
            except OSError as error:
                unsaid.append(error)
                fleet.stopped.set()

        def done(result: Collected) -> None:
            with lock:
                if as_json:
                    tell(json.dumps({"collected": result._asdict()}))
                elif result.error:
                    tell(f"error: {result.error}")
                else:
                    _show(result, tell)

        if event is not None:
            fleet.stored = passages_to(event, as_json, tell, lock)
            fleet.own_error_ns = WatchedClock()
        fleet.caught_up = done
        with suppress(KeyboardInterrupt):  # how a person ends it; Watch stores what came
            if not as_json:
                say(WATCHING)
            Watch(fleet, ports, event is not None, done).run()
    if unsaid:
        raise unsaid[0]


@contextmanager
def following(
    folder: Path, open_store: Callable[[], Store], ports: Sequence[str], unstored: Callable[[str, str], None]
) -> Iterator[None]:
    """Follow the boards on these ports live in threads of their own until the block ends; lines as `collect --live`.

    `unstored` is told of a port why what its board has cannot be stored, and "" when it is stored again.
    """
    event, lock = read_event(folder), threading.Lock()
    with closing(open_store()) as store:
        note_event(folder, store, time.time_ns())
        fleet = Fleet(store, time.time_ns, _say_nothing, boards_of(folder))

        def done(result: Collected) -> None:
            unstored(result.port, (result.error or "") if result.unstored else "")
            with lock:
                if result.error:
                    say_on(f"error: {result.error}")
                else:
                    _show(result, say_on)

        fleet.stored, fleet.caught_up = passages_to(event, False, say_on, lock), done
        fleet.own_error_ns = WatchedClock()
        thread = threading.Thread(target=Watch(fleet, ports, True, done).run, name="boards")
        thread.start()
        try:
            yield
        finally:
            fleet.stopped.set()
            thread.join()


def passages_to(
    event: Event, as_json: bool, say: Callable[[str], None], lock: threading.Lock
) -> Callable[[str, list[bytes], bool], None]:
    """Return what takes a board's records as they are stored and says the passages of a board that is followed live.

    Those too that it downloads when its cable was off and is back; not what it kept before it was first followed.
    """
    passing = LivePassages(event.timing_points)
    places = {point.id: point.place for point in event.timing_points}
    followed: set[str] = set()

    def stored(board: str, raws: list[bytes], is_live: bool) -> None:
        with lock:
            new_passages = passing.add(board, raws) if raws else []
            if is_live:
                followed.add(board)
            for passage in new_passages if board in followed else ():
                say(_as_json(passage) if as_json else _as_line(passage, places[passage.timing_point], event))

    return stored


def _as_json(passage: Passage) -> str:
    keys = ("id", "timing_point", "at_ns", "uncertainty_ns", "confirmed")
    return json.dumps({"passage": {key: getattr(passage, key) for key in keys}})


def _as_line(passage: Passage, place: str, event: Event) -> str:
    """Return a passage as one line: local time cut to 1/100 s, uncertainty, where, of which record."""
    time_text, doubt = "time not known", ""
    if passage.at_ns is not None:
        clock = local_text(passage.at_ns, event.timezone)[11:22]
        time_text = f"{clock} +-{(passage.uncertainty_ns or 0) / 1e6:.3f} ms"
        doubt = "" if passage.confirmed else "  whole second not confirmed"
    return f"{time_text}  {passage.timing_point} {place}  {passage.id}{doubt}"


class Shown:
    """The bars of a terminal, one a port; it begins anew with the next board that is plugged in there."""

    def __init__(self, bars: Bars, ports: Sequence[str]) -> None:
        self.bars = bars
        self.tasks = {port: bars.add_task(port, total=None) for port in ports}
        self.boards: dict[str, str] = {}
        self.lock = threading.Lock()

    def __call__(self, progress: Progress) -> None:
        port, what = progress.port, visible(f"{progress.port} {progress.name or progress.board}")
        with self.lock:  # a port that was plugged in later gets its bar now
            if port not in self.tasks:
                self.tasks[port] = self.bars.add_task(port, total=None)
            if progress.board != self.boards.setdefault(port, progress.board):
                self.boards[port] = progress.board
                self.bars.reset(self.tasks[port])
        total = progress.total if progress.board else None
        self.bars.update(self.tasks[port], description=what, completed=progress.done, total=total)


def _say_nothing(_: Progress) -> None:
    """Take the place of bars where the output is no terminal."""


@contextmanager
def _bars(ports: Sequence[str], as_json: bool) -> Iterator[tuple[Callable[[Progress], None], Callable[[str], None]]]:
    """Give what shows progress and what says a line above it."""
    console = TextConsole(stderr=True)
    if as_json or not console.is_terminal:
        yield _say_nothing, say
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bars(*columns, console=console) as bars:
        yield Shown(bars, ports), bars.console.print


def _show(result: Collected, say: Callable[[str], None]) -> None:
    if result.error:
        return
    board = board_text(result.board, result.name)
    say(f"{result.port}: board {board}: {result.added} new records, all up to {result.last} are in the store")
    if result.absent:
        say(f"  the board has no record for {ranges_text(result.absent)}")
    for note in result.notes:
        say(f"  {note}")
