"""The display's pages as they stand on the glass, drawn by MicroPython's own framebuf: 64 lines of 128 points each.

micropython -m tests.panel_pages KIND [set]     (from the project's folder; prints each page's name, then its lines)

KIND is SSD1306 or SH1106; "set": the setting says so.
"""

import sys

from centesimo_board import panel
from centesimo_board.main import Board
from centesimo_board.oled import Oled
from centesimo_protocol.setting import DISPLAY, pack
from centesimo_virtual.chip.glass import KINDS, Glass
from tests import desk

try:
    from micropython import heap_lock, heap_unlock
except ImportError:  # CPython draws nothing, but may look at this file
    heap_lock = heap_unlock = None


class Wire:
    """The display's end of I2C."""

    def __init__(self, glass):
        self.glass = glass

    def writeto(self, address, message):
        assert address == 0x3C
        self.glass.take(message)

    def writevto(self, address, parts):
        self.writeto(address, b"".join([bytes(part) for part in parts]))


def main():
    """Draw a page of every kind and print it; then take turns in which nothing changes, without memory."""
    kind = sys.argv[1]
    glass = Glass(kind)
    held = [False]
    parts = panel.PanelDevices(lambda lit: None, Oled(Wire(glass)), lambda: held[0], None)
    run = desk.Desk(Board(desk.devices(ppb=12_000, panel=parts)))
    if sys.argv[2:] == ["set"]:
        run.board.change(DISPLAY, pack(DISPLAY, KINDS.index(kind)))
    show("acquiring", run, glass, 8)
    run.edge(2, 20_345_678)
    show("locked", run, glass, 20)
    run.devices.capture.lost[2] = 7
    run.run(1)
    run.board.silence()  # so that the button turns the page
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
