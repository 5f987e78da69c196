"""Whether the whole second is right.

Two things are not seen in pulses and sentences, and must be told in this session of the receiver: its leap seconds, and
that no whole second hides in the delay. What the receiver tells of its pulse does not count while its answers are late:
the line may hand on all of it late. Who knows the time by other means can tell both at once.
"""

from centesimo_protocol.record import OTHER_MODEL
from centesimo_protocol.shim import const

TRUST_US = 1_200_000_000  # 20 min: the satellites send the leap seconds every 12.5 min
JUMPED_US = 3_600_000_000  # an hour: four times, for one of them was not heard, or heard wrong
FIX_GAP_US = const(2_500_000)  # a receiver does not start anew and have a fix within that
TOLD_US = const(12_000_000)  # NAV-TIMELS and TIM-TP come every 5 s
TOLD = const(3)  # times in a row
SOURCES = (1, 2, 3, 4, 5, 8)  # of u-blox's leap count: GPS-GLONASS, GPS, SBAS, BeiDou, Galileo, NavIC
NO_LEAP = const(-128)
LEAPS, LEAPS_SINCE_S = const(18), const(1_483_228_800)  # GPS minus UTC since 2017-01-01: never less behind it


class TrustGate:
    """Says whether this session of the receiver has told all that pulses and sentences do not show.

    leap_s    GPS minus UTC as the receiver last said it was valid, NO_LEAP if it never did
    kept_s    the count that was right last time, NO_LEAP if none is known
    kept_until_s  until when that is so: the month's end, for then a second may have been inserted
    from_satellites  whether the count is, said twice running
    is_vouched  somebody who knows the time has said that this session's is right
    is_denied   somebody who knows the time has said that it is not: nothing that the receiver says is enough
    is_prompt   the receiver is known to speak within the second, by what its maker says
    is_at_once  nothing says that the line hands on late what the receiver says
    is_matched  a receiver of another maker names the same pulses alike
    """

    def __init__(self, kept_s, kept_until_s):
        self.leap_s = NO_LEAP
        self.kept_s = kept_s
        self.kept_until_s = kept_until_s
        self._has_jumped = False  # the second, in this boot
        self.restart()

    def restart(self):
        """Another session begins: nothing that was told before counts."""
        self.from_satellites = self.is_vouched = self.is_denied = False
        self.is_prompt = self.is_matched = False
        self.is_at_once = True
        self.leap_s = NO_LEAP
        self._began = None  # with its first sentence: whether that had no fix; None before it
        self._since_us = None  # of the fix
        self._last_us = 0
        self._counted = 0  # times in a row that the satellites gave the count
        self._counted_us = 0
        self.forget_named()

    def jumped(self):
        """The second has jumped: all must be told anew, and in this boot the fix alone tells only after an hour."""
        self.restart()
        self._has_jumped = True

    def vouch(self, basis):
        """A host says that this session's second is right (record.BASES)."""
        if basis == OTHER_MODEL:
            self.is_matched = True
        else:
            self.is_vouched, self.is_denied = True, False

    def fix(self, at_us):
        """A sentence with a fix came at this counter."""
        self._began = bool(self._began)
        if self._since_us is None or at_us - self._last_us > FIX_GAP_US:
            self._since_us = at_us
        self._last_us = at_us
        if at_us - self._counted_us > TOLD_US:
            self.from_satellites, self.leap_s, self._counted = False, NO_LEAP, 0
        if at_us - self._named_us > TOLD_US:
            self.forget_named()

    def no_fix(self):
        """A sentence without a fix came: the 20 minutes begin anew."""
        self._began = self._began is not False
        self._since_us = None

    def leap(self, leap_s, source, valid, at_us):
        """Take a NAV-TIMELS: GPS minus UTC in seconds, where from, and whether the receiver calls it valid."""
        is_told = valid and source in SOURCES
        self._counted = self._counted + 1 if is_told and leap_s == self.leap_s else int(is_told)
        self._counted_us = at_us
        self.from_satellites = self._counted >= 2
        self.leap_s = leap_s if valid else NO_LEAP

    def named(self, offset, at_us):
        """Take a TIM-TP: what it calls a pulse, less the PulseGate's count of that."""
        self._named = self._named + 1 if offset == self._named_offset else 1
        self._named_offset, self._named_us = offset, at_us

    def forget_named(self):
        """The pulses are counted anew, or the receiver names them no more."""
        self._named_offset = None
        self._named = 0  # times in a row that it was the same
        self._named_us = 0

    def contradicts(self, offset) -> bool:
        """Say whether the receiver itself names the pulses otherwise."""
        return self._named > 0 and offset != self._named_offset

    def knows_leap(self, utc_s) -> bool:
        """Say whether the receiver must know the leap seconds by now, at a label."""
        if utc_s >= LEAPS_SINCE_S and self.leap_s != NO_LEAP and self.leap_s < LEAPS:
            return False
        if self.from_satellites:
            return True
        if self.leap_s != NO_LEAP and self.leap_s == self.kept_s and utc_s < self.kept_until_s:
            return True
        return self.is_fixed

    @property
    def is_fixed(self) -> bool:
        """Whether the fix has lasted so long that the leap seconds must be known; an hour where nobody was there when
        the receiver began: it may have changed its mind before, and do so again."""
        patience_us = TRUST_US if self._began and not self._has_jumped else JUMPED_US
        return self._since_us is not None and self._last_us - self._since_us >= patience_us

    def knows_pulse(self, offset) -> bool:
        """Say whether the receiver has told that this is the label of its pulses, less their count."""
        is_named = self.is_at_once and (self.is_prompt or self._named >= TOLD)
        return not self.contradicts(offset) and (is_named or self.is_matched)

    def trusts(self, utc_s, offset) -> bool:
        """Say whether the whole second of a label, and of the pulses by its offset, is told by this session."""
        if self.is_vouched or self.is_denied:
            return self.is_vouched
        return self.knows_leap(utc_s) and self.knows_pulse(offset)
