"""Logs of other makers' devices: each line read as its maker documents it.

A maker's module reads one line; this one knows the formats and what became of a time that the device itself changed
later: cleared, given another number. docs/device-logs.md has each format's line and what it was tried with.
"""

from collections.abc import Callable
from typing import NamedTuple

from centesimo.logs import race_result, tag_heuer, timy
from centesimo.logs.line import BY_HAND, TAKEN_BACK, TIMED, TYPED, Skipped, Stamp

MOST_LINE = 400  # letters of a line: a passing record of RACE RESULT has 150


class Format(NamedTuple):
    """One maker's lines: what they are called, and what reads one of them."""

    title: str
    read: Callable[[str], Stamp | Skipped | None]  # None: no line of this format
    line: str  # as a message shows it


FORMATS = {
    "timy": Format("ALGE Timy or TdC", timy.read, " 0001 c0  15:43:49,8863 00"),
    "tag-heuer": Format("TAG Heuer CP 520, 540 or 545", tag_heuer.read, "TN    4    1  8:35:09.75300  8830"),
    "race-result": Format("RACE RESULT decoder", race_result.read, "1;34;2027-05-23;10:50:00.477;0;72;127"),
}


class Standing(NamedTuple):
    """What stands of a log: each time with the line that gave it, lines that the device took back, and the others."""

    stamps: tuple[tuple[int, Stamp], ...]  # line from 1, in the order of the log
    taken_back: int
    skipped: dict[str, int]  # why -> lines
    unread: tuple[int, ...]  # lines that the format does not have
    orphans: tuple[int, ...]  # lines that take back a time which no line before gave


def find_format(text: str) -> str | None:
    """Return the format whose lines most of a text are, None when it is none of them."""
    lines = [line for line in split(text)[:200] if line.strip()]
    counts = {name: sum(_read(name, line) is not None for line in lines) for name in FORMATS}
    best = max(counts, key=lambda name: counts[name])
    return best if lines and counts[best] * 2 > len(lines) else None


def split(text: str) -> list[str]:
    """Return the lines of a log: a device ends them by CR, a program by LF or both."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def standing(text: str, form: str) -> Standing:
    """Return what stands of a log at its end, as its device left it."""
    stamps: dict[int, Stamp] = {}
    skipped: dict[str, int] = {}
    unread, orphans, taken_back = [], [], 0
    for place, line in enumerate(split(text), 1):
        read = _read(form, line) if line.strip() else Skipped("")
        if read is None:
            unread.append(place)
        elif isinstance(read, Skipped):
            if read.why:
                skipped[read.why] = skipped.get(read.why, 0) + 1
        elif read.kind == TAKEN_BACK or read.renumbers:
            earlier = _find_same(stamps, read)
            if read.renumbers:  # of a time that was taken back from a number before, it gives the time anew
                stamps[earlier or place] = (
                    read if earlier is None else stamps[earlier]._replace(start_number=read.start_number)
                )
            elif earlier is None:
                orphans.append(place)
            else:
                del stamps[earlier]
                taken_back += 1
        else:
            stamps[place] = read
    return Standing(tuple(stamps.items()), taken_back, skipped, tuple(unread), tuple(orphans))


def _read(form: str, line: str) -> Stamp | Skipped | None:
    return FORMATS[form].read(line) if len(line) <= MOST_LINE else None


def _find_same(stamps: dict[int, Stamp], read: Stamp) -> int | None:
    """Return the line of the newest time that is this one's, of the same number where a time is taken back."""
    for place in reversed(stamps):
        at = stamps[place]
        if (at.channel, at.clock_ns, at.day) == (read.channel, read.clock_ns, read.day) and (
            read.renumbers or read.start_number is None or at.start_number in (None, read.start_number)
        ):
            return place
    return None


__all__ = ["BY_HAND", "FORMATS", "TAKEN_BACK", "TIMED", "TYPED", "Skipped", "Stamp", "Standing", "find_format"]
