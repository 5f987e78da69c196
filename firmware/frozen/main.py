"""What the chip runs after start: opens the devices and gives them to the firmware."""

import gc

from centesimo_board.board import devices, panel
from centesimo_board.capture import Capture, wait
from centesimo_board.main import run

# Collect little and often: 6 ms after every 16 KB, instead of a full heap that is in pieces.
gc.threshold(16384)  # type: ignore[attr-defined]  # MicroPython's gc
run(devices(Capture(), wait, panel=panel()))
