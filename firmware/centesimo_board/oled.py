"""A display of 128 x 64 points on I2C, SSD1306 or SH1106, used as eight rows of 16 letters; one is sent at a time.

Both are told row by row and column by column (page addressing, the only mode of the SH1106). An SH1106 has 132 columns
and shows those from 2 on. Which of the two answers cannot be read: modules of both kinds have been seen to give the
same status (and some to give none), so a setting says it. One row takes 3.5 ms at 400 kHz.

Commands: Solomon Systech, SSD1306 rev 1.1, tables 9 and 8-2; Sino Wealth, SH1106 v2.3, table 12. What only the SSD1306
knows (20 02: page addressing; 8d 14: charge pump) sets the SH1106's column, which is set anew before each row.
"""

import framebuf

from centesimo_protocol.shim import const

ADDRESS = const(0x3C)
WIDTH = const(128)
MEMORY_WIDTH = const(132)
COLUMNS = const(16)
SSD1306, SH1106 = range(2)  # values of the setting `display`
FIRST_COLUMN = (0, 2)

START = (
    b"\xae"  # off while it is set up
    b"\x20\x02"  # row by row
    b"\x40\xa1\xc8\xda\x12"  # first line, wired mirrored both ways, every other line on the other side
    b"\xa8\x3f\xd3\x00"  # 64 lines, no offset
    b"\xd5\x80\xd9\xf1\xdb\x30"  # clock, charging, its level
    b"\x81\xcf\xa4\xa6"  # contrast, shows its memory, not inverted
    b"\x8d\x14\xaf"  # its own high voltage, on
)
PLAIN, UPPER, LOWER = range(3)
# Four points above each other, twice as high.
DOUBLED = bytes([sum([3 << 2 * bit for bit in range(4) if points >> bit & 1]) for points in range(16)])


class Oled:
    """The display on `i2c` (writeto, writevto); OSError where none answers, then and later.

    kind  SSD1306 or SH1106; main.py sets it by the settings
    """

    def __init__(self, i2c, address=ADDRESS):
        self.kind = SSD1306
        self._i2c = i2c
        self._address = address
        self._row = bytearray(WIDTH)
        self._canvas = framebuf.FrameBuffer(self._row, WIDTH, 8, framebuf.MONO_VLSB)
        self._points = [b"\x40", self._row]
        self._place = bytearray(b"\x00\xb0\x00\x10")  # row, lower and upper half of the column
        i2c.writeto(address, b"\x00" + START)
        for row in range(8):  # all of the wider one; the narrower one begins a row anew
            self._go_to(row, 0)
            i2c.writevto(address, [b"\x40", bytes(MEMORY_WIDTH)])

    def show(self, row, text, part):
        """Show text in a row (0 .. 7): up to 16 letters, or the UPPER or LOWER half of up to 8 in double size."""
        self._canvas.fill(0)
        self._canvas.text(text, 0, 0, 1)
        if part != PLAIN:
            self._double(0 if part == UPPER else 4)
        self._go_to(row, FIRST_COLUMN[self.kind])
        self._i2c.writevto(self._address, self._points)

    def _go_to(self, row, column):
        self._place[1] = 0xB0 + row
        self._place[2] = column & 15
        self._i2c.writeto(self._address, self._place)

    def _double(self, shift):
        """Stretch the left half of the row to all of it, and four of its lines to eight."""
        row = self._row
        for column in range(WIDTH // 2 - 1, -1, -1):
            row[2 * column] = row[2 * column + 1] = DOUBLED[row[column] >> shift & 15]
