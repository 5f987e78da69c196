"""Marshals' lists: lists/TIMINGPOINT.csv, the start numbers in the order in which they passed, one a line.

Typed on a phone or from paper. A car whose number could not be read is a "?" or an empty line; it keeps its place in
the order. A number that stands twice, or that no crew has, is a mistake: only the marshal can say which is right. So is
a list of a timing point at which no control stands. A mistake stops nothing: its line says nothing, the rest counts,
and it is a finding. Whether a list was written at the timing point of its name only the times can tell:
crosscheck/lists.py compares them.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from pathlib import Path

from centesimo.model.event import TimingPoint
from centesimo.model.facts import Listed, MarshalList, Unusable
from centesimo.reading.csv_rows import Row, read_rows
from centesimo.reading.folder import names_in, read_texts
from centesimo.reading.toml_tables import Problems, as_toml, choices_text

PATTERN = "lists/*.csv"
UNREAD = "?"
NUMBER = re.compile("0*[1-9][0-9]{0,4}")
SHEETS = (".csv", ".tsv", ".xls", ".xlsx", ".ods", ".numbers")  # endings under which sheets are saved
ASIDE = (".", "~")  # names of what systems and open programs put beside files begin so


def list_texts(folder: Path) -> dict[str, str]:
    """Return the texts of a folder's lists by name, for the store to keep; without those that are no text."""
    return read_texts(folder, names_in(folder, PATTERN), Problems())


def read_lists(
    folder: Path, points: Collection[TimingPoint], used: Collection[str], numbers: Collection[int]
) -> tuple[MarshalList, ...]:
    """Return a folder's lists by name; what cannot be used of them is said in each, or in one of no timing point.

    `points` and `numbers` are those of the event, `used` the ids of the points at which a control stands.
    """
    problems = Problems()
    texts = read_texts(folder, names_in(folder, PATTERN), problems)
    _note_strays(folder, [point.id for point in points], problems)
    lists = check_lists(texts, points, used, numbers)
    strays = _unusable(problems)
    return (*lists, MarshalList("", (), strays)) if strays else lists


def _note_strays(folder: Path, points: Collection[str], problems: Problems) -> None:
    """Note the files in a folder's lists/ that look like a list and are not read."""
    for path in sorted((folder / "lists").rglob("*")):
        name = path.relative_to(folder)
        is_read = name.parent == Path("lists") and (path.suffix == ".csv" or path.with_suffix(".csv").exists())
        is_list = path.suffix.lower() in SHEETS or path.stem in points
        if is_list and not is_read and path.is_file() and not any(part[0] in ASIDE for part in name.parts):
            wanted = f"expected a list as lists/{path.stem}.csv, got a file that is not read"
            problems.add(name.as_posix(), 0, f"{wanted}: save it so, or take it away")


def check_lists(
    texts: Mapping[str, str], points: Collection[TimingPoint], used: Collection[str], numbers: Collection[int]
) -> tuple[MarshalList, ...]:
    """Return the lists of these texts by name, as read_lists does."""
    point_by_id = {point.id: point for point in points}
    lists = []
    for name in sorted(texts):
        problems, stem = Problems(), Path(name).stem
        lines = _lines(name, stem, texts[name], numbers, problems)
        if stem not in point_by_id:
            wanted = f"a list named after {choices_text('a timing point', point_by_id, stem)}"
            problems.add(name, 0, f"expected {wanted}, got {stem}")
        elif stem not in used:
            problems.add(name, 0, _unused(point_by_id[stem]))
        is_usable = stem in used
        lists.append(MarshalList(stem if is_usable else "", lines if is_usable else (), _unusable(problems)))
    return tuple(lists)


def _unusable(problems: Problems) -> tuple[Unusable, ...]:
    return tuple(Unusable(source, why) for source, why in problems.sources())


def _unused(point: TimingPoint) -> str:
    """Say what is to be done with the list of a timing point at which no control stands."""
    if point.backup_of:
        right = f"lists/{point.backup_of}.csv"
        return (
            f"expected the list of {point.backup_of} as {right}, got that of its backup {point.id}: save it as {right}"
        )
    return f"expected the list of a timing point with a control, got that of {point.id}, where none is: take it away"


def _lines(name: str, point: str, text: str, numbers: Collection[int], problems: Problems) -> tuple[Listed, ...]:
    """Return the lines that can be used; of a number that stands twice neither, for one of them is wrong."""
    rows = read_rows(name, text, ("start_number",), (), problems)
    listed: list[Listed] = []
    lines_by_number: dict[int, list[int]] = defaultdict(list)
    for place, row in enumerate(rows, 1):
        number = 0 if row.find("start_number") in (None, UNREAD) else _number(row, numbers)
        if number and lines_by_number[number]:
            first = lines_by_number[number][0]
            either = f"strike the line that is wrong, or write {UNREAD} in it for a car that was not recognised"
            row.wrong(f"expected every start number once, got {number} as in line {first}; {either}")
        if number:
            lines_by_number[number].append(row.line)
            listed.append(Listed(point, place, number, f"{name}:{row.line}"))
    return tuple(line for line in listed if len(lines_by_number[line.start_number]) == 1)


def _number(row: Row, numbers: Collection[int]) -> int:
    """Return the start number of a row, 0 if it is none of this event."""
    written = row.text("start_number")
    if not NUMBER.fullmatch(written):
        row.wrong(f"expected one start number, as 34, or {UNREAD} for one that cannot be read, got {as_toml(written)}")
        return 0
    number = int(written)
    if number not in numbers:
        row.wrong(f"expected the start number of an entry, got {number}; write {UNREAD} for one that cannot be read")
        return 0
    return number
