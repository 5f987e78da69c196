"""A thousand edges a second on four tubes on the emulated chip, with flash as slow as the real one, played once.

Each tube has 250 a second, so none is summarised (contacts.py). The flash stalls 1 ms a page and 45 ms an erase.
"""

from dataclasses import dataclass, field
from pathlib import Path

from centesimo_protocol import record
from tests.chip import FLASH_NS, MS, SECOND, TUBE_PINS, Chip
from tests.chip_road import Road, Truth, slots

RATE = 1000  # edges a second
LENGTH_NS = 1500 * MS
BEGIN_NS = SECOND


@dataclass
class Rate:
    """What it gave."""

    truth: Truth = field(default_factory=dict)  # chip's ns, by tube
    counters_us: dict[int, list[int]] = field(default_factory=dict)
    at_end: int = 0  # edges on flash when the last one came
    records: int = 0  # that hold them
    lost: int = -1


def play(image: Path) -> Rate:
    """Return what became of it with this firmware; takes about three minutes of one processor."""
    chip, rate = Chip(image), Rate()
    road = Road(chip, 9600, fix_s=1000)
    road.run(600 * MS)
    road.greet()
    apart_ns = len(TUBE_PINS) * SECOND // RATE
    end_ns = BEGIN_NS + LENGTH_NS
    rate.truth = {tube: list(range(BEGIN_NS + tube * MS, end_ns, apart_ns)) for tube in TUBE_PINS}
    road.drive(rate.truth)
    chip.flash_stall_ns = FLASH_NS.__getitem__
    chip.run_until(end_ns)
    on_flash = [value for value in written(chip) if record.edges_of(value)]
    rate.at_end, rate.records = sum(len(record.edges_of(value)) for value in on_flash), len(on_flash)
    chip.run_until(end_ns + 400 * MS)
    road.fetch()
    for edge in road.edges():
        rate.counters_us.setdefault(edge.input, []).append(edge.counter_us)
    rate.lost = road.status().lost
    return rate


def written(chip: Chip) -> list[tuple]:
    """Return the records that were programmed into the chip's flash, in order; headers of sectors are none."""
    found = []
    for raw in [raw for _, what, _, page in chip.flash_ops if what == "program" for raw in slots(page)]:
        try:
            found.append(record.unpack(raw))
        except record.RecordError:
            continue
    return found
