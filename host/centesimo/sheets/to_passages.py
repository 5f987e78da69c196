"""A sheet of times becomes a file of passages (docs/passages-file.md), a sheet of numbers alone a marshal's list."""

import csv
import io
import re
from collections.abc import Sequence
from typing import NamedTuple

from centesimo.model.event import Event
from centesimo.reading.row_instants import legs_of
from centesimo.reading.toml_tables import Problems, as_toml
from centesimo.sheets.headings import plain
from centesimo.sheets.to_entries import NUMBER
from centesimo.sheets.understood import Understood

WANTED = ("timing_point", "start_number", "time_of_day", "leg", "source", "uncertainty_s")
CLOCK = re.compile(r"(\d{1,2})[:.h](\d\d)[:.'](\d\d)(?:[.,:](\d{1,6}))?")
OF_DATE = re.compile(r"\d{4}-\d\d-\d\d (.+)")


class Given(NamedTuple):
    """What the command line says where a sheet does not."""

    point: str | None = None
    leg: str | None = None
    source: str | None = None
    uncertainty_s: str | None = None


def to_passages(file: str, sheets: Sequence[Understood], event: Event, given: Given) -> str:
    """Return the text of a file of passages; LoadError with every row that does not fit.

    A sheet without a column of timing points is that of `given.point`, or of the point that its name is.
    """
    problems = Problems()
    rows = [
        passage_row(
            f"{file}, sheet {sheet.name}", line, cells, event, given._replace(point=given.point or sheet.name), problems
        )
        for sheet in sheets
        for line, cells, _ in sheet.rows
    ]
    problems.refuse()
    text = io.StringIO()
    columns = [column for column in WANTED if column in ("timing_point", "source") or any(row[column] for row in rows)]
    writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def to_list(file: str, sheet: Understood) -> str:
    """Return the text of a marshal's list: the numbers in their order; "?" for what is no number."""
    problems = Problems()
    numbers = []
    for line, cells, _ in sheet.rows:
        written = cells.get("start_number", "")
        number = NUMBER.fullmatch(written)
        if number is None and written not in ("", "?", "-"):
            problems.add(f"{file}, sheet {sheet.name}", line, f"expected a start number or ?, got {as_toml(written)}")
        numbers.append(number[1] if number else "?")
    problems.refuse()
    return "start_number\n" + "".join(f"{number}\n" for number in numbers)


def passage_row(
    where: str, line: int, cells: dict[str, str], event: Event, given: Given, problems: Problems
) -> dict[str, str]:
    """Return a row's cells as a file of passages has them; what is wrong is noted and stands in as ""."""
    point_by_word = {plain(point.id): point.id for point in event.timing_points}
    point = point_by_word.get(plain(cells.get("timing_point") or given.point or ""), "")
    if not point:
        got = as_toml(cells.get("timing_point") or given.point or "")
        points = ", ".join(list(point_by_word.values())[:8])
        problems.add(where, line, f"expected a timing point of the event ({points}), got {got}: name it with --point")
    leg = cells.get("leg") or given.leg or ""
    if point and not leg and len(legs := legs_of(point, event)) > 1:
        problems.add(where, line, f"expected the leg of {point}, which serves in {', '.join(legs)}: name it with --leg")
    clock = _clock(cells.get("time_of_day", ""))
    if not clock:
        how = "in Excel: Format Cells > Number > Custom (Formato celle > Personalizzato), hh:mm:ss.00"
        problems.add(where, line, f"expected a time as 09:26:00.25, got {as_toml(cells.get('time_of_day', ''))}: {how}")
    number = NUMBER.fullmatch(cells.get("start_number", ""))
    if cells.get("start_number") not in (None, "", "?", "-") and number is None:
        problems.add(where, line, f"expected a start number, as 34, got {as_toml(cells['start_number'])}")
    return {
        "timing_point": point,
        "start_number": number[1] if number else "",
        "time_of_day": clock,
        "leg": leg,
        "source": cells.get("source") or given.source or "",
        "uncertainty_s": (cells.get("uncertainty_s") or given.uncertainty_s or "").replace(",", "."),
    }


def _clock(written: str) -> str:
    """Return a time of day as HH:MM:SS.cc, "" when it is none: 9:26:00,25, 9.26.00,25, 9h26'00 or a date with it."""
    dated = OF_DATE.fullmatch(written)
    match = CLOCK.fullmatch(dated[1] if dated else written)
    if match is None or int(match[1]) > 47 or int(match[2]) > 59 or int(match[3]) > 59:
        return ""
    return f"{match[1].zfill(2)}:{match[2]}:{match[3]}{f'.{match[4]}' if match[4] else ''}"
