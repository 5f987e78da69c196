"""How the journal's flash is laid out: sectors of 128 slots of 32 bytes, a header and 127 records.

Slot 0 of a sector is its header, the others are records (centesimo_protocol.record) in order of their sequence numbers.
The header, little-endian:

    offset  size  field
    0       4     magic         "cJou"
    4       1     format        1
    5       1     0
    6       2     boot          in which it was written
    8       4     generation    counts up from sector to sector; its neighbours' differ by one
    12      4     first         sequence number of the sector's first record
    16      4     acknowledged  up to which sequence number the host had acknowledged by then
    20      4     torn          slots torn in all sectors before this one
    24      4     erased        up to which sequence number the journal had been erased by then
    28      4     CRC-32 (as zlib) of bytes 0 .. 27
"""

import struct
from binascii import crc32
from collections import namedtuple

from centesimo_protocol import record
from centesimo_protocol.shim import const

SECTOR = const(4096)
PAGE = const(256)
SLOT = const(32)
SLOTS = const(128)
RECORDS = const(127)  # in one sector
SLOTS_IN_PAGE = const(8)

FORMAT = const(1)
MAGIC = b"cJou"
LAYOUT = "<4sBBHIIIII"
CHECK_AT = const(28)
EMPTY = b"\xff" * 32
ZEROS = b"\x00" * 32

# What is in a header, as above; `form` is the format, which a reader must know.
Header = namedtuple("Header", "form boot generation first acknowledged torn erased")


def header(boot, generation, first, acknowledged, torn, erased) -> bytes:
    """Return the 32 bytes of a header."""
    raw = struct.pack(LAYOUT, MAGIC, FORMAT, 0, boot, generation, first, acknowledged, torn, erased)
    return raw + struct.pack("<I", crc32(raw))


def find_header(raw):
    """Return the Header in 32 bytes, of any format, or None where there is none that checks."""
    if raw[:4] != MAGIC or struct.unpack("<I", raw[CHECK_AT:])[0] != crc32(raw[:CHECK_AT]):
        return None
    _, form, _, *values = struct.unpack(LAYOUT, raw[:CHECK_AT])
    return Header(form, *values)


def sequence_of(raw) -> int:
    """Return the sequence number of the record in 32 bytes, 0 if it does not check."""
    (sequence,) = struct.unpack("<I", raw[:4])
    (check,) = struct.unpack("<I", raw[record.CHECK_AT :])
    return sequence if crc32(raw[: record.CHECK_AT]) == check else 0


def count_whole(raw, first) -> int:
    """Return how many records at the beginning of `raw` check and are numbered from `first` on."""
    for number in range(len(raw) // SLOT):
        if sequence_of(raw[number * SLOT : number * SLOT + SLOT]) != first + number:
            return number
    return len(raw) // SLOT
