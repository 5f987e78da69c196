"""Record numbers as runs: what a board skips costs what the runs are many, never what the numbers are."""

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from centesimo.store.intake import Intake
from centesimo.store.number_runs import count, joined, merged, runs, without
from centesimo_protocol import record, session

numbers = st.sets(st.integers(1, 60))

# name, runs, taken, what is left
WITHOUT = [
    ("nothing taken", [(1, 9)], [], [(1, 9)]),
    ("all taken", [(1, 9)], [(1, 9)], []),
    ("the middle", [(1, 9)], [(4, 5)], [(1, 3), (6, 9)]),
    ("both ends", [(1, 9)], [(1, 2), (8, 12)], [(3, 7)]),
    ("over two runs", [(1, 3), (7, 9)], [(3, 7)], [(1, 2), (8, 9)]),
    ("several of one", [(1, 9)], [(2, 2), (4, 4), (6, 6)], [(1, 1), (3, 3), (5, 5), (7, 9)]),
]


@pytest.mark.parametrize(("name", "spans", "taken", "left"), WITHOUT, ids=[row[0] for row in WITHOUT])
def test_without(name, spans, taken, left):
    assert without(spans, taken) == left


@given(numbers, numbers)
def test_runs_are_sets(one, another):
    def every(spans):
        return {number for first, last in spans for number in range(first, last + 1)}

    first, second = runs(sorted(one)), runs(sorted(another))
    assert every(first) == one
    assert count(first) == len(one)
    assert every(joined(first, second)) == one | another
    assert every(without(first, second)) == one - another
    for spans in (first, joined(first, second), without(first, second)):
        assert merged(spans) == spans


def test_a_frame_that_skips_four_billion_numbers_costs_nothing():
    """Records 1 and 4294967294 in one frame took 2.4 GB until the memory ended."""
    raws = b"".join(record.pack(record.Edge(number, 1, number, 1, 1, 3, 0, 1)) for number in (1, 2**32 - 2))
    intake = Intake()
    intake.board = "0b" * 8
    tracemalloc.start()
    intake.take([session.Records(1, raws)])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert intake.absent == [(2, 2**32 - 3)]
    assert peak < 1_000_000
