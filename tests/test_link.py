"""The board's end of the line: what a host asks and what comes, on lines that are slow, full, cut or read by nobody."""

import struct

import pytest

from centesimo_board import selftest
from centesimo_board.main import Board
from centesimo_protocol import chain, frame, record, session, setting
from tests import desk
from tests.desk import Desk

HOST = b"host0001"
S = 1_000_000


def table(edges=0):
    """Return a Desk whose journal holds a Boot record and so many edges."""
    board = Board(desk.devices())
    for number in range(edges):
        board.journal.append((record.Edge, number, 1, number + 1, 0, 0, record.NOT_KNOWN_US))
    return Desk(board)


class Host:
    """The host's end: asks, lets the board take turns, collects its messages."""

    def __init__(self, run):
        self.run = run
        self.session = session.HostSession(HOST)
        self.stream = run.devices.stream
        self.at_us = 100

    def turns(self, count=1, step_us=1000):
        for _ in range(count):
            self.at_us += step_us
            self.run.until(self.at_us)
        told, self.stream.told = self.stream.told, b""
        return self.session.receive(told)

    def ask(self, chunk, turns=1):
        self.stream.given += chunk
        return self.turns(turns)

    def greet(self):
        [welcome] = self.ask(self.session.hello())
        return welcome

    def send(self, message, turns=1):
        return self.ask(self.session.send(message), turns)


def greeted(edges=0):
    host = Host(table(edges))
    host.greet()
    return host


def sequences(messages):
    found = []
    for message in messages:
        if isinstance(message, session.Records):
            found += [
                record.unpack(message.records[at : at + 32]).sequence for at in range(0, len(message.records), 32)
            ]
    return found


def welcome_of(board):
    """The eighth record seals seven."""
    seal = record.unpack(board.journal.read(8, 1))
    assert isinstance(seal, record.Seal)
    return session.Welcome(2, bytes(range(8)), bytes(12), 0, 1, 0, 1, 1, 8, 0, 8, seal.tag)


def test_a_greeting_says_who_it_is_and_what_it_keeps():
    host = Host(table(5))
    welcome = host.greet()
    assert welcome == welcome_of(host.run.board)  # the eighth seals seven


def test_before_the_greeting_everything_is_refused():
    host = Host(table())
    [refused] = host.ask(session.encode(session.AskStatus()))
    assert (refused.kind, refused.reason) == (4, session.NOT_GREETED)


# edges kept (behind Boot and SelfTest, before the Seal of the greeting), first, count: the sequences that come, and
# what follows the last
FETCHES = {
    "all": (5, 1, 100, range(1, 9), 9),
    "some": (5, 2, 3, range(2, 5), 5),
    "two frames": (40, 1, 41, range(1, 42), 42),
    "over sectors": (300, 100, 150, range(100, 250), 250),
    "behind the last": (5, 9, 10, [], 9),
    "from nought": (5, 0, 3, range(1, 3), 3),
}


@pytest.mark.parametrize("case", FETCHES)
def test_fetch(case):
    edges, first, count, expected, following = FETCHES[case]
    host = greeted(edges)
    request, chunk = host.session.fetch(first, count)
    messages = host.ask(chunk, turns=10)
    assert sequences(messages) == list(expected)
    assert messages[-1] == session.End(request, following)
    assert {message.request for message in messages} == {request}


def test_a_fetch_ends_with_its_own_range_where_a_record_is_lost():
    host = greeted(20)
    host.run.devices.flash.image[10 * 32] ^= 1  # record 10
    _, chunk = host.session.fetch(9, 2)
    assert sequences(host.ask(chunk, turns=5)) == [9]
    request, chunk = host.session.fetch(10, 1)
    assert host.ask(chunk, turns=5) == [session.End(request, 10)]  # the proof that it is not there


def test_two_fetches_are_served_in_order_and_a_fifth_is_refused():
    host = greeted(100)
    host.stream.room = 0
    chunks = [host.session.fetch(first, 10) for first in (1, 11, 21, 31, 41)]
    host.ask(b"".join(chunk for _, chunk in chunks))
    host.stream.room = 1 << 20
    messages = host.turns(10)
    assert sequences(messages) == list(range(1, 41))
    [refused] = [message for message in messages if isinstance(message, session.Refused)]
    assert refused.reason == session.BUSY


def test_what_is_no_longer_kept_is_refused():
    host = greeted(700)
    journal = host.run.board.journal
    journal.acknowledge(700, 1, HOST)
    for number in range(600):
        journal.append((record.Edge, number, 1, 1, 0, 0, 0))
    assert journal.first > 200
    _, chunk = host.session.fetch(1, 100)
    [refused] = host.ask(chunk, turns=5)
    assert (refused.reason, refused.text) == (session.NOT_KEPT, b"kept from %d on" % journal.first)
    _, chunk = host.session.fetch(1, journal.first)
    assert sequences(host.ask(chunk, turns=5)) == [journal.first]


@pytest.mark.parametrize("room", [1, 7, 64, 1000])
def test_a_line_that_takes_little_at_a_time_loses_nothing(room):
    host = greeted(60)
    host.stream.room = room
    request, chunk = host.session.fetch(1, 61)
    host.stream.given += chunk
    messages = []
    while not messages or not isinstance(messages[-1], session.End):
        messages += host.turns(20)
        assert len(host.run.board.link._rest) <= frame.MAX_FRAME
        assert host.at_us < 10 * S
    assert sequences(messages) == list(range(1, 62))
    assert messages[-1] == session.End(request, 62)


def test_bytes_that_nobody_reads_are_given_up_without_harm():
    host = greeted(60)
    host.stream.room = 0
    _, chunk = host.session.fetch(1, 61)
    host.stream.given += chunk
    host.turns(12, step_us=S)
    assert host.run.board.link.given_up == 1
    host.stream.room = 1 << 20
    assert host.turns(5) == []
    [refused] = host.send(session.AskStatus())
    assert refused.reason == session.NOT_GREETED
    host.greet()
    _, chunk = host.session.fetch(1, 61)
    assert sequences(host.ask(chunk, turns=5)) == list(range(1, 62))


def test_live_records_are_on_flash_before_they_are_sent():
    host = greeted(5)
    assert host.send(session.Live(1)) == [session.LiveIs(1)]
    host.run.edge(2, 50_000)
    messages = host.turns(60)
    [pushed] = messages
    assert pushed.request == session.LIVE_REQUEST
    [sequence] = sequences(messages)
    assert host.run.board.journal.read(sequence, 1) == pushed.records
    assert record.unpack(pushed.records).input == 2
    assert host.send(session.Live(0)) == [session.LiveIs(0)]
    host.run.edge(2, 500_000)
    assert host.turns(60, step_us=10_000) == []


def test_live_waits_for_a_slow_line_and_misses_nothing():
    host = greeted()
    host.send(session.Live(1))
    host.stream.room = 0
    for number in range(200):
        host.run.edge(1, 5_000 + number * 100)
    host.turns(50)
    host.stream.room = 100
    # All edges in one turn: the first, and 199 in Bursts of five; no Seal, for it comes after every 64 records.
    assert len(sequences(host.turns(500))) == 1 + 40


def test_acknowledge():
    host = greeted(5)
    assert host.send(session.Acknowledge(6)) == [session.Acknowledged(6)]
    journal = host.run.board.journal
    noted = record.unpack(journal.read(journal.last, 1))
    assert (noted.up_to, noted.host_id) == (6, HOST)
    [refused] = host.send(session.Acknowledge(99))
    assert (refused.reason, refused.text) == (session.OUT_OF_RANGE, b"expected a sequence up to 9, got 99")


def test_settings_are_read_and_changed_and_the_change_is_a_record():
    host = greeted()
    messages = host.send(session.AskSettings())
    assert [message.key for message in messages[:-1]] == [1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14]
    assert messages[-1] == session.SettingsEnd(13)
    raw = struct.pack("<q", 30) + bytes(4)
    assert host.send(session.Set(setting.ANCHOR_EVERY_S, raw)) == [session.SettingIs(setting.ANCHOR_EVERY_S, raw)]
    journal = host.run.board.journal
    assert record.unpack(journal.read(journal.last, 1))[3:] == (setting.ANCHOR_EVERY_S, raw)
    assert host.run.board.clock.anchors.every_s == 30
    [refused] = host.send(session.Set(setting.ANCHOR_EVERY_S, bytes(12)))
    assert (refused.kind, refused.reason) == (7, session.OUT_OF_RANGE)
    assert refused.text == b"expected anchor_every_s from 1 to 3600, got 0"


def test_status():
    host = greeted(5)
    [status] = host.send(session.AskStatus())
    assert (status.state, status.boot, status.first, status.last, status.acknowledged) == (0, 1, 1, 8, 0)
    assert (status.capacity, status.battery_mv, status.temperature_cc) == (8 * 127 - 16, 4980, 2150)
    assert (status.utc_s, status.uncertainty_us, status.alarms) == (0, record.NOT_KNOWN_US, 0)


def test_a_self_test_is_asked_for():
    host = greeted(5)
    [logged] = host.send(session.AskSelfTest())
    found = record.unpack(host.run.board.journal.read(logged.sequence, 1))
    assert (logged.kind, type(found), found.cause) == (8, record.SelfTest, 1)


def test_a_self_test_on_a_full_journal_is_answered_all_the_same():
    host = greeted(5)
    board = host.run.board
    while not board.journal.full:
        board.journal.append((record.Edge, 1, 1, 1, 0, 0, 0))
    board.devices.capture.is_closed[2] = board.devices.capture.is_closed[3] = True
    [refused] = host.send(session.AskSelfTest())
    assert (refused.kind, refused.reason) == (8, session.BUSY)
    said = b"not recorded, journal full; memory right, journal right, no pulse, inputs closed: 2 3, 0 bytes free"
    assert refused.text == said


def test_the_longest_answer_of_a_self_test_fits():
    entry = (record.SelfTest, 1, 1, 0, 0, 254, 15, selftest.FREE_MAX)
    assert len("not recorded, journal full; " + selftest.result_text(entry)) <= session.TEXT_MAX


def knowing():
    """Return the Host of a board that is locked, 31 s after its start, and greeted."""
    run = Desk(Board(desk.devices()))
    run.run(30)
    host = Host(run)
    host.at_us = 30_990_000
    host.greet()
    return host


def vouches(host, **changed):
    """Return what comes of a host that says the right time, to 10 ms, of a tenth of a second ago."""
    counter_us = host.run.devices.capture.now_us() - 100_000
    true_us = counter_us - host.run.devices.capture.counter(0)
    right = session.Vouch(counter_us, desk.START_S + true_us // S, true_us % S, 10_000, record.KERNEL)
    return host.send(right._replace(**changed))


def test_a_host_that_vouches_confirms_and_is_written_down():
    host = knowing()
    [vouched] = vouches(host)
    assert vouched.outcome == record.AGREES
    value = record.unpack(host.run.board.journal.read(vouched.sequence, 1))
    assert isinstance(value, record.Vouch)
    assert (value.bound_ms, value.basis_outcome, value.host_id) == (10, record.KERNEL + 16 * record.AGREES, HOST[2:])
    assert value.counter_us == host.run.devices.capture.counter((value.utc_s - desk.START_S) * S)
    assert vouches(host) == [session.Vouched(record.AGREES, 0)]  # no news
    [other] = vouches(host, utc_s=desk.START_S + 7200)
    assert (other.outcome, other.sequence > 0) == (record.OTHER_SECOND, True)
    host.run.second = 31
    vouches(host)
    host.run.run(15)
    assert host.run.board.clock.confirmed


# What a host says that cannot be: the board refuses it and writes nothing.
IMPOSSIBLE = {
    "a counter that is to come": {"counter_us": 40 * S},
    "a counter of long ago": {"counter_us": 0},
    "no basis": {"basis": 0},
    "a basis that there is not": {"basis": 4},
    "a fraction of more than a second": {"fraction_us": 1_000_000},
}


@pytest.mark.parametrize("case", IMPOSSIBLE)
def test_what_cannot_be_vouched_for(case):
    host = knowing()
    last = host.run.board.journal.last
    [refused] = vouches(host, **IMPOSSIBLE[case])
    assert (refused.kind, refused.reason) == (0x0A, session.OUT_OF_RANGE)
    assert host.run.board.journal.last == last


def test_nobody_vouches_where_no_time_is_known():
    host = greeted()
    host.at_us = 2 * S
    assert host.send(session.Vouch(S, desk.START_S, 0, 1_000, record.KERNEL)) == [session.Vouched(record.NO_TIME, 0)]


def test_a_simulated_passage_is_asked_for():
    host = greeted(5)
    [logged] = host.send(session.Simulate(4))
    found = record.unpack(host.run.board.journal.read(logged.sequence, 1))
    assert (logged.kind, found.input, found.origin) == (9, 4, record.SIMULATED)
    [refused] = host.send(session.Simulate(5))
    assert (refused.kind, refused.reason) == (9, session.OUT_OF_RANGE)
    assert refused.text == b"expected an input from 1 to 4 that is switched on, got 5"


@pytest.mark.parametrize("key", [b"\r", b"\n", b"\r\n", b"hello?\r\n"])
def test_a_person_who_presses_enter_reads_one_line(key):
    host = Host(table(5))
    host.stream.given += key
    host.turns(3)
    host.stream.given += key
    host.run.until(200_000)
    assert host.stream.told.count(b"\r\n") == 1
    assert host.stream.told.startswith(b"centesimo 0.1.0; 0001020304050607; time not known; no receiver (no sentences)")
    assert b"7 records, 7 not collected; alarms: none" in host.stream.told


def test_that_it_was_collected_is_not_to_collect():
    host = Host(table(5))
    board = host.run.board
    assert board.acknowledge(board.journal.last)
    host.stream.given += b"\r"
    host.run.until(200_000)
    assert b"8 records, 0 not collected" in host.stream.told


def test_a_line_feed_inside_a_frame_is_no_key():
    host = greeted(20)
    _, chunk = host.session.fetch(0x0A, 1)
    messages = host.ask(chunk, turns=5)
    assert sequences(messages) == [10]
    assert host.session.reader.noise == 0


def test_a_half_request_does_not_block_the_next_host():
    host = greeted(5)
    host.ask(session.encode(session.Set(1, b"0123456789ab"))[:15])
    host.turns(12, step_us=100_000)
    assert host.greet().last == 8


def test_damaged_and_unknown_requests_are_skipped():
    host = greeted(5)
    damaged = bytearray(session.encode(session.AskStatus()))
    damaged[-1] ^= 1
    assert host.ask(bytes(damaged)) == []
    assert host.ask(frame.encode(0x55, b"later")) == []
    [refused] = host.ask(frame.encode(0x02, host.session.number + b"short"))
    assert refused.reason == session.MALFORMED
    assert len(host.send(session.AskStatus())) == 1


def test_a_flood_of_requests_is_held_back_not_piled_up():
    host = greeted(5)
    host.stream.room = 0
    host.stream.given += host.session.send(session.AskSettings()) * 500
    host.turns(200)
    assert len(host.run.board.link._rest) < 7000
    assert len(host.stream.given) > 1000


SECRET, OTHER = bytes(range(24)), bytes(range(100, 124))


def test_a_secret_is_set_once_and_replaced_only_with_proof():
    host = greeted(5)
    board = host.run.board
    assert host.send(session.AskSecret()) == [session.SecretIs(bytes(12))]
    first = session.SecretIs(chain.fingerprint(SECRET))
    assert host.send(session.SetSecret(SECRET, bytes(12))) == [first]
    assert host.send(session.SetSecret(SECRET, bytes(12))) == [first]  # said twice: nothing happens
    for proven in (bytes(12), chain.proof(OTHER, board.devices.board_id, OTHER)):
        [refused] = host.send(session.SetSecret(OTHER, proven))
        assert (refused.reason, refused.text) == (
            session.NOT_PROVEN,
            b"another secret is set, and the proof is not that one's",
        )
    assert host.send(session.AskSecret()) == [first]
    proven = chain.proof(SECRET, board.devices.board_id, OTHER)
    assert host.send(session.SetSecret(OTHER, proven)) == [session.SecretIs(chain.fingerprint(OTHER))]
    raws = [board.journal.read(sequence, 1) for sequence in range(1, board.journal.last + 1)]
    told = [value.value for value in map(record.unpack, raws) if isinstance(value, record.Setting)]
    assert told == [chain.fingerprint(SECRET), chain.fingerprint(OTHER)]


def test_a_secret_of_zeros_is_refused():
    [refused] = greeted().send(session.SetSecret(bytes(24), bytes(12)))
    assert refused.text == b"a secret of zeros is none"


def test_a_secret_outlives_a_start_and_is_told_to_nobody():
    host = greeted(5)
    host.send(session.SetSecret(SECRET, bytes(12)))
    host.send(session.Set(setting.ANCHOR_EVERY_S, struct.pack("<q", 30) + bytes(4)))
    again = Host(Desk(Board(host.run.devices)))
    again.greet()
    told = b""
    for chunk in (
        session.encode(session.AskSettings()),
        session.encode(session.AskSecret()),
        again.session.fetch(1, 100)[1],
        session.encode(session.AskStatus()),
        b"\r",
    ):
        again.stream.given += chunk
        for _ in range(20):
            again.at_us += 1000
            again.run.until(again.at_us)
        told += again.stream.told
        again.stream.told = b""
    assert chain.fingerprint(SECRET) in told
    assert SECRET[:12] not in told
    assert SECRET[12:] not in told
    assert again.run.board.settings.secret() == SECRET


def test_a_full_journal_takes_no_secret():
    host = greeted()
    journal = host.run.board.journal
    while not journal.full:
        journal.append((record.Edge, 1, 1, 1, 0, 0, 0))
    [refused] = host.send(session.SetSecret(SECRET, bytes(12)))
    assert refused.text == b"no room to record it: collect and acknowledge first"
    assert host.run.board.settings.secret() == b""


def test_a_board_is_erased_against_its_last_seal():
    host = greeted(5)
    journal, sealing = host.run.board.journal, host.run.board.chain
    last = sealing.sealed
    [refused] = host.send(session.Erase(last, last, bytes(11)))
    assert (refused.reason, refused.kind) == (session.NOT_PROVEN, 0x22)
    assert host.send(session.Erase(last, last, sealing.tag)) == [session.Erased(last - 1)]
    assert record.unpack(journal.read(last + 1, 1))[3:] == (last - 1, HOST)
    assert (journal.first, journal.last) == (last, last + 1)
    assert host.greet().first == last
