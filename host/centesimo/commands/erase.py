"""centesimo erase: erase a board, once all that it keeps is in the store and verified."""

import json
import time
from pathlib import Path

import click

from centesimo.boards.erase import erase as erase_board
from centesimo.boards.secret import board_secrets, read_masters, secrets_path
from centesimo.commands.console import json_option
from centesimo.commands.event_folder import boards_of, event_option, open_store, other_board_option
from centesimo.model.errors import LinkError
from centesimo.words.boards import board_text


@click.command()
@click.argument("port")
@event_option
@click.option("--yes", is_flag=True, help="Erase; without it, all is done but that.")
@other_board_option
@json_option
def erase(port: str, folder: Path, yes: bool, other_board: bool, as_json: bool) -> None:
    """Erase the board at PORT: collect it, verify its chain in the store, prove that to the board.

    The board refuses unless count and last digest are its own. It goes on counting, and records who erased it.
    """
    masters = read_masters(secrets_path())
    with open_store(folder) as store:
        boards = () if other_board else boards_of(folder)
        done = erase_board(store, port, lambda board: board_secrets(masters, board), time.time_ns, yes, boards)
    by = "proven by its secret" if not done.unproven else f"verified, {done.unproven} of them sealed without a secret"
    board = board_text(done.board, done.name)
    what = f"{done.records} records of board {board} up to {done.last}, {by}"
    if not yes:
        raise LinkError(f"{port}: expected --yes to erase {what}; they are in the store, nothing was erased")
    click.echo(json.dumps(done._asdict(), indent=2) if as_json else f"{port}: erased {what}")
