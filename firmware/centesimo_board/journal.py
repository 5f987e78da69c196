"""The journal: records in NOR flash, whole before anyone is told, found again after a power cut at any instant.

The area is a ring of sectors, laid out as slots.py says. A record goes to flash by programming its page with ones
(which change nothing) around it; several for one page go in one program.

Why it survives a cut: a sector is believed by its header, which is programmed to zeros before the sector is erased, and
written after it; a half-written one does not check, and stands before empty slots. What a slot holds that was not
written whole is counted as torn and skipped. recovery.py finds all this out. The newest page is programmed again at
every start, as it was read: a cut may have left bits that read right then and wrong the next time.

Up to AHEAD sectors are erased in quiet moments, so that a program waits for an erase only when more than these were
filled without one, or the journal is nearly full.

Nothing that the host has not acknowledged is overwritten. When no sector may be erased and only RESERVE slots are
left, ordinary records are refused and counted; what makes room (Acknowledged, Erased) and what says so (Loss) still
fits, and a Seal in half of it. To erase is to write the Erased record: what it names is not kept from then on.
"""

from centesimo_board.recovery import TELL_NOTHING, Recovery
from centesimo_board.slots import (
    PAGE,
    RECORDS,
    SECTOR,
    SLOT,
    SLOTS,
    SLOTS_IN_PAGE,
    ZEROS,
    count_whole,
    header,
    sequence_of,
)
from centesimo_protocol import record
from centesimo_protocol.shim import const

RESERVE = const(16)
AHEAD = const(4)  # sectors
SCARCE = const(64)  # slots left that are erased
WARN_PERCENT = const(80)
TRIES = const(4)
USE_RESERVE = (record.Acknowledged, record.Loss, record.Erased)


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
    worn          those of them that did not hold what was programmed, since the start
    refused       records not written because the journal was full, since the start
    foreign       sectors whose header is of another format
    capacity      records that fit before the journal is full
    writable      whether the supply allows to write; belongs to the owner
    """

    def __init__(self, flash, size):
        self.sectors = size // SECTOR
        self.capacity = self.sectors * RECORDS - RESERVE
        recovery = Recovery(flash, self.sectors)
        self.boot = recovery.boot
        self.last = recovery.last
        self.acknowledged = recovery.acknowledged
        self.erased = recovery.erased
        self.telling = recovery.telling
        self.written = None
        self.torn = recovery.torn
        self.worn = 0
        self.refused = 0
        self.writable = True
        self.foreign = recovery.foreign
        self._flash = flash
        self._page = bytearray(b"\xff" * PAGE)
        self._ones = bytes(self._page)
        self._first_by_sector = recovery.first_by_sector  # sequence; 0: nothing kept there
        self._sector = recovery.sector  # the one that is written
        self._slot = recovery.slot  # the next free one in it
        self._generation = recovery.generation
        self._guard = self._next_kept(self._sector)  # the oldest that must stay; so do all from there to _sector
        self._cursor = self._sector  # where the last record read was
        self._ready = 0  # how many sectors behind `_sector` are erased ahead
        self.first = max(self._first_by_sector[self._guard], self.erased + 1)
        self._move_guard()
        for sector, slot in recovery.strays:
            self._zero(sector, slot)
        if self._generation:
            self._program_again()

    @property
    def kept(self) -> int:
        """How many records are kept."""
        return self.last + 1 - self.first

    @property
    def waiting(self) -> int:
        """How many records no host has, up to the newest one that tells something."""
        return max(0, self.telling - self.acknowledged)

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
        return self.writable and self._free() > RESERVE // 2

    def append(self, entry) -> int:
        """Write one entry; return its sequence number once it is on flash, 0 if the journal is full."""
        return self.last if self.append_all((entry,)) else 0

    def append_all(self, entries) -> int:
        """Write entries in order; return how many are on flash (the last one's number is then `last`).

        The rest is refused and counted: the journal is full, or the flash does not take it. None is, and none counted,
        while the journal is not writable.
        """
        if not self.writable:
            return 0
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

    @property
    def is_scarce(self) -> bool:
        """Whether so few erased slots are left that an erase should not wait for a quiet moment."""
        return self._ready == 0 and SLOTS - self._slot < SCARCE

    def tend(self) -> bool:
        """Erase another sector ahead if one is due and allowed: 45 ms, at worst 400; say whether it was done."""
        following = (self._sector + 1 + self._ready) % self.sectors
        if self._ready == AHEAD or not self.writable or not self._may_erase(following):
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
        if count_whole(raw, first) == wanted:
            return raw
        return self._read_around(sector, slot, end, first, count)

    def _read_around(self, sector, slot, end, first, count):
        """Return records of a sector in which slots are torn: the wanted ones lie further back."""
        records = []
        while slot < end and len(records) < count:
            raw = self._flash.read(sector * SECTOR + slot * SLOT, SLOT)
            sequence = sequence_of(raw)
            if sequence >= first:
                records.append(raw)
                first = sequence + 1
            slot += 1
        return b"".join(records)

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
        begin, end = (slot - page) * SLOT, (slot - page + len(entries)) * SLOT
        try:
            for number, entry in enumerate(entries):
                head = (self.last + 1 + number, self.boot)
                at = begin + number * SLOT
                self._page[at : at + SLOT] = record.pack_values(record.KIND_BY_CLASS[entry[0]], head + entry[1:])
            self._flash.program(self._sector * SECTOR + page * SLOT, self._page)
            programmed = bytes(self._page[begin:end])
        finally:
            self._page[:] = self._ones
        self._slot += len(entries)
        raw = self._flash.read(self._sector * SECTOR + slot * SLOT, len(entries) * SLOT)
        whole = len(entries) if raw == programmed else count_whole(raw, self.last + 1)
        for number in range(whole, len(entries)):
            self.torn += 1
            self.worn += 1
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
        if self._ready == 0:
            self._erase(following)
        self._generation += 1
        self._page[:SLOT] = header(
            self.boot, self._generation, self.last + 1, self.acknowledged, self.torn, self.erased
        )
        self._flash.program(following * SECTOR, self._page)
        self._page[:] = b"\xff" * PAGE
        self._ready -= 1
        self._sector = following
        self._slot = 1
        self._first_by_sector[following] = self.last + 1
        self._move_guard()
        return True

    def _may_erase(self, sector):
        return sector not in (self._guard, self._sector)

    def _erase(self, sector):
        self._first_by_sector[sector] = 0
        self.first = max(self._first_by_sector[self._next_kept(self._sector)] or self.last + 1, self.erased + 1)
        self._zero(sector, 0)
        self._flash.erase(sector * SECTOR)
        self._ready += 1

    def _program_again(self):
        """Program the page that was written last once more, as it reads."""
        offset = self._sector * SECTOR + (self._slot - 1) // SLOTS_IN_PAGE * PAGE
        self._flash.program(offset, self._flash.read(offset, PAGE))

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
