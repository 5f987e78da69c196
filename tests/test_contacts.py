"""Edges become entries: each kept to the microsecond below the rate that no car reaches, summarised above it."""

import pytest

from centesimo_board.contacts import SUMMED, Contacts
from centesimo_board.inputs import Inputs
from centesimo_board.main import Board
from centesimo_protocol import record
from tests import desk
from tests.desk import Desk, Flash
from tests.test_board import edges_of, records

S = 1_000_000


class Clock:
    """Always locked."""

    state = record.LOCKED

    def edge(self, counter_us):
        pass

    def uncertainty_us(self, counter_us):
        return 2


class Closed:
    def closed(self, number):
        return False


def contacts(mask=15):
    entries = []
    return Contacts(Inputs(Closed(), mask), Clock(), entries.append), entries


# What, turns of (input, counter_us), the entries without their class and counter: (kind, counter, number and so on).
EDGE, BURST = record.Edge, record.Burst
NONE = record.NO_GAP
TURNS = {
    "an edge": ([[(1, 1000)]], [(EDGE, 1000, 1, 1, 3, 0, 2)]),
    "two contacts": ([[(1, 1000), (1, 11_000)]], [(EDGE, 1000, 1, 1, 3, 0, 2), (EDGE, 11_000, 1, 2, 3, 0, 2)]),
    "bounce in the same turn": (
        [[(1, 1000), (1, 1002), (1, 1009)]],
        [(EDGE, 1000, 1, 1, 3, 0, 2), (BURST, 1002, 0x31, 2, 7, NONE, NONE, NONE)],
    ),
    "bounce in turns of its own": (
        [[(1, 1000)], [(1, 1002)]],
        [(EDGE, 1000, 1, 1, 3, 0, 2), (EDGE, 1002, 1, 2, 3, 0, 2)],
    ),
    "seven in a turn": (
        [[(2, at) for at in range(100, 107)]],
        [(EDGE, 100, 2, 1, 3, 0, 2), (BURST, 101, 0x32, 2, 1, 1, 1, 1), (EDGE, 106, 2, 7, 3, 0, 2)],
    ),
    "two tubes at once": (
        [[(1, 100), (2, 101), (1, 102), (2, 103), (1, 104), (2, 105)]],
        [
            (EDGE, 100, 1, 1, 3, 0, 2),
            (EDGE, 101, 2, 1, 3, 0, 2),
            (BURST, 102, 0x31, 2, 2, NONE, NONE, NONE),
            (BURST, 103, 0x32, 2, 2, NONE, NONE, NONE),
        ],
    ),
    "two edges in one microsecond": (
        [[(1, 100), (1, 100), (1, 100)]],
        [(EDGE, 100, 1, 1, 3, 0, 2), (BURST, 100, 0x31, 2, 0, NONE, NONE, NONE)],
    ),
}


@pytest.mark.parametrize("case", TURNS)
def test_what_is_written_of_edges(case):
    turns, expected = TURNS[case]
    found, entries = contacts()
    for turn in turns:
        for number, counter_us in turn:
            found.take(number, counter_us)
        found.end_turn(turn[-1][1])
    assert entries == expected


def test_an_input_that_is_switched_off_leaves_nothing():
    found, entries = contacts(mask=0b0010)
    assert [found.take(1, 100), found.take(2, 101)] == [0, 1]
    found.end_turn(200)
    assert [entry[2] for entry in entries] == [2]


def ring(run, number, from_us, count, apart_us):
    """Let a tube ring, and take a turn every 10 ms, until its last edge."""
    for place in range(count):
        run.edge(number, from_us + place * apart_us)
        if place * apart_us % 10_000 < apart_us:
            run.until(from_us + place * apart_us)
    run.until(from_us + count * apart_us)


def journal_of(run):
    """Return the numbers of edges that the records of input 2 tell of, whole or summarised, in order."""
    spans = [(edge.count, edge.count) for edge in edges_of(run.board) if edge.input == 2]
    spans += [(one.count, one.count + one.edges - 1) for one in records(run.board, record.Ringing)]
    return sorted(spans)


def test_a_wire_at_a_kilohertz_is_summarised_and_every_edge_of_it_counted():
    run = Desk(Board(desk.devices(flash=Flash(60 * 4096))))
    ring(run, 2, S, 5000, 1000)
    run.until(9 * S)  # three seconds of rest
    spans = journal_of(run)
    assert [first for first, _ in spans] == [1, *[last + 1 for _, last in spans[:-1]]]  # none left out, none twice
    assert spans[-1][1] == 5000
    summed = records(run.board, record.Ringing)
    # Summarised from the 1001st on: 3 or 4 s of it, told after 1, 2 s, and when it ends.
    assert 2 <= len(summed) <= 4
    assert sum(one.edges for one in summed) == 5000 - SUMMED
    assert {one.shortest_us for one in summed} == {1000}
    assert summed[-1].counter_us + summed[-1].length_us == run.devices.capture.counter(S + 4999 * 1000)


def test_a_contact_of_a_summed_input_begins_whole():
    run = Desk(Board(desk.devices(flash=Flash(60 * 4096))))
    ring(run, 2, S, 2000, 1000)
    run.until(4 * S + S // 2)
    before = len(edges_of(run.board))
    ring(run, 2, 5 * S, 100, 1000)
    run.until(8 * S)
    kept = edges_of(run.board)[before:]
    assert [edge.counter_us for edge in kept] == [
        run.devices.capture.counter(5 * S + place * 1000) for place in range(6)
    ]
    assert records(run.board, record.Ringing)[-1].edges == 94


def test_a_ringing_tube_leaves_the_others_alone():
    run = Desk(Board(desk.devices(flash=Flash(60 * 4096))))
    for place in range(20):
        run.edge(1, S + place * 250_000 + 123)
    ring(run, 2, S, 5000, 1000)
    run.until(9 * S)
    assert len([edge for edge in edges_of(run.board) if edge.input == 1]) == 20


def test_a_tube_that_has_been_calm_is_kept_whole_again():
    run = Desk(Board(desk.devices(flash=Flash(60 * 4096))))
    ring(run, 2, S, 2000, 1000)
    run.run(90)
    assert run.board.inputs.summed == 0
    before = len(edges_of(run.board))
    ring(run, 2, 100 * S, 100, 1000)
    run.until(101 * S)
    assert len(edges_of(run.board)) == before + 100


def test_a_day_of_ringing_leaves_the_journal_room():
    """Worked out from one hour at a kilohertz: after 1, 2, 4 .. 64 s a record, so 6 + 3600 / 64 of them."""
    found, entries = contacts()
    inputs = found._inputs
    for second in range(3600):
        for place in range(10 if second > 3 else 1000):
            found.take(2, second * S + place * 1000)
        if second > 3:
            found.drained(2, 990, second * S + 10_000, second * S + 999_000, 1000)
        found.end_turn((second + 1) * S - 1000)
        inputs.look((second + 1) * S - 1000)
    rang = [entry for entry in entries if entry[0] is record.Ringing]
    assert sum(entry[4] for entry in rang) + rang_rest(found) == 3600 * 1000 - SUMMED
    assert len(rang) <= 6 + 3600 // 60 + 1  # a sum holds 60,000 edges at most: one a minute
    assert 24 * len(rang) < 2000  # of 44,450


def rang_rest(found):
    """Return what is not told yet."""
    return found._contacts[1].sum_edges
