"""TAG Heuer CP 520, 540 and 545: a time as the Communication Protocol 08 (THCOM08) has it.

    Tx_NNNN_SSSS_CC_HH:MM:SS.FFFFF_DDDDD

x is N or blank for a new time, + inserted by hand, = repeated, * another start number, - nobody's, C cancelled (CP 545
User Manual 11/2014, chapter 10). N is the start number, S the sequential number, CC the channel, M1 to M4 by a key;
D are days since 2000-01-01, which a CP 520 does not send.
"""

import re
from datetime import date, timedelta

from centesimo.logs.line import BY_HAND, TAKEN_BACK, TIMED, TYPED, Skipped, Stamp, find_clock_ns

TIME = re.compile(
    r"T([ N\-*+=CI#]) *(?:(\d{1,5}) +)?(?:(\d{1,5}) +)?(M?)(\d{1,2}) +([\d: ]*\d[.,]\d{1,6})(?: +(\d{1,5}))?\s*",
    re.ASCII,
)
OTHERS = {
    "VE": "a speed", "RR": "a line of a ranking", "AK": "an answer", "SN": "a serial number", "!T": "a clock's time",
    "&P": "a setting", "DS": "who did not start", "DF": "who did not finish", "OP": "a run begins", "CL": "a run ends",
}  # fmt: skip
DAY_0 = date(2000, 1, 1)
NUMBER_END = 7  # letters up to the end of NNNN


def read(line: str) -> Stamp | Skipped | None:
    """Return what a line says, None when it is none of a TAG Heuer."""
    line = line.strip("\x02\x03\t\n ")
    if line[:2] in OTHERS and not line[2:3].strip():
        return Skipped(OTHERS[line[:2]])
    match = TIME.fullmatch(line)
    if match is None:
        return None
    mark, number, _, by_key, channel, clock, days = match.groups()
    if mark == "I":
        return Skipped("TI, of which no manual says what it is")
    clock_ns = find_clock_ns(_without_blanks(clock))
    if clock_ns is None or int(channel) == 0:
        return None
    day = DAY_0 + timedelta(days=int(days)) if days and int(days) else None
    is_start_number = match[3] is not None or match.end(2) <= NUMBER_END  # alone behind it, it is the sequential one
    known = int(number) if number and int(number) and is_start_number and mark not in "-#" else None
    kind = TAKEN_BACK if mark == "C" else TYPED if mark in "+=" else BY_HAND if by_key else TIMED
    return Stamp(by_key + str(int(channel)), known, clock_ns, day, kind, mark in "*-")


def _without_blanks(clock: str) -> str:
    """Return a clock's time with what a CP 520 leaves blank before one o'clock, the zeros of hours and minutes."""
    parts = [part.strip() or "00" for part in clock.split(":")]
    hours, minutes, seconds = ["00", "00", *parts][-3:] if len(parts) <= 3 else ("", "", "")
    return f"{hours}:{minutes.zfill(2)}:{seconds if seconds[1:2].isdigit() else '0' + seconds}"
