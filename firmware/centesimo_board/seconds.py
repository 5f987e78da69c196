"""Which second a pulse began: labels against pulses, what was confirmed, and what becomes of it when the second jumps.

The PulseGate counts seconds, the LabelGate says once which second that is; from then on labels verify. A label that
disagrees twice running: while the seconds were never confirmed the time is in doubt; once they were, it is kept by the
crystal, and no receiver moves it. A label that qualifies anew and differs by whole seconds is a Correction where none
was confirmed, and puts earlier labels of this boot right. Where they were it is a Doubt, with both readings: from the
last label that agreed on nothing is confirmed, until labels agree again with a receiver that is trusted by then. Only
half a day without pulses, after which the crystal tells no whole second, ends that.

A leap second is none: leaps.py.
"""

from centesimo_board.anchors import Anchors
from centesimo_board.doubts import CONFIRMED_OTHER, DELAY, DISAGREES, NONE, SEVERAL, UNSTEADY
from centesimo_board.labels import DELAY_MAX_MS, DELAY_MIN_MS, DELAY_SPREAD_MS, LABELS, LabelGate
from centesimo_board.leaps import LEAP_SECOND, LeapSeconds
from centesimo_board.level import LevelGate
from centesimo_board.pulses import GATE_US, PulseGate
from centesimo_board.trust import TrustGate
from centesimo_protocol import record
from centesimo_protocol.shim import const

AGAIN = const(2)  # disagreements in a row
TELLS_NS = const(400_000_000)  # a whole second can still be told with this uncertainty

# Places in record.DOUBT_REASONS; those of leaps.py beside them.
JUMPED = const(0)
PULSE_MOVED = const(3)
HOST_DIFFERS = const(4)

# Places in record.STATE_REASONS; that of leaps.py beside them.
AGREE = const(3)
LABEL_DISAGREES = const(7)
SECONDS_CONFIRMED = const(9)
SECONDS_CORRECTED = const(10)
PULSES_ANEW = const(12)


class Seconds:
    """What labels and pulses say of each other; `clock` (clock.Clock) has the states, and takes their changes.

    offset     label less count of seconds, while labels and pulses agree; None while they do not
    has_time   whether the time can be told from the anchors
    is_kept    the second was confirmed: no label moves it
    confirmed  whether the whole second is
    delay_ms   of the last burst of sentences after its pulse
    agreed_s   the last label that agreed
    agreed_us  the counter at its pulse
    reason     why the clock's state is about to change, if it is not plain
    """

    def __init__(self, clock, log, kept_leap_s, kept_until_s, tell):
        self.pulses = PulseGate()
        self.level = LevelGate()
        self.labels = LabelGate()
        self.trust = TrustGate(kept_leap_s, kept_until_s)
        self.leaps = LeapSeconds(self, clock, log)
        self.anchors = Anchors(log, tell)
        self.offset = None
        self.has_time = self.is_kept = self.confirmed = False
        self.delay_ms = 0
        self.agreed_s = self.agreed_us = 0
        self.reason = 0
        self._clock = clock
        self._log = log
        self._begun = 0  # the pulse gate's count that the labels belong to
        self._against = 0  # labels in a row that disagreed
        self._sure = 0  # labels that agreed since the receiver is trusted

    def pulse(self, counter_us) -> bool:
        """Take a pulse that may count; say whether it does while labels and pulses agree."""
        counts = self.pulses.judge(counter_us)
        if self.offset is None:
            self.pulses.settle()
        if counts or self.pulses.at_us == counter_us:
            self.level.edge(counter_us)
        if self.pulses.begun != self._begun:
            self._begun = self.pulses.begun
            self.labels.reset(UNSTEADY)
            self.level.restart()
            self.trust.forget_named()
            if self.offset is not None:
                self._part()
                self.reason = PULSES_ANEW
        return counts and self.offset is not None

    def begin_session(self):
        """The receiver may be another one, or have started anew: what was told before counts no more."""
        self.trust.restart()
        self.level.restart()
        self._sure = 0

    def label(self, utc_s, begin):
        """Take a label inside the date window, of a burst that began between two counters."""
        first_s, first_us = self.pulses.place(begin.first_us)
        last_s, last_us = self.pulses.place(begin.last_us)
        delay_ms = last_us // 1000
        is_clear = first_s == last_s and first_us > DELAY_MIN_MS * 1000 and delay_ms < DELAY_MAX_MS
        if self.offset is not None:
            late_ms = (last_s - utc_s + self.offset) * 1000 + delay_ms
            self._verify(utc_s, late_ms, is_clear, begin)
        elif not is_clear:
            self.labels.reset(DELAY)
        else:
            self.delay_ms = delay_ms
            offset = self.labels.consider(utc_s, delay_ms, last_s)
            if offset is not None:
                self._qualify(offset)

    def disagree(self):
        """Take that a label does not follow."""
        self._sure = 0
        self._against += 1
        if self._against >= AGAIN:
            self.reason = LABEL_DISAGREES
            self.unlock(DISAGREES)

    def unlock(self, doubt):
        """Labels and pulses no longer agree: the crystal carries a confirmed second, any other is in doubt."""
        self._part()
        self._against = 0
        self.has_time = self.is_kept and self.has_time
        self.labels.reset(doubt)

    def deny(self, counter_us, shift_s):
        """Somebody who knows the time says that the second at a counter is another one, so many more."""
        self.doubt(HOST_DIFFERS, counter_us, shift_s)
        self.trust.is_denied = True
        self.is_kept = False

    def doubt(self, reason, since_us, shift_s):
        """Nothing is confirmed from a counter on, where a label was heard that differs by so much (0 none was)."""
        self.trust.is_vouched = False
        self._sure = 0
        if not self.confirmed:
            return
        self.anchors.log_last()
        self.confirmed = False
        shift_s = max(-0x80000000, min(shift_s, 0x7FFFFFFF))
        self._log((record.Doubt, max(since_us, 0), reason, self.anchors.utc(since_us)[0], shift_s))

    def _part(self):
        self.offset = None
        self.pulses.unsettle()

    def _verify(self, utc_s, late_ms, is_clear, begin):
        """Hold a label against the count; its burst began so long after the pulse that it names by the count."""
        # A delay that drifts from burst to burst may go beyond the next pulse: the label is still of the pulse before.
        has_drifted = late_ms >= 0 and abs(late_ms - self.delay_ms) <= DELAY_SPREAD_MS
        if DELAY_MIN_MS < late_ms < DELAY_MAX_MS or has_drifted:
            self.delay_ms = min(late_ms, 0xFFFF)
            self._against = 0
            self.agreed_s, self.agreed_us = utc_s, self.pulses.at_us
            is_told = late_ms < DELAY_MAX_MS and begin.is_spaced and self.trust.trusts(utc_s, self.offset)
            self._sure = self._sure + 1 if is_told else 0
            if self._sure >= LABELS and self._clock.state == record.LOCKED and not self.confirmed:
                self._confirm()
        elif is_clear:
            self.disagree()

    def _confirm(self):
        self.confirmed = self.is_kept = True
        self.leaps.confirmed()
        self.anchors.want()
        self._clock.note(SECONDS_CONFIRMED, self.pulses.at_us)

    def _qualify(self, offset):
        """Take the label that has qualified, unless something speaks against it."""
        doubt = self._find_doubt(offset)
        if doubt != NONE:
            self.labels.doubt = doubt
            return
        shift_s, _ = self._find_shift(offset)
        self.reason = self._jump(shift_s, self.pulses.seconds + offset)
        self.offset = offset
        self.pulses.is_settled = True
        self._sure = 0
        self.has_time = True
        self.agreed_s, self.agreed_us = self.pulses.seconds + offset, self.pulses.at_us
        self.anchors.rest_on(self.pulses, offset)
        self._clock.tick(self.pulses.at_us)
        oldest_us, oldest_s = self.pulses.oldest()
        # Where the second has jumped, the oldest pulse may be one that still had the earlier label.
        if not shift_s and self.anchors.behind_us <= oldest_us != self.pulses.at_us:
            self.anchors.log(oldest_us, oldest_s + offset, self.pulses.oldest_residual_us())
        self.anchors.log_last()

    def _find_doubt(self, offset):
        """Return what speaks against a label that has qualified, NONE where nothing does."""
        if self.pulses.is_contested:
            return SEVERAL
        if not self.pulses.steady:
            return UNSTEADY
        if self.level.doubt != NONE:
            return self.level.doubt
        if self.trust.contradicts(offset):
            return DISAGREES
        if not self.is_kept:
            return NONE
        label_s = self.pulses.seconds + offset
        shift_s, off_us = self._find_shift(offset)
        if shift_s is None:
            return NONE if self.trust.trusts(label_s, offset) else CONFIRMED_OTHER
        if abs(off_us) > GATE_US + self.anchors.bound_us(self.pulses.at_us):
            self.doubt(PULSE_MOVED, self.agreed_us, shift_s)
            return UNSTEADY
        if not shift_s or self.leaps.explains(shift_s, label_s) or (self.leaps.is_leaping and shift_s == 1):
            return NONE
        self.doubt(JUMPED, self.agreed_us, shift_s)
        return CONFIRMED_OTHER

    def _jump(self, shift_s, label_s):
        """Note by how much the second has jumped, to this label of the last pulse; return why it qualifies."""
        if not shift_s:
            return AGREE
        at_us = self.pulses.at_us
        if self.is_kept and self.leaps.explains(shift_s, label_s):
            # Nothing was confirmed since the last label that agreed, not even that it came.
            self.doubt(JUMPED, self.agreed_us, shift_s)
            self.leaps.insert_behind(label_s, at_us)
            return LEAP_SECOND
        if self.leaps.is_leaping:
            self.leaps.is_leaping = False  # there was none
            self.anchors.behind_us = 0
        else:
            self.trust.jumped()
        self.is_kept = self.confirmed = False
        self.leaps.due.forget()
        self._log((record.Correction, at_us, shift_s, label_s, 0))
        return SECONDS_CORRECTED

    def _find_shift(self, offset):
        """Return by how many seconds, and us beside, a new label differs from what earlier ones make of this pulse.

        (None, 0) where they tell nothing: there are none, or the crystal has carried on for half a day.
        """
        at_us = self.pulses.at_us
        if self.anchors.at_us == 0 or self.anchors.bound_ns(at_us) > TELLS_NS:
            return None, 0
        second, fraction_us = self.anchors.utc(at_us)
        off_us = (self.pulses.seconds + offset - second) * 1_000_000 - fraction_us
        shift_s = (off_us + 500_000) // 1_000_000
        return shift_s, off_us - shift_s * 1_000_000
