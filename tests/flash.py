"""NOR flash in memory, with its rules: programming only clears bits, whole sectors erase to ones, power may fail.

Every program and erase is kept in `operations`, so that one run can be cut anywhere afterwards (see `half`).
"""

SECTOR = 4096
PAGE = 256

PROGRAM = "program"
ERASE = "erase"


class Flash:
    """A flash device of `size` bytes; `image` gives it contents, otherwise it is full of `fill`.

    operations  (PROGRAM or ERASE, offset, page or None) in order
    """

    def __init__(self, size, image=None, fill=0xFF):
        self.size = size
        self.image = bytearray(image) if image is not None else bytearray(bytes((fill,)) * size)
        self.operations = []

    def read(self, offset, length):
        assert 0 <= offset <= self.size - length
        return bytes(self.image[offset : offset + length])

    def program(self, offset, page):
        assert offset % PAGE == 0
        assert len(page) == PAGE
        self.operations.append((PROGRAM, offset, bytes(page)))
        apply(self.image, self.operations[-1])

    def erase(self, offset):
        assert offset % SECTOR == 0
        self.operations.append((ERASE, offset, None))
        apply(self.image, self.operations[-1])


def apply(image, operation):
    """Do a whole operation to an image."""
    what, offset, page = operation
    if what == ERASE:
        image[offset : offset + SECTOR] = b"\xff" * SECTOR
    else:
        old = int.from_bytes(image[offset : offset + PAGE], "big")
        image[offset : offset + PAGE] = (old & int.from_bytes(page, "big")).to_bytes(PAGE, "big")


def half(image, operation, chance):
    """Leave an operation in the middle: each bit it was to change has changed or not, as `chance` decides."""
    what, offset, page = operation
    size = SECTOR if what == ERASE else PAGE
    old = int.from_bytes(image[offset : offset + size], "big")
    new = old & int.from_bytes(page, "big") if what == PROGRAM else (1 << 8 * size) - 1
    done = chance.getrandbits(8 * size)
    image[offset : offset + size] = (old & ~done | new & done).to_bytes(size, "big")


def front(image, operation, part):
    """Leave an operation when only the first `part` (0 .. 1) of the bytes that it changes have changed."""
    done, changed = _changed(image, operation)
    for at in changed[: int(len(changed) * part)]:
        image[at] = done[at]


def back(image, operation, part):
    """Leave an operation when only the last `part` (0 .. 1) of the bytes that it changes have changed."""
    done, changed = _changed(image, operation)
    for at in changed[len(changed) - int(len(changed) * part) :]:
        image[at] = done[at]


def _changed(image, operation):
    what, offset, _ = operation
    done = bytearray(image)
    apply(done, operation)
    end = offset + (SECTOR if what == ERASE else PAGE)
    return done, [at for at in range(offset, end) if done[at] != image[at]]
