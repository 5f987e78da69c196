"""Trains of pulses that go on beside each other, each once a second: which of them is the receiver's.

A pulse that falls may ring, a wire beside it may strike: then every second has two edges or more, as steady as each
other. The receiver's is the one before which the line is low and behind which it is high. That is seen in the levels
between the edges: of a pulse of 20 ms or more within some seconds, of a shorter one never.
"""

from centesimo_protocol.shim import const

TRAINS = const(12)  # kept: ten pulses a second, and two strays
ALIVE_US = const(2_500_000)
STEADY = const(3)  # times that levels have said the same
LIVES = const(2)  # seconds in a row that make a train
EDGE_US = const(1_000)  # a level was read so much later than its counter, at most
GATE_PPM = const(50)
GATE_US = const(5)


class Trains:
    """Takes all edges of the pulse's line but those that ring, and levels between them, in the order of time."""

    def __init__(self):
        self._last_us = [-ALIVE_US] * TRAINS
        self._before_us = [-ALIVE_US] * TRAINS
        self._rows = [0] * TRAINS  # seconds in a row that each goes on
        self._rises = [0] * TRAINS  # times in a row that it was seen to rise
        self._flats = [0] * TRAINS  # likewise, not to
        self.forget()

    def forget(self):
        """Begin anew."""
        self._edge_us = 0
        self._place = -1  # of the train of the last edge
        self._was_high = None  # the level ahead of that edge, None not seen
        self._is_high = None  # the last level behind it
        self._rose = False  # the line was seen high behind it
        for place in range(TRAINS):
            self._last_us[place] = -ALIVE_US
            self._rows[place] = 0

    def edge(self, counter_us):
        """Take an edge; return the one before it of its train, None where it begins a train."""
        self._judge()
        place = self._find(counter_us)
        before_us = None
        if place < 0:
            place = self._find_free(counter_us)
            self._rows[place] = self._rises[place] = self._flats[place] = 0
        else:
            before_us = self._last_us[place]
            self._rows[place] += 1
        self._before_us[place] = self._last_us[place]
        self._last_us[place] = self._edge_us = counter_us
        self._place = place
        self._was_high, self._is_high, self._rose = self._is_high, None, False
        return before_us

    def look(self, is_high, now_us):
        """Take the line's level."""
        if now_us > self._edge_us + EDGE_US:
            self._is_high = is_high
            self._rose = self._rose or is_high

    def is_contested(self, at_us) -> bool:
        """Say whether the train whose last edge this is may not be the receiver's, for there is another."""
        living = self._living()
        if len(living) < 2:
            return False
        right = self._find_right(living)
        return right is None or self._last_us[right] != at_us

    def find_right(self):
        """Return the last two edges of the receiver's train; None where there is one train only, or no telling."""
        living = self._living()
        right = self._find_right(living) if len(living) > 1 else None
        return None if right is None else (self._before_us[right], self._last_us[right])

    def _judge(self):
        """Note what the levels around the last edge have shown."""
        place = self._place
        if place < 0 or self._was_high is None or self._is_high is None:
            return
        if self._rose and not self._was_high:
            self._rises[place] += 1
            self._flats[place] = 0
        else:
            self._rises[place] = 0
            self._flats[place] += 1

    def _find(self, counter_us):
        for place in range(TRAINS):
            away_us = counter_us - self._last_us[place]
            if away_us <= ALIVE_US:
                whole = (away_us + 500_000) // 1_000_000
                if whole > 0 and abs(away_us - whole * 1_000_000) <= GATE_US + whole * GATE_PPM:
                    return place
        return -1

    def _find_free(self, counter_us):
        """Return the place of the train that has gone on for the least time, of these the one that ended first."""
        free, least = 0, None
        for place in range(TRAINS):
            row = -1 if counter_us - self._last_us[place] > ALIVE_US else self._rows[place]
            if least is None or (row, self._last_us[place]) < least:
                free, least = place, (row, self._last_us[place])
        return free

    def _living(self):
        return [
            place
            for place in range(TRAINS)
            if self._rows[place] >= LIVES and self._edge_us - self._last_us[place] <= ALIVE_US
        ]

    def _find_right(self, living):
        right = [place for place in living if self._rises[place] >= STEADY]
        wrong = [place for place in living if self._rises[place] == 0 and self._flats[place] > 0]
        return right[0] if len(right) == 1 and len(wrong) == len(living) - 1 else None
