"""Which leap seconds are due, and which months began while nobody could tell whether one was inserted.

One is due where the satellites count down to it, twice running to the same instant, or where a sentence names 23:59:60;
the instant is always the begin of a month. Where the satellites say that none is due, none is inserted. Labels only:
clock.py says what the time is.
"""

from centesimo_board.civil import month_start, next_month
from centesimo_protocol.shim import const

AHEAD_S = const(2)  # what an announcement may be off: it counts to the begin or the end, and was read later
CALM_S = 2678400  # 31 days: who announces none, knows none for the next month's end
MONTH_S = const(2764800)  # 32 days: from a month's begin into the next month
SEEN_S = const(3)  # after a month's begin a label has come


class Leaps:
    """Takes labels (seconds since 1970) while the whole second is confirmed.

    due_s       the month's first second before which one is to be inserted, None where none is
    inserted_s  before which one was inserted last, 0 before there was one
    """

    def __init__(self):
        self.due_s = None
        self.inserted_s = 0
        self._counted_s = None  # announced once
        self._calm_s = None  # when none was announced last
        self._month_s = None  # the next month's begin

    def told(self, ahead_s, now_s):
        """Take in how many seconds the satellites say that one is inserted, None where they say that none is."""
        if self.due_s is not None and now_s >= self.due_s:
            return  # later than that nothing is taken back
        month_s = None if ahead_s is None else month_start(now_s + ahead_s + AHEAD_S)
        if month_s is None or abs(now_s + ahead_s - month_s) > AHEAD_S or month_s <= self.inserted_s:
            self.due_s = self._counted_s = None
            self._calm_s = now_s if ahead_s is None else None
            return
        self._calm_s = None
        self.due_s = month_s if month_s == self._counted_s else None
        self._counted_s = month_s

    def named(self, label_s):
        """Take the label that the pulse of 23:59:60 has when counted on."""
        if label_s == month_start(label_s):
            self.due_s = label_s

    def inserted(self, month_s):
        """One was inserted before a month's first second."""
        self.due_s = self._counted_s = self._calm_s = None
        self.inserted_s = month_s
        self._month_s = None

    def find_crossed(self, now_s, agreed_s):
        """Return the begin of a month since which nobody can tell whether a second was inserted before it, or None.

        `agreed_s` is the last label that agreed.
        """
        month_s = self._month_s
        if month_s is None or now_s < month_s - MONTH_S:
            self._month_s = next_month(now_s)
            return None
        if now_s < month_s + SEEN_S:
            return None
        self._month_s = next_month(now_s)
        is_calm = self._calm_s is not None and month_s - self._calm_s <= CALM_S
        return None if agreed_s > month_s or is_calm or self.inserted_s == month_s else month_s

    def forget(self):
        """The time begins anew."""
        self.due_s = self._counted_s = self._calm_s = self._month_s = None
