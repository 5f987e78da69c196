"""Limits of what people write: what is above is refused by name, within seconds, and never by an error of Python's."""

import os
import resource
import time

import pytest

from centesimo.check import read_event
from centesimo.model.errors import EventError
from centesimo.reading import limits
from tests.events import FILES, write

EVENT, RULES, ENTRIES = "event.toml", "rules.toml", "entries.csv"
UNKNOWN = "".join(f"k{number} = 1\n" for number in range(30_000))
PARTS = "\n" + ".".join("a" * 5000) + " = 1\n"
PATIENCE_S = 30  # of processor time, on any machine; the worst took 94 s before, or did not end

# name, the file, what stands behind its text, what is said; all of it failed or took minutes before.
CASES = [
    ("30,000 unknown keys", EVENT, f"\n[more]\n{UNKNOWN}", "got more"),
    ("30,000 unknown keys of a rule book", RULES, UNKNOWN, "more unknown ones"),
    ("a key of 5,000 parts", EVENT, PARTS, "deeper than 16 in each other"),
    ("a key of 5,000 parts of a rule book", RULES, PARTS, "deeper than 16 in each other"),
    ("a deep array", EVENT, "\nx = " + "[" * 50_000, "expected TOML"),
    ("a deep array with its end", EVENT, "\nx = " + "[" * 900 + "]" * 900, "expected TOML"),
    ("30,000 wrong lines", ENTRIES, "x,y,z\n" * 30_000, "mistakes more"),
    ("a file that is too large", ENTRIES, "1" * (limits.MOST_BYTES + 1), "more than 4000000 bytes"),
    ("half a character", ENTRIES, "4,classic,\udcff,Fiat,1950,T\n", "expected text in UTF-8"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "more", "says"), [row[1:] for row in CASES], ids=[row[0] for row in CASES])
def test_what_is_too_large_is_refused_within_seconds(tmp_path, name, more, says):
    folder = write(tmp_path / "event")
    (folder / name).write_bytes((FILES[name] + more).encode(errors="surrogateescape"))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    with pytest.raises(EventError) as refused:
        read_event(folder)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - before < PATIENCE_S
    assert says in str(refused.value)
    assert len(str(refused.value).splitlines()) <= limits.MOST_MISTAKES + 1


@pytest.mark.parametrize("name", [EVENT, RULES, ENTRIES])
@pytest.mark.parametrize("kind", ["a pipe", "a device", "a folder"])
def test_what_is_no_file_is_never_read(tmp_path, name, kind):
    folder = write(tmp_path / "event")
    (folder / name).unlink()
    if kind == "a pipe":
        os.mkfifo(folder / name)
    elif kind == "a device":
        (folder / name).symlink_to("/dev/zero")
    else:
        (folder / name).mkdir()
    begun = time.monotonic()
    with pytest.raises(EventError, match="a device, a pipe or a folder"):
        read_event(folder)
    assert time.monotonic() - begun < 60


def test_a_folder_of_too_many_files_is_refused(tmp_path):
    folder = write(tmp_path / "event")
    for number in range(limits.MOST_FILES + 1):
        (folder / f"book{number}.toml").touch()
    with pytest.raises(EventError, match=r"expected at most 500 files \*.toml, got 50"):
        read_event(folder)


def test_a_header_of_too_many_columns_is_refused(tmp_path):
    folder = write(tmp_path / "event")
    (folder / ENTRIES).write_text(",".join(f"c{number}" for number in range(30_000)) + "\n")
    with pytest.raises(EventError, match="expected at most 200 columns, got 30000"):
        read_event(folder)
