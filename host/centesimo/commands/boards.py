"""centesimo boards: what is on every port, and how it is."""

import json
import time
from collections.abc import Sequence

import click
from rich.table import Table

from centesimo.collect.link import found_ports
from centesimo.collect.status import PortReport, Request, clock_text
from centesimo.collect.status import boards as look
from centesimo.commands.console import print_rows, say
from centesimo.words.boards import board_text
from centesimo_protocol import session

COLUMNS = (
    "port",
    "board",
    "firmware",
    "state",
    "receiver",
    "uncertainty",
    "kept",
    "to collect",
    "battery",
    "position",
    "clock",
    "wrong",
)
NUMBERS = ("uncertainty", "kept", "to collect", "battery", "clock")


@click.command()
@click.argument("ports", nargs=-1, metavar="[PORT]...")
@click.option("--self-test", is_flag=True, help="Have each board test itself, and say what it found.")
@click.option(
    "--simulate", type=click.IntRange(1, 4), metavar="INPUT", help="Have each make a passage, marked as such."
)
@click.option("--silence", is_flag=True, help="Let the alarms that hold now make no tone until they come anew.")
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
def boards(ports: tuple[str, ...], self_test: bool, simulate: int | None, silence: bool, as_json: bool) -> None:
    """Show the boards on PORTs, or on all ports of this computer: state, records, battery, position, clock, faults.

    Nothing is taken from them. What is no board is named.
    """
    listed_ports = [] if ports else found_ports()
    names = list(dict.fromkeys(ports)) or [port.name for port in listed_ports if port.candidate]
    if sum((self_test, simulate is not None, silence)) > 1:
        raise click.UsageError("expected one of --self-test, --simulate and --silence, got more")
    request: Request | None = session.AskSelfTest() if self_test else session.Silence() if silence else None
    request = session.Simulate(simulate) if simulate else request
    seen = look(names, time.time_ns, request)
    seen += [PortReport(port.name, f"not asked: {port.description}") for port in listed_ports if not port.candidate]
    if as_json:
        say(json.dumps([report._asdict() for report in seen], ensure_ascii=False, indent=2))
    elif seen:
        show(seen)
    else:
        click.echo("No port that could have a board: plug one in, or name the PORT.")


def show(seen: Sequence[PortReport]) -> None:
    """Show a table, and beside it what boards made and what is no board."""
    rows = [_cells(report) for report in seen if report.error is None]
    table = Table()
    for column in COLUMNS:
        table.add_column(column, justify="right" if column in NUMBERS else "left", no_wrap=True)
    for cells in rows:
        table.add_row(*cells)
    if rows:
        print_rows(table, rows)
    for report in seen:
        if report.made:
            say(f"{report.port}: {'; '.join(report.made)}")
        if report.error is not None:
            say(f"{report.port}: {report.error}")


def _cells(report: PortReport) -> list[str]:
    return [
        report.port,
        board_text(report.board or "", report.name or ""),
        report.firmware or "",
        report.state or "",
        report.receiver or "",
        "not known" if report.uncertainty_us is None else f"{report.uncertainty_us} us",
        str(report.kept),
        f"{report.waiting}, no passage" if report.waiting and report.waiting_edges == 0 else str(report.waiting),
        "" if report.battery_mv is None else f"{report.battery_mv / 1000:.2f} V",
        "not known" if report.position is None else "{:.5f}, {:.5f}".format(*report.position),
        clock_text(report.ahead_ns, report.error_ns) or "not known",
        ", ".join(report.wrong) or "nothing",
    ]
