"""Score and rank alone: attributed passages to rankings, processor time and memory, and how both grow.

The day of bench.day, its passages already attributed, in the order in which attribution gives them. Processor time is
the figure, as other programs may want the machine. Each size runs in a process of its own; memory is what it grew by.
"""

import json
import random
import resource
import subprocess
import sys
import time
from datetime import date
from zoneinfo import ZoneInfo

from centesimo.model.basis import DUE
from centesimo.model.event import TIMED_TRIAL, Control, Entry, Event, Leg, Race, Start, TimingPoint
from centesimo.model.facts import Attribution, Passage
from centesimo.rank import rankings
from centesimo.rulebook import find_rulebook
from centesimo.score import score

# Passages: crews x chains x 5 timing points.
SIZES = ((125, 40), (250, 40), (500, 40), (500, 400))
POINTS = 5
INTERVAL_NS, CHAIN_EVERY_NS = 60_000_000_000, 900_000_000_000
IDEAL_CS = 2000
FIRST_NS = 1_810_360_800_000_000_000  # 2027-05-15T06:00:00Z


def run() -> list[tuple[str, float, str]]:
    """Return the figures, by size."""
    rows: list[tuple[str, float, str]] = []
    for crews, chains in SIZES:
        child = [sys.executable, "-m", "bench.scoring", str(crews), str(chains)]
        figures = json.loads(subprocess.run(child, check=True, capture_output=True, text=True).stdout)
        count = f"{crews * chains * POINTS:,} passages: "
        rows += [(count + what, value, unit) for what, (value, unit) in figures.items()]
    return rows


def measure(crews: int, chains: int) -> dict[str, tuple[float, str]]:
    """Return the figures of one size, in this process."""
    event, attributions = _event(crews, chains), _attributions(crews, chains)
    books = {"race": find_rulebook({}, "aci-regularity-2021")}
    before_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    started_s = time.process_time()
    scores, _ = score(event, books, attributions)
    scored_s = time.process_time()
    rankings(event, books, scores)
    ranked_s = time.process_time()
    grown_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before_mb
    return {
        "score": (scored_s - started_s, "s CPU"),
        "rank": (ranked_s - scored_s, "s CPU"),
        "a passage": ((ranked_s - started_s) / len(attributions) * 1e6, "us CPU"),
        "memory on top": (grown_mb, "MB"),
    }


def _event(crews: int, chains: int) -> Event:
    controls = tuple(
        Control(f"PC{at}", TIMED_TRIAL, "L1", f"T{at}", f"T{at + 1}", IDEAL_CS, None, ("race",))
        for at in range(chains * POINTS)
        if at % POINTS < POINTS - 1
    )
    return Event(
        name="Benchmark",
        timezone=ZoneInfo("UTC"),
        legs=(Leg("L1", "Leg 1", date(2027, 5, 15)),),
        races=(Race("race", "Race", "", (Start("L1", FIRST_NS, INTERVAL_NS),)),),
        timing_points=tuple(TimingPoint(f"T{at}", "", None, None, 25, 1500) for at in range(chains * POINTS)),
        controls=controls,
        entries=tuple(
            Entry(n, "race", f"Crew {n}", "Fiat 508 C", 1930 + n % 28, "", None, n - 1) for n in range(1, crews + 1)
        ),
    )


def _attributions(crews: int, chains: int, seed: int = 1) -> list[Attribution]:
    """Return every crew's passage at every timing point, each a few hundredths off, by chain, timing point and crew."""
    rng = random.Random(seed)
    attributions = []
    for chain in range(chains):
        at_ns = [FIRST_NS + crew * INTERVAL_NS + chain * CHAIN_EVERY_NS for crew in range(crews)]
        for place in range(chain * POINTS, (chain + 1) * POINTS):
            for crew in range(crews):
                passage = Passage(f"b:{place}:{crew}", f"T{place}", at_ns[crew], 1000, True, (), (), "board")
                attributions.append(Attribution(passage, crew + 1, 1.0, DUE))
                at_ns[crew] += IDEAL_CS * 10_000_000 + round(rng.gauss(0, 80_000_000))
    return attributions


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]))))
