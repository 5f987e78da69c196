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

Anchors are logged when it locks (with the oldest pulse kept, for the rate), then one pulse every `anchor_every_s`,
every FRESH_EVERY_S in the first FRESH_S; the pulse before and the pulse after every edge; the last one before holdover.

A label that disagrees twice running: while the seconds are not confirmed the time is in doubt (acquiring); once they
are, it is kept by the crystal (holdover), and a receiver that does not know the leap seconds cannot change it. A label
that qualifies anew and differs by whole seconds is a Correction: it puts earlier labels of this boot right. A leap
second (one second less, at the first instants of a month, confirmed) is none: earlier labels were right.
"""

from firmware.civil import civil
from firmware.gates import (
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
from protocol import record
from protocol.shim import const
from protocol.timebase import outside_ns

HEARD_US = const(5_000_000)
PULSE_US = const(2_500_000)
FREE_US = const(5_000)
FRESH_S = const(32)
FRESH_EVERY_S = const(16)
AGAIN = const(2)  # disagreements in a row
HALF_DAY_S = const(43200)
TELLS_NS = const(400_000_000)  # a whole second can still be told with this uncertainty

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
    """The board's knowledge of time. `log(entry)` takes what is to be written, `anchor_every_s` may be set.

    state       one of record.NO_RECEIVER .. record.FREE_RUNNING
    confirmed   whether the whole second is
    satellites  as GGA last said
    delay_ms    of the last sentence after its pulse
    doubt       why it is not locked: one of gates.DOUBTS
    """

    def __init__(self, log, built_s, kept_leap_s, temperature_cc):
        self.state = record.NO_RECEIVER
        self.confirmed = False
        self.satellites = 0
        self.delay_ms = 0
        self.doubt = NO_SENTENCES
        self.anchor_every_s = 64
        self.pulses = PulseGate()
        self.labels = LabelGate()
        self.trust = TrustGate(kept_leap_s)
        self._log = log
        self._built_s = built_s
        self._temperature_cc = temperature_cc
        self._begun = 0  # the pulse gate's count that the labels belong to
        self._offset = None  # label less count of seconds, while labels and pulses agree
        self._against = 0  # labels in a row that disagreed
        self._against_s = 0  # the first of them
        self._sure = 0  # labels that agreed since the receiver is trusted
        self._heard_us = None  # last sentence
        self._fix_us = None  # last sentence with a fix
        self._reason = 0  # why the state is about to change, if it is not plain
        # The last pulse that the time rests on: counter, label, span of its rate (us, s), its distance from prediction.
        self._zda_s = None
        self._zda_us = 0
        self._known = False
        self._at_us = self._at_s = self._span_us = self._span_s = self._residual_us = 0
        self._is_logged = False
        self._logged_s = 0
        self._locked_s = 0
        self._log_next = False

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
                self._rest_on(counter_us)
                if self._is_due():
                    self._anchor()

    def sentence(self, item, at_us):
        """Take an Rmc that was read at this counter."""
        self._heard_us = at_us
        if not item.valid:
            self._fix_us = None
            self.trust.no_fix()
            self.labels.reset(NO_FIX)
            self.tick(at_us)
            return
        self._fix_us = at_us
        self.trust.fix(at_us)
        doubt = self._sentence_doubt(item, at_us)
        if doubt == NONE:
            self._label(item.utc_s, (at_us - self.pulses.at_us) // 1000)
        elif doubt != FRACTION:
            self.labels.reset(doubt)
        elif self.labels.doubt in (NO_SENTENCES, NO_FIX, NO_PULSE, UNSTEADY):
            self.labels.doubt = doubt  # a receiver may speak several times a second, once of the whole one
        self.tick(at_us)

    def date(self, item, at_us):
        """Take a Zda that was read at this counter: sentences of another date are not believed."""
        self._zda_s, self._zda_us = item.utc_s, at_us

    def heard(self, at_us):
        """Note that a whole sentence of any kind came."""
        self._heard_us = at_us

    def edge(self, counter_us):
        """Have the pulses around an edge logged, so that its time is interpolated over seconds."""
        if self._known and not self._is_logged and counter_us >= self._at_us:
            self._anchor()
        self._log_next = True

    def tick(self, now_us):
        """Say by the counter which state holds now, and log a change."""
        state = self._state(now_us)
        self.doubt = NONE if state == record.LOCKED else self._doubt(now_us)
        if state != self.state:
            self._change(state, now_us)

    def uncertainty_us(self, counter_us) -> int:
        """Return the bound in us of the UTC of a counter near now; record.NOT_KNOWN_US while there is none."""
        if not self._known or self.state < record.LOCKED:
            return record.NOT_KNOWN_US
        bound_us = outside_ns(abs(counter_us - self._at_us), self._span_us) // 1000 + 1 + abs(self._residual_us)
        return min(bound_us, record.NOT_KNOWN_US - 1)

    def utc(self, counter_us) -> tuple:
        """Return (seconds since 1970, microseconds) of a counter near now; (0, 0) while the time is not known."""
        if not self._known or self.state < record.LOCKED:
            return 0, 0
        return self._told(counter_us)

    def _told(self, counter_us):
        away_us = counter_us - self._at_us
        if self._span_us:
            away_us = away_us * self._span_s * 1_000_000 // self._span_us
        return self._at_s + away_us // 1_000_000, away_us % 1_000_000

    def _sentence_doubt(self, item, at_us):
        """Return why an Rmc with a fix gives no label, or NONE."""
        if item.utc_s is not None and not item.whole:
            return FRACTION
        if self._offset is None or item.utc_s is None:
            doubt = date_doubt(item.utc_s, self._built_s)
            if doubt != NONE:
                return doubt
        if self._zda_s is not None and at_us - self._zda_us <= HEARD_US and abs(item.utc_s - self._zda_s) > HALF_DAY_S:
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
            self._sure = self._sure + 1 if self.trust.trusted else 0
            if self._sure >= LABELS and self.state == record.LOCKED and not self.confirmed:
                self._confirm()
            return
        self._sure = 0
        if self._against == 0:
            self._against_s = utc_s
        self._against += 1
        if self._against >= AGAIN:
            self._offset = None
            self._against = 0
            self._known = self.confirmed and self._known
            self._reason = LABEL_DISAGREES
            self.labels.reset(DISAGREES)

    def _qualify(self, offset):
        """Take the label that has qualified, unless what is known speaks against it."""
        shift_s = self._shift_s(offset)
        reason = AGREE
        if shift_s and self.confirmed and shift_s == -1 and is_month_start(self._against_s):
            reason = LEAP_SECOND
        elif shift_s and self.confirmed and not self.trust.trusted:
            self.labels.doubt = CONFIRMED_OTHER
            return
        elif shift_s:
            reason = SECONDS_CORRECTED
            self._correct(shift_s, offset)
        self._offset = offset
        self._sure = 0
        self._rest_on(self.pulses.at_us)
        self._reason = reason
        self.tick(self.pulses.at_us)
        oldest_us, oldest_s = self.pulses.oldest()
        # Where the second has jumped, the oldest pulse may be one that still had the earlier label.
        if not shift_s and oldest_us != self._at_us:
            self._log(self._anchor_entry(oldest_us, oldest_s + self._offset, 0))
        self._anchor()

    def _shift_s(self, offset):
        """Return by how many seconds a new label differs from what earlier ones of this boot make of this pulse."""
        if self._at_us == 0:
            return 0
        if outside_ns(self.pulses.at_us - self._at_us, self._span_us) > TELLS_NS:
            return 0
        second, fraction_us = self._told(self.pulses.at_us)
        return self.pulses.seconds + offset - second - (fraction_us >= 500_000)

    def _correct(self, shift_s, offset):
        self.trust.restart()
        self.confirmed = False
        self._log((record.Correction, self.pulses.at_us, shift_s, self.pulses.seconds + offset, 0))

    def _confirm(self):
        self.confirmed = True
        self._log_next = True
        self._note(self.state, SECONDS_CONFIRMED, self.pulses.at_us)

    def _rest_on(self, counter_us):
        """Let the time rest on a pulse that counts."""
        oldest_us, oldest_s = self.pulses.oldest()
        self._known = True
        self._at_us = counter_us
        self._at_s = self.pulses.seconds + self._offset
        self._span_us, self._span_s = counter_us - oldest_us, self.pulses.seconds - oldest_s
        self._residual_us = self.pulses.residual_us
        self._is_logged = False

    def _is_due(self):
        """Say whether the pulse that the time rests on is to be logged."""
        every_s = self.anchor_every_s
        if self._at_s - self._locked_s <= FRESH_S:
            every_s = min(every_s, FRESH_EVERY_S)
        return self._log_next or self._at_s - self._logged_s >= every_s

    def _anchor(self):
        self._is_logged = True
        self._log_next = False
        self._logged_s = self._at_s
        self._log(self._anchor_entry(self._at_us, self._at_s, self._residual_us))

    def _anchor_entry(self, counter_us, utc_s, residual_us):
        confirmed = 1 if self.confirmed else 0
        label = (record.Anchor, counter_us, utc_s, confirmed, self.delay_ms, self.satellites, self.trust.leap_s)
        return label + (self._temperature_cc(), max(-0x8000, min(residual_us, 0x7FFF)))

    def _is_recent(self, at_us, now_us, within_us):
        return at_us is not None and now_us - at_us <= within_us

    def _state(self, now_us):
        if not self._known:
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
        unsure_ns = outside_ns(abs(now_us - self._at_us), self._span_us)
        return record.FREE_RUNNING if unsure_ns > FREE_US * 1000 else record.HOLDOVER

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
            self._locked_s = self.pulses.seconds + self._offset
            self._log_next = True
        elif self._known and not self._is_logged:
            self._anchor()
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


def is_month_start(utc_s) -> bool:
    """Say whether an instant lies in the first instants of a month, where leap seconds are."""
    _, _, day, hour, minute, second = civil(utc_s)
    return day == 1 and hour == 0 and minute == 0 and second <= AGAIN
