"""What officials change: cancelled, missed and penalised controls, and crews that are excluded."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from centesimo.model.decisions import Decision
from centesimo.model.facts import CANCELLED, EXCLUDED, MISSED, OPEN, SCORED, Score
from centesimo.rank import rankings
from centesimo.score import score
from tests.scoring import action_of, book, crew, event, passing, trial

PC1 = trial("PC1", "A1", "A2", 1000)
LATE = [passing("A1", 0), passing("A2", "10.12")]  # 12/100 s late
FLAT = '[coefficient]\nkind = "none"\n'
MISSED_COSTS = '[timed_trial]\nmissed = 400\nmissed_article = "art. 7"\n'


def decision(kind: str, amount: int | None = None, number: int | None = 1, at_ns: int = 1) -> Decision:
    """Return an amendment of PC1."""
    value = None if amount is None else Decimal(amount)
    action = action_of(kind, control="PC1", start_number=number, amount=value, article="art. 5")
    return Decision("the clerk", "marshal's report", at_ns, action)


def given_by(decisions: list[Decision], passages: list = LATE, more: str = FLAT) -> Score:
    """Return what PC1 gave Crew 1."""
    (one,), findings = score(event((PC1,)), {"R": book(more)}, passages, decisions=decisions)
    assert findings == []
    return one


OUT = "cancelled: marshal's report"
# name: (amendments, passages, more of the rule book, status, penalty, reason)
CASES = {
    "cancelled": ([decision("cancel")], LATE, FLAT, CANCELLED, None, OUT),
    "cancelled without times": (
        [decision("cancel")],
        [],
        FLAT,
        CANCELLED,
        None,
        OUT,
    ),
    "cancelled for all": (
        [decision("cancel", number=None)],
        LATE,
        FLAT,
        CANCELLED,
        None,
        OUT,
    ),
    "missed, the book says": (
        [decision("miss")],
        [],
        FLAT + MISSED_COSTS,
        MISSED,
        400,
        "missed: marshal's report (art. 5)",
    ),
    "missed, the official says": (
        [decision("miss", 500)],
        [],
        FLAT + MISSED_COSTS,
        MISSED,
        500,
        "missed: marshal's report (art. 5)",
    ),
    "missed, nobody says": (
        [decision("miss")],
        [],
        FLAT,
        OPEN,
        None,
        "missed: marshal's report (art. 5); the rule book does not say what that costs",
    ),
    "fixed penalty": (
        [decision("penalty", 100)],
        LATE,
        FLAT,
        SCORED,
        112,
        "12/100 s late x 1 = 12; fixed penalty 100: marshal's report (art. 5)",
    ),
    "fixed penalty where points win": (
        [decision("penalty", 100)],
        LATE,
        f'wins = "highest"\n{FLAT}',
        SCORED,
        -112,
        "12/100 s late x 1 = 12, taken off; fixed penalty 100: marshal's report (art. 5)",
    ),
    "fixed penalty on an open trial": (
        [decision("penalty", 100)],
        LATE[:1],
        FLAT,
        OPEN,
        None,
        "no passage at A2; fixed penalty 100: marshal's report (art. 5)",
    ),
    "excluded": ([decision("exclude")], LATE, FLAT, EXCLUDED, None, "excluded: marshal's report (art. 5)"),
    "what is cancelled stays so": (
        [decision("miss", 50, at_ns=3), decision("cancel", at_ns=2)],
        LATE,
        FLAT,
        CANCELLED,
        None,
        OUT,
    ),
    "a fixed penalty stays when its control is cancelled": (
        [decision("penalty", 100), decision("cancel", at_ns=2)],
        LATE,
        FLAT,
        CANCELLED,
        100,
        f"{OUT}; beside it fixed penalties of 100",
    ),
    "a fixed penalty where it is cancelled": (
        [decision("penalty", 100, at_ns=3), decision("cancel", at_ns=2)],
        LATE,
        FLAT,
        CANCELLED,
        100,
        f"{OUT}; fixed penalty 100: marshal's report (art. 5)",
    ),
    "both, where points win": (
        [decision("penalty", 100), decision("cancel", at_ns=2), decision("penalty", 50, at_ns=3)],
        LATE,
        f'wins = "highest"\n{FLAT}',
        CANCELLED,
        -150,
        f"{OUT}; beside it fixed penalties of 100; fixed penalty 50: marshal's report (art. 5)",
    ),
    "a fixed penalty of nothing where it is cancelled": (
        [decision("cancel"), decision("penalty", 0, at_ns=2)],
        LATE,
        FLAT,
        CANCELLED,
        None,
        f"{OUT}; fixed penalty 0: marshal's report (art. 5)",
    ),
    "excluded where it is cancelled": (
        [decision("cancel"), decision("exclude", at_ns=2)],
        LATE,
        FLAT,
        EXCLUDED,
        None,
        "excluded: marshal's report (art. 5)",
    ),
    "excluded before it is cancelled": (
        [decision("exclude"), decision("cancel", at_ns=2)],
        LATE,
        FLAT,
        EXCLUDED,
        None,
        "excluded: marshal's report (art. 5)",
    ),
    "excluded, then missed": (
        [decision("exclude"), decision("miss", 50, at_ns=2)],
        LATE,
        FLAT,
        EXCLUDED,
        None,
        "excluded: marshal's report (art. 5)",
    ),
}


@pytest.mark.parametrize(("decisions", "passages", "more", "status", "amount", "reason"), CASES.values(), ids=CASES)
def test_an_amendment(decisions, passages, more: str, status: str, amount: int | None, reason: str) -> None:
    one = given_by(decisions, passages, more)
    assert (one.status, one.penalty, one.reason) == (status, amount, reason)


def test_the_taken_time_of_a_cancelled_trial_stays_to_be_seen() -> None:
    assert given_by([decision("cancel")]).taken_cs == 1012


def test_a_missed_control_shows_the_article_that_says_what_it_costs() -> None:
    assert given_by([decision("miss")], [], FLAT + MISSED_COSTS).article == "art. 7"


def test_an_amendment_of_nothing_is_found() -> None:
    _, findings = score(event((PC1,)), {"R": book()}, LATE, decisions=[decision("cancel", number=9)])
    assert [(one.kind, one.where, one.start_number) for one in findings] == [("not used", "PC1", 9)]


def test_a_trial_cancelled_for_one_crew_costs_only_that_crew_nothing() -> None:
    road, rules = event((PC1,), (crew(1), crew(2))), {"R": book(FLAT)}
    passages = [*LATE, passing("A1", 0, 2), passing("A2", "10.03", 2)]
    scores, _ = score(road, rules, passages, decisions=[decision("cancel")])
    (found,) = rankings(road, rules, scores)
    assert [(line.position, line.entry.start_number, line.total) for line in found.lines] == [(1, 1, 0), (2, 2, 3)]


@given(st.integers(1, 60_000), st.integers(1, 60_000))
def test_a_cancelled_trial_never_depends_on_its_times(closed_ms: int, other_ms: int) -> None:
    road, rules = event((PC1,)), {"R": book()}
    totals = set()
    for at_ms in (closed_ms, other_ms):
        passages = [passing("A1", 0), passing("A2", Decimal(at_ms) / 1000)]
        scores, _ = score(road, rules, passages, decisions=[decision("cancel", number=None)])
        totals |= {(line.position, line.total) for line in rankings(road, rules, scores)[0].lines}
    assert totals == {(1, Decimal(0))}


DECIDED = [decision("penalty", 10, at_ns=1), decision("miss", 50, at_ns=2), decision("penalty", 5, at_ns=3)]


@given(st.permutations(DECIDED))
def test_amendments_apply_as_they_were_decided_in_whatever_order_they_come(decisions: list[Decision]) -> None:
    assert given_by(decisions).penalty == 65  # missed: 50, and the fixed 10 and 5 beside it, before it or after
