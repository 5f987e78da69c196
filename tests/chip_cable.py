"""A cable that is pulled from a board with a battery while it is followed live, on the emulated chip, played once.

    s     0      0.6      1.0            1.2 .. 12      12.5         13
    what  power  live on  bus suspended  50 edges a s  bus resumes  greeted again, all fetched

To the board a pulled cable and a laptop that sleeps are the same: the bus is silent and it is not reset.
"""

from dataclasses import dataclass, field
from pathlib import Path

from centesimo_protocol import record, session
from tests.chip import MS, SECOND, Chip
from tests.chip_road import Road, Truth

PULLED_NS = SECOND
EDGES_NS = (1200 * MS, 12 * SECOND)
EDGE_EVERY_NS = 40 * MS
BACK_NS = 12_500 * MS


@dataclass
class Cable:
    """What it gave: the greeting after it, the edges by tube, and what they should be (chip's ns)."""

    boot: int = 0
    truth: Truth = field(default_factory=dict)
    counters_us: dict[int, list[int]] = field(default_factory=dict)
    live_after: int = 0  # records that came live after the second greeting


def play(image: Path) -> Cable:
    """Return what became of it with this firmware; takes about a minute of one processor."""
    chip, cable = Chip(image), Cable()
    road = Road(chip, 9600, fix_s=1000)
    begin_ns, end_ns = EDGES_NS
    cable.truth = {tube: list(range(begin_ns + tube * MS, end_ns, EDGE_EVERY_NS)) for tube in (1, 2)}
    road.drive(cable.truth)
    road.run(600 * MS)
    road.greet()
    road.ask(session.Live(1))
    road.run(PULLED_NS)
    chip.suspend_usb()
    road.run(BACK_NS)
    chip.resume_usb()
    road.run(BACK_NS + 500 * MS)
    cable.boot = road.greet().boot
    road.records.clear()
    road.fetch()
    for edge in (edge for one in road.records.values() for edge in record.edges_of(one)):
        cable.counters_us.setdefault(edge.input, []).append(edge.counter_us)
    road.records.clear()
    road.ask(session.Live(1))
    chip.edge(chip.now_ns + 50 * MS, 3)
    road.run(chip.now_ns + 400 * MS)
    cable.live_after = sum(len(record.edges_of(one)) for one in road.records.values())
    return cable
