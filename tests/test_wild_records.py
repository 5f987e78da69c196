"""One bad record never stops a computation: it is a finding, and what else is there is scored as before."""

from random import Random

import pytest

from centesimo.compute import Facts, compute
from centesimo.publish.published import content, findings_of
from centesimo.questions import questions
from centesimo.sanity import judged
from centesimo.words.findings import sentence
from centesimo_protocol import record
from tests.events import event
from tests.wild_records import wild

BOARD = "00000000000000a1"
START_S = 1_811_055_600  # the first start of tests/events.py


def anchored(*records):
    """Return a boot of A1's board that knows the time, with more records behind it."""
    boot = record.Boot(1, 1, 0, 0, 1, 0, 0, 1, bytes.fromhex(BOARD))
    anchors = [record.Anchor(n + 2, 1, n * 1_000_000, START_S + n, 1, 200, 9, 18, 2000, 0) for n in range(20)]
    return [record.pack(value) for value in (boot, *anchors, *records)]


def through_the_flow(raws, board=BOARD):
    """Compute, judge, ask and make what is published of a board's records; return the findings."""
    made = event()
    facts = Facts(made, (), {board: raws}, ())
    outcome = judged(made, compute(facts))
    questions(facts, outcome)
    for ranking in outcome.rankings:
        content(made, ranking, findings_of(made, ranking, outcome.findings))
    return outcome


FORGED = [
    ("a counter at its end", record.Edge(30, 1, 2**64 - 1, 1, 1, 3, 0, 1)),
    ("a counter of a thousand years", record.Edge(30, 1, 31_556_952_000_000_000, 1, 1, 3, 0, 1)),
    ("no such input", record.Edge(30, 1, 5_000_000, 9, 1, 3, 0, 1)),
    ("no such state", record.Edge(30, 1, 5_000_000, 1, 1, 250, 0, 1)),
    ("a correction of 68 years", record.Correction(30, 1, 5_000_000, 2**31 - 1, 2**32 - 1, 200)),
    ("a host of a later version", record.Vouch(30, 1, 5_000_000, 2**32 - 1, 65535, 255, b"\xff" * 6)),
    ("a host of 2106", record.Vouch(30, 1, 2**64 - 1, 2**32 - 1, 65535, 15 + 16 * 2, b"\xff" * 6)),
    ("a leap second in 2106", record.LeapSecond(30, 1, 5_000_000, 2**32 - 1)),
    ("an anchor in 1970", record.Anchor(30, 1, 30_000_000, 0, 1, 0, 0, -128, -32768, 0)),
]


@pytest.mark.parametrize(("name", "forged"), FORGED, ids=[row[0] for row in FORGED])
def test_a_forged_record_is_no_end(name, forged):
    edge = record.Edge(31, 1, 8_000_000, 1, 2, 3, 0, 1)
    outcome = through_the_flow(anchored(forged, edge))
    assert any(f"{BOARD}:31" == passage.id or BOARD in passage.id for passage in outcome.passages)


def test_an_impossible_instant_is_a_finding_with_board_and_record():
    outcome = through_the_flow(anchored(FORGED[0][1], record.Edge(31, 1, 8_000_000, 1, 2, 3, 0, 1)))
    texts = [sentence(finding, event()) for finding in outcome.findings if finding.where == BOARD]
    assert any("record 30" in text and "no instant" in text for text in texts), texts
    assert [passage.at_ns for passage in outcome.passages if passage.id.endswith(":30")] == [None]


@pytest.mark.parametrize("seed", range(40))
def test_wild_records_pass_through_the_whole_flow(seed):
    """Forty boards of fifty wild records each, half of them behind a boot that knows the time."""
    random = Random(seed)
    first = 40 if seed % 2 else 1
    raws = [wild(random, first + n) for n in range(50)]
    assert all(record.unpack(raw) for raw in raws)
    through_the_flow([*(anchored() if seed % 2 else []), *raws])
