"""The desk of whoever keys: pad, store and boards together, without the terminal.

Each entry is committed before the desk goes on. What cannot be stored (a full disk, a store in use) waits in
`unstored`, is said, and is tried again before anything else: nothing that was keyed is lost, and the order stays.
Passages come through the store, whoever collects: this program, another one, or a bundle.
"""

from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

from centesimo.amend.apply import apply
from centesimo.collect.live_passages import LivePassages
from centesimo.keying.ahead import Ahead, Course, ahead
from centesimo.keying.pad import NOBODY, UNDO, Entry, Pad
from centesimo.keying.rows import Row, find_lag_ns, rows
from centesimo.model.course import places_without
from centesimo.model.errors import StoreError
from centesimo.model.event import Event
from centesimo.model.facts import Passage, Sighting
from centesimo.reading.localtime import local_text
from centesimo.sightings import standing
from centesimo.store import Store
from centesimo.store.load_sightings import NOBODY as NOBODY_WORD

RETRY_NS = 2_000_000_000
AGAIN = 500  # records before the newest that are read again: one may have come late


class Desk:
    """What is shown and kept at some timing points.

    person, device  whose sightings these are
    now_ns          the laptop's clock
    word            what is to be said of the last key; "" nothing
    is_warning      the word is a warning
    unstored        entries that could not be stored yet, oldest first, and why
    """

    def __init__(
        self, store: Store, event: Event, points: Sequence[str], who: tuple[str, str], now_ns: Callable[[], int]
    ) -> None:
        self.event = event
        self.pad = Pad(points)
        self.person, self.device = who
        self.now_ns = now_ns
        self.word, self.is_warning = "", False
        self.unstored: list[Entry] = []
        self.trouble = ""  # why entries are not stored, or the store cannot be read
        self.rows: list[Row] = []
        self.standing: tuple[Sighting, ...] = ()
        self.lag_ns: int | None = None
        self._store = store
        self._course = Course(event)
        self._near = self._course.points_with(points)
        self._boards = {point.board for point in event.timing_points if point.id in points and point.board is not None}
        self._last_by_board = dict.fromkeys(self._boards, 0)
        self._live = LivePassages(event.timing_points)
        self._passages: list[Passage] = []
        self._arrived_ns_by_id: dict[str, int] = {}
        self._count = -1  # of sightings in the store
        self._tried_ns = 0
        self._out_by_point: dict[str, frozenset[int]] = {}  # crews that have retired

    def begin(self) -> None:
        """Read what the store has: what passed and was keyed before."""
        for board in self._boards:
            self._passages += self._new_passages(board, self._last_by_board[board])
        retired = apply(self.event, {}, self._store.decisions()).retired
        for point in self.pad.points:
            chain = self._course.find_chain(point, self.now_ns())
            places = places_without(self.event, chain, retired) if chain else frozenset()
            self._out_by_point[point] = frozenset(number for number, where in places if where == point)
        self._read_sightings()
        self._lay_out()

    def look(self) -> bool:
        """Take what came to the store since, and try again what could not be stored; say whether anything changed."""
        try:
            changed = self._look()
        except StoreError as error:
            changed, self.trouble = self.trouble != str(error), str(error)
        if changed:
            self._lay_out()
        return changed

    def press(self, key: str, at_ns: int) -> None:
        """Take a key that was pressed at an instant of the laptop's clock; what it keeps is committed."""
        if not (key.isdigit() or self.unstored):
            self.word, self.is_warning = "", False
        if key in UNDO and self.unstored:
            self._say(f"{_name(self.unstored.pop().start_number)} taken back, before it was stored")
            return
        last = self._find_last()
        was_typed = self.pad.typed
        entry = self.pad.press(key, at_ns, self.rows, last)
        if entry is None:
            self._say_why_not(key, was_typed, last)
            return
        warnings = self._warnings(entry)
        self.unstored.append(entry)
        kept = self._store_all()
        if kept and entry.replaces and entry.start_number is None and last is not None:
            self.pad.undone(last, kept)
            self._say(f"{_name(last.start_number)} at {self._clock(last.at_ns)} taken back: key what it was")
        elif kept:
            self._say("; ".join([f"{_name(entry.start_number)} kept at {entry.timing_point}", *warnings]), warnings)
        self._read_sightings()
        self._lay_out()

    def store_rest(self) -> list[str]:
        """Store what could not be stored yet; where it still cannot be, return it as lines that can be loaded."""
        if not self.unstored or self._store_all():
            return []
        return ["timing_point,start_number,instant,person,device,replaces", *map(self._line, self.unstored)]

    def ahead(self) -> Ahead:
        """Return who is next at the timing point that is keyed at."""
        point = self.pad.points[self.pad.point]
        chain = self._course.find_chain(point, self.now_ns())
        return ahead(chain, point, self.standing, self._out_by_point[point]) if chain else Ahead((), ())

    def _look(self) -> bool:
        now_ns = self.now_ns()
        changed = False
        if self.unstored and now_ns - self._tried_ns >= RETRY_NS:
            changed = self._store_all() is not None
        for board in self._boards:
            last = self._store.last_sequence(board)
            if last != self._last_by_board[board]:
                new = self._new_passages(board, self._last_by_board[board] - AGAIN)
                self._arrived_ns_by_id.update((passage.id, now_ns) for passage in new)
                self._passages += new
                changed = True
        if self._store.sightings_count() != self._count:
            self._read_sightings()
            changed = True
        if self.trouble and not self.unstored:
            self.trouble, changed = "", True
        return changed

    def _new_passages(self, board: str, after: int) -> list[Passage]:
        raws = self._store.records_after(board, max(after, 0))
        if not raws:
            return []
        self._last_by_board[board] = int.from_bytes(raws[-1][:4], "little")
        return [passage for passage in self._live.add(board, raws) if passage.timing_point in self.pad.points]

    def _read_sightings(self) -> None:
        try:
            self._count = self._store.sightings_count()
            self.standing = standing(self._store.sightings(self._near)).sightings
        except StoreError as error:
            self.trouble = str(error)

    def _lay_out(self) -> None:
        here = [sighting for sighting in self.standing if sighting.timing_point in self.pad.points]
        self.lag_ns = find_lag_ns(self._passages, self._arrived_ns_by_id)
        self.rows = rows(self._passages, self._arrived_ns_by_id, here, self.lag_ns or 0)

    def _store_all(self) -> Sighting | None:
        """Store the entries that wait, oldest first; return the last one as it is stored, None if one is not."""
        self._tried_ns = self.now_ns()
        kept = None
        while self.unstored:
            entry = self.unstored[0]
            try:
                kept = self._store.key(
                    entry.timing_point, entry.start_number, entry.at_ns, self.person, self.device, entry.replaces
                )
            except StoreError as error:
                self.trouble = str(error)
                return None
            del self.unstored[0]
        self.trouble = ""
        return kept

    def _find_last(self) -> Sighting | None:
        """Return what was keyed last here on this device and stands."""
        own = [
            sighting
            for sighting in self.standing
            if (sighting.person, sighting.device) == (self.person, self.device)
            and sighting.timing_point in self.pad.points
        ]
        return max(own, key=lambda sighting: sighting.counter, default=None)

    def _warnings(self, entry: Entry) -> list[str]:
        """Return what is odd about a number; it is kept all the same."""
        number = entry.start_number
        if number is None:
            return []
        chain = self._course.find_chain(entry.timing_point, entry.at_ns)
        crews = {crew.start_number for crew in chain.crews} if chain else set()
        if number not in {entry.start_number for entry in self.event.entries}:
            return [f"no entry has {number}"]
        before = [
            sighting.at_ns
            for sighting in self.standing
            if (sighting.timing_point, sighting.start_number) == (entry.timing_point, number)
        ]
        odd = [f"{number} was keyed here at {self._clock(before[-1])}"] if before else []
        odd += [f"{number} does not drive here"] if number not in crews else []
        odd += [f"{number} has retired"] if number in self._out_by_point[entry.timing_point] else []
        return odd

    def _say_why_not(self, key: str, was_typed: str, last: Sighting | None) -> None:
        if key in UNDO and last is None:
            self._say("nothing to take back", ["-"])
        elif key in NOBODY:
            self._say("no passage here without a number", ["-"])
        elif key.isdigit() and was_typed == self.pad.typed:
            self._say("no number is longer", ["-"])

    def _say(self, word: str, warnings: Sequence[str] = ()) -> None:
        self.word, self.is_warning = word, bool(warnings)

    def _clock(self, at_ns: int) -> str:
        return local_text(at_ns, self.event.timezone)[11:19]

    def _line(self, entry: Entry) -> str:
        """Return an entry as a line that can be loaded."""
        instant = f"{local_text(entry.at_ns, ZoneInfo('UTC'))}Z"
        nobody = "" if entry.replaces else NOBODY_WORD
        cells = (
            entry.timing_point,
            entry.start_number or nobody,
            instant,
            self.person,
            self.device,
            entry.replaces or "",
        )
        return ",".join(map(str, cells))


def _name(number: int | None) -> str:
    return "nobody's" if number is None else str(number)
