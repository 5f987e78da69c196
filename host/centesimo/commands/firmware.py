"""centesimo firmware: put another firmware on a board, once all that it keeps is collected."""

import time
from pathlib import Path

import click

from centesimo.boards.firmware import after, copy, find_drive, missing_drive, read_image, version, welcome_of
from centesimo.collect import collect
from centesimo.collect.download import welcome_text
from centesimo.commands.event_folder import boards_of, event_option, open_store, other_board_option
from centesimo.model.errors import LinkError


@click.command()
@click.argument("port")
@click.argument("file", type=click.Path(path_type=Path))
@event_option
@click.option(
    "--drive", type=click.Path(path_type=Path), help="The folder of the chip's drive; looked for if not given."
)
@click.option("--wait", "wait_s", type=float, default=120, show_default=True, help="Seconds to wait for the drive.")
@other_board_option
def firmware(port: str, file: Path, folder: Path, drive: Path | None, wait_s: float, other_board: bool) -> None:
    """Put the firmware FILE (a UF2) on the board at PORT, once the board is collected and acknowledged.

    It looks at the file, says when to hold BOOTSEL, copies, and looks at the board. Journal and settings stay. Untried
    on hardware.
    """
    image = read_image(file)
    with open_store(folder) as store:
        (done,) = collect(store, [port], time.time_ns, boards=() if other_board else boards_of(folder))
    if done.error:
        raise LinkError(f"{done.error}; the firmware was not changed")
    before = welcome_of(port)
    click.echo(
        f"{port}: board {welcome_text(before)}, firmware {version(before)}, collected up to {done.last}", err=True
    )
    click.echo("Unplug the board, its battery too. Hold the button BOOTSEL while you plug it in again.", err=True)
    seen = find_drive(image.chip, drive, wait_s)
    if seen is None:
        raise LinkError(missing_drive(image.chip, drive, wait_s))
    copy(image, seen, file.name)
    now = after(port, before, wait_s)
    click.echo(f"{port}: firmware {version(before)} before, {now} now; its journal is kept")
