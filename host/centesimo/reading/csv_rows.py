"""A CSV file with a header, read strictly: row by row with its line, every mistake noted and reading on.

Commas or, as a spreadsheet set to Italian writes it, semicolons; then a decimal comma is read as a point. A byte order
mark and either end of line are accepted. An empty line is a row without cells: what that means is the caller's to say.
"""

import csv
from collections.abc import Sequence
from decimal import Decimal
from difflib import get_close_matches
from io import StringIO

from centesimo.reading.hidden_characters import WITHOUT, has_hidden
from centesimo.reading.limits import MOST_COLUMNS
from centesimo.reading.numbers import find_number
from centesimo.reading.toml_tables import Problems, as_toml


class Row:
    """One row; cells of columns that the file does not have are ""."""

    def __init__(self, file: str, line: int, cells: dict[str, str], problems: Problems, comma: bool) -> None:
        self.file = file
        self.line = line
        self._cells = cells
        self._problems = problems
        self._comma = comma  # decimals are written with one

    @property
    def empty(self) -> bool:
        """Say whether there is nothing in it."""
        return not any(self._cells.values())

    def wrong(self, why: str) -> None:
        """Note a mistake in this row."""
        self._problems.add(self.file, self.line, why)

    def find(self, column: str) -> str | None:
        """Return a cell's text, None when it is empty."""
        return self._cells.get(column) or None

    def text(self, column: str) -> str:
        """Return a cell's text, which must not be empty."""
        written = self.find(column)
        if written is None:
            self.wrong(f"expected {column}, got an empty cell")
        return written or ""

    def whole(self, column: str, low: int, high: int, what: str = "a whole number") -> int:
        """Return a whole number from low to high, or 0."""
        written = self.text(column)
        if not written:
            return 0
        if written.isascii() and written.isdigit() and len(written) <= len(str(high)) and low <= int(written) <= high:
            return int(written)
        self.wrong(f"expected {column} as {what} from {low} to {high}, got {as_toml(written)}")
        return 0

    def find_decimal(self, column: str, low: str, high: str) -> Decimal | None:
        """Return a number from low to high, None when the cell is empty or wrong."""
        written = self.find(column)
        if written is None:
            return None
        number = find_number(written.replace(",", ".") if self._comma else written)
        if number is not None and Decimal(low) <= number <= Decimal(high):
            return number
        self.wrong(f"expected {column} as a number from {low} to {high}, as 1.57, got {as_toml(written)}")
        return None


def read_rows(
    file: str,
    text: str,
    needed: Sequence[str],
    further: Sequence[str],
    problems: Problems,
    has_extra: bool = False,
) -> list[Row]:
    """Return the rows under the header, which must have the `needed` columns and may have the `further` ones.

    has_extra: it may have other ones too, of no use, unless their names look like one of ours.
    """
    text = text.removeprefix("\ufeff")
    first = next(iter(text.splitlines()), "")
    if why := _no_header(text, first):
        problems.add(file, 1, f"expected a header with {', '.join(needed)}, got {why}")
        return []
    comma = ";" in first
    reader = csv.reader(StringIO(text, newline=""), delimiter=";" if comma else ",", strict=True)
    rows: list[Row] = []
    try:
        header = [cell.strip() for cell in next(reader, [])]
        if len(header) > MOST_COLUMNS:
            problems.add(file, 1, f"expected at most {MOST_COLUMNS} columns, got {len(header)}")
            return []
        if not _fits(file, header, needed, further, problems, has_extra):
            return []
        line = reader.line_num + 1  # a quoted cell may go over several lines: a row is known by its first
        for cells in reader:
            if cells and len(cells) != len(header):
                problems.add(file, line, _miscounted(cells, len(header), comma))
            else:
                stripped = [cell.strip() for cell in cells]
                for cell in filter(has_hidden, stripped):
                    problems.add(file, line, f"expected a cell {WITHOUT}, got {as_toml(cell)}")
                rows.append(Row(file, line, dict(zip(header, stripped, strict=False)), problems, comma))
            line = reader.line_num + 1
    except csv.Error as error:
        problems.add(file, reader.line_num, f"expected CSV, got what is none: {error}")
    return rows


def _no_header(text: str, first: str) -> str:
    """Return what the first line is that cannot be a header of columns; "" if it may be one."""
    if not text.strip():
        return "an empty file"
    if not first.strip(" ;,"):
        return "an empty line: remove it"
    if first.lower().startswith("sep="):
        return f"{as_toml(first)}: remove this line"
    mark = next((name for sign, name in (("\t", "tabs"), ("|", "bars")) if sign in first.strip()), "")
    if mark and "," not in first and ";" not in first:
        return f"columns separated by {mark}: save it with commas or semicolons"
    return ""


def _miscounted(cells: Sequence[str], count: int, comma: bool) -> str:
    """Say that a row has not as many cells as the header."""
    why = f"expected {count} cell{'s' * (count > 1)} as in line 1, got {len(cells)}"
    if len(cells) > count:
        return why + "; write a text that has a comma in quotes"
    if len(cells) == 1 and ("," if comma else ";") in cells[0]:
        return why + f": line 1 is separated by {'semicolons' if comma else 'commas'}"
    return why


def _fits(
    file: str,
    header: list[str],
    needed: Sequence[str],
    further: Sequence[str],
    problems: Problems,
    has_extra: bool,
) -> bool:
    """Note what is wrong with the header; say whether its rows can be read."""
    if (
        header
        and not set(header) & set(needed)
        and not any(get_close_matches(column, header, 1, 0.7) for column in needed)
    ):
        problems.add(file, 1, f"expected a header with {', '.join(needed)}, got {as_toml(', '.join(header))}")
        return False
    missing = [column for column in needed if column not in header]
    columns = [*needed, *further]
    for column in dict.fromkeys(header):
        if not column:
            place = header.index(column) + 1
            problems.add(file, 1, f"expected a name over every column, got none over column {place}: remove the column")
            continue
        if header.count(column) > 1:
            problems.add(file, 1, f"expected every column once, got {column} {header.count(column)} times")
        if column not in columns:
            meant = get_close_matches(column, [candidate for candidate in columns if candidate not in header], 1, 0.7)
            missing = [candidate for candidate in missing if candidate not in meant]
            if has_extra and not meant:
                continue
            wanted = meant[0] if meant else f"one of the columns {', '.join(columns)}"
            problems.add(file, 1, f"expected {wanted}, got {as_toml(column)}")
    for column in missing:
        problems.add(file, 1, f"expected the column {column}, got none")
    return len(set(header)) == len(header) and all(column in header for column in needed)
