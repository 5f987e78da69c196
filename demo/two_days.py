"""What truly happens in the tutorial's event, and what each crew must therefore be given; written apart from the host.

Two days, two races, 57 crews, 36 timing points, 29 controls. Every instant is invented here, from one seed. The
penalties are worked out from these instants by RDS art. 8.20 alone: of a trial 1 for each 1/100 s, at most 300; of a
time control 100 for each minute late. What goes wrong is in the constants below.
"""

import random
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

NS = 1_000_000_000
US_PER_CS = 10_000
DAYS = {"L1": "2025-05-10", "L2": "2025-05-11"}
RACES = {"Auto classiche": [*range(1, 35), 36], "Tributo": list(range(101, 123))}
LATE_ENTRY = 36  # comes when the list of entries is out; starts behind all others
FIRST = {
    ("Auto classiche", "L1"): "08:40",
    ("Tributo", "L1"): "08:10",
    ("Auto classiche", "L2"): "09:00",
    ("Tributo", "L2"): "08:30",
}
# In driving order: leg, control, minutes after the start, and of trials the chain's points and ideal times in 1/100 s.
TIMED = (
    ("L1", "CO1", 15, "", ()),
    ("L1", "PC1", 20, "A", (3000, 2150, 1280)),
    ("L1", "CT1", 30, "", ()),
    ("L1", "PC4", 40, "B", (4500, 1800, 2600)),
    ("L1", "CO2", 60, "", ()),
    ("L1", "PC7", 70, "C", (1500, 2400, 3300)),
    ("L1", "CO3", 90, "", ()),
    ("L2", "CO4", 15, "", ()),
    ("L2", "PC10", 20, "D", (2000, 2800, 1650)),
    ("L2", "CT2", 35, "", ()),
    ("L2", "PC13", 45, "E", (3600, 1200, 2250)),
    ("L2", "CO5", 70, "", ()),
    ("L2", "PC16", 80, "F", (1900, 3100, 1400)),
    ("L2", "PC19", 95, "G", (2700, 1750, 2050)),
    ("L2", "CO6", 115, "", ()),
)
REGROUPED = ("Auto classiche", "CO5", "11:30", 70)  # goes on from there by the ranking of the first leg
# By the two letters of a chain's pairs of tubes: the board that stamps them, inputs 1 and 2.
BOARDS = {
    pair: f"c0ffee000000000{number}"
    for pairs in (("A12", "A34", "B12", "B34", "C12", "C34"), ("D12", "D34", "E12", "E34", "F12", "F34", "G12", "G34"))
    for number, pair in enumerate(pairs, 1)
}

NEVER_STARTED = 23
GAVE_UP = {108: "PC4", 17: "PC15"}  # before this control
NOT_STAMPED = (9, "B2")  # its wheels miss the tube; a watch beside it has the time
GHOST = ("C2", 20, 31)  # a dog, so many seconds before this crew
IMPEDED = (14, "PC8", 640)  # 6.4 s late behind a tractor
LATE_AT = {(31, "CO2"): 2, (110, "CO5"): 1}  # minutes
OVERTAKEN = (5, "C", 75)  # comes to this chain so many seconds late, behind the next crew
KEYED_AT = {"A1": "Anna", "C1": "Bruno", "E1": "Anna"}
MISKEYED = ("C1", 12, 21)  # keyed as this number


class Trial(NamedTuple):
    """A timed trial of the course."""

    leg: str
    control: str
    opens: str
    closes: str
    ideal_cs: int


class Truth(NamedTuple):
    """The two days as they were."""

    passed_at_us: dict[tuple[str, int], int]  # by timing point and crew
    cards_at_ns: dict[tuple[str, int], int]  # the minute of the card, by control and crew
    penalties: dict[tuple[int, str], int]  # by crew and control: of whoever was there and is not out


TRIALS = tuple(
    Trial(leg, f"PC{int(control[2:]) + place}", f"{chain}{place + 1}", f"{chain}{place + 2}", ideal_cs)
    for leg, control, _, chain, ideals in TIMED
    for place, ideal_cs in enumerate(ideals)
)
CONTROLS = tuple(
    name
    for _, control, _, _, ideals in TIMED
    for name in ([f"PC{int(control[2:]) + place}" for place in range(len(ideals))] or [control])
)
RACE_OF = {number: race for race, numbers in RACES.items() for number in numbers}


def board_of(point: str) -> tuple[str, int]:
    """Return the board and the input of a tube."""
    pair = f"{point[0]}12" if point[1] in "12" else f"{point[0]}34"
    return BOARDS[pair], 2 - int(point[1]) % 2


def two_days(order_l1: list[int] | None = None) -> Truth:
    """Return the truth; `order_l1` is the ranking of the classics' first leg, by which they go on from the regroup."""
    rng = random.Random(57)
    passed_at_us: dict[tuple[str, int], int] = {}
    cards_at_ns: dict[tuple[str, int], int] = {}
    penalties: dict[tuple[int, str], int] = {}
    for leg, control, after_min, chain, ideals in TIMED:
        for race, numbers in RACES.items():
            for place, number in enumerate(numbers):
                opens = CONTROLS.index(control)
                noise = [rng.uniform(-4, 4), *(rng.gauss(0, 9) for _ in ideals), rng.randrange(1, 59)]
                due_ns = due_at_ns(race, leg, place, after_min)
                if order_l1 and race == REGROUPED[0] and leg == "L2" and after_min > REGROUPED[3]:
                    due_ns = _due_after_regroup_ns(order_l1, number, after_min)
                if not is_in(number, opens):
                    continue
                if not chain:
                    late = LATE_AT.get((number, control), 0)
                    cards_at_ns[control, number] = due_ns + late * 60 * NS
                    penalties[number, control] = 100 * late
                    continue
                at_cs = due_ns // (NS // 100) + round(noise[0] * 100)
                at_cs += OVERTAKEN[2] * 100 if (number, chain) == OVERTAKEN[:2] else 0
                passed_at_us[f"{chain}1", number] = _inside(rng, at_cs)
                for step, ideal_cs in enumerate(ideals):
                    name = f"PC{int(control[2:]) + step}"
                    off_cs = IMPEDED[2] if (number, name) == IMPEDED[:2] else round(noise[step + 1])
                    if not is_in(number, opens + step):
                        break
                    at_cs += ideal_cs + off_cs
                    passed_at_us[f"{chain}{step + 2}", number] = _inside(rng, at_cs)
                    penalties[number, name] = min(300, abs(off_cs))
    return Truth(passed_at_us, cards_at_ns, penalties)


def is_in(number: int, control: int) -> bool:
    """Say whether a crew drives a control, given by its place among all."""
    out = GAVE_UP.get(number)
    return number != NEVER_STARTED and (out is None or control < CONTROLS.index(out))


def due_at_ns(race: str, leg: str, place: int, after_min: int) -> int:
    """Return the instant so many minutes after a crew's start, places counted from 0."""
    return _local_ns(leg, FIRST[race, leg]) + (place + after_min) * 60 * NS


def _due_after_regroup_ns(order: list[int], number: int, after_min: int) -> int:
    """Return when a crew is due behind the regroup: who has no place follows in the order before."""
    going = [*order, *(other for other in RACES[REGROUPED[0]] if other not in order)]
    return _local_ns("L2", REGROUPED[2]) + (going.index(number) + after_min - REGROUPED[3]) * 60 * NS


def _local_ns(leg: str, clock: str) -> int:
    return int(datetime.fromisoformat(f"{DAYS[leg]}T{clock}").replace(tzinfo=ZoneInfo("Europe/Rome")).timestamp()) * NS


def _inside(rng: random.Random, at_cs: int) -> int:
    """Return an instant well inside a hundredth, so that no rounding is in doubt."""
    return at_cs * US_PER_CS + rng.randrange(1_000, 9_000)
