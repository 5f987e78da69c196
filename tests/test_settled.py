"""What only the scores can tell of a decision before it is stored: that it settles nothing, or what rests on it."""

from decimal import Decimal

import pytest

from centesimo.compute import Facts, compute
from centesimo.decide.validate import unsettled
from centesimo.model.decisions import Decision
from tests.decisions import EVENT, at_ns, decided, facts, identity

STANDS = decided("confirm", control="PC1", start_number=1)
WATCH = decided("insert", timing_point="A2", passed_at_ns=at_ns("1050.025"), source="watch", start_number=3)
OUT = decided("exclude", start_number=1)
BACK = decided("reinstate", 2, start_number=1, control="CO1", amount=Decimal(500))
CARD = decided("insert", 1, timing_point="C1", passed_at_ns=at_ns(4220), source="card", start_number=1)
MINE = {"control": "CO1", "start_number": 1}


def day(*decisions: Decision, late: bool = False) -> Facts:
    """Return the day; `late`: crew 1 comes an hour late to CO1, where 30 min exclude."""
    found = facts(*decisions)
    shifted = [
        one._replace(at_ns=(one.at_ns or 0) + 3_600_000_000_000) if late and one.id == identity("C1", 1) else one
        for one in found.loaded
    ]
    return found._replace(loaded=tuple(shifted))


# name: (decisions that stand, a new one, whether crew 1 is an hour late to CO1, what the line says; "": it settles)
CASES = {
    "a time that is there stands": ([], STANDS, False, ""),
    "a time that is not there": (
        [],
        decided("confirm", control="PC1", start_number=3),
        False,
        "expected a time of crew 3 at PC1 to confirm, got none: no passage at A2",
    ),
    "a passage of a time that stands is voided": (
        [STANDS],
        decided("void", 2, passage=identity("A2", 1)),
        False,
        f"the time of crew 1 at PC1 stands by amendment {STANDS.id} (confirm: the time of crew 1 at PC1 stands), and "
        "this would change it: withdraw that first",
    ),
    "a passage of a time that stands is given away": (
        [STANDS],
        decided("attribute", 2, passage=identity("A2", 1), start_number=3),
        False,
        "and this would change it",
    ),
    "the passage that a time stands on is withdrawn": (
        [WATCH, decided("confirm", 2, control="PC1", start_number=3)],
        decided("withdraw", 3, withdrawn=WATCH.id),
        False,
        "the time of crew 3 at PC1 stands by amendment",
    ),
    "the confirmation itself is withdrawn": ([STANDS], decided("withdraw", 2, withdrawn=STANDS.id), False, ""),
    "a passage of another crew": ([STANDS], decided("void", 2, passage=identity("A2", 11)), False, ""),
    "cancelled for all": ([STANDS], decided("cancel", 2, control="PC1"), False, ""),
    "the crew of a time that stands is excluded": ([STANDS], decided("exclude", 2, start_number=1), False, ""),
    "back from a decision": ([OUT], decided("reinstate", 2, start_number=1), False, ""),
    "back from a decision and the rule book": ([OUT], BACK, True, ""),
    "back from the rule book": ([], BACK, True, ""),
    "back from a decision, but not from the rule book": (
        [OUT],
        decided("reinstate", 2, start_number=1),
        True,
        "expected --points, as the rule book excludes crew 1 at CO1: 60 min late, maximum lateness 30 min: "
        "excluded (only leg)",
    ),
    "a price for what costs nothing": (
        [OUT],
        BACK,
        False,
        f"amendment {BACK.id} (reinstate) are not used: the rule book does not exclude crew 1 from CO1 on",
    ),
    "a price, and it was never out": ([], BACK, False, f"The points of amendment {BACK.id} (reinstate) are not used"),
    "what put it out is withdrawn, the rule book does": (
        [OUT, BACK],
        decided("withdraw", 3, withdrawn=OUT.id),
        True,
        "",
    ),
    "the card that excluded it was another's": (
        [decided("void", 0, passage=identity("C1", 1)), CARD, BACK],
        decided("withdraw", 3, withdrawn=CARD.id),
        False,
        f"The points of amendment {BACK.id} (reinstate) are not used",
    ),
    "missed, and nobody says what it costs": (
        [],
        decided("miss", **MINE),
        False,
        "expected --points with a missed CO1: the rule book does not say what that costs",
    ),
    "missed, at a price": ([], decided("miss", **MINE, amount=Decimal(50)), False, ""),
    "an average where no other trial is": (
        [],
        decided("average", control="PC1", start_number=3),
        False,
        "no average of its series can be formed for crew 3 at PC1, without a time: PC2 (no passage at A2)",
    ),
}


@pytest.mark.parametrize(("standing", "new", "late", "says"), CASES.values(), ids=CASES)
def test_what_a_decision_settles(standing: list[Decision], new: Decision, late: bool, says: str) -> None:
    before, after = compute(day(*standing, late=late)), compute(day(*standing, new, late=late))
    assert after.applied.refused == ()
    why = unsettled(EVENT, before, after, new)
    assert says in why
    assert bool(says) == bool(why)
    assert "\n" not in why
