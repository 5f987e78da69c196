"""What each decision makes of a score, whole, and of which trials an average is taken: cases worked out by hand."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from centesimo.amend.scores import averaged_over, concerning
from centesimo.model.decisions import Decision
from centesimo.model.event import AVERAGE_TRIAL, Control
from centesimo.model.facts import CANCELLED, EXCLUDED, MISSED, OPEN, RETIRED, SCORED, Score
from centesimo.model.findings import Finding
from centesimo.score import score
from centesimo.words.findings import sentence
from tests.scoring import action_of, book, crew, event, passing, time_control, trial

PC1 = trial("PC1", "A1", "A2", 1000)
PC2 = trial("PC2", "A2", "A3", 1000)
PC3 = trial("PC3", "A3", "C1", 1000)
CO1 = time_control("CO1", "C1", 600)
FLAT = '[coefficient]\nkind = "none"\n'
HIGHEST = 'wins = "highest"\n' + FLAT
BOOK_SAYS = FLAT + '[timed_trial]\nmissed = 400\nmissed_article = "art. 7"\n'
TRIAL = "RDS art. 8.20: timed trial"
CARD = "RDS art. 8.20: time control"


def decided(kind: str, amount: int | None = None, at_ns: int = 1, **values: Any) -> Decision:
    """Return what an official decided of PC1 for crew 1, for fog."""
    cost = None if amount is None else Decimal(amount)
    identity = values.pop("id", "")
    action = action_of(kind, **{"control": "PC1", "start_number": 1, "amount": cost, "article": "", **values})
    return Decision("the clerk", "fog", at_ns, action, id=identity)


LATE = [passing("A1", "0.002"), passing("A2", "10.123")]  # 12/100 s late at PC1
HOUR_LATE = [passing("C1", 600 + 3600 + 10)]  # maximum lateness 30 min
DRIVEN = "12/100 s late x 1 = 12"
TOO_LATE = "60 min late, maximum lateness 30 min: excluded (only leg)"
FINE = decided("penalty", 100)
# name: (control, decisions, passages, rule book, status, penalty, fixed, article, reason)
DECISIONS = {
    "retired": (PC1, [decided("retire")], LATE, FLAT, RETIRED, None, 0, TRIAL, "retired: fog"),
    "reinstated at a price": (
        *(CO1, [decided("reinstate", 500, control="CO1")], HOUR_LATE, FLAT),
        *(SCORED, 500, 0, CARD, f"{TOO_LATE}; reinstated: fog"),
    ),
    "reinstated, a fixed penalty before": (
        *(CO1, [decided("penalty", 100, control="CO1"), decided("reinstate", 500, 2, control="CO1")], HOUR_LATE, FLAT),
        *(SCORED, 600, 100, CARD, f"{TOO_LATE}; fixed penalty 100: fog; reinstated: fog"),
    ),
    "reinstated, nobody says at which price": (
        *(CO1, [decided("reinstate", control="CO1")], HOUR_LATE, FLAT),
        *(EXCLUDED, None, 0, CARD, TOO_LATE),
    ),
    "reinstated where points win": (
        *(CO1, [decided("reinstate", 500, control="CO1")], HOUR_LATE, HIGHEST),
        *(SCORED, -500, 0, CARD, f"{TOO_LATE}; reinstated: fog"),
    ),
    "reinstated, though never out": (PC1, [decided("reinstate", 500)], LATE, FLAT, SCORED, 12, 0, TRIAL, DRIVEN),
    "excluded by the rule book where it is cancelled": (
        *(CO1, [decided("cancel", control="CO1")], HOUR_LATE, FLAT),
        *(CANCELLED, None, 0, CARD, "cancelled: fog"),
    ),
    "excluded, then taken back in": (
        *(PC1, [decided("exclude"), decided("reinstate", at_ns=2)], LATE, FLAT),
        *(SCORED, 12, 0, TRIAL, DRIVEN),
    ),
    "taken back in, then excluded": (
        *(PC1, [decided("reinstate"), decided("exclude", at_ns=2)], LATE, FLAT),
        *(EXCLUDED, None, 0, TRIAL, "excluded: fog"),
    ),
    "retired, a fine, then taken back in": (
        *(PC1, [decided("retire"), decided("penalty", 100, 2), decided("reinstate", at_ns=3)], LATE, FLAT),
        *(SCORED, 112, 100, TRIAL, f"{DRIVEN}; fixed penalty 100: fog"),
    ),
    "missed, by the book's article": (PC1, [decided("miss")], LATE, BOOK_SAYS, MISSED, 400, 0, "art. 7", "missed: fog"),
    "missed, by the official's article": (
        *(PC1, [decided("miss", 50, article="art. 5")], LATE, BOOK_SAYS),
        *(MISSED, 50, 0, "art. 5", "missed: fog (art. 5)"),
    ),
    "missed, by no article": (PC1, [decided("miss", 50)], LATE, BOOK_SAYS, MISSED, 50, 0, TRIAL, "missed: fog"),
    "missed, nobody says at which price": (
        *(PC1, [decided("miss")], LATE, FLAT),
        *(OPEN, None, 0, TRIAL, "missed: fog; the rule book does not say what that costs"),
    ),
    "missed, beside a fixed penalty": (
        *(PC1, [FINE, decided("miss", 50, 2)], LATE, FLAT),
        *(MISSED, 150, 100, TRIAL, "missed: fog; beside it fixed penalties of 100"),
    ),
    "missed where points win, beside a fixed penalty": (
        *(PC1, [FINE, decided("miss", 50, 2)], LATE, HIGHEST),
        *(MISSED, -150, -100, TRIAL, "missed: fog; beside it fixed penalties of 100"),
    ),
    "two fixed penalties": (
        *(PC1, [FINE, decided("penalty", 50, 2)], LATE, FLAT),
        *(SCORED, 162, 150, TRIAL, f"{DRIVEN}; fixed penalty 100: fog; fixed penalty 50: fog"),
    ),
    "a fixed penalty of nothing": (
        *(PC1, [decided("penalty", 0)], LATE, FLAT),
        *(SCORED, 12, 0, TRIAL, f"{DRIVEN}; fixed penalty 0: fog"),
    ),
    "an average of nothing": (
        *(PC1, [decided("average")], LATE, FLAT),
        *(OPEN, None, 0, TRIAL, "average assigned: fog; no other trial of its series has a time"),
    ),
    "an average of nothing in the leg": (
        *(PC1, [decided("average", average="leg")], LATE, FLAT),
        *(OPEN, None, 0, TRIAL, "average assigned: fog; no other trial of its leg has a time"),
    ),
}


@pytest.mark.parametrize(
    ("control", "decisions", "passages", "more", "status", "penalty", "fixed", "article", "reason"),
    DECISIONS.values(),
    ids=DECISIONS,
)
def test_what_a_decision_makes_of_a_score(
    control: Control,
    decisions: list[Decision],
    passages: list,
    more: str,
    status: str,
    penalty: int | None,
    fixed: int,
    article: str,
    reason: str,
) -> None:
    (one,), _ = score(event((control,)), {"R": book(more)}, passages, decisions=decisions)
    assert (one.status, one.penalty, one.fixed, one.article, one.reason) == (status, penalty, fixed, article, reason)


NEAR = [passing("A1", "0"), passing("A2", "10.123")]  # 1 us beside a hundredth
DOUBT = ("A1: the uncertainty of 1 us reaches the next hundredth",)
# name: (decisions about PC1, where there is a doubt of its time, the doubts that are left)
DOUBTS = {
    "nothing decided": ([], DOUBT),
    "a fixed penalty": ([FINE], DOUBT),
    "cancelled": ([decided("cancel")], ()),
    "missed": ([decided("miss", 300)], ()),
    "missed, nobody says at which price": ([decided("miss")], ()),
    "excluded": ([decided("exclude")], ()),
    "retired": ([decided("retire")], ()),
    "retired, then taken back in": ([decided("retire"), decided("reinstate", at_ns=2)], DOUBT),
    "an average of nothing": ([decided("average")], ()),
}


@pytest.mark.parametrize(("decisions", "doubts"), DOUBTS.values(), ids=DOUBTS)
def test_a_time_that_does_not_count_leaves_no_doubt(decisions: list[Decision], doubts: tuple[str, ...]) -> None:
    (one,), _ = score(event((PC1,)), {"R": book(FLAT)}, NEAR, decisions=decisions)
    assert one.doubts == doubts


def test_an_average_has_the_doubts_of_its_trials_and_not_of_its_own_time() -> None:
    driven = [passing("A1", "0"), passing("A2", "10.002"), passing("A3", "20.030")]  # A2 is inside its hundredth
    scores, _ = score(event((PC1, PC2)), {"R": book(FLAT)}, driven, decisions=[decided("average")])
    assert [one.doubts for one in scores] == [("A3: the uncertainty of 1 us reaches the next hundredth",)] * 2


# A chain: PC1 open, PC2 3/100 s late, PC3 6/100 s late.
CHAIN = [passing("A2", "0.002"), passing("A3", "10.032"), passing("C1", "20.092")]
CENT = FLAT + "[timed_trial]\nearly_per_unit = 0.01\nlate_per_unit = 0.01\n"
AVERAGE = decided("average")
OF_PC2 = decided("average", control="PC2", id="b")
# name: (decisions, passages, rule book, status, penalty, reason) of PC1
AVERAGES = {
    "of the chain": ([AVERAGE], CHAIN, FLAT, SCORED, "4.50", "average of PC2, PC3 = 4.5: fog"),
    "a half goes up": (  # of 0.03 and 0.02: 0.025
        *([AVERAGE], [*CHAIN[:2], passing("C1", "20.052")], CENT),
        *(SCORED, "0.03", "average of PC2, PC3 = 0.03: fog"),
    ),
    "beside a fixed penalty": (
        *([FINE, decided("average", at_ns=2)], CHAIN, FLAT),
        *(SCORED, "104.50", "average of PC2, PC3 = 4.5: fog; beside it fixed penalties of 100"),
    ),
    "an averaged trial counts for no other": (
        *([AVERAGE, OF_PC2], CHAIN, FLAT),
        *(SCORED, "6.00", "average of PC3 = 6: fog"),
    ),
    "a missed one counts for none": (
        *([AVERAGE, decided("miss", 300, control="PC2")], CHAIN, FLAT),
        *(SCORED, "6.00", "average of PC3 = 6: fog"),
    ),
}


@pytest.mark.parametrize(
    ("decisions", "passages", "more", "status", "penalty", "reason"), AVERAGES.values(), ids=AVERAGES
)
def test_what_an_average_makes_of_a_score(
    decisions: list[Decision], passages: list, more: str, status: str, penalty: str, reason: str
) -> None:
    scores, _ = score(event((PC1, PC2, PC3)), {"R": book(more)}, passages, decisions=decisions)
    assert (scores[0].status, str(scores[0].penalty), scores[0].reason) == (status, penalty, reason)


def pm(control: Control) -> Control:
    """Return the same trial as an average trial."""
    return replace(control, kind=AVERAGE_TRIAL)


IN_S = replace(trial("X", "A2", "A4", 1000), races=("S",))
APART = trial("PC8", "B1", "B2", 1000)
TOMORROW = trial("PC9", "C1", "A1", 1000, leg="L2")
NAMED = [replace(one, series="night") for one in (PC1, PC3, TOMORROW)]
# name: (controls of the event, the trial, its average, of which trials that is)
AMONG = {
    "its chain": ((PC1, PC2, PC3, APART), "PC2", "series", ["PC1", "PC3"]),
    "not the chain before": ((PC1, PC2, APART, PC3), "PC1", "series", ["PC2"]),
    "a chain after another": ((APART, PC1, PC2), "PC2", "series", ["PC1"]),
    "a time control on the way does not end it": ((PC1, replace(CO1, closes="A2"), PC2), "PC1", "series", ["PC2"]),
    "a trial of another race does not end it": ((PC1, IN_S, PC2), "PC1", "series", ["PC2"]),
    "the next leg ends it": ((PC2, PC3, TOMORROW), "PC2", "series", ["PC3"]),
    "a series by its name, in its leg": ((NAMED[0], PC2, NAMED[1], NAMED[2]), "PC1", "series", ["PC3"]),
    "its leg": ((PC1, APART, TOMORROW), "PC1", "leg", ["PC8"]),
    "its race": ((PC1, APART, TOMORROW), "PC1", "race", ["PC8", "PC9"]),
    "trials of its kind": ((PC1, pm(PC2), PC3), "PC1", "leg", ["PC3"]),
    "average trials of theirs": ((pm(PC1), PC2, pm(PC3)), "PC1", "race", ["PC3"]),
    "of its own race only": ((PC1, IN_S, PC3), "PC1", "race", ["PC3"]),
    "a time control has none": ((PC1, CO1), "CO1", "leg", []),
    "what does not exist has none": ((PC1, PC2), "PC7", "leg", []),
}


@pytest.mark.parametrize(("controls", "control", "of", "expected"), AMONG.values(), ids=AMONG)
def test_of_which_trials_an_average_is(
    controls: tuple[Control, ...], control: str, of: str, expected: list[str]
) -> None:
    assert averaged_over(event(controls), "R", control, of) == expected


def hidden(decisions: Sequence[Decision], passages: list, more: str = FLAT) -> list[Finding]:
    """Return the findings on the averages of a chain."""
    _, findings = score(event((PC1, PC2, PC3)), {"R": book(more)}, passages, decisions=decisions)
    return findings


def rows(findings: list[Finding]) -> list[tuple]:
    return [(one.kind, one.where, one.start_number, sentence(one, event((PC1,))), one.passages) for one in findings]


def test_an_average_that_hides_a_time_is_found() -> None:
    driven = [*LATE, passing("A3", "20.132"), passing("C1", "30.142")]
    found = hidden([decided("average", id="a"), decided("average", at_ns=2, id="b")], driven)
    text = "The average of crew 1 at PC1 (amendment b) hides a time that was taken, which would give 12."
    assert rows(found) == [("average", "PC1", 1, text, tuple(one.passage.id for one in LATE))]


# name: (decisions, passages, more of the rule book)
NOTHING_HIDDEN = {
    "no time was taken": ([AVERAGE], CHAIN, FLAT),
    "the book says that it was missed": ([AVERAGE], CHAIN, BOOK_SAYS + 'no_passage = "missed"\n'),
    "it is cancelled": ([AVERAGE, decided("cancel", at_ns=2)], [*LATE, *CHAIN[1:]], FLAT),
    "another decision": ([decided("penalty", 5)], [*LATE, *CHAIN[1:]], FLAT),
}


@pytest.mark.parametrize(("decisions", "passages", "more"), NOTHING_HIDDEN.values(), ids=NOTHING_HIDDEN)
def test_what_hides_no_time(decisions: list[Decision], passages: list, more: str) -> None:
    assert hidden(decisions, passages, more) == []


# name: (decision, where the finding is, its text)
UNUSED = {
    "of a control that is not there": (
        *(decided("cancel", control="PC7", start_number=None), "PC7"),
        "cancel of PC7 for any crew is not used: no such score",
    ),
    "of a crew that is not there": (
        *(decided("exclude", control=None, start_number=9), "the event"),
        "exclude of the event for start number 9 is not used: no such score",
    ),
    "of a race that is not there": (
        *(decided("cancel", race="S"), "PC1"),
        "cancel of PC1 for start number 1 is not used: no such score",
    ),
    "a price where the rule book excludes nobody": (
        *(decided("reinstate", 500, id="a"), "PC1"),
        "The points of amendment a (reinstate) are not used: the rule book does not exclude crew 1 from PC1 on",
    ),
}


@pytest.mark.parametrize(("decision", "where", "text"), UNUSED.values(), ids=UNUSED)
def test_a_decision_that_fits_nothing_is_found(decision: Decision, where: str, text: str) -> None:
    scores, findings = score(event((PC1,)), {"R": book(FLAT)}, LATE, decisions=[decision])
    assert rows(findings) == [("not used", where, decision.start_number, text, ())]
    assert scores[0].penalty == 12


# name: (decision, by crew the statuses of PC1, PC2, PC3)
REACH = {
    "out from a control on": (decided("exclude", control="PC2"), ["scored excluded excluded", "scored scored scored"]),
    "out of the whole event": (decided("retire", control=None), ["dns dns dns", "scored scored scored"]),
    "cancelled for one crew": (decided("cancel", control="PC2"), ["scored cancelled scored", "scored scored scored"]),
    "cancelled in its race": (
        decided("cancel", control="PC2", race="R"),
        ["scored cancelled scored", "scored scored scored"],
    ),
    "cancelled for the other crew": (
        decided("cancel", control="PC2", start_number=2),
        ["scored scored scored", "scored cancelled scored"],
    ),
    "cancelled for all": (
        decided("cancel", control="PC2", start_number=None),
        ["scored cancelled scored", "scored cancelled scored"],
    ),
    "a whole series": (decided("cancel", control="S1"), ["cancelled scored cancelled", "scored scored scored"]),
    "out from a series on": (decided("exclude", control="S2"), ["scored excluded excluded", "scored scored scored"]),
}


@pytest.mark.parametrize(("decision", "expected"), REACH.values(), ids=REACH)
def test_how_far_a_decision_reaches(decision: Decision, expected: list[str]) -> None:
    road = event((replace(PC1, series="S1"), replace(PC2, series="S2"), replace(PC3, series="S1")), (crew(1), crew(2)))
    times = (("A1", 0), ("A2", 10), ("A3", 20), ("C1", 30))
    passages = [passing(point, at, number) for number in (1, 2) for point, at in times]
    scores, _ = score(road, {"R": book(FLAT)}, passages, decisions=[decision])
    assert [" ".join(one.status for one in scores if one.start_number == number) for number in (1, 2)] == expected
    # explain asks for the same of one score.
    concerned = [one for one in scores if concerning(road, [decision], one) == [decision]]
    assert concerned == [one for one in scores if one.status != SCORED]


def test_the_decisions_about_a_score_come_in_their_order() -> None:
    given = Score("R", "PC1", 1, SCORED, "1/100 s", None, None, 0, Decimal(0), "", "", (), ())
    first, second, other_race = decided("cancel", at_ns=1), decided("average", at_ns=2), decided("cancel", race="S")
    assert concerning(event((PC1,)), [second, other_race, first], given) == [first, second]
