"""Findings as they are shown: in which order, and which of them crews and public see.

The order is that of the flow: what boards say of themselves, what stands against decisions, then place by place along
the road, then the lists. It hangs on the facts alone, not on the order in which they were read.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from centesimo.model.event import Event
from centesimo.model.facts import Finding

# What may still change a place, in words that need no board, list or decision to be understood. All others are for
# officials: what a board lost, what a marshal wrote, what a decision hides, and passages that are no crew's.
PUBLIC = frozenset(("doubtful", "no passage", "crossed twice", "offset", "ideal time"))
OF_DECISIONS = "amendment"

_BOARD = re.compile("[0-9a-f]{16}")
_NUMBER = re.compile(r"(\d+)")


def in_order(event: Event, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings in the order of the flow, and in it of the road."""
    place = {one.id: number for number, one in enumerate(event.timing_points)}
    place |= {one.id: place[one.closes] for one in event.controls}

    def key(one: Finding) -> tuple[Any, ...]:
        step = 0 if _BOARD.fullmatch(one.where) else 1 if one.kind == OF_DECISIONS else 2
        where = place.get(one.where, len(place)), _natural(one.where)
        return step, *where, one.kind, one.start_number or 0, _natural(one.text), one.passages

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


def content(finding: Finding) -> dict[str, Any]:
    """Return what is published of a finding; docs/publishing.md explains every key."""
    return {
        "kind": finding.kind,
        "where": finding.where,
        "start_number": finding.start_number,
        "text": finding.text,
        "passages": list(finding.passages),
    }


def whole(finding: Finding) -> dict[str, Any]:
    """Return all of a finding, as officials' programs get it."""
    candidates = [one._asdict() for one in finding.candidates]
    return {**content(finding), "candidates": candidates, "answers": list(finding.answers)}
