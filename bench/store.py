"""The store: how long 30,000 records (a full board) take to be stored as collect does it, 400,000 to be read back.

As collect does it: in commits of a block, each with the bytes that it came in.
"""

import tempfile
import time
from pathlib import Path

from centesimo.collect import BLOCK_RECORDS
from centesimo.store import Store
from centesimo.store.raw_archive import Tape
from centesimo_protocol import record, session

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
        blocks = [raws[at : min(at + BLOCK_RECORDS, BOARD_RECORDS)] for at in range(0, BOARD_RECORDS, BLOCK_RECORDS)]
        came = [b"".join(map(_frame, _pieces(block))) for block in blocks]
        tape = Tape("port", bytes(8), "", time.time_ns)
        start = time.perf_counter()
        for block, chunk in zip(blocks, came, strict=True):
            tape.received(chunk)
            store.add_records("0" * 16, "port", block, 0, part=tape.cut("0" * 16, time.time_ns()))
        stored_s = time.perf_counter() - start
        for board in range(BOARDS):
            store.add_records(f"{board:016x}", "port", raws, 0)
        start = time.perf_counter()
        count = sum(len(of_board) for of_board in store.records().values())
        read_s = time.perf_counter() - start
        store.close()
    return [
        ("make a store", made_s, "s"),
        (f"store {BOARD_RECORDS:,} records in commits of {BLOCK_RECORDS}", stored_s, "s"),
        (f"read {count:,} records", read_s, "s"),
    ]


def _pieces(block: list[bytes]) -> list[list[bytes]]:
    return [block[at : at + session.RECORDS_MAX] for at in range(0, len(block), session.RECORDS_MAX)]


def _frame(raws: list[bytes]) -> bytes:
    return session.encode(session.Records(1, b"".join(raws)))


if __name__ == "__main__":
    from bench.__main__ import main

    main(["store"])
