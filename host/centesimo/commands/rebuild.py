"""centesimo rebuild: a new store's records from the raw archive of the event's store alone."""

import json
from pathlib import Path

import click

from centesimo.commands.console import json_option
from centesimo.commands.event_folder import event_option, present_store
from centesimo.model.errors import StoreError
from centesimo.store import Store
from centesimo.store.rebuild import rebuild as rebuild_store


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@event_option
@json_option
def rebuild(file: Path, folder: Path, as_json: bool) -> None:
    """Make the store FILE from the raw archive of the event's store: every byte that came is read again.

    Its records are then exactly those of the event's store, or one of the two was altered.
    """
    if file.exists():
        raise StoreError(f"{file}: expected the name of a new file, got one that is there")
    with present_store(folder) as old:
        new = Store.open(file)
        try:
            made = rebuild_store(old, new)
            same = (new.records(), new.conflicts()) == (old.records(), old.conflicts())
        except StoreError:
            file.unlink()  # a part of it looks like a store, and would be in the way the next time
            raise
        finally:
            new.close()
    if as_json:
        click.echo(json.dumps({"file": str(file), "records": made, "same": same}))
    elif same:
        click.echo(f"{file}: {made} records, the same as in the event's store")
    if not same:
        raise StoreError(f"{file}: its {made} records are not those of the event's store: see centesimo verify")
