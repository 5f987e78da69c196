"""What a folder's event is read from, as bytes: whether anything in it changed is seen by them, never by a clock."""

from pathlib import Path

from centesimo.check.entries import FILE as ENTRIES
from centesimo.check.lists import PATTERN as LISTS
from centesimo.check.regroups import ORDERS_FOLDER
from centesimo.reading.limits import read_file

PATTERNS = ("*.toml", ENTRIES, f"{ORDERS_FOLDER}/*.csv", LISTS)

Contents = dict[str, bytes | None]  # by name, relative to the folder; None: it cannot be read


def contents(folder: Path) -> Contents:
    """Return what is in the files that check_folder reads; nothing where the folder itself cannot be read."""
    names = {path.relative_to(folder).as_posix(): path for pattern in PATTERNS for path in folder.glob(pattern)}
    for path in (folder / "lists").rglob("*"):  # what is no list there is said
        names.setdefault(path.relative_to(folder).as_posix(), path)
    return {name: _find_bytes(path) for name, path in sorted(names.items())}


def _find_bytes(path: Path) -> bytes | None:
    try:
        return read_file(path)
    except OSError:
        return None
