"""A week in the field, accelerated: how many crossings lie outside the stated uncertainty, and what memory is used.

"at once" counts only the records written before the crossing, as a host that follows live has them; it is measured for
the first day, which has the cold start and the leap second.
"""

import time

from centesimo_protocol import record
from centesimo_virtual.board import VirtualBoard
from centesimo_virtual.proof import Held, fetch, held, held_at_crossing
from centesimo_virtual.scenario import NS
from centesimo_virtual.soak import CROWD_S, DAY_S, MIDNIGHT_S, START_NS, WEEK_H, soak

READY_S = 3600.0


def run() -> list[tuple[str, float, str]]:
    """Return (what, value, unit) of the week that virtual/centesimo_virtual/soak.py describes."""
    scenario = soak(WEEK_H)
    start = time.perf_counter()
    with VirtualBoard(scenario) as board:
        board.wait_until_ready(READY_S)
        memory = [used for _, used in board.memory]
        records = fetch(board)
    took_s = time.perf_counter() - start
    stamps = held(scenario, records)
    at_once = held_at_crossing(scenario, [entry for entry in records if entry.counter_us < DAY_S * 1_000_000])
    around = [stamp for stamp in at_once if abs(stamp.true_at_ns - START_NS - MIDNIGHT_S * NS) <= CROWD_S * NS]
    day = len(memory) // 7
    return [
        ("crossings in 7 days", len(scenario.crossings), ""),
        ("of them outside the stated uncertainty, or missing", _wrong(len(scenario.crossings), stamps), ""),
        ("most of the stated uncertainty used", _most_used(stamps), "%"),
        ("crossings within 20 s of the leap second", len(around), ""),
        ("of them outside, at once", _wrong(len(around), around), ""),
        ("records", len(records), ""),
        ("of them corrections", sum(isinstance(entry, record.Correction) for entry in records), ""),
        ("of them leap seconds", sum(isinstance(entry, record.LeapSecond) for entry in records), ""),
        ("memory in use, least of the first day", min(memory[:day], default=0), "bytes"),
        ("memory in use, least of the last day", min(memory[-day:], default=0), "bytes"),
        ("time it took", took_s, "s"),
    ]


def _most_used(stamps: list[Held]) -> float:
    return max(100 * abs(stamp.error_ns) / stamp.uncertainty_ns for stamp in stamps)


def _wrong(crossings: int, stamps: list[Held]) -> int:
    return crossings - sum(stamp.inside for stamp in stamps)


if __name__ == "__main__":
    from bench.__main__ import main

    main(["soak"])
