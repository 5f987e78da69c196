"""Settings: a few values that outlive power cuts, in two sectors of their own at the end of the flash area.

A change erases the older copy and writes the whole table there, so the newer copy stays until the next one is whole.
One page each:

    offset  size    field
    0       4       magic   "cSet"
    4       1       format  1
    5       1       count   of entries, 0 .. 18
    6       2       0
    8       4       generation, counts up
    12      13 * n  entries: key u8, value 12 bytes
    ...     4       CRC-32 (as zlib) of everything before it

A copy that does not check is not used: the other is; if neither does and the sectors are not empty, the defaults hold,
are written down, and `damaged` says so. The copy that is used is programmed again at every start: a cut may have left
its bits undecided. Keys that this firmware does not know are kept. A value is text in UTF-8 padded with zeros, or a
signed 64-bit integer, little-endian, or an id of 8 bytes,
and four zeros. Entries from PRIVATE on hold the board's secret: no host is told
them.
"""

import struct
from binascii import crc32, unhexlify

from centesimo_protocol.shim import ProtocolError, const

SECTOR = const(4096)
PAGE = const(256)
AREA = const(8192)
VALUE_SIZE = const(12)
ENTRIES_MAX = const(18)
FORMAT = const(1)
MAGIC = b"cSet"
HEAD = "<4sBBHI"
HEAD_SIZE = const(12)

NAME = const(1)
GPS_BAUD = const(2)
ANCHOR_EVERY_S = const(3)
HEALTH_EVERY_S = const(4)
INPUTS = const(5)
LEAP_S = const(6)
SECRET = const(7)  # of a Setting record only: the secret was set, the value is its fingerprint
LEAP_UNTIL_S = const(8)
PULSE_FALLS = const(9)
BOARD_ID = const(10)
BATTERY_LOW_MV = const(11)
BATTERY_STOP_MV = const(12)

PRIVATE = const(240)
SECRET_KEYS = (240, 241)  # a half of the secret each

TEXT = const(0)
RANGE = const(1)
ONE_OF = const(2)
ID = const(3)

BAUDS = (4800, 9600, 19200, 38400, 57600, 115200)

# (key, name, default, check, values): what an official may set, and to what.
KEYS = (
    (NAME, "name", "", TEXT, None),
    (GPS_BAUD, "gps_baud", 9600, ONE_OF, BAUDS),
    (ANCHOR_EVERY_S, "anchor_every_s", 64, RANGE, (1, 3600)),
    (HEALTH_EVERY_S, "health_every_s", 600, RANGE, (10, 86400)),
    (INPUTS, "inputs", 15, RANGE, (0, 15)),  # bit 0 is input 1; an input switched off is not recorded
    (LEAP_S, "leap_s", -128, RANGE, (-128, 127)),  # GPS minus UTC when it was last confirmed, -128 not known
    (
        LEAP_UNTIL_S,
        "leap_until_s",
        0,
        RANGE,
        (0, 0xFFFFFFFF),
    ),  # that month's end: none is inserted before
    (PULSE_FALLS, "pulse_falls", 0, RANGE, (0, 1)),  # 1: the receiver's pulse marks the second as it falls
    (BOARD_ID, "board_id", "", ID, None),  # in the place of the chip's own number; empty: that one
    (BATTERY_LOW_MV, "battery_low_mv", 3400, RANGE, (0, 9900)),  # an alarm below it; 0 never
    (BATTERY_STOP_MV, "battery_stop_mv", 2800, RANGE, (0, 9900)),  # nothing is written below it; 0 always
)


class SettingError(ProtocolError):
    """A value that a setting cannot have, or a key that is none."""


class Settings:
    """The table over the last two sectors of a flash device.

    damaged  neither copy checked when the board started: the defaults hold, and nobody has changed one since
    """

    def __init__(self, flash):
        self.damaged = False
        self._flash = flash
        self._start = flash.size - AREA
        self._raw_by_key = {}
        self._generation = 0
        self._copy = 1  # the sector of the newest copy; the next goes to the other
        self._load()

    def value(self, key):
        """Return a setting as text or integer: its default where it was never set or what is kept cannot be."""
        _, _, default, _, _ = _find(key)
        raw = self._raw_by_key.get(key)
        if raw is None:
            return default
        try:
            return unpack(key, raw)
        except SettingError:
            return default

    def items(self) -> list:
        """Return (key, 12 bytes) of every known setting and every unknown one that is kept, by key."""
        entries = [(key, pack(key, self.value(key))) for key, _, _, _, _ in KEYS]
        table_keys = [key for key, _ in entries]
        kept_keys = [key for key in self._raw_by_key if key not in table_keys and key < PRIVATE]
        return sorted(entries + [(key, self._raw_by_key[key]) for key in kept_keys])

    def secret(self) -> bytes:
        """Return the board's secret, 24 bytes, or none where it was never set."""
        return b"".join([self._raw_by_key.get(key, b"") for key in SECRET_KEYS])

    def keep_secret(self, secret):
        """Keep a secret of 24 bytes, in both copies, so that damage to one leaves it; takes two erases."""
        if len(self._raw_by_key) + len(SECRET_KEYS) > ENTRIES_MAX and not self.secret():
            raise SettingError("expected room for a secret among %d settings, found none" % ENTRIES_MAX)
        for place, key in enumerate(SECRET_KEYS):
            self._raw_by_key[key] = secret[place * VALUE_SIZE : (place + 1) * VALUE_SIZE]
        self._save()
        self._save()

    def change(self, key, raw):
        """Check 12 bytes for a key and keep them on flash; SettingError says why they are refused.

        Erases a sector: takes 45 ms, at worst 400 ms. Nothing is written when nothing changes.
        """
        unpack(key, raw)
        if self._raw_by_key.get(key) == raw:
            return
        if key not in self._raw_by_key and len(self._raw_by_key) >= ENTRIES_MAX:
            raise SettingError("expected at most %d settings, this would be one more" % ENTRIES_MAX)
        self._raw_by_key[key] = bytes(raw)
        self._save()
        self.damaged = False

    def _load(self):
        blank = True
        for copy in (0, 1):
            page = self._flash.read(self._start + copy * SECTOR, PAGE)
            blank = blank and page == b"\xff" * PAGE
            entries = parse(page)
            if entries is not None and (entries[0] > self._generation):
                self._generation, self._raw_by_key = entries
                self._copy = copy
        self.damaged = self._generation == 0 and not blank
        if self.damaged:
            self._save()
        elif self._generation:
            self._flash.program(self._start + self._copy * SECTOR, image(self._generation, self._raw_by_key))

    def _save(self):
        self._copy = 1 - self._copy
        self._generation += 1
        offset = self._start + self._copy * SECTOR
        self._flash.erase(offset)
        self._flash.program(offset, image(self._generation, self._raw_by_key))


def image(generation, raw_by_key) -> bytes:
    """Return the page that holds a table."""
    page = struct.pack(HEAD, MAGIC, FORMAT, len(raw_by_key), 0, generation)
    for key in sorted(raw_by_key):
        page += bytes((key,)) + raw_by_key[key]
    page += struct.pack("<I", crc32(page))
    return page + b"\xff" * (PAGE - len(page))


def parse(page):
    """Return (generation, {key: 12 bytes}) of a page, or None if it does not check."""
    magic, form, count, _, generation = struct.unpack(HEAD, page[:HEAD_SIZE])
    end = HEAD_SIZE + count * (1 + VALUE_SIZE)
    if magic != MAGIC or form != FORMAT or count > ENTRIES_MAX:
        return None
    if struct.unpack("<I", page[end : end + 4])[0] != crc32(page[:end]):
        return None
    entries = {}
    for at in range(HEAD_SIZE, end, 1 + VALUE_SIZE):
        entries[page[at]] = page[at + 1 : at + 1 + VALUE_SIZE]
    return generation, entries


def pack(key, value) -> bytes:
    """Return the 12 bytes of a setting's value; SettingError if the setting cannot have it."""
    _, name, _, check, _ = _find(key)
    if check == TEXT:
        raw = value.encode()
        if len(raw) > VALUE_SIZE:
            raise SettingError("expected %s of at most %d bytes, got %d" % (name, VALUE_SIZE, len(raw)))
        raw += b"\x00" * (VALUE_SIZE - len(raw))
    elif check == ID:
        raw = _id_bytes(name, value) + b"\x00\x00\x00\x00"
    else:
        raw = struct.pack("<q", value) + b"\x00\x00\x00\x00"
    unpack(key, raw)
    return raw


def unpack(key, raw):
    """Return the value in 12 bytes, checked; SettingError says what was expected and what came."""
    _, name, _, check, values = _find(key)
    if len(raw) != VALUE_SIZE:
        raise SettingError("expected %s in %d bytes, got %d" % (name, VALUE_SIZE, len(raw)))
    if check == TEXT:
        return _text(name, raw)
    if raw[8:] != b"\x00\x00\x00\x00":
        raise SettingError("expected %s to end in four zeros" % name)
    if check == ID:
        return raw[:8].hex() if any(raw[:8]) else ""
    (value,) = struct.unpack("<q", raw[:8])
    if check == ONE_OF and value not in values:
        raise SettingError("expected %s to be one of %s, got %d" % (name, ", ".join([str(v) for v in values]), value))
    if check == RANGE and not values[0] <= value <= values[1]:
        raise SettingError("expected %s from %d to %d, got %d" % (name, values[0], values[1], value))
    return value


def _id_bytes(name, text):
    """Return the 8 bytes of an id in 16 hex digits, zeros where there is none."""
    try:
        raw = unhexlify(text) if text else b"\x00" * 8
    except ValueError:
        raw = b""
    if len(raw) != 8:
        raise SettingError("expected %s of 16 hex digits, got %r" % (name, text))
    return raw


def _text(name, raw):
    body = raw.rstrip(b"\x00")
    try:
        text = body.decode()
    except UnicodeError:
        text = "\x00"
    for character in text:
        if ord(character) < 32 or ord(character) == 127:
            raise SettingError("expected %s as printable text in UTF-8" % name)
    return text


def _find(key):
    for row in KEYS:
        if row[0] == key:
            return row
    raise SettingError("expected a setting from 1 to %d, got %d" % (KEYS[-1][0], key))
