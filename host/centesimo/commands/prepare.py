"""centesimo prepare: go or no-go for every board of an event, and after the day what became of it."""

import json
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click
from rich.table import Table

from centesimo.check import read_event
from centesimo.collect.interview import Answers, Interview
from centesimo.collect.link import Port, found_ports, host_id, steady_ms
from centesimo.commands.folder import console, json_option, open_store, say
from centesimo.errors import LinkError
from centesimo.event import Event
from centesimo.prepare import After, Prepared, after, wanted
from centesimo.prepare import prepare as judge


@click.command()
@click.argument("folder", metavar="EVENT", type=click.Path(path_type=Path, readable=False))
@click.argument("ports", nargs=-1, metavar="[PORT]...")
@json_option
@click.option("--write", is_flag=True, help="Write name and inputs of the event into each board first.")
@click.option("--after", "is_after", is_flag=True, help="After the day: drift, lost, uncovered, from the store.")
def prepare(folder: Path, ports: tuple[str, ...], as_json: bool, write: bool, is_after: bool) -> None:
    """Judge the fleet against the EVENT folder: a row a board, go or no-go with the reason; kept in the store.

    Exit code 1 when a board of the event may not go.
    """
    event = read_event(folder)
    with open_store(folder) as store:
        if is_after:
            became = after(event, store.records())
            store.add_preparation("after", [one._asdict() for one in became], time.time_ns())
            _print(became, as_json, _after_table(became))
            return
        answers, errors = _ask(event, ports, write)
        rows = judge(event, answers)
        store.add_preparation("before", [one._asdict() for one in rows], time.time_ns())
    _print(rows, as_json, _table(rows))
    no_go = [f"{row.board} {' '.join(row.points)}: {reason}" for row in rows for reason in row.reasons]
    if errors or no_go:
        raise LinkError("\n".join([*errors, *no_go]))


def _ask(event: Event, ports: Sequence[str], write: bool) -> tuple[dict[str, Answers], list[str]]:
    """Interview every port at once; return the answers by port, and what did not answer."""
    names = list(dict.fromkeys(ports)) or [port.name for port in found_ports() if port.candidate]
    with ThreadPoolExecutor(max_workers=max(1, len(names))) as executor:
        found = list(executor.map(lambda name: _interview(name, event, write), names))
    answers = {name: one for name, one in zip(names, found, strict=True) if isinstance(one, Answers)}
    return answers, [one for one in found if isinstance(one, str)]


def _interview(name: str, event: Event, write: bool) -> Answers | str:
    """Return what the board on a port said, or why it did not."""
    try:
        with Port(name) as port:
            answers = _talk(port, {})
            settings = wanted(event, answers.welcome.board_id.hex())
            if not write:
                return answers
            answers = _talk(port, settings)
    except LinkError as error:
        return f"{name}: {str(error).removeprefix(f'{name}: ')}"
    kept = {key: answers.settings.get(key) for key in settings}
    return answers if kept == settings else f"{name}: it does not keep the settings that were written"


def _talk(port: Port, settings: Mapping[int, bytes]) -> Answers:
    interview = Interview(host_id(), settings)
    while interview.answers is None:
        port.write(interview.receive(port.read(), steady_ms(), time.time_ns()))
    return interview.answers


def _print(rows: Sequence[Prepared] | Sequence[After], as_json: bool, table: Table) -> None:
    if as_json:
        say(json.dumps([row._asdict() for row in rows], ensure_ascii=False, indent=1))
    else:
        console().print(table)


def _table(rows: Sequence[Prepared]) -> Table:
    table = Table(title="Before the day", title_justify="left")
    for column in ("board", "name", "timing points", "firmware", "state", "clock", "go", "notes"):
        table.add_column(column, justify="right" if column == "clock" else "left")
    for row in rows:
        clock = "" if row.ahead_ns is None else f"{row.ahead_ns / 1e6:+.1f} +-{(row.error_ns or 0) / 1e6:.1f} ms"
        go = "NO-GO" if row.reasons else "go"
        notes = "; ".join((*row.reasons, *row.notes))
        table.add_row(row.board, row.name, " ".join(row.points), row.firmware, row.state, clock, go, notes)
    return table


def _after_table(rows: Sequence[After]) -> Table:
    table = Table(title="After the day", title_justify="left")
    for column in ("board", "timing points", "starts", "edges", "uncovered", "lost", "drift"):
        table.add_column(column, justify="left" if column in ("board", "timing points") else "right")
    for row in rows:
        drift = "not known" if row.drift_ppm is None else f"{row.drift_ppm:+.3f} ppm"
        numbers = map(str, (row.starts, row.edges, row.uncovered, row.lost))
        table.add_row(row.board, " ".join(row.points), *numbers, drift)
    return table
