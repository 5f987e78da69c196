"""Which second a pulse began: labels against pulses, what was confirmed, and what becomes of it when the second jumps.

The PulseGate counts seconds, the LabelGate says once which second that is; from then on labels verify. A label that
disagrees twice running: while the seconds were never confirmed the time is in doubt; once they were, it is kept by the
crystal, and no receiver moves it. A label that qualifies anew and differs by whole seconds is a Correction where none
was confirmed, and puts earlier labels of this boot right. Where they were it is a Doubt, with both readings: from the
last label that agreed on nothing is confirmed, until labels agree again with a receiver that is trusted by then. Only
half a day without pulses, after which the crystal tells no whole second, ends that.

A leap second is none, for the labels before it were right; it is noted as a LeapSecond. It is inserted where the
receiver has counted down to it, or names it as 23:59:60, as it ends: by the pulses or, without, by the crystal. It is
a Doubt as well, until labels agree; they may still say that there was none. One that nothing has announced is seen by
labels one less, and inserted where the satellites' count has gone up by one.
"""

from centesimo_board.anchors import Anchors
from centesimo_board.civil import month_start
from centesimo_board.doubts import CONFIRMED_OTHER, DELAY, DISAGREES, NONE, SEVERAL, UNSTEADY
from centesimo_board.labels import DELAY_MAX_MS, DELAY_MIN_MS, DELAY_SPREAD_MS, LABELS, LabelGate
from centesimo_board.leaps import Leaps
from centesimo_board.level import LevelGate
from centesimo_board.pulses import GATE_US, PulseGate
from centesimo_board.trust import NO_LEAP, TrustGate
from centesimo_protocol import record
from centesimo_protocol.shim import const

AGAIN = const(2)  # disagreements in a row
TELLS_NS = const(400_000_000)  # a whole second can still be told with this uncertainty
EARLY_US = const(1_000)  # a pulse may come before it was predicted

# Places in record.DOUBT_REASONS.
JUMPED = const(0)
LEAPING = const(1)
MONTH_BEGAN = const(2)
PULSE_MOVED = const(3)
HOST_DIFFERS = const(4)

# Places in record.STATE_REASONS.
AGREE = const(3)
LABEL_DISAGREES = const(7)
SECONDS_CONFIRMED = const(9)
SECONDS_CORRECTED = const(10)
LEAP_SECOND = const(11)
PULSES_ANEW = const(12)


class Seconds:
    """What labels and pulses say of each other; `clock` (clock.Clock) has the states, and takes their changes.

    offset     label less count of seconds, while labels and pulses agree; None while they do not
    has_time   whether the time can be told from the anchors
    is_kept    the second was confirmed: no label moves it
    confirmed  whether the whole second is
    delay_ms   of the last burst of sentences after its pulse
    agreed_us  the counter at the last pulse whose label agreed
    reason     why the clock's state is about to change, if it is not plain
    """

    def __init__(self, clock, log, kept_leap_s, kept_until_s, tell):
        self.pulses = PulseGate()
        self.level = LevelGate()
        self.labels = LabelGate()
        self.trust = TrustGate(kept_leap_s, kept_until_s)
        self.leaps = Leaps()
        self.anchors = Anchors(log, tell)
        self.offset = None
        self.has_time = self.is_kept = self.confirmed = False
        self.delay_ms = 0
        self.agreed_us = 0
        self.reason = 0
        self._clock = clock
        self._log = log
        self._begun = 0  # the pulse gate's count that the labels belong to
        self._against = 0  # labels in a row that disagreed
        self._agreed_s = 0  # the last one that agreed
        self._sure = 0  # labels that agreed since the receiver is trusted
        self._is_leaping = False  # a second was inserted and no label has agreed since
        self._count_s = NO_LEAP  # the satellites' leap seconds when it was confirmed

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

    def look_for_sixty(self, rmc):
        """Believe a sentence that names 23:59:60 at the pulse that, counted on, begins a month."""
        if rmc.is_sixty and self.confirmed and self.offset is not None:
            self.leaps.named(self.pulses.seconds + self.offset)

    def look_for_leap(self, at_us):
        """Note an inserted second once it is over, and a month that has begun while nobody could tell of one."""
        if not self.is_kept:
            return
        now_s, fraction_us = self._clock.utc(at_us + EARLY_US)
        month_s = self.leaps.due_s
        if month_s is not None and now_s > month_s:
            self.doubt(LEAPING, at_us + EARLY_US - (now_s - month_s) * 1_000_000 - fraction_us, -1)
            if self.offset is not None:
                self.offset -= 1
            self._is_leaping = True
            self._count_s = NO_LEAP if self._count_s == NO_LEAP else self._count_s + 1
            self._insert(month_s, at_us, at_us)
            self._clock.note(LEAP_SECOND, at_us)
        elif self.confirmed and now_s:
            month_s = self.leaps.find_crossed(now_s, self._agreed_s)
            if month_s is not None:
                self.doubt(MONTH_BEGAN, at_us + EARLY_US - (now_s - month_s) * 1_000_000 - fraction_us, 0)

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
            self._agreed_s, self.agreed_us = utc_s, self.pulses.at_us
            is_told = late_ms < DELAY_MAX_MS and begin.is_spaced and self.trust.trusts(utc_s, self.offset)
            self._sure = self._sure + 1 if is_told else 0
            if self._sure >= LABELS and self._clock.state == record.LOCKED and not self.confirmed:
                self._confirm()
        elif is_clear:
            self.disagree()

    def _confirm(self):
        self.confirmed = self.is_kept = True
        self._is_leaping = False
        self._count_s = self.trust.leap_s if self.trust.from_satellites else NO_LEAP
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
        self._agreed_s, self.agreed_us = self.pulses.seconds + offset, self.pulses.at_us
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
        if not shift_s or self._is_leap(shift_s, label_s) or (self._is_leaping and shift_s == 1):
            return NONE
        self.doubt(JUMPED, self.agreed_us, shift_s)
        return CONFIRMED_OTHER

    def _is_leap(self, shift_s, label_s):
        """Say whether a label is one less because a second was inserted, by the satellites' count."""
        is_counted = self.trust.from_satellites and self._count_s != NO_LEAP and self.trust.leap_s == self._count_s + 1
        return shift_s == -1 and is_counted and self._agreed_s <= month_start(label_s)

    def _jump(self, shift_s, label_s):
        """Note by how much the second has jumped, to this label of the last pulse; return why it qualifies."""
        if not shift_s:
            return AGREE
        at_us, month_s = self.pulses.at_us, month_start(label_s)
        if self.is_kept and self._is_leap(shift_s, label_s):
            # Nothing was confirmed since the last label that agreed, not even that it came.
            self.doubt(JUMPED, self.agreed_us, shift_s)
            self._count_s = self.trust.leap_s
            self._insert(month_s, at_us - (label_s - month_s) * 1_000_000, at_us)
            return LEAP_SECOND
        if self._is_leaping:
            self._is_leaping = False  # there was none
            self.anchors.behind_us = 0
        else:
            self.trust.jumped()
        self.is_kept = self.confirmed = False
        self.leaps.forget()
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

    def _insert(self, month_s, over_us, now_us):
        """Note that a second was inserted before a month's first one, and over at a counter."""
        self.anchors.insert(over_us)
        self._log((record.LeapSecond, now_us, month_s))
        self.leaps.inserted(month_s)
