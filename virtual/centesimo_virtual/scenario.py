"""What happens around a board, as truth: values only; timeline.py makes a board's timeline of it.

Instants are ns since 1970 (UTC, no leap seconds); `..._s` without `at_ns` are seconds after the scenario's start. Where
a second is inserted, they count on over it, and `utc_ns` says what UTC they are. docs/virtual-board.md says how a
scenario is written as a file.
"""

import math
from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from centesimo_virtual.chip.glass import KINDS

NS = 1_000_000_000
BOARD_ID_DIGITS = 16
CRYSTAL_PPM = 200.0  # more is not a crystal


class ScenarioError(Exception):
    """A scenario that cannot be: the message says what was expected and what came."""


# Kinds of a Fault; `amount` as said, 0 where nothing is.
SENTENCE_LOST = "sentence lost"  # all sentences of that second; amount: of so many seconds (at least 1)
SENTENCE_LATE = "sentence late"  # amount: by so many ms
CHECKSUM_DAMAGED = "checksum damaged"  # every sentence of that second
PULSE_LOST = "pulse lost"
PULSE_EXTRA = "pulse extra"  # amount: so many us after the true one
FAULT_KINDS = (SENTENCE_LOST, SENTENCE_LATE, CHECKSUM_DAMAGED, PULSE_LOST, PULSE_EXTRA)

# Kinds of an Outage.
OFF = "off"  # the receiver says nothing and gives no pulse
NO_FIX = "no fix"  # sentences with status V, no pulse
OUTAGE_KINDS = (OFF, NO_FIX)

# What a person finds on the box: no lamp, no display, no buzzer; all but a display; or all, by the display's kind.
NO_PANEL, NO_DISPLAY = "none", "no display"
PANELS = (NO_PANEL, NO_DISPLAY, *KINDS)

# Where the power ends: at once, or in the flash operation that comes next.
AT_ONCE, IN_PROGRAM, IN_ERASE = "at once", "in program", "in erase"
CUT_KINDS = (AT_ONCE, IN_PROGRAM, IN_ERASE)


@dataclass(frozen=True, slots=True)
class Crystal:
    """How fast the counter goes: ppm off true, by (at_s, ppm) points in order, linear between them, level outside."""

    points: tuple[tuple[float, float], ...] = ((0.0, 0.0),)

    def gained_us(self, at_s: float) -> float:
        """Return by how many us the counter has run ahead of true time between second 0 and `at_s` (from 0)."""
        start_s, start_ppm = 0.0, self.ppm(0.0)
        gained = 0.0
        for point_s, point_ppm in self.points:
            if point_s <= 0.0:
                continue
            if point_s >= at_s:
                break
            gained += (point_s - start_s) * (start_ppm + point_ppm) / 2
            start_s, start_ppm = point_s, point_ppm
        return gained + (at_s - start_s) * (start_ppm + self.ppm(at_s)) / 2

    def ppm(self, at_s: float) -> float:
        """Return how many parts in a million the counter goes too fast at a second."""
        after = bisect_right(self.points, (at_s, math.inf))
        if after == 0:
            return self.points[0][1]
        if after == len(self.points):
            return self.points[-1][1]
        (start_s, start_ppm), (end_s, end_ppm) = self.points[after - 1], self.points[after]
        return start_ppm + (end_ppm - start_ppm) * (at_s - start_s) / (end_s - start_s)


def swinging_crystal(ppm: float, swing_ppm: float, period_s: float, duration_s: float) -> Crystal:
    """Return a crystal that swings around `ppm` like a sine, as it does with the temperature of a day."""
    step_s = period_s / 64
    steps = range(math.ceil(duration_s / step_s) + 1)
    turns = ((n * step_s, 2 * math.pi * n / 64) for n in steps)
    return Crystal(tuple((at_s, ppm + swing_ppm * math.sin(turn)) for at_s, turn in turns))


@dataclass(frozen=True, slots=True)
class Outage:
    """The receiver is off or has no fix from one second to another."""

    from_s: float
    to_s: float
    kind: str = NO_FIX


@dataclass(frozen=True, slots=True)
class Receiver:
    """A receiver as it starts with the board at every boot.

    log   a real receiver's log: its sentences are sent instead, each second's after a pulse at the UTC that they name;
          silent_s, fix_s, wrong_s and ubx do not count then
    ubx   it also sends UBX NAV-TIMELS; from leap_known_s on its leap count is known and an inserted second announced
    """

    silent_s: float = 0.0  # after a boot until it says anything
    fix_s: float = 0.0  # after a boot until its first fix: sentences with status V before, no pulse
    wrong_s: int = 0  # whole seconds by which its UTC is wrong ...
    wrong_until_s: float = 0.0  # ... until then, after a boot (the leap seconds are not known yet)
    delay_ms: int = 120  # from the pulse to the first byte of the first sentence
    baud: int = 9600
    satellites: int = 9
    position: tuple[float, float] = (45.54306, 10.22077)  # latitude, longitude in degrees: Brescia, viale Venezia
    jitter_ns: int = 20  # a pulse is within +- this of its second
    ubx: bool = False
    leap_s: int = 18
    leap_known_s: float = 0.0
    log: Path | None = None
    outages: tuple[Outage, ...] = ()


@dataclass(frozen=True, slots=True)
class Crossing:
    """A car whose first front wheel hits the tube of an input at an instant; later contacts follow from the car."""

    true_at_ns: int
    input: int  # 1 .. 4
    speed_kmh: float = 50.0
    wheelbase_m: float = 2.5
    bounces: int = 1  # at most so many a wheel


@dataclass(frozen=True, slots=True)
class Ghost:
    """A single edge that no car made."""

    true_at_ns: int
    input: int


@dataclass(frozen=True, slots=True)
class Stuck:
    """The contact of an input stays closed from one second to another; its tube gives no edges meanwhile."""

    from_s: float
    to_s: float
    input: int


@dataclass(frozen=True, slots=True)
class Press:
    """Somebody presses the button of the panel at a second, for a while."""

    at_s: float
    for_s: float = 0.2


@dataclass(frozen=True, slots=True)
class Fault:
    """Something goes wrong at the receiver in one second: one of FAULT_KINDS."""

    at_s: int
    kind: str
    amount: int = 0


@dataclass(frozen=True, slots=True)
class PowerCut:
    """The power goes at a second and comes back after a while; `within` is one of CUT_KINDS."""

    at_s: float
    off_s: float = 5.0
    within: str = AT_ONCE
    written: int = 20  # of a page that is being programmed: bytes that are


@dataclass(frozen=True, slots=True)
class Scenario:
    """One board's day. The same scenario gives the same timeline, byte for byte."""

    start_utc_ns: int  # the board is switched on
    duration_s: float  # until the accelerated part ends (the board lives on without a receiver)
    board_id: str = "0000000000000001"  # 16 hex digits
    crystal: Crystal = Crystal()
    receiver: Receiver = Receiver()
    crossings: tuple[Crossing, ...] = ()
    ghosts: tuple[Ghost, ...] = ()
    stuck: tuple[Stuck, ...] = ()
    faults: tuple[Fault, ...] = ()
    cuts: tuple[PowerCut, ...] = ()
    panel: str = NO_PANEL  # one of PANELS; with one a simulated hour takes some ten seconds longer
    presses: tuple[Press, ...] = ()
    leap_at_s: int | None = None  # a second is inserted here, a month's first midnight of UTC; None: none is
    true_time_from_s: float | None = None  # from here on paced by the wall clock; None: from the end
    erase_us: int = 0  # how long an erase of flash stops the processor
    seed: int = 1


class Boot(NamedTuple):
    """One boot of a scenario; `to_ns` is when the power goes at the latest, `cut` what ends it (None: the last one)."""

    number: int  # from 0
    from_ns: int
    until_ns: int  # cars until then; a cut within flash may come a little later
    to_ns: int
    cut: PowerCut | None


class Truth(NamedTuple):
    """One crossing as it truly was, and which boot should have it: None when the board was without power."""

    input: int
    true_at_ns: int
    boot: int | None
    counter_us: int | None


def check(scenario: Scenario) -> None:
    """Raise ScenarioError if a value of the scenario is out of its range."""
    end_ns = after(scenario, scenario.duration_s)
    contacts: tuple[Crossing | Ghost, ...] = (*scenario.crossings, *scenario.ghosts)
    for contact in contacts:
        _expect(1 <= contact.input <= 4, "an input from 1 to 4", contact)
        _expect(scenario.start_utc_ns <= contact.true_at_ns < end_ns, "an instant within the scenario", contact)
    for stuck in scenario.stuck:
        _expect(1 <= stuck.input <= 4 and stuck.from_s < stuck.to_s, "an input from 1 to 4 and a span", stuck)
    for fault in scenario.faults:
        _expect(fault.kind in FAULT_KINDS, f"a fault of kind {', '.join(FAULT_KINDS)}", fault)
    latitude, longitude = scenario.receiver.position
    _expect(abs(latitude) <= 90 and abs(longitude) <= 180, "a latitude and a longitude", scenario.receiver.position)
    _expect(scenario.panel in PANELS, f"a panel, {', '.join(PANELS)}", scenario.panel)
    for press in scenario.presses:
        _expect(press.for_s > 0 and scenario.panel != NO_PANEL, "a press on a panel, for more than 0 s", press)
    for outage in scenario.receiver.outages:
        _expect(outage.kind in OUTAGE_KINDS, f"an outage of kind {', '.join(OUTAGE_KINDS)}", outage)
    for _, ppm in scenario.crystal.points:
        _expect(abs(ppm) <= CRYSTAL_PPM, f"a crystal within {CRYSTAL_PPM:g} ppm", ppm)
    if scenario.leap_at_s is not None:
        at = datetime.fromtimestamp(scenario.start_utc_ns // NS + scenario.leap_at_s, UTC)
        _expect(
            (at.day, at.hour, at.minute, at.second) == (1, 0, 0, 0), "leap_at_s at the first midnight of a month", at
        )
    on_s = 0.0
    for cut in sorted(scenario.cuts, key=lambda cut: cut.at_s):
        _expect(cut.within in CUT_KINDS, f"a power cut {', '.join(CUT_KINDS)}", cut)
        _expect(on_s < cut.at_s < cut.at_s + cut.off_s < scenario.duration_s, "a power cut while the power is on", cut)
        on_s = cut.at_s + cut.off_s
    digits = scenario.board_id
    _expect(len(digits) == BOARD_ID_DIGITS and set(digits) <= set("0123456789abcdef"), "16 hex digits", digits)


def _expect(holds: bool, what: str, came: object) -> None:
    if not holds:
        raise ScenarioError(f"expected {what}, got {came}")


def boots(scenario: Scenario) -> list[Boot]:
    """Return the boots of a scenario, in order."""
    in_order: list[Boot] = []
    from_ns, end_ns = scenario.start_utc_ns, after(scenario, scenario.duration_s)
    for cut in sorted(scenario.cuts, key=lambda cut: cut.at_s):
        cut_ns = after(scenario, cut.at_s)
        gone_ns = cut_ns if cut.within == AT_ONCE else after(scenario, cut.at_s + cut.off_s / 2)
        in_order.append(Boot(len(in_order), from_ns, cut_ns, gone_ns, cut))
        from_ns = after(scenario, cut.at_s + cut.off_s)
    in_order.append(Boot(len(in_order), from_ns, end_ns, end_ns, None))
    return in_order


def counter_us(scenario: Scenario, boot: Boot, at_ns: int) -> int:
    """Return what a boot's counter stands at (whole microseconds, cut) at an instant of true time."""
    since_start_s = (boot.from_ns - scenario.start_utc_ns) / NS
    passed_ns = at_ns - boot.from_ns
    crystal = scenario.crystal
    gained_us = crystal.gained_us(since_start_s + passed_ns / NS) - crystal.gained_us(since_start_s)
    return (passed_ns + round(gained_us * 1000)) // 1000


def after(scenario: Scenario, seconds: float) -> int:
    """Return the instant so many seconds after the scenario's start."""
    return scenario.start_utc_ns + round(seconds * NS)


def utc_ns(scenario: Scenario, at_ns: int) -> int:
    """Return an instant of the scenario as Unix time has it: less the inserted second, once that is over."""
    leap_at_s = scenario.leap_at_s
    return at_ns - NS if leap_at_s is not None and at_ns >= after(scenario, leap_at_s + 1) else at_ns


def truth(scenario: Scenario) -> list[Truth]:
    """Return every crossing as it truly was, in order of time."""
    truths = []
    all_boots = boots(scenario)
    for crossing in sorted(scenario.crossings, key=lambda crossing: (crossing.true_at_ns, crossing.input)):
        at_ns = crossing.true_at_ns
        boot = next((boot for boot in all_boots if boot.from_ns <= at_ns < boot.until_ns), None)
        number, counter = (boot.number, counter_us(scenario, boot, at_ns)) if boot else (None, None)
        truths.append(Truth(crossing.input, at_ns, number, counter))
    return truths
