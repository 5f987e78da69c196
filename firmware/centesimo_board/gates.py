"""Four gates between what a receiver claims and what the board believes.

Date window   no date before this firmware was made, none 1024 weeks or more later: a week rollover lands outside.
Pulse gate    a pulse counts if it comes a whole number of predicted seconds after the last that counted, within
              50 ppm + 5 us; once RING pulses give the rate, within 5 us of what the crystal may do (protocol.timebase).
              Others are rejected: they mark, they never shift. Of a pulse that rings the first edge counts. Three in
              a row make the train steady. After GIVE_UP rejected in a row, or HOLD_S without one, counting begins anew
              and the labels with it.
Level gate    whether the pulse marks the second with the edge that is captured: half a second behind it the line is
              at rest again. A pulse the other way round would be a tenth of a second late, and exact.
Label gate    which second a pulse began: bursts of sentences that begin a stable delay inside (20, 900) ms after it and
              go up by one second a pulse for ten seconds. Then pulses are counted; sentences only verify.
Trust gate    whether the whole second is right. Two things are not seen in pulses and sentences, and must be told in
              this session of the receiver: its leap seconds, and that no whole second hides in the delay.

Counters are 64-bit microseconds of one boot, labels are seconds since 1970. No gate knows the time of day by itself.
"""

from centesimo_protocol.shim import const
from centesimo_protocol.timebase import outside_ns

GATE_US = const(5)
GATE_PPM = const(50)
STEADY = const(3)
RINGS_US = const(1_000)  # an edge so soon after another is of the same pulse: the first one counts
HALF_US = const(500_000)  # no receiver's pulse is longer
EDGE_US = const(1_000)
REST_US = const(970_000)  # what is later may be the next pulse
GIVE_UP = const(10)
HOLD_S = const(3600)  # 50 ppm of it are 180 ms: until then the whole seconds of a gap are certain
RING = const(17)  # pulses kept for the rate: 16 s

DELAY_MIN_MS = const(20)
DELAY_MAX_MS = const(900)
DELAY_SPREAD_MS = const(300)  # a receiver computes longer when it sees more satellites
LABELS = const(10)  # seconds in a row

WINDOW_S = 7168 * 86400  # 1024 weeks: what a receiver may be off by is never inside

TRUST_US = 1_200_000_000  # 20 min
FIX_GAP_US = const(2_500_000)  # a receiver does not start anew and have a fix within that
TOLD_US = const(12_000_000)  # NAV-TIMELS and TIM-TP come every 5 s
TOLD = const(3)  # times in a row
SOURCES = (1, 2, 3, 4, 5, 8)  # of u-blox's leap count: GPS-GLONASS, GPS, SBAS, BeiDou, Galileo, NavIC
NO_LEAP = const(-128)

# Why a label is not taken, for the status line and two lines of the display; the position is the number.
DOUBTS = (
    "",
    "no pulse",
    "no fix",
    "sentences not at whole seconds",
    "no date",
    "date before this firmware",
    "date too far ahead",
    "sentence too close to a pulse",
    "delay after the pulse not stable",
    "seconds do not follow pulses",
    "counting labels",
    "label against confirmed time",
    "label disagrees",
    "pulses not steady",
    "no sentences",
    "pulse inverted: swap polarity",
)
(
    NONE,
    NO_PULSE,
    NO_FIX,
    FRACTION,
    NO_DATE,
    DATE_EARLY,
    DATE_LATE,
    DELAY,
    UNSTABLE,
    STEPS,
    COUNTING,
    CONFIRMED_OTHER,
    DISAGREES,
    UNSTEADY,
    NO_SENTENCES,
    INVERTED,
) = range(16)


def date_doubt(utc_s, built_s):
    """Return NONE, NO_DATE, DATE_EARLY or DATE_LATE for a label and the firmware's date, both seconds since 1970."""
    if utc_s is None:
        return NO_DATE
    if utc_s < built_s:
        return DATE_EARLY
    if utc_s >= built_s + WINDOW_S:
        return DATE_LATE
    return NONE


class PulseGate:
    """Counts the seconds of a pulse train.

    at_us        counter of the last pulse that counted, None before the first
    seconds      seconds counted up to it since counting began
    row          pulses in a row that came as predicted; from STEADY on the train is steady
    begun        how often counting began (1 from the first pulse on)
    rejected     pulses rejected since the start
    residual_us  how far the last one that counted was from its prediction
    """

    def __init__(self):
        self.at_us = None
        self.seconds = 0
        self.row = 0
        self.begun = 0
        self.rejected = 0
        self.residual_us = 0
        self._rejected_row = 0
        self._seen_us = None  # the last edge of all
        self._ring_us = [0] * RING
        self._ring_s = [0] * RING
        self._filled = 0

    @property
    def steady(self) -> bool:
        return self.row >= STEADY

    def judge(self, counter_us) -> bool:
        """Take one pulse; say whether it counts. One that begins the count anew does not, nor does a ringing edge."""
        rings = self._seen_us is not None and 0 <= counter_us - self._seen_us < RINGS_US
        self._seen_us = counter_us
        if rings:
            self.rejected += self.steady
            return False
        if self.at_us is None:
            return self._begin(counter_us)
        passed_us = counter_us - self.at_us
        whole, predicted_us = self._predict(passed_us)
        off_us = passed_us - predicted_us
        if not 1 <= whole <= HOLD_S or abs(off_us) > self._gate_us(whole):
            return self._reject(counter_us, whole)
        if whole > STEADY:
            self.row = 0
        self.row += 1
        self._rejected_row = 0
        self.residual_us = off_us
        self.seconds += whole
        self._keep(counter_us)
        return True

    def place(self, counter_us) -> tuple:
        """Return which pulse an instant follows, as its count of seconds, and by how many us; pulses may be missing."""
        oldest_us, oldest_s = self.oldest()
        span_us, span_s = self.at_us - oldest_us, self.seconds - oldest_s
        away_us = counter_us - self.at_us
        if span_s:
            away_us = away_us * span_s * 1_000_000 // span_us
        return self.seconds + away_us // 1_000_000, away_us % 1_000_000

    def oldest(self) -> tuple:
        """Return (counter_us, seconds) of the oldest pulse kept; the last one's where there is no other."""
        place = self._oldest_place()
        return self._ring_us[place], self._ring_s[place]

    def oldest_residual_us(self) -> int:
        """Return how far the oldest pulse kept is from where the one behind it and the last one put it."""
        oldest = self._oldest_place()
        second = (oldest + 1) % RING
        span_us, span_s = self.at_us - self._ring_us[second], self.seconds - self._ring_s[second]
        if span_s <= 0 or self._filled < 3:
            return 0
        back_s = self._ring_s[second] - self._ring_s[oldest]
        return self._ring_us[oldest] - self._ring_us[second] + (2 * back_s * span_us + span_s) // (2 * span_s)

    def _oldest_place(self):
        return 0 if self._filled < RING else self._filled % RING

    def _gate_us(self, whole):
        """Return how far off a pulse may be that comes so many seconds after the last."""
        if self._filled < RING:
            return GATE_US + whole * GATE_PPM
        return GATE_US + outside_ns(whole * 1_000_000, self.at_us - self.oldest()[0]) // 1000

    def _predict(self, passed_us):
        """Return (whole seconds, microseconds predicted for them) nearest to what has passed."""
        oldest_us, oldest_s = self.oldest()
        span_us, span_s = self.at_us - oldest_us, self.seconds - oldest_s
        if span_s == 0:
            span_us, span_s = 1_000_000, 1
        whole = (2 * passed_us * span_s + span_us) // (2 * span_us)
        return whole, (2 * whole * span_us + span_s) // (2 * span_s)

    def _reject(self, counter_us, whole):
        steady = self.steady
        self.rejected += steady
        self._rejected_row += 1
        if not steady or whole > HOLD_S or self._rejected_row >= GIVE_UP:
            self._begin(counter_us)
        return False

    def _begin(self, counter_us):
        self.begun += 1
        self.seconds = self.row = self.residual_us = self._rejected_row = self._filled = 0
        self._keep(counter_us)
        return False

    def _keep(self, counter_us):
        place = self._filled % RING
        self._ring_us[place] = self.at_us = counter_us
        self._ring_s[place] = self.seconds
        self._filled = self._filled + 1 if self._filled < 2 * RING - 1 else RING


class LevelGate:
    """Looks at the level of the pulse's line between two pulses; `doubt` is NONE, UNSTEADY (not known) or INVERTED."""

    def __init__(self):
        self.restart()

    def restart(self):
        """The pulses are counted anew, or may be another receiver's: what was seen counts no more."""
        self.doubt = UNSTEADY
        self._edge_us = None
        self._row = 0  # seconds that said the same
        self._is_long = False  # what they said

    def edge(self, counter_us):
        """Take the pulse's rising edge."""
        self._edge_us = counter_us

    def look(self, is_high, now_us):
        """Take the level now; the first look behind each edge that says something counts."""
        if self._edge_us is None:
            return
        away_us = now_us - self._edge_us
        if not (HALF_US <= away_us < REST_US if is_high else EDGE_US < away_us < HALF_US):
            return  # high in the first half, low in the second: either
        self._edge_us = None
        self._row = self._row + 1 if is_high == self._is_long else 1
        self._is_long = is_high
        if self._row >= STEADY:
            self.doubt = INVERTED if is_high else NONE


class LabelGate:
    """Finds the label of the pulses: utc_s = seconds of the PulseGate + offset.

    doubt     why there is no label yet: one of DOUBTS
    row       labels in a row so far
    delay_ms  delay of the last sentence after its pulse
    """

    def __init__(self):
        self.doubt = NO_SENTENCES
        self.row = 0
        self.delay_ms = 0
        self._offset = 0
        self._seconds = 0
        self._shortest_ms = self._longest_ms = 0

    def reset(self, doubt):
        """Begin anew, for the reason given."""
        self.row = 0
        self.doubt = doubt

    def consider(self, utc_s, delay_ms, seconds):
        """Take a label inside the date window, its delay after the last pulse and that pulse's count.

        Return the offset once LABELS seconds in a row agree, else None.
        """
        if self.row and seconds == self._seconds and utc_s - seconds == self._offset:
            return None  # a second sentence of the same second
        self.delay_ms = delay_ms
        if not DELAY_MIN_MS < delay_ms < DELAY_MAX_MS:
            self.reset(DELAY)
            return None
        if self.row and (utc_s - seconds != self._offset or seconds != self._seconds + 1):
            self._start(utc_s, delay_ms, seconds, STEPS)
            return None
        if self.row == 0:
            self._start(utc_s, delay_ms, seconds, COUNTING)
            return None
        shortest_ms, longest_ms = min(self._shortest_ms, delay_ms), max(self._longest_ms, delay_ms)
        if longest_ms - shortest_ms > DELAY_SPREAD_MS:
            self._start(utc_s, delay_ms, seconds, UNSTABLE)
            return None
        self._shortest_ms, self._longest_ms = shortest_ms, longest_ms
        self._seconds = seconds
        self.row += 1
        self.doubt = COUNTING
        return self._offset if self.row > LABELS else None

    def _start(self, utc_s, delay_ms, seconds, doubt):
        self.row = 1
        self.doubt = doubt
        self._offset = utc_s - seconds
        self._seconds = seconds
        self._shortest_ms = self._longest_ms = delay_ms


class TrustGate:
    """Says whether this session of the receiver has told all that pulses and sentences do not show.

    leap_s    GPS minus UTC as the receiver last said it was valid, NO_LEAP if it never did
    kept_s    the count that was right last time, NO_LEAP if none is known
    kept_until_s  until when that is so: the month's end, for then a second may have been inserted
    from_satellites  whether the count is, said twice running
    is_vouched  somebody who knows the time has said that this session's is right
    is_prompt   the receiver is known to speak within the second, by what its maker says
    """

    def __init__(self, kept_s, kept_until_s):
        self.leap_s = NO_LEAP
        self.kept_s = kept_s
        self.kept_until_s = kept_until_s
        self.restart()

    def restart(self):
        """Another session begins: nothing that was told before counts."""
        self.from_satellites = self.is_vouched = self.is_prompt = False
        self.leap_s = NO_LEAP
        self._since_us = None  # of the fix
        self._last_us = 0
        self._counted = 0  # times in a row that the satellites gave the count
        self._counted_us = 0
        self.forget_named()

    def fix(self, at_us):
        """A sentence with a fix came at this counter."""
        if self._since_us is None or at_us - self._last_us > FIX_GAP_US:
            self._since_us = at_us
        self._last_us = at_us
        if at_us - self._counted_us > TOLD_US:
            self.from_satellites, self.leap_s, self._counted = False, NO_LEAP, 0
        if at_us - self._named_us > TOLD_US:
            self.forget_named()

    def no_fix(self):
        """A sentence without a fix came: the 20 minutes begin anew."""
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
        if self.from_satellites:
            return True
        if self.leap_s != NO_LEAP and self.leap_s == self.kept_s and utc_s < self.kept_until_s:
            return True
        return self.is_fixed

    @property
    def is_fixed(self) -> bool:
        return self._since_us is not None and self._last_us - self._since_us >= TRUST_US

    def knows_pulse(self, offset) -> bool:
        """Say whether the receiver has told that this is the label of its pulses, less their count."""
        return not self.contradicts(offset) and (self.is_prompt or self._named >= TOLD)

    def trusts(self, utc_s, offset) -> bool:
        """Say whether the whole second of a label, and of the pulses by its offset, is told by this session."""
        return self.is_vouched or (self.knows_leap(utc_s) and self.knows_pulse(offset))
