"""Marshals' lists at the wrong timing point: told by the order of passing, never because two are the same alone."""

from dataclasses import replace

import pytest

from centesimo.compute import Facts, compute
from centesimo.crosscheck.lists import mislaid, same_lists
from centesimo.model.about_passages import Whose
from centesimo.model.basis import LOADED
from centesimo.model.event import Entry
from centesimo.model.facts import Attribution, Listed, MarshalList, Passage
from centesimo.model.findings import Candidate, Finding
from centesimo.words.findings import sentence
from tests.decisions import EVENT, at_ns

IN_ORDER = (1, 2, 3, 11, 12)


def listed(point: str, *numbers: int) -> MarshalList:
    """Return a list; 0 is a car whose number could not be read."""
    lines = [Listed(point, n, one, f"lists/{point}.csv:{n + 1}") for n, one in enumerate(numbers, 1) if one]
    return MarshalList(point, tuple(lines))


def passed(**numbers_by_point: tuple[int, ...]) -> list[Attribution]:
    """Return who passed each timing point, a minute apart."""
    return [
        Attribution(
            Passage(f"{point}:{number}", point, at_ns(60 * place), 1000, True, (), (), "board"), number, 1.0, LOADED
        )
        for point, numbers in numbers_by_point.items()
        for place, number in enumerate(numbers)
    ]


COPIED = "it is line by line the same as lists/A1.csv: was it copied?"
# name: (lists, who passed where, what is told, by the name of the list)
CASES = {
    "both right, and the same": (
        [listed("A1", *IN_ORDER), listed("A2", *IN_ORDER)],
        passed(A1=IN_ORDER, A2=IN_ORDER),
        {},
    ),
    "copied where two were in another order": (
        [listed("A1", *IN_ORDER), listed("A2", *IN_ORDER)],
        passed(A1=IN_ORDER, A2=(1, 3, 2, 11, 12)),
        {"lists/A2.csv": f"the times at A2 do not bear out the place of 1 of its 5 crews (2); {COPIED}"},
    ),
    "copied, and nobody was seen at one point": (
        [listed("A1", *IN_ORDER), listed("A2", *IN_ORDER)],
        passed(A1=IN_ORDER),
        {},
    ),
    "one exchange is a slip": (
        [listed("A2", *IN_ORDER)],
        passed(A1=IN_ORDER, A2=(2, 1, 3, 11, 12)),
        {},
    ),
    # without 3, and one of 11 and 12, the rest stands in order; of two that are exchanged the first line is named
    "saved under another's name": (
        [listed("A2", *IN_ORDER)],
        passed(A1=IN_ORDER, A2=(3, 1, 2, 12, 11)),
        {
            "lists/A2.csv": "the times at A2 do not bear out the place of 2 of its 5 crews (3, 11); its order is that "
            "of A1: is it the list of A1?"
        },
    ),
    "saved under another's name, which nobody else fits": (
        [listed("A2", *IN_ORDER)],
        passed(A1=(3, 1, 2, 12, 11), A2=(3, 1, 2, 12, 11)),
        {},
    ),
    "saved under another's name, of which few were seen": (
        [listed("A2", *IN_ORDER)],
        passed(A1=(2, 3), A2=(3, 1, 2, 12, 11)),
        {},
    ),
    "exchanged": (
        [listed("A1", 3, 1, 2, 12, 11), listed("A2", *IN_ORDER)],
        passed(A1=IN_ORDER, A2=(3, 1, 2, 12, 11)),
        {
            "lists/A1.csv": "the times at A1 do not bear out the place of 2 of its 5 crews (3, 12); its order is that "
            "of A2: is it the list of A2?",
            "lists/A2.csv": "the times at A2 do not bear out the place of 2 of its 5 crews (3, 11); its order is that "
            "of A1: is it the list of A1?",
        },
    ),
    "unread lines are lines": ([listed("A1", 1, 0, 3), listed("A2", 1, 3)], passed(A1=(1, 3), A2=(3, 1)), {}),
    "empty lists": ([listed("A1"), listed("A2")], passed(A1=IN_ORDER), {}),
    # due are 1, 2, 3, 11, 12: no two of the list stand in that order
    "the same against the due times": (
        [listed("A1", 12, 11, 3, 2, 1), listed("A2", 12, 11, 3, 2, 1)],
        passed(A1=(12, 11, 3, 2, 1), A2=(12, 11, 3, 2, 1)),
        {
            "lists/A1.csv": "it is line by line the same as lists/A2.csv, and 4 of its 5 crews stand in another order "
            "than they are due; two that agree are believed against that: was one copied?"
        },
    ),
}


@pytest.mark.parametrize(("lists", "made", "expected"), CASES.values(), ids=CASES)
def test_whose_a_list_is(lists: list[MarshalList], made: list[Attribution], expected: dict[str, str]) -> None:
    found = mislaid(EVENT, lists, made)
    assert {one.where: sentence(one, EVENT) for one in found} == {
        name: f"{name}: {text}" for name, text in expected.items()
    }
    assert {one.kind for one in found} <= {"list"}


def test_a_copy_leaves_two_crews_in_doubt() -> None:
    doubt = Finding("doubtful", "A2", None, Whose(()), ("p",), (Candidate("p", 2, 0.5), Candidate("p", 3, 0.5)))
    lists = [listed("A1", *IN_ORDER), listed("A2", *IN_ORDER)]
    made = passed(A1=IN_ORDER, A2=(1, 11, 12))
    (one,) = mislaid(EVENT, lists, made, [doubt])
    assert sentence(one, EVENT) == (
        f"lists/A2.csv: the times at A2 do not bear out the place of 2 of its 5 crews (2, 3); {COPIED}"
    )
    alone = doubt._replace(candidates=doubt.candidates[:1])
    assert mislaid(EVENT, lists, made, [alone]) == []


def test_crews_that_drive_no_control_there() -> None:
    co1, pc1, pc2 = EVENT.controls
    event = replace(EVENT, controls=(co1, replace(pc1, races=("modern",)), replace(pc2, races=("modern",))))
    (one,) = mislaid(event, [listed("A1", *IN_ORDER)], [])
    assert sentence(one, EVENT) == (
        "lists/A1.csv: 3 of its 5 crews (1, 2, 3) drive no control at A1: is it another timing point's list?"
    )
    assert mislaid(event, [listed("A1", 1, 2, 11, 12)], []) == []


def test_many_crews_are_counted() -> None:
    numbers = tuple(range(21, 31))
    entries = tuple(
        Entry(number, "modern", f"Crew {number}", "car", 1950, "", None, n) for n, number in enumerate(numbers)
    )
    event = replace(EVENT, entries=entries)
    backwards = numbers[::-1]
    (one,) = mislaid(event, [listed("A1", *numbers), listed("A2", *numbers)], passed(A1=numbers, A2=backwards))
    assert "9 of its 10 crews (" in sentence(one, event)
    assert " and 3 more); its order is that of A1" in sentence(one, event)


def test_which_lists_are_the_same() -> None:
    lists = [listed("A1", 1, 2), listed("A2", 2, 1), listed("A3", 1, 2), listed("C1", 1, 0, 2)]
    assert same_lists(lists) == [("A1", "A3")]


def test_it_is_among_the_findings_of_the_day() -> None:
    day = Facts(EVENT, (listed("A1", 3, 2, 1), listed("A2", 3, 2, 1)), {}, ())
    assert [one.where for one in compute(day).findings if "line by line" in sentence(one, EVENT)] == ["lists/A1.csv"]
