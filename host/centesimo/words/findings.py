"""The words for findings: each is one sentence for an official, made here from the finding's values and nowhere else.

Also what is shown of findings, and in which order: that of the flow, so what boards say of themselves, what stands
against decisions, then place by place along the road, then the lists. It hangs on the facts alone, not on the order in
which they were read.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from centesimo.model.event import Event
from centesimo.model.findings import Finding, FindingKind
from centesimo.words import about_boards, about_decisions, about_passages, about_people, english

PARTS: Mapping[type, Callable[[Any, Finding, Event], Mapping[str, str | int]]] = {
    **about_boards.PARTS,
    **about_decisions.PARTS,
    **about_passages.PARTS,
    **about_people.PARTS,
}
_BOARD = re.compile("[0-9a-f]{16}")
_NUMBER = re.compile(r"(\d+)")


def sentence(finding: Finding, event: Event) -> str:
    """Return what a finding says, in one sentence; instants in the event's local time."""
    about = finding.about
    if isinstance(about, str):
        return about
    parts = PARTS.get(type(about))
    made = parts(about, finding, event) if parts else {}
    return english.FINDINGS[type(about)].format(**{**about._asdict(), **made})


def in_order(event: Event, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings in the order of the flow, and in it of the road.

    Findings of one kind at one place stand in the order of their sentences, numbers in them by what they are.
    """
    place = {one.id: number for number, one in enumerate(event.timing_points)}
    place |= {control.id: place[control.closes] for control in event.controls}

    def key(finding: Finding) -> tuple[Any, ...]:
        step = 0 if _BOARD.fullmatch(finding.where) else 1 if finding.kind == FindingKind.DECISION else 2
        where = place.get(finding.where, len(place)), _natural(finding.where)
        text = _natural(sentence(finding, event))
        return step, *where, finding.kind, finding.start_number or 0, text, finding.passages

    return tuple(sorted(findings, key=key))


def _natural(text: str) -> list[tuple[int, str]]:
    """Return what a text is sorted by: numbers in it by what they are, "A3.csv:4" before "A3.csv:10"."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in _NUMBER.split(text)]


def sentences(contents: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the texts of published findings; crews of which the same is said are in one sentence."""
    numbers_by_text: dict[str, list[int]] = {}
    for one in contents:
        number, text = one.get("start_number"), str(one["text"])
        said = text.removeprefix(f"Crew {number} was ")
        numbers = numbers_by_text.setdefault(said, [])
        if number is not None and said != text:
            numbers.append(number)
    return [_sentence(said, numbers) for said, numbers in numbers_by_text.items()]


def _sentence(said: str, numbers: Sequence[int]) -> str:
    if not numbers:
        return said
    if len(numbers) == 1:
        return f"Crew {numbers[0]} was {said}"
    named = ", ".join(map(str, numbers[:-1]))
    return f"Crews {named} and {numbers[-1]} were {said}"


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
