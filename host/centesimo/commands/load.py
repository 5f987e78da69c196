"""centesimo load: add passages that another device or a hand has timed."""

import json
import time
from pathlib import Path

import click

from centesimo.check import read_event
from centesimo.load import load as load_file
from centesimo.store import Store


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--event", "folder", default=".", type=click.Path(path_type=Path), help="The event folder; here if not given."
)
@click.option("--json", "as_json", is_flag=True, help="Print what was loaded as JSON.")
def load(file: Path, folder: Path, as_json: bool) -> None:
    """Load passages from FILE, a CSV file timed by another device or by hand; docs/passages-file.md explains it.

    All of it or nothing: every mistake is one line, path:line: what was expected, what came.
    """
    event = read_event(folder)
    store = Store.of_event(folder)
    loaded = load_file(store, event, file, time.time_ns())
    store.close()
    if as_json:
        click.echo(json.dumps(loaded._asdict(), ensure_ascii=False, indent=2))
    else:
        known = f", {loaded.known} known from before add nothing" if loaded.known else ""
        click.echo(f"{file}: {loaded.added} new passage{'s' * (loaded.added != 1)}{known}")
