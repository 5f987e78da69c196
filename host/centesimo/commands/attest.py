"""centesimo attest: what the store holds, as one line to keep where nobody who has the store can rewrite it."""

import time
from pathlib import Path

import click

from centesimo.commands.console import json_option, print_json, write_whole
from centesimo.commands.event_folder import event_option, present_store
from centesimo.store.attest import facts_in, line_of
from centesimo.store.attested_list import list_text


@click.command()
@event_option
@json_option
@click.option(
    "--list",
    "list_path",
    type=click.Path(path_type=Path),
    help="Also write this file: the line and a digest of each fact, by which verify --against tells which was changed.",
)
def attest(folder: Path, as_json: bool, list_path: Path | None) -> None:
    """Say what the store holds as one line: how many facts, when, and the digest of all of them.

    Keep it elsewhere: on paper, in a mail, with the stewards. `centesimo verify --against` finds what was changed or
    taken away since.
    """
    with present_store(folder) as store, store.reading() as connection:
        facts = facts_in(connection)
    line = line_of(facts, time.time_ns())
    if list_path is not None:
        write_whole(list_path, list_text(line, facts).encode())
    if as_json:
        print_json({**line._asdict(), "line": str(line)})
    else:
        click.echo(str(line))
