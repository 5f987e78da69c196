"""An open score says whose the passage may be that is nobody's yet; percentages of a question are of one passage."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from centesimo.compute import Computation, Facts, compute, rulebooks
from centesimo.explain import explain
from centesimo.explain.related_findings import findings_about
from centesimo.match import findings as say
from centesimo.model.about_passages import FitsNoCrew, Whose
from centesimo.model.event import PASSAGE_CONTROL
from centesimo.model.facts import OPEN, Passage
from centesimo.model.findings import Candidate, Finding
from centesimo.score import score
from centesimo.score.crossings import road
from centesimo.score.unattributed import ANYBODY, unattributed
from centesimo.words.findings import sentence
from tests.decisions import EVENT, decided, facts, identity, passage

ROME = ZoneInfo("Europe/Rome")
# A passage of nobody at A3, 1300.005 s after 09:00: 09:21:40.00. Crew 2 opens at 09:16:00.
FIRST, SECOND, THIRD = (passage("A3", 90 + place, 1300 + place) for place in range(3))


def asked(kind: str, number: int | None, *candidates: tuple[Passage, int | None, float]) -> Finding:
    """Return a finding about whose passages are."""
    ids = tuple(dict.fromkeys(one.id for one, _, _ in candidates))
    return Finding(kind, "A3", number, Whose(()), ids, tuple(Candidate(one.id, *rest) for one, *rest in candidates))


AT = "at A3 at 09:21:40.00"
BOTH = "at A3 at 09:21:40.00 and 09:21:41.00"
# name: (what is open, what a crew's score says that has no passage at A3, by start number)
OPEN_AT_A3 = {
    "two crews": (
        [asked("doubtful", None, (FIRST, 12, 0.6), (FIRST, 1, 0.4))],
        {ANYBODY: "", 1: (why := f"whose the passage {AT} is, is open: crew 1 or 12"), 12: why},
    ),
    "one crew or nobody": (
        [asked("doubtful", None, (FIRST, 12, 0.6), (FIRST, None, 0.4))],
        {ANYBODY: "", 12: f"whose the passage {AT} is, is open: crew 12 or nobody"},
    ),
    "one crew, not quite sure": (
        [asked("doubtful", None, (FIRST, 12, 0.98))],
        {ANYBODY: "", 12: f"whether the passage {AT} is its own is open"},
    ),
    "two cars": (
        [asked("doubtful", None, (FIRST, 1, 0.5), (FIRST, 2, 0.5), (SECOND, 1, 0.5), (SECOND, 2, 0.5))],
        {ANYBODY: "", 1: (why := f"whose the passages {BOTH} are, is open: crew 1 or 2"), 2: why},
    ),
    "many crews and passages": (
        [asked("doubtful", None, *((one, crew, 0.2) for one in (FIRST, SECOND, THIRD) for crew in (1, 2, 3, 11, 12)))],
        dict.fromkeys(
            (1, 2, 3, 11, 12),
            "whose the passages at A3 at 09:21:40.00, 09:21:41.00 and 09:21:42.00 are, is open: "
            "crew 1, 2, 3, 11 or 1 more",
        )
        | {ANYBODY: ""},
    ),
    "one crew that two passages name": (
        [say.named_twice(2, [FIRST, SECOND])],
        {ANYBODY: "", 2: f"which of the passages {BOTH} is its own is open"},
    ),
    "likely a ghost: open for that crew alone": (
        [asked("ghost", None, (FIRST, 3, 0.2))],
        {3: f"whether the passage {AT} is its own is open"},
    ),
    "surely a ghost": ([Finding("ghost", "A3", None, FitsNoCrew((FIRST,)), (FIRST.id,))], {}),
}


@pytest.mark.parametrize(("findings", "expected"), OPEN_AT_A3.values(), ids=OPEN_AT_A3)
def test_what_is_said_of_a_passage_that_may_be_a_crews(findings: list[Finding], expected: dict[int, str]) -> None:
    found = unattributed(road(EVENT), findings, {"A3": [FIRST, SECOND, THIRD]}, ROME)
    assert found == ({("L1", "A3"): expected} if expected else {})


def beside() -> Facts:
    """Return the day on which crew 1 opens 1.5 s before crew 2: the due times do not tell them apart."""
    late = {identity(point, 1) for point in ("A1", "A2", "A3")}
    day = facts()
    moved = [one._replace(at_ns=(one.at_ns or 0) + 58_500_000_000) if one.id in late else one for one in day.loaded]
    return day._replace(loaded=tuple(moved))


# Crew 1 opens at 09:15:58.50 and is 5/100 s late at A2, 30 s on; crew 2 at 09:16:00.00, and 3/100 s late.
WHY = (
    "whose the passages at A1 at 09:15:58.50 and 09:16:00.00 are, is open: crew 1 or 2; "
    "whose the passages at A2 at 09:16:28.55 and 09:16:30.03 are, is open: crew 1 or 2"
)


def test_an_open_score_says_whose_the_passage_may_be() -> None:
    day = beside()
    outcome = compute(day)
    (score,) = [one for one in outcome.scores if (one.control, one.start_number) == ("PC1", 2)]
    assert (score.status, score.reason) == (OPEN, WHY)
    (control,) = [one for one in EVENT.controls if one.id == "PC1"]
    about = findings_about(control, score, outcome.findings, outcome.passages)
    assert [sentence(one, EVENT) for one in about] == [
        "A1 at 09:15:58.50, A1 at 09:16:00.00: whose is it? Candidates: crew 1, crew 2."
    ]
    (explained,) = [one for one in explain(EVENT, rulebooks(EVENT)["classic"], score).facts if one.key == "how"]
    assert explained.value == WHY


def test_each_kind_of_control_says_so() -> None:
    stamps = replace(EVENT.controls[0], id="SC1", kind=PASSAGE_CONTROL, after_ns=None)
    its = replace(EVENT, controls=(*EVENT.controls, stamps))
    open_at = {("L1", "C1"): {1: "whose is C1?"}, ("L1", "A2"): {1: "whose is A2?"}}
    scores, _ = score(its, rulebooks(its), [], unattributed=open_at)
    assert {one.control: one.reason for one in scores if one.start_number == 1} == {
        "CO1": "whose is C1?",
        "PC1": "no passage at A1; whose is A2?",
        "PC2": "whose is A2?; no passage at A3",
        "SC1": "whose is C1?",
    }
    assert {one.reason for one in scores if one.start_number == 2 and one.control in ("CO1", "SC1")} == {
        "no passage at C1"
    }


def test_it_follows_when_it_is_settled_and_a_cold_computation_says_the_same() -> None:
    day, warm = beside(), Computation()
    settled = day._replace(decisions=(decided("attribute", passage=identity("A1", 1), start_number=1),))
    for one in (day, settled, day):
        assert warm.outcome(one).scores == compute(one).scores
    assert [one.start_number for one in compute(settled).scores if one.status == OPEN] == [3, 3]


# name: (candidates of two passages of one car, what is asked). Percentages are cut: 0.624 is 62 %.
CHANCES = {
    "alike at each point": (
        [[(12, 0.624), (13, 0.29)]] * 2,
        "A1 at 09:15:00.00: whose is it? Candidates: crew 12 (62%), crew 13 (29%), another (8%).",
    ),
    "another from some point on": (
        [[(12, 0.7), (13, 0.3)], [(13, 0.55), (12, 0.45)]],
        "A1 at 09:15:00.00: whose is it? Candidates: crew 12 (70%), crew 13 (30%); "
        "at A2: crew 13 (55%), crew 12 (45%).",
    ),
    "nobody's, and what is left": (
        [[(12, 0.5), (None, 0.3)]] * 2,
        "A1 at 09:15:00.00: whose is it? Candidates: crew 12 (50%), nobody (30%), another (20%).",
    ),
    "any": ([[], []], "A1 at 09:15:00.00: whose is it? Candidates: any crew, or nobody."),
}


@pytest.mark.parametrize(("chances", "text"), CHANCES.values(), ids=CHANCES)
def test_percentages_are_those_of_one_passage(chances: list, text: str) -> None:
    car = [passage("A1", 90, 900), passage("A2", 90, 930)]
    candidates = tuple(
        Candidate(one.id, number, chance) for one, its in zip(car, chances, strict=True) for number, chance in its
    )
    assert sentence(say.doubtful([car], candidates), EVENT) == text


# name: (crews, what is asked). Cars at 09:15:00, 09:16:00, ... of which each may be any of the crews.
SEVERAL = {
    "a few": ((2, 1), "A1 at 09:15:00.00, A1 at 09:16:00.00: whose is it? Candidates: crew 1, crew 2."),
    "or nobody's": (
        (2, None, 1),
        "A1 at 09:15:00.00, A1 at 09:16:00.00, A1 at 09:17:00.00: whose is it? Candidates: crew 1, crew 2, nobody.",
    ),
    "a whole field": (
        tuple(range(20, 80)),
        "A1 at 09:15:00.00, A1 at 09:16:00.00, A1 at 09:17:00.00 and 57 more to A1 at 10:14:00.00: whose is it? "
        "Candidates: 60 crews from 20 to 79.",
    ),
}


@pytest.mark.parametrize(("crews", "text"), SEVERAL.values(), ids=SEVERAL)
def test_cars_that_share_candidates_are_one_question(crews: tuple[int | None, ...], text: str) -> None:
    cars = [[passage("A1", 90, 900 + 60 * place)._replace(id=f"load:{place}")] for place in range(len(crews))]
    candidates = tuple(Candidate(car[0].id, number, 0.3) for car, number in zip(cars, crews, strict=True))
    assert sentence(say.doubtful(cars, candidates), EVENT) == text


def test_a_passage_of_a_point_in_two_legs_is_open_in_its_own() -> None:
    """Leg 2 begins 24 h after leg 1, at the same points."""
    second = replace(EVENT.legs[0], id="L2")
    later_ns = 86_400_000_000_000
    starts = [
        replace(
            one,
            starts=(*one.starts, replace(one.starts[0], leg="L2", first_at_ns=one.starts[0].first_at_ns + later_ns)),
        )
        for one in EVENT.races
    ]
    again = [replace(one, id=f"{one.id}b", leg="L2") for one in EVENT.controls]
    both = replace(EVENT, legs=(*EVENT.legs, second), races=tuple(starts), controls=(*EVENT.controls, *again))
    next_day = FIRST._replace(id="load:next", at_ns=(FIRST.at_ns or 0) + later_ns)
    findings = [asked("doubtful", None, (next_day, 12, 0.9)), asked("ghost", None, (FIRST, 1, 0.2))]
    found = unattributed(road(both), findings, {"A3": [FIRST, next_day]}, ROME)
    assert {place: set(its) for place, its in found.items()} == {("L2", "A3"): {ANYBODY, 12}, ("L1", "A3"): {1}}


def test_a_ghost_names_who_it_may_be_all_the_same() -> None:
    found = say.ghost([FIRST], (Candidate(FIRST.id, 3, 0.2),))
    assert sentence(found, EVENT) == "A3 at 09:21:40.00: fits no crew, unless it is that of crew 3 (20%)."


def test_a_ghost_of_several_passages_names_each_crew_once() -> None:
    behind = FIRST._replace(id="load:behind", timing_point="A4")
    whose_it_may_be = [(FIRST, 3, 0.2), (FIRST, 7, 0.1), (behind, 7, 0.3), (behind, 3, 0.2)]
    found = say.ghost([FIRST, behind], tuple(Candidate(one.id, *its) for one, *its in whose_it_may_be))
    assert sentence(found, EVENT).endswith("fits no crew, unless it is that of crew 7 (30%), crew 3 (20%).")
    assert len(found.candidates) == 4
