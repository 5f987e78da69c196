"""The simulated chip: what `machine`, `rp2` and the capture are on a board; runs on MicroPython and on CPython."""
