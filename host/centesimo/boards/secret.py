"""The secrets with which boards seal their records: one file of this computer, from which every board's own follows.

The file holds one master secret a line, 48 hex digits, the newest last; older ones stay, for what was sealed with them.
It lies outside of every event folder, for its owner alone to read, and goes into no store, archive or bundle. A board's
secret is the first 24 bytes of HMAC-SHA-256(master, "board" + its id): who has one board's secret has no other's.
Each board is given its own once, in clear, over its cable; after that it tells only a fingerprint.
"""

import errno
import os
import stat
from collections.abc import Sequence
from io import FileIO
from pathlib import Path
from secrets import token_bytes

from centesimo.collect.download import welcome_text
from centesimo.collect.link import Port
from centesimo.collect.request import ask
from centesimo.model.errors import SecretError
from centesimo.reading.limits import read_file
from centesimo_protocol import session
from centesimo_protocol.chain import NO_FINGERPRINT, NO_SECRET, SECRET_SIZE, Key, fingerprint, proof

MOST_BYTES = 100_000  # of the file: 2,000 secrets
SECRETS_VARIABLE = "CENTESIMO_SECRETS"  # of the environment: another path for the file


def secrets_path() -> Path:
    """Return where this computer's file of secrets lies, or would."""
    given = os.environ.get(SECRETS_VARIABLE)
    return Path(given) if given else Path.home() / ".config" / "centesimo" / "secrets"


def read_masters(path: Path) -> list[bytes]:
    """Return the master secrets, the newest last; none if there is no file; SecretError if it is not as it must be."""
    try:
        mode = path.stat().st_mode
        lines = read_file(path, MOST_BYTES).decode().split()
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise SecretError(f"{path}: expected a file of secrets that can be read: {error}") from error
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise SecretError(f"{path}: expected a file for its owner alone, others may read it: chmod 600 {path}")
    return [_master(path, number, line) for number, line in enumerate(lines, 1)]


def _master(path: Path, number: int, line: str) -> bytes:
    try:
        master = bytes.fromhex(line)
    except ValueError:
        master = b""
    if len(master) != SECRET_SIZE:
        raise SecretError(f"{path}:{number}: expected {2 * SECRET_SIZE} hex digits")
    return master


def add_master(path: Path) -> bytes:
    """Add a new master secret to the file, making the file if there is none, and return it.

    SecretError if it cannot be written; the file is then as it was.
    """
    size = path.stat().st_size if read_masters(path) else 0
    master = token_bytes(SECRET_SIZE)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        with os.fdopen(os.open(path, flags, stat.S_IRUSR | stat.S_IWUSR), "wb", buffering=0) as file:
            _append(file, size, f"{master.hex()}\n".encode())
    except OSError as error:
        raise SecretError(f"{path}: cannot be written: {error.strerror}") from error
    return master


def _append(file: FileIO, size: int, line: bytes) -> None:
    """Write a line behind the `size` bytes of a file, or cut it to them again."""
    try:
        if file.write(line) != len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(file.fileno())
    except OSError:
        file.truncate(size)
        raise


def board_secret(master: bytes, board: str) -> bytes:
    """Return the secret of a board (16 hex digits)."""
    return Key(master).mac(b"board" + bytes.fromhex(board))[:SECRET_SIZE]


def board_secrets(masters: Sequence[bytes], board: str) -> list[bytes]:
    """Return every secret that this computer may have set on a board (16 hex digits)."""
    return [board_secret(master, board) for master in masters]


def fingerprints(masters: Sequence[bytes], board: str) -> list[bytes]:
    """Return the fingerprint of every secret that this computer may have set on a board, the newest last."""
    return [fingerprint(secret) for secret in board_secrets(masters, board)]


def give(
    line: Port, host: session.HostSession, welcome: session.Welcome, masters: Sequence[bytes]
) -> tuple[bytes, bool]:
    """Give a board that has greeted the newest secret; return its fingerprint, and whether it is new to the board.

    SecretError when the board has a secret that no master of this computer is of; LinkError when it does not answer.
    """
    board = welcome.board_id.hex()
    wanted = board_secret(masters[-1], board)
    now = ask(line, host, session.AskSecret(), session.SecretIs).fingerprint
    if now == fingerprint(wanted):
        return now, False
    proven = proof(_old(line.name, welcome, masters, now), welcome.board_id, wanted)
    now = ask(line, host, session.SetSecret(wanted, proven), session.SecretIs).fingerprint
    if now != fingerprint(wanted):
        taken = f"{line.name}: board {welcome_text(welcome)} took another secret than it was given"
        raise SecretError(f"{taken}: give it again")
    return now, True


def _old(port: str, welcome: session.Welcome, masters: Sequence[bytes], now: bytes) -> bytes:
    """Return the secret that the board has, by its fingerprint; it proves that it may be replaced."""
    if now == NO_FINGERPRINT:
        return NO_SECRET
    for old in board_secrets(masters, welcome.board_id.hex()):
        if fingerprint(old) == now:
            return old
    raise SecretError(
        f"{port}: board {welcome_text(welcome)} has another computer's secret (fingerprint {now.hex()}):"
        f" add that computer's secrets to {secrets_path()}, the newest in the last line"
    )
