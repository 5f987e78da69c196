"""The chain over the journal: seals blocks of records as they stand on flash, and proves an erasure.

Every record is hashed when it was read back, 32 bytes at a time, so a seal costs the same whatever it seals. A Seal is
written when BLOCK records are not sealed, with the Health records, when a host greets, and at a start that finds
records of the last one unsealed. A power cut between records and their Seal leaves them for the next Seal: they are
hashed again at the start, from flash.

Seal, Acknowledged: a block that holds nothing else tells nothing, and waits for company.
"""

from centesimo_protocol import record
from centesimo_protocol.chain import FIRST_LINK, NO_SECRET, Key
from centesimo_protocol.shim import const

BLOCK = const(64)
SEARCH = const(1024)  # records without any Seal before a new chain is begun: a journal of an older firmware


class Chain:
    """Over a Journal, with the board's secret (0 or SECRET_SIZE bytes).

    sealed  sequence number of the newest Seal, 0 if there is none
    tag     its tag, FIRST_LINK if there is none
    """

    def __init__(self, journal, secret=NO_SECRET):
        self.sealed = 0
        self.tag = FIRST_LINK
        self._journal = journal
        self._key = Key(secret)
        self._first = 1  # of the open block
        self._block = None
        self._resume()
        journal.written = self._written

    @property
    def open(self) -> int:
        """How many sequence numbers are not sealed."""
        return self._journal.last + 1 - self._first

    @property
    def tells(self) -> bool:
        """Whether something that is more than a Seal or an Acknowledged is not sealed."""
        return self._journal.telling > self.sealed

    def seal(self, counter_us) -> bool:
        """Seal what is open, if anything is and the journal has room; say whether nothing is open now."""
        journal = self._journal
        count = self.open
        if count == 0:
            return True
        if not journal.has_room_for_seal:
            return False
        tag = self._block.tag(journal.last + 1, journal.boot, counter_us, count)
        if journal.append((record.Seal, counter_us, count, tag)):
            return True
        self._resume()  # the flash did not take it, and a hash gives its digest only once
        return False

    def change_secret(self, secret):
        """Go on with another secret; only when nothing is open."""
        self._key = Key(secret)
        self._begin(self._first, self.tag)

    def erase(self, claim, counter_us, host_id) -> str:
        """Erase all before the newest Seal if `claim` (session.Erase) proves that a host has it; return why not."""
        journal = self._journal
        if self.tells:
            return "%d records came after the last seal: collect first" % (journal.last - self.sealed)
        if (claim.last, claim.digest) != (self.sealed, self.tag):
            return "expected the seal at %d and its digest, got another at %d" % (self.sealed, claim.last)
        count = self.sealed + 1 - journal.first
        if claim.count != count:
            return "expected %d records from %d on, got %d" % (count, journal.first, claim.count)
        if not journal.erase(self.sealed - 1, counter_us, host_id):
            return "no room to record it: acknowledge first"
        return ""

    def _written(self, raw):
        """Take records that are on flash now; a Seal comes alone."""
        if raw[6] == record.SEAL:
            self._take_seal(raw)
        else:
            self._block.add(raw)

    def _take_seal(self, raw):
        seal = record.unpack(raw)
        self.sealed, self.tag = seal.sequence, seal.tag
        self._begin(seal.sequence + 1, seal.tag)

    def _begin(self, first, link):
        self._first = first
        self._block = self._key.block(link)

    def _resume(self):
        """Find the newest Seal on flash and hash what came after it."""
        journal = self._journal
        lowest = max(journal.first, journal.last + 1 - SEARCH)
        self._begin(lowest if journal.kept else journal.last + 1, FIRST_LINK)
        for sequence in range(journal.last, lowest - 1, -1):
            raw = journal.read(sequence, 1)
            if raw and raw[6] == record.SEAL:
                self._take_seal(raw)
                break
        at = self._first
        while at <= journal.last:
            raw = journal.read(at, journal.last + 1 - at)
            if not raw:
                break
            self._block.add(raw)
            at = record.unpack(raw[-record.SIZE :]).sequence + 1
