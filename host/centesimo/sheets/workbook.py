"""A file of a spreadsheet as grids of text: .xlsx, .xlsm, .xls, .ods by calamine, CSV in any usual encoding.

A cell is the text that a person reads in it: 12 and not 12.0, 09:26:00.25 and not 0.393..., yes and not True. What is
no spreadsheet is refused with the button that makes it one.
"""

import csv
import io
from collections import Counter
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple

from charset_normalizer import from_bytes
from python_calamine import CalamineError, CalamineWorkbook

from centesimo.model.errors import LoadError

SEPARATORS = ";,\t|"
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
MOST_BYTES = 50_000_000
SAVE_AS = "in Excel: File > Save As (File > Salva con nome), Excel Workbook (*.xlsx)"
FIRST_DAYS = (date(1899, 12, 30), date(1899, 12, 31), date(1904, 1, 1))  # of a time without a date, in Excel
MICROSECONDS = 100  # a time of Excel is a part of a day with 15 digits: finer than this it is not meant


class Grid(NamedTuple):
    """One sheet: its name, and its rows as texts; row 0 is line 1."""

    name: str
    rows: list[list[str]]


def read_grids(path: Path, raw: bytes) -> list[Grid]:
    """Return the sheets of a file that are not empty; LoadError when it is no spreadsheet, or has none."""
    if len(raw) > MOST_BYTES:
        raise LoadError(f"{path.name}: expected a spreadsheet of at most {MOST_BYTES} bytes, got {len(raw)}")
    grids = _of_workbook(path, raw) if raw.startswith((ZIP, OLE)) else [_of_text(path, raw)]
    filled = [grid for grid in grids if any(any(row) for row in grid.rows)]
    if not filled:
        raise LoadError(f"{path.name}: expected a sheet with something in it, got empty ones")
    return filled


def _of_workbook(path: Path, raw: bytes) -> list[Grid]:
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(raw))
        sheets = [workbook.get_sheet_by_name(name) for name in workbook.sheet_names]
        return [Grid(sheet.name, [list(map(_text, row)) for row in _rows(sheet)]) for sheet in sheets]
    except (CalamineError, ValueError) as error:
        why = "a password" if "password" in str(error).lower() else "what it is none"
        if raw.startswith(OLE) and why != "a password":
            why = "a workbook that is locked by a password, or of a very old Excel"
        raise LoadError(f"{path.name}: expected a spreadsheet that can be read, got {why}: {SAVE_AS}") from error


def _rows(sheet: object) -> list[list[object]]:
    """Return all rows from line 1 on; calamine leaves out the empty ones above."""
    return sheet.to_python(skip_empty_area=False)  # type: ignore[attr-defined, no-any-return]


def _text(value: object) -> str:
    """Return a cell as a person reads it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{value:.10f}".rstrip("0")
    if isinstance(value, datetime):
        return _clock(value.time()) if value.date() in FIRST_DAYS else _moment(value)
    if isinstance(value, timedelta):
        return _duration(value)
    if isinstance(value, time):
        return _clock(value)
    return " ".join(str(value).replace("\u00a0", " ").split())


def _moment(value: datetime) -> str:
    return value.date().isoformat() if value.time() == time() else f"{value.date().isoformat()} {_clock(value.time())}"


def _clock(value: time) -> str:
    return _duration(
        timedelta(hours=value.hour, minutes=value.minute, seconds=value.second, microseconds=value.microsecond)
    )


def _duration(value: timedelta) -> str:
    """Return 9:26:00.25 as 09:26:00.25; hours go on past 24."""
    microseconds = round(value / timedelta(microseconds=MICROSECONDS)) * MICROSECONDS
    seconds, part = divmod(microseconds, 1_000_000)
    shown = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{shown}.{part:06}".rstrip("0") if part else shown


def _of_text(path: Path, raw: bytes) -> Grid:
    if raw.lstrip()[:1] == b"<":
        raise LoadError(f"{path.name}: expected a spreadsheet or CSV, got a page of a browser (HTML or XML): {SAVE_AS}")
    if raw.startswith(b"%PDF"):
        raise LoadError(
            f"{path.name}: expected a spreadsheet or CSV, got a PDF: ask for the sheet that it was printed from"
        )
    text = _decoded(path, raw)
    lines = text.splitlines(keepends=True)  # a cell may have several lines
    if lines and lines[0].lower().startswith("sep="):
        lines[0] = "\n"
    separator = _separator(lines)
    try:
        rows = list(csv.reader(lines, delimiter=separator))
    except csv.Error as error:
        raise LoadError(f"{path.name}: expected CSV, got what is none: {error}") from error
    return Grid(path.stem, [[" ".join(cell.replace("\u00a0", " ").split()) for cell in row] for row in rows])


def _decoded(path: Path, raw: bytes) -> str:
    """Return the text in UTF-8 where it is that, else in the encoding that it most likely has."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        best = from_bytes(raw, cp_isolation=["cp1252", "utf_16", "utf_16_le", "utf_16_be", "mac_roman", "cp850"]).best()
    if best is None:
        what = 'File > Save As, "CSV UTF-8 (Comma delimited) (*.csv)"'
        raise LoadError(f"{path.name}: expected text in a usual encoding, got none such: in Excel: {what}")
    return str(best).removeprefix("\ufeff")


def _separator(lines: list[str]) -> str:
    """Return the sign that parts most lines into the same number of cells, more than one."""
    counted = {sign: Counter(line.count(sign) for line in lines if line.strip()) for sign in SEPARATORS}
    alike = {
        sign: max(((n * times, times) for n, times in counts.items() if n), default=(0, 0))
        for sign, counts in counted.items()
    }
    return max(SEPARATORS, key=lambda sign: (alike[sign], -SEPARATORS.index(sign)))
