"""Go or no-go: each thing that may be wrong with a board before the day, and what became of it after."""

import json

import pytest
from click.testing import CliRunner
from events import FIRST_AT_NS, event, write

from centesimo.collect.interview import Answers
from centesimo.command import centesimo
from centesimo.prepare import After, after, prepare, wanted
from centesimo.store import Store
from protocol import record, session
from virtual.board import VirtualBoard
from virtual.scenario import Crossing, Scenario

S = 1_000_000_000
NOW_S = FIRST_AT_NS // S
A1, A2 = "00000000000000a1", "00000000000000a2"
SELF_TEST = record.SelfTest(19, 4, 990_000, 1, 1, 1, 0, 0, 100_000)
# An anchor says that the counter stood at 1 s when the second NOW_S began; the status was told at 1.5 s on the counter.
ANCHOR = record.Anchor(18, 4, 1_000_000, NOW_S, 1, 100, 9, 18, 0, 0)
STATUS = session.Status(3, 1, 9, 2, NOW_S, 1_500_000, 4, 1, 19, 17, 44_000, 4_000, 2_000, 0, 0, 0)
INPUTS = (3).to_bytes(8, "little") + bytes(4)


def said(board=A1, version=(0, 1, 0), newest=(ANCHOR, SELF_TEST), settings=None, off_ns=0, tested=True, **status):
    """Return what a board says that is a go; its clock is `off_ns` ahead of this computer's, asked over 2 ms."""
    middle_ns = FIRST_AT_NS + 500_000_000 - off_ns
    welcome = session.Welcome(1, bytes.fromhex(board), b"A1".ljust(12, b"\0"), *version, 4, 1, 19, 17)
    inputs = {5: INPUTS} if settings is None else settings
    told = STATUS._replace(**status)
    return Answers(welcome, told, middle_ns - 1_000_000, middle_ns + 1_000_000, inputs, tuple(newest), tested)


# name, what the board A1 says, why it is no go (A2 says that all is well).
SAYINGS = [
    ("all is well", said(), ()),
    ("no fix", said(state=record.NO_FIX), ("expected its receiver locked, got no fix",)),
    ("holdover", said(state=record.HOLDOVER), ("expected its receiver locked, got holdover",)),
    ("leap seconds not known", said(confirmed=0), ("its whole second is not confirmed",)),
    ("unsure", said(uncertainty_us=2_000), ("expected an uncertainty of at most 1000 us, got 2000 us",)),
    ("an input off", said(settings={5: (1).to_bytes(12, "little")}), ("input 2 of A2 is switched off",)),
    ("settings as from the works", said(settings={}), ()),
    (
        "edges left",
        said(newest=(record.Edge(18, 4, 9, 1, 1, 3, 0, 1), ANCHOR, SELF_TEST)),
        ("1 records of it are not",),
    ),
    ("a full journal", said(acknowledged=0, newest=(ANCHOR, SELF_TEST)), ("17 records of it are not collected",)),
    ("an alarm", said(alarms=1 << 4), ("alarm: input stuck",)),
    ("memory broken", said(newest=(ANCHOR, SELF_TEST._replace(ram=0))), ("its memory fails",)),
    ("no pulse", said(newest=(ANCHOR, SELF_TEST._replace(pulse_s=255))), ("no pulse comes from its receiver",)),
    ("contact closed", said(newest=(ANCHOR, SELF_TEST._replace(inputs=2))), ("the contact of input 2 is closed",)),
    ("old firmware", said(version=(0, 0, 9)), ("its firmware is 0.0.9, another board's 0.1.0",)),
    # The asking took 2 ms for each board and the anchor is 1.5 us off: 6 ms are more than 1 ms + 2 x 1.0 ms.
    ("a clock that is off", said(off_ns=6_000_000), ("its clock is +6.0 ms from the other boards'",)),
    ("a clock 3 s off", said(off_ns=-3 * S), ("its clock is -3000.0 ms from the other boards'",)),
    ("a clock as sure as can be asked", said(off_ns=2_500_000), ()),
    ("no anchor", said(newest=(SELF_TEST,), acknowledged=18), ()),
]


@pytest.mark.parametrize(("answers", "reasons"), [row[1:] for row in SAYINGS], ids=[row[0] for row in SAYINGS])
def test_judges_a_board(answers, reasons):
    first, second = prepare(event(), {"p1": answers, "p2": said(A2)})
    assert (first.board, first.port, first.points) == (A1, "p1", ("A1:1", "A2:2"))
    assert len(first.reasons) == len(reasons)
    for given, expected in zip(first.reasons, reasons, strict=True):
        assert given.startswith(expected)
    assert second.board == A2


def test_a_clock_is_told_to_the_millisecond():
    first, _ = prepare(event(), {"p1": said(off_ns=700_000), "p2": said(A2)})
    # Asked over 2 ms: 1 ms to either side. Half a second behind its only anchor a plain crystal (50 ppm) is 25 us off.
    assert first.ahead_ns == 700_000
    assert 1_025_000 < first.error_ns < 1_030_000


def test_a_board_that_is_missing_and_one_too_many():
    rows = prepare(event(), {"p1": said("0f" * 8), "p2": said(A2)})
    assert [(row.board, row.reasons[0]) for row in rows if row.reasons] == [
        (A1, "not plugged in"),
        ("0f" * 8, "no timing point of this event is on it: take it away, or put it into event.toml"),
    ]


def test_an_older_firmware_without_self_test_is_a_note():
    first, _ = prepare(event(), {"p1": said(newest=(ANCHOR,), tested=False), "p2": said(A2)})
    assert (first.reasons, first.notes) == ((), ("it knows no self-test: its firmware is older than that",))


def test_a_journal_too_full_for_a_self_test_is_an_alarm_and_no_older_firmware():
    first, _ = prepare(event(), {"p1": said(newest=(ANCHOR,), tested=False, alarms=0b11), "p2": said(A2)})
    assert (first.reasons, first.notes) == (("alarm: journal 80 % full", "alarm: journal full"), ())


def test_names_a_board_after_its_timing_points():
    assert wanted(event(), A1) == {1: b"A1 A2".ljust(12, b"\0"), 5: INPUTS}
    assert wanted(event(), A2)[5] == (1).to_bytes(12, "little")


def test_after_the_day_says_what_became_of_a_board():
    values = [
        record.Anchor(1, 1, 1_000_000, NOW_S, 1, 100, 9, 18, 0, 0),
        record.Edge(2, 1, 2_000_000, 1, 1, record.LOCKED, 0, 1),
        record.Edge(3, 1, 3_000_000, 1, 2, record.HOLDOVER, 0, 9),
        record.Edge(4, 1, 4_000_000, 1, 3, record.LOCKED, record.SIMULATED, 9),
        record.Loss(5, 1, 5_000_000, 1, 0, 7),
        # 100 s later the counter is 100 s and 200 us further: 2 ppm fast.
        record.Anchor(6, 1, 101_000_200, NOW_S + 100, 1, 100, 9, 18, 0, 0),
        record.Boot(7, 2, 0, 0, 1, 0, 0, 1, bytes.fromhex(A1)),
    ]
    first, second = after(event(), {A1: [record.pack(value) for value in values]})
    assert first == After(A1, ("A1:1", "A2:2"), 2, 2, 1, 7, 2.0)
    assert second == After(A2, ("A3:1",), 0, 0, 0, 0, None)


def test_the_real_firmware_is_prepared_and_kept_in_the_store(tmp_path):
    folder = write(tmp_path / "event")
    scenario = Scenario(FIRST_AT_NS, 400, A1, crossings=(Crossing(FIRST_AT_NS + 50 * S, 1),), true_time_from_s=60)
    with VirtualBoard(scenario) as virtual:
        virtual.wait_until_ready(30)
        result = CliRunner().invoke(centesimo, ["prepare", str(folder), virtual.port, "--write", "--json"])
    first, second = json.loads(result.stdout)
    assert (first["board"], first["name"], first["points"]) == (A1, "A1 A2", ["A1:1", "A2:2"])
    assert first["ahead_ns"] is not None
    # One minute in, the leap seconds are not confirmed, and a car that passed has not been collected.
    confirmed, collected = first["reasons"]
    assert confirmed.startswith("its whole second is not confirmed")
    assert "records of it are not collected yet" in collected
    assert second["reasons"] == ["not plugged in"]
    assert result.exception is not None
    store = Store.of_event(folder)
    ((_, phase, report),) = store.preparations()
    assert (phase, report) == ("before", [first, second])
    store.close()
    shown = CliRunner().invoke(centesimo, ["prepare", str(folder), "--after"])
    assert "After the day" in shown.stdout
