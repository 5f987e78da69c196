"""What time it is and how sure: pulses and sentences in, states and entries for the journal out.

No clock is steered. The PulseGate counts seconds, the LabelGate says once which second that is, sentences verify; what
is logged (anchors, corrections) lets anyone compute it again with protocol.timebase, whose bounds are used here too.

State         what holds
no receiver   no whole sentence for HEARD_US; the time is not known, or in doubt
no fix        sentences, none with a fix for HEARD_US; the time is not known, or in doubt
acquiring     a fix, the gates are not through; the time is not known, or in doubt
locked        labels and pulses agree and the last pulse that counts is fresh
holdover      it was locked, now it counts by the crystal; the uncertainty grows
free running  holdover that is no longer sure to FREE_US, half a hundredth of a second

A label that disagrees twice running: while the seconds were never confirmed the time is in doubt (acquiring); once they
were, it is kept by the crystal (holdover), and no receiver moves it. A label that qualifies anew and differs by whole
seconds is a Correction where none was confirmed, and puts earlier labels of this boot right. Where they were it is a
Doubt, with both readings: from the last label that agreed on nothing is confirmed, until labels agree again with a
receiver that is trusted by then. Only half a day without pulses, after which the crystal tells no whole second, ends
that.

A leap second is none, for the labels before it were right; it is noted as a LeapSecond. It is inserted where the
receiver has counted down to it, or names it as 23:59:60, as it ends: by the pulses or, without, by the crystal. It is
a Doubt as well, until labels agree; they may still say that there was none. One that nothing has announced is seen by
labels one less, and inserted where the satellites' count has gone up by one.
"""

from centesimo_board.anchors import Anchors
from centesimo_board.civil import month_start
from centesimo_board.gates import (
    CONFIRMED_OTHER,
    DELAY,
    DELAY_MAX_MS,
    DELAY_MIN_MS,
    DELAY_SPREAD_MS,
    DISAGREES,
    FRACTION,
    GATE_US,
    INVERTED,
    LABELS,
    NO_FIX,
    NO_LEAP,
    NO_PULSE,
    NO_SENTENCES,
    NONE,
    STEPS,
    UNSTEADY,
    LabelGate,
    LevelGate,
    PulseGate,
    TrustGate,
    date_doubt,
)
from centesimo_board.leaps import Leaps
from centesimo_protocol import record
from centesimo_protocol.shim import const

HEARD_US = const(5_000_000)
UNFIXED_US = const(1_500_000)  # a GGA counts for its burst
STILL_US = const(2_000_000)  # longer than any burst of one second
PULSE_US = const(2_500_000)
FREE_US = const(5_000)
AGAIN = const(2)  # disagreements in a row
HALF_DAY_S = const(43200)
TELLS_NS = const(400_000_000)  # a whole second can still be told with this uncertainty
EARLY_US = const(1_000)  # a pulse may come before it was predicted
VOUCH_US = const(300_000)  # who vouches for a second must know it so well
FIXED = (1, 2, 3, 4, 5)  # GGA's quality: autonomous, differential, precise, RTK fixed and float

# Places in record.DOUBT_REASONS.
JUMPED = const(0)
LEAPING = const(1)
MONTH_BEGAN = const(2)
PULSE_MOVED = const(3)
HOST_DIFFERS = const(4)

# Places in record.STATE_REASONS.
HEARD = const(1)
FIX_FOUND = const(2)
AGREE = const(3)
NO_SENTENCE = const(4)
FIX_LOST = const(5)
PULSE_MISSING = const(6)
LABEL_DISAGREES = const(7)
TOO_UNSURE = const(8)
SECONDS_CONFIRMED = const(9)
SECONDS_CORRECTED = const(10)
LEAP_SECOND = const(11)
PULSES_ANEW = const(12)


class Clock:
    """The board's knowledge of time. `log(entry)` takes what is to be written.

    state       one of record.NO_RECEIVER .. record.FREE_RUNNING
    confirmed   whether the whole second is
    satellites  as GGA last said
    delay_ms    of the last burst of sentences after its pulse
    doubt       why it is not locked: one of gates.DOUBTS
    anchors     the pulse that the time rests on
    pulse_us    the last pulse that was captured, None before there was one
    """

    def __init__(self, log, built_s, kept_leap_s, kept_until_s, temperature_cc):
        self.state = record.NO_RECEIVER
        self.confirmed = False
        self.satellites = 0
        self.delay_ms = 0
        self.doubt = NO_SENTENCES
        self.pulse_us = None
        self.pulses = PulseGate()
        self.level = LevelGate()
        self.labels = LabelGate()
        self.trust = TrustGate(kept_leap_s, kept_until_s)
        self.leaps = Leaps()
        self.anchors = Anchors(log, self._circumstances)
        self._log = log
        self._built_s = built_s
        self._temperature_cc = temperature_cc
        self._begun = 0  # the pulse gate's count that the labels belong to
        self._offset = None  # label less count of seconds, while labels and pulses agree
        self._against = 0  # labels in a row that disagreed
        self._agreed_s = 0  # the last one that agreed
        self._agreed_us = 0  # the counter at that pulse
        self._sure = 0  # labels that agreed since the receiver is trusted
        self._heard_us = None  # last sentence
        self._fix_us = None  # last sentence with a fix
        self._unfixed_us = None  # last GGA without one
        self._reason = 0  # why the state is about to change, if it is not plain
        self._zda_s = None
        self._zda_us = 0
        self._has_time = False  # whether the time can be told from the anchors
        self._is_kept = False  # the second was confirmed: no label moves it
        self._is_leaping = False  # a second was inserted and no label has agreed since
        self._count_s = NO_LEAP  # the satellites' leap seconds when it was confirmed
        self._back_us = 0  # when the fix came last

    def pulse(self, counter_us):
        """Take one pulse's counter; without a fix it may be anywhere, and does not count once the time is known."""
        self.pulse_us = counter_us
        if self._has_time and not self._is_recent(self._fix_us, counter_us, HEARD_US):
            return
        counts = self.pulses.judge(counter_us)
        if counts or self.pulses.at_us == counter_us:
            self.level.edge(counter_us)
        if self.pulses.begun != self._begun:
            self._begun = self.pulses.begun
            self.labels.reset(UNSTEADY)
            self.level.restart()
            self.trust.forget_named()
            if self._offset is not None:
                self._offset = None
                self._reason = PULSES_ANEW
        if counts and self._offset is not None:
            self.tick(counter_us)
            if self.state == record.LOCKED:
                self.anchors.rest_on(self.pulses, self._offset)
                self.anchors.log_due()

    def look(self, is_high, now_us):
        """Take the level of the pulse's line, high where the edge that is captured has gone to."""
        self.level.look(is_high, now_us)
        if self.level.doubt == INVERTED and self._offset is not None:
            self._unlock(INVERTED)

    def sentence(self, rmc, at_us, begin):
        """Take an Rmc that was read at this counter, and where its burst began (bursts.Begin, None not known)."""
        self._heard_us = at_us
        if not rmc.valid or self._is_recent(self._unfixed_us, at_us, UNFIXED_US):
            self._lose_fix(at_us)
            return
        if not self._is_recent(self._fix_us, at_us, HEARD_US):
            self._back_us = at_us
        self._fix_us = at_us
        self.trust.fix(at_us)
        doubt = self._sentence_doubt(rmc, at_us, begin)
        if doubt == NONE:
            self._label(rmc.utc_s, begin)
        elif doubt == STEPS and self._offset is not None:
            self._disagree()
        elif doubt != FRACTION:
            self._look_for_sixty(rmc)
            self.labels.reset(doubt)
        elif self.labels.doubt in (NO_SENTENCES, NO_FIX, NO_PULSE, UNSTEADY):
            self.labels.doubt = doubt  # a receiver may speak several times a second, once of the whole one
        self.tick(at_us)

    def fixes(self, gga, at_us):
        """Take a Gga: without a fix, estimated, by hand or simulated it makes its burst's Rmc one without."""
        self.satellites = gga.satellites
        if gga.quality in FIXED:
            self._unfixed_us = None
        else:
            self._unfixed_us = at_us
            self._lose_fix(at_us)

    def date(self, zda, at_us):
        """Take a Zda that was read at this counter: sentences of another date are not believed."""
        self._zda_s, self._zda_us = zda.utc_s, at_us

    def leap(self, timels, at_us):
        """Take a Timels that was read at this counter: the leap seconds, and whether another one is announced."""
        self.trust.leap(timels.leap_s, timels.source, timels.valid, at_us)
        now_s = self.utc(at_us)[0]
        if self.confirmed and now_s and self.trust.from_satellites:
            self.leaps.told(timels.ahead_s, now_s)

    def named(self, pulse, begin):
        """Take what the receiver will call its next pulse, and when the message began (bursts.Begin)."""
        if self.pulses.at_us is None or pulse.utc_s is None:
            return
        first_s, _ = self.pulses.place(begin.first_us)
        last_s, _ = self.pulses.place(begin.last_us)
        if first_s != last_s or not self._is_recent(self.pulses.at_us, begin.last_us, PULSE_US):
            return
        self.trust.named(pulse.utc_s - last_s - 1, begin.last_us)

    def begin_session(self):
        """The receiver may be another one, or have started anew: what was told before counts no more."""
        self.trust.restart()
        self.level.restart()
        self._sure = 0

    def vouch(self, counter_us, utc_s, fraction_us, bound_us) -> bool:
        """Take from somebody who knows the time to `bound_us` which UTC a counter was; say whether it is the board's.

        What agrees confirms, as far as it goes on with this session of the receiver; what differs ends that.
        """
        told_s, told_us = self.utc(counter_us)
        if not told_s or bound_us > VOUCH_US:
            return False
        off_us = abs((told_s - utc_s) * 1_000_000 + told_us - fraction_us)
        if off_us <= VOUCH_US + self.anchors.bound_us(counter_us):
            self.trust.is_vouched = True
            return True
        self._doubt_second(HOST_DIFFERS, counter_us, utc_s - told_s)
        self._is_kept = False
        return False

    def heard(self, at_us):
        """Note when the last whole sentence of any kind came."""
        self._heard_us = at_us

    def edge(self, counter_us):
        """Have the pulses around an edge logged, so that its time is interpolated over seconds."""
        self._look_for_leap(counter_us)
        if self._has_time and counter_us >= self.anchors.at_us:
            self.anchors.log_last()
        self.anchors.want()

    def tick(self, now_us):
        """Say by the counter which state holds now, and log a change."""
        self._look_for_leap(now_us)
        state = self._state(now_us)
        self.doubt = NONE if state == record.LOCKED else self._doubt(now_us)
        if state != self.state:
            self._change(state, now_us)

    def uncertainty_us(self, counter_us) -> int:
        """Return the bound in us of the UTC of a counter near now; record.NOT_KNOWN_US while there is none."""
        if not self._has_time or self.state < record.LOCKED:
            return record.NOT_KNOWN_US
        return self.anchors.bound_us(counter_us)

    def utc(self, counter_us) -> tuple:
        """Return (seconds since 1970, microseconds) of a counter near now; (0, 0) while the time is not known."""
        if not self._has_time or self.state < record.LOCKED:
            return 0, 0
        return self.anchors.utc(counter_us)

    def _lose_fix(self, at_us):
        self._fix_us = None
        self.trust.no_fix()
        self.labels.reset(NO_FIX)
        self.tick(at_us)

    def _sentence_doubt(self, rmc, at_us, begin):
        """Return why an Rmc with a fix gives no label, or NONE."""
        if rmc.utc_s is not None and not rmc.whole:
            return FRACTION
        if self._offset is None or rmc.utc_s is None:
            doubt = date_doubt(rmc.utc_s, self._built_s)
            if doubt != NONE:
                return doubt
        if self._zda_s is not None and at_us - self._zda_us <= HEARD_US and abs(rmc.utc_s - self._zda_s) > HALF_DAY_S:
            return DISAGREES
        if not self._is_recent(self.pulses.at_us, at_us, PULSE_US):
            return NO_PULSE
        if begin is None:
            return DELAY
        if at_us - begin.last_us > STILL_US:
            return STEPS
        return DISAGREES if begin.is_mixed else NONE

    def _label(self, utc_s, begin):
        """Take a label inside the date window, of a burst that began between two counters."""
        first_s, first_us = self.pulses.place(begin.first_us)
        last_s, last_us = self.pulses.place(begin.last_us)
        delay_ms = last_us // 1000
        is_clear = first_s == last_s and first_us > DELAY_MIN_MS * 1000 and delay_ms < DELAY_MAX_MS
        if self._offset is not None:
            late_ms = (last_s - utc_s + self._offset) * 1000 + delay_ms
            self._verify(utc_s, late_ms, is_clear, begin)
        elif not is_clear:
            self.labels.reset(DELAY)
        else:
            self.delay_ms = delay_ms
            offset = self.labels.consider(utc_s, delay_ms, last_s)
            if offset is not None and self.pulses.steady:
                self._qualify(offset)

    def _verify(self, utc_s, late_ms, is_clear, begin):
        """Hold a label against the count; its burst began so long after the pulse that it names by the count."""
        # A delay that drifts from burst to burst may go beyond the next pulse: the label is still of the pulse before.
        has_drifted = late_ms >= 0 and abs(late_ms - self.delay_ms) <= DELAY_SPREAD_MS
        if DELAY_MIN_MS < late_ms < DELAY_MAX_MS or has_drifted:
            self.delay_ms = min(late_ms, 0xFFFF)
            self._against = 0
            self._agreed_s, self._agreed_us = utc_s, self.pulses.at_us
            is_told = late_ms < DELAY_MAX_MS and begin.is_spaced and self.trust.trusts(utc_s, self._offset)
            self._sure = self._sure + 1 if is_told else 0
            if self._sure >= LABELS and self.state == record.LOCKED and not self.confirmed:
                self._confirm()
        elif is_clear:
            self._disagree()

    def _disagree(self):
        self._sure = 0
        self._against += 1
        if self._against >= AGAIN:
            self._reason = LABEL_DISAGREES
            self._unlock(DISAGREES)

    def _unlock(self, doubt):
        """Labels and pulses no longer agree: the crystal carries a confirmed second, any other is in doubt."""
        self._offset = None
        self._against = 0
        self._has_time = self._is_kept and self._has_time
        self.labels.reset(doubt)

    def _qualify(self, offset):
        """Take the label that has qualified, unless something speaks against it."""
        doubt = self._find_doubt(offset)
        if doubt != NONE:
            self.labels.doubt = doubt
            return
        shift_s, _ = self._find_shift(offset)
        self._reason = self._jump(shift_s, self.pulses.seconds + offset)
        self._offset = offset
        self._sure = 0
        self._has_time = True
        self._agreed_s, self._agreed_us = self.pulses.seconds + offset, self.pulses.at_us
        self.anchors.rest_on(self.pulses, offset)
        self.tick(self.pulses.at_us)
        oldest_us, oldest_s = self.pulses.oldest()
        # Where the second has jumped, the oldest pulse may be one that still had the earlier label.
        if not shift_s and self.anchors.behind_us <= oldest_us != self.pulses.at_us:
            self.anchors.log(oldest_us, oldest_s + offset, self.pulses.oldest_residual_us())
        self.anchors.log_last()

    def _find_doubt(self, offset):
        """Return what speaks against a label that has qualified, NONE where nothing does."""
        if self.level.doubt != NONE:
            return self.level.doubt
        if self.trust.contradicts(offset):
            return DISAGREES
        if not self._is_kept:
            return NONE
        label_s = self.pulses.seconds + offset
        shift_s, off_us = self._find_shift(offset)
        if shift_s is None:
            return NONE if self.trust.trusts(label_s, offset) else CONFIRMED_OTHER
        if abs(off_us) > GATE_US + self.anchors.bound_us(self.pulses.at_us):
            self._doubt_second(PULSE_MOVED, self._agreed_us, shift_s)
            return UNSTEADY
        if not shift_s or self._is_leap(shift_s, label_s) or (self._is_leaping and shift_s == 1):
            return NONE
        self._doubt_second(JUMPED, self._agreed_us, shift_s)
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
        if self._is_kept and self._is_leap(shift_s, label_s):
            # Nothing was confirmed since the last label that agreed, not even that it came.
            self._doubt_second(JUMPED, self._agreed_us, shift_s)
            self._count_s = self.trust.leap_s
            self._insert(month_s, at_us - (label_s - month_s) * 1_000_000, at_us)
            return LEAP_SECOND
        if self._is_leaping:
            self._is_leaping = False  # there was none
            self.anchors.behind_us = 0
        else:
            self.trust.restart()
        self._is_kept = self.confirmed = False
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

    def _look_for_sixty(self, rmc):
        """Believe a sentence that names 23:59:60 at the pulse that, counted on, begins a month."""
        if rmc.is_sixty and self.confirmed and self._offset is not None:
            self.leaps.named(self.pulses.seconds + self._offset)

    def _look_for_leap(self, at_us):
        """Note an inserted second once it is over, and a month that has begun while nobody could tell of one."""
        if not self._is_kept:
            return
        now_s, fraction_us = self.utc(at_us + EARLY_US)
        month_s = self.leaps.due_s
        if month_s is not None and now_s > month_s:
            self._doubt_second(LEAPING, at_us + EARLY_US - (now_s - month_s) * 1_000_000 - fraction_us, -1)
            if self._offset is not None:
                self._offset -= 1
            self._is_leaping = True
            self._count_s = NO_LEAP if self._count_s == NO_LEAP else self._count_s + 1
            self._insert(month_s, at_us, at_us)
            self._note(self.state, LEAP_SECOND, at_us)
        elif self.confirmed and now_s:
            month_s = self.leaps.find_crossed(now_s, self._agreed_s)
            if month_s is not None:
                self._doubt_second(MONTH_BEGAN, at_us + EARLY_US - (now_s - month_s) * 1_000_000 - fraction_us, 0)

    def _insert(self, month_s, over_us, now_us):
        """Note that a second was inserted before a month's first one, and over at a counter."""
        self.anchors.insert(over_us)
        self._log((record.LeapSecond, now_us, month_s))
        self.leaps.inserted(month_s)

    def _confirm(self):
        self.confirmed = self._is_kept = True
        self._is_leaping = False
        self._count_s = self.trust.leap_s if self.trust.from_satellites else NO_LEAP
        self.anchors.want()
        self._note(self.state, SECONDS_CONFIRMED, self.pulses.at_us)

    def _doubt_second(self, reason, since_us, shift_s):
        """Nothing is confirmed from a counter on, where a label was heard that differs by so much (0 none was)."""
        self.trust.is_vouched = False
        self._sure = 0
        if not self.confirmed:
            return
        self.anchors.log_last()
        self.confirmed = False
        shift_s = max(-0x80000000, min(shift_s, 0x7FFFFFFF))
        self._log((record.Doubt, max(since_us, 0), reason, self.anchors.utc(since_us)[0], shift_s))

    def _circumstances(self):
        """Return what an Anchor says beside counter and label."""
        return 1 if self.confirmed else 0, self.delay_ms, self.satellites, self.trust.leap_s, self._temperature_cc()

    def _is_recent(self, at_us, now_us, within_us):
        return at_us is not None and now_us - at_us <= within_us

    def _state(self, now_us):
        if not self._has_time:
            if not self._is_recent(self._heard_us, now_us, HEARD_US):
                return record.NO_RECEIVER
            return record.ACQUIRING if self._is_recent(self._fix_us, now_us, HEARD_US) else record.NO_FIX
        if (
            self._offset is not None
            and self.pulses.steady
            and self._is_recent(self.pulses.at_us, now_us, PULSE_US)
            and self._is_recent(self._fix_us, now_us, HEARD_US)
            and self.pulses.at_us >= self._back_us
        ):
            return record.LOCKED
        is_unsure = self.anchors.bound_ns(now_us) > FREE_US * 1000
        return record.FREE_RUNNING if is_unsure else record.HOLDOVER

    def _doubt(self, now_us):
        if not self._is_recent(self._heard_us, now_us, HEARD_US):
            return NO_SENTENCES
        if not self._is_recent(self._fix_us, now_us, HEARD_US):
            return NO_FIX
        if not self._is_recent(self.pulses.at_us, now_us, PULSE_US):
            return NO_PULSE
        return self.labels.doubt if self._offset is None else UNSTEADY

    def _change(self, state, now_us):
        reason = self._reason or self._why(state, now_us)
        self._reason = 0
        if state == record.LOCKED:
            self.anchors.locked(self.pulses.seconds + self._offset)
        elif self._has_time:
            self.anchors.log_last()
        self._note(state, reason, now_us)

    def _why(self, state, now_us):
        if state == record.LOCKED:
            return AGREE
        if state == record.FREE_RUNNING:
            return TOO_UNSURE
        if not self._is_recent(self._heard_us, now_us, HEARD_US):
            return NO_SENTENCE
        if not self._is_recent(self._fix_us, now_us, HEARD_US):
            return HEARD if self.state == record.NO_RECEIVER else FIX_LOST
        return FIX_FOUND if state == record.ACQUIRING else PULSE_MISSING

    def _note(self, state, reason, now_us):
        """Log a State; the time in it is 0 while it is not known."""
        was, self.state = self.state, state
        utc_s = self.utc(now_us)[0]
        self._log((record.State, now_us, state, was, reason, self.satellites, utc_s, self.uncertainty_us(now_us)))
