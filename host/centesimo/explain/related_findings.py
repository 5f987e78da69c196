"""The findings that concern one score: why it may be open though there is a passage, or why it may be wrong."""

from collections.abc import Iterable

from centesimo.model.event import Control
from centesimo.model.facts import Passage, Score
from centesimo.model.findings import Finding


def findings_about(
    control: Control, score: Score, findings: Iterable[Finding], passages: Iterable[Passage]
) -> list[Finding]:
    """Return the findings about the score's passages, its crew at that control, or passages there that may be its."""
    number, places = score.start_number, {control.id, control.opens, control.closes} - {None}
    own = {passage.id for passage in score.passages}
    there = {passage.id for passage in passages if passage.timing_point in places}
    return [
        finding
        for finding in findings
        if own.intersection(finding.passages)
        or (finding.start_number == number and finding.where in places)
        or any(candidate.start_number == number and candidate.passage in there for candidate in finding.candidates)
    ]
