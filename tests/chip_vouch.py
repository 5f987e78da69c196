"""A computer that vouches for the second of the emulated chip, with an SH1106 on its panel, played once.

    s     0      0.5           2 .. 4  18      then               then              then
    what  power  receiver, fix  cars    locked  the truth is said  sure, cars again  a second more is said

The receiver says nothing of itself, so the board alone is never sure. What is said is what `collect --live` says
(collect/vouching.py), the true time known to OWN_ERROR_NS.
"""

from dataclasses import dataclass, field
from pathlib import Path

from centesimo.collect.vouching import vouch
from centesimo_protocol import record, session, setting
from centesimo_protocol.timebase import Stamp
from centesimo_virtual.chip import glass
from tests.chip import MS, SECOND, Chip
from tests.chip_panel import Display, font
from tests.chip_road import Road, passages

OWN_ERROR_NS = 2 * MS
SH1106 = 1  # the setting's value
CARS = 5  # edges of each tube


@dataclass
class Vouch:
    """What it gave."""

    shifted_rows: list[str] = field(default_factory=list)  # the display, taken for an SSD1306
    unsure: session.Status | None = None  # locked, before anything is said
    unsure_rows: list[str] = field(default_factory=list)
    bound_us: int = 0  # of what is said: half the way there and back, and the computer's own
    outcome: int = -1  # place in record.OUTCOMES
    sure_s: float = 0.0  # from then until the second is sure
    sure_rows: list[str] = field(default_factory=list)
    stamps: list[tuple[int, Stamp]] = field(default_factory=list)  # stamp less true UTC in ns of all edges
    other_outcome: int = -1
    doubted: session.Status | None = None
    records: list[tuple] = field(default_factory=list)  # Vouch and Doubt


def play(image: Path) -> Vouch:
    """Return what became of it with this firmware; takes about two minutes of one processor."""
    chip, vouched = Chip(image), Vouch()
    display, letters = Display(chip, glass.SH1106), font()
    road = Road(chip, 115200)
    early = passages(2 * SECOND, CARS, 2 * SECOND, 21)
    road.drive(early)
    chip.run_until(SECOND // 2)
    road.greet()
    road.run(SECOND)
    vouched.shifted_rows = display.text(letters)
    road.set(setting.DISPLAY, SH1106)
    road.until_locked(20)
    road.run(chip.now_ns + SECOND)
    vouched.unsure, vouched.unsure_rows = road.status(), display.text(letters)
    vouched.outcome, vouched.bound_us = _say(road, 0)
    begun_ns = chip.now_ns
    while not road.status().confirmed:
        assert chip.now_ns < begun_ns + 20 * SECOND, "expected a sure second within 20 s"
        road.run(chip.now_ns + SECOND // 4)
    vouched.sure_s = (chip.now_ns - begun_ns) / SECOND
    sure = passages(chip.now_ns + 10 * MS, CARS, SECOND, 22)
    road.drive(sure)
    road.run(chip.now_ns + 2500 * MS)
    vouched.sure_rows = display.text(letters)
    vouched.other_outcome, _ = _say(road, SECOND)
    vouched.doubted = road.status()
    road.fetch()
    for errors in road.errors_ns(early, sure):
        vouched.stamps += errors
    values = [road.records[sequence] for sequence in sorted(road.records)]
    vouched.records = [value for value in values if isinstance(value, record.Vouch | record.Doubt)]
    return vouched


def _say(road: Road, ahead_ns: int) -> tuple[int, int]:
    """Say the time, so much ahead of the truth; return what the board makes of it and the bound that was said."""
    asked_ns = road.true_ns(road.chip.now_ns)
    status = road.status()
    message = vouch(status, asked_ns, road.true_ns(road.chip.now_ns), OWN_ERROR_NS, ahead_ns=ahead_ns)
    assert message is not None
    return road.ask(message).outcome, message.bound_us
