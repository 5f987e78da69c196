"""What findings about boards and their records say, as values: each is one sentence, which centesimo.words makes.

A board is named by its 16 hex digits, a start of it (`boot`) by its number, a record by its sequence number.
"""

from typing import NamedTuple

from centesimo.model.rivals import Ground


class NeverTimed(NamedTuple):
    """A start of a board after which it never knew the time."""

    board: str
    boot: int
    edges: int


class SecondsDisagree(NamedTuple):
    """GPS seconds that do not agree with the others of a start."""

    board: str
    boot: int
    disagreeing: int
    anchors: int  # all of the start


class SecondUnconfirmed(NamedTuple):
    """A start in which the whole second was not confirmed, or not all the time."""

    board: str
    boot: int
    edges: int  # all of the start


class CounterBeyond(NamedTuple):
    """Edges whose counter no clock can have shown."""

    board: str
    boot: int
    first: int  # record
    more: int


class SecondInDoubt(NamedTuple):
    """An instant from which on a board itself doubts its whole second."""

    board: str
    boot: int
    utc_s: int
    reason: int  # place in record.DOUBT_REASONS
    shift_s: int  # by how much what was heard differs from its count


class HostDiffers(NamedTuple):
    """What hosts that know the time said of a start's second, and the board did not agree to."""

    board: str
    boot: int
    utc_s: int  # the host's second when it said so first
    bound_ms: int  # how well it knew it
    basis: int  # place in record.BASES
    outcome: int  # place in record.OUTCOMES: another second, or unclear
    records: int  # how often


class LeapSecond(NamedTuple):
    """A leap second that was inserted."""

    board: str
    boot: int
    utc_s: int  # the second after it


class RecordsMissing(NamedTuple):
    """Records that a board has and that were not collected."""

    board: str
    first: int
    last: int


class UnknownRecords(NamedTuple):
    """Kinds of records that this program does not know."""

    board: str
    kinds: tuple[int, ...]


class BoardLost(NamedTuple):
    """What a board says that it lost."""

    board: str
    boot: int
    record: int
    source: int  # 1 .. 4: the input whose edges they were; else as words.english.LOSS_SOURCES
    reason: int
    lost: int


class InputRang(NamedTuple):
    """An input whose edges came so fast that the board counted them only."""

    board: str
    boot: int
    input: int
    edges: int
    first: int  # record
    last: int


class FirmwareFault(NamedTuple):
    """An error that a board's firmware caught."""

    board: str
    boot: int
    record: int
    error: int  # place in record.FAULT_NAMES
    module: str
    line: int


class EdgesLost(NamedTuple):
    """Edges that a board counted and of which no record tells."""

    board: str
    boot: int
    input: int
    edges: int
    record: int  # before which they were


class MarkedDoubtful(NamedTuple):
    """An edge that a marshal marked at the board."""

    board: str
    boot: int
    input: int
    number: int  # of the edge on its input
    edge: int | None  # its record; None: it is not here
    record: int  # of the mark


class MadeOnRequest(NamedTuple):
    """Edges that no wheel made."""

    board: str
    boot: int
    edges: int


class InputUnused(NamedTuple):
    """Edges of an input that no timing point of the event uses."""

    board: str
    input: int
    edges: int


class SeveralVersions(NamedTuple):
    """Records that came in several versions, and how many passages of a timing point hang on them."""

    board: str
    ground: Ground  # what tells which version is used
    records: tuple[int, ...]  # some of them
    more: int
    passages: int


class SeveralBoards(NamedTuple):
    """An id under which several boards were collected, or one of which the journal began anew."""

    board: str
    numbers: int  # that came over a cable with several records each
    first: int  # of them


AboutBoards = (
    NeverTimed
    | SecondsDisagree
    | SecondUnconfirmed
    | CounterBeyond
    | SecondInDoubt
    | HostDiffers
    | LeapSecond
    | RecordsMissing
    | UnknownRecords
    | BoardLost
    | InputRang
    | FirmwareFault
    | EdgesLost
    | MarkedDoubtful
    | MadeOnRequest
    | InputUnused
    | SeveralVersions
    | SeveralBoards
)
