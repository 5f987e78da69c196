"""What the ranking would be: the same facts with a trial cancelled, other rules, another lock-out or another threshold.

Nothing is decided and nothing is written: a supposition is put over the facts in memory, everything is computed again,
and both rankings are shown side by side.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from centesimo.amend import made
from centesimo.compute import Facts, Outcome, compute
from centesimo.model.course import controls_named
from centesimo.model.decisions import Decision
from centesimo.model.facts import OPEN, Line, Ranking

WHO, WHY = "what if", "what if"


class Supposed(NamedTuple):
    """What is supposed to be otherwise; all of it at once."""

    cancelled: tuple[tuple[str, int | None], ...] = ()  # (control or average trial, start number; None: for all)
    rulebooks: tuple[tuple[str, str], ...] = ()  # (race, rule book)
    bounce_ms: tuple[tuple[str, int], ...] = ()  # (timing point, value)
    axle_ms: tuple[tuple[str, int], ...] = ()
    threshold: float | None = None  # confidence from which a passage is a crew's, 0.5 .. 1


class SupposedLine(NamedTuple):
    """One crew in both rankings."""

    start_number: int
    crew: str
    position: int | None  # None: not ranked, `status` says why
    total: Decimal
    status: str
    would_be: int | None
    would_total: Decimal
    would_status: str
    open: int  # scores of it that are open, and that would be
    would_be_open: int


def suppose(facts: Facts, supposed: Supposed) -> Facts:
    """Return the facts as they would be."""
    event = facts.event
    book_by_race = dict(supposed.rulebooks)
    bounce_by_point, axle_by_point = dict(supposed.bounce_ms), dict(supposed.axle_ms)
    races = tuple(replace(race, rulebook=book_by_race.get(race.id, race.rulebook)) for race in event.races)
    points = tuple(
        replace(
            point,
            bounce_ms=bounce_by_point.get(point.id, point.bounce_ms),
            axle_ms=axle_by_point.get(point.id, point.axle_ms),
        )
        for point in event.timing_points
    )
    decisions = (*facts.decisions, *_cancelled(facts, supposed))
    return facts._replace(event=replace(event, races=races, timing_points=points), decisions=decisions)


def _cancelled(facts: Facts, supposed: Supposed) -> list[Decision]:
    """Return the decisions that would cancel, decided after all others."""
    last_ns = max((decision.at_ns for decision in facts.decisions), default=0)
    return [
        made("cancel", WHO, WHY, last_ns + 1, control=control, start_number=number)
        for name, number in supposed.cancelled
        for control in controls_named(facts.event, name)
    ]


def whatif(facts: Facts, supposed: Supposed, up_to: str | None = None) -> Outcome:
    """Return the outcome that the supposition would give; RuleBookError when a rule book does not fit."""
    return compute(suppose(facts, supposed), up_to, supposed.threshold)


def supposed_lines(now: Ranking, then: Ranking) -> list[SupposedLine]:
    """Return every crew of a ranking, in the order in which it would be."""
    line_by_number = {line.entry.start_number: line for line in now.lines}
    lines = []
    for line in then.lines:
        before = line_by_number[line.entry.start_number]
        entry = line.entry
        lines.append(
            SupposedLine(
                entry.start_number,
                entry.crew,
                before.position,
                before.total,
                before.status,
                line.position,
                line.total,
                line.status,
                _open(before),
                _open(line),
            )
        )
    return lines


def _open(line: Line) -> int:
    return sum(score.status == OPEN for score in line.scores)


def differing(rows: Sequence[SupposedLine]) -> int:
    """Return how many crews would have another place or another total."""
    return sum(
        (row.position, row.total, row.status) != (row.would_be, row.would_total, row.would_status) for row in rows
    )
