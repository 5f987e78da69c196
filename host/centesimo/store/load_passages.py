"""Load passages that another device or a hand has timed: a CSV file, all of it or nothing; docs/passages-file.md.

The file is read strictly against the event (timing points, legs, start numbers) with every mistake at once. Its
passages keep their source for ever. Loading a file again adds nothing, nor does a line that an earlier file had.
"""

import re
from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from centesimo.check.entries import HIGHEST_NUMBER
from centesimo.model.errors import LoadError
from centesimo.model.event import Event
from centesimo.reading.csv_rows import Row, read_rows
from centesimo.reading.folder import find_text, prefix_of
from centesimo.reading.localtime import EPOCH, NS_PER_S, is_near, local_at_ns, local_text
from centesimo.reading.numbers import uncertainty_ns
from centesimo.reading.toml_tables import Problems, as_toml, choices_text
from centesimo.store import LoadedPassage, Store

NEEDED = ("timing_point", "source")
FURTHER = ("start_number", "instant", "time_of_day", "leg", "uncertainty_s")
INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:\d\d)")
EARLY_NS = 3600 * NS_PER_S  # before a leg's first start a time of day is one of the night after, without its 24 hours
TIME_OF_DAY = re.compile(r"(\d\d):([0-5]\d):([0-5]\d)(?:[.,](\d{1,9}))?")


class Loaded(NamedTuple):
    """What a file brought: passages that were new, and lines that the store had already."""

    name: str
    digest: str  # SHA-256 of the file, hex
    added: int
    known: int


def load_passages(store: Store, event: Event, path: Path, now_ns: int, raw: bytes | None = None) -> Loaded:
    """Load a file of passages, or add nothing and raise LoadError with every mistake as `path:line: expected ...`.

    `raw` is what the file has, where it was read already: a pipe can be read only once.
    """
    problems = Problems(prefix_of(path.parent))
    text = find_text(path.name, path.read_bytes if raw is None else lambda: raw, problems)
    passages = [] if text is None else read_passages(path.name, text, event, problems)
    if text is None or problems.lines():
        raise LoadError("\n".join(problems.lines()))
    digest = sha256(text.encode()).hexdigest()
    store.add_event(event, now_ns)  # a bundle says by it of which event it is
    added = store.add_loaded(path.name, digest, text, passages, now_ns)
    return Loaded(path.name, digest, added, len(passages) - added)


def read_passages(name: str, text: str, event: Event, problems: Problems) -> list[LoadedPassage]:
    """Return the passages of a file's text, in its order, noting every mistake."""
    rows = [row for row in read_rows(name, text, NEEDED, FURTHER, problems) if not row.empty]
    if not rows and not problems.lines():
        problems.add(name, 0, "expected at least one passage under the header, got none")
    passages: list[LoadedPassage] = []
    line_by_passage: dict[object, int] = {}
    for row in rows:
        passage = _passage(row, event)
        first = line_by_passage.setdefault(passage[1:], row.line)
        if first != row.line and passage.at_ns:
            row.wrong(f"expected every passage once, got the same as in line {first}")
        passages.append(passage)
    return passages


def _passage(row: Row, event: Event) -> LoadedPassage:
    """Return a row's passage; what is wrong is noted and stands in as "" or 0."""
    point = _reference(row, "timing_point", [point.id for point in event.timing_points], "a timing point")
    start_number = None
    if row.find("start_number"):
        start_number = row.whole("start_number", 1, HIGHEST_NUMBER)
        if start_number and start_number not in {entry.start_number for entry in event.entries}:
            row.wrong(f"expected the start number of an entry, or an empty cell, got {start_number}")
    uncertainty_s = row.find_decimal("uncertainty_s", "0", "60")
    within_ns = None if uncertainty_s is None else uncertainty_ns(uncertainty_s)
    return LoadedPassage(row.line, point, start_number, _at_ns(row, event), within_ns, row.text("source"))


def _reference(row: Row, column: str, ids: Collection[str], what: str) -> str:
    written = row.text(column)
    if written and written not in ids:
        row.wrong(f"expected {column} as {choices_text(what, ids, written)}, got {as_toml(written)}")
        return ""
    return written


def _at_ns(row: Row, event: Event) -> int:
    """Return the instant of a row, 0 if it is wrong: from `instant`, or from `time_of_day` on the date of its leg."""
    instant, of_day = row.find("instant"), row.find("time_of_day")
    if bool(instant) == bool(of_day):
        row.wrong(f"expected an instant or a time_of_day, got {'both' if instant else 'neither'}")
        return 0
    if instant:
        return _instant_ns(row, instant, event)
    legs = {leg.id: leg.date for leg in event.legs}
    leg = next(iter(legs)) if len(legs) == 1 and not row.find("leg") else _reference(row, "leg", legs, "a leg")
    return _time_of_day_ns(row, of_day or "", legs[leg], event) if leg else 0


def _instant_ns(row: Row, written: str, event: Event) -> int:
    """Return what an ISO 8601 instant says, if it is near the event's days."""
    match = INSTANT.fullmatch(written)
    try:
        moment = datetime.fromisoformat(f"{match[1]}T{match[2]}{match[4]}") if match else None
    except ValueError:  # a 30th of February, 25 o'clock
        moment = None
    if match is None or moment is None:
        row.wrong(f"expected instant with its offset from UTC, as 2027-05-23T09:00:00.25+02:00, got {as_toml(written)}")
        return 0
    days, at_ns = [leg.date for leg in event.legs], _ns(moment, match[3])
    if not is_near(at_ns, days):
        row.wrong(f"expected instant near the event's days, {min(days)} to {max(days)}, got {as_toml(written)}")
        return 0
    return at_ns


def _time_of_day_ns(row: Row, written: str, day: date, event: Event) -> int:
    """Return the instant of a local time on a leg's date; 24:00:00 to 47:59:59 are hours of the night after it."""
    match = TIME_OF_DAY.fullmatch(written)
    if match is None or int(match[1]) >= 48:
        row.wrong(f"expected time_of_day as HH:MM:SS.cc up to 47:59:59.99, got {as_toml(written)}")
        return 0
    days, hour = divmod(int(match[1]), 24)
    clock = datetime.combine(day + timedelta(days=days), time(hour, int(match[2]), int(match[3])))
    try:
        at_ns = local_at_ns(clock.date(), clock.time(), event.timezone)
    except ValueError as error:
        row.wrong(f"expected a time that the clocks show once, got {error}: give it as an instant with its offset")
        return 0
    begins_ns = _first_start_ns(event, day) - EARLY_NS
    if at_ns < begins_ns and days == 0:
        begins = f"from {local_text(begins_ns, event.timezone)[11:16]} on, an hour before the leg's first start"
        night = f"{hour + 24}{written[2:]} for the night after, an instant for what was before"
        row.wrong(f"expected time_of_day {begins}, got {written}: write {night}")
        return 0
    return at_ns + _fraction_ns(match[4])


def _first_start_ns(event: Event, day: date) -> int:
    """Return the first start of the legs of a date."""
    legs = [leg.id for leg in event.legs if leg.date == day]
    return min(start.first_at_ns for race in event.races for start in race.starts if start.leg in legs)


def _ns(moment: datetime, digits: str | None) -> int:
    """Return ns since 1970 of a whole second and the digits behind its point."""
    return (moment - EPOCH) // timedelta(seconds=1) * NS_PER_S + _fraction_ns(digits)


def _fraction_ns(digits: str | None) -> int:
    return int((digits or "").ljust(9, "0"))
