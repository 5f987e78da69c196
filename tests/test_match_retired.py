"""Who an official says did not come: evidence of whose the passages are, and nobody to be missed."""

from dataclasses import replace

import pytest

from centesimo.amend.apply import apply
from centesimo.match import match
from centesimo.model.decisions import Decision
from centesimo.model.event import TIME_CONTROL, Control, TimingPoint
from centesimo.model.facts import MarshalList
from centesimo.words.findings import sentence
from simulate.days import Plan, day, mistakes
from tests.decisions import EVENT, decided
from tests.test_match import ALL, NOT, S_NS, but, drive, event, marshal, passage, wrong

EVERY = frozenset(("PC1", "PC2", "PC3"))
IN_ANOTHERS_SLOT = {**NOT[5], 3: 120.0}  # crew 3 comes when crew 5 is due, which does not come
LATE_WITHOUT_FIRST = dict.fromkeys(range(2, 9), 300.0)

# name: (passages with their truth, lists, controls without a crew, start numbers attributed, kinds of findings)
CASES: dict[str, tuple[dict, list[MarshalList], dict, set[int], list[str]]] = {
    "a late car in an absent one's slot, nothing said": (drive(IN_ANOTHERS_SLOT), [], {}, {*ALL} - {3}, ["no passage"]),
    "a late car in the slot of one that retired": (drive(IN_ANOTHERS_SLOT), [], {5: EVERY}, {*ALL} - {5}, []),
    "everyone 5 minutes late, the first did not start": (
        drive(LATE_WITHOUT_FIRST),
        [],
        {1: EVERY},
        set(LATE_WITHOUT_FIRST),
        [],
    ),
    "gave up behind T2": (
        but(drive(ALL), without=(("T3", 5), ("T4", 5))),
        [],
        {5: EVERY - {"PC1"}},
        set(ALL),
        [],
    ),
    "said to be out, but it drives": (drive(ALL), [], {5: EVERY}, {*ALL} - {5}, ["ghost"]),
    "said to be out, but it drives and a list has it": (
        drive(ALL),
        [marshal("T1", [*ALL]), marshal("T3", [*ALL])],
        {5: EVERY},
        set(ALL),
        [],
    ),
}


@pytest.mark.parametrize(("made", "lists", "out", "attributed", "kinds"), CASES.values(), ids=CASES)
def test_who_did_not_come(made: dict, lists: list[MarshalList], out: dict, attributed: set, kinds: list[str]) -> None:
    attributions, findings = match(event(), [one for one, _ in made.values()], lists, out=out)
    assert {one.start_number for one in attributions} == attributed
    assert [one.kind for one in findings] == kinds
    if out:
        assert wrong(attributions, made) == []


def test_who_did_not_start_is_out_of_every_chain() -> None:
    """Nobody saw crew 10 on the first chain; on the second, crew 7 comes 3 min late, when crew 10 would be due."""
    made = day(Plan(3, crews=20, chains=(3, 3)))
    driven = [one for one in made.passages if made.truth[one.id] != 10]
    late = {one.id for one in driven if made.truth[one.id] == 7 and one.timing_point.startswith("T2")}
    passages = [one._replace(at_ns=one.at_ns + 180 * S_NS) if one.id in late else one for one in driven]
    attributions, findings = match(made.event, passages, out={10: frozenset(one.id for one in made.event.controls)})
    assert (mistakes(made, attributions), len(attributions), findings) == ([], 19 * 6, [])


# name: (decisions, the controls that crew 3 did not come to)
RETIRED: dict[str, tuple[list[Decision], set[str]]] = {
    "nothing": ([], set()),
    "never started": ([decided("retire", start_number=3)], {"CO1", "PC1", "PC2"}),
    "from a trial on": ([decided("retire", start_number=3, control="PC2")], {"PC2"}),
    "taken back in": ([decided("retire", start_number=3), decided("reinstate", 2, start_number=3)], set()),
    "taken back in from a trial on": (
        [decided("retire", start_number=3), decided("reinstate", 2, start_number=3, control="PC2")],
        {"CO1", "PC1"},
    ),
    "excluded, and drives on": ([decided("exclude", start_number=3)], set()),
}


@pytest.mark.parametrize(("decisions", "expected"), RETIRED.values(), ids=RETIRED)
def test_where_a_crew_is_out(decisions: list[Decision], expected: set[str]) -> None:
    retired = apply(EVENT, {}, decisions).retired
    assert set(retired.get(3, ())) == expected
    assert bool(retired) == bool(expected)


def test_who_gave_up_in_the_first_trial_was_at_the_tube_that_opens_it() -> None:
    """Crew 5 is lost between T1 and T2: out from PC1 on, and yet the passage at T1 may be its own, and is asked for."""
    made = but(drive(ALL), without=(("T2", 5), ("T3", 5), ("T4", 5)))
    before = Control("CO1", TIME_CONTROL, "L1", None, "C1", None, -600 * S_NS, ("R",))
    one = event()
    table = TimingPoint("C1", "road", None, None, 30, 1000)
    one = replace(one, controls=(before, *one.controls), timing_points=(*one.timing_points, table))
    cards = [passage("C1", -600 + 60 * (number - 1), number=number) for number in ALL]
    _, findings = match(one, [*cards, *(at for at, _ in made.values())], out={5: EVERY})
    (asked,) = findings
    assert asked.kind == "doubtful"
    assert "T1 at 08:04:00.02: whose is it? Candidates: crew 5" in sentence(asked, one)
