"""The journal: records in NOR flash, whole before anyone is told, found again after a power cut at any instant.

The area is a ring of 4 KiB sectors of 128 slots of 32 bytes. Slot 0 of a sector is its header, the others are records
(protocol/record.py) in the order of their sequence numbers. A record goes to flash by programming its page with ones
(which change nothing) around it; several for one page go in one program. Header, little-endian:

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

Why it survives a cut: a sector is believed by its header alone; the header is programmed to zeros before the sector is
erased, and written after it; a half-written header does not check. A slot that is neither empty nor whole, or whole but
out of sequence, was cut while it was written and never announced: it is counted as torn and skipped, its sequence
number is used again. At start all headers are read and the newest sector's slots, nothing else.

Nothing that the host has not acknowledged is overwritten. When no sector may be erased and only RESERVE slots are
left, ordinary records are refused and counted; what makes room (Acknowledged, Erased) and what says so (Loss) still
fits, and a Seal in half of it. To erase is to write the Erased record: what it names is not kept from then on.
"""

import struct
from array import array
from binascii import crc32

from protocol import record
from protocol.shim import const

SECTOR = const(4096)
PAGE = const(256)
SLOT = const(32)
SLOTS = const(128)
RECORDS = const(127)  # in one sector
SLOTS_IN_PAGE = const(8)
RESERVE = const(16)
WARN_PERCENT = const(80)
TRIES = const(4)

FORMAT = const(1)
MAGIC = b"cJou"
HEADER = "<4sBBHIIIII"
EMPTY = b"\xff" * 32
USE_RESERVE = (record.Acknowledged, record.Loss, record.Erased)
TELL_NOTHING = (record.ACKNOWLEDGED, record.SEAL)  # kinds
ZEROS = b"\x00" * 32


class Journal:
    """The records on the first `size` bytes of a flash device (all but the settings' area).

    An entry is a tuple of a record's class and its fields after `boot`: (record.Edge, counter_us, input, ...).

    boot          number of this start, 1 .. 65535: one more than the newest record's
    first         sequence number of the oldest record kept, last + 1 if none is
    last          sequence number of the newest record, 0 if there is none
    acknowledged  sequence number up to which the host has all
    erased        sequence number up to which the journal was erased
    telling       newest record that is neither Acknowledged nor Seal
    written       called with the bytes of records that are on flash now, in order; belongs to the chain
    torn          slots that a cut or a worn flash has spoilt, ever
    refused       records not written because the journal was full, since the start
    foreign       sectors whose header is of another format
    capacity      records that fit before the journal is full
    """

    def __init__(self, flash, size):
        self.sectors = size // SECTOR
        self.capacity = self.sectors * RECORDS - RESERVE
        self.boot = 1
        self.first = 1
        self.last = 0
        self.acknowledged = 0
        self.erased = 0
        self.telling = 0
        self.written = None
        self.torn = 0
        self.refused = 0
        self.foreign = 0
        self._flash = flash
        self._page = bytearray(b"\xff" * PAGE)
        self._first_by_sector = array("I", [0] * self.sectors)  # sequence; 0: nothing kept there
        self._sector = self.sectors - 1  # the one that is written
        self._slot = SLOTS  # the next free one in it
        self._generation = 0
        self._guard = self._sector  # the oldest sector that must stay; so do all from there to _sector
        self._cursor = self._sector  # where the last record read was
        self._ready = -1  # the sector that is erased ahead
        self._recover()

    @property
    def kept(self) -> int:
        """How many records are kept."""
        return self.last + 1 - self.first

    @property
    def warns(self) -> bool:
        """Whether 80 % of what fits is not acknowledged."""
        return (self.last - self.acknowledged) * 100 >= self.capacity * WARN_PERCENT

    @property
    def full(self) -> bool:
        """Whether ordinary records are refused."""
        return self._free() <= RESERVE

    @property
    def has_room_for_seal(self) -> bool:
        """Whether a Seal fits: it may use half of the reserve."""
        return self._free() > RESERVE // 2

    def append(self, entry) -> int:
        """Write one entry; return its sequence number once it is on flash, 0 if the journal is full."""
        return self.last if self.append_all((entry,)) else 0

    def append_all(self, entries) -> int:
        """Write entries in order; return how many are on flash (the last one's number is then `last`).

        The rest is refused and counted: the journal is full, or the flash does not take it.
        """
        written = 0
        tries = 0
        while written < len(entries) and tries < TRIES:
            room = min(self._room(entries[written]), len(entries) - written)
            if room == 0:
                break
            kept = self._program(entries[written : written + room])
            written += kept
            tries = 0 if kept == room else tries + 1
        self.refused += len(entries) - written
        return written

    def acknowledge(self, up_to, counter_us, host_id) -> bool:
        """Note that a host (8 bytes) has all records up to a sequence number; False if there is no such record yet.

        It becomes an Acknowledged record, unless it tells nothing new, or only of other acknowledgements, or the
        journal is full and it frees no sector: then it holds until the next start.
        """
        if up_to > self.last:
            return False
        if up_to <= self.acknowledged:
            return True
        tells = self.acknowledged < self.telling
        full = self.full
        self.acknowledged = up_to
        self._move_guard()
        if tells and not (full and self.full):
            self.append((record.Acknowledged, counter_us, up_to, host_id))
        return True

    def erase(self, up_to, counter_us, host_id) -> bool:
        """Keep no record up to a sequence number, for a host (8 bytes); False if there is no room to record that."""
        if not self.append((record.Erased, counter_us, up_to, host_id)):
            return False
        self.erased = up_to
        self.acknowledged = max(self.acknowledged, up_to)
        self._move_guard()
        self.first = max(self.first, up_to + 1)
        return True

    def tend(self) -> bool:
        """Erase the next sector ahead if that is due and allowed: 45 ms, at worst 400; say whether it was done."""
        following = (self._sector + 1) % self.sectors
        if self._ready == following or not self._may_erase(following):
            return False
        self._erase(following)
        return True

    def read(self, first, count) -> bytes:
        """Return up to `count` records from the first one kept with a sequence number of at least `first`, in order.

        Fewer come at the end of a sector, none when there are no more. A number is missing only where the flash has
        lost its record.
        """
        first = max(first, self.first)
        if first > self.last or count < 1:
            return b""
        sector = self._sector_of(first)
        raw = self._read_sector(sector, first, count)
        while not raw and sector != self._sector:
            sector = self._next_kept(sector)
            raw = self._read_sector(sector, first, count)
        self._cursor = sector
        return raw

    def _read_sector(self, sector, first, count):
        """Return up to `count` records of one sector from sequence number `first` on."""
        begins = self._first_by_sector[sector]
        first = max(first, begins)
        slot = first - begins + 1
        end = self._slot if sector == self._sector else SLOTS
        wanted = min(count, end - slot)
        if wanted <= 0:
            return b""
        raw = self._flash.read(sector * SECTOR + slot * SLOT, wanted * SLOT)
        if _whole(raw, first) == wanted:
            return raw
        return self._read_around(sector, slot, end, first, count)

    def _read_around(self, sector, slot, end, first, count):
        """Return records of a sector in which slots are torn: the wanted ones lie further back."""
        found = []
        while slot < end and len(found) < count:
            raw = self._flash.read(sector * SECTOR + slot * SLOT, SLOT)
            sequence = _sequence(raw)
            if sequence >= first:
                found.append(raw)
                first = sequence + 1
            slot += 1
        return b"".join(found)

    def _sector_of(self, sequence):
        """Return the newest kept sector that begins at or before a sequence number."""
        sector = self._cursor
        if not 0 < self._first_by_sector[sector] <= sequence:
            sector = self._next_kept(self._sector)
        while sector != self._sector:
            following = self._next_kept(sector)
            if self._first_by_sector[following] > sequence:
                break
            sector = following
        return sector

    def _next_kept(self, sector):
        """Return the next sector that holds records, going round; the same one if there is no other."""
        for _ in range(self.sectors):
            sector = (sector + 1) % self.sectors
            if self._first_by_sector[sector]:
                break
        return sector

    def _free(self):
        """Return how many slots can still be written, all sectors that may be erased included."""
        return SLOTS - self._slot + RECORDS * ((self._guard - self._sector - 1) % self.sectors)

    def _room(self, entry):
        """Return how many slots of one page are free for entries like this one, opening a sector where one is due."""
        free = self._free()
        if entry[0] is record.Seal:
            free -= RESERVE // 2
        elif entry[0] not in USE_RESERVE:
            free -= RESERVE
        if free <= 0 or (self._slot == SLOTS and not self._open()):
            return 0
        return min(free, SLOTS_IN_PAGE - self._slot % SLOTS_IN_PAGE)

    def _program(self, entries):
        """Write entries to one page; return how many stand there whole, which are now records."""
        slot = self._slot
        page = slot // SLOTS_IN_PAGE * SLOTS_IN_PAGE
        try:
            for number, entry in enumerate(entries):
                at = (slot - page + number) * SLOT
                raw = record.pack(entry[0](self.last + 1 + number, self.boot, *entry[1:]))
                self._page[at : at + SLOT] = raw
            self._flash.program(self._sector * SECTOR + page * SLOT, self._page)
        finally:
            self._page[:] = b"\xff" * PAGE
        self._slot += len(entries)
        raw = self._flash.read(self._sector * SECTOR + slot * SLOT, len(entries) * SLOT)
        whole = _whole(raw, self.last + 1)
        for number in range(whole, len(entries)):
            self.torn += 1
            self._zero(self._sector, slot + number)
        for number in range(whole):
            self.last += 1
            if raw[number * SLOT + 6] not in TELL_NOTHING:
                self.telling = self.last
        if whole and self.written:
            self.written(raw[: whole * SLOT])
        return whole

    def _open(self):
        """Begin the next sector, erasing it first where that was not done ahead; False if it must not be erased."""
        following = (self._sector + 1) % self.sectors
        if not self._may_erase(following):
            return False
        if self._ready != following:
            self._erase(following)
        self._generation += 1
        header = struct.pack(
            HEADER, MAGIC, FORMAT, 0, self.boot, self._generation, self.last + 1, self.acknowledged, self.torn,
            self.erased,
        )  # fmt: skip
        self._page[:SLOT] = header + struct.pack("<I", crc32(header))
        self._flash.program(following * SECTOR, self._page)
        self._page[:] = b"\xff" * PAGE
        self._ready = -1
        self._sector = following
        self._slot = 1
        self._first_by_sector[following] = self.last + 1
        self._move_guard()
        return True

    def _may_erase(self, sector):
        return self._guard != sector

    def _erase(self, sector):
        self._ready = -1
        self._first_by_sector[sector] = 0
        self.first = max(self._first_by_sector[self._next_kept(self._sector)] or self.last + 1, self.erased + 1)
        self._zero(sector, 0)
        self._flash.erase(sector * SECTOR)
        self._ready = sector

    def _zero(self, sector, slot):
        """Make a slot invalid for ever by programming it to zeros."""
        page = slot // SLOTS_IN_PAGE * SLOTS_IN_PAGE
        at = (slot - page) * SLOT
        self._page[at : at + SLOT] = ZEROS
        self._flash.program(sector * SECTOR + page * SLOT, self._page)
        self._page[:] = b"\xff" * PAGE

    def _move_guard(self):
        """Let go of the oldest sectors whose records are all acknowledged."""
        while self._guard != self._sector:
            following = self._next_kept(self._guard)
            if self._first_by_sector[self._guard] and self._first_by_sector[following] > self.acknowledged + 1:
                break
            self._guard = following

    def _recover(self):
        """Find out from the flash alone what is kept, where to write next, and which start this is."""
        newest = None
        for sector in range(self.sectors):
            header = self._header(sector)
            if header and (newest is None or header[1] > newest[1]):
                newest = header
                self._sector = sector
        if newest is None:
            return
        boot, self._generation, first, self.acknowledged, self.torn, self.erased = newest
        self._believe()
        self._slot = 1
        self.last = first - 1
        self.telling = first - 1
        self._scan(boot)
        self._guard = self._next_kept(self._sector)
        self.first = max(self._first_by_sector[self._guard], self.erased + 1)
        self._move_guard()

    def _header(self, sector):
        """Return (boot, generation, first, acknowledged, torn, erased) of a sector, None if its header is none."""
        raw = self._flash.read(sector * SECTOR, SLOT)
        if struct.unpack("<I", raw[28:])[0] != crc32(raw[:28]) or raw[:4] != MAGIC:
            return None
        _, form, _, boot, generation, first, acknowledged, torn, erased = struct.unpack(HEADER, raw[:28])
        if form != FORMAT:
            self.foreign += 1
            return None
        return boot, generation, first, acknowledged, torn, erased

    def _believe(self):
        """Keep the sectors that lead up to the newest one: each place back has a generation one less."""
        for back in range(min(self.sectors, self._generation)):
            sector = (self._sector - back) % self.sectors
            header = self._header(sector)
            if header and header[1] == self._generation - back:
                self._first_by_sector[sector] = header[2]

    def _scan(self, boot):
        """Walk the newest sector's slots: the records that follow each other, the torn ones, the first free one."""
        for slot in range(1, SLOTS):
            raw = self._flash.read(self._sector * SECTOR + slot * SLOT, SLOT)
            if raw == EMPTY:
                continue
            self._slot = slot + 1
            if _sequence(raw) != self.last + 1:
                self.torn += 1
                if _sequence(raw):
                    self._zero(self._sector, slot)  # whole but out of sequence: it must not be found later
                continue
            self.last += 1
            (boot,) = struct.unpack("<H", raw[4:6])
            if raw[6] in (record.ACKNOWLEDGED, record.ERASED_UP_TO):
                (up_to,) = struct.unpack("<I", raw[record.HEAD_SIZE : record.HEAD_SIZE + 4])
                self.acknowledged = max(self.acknowledged, up_to)
                if raw[6] == record.ERASED_UP_TO:
                    self.erased = up_to
            if raw[6] not in TELL_NOTHING:
                self.telling = self.last
        self.boot = boot % 0xFFFF + 1


def _sequence(raw):
    """Return the sequence number of the record in 32 bytes, 0 if it does not check."""
    (sequence,) = struct.unpack("<I", raw[:4])
    (check,) = struct.unpack("<I", raw[record.CHECK_AT :])
    return sequence if crc32(raw[: record.CHECK_AT]) == check else 0


def _whole(raw, first):
    """Return how many records at the beginning of `raw` check and are numbered from `first` on."""
    for number in range(len(raw) // SLOT):
        if _sequence(raw[number * SLOT : number * SLOT + SLOT]) != first + number:
            return number
    return len(raw) // SLOT
