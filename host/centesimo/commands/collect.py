"""centesimo collect: download boards into the event's store, several at once."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from centesimo.collect import Collected, Progress
from centesimo.collect import collect as collect_ports
from centesimo.errors import LinkError
from centesimo.link import found_ports
from centesimo.store import Store


@click.command()
@click.argument("ports", nargs=-1, metavar="[PORT]...")
@click.option(
    "--event", "folder", default=".", type=click.Path(path_type=Path), help="The event folder; here if not given."
)
@click.option("--json", "as_json", is_flag=True, help="Print what was collected as JSON.")
def collect(ports: tuple[str, ...], folder: Path, as_json: bool) -> None:
    """Collect the boards on PORTs (paths, or socket://host:port); on all ports that may have one if none is given.

    What the store has is not fetched again. A board is told that its records are safe only when they are.
    """
    names = list(dict.fromkeys(ports)) or [port.name for port in found_ports() if port.candidate]
    if not names:
        raise LinkError("expected a board on a port, found no port that could have one: plug it in, or name the PORT")
    store = Store.of_event(folder)
    with _bars(names, as_json) as progress:
        collected = collect_ports(store, names, time.time_ns, progress)
    store.close()
    if as_json:
        click.echo(json.dumps([found._asdict() for found in collected], indent=2))
    else:
        _show(collected)
    errors = [found.error for found in collected if found.error]
    if errors:
        raise LinkError("\n".join(errors))


class _Shown:
    """The bars of a terminal, one a port."""

    def __init__(self, bars: Bars, ports: Sequence[str]) -> None:
        self.bars = bars
        self.tasks = {port: bars.add_task(port, total=None) for port in ports}

    def __call__(self, progress: Progress) -> None:
        what = f"{progress.port} {progress.name or progress.board}"
        total = progress.total if progress.board else None
        self.bars.update(self.tasks[progress.port], description=what, completed=progress.done, total=total)


def _say_nothing(_: Progress) -> None:
    """Take the place of bars where the output is no terminal."""


@contextmanager
def _bars(ports: Sequence[str], as_json: bool) -> Iterator[Callable[[Progress], None]]:
    console = Console(stderr=True)
    if as_json or not console.is_terminal:
        yield _say_nothing
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bars(*columns, console=console) as bars:
        yield _Shown(bars, ports)


def _show(collected: Sequence[Collected]) -> None:
    for found in collected:
        if found.error:
            continue
        name = f"{found.name} ({found.board})" if found.name else found.board
        click.echo(f"{found.port}: board {name}: {found.added} new records, all up to {found.last} are in the store")
        if found.absent:
            click.echo(f"  the board has no record for {_ranges(found.absent)}")
        for note in found.notes:
            click.echo(f"  {note}")


def _ranges(sequences: Sequence[int]) -> str:
    """Return rising numbers in short, as 3, 7-9."""
    parts: list[list[int]] = []
    for sequence in sequences:
        if parts and sequence == parts[-1][-1] + 1:
            parts[-1] = [parts[-1][0], sequence]
        else:
            parts.append([sequence])
    return ", ".join("-".join(map(str, part)) for part in parts)
