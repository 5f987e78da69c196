"""Doubts that people must see: the kinds of findings, a finding, in which order they are shown, what is published.

The order is that of the flow: what boards say of themselves, what stands against decisions, then place by place along
the road, then the lists. It hangs on the facts alone, not on the order in which they were read.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from centesimo.model.event import Event


class FindingKind(StrEnum):
    """What a finding is about, as it is published, and whether crews and public see it.

    They see what may still change a place, in words that need no board, list or decision to be understood. All others
    are for officials: what a board lost, what a marshal wrote, what a decision hides, and passages that are no crew's.
    """

    is_public: bool

    def __new__(cls, word: str, is_public: bool) -> "FindingKind":
        """Make a kind of its word."""
        kind = str.__new__(cls, word)
        kind._value_ = word
        kind.is_public = is_public
        return kind

    # Of boards and their records.
    NO_TIME = "no time", False
    ANCHORS_DISAGREE = "anchors disagree", False
    UNCONFIRMED_SECOND = "unconfirmed second", False
    SECOND_IN_DOUBT = "second in doubt", False
    LEAP_SECOND = "leap second", False
    RECORDS_MISSING = "records missing", False
    UNKNOWN_RECORD = "unknown record", False
    LOST_EDGES = "lost edges", False
    LOSS = "loss", False
    MARKED_DOUBTFUL = "marked doubtful", False
    SIMULATED = "simulated", False
    RINGING = "ringing", False
    FIRMWARE_FAULT = "firmware fault", False
    NO_TIMING_POINT = "no timing point", False
    # Of whose passages are.
    DOUBTFUL = "doubtful", True
    NO_PASSAGE = "no passage", True
    GHOST = "ghost", False
    TWICE = "twice", False
    UNKNOWN_CREW = "unknown crew", False
    NO_CONTROL = "no control", False
    LIST = "list", False
    SIGHTING = "sighting", False
    # Of scores and decisions.
    CROSSED_TWICE = "crossed twice", True
    NOT_USED = "not used", False
    AVERAGE = "average", False
    DECISION = "amendment", False
    # Of the points themselves.
    OFFSET = "offset", True
    IDEAL_TIME = "ideal time", True
    BACKUP = "backup", False
    CLOCK = "clock", False


PUBLIC = frozenset(kind for kind in FindingKind if kind.is_public)


class Candidate(NamedTuple):
    """One crew whose an open passage may be."""

    passage: str  # its id
    start_number: int | None  # None: nobody's
    chance: float  # 0 .. 1; those of one passage are 1 together with what is too unlikely to be named


class Finding(NamedTuple):
    """A doubt that a person must see; never silently settled."""

    kind: FindingKind
    where: str  # timing point, control, board, or file:line
    start_number: int | None  # None: not about one crew
    text: str  # one sentence, for an official
    passages: tuple[str, ...] = ()  # ids of the passages it is about
    candidates: tuple[Candidate, ...] = ()  # whose they may be, where that is open
    answers: tuple[str, ...] = ()  # decisions or edits that would settle it, the likeliest first, where there are some

    @property
    def likely(self) -> tuple[tuple[str, int], ...]:
        """Return (passage id, start number) where one crew is likelier than all else."""
        return tuple(
            (candidate.passage, candidate.start_number)
            for candidate in self.candidates
            if candidate.chance > 0.5 and candidate.start_number is not None
        )


_BOARD = re.compile("[0-9a-f]{16}")
_NUMBER = re.compile(r"(\d+)")


def in_order(event: Event, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings in the order of the flow, and in it of the road."""
    place = {one.id: number for number, one in enumerate(event.timing_points)}
    place |= {control.id: place[control.closes] for control in event.controls}

    def key(finding: Finding) -> tuple[Any, ...]:
        step = 0 if _BOARD.fullmatch(finding.where) else 1 if finding.kind == FindingKind.DECISION else 2
        where = place.get(finding.where, len(place)), _natural(finding.where)
        return step, *where, finding.kind, finding.start_number or 0, _natural(finding.text), finding.passages

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
