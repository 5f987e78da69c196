"""The values that pass from step to step: what was recorded, and what follows from it.

Instants are ns since 1970 (UTC, no leap seconds) in names ending `_at_ns` or `at_ns`; durations are never instants.
Everything here is immutable, and nothing here knows a database, a port or a clock.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from centesimo.model.basis import Basis
from centesimo.model.event import Control, Entry, Leg, Race


class Edge(NamedTuple):
    """One edge of one input as a board stamped it; identified by board and sequence."""

    board: str  # 16 hex digits
    sequence: int  # of its record in the board's journal
    boot: int
    input: int  # 1 .. 4
    counter_us: int  # what the board's counter stood at
    at_ns: int | None  # None: that boot never knew the time
    uncertainty_ns: int | None  # the true instant is within +- this
    confirmed: bool  # whether the whole second is
    how: str  # how UTC was found: protocol.timebase's words
    state: int  # the board's own sync state at the edge: protocol.record.STATE_NAMES
    simulated: bool  # made on request, not by a wheel
    marked: bool = False  # a marshal marked it as doubtful, at the board


LOADED, INSERTED = "load", "amend:"  # how the ids of passages begin that no board has timed


class Passage(NamedTuple):
    """A car's front wheels on a timing point; `at_ns` is that of the first edge."""

    id: str  # "board:sequence" of the first edge, or "load:digest:line" of a loaded passage; never changes
    timing_point: str
    at_ns: int | None
    uncertainty_ns: int | None  # None: the source states none
    confirmed: bool
    edges: tuple[Edge, ...]  # every edge that belongs to it, first to last; empty for a loaded passage
    flags: tuple[str, ...]  # why a person may want to look: passages.FLAGS
    source: str  # "board", or what the loaded file says: "hand", "ALGE backup", ...
    start_number: int | None = None  # only where the source itself names the car
    axle_ns: int | None = None  # from the first axle to the second; None: there was one only, or the source cannot tell

    @property
    def is_inserted(self) -> bool:
        """Say whether an official put it in by a decision."""
        return self.id.startswith(INSERTED)

    @property
    def loaded_from(self) -> tuple[str, int] | None:
        """The begin of the SHA-256 of the loaded file and the line in it; None where it was not loaded."""
        origin, _, place = self.id.partition(":")
        if origin != LOADED:
            return None
        digest, line = place.rsplit(":", 1)
        return digest, int(line)


def by_time(passage: Passage) -> tuple[bool, int, str]:
    """Return what passages are sorted by: their instants, those without one last."""
    return passage.at_ns is None, passage.at_ns or 0, passage.id


class Attribution(NamedTuple):
    """Whose passage it is, how sure that is, and what it rests on."""

    passage: Passage
    start_number: int
    confidence: float  # 0 .. 1, that this is the right crew among all ways to read the point
    basis: Basis
    rival: int | None = None  # whose it is next likeliest; None: nobody's, or that of a crew that cannot be named
    rival_chance: float = 0.0  # of that; 0: nothing else is possible


class Listed(NamedTuple):
    """One line of a marshal's list: who passed in which place; file:line is kept for explain."""

    timing_point: str
    place: int  # 1 .. n in passing order
    start_number: int
    source: str  # "lists/T1.csv:4"


class Unusable(NamedTuple):
    """What a marshal wrote that cannot be used, and why; the rest of the list counts."""

    source: str  # "lists/T1.csv:4", or the file as a whole
    why: str  # what was expected, what came, what to do


@dataclass(frozen=True, slots=True)
class MarshalList:
    """All of one timing point's passing order as a marshal wrote it down."""

    timing_point: str  # "" where a file says of none what it is a list of: then it has no lines
    lines: tuple[Listed, ...]
    unusable: tuple[Unusable, ...] = ()


class Sighting(NamedTuple):
    """A person saw a crew at a timing point: evidence of who it was, a time only where no tube lies.

    A correction replaces the sighting that it names. One that replaces without a start number takes it back.
    """

    id: str  # digest of all the rest: known everywhere by it
    timing_point: str
    start_number: int | None  # None: that passage is nobody's
    at_ns: int  # by the person's own clock, which may be off by seconds, minutes or whole hours
    error_ns: int | None  # +- of keying; None: not stated
    person: str
    device: str
    counter: int  # 1 .. n of the device; 0: it does not count
    replaces: str | None = None  # id of the sighting that this one corrects, or "#12": the 12th of the same device
    source: str = ""  # in the person's own words: "keyed", "table clock"


# Status of a Score.
SCORED = "scored"  # both times are there, the penalty follows
OPEN = "open"  # a time is missing or its crew is doubtful: a question for a person, no penalty yet
MISSED = "missed"  # an official or the rule book says that the control was not driven
CANCELLED = "cancelled"  # does not count, whatever was timed
DISCARDED = "discarded"  # one of the crew's worst, taken out by the rule book
EXCLUDED = "excluded"  # past the maximum lateness, or by an official: the crew is out of the ranking
RETIRED = "retired"  # the crew gave up before or here: it is out of the ranking
NOT_STARTED = "dns"  # an official says that the crew never started: it is out of the ranking


class Score(NamedTuple):
    """What one control gave one crew, with all that explains it."""

    race: str
    control: str
    start_number: int
    status: str
    unit: str  # of `deviation`: "1/100 s", "min"
    set_cs: int | None  # a trial's ideal time; a time control's due time, as the leg's clock shows it
    taken_cs: int | None  # likewise
    deviation: int | None  # taken - set in `unit`, negative = early
    penalty: Decimal | None  # None: open
    article: str  # of the rule book
    reason: str  # how the penalty follows, in one line: "12/100 s late x 1 = 12"
    passages: tuple[Passage, ...]  # the opening and closing passage of a trial, the one of a time control
    doubts: tuple[str, ...]  # e.g. "the uncertainty reaches the next hundredth"
    fixed: Decimal = Decimal(0)  # what of the penalty is fixed penalties; of an open control, what will be
    unusable: tuple[str, ...] = ()  # of an open control: timing points whose passage is missing, or of no use as it is
    fails: int = 0  # by a rule book that counts them: whoever has fewer comes first, whatever the penalties


class Line(NamedTuple):
    """One crew's line of a ranking."""

    position: int | None  # None: not ranked; `status` says why
    entry: Entry
    scores: tuple[Score, ...]  # one a control of the ranking, in its order
    net: Decimal  # sum of the penalties (or points) before the coefficient
    multiplied: Decimal  # what of it the coefficient multiplies
    coefficient: Decimal
    total: Decimal
    gap: Decimal | None  # to the leader
    ahead: Decimal | None  # to the crew ahead
    status: str  # "" or e.g. "2 open", "excluded"
    fails: int = 0  # fewer come first, before the total
    coefficients: tuple[tuple[str, Decimal], ...] = ()  # (leg, factor), over all legs where the car was not the same


class Ranking(NamedTuple):
    """One race's table for one leg (or over all legs: `leg` None), up to the last control in `controls`."""

    event: str
    race: Race
    leg: Leg | None
    controls: tuple[Control, ...]
    rulebook: str  # its name
    rulebook_digest: str  # SHA-256 of its text, hex
    highest_wins: bool
    rounding: str  # of each total, once: "2 decimals, half up"
    lines: tuple[Line, ...]  # in order of position, then the unranked
