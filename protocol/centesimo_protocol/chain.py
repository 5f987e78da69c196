"""The chain: how blocks of records are sealed, the same on board and host; docs/chain.md says what it proves.

A Seal (record.py) holds a tag over the records since the Seal before it, that one's tag, and its own head:

    tag = first TAG_SIZE bytes of HMAC-SHA-256(secret, "block" + tag before + records + bytes 0 .. 16 of the Seal)

"Tag before" is FIRST_LINK where no Seal came before. The secret is the board's; where none is set it is empty, and then
anybody can compute a tag: it finds accidents only. HMAC is RFC 2104's, over hashlib's SHA-256: on the board hmac is not
there, and a hash can be asked for its digest only once.
"""

import struct
from hashlib import sha256

from centesimo_protocol import record
from centesimo_protocol.shim import const

TAG_SIZE = const(11)
SECRET_SIZE = const(24)
FINGERPRINT_SIZE = const(12)
FIRST_LINK = b"\x00" * 11
NO_SECRET = b""
NO_FINGERPRINT = b"\x00" * 12
SEAL_HEAD = record.HEAD + "H"

_HASH_BLOCK = const(64)  # of SHA-256
_INNER = const(0x36)
_OUTER = const(0x5C)


class Key:
    """A secret (0 .. 64 bytes) ready for use; keep it, for each begins with 128 bytes of work."""

    def __init__(self, secret: bytes) -> None:
        padded = secret + b"\x00" * (_HASH_BLOCK - len(secret))
        self._inner = bytes([byte ^ _INNER for byte in padded])
        self._outer = bytes([byte ^ _OUTER for byte in padded])

    def mac(self, message: bytes) -> bytes:
        """Return the 32 bytes of HMAC-SHA-256 of a message."""
        mac = Mac(self._inner, self._outer)
        mac.add(message)
        return mac.digest()

    def block(self, link: bytes) -> "Mac":
        """Begin a block after the Seal whose tag is `link`; add its records in order, then ask for its `tag`."""
        mac = Mac(self._inner, self._outer)
        mac.add(b"block" + link)
        return mac


class Mac:
    """A message as it comes; when its digest was taken it takes no more."""

    def __init__(self, inner: bytes, outer: bytes) -> None:
        self._hash = sha256(inner)
        self._outer = outer

    def add(self, part: bytes) -> None:
        """Take the next bytes."""
        self._hash.update(part)

    def digest(self) -> bytes:
        """Return the 32 bytes of HMAC-SHA-256, once."""
        return sha256(self._outer + self._hash.digest()).digest()

    def tag(self, sequence: int, boot: int, counter_us: int, count: int) -> bytes:
        """Return the tag of the Seal with these values, once."""
        self.add(struct.pack(SEAL_HEAD, sequence, boot, record.SEAL, counter_us, count))
        return self.digest()[:TAG_SIZE]


def fingerprint(secret: bytes) -> bytes:
    """Return what may be told of a secret: FINGERPRINT_SIZE bytes, NO_FINGERPRINT of no secret."""
    if not secret:
        return NO_FINGERPRINT
    return Key(secret).mac(b"fingerprint")[:FINGERPRINT_SIZE]


def proof(old: bytes, board_id: bytes, new: bytes) -> bytes:
    """Return what proves to a board that who sets a new secret knows the old one; zeros where none is set."""
    if not old:
        return b"\x00" * FINGERPRINT_SIZE
    return Key(old).mac(b"replace" + board_id + new)[:FINGERPRINT_SIZE]
