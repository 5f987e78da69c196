"""Following boards live: what is pushed, what was lost on the way, what is shown, and how it ends."""

import io
import json
import queue
import signal
import subprocess
import sys
import threading
from contextlib import closing

import pytest
from rich.progress import Progress as Bars

from centesimo.collect import Fleet, Progress, collect
from centesimo.collect.follow import ACKNOWLEDGE_MS, ASK_MS, SILENCE_MS, Follow
from centesimo.collect.live_passages import LivePassages
from centesimo.collect.status import boards
from centesimo.collect.watch import Watch
from centesimo.commands.collect import WATCHING, Shown, passages_to
from centesimo.commands.console import TextConsole
from centesimo.store import Store
from centesimo.store.intake import Intake
from centesimo_protocol import record, session
from centesimo_virtual.board import VirtualBoard
from centesimo_virtual.scenario import Crossing, Scenario
from tests.events import FIRST_AT_NS, event, write
from tests.plain_board import PlainBoard, edges, on_pty

A = "0a" * 8
WELCOME = session.Welcome(1, b"\x0a" * 8, b"T1".ljust(12, b"\0"), 1, 0, 0, 1, 1, 5, 5, 0, bytes(11))
STATUS = session.Status(3, 1, 9, 2, 1000, 5, 1, 1, 5, 5, 44_000, 0, 0, 0, 0, 0, 0, 0, 0, 1)


def pushed(*raws):
    return session.Records(session.LIVE_REQUEST, b"".join(raws))


def told(last):
    return STATUS._replace(last=last)


ACKNOWLEDGED = record.pack(record.Acknowledged(6, 1, 9, 5, b"hosthost"))

# name, what comes at which ms (None: nothing) when records 1 .. 5 are stored, sequences taken, why it is over.
COURSES = [
    ("pushes in order", [(1, pushed(*edges(2, first=6))), (2, pushed(*edges(1, first=8)))], [6, 7, 8], ""),
    ("one that is known", [(1, pushed(*edges(2, first=5)))], [5, 6], ""),
    ("a push lost", [(1, pushed(*edges(1, first=7)))], [7], "record 6 did not come"),
    ("a status that is level", [(1, told(5))], [], ""),
    ("a status that is ahead once", [(1, told(6)), (2, pushed(*edges(1, first=6))), (3, told(6))], [6], ""),
    ("a status that stays ahead", [(1, told(6)), (2000, told(6))], [], "record 6 did not come"),
    ("silence", [(SILENCE_MS, None)], [], "stopped answering"),
    ("a restart", [(1, session.refusal(4, session.NOT_GREETED, ""))], [], "the board has restarted"),
    ("an acknowledgement", [(1, pushed(ACKNOWLEDGED))], [6], ""),
]


@pytest.mark.parametrize(("course", "taken", "over"), [row[1:] for row in COURSES], ids=[row[0] for row in COURSES])
def test_follows_what_is_pushed_and_notices_what_is_not(course, taken, over):
    host, intake = session.HostSession(b"hosthost"), Intake()
    intake.take(host.receive(session.encode(WELCOME)))
    follow = Follow(host, intake, 5, 0)
    assert session.encode(session.Live(1)) in follow.start()
    for now_ms, message in course:
        follow.receive(session.encode(message) if message else b"", now_ms)
    assert [int.from_bytes(raw[:4], "little") for raw in intake.fresh] == taken
    assert follow.over == over


def test_asks_how_the_board_is_now_and_then():
    host, intake = session.HostSession(b"hosthost"), Intake()
    host.receive(session.encode(WELCOME))
    follow = Follow(host, intake, 5, 0)
    asks = [now_ms for now_ms in range(0, 3 * ASK_MS, 500) if follow.receive(b"", now_ms)]
    assert asks == [ASK_MS, 2 * ASK_MS]


# name, what is pushed, when it is stored, whether it is the last time, up to where is acknowledged (None: not).
ACKNOWLEDGEMENTS = [
    ("too early", edges(1, first=6), ACKNOWLEDGE_MS - 1, False, None),
    ("a minute later", edges(1, first=6), ACKNOWLEDGE_MS, False, 6),
    ("at the end", edges(2, first=6), 1, True, 7),
    ("nothing that tells", [ACKNOWLEDGED], ACKNOWLEDGE_MS, True, None),
    ("with something behind it that tells nothing", [*edges(1, first=5), ACKNOWLEDGED], ACKNOWLEDGE_MS, False, 6),
    ("while one is missing", edges(1, first=7), ACKNOWLEDGE_MS, True, None),
]


@pytest.mark.parametrize(
    ("raws", "now_ms", "is_last", "up_to"),
    [row[1:] for row in ACKNOWLEDGEMENTS],
    ids=[row[0] for row in ACKNOWLEDGEMENTS],
)
def test_acknowledges_what_came_and_is_stored(raws, now_ms, is_last, up_to):
    host = session.HostSession(b"hosthost")
    host.receive(session.encode(WELCOME))
    follow = Follow(host, Intake(), 5, 0)
    follow.receive(session.encode(pushed(*raws)), 1)
    sent = follow.acknowledge(now_ms, is_last)
    assert sent == (b"" if up_to is None else session.encode(session.Acknowledge(up_to)))
    if up_to:
        follow.receive(session.encode(session.Acknowledged(up_to)), now_ms)
        assert follow.acknowledge(now_ms, is_last=True) == b""  # nothing is acknowledged twice


def stamped(*values):
    return [record.pack(value) for value in values]


def test_shows_a_passage_once_at_its_first_edge():
    s = FIRST_AT_NS // 1_000_000_000
    board = "00000000000000a1"
    passing = LivePassages(event().timing_points)
    anchors = stamped(
        record.Anchor(1, 1, 1_000_000, s, 1, 100, 9, 18, 0, 0),
        record.Anchor(2, 1, 65_000_000, s + 64, 1, 100, 9, 18, 0, 0),
    )
    assert passing.add(board, anchors) == []
    # 65.25 s on the counter is a quarter second after s + 64; its bounce and its rear axle belong to it.
    first, *others = stamped(
        *(
            record.Edge(3 + n, 1, at_us, 1, 1 + n, 3, 0, 2)
            for n, at_us in enumerate((65_250_000, 65_251_000, 65_550_000))
        )
    )
    (found,) = passing.add(board, [first])
    assert (found.timing_point, found.at_ns, found.confirmed) == ("A1", FIRST_AT_NS + 64_250_000_000, True)
    assert 0 < found.uncertainty_ns < 100_000
    assert passing.add(board, others) == []
    # A download after a lost push brings records again, alone or with what is known by then.
    assert [passing.add(board, again) for again in ([first], [first, *others], [*anchors, first])] == [[], [], []]
    # Two minutes later, after a new start, the time is not known yet.
    again = stamped(record.Edge(6, 2, 5_000, 2, 1, 0, 0, record.NOT_KNOWN_US))
    assert [(one.timing_point, one.at_ns) for one in passing.add(board, again)] == [("A2", None)]


def test_shows_the_passages_of_a_cable_that_was_off_and_is_back():
    s, said = FIRST_AT_NS // 1_000_000_000, []
    stored = passages_to(event(), True, said.append, threading.Lock())
    first, *later = stamped(
        record.Anchor(1, 1, 1_000_000, s, 1, 100, 9, 18, 0, 0),
        record.Edge(2, 1, 2_000_000, 1, 1, 3, 0, 2),
        record.Anchor(3, 1, 3_000_000, s + 2, 1, 100, 9, 18, 0, 0),
        record.Edge(4, 1, 4_000_000, 1, 2, 3, 0, 2),
        record.Edge(5, 1, 304_000_000, 1, 3, 3, 0, 2),
    )
    stored("00000000000000a1", [first, later[0]], False)  # what it kept before
    stored("00000000000000a1", [later[1]], True)
    stored("00000000000000a1", later[2:], False)  # five minutes without a cable
    assert [json.loads(line)["passage"]["id"] for line in said] == ["00000000000000a1:4", "00000000000000a1:5"]


def watching(store, ports, is_live):
    """Watch in a thread; return the fleet to stop, what comes of ports, what is stored, and the thread."""
    done, stored = queue.Queue(), queue.Queue()
    fleet = Fleet(store, lambda: 7, lambda _: None)
    fleet.stored = lambda board, raws, is_live: stored.put((len(raws), is_live))
    fleet.caught_up = done.put
    thread = threading.Thread(target=Watch(fleet, ports, is_live, done.put).run)
    thread.start()
    return fleet, done, stored, thread


@pytest.fixture
def store(tmp_path):
    with closing(Store.open(tmp_path / "s.sqlite")) as opened:
        yield opened


def test_collects_boards_as_they_are_plugged_in(store, tmp_path):
    link, done = tmp_path / "port", []
    watch = Watch(Fleet(store, lambda: 7, lambda _: None), [str(link)], False, done.append)
    for number in (1, 2):
        one = PlainBoard(edges(100 * number), board_id=bytes([number]) * 8)
        with on_pty(one.receive) as name:
            link.symlink_to(name)
            for _ in range(2):  # one that was collected is left alone
                watch.look()
                watch.wait()
            assert one.acknowledged == 100 * number
        link.unlink()
        watch.look()
    assert [(found.added, found.error) for found in done] == [(100, None), (200, None)]
    assert [len(raws) for raws in store.records().values()] == [100, 200]


@pytest.mark.parametrize("is_live", [False, True])
def test_a_board_that_differs_is_said_once_and_left_alone_until_it_is_unplugged(store, tmp_path, monkeypatch, is_live):
    monkeypatch.setattr("centesimo.collect.watch.RETRY_MS", 0)
    before = PlainBoard(edges(50), board_id=b"\x0a" * 8)
    with on_pty(before.receive) as name:
        assert [one.error for one in collect(store, [name], lambda: 6)] == [None]
    kept = sum(map(len, store.visits()))
    one, done, link = PlainBoard(edges(5, shift=1), board_id=b"\x0a" * 8), [], tmp_path / "port"
    watch = Watch(Fleet(store, lambda: 7, lambda _: None), [str(link)], is_live, done.append)
    parts = []
    with on_pty(one.receive) as name:
        for plugged in (True, True, True, False, True):
            link.unlink(missing_ok=True)
            if plugged:
                link.symlink_to(name)
            watch.look()
            watch.wait()
            parts.append(sum(map(len, store.visits())) - kept)
    assert parts == [parts[0]] * 4 + [2 * parts[0]]
    assert [(found.differing, "differ from those stored before" in found.error) for found in done] == [(5, True)] * 2
    assert "collect again" not in done[0].error
    assert (len(store.conflicts()), one.acknowledged) == (5, 0)


def test_the_bar_of_a_port_begins_anew_with_the_next_board():
    with Bars(console=TextConsole(file=io.StringIO(), force_terminal=True)) as bars:
        shown = Shown(bars, ["p1"])
        for board, port in (("0a", "p1"), ("0b", "p1"), ("0c", "p2")):
            shown(Progress(port, board, "", 100, 100))
        first, second = bars.tasks
        shown(Progress("p1", "0d", "", 3, 100))
        assert [(task.description, task.completed, task.finished) for task in (first, second)] == [
            ("p1 0d", 3, False),
            ("p2 0c", 100, True),
        ]


def test_the_command_ends_cleanly_when_it_is_stopped(tmp_path):
    folder = write(tmp_path / "event")
    code = "from centesimo.commands.main import main; main()"
    command = [sys.executable, "-c", code, "collect", "--live", "--event", str(folder), str(tmp_path / "port")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout.readline() == WATCHING + "\n"
        running.send_signal(signal.SIGINT)
        said = running.communicate(timeout=20)
    assert (said, running.returncode) == (("", ""), 0)


@pytest.mark.parametrize("option", ["--live", "--watch"])
def test_the_command_ends_when_nobody_listens_any_more(tmp_path, option):
    write(tmp_path)
    main = [sys.executable, "-c", "from centesimo.commands.main import main; main()"]
    with on_pty(PlainBoard(edges(5)).receive) as port:
        command = [*main, "collect", option, "--other-board", "--event", str(tmp_path), port]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
            assert running.stdout.readline() == f"{WATCHING}\n"
            running.stdout.close()
            assert running.wait(timeout=20) == 1
            assert running.stderr.read() == ""
    with closing(Store.of_event(tmp_path)) as store:
        assert [len(raws) for raws in store.records().values()] == [5]


def test_the_real_firmware_is_followed_over_a_pulled_cable(store):
    start_ns = 1_811_055_600_000_000_000
    cars = tuple(Crossing(start_ns + at_s * 1_000_000_000, 1) for at_s in (30, 62, 63, 64, 65, 66))
    scenario = Scenario(start_ns, 75, A, crossings=cars, true_time_from_s=60)
    with VirtualBoard(scenario) as virtual:
        fleet, done, stored, thread = watching(store, [virtual.port], True)
        assert done.get(timeout=20).error is None
        while not stored.get(timeout=20)[1]:
            pass  # until something came live
        virtual.unplug()
        assert "the port is gone" in done.get(timeout=20).error
        virtual.plug()
        assert done.get(timeout=20).error is None
        while sum(raw[6] == record.EDGE for raw in store.records_of(A)) < 2 * len(cars):
            stored.get(timeout=20)
        fleet.stopped.set()
        thread.join(10)
        (left,) = boards([virtual.port], lambda: 7)
    assert left.waiting <= 1  # the acknowledgement's own record
    sequences = [int.from_bytes(raw[:4], "little") for raw in store.records_of(A)]
    assert sequences == list(range(1, len(sequences) + 1))
    assert store.conflicts() == []
