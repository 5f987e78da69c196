"""What truly happens in the demo's morning, and what each crew must therefore be given; written apart from the host.

Every instant is invented here, from one seed: when each car crosses each tube, and what goes wrong. The penalties that
must come out are worked out from these instants by the rules alone, so that the demo can compare. What goes wrong:
cold receivers (the first cars pass before the first fix), bounce, two cars 1.5 s apart at A1, a late car that has lost
its place in the start order, one ghost pulse, one tube that a car missed, a receiver whose second is wrong at first.
"""

import random
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from centesimo_virtual.scenario import Crossing, Ghost, Receiver, Scenario, swinging_crystal

NS = 1_000_000_000
CS = 10_000_000
MINUTE = 60 * NS

EARLIEST = int(datetime(2027, 5, 15, 8, 30, tzinfo=ZoneInfo("Europe/Rome")).timestamp()) * NS
TRIBUTE = {number: EARLIEST + place * 30 * NS for place, number in enumerate(range(1, 9))}
HISTORIC = {number: EARLIEST + 6 * MINUTE + place * MINUTE for place, number in enumerate(range(101, 125))}
STARTS = TRIBUTE | HISTORIC

# (control, opens, closes, ideal time in 1/100 s), as demo/event/event.toml has them.
TRIALS = (
    ("PC1", "A1", "A2", 2800),
    ("PC2", "A2", "A3", 2100),
    ("PC3", "A3", "A4", 1550),
    ("PC4", "B1", "B2", 4000),
    ("PC5", "B2", "B3", 3300),
)
CONTROL_AFTER, CHAIN_A_AFTER, CHAIN_B_AFTER = 10 * MINUTE, 14 * MINUTE, 25 * MINUTE

EARLY_AT_CONTROL = 106  # comes a minute before its own
LATE_AT_CONTROL = 116  # comes two minutes after it
OVERTAKEN = 120  # loses 1 min 40 s before A1 and passes behind 121
CLOSE_PAIR = (110, 111)  # cross A1 1.5 s apart
BLUNDER = (108, "B2", 420)  # 4.2 s late: the cap
MISSED = (117, "A2")  # its wheels miss the tube
GHOST = ("A3", 105)  # a single edge 21 s before this crew
# Who keys the start numbers at a tube, on what, by a clock that is so far ahead of the true time.
KEYED_AT = (("A2", "Anna", "laptop 1", 22_400_000_000), ("B1", "Bruno", "phone", -3_100_000_000))
CORRECTED = (("A2", 104), 140)  # first keyed as this, then put right
MISKEYED = (("B1", 119), 191)  # keyed as this number that no entry has, and left so
NOT_KEYED = ("B1", 6)  # passes unseen

INPUT_BY_POINT = {"A1": 1, "A2": 2, "A3": 1, "A4": 2, "B1": 1, "B2": 2, "B3": 3, "C1": 1}
POINTS_BY_BOARD = {
    "a000000000000001": ("A1", "A2"),
    "a000000000000002": ("A3", "A4"),
    "a000000000000003": ("B1", "B2", "B3"),
    "a000000000000004": ("C1",),
}
AFTER_S = 900  # how long a board lives on in true time, with its receiver, while it is collected


class Expected(NamedTuple):
    """What one crew must be given at one control; None: no time is known, the control must stay open."""

    taken_cs: int | None  # of a trial; minutes late at the time control
    penalty: int | None


class Morning(NamedTuple):
    """The truth: instants by (start number, timing point), also of the wheels that missed a tube."""

    at_ns: dict[tuple[int, str], int]
    seed: int


def day(seed: int = 1927) -> Morning:
    """Return the morning of a seed."""
    rng = random.Random(seed)
    at_ns: dict[tuple[int, str], int] = {}
    for number, start in STARTS.items():
        shift = {EARLY_AT_CONTROL: -MINUTE, LATE_AT_CONTROL: 2 * MINUTE}.get(number, 0)
        at_ns[number, "C1"] = start + CONTROL_AFTER + shift + rng.randrange(2 * NS, 50 * NS)
        late = 100 * NS if number == OVERTAKEN else 0
        at_ns[number, "A1"] = start + CHAIN_A_AFTER + late + rng.randrange(-8 * NS, 8 * NS)
        at_ns[number, "B1"] = start + CHAIN_B_AFTER + late + rng.randrange(-8 * NS, 8 * NS)
    first, second = CLOSE_PAIR
    at_ns[first, "A1"] = at_ns[second, "A1"] - 1_500_000_000
    for number in STARTS:
        skill_cs = rng.choice((3, 8, 20))
        for _, opens, closes, ideal_cs in TRIALS:
            off_ns = round(rng.gauss(0, skill_cs * CS))
            if (number, closes) == BLUNDER[:2]:
                off_ns = BLUNDER[2] * CS
            at_ns[number, closes] = at_ns[number, opens] + ideal_cs * CS + off_ns
    return Morning(at_ns, seed)


def expected(truth: Morning) -> dict[tuple[int, str], Expected]:
    """Return what each crew must be given, by (start number, control): RDS art. 8.20's rates on truncated instants."""
    expected_by_key = {}
    for number, start in STARTS.items():
        minutes = (truth.at_ns[number, "C1"] - start - CONTROL_AFTER) // MINUTE
        expected_by_key[number, "CO1"] = Expected(minutes, min(100 * minutes, 300) if minutes > 0 else -100 * minutes)
        for control, opens, closes, ideal_cs in TRIALS:
            if MISSED in ((number, opens), (number, closes)):
                expected_by_key[number, control] = Expected(None, None)
                continue
            taken_cs = truth.at_ns[number, closes] // CS - truth.at_ns[number, opens] // CS
            expected_by_key[number, control] = Expected(taken_cs, min(abs(taken_cs - ideal_cs), 300))
    return expected_by_key


def passing_order(truth: Morning, point: str) -> list[int]:
    """Return the start numbers in the order in which they cross a point, as a marshal there would write them."""
    return sorted(STARTS, key=lambda number: truth.at_ns[number, point])


def keyed(truth: Morning) -> str:
    """Return what people keyed as cars passed, as a file for `centesimo load`; demo/keyed.csv is it.

    Each keys 0.6 to 2.4 s after the car, cut to the second, by a clock that is off; the tube that missed a car does not
    matter to who saw it.
    """
    rng = random.Random(truth.seed)
    lines = ["timing_point,start_number,time_of_day,person,device,counter,replaces"]
    for point, person, device, ahead_ns in KEYED_AT:
        counter = 0
        for number in passing_order(truth, point):
            at_ns = truth.at_ns[number, point] + rng.randrange(600_000_000, 2_400_000_000) + ahead_ns
            if (point, number) == NOT_KEYED:
                continue
            counter += 1
            who = f"{clock(at_ns)},{person},{device},{counter},"
            if (point, number) == CORRECTED[0]:
                lines.append(f"{point},{CORRECTED[1]},{who}")
                who = f"{clock(at_ns)},{person},{device},{counter + 1},{counter}"
                counter += 1
            shown = MISKEYED[1] if (point, number) == MISKEYED[0] else number
            lines.append(f"{point},{shown},{who}")
    return "\n".join([*lines, ""])


def clock(at_ns: int) -> str:
    """Return an instant as local time of day, cut to the second."""
    return f"{datetime.fromtimestamp(at_ns // NS, ZoneInfo('Europe/Rome')):%H:%M:%S}"


def scenarios(truth: Morning) -> list[Scenario]:
    """Return the four boards' mornings."""
    return [_scenario(truth, place, board) for place, board in enumerate(POINTS_BY_BOARD)]


def _scenario(truth: Morning, place: int, board: str) -> Scenario:
    points = POINTS_BY_BOARD[board]
    instants = [at_ns for (_, point), at_ns in truth.at_ns.items() if point in points]
    # Switched on 100 s before the first car; the first fix comes 3 to 4 minutes later, behind the first cars.
    start_ns = (min(instants) - 100 * NS) // NS * NS + 137_000_000 * place
    busy_s = (max(instants) - start_ns) // NS + 90
    fix_s = 180.0 + 25 * place
    # A u-blox, as docs/receiver.md advises: it tells the leap seconds and which second a pulse begins.
    receiver = Receiver(silent_s=4, fix_s=fix_s, delay_ms=90 + 30 * place, ubx=True, leap_known_s=fix_s + 60)
    if place == 2:  # it does not know the leap seconds at first
        receiver = Receiver(
            silent_s=4,
            fix_s=fix_s,
            wrong_s=2,
            wrong_until_s=fix_s + 120,
            delay_ms=150,
            ubx=True,
            leap_known_s=fix_s + 120,
        )
    rng = random.Random(truth.seed + place)
    crossings = [
        Crossing(at_ns, INPUT_BY_POINT[point], rng.uniform(28, 55), rng.uniform(2.3, 2.9), bounces=2)
        for (number, point), at_ns in truth.at_ns.items()
        if point in points and (number, point) != MISSED
    ]
    ghosts: tuple[Ghost, ...] = ()
    if GHOST[0] in points:
        ghosts = (Ghost(truth.at_ns[GHOST[1], GHOST[0]] - 21 * NS, INPUT_BY_POINT[GHOST[0]]),)
    return Scenario(
        start_utc_ns=start_ns,
        duration_s=busy_s + AFTER_S,
        true_time_from_s=busy_s,
        board_id=board,
        crystal=swinging_crystal(ppm=(12.0, -7.0, 3.5, -18.0)[place], swing_ppm=1.0, period_s=2400, duration_s=busy_s),
        receiver=receiver,
        crossings=tuple(crossings),
        ghosts=ghosts,
        seed=truth.seed + place,
    )
