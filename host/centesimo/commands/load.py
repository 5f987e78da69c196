"""centesimo load: add passages that another device or a hand has timed, or what another laptop has collected."""

import json
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import click

from centesimo.check import EVENT, read_event
from centesimo.commands.console import json_option, say
from centesimo.commands.event_folder import (
    boards_of,
    event_option,
    is_there,
    names_by_board,
    open_store,
    read_store,
)
from centesimo.commands.proposals import show_proposals
from centesimo.compute import Facts
from centesimo.gather import facts_of
from centesimo.logs import FORMATS
from centesimo.model.decisions import Proposal
from centesimo.model.errors import EventError, LoadError, RuleBookError, SecretError
from centesimo.model.rivals import Rivals
from centesimo.reading.limits import read_file
from centesimo.store import Store
from centesimo.store.load_bundle import Merged, is_bundle, load_bundle, names_of
from centesimo.store.load_log import LoadedLog, find_device, load_log
from centesimo.store.load_passages import Loaded, load_passages
from centesimo.store.load_sightings import LoadedSightings, expect_told, load_sightings, says_sightings
from centesimo.store.signing import device_path, this_device
from centesimo.words.rivals import rivals_words

SIGHTINGS = "sightings"
KINDS = (SIGHTINGS, "passages")
SHOWN = 10  # of records that came in several versions
Added = Merged | Loaded | LoadedLog | LoadedSightings
MOST_BYTES = 500_000_000  # a bundle of 100 boards with 30,000 records each has 200 MB


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path, readable=False))
@event_option
@json_option
@click.option("--as", "what", type=click.Choice(KINDS), help="Load a CSV as these, whatever its columns tell.")
@click.option("--device", default="", metavar="ID", help="The [[device]] of event.toml whose log it is.")
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="Of a device's log: the date of its first line.")
@click.option("--other-event", is_flag=True, help="Load a bundle also when it is of another event.")
def load(
    files: tuple[Path, ...],
    folder: Path,
    as_json: bool,
    what: str | None,
    device: str,
    day: datetime | None,
    other_event: bool,
) -> None:
    """Load each FILE: a bundle, passages or sightings as CSV, or the log of another maker's device; its content tells.

    All of a file or nothing, any number of times. Mistakes in a CSV are one line each, path:line: what was expected.
    Of several files the first that is refused ends it: those before it are loaded.
    """
    asked = Asked(what, device, day, other_event)
    added = [load_one(folder, file, asked, not as_json) for file in files]
    if as_json:
        every = [one._asdict() for one in added]
        say(json.dumps(every[0] if len(every) == 1 else every, ensure_ascii=False, indent=2))


def load_one(folder: Path, file: Path, asked: "Asked", is_shown: bool = True) -> Added:
    """Add a file to the store of an event, and say what it brought."""
    raw = _read(file)
    if not is_there(folder):
        with read_store(folder) as empty:  # what is refused makes no store
            _add(empty, folder, file, raw, asked)
    with open_store(folder) as store:
        rivals_before = set(store.rivals())
        added = _add(store, folder, file, raw, asked)
        proposals = _proposed(folder, store) if isinstance(added, Merged) and added.proposals else None
        rivals = [every for every in store.rivals() if every not in rivals_before]
    if is_shown:
        _show(folder, file, added, rivals, proposals)
    return added


def _show(
    folder: Path,
    file: Path,
    added: Added,
    rivals: Sequence[Rivals],
    proposals: tuple[Facts, tuple[Proposal, ...]] | None,
) -> None:
    if isinstance(added, Merged):
        _show_merged(folder, file, added, rivals)
        if added.decisions:
            say(f"  {added.decisions} decisions count: devices that are trusted here have signed them")
        if proposals is not None:
            say(f"  {added.proposals} decisions came; they are proposals and change nothing yet")
            show_proposals(*proposals)
            say("  centesimo amend accept --all --who NAME lets them count; centesimo devices says who signs")
    elif isinstance(added, LoadedSightings):
        _show_sightings(file, added)
    else:
        if isinstance(added, LoadedLog):
            _show_log(added)
        repeated = f", {added.known} known from before add nothing" if added.known else ""
        say(f"{file}: {added.added} new passage{'s' * (added.added != 1)}{repeated}")
        if added.taken_back:
            say("  this file was taken back: it counts again when that amendment is withdrawn (centesimo amend list)")


def _proposed(folder: Path, store: Store) -> tuple[Facts, tuple[Proposal, ...]] | None:
    """Return the facts and what waits to be accepted; None where the event's folder is none that can be computed."""
    try:
        facts = facts_of(folder, store)
    except (EventError, RuleBookError):
        return None
    return facts, facts.proposals


class Asked(NamedTuple):
    """What the command line says of a file."""

    what: str | None = None
    device: str = ""
    day: datetime | None = None
    other_event: bool = False


def _add(store: Store, folder: Path, file: Path, raw: bytes, asked: Asked) -> Added:
    """Add a file's content to a store, all of it or nothing."""
    what, other_event = asked.what, asked.other_event
    if what is not None or asked.device or not is_bundle(raw):
        event = read_event(folder)
        text = raw.decode(errors="replace")
        device = None if what else find_device(event, text, file, asked.device)
        if device is not None:
            day = asked.day and asked.day.date()
            return load_log(store, event, device, file, raw, time.time_ns(), day)
        if what == SIGHTINGS or (what is None and says_sightings(text)):
            return load_sightings(store, event, file, time.time_ns(), raw)
        if what is None:
            expect_told(str(file), text, event)
        return load_passages(store, event, file, time.time_ns(), raw)
    names, boards = ((), {}) if other_event else (_names(store, folder), _boards(folder))
    return load_bundle(store, str(file), raw, names, boards, time.time_ns(), _own_key())


def _own_key() -> str:
    """Return this computer's key as a device, "" where it has none: loading makes none."""
    try:
        return this_device().key if device_path().exists() else ""
    except (SecretError, OSError):
        return ""


def _read(file: Path) -> bytes:
    try:
        if file.is_fifo():
            return _read_pipe(file)
        if file.exists() and not file.is_file():
            raise LoadError(f"{file}: expected a file or a pipe, got something else: a folder or a device")
        if (size := file.stat().st_size) > MOST_BYTES:
            raise LoadError(f"{file}: expected a file of at most {MOST_BYTES} bytes, got {size}")
        return file.read_bytes()
    except FileNotFoundError as error:
        raise LoadError(f"{file}: expected a file, got none") from error
    except OSError as error:
        raise LoadError(f"{file}: expected a file that can be read, got: {error.strerror}") from error


def _read_pipe(file: Path) -> bytes:
    """Read a pipe to its end, once; LoadError when more comes than a file may have."""
    with file.open("rb") as pipe:
        raw = pipe.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        raise LoadError(f"{file}: expected at most {MOST_BYTES} bytes, got more")
    return raw


def _boards(folder: Path) -> dict[str, str]:
    """Return the boards of the event (16 hex digits), each with its name, "" where that cannot be read."""
    names = names_by_board(folder)
    return {board: names.get(board, "") for board in boards_of(folder)}


def _names(store: Store, folder: Path) -> set[str]:
    """Return the name of the folder's event, and those it had when it was posted; none where nothing tells one."""
    versions = [files for _, _, files in store.event_versions()]
    with suppress(OSError, UnicodeDecodeError):  # to load a bundle a store is enough; check says what is wrong
        versions.append({EVENT: read_file(folder / EVENT).decode("utf-8-sig")})
    return names_of(versions)


def _show_sightings(file: Path, loaded: LoadedSightings) -> None:
    repeated = f", {loaded.known} known from before add nothing" if loaded.known else ""
    unread = f", {loaded.unread} line{'s' * (loaded.unread != 1)} without a number" if loaded.unread else ""
    say(f"{file}: {loaded.added} new sighting{'s' * (loaded.added != 1)}{repeated}{unread}")
    for word in loaded.odd:
        say(f"  {word}")


def _show_log(loaded: LoadedLog) -> None:
    say(f"{loaded.name}: {FORMATS[loaded.format].title}, as [[device]] {loaded.device} of event.toml")
    if loaded.cleared:
        say(f"  {loaded.cleared} time{'s' * (loaded.cleared != 1)} that the device itself cleared, not loaded")
    for why, lines in loaded.skipped.items():
        say(f"  left out: {why} ({lines} line{'s' * (lines != 1)})")


def _show_merged(folder: Path, file: Path, merged: Merged, rivals: Sequence[Rivals]) -> None:
    new = f"{merged.records} new records, {merged.parts} of the raw archive, {merged.documents} other rows"
    say(f"{file}: {new}; {merged.known} known from before add nothing")
    if rivals:
        click.echo(f"  {len(rivals)} records have other versions now, or others that count: see centesimo questions")
        names = names_by_board(folder)
        for every in rivals[:SHOWN]:
            say(f"  {rivals_words(every, names.get(every.board, ''))}")
