"""What is published of a ranking, as values that JSON can hold; terminal, CSV, JSON and page show these and no others.

The store keeps exactly this text, so that each version can be shown and compared again for ever. Numbers that count are
texts, "" where there is none: "12.70" stays "12.70" in every program.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, NotRequired, TypedDict

from centesimo.model.about_passages import NotSeen
from centesimo.model.event import Event
from centesimo.model.facts import Line, Ranking, Score
from centesimo.model.findings import PUBLIC, Finding
from centesimo.rank.selections import TeamLine, TeamRanking
from centesimo.words.findings import content as finding_content
from centesimo.words.findings import find_not_seen, sentence, together
from centesimo.words.languages import OTHERS, say


class Named(TypedDict):
    """A race or a leg."""

    id: str
    name: str


class ControlContent(TypedDict):
    """One control of a ranking; `leg` is its leg's id."""

    id: str
    kind: str
    leg: str


class ScoreContent(TypedDict):
    """What one control gave; docs/publishing.md explains every key."""

    control: str
    status: str
    set_cs: int | None
    taken_cs: int | None
    deviation: int | None
    unit: str
    penalty: str
    reason: str
    passages: list[str]
    doubts: list[str]
    fails: NotRequired[int]  # only where there are
    sources: NotRequired[dict[str, str]]  # by timing point: of passages that no board has timed; only where there are


class LineContent(TypedDict):
    """One crew's line."""

    position: int | None
    start_number: int
    crew: str
    car: str
    year: int
    team: str
    net: str
    coefficient: str
    total: str
    gap: str
    ahead: str
    status: str
    scores: list[ScoreContent]
    fails: NotRequired[int]  # fewer come first, before the total; only where there are
    coefficients: NotRequired[dict[str, str]]  # by leg, over all legs where the car was not the same
    multiplied: NotRequired[str]  # what of the net the coefficient multiplies; only where that is not all of it


class PlacedContent(TypedDict):
    """One crew's line of a further ranking; the rest of it stands in the race's own."""

    position: int | None
    start_number: int
    coefficient: str
    total: str
    gap: str
    ahead: str
    fails: NotRequired[int]  # only where there are


class TeamContent(TypedDict):
    """One team's (or nation's) line; its cars and their totals in the same order."""

    position: int | None
    name: str
    start_numbers: list[int]
    totals: list[str]
    total: str
    gap: str
    ahead: str
    status: str
    fails: NotRequired[int]  # of its cars that count; only where there are


class FurtherContent(TypedDict):
    """One further ranking: of `crews`, or of `teams` where `by` is "team" or "nation"."""

    id: str
    name: str
    by: str
    crews: list[PlacedContent]
    teams: list[TeamContent]


class NotSeenContent(TypedDict):
    """Where a crew was not seen: `missing` of the `points` of a chain."""

    start_number: int
    missing: list[str]
    points: list[str]


class Content(TypedDict):
    """All that is published of one ranking."""

    event: str
    timezone: str
    race: Named
    leg: Named | None
    legs: list[Named]
    up_to: str | None
    rulebook: dict[str, str]
    wins: str
    rounding: NotRequired[str]  # of each total; of versions that were posted before it was published there is none
    controls: list[ControlContent]
    lines: list[LineContent]
    findings: list[dict[str, Any]]
    # Beside each finding of a posted version, None where it says something else; what was posted before lacks it.
    not_seen: NotRequired[list[NotSeenContent | None]]
    further: NotRequired[list[FurtherContent]]  # of a posted version; only where event.toml has a [[ranking]]
    approved_by: NotRequired[str]  # of a version that was posted
    # By language beside English: each sentence of this content (reasons, doubts, findings, statuses) said in it.
    texts: NotRequired[dict[str, dict[str, str]]]
    attested: NotRequired[str]  # what the store held when it was posted: a line of centesimo attest
    event_digest: NotRequired[str]  # the version of the event folder that it was first posted from


BOARD = "board"  # the source of a passage that a board has timed
HIGHEST, LOWEST = "highest", "lowest"
# What does not make a new version: a comment in event.toml changes its digest, and no number; `not_seen` and `texts`
# say again, as values and in other languages, what the texts of the findings and scores say.
_NOT_COUNTED = ("approved_by", "attested", "event_digest", "not_seen", "texts")


def content(event: Event, ranking: Ranking, findings: Sequence[Finding]) -> Content:
    """Return all that is published of a ranking and its findings."""
    legs = {control.leg for control in ranking.controls}
    return {
        "event": ranking.event,
        "timezone": event.timezone.key,
        "race": {"id": ranking.race.id, "name": ranking.race.name},
        "leg": {"id": ranking.leg.id, "name": ranking.leg.name} if ranking.leg else None,
        "legs": [{"id": leg.id, "name": leg.name} for leg in event.legs if leg.id in legs],
        "up_to": ranking.controls[-1].id if ranking.controls else None,
        "rulebook": {"name": ranking.rulebook, "digest": ranking.rulebook_digest},
        "wins": HIGHEST if ranking.highest_wins else LOWEST,
        "rounding": ranking.rounding,
        "controls": [{"id": control.id, "kind": control.kind, "leg": control.leg} for control in ranking.controls],
        "lines": [line_content(line) for line in ranking.lines],
        "findings": [finding_content(finding, event) for finding in findings],
    }


def not_seen(findings: Sequence[Finding]) -> list[NotSeenContent | None]:
    """Return, finding by finding, where a crew was not seen."""
    return [_not_seen(crew) if (crew := find_not_seen(finding)) else None for finding in findings]


def texts_of(
    event: Event, ranking: Ranking, findings: Sequence[Finding], statuses: Iterable[str] = ()
) -> dict[str, dict[str, str]]:
    """Return every sentence of a ranking's content in each language beside English, by the English one.

    `statuses` are those of the lines of its further rankings.
    """
    sentences: dict[str, str] = {ranking.rounding: ranking.rounding}
    for line in ranking.lines:
        sentences[line.status] = line.status
        for score in line.scores:
            sentences[score.reason] = score.reason
            sentences.update({doubt: doubt for doubt in score.doubts})
    sentences.update({status: status for status in statuses})
    sentences.update({text: text for text in (sentence(finding, event) for finding in findings)})
    return {language: _in_language(language, sentences.values()) for language in OTHERS}


def _in_language(language: str, sentences: Iterable[str]) -> dict[str, str]:
    """Return those of some sentences that a language says otherwise."""
    said_by_sentence = {str(text): say(language, text) for text in sentences}
    return {text: other for text, other in said_by_sentence.items() if other != text}


def _not_seen(crew: NotSeen) -> NotSeenContent:
    return {"start_number": crew.start_number, "missing": list(crew.missing), "points": list(crew.points)}


def questions_of(published: Content) -> list[str]:
    """Return the sentences of the findings of a content; crews that were not seen at the same points share one.

    Each can be said in another language: by the content's `texts`, or by what it was made of.
    """
    texts = [str(finding["text"]) for finding in published["findings"]]
    crews = published.get("not_seen") or [None] * len(texts)
    return together((text, _find_crew(crew)) for text, crew in zip(texts, crews, strict=True))


def _find_crew(crew: NotSeenContent | None) -> NotSeen | None:
    return NotSeen(crew["start_number"], tuple(crew["missing"]), tuple(crew["points"])) if crew else None


def digest(published: Content) -> str:
    """Return the SHA-256 (hex) by which two contents are the same: all of a content that follows from the race."""
    counted = {key: value for key, value in published.items() if key not in _NOT_COUNTED}
    return hashlib.sha256(json.dumps(counted, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def findings_of(event: Event, ranking: Ranking, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings about a ranking that crews and public see."""
    public = (finding for finding in findings if finding.kind in PUBLIC)
    return tuple(finding for finding in public if concerns(event, ranking, finding.where, _crews_of(finding)))


def _crews_of(finding: Finding) -> tuple[int, ...]:
    return () if finding.start_number is None else (finding.start_number,)


def concerns(event: Event, ranking: Ranking, where: str, start_numbers: Sequence[int]) -> bool:
    """Say whether something concerns a ranking: its controls and their points, or no place; its crews, or none."""
    numbers = {line.entry.start_number for line in ranking.lines}
    own = {place for control in ranking.controls for place in (control.id, control.opens, control.closes)}
    all_places = {point.id for point in event.timing_points} | {control.id for control in event.controls}
    return (not start_numbers or not numbers.isdisjoint(start_numbers)) and (where in own or where not in all_places)


def line_content(line: Line) -> LineContent:
    """Return what is published of a crew's line."""
    entry = line.entry
    content: LineContent = {
        "position": line.position,
        "start_number": entry.start_number,
        "crew": entry.crew,
        "car": entry.car,
        "year": entry.year,
        "team": entry.team,
        "net": number_text(line.net),
        "coefficient": number_text(line.coefficient),
        "total": number_text(line.total),
        "gap": number_text(line.gap),
        "ahead": number_text(line.ahead),
        "status": line.status,
        "scores": [score_content(score) for score in line.scores],
    }
    if line.multiplied != line.net:
        content["multiplied"] = number_text(line.multiplied)
    if line.fails:
        content["fails"] = line.fails
    if line.coefficients:
        content["coefficients"] = {leg: number_text(factor) for leg, factor in line.coefficients}
    return content


def score_content(score: Score) -> ScoreContent:
    """Return what is published of a score."""
    content: ScoreContent = {
        "control": score.control,
        "status": score.status,
        "set_cs": score.set_cs,
        "taken_cs": score.taken_cs,
        "deviation": score.deviation,
        "unit": score.unit,
        "penalty": number_text(score.penalty),
        "reason": score.reason,
        "passages": [passage.id for passage in score.passages],
        "doubts": list(score.doubts),
    }
    if sources := {passage.timing_point: passage.source for passage in score.passages if passage.source != BOARD}:
        content["sources"] = sources
    if score.fails:
        content["fails"] = score.fails
    return content


def team_content(ranking: TeamRanking) -> dict[str, Any]:
    """Return a ranking of teams as values that JSON can hold."""
    return {
        "race": {"id": ranking.race.id, "name": ranking.race.name},
        "leg": {"id": ranking.leg.id, "name": ranking.leg.name} if ranking.leg else None,
        "by": ranking.by,
        "lines": [team_line(line) for line in ranking.lines],
    }


def team_line(line: TeamLine) -> TeamContent:
    """Return one team's line as values that JSON can hold."""
    content: TeamContent = {
        "position": line.position,
        "name": line.name,
        "start_numbers": [car.entry.start_number for car in line.lines],
        "totals": [number_text(car.total) for car in line.lines],
        "total": number_text(line.total),
        "gap": number_text(line.gap),
        "ahead": number_text(line.ahead),
        "status": line.status,
    }
    if line.fails:
        content["fails"] = line.fails
    return content


def number_text(value: Decimal | None) -> str:
    """Return a number as data: digits without an exponent, nothing for none."""
    return "" if value is None else f"{value:f}"
