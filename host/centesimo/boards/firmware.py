"""Put another firmware on a board: look at the file, copy it to the chip's drive, look at the board after.

A chip turns into a drive only by its button BOOTSEL: there is no message for that, as a board that a stray message
could stop would be none. The copy has been tried with a folder in the place of the drive, on no hardware.
"""

import os
import struct
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from centesimo.collect.download import welcome_text
from centesimo.collect.link import Port, host_id, steady_ms
from centesimo.collect.request import greet
from centesimo.model.errors import LinkError, LoadError
from centesimo.reading.limits import read_file
from centesimo_protocol import session

MOST_BYTES = 32_000_000  # a UF2 has twice the bytes of its flash, of which a Pico 2 has 4 MB
BLOCK_BYTES = 512
HEAD = struct.Struct("<8I")  # UF2: two magic numbers, flags, address, bytes, block, blocks, family
MAGIC = (0x0A324655, 0x9E5D5157)
END_MAGIC = struct.pack("<I", 0x0AB16F30)
HAS_FAMILY = 0x2000
DATA_BYTES = 476  # at most, in a block
FLASH_START = 0x1000_0000
KEPT_START = FLASH_START + 640 * 1024  # firmware/frozen/pico/mpconfigboard.h: the rest is journal and settings
CHIP_BY_FAMILY = {0xE48BFF56: "RP2040", 0xE48BFF59: "RP2350"}
DRIVE_BY_CHIP = {"RP2040": "RPI-RP2", "RP2350": "RP2350"}  # its label, and Board-ID in INFO_UF2.TXT
ABSOLUTE_FAMILY = 0xE48BFF57  # a block that the RP2350's erratum E10 needs: no part of the image
OURS = b"centesimo_board"  # the name of a frozen package
INFO = "INFO_UF2.TXT"
LOOK_S = 0.2


class Image(NamedTuple):
    """A firmware file that was looked at: its bytes, and the chip that it is for."""

    raw: bytes
    chip: str


def read_image(path: Path) -> Image:
    """Return a UF2 of ours; LoadError says what is wrong with it: no UF2, cut off, for another chip, not ours."""
    try:
        raw = read_file(path, MOST_BYTES)
    except OSError as error:
        raise LoadError(f"{path}: cannot be read: {error.strerror}") from error
    if not raw or len(raw) % BLOCK_BYTES:
        raise LoadError(f"{path}: expected a UF2 of whole blocks of {BLOCK_BYTES} bytes, got {len(raw)} bytes")
    image, families, count, total = b"", set(), 0, 0
    for at in range(0, len(raw), BLOCK_BYTES):
        block = raw[at : at + BLOCK_BYTES]
        *magic, flags, address, size, _, blocks, family = HEAD.unpack_from(block)
        if tuple(magic) != MAGIC or block[-4:] != END_MAGIC or size > DATA_BYTES or not flags & HAS_FAMILY:
            raise LoadError(f"{path}: expected a UF2 for a Pico, got something else in block {at // BLOCK_BYTES}")
        if family == ABSOLUTE_FAMILY:
            continue
        families.add(family)
        if not FLASH_START <= address <= KEPT_START - size:
            raise LoadError(f"{path}: expected only the program, got a block at {address:#x}, where the journal is")
        image, count, total = image + block[HEAD.size : HEAD.size + size], count + 1, blocks
    if count != total:
        raise LoadError(f"{path}: expected {total} blocks, got {count}: copy the file anew")
    chips = {CHIP_BY_FAMILY.get(family, f"{family:#x}") for family in families}
    if len(chips) != 1 or not chips <= set(DRIVE_BY_CHIP):
        raise LoadError(f"{path}: expected a UF2 for one of {', '.join(DRIVE_BY_CHIP)}, got {', '.join(sorted(chips))}")
    if OURS not in image:
        raise LoadError(
            f"{path}: expected a firmware of centesimo; another, as a stock MicroPython, formats the journal"
        )
    return Image(raw, chips.pop())


def drives(chip: str) -> list[Path]:
    """Return the folders where this computer shows a chip's drive, as far as it does so in a usual place."""
    label = DRIVE_BY_CHIP[chip]
    usual = [*Path("/media").glob(f"*/{label}"), *Path("/run/media").glob(f"*/{label}"), Path("/Volumes") / label]
    usual += [Path(f"{letter}:\\") for letter in "DEFGHIJKLMNOPQRSTUVWXYZ"] if os.name == "nt" else []
    return [folder for folder in usual if _is_drive(folder, chip)]


def _is_drive(folder: Path, chip: str) -> bool:
    try:
        info = (folder / INFO).read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    return any(line.strip() == f"Board-ID: {DRIVE_BY_CHIP[chip]}" for line in info.splitlines())


def missing_drive(chip: str, given: Path | None, wait_s: float) -> str:
    """Return what a person is told where no drive of the chip came in time."""
    if given is None:
        return f"no drive of an {chip} within {wait_s:g} s: was BOOTSEL held? Or name its folder with --drive"
    label = DRIVE_BY_CHIP[chip]
    return f"{given}: expected the drive {label} of an {chip}, with its {INFO}, found none within {wait_s:g} s"


def find_drive(chip: str, given: Path | None, wait_s: float) -> Path | None:
    """Return the chip's drive as soon as it is there, the `given` folder or where this computer shows it."""
    end_ms = steady_ms() + int(wait_s * 1000)
    while True:
        seen: Iterable[Path] = [given] if given and _is_drive(given, chip) else [] if given else drives(chip)
        for folder in seen:
            return folder
        if steady_ms() >= end_ms:
            return None
        time.sleep(LOOK_S)


def copy(image: Image, drive: Path, name: str) -> None:
    """Write the file to the drive; LinkError if that fails before all of it is written."""
    try:
        file = (drive / name).open("wb", buffering=0)
        written = file.write(image.raw)
    except OSError as error:
        raise LinkError(f"{drive}: cannot be written: {error.strerror}; copy the file there by hand") from error
    with suppress(OSError), file:  # the chip starts, and its drive goes, as it has the last block
        os.fsync(file.fileno())
    if written != len(image.raw):
        raise LinkError(f"{drive}: took {written} of {len(image.raw)} bytes: copy the file there by hand")


def welcome_of(port: str) -> session.Welcome:
    """Return who answers on a port; LinkError if nobody does."""
    with Port(port) as line:
        return greet(line, session.HostSession(host_id()))


def after(port: str, before: session.Welcome, wait_s: float, ask: Callable[[str], session.Welcome] = welcome_of) -> str:
    """Return the version that the board has now, once it answers; LinkError if it is not as it was."""
    end_ms = steady_ms() + int(wait_s * 1000)
    while True:
        try:
            now = ask(port)
            break
        except LinkError as error:
            if steady_ms() >= end_ms:
                raise LinkError(f"{error}; after a new firmware: unplug it, plug it in, `centesimo boards`") from error
            time.sleep(LOOK_S)
    if now.board_id != before.board_id:
        raise LinkError(f"{port}: expected board {welcome_text(before)}, {welcome_text(now)} answers now")
    if now.last < before.last or now.acknowledged < before.acknowledged:
        raise LinkError(f"{port}: expected the journal up to record {before.last}, it goes up to {now.last} now")
    return version(now)


def version(welcome: session.Welcome) -> str:
    """Return the version of the firmware that answers."""
    return f"{welcome.major}.{welcome.minor}.{welcome.patch}"
