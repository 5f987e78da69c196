"""What the chip runs after start: opens the devices and gives them to the firmware."""

import gc

from firmware.board import devices, panel
from firmware.capture import Capture, wait
from firmware.main import run

# Collect little and often: 6 ms after every 16 KB, instead of a full heap that is in pieces.
gc.threshold(16384)  # type: ignore[attr-defined]  # MicroPython's gc
run(devices(Capture(), wait, panel=panel()))
