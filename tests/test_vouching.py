"""A computer that knows the time, and boards beside each other, tell it to a board: what is said, and when."""

import time
from functools import partial

import pytest

from centesimo.boards import vouched
from centesimo.boards.vouched import say_all, sayings, vouched_text
from centesimo.collect.follow import ASK_MS, Follow
from centesimo.collect.interview import Answers, Pending
from centesimo.collect.own_clock import WatchedClock
from centesimo.collect.status import ahead, interviews
from centesimo.collect.vouching import Voucher, vouch
from centesimo.store.intake import Intake
from centesimo_protocol import record, session
from centesimo_virtual.board import VirtualBoard
from centesimo_virtual.scenario import Scenario
from tests.events import FIRST_AT_NS

S = 1_000_000_000
NOW_S = FIRST_AT_NS // S
MS = 1_000_000
STATUS = session.Status(3, 0, 9, 2, NOW_S, 1_500_000, 4, 1, 19, 17, 44_000, 4_000, 2_000, 0, 0, 0, 0, 0, 0, 0)

# name, how long the answer took, how well the clock is known, changes of the status: bound_us, None: nothing is said.
SAID = [
    ("an answer in 2 ms, a clock to 12 ms", 2 * MS, 12 * MS, {}, 13_001),
    ("a slow answer", 400 * MS, 12 * MS, {}, 212_001),
    ("more than one second is possible", 400 * MS, 300 * MS, {}, None),
    ("just one", 400 * MS, 300 * MS - 1, {}, 500_000),
    ("a clock that jumped back", -1, 12 * MS, {}, None),
    ("no time yet", 2 * MS, 12 * MS, {"state": record.ACQUIRING}, None),
    ("holdover", 2 * MS, 12 * MS, {"state": record.HOLDOVER}, None),
    ("a second behind", 2 * MS, 12 * MS, {"utc_s": NOW_S - 1}, 13_001),
    ("another day: a virtual board", 2 * MS, 12 * MS, {"utc_s": NOW_S - 90_000}, None),
]


@pytest.mark.parametrize(
    ("took_ns", "error_ns", "changes", "bound_us"), [row[1:] for row in SAID], ids=[r[0] for r in SAID]
)
def test_what_is_said(took_ns, error_ns, changes, bound_us):
    asked_ns = NOW_S * S + 250 * MS
    said = vouch(STATUS._replace(**changes), asked_ns, asked_ns + took_ns, error_ns)
    if bound_us is None:
        assert said is None
        return
    middle_us = 250_000 + took_ns // 2000
    assert said == session.Vouch(1_500_000, NOW_S, middle_us, bound_us, record.KERNEL)


def test_an_answer_is_that_of_the_oldest_question():
    pending = Pending()
    pending.asked(10)
    pending.asked(20)
    assert [pending.answered(), pending.answered(), pending.answered()] == [10, 20, None]


class Clock:
    """This computer's clock, which goes on by a millisecond each time that it is looked at."""

    def __init__(self):
        self.now_ns = NOW_S * S

    def __call__(self):
        self.now_ns += MS
        return self.now_ns


# name, (ms, confirmed) of each answer, whether this computer knows the time: in which of them it is told.
COURSES = [
    ("at once, and again each 20 s", [(0, 0), (2_000, 0), (18_000, 0), (20_000, 0), (22_000, 0)], True, [0, 20_000]),
    ("when it is confirmed once in ten minutes", [(0, 1), (300_000, 1), (600_000, 1)], True, [0, 600_000]),
    ("at once when it is so no more", [(0, 1), (2_000, 1), (4_000, 0)], True, [0, 4_000]),
    ("never while nobody keeps the clock", [(0, 0), (20_000, 0)], False, []),
]


@pytest.mark.parametrize(("answers", "is_kept", "told"), [row[1:] for row in COURSES], ids=[row[0] for row in COURSES])
def test_a_board_that_is_followed_is_told_the_time(answers, is_kept, told):
    voucher = Voucher(Clock(), lambda: 5 * MS if is_kept else None)
    said = []
    for now_ms, confirmed in answers:
        voucher.asked()
        if voucher.find_due(STATUS._replace(confirmed=confirmed), now_ms):
            said.append(now_ms)
    assert said == told


@pytest.mark.parametrize("version", [1, 2])
def test_follow_tells_a_board_that_knows_the_message(version):
    welcome = session.Welcome(version, b"\x0a" * 8, bytes(12), 1, 0, 0, 1, 1, 5, 5, 0, bytes(11))
    board, host = session.BoardSession(), session.HostSession(b"hosthost")
    board.receive(host.hello())
    host.receive(board.send(welcome))
    follow = Follow(host, Intake(), 5, 0, Voucher(Clock(), lambda: 5 * MS))
    board.receive(follow.start())
    sent = board.receive(follow.receive(board.send(STATUS._replace(last=5)), 100))
    assert [type(message) for message in sent] == ([session.Vouch] if version > 1 else [])
    sent = board.receive(follow.receive(b"", ASK_MS))
    assert [type(message) for message in sent] == [session.AskStatus]


# (minutes awake, seconds asleep in all) as the computer is looked at, in which of them its clock is believed.
SLEEPS = [
    ("it never slept", [(0, 0), (5, 0), (60, 0)], [0, 5, 60]),
    ("it slept before", [(0, 700), (5, 700)], [0, 5]),
    ("it slept for a minute", [(0, 0), (5, 60), (24, 60), (25, 60)], [0, 25]),
    ("twice", [(0, 0), (5, 60), (20, 90), (25, 90), (39, 90), (40, 90)], [0, 40]),
    ("clocks that are read one after the other", [(0, 0), (5, 0.05), (6, 0)], [0, 5, 6]),
]


@pytest.mark.parametrize(("looks", "believed"), [row[1:] for row in SLEEPS], ids=[row[0] for row in SLEEPS])
def test_a_computer_that_has_slept_does_not_know_the_time(looks, believed):
    times = iter([(awake_min * 60 * S, int(asleep_s * S)) for awake_min, asleep_s in [looks[0], *looks]])
    watched = WatchedClock(lambda: 5 * MS, lambda: next(times))
    assert [awake_min for awake_min, _ in looks if watched() is not None] == believed


def said_by(board, ahead_ms=0, confirmed=0, maker=0, state=record.LOCKED, version=2):
    """Return the answers of a board whose clock is so much ahead of this computer's, asked in 2 ms."""
    anchor = record.Anchor(18, 4, 1_000_000, NOW_S, confirmed, 100, 9, 18, 0, 0)
    middle_ns = NOW_S * S + 500 * MS - ahead_ms * MS
    welcome = session.Welcome(version, bytes([board]) * 8, bytes(12), 0, 1, 0, 4, 1, 19, 17, 0, bytes(11))
    status = STATUS._replace(confirmed=confirmed, maker=maker, state=state)
    return Answers(welcome, status, middle_ns - MS, middle_ns + MS, {}, (anchor,))


U_BLOX, MTK = 1, 2
# name, the boards on ports a, b, ..., how well this computer knows the time: (port, basis, by which board).
FLEETS = [
    ("this computer knows", [said_by(1), said_by(2)], 5 * MS, [("a", 1, ""), ("b", 1, "")]),
    ("it does not", [said_by(1), said_by(2)], None, []),
    ("not well enough", [said_by(1)], 600 * MS, []),
    ("a board beside it is confirmed", [said_by(1), said_by(2, confirmed=1)], None, [("a", 2, "02" * 8)]),
    ("and a millisecond off", [said_by(1, ahead_ms=1), said_by(2, confirmed=1)], None, [("a", 2, "02" * 8)]),
    ("and five", [said_by(1, ahead_ms=5), said_by(2, confirmed=1)], None, []),
    ("and a second", [said_by(1, ahead_ms=1000), said_by(2, confirmed=1)], None, []),
    ("and not locked", [said_by(1), said_by(2, confirmed=1, state=record.HOLDOVER)], None, []),
    ("the same model", [said_by(1, maker=MTK), said_by(2, maker=MTK)], None, []),
    ("a maker that is not known", [said_by(1), said_by(2, maker=MTK)], None, []),
    (
        "another model",
        [said_by(1, maker=U_BLOX), said_by(2, maker=MTK)],
        None,
        [("a", 3, "02" * 8), ("b", 3, "01" * 8)],
    ),
    ("another model, a second off", [said_by(1, maker=U_BLOX), said_by(2, 1000, maker=MTK)], None, []),
    ("an older board", [said_by(1, version=1)], 5 * MS, []),
    ("the same board on two ports", [said_by(1), said_by(1, confirmed=1)], None, []),
]


@pytest.mark.parametrize(
    ("fleet", "own_error_ns", "expected"), [row[1:] for row in FLEETS], ids=[row[0] for row in FLEETS]
)
def test_who_vouches_for_whom(fleet, own_error_ns, expected):
    said = sayings(dict(zip("abcd", fleet, strict=False)), own_error_ns)
    assert [(port, saying.message.basis, saying.beside) for port, saying in said.items()] == expected


def test_the_real_firmware_is_told(monkeypatch):
    """This computer's clock is the board's own here, or two seconds ahead of that."""
    monkeypatch.setattr(vouched, "WAIT_MS", 0)
    with VirtualBoard(Scenario(FIRST_AT_NS, 400, "00000000000000a1", true_time_from_s=30)) as virtual:
        virtual.wait_until_ready(30)
        port = virtual.port
        off_ns, _ = ahead(interviews({port: []}, time.time_ns, 96)[port])
        notes = []
        for late_ns in (0, 2 * S):
            clock = partial(lambda ns: time.time_ns() + ns, off_ns + late_ns)
            answers = interviews({port: []}, clock, 96)
            _, told = say_all(answers, sayings(answers, 50 * MS), clock)
            notes.append(vouched_text(told[port]))
        newest = interviews({port: []}, time.time_ns, 96)[port].newest
    outcomes = [value.basis_outcome for value in newest if isinstance(value, record.Vouch)]
    assert outcomes == [record.KERNEL + 16 * outcome for outcome in (record.AGREES, record.OTHER_SECOND)]
    assert notes[0].startswith("this computer vouches for its second, to ")
    assert notes[1] == "this computer says that its second is another one"
