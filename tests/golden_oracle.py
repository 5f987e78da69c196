"""The golden event scored a second time, by other means: straight from the truth of golden_day, in whole hundredths.

It imports nothing of centesimo and reads none of the event's files: course, set times, rules and decisions are written
out again, one control after the other, as a scorer with a sheet of paper would go.
`python tests/golden_oracle.py` writes tests/golden/rankings.txt, which a person reads and judges before it is kept.
"""

from fractions import Fraction
from pathlib import Path

Truth = dict[tuple[int, int, str], int]
CS_NS, MINUTE_CS = 10_000_000, 6000
CLASSIC, TRIBUTE = range(1, 41), range(41, 61)
OPEN, OUT, GONE, CANCELLED = "open", "excl.", "ret.", "canc."
Given = int | Fraction | str

# (id, opens, closes, set time in 1/100 s; of an average for class A and B), by leg, in the order of the road.
TRIALS = {
    1: [("PC1", "A1", "A2", 3000), ("PC2", "A2", "A3", 2550), ("PC3", "A3", "A4", 6000)],
    2: [("PC4", "B1", "B2", 4500), ("PC5", "B3", "B4", 2000), ("PC6", "B4", "B5", 3333)],
    3: [("PC7", "D1", "D2", 1225), ("PC8", "D2", "D3", 8000), ("PC9", "D3", "D4", 4110)],
}
# 1500, 3000, 5200 m at 40 km/h: 135, 270, 468 s; at 50 km/h: 108, 216, 374.4 s, which is 374.
AVERAGES = {
    1: [
        ("PM1.1", "M0", "M1", (13500, 10800)),
        ("PM1.2", "M0", "M2", (27000, 21600)),
        ("PM1.3", "M0", "M3", (46800, 37400)),
    ],
    2: [("PM2.1", "N0", "N1", (10000, 10000)), ("PM2.2", "N1", "N2", (15000, 15000))],  # 36 km/h: 10 m a second
    3: [],
}
ORDER = {
    1: ["CO1", "PC1", "PC2", "PC3", "CT1", "PM1.1", "PM1.2", "PM1.3", "CO2", "CO3"],
    2: ["PC4", "PC5", "PC6", "CO4", "PM2.1", "PM2.2", "CT2", "CO9"],
    3: ["PC7", "PC8", "PC9", "CO5", "CO6"],
}
POINTS = (420, 395, 370, 345, 320, 300)
# Fixed penalties: a classic car's lies on the total alone and is never discarded, a tribute's goes with its control.
FIXED = {(36, "PC1"): 100, (46, "PC1"): -50}
# Where board a1 stamped nothing reliable in leg 1, from 09:43:00 to 09:43:40.
LOOSE_POINTS, LOOSE_CS = ("A1", "A2", "A3", "A4"), (34_980 * 100, 35_020 * 100)


def year(number: int) -> int:
    return 1927 + number * 7 % 31 if number <= 40 else 2000 + number % 20


def start_cs(number: int, leg: int) -> int:
    if number > 40:
        return 2_700_000 + 3000 * (number - 41)
    return 3_240_000 + 6000 * ((40 - number) if leg == 3 else (number - 1))


def scores(true: Truth, number: int, leg: int) -> dict[str, Given]:
    """Return what each control of a leg gave a crew."""
    found = timed(true, number, leg)
    decide(true, found, number, leg)
    return {control: found[control] for control in ORDER[leg] if control in found}


def timed(true: Truth, number: int, leg: int) -> dict[str, Given]:
    """Return what each control gave by what was timed alone."""
    at = {point: ns // CS_NS for (crew, its, point), ns in true.items() if (crew, its) == (number, leg)}
    found: dict[str, Given] = {}
    for control, opens, closes, set_cs in TRIALS[leg]:
        given_cs = 300 if number > 40 and control == "PC8" else 0  # a neutralisation of the tribute: 3 s
        found[control] = trial(at, number, opens, closes, set_cs + given_cs)
    for control, opens, closes, by_class in AVERAGES[leg]:
        found[control] = average(at, number, opens, closes, by_class[number % 2])
    found.update(cards(at, number, leg))
    if leg == 1:
        found["CT1"] = {8: 100, 14: 50}.get(number, 0)
    if leg == 2 and number <= 40:
        found["CT2"] = 0
    return found


def trial(at: dict[str, int], number: int, opens: str, closes: str, set_cs: int) -> Given:
    """Return a timed trial: classic 1 a hundredth to 300, a missed tube costs the trial it closes; tribute by table."""
    if any(one in LOOSE_POINTS and LOOSE_CS[0] <= at.get(one, 0) < LOOSE_CS[1] for one in (opens, closes)):
        return OPEN
    if opens not in at or closes not in at:
        if number > 40:
            return OPEN
        return 0 if closes in at else 300
    off = abs(at[closes] - at[opens] - set_cs)
    if number <= 40:
        return min(off, 300)
    return POINTS[off] if off < len(POINTS) else 10


def average(at: dict[str, int], number: int, opens: str, closes: str, set_cs: int) -> Given:
    """Return a secret point: classic 1 a whole second; tribute 300, 200 for one second, then nothing."""
    if closes not in at:
        return 300 if number <= 40 else OPEN
    seconds = abs(at[closes] - at[opens] - set_cs) // 100
    return min(seconds, 300) if number <= 40 else {0: 300, 1: 200}.get(seconds, 0)


def cards(at: dict[str, int], number: int, leg: int) -> dict[str, Given]:
    """Return the time controls; CO2 is a new card, CO4 free to be early, CO5 at most 4 minutes late for all."""
    start = start_cs(number, leg)
    if leg == 1:
        late = minutes(at["C2"], start + 363_000)
        shift = max(late, 0) * MINUTE_CS
        last: Given = OPEN
        if "C3" in at:
            late_at_c3 = minutes(at["C3"], start + 450_000 + shift)
            # Classic cars may be 30 minutes late in all: what the new card carried on counts too.
            in_all = late_at_c3 + max(late, 0) if late_at_c3 > 0 and number <= 40 else late_at_c3
            last = 1000 if in_all > 30 and number <= 40 else card(late_at_c3, number, leg, 30)
        return {
            "CO1": card(minutes(at["C1"], start + 60_000), number, leg, 30),
            "CO2": card(late, number, leg, 30),
            "CO3": last,
        }
    if leg == 2:
        if "C4" not in at:
            return {"CO4": OPEN, "CO9": OPEN}
        given = 12_000 if number in (5, 9) else 0
        at_c4 = minutes(at["C4"], start + 240_000 + given)
        at_c9 = minutes(at["C9"], start + 450_000 + given)
        return {"CO4": card(max(at_c4, 0), number, leg, 30), "CO9": card(at_c9, number, leg, 30)}
    five = card(minutes(at["C5"], start + 240_000), number, leg, 4) if "C5" in at else OPEN
    if number > 40:
        return {"CO5": five}
    return {"CO5": five, "CO6": card(minutes(at["C6"], start + 360_000), number, leg, 30) if "C6" in at else OPEN}


def minutes(at_cs: int, due_cs: int) -> int:
    return (at_cs - due_cs) // MINUTE_CS


def card(late: int, number: int, leg: int, most: int) -> Given:
    if late > most and (number <= 40 or most == 4):
        return OUT if leg == 3 or number > 40 else 1000
    if late < 0:
        return 100 * -late if number <= 40 else 100 * late
    return min(100 * late, 300) if number <= 40 else -min(100 * late, 1000)


def decide(true: Truth, found: dict[str, Given], number: int, leg: int) -> None:
    """Put the officials' decisions over what was timed; what they only put right again is in the truth already."""
    decided: dict[tuple[int, int], dict[str, Given]] = {
        (35, 2): {"PC5": CANCELLED},
        (37, 1): {"CO3": 500},
        (44, 2): {"PC4": -200},
        (32, 3): {"CO5": 400},
        (26, 3): {"PC8": 300},  # missed: what the rule book says
    }
    found.update(decided.get((number, leg), {}))
    averages(true, found, number, leg)
    for (crew, control), cost in FIXED.items():
        if crew == number and control in found:
            found[control] = found[control] + cost  # type: ignore[operator]
    if leg == 2 and number > 40:
        found["PM2.2"] = CANCELLED
    if leg == 3:
        found["PC9"] = CANCELLED
    out = {(31, 3): OUT, (30, 2): GONE, (30, 3): GONE}.get((number, leg)) or (OUT if number == 60 else None)
    if out:
        found.update(dict.fromkeys(found, out))


def averages(true: Truth, found: dict[str, Given], number: int, leg: int) -> None:
    """Put averages in the place of times: of the trials chained to it, of the leg's, of the race's."""
    if (number, leg) == (34, 1):
        found["PC2"] = Fraction(found["PC1"] + found["PC3"], 2)  # type: ignore[operator]
    if (number, leg) == (45, 2):
        found["PC6"] = found["PC5"]
    if (number, leg) == (22, 1):
        found["PC3"] = half_up(Fraction(found["PC1"] + found["PC2"], 2), 2)  # type: ignore[operator]
    if (number, leg) == (24, 1):
        found["PC1"] = half_up(Fraction(found["PC2"] + found["PC3"], 2), 2)  # type: ignore[operator]
    if (number, leg) == (25, 3):
        found["PC8"] = found["PC7"]  # PC9, the only other one of the leg, is cancelled
    if (number, leg) == (24, 3):
        # PC1 is an average itself and PC9 is cancelled: PC2 to PC6 and PC8.
        first, second = timed(true, 24, 1), timed(true, 24, 2)
        others = [first["PC2"], first["PC3"], second["PC4"], second["PC5"], second["PC6"], found["PC8"]]
        found["PC7"] = half_up(Fraction(sum(others), 6), 2)  # type: ignore[arg-type]


def fixed(number: int, control: str) -> int:
    """Return what of a classic car's control is a fixed penalty."""
    return FIXED.get((number, control), 0) if number <= 40 else 0


def worst_of_leg(found: dict[str, Given], number: int, leg: int) -> str:
    """Return a classic car's worst timed trial of a leg, the later of equal ones, "" where none costs anything."""
    costs = {c: found[c] - fixed(number, c) for c, *_ in TRIALS[leg] if not isinstance(found[c], str)}  # type: ignore[operator]
    worst = max(costs, key=lambda control: (costs[control], control), default="")
    return worst if worst and costs[worst] > 0 else ""


def worst_average(whole: dict[str, Given]) -> str:
    """Return a tribute car's secret point with the fewest points, the later of equal ones; none that gave nothing."""
    points = {c: v for c, v in whole.items() if c.startswith("PM") and not isinstance(v, str)}
    fewest = min(points.values(), default=0)
    return max((c for c, v in points.items() if v == fewest), default="") if fewest else ""


def result(
    true: Truth, number: int, legs: tuple[int, ...]
) -> tuple[dict[str, Given], set[str], Fraction, Fraction, str]:
    """Return a crew's scores, what is discarded, net, total, and why it has no place."""
    whole: dict[str, Given] = {}
    out: set[str] = set()
    for leg in legs:
        found = scores(true, number, leg)
        whole.update(found)
        if number <= 40:
            out.add(worst_of_leg(found, number, leg))
    if number > 40:
        out.add(worst_average(whole))
    costs = {c: Fraction(v) for c, v in whole.items() if not isinstance(v, str)}
    counted = {c: Fraction(fixed(number, c)) if c in out else v for c, v in costs.items()}
    net = sum(counted.values(), Fraction(0))
    if number <= 40:
        alone = Fraction(sum(fixed(number, c) for c in counted))
        total = half_up((net - alone) * Fraction(100 + year(number) % 100, 100) + alone, 2)
    else:
        factor = Fraction(125 + number * 3 % 56, 100)
        trials = sum((v for c, v in counted.items() if c.startswith("PC")), Fraction(0))
        total = half_up(trials * factor + net - trials, 0)
    return whole, out - {""}, net, total, reason(list(whole.values()))


def reason(values: list[Given]) -> str:
    """Return why a crew has no place, "" when it has one."""
    if OUT in values or GONE in values:
        return "excluded" if OUT in values else "retired"
    return f"{values.count(OPEN)} open" if OPEN in values else ""


def half_up(number: Fraction, decimals: int) -> Fraction:
    scaled = abs(number) * 10**decimals
    rounded = Fraction((2 * scaled + 1) // 2, 10**decimals)
    return -rounded if number < 0 else rounded


Row = tuple[int, dict[str, Given], set[str], Fraction, Fraction, str]


def rows_of(true: Truth, numbers: list[int], legs: tuple[int, ...]) -> list[Row]:
    return [(number, *result(true, number, legs)) for number in numbers]


def table(rows: list[Row], legs: tuple[int, ...]) -> list[str]:
    """Return one ranking as lines: place, number, net, total, status, what each control gave."""
    sign = 1 if rows[0][0] <= 40 else -1
    keys = {row[0]: tie(row[0], row[1], row[2], legs, sign * row[4]) for row in rows}
    placed = sorted((row for row in rows if not row[5]), key=lambda row: (keys[row[0]], row[0]))
    lines, position = [], 0
    for at, row in enumerate(placed):
        if at == 0 or keys[row[0]] != keys[placed[at - 1][0]]:
            position = at + 1
        lines.append(line(str(position), row))
    ends = {"retired": 1, "excluded": 2}
    others = sorted(
        (row for row in rows if row[5]), key=lambda row: (ends.get(row[5], 0), count(row), sign * row[4], row[0])
    )
    return lines + [line("-", row) for row in others]


def short(lines: list[str]) -> list[str]:
    """Return lines without what each control gave, which the race's own ranking has."""
    return [one[:37].rstrip() for one in lines]


def further(rows: list[Row], legs: tuple[int, ...]) -> list[str]:
    """Return the ladies, the categories without coefficient, and the teams of three cars of three categories."""
    found = ["\n".join(["classic: Ladies, all legs", *short(table([row for row in rows if row[0] % 6 == 0], legs))])]
    for category in (1, 2, 3, 4):
        own = [(*row[:4], row[3], row[5]) for row in rows if row[0] % 4 + 1 == category]
        found.append("\n".join([f"classic: Category RC{category}, all legs", *short(table(own, legs))]))
    return [*found, "\n".join(["classic: Teams, all legs", *teams(rows)])]


def teams(rows: list[Row]) -> list[str]:
    """Return the teams: place, total, the cars that count."""
    found = []
    for place, name in enumerate("ABCDE"):
        best: dict[int, Row] = {}
        for row in sorted(
            (row for row in rows if row[0] % 5 == place and not row[5]), key=lambda row: (row[4], row[0])
        ):
            if len(best) < 3:
                best.setdefault(row[0] % 4, row)
        found.append((sum(row[4] for row in best.values()), f"Team {name}", [row[0] for row in best.values()]))
    ordered = enumerate(sorted(found), 1)
    return [
        f"{at:>3} {name:<8}{shown(total):>10}   cars {', '.join(map(str, cars))}" for at, (total, name, cars) in ordered
    ]


def count(row: tuple) -> int:
    return list(row[1].values()).count(OPEN)


def tie(number: int, found: dict[str, Given], out: set[str], legs: tuple[int, ...], total: Fraction) -> tuple:
    """Return what orders classic cars: total, most zeros, first trial, older car; tribute by the total alone."""
    if number > 40:
        return (total,)
    trials = [control for leg in legs for control, *_ in TRIALS[leg]]
    # A trial of 0 that is no missed tube was driven on time; the only missed ones of 0 are crew 3's PC3.
    zeros = sum(found[c] == 0 and c not in out and (number, c) != (3, "PC3") for c in trials)
    first = next((0 if c in out else found[c] for c in trials if not isinstance(found[c], str)), 0)
    return (total, -zeros, first, year(number))


def line(position: str, row: tuple) -> str:
    number, found, out, net, total, status = row
    given = [f"({shown(v)})" if control in out else shown(v) for control, v in found.items()]
    return f"{position:>3} {number:>3} {shown(net):>8} {shown(total):>10} {status:<9}" + "".join(
        f"{one:>7}" for one in given
    )


def shown(value: Given) -> str:
    if isinstance(value, str):
        return value
    text = f"{float(value):.3f}"
    return text.rstrip("0").rstrip(".")


def text(true: Truth) -> str:
    """Return all rankings as one text."""
    parts = []
    for race, numbers in (("classic", CLASSIC), ("tribute", TRIBUTE)):
        for legs in ((1,), (2,), (3,), (1, 2, 3)):
            drives = [c for leg in legs for c in ORDER[leg] if race == "classic" or c not in ("CT2", "CO6")]
            name = f"leg L{legs[0]}" if len(legs) == 1 else "all legs"
            head = f"{'':>3} {'No.':>3} {'net':>8} {'total':>10} {'':<9}" + "".join(f"{c:>7}" for c in drives)
            parts.append("\n".join([f"{race}, {name}", head, *table(rows_of(true, list(numbers), legs), legs)]))
    all_legs = (1, 2, 3)
    parts += further(rows_of(true, list(CLASSIC), all_legs), all_legs)
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    from tests.golden_day import truth

    (Path(__file__).parent / "golden" / "rankings.txt").write_text(text(truth()))
