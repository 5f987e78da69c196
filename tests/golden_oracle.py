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


def year(number: int) -> int:
    return 1927 + number * 7 % 31 if number <= 40 else 2000 + number % 20


def start_cs(number: int, leg: int) -> int:
    if number > 40:
        return 2_700_000 + 3000 * (number - 41)
    return 3_240_000 + 6000 * ((40 - number) if leg == 3 else (number - 1))


def scores(true: Truth, number: int, leg: int) -> dict[str, Given]:
    """Return what each control of a leg gave a crew."""
    at = {point: ns // CS_NS for (crew, its, point), ns in true.items() if (crew, its) == (number, leg)}
    found: dict[str, Given] = {}
    for control, opens, closes, set_cs in TRIALS[leg]:
        found[control] = trial(at, number, opens, closes, set_cs)
    for control, opens, closes, by_class in AVERAGES[leg]:
        found[control] = average(at, number, opens, closes, by_class[number % 2])
    found.update(cards(at, number, leg))
    if leg == 1:
        found["CT1"] = {8: 100, 14: 50}.get(number, 0)
    if leg == 2 and number <= 40:
        found["CT2"] = 0
    decide(found, number, leg)
    return {control: found[control] for control in ORDER[leg] if control in found}


def trial(at: dict[str, int], number: int, opens: str, closes: str, set_cs: int) -> Given:
    """Return a timed trial: classic 1 a hundredth to 300, a missed tube costs the trial it closes; tribute by table."""
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
        last = card(minutes(at["C3"], start + 450_000 + shift), number, leg, 30) if "C3" in at else OPEN
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


def decide(found: dict[str, Given], number: int, leg: int) -> None:
    """Put the officials' decisions over what was timed."""
    decided: dict[tuple[int, int], dict[str, Given]] = {
        (35, 2): {"PC5": CANCELLED},
        (37, 1): {"CO3": 500},
        (44, 2): {"PC4": -200},
        (32, 3): {"CO5": 400},
    }
    found.update(decided.get((number, leg), {}))
    if leg == 1 and number in (36, 46):
        found["PC1"] = found["PC1"] + (100 if number == 36 else -50)  # type: ignore[operator]
    if (number, leg) == (34, 1):
        found["PC2"] = Fraction(found["PC1"] + found["PC3"], 2)  # type: ignore[operator]
    if (number, leg) == (45, 2):
        found["PC6"] = found["PC5"]
    if leg == 3:
        found["PC9"] = CANCELLED
    out = {(31, 3): OUT, (30, 2): GONE, (30, 3): GONE}.get((number, leg))
    if out:
        found.update({control: out for control in found if control != "PC9"})


def discarded(found: dict[str, Given], leg: int) -> str:
    """Return the worst timed trial of a leg, the later of equal ones, "" where none costs anything."""
    trials = [control for control, *_ in TRIALS[leg] if not isinstance(found[control], str)]
    worst = max(trials, key=lambda control: (found[control], control), default="")
    return worst if worst and found[worst] > 0 else ""  # type: ignore[operator]


def result(
    true: Truth, number: int, legs: tuple[int, ...]
) -> tuple[dict[str, Given], set[str], Fraction, Fraction, str]:
    """Return a crew's scores, what is discarded, net, total, and why it has no place."""
    whole: dict[str, Given] = {}
    out: set[str] = set()
    for leg in legs:
        found = scores(true, number, leg)
        whole.update(found)
        if number <= 40 and (worst := discarded(found, leg)):
            out.add(worst)
    counted = {c: Fraction(v) for c, v in whole.items() if not isinstance(v, str) and c not in out}
    net = sum(counted.values(), Fraction(0))
    if number <= 40:
        factor = Fraction(100 + year(number) % 100, 100)
        total = net * factor
    else:
        factor = Fraction(125 + number * 3 % 56, 100)
        trials = sum((v for c, v in counted.items() if c.startswith("PC")), Fraction(0))
        total = half_up(trials * factor + net - trials, 0)
    values = list(whole.values())
    status = "excluded" if OUT in values else "retired" if GONE in values else ""
    if not status and OPEN in values:
        status = f"{values.count(OPEN)} open"
    return whole, out, net, total, status


def half_up(number: Fraction, decimals: int) -> Fraction:
    scaled = abs(number) * 10**decimals
    rounded = Fraction((2 * scaled + 1) // 2, 10**decimals)
    return -rounded if number < 0 else rounded


def table(true: Truth, race: str, legs: tuple[int, ...]) -> list[str]:
    """Return one ranking as lines: place, number, net, total, status, what each control gave."""
    numbers = CLASSIC if race == "classic" else TRIBUTE
    rows = [(number, *result(true, number, legs)) for number in numbers]
    sign = 1 if race == "classic" else -1
    keys = {row[0]: tie(row[0], row[1], row[2], legs, sign * row[4], race) for row in rows}
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


def count(row: tuple) -> int:
    return list(row[1].values()).count(OPEN)


def tie(
    number: int, found: dict[str, Given], out: set[str], legs: tuple[int, ...], total: Fraction, race: str
) -> tuple:
    """Return what orders classic cars: total, most zeros, first trial, older car; tribute by the total alone."""
    if race == "tribute":
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
    for race in ("classic", "tribute"):
        for legs in ((1,), (2,), (3,), (1, 2, 3)):
            drives = [c for leg in legs for c in ORDER[leg] if race == "classic" or c not in ("CT2", "CO6")]
            name = f"leg L{legs[0]}" if len(legs) == 1 else "all legs"
            head = f"{'':>3} {'No.':>3} {'net':>8} {'total':>10} {'':<9}" + "".join(f"{c:>7}" for c in drives)
            parts.append("\n".join([f"{race}, {name}", head, *table(true, race, legs)]))
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    from golden_day import truth

    (Path(__file__).parent / "golden" / "rankings.txt").write_text(text(truth()))
