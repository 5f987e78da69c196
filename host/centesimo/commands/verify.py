"""centesimo verify: every board's chain from its first record to its last, and whether anything in it was altered."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click
from rich.table import Table

from centesimo.boards.secret import board_secrets, read_masters, secrets_path
from centesimo.check import read_event
from centesimo.commands.console import console, json_option
from centesimo.commands.event_folder import event_option, present_store
from centesimo.model.errors import EventError, StoreError
from centesimo.publish import read_content
from centesimo.store import Publication
from centesimo.store.verify import Checked, Problem
from centesimo.store.verify import verify as verify_store
from centesimo.words.boards import board_names, board_text

COLUMNS = (
    "board",
    "records",
    "first",
    "last",
    "starts",
    "torn",
    "as received",
    "sealed",
    "proven",
    "acknowledged",
    "not yet",
    "problems",
)


@click.command()
@event_option
@json_option
def verify(folder: Path, as_json: bool) -> None:
    """Verify the store: gaps, conflicts, altered records, starts out of order, counters that run backwards.

    Every record is held against the raw archive. Exit code 1 when anything is wrong; docs/verify.md explains the kinds.
    """
    masters = read_masters(secrets_path())
    with present_store(folder) as store:
        boards, beside = verify_store(store, lambda board: board_secrets(masters, board))
        posted = list(_posted(store.publications()))
    problems = [*posted, *beside, *(problem for board in boards for problem in board.problems)]
    if as_json:
        board_rows = [{**board._asdict(), "problems": len(board.problems)} for board in boards]
        click.echo(
            json.dumps({"boards": board_rows, "problems": [problem._asdict() for problem in problems]}, indent=1)
        )
    else:
        if boards:
            console().print(_table(boards))
        if problems or boards:
            click.echo("Nothing is wrong." if not problems else f"{len(problems)} problems:")
    names = _names(folder)
    wrong = [_line(problem, names) for problem in problems]
    if not (boards or problems):
        wrong.append(f"{folder}: nothing to verify: expected records of boards in the store, found none")
    if wrong:
        raise StoreError("\n".join(wrong))


def _posted(publications: Sequence[Publication]) -> Iterator[Problem]:
    for publication in publications:
        try:
            read_content(publication)
        except StoreError as error:
            yield Problem("publication", "", None, None, str(error).partition(";")[0])


def _table(boards: Sequence[Checked]) -> Table:
    table = Table(title="Boards", title_justify="left")
    for column in COLUMNS:
        table.add_column(column, justify="left" if column == "board" else "right")
    for checked in boards:
        table.add_row(*map(str, (
            checked.board, checked.records, checked.first, checked.last, checked.boots, checked.torn,
            checked.received, checked.sealed, checked.proven, checked.acknowledged, checked.waiting,
            len(checked.problems),
        )))  # fmt: skip
    return table


def _names(folder: Path) -> Mapping[str, str]:
    """Return the names of the event's boards; none where it cannot be read, as to verify does not wait for that."""
    try:
        return board_names(read_event(folder))
    except EventError:
        return {}


def _line(problem: Problem, names: Mapping[str, str]) -> str:
    board = f"board {board_text(problem.board, names.get(problem.board, ''))}: " if problem.board else ""
    return f"{problem.kind}: {board}{problem.text}"
