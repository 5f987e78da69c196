"""One board's download as a state machine: bytes and the time in, bytes to send and records out; no port, no clock.

Greet, then ask for every record that the board keeps and the store does not, two requests in flight, until all are
here; when the owner has stored them, acknowledge. Bytes are never trusted: what is damaged, doubled or not asked for
is ignored, what stays away is asked for again. After a silence the board is greeted anew, for it may have restarted
or be another one. What tells one journal from another is fetched once more and compared there, each time: the first
record that board and store both have, the last, the newest seal, which covers all before it, and every record that came
in several versions. So a journal that was erased, or another board under the same id, cannot go on unseen.

Progress decides, not noise: only what was missing, or answers a request, ends a silence. A board that goes on without
an end, or too slowly, is left after ALLOWED_MS and so long for each record that it said to keep.

A number that the board keeps no record for (torn by a power cut) is believed only on proof: both neighbours in one
frame, or an empty answer to a request that began with it. Retries begin one record early, to get that proof.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from centesimo.model.errors import LinkError
from centesimo.store.intake import TELL_NOTHING, Intake
from centesimo.words.boards import board_text
from centesimo_protocol import record, session
from centesimo_protocol.shim import VersionError

FETCH_RECORDS = 240  # a request: ten full frames, 0.7 s at 115200 baud
WINDOW = 2  # requests in flight
SILENCE_MS = 700
GREETINGS = 6  # tries, the first ones after SILENCE_MS each
QUICK_GREETINGS = 3  # after these it waits twice as long: a board gives up half a frame after 1 s without a byte
GREETINGS_TO_A_RECEIVER = 3  # when what comes is plainly no board
RETRIES = 10  # in a row without a new record
ALLOWED_MS = 60_000  # for all of a download, and for each record that is expected when the board is greeted first:
ALLOWED_A_RECORD_MS = 400  # a line of 1200 baud takes 300
KEPT_MAX = 1 << 20  # records; twice what the largest flash of a board holds

GREETING = "greeting"
FETCHING = "fetching"
COMPLETE = "complete"  # all records are here, the owner has to store them
ACKNOWLEDGING = "acknowledging"
DONE = "done"

COMPARED_MAX = 240  # records of several versions that are fetched once more

NMEA_HEAD = re.compile(rb"\$[A-Z0-9]{5},")  # talker and kind of a sentence, as $GNRMC,

Range = tuple[int, int]  # first and last sequence, both included


class Download:
    """The host's end of one download; whoever owns the port calls `receive` with what came, or b"" as time passes.

    board   16 hex digits, "" before the board's first answer
    name    of the board, as it was set in its settings
    fresh   records (32 bytes each) that came and were not stored yet; the owner empties it when it stores them
    taken   how many of the records that were missing came; `total` is how many are expected
    absent  sequences in the board's range that it has no record for
    last    the last sequence of the board when it was greeted
    notes   what a person should know although all went well
    lacking how many records the board has no more that the store has not, and the first that it has
    """

    def __init__(
        self,
        host: session.HostSession,
        held: Callable[[str], Iterable[Range]],
        silence_ms: int = SILENCE_MS,
        intake: Intake | None = None,
        contested: Callable[[str], Iterable[int]] = lambda board: (),
    ) -> None:
        """Begin with the host's session; `held` gives the ranges that the store has of a board, when it is known.

        `contested` gives the sequences of which the store has several versions: they are fetched once more.
        `intake` is that of an earlier download on the same open port, None for the first one.
        """
        self.session = host
        self.state = GREETING
        self.board = ""
        self.name = ""
        self.intake = intake or Intake()
        self.fresh = self.intake.fresh
        self.taken = 0
        self.absent: set[int] = set()
        self.last = 0
        self.notes: list[str] = []
        self.lacking = 0, 1
        self._held = held
        self._contested = contested
        self._end_ms: int | None = None  # the download must have ended by then
        self._silence_ms = silence_ms
        self._heard_ms: int | None = None
        self._tries = 0  # in a row without a new record or a welcome
        self._first = 1  # that the board keeps
        self._acknowledged = 0  # up to where, says the board
        self._missing: set[int] = set()
        self._queue: list[Range] = []  # what to ask for next, the first at the end
        self._asked: dict[int, Range] = {}  # by request number
        self._answered: set[int] = set()  # requests of which records came
        self._window = WINDOW
        self._acknowledgements: set[int] = set()  # sequences of records that tell nothing: see TELL_NOTHING
        self._is_stored = False

    @property
    def total(self) -> int:
        """Return how many records this download comes to, as far as is known."""
        return self.taken + len(self._missing)

    def receive(self, chunk: bytes, now_ms: int) -> bytes:
        """Take what came (b"": time passed; `now_ms` never goes back), return what to send; LinkError: cannot go on.

        After a LinkError `fresh` may still hold records that came before it.
        """
        if self._heard_ms is None:
            self._heard_ms = now_ms
            return self.session.hello()
        try:
            messages = self.session.receive(chunk)
            if not chunk and now_ms - self._heard_ms >= self._silence_ms:
                messages = self.session.abandon()
        except VersionError as error:
            raise LinkError(str(error)) from error
        self.intake.take(messages)
        if self._end_ms is not None and now_ms > self._end_ms and self.state != DONE:
            raise LinkError(f"gives its records too slowly or without an end: {self.taken} came, {self.total} expected")
        sent = b"".join(self._answer(message, now_ms) for message in messages)
        is_slow = self.state == GREETING and self._tries >= QUICK_GREETINGS
        is_silent = now_ms - self._heard_ms >= self._silence_ms * (1 + is_slow)
        if is_silent and self.state in (GREETING, FETCHING, ACKNOWLEDGING):
            self._heard_ms = now_ms
            sent += self._retry("stopped answering")
        return sent

    def stored(self, now_ms: int, acknowledge: bool = True) -> bytes:
        """Say that every record is stored (state COMPLETE) and return the acknowledgement to send, if one is due."""
        self._is_stored = True
        self._heard_ms = now_ms
        if not acknowledge:
            self.state = DONE
            return b""
        return self._acknowledge()

    def compare_all(self) -> bytes:
        """Fetch every record of the board, after one came that the store has differently; return the requests."""
        self._missing = set(range(self._first, self.last + 1)) - self.absent
        self._queue = list(_pieces(sorted(self._missing)))[::-1]
        return self._requests()

    def _answer(self, message: object, now_ms: int) -> bytes:
        """Take one message of the board; return what to send next."""
        if isinstance(message, session.Welcome) and self.state == GREETING:
            self._heard_ms = now_ms
            sent = self._welcome(message)
            if self._end_ms is None:
                self._end_ms = now_ms + ALLOWED_MS + ALLOWED_A_RECORD_MS * self.total
            return sent
        if isinstance(message, session.Records):
            if self._records(message):
                self._heard_ms = now_ms
        elif isinstance(message, session.End) and message.request in self._asked:
            self._heard_ms = now_ms
            self._end(message)
            return self._requests()
        elif isinstance(message, session.Acknowledged) and (self.state, message.up_to) == (ACKNOWLEDGING, self.last):
            self.state = DONE
        elif isinstance(message, session.Refused):
            return self._refused(message)
        return b""

    def _welcome(self, welcome: session.Welcome) -> bytes:
        first, last = max(1, welcome.first), welcome.last
        if first > last + 1 or last - first >= KEPT_MAX:
            raise LinkError(f"expected a range of records, the board says that it keeps {first} to {last}")
        if last < self.last:
            raise LinkError(f"it kept records up to {self.last} and now only to {last}: its journal is damaged")
        if not self.board:
            self.board = welcome.board_id.hex()
            self.name = name_of(welcome)
            self._missing = self._to_fetch(first, last, welcome.sealed)
        else:
            self._missing = {sequence for sequence in self._missing if sequence >= first}
            self._missing.update(range(max(first, self.last + 1), last + 1))
        self._first, self.last = first, last
        self._acknowledged = welcome.acknowledged
        self._queue = list(_pieces(sorted(self._missing)))[::-1]
        return self._requests()

    def _to_fetch(self, first: int, last: int, sealed: int) -> set[int]:
        """Return what the store lacks of first .. last, and what is compared; all if it has more than the board."""
        held = sorted(self._held(self.board))
        contested = islice(sorted(self._contested(self.board)), COMPARED_MAX)
        highest = held[-1][1] if held else 0
        if highest > last:
            self.notes.append(f"the store has records up to {highest}, the board only to {last}: was it erased?")
            return set(range(first, last + 1))
        missing = set(range(first, last + 1))
        lacking = first - 1
        for start, end in held:
            missing.difference_update(range(max(start, first), end + 1))
            lacking -= max(0, min(end, first - 1) - start + 1)
        self.lacking = max(0, lacking), first
        compared = {first, highest, sealed, *contested}
        return missing | {at for at in compared if first <= at <= highest and at not in missing and _is_in(held, at)}

    def _requests(self) -> bytes:
        """Return the requests that the window has room for, or what comes after the last one."""
        if self.session.board is None:
            return b""  # it has just said that it restarted; the greeting follows
        sent = b""
        while self._queue and len(self._asked) < self._window:
            first, last = self._queue.pop()
            request, chunk = self.session.fetch(first, last - first + 1)
            self._asked[request] = (first, last)
            sent += chunk
        if self._asked:
            self.state = FETCHING
            return sent
        if self._is_stored and not self.fresh:
            return self._acknowledge()
        self.state = COMPLETE
        return sent

    def _records(self, message: session.Records) -> bool:
        """Strike the records off what is missing, and the numbers skipped inside one frame: the board lacks them.

        Return whether one of them was missing.
        """
        self._answered.add(message.request)
        before, taken = 0, self.taken
        for at in range(0, len(message.records), record.SIZE):
            sequence = int.from_bytes(message.records[at : at + 4], "little")
            if before and sequence > before + 1:
                self._lose(before + 1, sequence - 1)
            before = sequence
            if sequence in self._missing:
                self._missing.remove(sequence)
                self.taken += 1
                self._tries = 0
            if message.records[at + 6] in TELL_NOTHING:
                self._acknowledgements.add(sequence)
        return self.taken > taken

    def _lose(self, first: int, last: int) -> None:
        """Note that the board lacks what is missing of first .. last; the range may be as wide as numbers go."""
        absent = {sequence for sequence in self._missing if first <= sequence <= last}
        self.absent |= absent
        self._missing -= absent

    def _end(self, message: session.End) -> None:
        """Finish a request; ask again for what did not come."""
        first, last = self._asked.pop(message.request)
        if message.next == first and message.request not in self._answered:
            self._lose(first, first)
        left = [sequence for sequence in range(first, last + 1) if sequence in self._missing]
        if not left:
            return
        self._count_try(f"record {left[0]} does not come, though it says that it keeps {left[0]}")
        early = self._tries % 2  # every other time: a board may answer nothing to a request that begins at a gap
        again = [(max(1, start - early), end) for start, end in _pieces(left)]
        self._queue.extend(reversed(again))

    def _refused(self, message: session.Refused) -> bytes:
        text = message.text.decode("ascii", "replace")
        if message.reason == session.VERSION_UNKNOWN:
            raise LinkError(f"it speaks another protocol version than {session.VERSION}: {text}; update the older one")
        if message.reason == session.BUSY:
            self._window = 1  # and ask again after the silence
        elif message.reason == session.NOT_GREETED or self.state == FETCHING:
            return self._retry(f"refuses: {text}") if self.state != GREETING else b""
        elif self.state == ACKNOWLEDGING:
            self.notes.append(f"the board did not take the acknowledgement: {text}")
            self.state = DONE
        return b""

    def _retry(self, problem: str) -> bytes:
        """Greet again, or say who does not answer; an acknowledgement that is not confirmed does no harm."""
        if self.state == ACKNOWLEDGING and self._tries >= RETRIES:
            self.notes.append("the board did not confirm the acknowledgement; all its records are stored")
            self.state = DONE
            return b""
        greetings = GREETINGS_TO_A_RECEIVER if is_receiver(self.session) else GREETINGS
        if not self.board and self._tries >= greetings:
            raise LinkError(f"no board answers: {what_came(self.session)}")
        self._count_try(problem)
        self.state = GREETING
        self._asked.clear()
        self._answered.clear()
        return self.session.hello()

    def _count_try(self, problem: str) -> None:
        self._tries += 1
        if self._tries > RETRIES:
            raise LinkError(problem)

    def _acknowledge(self) -> bytes:
        """Acknowledge all, unless all that is new tells nothing: an acknowledgement is a record, it would never end."""
        since = range(self._acknowledged + 1, self.last + 1)
        if all(sequence in self._acknowledgements for sequence in since):
            self.state = DONE
            return b""
        self.state = ACKNOWLEDGING
        return self.session.send(session.Acknowledge(self.last))


def name_of(welcome: session.Welcome) -> str:
    """Return the name that a board was given in its settings, "" if none."""
    name: str = welcome.name.rstrip(b"\0").decode("utf-8", "replace")
    return name


def welcome_text(welcome: session.Welcome) -> str:
    """Return what people read of the board that answers: name and id."""
    return board_text(welcome.board_id.hex(), name_of(welcome))


def is_receiver(host: session.HostSession) -> bool:
    """Say whether a GPS receiver speaks at the other end."""
    return NMEA_HEAD.search(host.reader.stray) is not None


def what_came(host: session.HostSession) -> str:
    """Say what a device has sent that is no board."""
    stray = host.reader.stray
    if is_receiver(host):
        return "it speaks NMEA, as a GPS receiver does by itself"
    if host.skipped and not stray:
        return "it sends back what it is sent"
    if b">>> " in stray:
        return "it shows a Python prompt: the board's firmware does not run"
    if not stray:
        return "nothing came; is the board switched on, and is this its port?"
    if sum(32 <= byte < 127 or byte in b"\r\n\t" for byte in stray) * 4 >= len(stray) * 3:
        return f"it says {' '.join(stray.decode('ascii', 'replace').split())[:40]!r}"
    return f"it sends bytes that are no frames ({stray[:8].hex(' ')}); another device, or another speed?"


def _is_in(runs: Iterable[Range], sequence: int) -> bool:
    return any(first <= sequence <= last for first, last in runs)


def _pieces(sequences: Iterable[int]) -> Iterator[Range]:
    """Yield rising sequences as runs of at most FETCH_RECORDS consecutive ones."""
    first = last = 0
    for sequence in sequences:
        if last and (sequence > last + 1 or sequence - first >= FETCH_RECORDS):
            yield first, last
            last = 0
        if not last:
            first = sequence
        last = sequence
    if last:
        yield first, last
