"""The store: how long 30,000 records (a full board) take to be stored as collect does it, 400,000 to be read back."""

import tempfile
import time
from pathlib import Path

from centesimo.collect import BLOCK_RECORDS
from centesimo.store import Store
from protocol import record

BOARD_RECORDS = 30_000
BOARDS = 4
EVENT_RECORDS = 400_000  # 100,000 passages of four edges


def run() -> list[tuple[str, float, str]]:
    """Return (what, value, unit) of storing a full board in commits of a block, and of reading a whole event."""
    raws = [record.pack(record.Edge(n, 1, n * 1000, 1, n, 3, 0, 1)) for n in range(1, EVENT_RECORDS // BOARDS + 1)]
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        store = Store.open(Path(folder) / "new.sqlite")
        made_s = time.perf_counter() - start
        start = time.perf_counter()
        for at in range(0, BOARD_RECORDS, BLOCK_RECORDS):
            store.add_records("0" * 16, "port", raws[at : min(at + BLOCK_RECORDS, BOARD_RECORDS)], 0)
        stored_s = time.perf_counter() - start
        for board in range(BOARDS):
            store.add_records(f"{board:016x}", "port", raws, 0)
        start = time.perf_counter()
        count = sum(len(found) for found in store.records().values())
        read_s = time.perf_counter() - start
        store.close()
    return [
        ("make a store", made_s, "s"),
        (f"store {BOARD_RECORDS:,} records in commits of {BLOCK_RECORDS}", stored_s, "s"),
        (f"read {count:,} records", read_s, "s"),
    ]


if __name__ == "__main__":
    from bench.__main__ import main

    main(["store"])
