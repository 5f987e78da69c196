"""Whose passage it is: time for a full event, and what goes wrong and what is asked, by fault and rate.

The days come from tests/days.py, which knows the truth. python -m bench.attribution [DAYS] takes more days of each.
"""

import sys
import time
from pathlib import Path

from centesimo.edges import edges
from centesimo.event import TimingPoint
from centesimo.match import match
from centesimo.passages import passages
from protocol import record

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from days import LISTS, NONE, REALISTIC, Faults, Plan, day, mistakes

DAYS = 8  # of each kind
SEED = 10_000  # of the first; the figures name the seeds
FAR_BEYOND = 5.0  # times what is realistic, or for faults on their own, the rate
BOARDS, ANCHORS, EDGES_BETWEEN = 50, 2000, 4  # 100,000 passages of two axles with one bounce each


def run(days: int = DAYS) -> list[tuple[str, float, str]]:
    """Return (what, value, unit): steps of 100,000 passages, then the days by fault and rate."""
    return _steps() + _full_event() + [figure for name, plan in _plans() for figure in _days(name, plan, days)]


def _steps() -> list[tuple[str, float, str]]:
    records = {f"{number:016x}": _journal() for number in range(BOARDS)}
    start = time.process_time()
    stamped, _ = edges(records)
    middle = time.process_time()
    points = [TimingPoint(board, "road", board, 1, 30, 1000) for board in records]
    found, _ = passages(stamped, points)
    end = time.process_time()
    return [
        (f"{len(stamped)} edges of {BOARDS} boards get their UTC", middle - start, "s"),
        (f"{len(stamped)} edges become {len(found)} passages", end - middle, "s"),
    ]


def _journal() -> list[bytes]:
    """Return the records of a board: an anchor every 10 s and a car after each."""
    found = []
    for place in range(ANCHORS):
        at_us = 10_000_000 * place
        anchor = record.Anchor(5 * place + 1, 1, at_us, 1_717_221_600 + 10 * place, 1, 100, 8, 18, 2000, 0)
        found.append(record.pack(anchor))
        for count, later_us in enumerate((0, 8_000, 300_000, 308_000)):
            edge = record.Edge(
                5 * place + 2 + count, 1, at_us + 2_000_000 + later_us, 1, 4 * place + count + 1, record.LOCKED, 0, 2
            )
            found.append(record.pack(edge))
    return found


def _full_event() -> list[tuple[str, float, str]]:
    """Return the time of 500 crews over 200 timing points, without faults and as days are."""
    figures = []
    for name, faults in (("without faults", NONE), ("with realistic faults", REALISTIC)):
        made = day(Plan(SEED, crews=500, chains=(5,) * 40, interval_s=60, faults=faults))
        start = time.process_time()
        attributions, _ = match(made.event, made.passages)
        seconds = time.process_time() - start
        figures.append((f"{len(made.passages)} passages attributed, {name}", seconds, "s"))
        figures.append((f"wrong of {len(attributions)}, {name}", len(mistakes(made, attributions)), "attributions"))
    return figures


def _plans() -> list[tuple[str, Plan]]:
    """Return the kinds of days: realistic, each fault on its own at ten times its rate, lists, loose openings."""
    base = Plan(SEED, crews=60, ahead=8, chains=(4, 3, 2))
    plans = [("no fault", base)]
    plans.append(("realistic", _with(base, faults=REALISTIC)))
    plans.append(("realistic, half minutes", _with(base, faults=REALISTIC, interval_s=30)))
    plans.append(("all faults x 5", _with(base, faults=Faults(*(rate * FAR_BEYOND for rate in REALISTIC)))))
    for fault in Faults._fields[:-1]:
        rate = 10 * getattr(REALISTIC, fault)
        plans.append((f"{fault.rstrip('_')} {rate:.1%}", _with(base, faults=NONE._replace(**{fault: rate}))))
    for rate in LISTS[1:]:
        faults = REALISTIC._replace(list_=rate)
        plans.append((f"realistic, lists {rate:.0%} wrong", _with(base, faults=faults, listed=("T1a", "T2b", "T3a"))))
    plans.append(("realistic, openings +-10 s", _with(base, faults=REALISTIC, opening_s=10.0)))
    return plans


def _with(plan: Plan, **changes: object) -> Plan:
    return Plan(**{**plan.__dict__, **changes})


def _days(name: str, plan: Plan, days: int) -> list[tuple[str, float, str]]:
    wrong = questions = total = attributed = 0
    seconds = 0.0
    for seed in range(plan.seed, plan.seed + days):
        made = day(_with(plan, seed=seed))
        start = time.process_time()
        attributions, findings = match(made.event, made.passages, made.lists)
        seconds += time.process_time() - start
        wrong += len(mistakes(made, attributions))
        questions += sum(finding.kind == "doubtful" for finding in findings)
        total += len(made.passages)
        attributed += len(attributions)
    where = f"{name} ({days} days from seed {plan.seed}, {total} passages)"
    return [
        (f"wrong, {where}", wrong, "attributions"),
        (f"questions, {name}", 1000 * questions / total, "per 1000"),
        (f"open or nobody's, {name}", 100 * (1 - attributed / total), "%"),
        (f"100,000 passages, {name}", 100_000 * seconds / total, "s"),
    ]


if __name__ == "__main__":
    for row in run(int(sys.argv[1]) if len(sys.argv) > 1 else DAYS):
        print("{:<80} {:>10.4g} {}".format(*row))
