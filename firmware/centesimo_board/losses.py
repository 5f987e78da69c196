"""What a board has lost or found damaged, logged as it grows: edges, records, slots of flash, sentences."""

from centesimo_board.entries import JOURNAL_SOURCE
from centesimo_protocol import record, session
from centesimo_protocol.shim import const

RECEIVER_SOURCE = const(16)
CAPTURE_OVERRUN, SLOTS_TORN, SENTENCES_DAMAGED = const(0), const(2), const(3)


class Losses:
    """The counts of `capture` (lost), `journal` (refused, worn, torn) and `receiver` (damaged), as far as told."""

    def __init__(self, capture, journal, receiver, entries):
        self._capture = capture
        self._journal = journal
        self._receiver = receiver
        self._entries = entries
        self._lost = [0] * 5  # of each input
        self._refused = self._worn = self._damaged = 0
        self._torn = journal.torn

    def look(self, now_us):
        """Log lost edges, and note what is an alarm."""
        happened_us, journal = self._entries.happened_us, self._journal
        for number, lost in enumerate(self._capture.lost):
            if lost != self._lost[number]:
                self._log(now_us, number, CAPTURE_OVERRUN, lost - self._lost[number])
                self._lost[number] = lost
                happened_us[session.LOST] = now_us
        if journal.refused != self._refused:
            self._refused = journal.refused
            happened_us[session.LOST] = now_us
        if journal.worn != self._worn:
            self._worn = journal.worn
            happened_us[session.TORN] = now_us
        self._entries.note_room()

    def log_slow(self, now_us):
        """Log torn slots and damaged sentences; this is done with each Health record."""
        torn, damaged = self._journal.torn, self._receiver.damaged
        if torn != self._torn:
            self._log(now_us, JOURNAL_SOURCE, SLOTS_TORN, torn - self._torn)
            self._torn = torn
        if damaged != self._damaged:
            self._log(now_us, RECEIVER_SOURCE, SENTENCES_DAMAGED, damaged - self._damaged)
            self._damaged = damaged

    def _log(self, now_us, source, reason, count):
        self._entries.waiting.append((record.Loss, now_us, source, reason, count))
