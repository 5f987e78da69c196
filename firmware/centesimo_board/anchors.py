"""The pulse that the time rests on now, what follows from it, and which pulses are written down.

Anchors are logged when the clock locks (with the oldest pulse kept, for the rate), then one pulse every `every_s`,
every FRESH_EVERY_S in the first FRESH_S; the pulse before and the pulse after every edge, so that its time is
interpolated over seconds; and the last one before holdover.
"""

from centesimo_protocol import record
from centesimo_protocol.bounds import may_stray_us, outside_ns
from centesimo_protocol.shim import const

FRESH_S = const(32)
FRESH_EVERY_S = const(16)


class Anchors:
    """Rests on a pulse of a PulseGate; `log(entry)` takes Anchor entries, `tell()` gives (confirmed, delay_ms,
    satellites, leap_s, temperature_cc) for them.

    at_us      counter of the pulse that the time rests on, 0 before there was one
    at_s       its label
    behind_us  counter where an inserted second was over, 0 before there was one
    every_s    how often a pulse is logged; may be set
    """

    def __init__(self, log, tell):
        self.at_us = 0
        self.at_s = 0
        self.behind_us = 0
        self.every_s = 64
        self._log = log
        self._tell = tell
        self._span_us = self._span_s = 0  # what its rate was measured over
        self._residual_us = 0  # its distance from where it was predicted
        self._strayed_us = self._oldest_strayed_us = 0  # by how much it and the other end of that may be off
        self._is_logged = True
        self._logged_s = 0
        self._locked_s = 0
        self._is_wanted = False  # whether the next one is to be logged in any case

    def rest_on(self, pulses, offset):
        """Let the time rest on the last pulse of a PulseGate; its label is its count of seconds + offset."""
        oldest_us, oldest_s = pulses.oldest()
        self.at_us = pulses.at_us
        self.at_s = pulses.seconds + offset
        self._span_us, self._span_s = pulses.at_us - oldest_us, pulses.seconds - oldest_s
        self._residual_us = pulses.residual_us
        self._strayed_us = may_stray_us(pulses.residual_us)
        self._oldest_strayed_us = may_stray_us(pulses.oldest_residual_us())
        self._is_logged = False

    def utc(self, counter_us) -> tuple:
        """Return (seconds since 1970, microseconds) of a counter near now."""
        away_us = counter_us - self.at_us
        if self._span_us:
            away_us = away_us * self._span_s * 1_000_000 // self._span_us
        return self.at_s + away_us // 1_000_000 + (counter_us < self.behind_us), away_us % 1_000_000

    def bound_ns(self, counter_us) -> int:
        """Return the uncertainty of that, in ns."""
        return outside_ns(abs(counter_us - self.at_us), self._span_us, self._strayed_us, self._oldest_strayed_us)

    def bound_us(self, counter_us) -> int:
        """Return the uncertainty of that in us, rounded up; less than record.NOT_KNOWN_US."""
        return min(self.bound_ns(counter_us) // 1000 + 1, record.NOT_KNOWN_US - 1)

    def insert(self, at_us):
        """A second was inserted that is over at this counter: labels behind it are one less than the pulses counted."""
        self.log_last()
        self.behind_us = at_us
        self.at_s -= 1

    def locked(self, utc_s):
        """The clock has locked at this label: anchors are denser for a while."""
        self._locked_s = utc_s
        self._is_wanted = True

    def want(self):
        """Have the next pulse logged."""
        self._is_wanted = True

    def log_due(self):
        """Log the pulse that the time rests on, if one is due."""
        every_s = self.every_s
        if self.at_s - self._locked_s <= FRESH_S:
            every_s = min(every_s, FRESH_EVERY_S)
        if self._is_wanted or self.at_s - self._logged_s >= every_s:
            self.log_last()

    def log_last(self):
        """Log the pulse that the time rests on, unless it is logged."""
        if self._is_logged:
            return
        self._is_logged = True
        self._is_wanted = False
        self._logged_s = self.at_s
        self.log(self.at_us, self.at_s, self._residual_us)

    def log(self, counter_us, utc_s, residual_us):
        """Log any pulse as an anchor."""
        confirmed, delay_ms, satellites, leap_s, temperature_cc = self._tell()
        residual_us = max(-0x8000, min(residual_us, 0x7FFF))
        self._log(
            (record.Anchor, counter_us, utc_s, confirmed, delay_ms, satellites, leap_s, temperature_cc, residual_us)
        )
