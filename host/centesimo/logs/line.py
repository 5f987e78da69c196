"""What one line of a device's log says: a time, or something that is none."""

import re
from datetime import date
from typing import NamedTuple

TIMED = "timed"  # by an input of the device
BY_HAND = "by hand"  # by a key of the device
TYPED = "typed"  # keyed in as digits
TAKEN_BACK = "taken back"  # cleared or disqualified at the device
CLOCK = re.compile(r"(\d{1,2}):([0-5]\d):([0-5]\d)(?:[.,](\d{1,9}))?", re.ASCII)
NS_PER_S = 1_000_000_000


class Stamp(NamedTuple):
    """A time that the device gave, by its own clock."""

    channel: str  # as event.toml names it: "c0", "1"; "" where the format has none
    start_number: int | None  # as the device counted or was told; None: it says that it does not know
    clock_ns: int  # since midnight
    day: date | None = None  # by its own calendar; None: the line has no date
    kind: str = TIMED
    renumbers: bool = False  # the time that was given before has this start number now, or none


class Skipped(NamedTuple):
    """A line of the format that is no passage, and why; "": an empty line."""

    why: str


def find_clock_ns(written: str) -> int | None:
    """Return a time of day, H:MM:SS.f, in ns since midnight; None when it is none."""
    match = CLOCK.fullmatch(written)
    if match is None or int(match[1]) > 23:
        return None
    seconds = (int(match[1]) * 60 + int(match[2])) * 60 + int(match[3])
    return seconds * NS_PER_S + int((match[4] or "").ljust(9, "0"))
