"""Whether the receiver answers at once: a line that hands all on late (a radio link, a buffer) shows in nothing else.

A receiver that has answered is asked again, at the marks of a ruler no two distances of which are alike. An answer
within SOON_US may still be a late one to an earlier question; two of them cannot, for no line is late by two distances
(up to the ruler's length, 107 s). Where the marks are used up the ruler is laid anew, for some receivers answer at some
moments of their second only.
"""

from centesimo_protocol.shim import const

RULER = (0, 1, 4, 10, 18, 23, 25, 51)  # at the last it begins anew, twice its length and more behind its begin
MARK_US = const(4_300_000)  # not a whole second: the questions come at moments of all kinds
SOON_US = const(500_000)  # with what a receiver needs to speak still less than a second
SOON = const(2)  # answers


class Answers:
    """Says when to ask, and what became of it in this session of the receiver.

    are_soon  whether two answers have come at once
    """

    def __init__(self):
        self.are_soon = False
        self._begun_us = None  # of the ruler
        self._mark = 0  # the next
        self._asked_us = None  # the last question, None once it is answered
        self._count = 0  # of answers that came at once, along this ruler

    def is_due(self, now_us) -> bool:
        """Say whether to ask now; if so it is taken as done."""
        if self.are_soon:
            return False
        if self._begun_us is None:
            self._begun_us = now_us
        if now_us - self._begun_us < RULER[self._mark] * MARK_US:
            return False
        self._mark += 1
        if self._mark == len(RULER):
            self._begun_us, self._mark, self._count = now_us, 1, 0
        self._asked_us = now_us
        return True

    def take(self, at_us):
        """Take an answer that began to come at a counter."""
        if self._asked_us is None:
            return
        self._count += at_us - self._asked_us <= SOON_US
        self._asked_us = None
        self.are_soon = self._count >= SOON
