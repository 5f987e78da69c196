"""The host's end of a download against a board's real session: what is fetched, what is believed, what is refused."""

import errno
import itertools
import os
import random
import re
from collections import namedtuple
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from centesimo.collect.download import COMPLETE, DONE, Download
from centesimo.collect.link import Port, found_ports
from centesimo.commands.main import centesimo
from centesimo.model.errors import LinkError
from centesimo_protocol import record, session
from tests.events import write
from tests.plain_board import PlainBoard, edges, on_pty, on_socket

BOARD = "0b" * 8
STEP_MS = 100


class Wire:
    """Loses, changes, doubles and adds bytes of what passes, by seed; `rate` is the chance of each, a chunk of 64."""

    def __init__(self, seed, rate):
        self.random = random.Random(seed)
        self.rate = rate

    def __call__(self, chunk):
        pieces = [chunk[at : at + 64] for at in range(0, len(chunk), 64)]
        return b"".join(self.worsened(piece) for piece in pieces)

    def worsened(self, piece):
        at = self.random.randrange(len(piece))
        hurt = self.random.random() / self.rate
        if hurt >= 5:
            return piece
        noise = bytes([self.random.randrange(256)])
        changed = bytes([piece[at] ^ (1 << self.random.randrange(8))])
        return (
            piece[:at] + piece[at + 1 :],
            piece[:at] + changed + piece[at + 1 :],
            piece[:at] + noise + piece[at:],
            piece + piece,
            b"",
        )[int(hurt)]


def download(board, stored, wire=lambda chunk: chunk, each=lambda: None):
    """Download `board` into the dict `stored` over a wire, as collect does it; return the Download."""
    state = Download(session.HostSession(b"hosthost"), lambda _: [(sequence, sequence) for sequence in sorted(stored)])
    now_ms = 0
    sent = state.receive(b"", now_ms)
    while state.state != DONE:
        each()
        now_ms += STEP_MS
        came = board.receive(wire(sent))
        try:
            sent = state.receive(wire(came), now_ms)
        finally:
            stored.update((int.from_bytes(raw[:4], "little"), raw) for raw in state.fresh)
            state.fresh.clear()
        if state.state == COMPLETE:
            sent += state.stored(now_ms)
    return state


# name, records of the board (first, last), sequences that the store has, requests expected as (first, last).
# A request is at most 240 records; the first and the last that the store has are fetched again to be compared.
RANGES = [
    ("everything", (1, 10), [], [(1, 10)]),
    ("one more than a request", (1, 241), [], [(1, 240), (241, 241)]),
    ("the rest", (1, 10), range(1, 8), [(1, 1), (7, 10)]),
    ("nothing new", (1, 10), range(1, 11), [(1, 1), (10, 10)]),
    ("a gap in the store", (1, 10), [1, 2, 6, 7], [(1, 1), (3, 5), (7, 10)]),
    ("older ones erased", (50, 60), range(1, 41), [(50, 60)]),
    ("older ones erased, some held", (50, 60), range(1, 56), [(50, 50), (55, 60)]),
    ("the store has more", (1, 4), range(1, 9), [(1, 4)]),
    ("an empty board", (1, 0), [], []),
]


@pytest.mark.parametrize(("kept", "held", "expected"), [row[1:] for row in RANGES], ids=[row[0] for row in RANGES])
def test_asks_for_what_the_store_lacks(kept, held, expected):
    first, last = kept
    board = PlainBoard(edges(last - first + 1, first=first))
    raw_by_sequence = dict(zip(range(1, 400), edges(400), strict=False))
    download(board, {sequence: raw_by_sequence[sequence] for sequence in held})
    fetches = [message for message in board.requests if isinstance(message, session.Fetch)]
    assert [(fetch.first, fetch.first + fetch.count - 1) for fetch in fetches] == expected


# name, absent sequences of 300 records; those at 24 and 25, 240 and 241 stand at the ends of frames and requests.
GAPS = [
    ("one", (100,)),
    ("at the end of a frame", (24,)),
    ("at the start of a frame", (25,)),
    ("at the end of a request", (240,)),
    ("at the start of a request", (241,)),
    ("over the edge of requests", (239, 240, 241, 242)),
    ("more than a frame", tuple(range(100, 140))),
    ("two", (7, 200)),
    ("behind the first", (2,)),
]


@pytest.mark.parametrize("exact", [False, True], ids=["goes on", "stops"])
@pytest.mark.parametrize("absent", [row[1] for row in GAPS], ids=[row[0] for row in GAPS])
def test_believes_a_gap_of_the_board_on_proof(absent, exact):
    board = PlainBoard(edges(300), absent=absent, exact=exact)
    stored = {}
    state = download(board, stored)
    assert stored == board.raw_by_sequence
    assert state.absent == set(absent)
    assert board.acknowledged == 300


@pytest.mark.parametrize("seed", range(150))
def test_a_bad_wire_loses_nothing_and_stores_nothing_twice(seed):
    board = PlainBoard(edges(400), absent=(77, 78))
    stored = {}
    chance = random.Random(seed)

    def restart_sometimes():
        assert not board.acknowledged or len(stored) == 398, "acknowledged before all is stored"
        if chance.random() < 0.02:
            board.restart()

    try:
        state = download(board, stored, Wire(seed, chance.choice((0.002, 0.01, 0.05))), restart_sometimes)
        assert stored == board.raw_by_sequence
        assert state.absent == {77, 78}
    except LinkError:  # a wire may be too bad to go on, but what came is right, and the next time gets the rest
        assert stored.items() <= board.raw_by_sequence.items()
        board.restart()
        download(board, stored)
        assert stored == board.raw_by_sequence


def test_resumes_after_a_cut_at_every_byte():
    whole = PlainBoard(edges(30))
    size = 0

    def measure(chunk):
        nonlocal size
        size += len(chunk)
        return chunk

    download(whole, {}, measure)
    for position in range(size):
        board = PlainBoard(edges(30))
        stored = {}
        left = position

        def cut(chunk):
            nonlocal left
            passed = chunk[: max(0, left)]
            left -= len(chunk)
            return passed

        try:
            download(board, stored, cut)
        except LinkError:
            assert stored.items() <= board.raw_by_sequence.items()
        download(board, stored)
        assert stored == board.raw_by_sequence, position


def test_goes_on_after_a_restart_with_new_records():
    board = PlainBoard(edges(400))
    stored = {}

    def restart_once():
        if len(stored) == 240 and board.boot == 1:
            board.boot = 2
            for raw in edges(20, boot=2, first=401):
                board.raw_by_sequence[int.from_bytes(raw[:4], "little")] = raw
            board.last = 420
            board.restart()

    def first_request_only(chunk):
        """Lose the answer to the second request, so that the restart falls into the middle."""
        return chunk if len(chunk) < 9000 or board.boot == 2 else chunk[:8000]

    download(board, stored, first_request_only, restart_once)
    assert board.boot == 2
    assert sorted(stored) == list(range(1, 421))
    assert board.acknowledged == 420


def test_an_acknowledgement_is_not_acknowledged_again():
    acknowledged = record.pack(record.Acknowledged(11, 1, 99, 10, b"hosthost"))
    board = PlainBoard([*edges(10), acknowledged])
    board.acknowledged = 10
    stored = dict(zip(range(1, 11), edges(10), strict=True))
    download(board, stored)
    assert len(stored) == 11
    assert board.acknowledged == 10


# name, what stands behind the port, what the error says.
BOARDS = [
    ("silence", lambda _: b"", "nothing came"),
    ("a receiver", lambda _: b"$GPRMC,072000,A,4530.0,N,01012.0,E*00\r\n", "it speaks NMEA"),
    ("an echo", lambda chunk: chunk, "sends back what it is sent"),
    ("letters that are no sentence", lambda _: b"price $GP 5\r\n", r"it says '.*price .GP 5"),
    ("a modem", lambda _: b"\r\nERROR\r\n", "it says 'ERROR"),
    ("a bare MicroPython", lambda _: b"\r\n>>> ", "the board's firmware does not run"),
    ("another speed", lambda _: bytes((0x80, 0xFE, 0x00, 0x9C)), "another speed"),
]


@pytest.mark.parametrize(("answer", "says"), [row[1:] for row in BOARDS], ids=[row[0] for row in BOARDS])
def test_says_what_is_no_board(answer, says):
    state = Download(session.HostSession(b"hosthost"), lambda _: [])
    with pytest.raises(LinkError, match=says):
        exchange(state, answer)


def exchange(state, answer):
    """Let `answer` (bytes in, bytes out) and a download talk until it ends."""
    sent = state.receive(b"", 0)
    for turn in range(1, 1000):
        sent = state.receive(answer(sent) if sent else b"", turn * STEP_MS)
        if state.state == COMPLETE:
            return
    raise AssertionError("the download did not end")


def another_version(board):
    return lambda chunk: session.encode(session.refusal(1, session.VERSION_UNKNOWN, "this board speaks version 9"))


def lying(first, last):
    def make(board):
        board.first, board.last = first, last
        return board.receive

    return make


def another_after_the_greeting(board):
    other = PlainBoard(edges(10), board_id=b"\x0c" * 8)
    return lambda chunk: (other if board.requests else board).receive(chunk)


def shrinking(board):
    def receive(chunk):
        if board.requests and board.last == 10:
            board.last = 5
            board.restart()
        return board.receive(chunk)

    return receive


def of_another_board(board):
    board.raw_by_sequence[1] = record.pack(record.Boot(1, 1, 0, 0, 1, 0, 0, 1, b"\x0c" * 8))
    return board.receive


def refusing(board):
    def receive(chunk):
        answer = board.receive(chunk)
        if isinstance(board.requests[-1], session.Fetch):
            return session.encode(session.refusal(2, session.OUT_OF_RANGE, "no such records"))
        return answer

    return receive


# name, board (made from one with ten records), what the error says.
LIES = [
    ("another version", another_version, "another protocol version than 2: this board speaks version 9"),
    ("a range that is none", lying(20, 10), "says that it keeps 20 to 10"),
    ("a range that no flash holds", lying(1, 2_000_000_000), "says that it keeps 1 to 2000000000"),
    ("records that it cannot give", lying(1, 10_000), "stopped answering|does not come"),
    ("a range that shrinks", shrinking, "it kept records up to 10 and now only to 5: its journal is damaged"),
    ("another board on the cable", another_after_the_greeting, r"now board T1 \(0c0c0c0c0c0c0c0c\) answers"),
    ("records of another board", of_another_board, "record 1 was written by board 0c0c0c0c0c0c0c0c"),
    ("refusals", refusing, "refuses: no such records"),
]


@pytest.mark.parametrize(("make", "says"), [row[1:] for row in LIES], ids=[row[0] for row in LIES])
def test_refuses_a_board_that_lies(make, says):
    answer = make(PlainBoard(edges(10)))
    with pytest.raises(LinkError, match=says):
        exchange(Download(session.HostSession(b"hosthost"), lambda _: []), answer)


@pytest.mark.parametrize("behind", [on_pty, on_socket], ids=["pty", "socket"])
def test_a_port_carries_every_byte(behind):
    every = bytes(range(256))
    with behind(lambda chunk: chunk) as name, Port(name) as port:
        port.write(every)
        came = b""
        while len(came) < 256:
            came += port.read()
    assert came == every


def test_a_port_is_opened_once():
    taken = pytest.raises(LinkError, match="in use by another program")
    with on_pty(lambda chunk: chunk) as name, Port(name), taken:
        Port(name)


def test_a_port_that_goes_says_so():
    with on_pty(lambda chunk: None) as name, Port(name) as port:
        port.write(b"x")
        with pytest.raises(LinkError, match=f"{name}: the port is gone"):
            list(iter(port.read, None))


URLS = "expected the path of a port, or socket://HOST:PORT or rfc2217://HOST:PORT"
# name, port, what the error says.
CLOSED = [
    ("not there", "no-such-port", "no-such-port: there is no such port"),
    ("a file", __file__, "expected a serial port, got a file or folder"),
    ("a folder", ".", "expected a serial port, got a file or folder"),
    ("a URL of nothing", "nothing://there", URLS),
    ("a pattern", "hwgrep://[", URLS),
    ("a class of Python", "alt:///dev/null?class=os", URLS),
    ("a URL without a host", "socket://", URLS),
    ("a URL without a number", "rfc2217://x", URLS),
    ("half of brackets", "socket://[", URLS),
    ("a number too high", "socket://127.0.0.1:99999", URLS),
    ("a host too long", f"socket://{'a' * 64}:1", URLS),
    ("an option that is none", "socket://127.0.0.1:1?x=1", "cannot be opened"),
    ("a NUL", "a\0b", "cannot be opened"),
    ("a path too long", "/dev/" + "a" * 300, "File name too long"),
    ("no host", "socket://127.0.0.1:1", "nothing answers there"),
]


@pytest.mark.parametrize(("name", "says"), [row[1:] for row in CLOSED], ids=[row[0] for row in CLOSED])
def test_says_why_a_port_does_not_open(name, says):
    with pytest.raises(LinkError, match=says) as refused:
        Port(name)
    assert str(refused.value).startswith(f"{name}: ")


@contextmanager
def nobody():
    """Be a user without rights; the superuser may open any port."""
    was = os.geteuid()
    if was == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(was)


def test_says_which_group_to_join():
    board_end, host_end = os.openpty()
    name = os.ttyname(host_end)
    os.chmod(name, 0)
    group = Path(name).group()
    with (
        nobody(),
        pytest.raises(LinkError, match=f"^{name}: no permission: join its group {group} .sudo"),
    ):
        Port(name)
    os.close(board_end)
    os.close(host_end)


Listed = namedtuple("Listed", "device description vid")
# name, vendor of the USB device (None: no USB), whether a board may be behind it.
VENDORS = [
    ("a Pico", 0x2E8A, True),
    ("a plain adapter", 0x0403, True),
    ("a port of the computer's own", None, True),
    ("a modem", 0x12D1, False),
    ("a printer", 0x04B8, False),
]


@pytest.mark.parametrize(("vendor", "may"), [row[1:] for row in VENDORS], ids=[row[0] for row in VENDORS])
def test_leaves_what_is_plainly_no_board_alone(vendor, may):
    (found,) = found_ports(lambda: [Listed("/dev/ttyX", None, vendor)])
    assert found == ("/dev/ttyX", "", may)


def test_lists_ports_in_order():
    names = [port.name for port in found_ports(lambda: [Listed(name, "", None) for name in ("/dev/b", "/dev/a")])]
    assert names == ["/dev/a", "/dev/b"]
    assert [port.name for port in found_ports()] == sorted(port.name for port in found_ports())


def endless(kind):
    """Return what a board sends each half second, given what it was sent: it greets and then never comes to an end."""
    board = PlainBoard(edges(10))
    pushed = itertools.count(11)

    def receive(chunk):
        answers = b""
        for message in board.session.receive(chunk):
            if kind == "grows and grows" or isinstance(message, session.Hello):
                answers += board._answer(message)
        if board.session.greeted:
            sequence = next(pushed)
            raws = edges(1 if kind != "a flood" else session.RECORDS_MAX, first=sequence)
            if kind == "grows and grows":
                board.raw_by_sequence[sequence] = raws[0]
                board.last = sequence
            request = 0 if kind != "answers what nobody asked" else 77
            answers += board.session.send(session.Records(request, b"".join(raws)))
        return answers

    return receive


# name, the longest that it may take in s (eleven greetings and silences), how it ends
ENDLESS = [
    ("a record every half second", 20, "does not come|stopped answering"),
    ("a flood", 20, "does not come|stopped answering"),
    ("answers what nobody asked", 20, "does not come|stopped answering"),
    ("grows and grows", 15, "done"),
]


@pytest.mark.parametrize(("kind", "within_s", "ends"), ENDLESS, ids=[row[0] for row in ENDLESS])
def test_a_board_that_never_ends_is_left(kind, within_s, ends):
    receive = endless(kind)
    state = Download(session.HostSession(bytes(8)), lambda board: [])
    now_ms, to_board, end = 0, state.receive(b"", 0), ""
    while not end:
        now_ms += 500
        assert now_ms <= within_s * 1000
        try:
            to_board = state.receive(receive(to_board), now_ms)
        except LinkError as error:
            end = str(error)
        state.fresh.clear()
        if state.state == COMPLETE:
            to_board += state.stored(now_ms)
        end = end or ("done" if state.state == DONE else "")
    assert re.search(ends, end)


def test_a_board_that_gives_a_record_now_and_then_is_left_in_the_end():
    """It greets anew each second with one record more: there is always something to fetch, and no end."""
    board = PlainBoard(edges(1))
    state = Download(session.HostSession(bytes(8)), lambda _: [])

    def goes_on():
        to_board = state.receive(b"", 0)
        for now_ms in range(100, 70_000, 100):
            requests = board.session.receive(to_board)
            sent = b"".join(board._answer(one) for one in requests if isinstance(one, session.Hello))
            if now_ms % 1000 == 0:
                sent += board.session.send(session.Records(0, edges(1, first=board.last)[0]))
                board.last += 1
            to_board = state.receive(sent, now_ms)

    with pytest.raises(LinkError, match="too slowly or without an end"):
        goes_on()


def refused():
    raise OSError(errno.EIO, "the list of devices is damaged")


@pytest.mark.parametrize(
    "verb", [["boards"], ["collect", "--event", "EVENT"], ["prepare", "EVENT"]], ids=lambda verb: verb[0]
)
def test_a_system_that_cannot_list_its_ports_is_one_line(tmp_path, monkeypatch, verb):
    for module in ("boards", "collect", "prepare"):
        monkeypatch.setattr(f"centesimo.commands.{module}.found_ports", lambda: found_ports(refused))
    arguments = [str(write(tmp_path)) if word == "EVENT" else word for word in verb]
    ran = CliRunner().invoke(centesimo, arguments)
    assert isinstance(ran.exception, LinkError)
    assert str(ran.exception) == "the ports of this computer cannot be listed (Input/output error): name the PORT"


SWAPS = 300


def swapped(seed):
    """Collect one board whose cable is moved to another one at some moment; return what was stored, and its records.

    The other board answers as if it were greeted, or not, and pushes a record at once in every second case.
    """
    chance = random.Random(seed)
    one = PlainBoard(edges(chance.randint(50, 600)), board_id=b"\x0a" * 8)
    other = PlainBoard(edges(chance.randint(50, 600), boot=2, shift=5), board_id=b"\x0b" * 8)
    moved_at, step_ms, kept = chance.randint(1, 40), chance.choice((20, 100, 700)), chance.random()
    state = Download(session.HostSession(bytes(8)), lambda _: [])
    stored, sent = set(), state.receive(b"", 0)
    for turn in range(1, 10_000):
        if turn == moved_at:
            other.session.greeted = chance.random() < 0.5
        came = (one if turn < moved_at else other).receive(sent)
        if turn == moved_at - 1:
            came = came[: int(len(came) * kept)]
        elif turn == moved_at and chance.random() < 0.5:
            came = other.session.send(session.Records(0, edges(1, boot=2, first=5, shift=5)[0])) + came
        try:
            sent = state.receive(came, turn * step_ms)
        except LinkError:  # another board answers now: nothing more is taken
            break
        finally:
            stored |= set(state.fresh) if state.board == "0a" * 8 else set()
            state.fresh.clear()
        sent += state.stored(turn * step_ms) if state.state == COMPLETE else b""
        if state.state == DONE:
            break
    return stored, set(one.raw_by_sequence.values())


@pytest.mark.parametrize("tens", range(SWAPS // 10))
def test_a_cable_that_is_moved_stores_no_record_of_one_board_under_another(tens):
    for seed in range(tens * 10, tens * 10 + 10):
        stored, own = swapped(seed)
        assert stored <= own, seed
