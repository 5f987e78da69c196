"""A printed document as values, and its PDF: head on each page, a table, notes, signatures, and a QR code.

typst and segno are an extra of the package (`centesimo[print]`); without them a print is refused with what to install.
"""

import json
from importlib.resources import files
from typing import NamedTuple

from centesimo.model.errors import TimingError

PORTRAIT, LANDSCAPE = "portrait", "landscape"
SHORT, LONG = 10, 45  # letters: the least and the most that a text's column is made for


class Column(NamedTuple):
    """One column of a table: its heading, how it is set, and whether it shares what is left ("auto": as needed)."""

    heading: str
    align: str = "left"
    width: str = "auto"


class Sheet(NamedTuple):
    """One document."""

    language: str
    event: str
    title: str
    subtitle: str  # race and leg
    status: str  # version, posted at, approved by
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    page_words: tuple[str, str, str]  # before, between and after the two numbers of a page
    notes: tuple[str, ...] = ()
    signatures: tuple[str, ...] = ()
    code: str = ""  # what the QR code says; "": there is none
    revision: str = ""
    paper: str = PORTRAIT
    is_tall: bool = False  # rows to write in, notes as large as text


def page_words(words: str) -> tuple[str, str, str]:
    """Return "page {page} of {pages}" in its three parts."""
    before, _, rest = words.partition("{page}")
    between, _, after = rest.partition("{pages}")
    return before, between, after


def pdf(sheets: list[Sheet], logo: bytes = b"") -> bytes:
    """Return one PDF of these documents, each beginning on a page of its own, the logo (PNG, JPEG) in each head.

    TimingError without typst, or where the logo is no whole picture.
    """
    try:
        import typst
    except ImportError as error:
        raise TimingError("printing needs typst and segno: pip install 'centesimo[print]'") from error
    values = [_values(sheet) for sheet in sheets]
    template = files("centesimo").joinpath("templates/paper.typ").read_bytes()
    inputs = {"sheets": json.dumps(values, ensure_ascii=False), "logo": json.dumps(list(logo))}
    try:
        made = typst.compile(template, sys_inputs=inputs, ignore_system_fonts=True)
    except typst.TypstError as error:
        if not logo:
            raise
        raise TimingError(f"expected a logo that can be printed, got a spoilt picture: {error}") from error
    if not isinstance(made, bytes):
        raise TimingError("expected one PDF from typst, got none")
    return made


def _values(sheet: Sheet) -> dict[str, object]:
    """Return a document as values that JSON can hold, its widths by what stands in the columns."""
    columns = [_fitted(column, [row[place] for row in sheet.rows]) for place, column in enumerate(sheet.columns)]
    return {**sheet._asdict(), "columns": columns, "squares": _squares(sheet.code)}


def _fitted(column: Column, cells: list[str]) -> dict[str, str]:
    """Return a column; one that shares what is left has as much as its longer texts and its bold heading need."""
    lengths = sorted(map(len, cells))
    usual = lengths[len(lengths) * 19 // 20] if lengths else 0
    share = f"{min(max(usual, len(column.heading) * 5 // 4, SHORT), LONG)}fr"
    return {**column._asdict(), "width": "auto" if column.width == "auto" else share}


def _squares(code: str) -> list[str]:
    """Return the squares of a QR code, a text of 0 and 1 a row."""
    if not code:
        return []
    import segno

    matrix = segno.make(code, error="m", micro=False).matrix
    return ["".join("1" if square else "0" for square in row) for row in matrix]
