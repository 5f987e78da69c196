"""Devices sign: the Ed25519 key of this computer, what it signs, and whether a signature fits.

The key lies in one file outside of every event folder, for its owner alone; it is made when it is first needed. The
library is loaded only when something is signed or verified.
"""

import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from centesimo.model.errors import SecretError
from centesimo.reading.limits import read_file

KEY_VARIABLE = "CENTESIMO_DEVICE"  # of the environment: another path for the file
SEED_SIZE = 32
MOST_BYTES = 1000  # of the file
PREFIX = "centesimo signed 1\n"  # of all that is signed, so that a signature is good for nothing else
SHORT = 12  # digits of a key that people read


class Device(NamedTuple):
    """This computer as one that signs; `key` is the public one, 64 hex digits."""

    key: str
    seed: bytes

    def signature(self, line: str) -> str:
        """Return the signature of a line, 128 hex digits."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(_message(line)).hex()


def is_signed(key: str, signature: str, line: str) -> bool:
    """Say whether a signature (128 hex digits) of a line is that of a public key (64 hex digits)."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
        public.verify(bytes.fromhex(signature), _message(line))
    except (InvalidSignature, ValueError):
        return False
    return True


def device_path() -> Path:
    """Return where this computer's key lies, or would."""
    given = os.environ.get(KEY_VARIABLE)
    return Path(given) if given else Path.home() / ".config" / "centesimo" / "device"


def this_device(path: Path | None = None) -> Device:
    """Return this computer as a device, making its key where there is none; SecretError where that cannot be."""
    place = device_path() if path is None else path
    try:
        seed = _read(place)
        if seed is None:
            seed = os.urandom(SEED_SIZE)
            place.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            with os.fdopen(os.open(place, flags, stat.S_IRUSR | stat.S_IWUSR), "w", newline="\n") as file:
                file.write(f"{seed.hex()}\n")
    except FileExistsError:  # another program was quicker
        return this_device(place)
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise SecretError(f"{place}: expected this computer's key, 64 hex digits that can be read: {error}") from error
    return Device(_public(seed), seed)


def _read(path: Path) -> bytes | None:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return None
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ValueError(f"others may read it: chmod 600 {path}")
    seed = bytes.fromhex(read_file(path, MOST_BYTES).decode().strip())
    if len(seed) != SEED_SIZE:
        raise ValueError(f"got {len(seed)} bytes")
    return seed


def _public(seed: bytes) -> str:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw().hex()


def _message(line: str) -> bytes:
    return (PREFIX + line).encode()


def short_keys(keys: Sequence[str]) -> str:
    """Return keys as people read them."""
    return ", ".join(key[:SHORT] for key in keys)
