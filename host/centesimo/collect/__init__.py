"""Collect boards: every record that their journals keep and the store does not, over any number of ports at once.

One thread a port drives a Download (download.py); the store takes one block at a time. A board's records are
acknowledged only after they are committed, so a pulled cable, a kill or a power cut costs a repetition, never a record.
A port that fails is reported and the others go on.
"""

import struct
import threading
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from centesimo.amend.choices import Choice
from centesimo.amend.choices import chosen as choices
from centesimo.collect import download
from centesimo.collect.link import Port, host_id, steady_ms
from centesimo.model.errors import LinkError, StoreError
from centesimo.model.rivals import Ground, Rivals, digest_of
from centesimo.store import Store
from centesimo.store.board_records import sequence_of, this_version
from centesimo.store.intake import Intake
from centesimo.store.raw_archive import Tape, TapedSession
from centesimo.words.boards import board_text
from centesimo_protocol import record

TAPE_BYTES = 1 << 20  # of noise or records, kept in memory at most
BLOCK_RECORDS = 960  # in one commit: 3 s at 115200 baud, and a disk that syncs slowly keeps up with USB
OTHER_BOARD = (
    "is at no timing point of this event, so nothing of it was taken:"
    " put it into event.toml, or --other-board collects it all the same"
)


class Progress(NamedTuple):
    """How far a port is: `done` of `total` records; `board` and `name` are "" until the board has answered."""

    port: str
    board: str
    name: str
    done: int
    total: int


class Collected(NamedTuple):
    """What came of one port; `error` None: all that the board keeps is stored, and acknowledged unless `notes` say not.

    board  16 hex digits, "" if no board answered
    added  records that were new to the store
    last   the highest sequence of the board in the store
    absent sequences for which the board has no record
    differing  how many records differ from those that were stored before
    unstored   whether the error is the store's: what boards have reaches nobody until it can be written
    """

    port: str
    board: str
    name: str
    added: int
    last: int
    error: str | None
    absent: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()
    differing: int = 0
    unstored: bool = False


def collect(
    store: Store,
    ports: Sequence[str],
    now_ns: Callable[[], int],
    progress: Callable[[Progress], None] | None = None,
    boards: Collection[str] = (),
) -> list[Collected]:
    """Collect the boards on `ports` (paths or URLs) and return what came of each, in their order.

    `now_ns` gives the time of a receipt; `progress` is called from several threads; `boards` as in Fleet. Never raises
    for one port's sake: look at `error`. A KeyboardInterrupt stores what came, then goes on up.
    """
    fleet = Fleet(store, now_ns, progress or (lambda _: None), boards)
    with ThreadPoolExecutor(max_workers=max(1, len(ports))) as executor:
        try:
            return list(executor.map(fleet.collect_port, ports))
        except KeyboardInterrupt:
            fleet.stopped.set()
            raise


class Fleet:
    """What the threads of one collect share; only `boards` (16 hex digits) are collected, any if none is given.

    stopped    set it to end all of them; what came is stored
    stored     called from several threads after a commit with a board, its records, and whether they came live
    caught_up  called when all that a board keeps is here and it is followed live from now on
    own_error_ns  by how much this computer's clock may be off UTC now, None: not known, then no board is told the time
    """

    def __init__(
        self,
        store: Store,
        now_ns: Callable[[], int],
        progress: Callable[[Progress], None],
        boards: Collection[str] = (),
    ) -> None:
        self.store = store
        self.now_ns = now_ns
        self.progress = progress
        self.stopped = threading.Event()
        self.stored: Callable[[str, list[bytes], bool], None] = lambda board, raws, is_live: None
        self.caught_up: Callable[[Collected], None] = lambda collected: None
        self.own_error_ns: Callable[[], int | None] = lambda: None
        self._boards = frozenset(boards)
        self._port_by_board: dict[str, str] = {}
        self._lock = threading.Lock()

    def collect_port(self, port: str) -> Collected:
        """Collect the board on one port, whatever happens."""
        return Collecting(self, port).run()

    def claim(self, board: str, port: str) -> None:
        """Refuse a board of another event, or one that another port of this collect has already answered for."""
        if self._boards and board not in self._boards:
            raise LinkError(OTHER_BOARD)
        with self._lock:
            claimed_port = self._port_by_board.setdefault(board, port)
        if claimed_port != port:
            raise LinkError(f"is also on port {claimed_port}, which collects it")

    def release(self, board: str, port: str) -> None:
        """Let a board go from a port that is closed now, so that another one may have it."""
        with self._lock:
            if self._port_by_board.get(board) == port:
                del self._port_by_board[board]


class Collecting:
    """One port's collecting, from the opening of the port to its end."""

    def __init__(self, fleet: Fleet, port: str) -> None:
        self.fleet = fleet
        self.port = port
        self.added = 0
        self.reported: Progress | None = None
        self.conflicts: set[int] = set()
        self._compared: dict[int, bytes] = {}  # what the board gives under numbers of which there are several versions
        self.is_live = False
        self.is_claimed = False  # the board is this port's to collect
        self.tape = Tape(port, host_id(), this_version(), fleet.now_ns)
        self.session = TapedSession(host_id(), self.tape)
        self.download = self.new_download(None)

    def new_download(self, intake: Intake | None) -> download.Download:
        """Return a download, the first on this port or one after another on the same open port."""
        return download.Download(self.session, self._held, intake=intake, contested=self._contested)

    @property
    def board(self) -> str:
        """The board that answered, in this download or in one before it on the same open port; "" if none did."""
        return self.download.intake.board

    def run(self) -> Collected:
        """Drive the download to its end; what came before an error is stored."""
        error, unstored = None, False
        try:
            with Port(self.port) as port:
                self.drive(port)
        except LinkError as failure:
            error = self._sentence(failure.problem)
        except StoreError as problem:
            error, unstored = f"{self.port}: {problem}", True
        if error and self.is_claimed:
            error += f"; {self.added} new records are safe in the store"
            error += "" if self.conflicts else ", collect again for the rest"
        return self.collected(error)._replace(unstored=unstored)

    def collected(self, error: str | None) -> Collected:
        """Return what came so far."""
        board = self.board
        last = self.fleet.store.last_sequence(board) if board else 0
        absent, notes = tuple(sorted(self.download.absent)), (*self._lacking(), *self.download.notes)
        rest = (absent, notes, len(self.conflicts))
        return Collected(self.port, board, self.download.name, self.added, last, error, *rest)

    def _lacking(self) -> list[str]:
        """Say what the board has no more and the store has not, and who erased it if the board wrote that down."""
        count, first = self.download.lacking
        if not count:
            return []
        what = f"{count} records before {first}"
        raws = self.fleet.store.records_of(self.board)
        values: list[object] = [
            record.unpack(raw) for raw in raws if struct.unpack_from(record.HEAD, raw)[2] == record.ERASED_UP_TO
        ]
        by = [value.host_id for value in values if isinstance(value, record.Erased) and value.up_to == first - 1]
        if not by:
            return [f"{what} are no longer on the board and not in this store"]
        who = "this computer" if by[-1] == host_id() else f"computer {by[-1].hex()}"
        return [f"{what} were erased by {who}; if they are of this event, load the bundle of the store that has them"]

    def drive(self, port: Port) -> None:
        """Download until all is stored and acknowledged; LinkError or StoreError if that does not come about."""
        state = self.download
        port.write(state.receive(b"", steady_ms()))
        try:
            while state.state != download.DONE:
                if self.fleet.stopped.is_set():
                    raise LinkError("stopped")
                port.write(state.receive(port.read(), steady_ms()))
                self._report()
                is_full = len(state.fresh) >= BLOCK_RECORDS or self.tape.size >= TAPE_BYTES
                if is_full or state.state == download.COMPLETE:
                    port.write(self._store_block())
        finally:
            self.store()
        if self.conflicts:
            raise LinkError(
                f"{len(self.conflicts)} of its records, from {min(self.conflicts)} on, differ from those stored before"
                "; both are kept, the board is not acknowledged: look into it before you erase anything"
            )

    def _store_block(self) -> bytes:
        """Store what came; return what is to be sent then."""
        state, agreed = self.download, not self.conflicts
        self.store()
        if agreed and self.conflicts:
            return state.compare_all()  # so that both of all that differs are kept
        if state.state == download.COMPLETE:
            self.conflicts = self._undecided()
            return state.stored(steady_ms(), acknowledge=not self.conflicts)
        return b""

    def _contested(self, board: str) -> list[int]:
        """Return the numbers of a board of which the store has several versions."""
        sequences = [every.sequence for every in self.fleet.store.rivals() if every.board == board]
        self._compared.update(dict.fromkeys(sequences, b""))
        return sequences

    def _undecided(self) -> set[int]:
        """Return the numbers under which the board gives another record than the one that counts.

        One counts that an official chose, or that what is stored tells; where two journals came, nothing does.
        """
        rivals = self.fleet.store.rivals() if self._compared else ()
        chosen = choices(rivals, self.fleet.store.decisions(), self.fleet.store.visited()) if rivals else {}
        return {
            every.sequence
            for every in rivals
            if every.board == self.board and (raw := self._compared.get(every.sequence))
            if not _counts(every, raw, chosen.get(every.key))
        }

    def _held(self, board: str) -> list[download.Range]:
        self.fleet.claim(board, self.port)
        self.is_claimed = True
        return self.fleet.store.held(board)

    def store(self) -> None:
        """Commit what came and the bytes it came in; the records leave the download only then."""
        state, now_ns = self.download, self.fleet.now_ns()
        if self.is_claimed and self.tape.size:
            part = self.tape.cut(state.board, now_ns)
            added = self.fleet.store.add_records(state.board, self.port, state.fresh, now_ns, part=part)
            stored = list(state.fresh)
            state.fresh.clear()
            self.added += added.new
            self.conflicts.update(added.conflicts)
            self._compared.update(dict.fromkeys(added.conflicts, b""))
            self._compared.update((at, raw) for raw in stored if (at := sequence_of(raw)) in self._compared)
            self.fleet.stored(state.board, stored, self.is_live)

    def _report(self) -> None:
        state = self.download
        now = Progress(self.port, state.board, state.name, state.taken, state.total)
        if now != self.reported:
            self.reported = now
            self.fleet.progress(now)

    def _sentence(self, problem: str) -> str:
        """Return a problem with port and board in front."""
        board = f"board {board_text(self.board, self.download.name)}: " if self.board else ""
        return f"{self.port}: {board}{problem}"


def _counts(rivals: Rivals, raw: bytes, choice: Choice | None) -> bool:
    """Say whether this version of a record is the one that counts."""
    if choice is not None:
        return choice.digest == digest_of(raw)
    return rivals.ground != Ground.NOTHING and rivals.versions[0].raw == raw
