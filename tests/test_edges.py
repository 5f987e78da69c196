"""Raw journal records to edges: the time of each, and what is found odd about a board."""

import pytest

from centesimo.model.errors import StoreError
from centesimo.timing.edges import edges
from centesimo.words.findings import sentence
from centesimo_protocol import record
from tests.decisions import EVENT

BOARD = "00000000000000b1"
T0 = 1_717_221_600  # 2024-06-01 06:00 UTC


def anchor(sequence: int, counter_us: int, utc_s: int, confirmed: int = 1, boot: int = 1) -> bytes:
    """Return the bytes of an Anchor."""
    return record.pack(record.Anchor(sequence, boot, counter_us, utc_s, confirmed, 100, 8, 18, 2000, 0))


def edge(sequence: int, counter_us: int, count: int, boot: int = 1, input_: int = 1, origin: int = 0) -> bytes:
    """Return the bytes of an Edge."""
    return record.pack(record.Edge(sequence, boot, counter_us, input_, count, record.LOCKED, origin, 2))


def burst(sequence: int, counter_us: int, count: int, *gaps_us: int) -> bytes:
    """Return the bytes of a Burst of input 1, while locked."""
    gaps = (*gaps_us, *[record.NO_GAP] * (4 - len(gaps_us)))
    return record.pack(record.Burst(sequence, 1, counter_us, 1 + 16 * record.LOCKED, count, *gaps))


LOCKED = [anchor(1, 1_000_000, T0), anchor(2, 11_000_000, T0 + 10)]
CORRECTION = record.pack(record.Correction(4, 1, 12_000_000, 3, T0 + 14, 1))
LOSS = record.pack(record.Loss(3, 1, 12_000_000, 2, 1, 7))
PULSES_LOST = record.pack(record.Loss(3, 1, 12_000_000, 0, 1, 1))
LEAP = record.pack(record.LeapSecond(3, 1, 23_000_000, T0 + 15))
AFTER_LEAP = anchor(4, 31_000_000, T0 + 29)
RANG = record.pack(record.Ringing(4, 1, 2_000_500, 1, 2, 300, 900_000, 500))
FAULT = record.pack(record.Fault(3, 1, 1_500_000, 2, 300, b"journal\0\0\0"))


def vouch(sequence, outcome):
    return record.pack(record.Vouch(sequence, 1, 11_000_000, T0 + 11, 12, 1 + 16 * outcome, b"laptop"))


POSITION = record.pack(record.Position(3, 1, 1_500_000, 441_234_567, 112_345_678, 905, 9, 12, 1))
MARK = record.pack(record.Mark(6, 1, 9_000_000, 1, 2))
NEWER = record.pack(record.Unknown(4, 1, 12_000_000, 77, bytes(13)))

# name: (records, instants of the edges in ns after T0 (None: no time), finding kinds)
CASES = {
    "between two anchors": ([*LOCKED, edge(3, 3_500_000, 1)], [2_500_000_000], []),
    "before the first anchor": ([*LOCKED, edge(3, 400_000, 1)], [-600_000_000], []),
    "after the last anchor": ([*LOCKED, edge(3, 12_000_000, 1)], [11_000_000_000], []),
    "in any order of records": ([edge(3, 3_500_000, 1), *LOCKED[::-1]], [2_500_000_000], []),
    "a boot without time": ([edge(1, 5, 1), edge(2, 9, 2)], [None, None], ["no time"]),
    "two boots, one with time": (
        [*LOCKED, edge(3, 3_500_000, 1), edge(4, 70, 1, boot=2)],
        [2_500_000_000, None],
        ["no time"],
    ),
    # The crystal allows 100 ppm and 5 us: 4 s instead of 9 s between the same counters cannot be.
    "an anchor that disagrees": (
        [*LOCKED, anchor(3, 21_000_000, T0 + 20), anchor(4, 30_000_000, T0 + 24), edge(5, 3_500_000, 1)],
        [2_500_000_000],
        ["anchors disagree"],
    ),
    # What was confirmed is never moved; what came behind it is not confirmed.
    "a whole second corrected that was confirmed": (
        [*LOCKED, edge(3, 3_500_000, 1), CORRECTION],
        [2_500_000_000],
        ["unconfirmed second"],
    ),
    "a whole second corrected": (
        [anchor(1, 1_000_000, T0, 0), anchor(2, 11_000_000, T0 + 10, 0), edge(3, 3_500_000, 1), CORRECTION],
        [5_500_000_000],
        ["unconfirmed second"],
    ),
    "a second that was contradicted": (
        [*LOCKED, edge(3, 3_500_000, 1), record.pack(record.Doubt(4, 1, 11_000_000, 0, T0 + 10, 3))],
        [2_500_000_000],
        ["second in doubt", "unconfirmed second"],
    ),
    "a host says that it is another one": (
        [*LOCKED, edge(3, 3_500_000, 1), vouch(4, record.OTHER_SECOND), vouch(5, record.OTHER_SECOND)],
        [2_500_000_000],
        ["second in doubt"],
    ),
    "a host is half a second off": (
        [*LOCKED, edge(3, 3_500_000, 1), vouch(4, record.UNCLEAR)],
        [2_500_000_000],
        ["second in doubt"],
    ),
    "a host says that it is right": (
        [*LOCKED, edge(3, 3_500_000, 1), vouch(4, record.AGREES), vouch(5, record.TOO_UNSURE)],
        [2_500_000_000],
        [],
    ),
    "and confirmed again": (
        [
            *LOCKED,
            edge(3, 3_500_000, 1),
            record.pack(record.Doubt(4, 1, 11_000_000, 0, T0 + 10, 3)),
            anchor(5, 31_000_000, T0 + 30),
            edge(6, 32_000_000, 2),
        ],
        [2_500_000_000, 31_000_000_000],
        ["second in doubt"],
    ),
    "a second never confirmed": (
        [anchor(1, 1_000_000, T0, 0), anchor(2, 11_000_000, T0 + 10, 0), edge(3, 2_000_000, 1)],
        [1_000_000_000],
        ["unconfirmed second"],
    ),
    "a count that jumps": (
        [*LOCKED, edge(3, 2_000_000, 1), edge(4, 3_000_000, 4)],
        [1_000_000_000, 2_000_000_000],
        ["lost edges"],
    ),
    "the first edges lost": ([*LOCKED, edge(3, 2_000_000, 3)], [1_000_000_000], ["lost edges"]),
    "each input counts for itself": (
        [*LOCKED, edge(3, 2_000_000, 1), edge(4, 3_000_000, 1, input_=2)],
        [1_000_000_000, 2_000_000_000],
        [],
    ),
    # Two records behind the first edge hold its 2nd to 6th and a lone 7th, 1 ms and 1 us apart.
    "packed edges": (
        [*LOCKED, edge(3, 2_000_000, 1), burst(4, 2_001_000, 2, 1000, 1, 1000, 1000), burst(5, 2_005_001, 7)],
        [
            1_000_000_000,
            1_001_000_000,
            1_002_000_000,
            1_002_001_000,
            1_003_001_000,
            1_004_001_000,
            1_004_001_000 + 1_000_000,
        ],
        [],
    ),
    "packed edges, one missing": (
        [*LOCKED, burst(3, 2_000_000, 1, 5), edge(4, 3_000_000, 4)],
        [10**9, 10**9 + 5000, 2 * 10**9],
        ["lost edges"],
    ),
    "a ringing tube": (
        [*LOCKED, edge(3, 2_000_000, 1), RANG, edge(5, 3_000_000, 302)],
        [10**9, 2 * 10**9],
        ["ringing"],
    ),
    "a ringing tube, one lost behind it": (
        [*LOCKED, edge(3, 2_000_000, 1), RANG, edge(5, 3_000_000, 303)],
        [10**9, 2 * 10**9],
        ["ringing", "lost edges"],
    ),
    "a fault of the firmware": ([*LOCKED, FAULT, edge(4, 2_000_000, 1)], [10**9], ["firmware fault"]),
    "where the board is": ([*LOCKED, POSITION, edge(4, 2_000_000, 1)], [10**9], []),
    "the board says it lost edges": ([*LOCKED, LOSS, edge(4, 2_000_000, 1)], [1_000_000_000], ["lost edges"]),
    "the board says it lost a pulse": ([*LOCKED, PULSES_LOST], [], ["loss"]),
    "a simulated edge": ([*LOCKED, edge(3, 2_000_000, 1, origin=1)], [1_000_000_000], ["simulated"]),
    # The inserted second is T0 + 15 to T0 + 16 of what the counter counts, as Unix time numbers it.
    "a leap second": (
        [*LOCKED, LEAP, AFTER_LEAP, edge(5, 15_900_000, 1), edge(6, 16_500_000, 2), edge(7, 17_500_000, 3)],
        [14_900_000_000, 15_500_000_000, 15_500_000_000],
        ["leap second"],
    ),
    "a marked passage": (
        [*LOCKED, edge(3, 2_000_000, 1), edge(4, 3_000_000, 2), edge(5, 3_500_000, 3), MARK],
        [1_000_000_000, 2_000_000_000, 2_500_000_000],
        ["marked doubtful"],
    ),
    "a marked passage that is not here": (
        [*LOCKED, edge(3, 2_000_000, 1), record.pack(record.Mark(4, 1, 9_000_000, 2, 7))],
        [1_000_000_000],
        ["marked doubtful"],
    ),
    "a record of a newer board": ([*LOCKED, edge(3, 2_000_000, 1), NEWER], [1_000_000_000], ["unknown record"]),
    "records not collected": ([*LOCKED, edge(7, 2_000_000, 1)], [1_000_000_000], ["records missing"]),
    "older records erased": ([anchor(9, 1_000_000, T0), edge(10, 2_000_000, 1)], [1_000_000_000], []),
    "nothing": ([], [], []),
}


@pytest.mark.parametrize(("records", "expected", "kinds"), CASES.values(), ids=CASES)
def test_edges(records: list[bytes], expected: list[int | None], kinds: list[str]) -> None:
    found, findings = edges({BOARD: records})
    assert [None if one.at_ns is None else one.at_ns - T0 * 10**9 for one in found] == expected
    assert [one.kind for one in findings] == kinds
    assert all(BOARD in sentence(one, EVENT) and one.where == BOARD for one in findings)


def test_an_edge_keeps_what_the_board_stamped() -> None:
    (one,), _ = edges({BOARD: [*LOCKED, edge(3, 3_500_000, 1, input_=4)]})
    assert (one.board, one.sequence, one.boot, one.input, one.counter_us) == (BOARD, 3, 1, 4, 3_500_000)
    # 2.5 s into a chord of 10 s: 1.5 us of counting and 10 ppb/s x 2.5 s x 7.5 s / 2 = 94 ns of bend.
    assert (one.uncertainty_ns, one.confirmed, one.state, one.simulated) == (1594, True, record.LOCKED, False)


def test_a_mark_is_on_its_edge() -> None:
    found, _ = edges({BOARD: [*LOCKED, edge(3, 2_000_000, 1), edge(4, 3_000_000, 2), edge(5, 3_500_000, 3), MARK]})
    assert [one.marked for one in found] == [False, True, False]


def test_boards_do_not_share_time() -> None:
    found, findings = edges({"b2": [edge(1, 3_500_000, 1)], "b1": [*LOCKED, edge(3, 3_500_000, 1)]})
    assert [(one.board, one.at_ns is None) for one in found] == [("b1", False), ("b2", True)]
    assert [one.kind for one in findings] == ["no time"]


def test_half_a_record_is_refused() -> None:
    with pytest.raises(StoreError, match="expected whole records of 32 bytes of board b1, got 40 bytes"):
        edges({"b1": [LOCKED[0], LOCKED[1][:8]]})
