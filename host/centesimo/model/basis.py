"""Why a passage is held to be a crew's: the kind of reason, and what it names; centesimo.words makes the sentence."""

from enum import Enum
from typing import NamedTuple


class BasisKind(Enum):
    """On what an attribution rests first of all."""

    DUE = "due"  # the start order and the due times
    IDEAL_TIME = "ideal time"  # the ideal time from the timing point `start`
    LOADED = "loaded"  # the file that the passage was loaded from names the crew
    KEYED = "keyed"  # a person keyed it where no tube lies: the sighting is the passage
    DECIDED = "decided"  # an official's `decision` names the crew


# Of these the crew was named, so no confidence was computed.
GIVEN = frozenset((BasisKind.LOADED, BasisKind.KEYED, BasisKind.DECIDED))


class Basis(NamedTuple):
    """What an attribution rests on."""

    kind: BasisKind
    start: str | None = None  # IDEAL_TIME: the timing point where the ideal time begins
    decision: str | None = None  # DECIDED: the decision's id
    list_line: str | None = None  # a line of a marshal's list that says the same, "lists/T1.csv:4"

    @property
    def is_given(self) -> bool:
        """Say whether an official, a loaded file or a card named the crew."""
        return self.kind in GIVEN


DUE = Basis(BasisKind.DUE)
LOADED = Basis(BasisKind.LOADED)
KEYED = Basis(BasisKind.KEYED)
