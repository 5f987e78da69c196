"""Whether the pulse marks the second with the edge that is captured: half a second behind it the line is at rest again.

A pulse the other way round would be as exact, and its own length late.
"""

from centesimo_board.doubts import INVERTED, NONE, UNSTEADY
from centesimo_protocol.shim import const

STEADY = const(3)
HALF_US = const(500_000)  # no receiver's pulse is longer
EDGE_US = const(1_000)
REST_US = const(970_000)  # what is later may be the next pulse


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
