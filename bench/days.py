"""Attribution on a thousand days of a season: how much is wrong, asked or open, and how long it takes.

20 to 500 crews, chains of 2 to 8 with a time control before each, every 30 or 60 s, without marshals' lists or with
lists of 0, 2 and 10 % errors, all faults at realistic rates (simulate/days.py, which knows the truth). Passages are
those of tubes; a card names its crew and is none.

python -m bench.days [DAYS [FIRST SEED [bare]]]; bare: without time controls. Every wrong day is named by its seed, and
usual_plan(seed, carded) makes it again. It takes some ten minutes.
"""

import sys
import time
from collections import defaultdict
from typing import NamedTuple

from centesimo.match import match
from simulate.days import day, mistakes, usual_plan

DAYS = 1000
FIRST = 0
SURER = 0.999, 0.9999  # thresholds beside the usual one: what would be wrong, and what would be asked


class Count(NamedTuple):
    """The figures of some days together."""

    days: int = 0
    passages: int = 0
    attributed: int = 0
    wrong: int = 0
    doubt: float = 0.0  # of all attributions together: so many should be wrong if their confidences are honest
    wrong_days: int = 0
    wrong_surer: int = 0  # wrong with a confidence of SURER[0] and more
    wrong_surest: int = 0  # and of SURER[1]
    less_sure: int = 0  # attributed with less than SURER[0]
    less_surest: int = 0
    questions: int = 0
    seconds: float = 0.0

    def plus(self, further: "Count") -> "Count":
        """Return the sums of this count and a further one."""
        return Count._make(own + added for own, added in zip(self, further, strict=True))


def run(days: int = DAYS, first: int = FIRST, carded: bool = True) -> list[tuple[str, float, str]]:
    """Return (what, value, unit) for all days, and by interval and lists."""
    counts: dict[str, Count] = defaultdict(Count)
    for seed in range(first, first + days):
        kind, counted = _count(seed, carded)
        counts[kind] = counts[kind].plus(counted)
        counts["all"] = counts["all"].plus(counted)
    return [figure for kind in sorted(counts) for figure in _figures(kind, counts[kind], first)]


def _count(seed: int, carded: bool) -> tuple[str, Count]:
    """Return what kind of day a seed gives, and its figures."""
    plan = usual_plan(seed, carded)
    made = day(plan)
    start = time.process_time()
    attributions, findings = match(made.event, made.passages, made.lists)
    seconds = time.process_time() - start
    attributions = [attribution for attribution in attributions if attribution.passage.start_number is None]
    wrong = mistakes(made, attributions)
    if wrong:
        print(f"seed {seed}: {len(wrong)} wrong, the first is {wrong[0]} ({plan})", file=sys.stderr)
    lists = f"lists {plan.faults.list_:.0%} wrong" if plan.listed else "no lists"
    asked = sum(finding.kind == "doubtful" for finding in findings)
    doubt = sum(1 - attribution.confidence for attribution in attributions)
    ids = {identity for identity, _ in wrong}
    of_wrong = [attribution.confidence for attribution in attributions if attribution.passage.id in ids]
    surer, surest = SURER
    count = Count(
        1,
        sum(passage.start_number is None for passage in made.passages),
        len(attributions),
        len(wrong),
        doubt,
        bool(wrong),
        sum(confidence >= surer for confidence in of_wrong),
        sum(confidence >= surest for confidence in of_wrong),
        sum(attribution.confidence < surer for attribution in attributions),
        sum(attribution.confidence < surest for attribution in attributions),
        asked,
        seconds,
    )
    return f"every {plan.interval_s} s, {lists}", count


def _figures(kind: str, count: Count, first: int) -> list[tuple[str, float, str]]:
    where = f"{kind} ({count.days} days from seed {first}, {count.passages} passages)"
    return [
        (f"wrong, {where}", count.wrong, "attributions"),
        (f"wrong by their own confidences, {kind}", count.doubt, "attributions"),
        (f"days with a wrong one, {kind}", count.wrong_days, "days"),
        *(
            figure
            for least, wrong, below in zip(
                SURER,
                (count.wrong_surer, count.wrong_surest),
                (count.less_sure, count.less_surest),
                strict=True,
            )
            for figure in (
                (f"wrong at {least} and more, {kind}", wrong, "attributions"),
                (f"attributed with less than {least}, {kind}", 100 * below / count.passages, "%"),
            )
        ),
        (f"questions, {kind}", 1000 * count.questions / count.passages, "per 1000"),
        (f"open or nobody's, {kind}", 100 * (1 - count.attributed / count.passages), "%"),
        (f"100,000 passages, {kind}", 100_000 * count.seconds / count.passages, "s"),
    ]


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:3]]
    days, first = (*numbers, *(DAYS, FIRST)[len(numbers) :])
    for row in run(days, first, carded=sys.argv[3:] != ["bare"]):
        print("{:<80} {:>10.4g} {}".format(*row))
