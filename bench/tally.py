"""What days of a world come to: how much is wrong at which confidence, open, asked; with what is wrong at most."""

import math
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

from bench.calibration import Bins, no_bins, put, together
from centesimo.compute import Outcome, compute
from centesimo.model.facts import Attribution
from simulate.worlds import WorldDay

SURE = 0.99, 0.999, 0.9999
MILLION = 1_000_000
# What is to be reached at the default threshold: wrong per million, open in 100, asked in 1,000.
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
    first_wrong: str  # passage, crew said, crew in truth, confidence; "": nothing is wrong


def count(made: WorldDay) -> Count:
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
        _told(max(wrong, key=lambda attribution: attribution.confidence), whose) if wrong else "",
    )


def _told(wrong: Attribution, whose: dict[str, int | None]) -> str:
    at, crew = f"{wrong.passage.id} at {wrong.passage.timing_point}", whose[wrong.passage.id]
    return f"{at} is said to be {wrong.start_number}'s ({wrong.confidence:.6f}), but is {crew or 'nobody'}'s"


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


def figures_of(counts: Sequence[Count]) -> dict[str, Any]:
    """Return the figures of some days together, by their names."""
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
