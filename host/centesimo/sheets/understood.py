"""What a sheet is: where its header stands, which of our columns its own are, and the rows under them.

Titles above the header, empty rows and notes below the table are left out and said. A heading that is not known stays
as an extra column; one that two columns have is the first's.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from centesimo.model.errors import LoadError
from centesimo.sheets.headings import find_column
from centesimo.sheets.workbook import Grid

SEARCHED = 30  # rows in which the header may stand
LETTERS = 3  # of a word
NOTES = 2  # cells: a row with no more than these and without what names it is a note


class Column(NamedTuple):
    """One column of a sheet."""

    place: int  # from 0
    heading: str
    column: str | None  # ours; "": said to be of no use; None: an extra one


class Understood(NamedTuple):
    """A sheet with its header found."""

    name: str
    line: int  # of the header, from 1
    columns: tuple[Column, ...]
    rows: tuple[tuple[int, dict[str, str], dict[str, str]], ...]  # line, cells by our column, extra ones by heading
    titles: tuple[str, ...]  # above the header
    left_out: tuple[str, ...]  # notes below it, with their lines

    def has(self, *columns: str) -> bool:
        """Say whether all of these columns are there."""
        return set(columns) <= {column.column for column in self.columns}

    def first(self, column: Column) -> str:
        """Return the first value that a column has."""
        by_heading = [
            cells.get(column.column or "", "") or more.get(column.heading, "") for _, cells, more in self.rows
        ]
        return next(filter(None, by_heading), "")


def understood(file: str, grid: Grid, taught: Mapping[str, str], wanted: Sequence[str], needed: str) -> Understood:
    """Return a sheet with its header found; LoadError when no row has one.

    wanted  our columns that such a sheet may have
    needed  the column without which a row is a note
    """
    head = _find_head(grid, taught, wanted)
    if head is None:
        seen = next((row for row in grid.rows if any(row)), [])
        cells = ", ".join(filter(None, seen))[:80]
        raise LoadError(
            f"{file}: sheet {grid.name}: expected a row with headings as {needed} among the first {SEARCHED}, got "
            f"{cells}; say what a heading means with --column HEADING=COLUMN"
        )
    columns = _columns(grid.rows[head], taught, wanted)
    rows: list[tuple[int, dict[str, str], dict[str, str]]] = []
    left_out: list[str] = []
    for line, row in enumerate(grid.rows[head + 1 :], head + 2):
        values = {column.column: _cell(row, column) for column in columns if column.column}
        more = {column.heading: _cell(row, column) for column in columns if column.column is None}
        if not any(row):
            continue
        if sum(map(bool, row)) <= NOTES and _is_note(values.get(needed, "")):
            left_out.append(f"line {line}: {' '.join(filter(None, row))}")
            continue
        rows.append((line, values, more))
    titles = tuple(" ".join(filter(None, row)) for row in grid.rows[:head] if any(row))
    return Understood(grid.name, head + 1, columns, tuple(rows), titles, tuple(left_out))


def columns_of(grid: Grid) -> set[str]:
    """Return our columns that the row has in which most headings are known."""
    rows = ({find_column(cell, {}) or "" for cell in row if cell} - {""} for row in grid.rows[:SEARCHED])
    return max(rows, key=len, default=set())


def _is_note(written: str) -> bool:
    """Say whether words stand where a row has its number or time, or nothing: "Totale iscritti"."""
    return not written or sum(letter.isalpha() for letter in written) >= LETTERS


def _cell(cells: Sequence[str], column: Column) -> str:
    return cells[column.place] if column.place < len(cells) else ""


def _find_head(grid: Grid, taught: Mapping[str, str], wanted: Sequence[str]) -> int | None:
    """Return the row in which most headings are known, the first of several; None where none has one."""
    known = [len({find_column(cell, taught) for cell in row if cell} & set(wanted)) for row in grid.rows[:SEARCHED]]
    most = max(known, default=0)
    return known.index(most) if most else None


def _columns(headings: Sequence[str], taught: Mapping[str, str], wanted: Sequence[str]) -> tuple[Column, ...]:
    columns: list[Column] = []
    for place, heading in enumerate(headings):
        if not heading:
            continue
        column = find_column(heading, taught)
        if column and (column not in wanted or column in [each.column for each in columns]):
            column = None
        columns.append(Column(place, heading, column))
    return tuple(columns)
