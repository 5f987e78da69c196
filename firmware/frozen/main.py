"""What the chip runs after start: opens the devices and gives them to the firmware."""

import gc

from centesimo_board.board import devices, panel, restart
from centesimo_board.capture import Capture, wait
from centesimo_board.main import run

# Collect often, 7 ms after every 48 KB of some 230 that are free, instead of a full heap that is in pieces.
gc.threshold(49152)  # type: ignore[attr-defined]  # MicroPython's gc
try:
    run(devices(Capture(), wait, panel=panel()))
finally:
    restart()  # at once, not by the watchdog 8 s later: the first edge is stamped 78 ms after a start
