"""Marshals' lists: lists/TIMINGPOINT.csv, the start numbers in the order in which they passed, one a line.

Typed on a phone or from paper. A car whose number could not be read is a "?" or an empty line; it keeps its place in
the order. A number that stands twice, or that no crew has, is a mistake: which is right only the marshal can say.
"""

from collections.abc import Collection, Mapping
from pathlib import Path

from centesimo.check.entries import HIGHEST_NUMBER
from centesimo.errors import LoadError
from centesimo.facts import Listed, MarshalList
from centesimo.reading.folder import names_in, prefix_of, read_texts
from centesimo.reading.sheet import Row, read_rows
from centesimo.reading.tables import Problems, a_known

PATTERN = "lists/*.csv"
UNREAD = "?"


def list_texts(folder: Path) -> dict[str, str]:
    """Return the texts of a folder's lists by name, for the store to keep; LoadError if one cannot be read."""
    problems = Problems(prefix_of(folder))
    texts = read_texts(folder, names_in(folder, PATTERN), problems)
    if problems.lines():
        raise LoadError("\n".join(problems.lines()))
    return texts


def check_lists(
    texts: Mapping[str, str], points: Collection[str], numbers: Collection[int], problems: Problems
) -> tuple[MarshalList, ...]:
    """Return the lists of these texts by name, noting every mistake; `points` and `numbers` are those of the event."""
    lists = []
    for name in sorted(texts):
        point = Path(name).stem
        if point not in points:
            problems.add(
                name, 0, f"expected a list named after {a_known('a timing point', points, point)}, got {point}"
            )
        lists.append(MarshalList(point, _lines(name, point, texts[name], numbers, problems)))
    return tuple(lists)


def _lines(name: str, point: str, text: str, numbers: Collection[int], problems: Problems) -> tuple[Listed, ...]:
    rows = read_rows(name, text, ("start_number",), (), problems)
    listed: list[Listed] = []
    line_by_number: dict[int, int] = {}
    for place, row in enumerate(rows, 1):
        number = 0 if row.find("start_number") in (None, UNREAD) else _number(row, numbers)
        first = line_by_number.setdefault(number, row.line)
        if number and first != row.line:
            row.wrong(f"expected every start number once, got {number} as in line {first}")
        elif number:
            listed.append(Listed(point, place, number, f"{name}:{row.line}"))
    return tuple(listed)


def _number(row: Row, numbers: Collection[int]) -> int:
    """Return the start number of a row, 0 if it is none of this event."""
    number = row.whole("start_number", 1, HIGHEST_NUMBER)
    if number and number not in numbers:
        row.wrong(f"expected the start number of an entry, got {number}; write {UNREAD} for one that cannot be read")
        return 0
    return number
