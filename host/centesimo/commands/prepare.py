"""centesimo prepare: go or no-go for every board of an event, and after the day what became of it."""

import json
import time
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click
from rich.table import Table

from centesimo.boards.after_day import AfterDay, after_day, is_over
from centesimo.boards.prepare import NEWEST, Prepared, proven, put_off, stepped, to_step_on, tubes_of, wanted
from centesimo.boards.prepare import prepare as judge
from centesimo.boards.secret import add_master, fingerprints, give, read_masters, secrets_path
from centesimo.boards.vouched import say_all, sayings, vouched_text
from centesimo.check import read_event
from centesimo.collect.interview import Answers, Step
from centesimo.collect.link import Port, found_ports, host_id
from centesimo.collect.own_clock import clock_error_ns
from centesimo.collect.request import greet
from centesimo.collect.status import clock_text, interviews
from centesimo.collect.tube_walk import Walk, walk
from centesimo.commands.console import json_option, print_rows, say
from centesimo.commands.event_folder import expect, open_store, store_option
from centesimo.model.errors import LinkError, SecretError
from centesimo.model.event import Event
from centesimo.store import Store
from centesimo.words.boards import board_text
from centesimo_protocol import session

NOT_TRIED = "its tube cannot be tried: expected its board on one of the ports, and no records of another day on it"
FINGERPRINT_SHOWN = 8  # hex digits in the table, of 24
BEFORE_TITLE, AFTER_TITLE = "Before the day", "After the day"
BEFORE = ("board", "timing points", "firmware", "state", "clock", "secret", "tubes", "go", "notes")
AFTER = ("board", "timing points", "starts", "edges", "uncovered", "lost", "drift")
NUMBERS = ("clock", "starts", "edges", "uncovered", "lost", "drift")
LONG = ("board", "timing points", "tubes", "notes")  # these are wrapped


@click.command()
@click.argument("folder", metavar="EVENT", type=click.Path(path_type=Path, readable=False))
@click.argument("ports", nargs=-1, metavar="[PORT]...")
@store_option
@json_option
@click.option("--write", is_flag=True, help="Write name and inputs into each board first, and give it its secret.")
@click.option(
    "--tubes", is_flag=True, help="Ask for a step on each tube that is not proven yet; Ctrl-C ends the asking."
)
@click.option("--tube", "named", multiple=True, metavar="ID", help="Ask for a step on the tube of this timing point.")
@click.option("--wait", "wait_s", type=click.IntRange(1), default=60, show_default=True, help="Seconds for each step.")
@click.option("--before/--after", "is_before", default=None, help="Which half of the report; by itself, if not given.")
def prepare(
    folder: Path,
    ports: tuple[str, ...],
    as_json: bool,
    write: bool,
    tubes: bool,
    named: tuple[str, ...],
    wait_s: int,
    is_before: bool | None,
) -> None:
    """Judge the fleet against the EVENT folder: a row a board, go or no-go with the reason; kept in the store.

    After the day the same command tells what became of each board: drift, lost, uncovered, from the store alone.
    With PORTs only the boards on them. Exit code 1 when a board may not go; what was proven is kept all the same.
    """
    if is_before is False and (write or tubes or named):
        raise click.UsageError("expected --after, or --write, --tubes and --tube before the day, got both")
    event = read_event(folder)
    for name in named:
        expect("timing point with a board", name, [point.id for point in event.timing_points if point.board])
    with open_store(folder) as store:
        asked_for = bool(is_before or write or tubes or named or ports)
        if is_before is False or (not asked_for and is_over(event, store.records(), time.time_ns())):
            became = after_day(event, store.records())
            store.add_preparation("after", [row._asdict() for row in became], time.time_ns())
            show(became, as_json, AFTER_TITLE)
            return
        store.add_event(event, time.time_ns())
        rows, errors = _fleet(event, ports, write)
        rows, gone = _walked(store, event, rows, tubes, named, wait_s)
        rows = put_off(event, rows, time.time_ns())
        store.add_preparation("before", [row._asdict() for row in rows], time.time_ns())
    show(rows, as_json, BEFORE_TITLE)
    no_go = [board_text(row.board, row.name) for row in rows if row.reasons]
    verdict = [f"{len(no_go)} of {len(rows)} boards may not go: {', '.join(no_go)}"] if no_go else []
    if errors or gone or no_go:
        raise LinkError("\n".join([*errors, *gone, *verdict]))


def _fleet(event: Event, ports: Sequence[str], write: bool) -> tuple[list[Prepared], list[str]]:
    """Return a row a board, and what did not answer."""
    names = list(dict.fromkeys(ports)) or [port.name for port in found_ports() if port.candidate]
    path = secrets_path()
    masters = read_masters(path)
    answers, errors = _ask({name: {} for name in names})
    if write and answers:
        masters = masters or [add_master(path)]
        errors += _give_secrets(answers, masters)
        board_by_port = {port: board_answers.welcome.board_id.hex() for port, board_answers in answers.items()}
        settings = {port: wanted(event, board) for port, board in board_by_port.items()}
        answers, silent = _ask(settings)
        errors += silent
        for port, board_answers in answers.items():
            if any(board_answers.settings.get(key) != value for key, value in settings[port].items()):
                errors.append(f"{port}: it does not keep the settings that were written")

    def fingerprints_of(board: str) -> Sequence[bytes]:
        return fingerprints(masters, board)

    own_error_ns = clock_error_ns()
    answers, vouched_by_port = say_all(answers, sayings(answers, own_error_ns), time.time_ns)
    notes = {port: vouched_text(vouched) for port, vouched in vouched_by_port.items()}
    rows = judge(event, answers, fingerprints_of, is_fleet=not ports, own_error_ns=own_error_ns, note_by_port=notes)
    return rows, errors


def _ask(settings_by_port: Mapping[str, Mapping[int, bytes]]) -> tuple[dict[str, Answers], list[str]]:
    """Interview every port at once, settings written first; return the answers by port, and what did not answer."""
    steps_by_port: dict[str, list[Step]] = {}
    for port, settings in settings_by_port.items():
        sets = [session.Set(key, value) for key, value in settings.items()]
        steps_by_port[port] = [session.AskSelfTest(), *sets, session.AskSettings(), session.AskSecret()]
    outcomes = interviews(steps_by_port, time.time_ns, NEWEST)
    answers = {port: outcome for port, outcome in outcomes.items() if isinstance(outcome, Answers)}
    return answers, [str(outcome) for outcome in outcomes.values() if isinstance(outcome, LinkError)]


def _give_secrets(ports: Collection[str], masters: Sequence[bytes]) -> list[str]:
    """Give the board on each port its secret, all at once; return what went wrong."""
    with ThreadPoolExecutor(max_workers=len(ports)) as executor:
        return [why for why in executor.map(lambda port: _give_secret(port, masters), ports) if why]


def _give_secret(port: str, masters: Sequence[bytes]) -> str:
    try:
        with Port(port) as line:
            host = session.HostSession(host_id())
            give(line, host, greet(line, host), masters)
    except (LinkError, SecretError) as error:
        return str(error)
    return ""


def _walked(
    store: Store, event: Event, rows: Sequence[Prepared], is_all: bool, named: Collection[str], wait_s: int
) -> tuple[list[Prepared], list[str]]:
    """Ask for steps on tubes; return the rows with the proofs, and what went wrong with ports.

    `is_all`: on each tube that is not proven yet; `named`: on the tubes of these timing points. Neither: nobody is
    asked, and the rows have the proofs from before.
    """
    proofs = proven(rows, store.preparations(), time.time_ns())
    port_by_board, points = to_step_on(event, rows, proofs)
    if not is_all and not named:
        return stepped(rows, points, proofs, None), []
    asked = tubes_of(event, points, named) if named else [point for point in points if point.id not in proofs]
    asked_ids = [point.id for point in asked]
    for point, proof in proofs.items():
        if point not in asked_ids:
            _tell(f"{point}: proven before, record {proof}; --tube {point} asks for it again")
    asking = Walk(asked, wait_s * 1000, points)
    errors = [f"{name}: {NOT_TRIED}" for name in named if not tubes_of(event, points, [name])]
    if asked:
        errors += walk(store, port_by_board, asking, time.time_ns, _tell)
    return stepped(rows, points, proofs, asking.sequence_by_point), errors


def _tell(line: str) -> None:
    click.echo(line, err=True)


def show(rows: Sequence[Prepared] | Sequence[AfterDay], as_json: bool, title: str) -> None:
    """Show a row a board."""
    if as_json:
        say(json.dumps([row._asdict() for row in rows], ensure_ascii=False, indent=1))
        return
    if not rows:
        return
    cells = [_before_cells(row) if isinstance(row, Prepared) else _after_cells(row) for row in rows]
    table = Table(title=title, title_justify="left")
    for column in BEFORE if title == BEFORE_TITLE else AFTER:
        table.add_column(column, justify="right" if column in NUMBERS else "left", no_wrap=column not in LONG)
    for row_cells in cells:
        table.add_row(*row_cells)
    print_rows(table, cells)


def _before_cells(row: Prepared) -> list[str]:
    tubes = " ".join(f"{point}:{'none' if proof is None else proof}" for point, proof in row.tubes.items())
    clock, go = clock_text(row.ahead_ns, row.error_ns), "NO-GO" if row.reasons else "later" if row.later else "go"
    of_board = [board_text(row.board, row.name), " ".join(row.points), row.firmware, row.state, clock]
    return [*of_board, row.fingerprint[:FINGERPRINT_SHOWN], tubes, go, "; ".join((*row.reasons, *row.notes))]


def _after_cells(row: AfterDay) -> list[str]:
    drift = "not known" if row.drift_ppm is None else f"{row.drift_ppm:+.3f} ppm"
    counts = map(str, (row.starts, row.edges, row.uncovered, row.lost))
    return [board_text(row.board, row.name), " ".join(row.points), *counts, drift]
