"""Sessions: what either end takes, refuses and counts, and both ends back to back over a wire that has faults."""

import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from centesimo_protocol import frame, record, session
from centesimo_protocol.shim import ProtocolError, VersionError
from tests import protocol_cases as cases

HOST_ID, BOARD_ID = b"host0001", b"board001"
HELLO = session.Hello(1, 1, HOST_ID)
MANY = session.Hello(0, 9, HOST_ID)
WELCOME = session.Welcome(1, BOARD_ID, b"Raticosa\0\0\0\0", 0, 1, 0, 1, 1, 100, 0, 0, bytes(11))
FETCH = session.Fetch(1, 1, 24)
VALUE = bytes(12)
JOURNAL = [record.pack(record.Edge(1 + n, 1, 5000 * n, 1, 1 + n, record.LOCKED, record.TUBE, 2)) for n in range(100)]
BROKEN = JOURNAL[0][:-1] + b"?"
VECTORS = cases.vectors(Path(__file__).with_name("vectors.txt"))
ALL_MESSAGES = session.HOST_MESSAGES + session.BOARD_MESSAGES


def board_session(greeted):
    board = session.BoardSession()
    if greeted:
        board.send(WELCOME)
    return board


def host_session(greeted):
    host = session.HostSession(HOST_ID)
    if greeted:
        host.receive(session.encode(WELCOME))
    return host


# What, message, what its refusal says.
DO_NOT_FIT = (
    ("too many", session.Fetch(1, 1, 65536), "expected Fetch.count from 0 to 65535, got 65536"),
    ("negative", session.Acknowledge(-1), "expected Acknowledge.up_to from 0 to 4294967295, got -1"),
    ("not a number", session.Live("on"), "expected Live.on from 0 to 255, got 'on'"),
    ("short id", session.Hello(1, 1, b"host"), "expected Hello.host_id of 8 bytes, got b'host'"),
    ("text for bytes", session.Set(1, "Raticosa"), "expected Set.value of 12 bytes, got 'Raticosa'"),
    ("text at the end", session.Refused(1, 3, "no"), "expected bytes that fit a frame at the end of Refused, got 'no'"),
    ("a record", record.Loss(1, 1, 0, 1, 1, 1), "expected a message that this end sends, got Loss"),
)


@pytest.mark.parametrize(("message", "why"), [row[1:] for row in DO_NOT_FIT], ids=[row[0] for row in DO_NOT_FIT])
def test_a_message_that_does_not_fit_is_refused_by_name(message, why):
    with pytest.raises(session.SessionError) as refused:
        session.encode(message)
    assert str(refused.value) == why


def test_records_that_no_frame_carries_are_refused():
    session.encode(session.Records(1, bytes(1022)))
    with pytest.raises(session.SessionError, match="expected bytes that fit a frame at the end of Records"):
        session.encode(session.Records(1, bytes(1023)))


@pytest.mark.parametrize("row", ALL_MESSAGES, ids=[row[1].__name__ for row in ALL_MESSAGES])
def test_a_short_message_is_refused_and_a_longer_one_read_as_far_as_known(row):
    kind, cls, layout = row
    least, size = (
        session.struct.calcsize("<" + part)
        for part in (layout.split("|")[0].rstrip("*"), layout.replace("|", "").rstrip("*"))
    )
    for short in range(least):
        with pytest.raises(
            session.SessionError, match=f"expected {cls.__name__} of at least {least} bytes, got {short}"
        ):
            session.decode(ALL_MESSAGES, kind, bytes(short))
    whole = session.decode(ALL_MESSAGES, kind, bytes(size))
    assert session.decode(ALL_MESSAGES, kind, bytes(least)) == whole  # what version 1 does not say is zeros
    if not layout.endswith("*"):
        assert session.decode(ALL_MESSAGES, kind, bytes(size) + b"later") == whole


def refused(kind, reason, text):
    return session.Refused(kind, reason, text.encode())


GREET_FIRST = refused(2, session.NOT_GREETED, "expected a greeting first")
OTHER_VERSION = refused(1, session.VERSION_UNKNOWN, "this board speaks protocol versions 1 to 2")

# What, greeted before, bytes from the host, what the board's end gives, skipped then, greeted then.
AT_THE_BOARD = (
    ("a greeting", False, session.encode(HELLO), [HELLO], 0, False),
    ("a request", True, session.encode(FETCH), [FETCH], 0, True),
    ("a request before the greeting", False, session.encode(FETCH), [GREET_FIRST], 0, False),
    ("a greeting and a request", False, session.encode(HELLO) + session.encode(FETCH), [HELLO, GREET_FIRST], 0, False),
    ("a greeting again", True, session.encode(HELLO), [HELLO], 0, False),
    ("a later version only", True, session.encode(HELLO._replace(lowest=3, highest=9)), [OTHER_VERSION], 0, False),
    ("an earlier version only", False, session.encode(HELLO._replace(lowest=0, highest=0)), [OTHER_VERSION], 0, False),
    ("a host of many versions", False, session.encode(MANY), [MANY], 0, False),
    ("a longer greeting", False, frame.encode(1, b"\1\1host0001 and more"), [HELLO], 0, False),
    ("half a greeting", False, frame.encode(1, b"\1\1host"),
     [refused(1, session.MALFORMED, "expected Hello of at least 10 bytes, got 6")], 0, False),
    ("half a request", True, frame.encode(2, b"\1"),
     [refused(2, session.MALFORMED, "expected Fetch of at least 8 bytes, got 1")], 0, True),
    ("an unknown kind", True, frame.encode(0x70, b"?") + session.encode(FETCH), [FETCH], 1, True),
    ("its own words", True, session.encode(WELCOME), [], 1, True),
    ("what a person types", True, b"\r\nhelp\r\n", [], 0, True),
)  # fmt: skip


@pytest.mark.parametrize("size", [1, 4096])
@pytest.mark.parametrize("row", AT_THE_BOARD, ids=[row[0] for row in AT_THE_BOARD])
def test_the_boards_end(row, size):
    _, greeted, raw, messages, skipped, greeted_then = row
    board = board_session(greeted)
    found = [message for at in range(0, len(raw), size) for message in board.receive(raw[at : at + size])]
    assert (found, board.skipped, board.greeted) == (messages, skipped, greeted_then)


RECORDS = session.Records(1, b"".join(JOURNAL[:24]))

# What, greeted before, bytes from the board, what the host's end gives, skipped then, board known then.
AT_THE_HOST = (
    ("a welcome", False, session.encode(WELCOME), [WELCOME], 0, True),
    ("records", True, session.encode(RECORDS), [RECORDS], 0, True),
    ("records before the welcome", False, session.encode(RECORDS), [], 1, False),
    ("no records", True, session.encode(session.Records(1, b"")), [session.Records(1, b"")], 0, True),
    ("records and a bit more", True, session.encode(session.Records(1, JOURNAL[0] + b"?")), [], 1, True),
    ("a record that does not check", True, session.encode(session.Records(1, BROKEN)), [], 1, True),
    ("more records than agreed", True, session.encode(session.Records(1, b"".join(JOURNAL[:25]))), [], 1, True),
    ("a record twice", True, session.encode(session.Records(1, JOURNAL[0] * 2)), [], 1, True),
    ("records in another order", True, session.encode(session.Records(1, JOURNAL[1] + JOURNAL[0])), [], 1, True),
    ("half a status", True, frame.encode(0x84, bytes(48)), [], 1, True),
    ("an unknown kind", True, frame.encode(0x99, b"?"), [], 1, True),
    ("its own words", True, session.encode(HELLO), [], 1, True),
    ("a refusal", True, session.encode(refused(5, session.OUT_OF_RANGE, "no")), [refused(5, 4, "no")], 0, True),
    ("a board that has restarted", True, session.encode(GREET_FIRST), [GREET_FIRST], 0, False),
    ("a refusal of the greeting", False, session.encode(OTHER_VERSION), [OTHER_VERSION], 0, False),
)


@pytest.mark.parametrize("size", [1, 4096])
@pytest.mark.parametrize("row", AT_THE_HOST, ids=[row[0] for row in AT_THE_HOST])
def test_the_hosts_end(row, size):
    _, greeted, raw, messages, skipped, known = row
    host = host_session(greeted)
    found = [message for at in range(0, len(raw), size) for message in host.receive(raw[at : at + size])]
    assert (found, host.skipped, host.board is not None) == (messages, skipped, known)


def test_a_record_doubled_over_another_is_seen_though_the_frame_checks():
    """A record ends with its own CRC-32, so that any whole record adds the same to the frame's."""
    whole = session.encode(RECORDS)
    second, third = (whole.index(raw) for raw in JOURNAL[1:3])
    doubled = whole[:third] + whole[second:third] + whole[third + record.SIZE :]
    assert len(frame.FrameReader().receive(doubled)) == 1
    assert host_session(True).receive(doubled) == []


def test_a_version_that_was_not_offered_ends_it():
    with pytest.raises(VersionError, match="expected a protocol version from 1 to 2, the board chose 3"):
        host_session(False).receive(session.encode(WELCOME._replace(version=3)))


# Which versions the host offers, which one the board chooses.
CHOICES = ((1, 1, 1), (1, 2, 2), (2, 2, 2), (0, 9, 2), (2, 9, 2))


@pytest.mark.parametrize(("lowest", "highest", "chosen"), CHOICES)
def test_the_highest_version_of_both_is_chosen(lowest, highest, chosen):
    board = board_session(False)
    board.receive(session.encode(HELLO._replace(lowest=lowest, highest=highest)))
    assert board.version == chosen


# The Welcome of a board that speaks version 1 only: 38 bytes, as in docs/wire-format.md.
OLD_WELCOME = b"\1" + BOARD_ID + b"Raticosa\0\0\0\0" + b"\0\1\0" + b"\1\0" + b"\1\0\0\0" + b"\x64\0\0\0" + b"\0\0\0\0"


def test_a_board_of_version_1_is_read():
    host = host_session(False)
    assert host.receive(frame.encode(0x81, OLD_WELCOME)) == [WELCOME]
    assert host.fetch(1, 24)[1] == session.encode(FETCH)
    assert host.receive(session.encode(RECORDS)) == [RECORDS]


def two_boards():
    """Two boards that one host has greeted, each in its session of version 2, and the host in the second one's."""
    boards, host = (session.BoardSession(), session.BoardSession()), session.HostSession(HOST_ID)
    for number, board in enumerate(boards):
        board.receive(host.hello())
        host.receive(board.send(WELCOME._replace(version=2, board_id=BOARD_ID[:-1] + bytes([number]))))
    return *boards, host


# What the first board may say while the host has greeted the second.
STRANGE = (RECORDS, session.Records(0, JOURNAL[0]), session.End(1, 25), session.Acknowledged(3), session.LiveIs(1),
           session.SettingIs(1, VALUE), session.Logged(9, 3), session.SecretIs(VALUE))  # fmt: skip


@pytest.mark.parametrize("message", STRANGE, ids=[type(message).__name__ for message in STRANGE])
def test_what_another_board_says_is_not_taken(message):
    first, second, host = two_boards()
    assert host.receive(first.send(message)) == []
    assert host.skipped == 1
    assert host.receive(second.send(message)) == [message]


def test_what_is_asked_of_another_board_is_refused_and_the_host_greets_again():
    first, _, host = two_boards()
    (refusal,) = first.receive(host.fetch(1, 24)[1])
    assert (refusal.reason, first.greeted) == (session.NOT_GREETED, True)
    assert host.receive(first.send(refusal)) == [refusal]
    assert host.board is None


def test_a_board_of_the_same_id_in_another_start_is_another_session():
    first, _, host = two_boards()
    again = session.BoardSession()
    again.receive(host.hello())
    host.receive(again.send(WELCOME._replace(version=2, board_id=BOARD_ID[:-1] + bytes(1), boot=2)))
    assert host.receive(first.send(RECORDS)) == []
    assert host.receive(again.send(RECORDS)) == [RECORDS]


def test_the_number_of_a_session_is_the_crc_of_the_welcome():
    # vectors.txt has this Welcome; its payload alone, through gzip: the number before each payload.
    host = host_session(False)
    raw = next(raw for name, _, raw in VECTORS if name == "welcome")
    host.receive(raw)
    number = zlib.crc32(raw[6:-4]).to_bytes(4, "little")
    assert host.send(session.AskStatus()) == frame.encode(4, number)


def test_a_host_greets_before_it_asks():
    host = host_session(False)
    for ask in (lambda: host.fetch(1, 1), lambda: host.send(session.AskStatus())):
        with pytest.raises(session.SessionError, match="expected a greeted board, got none"):
            ask()


def test_neither_end_says_what_the_other_says():
    with pytest.raises(session.SessionError, match="expected a message that this end sends, got End"):
        host_session(True).send(session.End(1, 2))
    with pytest.raises(session.SessionError, match="expected a message that this end sends, got Fetch"):
        board_session(True).send(FETCH)


def test_a_welcome_that_cannot_be_sent_opens_nothing():
    board = board_session(False)
    with pytest.raises(session.SessionError):
        board.send(WELCOME._replace(name=b"too short"))
    assert not board.greeted


def test_request_numbers_come_round_and_leave_out_that_of_live_records():
    host = host_session(True)
    numbers = [host.fetch(1, 1)[0] for _ in range(0x10001)]
    assert numbers[:2] == [1, 2]
    assert numbers[0xFFFE:] == [0xFFFF, 1, 2]
    assert session.LIVE_REQUEST not in numbers


def test_the_text_of_a_refusal_is_cut():
    assert session.refusal(1, session.BUSY, "x" * 200).text == b"x" * session.TEXT_MAX


class Board:
    """A board's answers over its own end: a journal of records, 5 to a frame so that faults fall between them."""

    def __init__(self, journal):
        self.journal = journal
        self.session = session.BoardSession()

    def restart(self):
        self.session = session.BoardSession()

    def receive(self, chunk):
        return b"".join(
            self.session.send(answer) for message in self.session.receive(chunk) for answer in self.to(message)
        )

    def to(self, message):
        if isinstance(message, session.Hello):
            return [WELCOME._replace(last=len(self.journal))]
        if isinstance(message, session.Fetch):
            wanted = self.journal[message.first - 1 : message.first - 1 + message.count]
            parts = [b"".join(wanted[at : at + 5]) for at in range(0, len(wanted), 5)]
            answers = [session.Records(message.request, part) for part in parts]
            return [*answers, session.End(message.request, message.first + len(wanted))]
        return [message] if isinstance(message, session.Refused) else []


def download(board, wire, turns=60):
    """Pull a board's journal, one request of 30 a turn and a silence after each; `wire` spoils what comes back."""
    host, got = session.HostSession(HOST_ID), []
    for turn in range(turns):
        asked = host.hello() if host.board is None else host.fetch(len(got) + 1, 30)[1]
        for message in host.receive(wire(turn, board, board.receive(asked))) + host.abandon():
            if isinstance(message, session.Records):
                for at in range(0, len(message.records), record.SIZE):
                    raw = message.records[at : at + record.SIZE]
                    got += [raw] * (record.unpack(raw).sequence == len(got) + 1)
        if host.board is not None and len(got) == host.board.last:
            break
    return got


def once(at_turn, spoil):
    """Return a wire that spoils what comes back in one turn."""
    return lambda turn, board, raw: spoil(raw) if turn == at_turn else raw


def restart(turn, board, raw):
    """Restart the board in the middle of what it says in turn 2."""
    if turn != 2:
        return raw
    board.restart()
    return raw[:400] + b"MicroPython v1.25.0\r\n"


WIRES = (
    ("faultless", lambda turn, board, raw: raw),
    ("a lost byte", once(1, lambda raw: raw[:300] + raw[301:])),
    ("many lost bytes", once(2, lambda raw: raw[:100] + raw[600:])),
    ("all lost", once(2, lambda raw: b"")),
    ("the welcome lost", once(0, lambda raw: b"")),
    ("a changed byte", once(1, lambda raw: raw[:300] + b"\xc5" + raw[301:])),
    ("a byte twice", once(1, lambda raw: raw[:300] + raw[299:])),
    ("all twice", once(2, lambda raw: raw + raw)),
    ("a cut", once(3, lambda raw: raw[:777])),
    ("zeros between", once(1, lambda raw: raw[:300] + bytes(2000) + raw[300:])),
    ("heads between", once(1, lambda raw: raw[:300] + cases.LONG[:6] * 9 + raw[300:])),
    ("a restart", restart),
)


@pytest.mark.parametrize("wire", [row[1] for row in WIRES], ids=[row[0] for row in WIRES])
def test_a_download_is_whole_and_every_record_once(wire):
    assert download(Board(JOURNAL), wire) == JOURNAL


def test_a_download_resumes_at_any_byte():
    board = Board(JOURNAL[:30])
    board.receive(session.encode(HELLO))
    whole = board.receive(session.encode(session.Fetch(1, 1, 30)))
    for cut in range(len(whole)):
        assert download(board, once(1, lambda raw, cut=cut: raw[:cut])) == JOURNAL[:30]


def test_live_records_come_between_the_answers():
    board, host = board_session(True), host_session(True)
    live = session.Records(session.LIVE_REQUEST, JOURNAL[3])
    end = session.End(1, 25)
    raw = board.send(RECORDS) + board.send(live) + board.send(end)
    assert host.receive(raw) == [RECORDS, live, end]


FAULT = st.tuples(st.integers(0, 5), st.integers(0, 1300), st.integers(0, 60), st.binary(max_size=60))


@given(st.lists(FAULT, max_size=6))
@settings(max_examples=60)
def test_whatever_the_wire_loses_changes_or_adds_the_download_is_right(faults):
    def wire(turn, board, raw):
        for _, at, lost, added in [fault for fault in faults if fault[0] == turn]:
            raw = raw[:at] + added + raw[at + lost :]
        return raw

    assert download(Board(JOURNAL), wire) == JOURNAL


@st.composite
def talk(draw):
    """Bytes as frames of any kind and payload, real messages, and noise."""
    pieces = st.one_of(
        st.binary(max_size=50),
        st.builds(frame.encode, st.integers(0, 255), st.binary(max_size=60)),
        st.sampled_from([raw for _, _, raw in VECTORS if raw[:2] == frame.SYNC]),
    )
    return b"".join(draw(st.lists(pieces, max_size=20)))


HOST_TYPES = (*[cls for _, cls, _ in session.HOST_MESSAGES], session.Refused)
BOARD_TYPES = tuple(cls for _, cls, _ in session.BOARD_MESSAGES)


@given(talk(), st.booleans())
def test_whatever_comes_the_board_gives_requests_or_refusals_that_can_be_sent(raw, greeted):
    board = board_session(greeted)
    for message in board.receive(raw) + board.abandon():
        assert isinstance(message, HOST_TYPES)
        if isinstance(message, session.Refused):
            board.send(message)


@given(talk(), st.booleans())
def test_whatever_comes_the_host_gets_messages_or_our_own_error(raw, greeted):
    host = host_session(greeted)
    try:
        found = host.receive(raw) + host.abandon()
    except ProtocolError:
        return
    assert all(isinstance(message, BOARD_TYPES) for message in found)


@given(st.integers(0, 255), st.binary(max_size=80))
def test_decode_gives_a_message_none_or_our_own_error(kind, payload):
    try:
        message = session.decode(ALL_MESSAGES, kind, payload)
    except ProtocolError:
        return
    assert message is None or cases.read(session.encode(message), 4096)[0][0][0] == kind
