"""centesimo bundle: write what this laptop has into one file, for another one to load."""

import json
from hashlib import sha256
from pathlib import Path

import click

from centesimo.commands.console import json_option, say, write_whole
from centesimo.commands.event_folder import event_option, present_store
from centesimo.store.bundle import write_bundle


@click.command()
@event_option
@json_option
@click.option("--to", "target", type=click.Path(path_type=Path), help="The file; DIGEST.bundle here if not given.")
def bundle(folder: Path, as_json: bool, target: Path | None) -> None:
    """Write records, raw archive, loaded files, lists and event versions of the store into one file.

    Read it elsewhere with `centesimo load`. The same content is the same file, on every laptop.
    """
    with present_store(folder) as store, store.snapshot() as still, still.reading() as connection:
        raw = write_bundle(connection)
    digest = sha256(raw).hexdigest()
    path = target or Path(f"{digest[:8]}.bundle")
    write_whole(path, raw)
    if as_json:
        click.echo(json.dumps({"file": str(path), "bytes": len(raw), "digest": digest}))
    else:
        say(f"{path}: {len(raw):,} bytes, SHA-256 {digest}")
