"""What the chip runs after start: opens the devices and gives them to the firmware."""

from firmware.main import run

from firmware.board import devices
from firmware.capture import Capture, wait

run(devices(Capture(), wait))
