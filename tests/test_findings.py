"""Findings as they are shown: in the order of the road whatever was read first, and which of them the public sees."""

from dataclasses import replace
from pathlib import Path
from random import Random
from typing import get_args

import pytest

from centesimo.compute import Facts, compute
from centesimo.match.lists import compare
from centesimo.model.about_passages import CrossedTwice, NotSeen, PointUnused
from centesimo.model.about_people import LineUnusable
from centesimo.model.facts import Listed, MarshalList
from centesimo.model.findings import PUBLIC, Finding, FindingKind
from centesimo.model.memo import Memo
from centesimo.picture import pictures
from centesimo.publish.page import page
from centesimo.publish.published import content as published
from centesimo.publish.published import findings_of, not_seen, questions_of
from centesimo.publish.render import Imprint
from centesimo.sanity import judged
from centesimo.words import english
from centesimo.words.findings import PARTS, content, in_order, sentence, sentences, whole
from tests.decisions import EVENT, decided, facts, passage

BOARD = "00000000000000a1"
# (kind, where, start number, text) in the order in which they must come: boards, decisions, the road (the points as
# event.toml has them: A1, A2, A3, C1; PC1 closes at A2), lists by their lines.
ORDERED = [
    ("loss", BOARD, None, "start 2"),
    ("loss", BOARD, None, "start 10"),
    ("amendment", "A3", None, "not used"),
    ("doubtful", "A1", None, "A1 at 09:15:58.50"),
    ("ghost", "A1", None, "A1 at 09:15:00.00"),
    ("no passage", "A2", 3, ""),
    ("no passage", "A2", 12, ""),
    ("average", "PC1", 1, ""),
    ("no control", "A9", None, ""),
    ("list", "lists/A1.csv:4", None, ""),
    ("list", "lists/A1.csv:10", None, ""),
]


def finding(kind: str, where: str, number: int | None, text: str) -> Finding:
    """Return a finding whose sentence begins with a text."""
    return Finding(kind, where, number, LineUnusable(text, "as it came"))


@pytest.mark.parametrize("seed", range(5))
def test_findings_come_in_the_order_of_the_road(seed: int) -> None:
    ordered = [finding(*one) for one in ORDERED]
    shuffled = Random(seed).sample(ordered, len(ordered))
    assert list(in_order(EVENT, shuffled, Memo())) == ordered


LISTS = tuple(
    MarshalList(point, tuple(Listed(point, place, number, f"lists/{point}.csv:{place + 1}") for place, number in rows))
    for point, rows in {"A1": [(1, 1), (2, 3), (3, 2)], "A2": [(1, 2), (2, 1), (3, 3)]}.items()
)


def day() -> Facts:
    """Return a day with ghosts at one instant, passages without one and at points that are no more, and decisions."""
    ghosts = [passage("A3", 70 + place, 1300)._replace(id=f"load:ghost:{place}") for place in range(2)]
    untimed = [passage("A2", 80 + place, 1)._replace(at_ns=None) for place in range(3)]
    others = [passage(point, 90, 1000 + place) for point in ("Z2", "Z1") for place in range(2)]
    others = [one._replace(id=f"{one.id}:{place}") for place, one in enumerate(others)]
    decisions = [decided("cancel", at, control="PC2", start_number=number) for at, number in ((1, 1), (2, 2))]
    found = facts(*decisions)
    return found._replace(loaded=(*found.loaded, *ghosts, *untimed, *others), lists=LISTS)


@pytest.mark.parametrize("seed", range(4))
def test_the_same_facts_in_any_order_give_the_same_bytes(seed: int) -> None:
    """Also where passages have the same instant, or none."""
    random, first = Random(seed), day()
    mixed = first._replace(
        loaded=tuple(random.sample(first.loaded, len(first.loaded))),
        lists=tuple(random.sample(first.lists, len(first.lists))),
        decisions=tuple(random.sample(first.decisions, len(first.decisions))),
    )
    outcomes = [judged(EVENT, compute(one)) for one in (first, mixed)]
    found = outcomes[0].findings
    assert found == outcomes[1].findings
    assert {"no time", "no control", "ghost", "no passage"} <= {one.kind for one in found}
    pages = [dict(pictures(EVENT, one, {"point-A3.html", "point-A2.html", "crew-3.html"})) for one in outcomes]
    assert pages[0] == pages[1]
    contents = [[published(EVENT, one, findings_of(EVENT, one, found)) for one in its.rankings] for its in outcomes]
    assert contents[0] == contents[1]


# Every kind, and whether the public sees it.
KINDS = {
    **dict.fromkeys(("doubtful", "no passage", "crossed twice", "offset", "ideal time", "rival record"), True),
    **dict.fromkeys(
        ("ghost", "list", "twice", "unknown crew", "no time", "no control", "no timing point", "sighting"), False
    ),
    **dict.fromkeys(("amendment", "average", "not used", "backup", "clock", "several boards"), False),
    **dict.fromkeys(
        ("anchors disagree", "unconfirmed second", "second in doubt", "leap second", "records missing"), False
    ),
    **dict.fromkeys(
        ("unknown record", "lost edges", "loss", "marked doubtful", "simulated", "ringing", "firmware fault"), False
    ),
}


def test_every_kind_of_finding_is_for_somebody() -> None:
    """A kind that is new must be thought of here, and in docs/publishing.md where the public sees it."""
    assert {kind.value: kind.is_public for kind in FindingKind} == KINDS
    told = (Path(__file__).parent.parent / "docs/publishing.md").read_text()
    assert all(f"`{kind}`" in told for kind in PUBLIC)


def test_every_value_has_its_sentence() -> None:
    """What a finding can say has a template, and no template is left over."""
    assert set(get_args(Finding.__annotations__["about"])) == set(english.FINDINGS)
    assert set(PARTS) <= set(english.FINDINGS)


@pytest.mark.parametrize(("kind", "is_public"), KINDS.items())
def test_the_public_sees_what_may_change_a_place(kind: str, is_public: bool) -> None:
    ranking = compute(facts()).rankings[0]
    found = finding(kind, "A2", None, "What was found")._replace(answers=("centesimo amend",))
    shown = published(EVENT, ranking, findings_of(EVENT, ranking, [found]))
    text = page(shown, Imprint(1, "provisional", 0, ""), "0" * 64, None)
    assert ("What was found: as it came." in text) == is_public
    assert shown["findings"] == ([content(found, EVENT)] if is_public else [])
    assert "amend" not in content(found, EVENT)
    assert whole(found, EVENT)["answers"] == ["centesimo amend"]


CHAIN = ("A1", "A2", "A3")
# name: (what findings say, the sentences)
SAID = {
    "one crew": ([NotSeen(3, ("A2",), CHAIN)], ["Crew 3 was not seen at A2."]),
    "crews of whom the same is said": (
        [
            NotSeen(3, ("A2",), CHAIN),
            NotSeen(4, ("A1",), CHAIN),
            NotSeen(12, ("A2",), CHAIN),
            NotSeen(5, ("A2",), ("A2",)),
        ],
        ["Crews 3, 12 and 5 were not seen at A2.", "Crew 4 was not seen at A1."],
    ),
    "at any point": (
        [NotSeen(3, CHAIN, CHAIN), NotSeen(4, CHAIN, CHAIN)],
        ["Crews 3 and 4 were not seen at any point from A1 to A3."],
    ),
    "of no crew": (
        [PointUnused("A9", 2), PointUnused("A9", 2), CrossedTwice("A1", 5, 2)],
        [
            "A9: 2 passages, but no control uses this point.",
            "start number 5 has 2 passages at A1: the first counts",
        ],
    ),
}


@pytest.mark.parametrize(("given", "expected"), SAID.values(), ids=SAID)
def test_crews_of_whom_the_same_is_said_are_in_one_sentence(given: list, expected: list[str]) -> None:
    findings = [Finding("no passage", "A2", None, about) for about in given]
    assert sentences(findings, EVENT) == expected
    posted = {"findings": [content(one, EVENT) for one in findings]}
    assert questions_of({**posted, "not_seen": not_seen(findings)}) == expected
    texts = [sentence(one, EVENT) for one in findings]
    assert questions_of(posted) == list(dict.fromkeys(texts))  # as versions of before it was kept as values


# name: (numbers on the list, the findings). Nobody but 1 and 2 was surely seen; 99 is no crew.
LISTED = {
    "one open crew": ([1, 2, 3], ["lists/A1.csv:4: 3 has no passage that is surely its own (A1)."]),
    "many are one line": (
        [1, 2, 3, 11, 99, 12],
        [
            "lists/A1.csv:6: 99 is no start number of the event (A1).",
            "lists/A1.csv:4, 5, 7: 3, 11, 12 have no passages that are surely their own (A1).",
        ],
    ),
    "none": ([1, 2], []),
}


@pytest.mark.parametrize(("numbers", "expected"), LISTED.values(), ids=LISTED)
def test_open_crews_of_a_list_are_one_finding(numbers: list[int], expected: list[str]) -> None:
    rows = [Listed("A1", place, number, f"lists/A1.csv:{place + 1}") for place, number in enumerate(numbers, 1)]
    its = [one for one in compute(facts()).attributions if one.passage.timing_point == "A1" and one.start_number < 3]
    _, findings = compare(MarshalList("A1", tuple(rows)), its, {one.start_number for one in EVENT.entries})
    assert [sentence(one, EVENT) for one in findings] == expected


def test_a_text_may_hold_any_digits() -> None:
    """A superscript is no number, an Arabic digit is one: 2 before 10."""
    texts = ["1\u00b23", "m\u00b2", "p\u0662", "p10"]
    found = [finding("ghost", "A1", None, text) for text in reversed(texts)]
    assert [one.about.source for one in in_order(EVENT, found, Memo())] == texts


def test_a_board_that_is_at_no_point_comes_with_the_boards() -> None:
    event = replace(EVENT, timing_points=EVENT.timing_points[:1], controls=())
    found = [finding("ghost", "A1", None, ""), finding("no timing point", "00000000000000ff", None, "")]
    assert [one.kind for one in in_order(event, found, Memo())] == ["no timing point", "ghost"]
