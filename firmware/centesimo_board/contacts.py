"""Edges of the tubes become entries of the journal: whole, packed, or, of a ringing input, summarised.

contact   edges of an input each closer than CONTACT_US to the one before. The first is an Edge always; those behind it
          that are read in the same turn go together, up to five in a Burst, to the microsecond and none left out
summed    an input with more than SUMMED edges in inputs.RINGING_US, which no car reaches (16 axles with ten bounces
          each are 160), until it has been calm for CALM_US. Of each contact, here edges closer than REST_US, the first
          WHOLE are kept as above; all others are counted, and one Ringing record says how many there were, from when to
          when, and how close

A Ringing record is written when the contact ends, and after 1 s, then 2, 4, .. 64 s of one that does not: a tube that
rings all day costs some 1,400 records.
"""

from centesimo_protocol import record
from centesimo_protocol.shim import const

CONTACT_US = const(10_000)
REST_US = const(1_000_000)
SUMMED = const(1000)
CALM_US = const(60_000_000)
WHOLE = const(6)
FIRST_SUM_US = const(1_000_000)
LONGEST_SUM_US = const(64_000_000)
SUM_EDGES = const(60_000)
LONG = const(0xFFFF)  # a gap of that or more


class Contact:
    """What one input is doing; counters are of the last edge, of a packed run, of a sum."""

    def __init__(self):
        self.last_us = None
        self.edges = 0  # of this contact
        self.run = []  # counters that wait for the end of the turn
        self.run_count = 0  # the number of the first of them
        self.sum_count = 0  # likewise, of the edges that are summarised
        self.sum_edges = 0
        self.sum_us = 0  # the first of them
        self.shortest_us = LONG
        self.wait_us = FIRST_SUM_US


class Contacts:
    """All tubes of an Inputs; `log(entry)` takes the entries, `clock` says the state that holds."""

    def __init__(self, inputs, clock, log):
        self._inputs = inputs
        self._clock = clock
        self._log = log
        self._contacts = [Contact() for _ in range(4)]
        self._waiting = 0  # inputs with a run that waits, one bit each
        self._summing = 0  # inputs with a sum, likewise

    def take(self, number, counter_us) -> int:
        """Take an edge of input 1 .. 4; return its number in this boot, 0 where the input is switched off."""
        count = self._inputs.count(number)
        if not count:
            return 0
        contact = self._contacts[number - 1]
        gap_us = REST_US if contact.last_us is None else counter_us - contact.last_us
        contact.last_us = counter_us
        bit = 1 << number - 1
        is_summed = self._inputs.summed & bit
        if gap_us >= (REST_US if is_summed else CONTACT_US):
            contact.edges = 0
        contact.edges += 1
        if is_summed and contact.edges > WHOLE:
            self._add(number, contact, count, 1, counter_us, counter_us, gap_us)
        elif contact.edges == 1 or gap_us >= CONTACT_US:
            self._end_run(number)
            self.whole(number, count, counter_us, record.TUBE)
        else:
            if not contact.run:
                contact.run_count = count
                self._waiting |= bit
            contact.run.append(counter_us)
            if len(contact.run) == record.BURST_EDGES:
                self._end_run(number)
        return count

    def whole(self, number, count, counter_us, origin):
        """Log an edge as a record of its own."""
        self._clock.edge(counter_us)
        bound_us = self._clock.uncertainty_us(counter_us)
        self._log((record.Edge, counter_us, number, count, self._clock.state, origin, bound_us))

    def drainable(self, now_us) -> int:
        """Return the inputs whose next edges are summarised whatever they are, one bit each."""
        found = 0
        if self._inputs.summed:
            for place, contact in enumerate(self._contacts):
                if contact.edges >= WHOLE and now_us - contact.last_us < REST_US:
                    found |= 1 << place
        return found & self._inputs.summed

    def drained(self, number, edges, first_us, last_us, shortest_us):
        """Take many edges of a summed input at once."""
        contact = self._contacts[number - 1]
        count = self._inputs.count(number, edges)
        if count:
            gap_us = min(shortest_us, first_us - contact.last_us)
            contact.last_us = last_us
            contact.edges += edges
            self._add(number, contact, count + 1 - edges, edges, first_us, last_us, gap_us)

    def end_turn(self, now_us):
        """Log the runs that wait, and the sums that are due."""
        if self._waiting:
            for number in (1, 2, 3, 4):
                self._end_run(number)
        if self._summing:
            for place, contact in enumerate(self._contacts):
                length_us = now_us - contact.sum_us
                is_over = now_us - (contact.last_us or 0) >= REST_US
                if contact.sum_edges and (length_us >= contact.wait_us or is_over):
                    contact.wait_us = FIRST_SUM_US if is_over else min(2 * contact.wait_us, LONGEST_SUM_US)
                    self._end_sum(place + 1, contact)

    def _add(self, number, contact, count, edges, first_us, last_us, gap_us):
        if contact.sum_edges + edges > SUM_EDGES:
            self._end_sum(number, contact)
        if not contact.sum_edges:
            self._end_run(number)
            self._clock.edge(first_us)
            contact.sum_count, contact.sum_us, contact.shortest_us = count, first_us, LONG
            self._summing |= 1 << number - 1
        contact.sum_edges += edges
        contact.shortest_us = min(contact.shortest_us, max(0, gap_us))

    def _end_run(self, number):
        """Log the edges that wait: one as an Edge, more as a Burst."""
        contact = self._contacts[number - 1]
        run = contact.run
        if not run:
            return
        self._waiting &= ~(1 << number - 1)
        if len(run) == 1:
            self.whole(number, contact.run_count, run[0], record.TUBE)
        else:
            self._clock.edge(run[0])
            gaps = [run[place] - run[place - 1] for place in range(1, len(run))]
            gaps += [record.NO_GAP] * (record.BURST_EDGES - len(run))
            head = (record.Burst, run[0], number + 16 * self._clock.state, contact.run_count)
            self._log(head + tuple(gaps))
        contact.run = []

    def _end_sum(self, number, contact):
        if contact.sum_edges:
            length_us = contact.last_us - contact.sum_us
            edges, shortest_us = contact.sum_edges, contact.shortest_us
            self._log((record.Ringing, contact.sum_us, number, contact.sum_count, edges, length_us, shortest_us))
            contact.sum_edges = 0
            self._summing &= ~(1 << number - 1)
