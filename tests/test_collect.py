"""Collecting over real ptys and sockets: several boards at once, cables that go, boards that do not fit."""

import json
from contextlib import ExitStack, closing

import pytest
from click.testing import CliRunner

from centesimo.amend import made
from centesimo.collect import OTHER_BOARD, collect
from centesimo.commands.main import centesimo
from centesimo.model.rivals import digest_of
from centesimo.store import Store
from centesimo.store.verify import verify
from centesimo_protocol import record, session
from centesimo_virtual.board import VirtualBoard
from centesimo_virtual.scenario import Crossing, Scenario
from tests.events import EVENT_TOML, FILES, write
from tests.plain_board import PlainBoard, edges, on_pty, on_socket

A, B = "0a" * 8, "0b" * 8


@pytest.fixture
def store(tmp_path):
    opened = Store.open(tmp_path / "s.sqlite")
    yield opened
    opened.close()


def board(number, raws, name=b"T1", **further):
    return PlainBoard(raws, board_id=bytes([number]) * 8, name=name, **further)


def collected(store, *ports):
    """Collect what answers on ptys; return what came of each, in order, without the ports' names."""
    with ExitStack() as stack:
        names = [stack.enter_context(on_pty(answer)) for answer in ports]
        found = collect(store, names, lambda: 7)
    assert [one.port for one in found] == names
    return [one._replace(port="", error=one.error and one.error.replace(one.port, "PORT")) for one in found]


def test_collects_several_boards_at_once_and_again_only_what_is_new(store):
    boards = [board(number, edges(300 * number), name=b"T%d" % number) for number in (1, 2, 3)]
    for added in ([300, 600, 900], [0, 0, 0]):
        found = collected(store, *(one.receive for one in boards))
        assert [(one.name, one.added, one.last, one.error) for one in found] == [
            ("T1", added[0], 300, None),
            ("T2", added[1], 600, None),
            ("T3", added[2], 900, None),
        ]
    assert [len(raws) for raws in store.records().values()] == [300, 600, 900]
    assert [one.acknowledged for one in boards] == [300, 600, 900]


def test_a_socket_is_a_port_too(store):
    one = board(0x0A, edges(1000))
    with on_socket(one.receive) as url:
        (found,) = collect(store, [url], lambda: 7)
    assert (found.added, found.error) == (1000, None)
    assert store.records_of(A) == edges(1000)


def hung_up_after(one, requests):
    """Answer as a board does, and hang up at the request with this number."""
    return lambda chunk: one.receive(chunk) if len(one.requests) < requests else None


def test_a_port_that_goes_keeps_what_came_and_the_others_go_on(store):
    cut, whole = board(0x0A, edges(1000)), board(0x0B, edges(50))
    first, second = collected(store, hung_up_after(cut, 3), whole.receive)
    assert first.error.startswith("PORT: board T1 (0a0a0a0a0a0a0a0a): the port is gone")
    assert f"{first.added} new records are safe in the store, collect again for the rest" in first.error
    assert 0 < first.added < 1000
    assert (second.added, second.error, cut.acknowledged) == (50, None, 0)
    cut.restart()
    (again,) = collected(store, cut.receive)
    assert (again.added, again.error) == (1000 - first.added, None)
    assert store.records_of(A) == edges(1000)


def test_a_board_that_restarts_in_the_middle_is_greeted_again(store):
    one = board(0x0A, edges(1000))

    def receive(chunk):
        if len(one.requests) >= 3 and one.boot == 1:  # greeted and asked twice; several requests may come as one chunk
            one.boot = 2
            one.restart()
        return one.receive(chunk)

    (found,) = collected(store, receive)
    assert (found.added, found.error, one.acknowledged) == (1000, None, 1000)
    assert sum(isinstance(request, session.Hello) for request in one.requests) == 2


def test_one_board_on_two_ports_is_collected_once(store):
    one, same = board(0x0A, edges(100)), board(0x0A, edges(100))
    found = sorted(collected(store, one.receive, same.receive), key=lambda one: one.error or "")
    assert (found[0].added, found[0].error) == (100, None)
    assert "is also on port" in found[1].error
    assert store.records_of(A) == edges(100)


def started(number, count, shift=0):
    """Return records of which the first says which board wrote them."""
    start = record.pack(record.Boot(1, 1, 0, 0, 1, 0, 0, 1, bytes([number]) * 8))
    return [start, *edges(count - 1, first=2, shift=shift)]


def test_a_board_with_anothers_id_is_found_and_not_acknowledged(store):
    collected(store, board(0x0A, started(0x0A, 10)).receive)
    impostor = board(0x0A, started(0x0B, 30, shift=1))
    (found,) = collected(store, impostor.receive)
    # The first record is fetched again to be compared, so nothing of the other board's is taken before it is known.
    assert found.error == (
        f"PORT: board T1 (0a0a0a0a0a0a0a0a): record 1 was written by board {B}; 0 new records are safe in the store,"
        " collect again for the rest"
    )
    assert store.records_of(A)[:10] == started(0x0A, 10)
    assert impostor.acknowledged == 0


def test_a_port_is_collected_by_one_at_a_time(store):
    one = board(0x0A, edges(10))
    with on_pty(one.receive) as name:
        found = collect(store, [name, name], lambda: 7)
    assert [one.error and one.error.replace(name, "PORT") for one in found] in (
        [None, "PORT: in use by another program (another collect, or a terminal): end that one first"],
        ["PORT: in use by another program (another collect, or a terminal): end that one first", None],
    )


def test_an_erased_journal_is_kept_beside_the_old_one(store):
    collected(store, board(0x0A, edges(10)).receive)
    new = board(0x0A, edges(20, boot=2))
    (found,) = collected(store, new.receive)
    # Record 10 is fetched again to be compared; it is another one now, so all others are compared too.
    assert found.error.startswith(
        "PORT: board T1 (0a0a0a0a0a0a0a0a): 10 of its records, from 1 on, differ from those stored before"
    )
    assert store.records_of(A) == edges(10) + edges(10, boot=2, first=11)
    assert store.conflicts() == [(A, int.from_bytes(raw[:4], "little"), raw) for raw in edges(10, boot=2)]
    assert new.acknowledged == 0


def says(store, raws, **about):
    """Return what is said of a board with these records that is collected now, "" for no error."""
    one = board(0x0A, raws)
    vars(one).update(about)
    (found,) = collected(store, one.receive)
    return (found.error or "").partition("): ")[2], one.acknowledged


def test_another_journal_under_the_same_id_is_said_each_time_until_an_official_chose(store):
    old, new = edges(10), edges(20, boot=2)
    assert says(store, old) == ("", 10)
    for raws in (new, new, old, new):
        error, acknowledged = says(store, raws)
        assert error.startswith("10 of its records, from 1 on, differ from those stored before")
        assert acknowledged == 0
    for at, raw in enumerate(new[:10], 1):
        chosen = made("choose", "Clerk", "the board was exchanged", at, board=A, sequence=at, digest=digest_of(raw))
        assert store.add_decision(chosen, store.decisions())
    assert says(store, new) == ("", 20)
    assert says(store, old)[0].startswith("10 of its records, from 1 on, differ")


def test_another_journal_is_decided_as_a_whole(store):
    """The right board goes on: what it writes under numbers that only the other one had counts."""
    old, new = edges(10), edges(20, boot=2)
    for raws in (old, new):
        says(store, raws)
    whole = made("choose-journal", "Clerk", "the board was exchanged", 1, board=A, sequence=1, digest=digest_of(old[0]))
    assert store.add_decision(whole, store.decisions())
    assert says(store, edges(15)) == ("", 15)
    assert says(store, new)[0].startswith("15 of its records, from 1 on, differ")
    assert verify(store)[0][0].problems == ()


def test_a_forged_record_in_the_store_does_not_keep_the_right_board_from_being_collected(store):
    store.add_records(A, "a bundle", edges(1, first=5, shift=-1), 7)
    assert says(store, edges(10)) == ("", 10)
    assert store.records_of(A) == edges(10)
    assert says(store, edges(12)) == ("", 12)


# name, records of the other journal, the newest seal that it tells of.
OTHER_JOURNALS = [
    ("another first record", edges(1, boot=2) + edges(9, first=2), 0),
    ("another seal", edges(4) + edges(1, boot=2, first=5) + edges(5, first=6), 5),
]


@pytest.mark.parametrize(
    ("raws", "sealed"), [row[1:] for row in OTHER_JOURNALS], ids=[row[0] for row in OTHER_JOURNALS]
)
def test_a_journal_is_known_by_its_first_record_and_its_newest_seal_too(store, raws, sealed):
    assert says(store, edges(10)) == ("", 10)
    assert says(store, raws, sealed=sealed)[0].startswith("1 of its records, from ")


def test_a_board_with_fewer_records_than_the_store_is_compared_as_a_whole(store):
    collected(store, board(0x0A, edges(10)).receive)
    (same,) = collected(store, board(0x0A, edges(4)).receive)
    assert (same.added, same.error) == (0, None)
    assert same.notes == ("the store has records up to 10, the board only to 4: was it erased?",)
    (other,) = collected(store, board(0x0A, edges(4, boot=2)).receive)
    assert "4 of its records, from 1 on, differ from those stored before" in other.error


def test_a_store_that_refuses_is_the_ports_error(store):
    one = board(0x0A, edges(10))
    with store.writing() as connection:
        connection.exec_driver_sql("CREATE TRIGGER full BEFORE INSERT ON records BEGIN SELECT RAISE(ABORT, 'no'); END")
    (found,) = collected(store, one.receive)
    assert found.error.startswith(f"PORT: {store.name}: no")
    assert (found.added, one.acknowledged, store.held(A)) == (0, 0, [])


def test_what_is_no_board_is_named_by_the_command(tmp_path):
    event = write(tmp_path / "event")
    receiver = b"$GPRMC,072000,A,4530.0,N,01012.0,E*00\r\n"
    one = board(0x0A, edges(10))
    with on_pty(one.receive) as good, on_pty(lambda _: receiver) as bad:
        result = CliRunner().invoke(centesimo, ["collect", "--other-board", "--event", str(event), good, bad])
    assert result.stdout == f"{good}: board T1 ({A}): 10 new records, all up to 10 are in the store\n"
    assert str(result.exception) == f"{bad}: no board answers: it speaks NMEA, as a GPS receiver does by itself"


def test_the_real_firmware_is_collected_after_its_cable_was_pulled(store):
    start_ns = 1_811_055_600_000_000_000
    cars = tuple(Crossing(start_ns + at_s * 1_000_000_000, 1) for at_s in range(60, 300, 5))
    with VirtualBoard(Scenario(start_ns, 310, "00000000000000a1", crossings=cars)) as virtual:
        virtual.wait_until_ready(30)
        virtual.unplug_after(2000)
        (cut,) = collect(store, [virtual.port], lambda: 7)
        assert "the port is gone" in cut.error
        virtual.plug()
        (whole,) = collect(store, [virtual.url], lambda: 8)
        (again,) = collect(store, [virtual.port], lambda: 9)
    records = [record.unpack(raw) for raw in store.records_of("00000000000000a1")]
    assert (whole.error, again.error, again.absent) == (None, None, ())
    assert [one.sequence for one in records] == list(range(1, len(records) + 1))
    assert cut.added + whole.added + again.added == len(records)
    assert isinstance(records[0], record.Boot)
    assert sum(isinstance(one, record.Edge) for one in records) >= 2 * len(cars)
    # The only thing that is new after an acknowledgement is that it was given.
    assert [one.up_to for one in records if isinstance(one, record.Acknowledged)] == [whole.last]


MISTAKE = 'timezone = "Europe/Rome"'
# name, event.toml, options, is board 0a.. collected, is a version of the event kept; its boards are ..a1 and ..a2.
OTHERS = [
    ("of the event", EVENT_TOML.replace("00000000000000a1", A.upper()), [], True, True),
    ("of another event", EVENT_TOML, [], False, True),
    ("of another event, wanted", EVENT_TOML, ["--other-board"], True, True),
    ("an event with a mistake", EVENT_TOML.replace(MISTAKE, "timezone = "), [], True, False),
    ("an event with another mistake", EVENT_TOML.replace(MISTAKE, ""), [], False, False),
    ("an event without boards", "timing_point = 5", [], True, False),
    ("followed live", EVENT_TOML, ["--watch", "--json"], False, True),
]


@pytest.mark.parametrize(
    ("text", "options", "taken", "noted"), [row[1:] for row in OTHERS], ids=[row[0] for row in OTHERS]
)
def test_a_board_of_another_event_is_left_as_it_is(tmp_path, monkeypatch, text, options, taken, noted):
    event, one = write(tmp_path, {**FILES, "event.toml": text}), board(0x0A, edges(10))
    monkeypatch.setattr("centesimo.collect.watch.Watch.run", lambda watch: (watch.look(), watch.wait()))
    with on_pty(one.receive) as port:
        told = CliRunner().invoke(centesimo, ["collect", *options, "--event", str(event), port])
    with closing(Store.of_event(event)) as store:
        assert (store.boards(), bool(list(store.visits()))) == ([A] * taken, taken)
        assert [files["event.toml"] for _, _, files in store.event_versions()] == [text] * noted
    assert one.acknowledged == 10 * taken
    said = f"{told.stdout}{told.exception}"
    assert (f"{port}: board T1 ({A}): {OTHER_BOARD}" in said) == (not taken)
    assert "collect again" not in said


def test_the_command_gives_json(tmp_path):
    event = write(tmp_path / "event")
    one = board(0x0A, edges(10), absent=(3, 5, 6))
    with on_pty(one.receive) as port:
        result = CliRunner().invoke(centesimo, ["collect", "--json", "--other-board", "--event", str(event), port])
    assert json.loads(result.stdout) == [
        {
            "port": port,
            "board": A,
            "name": "T1",
            "added": 7,
            "last": 10,
            "error": None,
            "absent": [3, 5, 6],
            "notes": [],
            "differing": 0,
            "unstored": False,
        }
    ]
    with on_pty(one.receive) as port:
        shown = CliRunner().invoke(centesimo, ["collect", "--other-board", "--event", str(event), port])
    assert shown.stdout == (
        f"{port}: board T1 ({A}): 0 new records, all up to 10 are in the store\n  the board has no record for 3, 5, 6\n"
    )
