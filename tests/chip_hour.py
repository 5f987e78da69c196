"""A cold start, a minute of cars and an hour without the receiver on the emulated chip, played once.

The receiver speaks 115200 baud. The lower 32 bits of the counter wrap between cars, and memory is collected while
others come. Then the receiver is silent. The lost hour is six times ten minutes by which the counter is moved on at
once, for the processor would only sleep through them; in them the crystal drifts as fast as docs/time.md allows, and
nearly as far. Between them cars come.
"""

from dataclasses import dataclass, field
from pathlib import Path

from centesimo_protocol import record, session
from centesimo_protocol.timebase import Stamp
from tests.chip import FLASH_NS, MS, SECOND, Chip
from tests.chip_panel import refused
from tests.chip_road import Road, Truth, passages, slots

WRAP_AT_NS = 18 * SECOND  # after power on
COLLECTED_NS = 25 * MS  # edges come for so long while memory is collected
COLLECTED_EDGES = 20  # of each tube in it
SKIP_S = 600
# Faster by 9 ppb each second for 1000 s: over six times ten minutes that is on average so much.
DRIFTS_PPB = (2700, 7800, 9000, 9000, 9000, 9000)


@dataclass
class Hour:
    """What it gave; errors are stamp less true UTC in ns, each with its Stamp."""

    locked_s: float = 0.0  # after the receiver was switched on
    idle: float = 0.0  # share of the processor's time, from greeting to lock
    to_flash_ms: list[float] = field(default_factory=list)  # from edge to the end of its record's program, wrapped
    early: list[tuple[int, Stamp]] = field(default_factory=list)  # crossed before the time was known
    wrapped: list[tuple[int, Stamp]] = field(default_factory=list)  # locked, around the wrap
    collected: list[tuple[int, Stamp]] = field(default_factory=list)  # locked, while memory is collected
    held: list[tuple[int, Stamp]] = field(default_factory=list)  # without the receiver
    edges: list[record.Edge] = field(default_factory=list)
    states: list[int] = field(default_factory=list)  # after each ten minutes
    test_ns: tuple[int, int] = (0, 0)  # when the self-test that collects memory began and was on flash
    in_test: int = 0  # edges that came in between
    lost: int = -1
    asked: list[int] = field(default_factory=list)  # addresses on I2C, where no display is


def play(image: Path) -> Hour:
    """Return what it gave with this firmware; takes about a minute and a half of one processor."""
    chip, hour = Chip(image, counter_us=2**32 - WRAP_AT_NS // 1000), Hour()
    chip.flash_stall_ns = FLASH_NS.__getitem__
    hour.asked = refused(chip)
    road = Road(chip, 115200)
    early = passages(4 * SECOND, 3, 6 * SECOND, 6)
    road.drive(early)
    chip.run_until(SECOND // 2)
    road.greet()
    asleep = chip.asleep()
    hour.locked_s = road.until_locked(20)
    hour.idle = asleep()
    assert chip.now_ns < WRAP_AT_NS - SECOND
    wrapped = passages(WRAP_AT_NS - SECOND, 10, 2 * SECOND, 4)
    road.drive(wrapped)
    road.run(WRAP_AT_NS + 1200 * MS)
    collected = _collect(road, hour)
    road.run(chip.now_ns + 1500 * MS)  # the pulse after the last edge is logged as well
    held = _hold_over(road, hour)
    road.fetch()
    hour.early, hour.wrapped, hour.collected, hour.held = road.errors_ns(early, wrapped, collected, held)
    hour.to_flash_ms = road.to_flash_ms(early, wrapped)
    hour.edges = sorted(road.edges(), key=lambda edge: edge.counter_us)  # of all inputs in order of time
    hour.lost = road.status().lost
    return hour


def _collect(road: Road, hour: Hour) -> Truth:
    """Ask for a self-test, the first thing of which is to collect memory, with edges in and after it.

    They begin a moment after the request, which the board has by then, over USB: it sees to edges before requests.
    """
    chip = road.chip
    truth = passages(chip.now_ns + 18 * MS, COLLECTED_EDGES, COLLECTED_NS, 8)
    road.drive(truth)
    logged = road.ask(session.AskSelfTest())
    road.run(chip.now_ns + SECOND // 2)
    road.fetch(logged.sequence)
    begin_ns = (road.records[logged.sequence].counter_us * 1000 - 2**32 * 1000) + WRAP_AT_NS
    end_ns = next(at_ns for at_ns, operation, _, page in chip.flash_ops if _holds(page, logged.sequence))
    hour.test_ns = begin_ns, end_ns
    hour.in_test = sum(begin_ns < at_ns < end_ns for instants in truth.values() for at_ns in instants)
    return truth


def _holds(page: bytes, sequence: int) -> bool:
    return any(raw[:4] == sequence.to_bytes(4, "little") and raw[6] == record.SELF_TEST for raw in slots(page))


def _hold_over(road: Road, hour: Hour) -> Truth:
    """Switch the receiver off and let an hour pass, with cars after each ten minutes; return all of these."""
    road.switch_receiver_off()
    road.run(road.chip.now_ns + 4 * SECOND)
    held: Truth = {}
    for number, drift_ppb in enumerate(DRIFTS_PPB):
        road.skip(SKIP_S, drift_ppb)
        road.run(road.chip.now_ns + SECOND // 5)
        truth = passages(road.chip.now_ns + 10 * MS, 4, SECOND // 5, 10 + number)
        road.drive(truth)
        road.run(road.chip.now_ns + SECOND // 2)
        hour.states.append(road.status().state)
        held = {tube: held.get(tube, []) + truth[tube] for tube in truth}
    return held
