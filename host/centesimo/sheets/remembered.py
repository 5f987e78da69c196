"""columns.csv of the event folder: what headings mean that no table knows, once they were said."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from centesimo.model.errors import LoadError
from centesimo.sheets.headings import WORDS, plain

FILE = "columns.csv"


def remembered(folder: Path) -> dict[str, str]:
    """Return our column by heading (as headings.plain has it), as the folder's columns.csv says; {} without one."""
    path = folder / FILE
    if not path.exists():
        return {}
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))
    if any(set(row) != {"heading", "column"} for row in rows):
        raise LoadError(f"{path}: expected the columns heading and column, got others")
    return {plain(row["heading"]): _column(row["column"], str(path)) for row in rows}


def said(given: tuple[str, ...]) -> dict[str, str]:
    """Return what --column HEADING=COLUMN says, by heading; HEADING= means that it is of no use."""
    columns = {}
    for words in given:
        heading, equals, column = words.rpartition("=")
        if not equals or not plain(heading):
            raise LoadError(f"expected --column HEADING=COLUMN, got {words}")
        columns[plain(heading)] = _column(column.strip(), "--column")
    return columns


def remember(columns: Mapping[str, str]) -> str:
    """Return the text of columns.csv."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["heading", "column"])
    writer.writerows(sorted(columns.items()))
    return text.getvalue()


def _column(column: str, where: str) -> str:
    if column and column not in WORDS:
        raise LoadError(f"{where}: expected a column of centesimo ({', '.join(WORDS)}), got {column}")
    return column
