"""A week in the field, accelerated: how many crossings lie outside the stated uncertainty, and what memory is used."""

import time

from virtual.board import VirtualBoard
from virtual.proof import Held, fetch, held
from virtual.soak import WEEK_H, soak

READY_S = 3600.0


def run() -> list[tuple[str, float, str]]:
    """Return (what, value, unit) of the week that virtual/soak.py describes."""
    scenario = soak(WEEK_H)
    start = time.perf_counter()
    with VirtualBoard(scenario) as board:
        board.wait_until_ready(READY_S)
        memory = [used for _, used in board.memory]
        records = fetch(board)
    took_s = time.perf_counter() - start
    found = held(scenario, records)
    day = len(memory) // 7
    return [
        ("crossings in 7 days", len(scenario.crossings), ""),
        ("of them outside the stated uncertainty, or missing", _wrong(len(scenario.crossings), found), ""),
        ("most of the stated uncertainty used", max(100 * abs(x.error_ns) / x.uncertainty_ns for x in found), "%"),
        ("records", len(records), ""),
        ("memory in use, least of the first day", min(memory[:day], default=0), "bytes"),
        ("memory in use, least of the last day", min(memory[-day:], default=0), "bytes"),
        ("time it took", took_s, "s"),
    ]


def _wrong(crossings: int, found: list[Held]) -> int:
    return crossings - sum(one.inside for one in found)


if __name__ == "__main__":
    from bench.__main__ import main

    main(["soak"])
