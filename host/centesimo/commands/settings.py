"""centesimo settings: what a board is set to, and to set it."""

import json
import time

import click
from rich.table import Table

from centesimo.boards.settings import shown_settings, wanted_settings
from centesimo.collect.interview import Answers, Step
from centesimo.collect.status import interviews
from centesimo.commands.console import json_option, print_rows
from centesimo.model.errors import LinkError
from centesimo_protocol import session

COLUMNS = ("setting", "value", "as new", "what it is")


@click.command()
@click.argument("port")
@click.argument("written", nargs=-1, metavar="[NAME=VALUE]...")
@json_option
def settings(port: str, written: tuple[str, ...], as_json: bool) -> None:
    """Show the settings of the board at PORT, after setting each NAME to its VALUE if some are given.

    Each that is changed leaves a record on the board. A VALUE that cannot be is refused, and then none is sent.
    """
    wanted = wanted_settings(written)
    steps: list[Step] = [*(session.Set(key, raw) for key, raw in wanted.items()), session.AskSettings()]
    answers = interviews({port: steps}, time.time_ns, 1)[port]
    if not isinstance(answers, Answers):
        raise answers
    rows = shown_settings(answers.settings)
    if as_json:
        click.echo(json.dumps({row.name: row.value for row in rows}, indent=1))
    else:
        table = Table()
        for column in COLUMNS:
            table.add_column(column, no_wrap=column != COLUMNS[-1])
        cells = [[row.name, "not known" if row.value is None else row.value, row.default, row.meaning] for row in rows]
        for row_cells in cells:
            table.add_row(*row_cells)
        print_rows(table, cells)
    refused = [f"{port}: the board refuses: {text}" for text in answers.refused]
    lost = [] if refused else [key for key, raw in wanted.items() if answers.settings.get(key) != raw]
    if refused or lost:
        raise LinkError(
            "\n".join(refused) or f"{port}: the board did not keep what was written: is its firmware older?"
        )
