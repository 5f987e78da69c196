"""Which second a pulse began: the window of dates, and the gate that joins labels and pulses once.

Bursts of sentences begin a stable delay inside (20, 900) ms after a pulse and go up by one second a pulse for ten
seconds; from then on pulses are counted, and sentences only verify. No date is believed that is before this firmware
was made, none that is 1024 weeks or more later: a week rollover lands outside. Labels are seconds since 1970.
"""

from centesimo_board.doubts import COUNTING, DATE_EARLY, DATE_LATE, DELAY, NO_DATE, NO_SENTENCES, NONE, STEPS, UNSTABLE
from centesimo_protocol.shim import const

DELAY_MIN_MS = const(20)
DELAY_MAX_MS = const(900)
DELAY_SPREAD_MS = const(300)  # a receiver computes longer when it sees more satellites
LABELS = const(10)  # seconds in a row
WINDOW_S = 7168 * 86400  # 1024 weeks: what a receiver may be off by is never inside


def date_doubt(utc_s, built_s):
    """Return NONE, NO_DATE, DATE_EARLY or DATE_LATE for a label and the firmware's date, both seconds since 1970."""
    if utc_s is None:
        return NO_DATE
    if utc_s < built_s:
        return DATE_EARLY
    if utc_s >= built_s + WINDOW_S:
        return DATE_LATE
    return NONE


class LabelGate:
    """Finds the label of the pulses: utc_s = seconds of the PulseGate + offset.

    doubt     why there is no label yet: one of DOUBTS
    row       labels in a row so far
    delay_ms  delay of the last sentence after its pulse
    """

    def __init__(self):
        self.doubt = NO_SENTENCES
        self.row = 0
        self.delay_ms = 0
        self._offset = 0
        self._seconds = 0
        self._shortest_ms = self._longest_ms = 0

    def reset(self, doubt):
        """Begin anew, for the reason given."""
        self.row = 0
        self.doubt = doubt

    def consider(self, utc_s, delay_ms, seconds):
        """Take a label inside the date window, its delay after the last pulse and that pulse's count.

        Return the offset once LABELS seconds in a row agree, else None.
        """
        if self.row and seconds == self._seconds and utc_s - seconds == self._offset:
            return None  # a second sentence of the same second
        self.delay_ms = delay_ms
        if not DELAY_MIN_MS < delay_ms < DELAY_MAX_MS:
            self.reset(DELAY)
            return None
        if self.row and (utc_s - seconds != self._offset or seconds != self._seconds + 1):
            self._start(utc_s, delay_ms, seconds, STEPS)
            return None
        if self.row == 0:
            self._start(utc_s, delay_ms, seconds, COUNTING)
            return None
        shortest_ms, longest_ms = min(self._shortest_ms, delay_ms), max(self._longest_ms, delay_ms)
        if longest_ms - shortest_ms > DELAY_SPREAD_MS:
            self._start(utc_s, delay_ms, seconds, UNSTABLE)
            return None
        self._shortest_ms, self._longest_ms = shortest_ms, longest_ms
        self._seconds = seconds
        self.row += 1
        self.doubt = COUNTING
        return self._offset if self.row > LABELS else None

    def _start(self, utc_s, delay_ms, seconds, doubt):
        self.row = 1
        self.doubt = doubt
        self._offset = utc_s - seconds
        self._seconds = seconds
        self._shortest_ms = self._longest_ms = delay_ms
