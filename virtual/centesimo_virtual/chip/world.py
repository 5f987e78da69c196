"""The world around one boot of a simulated board: its counter, and what a timeline file says happens to it.

A timeline is text, one event a line, in the order of the board's own microsecond counter (0 at the start of the boot):

    COUNTER_US P                a pulse of the receiver
    COUNTER_US E INPUT          a falling edge on input 1 .. 4
    COUNTER_US N HEX            bytes that have come from the receiver
    COUNTER_US T                nothing: a turn of the board, which takes many
    COUNTER_US C INPUT LEVEL    the contact of input 1 .. 4 stays closed (1) or is free again (0)
    COUNTER_US B LEVEL          the panel's button is pressed (1) or free again (0)
    COUNTER_US X                the power is cut; `X program N`: in the next programming of flash, after N bytes;
                                `X erase`: in the middle of the next erase
    COUNTER_US Z                from here on time is true: the counter goes with the wall clock; where it is said
                                which wall-clock instant that is (`true_at_us`), it waits for it or leaps after it

Before Z time is accelerated: it stands still while the firmware works and jumps to the next event when it waits. After
the last event the board lives on in true time. Bytes of the receiver beyond its buffer, or beyond the 32-byte FIFO
while flash is busy, are lost, as on the chip.
"""

import gc
import select
import sys
from binascii import unhexlify

from centesimo_virtual.chip.codes import EXIT_CUT, EXIT_UNPLUGGED

try:
    from time import sleep_us, ticks_us, time_ns
except ImportError:
    import time
    from time import time_ns

    def ticks_us():
        """Return a clock in microseconds that never goes back, as MicroPython's (which does not wrap on Linux)."""
        return time.monotonic_ns() // 1000

    def sleep_us(us):
        """Sleep for a number of microseconds."""
        time.sleep(us / 1_000_000)


try:
    from gc import mem_alloc
except ImportError:

    def mem_alloc():
        """Return 0: CPython does not say how much memory is in use."""
        return 0


CHUNK = 16384  # bytes of the timeline read at once
JUMP_US = 1_000_000
PANEL_JUMP_US = 25_000  # of a board with a panel: it blinks and sounds between the events
NAP_MS = 100  # the longest sleep in true time
PROGRESS_US = 60_000_000
MEMORY_EVERY = 60  # tellings of progress
FIFO = 32  # bytes that the receiver's port holds while flash is busy

current = None  # the World of this process: run.py sets it before the firmware imports `machine`


class Timeline:
    """Reads a timeline file piece by piece.

    at_us   when the next event is, by the counter; None after the last
    words   the next event: its kind and data, as a list of bytes
    """

    def __init__(self, path):
        self._file = open(path, "rb")  # noqa: SIM115 - open as long as the board lives
        self._lines = []
        self._rest = b""
        self.take()

    def take(self):
        """Go on to the next event."""
        if not self._lines:
            self._fill()
        if not self._lines:
            self.at_us, self.words = None, None
            return
        words = self._lines.pop().split()
        self.at_us = int(words.pop(0))
        self.words = words

    def _fill(self):
        while not self._lines:
            chunk = self._file.read(CHUNK)
            if not chunk:
                return
            self._lines = (self._rest + chunk).split(b"\n")
            self._rest = self._lines.pop()
            self._lines.reverse()


class World:
    """Time and events of one boot.

    edges      stamps that capture has not read: (input, counter_us); input 0 is the pulse
    pulse_us   the last pulse
    contacts   level of inputs 0 .. 4, 1 closed
    received   bytes of the receiver that the port has not read
    rx_size    size of that port's buffer; the port sets it
    button     whether the panel's button is pressed
    jump_us    the longest jump of accelerated time
    cut        None, or what the power is to be cut in: [b"program", b"N"], [b"erase"]; flash looks at it
    busy       the firmware has just sent bytes: like the interrupt of a sent USB packet this ends the next wait at once
    """

    def __init__(self, path, erase_us=0, true_at_us=0):
        self.edges = []
        self.pulse_us = -1_000_000
        self.contacts = [0] * 5
        self.button = False
        self.jump_us = JUMP_US
        self.received = b""
        self.rx_size = 256
        self.cut = None
        self.busy = False
        self.erase_us = erase_us
        self._true_at_us = true_at_us  # wall clock at Z, us since 1970; 0: whenever Z is reached
        self._now_us = 0
        self._told_us = 0
        self._tellings = 0
        self._true_since_us = None  # ticks_us() when the counter stood at 0; None while time is accelerated
        self._host = None
        self._timeline = Timeline(path)

    def listen(self, file):
        """Let bytes on `file` (or its end) wake a wait in true time; its end stops the board."""
        self._host = select.poll()
        self._host.register(file, select.POLLIN)

    def now_us(self):
        """Return the counter, microseconds since the start of this boot."""
        if self._true_since_us is None:
            return self._now_us
        return ticks_us() - self._true_since_us

    def wait(self):
        """Go on to when something happens: at most jump_us ahead in accelerated time, NAP_MS in true time."""
        if self.busy:
            self.busy = False
            self._listen(0)
        elif self._true_since_us is None:
            self._listen(0)
            self._jump()
        else:
            self._listen(self._nap_ms())
        self.catch_up()

    def catch_up(self):
        """Let all happen that is due by now."""
        now_us = self.now_us()
        timeline = self._timeline
        fresh = True
        while timeline.at_us is not None and timeline.at_us <= now_us:
            if timeline.words[0] == b"Z" and not fresh:
                return  # first let the firmware do what the events before it ask for
            fresh = False
            at_us, words = timeline.at_us, timeline.words
            timeline.take()
            self._happen(at_us, words)
        if timeline.at_us is None and fresh:
            self._go_true(now_us)

    def tell(self, what, value):
        """Tell the launcher of something that a person at the board sees or hears."""
        sys.stderr.write("o %s %d %s\n" % (what, self.now_us(), value))

    def stall(self, us):
        """Keep the processor from everything for `us` microseconds, as an erase does; hardware stamps go on."""
        if not us:
            return
        if self._true_since_us is not None:
            sleep_us(us)
            return
        held = self.received
        self.received = b""
        self._now_us += us
        rx_size, self.rx_size = self.rx_size, FIFO
        self.catch_up()
        self.rx_size = rx_size
        self.received = held + self.received

    def _happen(self, at_us, words):
        kind = words[0]
        if kind == b"P":
            self.pulse_us = at_us
            self.edges.append((0, at_us))
        elif kind == b"E":
            self.edges.append((int(words[1]), at_us))
        elif kind == b"N":
            self.received = (self.received + unhexlify(words[1]))[: self.rx_size]
        elif kind == b"T":
            pass
        elif kind == b"C":
            self.contacts[int(words[1])] = int(words[2])
        elif kind == b"B":
            self.button = words[1] == b"1"
        elif kind == b"Z":
            self._go_true(at_us)
        elif kind == b"X":
            if len(words) == 1:
                sys.exit(EXIT_CUT)
            self.cut = words[1:]
        else:
            raise ValueError("expected an event of kind P, E, N, T, C, B, X or Z in the timeline, got %r" % (words,))

    def _jump(self):
        ahead_us = self._now_us + self.jump_us
        next_us = self._timeline.at_us
        if next_us is not None and next_us < ahead_us:
            ahead_us = max(next_us, self._now_us)
        self._now_us = ahead_us
        if ahead_us - self._told_us >= PROGRESS_US:
            self._told_us = ahead_us
            self._tellings += 1
            sys.stderr.write("p %d\n" % ahead_us)
            if self._tellings % MEMORY_EVERY == 0:
                gc.collect()
                sys.stderr.write("m %d %d\n" % (ahead_us, mem_alloc()))

    def _go_true(self, counter_us):
        if self._true_since_us is None:
            late_us = time_ns() // 1000 - self._true_at_us if self._true_at_us else 0
            if late_us < 0:
                sleep_us(-late_us)
            self._true_since_us = ticks_us() - counter_us - max(0, late_us)
            sys.stderr.write("p %d\nready\n" % counter_us)

    def _nap_ms(self):
        nap_ms = min(NAP_MS, self.jump_us // 1000)
        next_us = self._timeline.at_us
        return nap_ms if next_us is None else max(0, min(nap_ms, (next_us - self.now_us() + 999) // 1000))

    def _listen(self, timeout_ms):
        if self._host is None:
            return
        for _, events, *_ in self._host.poll(timeout_ms):
            if events & (select.POLLHUP | select.POLLERR) and not events & select.POLLIN:
                sys.exit(EXIT_UNPLUGGED)
