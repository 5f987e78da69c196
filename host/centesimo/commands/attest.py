"""centesimo attest: what the store holds, as one line to keep where nobody who has the store can rewrite it."""

import time
from pathlib import Path

import click

from centesimo.commands.console import json_option, print_json
from centesimo.commands.event_folder import event_option, present_store
from centesimo.store.attest import attest as attest_store


@click.command()
@event_option
@json_option
def attest(folder: Path, as_json: bool) -> None:
    """Say what the store holds as one line: how many facts, when, and the digest of all of them.

    Keep it elsewhere: on paper, in a mail, with the stewards. `centesimo verify --against` finds what was changed or
    taken away since.
    """
    with present_store(folder) as store:
        line = attest_store(store, time.time_ns())
    if as_json:
        print_json({**line._asdict(), "line": str(line)})
    else:
        click.echo(str(line))
