"""The raw archive: every byte that came from a port, when it came, kept before anything is made of it.

A Tape lies between a port and its session. What it holds is cut into parts, and a part is committed together with the
records that were read from it: a store never holds a record whose bytes it does not have. A visit is one opening of a
port; its parts are numbered from 1 and each one's digest covers the part before, so none can be changed, taken out or
put in unseen. Inside a part (compressed with zlib) stand the events of the line, one after the other, little-endian:

    offset  size  field
    0       1     kind       0 bytes received, 1 the host greeted, 2 a silence: half a frame was given up
    1       4     after_ms   since the begin of the part
    5       4     length     n, 0 for kinds 1 and 2
    9       n     bytes      as they came

Those three kinds are all that the reading of a session depends on, so Replay reads the records as the first time.
"""

import os
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from typing import NamedTuple

from centesimo.model.errors import LinkError, StoreError
from centesimo.store.intake import Intake
from centesimo_protocol import session
from centesimo_protocol.shim import VersionError

RECEIVED, GREETED, GAVE_UP = 0, 1, 2
HEAD = struct.Struct("<BII")
LEVEL = 6  # of zlib
PART_MAX = 1 << 24  # bytes of a part before it is compressed: a part that claims more is refused
NS_PER_MS = 1_000_000


class Part(NamedTuple):
    """A piece of a visit; `raw` is compressed, instants are ns since 1970 by the clock of the computer `host`."""

    visit: str  # 32 hex digits, chosen anew at every opening of a port
    part: int  # from 1
    host: str  # 16 hex digits: as the board is told
    host_version: str
    port: str
    board: str  # 16 hex digits, as it said of itself in this visit
    begun_at_ns: int
    ended_at_ns: int
    digest: str  # SHA-256, hex, over all of this (uncompressed) and the digest of the part before
    raw: bytes


class Tape:
    """What a port says while it is open; `size` bytes wait to be cut off as the next part."""

    def __init__(self, port: str, host: bytes, host_version: str, now_ns: Callable[[], int]) -> None:
        """Begin a visit; `now_ns` is this computer's clock."""
        self.size = 0
        self._visit = os.urandom(16).hex()
        self._about = (host.hex(), host_version, port)
        self._now_ns = now_ns
        self._count = 0
        self._digest = ""
        self._begun_at_ns = 0
        self._events: list[bytes] = []

    def received(self, chunk: bytes) -> None:
        """Keep bytes that came."""
        if chunk:
            self._add(RECEIVED, chunk)

    def greeted(self) -> None:
        """Note that the host greets the board, anew or for the first time."""
        self._add(GREETED, b"")

    def gave_up(self) -> None:
        """Note that half a frame is given up after a silence."""
        self._add(GAVE_UP, b"")

    def cut(self, board: str, ended_at_ns: int) -> Part:
        """Return what came since the last cut as the next part; the owner stores it."""
        begun_at_ns = min(self._begun_at_ns or ended_at_ns, ended_at_ns)
        events = b"".join(self._events)
        self._count += 1
        part = Part(self._visit, self._count, *self._about, board, begun_at_ns, ended_at_ns, "", b"")
        self._digest = digest(part, events, self._digest)
        self._events.clear()
        self.size = self._begun_at_ns = 0
        return part._replace(digest=self._digest, raw=zlib.compress(events, LEVEL))

    def _add(self, kind: int, chunk: bytes) -> None:
        at_ns = self._now_ns()
        self._begun_at_ns = self._begun_at_ns or at_ns
        after_ms = max(0, at_ns - self._begun_at_ns) // NS_PER_MS  # a clock may be set back
        self._events.append(HEAD.pack(kind, min(after_ms, 0xFFFFFFFF), len(chunk)) + chunk)
        self.size += HEAD.size + len(chunk)


class TapedSession(session.HostSession):
    """A host's session whose line is on tape."""

    def __init__(self, host_id: bytes, tape: Tape) -> None:
        super().__init__(host_id)
        self.tape = tape

    def hello(self) -> bytes:
        """Greet, and note it."""
        self.tape.greeted()
        return super().hello()

    def receive(self, chunk: bytes) -> list["session.BoardMessage"]:
        """Keep what came, then read it."""
        self.tape.received(chunk)
        return super().receive(chunk)

    def abandon(self) -> list["session.BoardMessage"]:
        """Give up half a frame, and note it."""
        self.tape.gave_up()
        return super().abandon()


def digest(part: Part, events: bytes, before: str) -> str:
    """Return the digest of a part; `before` is that of the part before it, "" for the first."""
    about = "\n".join(map(str, (before, *part[:8]))) + "\n"
    return sha256(about.encode() + events).hexdigest()


def events_of(part: Part) -> bytes:
    """Return the uncompressed events of a part; StoreError if they cannot be had."""
    try:
        inflater = zlib.decompressobj()
        events = inflater.decompress(part.raw, PART_MAX)
    except zlib.error as error:
        raise StoreError(f"part {part.part} of visit {part.visit} in the archive is damaged: {error}") from error
    if not inflater.eof or inflater.unused_data:
        raise StoreError(f"part {part.part} of visit {part.visit} in the archive is damaged: it has no right end")
    return events


def split(events: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield (kind, after_ms, bytes) of every event; StoreError if they do not fit."""
    at = 0
    while at < len(events):
        if at + HEAD.size > len(events):
            raise StoreError(f"expected whole events in the archive, got half a head at {at}")
        kind, after_ms, length = HEAD.unpack_from(events, at)
        at += HEAD.size
        if kind > GAVE_UP or at + length > len(events):
            raise StoreError(f"expected whole events in the archive, got kind {kind} with {length} bytes at {at}")
        yield kind, after_ms, events[at : at + length]
        at += length


class Replay:
    """Reads one visit again, part by part; `intake` is what it gives, `over` whether the reading has ended."""

    def __init__(self) -> None:
        self.intake = Intake()
        self.over = False
        self._session = session.HostSession(bytes(8))

    def read(self, events: bytes) -> list[bytes]:
        """Return the records of the next part, as they were read when it came."""
        self.intake.fresh = []
        for kind, _, chunk in split(events):
            if self.over:
                break
            try:
                self.intake.take(self._messages(kind, chunk))
            except (LinkError, VersionError):  # there the collecting ended too
                self.over = True
        return self.intake.fresh

    def _messages(self, kind: int, chunk: bytes) -> Iterable[object]:
        if kind == RECEIVED:
            return self._session.receive(chunk)
        if kind == GAVE_UP:
            return self._session.abandon()
        self._session.hello()
        return ()


def read_again(parts: Sequence[Part]) -> Iterator[tuple[Part, Replay, list[bytes]]]:
    """Yield each part of one visit, in order, with the reading so far and the records that were read when it came.

    StoreError at the first part that is damaged, altered or missing.
    """
    replay, before = Replay(), ""
    for number, part in enumerate(parts, 1):
        if part.part != number:
            raise StoreError(f"part {number} of visit {part.visit} is not in the archive")
        events = events_of(part)
        if digest(part, events, before) != part.digest:
            raise StoreError(f"part {number} of visit {part.visit} in the archive was altered: its digest is another")
        before = part.digest
        yield part, replay, replay.read(events)
