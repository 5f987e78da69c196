"""Leap seconds: which are due, which months began while nobody could tell of one, and what is done as one ends.

One is due where the satellites count down to it, twice running to the same instant, or where a sentence names 23:59:60;
the instant is always the begin of a month. Where the satellites say that none is due, none is inserted.

It is inserted as it ends, by the pulses or, without, by the crystal, and noted as a LeapSecond, for the labels before
it were right. It is a Doubt as well, until labels agree; they may still say that there was none. One that nothing has
announced is seen by labels one less, and inserted where the satellites' count has gone up by one.
"""

from centesimo_board.civil import month_start, next_month
from centesimo_board.trust import NO_LEAP
from centesimo_protocol import record
from centesimo_protocol.shim import const

AHEAD_S = const(2)  # what an announcement may be off: it counts to the begin or the end, and was read later
CALM_S = 2678400  # 31 days: who announces none, knows none for the next month's end
MONTH_S = const(2764800)  # 32 days: from a month's begin into the next month
SEEN_S = const(3)  # after a month's begin a label has come
EARLY_US = const(1_000)  # a pulse may come before it was predicted
LEAP_SECOND = const(11)  # in record.STATE_REASONS
LEAPING = const(1)  # in record.DOUBT_REASONS
MONTH_BEGAN = const(2)  # likewise


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


class LeapSeconds:
    """Inserts them into the count of a seconds.Seconds; `clock` and `log` are that one's.

    due         the Leaps
    is_leaping  a second was inserted and no label has agreed since
    """

    def __init__(self, seconds, clock, log):
        self.due = Leaps()
        self.is_leaping = False
        self._seconds = seconds
        self._clock = clock
        self._log = log
        self._count_s = NO_LEAP  # the satellites' leap seconds when the second was confirmed

    def confirmed(self):
        """The whole second is confirmed."""
        trust = self._seconds.trust
        self.is_leaping = False
        self._count_s = trust.leap_s if trust.from_satellites else NO_LEAP

    def look_for_sixty(self, rmc):
        """Believe a sentence that names 23:59:60 at the pulse that, counted on, begins a month."""
        seconds = self._seconds
        if rmc.is_sixty and seconds.confirmed and seconds.offset is not None:
            self.due.named(seconds.pulses.seconds + seconds.offset)

    def look(self, at_us):
        """Note an inserted second once it is over, and a month that has begun while nobody could tell of one."""
        seconds = self._seconds
        if not seconds.is_kept:
            return
        now_s, fraction_us = self._clock.utc(at_us + EARLY_US)
        month_s = self.due.due_s
        if month_s is not None and now_s > month_s:
            seconds.doubt(LEAPING, at_us + EARLY_US - (now_s - month_s) * 1_000_000 - fraction_us, -1)
            if seconds.offset is not None:
                seconds.offset -= 1
            self.is_leaping = True
            self._count_s = NO_LEAP if self._count_s == NO_LEAP else self._count_s + 1
            self._insert(month_s, at_us, at_us)
            self._clock.note(LEAP_SECOND, at_us)
        elif seconds.confirmed and now_s:
            month_s = self.due.find_crossed(now_s, seconds.agreed_s)
            if month_s is not None:
                seconds.doubt(MONTH_BEGAN, at_us + EARLY_US - (now_s - month_s) * 1_000_000 - fraction_us, 0)

    def explains(self, shift_s, label_s) -> bool:
        """Say whether a label is one less because a second was inserted, by the satellites' count."""
        trust = self._seconds.trust
        is_counted = trust.from_satellites and self._count_s != NO_LEAP and trust.leap_s == self._count_s + 1
        return shift_s == -1 and is_counted and self._seconds.agreed_s <= month_start(label_s)

    def insert_behind(self, label_s, at_us):
        """Insert the one that such a label, of a pulse at a counter, has shown."""
        month_s = month_start(label_s)
        self._count_s = self._seconds.trust.leap_s
        self._insert(month_s, at_us - (label_s - month_s) * 1_000_000, at_us)

    def _insert(self, month_s, over_us, now_us):
        """Note that a second was inserted before a month's first one, and over at a counter."""
        self._seconds.anchors.insert(over_us)
        self._log((record.LeapSecond, now_us, month_s))
        self.due.inserted(month_s)
