"""centesimo prepare: go or no-go for every board of an event, and after the day what became of it."""

import json
import time
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click
from rich.table import Table

from centesimo.after import After, after, is_over
from centesimo.check import read_event
from centesimo.collect.ask import greet
from centesimo.collect.boards import clock_text, interviews
from centesimo.collect.interview import Answers, Step
from centesimo.collect.link import Port, found_ports, host_id
from centesimo.collect.tubes import walk
from centesimo.commands.folder import console, json_option, open_store, say
from centesimo.errors import LinkError, SecretError
from centesimo.event import Event
from centesimo.prepare import NEWEST, Prepared, stepped, to_step_on, wanted
from centesimo.prepare import prepare as judge
from centesimo.secret import add_master, fingerprints, give, read_masters, secrets_path
from centesimo.store import Store
from protocol import session

FINGERPRINT_SHOWN = 8  # hex digits in the table, of 24


@click.command()
@click.argument("folder", metavar="EVENT", type=click.Path(path_type=Path, readable=False))
@click.argument("ports", nargs=-1, metavar="[PORT]...")
@json_option
@click.option("--write", is_flag=True, help="Write name and inputs into each board first, and give it its secret.")
@click.option("--tubes", is_flag=True, help="Ask for a step on each tube in turn, and wait for its record.")
@click.option("--wait", "wait_s", type=click.IntRange(1), default=60, show_default=True, help="Seconds for each step.")
@click.option("--before/--after", "is_before", default=None, help="Which half of the report; by itself, if not given.")
def prepare(
    folder: Path,
    ports: tuple[str, ...],
    as_json: bool,
    write: bool,
    tubes: bool,
    wait_s: int,
    is_before: bool | None,
) -> None:
    """Judge the fleet against the EVENT folder: a row a board, go or no-go with the reason; kept in the store.

    After the day the same command tells what became of each board: drift, lost, uncovered, from the store alone.
    Exit code 1 when a board of the event may not go.
    """
    if is_before is False and (write or tubes):
        raise click.UsageError("expected --after, or --write and --tubes before the day, got both")
    event = read_event(folder)
    with open_store(folder) as store:
        asked_for = bool(is_before or write or tubes or ports)
        if is_before is False or (not asked_for and is_over(event, store.records(), time.time_ns())):
            became = after(event, store.records())
            store.add_preparation("after", [one._asdict() for one in became], time.time_ns())
            _print(became, as_json, _after_table(became))
            return
        rows, errors = _fleet(event, ports, write)
        if tubes:
            rows, gone = _walked(store, event, rows, wait_s)
            errors += gone
        store.add_preparation("before", [one._asdict() for one in rows], time.time_ns())
    _print(rows, as_json, _table(rows))
    no_go = [f"{row.board} {' '.join(row.points)}: {reason}" for row in rows for reason in row.reasons]
    if errors or no_go:
        raise LinkError("\n".join([*errors, *no_go]))


def _fleet(event: Event, ports: Sequence[str], write: bool) -> tuple[list[Prepared], list[str]]:
    """Return a row a board, and what did not answer."""
    names = list(dict.fromkeys(ports)) or [port.name for port in found_ports() if port.candidate]
    path = secrets_path()
    masters = read_masters(path)
    answers, errors = _ask({name: {} for name in names})
    if write and answers:
        masters = masters or [add_master(path)]
        errors += _give_secrets(answers, masters)
        settings = {port: wanted(event, said.welcome.board_id.hex()) for port, said in answers.items()}
        answers, silent = _ask(settings)
        errors += silent
        for port, said in answers.items():
            if any(said.settings.get(key) != value for key, value in settings[port].items()):
                errors.append(f"{port}: it does not keep the settings that were written")
    return judge(event, answers, lambda board: fingerprints(masters, board)), errors


def _ask(settings_by_port: Mapping[str, Mapping[int, bytes]]) -> tuple[dict[str, Answers], list[str]]:
    """Interview every port at once, settings written first; return the answers by port, and what did not answer."""
    steps_by_port: dict[str, list[Step]] = {}
    for port, settings in settings_by_port.items():
        sets = [session.Set(key, value) for key, value in settings.items()]
        steps_by_port[port] = [session.AskSelfTest(), *sets, session.AskSettings(), session.AskSecret()]
    found = interviews(steps_by_port, time.time_ns, NEWEST)
    answers = {port: one for port, one in found.items() if isinstance(one, Answers)}
    return answers, [str(one) for one in found.values() if isinstance(one, LinkError)]


def _give_secrets(ports: Collection[str], masters: Sequence[bytes]) -> list[str]:
    """Give the board on each port its secret, all at once; return what went wrong."""
    with ThreadPoolExecutor(max_workers=len(ports)) as executor:
        return [why for why in executor.map(lambda port: _give_secret(port, masters), ports) if why]


def _give_secret(port: str, masters: Sequence[bytes]) -> str:
    try:
        with Port(port) as line:
            host = session.HostSession(host_id())
            give(line, host, greet(line, host).board_id, masters)
    except (LinkError, SecretError) as error:
        return str(error)
    return ""


def _walked(store: Store, event: Event, rows: Sequence[Prepared], wait_s: int) -> tuple[list[Prepared], list[str]]:
    """Ask for a step on each tube of the boards that can be tried; return the rows with what came of it."""
    port_by_board, points = to_step_on(event, rows)

    def tell(line: str) -> None:
        click.echo(line, err=True)

    found: dict[str, int | None] = {}
    errors: list[str] = []
    if points:
        found, errors = walk(store, port_by_board, points, wait_s * 1000, time.time_ns, tell)
    return stepped(rows, points, found), errors


def _print(rows: Sequence[Prepared] | Sequence[After], as_json: bool, table: Table) -> None:
    if as_json:
        say(json.dumps([row._asdict() for row in rows], ensure_ascii=False, indent=1))
    else:
        console().print(table)


def _table(rows: Sequence[Prepared]) -> Table:
    table = Table(title="Before the day", title_justify="left")
    for column in ("board", "name", "timing points", "firmware", "state", "clock", "secret", "tubes", "go", "notes"):
        table.add_column(column, justify="right" if column == "clock" else "left")
    for row in rows:
        clock, go = clock_text(row.ahead_ns, row.error_ns), "NO-GO" if row.reasons else "go"
        tubes = " ".join(f"{point}:{'none' if proof is None else proof}" for point, proof in row.tubes.items())
        of_board = (row.board, row.name, " ".join(row.points), row.firmware, row.state, clock)
        table.add_row(*of_board, row.fingerprint[:FINGERPRINT_SHOWN], tubes, go, "; ".join((*row.reasons, *row.notes)))
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
