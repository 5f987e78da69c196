"""centesimo verify: every board's chain from its first record to its last, and whether anything in it was altered."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click
from rich.table import Table

from centesimo.boards.secret import board_secrets, read_masters, secrets_path
from centesimo.commands.console import json_option, print_rows
from centesimo.commands.event_folder import event_option, names_by_board, present_store
from centesimo.commands.take_decision import signing_device
from centesimo.model.errors import AlteredError, StoreError
from centesimo.publish import read_content
from centesimo.reading.limits import read_file
from centesimo.store import Publication, Store
from centesimo.store.attest import facts_in, find_lines
from centesimo.store.attested_list import AttestedList, read_list, speaks_against
from centesimo.store.verify import Checked, Problem
from centesimo.store.verify import verify as verify_store
from centesimo.words.boards import board_text

MOST_BYTES = 100_000_000  # of a list of attest: a million facts
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
@click.option(
    "--against",
    "lines",
    multiple=True,
    metavar="LINE|FILE",
    help="Also hold the store against a line of centesimo attest, or those in a file, posted page or list of attest.",
)
def verify(folder: Path, as_json: bool, lines: tuple[str, ...]) -> None:
    """Verify the store: gaps, conflicts, altered records, starts out of order, counters that run backwards.

    Every record is held against the raw archive. Exit code 1 when anything is wrong; docs/verify.md explains the kinds.
    """
    masters = read_masters(secrets_path())
    with present_store(folder) as store:
        boards, beside = verify_store(store, lambda board: board_secrets(masters, board))
        posted = [*_posted(store.publications()), *_attested(store, lines)]
        _keep(store, boards)
    names = names_by_board(folder)
    problems = [*posted, *beside, *(problem for board in boards for problem in board.problems)]
    if as_json:
        board_rows = [
            {**board._asdict(), "problems": len(board.problems), "proofs": len(board.proofs)} for board in boards
        ]
        click.echo(
            json.dumps({"boards": board_rows, "problems": [problem._asdict() for problem in problems]}, indent=1)
        )
    else:
        if boards:
            _show(boards, names)
        if problems or boards:
            click.echo("Nothing is wrong." if not problems else f"{len(problems)} problems:")
    wrong = [_line(problem, names) for problem in problems]
    if not (boards or problems):
        wrong.append(f"{folder}: nothing to verify: expected records of boards in the store, found none")
    if wrong:
        raise StoreError("\n".join(wrong))


def _attested(store: Store, written: Sequence[str]) -> Iterator[Problem]:
    """Yield what speaks against each line; StoreError when what was given has none."""
    given = [_given(each) for each in written]
    if not given:
        return
    lists = [each.facts for each in given if any(each.facts)]
    with store.reading() as connection:
        facts = facts_in(connection)
        for line in dict.fromkeys(line for each in given for line in each.lines):
            for why in speaks_against(connection, facts, line, lists):
                yield Problem("attested", "", None, None, why)


def _given(written: str) -> AttestedList:
    if find_lines(written):
        return read_list(written, "--against")
    try:
        text = read_file(Path(written), MOST_BYTES).decode("utf-8", "replace")
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise StoreError(f"--against: expected a line of centesimo attest or a file that has one: {why}") from error
    return read_list(text, written)


def _keep(store: Store, boards: Sequence[Checked]) -> None:
    """Store which of several versions of records this computer's secrets have proven, signed, where that can be."""
    proofs = [(checked.board, proof) for checked in boards for proof in checked.proofs]
    if not proofs:
        return
    try:
        device = signing_device(store, "centesimo verify")
        if device is None:
            return
        for board, proof in proofs:
            store.add_verification(device, board, (proof.first, proof.last), proof.raw, time.time_ns())
    except StoreError as error:
        click.echo(f"what was proven is not kept: {error}", err=True)


def _posted(publications: Sequence[Publication]) -> Iterator[Problem]:
    for publication in publications:
        try:
            read_content(publication)
        except AlteredError as error:
            yield Problem("publication", "", None, None, error.problem)


def _show(boards: Sequence[Checked], names: Mapping[str, str]) -> None:
    table = Table(title="Boards", title_justify="left")
    for column in COLUMNS:
        table.add_column(column, justify="left" if column == "board" else "right", no_wrap=True)
    rows = [_cells(checked, board_text(checked.board, names.get(checked.board, ""))) for checked in boards]
    for cells in rows:
        table.add_row(*cells)
    print_rows(table, rows)


def _cells(checked: Checked, board: str) -> list[str]:
    counts = (
        checked.records, checked.first, checked.last, checked.boots, checked.torn, checked.received, checked.sealed,
        checked.proven, checked.acknowledged, checked.waiting, len(checked.problems),
    )  # fmt: skip
    return [board, *map(str, counts)]


def _line(problem: Problem, names: Mapping[str, str]) -> str:
    board = f"board {board_text(problem.board, names.get(problem.board, ''))}: " if problem.board else ""
    return f"{problem.kind}: {board}{problem.text}"
