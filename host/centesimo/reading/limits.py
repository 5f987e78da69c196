"""How large what people write may be; docs/security.md states each number. What is above is refused by name.

A file is read only where it is one: a pipe would wait for ever, a device never ends.
"""

import errno
from collections.abc import Iterable
from pathlib import Path

MOST_BYTES = 4_000_000  # of one file of an event folder: an entry list of 10,000 crews has 1 MB
MOST_FILES = 500  # of one kind in a folder
MOST_DEPTH = 16  # tables and arrays of a TOML file inside each other: an event has 4
MOST_MISTAKES = 300  # that are said of one folder; more are counted
MOST_UNKNOWN = 50  # keys of one table for which a likely name is looked for
MOST_COLUMNS = 200  # of a CSV


def read_file(path: Path, most: int = MOST_BYTES) -> bytes:
    """Return the bytes of a file; OSError when it is none, or larger than `most` bytes."""
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "a device, a pipe or a folder")
    with path.open("rb") as file:
        raw = file.read(most + 1)
    if len(raw) > most:
        raise OSError(errno.EFBIG, f"more than {most} bytes")
    return raw


def is_deep(value: object, most: int = MOST_DEPTH) -> bool:
    """Say whether tables and arrays lie deeper in each other than `most`; looks at no more than one level beyond."""
    level: list[object] = [value]
    for _ in range(most + 1):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return False
    return True


def _inside(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return [inner for inner in value.values() if isinstance(inner, dict | list)]
    return [inner for inner in value if isinstance(inner, dict | list)] if isinstance(value, list) else ()
