"""The event's logo in the head of each printed page: read from the event folder, refused where it is none."""

from pathlib import Path

from centesimo.model.errors import TimingError
from centesimo.reading.limits import read_file

LARGEST = 300_000  # bytes: 1,000 x 1,000 points as PNG
_BEGINNINGS = {".png": b"\x89PNG\r\n\x1a\n", ".jpg": b"\xff\xd8\xff", ".jpeg": b"\xff\xd8\xff"}


def read_logo(folder: Path, name: str) -> bytes:
    """Return the bytes of the logo, b"" where the event names none; TimingError where it cannot be printed."""
    if not name:
        return b""
    path = folder / name
    try:
        raw = read_file(path, LARGEST)
    except OSError as error:
        what = f"expected the logo of event.toml, a PNG or JPEG of at most {LARGEST} bytes"
        raise TimingError(f"{path}: {what}, got: {error.strerror or error}") from error
    if not raw.startswith(_BEGINNINGS[path.suffix.lower()]):
        raise TimingError(f"{path}: expected a picture that is what its name says, got other bytes")
    return raw
