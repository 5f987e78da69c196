"""What a board writes: entries gather during a turn, and are on flash before anyone is told.

The Boot record of a start goes first. While the supply is too low nothing is written, and entries wait; those that are
too many then are counted. What the journal refuses is said once.
"""

from centesimo_board.chain import BLOCK
from centesimo_board.faults import CAUGHT
from centesimo_protocol import record, session
from centesimo_protocol.shim import const

HELD_MAX = const(256)  # entries that wait for the supply
JOURNAL_SOURCE = const(17)
JOURNAL_IS_FULL, TOO_LOW = const(1), const(6)


class Entries:
    """The entries of a board, on their way to its journal.

    waiting        entries that are not on flash; whoever has something to log appends to it
    boot           the entry of this start's Boot record until it is on flash, then None
    boot_sequence  the number of that record, 0 before
    seal_due       whether a seal is to be written with the next entries
    happened_us    when each alarm of the past came up last in this boot, by its place in session.ALARM_NAMES
    """

    def __init__(self, journal, chain):
        self.waiting = []
        self.boot = None
        self.boot_sequence = 0
        self.seal_due = chain.tells  # what the last start left
        self.happened_us = {}
        self._journal = journal
        self._chain = chain
        self._unwritten = 0  # that the supply did not allow to write
        self._told_full = False

    @property
    def due(self) -> bool:
        """Whether there is anything to write."""
        return bool(self.waiting or self.boot)

    def write(self, now_us):
        """Put what waits on flash, as far as the supply and the journal allow."""
        journal, waiting = self._journal, self.waiting
        if not journal.writable:
            self._unwritten += max(0, len(waiting) - HELD_MAX)
            del waiting[HELD_MAX:]
            return
        if self._unwritten:
            waiting.append((record.Loss, now_us, JOURNAL_SOURCE, TOO_LOW, self._unwritten))
            self.happened_us[session.LOST] = now_us
            self._unwritten = 0
        if self.boot and not journal.full:
            waiting.insert(0, self.boot)
            self.boot = None
            self.boot_sequence = journal.last + 1
        written = journal.append_all(waiting)
        refused = len(waiting) - written
        waiting.clear()
        if refused and not self._told_full:
            self._told_full = True
            journal.append((record.Loss, now_us, JOURNAL_SOURCE, JOURNAL_IS_FULL, refused))
        if self._chain.tells and (self.seal_due or self._chain.open >= BLOCK):
            self.seal_due = not self._chain.seal(now_us)

    def log(self, entry):
        """Write an entry now, behind those that wait."""
        self.waiting.append(entry)
        self.write(entry[1])

    def log_one(self, entry) -> int:
        """Put an entry on flash behind those that wait; return its sequence number, 0 where the journal is full."""
        self.write(entry[1])
        return self._journal.append(entry)

    def log_instead(self, entry):
        """Write an entry now and then those that wait, one by one: one of them may not fit a record."""
        waiting = self.waiting[:]
        self.waiting.clear()
        self.log(entry)
        for other in waiting:
            try:
                self._journal.append(other)
            except CAUGHT:
                pass

    def note_room(self):
        """Let a full journal be said again, once it has had room."""
        if not self._journal.full:
            self._told_full = False
