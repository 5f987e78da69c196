"""A sheet of numbers that people saw, with rough times, becomes a file of sightings (docs/sightings.md)."""

import csv
import io
import re
from collections.abc import Sequence

from centesimo.model.event import Event
from centesimo.reading.toml_tables import Problems
from centesimo.sheets.to_passages import Given, passage_row
from centesimo.sheets.understood import Understood

WANTED = ("timing_point", "start_number", "time_of_day", "leg", "person", "source")
COLUMNS = ("timing_point", "start_number", "time_of_day", "leg", "person")
MINUTE = re.compile(r"(\d{1,2})[:.h](\d\d)")


def to_sightings(file: str, sheets: Sequence[Understood], event: Event, given: Given) -> str:
    """Return the text of a file of sightings; LoadError with every row that does not fit.

    A time may be to the minute; who saw it is the row's person, or else the source that is `given`.
    """
    problems = Problems()
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for sheet in sheets:
        point = given._replace(point=given.point or sheet.name)
        for line, cells, _ in sheet.rows:
            clock = cells.get("time_of_day", "")
            minute = MINUTE.fullmatch(clock)
            whole = {**cells, "time_of_day": f"{minute[1]}:{minute[2]}:00" if minute else clock}
            row = passage_row(f"{file}, sheet {sheet.name}", line, whole, event, point, problems)
            number = row["start_number"] or "?"  # a car whose number was not read
            writer.writerow({**row, "start_number": number, "person": cells.get("person") or row["source"]})
    problems.refuse()
    return text.getvalue()
