"""The files of an event folder as texts: UTF-8, their ends of line and byte order marks kept as they are."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

from centesimo.model.errors import EventError
from centesimo.reading.hidden_characters import WITHOUT, has_hidden, visible
from centesimo.reading.limits import MOST_FILES, read_file
from centesimo.reading.toml_tables import Problems, as_toml

# How files begin that people take for text, and what they are.
NO_TEXTS = (
    (b"PK\x03\x04", "a spreadsheet (Excel, LibreOffice) or another zip file"),
    (b"\xd0\xcf\x11\xe0", "a spreadsheet of an old Excel"),
    (b"\xff\xfe", "text in UTF-16"),
    (b"\xfe\xff", "text in UTF-16"),
    (b"%PDF", "a PDF"),
)


def prefix_of(folder: Path) -> str:
    """Return what stands before a file's name in messages: "demo/event/", or nothing for the folder one is in."""
    return "" if folder == Path() else f"{folder.as_posix().rstrip('/')}/"


def names_in(folder: Path, pattern: str) -> list[str]:
    """Return the names, relative to the folder, of what matches a glob pattern, in the order of the alphabet.

    Hidden files are left out: some systems put them beside every file on a USB stick. EventError when the folder that
    they would be in may not be read.
    """
    within = (folder / pattern).parent
    try:
        if within.exists():
            os.listdir(within)  # glob says nothing of a folder that it may not read
    except OSError as error:
        raise EventError([f"{within.as_posix()}: expected a folder that can be read, got: {error.strerror}"]) from error
    names = sorted(path.relative_to(folder).as_posix() for path in folder.glob(pattern) if path.name[0] != ".")
    if len(names) > MOST_FILES:
        where = within.as_posix()
        raise EventError([f"{where}: expected at most {MOST_FILES} files {pattern}, got {len(names)}"])
    return names


def read_texts(folder: Path, names: list[str], problems: Problems) -> dict[str, str]:
    """Return the texts of these files by name; those that are missing or cannot be read are noted and left out."""
    texts = {name: find_text(name, partial(read_file, folder / name), problems) for name in names}
    return {name: text for name, text in texts.items() if text is not None}


def find_text(name: str, read: Callable[[], bytes], problems: Problems) -> str | None:
    """Return the text of a file whose bytes `read` gives; None if it is missing or cannot be read, which is noted."""
    if has_hidden(name):
        problems.add(visible(name), 0, f"expected the name of a file {WITHOUT}, got {as_toml(name)}")
        return None
    try:
        raw = read()
        for begin, what in NO_TEXTS:
            if raw.startswith(begin):
                problems.add(name, 0, f"expected text in UTF-8, got {what}: save a sheet as CSV in UTF-8")
                return None
        return raw.decode()
    except FileNotFoundError:
        problems.add(name, 0, "expected a file, got none")
    except OSError as error:
        problems.add(name, 0, f"expected a file that can be read, got: {error.strerror}")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        why = f"expected text in UTF-8, got the byte 0x{raw[error.start]:02x}; save the file as UTF-8"
        problems.add(name, line, why)
    return None
