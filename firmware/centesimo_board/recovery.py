"""What is on the journal's flash when the board starts: found out from the flash alone, whatever a cut or rot has left.

Read are all headers, the newest sector's slots, and those of a sector whose header has rotted. The slots in turn:

empty               nothing was written there, or a cut left it so
zeros               given up: its number was used again
neither, nor whole  torn: a cut left it, and its number was used again, or it has rotted, and its number is lost
whole               a record, if its number is the next one, or later by as many as torn slots came just before it
whole, out of turn  of a program that was cut before the number was announced: to be given up, or it is found later

So a record that has rotted costs itself alone, and what a cut left costs what nobody was told. A header that has rotted
costs nothing: its sector is told by its place and its records, unless all of these are acknowledged.
"""

import struct
from array import array

from centesimo_board.slots import EMPTY, FORMAT, SECTOR, SLOT, SLOTS, ZEROS, find_header, sequence_of
from centesimo_protocol import record
from centesimo_protocol.shim import const

TELL_NOTHING = (record.ACKNOWLEDGED, record.SEAL)  # kinds
BOOTS = const(0xFFFF)


class Recovery:
    """What the first `sectors` sectors of a flash device hold; reads, never writes.

    boot, last, acknowledged, erased, telling, torn, foreign  as Journal's
    generation, sector, slot  of the newest sector, and where to write next in it
    first_by_sector           sequence number of each sector's first record, 0 where nothing is kept
    strays                    (sector, slot) of what is to be given up
    """

    def __init__(self, flash, sectors):
        self.boot = 0
        self.last = self.acknowledged = self.erased = self.telling = 0
        self.torn = self.foreign = 0
        self.generation = 0
        self.sector = sectors - 1
        self.slot = SLOTS
        self.first_by_sector = array("I", [0] * sectors)
        self.strays = []
        self._flash = flash
        self._sectors = sectors
        if self._find_newest():
            self._scan()
        while self._go_on():
            self._scan()
        self._believe()
        self.boot = self.boot % BOOTS + 1

    def _header(self, sector):
        return find_header(self._flash.read(sector * SECTOR, SLOT))

    def _find_newest(self) -> bool:
        """Begin with the newest header; say whether there is one."""
        newest = None
        for sector in range(self._sectors):
            header = self._header(sector)
            if header and header.form != FORMAT:
                self.foreign += 1
            elif header and header.generation > self.generation:
                newest = header
                self.sector, self.generation = sector, header.generation
        if newest is None:
            return False
        self.boot, self.acknowledged = newest.boot, newest.acknowledged
        self.torn, self.erased = newest.torn, newest.erased
        self.last = self.telling = newest.first - 1
        return True

    def _scan(self):
        """Walk the slots of `sector`."""
        torn = 0  # since the last record
        self.slot = 1
        for slot in range(1, SLOTS):
            raw = self._flash.read(self.sector * SECTOR + slot * SLOT, SLOT)
            if raw == EMPTY:
                continue
            self.slot = slot + 1
            sequence = sequence_of(raw)
            if self.last < sequence <= self.last + 1 + torn:
                self._take(raw, sequence)
                torn = 0
                continue
            self.torn += 1
            if sequence:
                self.strays.append((self.sector, slot))
            elif raw != ZEROS:
                torn += 1

    def _take(self, raw, sequence):
        self.last = sequence
        (self.boot,) = struct.unpack("<H", raw[4:6])
        if raw[6] in (record.ACKNOWLEDGED, record.ERASED_UP_TO):
            (up_to,) = struct.unpack("<I", raw[record.HEAD_SIZE : record.HEAD_SIZE + 4])
            self.acknowledged = max(self.acknowledged, up_to)
            if raw[6] == record.ERASED_UP_TO:
                self.erased = up_to
        if raw[6] not in TELL_NOTHING:
            self.telling = sequence

    def _go_on(self) -> bool:
        """Go on to the next sector where the journal does and only the header has rotted; say whether that is so."""
        following = (self.sector + 1) % self._sectors
        first, _ = self._numbers(following)
        if first <= self.last:
            return False
        self.torn += 1
        self.generation += 1
        self.sector, self.last = following, first - 1
        return True

    def _believe(self):
        """Keep the sectors that lead up to the newest one: each place back has a generation one less."""
        for back in range(min(self._sectors, self.generation)):
            sector = (self.sector - back) % self._sectors
            header = self._header(sector)
            if header:
                is_kept = header.form == FORMAT and header.generation == self.generation - back
                first = header.first
            else:
                first, last = self._numbers(sector)
                is_kept = back == 0 or self.acknowledged < last <= self.last
            if is_kept:
                self.first_by_sector[sector] = first

    def _numbers(self, sector):
        """Return the first and last number of the records in a sector whose header has rotted, (0, 0) in any other."""
        raw = self._flash.read(sector * SECTOR, SLOT)
        if raw in (EMPTY, ZEROS) or find_header(raw):
            return 0, 0
        first = last = 0
        for slot in range(1, SLOTS):
            sequence = sequence_of(self._flash.read(sector * SECTOR + slot * SLOT, SLOT))
            first = first or sequence
            last = sequence or last
        return first, last
