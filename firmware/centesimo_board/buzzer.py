"""The buzzer: a short tone for a passage, a longer one for a mark, and for each alarm a pattern that can be counted.

An alarm's pattern is long tones, which say what it is about, then short ones, which say which:

    1 long   a tube      2 long   the memory      3 long   the battery      4 long   the program

Where several hold they take turns, one every EVERY_US, until each is silenced or over. The tone of a passage goes
before. Nothing waits here: step() switches the tone as the time comes, and without an alarm it takes no memory.
"""

from centesimo_protocol.shim import const

PASSED_US = const(60_000)
MARKED_US = const(400_000)
EVERY_US = const(10_000_000)
LONG_US = const(500_000)
SHORT_US = const(125_000)
GAP_US = const(200_000)
PAUSE_US = const(500_000)  # between the long ones and the short ones
CALM_US = const(1_500_000)  # after the tone of a passage: the next car's may follow

# (long, short) tones of each alarm, in the order of session.ALARM_NAMES.
SOUNDS = (
    (2, 1),  # journal 80 % full
    (2, 2),  # journal full
    (2, 3),  # records torn
    (1, 3),  # edges lost
    (1, 1),  # input stuck
    (4, 1),  # settings damaged
    (1, 2),  # input ringing
    (2, 4),  # journal of another format
    (3, 1),  # battery low
    (3, 2),  # battery too low to write
    (4, 2),  # firmware fault
)


class Buzzer:
    """The patterns over `tone(on)`, None where there is no buzzer."""

    def __init__(self, tone):
        self._tone = tone
        self._pattern = ()  # us of tone, silence, tone, ... that follow, the next one at _place
        self._place = 1  # beyond its end: silent
        self._change_us = 0  # when that begins
        self._alarm_us = 0  # the next alarm not before
        self._alarm = -1  # the last one that sounded

    def sound(self, for_us, now_us):
        """Let one tone sound, whatever does."""
        if self._tone:
            self._pattern, self._place, self._change_us = (for_us,), 0, now_us
            self._alarm_us = max(self._alarm_us, now_us + CALM_US)
            self.step(now_us, 0)

    def step(self, now_us, alarms):
        """Switch the tone as it is due; `alarms`: the bits of those that are to sound."""
        if not self._tone:
            return
        if self._place > len(self._pattern):
            if alarms and now_us >= self._alarm_us:
                self._begin(alarms, now_us)
            return
        if now_us < self._change_us:
            return
        if self._place == len(self._pattern):
            self._tone(False)
        else:
            self._tone(self._place % 2 == 0)
            self._change_us = now_us + self._pattern[self._place]
        self._place += 1

    def hush(self):
        """End the pattern of an alarm."""
        if self._tone and self._place <= len(self._pattern):
            self._tone(False)
        self._pattern, self._place, self._alarm_us = (), 1, 0

    def _begin(self, alarms, now_us):
        """Begin with the alarm whose turn it is."""
        count = len(SOUNDS)
        for step in range(1, count + 1):
            alarm = (self._alarm + step) % count
            if alarms >> alarm & 1:
                self._alarm, self._alarm_us = alarm, now_us + EVERY_US
                self._pattern, self._place, self._change_us = pattern(alarm), 0, now_us
                self.step(now_us, 0)
                return


def pattern(alarm) -> tuple:
    """Return the tones and silences of an alarm (its place in session.ALARM_NAMES) in us, beginning with a tone."""
    long, short = SOUNDS[alarm]
    tones = (LONG_US, GAP_US) * long
    return tones[:-1] + (PAUSE_US,) + ((SHORT_US, GAP_US) * short)[:-1]


def sound_text(alarm) -> str:
    """Return an alarm's pattern as people count it: "2 long, 1 short"."""
    return "%d long, %d short" % SOUNDS[alarm]
