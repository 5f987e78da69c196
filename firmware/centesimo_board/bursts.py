"""When a burst of sentences began, from all that is heard of it: the speed of the line, silences, the times named.

A receiver names a second in several sentences, one after another, and the one with the date may end after the next
pulse. So a label belongs to the pulse before the burst's first byte. That byte came behind the last sentence that named
another instant, at the latest with the first sentence that names this one; if there was a silence between the two, at
its end. Two silences of which one is not twice as long as the other leave all between them possible.

The port is read now and then only: a byte came after the read before the one that returned it, and so long before that
one as the bytes behind it took. What is known of an instant is therefore the two counters that it lies between.
"""

from collections import namedtuple

from centesimo_protocol.shim import const

SILENCE_US = const(30_000)  # a receiver at work pauses for less, and turns are 10 ms apart
SILENCES = const(6)  # kept between two sentences
REPEAT_US = const(850_000)  # from burst to burst
FIFO = const(4)  # bytes that the port may hold back
DAY_MS = const(86_400_000)

# first_us, last_us: the first byte came between these counters; is_spaced: behind a silence; is_mixed: without one
# the burst names another instant too.
Begin = namedtuple("Begin", "first_us last_us is_spaced is_mixed")


class Bursts:
    """Takes chunks of bytes as they are read, and the sentences found in them."""

    def __init__(self):
        self._from = self._until = 0  # of the chunk, counted in bytes since the start
        self._since_us = self._now_us = 0  # the read before it, and the one that returned it
        self._byte_ns = 0
        self._held = (0, 0, 0)  # of what was not whole at the end of the last chunk: byte, first_us, last_us
        self._heard_us = None  # when the last bytes were read, or listening began
        self._silences = []  # (length, first_us, last_us of the byte behind it) since the last sentence with a time
        self._named_ms = None  # the instant of the day that the last one named
        self._ended_us = 0  # when that ended, at the earliest
        self._begin = None  # of the burst that names it
        self._has_paused = False  # a silence was within it
        self._is_repeated = self._was_repeated = False  # a second burst has named it, or the one before

    def listen(self, now_us):
        """Nothing has come yet: from here on silence is heard."""
        if self._heard_us is None:
            self._heard_us = now_us

    def chunk(self, count, since_us, now_us, byte_ns):
        """Take a chunk of `count` bytes of `byte_ns` each, read at `now_us`; at `since_us` all before it was read."""
        silent_us = 0 if self._heard_us is None else since_us - self._heard_us
        self._from, self._until = self._until, self._until + count
        self._since_us, self._now_us, self._byte_ns = since_us, now_us, byte_ns
        self._heard_us = now_us
        if silent_us >= SILENCE_US:
            if len(self._silences) >= SILENCES:
                self._silences.remove(min(self._silences))
            self._silences.append((silent_us,) + self._between(self._from))

    def hold(self, byte):
        """Remember when the byte came from which on the chunk's rest is not whole yet."""
        if byte >= self._from:
            self._held = (byte,) + self._between(byte)

    def begin_of(self, byte):
        """Return the Begin of a message whose first byte is that."""
        first_us, last_us = self._came(byte)
        return Begin(first_us, last_us, False, False)

    def sentence(self, begin, end, named_ms):
        """Take a sentence from byte `begin` to `end` that names an instant of the day in ms, None if it names none.

        Return the Begin of its burst, None where that is not known.
        """
        if named_ms is None:
            return self._begin
        if named_ms != self._named_ms:
            self._turn(named_ms, begin)
            self._is_repeated, self._was_repeated = False, self._is_repeated
        elif self._silences and not self._repeat(begin):
            self._has_paused = True
        self._named_ms = named_ms
        self._silences.clear()
        self._ended_us = self._came(end)[0]
        return self._begin

    def _turn(self, named_ms, begin):
        """Find where the burst began that names another instant than the last sentence did."""
        _, last_us = self._came(begin)
        silences = [silence for silence in self._silences if silence[1] <= last_us]
        if silences:
            longest_us = max([silence[0] for silence in silences])
            near = [silence for silence in silences if 2 * silence[0] >= longest_us]
            self._begin = Begin(
                min([silence[1] for silence in near]), max([silence[2] for silence in near]), True, False
            )
        elif self._named_ms is None:
            self._begin = None
        else:
            # A receiver that pauses elsewhere names two instants in one burst, or goes back to one that it has named.
            goes_back = (named_ms - self._named_ms) % DAY_MS > DAY_MS // 2
            is_mixed = self._has_paused or self._is_repeated or goes_back
            self._begin = Begin(self._ended_us, last_us, False, is_mixed)
        self._has_paused = False

    def _repeat(self, begin):
        """Say whether a second burst names the instant of the last one, as in a leap second; if so it begins here."""
        spaced = max([silence for silence in self._silences if silence[1] <= self._came(begin)[1]] or [(0, 0, 0)])
        if self._begin is None or spaced[2] - self._begin.last_us < REPEAT_US:
            return False
        # One that does so each second gives its instants in two parts, of which nobody knows what they are.
        self._begin = Begin(spaced[1], spaced[2], True, self._is_repeated or self._was_repeated)
        self._is_repeated = True
        return True

    def _came(self, byte):
        """Return the two counters between which a byte came, of this chunk or the first of what was held."""
        if byte >= self._from:
            return self._between(byte)
        return self._held[1:] if byte == self._held[0] else (self._since_us, self._now_us)

    def _between(self, byte):
        """Return the two counters between which a byte of the chunk began to come."""
        behind = self._until - byte
        last_us = max(self._since_us, self._now_us - behind * self._byte_ns // 1000)
        first_us = self._since_us + max(0, byte - self._from - FIFO) * self._byte_ns // 1000
        return min(first_us, last_us), last_us
