"""What findings about passages and their crews say, as values: each is one sentence, which centesimo.words makes."""

from enum import Enum
from typing import NamedTuple

from centesimo.model.facts import Listed, Passage


class FitsNoCrew(NamedTuple):
    """A car's passages that are nobody's; the finding's candidates are crews that it may be all the same."""

    passages: tuple[Passage, ...]


class HoursAway(NamedTuple):
    """Passages hours before or after the crews, in order of time."""

    timing_point: str
    passages: int
    first_ns: int
    last_ns: int


class Whose(NamedTuple):
    """Cars, by their passages, that the same crews may have driven: the finding's candidates."""

    cars: tuple[tuple[Passage, ...], ...]


class NobodyWrote(NamedTuple):
    """A chain where nothing tells who anybody is."""

    first: str  # timing point
    points: int
    passages: int


class NotSeen(NamedTuple):
    """A crew that was expected at points of a chain and has no passage there."""

    start_number: int
    missing: tuple[str, ...]  # timing points
    points: tuple[str, ...]  # all that the chain has


class WithoutInstant(NamedTuple):
    """Passages of a timing point that have no instant."""

    timing_point: str
    passages: int


class PointUnused(NamedTuple):
    """Passages of a timing point that stands in no control."""

    timing_point: str
    passages: int


class TimedTwice(NamedTuple):
    """A passage that names its crew, and another one of the same car by another device."""

    start_number: int | None
    kept: Passage
    beside: Passage


class NamedTwice(NamedTuple):
    """Passages of one timing point that are all named as one crew's."""

    start_number: int
    passages: tuple[Passage, ...]


class NotExpected(NamedTuple):
    """A passage that is named as that of a crew which does not drive there."""

    passage: Passage


class WithoutPassage(NamedTuple):
    """Lines of a marshal's list whose crews have no passage that is surely their own."""

    lines: tuple[Listed, ...]


class LineDoubt(Enum):
    """Why a line of a marshal's list is not borne out."""

    NO_CREW = "no crew"
    ELSEWHERE = "elsewhere"
    NOT_SURE = "not sure"


class LineDisagrees(NamedTuple):
    """A line of a marshal's list that does not stand where the times say."""

    line: Listed
    why: LineDoubt
    by_times: int | None  # the crew that the times say passed there


class ListedTwice(NamedTuple):
    """A start number that a marshal's list has more than once."""

    start_number: int
    sources: tuple[str, ...]  # its lines, "lists/T1.csv:4"


class WhyUnused(Enum):
    """Why a crew's passage is not used."""

    NO_CREW = "no crew"
    NO_LEG = "no leg"


class PassageUnused(NamedTuple):
    """A passage that was given to a crew and counts for nothing."""

    timing_point: str
    start_number: int
    why: WhyUnused


class CrossedTwice(NamedTuple):
    """A crew with several passages at one timing point in one leg."""

    timing_point: str
    start_number: int
    passages: int


AboutPassages = (
    FitsNoCrew
    | HoursAway
    | Whose
    | NobodyWrote
    | NotSeen
    | WithoutInstant
    | PointUnused
    | TimedTwice
    | NamedTwice
    | NotExpected
    | WithoutPassage
    | LineDisagrees
    | ListedTwice
    | PassageUnused
    | CrossedTwice
)
