"""RACE RESULT decoders: a passing record, as their knowledge base has it (Decoder Communication Protocol).

    PassingNo;Bib/TranspCode;Date;Time;[EventID];Hits;MaxRSSI;...;IsActive;[Channel];[LoopID];...

The channel of event.toml is the loop, or "" (written "0") where a passive mat has none. A date of 0000-00-00 is that
of a decoder without GPS.
"""

import re
from datetime import date

from centesimo.logs.line import Skipped, Stamp, find_clock_ns

LOOP = 10
DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
MARKER = "99999"  # the bib of a marker that a key of the decoder sets


def read(line: str) -> Stamp | Skipped | None:
    """Return what a passing record says, None when it is none."""
    cells = line.strip().removeprefix("#P;").split(";")
    if len(cells) < 7 or not (cells[0].isascii() and cells[0].isdigit()):
        return None
    clock_ns, dated = find_clock_ns(cells[3]), DATE.fullmatch(cells[2])
    if clock_ns is None or (cells[2] and dated is None):
        return None
    try:
        day = date(*map(int, dated.groups())) if dated and dated[1] != "0000" else None
    except ValueError:
        return None
    if cells[1] == MARKER:
        return Skipped("a marker")
    loop = cells[LOOP] if len(cells) > LOOP else ""
    bib = int(cells[1]) if cells[1].isascii() and cells[1].isdigit() and len(cells[1]) <= 5 else None
    return Stamp(loop or "0", bib or None, clock_ns, day)
