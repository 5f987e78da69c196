"""Names that people can say: name first, id second, in one way everywhere."""

import pytest

from centesimo.model.about_boards import RecordsMissing
from centesimo.model.findings import Finding, FindingKind
from centesimo.publish.render import as_findings
from centesimo.words.boards import board_name, board_names, board_text, find_board
from centesimo.words.findings import sentence
from tests.events import changed, event
from tests.test_prepare import A1, A2

EVENT = event()


def points(*ids, place="Bridge"):
    (first, *_) = EVENT.timing_points
    return [first.__class__(one, place, A1, 1, 25, 1500) for one in ids]


# name, timing points, their place; what the board is called: 12 bytes at most.
NAMES = [
    ("one", ("A1",), "Bridge", "A1 Bridge"),
    ("several", ("A1", "A2"), "Mill", "A1 A2 Mill"),
    ("a detail is left out", ("A1",), "Lake road, km 3.2", "A1 Lake road"),
    ("a word too long", ("A1",), "Kirchenplatz", "A1"),
    ("as many words as fit", ("A1",), "Old mill of Ponte", "A1 Old mill"),
    ("letters of two bytes", ("A1",), "Brücke ÄÄ", "A1 Brücke"),
    ("one point in two legs", ("A1", "A1"), "Bridge", "A1 Bridge"),
    ("many", ("PC1", "PC2", "PC3", "PC4"), "Bridge", "PC1-PC4"),
    ("ids too long", ("SOUTH-GATE-1", "SOUTH-GATE-2"), "Bridge", "SOUTH-GATE-1"),
    ("an id too long", ("SOUTH-GATE-11",), "Bridge", "SOUTH-GATE-1"),
    ("no word", ("A1",), "(beside the road)", "A1"),
    ("none", (), "", ""),
]


@pytest.mark.parametrize(("ids", "place", "expected"), [row[1:] for row in NAMES], ids=[row[0] for row in NAMES])
def test_a_board_is_called_after_its_timing_points(ids, place, expected):
    assert board_name(points(*ids, place=place)) == expected


def test_every_board_of_an_event_has_a_name():
    assert board_names(EVENT) == {A1: "A1 A2 Bridge", A2: "A3 Church"}
    assert board_text(A1, "A1 A2 Bridge") == f"A1 A2 Bridge ({A1})"
    assert board_text(A1, "") == A1


def test_a_finding_says_the_name_first():
    finding = Finding(FindingKind.RECORDS_MISSING, A2, None, RecordsMissing(A2, 3, 5))
    assert sentence(finding, EVENT) == f"Records 3 to 5 of board A3 Church ({A2}) are not here: collect it again."
    assert f"A3 Church ({A2})" in cells(as_findings([finding], EVENT))[1]
    elsewhere = event(changed("event.toml", A2, "0f" * 8))
    assert sentence(finding, elsewhere) == f"Records 3 to 5 of board {A2} are not here: collect it again."


def cells(table):
    """Return the first cell of each column of a table for a terminal, as text."""
    return [str(next(iter(column.cells))) for column in table.columns]


# What a person writes, and the board that is meant.
WRITTEN = [
    (A1, A1),
    (A1.upper(), A1),
    ("A1 A2 Bridge", A1),
    ("a3 church", A2),
    (f"A3 Church ({A2})", A2),
    ("A1", None),
    ("Church", None),
    ("0f" * 8, None),
]


@pytest.mark.parametrize(("written", "meant"), WRITTEN)
def test_a_board_is_meant_by_name_or_id(written, meant):
    assert find_board(EVENT, written) == meant
