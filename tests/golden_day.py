"""The golden event's day: when each of 60 crews truly passed, what was recorded of it, and what officials then decided.

Everything follows from the crew's number by whole numbers, so a person can work out any passage. The record differs
from the truth where timekeepers err (passages swapped, invented, lost, of nobody); the amendments put that right again.
"""

from decimal import Decimal
from pathlib import Path

from centesimo.amend import made
from centesimo.check import event_from_files
from centesimo.model.decisions import Decision
from centesimo.model.event import Event
from centesimo.model.facts import Edge, Passage
from centesimo_protocol import record

FOLDER = Path(__file__).parent / "golden"
FILES = {name: (FOLDER / name).read_text() for name in ("event.toml", "entries.csv", "classic.toml", "tribute.toml")}
MIDNIGHT_NS = 1_811_023_200_000_000_000  # 2027-05-22T22:00:00Z, 00:00 in Rome: NINE_AT_NS less 9 h
DAY_NS = 86_400_000_000_000
CS_NS = 10_000_000

# By leg: chains of (minutes after the start, points, 1/100 s from each to the next, by class), cards and stamps.
A, B = "A", "B"
CHAINS = {
    1: [
        (20, "A1 A2 A3 A4", {A: (3000, 2550, 6000), B: (3000, 2550, 6000)}),
        (35, "M0 M1 M2 M3", {A: (13500, 13500, 19800), B: (10800, 10800, 15800)}),
    ],
    2: [
        (10, "B1 B2", {A: (4500,), B: (4500,)}),
        (20, "B3 B4 B5", {A: (2000, 3333), B: (2000, 3333)}),
        (50, "N0 N1 N2", {A: (10000, 15000), B: (10000, 15000)}),
    ],
    3: [(15, "D1 D2 D3 D4", {A: (1225, 8000, 4110), B: (1225, 8000, 4110)})],
}
CARDS = {1: {"C1": 600, "C2": 3630, "C3": 4500}, 2: {"C4": 2400, "C9": 4500}, 3: {"C5": 2400, "C6": 3600}}  # s
STAMPS = {1: {"K1": 1800}, 2: {"K2": 3600}, 3: {}}  # s after the start
LATE_MIN = (0, 0, 0, 1, 0, -1, 0, 2, 0, 3)

# Who did not pass where; crew 30 went home after leg 1.
ABSENT = {(3, "A3"), (43, "A3"), (8, "K1"), (21, "M2"), (37, "C3"), (44, "B2"), (50, "C5")}
# When a card was handed in, in minutes late, otherwise than LATE_MIN says.
CARD_MIN = {(32, "C5"): 6, (33, "C5"): 5, (41, "C9"): 12, (6, "C1"): 31, (39, "C2"): 20, (39, "C3"): 31}

# Board a1 stamped 0.37 s too early from 09:39:30 to 09:50 of leg 2, by its own clock; in leg 1, what it stamped from
# 09:43:00 to 09:43:40 is not reliable: a cable was loose. In ns after midnight.
BOARD, MINUTE_NS = "00000000000000a1", 60_000_000_000
BOARD_POINTS = {1: ("A1", "A2", "A3", "A4"), 2: ("B1", "B2", "B3", "B4"), 3: ()}
EARLY_NS, EARLY_FROM_NS, EARLY_TO_NS = 370_000_000, 579 * MINUTE_NS + 30 * 10**9, 590 * MINUTE_NS
LOOSE_FROM_NS, LOOSE_TO_NS = 583 * MINUTE_NS, 583 * MINUTE_NS + 40 * 10**9

# A passage is known by a line of a file that was loaded: 1000 x crew + 10 x the letter of the point + its digit.
GHOST = "load:golden:99999"


def line_of(number: int, point: str) -> str:
    """Return the id of a crew's passage at a timing point."""
    return f"load:golden:{number * 1000 + (ord(point[0]) - 64) * 10 + int(point[1])}"


Truth = dict[tuple[int, int, str], int]  # (crew, leg, point) -> ns after local midnight


def start_s(number: int, leg: int) -> int:
    """Return a crew's start in s after midnight: classic cars from 09:00 every 60 s, in leg 3 the last first."""
    if number > 40:
        return 27_000 + 30 * (number - 41)
    return 32_400 + 60 * (40 - number if leg == 3 else number - 1)


def deviation_cs(number: int, leg: int, place: int) -> int:
    """Return how far off the ideal time a crew is on a stretch: one in nine on time, one in 41 half a minute late."""
    if (number + place) % 9 == 0:
        return 0
    if number * (place + leg) % 41 == 0:
        return 3000
    return (number * 37 + leg * 101 + place * 53) % 97 - 40


def truth() -> Truth:
    """Return every passage that there was; the digits below the hundredth are not zero, as no real ones are."""
    found: Truth = {}
    for number in range(1, 61):
        for leg in (1, 2, 3):
            if number == 30 and leg > 1:
                continue
            _drive(found, number, leg)
    return found


def _drive(found: Truth, number: int, leg: int) -> None:
    start_cs, car = start_s(number, leg) * 100, (A if number % 2 == 0 else B)
    at_cs: dict[str, int] = {}
    for chain, (after_min, points, ideals) in enumerate(CHAINS[leg]):
        first, *rest = points.split()
        at_cs[first] = start_cs + after_min * 6000 + (number * 13 + chain * 7) % 40 * 100 + number
        before = first
        for place, (point, ideal_cs) in enumerate(zip(rest, ideals[car], strict=True)):
            waited_cs = 300 if number > 40 and point == "D3" else 0  # the tribute was stopped for 3 s in PC8
            at_cs[point] = at_cs[before] + ideal_cs + waited_cs + deviation_cs(number, leg, 5 * chain + place)
            before = point
    for place, (point, after_s) in enumerate((CARDS[leg] | STAMPS[leg]).items()):
        late_min = CARD_MIN.get((number, point), LATE_MIN[(number * 3 + leg * 7 + place) % 10])
        seconds = (number * 11 + place * 17) % 60
        at_cs[point] = start_cs + (after_s + seconds + (late_min * 60 if point[0] == "C" else 0)) * 100
    if number == 14 and leg == 1:
        at_cs["K1"] = at_cs["M1"] + 6000  # stamped on the way back
    for point, cs in at_cs.items():
        if (number, point) not in ABSENT and not (number > 40 and point in ("K2", "C6")):
            found[number, leg, point] = cs * CS_NS + (number * 1_237_003 + leg * 77_777) % CS_NS


def passage(identity: str, leg: int, point: str, at_ns: int, number: int | None) -> Passage:
    """Return a passage as board a1 stamped it, or as a file that was loaded has it; whose it is, is written down."""
    if point not in BOARD_POINTS[leg]:
        return Passage(identity, point, MIDNIGHT_NS + (leg - 1) * DAY_NS + at_ns, 1000, True, (), (), "hand", number)
    if leg == 2 and EARLY_FROM_NS <= at_ns - EARLY_NS <= EARLY_TO_NS:
        at_ns -= EARLY_NS
    at, place = MIDNIGHT_NS + (leg - 1) * DAY_NS + at_ns, BOARD_POINTS[leg].index(point) + 1
    edge = Edge(BOARD, 1, leg, place, at_ns // 1000, at, 1000, True, "between anchors", record.LOCKED, False)
    return Passage(identity, point, at, 1000, True, (edge,), (), "board", number)


def recorded(true: Truth) -> list[Passage]:
    """Return the passages as recorded: 16 and 17 swapped at A2, 18 twice at B1, 19 lost at D2, 20 unknown at C1."""
    swapped = {16: 17, 17: 16}
    found = []
    for (number, leg, point), at_ns in true.items():
        if (number, point) == (19, "D2"):
            continue
        name: int | None = swapped.get(number, number) if point == "A2" else number
        if (number, point) == (20, "C1"):
            name = None
        found.append(passage(line_of(number, point), leg, point, at_ns, name))
    found.append(passage(GHOST, 2, "B1", true[18, 2, "B1"] - 7 * 10**9, 18))
    return found


def decisions(true: Truth) -> list[Decision]:
    """Return what officials decided, in order."""
    lost_ns = MIDNIGHT_NS + 2 * DAY_NS + true[19, 3, "D2"]
    swap = {"passage": line_of(16, "A2"), "start_number": 16, "other_passage": line_of(17, "A2"), "other_number": 17}
    decided = [
        ("swap", swap),
        ("void", {"passage": GHOST}),
        ("insert", {"timing_point": "D2", "passed_at_ns": lost_ns, "source": "backup watch", "start_number": 19}),
        ("attribute", {"passage": line_of(20, "C1"), "start_number": 20}),
        ("penalty", {"control": "PC1", "start_number": 36, "amount": Decimal(100), "article": "art. 9"}),
        ("penalty", {"control": "PC1", "start_number": 46, "amount": Decimal(50), "article": "art. 9"}),
        ("average", {"control": "PC2", "start_number": 34}),
        ("average", {"control": "PC6", "start_number": 45}),
        ("cancel", {"control": "PC5", "start_number": 35}),
        ("cancel", {"control": "PC9"}),
        ("miss", {"control": "CO3", "start_number": 37, "amount": Decimal(500)}),
        ("miss", {"control": "PC4", "start_number": 44, "amount": Decimal(200)}),
        ("exclude", {"control": "PC7", "start_number": 31}),
        ("retire", {"control": "PC4", "start_number": 30}),
        ("reinstate", {"control": "CO5", "start_number": 32, "amount": Decimal(400)}),
        ("confirm", {"control": "PC3", "start_number": 2}),
        ("shift", {**_period(2, EARLY_FROM_NS, EARLY_TO_NS), "shift_ns": EARLY_NS}),
        ("unreliable", _period(1, LOOSE_FROM_NS, LOOSE_TO_NS)),
        ("average", {"control": "PC3", "start_number": 22}),
        ("average", {"control": "PC1", "start_number": 24}),
        ("average", {"control": "PC7", "start_number": 24, "average": "race"}),
        ("average", {"control": "PC8", "start_number": 25, "average": "leg"}),
        ("miss", {"control": "PC8", "start_number": 26}),
        ("cancel", {"control": "PM2.2", "race": "tribute"}),
        ("exclude", {"start_number": 60, "article": "art. 3"}),
        ("exclude", {"control": "CO4", "start_number": 12}),
        ("reinstate", {"start_number": 12}),
    ]
    found = [made(kind, "the clerk", "time check", 1 + at, **values) for at, (kind, values) in enumerate(decided)]
    wrong = made("exclude", "the clerk", "another crew was meant", 100, start_number=1)
    return [*found, wrong, made("withdraw", "the clerk", "another crew was meant", 101, withdrawn=wrong.id)]


def _period(leg: int, from_ns: int, to_ns: int) -> dict[str, str | int]:
    """Return a period of board a1 in a leg; ns after midnight, by the instants that it stamped."""
    midnight_ns = MIDNIGHT_NS + (leg - 1) * DAY_NS
    return {"board": BOARD, "from_ns": midnight_ns + from_ns, "to_ns": midnight_ns + to_ns}


def event() -> Event:
    """Return the golden event as its folder says."""
    return event_from_files(FILES)
