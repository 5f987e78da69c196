"""A day of the small event, timed by a sheet of hand times: every number follows from it by RDS art. 8.20 and 1.YY.

Crew 1   time control in its minute, PC1 3/100 late, PC2 exact: 3 x 1.34 = 4.02
Crew 2   a minute late, PC1 2/100 early, PC2 7/100 late: (100 + 2 + 7) x 1.37 = 149.33
Crew 3   not seen at A2: PC1 and PC2 open, no place
Crew 11  everything exact: 0.00
Crew 12  PC1 5/100 late: 5 x 1.23 = 6.15
Each instant lies 5 ms inside its hundredth and is known to 1 ms, so that nothing is in doubt.
"""

from pathlib import Path

from centesimo.store import STORE_NAME, Store
from centesimo.store.load_passages import load_passages
from tests.events import FILES, event, write

LOADED_AT_NS = 1_811_080_800_000_000_000  # 14:00 UTC of the leg's day
ROWS = """\
C1,1,09:10:20.005
A1,1,09:15:00.005
A2,1,09:15:30.035
A3,1,09:15:42.285
C1,2,09:12:10.005
A1,2,09:16:05.005
A2,2,09:16:34.985
A3,2,09:16:47.305
C1,3,09:12:30.005
A1,3,09:17:10.005
A3,3,09:17:55.005
C1,11,09:20:00.005
A1,11,09:25:00.005
A2,11,09:25:30.005
A3,11,09:25:42.255
C1,12,09:20:45.005
A1,12,09:25:40.505
A2,12,09:26:10.555
A3,12,09:26:22.805
"""
MISSING = "A2,3,09:17:40.005\n"  # found later: PC1 exact; PC2 15.00 instead of 12.25: 275; 275 x 1.51 = 415.25


def load_rows(folder: Path, rows: str) -> None:
    """Load rows of timing point, start number and time of day into the store of an event folder."""
    sheet = folder / "sheet.csv"
    lines = "".join(f"{row},hand,0.001\n" for row in rows.splitlines())
    sheet.write_text("timing_point,start_number,time_of_day,source,uncertainty_s\n" + lines, encoding="utf-8")
    store = Store.open(folder / STORE_NAME)
    load_passages(store, event(), sheet, LOADED_AT_NS)
    store.close()
    sheet.unlink()


def make(folder: Path, files: dict[str, str] = FILES) -> Path:
    """Write the event and its day into a folder and return it."""
    load_rows(write(folder, files), ROWS)
    return folder
