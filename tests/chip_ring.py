"""A ringing tube on the emulated chip: every edge of the other tubes is there, and all of the ringing one is counted.

    python -m tests.chip_ring        prints what became of it; exit code 1 when an edge is lost

Tube 4 rings at 1 kHz for 1.2 s while cars cross the other three; then ten minutes pass, by which the counter is moved
on at once, for the processor would only sleep through them; and once more. A longer time cannot be left out at once:
MicroPython's timer, due every 10 ms, catches up on all of it. Some three minutes of one processor.
"""

from dataclasses import dataclass, field
from pathlib import Path

from centesimo_protocol import record, session
from tests.chip import FLASH_NS, MS, Chip
from tests.chip_road import Road, Truth, image, passages

ROUNDS = 2
APART_S = 600
RING_NS = 1200 * MS
RINGS = 4  # the tube
PART = 200  # records that are asked for at once
CARS = 6  # edges of each other tube in a round


@dataclass
class Ring:
    """What it gave."""

    truth: Truth = field(default_factory=dict)  # us of the counter, by tube
    kept: dict[int, list[int]] = field(default_factory=dict)  # us of the counter of the edges kept, by tube
    summed: int = 0  # edges of the ringing tube that are only counted
    records: int = 0
    lost: int = -1
    alarms: list[str] = field(default_factory=list)  # at the end, ten minutes later

    @property
    def missing(self) -> int:
        """How many edges of the other tubes are not there to the microsecond, or of the ringing one not counted."""
        others = sum(len(set(self.truth[tube]) ^ set(self.kept.get(tube, []))) for tube in self.truth if tube != RINGS)
        return others + abs(len(self.truth[RINGS]) - len(self.kept.get(RINGS, [])) - self.summed)


def play(firmware: Path) -> Ring:
    """Return what became of it with this firmware."""
    chip, rang = Chip(firmware), Ring()
    road = Road(chip, 9600, fix_s=1000)
    road.run(600 * MS)
    road.greet()
    chip.flash_stall_ns = FLASH_NS.__getitem__
    skipped_us = 0
    for turn in range(ROUNDS):
        begin_ns = chip.now_ns + 10 * MS
        truth = passages(begin_ns + 20 * MS, CARS, RING_NS, turn)
        truth[RINGS] = list(range(begin_ns, begin_ns + RING_NS, MS))
        road.drive(truth)
        for tube, instants in truth.items():
            rang.truth.setdefault(tube, []).extend(at_ns // 1000 + skipped_us for at_ns in instants)
        chip.run_until(begin_ns + RING_NS + 400 * MS)
        road.skip(APART_S, 0)
        skipped_us += APART_S * 1_000_000
        road.run(chip.now_ns + 1500 * MS)
    last = road.greet().last
    for first in range(1, last + 1, PART):
        road.fetch(first, PART)
    for edge in road.edges():
        rang.kept.setdefault(edge.input, []).append(edge.counter_us)
    rang.summed = sum(value.edges for value in road.records.values() if isinstance(value, record.Ringing))
    status = road.status()
    rang.records, rang.lost = len(road.records), status.lost
    rang.alarms = [name for place, name in enumerate(session.ALARM_NAMES) if status.alarms >> place & 1]
    return rang


def main() -> int:
    """Play it and say what became of it."""
    rang = play(image())
    ringing = len(rang.truth[RINGS])
    others = sum(len(instants) for tube, instants in rang.truth.items() if tube != RINGS)
    print(
        f"{ROUNDS} rounds {APART_S // 60} min apart: {others} edges of other tubes, {ringing} of the ringing one "
        f"({len(rang.kept.get(RINGS, []))} kept, {rang.summed} counted) in {rang.records} records; {rang.missing} "
        f"missing, {rang.lost} lost by the board's count; alarms at the end: {', '.join(rang.alarms) or 'none'}"
    )
    return 1 if rang.missing or rang.lost else 0


if __name__ == "__main__":
    raise SystemExit(main())
