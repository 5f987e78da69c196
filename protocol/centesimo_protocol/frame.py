"""Frames: how a message crosses a wire that may lose, change or add bytes.

    offset  size  field
    0       2     sync     c5 5c
    2       1     kind     of the message: session.py
    3       2     length   of the payload, 0 .. 1024, little-endian
    5       1     guard    (kind + both bytes of the length + a5) modulo 256: a changed length is seen at once
    6       n     payload
    6 + n   4     check    CRC-32 (as zlib) of kind, length, guard and payload, little-endian

A reader that meets a damaged frame looks for the next sync right behind the damaged one's own, so that a frame that is
whole is never lost to its neighbour's damage. It holds at most MAX_FRAME - 1 bytes. Bytes outside frames are counted,
and the last few are kept: a person at a terminal types those.
"""

import struct
from binascii import crc32

from centesimo_protocol.shim import FrameError as FrameError
from centesimo_protocol.shim import const

SYNC = b"\xc5\x5c"
HEAD_SIZE = const(6)
CHECK_SIZE = const(4)
MAX_PAYLOAD = const(1024)
MAX_FRAME = const(1034)
STRAY_KEPT = const(64)

_DAMAGED = const(-1)


def encode(kind: int, payload: bytes = b"") -> bytes:
    """Return the frame of a message kind (0 .. 255) and its payload (0 .. 1024 bytes); FrameError if one is too big."""
    if not 0 <= kind <= 255:
        raise FrameError("expected a message kind from 0 to 255, got %d" % kind)
    length = len(payload)
    if length > MAX_PAYLOAD:
        raise FrameError("expected a payload of at most %d bytes, got %d" % (MAX_PAYLOAD, length))
    body = struct.pack("<BHB", kind, length, _guard(kind, length)) + payload
    return SYNC + body + struct.pack("<I", crc32(body))


class FrameReader:
    """Finds frames in bytes as they come; bytes in, (kind, payload) out, in order.

    noise    bytes that belonged to no whole frame, since the start
    damaged  frames whose guard or check was wrong, since the start
    stray    the last STRAY_KEPT of the noise; the owner may empty it
    """

    def __init__(self) -> None:
        self.noise = 0
        self.damaged = 0
        self.stray = b""
        self._held = b""  # the beginning of a frame whose end has not come yet

    def receive(self, chunk: bytes) -> list[tuple[int, bytes]]:
        """Take the next bytes (any number) and return the frames that are now whole, as (kind, payload)."""
        return self._scan(self._held + bytes(chunk), False)

    def abandon(self) -> list[tuple[int, bytes]]:
        """Give up the half frame that is held, as after a silence, and return what frames stand behind its head."""
        return self._scan(self._held, True)

    def _scan(self, held: bytes, last: bool) -> list[tuple[int, bytes]]:
        frames = []
        at = 0
        while at < len(held):
            start = _sync_from(held, at)
            self._drop(held[at:start])
            at, end = start, _end(held, start)
            if end == _DAMAGED or (last and end > len(held)):
                self.damaged += end == _DAMAGED
                self._drop(held[at : at + len(SYNC)])
                at += len(SYNC)
            elif end > len(held):
                break
            else:
                frames.append((held[at + 2], held[at + HEAD_SIZE : end - CHECK_SIZE]))
                at = end
        self._held = held[at:]
        return frames

    def _drop(self, noise: bytes) -> None:
        if noise:
            self.noise += len(noise)
            self.stray = (self.stray + noise)[-STRAY_KEPT:]


def _sync_from(held: bytes, at: int) -> int:
    """Return where the next frame may begin from `at` on: at a sync, at half a sync that ends `held`, or at its end."""
    start = held.find(SYNC, at)
    if start >= 0:
        return start
    return len(held) - (held[-1] == SYNC[0])


def _end(held: bytes, start: int) -> int:
    """Return where the frame at `start` ends: _DAMAGED if it is, beyond `held` if more bytes are needed to say."""
    if len(held) < start + HEAD_SIZE:
        return start + HEAD_SIZE
    kind, length, guard = struct.unpack("<BHB", held[start + 2 : start + HEAD_SIZE])
    if guard != _guard(kind, length) or length > MAX_PAYLOAD:
        return _DAMAGED
    end: int = start + HEAD_SIZE + length + CHECK_SIZE
    if end <= len(held):
        (check,) = struct.unpack("<I", held[end - CHECK_SIZE : end])
        if check != crc32(held[start + 2 : end - CHECK_SIZE]):
            return _DAMAGED
    return end


def _guard(kind: int, length: int) -> int:
    return (kind + (length & 0xFF) + (length >> 8) + 0xA5) & 0xFF
