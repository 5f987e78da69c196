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
its bits undecided. Keys that this firmware does not know are kept. Which settings there are, and what
a value is, setting.py of the protocol says. Entries from PRIVATE on hold the board's secret: no host is told them.
"""

import struct
from binascii import crc32

from centesimo_protocol.setting import KEYS, VALUE_SIZE, SettingError, find, pack, unpack
from centesimo_protocol.shim import const

SECTOR = const(4096)
PAGE = const(256)
AREA = const(8192)
ENTRIES_MAX = const(18)
FORMAT = const(1)
MAGIC = b"cSet"
HEAD = "<4sBBHI"
HEAD_SIZE = const(12)

PRIVATE = const(240)
SECRET_KEYS = (240, 241)  # a half of the secret each


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
        _, _, default, _, _ = find(key)
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
