"""What time it is and how sure: pulses and sentences in, states and entries for the journal out.

No clock is steered. seconds.py counts pulses and says which second each is; what is logged (anchors, corrections) lets
anyone compute it again with protocol.timebase, whose bounds are used here too. hearing.py says which state follows.
This module says which pulses and sentences may count.
"""

from centesimo_board.doubts import (
    DELAY,
    DISAGREES,
    FRACTION,
    INVERTED,
    NO_FIX,
    NO_PULSE,
    NO_SENTENCES,
    NONE,
    STEPS,
    UNSTEADY,
)
from centesimo_board.hearing import HEARD_US, Hearing
from centesimo_board.labels import date_doubt
from centesimo_board.seconds import Seconds
from centesimo_protocol import record
from centesimo_protocol.shim import const

STILL_US = const(2_000_000)  # longer than any burst of one second
HALF_US = const(500_000)
HALF_DAY_S = const(43200)
FIXED = (1, 2, 3, 4, 5)  # GGA's quality: autonomous, differential, precise, RTK fixed and float


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
        self.trust, self.leaps, self.anchors = self.seconds.trust, self.seconds.leaps.due, self.seconds.anchors
        self._pulses, self._labels = self.seconds.pulses, self.seconds.labels
        self._log = log
        self._built_s = built_s
        self._temperature_cc = temperature_cc
        self._hearing = Hearing(self.seconds)
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
        if self.seconds.has_time and not self._hearing.has_fix(counter_us):
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
        self._hearing.heard_us = at_us
        if not rmc.valid or self._hearing.is_unfixed(at_us):
            self._lose_fix(at_us)
            return
        self._hearing.fixed(at_us)
        self.trust.fix(at_us)
        doubt = self._sentence_doubt(rmc, at_us, begin)
        if doubt == NONE:
            self.seconds.label(rmc.utc_s, begin)
        elif doubt == STEPS and self.seconds.offset is not None:
            self.seconds.disagree()
        elif doubt != FRACTION:
            self.seconds.leaps.look_for_sixty(rmc)
            self._labels.reset(doubt)
        elif self._labels.doubt in (NO_SENTENCES, NO_FIX, NO_PULSE, UNSTEADY):
            self._labels.doubt = doubt  # a receiver may speak several times a second, once of the whole one
        self.tick(at_us)

    def fixes(self, gga, at_us):
        """Take a Gga: without a fix, estimated, by hand or simulated it makes its burst's Rmc one without."""
        self.satellites = gga.satellites
        if gga.quality in FIXED:
            self._hearing.unfixed_us = None
        else:
            self._hearing.unfixed_us = at_us
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
        if first_s != last_s or not self._hearing.has_pulse(begin.last_us):
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
        self._hearing.heard_us = at_us

    def edge(self, counter_us):
        """Have the pulses around an edge logged, so that its time is interpolated over seconds."""
        self.seconds.leaps.look(counter_us)
        if self.seconds.has_time and counter_us >= self.anchors.at_us:
            self.anchors.log_last()
        self.anchors.want()

    def tick(self, now_us):
        """Say by the counter which state holds now, and log a change."""
        self.seconds.leaps.look(now_us)
        state = self._hearing.state(now_us)
        self.doubt = NONE if state == record.LOCKED else self._hearing.doubt(now_us)
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
        self._hearing.fix_us = None
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
        if not self._hearing.has_pulse(at_us):
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

    def _change(self, state, now_us):
        reason = self.seconds.reason or self._hearing.reason(self.state, state, now_us)
        self.seconds.reason = 0
        if state == record.LOCKED:
            self.anchors.locked(self._pulses.seconds + self.seconds.offset)
        elif self.seconds.has_time:
            self.anchors.log_last()
        self._note(state, reason, now_us)

    def _note(self, state, reason, now_us):
        """Log a State; the time in it is 0 while it is not known."""
        was, self.state = self.state, state
        utc_s = self.utc(now_us)[0]
        self._log((record.State, now_us, state, was, reason, self.satellites, utc_s, self.uncertainty_us(now_us)))
