"""The board's devices: which pin does what, and thin shells around `machine` and `rp2`; nothing here decides anything.

    pin      what
    GP0      to the receiver's RX (UART 0 TX)
    GP1      from the receiver's TX (UART 0 RX)
    GP2      the receiver's pulse, one a second, its rising edge marks the second
    GP4, 5   the display's SDA and SCL (I2C 0), if there is one
    GP6..9   tubes 1 to 4, contact to ground
    GP10     the button, to ground, if there is one
    GP11     a buzzer without electronics of its own, if there is one
    GP25     the lamp: the Pico's own
    GP29     a third of VSYS, wired so on every Pico
    USB      the host

The pulse and the tubes belong to capture.py. No call here waits for the other side.
"""

import select
import sys
from collections import namedtuple

import machine
import rp2

from centesimo_board.panel import PanelDevices
from centesimo_protocol.record import NOT_MEASURED
from centesimo_protocol.shim import const

try:
    from micropython import kbd_intr
except ImportError:  # CPython has no interrupt character to switch off

    def kbd_intr(chr: int) -> None:
        """Stand in for MicroPython's; CPython gives every byte to the reader as it is."""


# How main.py sees the hardware. capture: capture.Capture; gps: Gps; flash: Flash; stream: Stream; panel: panel() or
# None; wait(): sleeps until something may have happened; sense: Sense; watchdog: .feed(); board_id: 8 bytes;
# reset_cause: as machine.reset_cause().
Devices = namedtuple("Devices", "capture gps flash stream panel wait sense watchdog board_id reset_cause")

PULSE_PIN = const(2)
TUBE_PINS = (6, 7, 8, 9)
_GPS_UART = const(0)
_GPS_TX_PIN = const(0)
_GPS_RX_PIN = const(1)
_VSYS_PIN = const(29)
_DISPLAY_PINS = (4, 5)
_BUTTON_PIN = const(10)
_TONE_PIN = const(11)
_LAMP_PIN = const(25)
_DISPLAY_HZ = const(400_000)
_TONE_HZ = const(2700)  # where small piezos are loudest
_TONE_DUTY = const(0x8000)

_GPS_BAUD = const(9600)  # what receivers speak when they are new
_GPS_RX_BYTES = const(2048)  # two seconds at 9600 baud
_GPS_TX_BYTES = const(512)

# The whole storage area of the RP2040 build: 352 sectors for the journal and the settings, 45,056 records if all were
# the journal's. There is no filesystem.
FLASH_SIZE = const(1408 * 1024)
SECTOR_SIZE = const(4096)
PAGE_SIZE = const(256)
_ERASE = const(6)  # ioctl request of MicroPython's block devices

_STREAM_BYTES = const(256)  # most that one read returns
_WATCHDOG_MS = const(8000)  # the RP2040 allows 8388


class Gps:
    """The receiver's serial port, 8N1."""

    def __init__(self):
        self._uart = machine.UART(
            _GPS_UART,
            baudrate=_GPS_BAUD,
            tx=machine.Pin(_GPS_TX_PIN),
            rx=machine.Pin(_GPS_RX_PIN),
            rxbuf=_GPS_RX_BYTES,
            txbuf=_GPS_TX_BYTES,
        )

    def read(self) -> bytes:
        """Return what came since the last call; b"" when nothing did."""
        # Never more than is there: the port would spin until the receiver takes a breath.
        count = self._uart.any()
        return self._uart.read(count) if count else b""

    def write(self, message):
        """Send bytes to the receiver; more than 512 at once would wait for the line."""
        self._uart.write(message)

    def set_baud(self, rate):
        """Go on at another rate, in baud (9600 .. 921600); what was received and not read is lost."""
        self._uart.init(baudrate=rate)


class Flash:
    """NOR flash of `size` bytes, in sectors that erase to ones and pages whose programming only clears bits."""

    def __init__(self):
        self.size = FLASH_SIZE
        self._blocks = rp2.Flash(start=0, len=FLASH_SIZE)
        self._page = bytearray(PAGE_SIZE)

    def read(self, offset, length) -> bytes:
        """Return `length` bytes from `offset`."""
        raw = bytearray(length)
        self._blocks.readblocks(offset // SECTOR_SIZE, raw, offset % SECTOR_SIZE)
        return bytes(raw)

    def program(self, offset, page):
        """Program the 256 bytes of `page` at `offset`, a multiple of 256; takes about 1 ms with interrupts off."""
        # From RAM always: while the flash is programmed, a constant that lies in it cannot be read.
        self._page[:] = page
        self._blocks.writeblocks(offset // SECTOR_SIZE, self._page, offset % SECTOR_SIZE)

    def erase(self, offset):
        """Erase the sector at `offset`, a multiple of 4096; 45 ms, at worst 400 ms, with interrupts off."""
        self._blocks.ioctl(_ERASE, offset // SECTOR_SIZE)


class Stream:
    """The host's end of USB, as bytes; 0x03 is data.

    The firmware's USB driver is built to take what fits and never to wait (mpconfigboard.h); bytes written while no
    host has the port open are lost.
    """

    def __init__(self):
        kbd_intr(-1)
        self._source = sys.stdin.buffer
        self._sink = sys.stdout.buffer
        self._poll = select.poll()
        self._poll.register(self._source, select.POLLIN)
        self._received = bytearray(_STREAM_BYTES)
        self._view = memoryview(self._received)

    def read(self) -> bytes:
        """Return what came since the last call, at most 256 bytes; b"" when nothing did."""
        count = 0
        # The port cannot say how many bytes wait, and asking for more than do would wait for them: one at a time.
        while count < _STREAM_BYTES and self._ready():
            self._received[count] = self._source.read(1)[0]
            count += 1
        return bytes(self._view[:count]) if count else b""

    def write(self, message) -> int:
        """Send bytes, as many as fit now; return how many were taken."""
        return self._sink.write(message) or 0

    def _ready(self):
        for _ in self._poll.ipoll(0):
            return True
        return False


class Sense:
    """Voltage and temperature, through the chip's own converter."""

    def __init__(self):
        self._vsys = machine.ADC(machine.Pin(_VSYS_PIN))
        self._chip = machine.ADC(machine.ADC.CORE_TEMP)

    def battery_mv(self) -> int:
        """Return the supply's voltage in mV (0 .. 9900), within some 2 %; on USB power that is the port's voltage."""
        return self._vsys.read_u16() * 9900 // 0xFFFF

    def temperature_cc(self) -> int:
        """Return the chip's temperature in 1/100 degree C, within some degrees, in steps of about 0.5."""
        volt_u = self._chip.read_u16() * 3_300_000 // 0xFFFF
        # RP2040 data sheet 4.9.5: 0.706 V at 27 degrees, 1.721 mV less for each degree more.
        chip_cc = 2700 - (volt_u - 706_000) * 100 // 1721
        return chip_cc if -6000 < chip_cc < 15000 else NOT_MEASURED


def panel() -> PanelDevices:
    """Return lamp, display, button and tone; None for a display that does not answer.

    Whether a button and a buzzer are wired cannot be told: without them the one is never pressed, the other not heard.
    """
    lamp = machine.Pin(_LAMP_PIN, machine.Pin.OUT)
    button = machine.Pin(_BUTTON_PIN, machine.Pin.IN, machine.Pin.PULL_UP)
    buzzer = machine.PWM(machine.Pin(_TONE_PIN), freq=_TONE_HZ, duty_u16=0)
    return PanelDevices(
        lamp.value,
        _find_display(),
        lambda: not button.value(),
        lambda on: buzzer.duty_u16(_TONE_DUTY if on else 0),
    )


def _find_display():
    """Return the display; None where none answers, or where framebuf is not: that is MicroPython's."""
    sda, scl = _DISPLAY_PINS
    try:
        from centesimo_board.oled import Oled

        return Oled(machine.I2C(0, sda=machine.Pin(sda), scl=machine.Pin(scl), freq=_DISPLAY_HZ))
    except (ImportError, OSError):
        return None


def restart():
    """Start the chip anew, as its reset does."""
    machine.reset()


def devices(capture, wait, stream=None, panel=None) -> Devices:
    """Return the board's devices, opened; the watchdog runs from here on and must be fed within 8 s, for ever.

    `capture` and `wait` are capture.Capture and capture.wait, or what stands in for them; `stream` stands in for USB;
    `panel` is what panel() returns, None for a board without.
    """
    return Devices(
        capture,
        Gps(),
        Flash(),
        stream or Stream(),
        panel,
        wait,
        Sense(),
        machine.WDT(timeout=_WATCHDOG_MS),
        machine.unique_id(),
        machine.reset_cause(),
    )
