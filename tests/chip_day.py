"""A day on the emulated chip, from a cold start to a power cut, played once; its tests and its figures look at it.

All instants and truths are the chip's ns (chip.py); the road knows the true UTC of each.
"""

from dataclasses import dataclass, field
from pathlib import Path

from centesimo_protocol import record, session
from centesimo_protocol.timebase import Stamp
from tests.chip import FLASH_NS, MS, SECOND, Chip
from tests.chip_road import Road, Truth, burst, passages

WORST_NS = 400 * MS  # to erase a sector of a W25Q16, at worst
WATCHDOG_NS = 8500 * MS  # longer than the firmware's watchdog waits


@dataclass
class Day:
    """What the day gave; errors are stamp less true UTC in ns, each with its Stamp."""

    early: list[tuple[int, Stamp]] = field(default_factory=list)  # crossed before the time was known
    loaded: list[tuple[int, Stamp]] = field(default_factory=list)  # locked, while collected and stalled
    crowded: list[tuple[int, Stamp]] = field(default_factory=list)  # the burst
    states: list[str] = field(default_factory=list)  # as asked for, in order
    locked_s: float = 0.0  # after the receiver was switched on
    idle: float = 0.0  # share of the processor's time, from greeting to lock
    to_flash_ms: list[float] = field(default_factory=list)  # from edge to the end of its record's program, loaded
    lost: int = -1  # as the board counts
    kept: dict[int, tuple] = field(default_factory=dict)  # by sequence, before the watchdog
    hung: session.Welcome | None = None  # after the processor hung
    hung_cause: int = 0
    hung_missing: list[int] = field(default_factory=list)  # sequences announced before and gone or changed
    hung_edges: int = 0  # false ones, of the new start
    cut: session.Welcome | None = None  # after the power cut
    cut_cause: int = 0
    cut_missing: list[int] = field(default_factory=list)


def play(image: Path) -> Day:
    """Return the day with this firmware; takes about two minutes of one processor."""
    chip, day = Chip(image), Day()
    road = Road(chip, 9600)
    early = passages(3 * SECOND, 3, 6 * SECOND, 1)
    road.drive(early)
    _cold_start(road, day)
    loaded, cut_flash, cut_kept = _load(road)
    crowded = _crowd(road)
    road.fetch()
    day.early, day.loaded, day.crowded = road.errors_ns(early, loaded, crowded)
    day.to_flash_ms = road.to_flash_ms(early, loaded)
    day.lost = road.status().lost
    day.kept = dict(road.records)
    _hang(road, day)
    _cut(image, cut_flash, cut_kept, day)
    return day


def _cold_start(road: Road, day: Day) -> None:
    road.chip.run_until(500 * MS)
    road.greet()
    asleep = road.chip.asleep()
    day.locked_s = road.until_locked(30)
    for status in road.statuses:
        name = record.STATE_NAMES[status.state]
        if day.states[-1:] != [name]:
            day.states.append(name)
    day.idle = asleep()


def _load(road: Road) -> tuple[Truth, bytes, dict[int, tuple]]:
    """Cross 100 times in three seconds, collecting all the while, with stalls of flash; cut power in the middle."""
    chip = road.chip
    loaded = passages(chip.now_ns + 100 * MS, 25, 3 * SECOND, 2)
    road.drive(loaded)
    chip.flash_stall_ns = FLASH_NS.__getitem__
    stalls = {3: FLASH_NS["erase"], 6: WORST_NS, 9: FLASH_NS["erase"]}
    end_ns, turn = chip.now_ns + 3300 * MS, 0
    cut_flash, cut_kept = b"", {}
    while chip.now_ns < end_ns:
        road.fetch()
        road.run(chip.now_ns + 150 * MS)
        turn += 1
        chip.stall(stalls.get(turn, 0))
        if turn == 8:
            cut_flash, cut_kept = chip.flash(), dict(road.records)
    road.run(chip.now_ns + 1500 * MS)  # the pulse after the last edge is logged as well
    return loaded, cut_flash, cut_kept


def _crowd(road: Road) -> Truth:
    """Let 4 x 200 edges come 2 us apart while the processor stands still, and run until all are on flash."""
    crowded = burst(road.chip.now_ns + 5 * MS, 200, 2000, 3)
    road.drive(crowded)
    road.chip.stall(WORST_NS)
    last = 0
    while road.status().last != last:
        last = road.statuses[-1].last
        road.run(road.chip.now_ns + SECOND // 2)
    return crowded


def _hang(road: Road, day: Day) -> None:
    road.chip.stall(WATCHDOG_NS)
    day.hung, day.hung_cause, day.hung_missing = _after(road, day.kept)
    day.hung_edges = len(road.edges(boot=2))


def _cut(image: Path, flash: bytes, kept: dict[int, tuple], day: Day) -> None:
    road = Road(Chip(image, flash), 9600, on_ns=60 * SECOND)
    road.run(SECOND // 2)
    day.cut, day.cut_cause, day.cut_missing = _after(road, kept)


def _after(road: Road, kept: dict[int, tuple]) -> tuple[session.Welcome, int, list[int]]:
    """Return the greeting after a start, its reset cause, and which records of before are not as they were."""
    road.records.clear()
    welcome = road.greet()
    road.fetch()
    (cause,) = [
        one.reset_cause for one in road.records.values() if isinstance(one, record.Boot) and one.boot == welcome.boot
    ]
    return welcome, cause, [sequence for sequence in kept if road.records.get(sequence) != kept[sequence]]
