"""Attribution: the time for a full event; wrong attributions and questions by fault and rate.

The days come from simulate/days.py, which knows the truth: each fault on its own, from none to far beyond what is real,
then all together; with a time control at a tube of its own before each chain, too.

python -m bench.attribution [DAYS [FAULT ...]] takes more days of each, or some faults only, and prints a table. A day
with something wrong is named by its seed, and so is a slow one.
"""

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from centesimo.match import match
from centesimo.model.event import TimingPoint
from centesimo.timing.edges import edges
from centesimo.timing.passages import passages
from centesimo_protocol import record
from simulate.days import LISTS, NONE, REALISTIC, Faults, Plan, day, mistakes

DAYS = 4  # of each
SEED = 10_000  # of the first; the figures name the seeds
TIMES = 1, 10, 50  # what is realistic, and far beyond
MOST = 0.5  # a fault is not more likely than that
USUAL = REALISTIC._replace(misread=0.02, other_list=0.02)  # lists are as bad as they are said to be, so not realistic
OF_LISTS = "list_", "misread", "other_list"
BASE = Plan(SEED, crews=60, ahead=8, chains=(4, 3, 2))
LISTED = "T1a", "T2b", "T3a"
SURER = 0.999
SLOW_S = 5.0  # a day that takes longer is named
BOARDS, ANCHORS = 50, 2000  # 100,000 passages of two axles with one bounce each


class Row(NamedTuple):
    """The figures of days with one fault at one rate."""

    fault: str
    rate: str
    wrong: int  # attributions
    wrong_surer: int  # with a confidence of SURER and more
    questions: float  # per 1,000 passages
    open: float  # attributed to nobody, in % of the passages
    seconds: float  # for 100,000 passages


UNITS = {"wrong": "attributions", "questions": "per 1000", "seconds": "s"}  # of what goes into all figures


def run(days: int = DAYS) -> list[tuple[str, float, str]]:
    """Return (what, value, unit): steps of 100,000 passages, then the days by fault and rate."""
    figures = _steps() + _full_event()
    for row in rows(days):
        figures += [(f"{row.fault} {row.rate}: {what}", getattr(row, what), unit) for what, unit in UNITS.items()]
    return figures


def rows(days: int = DAYS, only: Sequence[str] = ()) -> Iterator[Row]:
    """Yield the figures of days with each fault at each rate; only of the faults that are named, if any are."""
    for fault, rate, plan in _plans():
        if not only or fault in only:
            yield _days(fault, rate, plan, days)


def _steps() -> list[tuple[str, float, str]]:
    records = {f"{number:016x}": _journal() for number in range(BOARDS)}
    start = time.process_time()
    stamped, _ = edges(records)
    middle = time.process_time()
    points = [TimingPoint(board, "road", board, 1, 30, 1000) for board in records]
    crossed, _ = passages(stamped, points)
    end = time.process_time()
    return [
        (f"{len(stamped)} edges of {BOARDS} boards get their UTC", middle - start, "s"),
        (f"{len(stamped)} edges become {len(crossed)} passages", end - middle, "s"),
    ]


def _journal() -> list[bytes]:
    """Return the records of a board: an anchor every 10 s and a car after each."""
    records = []
    for place in range(ANCHORS):
        at_us = 10_000_000 * place
        anchor = record.Anchor(5 * place + 1, 1, at_us, 1_717_221_600 + 10 * place, 1, 100, 8, 18, 2000, 0)
        records.append(record.pack(anchor))
        for count, later_us in enumerate((0, 8_000, 300_000, 308_000)):
            edge = record.Edge(
                5 * place + 2 + count, 1, at_us + 2_000_000 + later_us, 1, 4 * place + count + 1, record.LOCKED, 0, 2
            )
            records.append(record.pack(edge))
    return records


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


def _plans() -> Iterator[tuple[str, str, Plan]]:
    """Yield (fault, rate, plan): none, each on its own, all of them together, and with other kinds of days."""
    yield "none", "", BASE
    for fault in Faults._fields:
        base = replace(BASE, listed=LISTED) if fault in OF_LISTS else BASE
        base = replace(base, carded=fault == "card")
        for times in TIMES:
            rate = min(times * getattr(USUAL, fault), MOST)
            yield (
                fault.strip("_").replace("_", " "),
                f"{100 * rate:.2g} %",
                replace(base, faults=NONE._replace(**{fault: rate})),
            )
    for fault in "missing", "ghost", "absent", "deaf":
        for times in TIMES:
            rate = min(times * getattr(USUAL, fault), MOST)
            plan = replace(BASE, ahead=0, tubed=True, faults=NONE._replace(**{fault: rate}))
            yield f"{fault}, at controls", f"{100 * rate:.2g} %", plan
    for times in (1, 5):
        faults = Faults(*(min(times * rate, MOST) for rate in REALISTIC))
        yield "all", f"x {times}", replace(BASE, faults=faults)
        yield "all, at controls", f"x {times}", replace(BASE, faults=faults, ahead=0, tubed=True)
    yield "all, half minutes", "x 1", replace(BASE, faults=REALISTIC, interval_s=30)
    yield "all, openings +-10 s", "x 1", replace(BASE, faults=REALISTIC, opening_s=10.0)
    for rate in LISTS[1:]:
        yield f"all, lists {rate:.0%} wrong", "x 1", replace(BASE, faults=REALISTIC._replace(list_=rate), listed=LISTED)


def _days(fault: str, rate: str, plan: Plan, days: int) -> Row:
    wrong = wrong_surer = questions = total = attributed = 0
    seconds = 0.0
    for seed in range(plan.seed, plan.seed + days):
        made = day(replace(plan, seed=seed))
        start = time.process_time()
        attributions, findings = match(made.event, made.passages, made.lists)
        took_s = time.process_time() - start
        wrong_ids = {identity for identity, _ in mistakes(made, attributions)}
        surer = sum(
            attribution.passage.id in wrong_ids and attribution.confidence >= SURER for attribution in attributions
        )
        if wrong_ids or took_s > SLOW_S:
            counts = f"{len(wrong_ids)} wrong, {surer} of them at {SURER} and more, {took_s:.1f} s"
            print(f"{fault} {rate}, seed {seed}: {counts}", file=sys.stderr)
        wrong, wrong_surer = wrong + len(wrong_ids), wrong_surer + surer
        questions += sum(finding.kind == "doubtful" for finding in findings)
        total += sum(passage.start_number is None for passage in made.passages)
        attributed += sum(attribution.passage.start_number is None for attribution in attributions)
        seconds += took_s
    of_all = 1000 * questions / total, 100 * (1 - attributed / total), 100_000 * seconds / total
    return Row(fault, rate, wrong, wrong_surer, *of_all)


def main(days: int = DAYS, *only: str) -> None:
    """Print the table of faults, of these only if any are named."""
    title = (
        f"{days} days of each, seeds {SEED} to {SEED + days - 1}: {BASE.crews + BASE.ahead} crews, chains {BASE.chains}"
    )
    table = Table(title=title, title_justify="left")
    for head in ("fault", "rate", "wrong", f"at {SURER}", "asked of 1,000", "open %", "s for 100,000"):
        table.add_column(head, justify="left" if head == "fault" else "right", no_wrap=head == "fault")
    for row in rows(days, only):
        table.add_row(*row[:2], *map(str, row[2:4]), f"{row.questions:.1f}", f"{row.open:.1f}", f"{row.seconds:.0f}")
    Console().print(table)


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else DAYS, *sys.argv[2:])
