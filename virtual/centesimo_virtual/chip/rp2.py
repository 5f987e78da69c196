"""`rp2` of a simulated board: the flash's storage area, in a file, under the rules of NOR flash.

Programming only clears bits, erasing sets all of a 4096-byte block, and what is done is in the file at once: a process
that ends at any instant leaves what a board without power would. run.py attaches the file before the firmware starts.
"""

import sys

from centesimo_virtual.chip import world
from centesimo_virtual.chip.codes import EXIT_CUT

BLOCK = 4096
PAGE = 256
ERASED_PAGE = b"\xff" * PAGE

_file = None
_size = 0


def attach(path):
    """Use a file (its length a multiple of 4096, erased bytes ff) as the storage area from now on."""
    global _file, _size
    _file = open(path, "r+b") if sys.implementation.name == "micropython" else open(path, "r+b", buffering=0)  # noqa: SIM115
    _size = _file.seek(0, 2)


class Flash:
    """A range of the storage area as a block device; `start` and `len` in bytes, multiples of 4096, default: all."""

    def __init__(self, start=0, len=-1):
        size = _size - start if len == -1 else len
        if start % BLOCK or size % BLOCK or start < 0 or not 0 < size <= _size - start:
            raise ValueError("expected a range of whole blocks inside %d bytes, got %d + %d" % (_size, start, size))
        self._start = start
        self._size = size

    def readblocks(self, block, buffer, offset=0):
        """Fill `buffer` from a block (of 4096 bytes) and an offset in it."""
        _file.seek(self._at(block, offset, buffer))
        _file.readinto(buffer)

    def writeblocks(self, block, buffer, offset=None):
        """Program whole pages; without an offset the blocks are erased first, as the block device protocol says."""
        if offset is None:
            for number in range((len(buffer) + BLOCK - 1) // BLOCK):
                self.ioctl(6, block + number)
            offset = 0
        at = self._at(block, offset, buffer)
        if at % PAGE or len(buffer) % PAGE:
            raise ValueError("expected whole pages of %d bytes, got %d at %d" % (PAGE, len(buffer), at))
        for start in range(0, len(buffer), PAGE):
            _program(at + start, bytes(buffer[start : start + PAGE]))

    def ioctl(self, operation, argument):
        """Answer 4 with the number of blocks, 5 with their size, erase block `argument` on 6; 0 for anything else."""
        if operation == 4:
            return self._size // BLOCK
        if operation == 5:
            return BLOCK
        if operation == 6:
            _erase(self._at(argument, 0, ERASED_PAGE))
        return 0

    def _at(self, block, offset, buffer):
        at = block * BLOCK + offset
        if at < 0 or at + len(buffer) > self._size:
            raise OSError(22, "expected a place inside %d bytes of flash, got %d" % (self._size, at))
        return self._start + at


def _program(at, page):
    _file.seek(at)
    old = _file.read(PAGE)
    if old != ERASED_PAGE:
        merged = int.from_bytes(old, "little") & int.from_bytes(page, "little")
        page = merged.to_bytes(PAGE, "little")
    cut = world.current.cut
    if cut and cut[0] == b"program":
        _write(at, page[: int(cut[1])])
        sys.exit(EXIT_CUT)
    _write(at, page)


def _erase(at):
    cut = world.current.cut
    if cut and cut[0] == b"erase":
        _write(at, b"\xff" * (BLOCK // 2))
        sys.exit(EXIT_CUT)
    _write(at, b"\xff" * BLOCK)
    world.current.stall(world.current.erase_us)


def _write(at, content):
    _file.seek(at)
    _file.write(content)
