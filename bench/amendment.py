"""One amendment, and one more passage, on a day that is computed already: what the new rankings cost.

The day is that of bench/day.py; figures are processor time, the least of a few turns. The amendments touch little (a
passage voided in the middle of the day), one control (cancelled for all) and one crew (excluded); the passage is one
more car on a tube in the middle of the day. "followed" is such a passage as a live page takes it: the store gives what
is new of it, the facts get their revision, and the rankings follow.
"""

import gc
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from bench.day import make_day
from centesimo.amend import made
from centesimo.check import read_event
from centesimo.compute import Computation, Facts
from centesimo.gather import Gatherer
from centesimo.model.decisions import Decision
from centesimo.store import Store
from centesimo_protocol import record

CREWS = (125, 500)
BOARD = 25  # in the middle of the day
REPEATS = 3


def run() -> list[tuple[str, float, str]]:
    """Return the figures, by size of the day: the best of a few turns, each from the same computed day."""
    rows: list[tuple[str, float, str]] = []
    for crews in CREWS:
        with tempfile.TemporaryDirectory() as folder:
            make_day(Path(folder), crews)
            facts = facts_of(Path(folder))
        computation = Computation()
        started = time.process_time()
        count = len(computation.outcome(facts).passages)
        rows.append((f"{count:,} passages: cold", (time.process_time() - started) * 1000, "ms CPU"))
        for what, changed in changes(facts, computation).items():
            spent_ms = min(timed_ms(computation, facts, changed) for _ in range(REPEATS))
            rows.append((f"{count:,} passages: {what}", spent_ms, "ms CPU"))
        rows += [(f"{count:,} passages: followed, {what}", spent_ms, "ms CPU") for what, spent_ms in followed(crews)]
    return rows


def followed(crews: int) -> list[tuple[str, float]]:
    """Return what each step costs that a live page takes from one more passage in the store to new rankings, in ms."""
    spent_by_step: dict[str, list[float]] = {"the facts": [], "their revision": [], "the rankings": []}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_day(folder, crews)
        with closing(Store.open(folder / "centesimo.sqlite")) as store:
            gatherer, computation = Gatherer(folder, store), Computation()
            computation.outcome(gatherer.facts())
            gatherer.revision()
            for turn in range(REPEATS):
                board = f"{BOARD + turn:016x}"
                store.add_records(board, "bench", _one_more(store.records_of(board))[-2:], 1)
                clock = Laps()
                facts = gatherer.facts()
                spent_by_step["the facts"].append(clock.lap_ms())
                gatherer.revision()
                spent_by_step["their revision"].append(clock.lap_ms())
                computation.outcome(facts)
                spent_by_step["the rankings"].append(clock.lap_ms())
    return [(step, min(spent)) for step, spent in spent_by_step.items()]


class Laps:
    """Processor time from lap to lap."""

    def __init__(self) -> None:
        self._last_s = time.process_time()

    def lap_ms(self) -> float:
        """Return the processor time since the last lap."""
        before_s, self._last_s = self._last_s, time.process_time()
        return (self._last_s - before_s) * 1000


def facts_of(folder: Path) -> Facts:
    """Return the facts of the day in a folder."""
    store = Store.open(folder / "centesimo.sqlite")
    facts = Facts(read_event(folder), (), store.records(), tuple(store.passages()))
    store.close()
    return facts


def changes(facts: Facts, computation: Computation) -> dict[str, Facts]:
    """Return the facts with one decision or passage more, by what it is."""
    board = f"{BOARD:016x}"
    middle = [
        passage for passage in computation.outcome(facts).passages if passage.edges and passage.edges[0].board == board
    ]
    voided = middle[len(middle) // 2].id
    return {
        "nothing": facts,
        "a passage voided": _amended(facts, made("void", "clerk", "bench", 1, passage=voided)),
        "a control cancelled": _amended(facts, made("cancel", "clerk", "bench", 1, control="PC20-1")),
        "a crew excluded": _amended(facts, made("exclude", "clerk", "bench", 1, start_number=7)),
        "one more passage": facts._replace(records={**facts.records, board: _one_more(facts.records[board])}),
    }


def _amended(facts: Facts, decision: Decision) -> Facts:
    return facts._replace(decisions=(decision,))


def _one_more(raws: Sequence[bytes]) -> tuple[bytes, ...]:
    """Return a journal with one more car at its end."""
    last = record.unpack(raws[-1])
    at_us = last.counter_us + 30_000_000
    more = [
        record.pack(record.Edge(last.sequence + 1 + n, 1, at_us + n * 200_000, 1, 60_000 + n, record.LOCKED, 0, 2))
        for n in range(2)
    ]
    return (*raws, *more)


def timed_ms(computation: Computation, before: Facts, after: Facts) -> float:
    """Return the processor time of one change, from the computed day before it, in ms."""
    computation.outcome(before)
    gc.collect()
    clock = Laps()
    computation.outcome(after)
    return clock.lap_ms()


if __name__ == "__main__":
    from bench.__main__ import main

    main(["amendment"])
