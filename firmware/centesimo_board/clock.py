"""What time it is and how sure: pulses and sentences in, states and entries for the journal out.

No clock is steered. seconds.py counts pulses and says which second each is; what is logged (anchors, corrections) lets
anyone compute it again with protocol.timebase, whose bounds are used here too. This module says which of pulses and
sentences may count, and which state holds:

State         what holds
no receiver   no whole sentence for HEARD_US; the time is not known, or in doubt
no fix        sentences, none with a fix for HEARD_US; the time is not known, or in doubt
acquiring     a fix, the gates are not through; the time is not known, or in doubt
locked        labels and pulses agree and the last pulse that counts is fresh
holdover      it was locked, now it counts by the crystal; the uncertainty grows
free running  holdover that is no longer sure to FREE_US, half a hundredth of a second
"""

from centesimo_board.doubts import (
    COUNTING,
    DELAY,
    DISAGREES,
    FRACTION,
    INVERTED,
    NO_FIX,
    NO_PULSE,
    NO_SENTENCES,
    NONE,
    SEVERAL,
    STEPS,
    UNSTEADY,
)
from centesimo_board.labels import date_doubt
from centesimo_board.seconds import AGREE, Seconds
from centesimo_protocol import record
from centesimo_protocol.shim import const

HEARD_US = const(5_000_000)
UNFIXED_US = const(1_500_000)  # a GGA counts for its burst
STILL_US = const(2_000_000)  # longer than any burst of one second
PULSE_US = const(2_500_000)
FREE_US = const(5_000)
HALF_US = const(500_000)
HALF_DAY_S = const(43200)
FIXED = (1, 2, 3, 4, 5)  # GGA's quality: autonomous, differential, precise, RTK fixed and float

# Places in record.STATE_REASONS; those of seconds.py beside them.
HEARD = const(1)
FIX_FOUND = const(2)
NO_SENTENCE = const(4)
FIX_LOST = const(5)
PULSE_MISSING = const(6)
TOO_UNSURE = const(8)


class Clock:
    """The board's knowledge of time. `log(entry)` takes what is to be written.

    state       one of record.NO_RECEIVER .. record.FREE_RUNNING
    satellites  as GGA last said
    doubt       why it is not locked: one of doubts.DOUBTS
    seconds     which second each pulse is; its trust, leaps and anchors are here too
    pulse_us    the last pulse that was captured, None before there was one
    """

    def __init__(self, log, built_s, kept_leap_s, kept_until_s, temperature_cc):
        self.state = record.NO_RECEIVER
        self.satellites = 0
        self.doubt = NO_SENTENCES
        self.pulse_us = None
        self.seconds = Seconds(self, log, kept_leap_s, kept_until_s, self._circumstances)
        self.trust, self.leaps, self.anchors = self.seconds.trust, self.seconds.leaps, self.seconds.anchors
        self._pulses, self._labels = self.seconds.pulses, self.seconds.labels
        self._log = log
        self._built_s = built_s
        self._temperature_cc = temperature_cc
        self._heard_us = None  # last sentence
        self._fix_us = None  # last sentence with a fix
        self._unfixed_us = None  # last GGA without one
        self._back_us = 0  # when the fix came last
        self._zda_s = None
        self._zda_us = 0
        self._session_us = 0  # when the receiver's session began

    @property
    def confirmed(self) -> bool:
        """Whether the whole second is."""
        return self.seconds.confirmed

    def pulse(self, counter_us):
        """Take one pulse's counter; without a fix it may be anywhere, and does not count once the time is known."""
        self.pulse_us = counter_us
        if self.seconds.has_time and not self._is_recent(self._fix_us, counter_us, HEARD_US):
            return
        if self.seconds.pulse(counter_us):
            self.tick(counter_us)
            if self.state == record.LOCKED:
                self.anchors.rest_on(self._pulses, self.seconds.offset)
                self.anchors.log_due()

    def look(self, is_high, now_us):
        """Take the level of the pulse's line, high where the edge that is captured has gone to."""
        self._pulses.look(is_high, now_us)
        self.seconds.level.look(is_high, now_us)
        if self.seconds.level.doubt == INVERTED and self.seconds.offset is not None:
            self.seconds.unlock(INVERTED)

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
            self.seconds.label(rmc.utc_s, begin)
        elif doubt == STEPS and self.seconds.offset is not None:
            self.seconds.disagree()
        elif doubt != FRACTION:
            self.seconds.look_for_sixty(rmc)
            self._labels.reset(doubt)
        elif self._labels.doubt in (NO_SENTENCES, NO_FIX, NO_PULSE, UNSTEADY):
            self._labels.doubt = doubt  # a receiver may speak several times a second, once of the whole one
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
        if self._pulses.at_us is None or pulse.utc_s is None:
            return
        first_s, _ = self._pulses.place(begin.first_us)
        last_s, _ = self._pulses.place(begin.last_us)
        if first_s != last_s or not self._is_recent(self._pulses.at_us, begin.last_us, PULSE_US):
            return
        self.trust.named(pulse.utc_s - last_s - 1, begin.last_us)

    def begin_session(self, at_us):
        """The receiver may be another one from here on, or have started anew: what was told before counts no more."""
        self._session_us = at_us
        self.seconds.begin_session()

    def vouch(self, counter_us, utc_s, fraction_us, bound_us, basis) -> int:
        """Take which UTC a counter was, from a host that knows it to `bound_us`; return the place in record.OUTCOMES.

        What agrees confirms, as far as it goes on with this session of the receiver; what another model's receiver
        makes likely (record.OTHER_MODEL) names the pulses and not the leap seconds. Another second ends a confirmed
        one, unless it is only a likely one. Nothing is said where more than one second is possible.
        """
        board_s, board_us = self.utc(counter_us)
        if not board_s or counter_us < self._session_us:
            return record.NO_TIME
        sure_us = bound_us + self.anchors.bound_us(counter_us)
        if sure_us >= HALF_US:
            return record.TOO_UNSURE
        off_us = (utc_s - board_s) * 1_000_000 + fraction_us - board_us
        shift_s = (off_us + HALF_US) // 1_000_000
        if abs(off_us - shift_s * 1_000_000) > sure_us:
            return record.UNCLEAR
        if not shift_s:
            self.trust.vouch(basis)
            return record.AGREES
        if basis != record.OTHER_MODEL:
            self.seconds.deny(counter_us, shift_s)
        return record.OTHER_SECOND

    def heard(self, at_us):
        """Note when the last whole sentence of any kind came."""
        self._heard_us = at_us

    def edge(self, counter_us):
        """Have the pulses around an edge logged, so that its time is interpolated over seconds."""
        self.seconds.look_for_leap(counter_us)
        if self.seconds.has_time and counter_us >= self.anchors.at_us:
            self.anchors.log_last()
        self.anchors.want()

    def tick(self, now_us):
        """Say by the counter which state holds now, and log a change."""
        self.seconds.look_for_leap(now_us)
        state = self._state(now_us)
        self.doubt = NONE if state == record.LOCKED else self._doubt(now_us)
        if state != self.state:
            self._change(state, now_us)

    def note(self, reason, now_us):
        """Log a State for something that is to be said of it."""
        self._note(self.state, reason, now_us)

    def uncertainty_us(self, counter_us) -> int:
        """Return the bound in us of the UTC of a counter near now; record.NOT_KNOWN_US while there is none."""
        if not self.seconds.has_time or self.state < record.LOCKED:
            return record.NOT_KNOWN_US
        return self.anchors.bound_us(counter_us)

    def utc(self, counter_us) -> tuple:
        """Return (seconds since 1970, microseconds) of a counter near now; (0, 0) while the time is not known."""
        if not self.seconds.has_time or self.state < record.LOCKED:
            return 0, 0
        return self.anchors.utc(counter_us)

    def _lose_fix(self, at_us):
        self._fix_us = None
        self.trust.no_fix()
        self._labels.reset(NO_FIX)
        self.tick(at_us)

    def _sentence_doubt(self, rmc, at_us, begin):
        """Return why an Rmc with a fix gives no label, or NONE."""
        if rmc.utc_s is not None and not rmc.whole:
            return FRACTION
        if self.seconds.offset is None or rmc.utc_s is None:
            doubt = date_doubt(rmc.utc_s, self._built_s)
            if doubt != NONE:
                return doubt
        if self._zda_s is not None and at_us - self._zda_us <= HEARD_US and abs(rmc.utc_s - self._zda_s) > HALF_DAY_S:
            return DISAGREES
        if not self._is_recent(self._pulses.at_us, at_us, PULSE_US):
            return NO_PULSE
        if begin is None:
            return DELAY
        if at_us - begin.last_us > STILL_US:
            return STEPS
        return DISAGREES if begin.is_mixed else NONE

    def _circumstances(self):
        """Return what an Anchor says beside counter and label."""
        confirmed = 1 if self.confirmed else 0
        return confirmed, self.seconds.delay_ms, self.satellites, self.trust.leap_s, self._temperature_cc()

    def _is_recent(self, at_us, now_us, within_us):
        return at_us is not None and now_us - at_us <= within_us

    def _state(self, now_us):
        if not self.seconds.has_time:
            if not self._is_recent(self._heard_us, now_us, HEARD_US):
                return record.NO_RECEIVER
            return record.ACQUIRING if self._is_recent(self._fix_us, now_us, HEARD_US) else record.NO_FIX
        if (
            self.seconds.offset is not None
            and self._pulses.steady
            and self._is_recent(self._pulses.at_us, now_us, PULSE_US)
            and self._is_recent(self._fix_us, now_us, HEARD_US)
            and self._pulses.at_us >= self._back_us
        ):
            return record.LOCKED
        is_unsure = self.anchors.bound_ns(now_us) > FREE_US * 1000
        return record.FREE_RUNNING if is_unsure else record.HOLDOVER

    def _doubt(self, now_us):
        if not self._is_recent(self._heard_us, now_us, HEARD_US):
            return NO_SENTENCES
        if not self._is_recent(self._fix_us, now_us, HEARD_US):
            return NO_FIX
        if not self._is_recent(self._pulses.at_us, now_us, PULSE_US):
            return NO_PULSE
        if self.seconds.offset is not None:
            return UNSTEADY
        if self._pulses.is_contested:
            return SEVERAL
        doubt = self._labels.doubt
        return UNSTEADY if doubt == COUNTING and not self._pulses.steady else doubt

    def _change(self, state, now_us):
        reason = self.seconds.reason or self._why(state, now_us)
        self.seconds.reason = 0
        if state == record.LOCKED:
            self.anchors.locked(self._pulses.seconds + self.seconds.offset)
        elif self.seconds.has_time:
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
