"""Run the real firmware on the simulated chip.

python -m centesimo_virtual.chip.run TIMELINE FLASH BOARD_ID [NAME=VALUE ...]

TIMELINE is a file (world.py), FLASH one of the storage area's size, BOARD_ID 16 hex digits. The names:

    erase_us    how long an erase keeps the processor (0)
    true_at_us  when time becomes true, us since 1970 (world.py)
    panel       1: lamp, button and buzzer are wired, 2: a display too (0)
    built_s     the firmware is taken to be as old as this, if it is younger: seconds since 1970

The board's USB stream is standard input, which must not block, and standard output. Standard error tells the launcher
`p COUNTER_US` now and then, `m COUNTER_US BYTES` once an hour with the memory in use after a collection, `o WHAT
COUNTER_US VALUE` when lamp, tone or display change, `ready` when the accelerated part is done. process.py starts it.
"""

import sys
from binascii import unhexlify

from centesimo_board import version
from centesimo_virtual.chip import machine, rp2, world
from centesimo_virtual.chip.capture import Capture

if sys.implementation.name == "micropython":

    def _raw(number, mode):
        return open(number, mode)
else:

    def _raw(number, mode):
        return open(number, mode, buffering=0)


class Stream:
    """The board's USB stream on this process's standard input and output."""

    def __init__(self, here):
        self._here = here
        self._input = _raw(0, "rb")
        self._output = _raw(1, "wb")
        here.listen(self._input)

    def read(self):
        """Return the bytes that have come, b"" when none."""
        return self._input.read(512) or b""

    def write(self, message):
        """Send bytes to the host; the launcher takes them at once, whether or not a host reads."""
        self._here.busy = True
        return self._output.write(message)


def main(timeline, flash, board_id, *settings):
    """Run until the power is cut or the launcher goes; see the module's docstring for the arguments."""
    named = {"erase_us": 0, "true_at_us": 0, "panel": 0, "built_s": version.BUILT_S}
    for setting in settings:
        name, value = setting.split("=")
        named[name] = int(value)
    here = world.World(timeline, named["erase_us"], named["true_at_us"])
    world.current = here
    machine.attach(unhexlify(board_id), named["panel"] == 2)
    rp2.attach(flash)
    sys.modules["machine"] = machine
    sys.modules["rp2"] = rp2
    from centesimo_board import board
    from centesimo_board import main as firmware_main

    version.BUILT_S = min(version.BUILT_S, named["built_s"])
    panel = None
    if named["panel"]:
        here.jump_us = world.PANEL_JUMP_US
        panel = board.panel()
    firmware_main.run(board.devices(Capture(here), here.wait, Stream(here), panel))


if __name__ == "__main__":
    main(*sys.argv[1:])
