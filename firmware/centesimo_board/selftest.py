"""What a board can find out about itself without anybody's help; facts only, a person or the host judges them."""

import gc

from centesimo_protocol import record
from centesimo_protocol.shim import const

AT_START = const(0)
ON_REQUEST = const(1)

PATTERN_BYTES = const(1024)
PATTERNS = (0x55, 0xAA, 0x00)
FREE_MAX = const(0x3FFFFFFF)


def self_test(board, cause, now_us) -> tuple:
    """Return the entry of a SelfTest record: takes some ms, most of them to collect what is free; `cause` as above."""
    inputs = 0
    for number in (1, 2, 3, 4):
        inputs |= board.devices.capture.closed(number) << number - 1
    gc.collect()
    ram, journal = 1 if ram_is_right() else 0, 1 if reads_back(board.journal) else 0
    return (record.SelfTest, now_us, cause, ram, journal, pulse_s(board, now_us), inputs, free_bytes())


def result_text(entry) -> str:
    """Return what the entry of a SelfTest says, as text of at most 91 letters."""
    _, _, _, ram, journal, since_s, inputs, free = entry
    closed = " ".join([str(number) for number in (1, 2, 3, 4) if inputs >> number - 1 & 1]) or "none"
    pulse = "no pulse" if since_s == record.NO_PULSE_S else "pulse %d s ago" % since_s
    words = ("right" if ram else "WRONG", "right" if journal else "WRONG", pulse, closed, free)
    return "memory %s, journal %s, %s, inputs closed: %s, %d bytes free" % words


def ram_is_right() -> bool:
    """Say whether patterns come back from a piece of free memory; False also when there is none."""
    try:
        piece = bytearray(PATTERN_BYTES)
        for pattern in PATTERNS:
            expected = bytes((pattern,)) * PATTERN_BYTES
            piece[:] = expected
            if piece != expected:
                return False
    except MemoryError:
        return False
    return True


def reads_back(journal) -> bool:
    """Say whether the oldest and the newest record are there, whole; an empty journal has nothing to lose."""
    if not journal.kept:
        return True
    try:
        for sequence in (journal.first, journal.last):
            if record.unpack(journal.read(sequence, 1)).sequence != sequence:
                return False
    except record.RecordError:
        return False
    return True


def pulse_s(board, now_us) -> int:
    """Return the whole seconds since the receiver's last pulse, at most 254; record.NO_PULSE_S where there was none."""
    at_us = board.clock.pulse_us
    return record.NO_PULSE_S if at_us is None else min((now_us - at_us) // 1_000_000, record.NO_PULSE_S - 1)


def free_bytes() -> int:
    """Return the bytes of memory that are free, 0 where the interpreter does not say."""
    mem_free = getattr(gc, "mem_free", None)  # MicroPython's only
    return min(mem_free(), FREE_MAX) if mem_free else 0
