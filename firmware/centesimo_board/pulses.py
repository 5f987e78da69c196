"""Which pulses count, and how many seconds they are.

A pulse counts if it comes a whole number of predicted seconds after the last that counted, within 50 ppm + 5 us; once
RING pulses give the rate, within 5 us of what the crystal may do (protocol.bounds). Others are rejected: they mark,
they never shift. Of a pulse that rings the first edge counts. Three in a row make the train steady. After GIVE_UP
rejected in a row, or HOLD_S without one, counting begins anew and the labels with it. As long as a train is not settled
others that go on beside it are looked at too (trains.py).

Counters are 64-bit microseconds of one boot.
"""

from centesimo_board.trains import Trains
from centesimo_protocol.bounds import outside_ns
from centesimo_protocol.shim import const

GATE_US = const(5)
GATE_PPM = const(50)
STEADY = const(3)
RINGS_US = const(1_000)  # an edge so soon after another is of the same pulse: the first one counts
GIVE_UP = const(10)
HOLD_S = const(3600)  # 50 ppm of it are 180 ms: until then the whole seconds of a gap are certain
RING = const(17)  # pulses kept for the rate: 16 s


class PulseGate:
    """Counts the seconds of a pulse train.

    at_us        counter of the last pulse that counted, None before the first
    seconds      seconds counted up to it since counting began
    row          pulses in a row that came as predicted; from STEADY on the train is steady
    begun        how often counting began (1 from the first pulse on)
    rejected     pulses rejected since the start
    residual_us  how far the last one that counted was from its prediction
    is_settled   whether this train is known to be the receiver's; may be set
    """

    def __init__(self):
        self.at_us = None
        self.seconds = 0
        self.row = 0
        self.begun = 0
        self.rejected = 0
        self.residual_us = 0
        self.is_settled = False
        self._trains = Trains()
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
        before_us = None if self.is_settled else self._trains.edge(counter_us)
        if self.at_us is None:
            return self._begin(counter_us)
        return self._judge(counter_us, before_us)

    def look(self, is_high, now_us):
        """Take the level of the line, in the order of edges and levels."""
        if not self.is_settled:
            self._trains.look(is_high, now_us)

    def settle(self):
        """Go over to another train, where that is the receiver's."""
        right = self._trains.find_right()
        if right is not None and self.at_us not in right:
            self._begin(right[0])
            self._judge(right[1], None)

    def unsettle(self):
        """Nothing is known any more of which train is the receiver's."""
        self.is_settled = False
        self._trains.forget()

    @property
    def is_contested(self) -> bool:
        """Whether another train is as steady, and it is not known that this is the receiver's."""
        return not self.is_settled and self._trains.is_contested(self.at_us)

    def _judge(self, counter_us, before_us) -> bool:
        """Judge a pulse; `before_us` is the one before it of its train, None where there is none."""
        passed_us = counter_us - self.at_us
        whole, predicted_us = self._predict(passed_us)
        off_us = passed_us - predicted_us
        if not 1 <= whole <= HOLD_S or abs(off_us) > self._gate_us(whole):
            return self._reject(counter_us, whole, before_us)
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

    def _reject(self, counter_us, whole, before_us):
        """Reject a pulse, or begin with its train: with the pulse before, where that is not steady either."""
        steady = self.steady
        self.rejected += steady
        self._rejected_row += 1
        if whole > HOLD_S or self._rejected_row >= GIVE_UP:
            return self._begin(counter_us)
        if not steady and (self.row == 0 or whole > 1):
            if before_us is None:
                return self._begin(counter_us)
            self._begin(before_us)
            return self._judge(counter_us, None)
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
