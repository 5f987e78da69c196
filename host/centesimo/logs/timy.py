"""ALGE Timy, Timy2, Timy3 and TdC 8000/8001: a line as the manual has it, chapter RS232 Interface.

    yNNNNxCCCxHH:MM:SS.zhtqxGGRRRR(CR)

y is blank or a mark: ? no valid start number, m from memory, c cleared, C memory time cleared, d disqualified, i typed
with <INPUT>, n new start number; x of another Timy, t corrected for radio. The manual's own sample output writes a
comma before the fraction and at times a blank behind the mark; a PC-Timer writes the running time alone as well.
"""

import re

from centesimo.logs.line import BY_HAND, TAKEN_BACK, TIMED, TYPED, Skipped, Stamp, find_clock_ns

LINE = re.compile(
    r"([ ?mcCdinxt]?) *(\d{1,5}|NNNN)? +((?i:c[0-8]|RT|TT|SQ|kmh|km/h|m/s|mph))(M?) +(\S+)(?: +[\d ]*)?\s*", re.ASCII
)
RUNNING = re.compile(r" *(?:\d{1,5} +)?[\d:]{1,8}(?:[.,]\d)? *", re.ASCII)  # the time that runs on the display
NEXT = re.compile(r"n\d{1,5} *", re.ASCII)  # whom a TdC expects next
COMPUTED = {"rt": "a run time", "tt": "a total time", "sq": "a lap time"}


def read(line: str) -> Stamp | Skipped | None:
    """Return what a line says, None when it is none of a Timy."""
    match = LINE.fullmatch(line)
    if match is None:
        return _without_time(line)
    mark, number, channel, by_key, clock = match.groups()
    if not channel.lower().startswith("c"):
        return Skipped(COMPUTED.get(channel.lower(), "a speed"))
    clock_ns = find_clock_ns(clock)
    if clock_ns is None or (number is None and mark != "?"):
        return None
    known = int(number) if number and number.isdigit() and mark not in ("?", "m") and int(number) else None
    kind = TAKEN_BACK if mark in ("c", "C", "d") else TYPED if mark == "i" else BY_HAND if by_key else TIMED
    return Stamp(channel.lower() + by_key.upper(), known, clock_ns, None, kind, mark == "n")


def _without_time(line: str) -> Skipped | None:
    if NEXT.fullmatch(line):
        return Skipped("who is expected next")
    return Skipped("the running time") if RUNNING.fullmatch(line) else None
