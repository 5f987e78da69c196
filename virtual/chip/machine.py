"""`machine` of a simulated board: the parts of MicroPython's module that firmware/board.py uses, on a World."""

from virtual.chip import world

PWRON_RESET = 1
WDT_RESET = 3

_board_id = b"\x00" * 8
_cause = PWRON_RESET


def attach(board_id, cause):
    """Set what unique_id() and reset_cause() answer; run.py calls it before the firmware starts."""
    global _board_id, _cause
    _board_id, _cause = board_id, cause


def unique_id():
    """Return the 8 bytes of the board's flash chip."""
    return _board_id


def reset_cause():
    """Return PWRON_RESET, or WDT_RESET after reset()."""
    return _cause


def reset():
    """Start the board again; does not return."""
    world.current.reset()


def idle():
    """Wait for what happens next."""
    world.current.wait()


class Pin:
    """A pin: inputs are free (pulled up) and outputs keep what was written; the tubes are capture's."""

    IN, OUT, PULL_UP, PULL_DOWN, IRQ_FALLING, IRQ_RISING = 0, 1, 1, 2, 4, 8

    def __init__(self, number, mode=IN, pull=None, value=1):
        self._number = number
        self._level = value

    def __call__(self, *level):
        return self.value(*level)

    def value(self, *level):
        """Return the level, or set it."""
        if not level:
            return self._level
        self._level = 1 if level[0] else 0
        return None

    def on(self):
        """Set the level to 1."""
        self._level = 1

    def off(self):
        """Set the level to 0."""
        self._level = 0

    def toggle(self):
        """Change the level."""
        self._level ^= 1


class UART:
    """The port of the receiver; it hears at any rate, and what is written to the receiver has no effect."""

    def __init__(self, number, rxbuf=256, **settings):
        world.current.rx_size = rxbuf

    def init(self, **settings):
        """Change the rate: what was received and not read is lost."""
        world.current.received = b""

    def any(self):
        """Return how many bytes wait."""
        world.current.catch_up()
        return len(world.current.received)

    def read(self, count=None):
        """Return the bytes that wait, at most `count`; None when there are none."""
        here = world.current
        here.catch_up()
        waiting = here.received
        if not waiting:
            return None
        if count is None:
            count = len(waiting)
        here.received = waiting[count:]
        return waiting[:count]

    def readinto(self, buffer, count=None):
        """Fill `buffer` with the bytes that wait and return their number; None when there are none."""
        found = self.read(len(buffer) if count is None else count)
        if found is None:
            return None
        buffer[: len(found)] = found
        return len(found)

    def write(self, message):
        """Take bytes for the receiver; return their number."""
        return len(message)


class ADC:
    """A converter: about 3.7 V through a divider by 3 on every channel but 4, the chip's sensor at 27 degrees."""

    CORE_TEMP = 4

    def __init__(self, channel):
        self._channel = channel

    def read_u16(self):
        """Return the converted value, 0 .. 65535 for 0 .. 3.3 V."""
        # RP2040 datasheet 4.9.5: 27 degrees C is 0.706 V.
        return 706 * 65535 // 3300 if self._channel == ADC.CORE_TEMP else 1233 * 65535 // 3300


class WDT:
    """The watchdog; a firmware that hangs shows on a virtual board as one that makes no progress."""

    def __init__(self, timeout=5000):
        self.timeout = timeout
        self.fed_us = world.current.now_us()

    def feed(self):
        """Note that the firmware is alive."""
        self.fed_us = world.current.now_us()


class Timer:
    """A timer that only wakes the main loop: here every wait ends by itself."""

    ONE_SHOT, PERIODIC = 0, 1

    def __init__(self, number=-1, **settings):
        self.settings = settings

    def init(self, **settings):
        """Set the period and the callback."""
        self.settings = settings

    def deinit(self):
        """Stop it."""
        self.settings = {}
