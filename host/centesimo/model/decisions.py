"""What officials decide, as values: who, why and when, and one small value for each kind of action.

A new kind is a value here, its row in KINDS, and what it does: its words (words/decisions.py), what it must not
contradict (amend/checks.py) and, where it changes scores, its function in amend/scores.py. The recorded facts stay as
they are.
"""

from dataclasses import MISSING, dataclass, fields
from decimal import Decimal
from enum import Enum
from typing import NamedTuple

from centesimo.model.facts import INSERTED


class Action:
    """What is decided; the fields of a kind that have no default are those that it needs."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Attribute(Action):
    """A passage is a crew's."""

    passage: str
    start_number: int


@dataclass(frozen=True, slots=True)
class Swap(Action):
    """Two passages are two crews', each the one that was taken for the other's."""

    passage: str
    start_number: int  # whose `passage` is from now on
    other_passage: str
    other_number: int  # whose `other_passage` is from now on


@dataclass(frozen=True, slots=True)
class Void(Action):
    """A passage is no car's and does not count."""

    passage: str
    start_number: int | None = None  # whose it was till then; None: nobody's


@dataclass(frozen=True, slots=True)
class Insert(Action):
    """A car passed that no board has timed."""

    timing_point: str
    passed_at_ns: int
    source: str  # "backup watch", "second device"
    start_number: int | None = None  # None: whose it is is not known
    uncertainty_ns: int | None = None  # None: the source states none


@dataclass(frozen=True, slots=True)
class Period(Action):
    """A span of what a board stamped, both ends with it."""

    board: str  # 16 hex digits
    from_ns: int  # by the board's own instants
    to_ns: int


@dataclass(frozen=True, slots=True)
class Unreliable(Period):
    """What a board stamped in a period does not count."""


@dataclass(frozen=True, slots=True)
class Shift(Period):
    """What a board stamped in a period is put later; negative: earlier."""

    shift_ns: int


@dataclass(frozen=True, slots=True)
class OfVersion(Action):
    """One of several records of one number of a board."""

    board: str  # 16 hex digits
    sequence: int
    digest: str  # the head of its SHA-256: model.rivals.digest_of


@dataclass(frozen=True, slots=True)
class Choose(OfVersion):
    """Of several records of one number of a board this one counts."""


@dataclass(frozen=True, slots=True)
class ChooseJournal(OfVersion):
    """Of several journals under one board's id the one that has this record counts, as a whole."""


@dataclass(frozen=True, slots=True)
class OfFile(Action):
    """All passages that a loaded file brought, or those of one timing point."""

    file: str  # the first 8 hex digits of its SHA-256, as the ids of its passages have them
    timing_point: str | None = None  # None: at all


@dataclass(frozen=True, slots=True)
class TakeBack(OfFile):
    """What a loaded file brought does not count: it was the wrong one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftFile(OfFile):
    """What a loaded file brought is put later; negative: earlier."""

    shift_ns: int


@dataclass(frozen=True, slots=True)
class Average(Action):
    """A crew gets the average of its other trials."""

    control: str
    start_number: int
    average: str | None = None  # a word of amend.scores.AVERAGES: of which trials; None: as the rule book says


@dataclass(frozen=True, slots=True)
class Cancel(Action):
    """A control does not count."""

    control: str
    race: str | None = None  # None: for every race that drives it
    start_number: int | None = None  # None: for every crew


@dataclass(frozen=True, slots=True)
class Miss(Action):
    """A crew did not drive a control."""

    control: str
    start_number: int
    race: str | None = None
    amount: Decimal | None = None  # what it costs, 0 or more, where the rule book does not say
    article: str = ""


@dataclass(frozen=True, slots=True)
class Penalty(Action):
    """A crew gets a fixed penalty."""

    control: str
    start_number: int
    amount: Decimal  # 0 or more
    article: str
    race: str | None = None


@dataclass(frozen=True, slots=True)
class Exclude(Action):
    """A crew is out of the ranking by an official's decision."""

    start_number: int
    control: str | None = None  # from here on; None: from the whole event
    race: str | None = None
    article: str = ""


@dataclass(frozen=True, slots=True)
class Retire(Action):
    """A crew gave up."""

    start_number: int
    control: str | None = None  # before this one; None: it never started


@dataclass(frozen=True, slots=True)
class Reinstate(Action):
    """A crew is back in the ranking."""

    start_number: int
    control: str | None = None  # from here on; None: in the whole event
    amount: Decimal | None = None  # what the control costs instead, where the rule book excluded the crew


@dataclass(frozen=True, slots=True)
class Confirm(Action):
    """A crew's time at a control was checked and stands."""

    control: str
    start_number: int


@dataclass(frozen=True, slots=True)
class Withdraw(Action):
    """An earlier decision does not stand any more."""

    withdrawn: str  # its id


class Changes(Enum):
    """What a kind of decision changes."""

    PASSAGES = "passages"
    BOARDS = "boards"
    RECORDS = "records"
    SCORES = "scores"
    NOTHING = "nothing"  # it is only said
    DECISIONS = "decisions"


class DecisionKind(NamedTuple):
    """One kind of decision."""

    action: type[Action]
    changes: Changes

    @property
    def needs(self) -> tuple[str, ...]:
        """The values that it must be given."""
        return tuple(field.name for field in fields(self.action) if field.default is MISSING)  # type: ignore[arg-type]

    @property
    def may(self) -> tuple[str, ...]:
        """The values that it may be given."""
        return tuple(
            field.name
            for field in fields(self.action)  # type: ignore[arg-type]
            if field.default is not MISSING
        )


# Every kind by the word with which it is typed, stored and published.
KINDS: dict[str, DecisionKind] = {
    "attribute": DecisionKind(Attribute, Changes.PASSAGES),
    "swap": DecisionKind(Swap, Changes.PASSAGES),
    "void": DecisionKind(Void, Changes.PASSAGES),
    "insert": DecisionKind(Insert, Changes.PASSAGES),
    "unreliable": DecisionKind(Unreliable, Changes.BOARDS),
    "shift": DecisionKind(Shift, Changes.BOARDS),
    "choose": DecisionKind(Choose, Changes.RECORDS),
    "choose-journal": DecisionKind(ChooseJournal, Changes.RECORDS),
    "take-back": DecisionKind(TakeBack, Changes.PASSAGES),
    "shift-file": DecisionKind(ShiftFile, Changes.PASSAGES),
    "average": DecisionKind(Average, Changes.SCORES),
    "cancel": DecisionKind(Cancel, Changes.SCORES),
    "miss": DecisionKind(Miss, Changes.SCORES),
    "penalty": DecisionKind(Penalty, Changes.SCORES),
    "exclude": DecisionKind(Exclude, Changes.SCORES),
    "retire": DecisionKind(Retire, Changes.SCORES),
    "reinstate": DecisionKind(Reinstate, Changes.SCORES),
    "confirm": DecisionKind(Confirm, Changes.NOTHING),
    "withdraw": DecisionKind(Withdraw, Changes.DECISIONS),
}
WORD_BY_ACTION = {kind.action: word for word, kind in KINDS.items()}


class Register(NamedTuple):
    """What the register of time checks says of the request that a decision answers."""

    received_at_ns: int | None = None  # when the request came; None: not given
    reason: str | None = None  # why it was made: "impeded", "timing", "wrong attribution"
    outcome: str | None = None  # what the check gave: a word of publish.register.OUTCOMES


class Decision(NamedTuple):
    """What an official decided; later ones lie over earlier ones."""

    who: str
    why: str
    at_ns: int  # when it was decided
    action: Action
    register: Register = Register()
    id: str = ""  # the digest of all the rest (amend.identity), so that the same decision is known everywhere

    @property
    def kind(self) -> str:
        """The word of its kind: a key of KINDS."""
        return WORD_BY_ACTION[type(self.action)]

    @property
    def changes(self) -> Changes:
        """What it changes."""
        return KINDS[self.kind].changes

    @property
    def control(self) -> str | None:
        """The control, or the trial of several, that it names; None: none, or the whole event."""
        return getattr(self.action, "control", None)

    @property
    def race(self) -> str | None:
        """The race that it is limited to; None: every race."""
        return getattr(self.action, "race", None)

    @property
    def start_number(self) -> int | None:
        """The crew that it names; None: none, or every crew."""
        return getattr(self.action, "start_number", None)

    @property
    def amount(self) -> Decimal | None:
        """What it says that a control costs."""
        return getattr(self.action, "amount", None)

    @property
    def article(self) -> str:
        """By which article it was taken."""
        return getattr(self.action, "article", "")

    @property
    def passages(self) -> tuple[str, ...]:
        """The ids of the passages that it names."""
        action = self.action
        if isinstance(action, Swap):
            return action.passage, action.other_passage
        return (action.passage,) if isinstance(action, Attribute | Void) else ()

    @property
    def inserted_id(self) -> str:
        """The id of the passage that it puts in, where it puts one in."""
        return f"{INSERTED}{self.id}"


class Proposal(NamedTuple):
    """A decision that came from elsewhere and does not count yet, and the keys of the devices that signed it."""

    decision: Decision
    keys: tuple[str, ...]
