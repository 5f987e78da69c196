"""The bytes that a terminal sends become keys: digits, words for the others, "" never.

A sequence may come in pieces, as over a slow line: `is_within` says that one has begun, `rest` ends it after a silence
(then the escape was the key itself). What means nothing here is dropped, a byte at a time in UTF-8.
"""

ENTER, BACKSPACE, ESCAPE, TAB, UP, DOWN, STOP = "enter", "backspace", "escape", "tab", "up", "down", "stop"

SINGLE = {
    b"\r": ENTER,
    b"\n": ENTER,
    b"\x7f": BACKSPACE,
    b"\x08": BACKSPACE,
    b"\t": TAB,
    b"\x03": STOP,  # Ctrl-C
    b"\x04": STOP,  # Ctrl-D
}
# As terminals send them in either mode of the arrows and of the number pad.
SEQUENCES = {
    b"\x1b[A": UP,
    b"\x1b[B": DOWN,
    b"\x1bOA": UP,
    b"\x1bOB": DOWN,
    b"\x1bOM": ENTER,
    b"\x1bOm": "-",
    b"\x1bOj": "*",
    **{b"\x1bO" + bytes([ord("p") + digit]): str(digit) for digit in range(10)},
}
LONGEST = 16  # bytes of a sequence; more is noise


class Keys:
    """The decoder of one terminal's bytes."""

    def __init__(self) -> None:
        self._begun = b""

    @property
    def is_within(self) -> bool:
        """Whether a sequence has begun that may go on."""
        return bool(self._begun)

    def feed(self, chunk: bytes) -> list[str]:
        """Return the keys that came with these bytes, in order."""
        keys = []
        for value in chunk:
            keys += self._take(bytes([value]))
        return keys

    def rest(self) -> list[str]:
        """Return what a sequence was that did not go on: the escape key, or nothing."""
        begun, self._begun = self._begun, b""
        return [ESCAPE] if begun == b"\x1b" else []

    def _take(self, byte: bytes) -> list[str]:
        if byte == b"\x1b":
            return [*self.rest(), *self._begin()]
        if not self._begun:
            return _single(byte)
        self._begun += byte
        if self._begun in (b"\x1b[", b"\x1bO"):
            return []
        if self._begun[1:2] not in (b"[", b"O"):  # Alt and a letter, or an escape and then a key
            self._begun = b""
            return [ESCAPE, *_single(byte)]
        is_whole = self._begun[1:2] == b"O" or 0x40 <= byte[0] <= 0x7E
        if not is_whole and len(self._begun) < LONGEST:
            return []
        key, self._begun = SEQUENCES.get(self._begun), b""
        return [key] if key else []

    def _begin(self) -> list[str]:
        self._begun = b"\x1b"
        return []


def _single(byte: bytes) -> list[str]:
    if byte in SINGLE:
        return [SINGLE[byte]]
    return [byte.decode()] if 0x20 <= byte[0] < 0x7F else []
