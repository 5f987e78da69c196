"""The raw archive: what came is kept byte for byte, and a store can be made again from it alone."""

import random
import sqlite3
from itertools import count

import pytest

from centesimo.collect.download import COMPLETE, DONE, Download
from centesimo.model.errors import LinkError, StoreError
from centesimo.store import Store
from centesimo.store.raw_archive import GAVE_UP, GREETED, RECEIVED, Tape, TapedSession, events_of, split
from centesimo.store.rebuild import rebuild
from centesimo_protocol import record
from tests.plain_board import PlainBoard, edges
from tests.test_link_host import Wire

A = "0a" * 8
HOST = b"hosthost"


@pytest.fixture
def store(tmp_path):
    opened = Store.open(tmp_path / "s.sqlite")
    yield opened
    opened.close()


def rebuilt(store, path):
    """Return records and conflicts of a store that was made from the archive of this one."""
    new = Store.open(path)
    rebuild(store, new)
    found = new.records(), new.conflicts()
    new.close()
    return found


def visit(store, board, wire=lambda chunk: chunk, block=100, turns=2000):
    """Collect a board over a wire as collect does it, and stop after some turns as at a pulled cable."""
    clock = count(1_000_000_000, 1_000_000)
    tape = Tape("port", HOST, "0.1.0", lambda: next(clock))
    state = Download(TapedSession(HOST, tape), store.held)

    def commit():
        if state.board and tape.size:
            now_ns = next(clock)
            store.add_records(state.board, "port", state.fresh, now_ns, part=tape.cut(state.board, now_ns))
            state.fresh.clear()

    sent = state.receive(b"", 0)
    try:
        for turn in range(1, turns):
            if state.state == DONE:
                break
            sent = state.receive(wire(board.receive(wire(sent))), turn * 100)
            if len(state.fresh) >= block or state.state == COMPLETE:
                commit()
            if state.state == COMPLETE:
                sent += state.stored(turn * 100)
    except LinkError:
        board.restart()
    finally:
        commit()


def test_keeps_every_byte_with_its_time():
    clock = iter((1_000_000_000, 1_002_500_000, 1_003_000_000, 2_000_000_000, 2_000_000_000))
    tape = Tape("port", HOST, "0.1.0", lambda: next(clock))
    tape.greeted()
    tape.received(b"abc")
    tape.received(b"")
    tape.gave_up()
    first = tape.cut(A, 1_500_000_000)
    tape.received(b"\x00" * 1000)
    second = tape.cut(A, 2_500_000_000)
    assert list(split(events_of(first))) == [(GREETED, 0, b""), (RECEIVED, 2, b"abc"), (GAVE_UP, 3, b"")]
    assert list(split(events_of(second))) == [(RECEIVED, 0, b"\x00" * 1000)]
    assert (first.part, first.begun_at_ns, first.ended_at_ns) == (1, 1_000_000_000, 1_500_000_000)
    assert (second.part, second.visit, second.port, second.board) == (2, first.visit, "port", A)
    assert len(second.raw) < 50


@pytest.mark.parametrize("seed", range(40))
def test_a_store_is_what_its_archive_says(store, tmp_path, seed):
    chance = random.Random(seed)
    board = PlainBoard(edges(700), board_id=b"\x0a" * 8, absent=(77, 78))
    for _ in range(3):
        visit(store, board, Wire(seed, chance.choice((0.002, 0.01, 0.05))), turns=chance.randrange(2, 60))
        board.restart()
    visit(store, board)
    assert rebuilt(store, tmp_path / "new.sqlite") == (store.records(), [])
    assert set(store.records_of(A)) == set(board.raw_by_sequence.values())


def test_conflicts_are_made_again_too(store, tmp_path):
    visit(store, PlainBoard(edges(10), board_id=b"\x0a" * 8))
    visit(store, PlainBoard(edges(20, shift=1), board_id=b"\x0a" * 8))
    # The first and the last record that were known are read again: another journal under the same id shows there.
    assert [sequence for _, sequence, _ in store.conflicts()] == [1, 10]
    assert rebuilt(store, tmp_path / "new.sqlite") == (store.records(), store.conflicts())


def test_what_a_foreign_record_ends_is_read_again_to_the_same_point(store, tmp_path):
    raws = edges(30)
    raws[12] = record.pack(record.Boot(13, 1, 0, 0, 1, 0, 0, 1, b"\x0c" * 8))
    visit(store, PlainBoard(raws, board_id=b"\x0a" * 8))
    assert store.held(A) == [(1, 12)]
    assert rebuilt(store, tmp_path / "new.sqlite")[0] == store.records()


def test_the_archive_takes_less_room_than_the_records(store):
    visit(store, PlainBoard(edges(5000), board_id=b"\x0a" * 8), block=480)
    size = sum(len(part.raw) for parts in store.visits() for part in parts)
    assert size < 5000 * record.SIZE


# name, what is done to the archive by someone who knows SQLite, what the rebuilding says.
CHANGES = [
    ("a part taken out", "DELETE FROM archive WHERE part = 2", "part 2 of visit .* is not in the archive"),
    ("another time", "UPDATE archive SET begun_at_ns = 1 WHERE part = 2", "part 2 of visit .* was altered"),
    ("bytes", "UPDATE archive SET raw = x'789c030000000001' WHERE part = 1", "part 1 of visit .* was altered"),
    ("no zlib", "UPDATE archive SET raw = x'00' WHERE part = 1", "part 1 of visit .* is damaged"),
    (
        "two that changed places",
        "UPDATE archive SET part = 9 WHERE part = 2; UPDATE archive SET part = 2 WHERE part = 3; "
        "UPDATE archive SET part = 3 WHERE part = 9",
        "part 2 of visit .* was altered",
    ),
]


@pytest.mark.parametrize(("statements", "says"), [row[1:] for row in CHANGES], ids=[row[0] for row in CHANGES])
def test_an_altered_archive_is_refused(store, tmp_path, statements, says):
    visit(store, PlainBoard(edges(900), board_id=b"\x0a" * 8))
    with sqlite3.connect(tmp_path / "s.sqlite") as plain:
        plain.executescript(f"DROP TRIGGER archive_no_update; DROP TRIGGER archive_no_delete; {statements}")
    plain.close()
    new = Store.open(tmp_path / "new.sqlite")
    with pytest.raises(StoreError, match=says):
        rebuild(store, new)
    new.close()
