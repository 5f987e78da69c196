"""The tubes: counts their edges and notices what is no car.

stuck    the contact has been closed for STUCK_US: a tube under a wheel, a short
ringing  more than RINGING edges in RINGING_US: a loose wire. 16 axles with ten bounces each do not reach it: an alarm
summed   more than SUMMED in that time: 100 edges a second for ten seconds. From then on contacts.py keeps the first
         edges of each contact and summarises the rest, until there were fewer than RINGING for CALM_US

Below that rate every edge is kept: which one was a car is judged afterwards. An input can be switched off in the
settings, which is itself a record.
"""

from centesimo_board.contacts import CALM_US, SUMMED
from centesimo_protocol.shim import const

INPUTS = const(4)
STUCK_US = const(5_000_000)
RINGING_US = const(10_000_000)
RINGING = const(200)


class Inputs:
    """Inputs 1 .. 4 of a capture device; `mask` has a bit for each that is switched on, bit 0 is input 1.

    stuck, ringing, summed  the inputs for which that holds, as such bits
    """

    def __init__(self, capture, mask):
        self.mask = mask
        self.stuck = 0
        self.ringing = 0
        self.summed = 0
        self._capture = capture
        self._counts = [0] * INPUTS
        self._closed_us = [None] * INPUTS
        self._recent = [0] * INPUTS  # edges since the last look at ringing
        self._rang_us = [0] * INPUTS  # the last look that found it ringing
        self._looked_us = 0

    def count(self, number, edges=1) -> int:
        """Count edges of input `number` (1 .. 4); return the last one's number in this boot, 0 of one switched off."""
        place = number - 1
        if not self.mask >> place & 1:
            return 0
        self._counts[place] += edges
        self._recent[place] += edges
        if self._recent[place] > RINGING:
            self.ringing |= 1 << place
            if self._recent[place] > SUMMED:
                self.summed |= 1 << place
        return self._counts[place]

    def counted(self, number) -> int:
        """Return how many edges of an input (1 .. 4) were counted in this boot."""
        return self._counts[number - 1]

    def look(self, now_us):
        """Find out what is stuck and what rings; several times a second."""
        for place in range(INPUTS):
            bit = 1 << place
            if not self.mask & bit or not self._capture.closed(place + 1):
                self._closed_us[place] = None
                self.stuck &= ~bit
            elif self._closed_us[place] is None:
                self._closed_us[place] = now_us
            elif now_us - self._closed_us[place] > STUCK_US:
                self.stuck |= bit
        if now_us - self._looked_us > RINGING_US:
            self._looked_us = now_us
            for place in range(INPUTS):
                self._look_at_ringing(place, now_us)

    def _look_at_ringing(self, place, now_us):
        bit = 1 << place
        if self._recent[place] > RINGING:
            self._rang_us[place] = now_us
        else:
            self.ringing &= ~bit
            if now_us - self._rang_us[place] >= CALM_US:
                self.summed &= ~bit
        self._recent[place] = 0
