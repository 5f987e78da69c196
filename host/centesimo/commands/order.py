"""centesimo order: the order of a posted ranking as a file of the event folder, for a [[regroup]] of event.toml."""

from collections.abc import Sequence
from pathlib import Path

import click

from centesimo.check.regroups import ORDERS_FOLDER
from centesimo.commands.compare import version_of, versions_of
from centesimo.commands.console import say
from centesimo.commands.event_folder import choice_options, event_option, present_store
from centesimo.model.errors import TimingError
from centesimo.publish import read_content
from centesimo.publish.published import Content
from centesimo.publish.render import name, title

COLUMN = "start_number"


@click.command()
@event_option
@choice_options
@click.option("--reversed", "is_reversed", is_flag=True, help="The last one first.")
@click.argument("version", type=int)
def order(
    folder: Path, races: tuple[str, ...], legs: tuple[str, ...], overall: bool, is_reversed: bool, version: int
) -> None:
    """Write the order of VERSION of a published ranking to a file, for a [[regroup]].

    Crews without a place are not in it: they follow in the order before. Race and leg may be left out where only one
    ranking was published. A file that has another order is not written over.
    """
    with present_store(folder) as store:
        publication = version_of(versions_of(store, races, legs, overall), version)
    content = read_content(publication)
    numbers = places(content, is_reversed)
    if not numbers:
        raise TimingError(f"expected crews with a place in version {version} of {title(content)}, got none")
    suffix = "-reversed" if is_reversed else ""
    file = f"{ORDERS_FOLDER}/{name(publication.race, publication.leg)}-{version}{suffix}.csv"
    _write(folder / file, "".join(f"{cell}\n" for cell in (COLUMN, *numbers)))
    say(f"{title(content)}: the {len(numbers)} crews with a place in version {version} are in {folder / file}")
    say(f'a [[regroup]] of event.toml takes them: order = "{file}"')


def places(content: Content, is_reversed: bool) -> Sequence[int]:
    """Return the start numbers of those that have a place, in order."""
    numbers = [line["start_number"] for line in content["lines"] if line["position"] is not None]
    return numbers[::-1] if is_reversed else numbers


def _write(path: Path, text: str) -> None:
    """Write an order; TimingError where a file has another one, or cannot be written."""
    try:
        if path.exists() and path.read_text(encoding="utf-8") != text:
            raise TimingError(f"{path}: expected no file, or this very order, got another one: move it away first")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
    except (OSError, UnicodeDecodeError) as error:
        raise TimingError(f"{path}: cannot write the order: {error}") from error
