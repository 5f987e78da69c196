"""An SSD1306 display of 128 x 64 points on I2C, used as eight rows of 16 letters; a row is drawn and sent at a time.

One row takes 3.5 ms at 400 kHz. Commands: Solomon Systech, SSD1306 rev 1.1, tables 9 and 8-2 (charge pump).
"""

import framebuf

from centesimo_protocol.shim import const

ADDRESS = const(0x3C)
WIDTH = const(128)
COLUMNS = const(16)

START = (
    b"\xae"  # off while it is set up
    b"\x20\x00"  # goes on along a row, then to the next
    b"\x40\xa1\xc8\xda\x12"  # first line, wired mirrored both ways, every other line on the other side
    b"\xa8\x3f\xd3\x00"  # 64 lines, no offset
    b"\xd5\x80\xd9\xf1\xdb\x30"  # clock, charging, its level
    b"\x81\xcf\xa4\xa6"  # contrast, shows its memory, not inverted
    b"\x8d\x14\xaf"  # its own high voltage, on
)
PLAIN, UPPER, LOWER = range(3)
# Four points above each other, twice as high.
DOUBLED = bytes([sum([3 << 2 * bit for bit in range(4) if points >> bit & 1]) for points in range(16)])


class Ssd1306:
    """The display on `i2c` (writeto, writevto); OSError where none answers, then and later."""

    def __init__(self, i2c, address=ADDRESS):
        self._i2c = i2c
        self._address = address
        self._row = bytearray(WIDTH)
        self._canvas = framebuf.FrameBuffer(self._row, WIDTH, 8, framebuf.MONO_VLSB)
        self._points = [b"\x40", self._row]
        self._place = bytearray(b"\x00\x21\x00\x7f\x22\x00\x00")  # columns from, to; rows from, to
        i2c.writeto(address, b"\x00" + START)
        for row in range(8):
            self.show(row, "", PLAIN)

    def show(self, row, text, part):
        """Show text in a row (0 .. 7): up to 16 letters, or the UPPER or LOWER half of up to 8 in double size."""
        self._canvas.fill(0)
        self._canvas.text(text, 0, 0, 1)
        if part != PLAIN:
            self._double(0 if part == UPPER else 4)
        self._place[5] = self._place[6] = row
        self._i2c.writeto(self._address, self._place)
        self._i2c.writevto(self._address, self._points)

    def _double(self, shift):
        """Stretch the left half of the row to all of it, and four of its lines to eight."""
        row = self._row
        for column in range(WIDTH // 2 - 1, -1, -1):
            row[2 * column] = row[2 * column + 1] = DOUBLED[row[column] >> shift & 15]
