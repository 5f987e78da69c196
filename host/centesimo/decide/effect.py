"""What a decision does to the rankings: who moves, with total and place before and after, and which scores change."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from centesimo.model.facts import Line, Ranking, Score


class MovedLine(NamedTuple):
    """One crew's line of one ranking that is different; before, after."""

    race: str
    leg: str | None
    start_number: int
    crew: str
    position: tuple[int | None, int | None]
    total: tuple[Decimal, Decimal]
    status: tuple[str, str]


class Rescored(NamedTuple):
    """One crew's score at one control that is different; before, after."""

    control: str
    start_number: int
    penalty: tuple[Decimal | None, Decimal | None]
    status: tuple[str, str]
    reason: str  # how it follows now


class Effect(NamedTuple):
    """All that is different."""

    moved: tuple[MovedLine, ...]
    rescored: tuple[Rescored, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it as values that JSON can hold; numbers as text."""
        return {
            "moved": [{**line._asdict(), "total": [f"{total:f}" for total in line.total]} for line in self.moved],
            "rescored": [
                {**score._asdict(), "penalty": [None if cost is None else f"{cost:f}" for cost in score.penalty]}
                for score in self.rescored
            ],
        }


def effect(
    before: tuple[Sequence[Ranking], Sequence[Score]], after: tuple[Sequence[Ranking], Sequence[Score]]
) -> Effect:
    """Return what is different in `after`, rankings and scores of the same event."""
    pairs = zip(before[0], after[0], strict=True)
    moved = [line for old, new in pairs for line in _moved(old, new) if old is not new]
    rescored = [
        Rescored(new.control, new.start_number, (old.penalty, new.penalty), (old.status, new.status), new.reason)
        for old, new in zip(before[1], after[1], strict=True)
        if old is not new and (old.penalty, old.status, old.reason) != (new.penalty, new.status, new.reason)
    ]
    return Effect(tuple(moved), tuple(rescored))


def _moved(before: Ranking, after: Ranking) -> list[MovedLine]:
    old_by_number = {line.entry.start_number: line for line in before.lines}
    moved = []
    for line in after.lines:
        old = old_by_number[line.entry.start_number]
        if old is not line and _shows(old) != _shows(line):
            leg = after.leg.id if after.leg else None
            moved.append(
                MovedLine(
                    after.race.id,
                    leg,
                    line.entry.start_number,
                    line.entry.crew,
                    (old.position, line.position),
                    (old.total, line.total),
                    (old.status, line.status),
                )
            )
    return moved


def _shows(line: Line) -> tuple[int | None, Decimal, str]:
    return line.position, line.total, line.status
