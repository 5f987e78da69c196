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
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bench.calibration import draw
from bench.tally import SURE, Count, count, figures_of, missed
from bench.timekeeper import Answered, settle
from simulate import odd_worlds
from simulate.odd_worlds import ODD
from simulate.people import evidence
from simulate.worlds import UNUSUAL, WORLDS, days

PASSAGES = 2000  # of each world by default: a look, not a measurement
USUAL = "none", "first-0", "lists-1", "keyed-1"
OUT = Path("build/worlds.jsonl")
LARGEST = 80  # crews of a day that the simulated timekeeper settles


class Run(NamedTuple):
    """What is run: a world, what people write down, the word that events say ("": what is so), how much, from where."""

    world: str
    evidence: str
    word: str = ""
    passages: int = PASSAGES
    seed: int = 0
    settled: int = 0  # days that a simulated timekeeper settles
    is_shown: bool = False  # name every day on which something is wrong


def measure(wanted: Run) -> dict[str, Any]:
    """Return all figures of a run."""
    counts: list[Count] = []
    answered: list[Answered] = []
    days_of = odd_worlds.days if wanted.world in ODD else days
    for made in days_of(wanted.world, evidence(wanted.evidence), wanted.passages, wanted.seed, wanted.word):
        counts.append(count(made))
        if wanted.is_shown and counts[-1].first_wrong:
            where = f"{wanted.world}, {wanted.evidence}, seed {wanted.seed + len(counts) - 1}"
            print(f"{where}: {counts[-1].wrong[0]} wrong; {counts[-1].first_wrong}", file=sys.stderr)
        if len(answered) < wanted.settled and len(made.event.entries) <= LARGEST:
            answered.append(settle(made))
    return {**wanted._asdict(), **figures_of(counts), **_settled(answered)}


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
            yield Run(world, words, options.word, options.passages, options.seed, options.answers, options.show)


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
    parser.add_argument(
        "--world", action="append", choices=[*WORLDS, *UNUSUAL, *ODD], help="one of them; all usual ones"
    )
    parser.add_argument("--evidence", action="append", help=f"kinds joined by +; {', '.join(USUAL)}")
    parser.add_argument("--passages", type=int, default=PASSAGES, help="of crews, at least, in each run")
    parser.add_argument("--seed", type=int, default=0, help="of the first day")
    parser.add_argument("--word", default="", help="what events say of the order, in place of what is so")
    parser.add_argument("--answers", type=int, default=0, help="days that a simulated timekeeper settles, in each run")
    parser.add_argument("--show", action="store_true", help="name every day on which something is wrong, by its seed")
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
