"""The display of a simulated board: what an SSD1306 or an SH1106 shows of the messages that come over I2C.

It does what the data sheets say (SSD1306 rev 1.1, tables 9 and 8-2; SH1106 v2.3, table 12), in the mode that both have:
a row, a column, then points from there on. What a kind does not know is one byte without an effect, and what would
follow it is read as the next command.
"""

SSD1306, SH1106 = "SSD1306", "SH1106"
KINDS = (SSD1306, SH1106)
ROWS = 8
WIDTH = 128
COMMANDS, POINTS = 0x00, 0x40
PAGE_MODE = 2
# Commands that are followed by values, and by how many.
_VALUES = {
    SSD1306: {
        0x20: 1, 0x21: 2, 0x22: 2, 0x81: 1, 0x8D: 1, 0xA8: 1, 0xD3: 1, 0xD5: 1, 0xD9: 1, 0xDA: 1, 0xDB: 1,
    },
    SH1106: {0x81: 1, 0xA8: 1, 0xAD: 1, 0xD3: 1, 0xD5: 1, 0xD9: 1, 0xDA: 1, 0xDB: 1},
}  # fmt: skip
_COLUMNS = {SSD1306: 128, SH1106: 132}
_FIRST = {SSD1306: 0, SH1106: 2}  # column at the glass's left edge


class Glass:
    """A display of a kind; its memory is noise until it is written.

    rows    how often points were written
    row     where the next ones go
    """

    def __init__(self, kind: str = SSD1306) -> None:
        self.kind = kind
        self.rows = 0
        self.row = 0
        self._width = _COLUMNS[kind]
        self._memory = bytearray([(place * 37 >> 3) & 0xFF for place in range(ROWS * self._width)])
        self._column = 0
        self._state = {0x20: [PAGE_MODE]}
        self._is_on = False
        self._begins = 0  # line of memory at the glass's upper edge
        self._mirrored = [False, False]

    def take(self, message: bytes) -> None:
        """Take one message: its control byte, then commands or points."""
        if message[0] == COMMANDS:
            self._obey(list(message[1:]))
        elif message[0] == POINTS:
            self._draw(message[1:])

    def is_lit(self) -> bool:
        """Say whether it shows its memory, upright."""
        is_fed = self.kind == SH1106 or self._state.get(0x8D) == [0x14]
        return self._is_on and is_fed and self._begins == 0 and self._mirrored == [True, True]

    def memory(self, row: int) -> bytes:
        """Return the 128 bytes that a row of the glass shows, the highest bit below; zeros while it is dark."""
        if not self.is_lit():
            return bytes(WIDTH)
        begin = row * self._width + _FIRST[self.kind]
        return bytes(self._memory[begin : begin + WIDTH])

    def lines(self) -> "list[str]":
        """Return the 64 lines of what is seen, # for a point that is lit."""
        shown = [self.memory(row) for row in range(ROWS)]
        return ["".join(["#" if shown[y // 8][x] >> y % 8 & 1 else "." for x in range(WIDTH)]) for y in range(64)]

    def _obey(self, commands: "list[int]") -> None:
        while commands:
            command = commands.pop(0)
            if command < 0x10:
                self._column = self._column & 0xF0 | command
            elif command < 0x20:
                self._column = self._column & 0x0F | (command & 0x0F) << 4
            elif command >> 4 == 0xB:
                self.row = command & 7
            elif command in (0xAE, 0xAF):
                self._is_on = command == 0xAF
            elif 0x40 <= command < 0x80:
                self._begins = command - 0x40
            elif command in (0xA0, 0xA1):
                self._mirrored[0] = command == 0xA1
            elif command & 0xF0 == 0xC0:
                self._mirrored[1] = command >= 0xC8
            count = _VALUES[self.kind].get(command, 0)
            self._state[command], commands = commands[:count], commands[count:]

    def _draw(self, points: bytes) -> None:
        assert self.kind == SH1106 or self._state[0x20] == [PAGE_MODE], "expected the mode that both displays have"
        self.rows += 1
        for point in points:
            if self._column < self._width:
                self._memory[self.row * self._width + self._column] = point
            self._column += 1
            if self.kind == SSD1306:  # it begins the row anew; an SH1106 stays at its end
                self._column %= WIDTH
