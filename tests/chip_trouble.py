"""Ten seconds in which everything is wrong on the emulated chip, played once; its tests look at what became of it.

The flash holds settings that do not check and a journal of an older format. The receiver's line is noise, then a
receiver without a fix that breaks off in the middle of sentences. Tube 4 stays under a wheel. At last more edges come
than a ring or a FIFO holds, and some while the copy of the one before is still to be made.

    s     0        0.6 .. 2.4   1 .. 7         2.5 on     7.6 .. 8.6   8.8
    what  power    noise        tube 4 closed  no fix     overruns     an edge on each tube
"""

import struct
from binascii import crc32
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from centesimo_board import settings
from centesimo_protocol import session, setting
from tests.chip import MS, SECOND, TUBE_PINS, Chip
from tests.chip_panel import BUTTON_PIN, LAMP_PIN, TONE_PIN, Display, font, watched
from tests.chip_road import Road, Truth, passages

NOISE_NS = (600 * MS, 2400 * MS)
CROSSED = {"from_ns": 1100 * MS, "count": 8, "over_ns": 5000 * MS, "seed": 5}  # tubes 1 to 3
CLOSED_NS = (1020 * MS, 7000 * MS)  # tube 4
HALF = b"$GNRMC,100003.00,V,,,,"
HALVES_NS = (3600 * MS, 4600 * MS, 5600 * MS)
FLASH, STORAGE, SECTOR = (
    2048 * 1024,
    1408 * 1024,
    4096,
)  # of a Pico; the last of it is ours (board.py)
OLD_SECTORS = 3
CROWD_NS = 7600 * MS
RING, OVER = 1024, 276  # stamps that a ring holds; edges more than that, on tube 1
HELD_NS = 20_000  # a channel of tubes 2 and 3 stands still for so long
HELD_EDGES = 10
FIFO = 4
AGAIN_NS = 7700 * MS  # tube 1 is switched on again when some of its ring has been read
LATE_NS = 8800 * MS
END_NS = 10_400 * MS  # behind the Health record, which comes every 10 s then


@dataclass
class Trouble:
    """What the ten seconds gave; statuses, the display's rows and the terminal's line as they were then."""

    silenced: session.Silenced | None = None
    silenced_ns: int = 0
    noisy: session.Status | None = None
    noisy_rows: list[str] = field(default_factory=list)
    line: str = ""
    stuck: session.Status | None = None
    stuck_rows: list[str] = field(default_factory=list)
    freed: session.Status | None = None
    mended: session.Status | None = None
    last: session.Status | None = None
    records: list[tuple] = field(default_factory=list)
    crossed: Truth = field(default_factory=dict)  # by tube, the chip's ns
    crowded: Truth = field(default_factory=dict)
    lamp: list[tuple[int, bool]] = field(default_factory=list)  # (ns, level) of each change
    tone: list[tuple[int, bool]] = field(default_factory=list)


def play(image: Path) -> Trouble:
    """Return what became of it with this firmware; takes about a minute of one processor."""
    chip, trouble = Chip(image), Trouble()
    spoil(chip.mcu.flash)
    display, letters = Display(chip), font()
    trouble.lamp, trouble.tone = watched(chip, LAMP_PIN), watched(chip, TONE_PIN)
    road = Road(chip, 9600, on_ns=NOISE_NS[1] + 100 * MS, fix_s=1000)
    disturb(chip)
    trouble.crossed = {tube: instants for tube, instants in passages(**CROSSED).items() if tube < 4}
    road.drive(trouble.crossed)
    chip.edge(CLOSED_NS[0], 4, CLOSED_NS[1] - CLOSED_NS[0])

    road.run(SECOND // 2)
    road.greet()
    trouble.silenced, trouble.silenced_ns = road.ask(session.Silence()), chip.now_ns
    road.run(NOISE_NS[1] - 50 * MS)
    trouble.noisy, trouble.noisy_rows = road.status(), display.text(letters)
    _press_until_stuck(road, trouble)
    trouble.stuck_rows = display.text(letters)
    road.run(CLOSED_NS[1] + 200 * MS)
    trouble.freed = road.status()
    trouble.line = road.line()
    road.set(setting.HEALTH_EVERY_S, 10)
    trouble.mended = road.status()
    trouble.crowded = _crowd(road)
    road.drive({tube: [LATE_NS] for tube in TUBE_PINS})
    road.run(END_NS)
    road.fetch()
    trouble.last, trouble.records = road.status(), [road.records[sequence] for sequence in sorted(road.records)]
    return trouble


def spoil(flash: bytearray) -> None:
    """Put settings that do not check, in both copies, and sectors of a journal of format 0 into a chip's flash."""
    start = FLASH - STORAGE
    for sector in range(OLD_SECTORS):
        header = struct.pack("<4sBBHIIIII", b"cJou", 0, 0, 1, sector + 1, sector * 127 + 1, 0, 0, 0)
        at = start + sector * SECTOR
        flash[at : at + 32] = header + struct.pack("<I", crc32(header))
    page = bytearray(settings.image(1, {setting.NAME: b"Raticosa\0\0\0\0"}))
    page[12] ^= 1
    for copy in (2, 1):
        at = start + STORAGE - copy * SECTOR
        flash[at : at + len(page)] = page


def disturb(chip: Chip) -> None:
    """Put noise and half sentences on the receiver's line."""
    begin_ns, end_ns = NOISE_NS
    count = (end_ns - begin_ns) * 960 // SECOND
    chip.speak(begin_ns, Random(7).randbytes(count), 9600)
    for at_ns in HALVES_NS:
        chip.speak(at_ns, HALF, 9600)


def _press_until_stuck(road: Road, trouble: Trouble) -> None:
    """Go to the page of the inputs with two presses of the button, and look when tube 4 has been closed for 5 s."""
    for at_ns in (5100 * MS, 5400 * MS):
        road.chip.at(at_ns, lambda: road.chip.set_pin(BUTTON_PIN, False))
        road.chip.at(at_ns + 100 * MS, lambda: road.chip.set_pin(BUTTON_PIN, True))
    road.run(6800 * MS)
    trouble.stuck = road.status()


def _crowd(road: Road) -> Truth:
    """Let too many edges come, with tube 1 switched off until all but the last of its ring have been read."""
    chip = road.chip
    counts = {1: RING + OVER, 2: HELD_EDGES, 3: HELD_EDGES, 4: HELD_EDGES}
    truth = {tube: [CROWD_NS + place * 2000 for place in range(count)] for tube, count in counts.items()}
    road.set(setting.INPUTS, 0b1110)
    road.drive(truth)
    chip.hold(2, 1, CROWD_NS - 1000, CROWD_NS + HELD_NS)
    chip.hold(3, 0, CROWD_NS - 1000, CROWD_NS + HELD_NS)
    road.run(CROWD_NS - 5 * MS)
    chip.stall(15 * MS)
    road.run(AGAIN_NS)
    road.set(setting.INPUTS, 0b1111)
    return truth
