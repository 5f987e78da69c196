"""The display's pages as they stand on the glass, drawn by MicroPython's own framebuf: 64 lines of 128 points each.

micropython -m tests.panel_pages       (from the project's folder; prints each page's name, then its lines of # and .)
"""

from centesimo_board import panel
from centesimo_board.main import Board
from centesimo_board.ssd1306 import Ssd1306
from tests import desk

try:
    from micropython import heap_lock, heap_unlock
except ImportError:  # CPython draws nothing, but may look at this file
    heap_lock = heap_unlock = None


class Glass:
    """The display's end of I2C: rows as they were written to its memory."""

    def __init__(self):
        self.memory = bytearray(1024)
        self.rows = 0
        self._row = 0

    def writeto(self, address, message):
        assert address == 0x3C
        if len(message) == 7:
            self._row = message[5]

    def writevto(self, address, parts):
        assert (address, parts[0], len(parts[1])) == (0x3C, b"\x40", 128)
        self.memory[self._row * 128 : self._row * 128 + 128] = parts[1]
        self.rows += 1

    def lines(self):
        """Return the 64 lines of points."""
        return ["".join(["#" if self._is_lit(x, y) else "." for x in range(128)]) for y in range(64)]

    def _is_lit(self, x, y):
        return self.memory[y // 8 * 128 + x] >> y % 8 & 1


def main():
    """Draw a page of every kind and print it; then take turns in which nothing changes, without memory."""
    glass = Glass()
    held = [False]
    parts = panel.PanelDevices(lambda lit: None, Ssd1306(glass), lambda: held[0], None)
    run = desk.Desk(Board(desk.devices(ppb=12_000, panel=parts)))
    show("acquiring", run, glass, 8)
    run.edge(2, 20_345_678)
    show("locked", run, glass, 20)
    run.devices.capture.lost[2] = 7
    for name in ("passage", "inputs", "board", "alarms"):
        run.run(1)
        held[0] = True
        run.until(run.second * 1_000_000 + 700_000)
        held[0] = False
        show(name, run, glass, 1)
    idle(run, glass)


def show(name, run, glass, seconds):
    """Let seconds pass, then enough turns to send all rows; print the page."""
    run.run(seconds)
    for turn in range(1, 13):
        run.until(run.second * 1_000_000 + 600_000 + turn * 30_000)
    print(name)
    print("\n".join(glass.lines()))


def idle(run, glass):
    """Take turns within the second, where any use of memory is an error."""
    run.devices.capture.read = lambda: ()
    run.devices.gps.read = run.devices.stream.read = lambda: b""
    rows, at_us = glass.rows, run.devices.capture.true_us  # 40 ms before the second ends
    run.board.step()
    instants = [at_us + 2000 * turn for turn in range(20)]
    heap_lock()
    try:
        for instant in instants:
            run.devices.capture.true_us = instant
            run.board.step()
    finally:
        heap_unlock()
    assert glass.rows == rows
    print("idle")


if __name__ == "__main__":
    main()
