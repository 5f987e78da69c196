"""Load passages that another device or a hand has timed: a CSV file, all of it or nothing; docs/passages-file.md.

The file is read strictly against the event (timing points, legs, start numbers) with every mistake at once. Its
passages keep their source for ever. Loading a file again adds nothing, nor does a line that an earlier file had.
"""

from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from centesimo.amend import taken_back
from centesimo.check.entries import HIGHEST_NUMBER
from centesimo.model.errors import LoadError
from centesimo.model.event import Event
from centesimo.reading.csv_rows import Row, read_rows
from centesimo.reading.folder import find_text, prefix_of
from centesimo.reading.numbers import uncertainty_ns
from centesimo.reading.row_instants import TIMES, reference, row_at_ns
from centesimo.reading.toml_tables import Problems
from centesimo.store import LoadedPassage, Store

NEEDED = ("timing_point", "source")
FURTHER = ("start_number", *TIMES, "uncertainty_s")


class Loaded(NamedTuple):
    """What a file brought: passages that were new, and lines that the store had already."""

    name: str
    digest: str  # SHA-256 of the file, hex
    added: int
    known: int
    taken_back: bool = False  # this very file was loaded before and taken back: it counts only when that is withdrawn


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
    files = taken_back(store.decisions())
    added = store.add_loaded(path.name, digest, text, passages, now_ns, files)
    return Loaded(path.name, digest, added, len(passages) - added, digest[:8] in files)


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
    point = reference(row, "timing_point", [point.id for point in event.timing_points], "a timing point")
    start_number = None
    if row.find("start_number"):
        start_number = row.whole("start_number", 1, HIGHEST_NUMBER)
        if start_number and start_number not in {entry.start_number for entry in event.entries}:
            row.wrong(f"expected the start number of an entry, or an empty cell, got {start_number}")
    uncertainty_s = row.find_decimal("uncertainty_s", "0", "60")
    within_ns = None if uncertainty_s is None else uncertainty_ns(uncertainty_s)
    return LoadedPassage(row.line, point, start_number, row_at_ns(row, event), within_ns, row.text("source"))
