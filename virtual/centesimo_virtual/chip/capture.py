"""The capture of a simulated board: the stamps that centesimo_board/capture.py gets from hardware, from the timeline.

As on the chip each input keeps the stamps that were not read yet in a ring; older ones that are overwritten are lost
and counted.
"""

RING = 1024  # stamps of one input
PULSE_US = 100_000  # how long a receiver's pulse is high


class Capture:
    """Stamps of inputs 0 (pulse) .. 4 of a World; `lost` counts, by input, the stamps that were not read in time."""

    def __init__(self, world):
        self._world = world
        self.lost = [0] * 5
        self.drained = 0
        self.until_us = None
        self._drained = []

    def now_us(self):
        """Return the 64-bit microsecond counter of this boot."""
        return self._world.now_us()

    def read(self):
        """Return the stamps since the last call as (input, counter_us), in the order of the counter."""
        world = self._world
        world.catch_up()
        edges = world.edges
        if not edges:
            return ()  # not that list, to which the next ones are added
        world.edges = []
        if self.drained:
            self._drained += [edge for edge in edges if self._is_drained(edge[0])]
            edges = [edge for edge in edges if not self._is_drained(edge[0])]
        if len(edges) > RING:
            edges = self._drop(edges)
        return edges

    def drain(self, number):
        """Take all stamps of an input at once: (count, first, last, shortest gap in us), None if there are none."""
        counters = [edge[1] for edge in self._drained if edge[0] == number]
        if not counters:
            return None
        self._drained = [edge for edge in self._drained if edge[0] != number]
        gaps = [counters[place] - counters[place - 1] for place in range(1, len(counters))]
        return len(counters), counters[0], counters[-1], min(gaps) if gaps else 0xFFFF

    def _is_drained(self, number):
        return number > 0 and self.drained >> number - 1 & 1

    def closed(self, number):
        """Say whether the contact of an input (1 .. 4) is closed now; for input 0, whether the pulse is low."""
        world = self._world
        return bool(world.contacts[number]) if number else world.now_us() - world.pulse_us >= PULSE_US

    def let_pulse_fall(self, falls):
        """Take no other edges: a scenario's pulses are the edges that mark the second."""

    def _drop(self, edges):
        kept, count = [], [0] * 5
        for edge in reversed(edges):
            count[edge[0]] += 1
            if count[edge[0]] <= RING:
                kept.append(edge)
        for number in range(5):
            self.lost[number] += max(0, count[number] - RING)
        kept.reverse()
        return kept
