"""The findings that are about one score: why it may be open though there is a passage, and what speaks against it."""

from collections.abc import Iterable

from centesimo.model.event import Control
from centesimo.model.facts import Passage, Score
from centesimo.model.findings import Finding


def findings_about(
    control: Control, score: Score, findings: Iterable[Finding], passages: Iterable[Passage]
) -> list[Finding]:
    """Return those about its passages, its crew at its control or points, or a passage there that may be its own."""
    number, places = score.start_number, {control.id, control.opens, control.closes} - {None}
    own = {one.id for one in score.passages}
    there = {one.id for one in passages if one.timing_point in places}
    return [
        one
        for one in findings
        if own.intersection(one.passages)
        or (one.start_number == number and one.where in places)
        or any(its.start_number == number and its.passage in there for its in one.candidates)
    ]
