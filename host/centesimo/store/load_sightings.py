"""Load sightings that were keyed elsewhere: a CSV file, all of it or nothing; docs/sightings.md.

What cannot be read is a mistake, every one at once. What can be read and is odd (a number that no entry has, a point
that the event lacks, an instant that has not been yet) is kept and said: it is a fact that somebody keyed it.
"""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from centesimo.model.errors import LoadError
from centesimo.model.event import Event
from centesimo.model.facts import Sighting
from centesimo.reading.csv_rows import Row, read_rows
from centesimo.reading.folder import find_text, prefix_of
from centesimo.reading.localtime import NS_PER_S, local_text
from centesimo.reading.numbers import uncertainty_ns
from centesimo.reading.row_instants import TIMES, is_to_the_second, row_at_ns
from centesimo.reading.toml_tables import Problems, as_toml
from centesimo.sightings import HIGHEST_COUNTER, HIGHEST_NUMBER, MOST_ERROR_NS, made, standing
from centesimo.store import Store
from centesimo.store.load_passages import FURTHER as OF_PASSAGES

NEEDED = ("timing_point", "start_number")
FURTHER = (*TIMES, "error_s", "person", "device", "counter", "replaces", "source", "uncertainty_s")
TELLING = {"person", "device", "counter", "replaces", "error_s"}  # columns that only a file of sightings has
NOBODY = "nobody"  # in place of a start number: the passage is nobody's
UNREAD = "?"  # or an empty cell: a car whose number was not read tells nobody's name
SLACK_NS = 60 * NS_PER_S  # this computer's clock may be off by so much before an instant has not been yet


class LoadedSightings(NamedTuple):
    """What a file brought: sightings that were new, those that the store had already, and what is odd about some."""

    name: str
    digest: str  # SHA-256 of the file, hex
    added: int
    known: int
    unread: int  # lines without a number
    odd: tuple[str, ...]  # path:line: what came, what becomes of it


class Line(NamedTuple):
    """A line that names a crew or nobody."""

    line: int
    sighting: Sighting


def says_sightings(text: str) -> bool:
    """Say whether a file's header has a column that only sightings have."""
    header = text.removeprefix("\ufeff").partition("\n")[0].replace(";", ",")
    return any(cell.strip() in TELLING for cell in header.split(","))


def expect_told(name: str, text: str, event: Event) -> None:
    """Raise LoadError of a file of passages that may as well be sightings: times to the second where a board stamps."""
    boards = {point.id: point.board for point in event.timing_points if point.board}
    rows = read_rows(name, text, ("timing_point",), ("start_number", "source", *OF_PASSAGES), Problems())
    rows = [row for row in rows if not row.empty]
    if not rows or not all(is_to_the_second(row) for row in rows):
        return
    for row in rows:
        point = row.find("timing_point") or ""
        if point in boards:
            raise LoadError(
                f"{name}:{row.line}: the times are to the second, and board {boards[point]} times {point}: expected"
                " --as sightings (who was seen there, by a clock that may be off) or --as passages (another device's"
                " times, which are compared with the board's); nothing was loaded"
            )


def load_sightings(store: Store, event: Event, path: Path, now_ns: int, raw: bytes) -> LoadedSightings:
    """Load a file of sightings, or add nothing and raise LoadError with every mistake as `path:line: expected ...`."""
    problems = Problems(prefix_of(path.parent))
    text = find_text(path.name, lambda: raw, problems)
    lines, unread = ([], 0) if text is None else read_sightings(path.name, text, event, problems)
    if text is None or problems.lines():
        raise LoadError("\n".join(problems.lines()))
    digest = sha256(text.encode()).hexdigest()
    before = store.sightings()
    odd = tuple(f"{problems.prefix}{path.name}:{word}" for word in _odd(lines, before, event, now_ns))
    store.add_event(event, now_ns)  # a bundle says by it of which event it is
    new = list(dict.fromkeys(line.sighting for line in lines))
    added = store.add_sightings(new, (path.name, digest, text, now_ns))
    return LoadedSightings(path.name, digest, added, len(new) - added, unread, odd)


def keyed_in_files(store: Store, event: Event, stored: Sequence[Sighting]) -> dict[str, tuple[Sighting, ...]]:
    """Return what loaded files brought of the stored sightings, by the first 8 hex digits of each file's digest.

    A file is read again as it was when it was loaded; where the event gives its rows other instants now, they are
    not found any more.
    """
    sighting_by_id = {sighting.id: sighting for sighting in stored}
    brought: dict[str, tuple[Sighting, ...]] = {}
    for digest, name, text in store.texts_of_sightings():
        lines, _ = read_sightings(name, text, event, Problems())
        its = tuple(dict.fromkeys(line.sighting for line in lines if line.sighting.id in sighting_by_id))
        if its:
            brought[digest[:8]] = its
    return brought


def read_sightings(name: str, text: str, event: Event, problems: Problems) -> tuple[list[Line], int]:
    """Return the sightings of a file's text in its order, and how many lines have no number; mistakes are noted."""
    rows = [row for row in read_rows(name, text, NEEDED, FURTHER, problems) if not row.empty]
    if not rows and not problems.lines():
        problems.add(name, 0, "expected at least one sighting under the header, got none")
    lines = []
    unread = 0
    for row in rows:
        sighting = _find_sighting(row, name, event)
        if sighting is None:
            unread += 1
        else:
            lines.append(Line(row.line, sighting))
    return lines, unread


def _find_sighting(row: Row, name: str, event: Event) -> Sighting | None:
    """Return a row's sighting, None where no number was read; what is wrong is noted."""
    replaces = _replaces(row.find("replaces"))
    written = row.find("start_number")
    if written in (None, UNREAD) and not replaces:
        return None
    number = None if written in (None, UNREAD, NOBODY) else row.whole("start_number", 1, HIGHEST_NUMBER)
    column = "error_s" if row.find("error_s") else "uncertainty_s"
    error_s = row.find_decimal(column, "0", str(MOST_ERROR_NS // NS_PER_S))
    counter = row.whole("counter", 0, HIGHEST_COUNTER) if row.find("counter") else 0
    values = (
        row.text("timing_point"),
        number,
        row_at_ns(row, event, is_rough=True),
        row.find("person") or row.find("source") or row.text("person"),
        row.find("device") or name,
        counter,
        None if error_s is None else uncertainty_ns(error_s),
        replaces,
        row.find("source") or "",
    )
    if not all((values[0], number != 0, values[2], values[3])):
        return None  # what is wrong is noted
    try:
        return made(*values)
    except ValueError as error:
        row.wrong(str(error))
        return None


def _replaces(written: str | None) -> str | None:
    """Return what a correction names: an id, or a counter with its #, which may be left out."""
    return f"#{written}" if written is not None and written.isdecimal() and len(written) < 10 else written


def _odd(lines: Sequence[Line], before: Sequence[Sighting], event: Event, now_ns: int) -> Iterator[str]:
    """Yield what is odd about lines, as `line: what came, what becomes of it`."""
    points = {point.id for point in event.timing_points}
    numbers = {entry.start_number for entry in event.entries}
    line_by_id: dict[str, int] = {}
    stands, unmet = standing([*before, *(line.sighting for line in lines)])
    standing_ids, unmet_ids = ({sighting.id for sighting in group} for group in (stands, unmet))
    for line, sighting in lines:
        first = line_by_id.setdefault(sighting.id, line)
        if first != line:
            yield f"{line}: the same as line {first}: it counts once"
        if sighting.timing_point not in points:
            point = as_toml(sighting.timing_point)
            yield f"{line}: {point} is no timing point of the event: it counts for nothing until it is"
        is_unknown = sighting.start_number is not None and sighting.start_number not in numbers
        if is_unknown and sighting.id in standing_ids:
            yield f"{line}: no entry has {sighting.start_number}: it counts for nothing until one has"
        if sighting.id in unmet_ids:
            yield f"{line}: it is in place of {sighting.replaces}, which is not here: kept until the other one comes"
    ahead = [(line, sighting.at_ns) for line, sighting in lines if sighting.at_ns > now_ns + SLACK_NS]
    if ahead:
        line, at_ns = ahead[0]
        instant = local_text(at_ns, event.timezone)[:19].replace("T", " ")
        more = f" (and {len(ahead) - 1} more)" if len(ahead) > 1 else ""
        yield f"{line}: {instant}{more} has not been yet by this computer's clock: kept; is one of the two clocks off?"
