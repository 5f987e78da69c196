"""What the facts say against a decision: shown before it is stored, and a finding afterwards as long as it is so."""

import pytest

from centesimo.amend.apply import apply
from centesimo.compute import Facts, compute
from centesimo.crosscheck.decisions import Computed, against
from centesimo.decide.preview import foresee
from centesimo.model.about_passages import FitsNoCrew
from centesimo.model.basis import DUE
from centesimo.model.decisions import Decision
from centesimo.model.facts import Attribution, Edge, Listed, MarshalList
from centesimo.model.findings import Finding
from centesimo.words.findings import sentence
from tests.decisions import EVENT, at_ns, decided, facts, identity, passage

BRIDGE = "A1 A2 Bridge (00000000000000a1)"

BOARD = "00000000000000a1"  # at A1 and A2
LIST = MarshalList(
    "A3", tuple(Listed("A3", n, number, f"lists/A3.csv:{n + 1}") for n, number in enumerate((1, 2, 3, 11, 12), 1))
)


def day(*decisions: Decision, lists: tuple[MarshalList, ...] = (), board: bool = False) -> Facts:
    """Return the driven day; `board`: what passed A1 and A2 was stamped by their board."""
    found = facts(*decisions)._replace(lists=lists)
    stamped = [
        one._replace(edges=(Edge(BOARD, 1, 1, 1, 0, one.at_ns, 1000, True, "between anchors", 4, False),))
        if board and one.timing_point in ("A1", "A2")
        else one
        for one in found.loaded
    ]
    return found._replace(loaded=tuple(stamped))


def said_against(now: Facts) -> list[str]:
    """Return the texts of the findings about decisions."""
    return [sentence(one, now.event) for one in compute(now).findings if one.kind == "amendment"]


def retired(number: int, control: str | None = None) -> Decision:
    return decided("retire", start_number=number, control=control)


# name: (decision, lists, what is shown before, what is a finding behind the name of the amendment; "": none)
GONE = {
    # crew 1: A1 09:15:00, A2 30.05 s and A3 12.25 s later, each 5 ms into its hundredth
    "seen behind": (
        retired(1, "PC2"),
        (),
        "Warning: crew 1 was seen there: A3 at 09:15:42.30. That is a finding as long as it is so.",
        "but was seen at A3 09:15:42.30.",
    ),
    # its card of C1 names it, and stays its own
    "never started, though there is its card": (
        retired(1),
        (),
        "Warning: crew 1 was seen there: C1 at 09:10:20.00, A1 at 09:15:00.00, A2 at 09:15:30.05, A3 at 09:15:42.30. "
        "That is a finding as long as it is so.",
        "but was seen at C1 09:10:20.00",
    ),
    # 3's A2 is missing: without its A3 it is not seen behind PC1
    "on a list": (
        decided("void", 0, passage=identity("A3", 3), start_number=3),
        (LIST,),
        "",
        "Crew 3 has retired from PC2 on by amendment {}, but stands on lists/A3.csv:4.",
    ),
    "not seen behind": (decided("void", 0, passage=identity("A3", 3), start_number=3), (), "", ""),
}


@pytest.mark.parametrize(("first", "lists", "shown", "found"), GONE.values(), ids=GONE)
def test_a_crew_that_gave_up_and_was_seen(first: Decision, lists: tuple, shown: str, found: str) -> None:
    new = first if first.kind == "retire" else retired(3, "PC2")
    others = () if first is new else (first,)
    before, after = compute(day(*others, lists=lists)), compute(day(*others, new, lists=lists))
    foreseen = foresee(EVENT, before, after, new)
    assert [line for line in foreseen.met if not line.startswith("With it go")] == ([shown] if shown else [])
    texts = said_against(day(*others, new, lists=lists))
    assert [found.format(new.id) in text for text in texts] == [True] * bool(found)
    assert [sentence(one, EVENT) for one in foreseen.added if one.kind == "amendment"] == texts


# Crew 2 is due at A1 960 s after 09:00 and at A3 42.25 s later; at A3 crew 1 was 0.05 s late, crew 3 0.08 s.
# name: (when nobody's cars passed A3, which of them may be crew 2's)
WHEN_DUE = {
    "when it was due": (["1003"], "A3 09:16:43.00"),
    "the nearest of two": (["1003", "1020"], "A3 09:16:43.00"),
    "a minute before": (["942"], ""),
    "the next day": (["87403"], ""),
}


@pytest.mark.parametrize(("nobodys", "expected"), WHEN_DUE.values(), ids=WHEN_DUE)
def test_what_nobody_passed_may_be_a_crew_that_gave_up(nobodys: list[str], expected: str) -> None:
    new = retired(2, "PC2")
    made = [Attribution(passage("A3", number, at), number, 1.0, DUE) for number, at in ((1, "942.3"), (3, "1062.33"))]
    ghosts = [passage("A3", 0, at)._replace(id=at) for at in nobodys]
    found = Finding("ghost", "A3", None, FitsNoCrew(tuple(ghosts)), tuple(nobodys))
    passages = (*ghosts, *(one.passage for one in made))
    day = Computed(EVENT, (), apply(EVENT, {}, (new,)), passages, {}, made, (), (found,))
    said = f"Crew 2 has retired from PC2 on by amendment {new.id}, but may be what passed {expected}."
    assert [sentence(one, EVENT) for one in against(day)] == ([said] if expected else [])
    alone = day._replace(attributions=())
    assert list(against(alone)) == []  # how late the field was is not known


def test_who_gave_up_in_a_trial_had_opened_it() -> None:
    void, new = decided("void", 0, passage=identity("A3", 3), start_number=3), retired(3, "PC1")
    lists = (LIST, MarshalList("A1", tuple(one._replace(timing_point="A1", source="at A1") for one in LIST.lines)))
    before, after = compute(day(void, lists=lists)), compute(day(void, new, lists=lists))
    assert foresee(EVENT, before, after, new).met == ()
    (text,) = said_against(day(void, new, lists=lists))
    assert text.endswith("but stands on lists/A3.csv:4.")  # at A1 it was rightly


def test_who_came_back_was_rightly_seen() -> None:
    back = decided("reinstate", 2, start_number=1, control="PC2")
    assert said_against(day(retired(1, "PC2"), back)) == []


def shift(begin_s: int, end_s: int) -> Decision:
    return decided("shift", board=BOARD, from_ns=at_ns(begin_s), to_ns=at_ns(end_s), shift_ns=20_000_000)


# name: (period of the board in s after 09:00, whether it was collected, what is shown before, the finding's end)
PERIODS = {
    "three cars": (
        (900, 1050),
        True,
        "The period holds 5 passages: 3 at A1 from 09:15:00.00 to 09:17:00.00; 2 at A2 from 09:15:30.05 to "
        "09:16:30.03; of crews 1, 2, 3.",
        "",
    ),
    "one of nobody": (
        (1690, 1710),
        True,
        "The period holds 1 passage: 1 at A1 at 09:28:20.00; 1 of no crew that is known.",
        "",
    ),
    "before the first car": (
        (0, 60),
        True,
        f"Warning: board {BRIDGE} has no passage then, only from 09:15:00.00 to 09:28:20.00. Stored, this "
        "changes nothing, and is a finding as long as that is so.",
        f"changes nothing: board {BRIDGE} has no passage then, only from 09:15:00.00 to 09:28:20.00.",
    ),
    "not collected yet": (
        (900, 1050),
        False,
        f"Warning: board {BRIDGE} has no passage with a time yet. Stored, this changes nothing, and is a "
        "finding as long as that is so.",
        f"changes nothing: board {BRIDGE} has no passage with a time yet.",
    ),
}


@pytest.mark.parametrize(("period", "board", "shown", "found"), PERIODS.values(), ids=PERIODS)
def test_what_a_period_holds(period: tuple[int, int], board: bool, shown: str, found: str) -> None:
    new = shift(*period)
    foreseen = foresee(EVENT, compute(day(board=board)), compute(day(new, board=board)), new)
    assert foreseen.met == (shown,)
    assert foreseen.is_idle == bool(found)
    texts = said_against(day(new, board=board))
    assert [text.endswith(found) for text in texts] == [True] * bool(found)


def test_a_period_whose_only_passage_does_not_count_holds_nothing() -> None:
    void = decided("void", 0, passage=identity("A1", 0))
    (text,) = said_against(day(void, shift(1690, 1710), board=True))
    assert text.endswith("has no passage then, only from 09:15:00.00 to 09:26:00.01.")


def test_many_crews_are_counted() -> None:
    new = shift(0, 4000)
    foreseen = foresee(EVENT, compute(day(board=True)), compute(day(new, board=True)), new)
    assert foreseen.met[0].endswith("; of crews 1, 2, 3, 11, 12; 1 of no crew that is known.")


def test_what_goes_with_a_passage_is_told() -> None:
    """A minute apart, whose A2 it is tells whose whole chain it is: A1 and A3 go with it."""
    pair = {"passage": identity("A2", 1), "other_passage": identity("A2", 2)}
    new = decided("swap", start_number=2, other_number=1, **pair)
    (line,) = foresee(EVENT, compute(day()), compute(day(new)), new).met
    assert line.startswith("With it go other passages: A1 at 09:15:00.00 from crew 1 to crew 2; A3 at 09:15:42.30 ")
    assert line.count("from crew 1 to crew 2") == line.count("from crew 2 to crew 1") == 2
    assert "A2" not in line
