"""`machine` of a simulated board: the parts of it that centesimo_board/board.py uses, on a World."""

from centesimo_virtual.chip import world

PWRON_RESET = 1

_board_id = b"\x00" * 8


def attach(board_id):
    """Set what unique_id() answers; run.py calls it before the firmware starts."""
    global _board_id
    _board_id = board_id


def unique_id():
    """Return the 8 bytes of the board's flash chip."""
    return _board_id


def reset_cause():
    """Return PWRON_RESET: a scenario's boots begin with the power."""
    return PWRON_RESET


class Pin:
    """A pin by its number; the simulated UART and ADC do not care which."""

    def __init__(self, number):
        self.number = number


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
