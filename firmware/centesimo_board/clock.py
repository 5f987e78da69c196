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

A label that disagrees twice running: while the seconds are not confirmed the time is in doubt (acquiring); once they
are, it is kept by the crystal (holdover), and a receiver that may not know the leap seconds cannot change it, nor end a
holdover of half a day, after which the crystal tells no whole second. A label that qualifies anew and differs by whole
seconds is a Correction: it puts earlier labels of this boot right.

A leap second is none, for the labels before it were right; it is noted as a LeapSecond. One that the satellites have
announced, or that a sentence names as 23:59:60, is noted as it ends: by the pulses or, without, by the crystal. Any
other is seen afterwards: a confirmed time, a trusted receiver, one second less, and a month has begun with the last
label that agreed or since.
"""

from centesimo_board.anchors import Anchors
from centesimo_board.civil import month_start
from centesimo_board.gates import (
    CONFIRMED_OTHER,
    DELAY_MAX_MS,
    DELAY_MIN_MS,
    DISAGREES,
    FRACTION,
    LABELS,
    NO_FIX,
    NO_PULSE,
    NO_SENTENCES,
    NONE,
    UNSTEADY,
    LabelGate,
    PulseGate,
    TrustGate,
    date_doubt,
)
from centesimo_protocol import record
from centesimo_protocol.shim import const

HEARD_US = const(5_000_000)
PULSE_US = const(2_500_000)
FREE_US = const(5_000)
AGAIN = const(2)  # disagreements in a row
HALF_DAY_S = const(43200)
TELLS_NS = const(400_000_000)  # a whole second can still be told with this uncertainty
AHEAD_S = const(2)  # what an announcement may be off: it counts to the begin or the end, and was read later
EARLY_US = const(1_000)  # a pulse may come before it was predicted

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
    delay_ms    of the last sentence after its pulse
    doubt       why it is not locked: one of gates.DOUBTS
    anchors     the pulse that the time rests on
    """

    def __init__(self, log, built_s, kept_leap_s, temperature_cc):
        self.state = record.NO_RECEIVER
        self.confirmed = False
        self.satellites = 0
        self.delay_ms = 0
        self.doubt = NO_SENTENCES
        self.pulses = PulseGate()
        self.labels = LabelGate()
        self.trust = TrustGate(kept_leap_s)
        self.anchors = Anchors(log, self._circumstances)
        self._log = log
        self._built_s = built_s
        self._temperature_cc = temperature_cc
        self._begun = 0  # the pulse gate's count that the labels belong to
        self._offset = None  # label less count of seconds, while labels and pulses agree
        self._against = 0  # labels in a row that disagreed
        self._agreed_s = 0  # the last one that agreed
        self._sure = 0  # labels that agreed since the receiver is trusted
        self._heard_us = None  # last sentence
        self._fix_us = None  # last sentence with a fix
        self._reason = 0  # why the state is about to change, if it is not plain
        self._zda_s = None
        self._zda_us = 0
        self._leap_s = None  # the month's first second before which one is announced to be inserted
        self._leapt_s = 0  # before which one was inserted last
        self._has_time = False  # whether the time can be told from the anchors

    def pulse(self, counter_us):
        """Take one pulse's counter."""
        counts = self.pulses.judge(counter_us)
        if self.pulses.begun != self._begun:
            self._begun = self.pulses.begun
            self.labels.reset(UNSTEADY)
            if self._offset is not None:
                self._offset = None
                self._reason = PULSES_ANEW
        if counts and self._offset is not None:
            self.tick(counter_us)
            if self.state == record.LOCKED:
                self.anchors.rest_on(self.pulses, self._offset)
                self.anchors.log_due()

    def sentence(self, rmc, at_us):
        """Take an Rmc that was read at this counter."""
        self._heard_us = at_us
        if not rmc.valid:
            self._fix_us = None
            self.trust.no_fix()
            self.labels.reset(NO_FIX)
            self.tick(at_us)
            return
        self._fix_us = at_us
        self.trust.fix(at_us)
        doubt = self._sentence_doubt(rmc, at_us)
        if doubt == NONE:
            self._label(rmc.utc_s, (at_us - self.pulses.at_us) // 1000)
        elif doubt != FRACTION:
            self._look_for_sixty(rmc)
            self.labels.reset(doubt)
        elif self.labels.doubt in (NO_SENTENCES, NO_FIX, NO_PULSE, UNSTEADY):
            self.labels.doubt = doubt  # a receiver may speak several times a second, once of the whole one
        self.tick(at_us)

    def date(self, zda, at_us):
        """Take a Zda that was read at this counter: sentences of another date are not believed."""
        self._zda_s, self._zda_us = zda.utc_s, at_us

    def leap(self, timels, at_us):
        """Take a Timels that was read at this counter: the leap seconds, and whether another one is announced."""
        self.trust.leap(timels.leap_s, timels.source, timels.valid)
        now_s = self.utc(at_us)[0]
        if self._leap_s is None or now_s < self._leap_s:  # later than that nothing is taken back
            self._leap_s = self._announced(now_s, timels.ahead_s)

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

    def _sentence_doubt(self, rmc, at_us):
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
        return NONE

    def _label(self, utc_s, delay_ms):
        """Take a label inside the date window, for the last pulse."""
        self.delay_ms = max(0, min(delay_ms, 0xFFFF))
        if self._offset is None:
            offset = self.labels.consider(utc_s, delay_ms, self.pulses.seconds)
            if offset is not None and self.pulses.steady:
                self._qualify(offset)
        elif DELAY_MIN_MS < delay_ms < DELAY_MAX_MS:
            self._verify(utc_s)

    def _verify(self, utc_s):
        if utc_s == self.pulses.seconds + self._offset:
            self._against = 0
            self._agreed_s = utc_s
            self._sure = self._sure + 1 if self.trust.trusted else 0
            if self._sure >= LABELS and self.state == record.LOCKED and not self.confirmed:
                self._confirm()
            return
        self._sure = 0
        self._against += 1
        if self._against >= AGAIN:
            self._offset = None
            self._against = 0
            self._has_time = self.confirmed and self._has_time
            self._reason = LABEL_DISAGREES
            self.labels.reset(DISAGREES)

    def _qualify(self, offset):
        """Take the label that has qualified, unless what is known speaks against it."""
        shift_s = self._find_shift_s(offset)
        if shift_s != 0 and self.confirmed and not self.trust.trusted:
            self.labels.doubt = CONFIRMED_OTHER
            return
        self._reason = self._jump(shift_s, self.pulses.seconds + offset)
        self._offset = offset
        self._sure = 0
        self._has_time = True
        self.anchors.rest_on(self.pulses, offset)
        self.tick(self.pulses.at_us)
        oldest_us, oldest_s = self.pulses.oldest()
        # Where the second has jumped, the oldest pulse may be one that still had the earlier label.
        if not shift_s and self.anchors.behind_us <= oldest_us != self.pulses.at_us:
            self.anchors.log(oldest_us, oldest_s + offset, self.pulses.oldest_residual_us())
        self.anchors.log_last()

    def _jump(self, shift_s, label_s):
        """Note by how much the second has jumped, to this label of the last pulse; return why it qualifies."""
        if not shift_s:
            return AGREE
        at_us, month_s = self.pulses.at_us, month_start(label_s)
        if shift_s == -1 and self.confirmed and self._agreed_s <= month_s:
            self._insert(month_s, at_us - (label_s - month_s) * 1_000_000, at_us)
            return LEAP_SECOND
        self.trust.restart()
        self.confirmed = False
        self._leap_s = None
        self._log((record.Correction, at_us, shift_s, label_s, 0))
        return SECONDS_CORRECTED

    def _find_shift_s(self, offset):
        """Return by how many seconds a new label differs from what earlier ones of this boot make of this pulse.

        None where they tell nothing: there are none, or the crystal has carried on for half a day.
        """
        at_us = self.pulses.at_us
        if self.anchors.at_us == 0 or self.anchors.bound_ns(at_us) > TELLS_NS:
            return None
        second, fraction_us = self.anchors.utc(at_us)
        return self.pulses.seconds + offset - second - (fraction_us >= 500_000)

    def _announced(self, now_s, ahead_s):
        """Return the month's first second that is `ahead_s` from now, None where none is announced or believed."""
        if ahead_s is None or not (self.confirmed and now_s):
            return None
        month_s = month_start(now_s + ahead_s + AHEAD_S)
        is_month = abs(now_s + ahead_s - month_s) <= AHEAD_S
        return month_s if is_month and month_s > self._leapt_s else None

    def _look_for_sixty(self, rmc):
        """Believe a sentence that names 23:59:60 at the pulse that, counted on, begins a month."""
        if rmc.is_sixty and self.confirmed and self._offset is not None:
            label_s = self.pulses.seconds + self._offset
            if label_s == month_start(label_s):
                self._leap_s = label_s

    def _look_for_leap(self, at_us):
        """Note the announced second once it is over."""
        if self._leap_s is None or self.utc(at_us + EARLY_US)[0] <= self._leap_s:
            return
        if self._offset is not None:
            self._offset -= 1
        self._insert(self._leap_s, at_us, at_us)
        self._note(self.state, LEAP_SECOND, at_us)

    def _insert(self, month_s, over_us, now_us):
        """Note that a second was inserted before a month's first one, and over at a counter."""
        self.anchors.insert(over_us)
        self._log((record.LeapSecond, now_us, month_s))
        self._leap_s, self._leapt_s = None, month_s

    def _confirm(self):
        self.confirmed = True
        self.anchors.want()
        self._note(self.state, SECONDS_CONFIRMED, self.pulses.at_us)

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
