"""Who an official says did not come: evidence of whose the passages are, and nobody to be missed."""

import pytest
from decisions import EVENT, decided
from test_match import ALL, NOT, but, drive, event, marshal, wrong

from centesimo.amend.apply import apply
from centesimo.facts import Amendment, MarshalList
from centesimo.match import match

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


# name: (decisions, the controls that crew 3 did not come to)
RETIRED: dict[str, tuple[list[Amendment], set[str]]] = {
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
def test_where_a_crew_is_out(decisions: list[Amendment], expected: set[str]) -> None:
    retired = apply(EVENT, {}, decisions).retired
    assert set(retired.get(3, ())) == expected
    assert bool(retired) == bool(expected)
