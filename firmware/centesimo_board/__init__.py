"""The firmware of a board: what it stamps, keeps, says and shows, over devices that it is given.

board.py and capture.py alone touch the chip; main.py puts everything together. Runs on MicroPython, imports only
centesimo_protocol.
"""
