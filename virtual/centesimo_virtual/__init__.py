"""The virtual board: the real firmware in a process of its own, with only the chip simulated; docs/virtual-board.md.

Read by MicroPython too, so it imports nothing.
"""
