"""What was heard of the receiver and how long ago, the state that follows, and why it is no better.

State         what holds
no receiver   no whole sentence for HEARD_US; the time is not known, or in doubt
no fix        sentences, none with a fix for HEARD_US; the time is not known, or in doubt
acquiring     a fix, the gates are not through; the time is not known, or in doubt
locked        labels and pulses agree and the last pulse that counts is fresh
holdover      it was locked, now it counts by the crystal; the uncertainty grows
free running  holdover that is no longer sure to FREE_US, half a hundredth of a second
"""

from centesimo_board.doubts import COUNTING, NO_FIX, NO_PULSE, NO_SENTENCES, SEVERAL, UNSTEADY
from centesimo_protocol import record
from centesimo_protocol.shim import const

HEARD_US = const(5_000_000)
UNFIXED_US = const(1_500_000)  # a GGA counts for its burst
PULSE_US = const(2_500_000)
FREE_US = const(5_000)

# Places in record.STATE_REASONS; those of seconds.py beside them.
HEARD = const(1)
FIX_FOUND = const(2)
AGREE = const(3)
NO_SENTENCE = const(4)
FIX_LOST = const(5)
PULSE_MISSING = const(6)
TOO_UNSURE = const(8)


def is_recent(at_us, now_us, within_us) -> bool:
    """Say whether something has happened, and not longer ago than that."""
    return at_us is not None and now_us - at_us <= within_us


class Hearing:
    """When things were heard, by the counter; `seconds` (seconds.Seconds) says what labels and pulses make of them.

    heard_us    the last sentence, None before the first
    fix_us      the last sentence with a fix, None where one without came later
    unfixed_us  the last GGA without a fix, None where one with came later
    """

    def __init__(self, seconds):
        self.heard_us = self.fix_us = self.unfixed_us = None
        self._seconds = seconds
        self._back_us = 0  # when the fix came last

    def fixed(self, at_us):
        """A sentence with a fix came."""
        if not self.has_fix(at_us):
            self._back_us = at_us
        self.fix_us = at_us

    def has_fix(self, now_us) -> bool:
        """Say whether there was a fix of late."""
        return is_recent(self.fix_us, now_us, HEARD_US)

    def is_unfixed(self, now_us) -> bool:
        """Say whether a GGA without a fix is of this burst."""
        return is_recent(self.unfixed_us, now_us, UNFIXED_US)

    def has_pulse(self, now_us) -> bool:
        """Say whether a pulse that counts came of late."""
        return is_recent(self._seconds.pulses.at_us, now_us, PULSE_US)

    def state(self, now_us) -> int:
        """Return the state that holds."""
        seconds = self._seconds
        if not seconds.has_time:
            if not is_recent(self.heard_us, now_us, HEARD_US):
                return record.NO_RECEIVER
            return record.ACQUIRING if self.has_fix(now_us) else record.NO_FIX
        is_counted = seconds.offset is not None and seconds.pulses.steady and self.has_pulse(now_us)
        if is_counted and self.has_fix(now_us) and seconds.pulses.at_us >= self._back_us:
            return record.LOCKED
        is_unsure = seconds.anchors.bound_ns(now_us) > FREE_US * 1000
        return record.FREE_RUNNING if is_unsure else record.HOLDOVER

    def doubt(self, now_us) -> int:
        """Return why the state is not locked: one of doubts.DOUBTS."""
        seconds = self._seconds
        if not is_recent(self.heard_us, now_us, HEARD_US):
            return NO_SENTENCES
        if not self.has_fix(now_us):
            return NO_FIX
        if not self.has_pulse(now_us):
            return NO_PULSE
        if seconds.offset is not None:
            return UNSTEADY
        if seconds.pulses.is_contested:
            return SEVERAL
        doubt = seconds.labels.doubt
        return UNSTEADY if doubt == COUNTING and not seconds.pulses.steady else doubt

    def reason(self, was, state, now_us) -> int:
        """Return why one state followed another, where labels and pulses have not said so."""
        if state == record.LOCKED:
            return AGREE
        if state == record.FREE_RUNNING:
            return TOO_UNSURE
        if not is_recent(self.heard_us, now_us, HEARD_US):
            return NO_SENTENCE
        if not self.has_fix(now_us):
            return HEARD if was == record.NO_RECEIVER else FIX_LOST
        return FIX_FOUND if state == record.ACQUIRING else PULSE_MISSING
