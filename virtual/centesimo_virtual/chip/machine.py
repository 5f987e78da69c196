"""`machine` of a simulated board: the parts of it that centesimo_board/board.py uses, on a World."""

from binascii import hexlify

from centesimo_virtual.chip import world

PWRON_RESET = 1

_board_id = b"\x00" * 8
_has_display = False


def attach(board_id, has_display=False):
    """Set what unique_id() answers, and whether a display does; run.py calls it before the firmware starts."""
    global _board_id, _has_display
    _board_id, _has_display = board_id, has_display


def unique_id():
    """Return the 8 bytes of the board's flash chip."""
    return _board_id


def reset_cause():
    """Return PWRON_RESET: a scenario's boots begin with the power."""
    return PWRON_RESET


class Pin:
    """A pin by its number; an input is the panel's button, an output its lamp, to the others it does not matter."""

    IN, OUT, PULL_UP = 0, 1, 2

    def __init__(self, number, mode=None, pull=None):
        self.number = number

    def value(self, level=None):
        """Return the button's level, low while it is pressed; or set the lamp's."""
        if level is None:
            return 0 if world.current.button else 1
        world.current.tell("lamp", int(level))
        return None


class PWM:
    """The buzzer: that it sounds is told to the launcher, its pitch is not."""

    def __init__(self, pin, freq=0, duty_u16=0):
        self._is_on = False

    def duty_u16(self, duty):
        """Let it sound, or be silent with 0."""
        if bool(duty) != self._is_on:
            self._is_on = bool(duty)
            world.current.tell("tone", int(self._is_on))


class I2C:
    """The display's wire; the launcher has the display (glass.py)."""

    def __init__(self, number, **settings):
        self._has_display = _has_display

    def writeto(self, address, message):
        """Send a message; nothing answers where no display is."""
        if not self._has_display:
            raise OSError(5, "no answer")
        world.current.tell("display", hexlify(message).decode())

    def writevto(self, address, parts):
        """Send parts as one message."""
        self.writeto(address, b"".join([bytes(part) for part in parts]))


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
