"""What a board and a host say to each other: records, frames, sessions and the arithmetic of time.

Both sides import this package unchanged, on MicroPython and on CPython; it imports nothing of ours.
"""
