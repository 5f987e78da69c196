"""The words for findings: each is one sentence for an official, made here from the finding's values and nowhere else.

Also what is shown of findings, and in which order: that of the flow, so what boards say of themselves, what stands
against decisions, then place by place along the road, then the lists. It hangs on the facts alone, not on the order in
which they were read.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from centesimo.model.about_passages import NotSeen
from centesimo.model.event import Event
from centesimo.model.findings import Finding, FindingKind
from centesimo.model.memo import Memo
from centesimo.model.said import Said, said
from centesimo.words import about_boards, about_decisions, about_passages, about_people, about_points, english
from centesimo.words.boards import shown_board

PARTS: Mapping[type, Callable[[Any, Finding, Event], Mapping[str, str | int]]] = {
    **about_boards.PARTS,
    **about_decisions.PARTS,
    **about_passages.PARTS,
    **about_people.PARTS,
    **about_points.PARTS,
}
_BOARD = re.compile("[0-9a-f]{16}")
_NUMBER = re.compile(r"(\d+)")


def sentence(finding: Finding, event: Event) -> Said:
    """Return what a finding says, in one sentence; instants in the event's local time."""
    about = finding.about
    parts = PARTS.get(type(about))
    made = parts(about, finding, event) if parts else {}
    values = {**about._asdict(), **made}
    if "board" in values:
        values["board"] = shown_board(event, str(values["board"]))
    return said(english.FINDINGS[type(about)], **values)


def in_order(event: Event, findings: Iterable[Finding], memo: Memo) -> tuple[Finding, ...]:
    """Return findings in the order of the flow, and in it of the road.

    Findings of one kind at one place stand in the order of their sentences, numbers in them by what they are. `memo`
    keeps each place's, as the sentences cost most.
    """
    place = {point.id: number for number, point in enumerate(event.timing_points)}
    place |= {control.id: place[control.closes] for control in event.controls}
    findings_by_place: dict[tuple[Any, ...], list[Finding]] = defaultdict(list)
    for finding in findings:
        where = finding.where
        step = 0 if _BOARD.fullmatch(where) else 1 if finding.kind == FindingKind.DECISION else 2
        findings_by_place[step, place.get(where, len(place)), *_natural(where)].append(finding)
    ordered: list[Finding] = []
    for key in sorted(findings_by_place):
        ordered += memo(("in order", key), _of_one_place, event, tuple(findings_by_place[key]))
    return tuple(ordered)


def _of_one_place(event: Event, findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings of one place in their order."""

    def key(finding: Finding) -> tuple[Any, ...]:
        text = _natural(sentence(finding, event))
        return finding.kind, finding.start_number or 0, text, finding.passages

    return sorted(findings, key=key)


def _natural(text: str) -> list[tuple[int, str]]:
    """Return what a text is sorted by: numbers in it by what they are, "A3.csv:4" before "A3.csv:10"."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in _NUMBER.split(text)]


def sentences(findings: Iterable[Finding], event: Event) -> list[str]:
    """Return the sentences of findings, each once; crews that were not seen at the same points share one."""
    return together((sentence(finding, event), find_not_seen(finding)) for finding in findings)


def find_not_seen(finding: Finding) -> NotSeen | None:
    """Return where a finding says that a crew was not seen; None where it says something else."""
    return finding.about if isinstance(finding.about, NotSeen) else None


def together(texts: Iterable[tuple[str, NotSeen | None]]) -> list[str]:
    """Return sentences in their order, each once; `NotSeen` is what one says, so that crews can share it."""
    groups: dict[str, list[tuple[str, NotSeen | None]]] = {}
    for text, crew in texts:
        groups.setdefault(text if crew is None else about_passages.where_not_seen(crew), []).append((text, crew))
    return [_shared(where, group) for where, group in groups.items()]


def _shared(where: str, group: Sequence[tuple[str, NotSeen | None]]) -> str:
    """Return the one sentence of a group."""
    *before, last = [crew.start_number for _, crew in group if crew is not None] or [0]
    if not before:
        return group[0][0]
    return said(english.SEVERAL_NOT_SEEN, start_numbers=", ".join(map(str, before)), last=last, where=where)


def content(finding: Finding, event: Event) -> dict[str, Any]:
    """Return what is published of a finding; docs/publishing.md explains every key."""
    return {
        "kind": finding.kind,
        "where": finding.where,
        "start_number": finding.start_number,
        "text": sentence(finding, event),
        "passages": list(finding.passages),
    }


def whole(finding: Finding, event: Event) -> dict[str, Any]:
    """Return all of a finding, as officials' programs get it."""
    candidates = [candidate._asdict() for candidate in finding.candidates]
    return {**content(finding, event), "candidates": candidates, "answers": list(finding.answers)}
