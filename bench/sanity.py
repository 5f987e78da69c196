"""Sanity: false alarms on clean days, which points that are off are found, by size and field, and the time it takes.

The days come from simulate/driven.py, which knows the truth. A few of each kind; sanity_long has as many as
docs/sanity.md tells of. python -m bench.sanity DAYS takes so many clean ones and a tenth of that with each fault.
"""

import sys
import time
from dataclasses import replace
from random import Random
from statistics import fmean

from centesimo.compute import Outcome
from centesimo.model.about_points import Offset
from centesimo.model.event import TimingPoint
from centesimo.model.findings import Finding
from centesimo.sanity import sanity
from centesimo.sanity.offsets import offsets
from simulate.driven import Course, Driven, driven

CLEAN_DAYS, OFF_DAYS = 30, 3
SEED = 5_000  # of the first; the figures name the seeds
FIELDS = (60, 120, 400)  # crews
SIZES_CS = (2, 5, 10, 50)
LARGE = Course(SEED, crews=500, chains=(5,) * 26)  # 130 points


def run(clean_days: int = CLEAN_DAYS, off_days: int = OFF_DAYS) -> list[tuple[str, float, str]]:
    """Return (what, value, unit)."""
    fields = [row for crews in FIELDS for row in _of_field(crews, off_days)]
    return _clean(clean_days) + fields + _backups(off_days) + _large()


def _clean(days: int) -> list[tuple[str, float, str]]:
    plans = [Course(seed, crews=FIELDS[seed % len(FIELDS)]) for seed in range(SEED, SEED + days)]
    false = sum(bool(_findings(driven(plan))) for plan in plans)
    return [(f"clean days with a finding, of {days} from seed {SEED}", false, "days")]


def _findings(day: Driven) -> list[Finding]:
    return sanity(day.event, Outcome(tuple(day.passages.values()), (), tuple(day.scores), (), ()))


def _of_field(crews: int, days: int) -> list[tuple[str, float, str]]:
    """Return the shares of days on which each fault is found in a field of so many crews."""
    rows = []
    for size_cs in SIZES_CS:
        for what, off, name in (
            ("tube A2", {"late_cs": {"A2": size_cs}}, "A2"),
            ("ideal time A2-A3", {"ideal_cs": {"A2-A3": size_cs}}, "A2-A3"),
            ("tube A2 from the middle on", {"late_cs": {"A2": size_cs}, "since": {"A2": 0.5}}, "A2"),
            ("tube A2 drifting", {"drift_cs": {"A2": size_cs}}, "A2"),
        ):
            plans = (Course(seed, crews=crews, **off) for seed in range(SEED, SEED + days))
            rows += _row(f"{crews} crews, {what}, {size_cs}/100 s", name, [_offsets(plan) for plan in plans])
    return rows


def _offsets(plan: Course) -> list[Offset]:
    day = driven(plan)
    return offsets(day.event, day.scores)


def _row(what: str, name: str, offsets_by_day: list[list[Offset]]) -> list[tuple[str, float, str]]:
    days = len(offsets_by_day)
    right = [
        offset
        for offsets in offsets_by_day
        for offset in offsets[:1]
        if name in [cause.name for cause in offset.pattern.causes]
    ]
    wrong = sum(bool(offsets) for offsets in offsets_by_day) - len(right)
    rows = [(f"{what}: found", 100 * len(right) / days, f"% of {days} days")]
    if wrong:
        rows.append((f"{what}: another cause told", 100 * wrong / days, f"% of {days} days"))
    if right:
        rows.append((f"{what}: size told", fmean(abs(offset.size_cs) for offset in right), "1/100 s"))
        rows.append((f"{what}: its error told", fmean(offset.error_cs for offset in right), "1/100 s"))
    return rows


def _backups(days: int) -> list[tuple[str, float, str]]:
    """Return the shares of days with a finding about a backup tube at A1: alike, later, drifting, each missing cars."""
    rows = []
    for what, late_ms, drift_ms, missed in (
        ("alike within 2 ms", 0.0, 0.0, 0.0),
        ("20 ms later", 20.0, 0.0, 0.0),
        ("drifting by 20 ms", 0.0, 20.0, 0.0),
        ("each missing 2 % of the cars", 0.0, 0.0, 0.02),
    ):
        findings_by_day = [_beside(seed, late_ms, drift_ms, missed) for seed in range(SEED, SEED + days)]
        title = f"backup tube, 120 cars, {what}: days with a finding"
        rows.append((title, 100 * fmean(map(bool, findings_by_day)), f"% of {days} days"))
    return rows


def _beside(seed: int, late_ms: float, drift_ms: float, missed: float) -> list[Finding]:
    """Return the findings of a day with a second tube at A1."""
    random, day = Random(f"backup {seed}"), driven(Course(seed, crews=120))
    main = [passage for (point, _), passage in day.passages.items() if point == "A1"]
    beside_ms = (late_ms + drift_ms * place / len(main) + random.gauss(0, 1) for place in range(len(main)))
    backup = [
        passage._replace(id=f"A1b:{place}", timing_point="A1b", at_ns=(passage.at_ns or 0) + round(beside * 10**6))
        for place, (passage, beside) in enumerate(zip(main, beside_ms, strict=True))
    ]
    kept = [passage for passage in (*main, *backup) if random.random() >= missed]
    points = (*day.event.timing_points, TimingPoint("A1b", "road", "000000000000ffff", 1, 25, 1500, backup_of="A1"))
    return sanity(replace(day.event, timing_points=points), Outcome(tuple(kept), (), (), (), ()))


def _large() -> list[tuple[str, float, str]]:
    day = driven(LARGE)
    outcome = Outcome(tuple(day.passages.values()), (), tuple(day.scores), (), ())
    start = time.process_time()
    findings = sanity(day.event, outcome)
    spent_s = time.process_time() - start
    points = sum(LARGE.chains)
    return [(f"{LARGE.crews} crews, {points} points: all looked at, {len(findings)} findings", spent_s, "s")]


if __name__ == "__main__":
    days = int(sys.argv[1]) if len(sys.argv) > 1 else CLEAN_DAYS
    for row in run(days, max(1, days * OFF_DAYS // CLEAN_DAYS)):
        print("{:<80} {:>10.4g} {}".format(*row))
