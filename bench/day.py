"""A whole day, cold: open the store, edges, passages, match, score, rank; time and memory, and how both grow.

The day has 200 timing points on 50 boards (40 chains of five points) and up to 500 crews that drive all of them; every
passage is two edges, front and rear axle. Each size runs in a process of its own, whose peak memory is the figure;
processor time is there too, as other programs may want the machine. bench/million.py is the same day ten times as long.
"""

import json
import random
import resource
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time
from binascii import crc32
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from centesimo.check import read_event
from centesimo.compute import Facts, Outcome, compute
from centesimo.store import Store
from centesimo_protocol import record

SIZES = ((125, 40), (250, 40), (500, 40))  # crews, chains
POINTS = 5
CHAIN_EVERY_MIN = 15
IDEAL_S = (20, 25, 15, 30)
INTERVAL_S = 60
REPEATS = 3
CPU, MEMORY = "processor time of it", "peak memory"
FIRST_S = 1_810_360_800  # 2027-05-15T06:00:00Z
LEAD_S = 3600  # so long before the first start the boards were switched on: their counters stood at 0


def run() -> list[tuple[str, float, str]]:
    """Return the figures, by size of the day, and how they grow from the first to the last."""
    return figures(SIZES)


def figures(sizes: Sequence[tuple[int, int]]) -> list[tuple[str, float, str]]:
    """Return the figures of days of so many crews and chains, smallest first."""
    rows: list[tuple[str, float, str]] = []
    days = [_in_own_process(crews, chains) for crews, chains in sizes]
    for day in days:
        count = f"{day['passages'][0]:,.0f} passages: "
        rows += [(count + what, value, unit) for what, (value, unit) in day.items() if what != "passages"]
    first, last = days[0], days[-1]
    grown = {what: last[what][0] / first[what][0] for what in ("passages", CPU, MEMORY)}
    rows += [
        (f"from {first['passages'][0]:,.0f} to {last['passages'][0]:,.0f} passages: {what}", times, "times")
        for what, times in grown.items()
    ]
    return rows


def _in_own_process(crews: int, chains: int) -> dict[str, tuple[float, str]]:
    with tempfile.TemporaryDirectory() as folder:
        make_day(Path(folder), crews, chains)
        child = [sys.executable, "-m", "bench.day", folder]
        printed = subprocess.run(child, check=True, capture_output=True, text=True).stdout
    return {what: (value, unit) for what, (value, unit) in json.loads(printed).items()}


def measure(folder: Path) -> dict[str, tuple[float, str]]:
    """Return the figures of the day in `folder`, in this process; everything is imported, nothing is cached."""
    started, started_cpu = time.perf_counter(), time.process_time()
    outcome = cold(folder)
    total_s, cpu_s = time.perf_counter() - started, time.process_time() - started_cpu
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    scored = sum(score.status == "scored" for score in outcome.scores)
    return {
        "passages": (len(outcome.passages), ""),
        "cold, from the store to the rankings": (total_s, "s"),
        CPU: (cpu_s, "s CPU"),
        "beside reading the same rows from SQLite": (cpu_s / rows_read_s(folder / "centesimo.sqlite"), "times"),
        "a passage": (cpu_s / len(outcome.passages) * 1e6, "us CPU"),
        MEMORY: (peak_mb, "MB"),
        "scored of all": (100 * scored / len(outcome.scores), "%"),
    }


def rows_read_s(store: Path) -> float:
    """Return the processor time of reading every record of a store with plain SQLite, the least of a few turns.

    Where the machine has other things to do, both this and a computation take longer: their ratio tells more.
    """
    spent = []
    for _ in range(REPEATS):
        with closing(sqlite3.connect(store)) as connection:
            started = time.process_time()
            connection.execute("SELECT board, sequence, raw FROM records ORDER BY board, sequence").fetchall()
            spent.append(time.process_time() - started)
    return min(spent)


def cold(folder: Path) -> Outcome:
    """Return the outcome of the day in `folder`, read anew."""
    store = Store.open(folder / "centesimo.sqlite")
    facts = Facts(read_event(folder), (), store.records(), tuple(store.passages()))
    store.close()
    return compute(facts)


def make_day(folder: Path, crews: int, chains: int = 40, seed: int = 1, first_s: int = FIRST_S) -> None:
    """Write an event folder with its store: every crew drives every chain, a few hundredths off.

    `first_s` is when the first crew starts, in s UTC; event.toml has FIRST_S whatever it is.
    """
    folder.joinpath("event.toml").write_text(_event_toml(chains))
    lines = [f"{n},race,Crew {n},Fiat 508 C,{1930 + n % 28},Team {n % 9}" for n in range(1, crews + 1)]
    folder.joinpath("entries.csv").write_text("\n".join(["start_number,race,crew,car,year,team", *lines]) + "\n")
    rng = random.Random(seed)
    edges: dict[int, list[tuple[int, int]]] = {board: [] for board in range(-(-chains * POINTS // 4))}
    for crew in range(crews):
        for chain in range(chains):
            at_us = (LEAD_S + crew * INTERVAL_S + chain * CHAIN_EVERY_MIN * 60 + 300) * 1_000_000
            at_us += rng.randrange(-8_000_000, 8_000_000)
            for point in range(POINTS):
                place = chain * POINTS + point
                edges[place // 4] += [(at_us, place % 4 + 1), (at_us + rng.randrange(180_000, 300_000), place % 4 + 1)]
                if point < len(IDEAL_S):
                    at_us += IDEAL_S[point] * 1_000_000 + round(rng.gauss(0, 80_000))
    store = Store.open(folder / "centesimo.sqlite")
    for board, of_board in edges.items():
        store.add_records(f"{board:016x}", "bench", _records(sorted(of_board), first_s - LEAD_S), 0)
    store.close()


def _event_toml(chains: int) -> str:
    parts = [
        '[event]\nname = "Benchmark"\ntimezone = "UTC"\n[[leg]]\nid = "L1"\nname = "Leg 1"\ndate = 2027-05-15\n',
        '[[race]]\nid = "race"\nname = "Race"\nrulebook = "aci-regularity-2021"\n',
        f'[[race.start]]\nleg = "L1"\nfirst = 06:00:00\ninterval_s = {INTERVAL_S}\n',
    ]
    for place in range(chains * POINTS):
        parts.append(
            f'[[timing_point]]\nid = "T{place}"\nplace = "km {place}"\n'
            f'board = "{place // 4:016x}"\ninput = {place % 4 + 1}\n'
        )
    for chain in range(chains):
        for trial, ideal_s in enumerate(IDEAL_S):
            at = chain * POINTS + trial
            after = f"after_min = {5 + chain * CHAIN_EVERY_MIN}\n" if trial == 0 else ""
            parts.append(
                f'[[control]]\nid = "PC{chain}-{trial}"\nkind = "timed trial"\nleg = "L1"\n'
                f'opens = "T{at}"\ncloses = "T{at + 1}"\nideal_s = {ideal_s}\n{after}'
            )
    return "\n".join(parts)


def _records(edges: list[tuple[int, int]], epoch_s: int) -> list[bytes]:
    """Return a board's journal: an anchor a minute from an hour before the first edge on; packed here, for speed."""
    raws: list[bytes] = []
    next_anchor_us = max(0, edges[0][0] // 60_000_000 - 60) * 60_000_000
    counts = [0] * 5
    for at_us, number in edges:
        while next_anchor_us <= at_us:
            values = (next_anchor_us, epoch_s + next_anchor_us // 1_000_000, 1, 120, 9, 18, record.NOT_MEASURED, 0)
            raws.append(_raw(len(raws) + 1, record.ANCHOR, values))
            next_anchor_us += 60_000_000
        counts[number] += 1
        edge = (at_us, number, counts[number], record.LOCKED, record.TUBE, 2)
        raws.append(_raw(len(raws) + 1, record.EDGE, edge))
    return raws


def _raw(sequence: int, kind: int, values: tuple[int, ...]) -> bytes:
    raw = struct.pack(record.HEAD + record.KINDS[kind - 1][2], sequence, 1, kind, *values)
    return raw + struct.pack("<I", crc32(raw))


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]))))
