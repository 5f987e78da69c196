"""What an official decided shows in a picture by shape and words: an average, a time put back, one that is void."""

import re
from functools import cache
from xml.etree import ElementTree

import pytest

from centesimo.compute import Facts, Outcome, compute
from centesimo.model.decisions import Decision
from centesimo.model.facts import Edge, Passage
from centesimo.picture import pictures
from centesimo.picture.chart import CROSS, DIAMOND, SHAPES, SQUARE
from centesimo.sanity import judged
from tests.decisions import EVENT, at_ns, decided, facts, identity

SVG = "{http://www.w3.org/2000/svg}"
BOARD = EVENT.timing_points[0].board or ""  # of A1 and A2


def stamped(passage: Passage) -> Passage:
    """Return a passage of a board, if its point has one."""
    board = next(one.board for one in EVENT.timing_points if one.id == passage.timing_point)
    if not board:
        return passage
    edge = Edge(board, 1, 1, 1, 0, passage.at_ns, 1000, True, "", 0, False)
    return passage._replace(edges=(edge,), source="board")


@cache
def drawn(*decisions: Decision) -> dict[str, str]:
    """Return the pages of the small day with these decisions, stamped by boards."""
    return dict(pictures(EVENT, outcome(*decisions)))


def outcome(*decisions: Decision) -> Outcome:
    day: Facts = facts(*decisions)
    return judged(EVENT, compute(day._replace(loaded=tuple(map(stamped, day.loaded)))))


def marks(text: str) -> list[tuple[str, str, str]]:
    """Return class, shape and title of each mark of a page's charts that is no circle."""
    charts = re.findall(r'<svg [^>]*role="img".*?</svg>', text, re.DOTALL)
    its = [one for chart in charts for one in ElementTree.fromstring(chart).iter(f"{SVG}path")]
    return [
        (one.get("class", ""), one.get("d", ""), one[0].text or "")
        for one in its
        if SHAPES.keys() & one.get("class", "").split()
    ]


# Crew 1 opens A1 at 09:15:00.00 and is at A2 at 09:15:30.05 in truth; for a minute around it its board was 0.25 s off.
PERIOD = {"board": BOARD, "from_ns": at_ns(890), "to_ns": at_ns(950)}
WHY = "marshal's report (amendment "
# name: (decision, page, class and shape of its marks, a part of each title, what the key says)
DECIDED = {
    "a time put later": (
        decided("shift", shift_ns=250_000_000, **PERIOD),
        "point-A2.html",
        ("given shifted", SQUARE),
        f"09:15:30.30: crew 1; due 09:15:30.25; 0.05 s late; * put 0.25 s later by an official: {WHY}*)",
        "1 put later or earlier by an official",
    ),
    "one that does not count, of a crew": (
        decided("void", passage=identity("A2", 1), start_number=1),
        "point-A2.html",
        ("voided", CROSS),
        f"09:15:30.05: does not count, crew 1's until then: {WHY}*)",
        "1 does not count, an official says",
    ),
    "of nobody": (
        decided("void", passage=identity("A1", 0)),
        "point-A1.html",
        ("voided", CROSS),
        f"09:28:20.00: does not count, nobody's: {WHY}*)",
        "1 does not count, an official says",
    ),
    "a period that is not reliable": (
        decided("unreliable", **PERIOD),
        "point-A2.html",
        ("voided", CROSS),
        f"09:15:30.05: crew 1; due 09:15:30.00; 0.05 s late; * its time does not count, an official says: {WHY}*)",
        "1 does not count, an official says",
    ),
    "an average": (
        decided("average", control="PC1", start_number=2),
        "crew-2.html",
        ("averaged", DIAMOND),
        f"PC1: average of PC2 = 4: {WHY}*)",
        "average of other trials (avg.)",
    ),
    "a trial with a time that was put later": (
        decided("shift", shift_ns=250_000_000, **PERIOD),
        "crew-1.html",
        ("late shifted", SQUARE),
        "PC1: 0:30.05, +0.05 s: *A2 shifted: *",
        "with a time put later or earlier",
    ),
}


@pytest.mark.parametrize(("decision", "file", "mark", "title", "key"), DECIDED.values(), ids=DECIDED)
def test_what_was_decided_has_a_shape_and_words(
    decision: Decision, file: str, mark: tuple[str, str], title: str, key: str
) -> None:
    text = drawn(decision)[file]
    found = marks(text)
    assert found
    pattern = ".*".join(map(re.escape, title.split("*")))
    assert mark in {(kind, shape) for kind, shape, _ in found}
    assert any(re.fullmatch(pattern, said) for kind, _, said in found if kind == mark[0]), found
    (sample,) = re.findall(rf'<li><svg[^>]*><path d="([^"]*)"[^>]*/></svg>{re.escape(key)}</li>', text)
    assert sample == mark[1]
    assert key not in drawn()[file]


def test_an_average_says_so_at_its_mark_and_stands_at_no_deviation() -> None:
    text = drawn(decided("average", control="PC1", start_number=2))["crew-2.html"]
    assert re.findall(r'<text[^>]*class="name ([^"]*)"[^>]*>([^<]*)<', text) == [("averaged", "avg."), ("late", "+4")]
    (chart,) = re.findall(r'<svg [^>]*role="img".*?</svg>', text, re.DOTALL)
    zero = {float(one.get("cy", "")) for one in ElementTree.fromstring(chart).iter() if one.get("class") == "zero"}
    (at,) = re.findall(r'<path class="averaged"[^>]*translate\(\S+ (\S+)\)', chart)
    assert {float(at)} == zero
    assert "+0.03 s" not in text  # what was timed and does not count


def test_a_time_that_an_average_hides_is_no_doubt_of_its_passages() -> None:
    """Officials are told that it hides 3 points; whoever looks at the tube sees the passage as it was."""
    decision = decided("average", control="PC1", start_number=2)
    assert "average" in {one.kind for one in outcome(decision).findings}
    before, after = drawn()["point-A2.html"], drawn(decision)["point-A2.html"]
    assert "hides a time" not in after
    assert before == after


def test_what_nobody_decided_is_a_circle() -> None:
    assert [file for file, text in drawn().items() if marks(text)] == []
