"""centesimo devices: which devices sign decisions, and which of them this event's store trusts."""

import time
from pathlib import Path

import click

from centesimo.commands.console import console, json_option, print_json, say
from centesimo.commands.event_folder import event_option, open_store, read_store
from centesimo.model.errors import SecretError
from centesimo.reading.hidden_characters import WITHOUT, has_hidden
from centesimo.store.decided import Decided
from centesimo.store.signing import SHORT, device_path, this_device

KEY_DIGITS = 64


@click.group(invoke_without_command=True)
@event_option
@json_option
@click.pass_context
def devices(context: click.Context, folder: Path, as_json: bool) -> None:
    """List the devices that have signed decisions, this one first, and whether what they sign counts as it comes."""
    context.obj = folder
    if context.invoked_subcommand is not None:
        return
    with read_store(folder) as store:
        rows = _rows(store)
    if as_json:
        print_json(rows)
        return
    for row in rows:
        state = "trusted" if row["is_trusted"] else "not trusted"
        here = ", this computer" if row["is_this"] else ""
        say(f"{row['key']}  {row['name'] or 'no name'}: {state}{here}, {row['signed']} decisions signed")
    if not rows:
        console().print("No device has signed a decision.")


def _rows(store: Decided) -> list[dict[str, object]]:
    said, signed = {one.key: one for one in store.devices()}, store.signers()
    try:
        own = this_device().key if device_path().exists() else ""
    except SecretError:
        own = ""
    keys = sorted({own, *said, *signed} - {""}, key=lambda key: (key != own, key))
    return [
        {
            "key": key,
            "name": said[key].name if key in said else "",
            "is_trusted": key in said and said[key].is_trusted,
            "is_this": key == own,
            "signed": signed.get(key, 0),
        }
        for key in keys
    ]


def _decide(folder: Path, written: str, name: str, who: str, is_trusted: bool) -> None:
    if has_hidden(name) or has_hidden(who) or not who.strip():
        raise click.UsageError(f"expected --name and --who {WITHOUT}")
    with open_store(folder) as store:
        known = {*store.signers(), *(one.key for one in store.devices())}
        keys = [key for key in known if key.startswith(written)]
        key = keys[0] if len(keys) == 1 and len(written) >= SHORT else written
        if len(key) != KEY_DIGITS or set(key) - set("0123456789abcdef"):
            raise SecretError(f"expected a device's key, 64 hex digits (12 of one that has signed), got {written[:70]}")
        store.trust(key, name, who, time.time_ns(), is_trusted)
    say(f"{key}: {'trusted' if is_trusted else 'not trusted any more; what counts already stays'}")


@devices.command()
@click.argument("key")
@click.option("--name", required=True, help="What people call it.")
@click.option("--who", required=True, help="Who says so.")
@click.pass_obj
def trust(folder: Path, key: str, name: str, who: str) -> None:
    """Let what the device KEY signs count as it comes. Ask its owner for the key, by another way than the bundle."""
    _decide(folder, key, name, who, True)


@devices.command()
@click.argument("key")
@click.option("--name", default="", help="What people call it.")
@click.option("--who", required=True, help="Who says so.")
@click.pass_obj
def distrust(folder: Path, key: str, name: str, who: str) -> None:
    """Let what the device KEY signs from now on wait to be accepted."""
    _decide(folder, key, name, who, False)
