"""What findings about officials' decisions say, as values: each is one sentence, which centesimo.words makes."""

from decimal import Decimal
from typing import NamedTuple

from centesimo.model.decisions import Decision, Proposal
from centesimo.model.facts import Passage, Sighting


class DecisionUnused(NamedTuple):
    """A decision that was accepted once and cannot stand any more."""

    decision: Decision
    passages: tuple[Passage, ...]  # that it names, of those that there are
    why: str  # what was expected and what came, as a new decision would be refused


class RowSetAside(NamedTuple):
    """A row that is stored as a decision and cannot be one."""

    row: str  # its id, as far as it can be shown
    why: str  # what was expected and what came, as such a row would be refused


class Proposed(NamedTuple):
    """A decision that came from elsewhere and that nobody here has accepted."""

    proposal: Proposal


class TimeHidden(NamedTuple):
    """An average over a time that was taken."""

    start_number: int
    control: str
    decision: str  # its id
    penalty: Decimal  # that the time would give


class PointsUnused(NamedTuple):
    """A reinstatement that says what an exclusion costs where the rule book excludes nobody."""

    decision: str  # its id
    start_number: int | None
    control: str | None  # from which on; None: the whole event


class NoSuchScore(NamedTuple):
    """A decision about a score that there is not."""

    kind: str
    control: str | None  # None: the whole event
    start_number: int | None  # None: any crew


class PeriodEmpty(NamedTuple):
    """A decision about a period in which its board has no passage."""

    decision: Decision
    board: str
    stamped_ns: tuple[int, int] | None  # from when to when the board has some; None: none with a time


class RetiredAndSeen(NamedTuple):
    """A crew that gave up, and what speaks against that."""

    decision: Decision
    seen: tuple[Passage, ...]
    likely: tuple[Passage, ...]  # that may be its own
    lines: tuple[str, ...]  # of marshals' lists, "lists/T1.csv:4"
    keyed: tuple[Sighting, ...]


AboutDecisions = (
    DecisionUnused | RowSetAside | Proposed | TimeHidden | PointsUnused | NoSuchScore | PeriodEmpty | RetiredAndSeen
)
