"""Doubts that people must see: the kinds of findings, and a finding as a value; centesimo.words makes the sentence."""

from enum import StrEnum
from typing import NamedTuple

from centesimo.model.about_boards import AboutBoards
from centesimo.model.about_decisions import AboutDecisions
from centesimo.model.about_passages import AboutPassages
from centesimo.model.about_people import AboutPeople
from centesimo.model.about_points import AboutPoints


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
    SEVERAL_BOARDS = "several boards", False
    RIVAL = "rival record", True
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
    about: AboutBoards | AboutDecisions | AboutPassages | AboutPeople | AboutPoints  # what its sentence says
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
