"""Worlds (simulate/worlds.py): what is attributed wrongly, what is asked, what stays open, and how long it takes.

python -m bench.worlds --world queue --evidence lists-1 --passages 200000 --seed 1
python -m bench.worlds --word "sent off"           every event says that word of its chains' order, true or not
python -m bench.worlds --picture docs/calibration.svg      draws what the runs before wrote to build/worlds.jsonl

Evidence: none, first-0 (a list at the first tube of each chain), lists-1 (lists everywhere, of 100 lines 1 is wrong),
keyed-1 (numbers keyed at every tube), cards; joined by +. Passages are those of crews that a tube has stamped: of them
so many are wrong, or open. A passage of nobody's that is said to be a crew's is wrong too. One day's errors come
together, so the upper bound (95 %, one-sided) counts them as fewer: by how much more they scatter from day to day than
single ones would. Each run adds a line of JSON to build/worlds.jsonl.
"""

import argparse
import json
import math
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bench.calibration import Bins, draw, no_bins, put, together
from bench.timekeeper import Answered, settle
from centesimo.compute import Outcome, compute
from simulate.people import evidence
from simulate.worlds import UNUSUAL, WORLDS, Day, days

SURE = 0.99, 0.999, 0.9999
PASSAGES = 2000  # of each world by default: a look, not a measurement
USUAL = "none", "first-0", "lists-1", "keyed-1"
OUT = Path("build/worlds.jsonl")
MILLION = 1_000_000
LARGEST = 80  # crews of a day that the simulated timekeeper settles
# What issue and design ask for at the default threshold: wrong per million, open in 100, asked in 1,000.
REACH = {"keyed-1": (50, 0.5, 5), "lists-1": (200, 2, 15), "first-0": (500, math.inf, math.inf)}


class Count(NamedTuple):
    """What one day came to."""

    crews: int
    passages: int  # of crews
    strangers: int  # passages of nobody's
    sure: tuple[int, ...]  # attributions as sure as SURE
    wrong: tuple[int, ...]  # of them
    beside: int  # attributed to a crew whose car is in it, though nobody's car began it: no wrong crew, a wrong time
    open: int
    asked: int  # doubts that ask whose passages are
    seconds: float
    bins: Bins  # by what was said of each passage, how often it was so


def count(made: Day) -> Count:
    """Return what a day comes to."""
    facts = made.facts()
    start = time.process_time()
    outcome = compute(facts)
    seconds = time.process_time() - start
    whose = {passage.id: made.truth[passage.id] for passage in made.passages}
    given = [attribution for attribution in outcome.attributions if attribution.passage.id in whose]
    beside = [
        attribution for attribution in given if made.beside.get(attribution.passage.id) == attribution.start_number
    ]
    wrong = [
        attribution
        for attribution in given
        if attribution.start_number not in (whose[attribution.passage.id], made.beside.get(attribution.passage.id))
    ]
    least = made.event.threshold
    settled = {attribution.passage.id for attribution in given if attribution.confidence >= least}
    of_crews = {identity for identity, number in whose.items() if number is not None}
    return Count(
        len(made.event.entries),
        len(of_crews),
        len(whose) - len(of_crews),
        tuple(sum(attribution.confidence >= sure for attribution in given) for sure in SURE),
        tuple(sum(attribution.confidence >= sure for attribution in wrong) for sure in SURE),
        len(beside),
        len(of_crews - settled),
        sum(finding.kind == "doubtful" for finding in outcome.findings),
        seconds,
        _bins(outcome, whose),
    )


def _bins(outcome: Outcome, whose: dict[str, int | None]) -> Bins:
    """Return by what was said how often it was so: of attributions, and of the candidates of what is open."""
    bins = no_bins()
    named = {attribution.passage.id for attribution in outcome.attributions}
    for attribution in outcome.attributions:
        if attribution.passage.id in whose:
            put(bins, attribution.confidence, whose[attribution.passage.id] == attribution.start_number)
    for finding in outcome.findings:
        for candidate in finding.candidates:
            if candidate.passage in whose and candidate.passage not in named:
                put(bins, candidate.chance, whose[candidate.passage] == candidate.start_number)
    return bins


def upper_bound(counts: Sequence[int], total: int) -> float:
    """Return what share is wrong at most (95 %, one-sided), where `counts` are wrong in each of some days.

    Poisson's bound by Wilson and Hilferty; what scatters more from day to day counts as fewer errors of fewer passages.
    """
    if not total:
        return 1.0
    wrong, days_ = sum(counts), len(counts)
    mean = wrong / days_
    spread = sum((count_of_day - mean) ** 2 for count_of_day in counts) / (days_ - 1) if days_ > 1 else 0.0
    together = max(1.0, spread / mean) if wrong else 1.0
    most = wrong / together + 1
    return min(1.0, together * most * (1 - 1 / (9 * most) + 1.645 / (3 * math.sqrt(most))) ** 3 / total)


class Run(NamedTuple):
    """What is run: a world, what people write down, the word that events say ("": what is so), how much, from where."""

    world: str
    evidence: str
    word: str = ""
    passages: int = PASSAGES
    seed: int = 0
    settled: int = 0  # days that a simulated timekeeper settles


def measure(wanted: Run) -> dict[str, Any]:
    """Return all figures of a run."""
    counts: list[Count] = []
    answered: list[Answered] = []
    for made in days(wanted.world, evidence(wanted.evidence), wanted.passages, wanted.seed, wanted.word):
        counts.append(count(made))
        if len(answered) < wanted.settled and len(made.event.entries) <= LARGEST:
            answered.append(settle(made))
    return {**wanted._asdict(), **_figures(counts), **_settled(answered)}


def _figures(counts: Sequence[Count]) -> dict[str, Any]:
    passages = sum(day.passages for day in counts)
    figures: dict[str, Any] = {
        "days": len(counts),
        "crews": sum(day.crews for day in counts),
        "passages": passages,
        "strangers": sum(day.strangers for day in counts),
    }
    for place, sure in enumerate(SURE):
        wrong = [day.wrong[place] for day in counts]
        attributed = sum(day.sure[place] for day in counts)
        figures[f"wrong per million at {sure}"] = MILLION * sum(wrong) / passages
        figures[f"at most at {sure}"] = MILLION * upper_bound(wrong, passages)
        figures[f"share wrong at {sure}"] = sum(wrong) / attributed if attributed else 0.0
        figures[f"share at most at {sure}"] = upper_bound(wrong, attributed) if attributed else 0.0
    figures["beside per million"] = MILLION * sum(day.beside for day in counts) / passages
    figures["open %"] = 100 * sum(day.open for day in counts) / passages
    figures["ask in 1,000"] = 1000 * sum(day.asked for day in counts) / passages
    figures["s per 100,000"] = 100_000 * sum(day.seconds for day in counts) / (passages + figures["strangers"])
    figures["bins"] = together([day.bins for day in counts])
    return figures


def _settled(answered: Sequence[Answered]) -> dict[str, Any]:
    if not answered:
        return {}
    passages = sum(day.passages for day in answered)
    return {
        "settled days": len(answered),
        "answers in 1,000": 1000 * sum(day.answers for day in answered) / passages,
        "open % after": 100 * sum(day.open for day in answered) / passages,
        "wrong before": sum(day.wrong_before for day in answered),
        "wrong after": sum(day.wrong for day in answered),
    }


def missed(figures: dict[str, Any]) -> str:
    """Return which reaches a run misses, calibration first; "": none."""
    wrong, open_, asked = REACH.get(figures["evidence"], (math.inf,) * 3)
    lacks = [
        f"calibration at {sure}" for sure in SURE[:2] if figures[f"share wrong at {sure}"] > (1 - sure) * (1 + 1e-9)
    ]
    lacks += ["wrong"] if figures["wrong per million at 0.99"] > wrong else []
    lacks += ["open"] if figures["open %"] > open_ else []
    lacks += ["asked"] if figures["ask in 1,000"] > asked else []
    return ", ".join(lacks)


HEAD = (
    f"{'world':<20} {'evidence':<14} {'passages':>8} | "
    + " | ".join(f"wrong/M at {sure:<6} (most) {'share %':>8}" for sure in SURE)
    + " |  open %  ask/1000  s/100k | answers/1000 open after wrong"
)


def line(figures: dict[str, Any]) -> str:
    """Return a run's line of the table."""
    parts = [f"{figures['world']:<20} {figures['evidence']:<14} {figures['passages']:>8}"]
    for sure in SURE:
        per_million, most = figures[f"wrong per million at {sure}"], figures[f"at most at {sure}"]
        parts.append(f"{per_million:>9.0f} {f'({most:.0f})':>14} {100 * figures[f'share wrong at {sure}']:>8.3f}  ")
    parts.append(f"{figures['open %']:>7.2f} {figures['ask in 1,000']:>9.2f} {figures['s per 100,000']:>7.1f}")
    if "answers in 1,000" in figures:
        wrong = f"{figures['wrong before']} -> {figures['wrong after']}"
        parts.append(f"{figures['answers in 1,000']:>12.1f} {figures['open % after']:>10.2f} {wrong}")
    return " | ".join(parts)


def runs(options: argparse.Namespace) -> Iterator[Run]:
    """Yield what is to be run."""
    for world in options.world or list(WORLDS):
        for words in options.evidence or USUAL:
            yield Run(world, words, options.word, options.passages, options.seed, options.answers)


def run() -> list[tuple[str, float, str]]:
    """Return (what, value, unit) of a look at every world, for `python -m bench worlds`."""
    rows = []
    for wanted in runs(_options([])):
        figures = measure(wanted)
        where = f"{wanted.world}, {wanted.evidence}"
        rows += [
            (f"wrong at 0.99, {where}", figures["wrong per million at 0.99"], "per million"),
            (f"at most, {where}", figures["at most at 0.99"], "per million"),
            (f"open, {where}", figures["open %"], "%"),
            (f"asked, {where}", figures["ask in 1,000"], "per 1000"),
            (f"100,000 passages, {where}", figures["s per 100,000"], "s"),
        ]
    return rows


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.worlds", description=__doc__.split("\n")[0])
    parser.add_argument("--world", action="append", choices=[*WORLDS, *UNUSUAL], help="one of them; all usual ones")
    parser.add_argument("--evidence", action="append", help=f"kinds joined by +; {', '.join(USUAL)}")
    parser.add_argument("--passages", type=int, default=PASSAGES, help="of crews, at least, in each run")
    parser.add_argument("--seed", type=int, default=0, help="of the first day")
    parser.add_argument("--word", default="", help="what events say of the order, in place of what is so")
    parser.add_argument("--answers", type=int, default=0, help="days that a simulated timekeeper settles, in each run")
    parser.add_argument("--out", type=Path, default=OUT, help="JSON lines, appended to")
    parser.add_argument("--picture", type=Path, help="draw the calibration of what is in --out, and run nothing")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> None:
    """Run what is asked for, or draw what was run."""
    options = _options(arguments)
    if options.picture:
        draw(map(json.loads, options.out.read_text().splitlines()), options.picture)
        return
    options.out.parent.mkdir(exist_ok=True)
    print(HEAD)
    with options.out.open("a") as out:
        for wanted in runs(options):
            figures = measure(wanted)
            print(line(figures), f"| missed: {lacks}" if (lacks := missed(figures)) else "", flush=True)
            out.write(json.dumps(figures) + "\n")
            out.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
