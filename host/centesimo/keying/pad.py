"""What each key does: digits are typed, Enter keeps a number, one key takes the last one back, one marks nobody's.

The pad holds what is typed and chosen, nothing that could be lost: whatever a key keeps goes out as an Entry at once.
After the last one was taken back, the next number counts at its instant.
"""

from collections.abc import Sequence
from typing import NamedTuple

from centesimo.keying.keys import BACKSPACE, DOWN, ENTER, ESCAPE, TAB, UP
from centesimo.keying.rows import Row
from centesimo.model.facts import Sighting

MOST_DIGITS = 5
INSTEAD_NS = 15_000_000_000  # a number that comes so soon after one was taken back is the right one for it
UNDO, NOBODY = ("-", "u"), ("*", "n")  # on a number pad, on a keyboard


class Entry(NamedTuple):
    """What is to be stored: a number, nobody's (None), or that the sighting `replaces` is taken back (None)."""

    timing_point: str
    start_number: int | None
    at_ns: int  # by the laptop's clock
    replaces: str | None = None


class Instead(NamedTuple):
    """What was taken back, and by which sighting at which instant."""

    sighting: Sighting
    undoing: Sighting


class Pad:
    """The keys' state at some timing points.

    point    index of the one that is keyed at
    typed    digits so far
    chosen   id of the passage that the next number is for; "" the one that passes now
    instead  what was taken back last: the next number counts in its place, if it comes soon
    """

    def __init__(self, points: Sequence[str]) -> None:
        self.points = tuple(points)
        self.point = 0
        self.typed = ""
        self.chosen = ""
        self.instead: Instead | None = None

    def press(self, key: str, at_ns: int, rows: Sequence[Row], last: Sighting | None) -> Entry | None:
        """Take a key at an instant of the laptop's clock; return what it keeps, if anything.

        `rows` are all that is shown; `last` is the sighting that one key takes back, None if there is none.
        """
        if key.isdigit() and len(self.typed) < MOST_DIGITS:
            self.typed = (self.typed + key).lstrip("0")
        elif key == BACKSPACE:
            self.typed = self.typed[:-1]
        elif key == ESCAPE:
            self._clear()
        elif key == TAB:
            self.point, self.chosen = (self.point + 1) % len(self.points), ""
        elif key in (UP, DOWN):
            self._choose(key, rows)
        elif key == ENTER and self.typed:
            return self._keep(int(self.typed), at_ns, rows)
        elif key in NOBODY:
            return self._nobodys(rows)
        elif key in UNDO:
            return self._undo(at_ns, last)
        return None

    def undone(self, sighting: Sighting, undoing: Sighting) -> None:
        """Remember what was taken back, and the sighting that did it, for the number that comes instead."""
        self.instead = Instead(sighting, undoing)
        self.point = self.points.index(sighting.timing_point)

    def find_instead(self, at_ns: int) -> Instead | None:
        """Return what the next number would count instead of at an instant."""
        if self.instead is None or at_ns - self.instead.undoing.at_ns > INSTEAD_NS:
            return None
        return self.instead

    def _keep(self, number: int, at_ns: int, rows: Sequence[Row]) -> Entry:
        row, instead = self._find_chosen(rows), self.find_instead(at_ns)
        self._clear()
        if row is not None:
            return Entry(row.timing_point, number, row.at_ns, instead and instead.undoing.id)
        if instead is not None:
            return Entry(instead.sighting.timing_point, number, instead.sighting.at_ns, instead.undoing.id)
        return Entry(self.points[self.point], number, at_ns)

    def _nobodys(self, rows: Sequence[Row]) -> Entry | None:
        """Mark the chosen passage, or the newest one here without a number; nothing where there is none."""
        free = [row for row in rows if row.timing_point == self.points[self.point] and row.passage and not row.sighting]
        row = self._find_chosen(rows) or (free[-1] if free else None)
        if row is None:
            return None
        self._clear()
        return Entry(row.timing_point, None, row.at_ns)

    def _undo(self, at_ns: int, last: Sighting | None) -> Entry | None:
        self._clear()
        return None if last is None else Entry(last.timing_point, None, at_ns, last.id)

    def _clear(self) -> None:
        self.typed, self.chosen, self.instead = "", "", None

    def _choose(self, key: str, rows: Sequence[Row]) -> None:
        """Choose the passage before or after the chosen one; past the newest none is chosen."""
        ids = [row.passage.id for row in rows if row.passage]
        place = ids.index(self.chosen) if self.chosen in ids else len(ids)
        place += -1 if key == UP else 1
        self.chosen = ids[max(place, 0)] if place < len(ids) else ""

    def _find_chosen(self, rows: Sequence[Row]) -> Row | None:
        return next((row for row in rows if row.passage and row.passage.id == self.chosen), None)
