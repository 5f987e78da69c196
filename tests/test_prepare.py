"""Go or no-go: each thing that may be wrong with a board before the day, and what became of it after."""

import json
from contextlib import closing

import pytest
from click.testing import CliRunner

from centesimo.boards.after_day import AfterDay, after_day, is_over
from centesimo.boards.prepare import prepare, proven, put_off, stepped, to_step_on, wanted
from centesimo.boards.secret import fingerprints, read_masters
from centesimo.collect.interview import Answers
from centesimo.collect.own_clock import judged_ns
from centesimo.collect.tube_walk import ENDED, Walk, walk
from centesimo.commands.console import TextConsole
from centesimo.commands.main import centesimo
from centesimo.commands.prepare import BEFORE_TITLE, show
from centesimo.store import Store
from centesimo_protocol import record, session
from centesimo_virtual.board import VirtualBoard
from centesimo_virtual.scenario import Crossing, Ghost, Scenario
from tests.events import FIRST_AT_NS, changed, event, write

A3 = "00000000000000a3"
LEG_2 = '[[leg]]\nid = "L2"\nname = "Leg 2"\ndate = 2027-05-24\n\n'
START_2 = '[[race.start]]\nleg = "L2"\nfirst = 09:00:00\ninterval_s = 60\n\n'
POINT_Z1 = f'[[timing_point]]\nid = "Z1"\nplace = "Pass"\nboard = "{A3}"\ninput = 1\nlegs = ["L2"]\n\n'

S = 1_000_000_000
NOW_S = FIRST_AT_NS // S
A1, A2 = "00000000000000a1", "00000000000000a2"
SELF_TEST = record.SelfTest(19, 4, 990_000, 1, 1, 1, 0, 0, 100_000)
# An anchor says that the counter stood at 1 s when the second NOW_S began; the status was told at 1.5 s on the counter.
ANCHOR = record.Anchor(18, 4, 1_000_000, NOW_S, 1, 100, 9, 18, 0, 0)
PLACE_A1 = 455_430_000, 102_208_000
STATUS = session.Status(3, 1, 9, 2, NOW_S, 1_500_000, 4, 1, 19, 17, 44_000, 4_000, 2_000, 0, 0, 0, 0, *PLACE_A1, 1)
INPUTS = (3).to_bytes(8, "little") + bytes(4)


NAMES = {A1: b"A1 A2 Bridge", A2: b"A3 Church"}
FINGERPRINTS = [b"an older one", b"the  newest."]


def said(
    board=A1,
    version=(0, 1, 0),
    newest=(ANCHOR, SELF_TEST),
    settings=None,
    off_ns=0,
    made=SELF_TEST,
    fingerprint=FINGERPRINTS[-1],
    refused=(),
    **status,
):
    """Return what a board says that is a go; its clock is `off_ns` ahead of this computer's, asked over 2 ms."""
    middle_ns = FIRST_AT_NS + 500_000_000 - off_ns
    welcome = session.Welcome(
        1, bytes.fromhex(board), NAMES.get(board, b"").ljust(12, b"\0"), *version, 4, 1, 19, 17, 0, bytes(11)
    )
    inputs = {5: INPUTS} if settings is None else settings
    told = STATUS._replace(**status)
    times = (middle_ns - 1_000_000, middle_ns + 1_000_000)
    return Answers(welcome, told, *times, inputs, tuple(newest), made, fingerprint, refused)


def judged(first, second=None, own_error_ns=5_000_000):
    """Return the rows of the event's two boards, of which the second says that all is well; the computer has NTP."""
    said_by_port = {"p1": first, "p2": second or said(A2)}
    return prepare(event(), said_by_port, lambda board: FINGERPRINTS, own_error_ns=own_error_ns)


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
    ("memory broken", said(made=SELF_TEST._replace(ram=0)), ("its memory fails",)),
    ("no pulse", said(made=SELF_TEST._replace(pulse_s=255)), ("no pulse comes from its receiver",)),
    ("contact closed", said(made=SELF_TEST._replace(inputs=2)), ("the contact of input 2 is closed",)),
    ("old firmware", said(version=(0, 0, 9)), ("its firmware is 0.0.9, another board's 0.1.0",)),
    # The asking took 2 ms for each board and the anchor is 1.5 us off: 6 ms are more than 1 ms + 2 x 1.0 ms.
    ("a clock that is off", said(off_ns=6_000_000), ("its clock is +6.0 ms from the other boards'",)),
    (
        "a clock 3 s off",
        said(off_ns=-3 * S),
        ("its clock is -3.0 s from this computer's, which is known", "its clock is -3000.0 ms from the other boards'"),
    ),
    ("a clock as sure as can be asked", said(off_ns=2_500_000), ()),
    ("no anchor", said(newest=(SELF_TEST,), acknowledged=18), ()),
    ("a setting refused", said(refused=("expected an input",)), ("it refuses: expected an input",)),
    ("no self-test", said(made=None), ("it did no self-test: prepare again; or its firmware is older",)),
    ("no answer of a secret", said(fingerprint=None), ("it did not tell its secret's fingerprint: prepare again",)),
    ("no secret", said(fingerprint=bytes(12)), ("it has no secret to seal with: prepare with --write",)),
    ("an older secret", said(fingerprint=FINGERPRINTS[0]), ()),
    (
        "another computer's secret",
        said(fingerprint=b"not known it"),
        ("it has another computer's secret (fingerprint 6e6f74206b6e6f776e206974): copy",),
    ),
]


@pytest.mark.parametrize(("answers", "reasons"), [row[1:] for row in SAYINGS], ids=[row[0] for row in SAYINGS])
def test_judges_a_board(answers, reasons):
    first, second = judged(answers)
    assert (first.board, first.port, first.points) == (A1, "p1", ("A1:1", "A2:2"))
    assert len(first.reasons) == len(reasons)
    for given, expected in zip(first.reasons, reasons, strict=True):
        assert given.startswith(expected)
    assert second.board == A2


UNKEPT = "this computer's clock is kept by nobody (NTP), so no whole second was compared"
# name, by how much all boards are ahead, how well this computer knows the time, whether they go, the note.
FLEETS = [
    ("right", 0, 5_000_000, True, ""),
    ("a fleet of one model is a second behind", -S, 5_000_000, False, ""),
    ("a second ahead", S, 5_000_000, False, ""),
    ("by less than this computer tells", 400_000_000, 5_000_000, True, ""),
    ("a computer that nobody keeps", 0, None, True, UNKEPT),
    ("and another second", -S, None, True, "its clock is -1.0 s from this computer's, which may be the wrong one"),
    ("a computer that NTP has lost", -S, 600_000_000, True, "this computer's clock is known to +-600 ms only"),
]


@pytest.mark.parametrize(
    ("off_ns", "own_error_ns", "is_go", "note"), [row[1:] for row in FLEETS], ids=[row[0] for row in FLEETS]
)
def test_a_fleet_is_held_against_this_computer(off_ns, own_error_ns, is_go, note):
    rows = judged(said(off_ns=off_ns), said(A2, off_ns=off_ns), own_error_ns)
    for row in rows:
        assert row.reasons == () if is_go else row.reasons[0].startswith(f"its clock is {off_ns / S:+.1f} s from this")
        assert "".join(row.notes).startswith(note)
        assert bool(row.notes) == bool(note)


# name, what the kernel answers: state, status, maxerror in us; what that means.
KERNELS = [
    ("kept", 0, 0x2001, 12_000, 12_000_000),
    ("not kept", 5, 0x40, 16_000_000, None),
    ("set once, never since", 0, 0x2041, 500_000, None),
    ("no such call", -1, 0, 0, None),
]


@pytest.mark.parametrize(("state", "status", "error_us", "error_ns"), [row[1:] for row in KERNELS])
def test_how_well_this_computer_knows_the_time(state, status, error_us, error_ns):
    assert judged_ns(state, status, error_us) == error_ns


@pytest.fixture(autouse=True)
def _nobody_keeps_this_computers_clock(monkeypatch):
    """Virtual boards live in another year than this computer."""
    monkeypatch.setattr("centesimo.commands.prepare.clock_error_ns", lambda: None)


def test_a_clock_is_told_to_the_millisecond():
    first, _ = judged(said(off_ns=700_000))
    # Asked over 2 ms: 1 ms to either side. Half a second behind its only anchor a plain crystal (50 ppm) is 25 us off.
    assert first.ahead_ns == 700_000
    assert 1_025_000 < first.error_ns < 1_030_000


def test_a_board_that_is_missing_and_one_too_many():
    rows = judged(said("0f" * 8))
    assert [(row.board, row.reasons[0]) for row in rows if row.reasons] == [
        (A1, "not plugged in"),
        ("0f" * 8, "no timing point of this event is on it: take it away, or put it into event.toml"),
    ]


def test_a_journal_too_full_for_a_self_test_is_an_alarm_and_no_older_firmware():
    first, _ = judged(said(made=None, refused=("not recorded, journal full; memory right",), alarms=0b10))
    assert first.reasons == ("alarm: journal full", "it refuses: not recorded, journal full; memory right")
    assert first.notes == ()


def test_names_a_board_after_its_timing_points():
    assert wanted(event(), A1) == {1: b"A1 A2 Bridge".ljust(12, b"\0"), 5: INPUTS}
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
    first, second = after_day(event(), {A1: [record.pack(value) for value in values]})
    assert first == AfterDay(A1, "A1 A2 Bridge", ("A1:1", "A2:2"), 2, 2, 1, 7, 2.0)
    assert second == AfterDay(A2, "A3 Church", ("A3:1",), 0, 0, 0, 0, None)


H = 3600 * S
TWO_LEGS = event(
    changed(
        "event.toml",
        "[[race]]",
        '[[leg]]\nid = "L2"\nname = "Leg 2"\ndate = 2027-05-24\n\n[[race]]',
        changed(
            "event.toml",
            '[[race]]\nid = "modern"',
            '[[race.start]]\nleg = "L2"\nfirst = 09:00:00\ninterval_s = 60\n\n[[race]]\nid = "modern"',
        ),
    )
)
# name, event, now and the newest passage in the store after the first start (None: no passage), whether it is over.
# Legs start at 09:00 in Rome, which is 24 h apart; the second one's date begins 15 h after the first start.
DAYS = [
    ("the evening before", event(), -12 * H, None, False),
    ("a step on a tube the evening before", event(), -12 * H, -13 * H, False),
    ("on the way", event(), 2 * H, None, False),
    ("collected", event(), 9 * H, 8 * H, True),
    ("a year later", event(), 9000 * H, 8 * H, True),
    ("only a step of the evening before", event(), 9 * H, -13 * H, False),
    ("the first leg collected", TWO_LEGS, 14 * H, 8 * H, True),
    ("the morning of the second leg", TWO_LEGS, 15 * H, 8 * H, False),
    ("the second leg not collected", TWO_LEGS, 33 * H, 8 * H, False),
    ("the second leg collected", TWO_LEGS, 33 * H, 25 * H, True),
]


@pytest.mark.parametrize(
    ("of", "now_ns", "passed_ns", "expected"), [row[1:] for row in DAYS], ids=[row[0] for row in DAYS]
)
def test_knows_whether_the_day_is_over(of, now_ns, passed_ns, expected):
    values = []
    if passed_ns is not None:
        at_s = NOW_S + passed_ns // S
        values = [
            record.Anchor(1, 1, 1_000_000, at_s, 1, 100, 9, 18, 0, 0),
            record.Edge(2, 1, 1_000_000, 1, 1, record.LOCKED, 0, 1),
        ]
    assert is_over(of, {A1: [record.pack(value) for value in values]}, FIRST_AT_NS + now_ns) == expected


def edge(number, sequence, origin=record.TUBE):
    return record.Edge(sequence, 1, 9, number, 1, record.LOCKED, origin, 1)


# name, what comes: (ms, board, edge) or (ms, board, None) when a board is gone, what is found, words that are said.
WALKS = [
    (
        "in turn",
        [(1, A1, edge(1, 5)), (2, A1, edge(2, 6)), (3, A2, edge(1, 7))],
        {"A1": 5, "A2": 6, "A3": 7},
        "record 7",
    ),
    ("a foot that leaves the tube", [(1, A1, edge(1, 5)), (2, A1, edge(1, 6))], {"A1": 5}, "it came, record 5"),
    (
        "another tube",
        [(1, A1, edge(2, 5))],
        {},
        "that was A2, input 2 of board A1 A2 Bridge (00000000000000a1), not A1",
    ),
    ("another board", [(1, A2, edge(1, 5))], {}, "that was A3"),
    ("no timing point", [(1, A2, edge(4, 5))], {}, "that was a tube of no timing point"),
    ("a simulated one", [(1, A1, edge(1, 5, record.SIMULATED))], {}, "Step on the tube of A1 Bridge"),
    ("nothing", [(1000, A1, edge(4, 5))], {"A1": None}, "A1: nothing came within 1 s"),
    ("a step too late", [(1000, A1, edge(4, 4)), (1001, A1, edge(1, 5))], {"A1": None}, "Step on the tube of A2"),
    ("a board that goes", [(1, A1, None)], {"A1": None, "A2": None}, "A2: its board is gone"),
    ("another board that goes", [(1, A2, None), (2, A1, edge(1, 5))], {"A1": 5}, "Step on the tube of A2 Mill"),
    (
        "and its turn comes",
        [(1, A2, None), (2, A1, edge(1, 5)), (3, A1, edge(2, 6))],
        {"A1": 5, "A2": 6, "A3": None},
        "A3: its board is gone",
    ),
]


@pytest.mark.parametrize(("course", "found", "words"), [row[1:] for row in WALKS], ids=[row[0] for row in WALKS])
def test_asks_for_a_step_on_each_tube_in_turn(course, found, words):
    steps = Walk([point for point in event().timing_points if point.board], 1000)
    said = steps.ask(0)
    for now_ms, board, one in course:
        said += steps.gone(board, now_ms) if one is None else steps.edge(board, one, now_ms)
        said += steps.tick(now_ms)
    assert steps.sequence_by_point == found
    assert words in "\n".join(said)


def test_which_tubes_are_tried_and_what_comes_of_it():
    rows = prepare(event(), {"p1": said(), "p2": said(A2, acknowledged=0)}, lambda board: FINGERPRINTS)
    port_by_board, points = to_step_on(event(), rows, {})
    # Board A2 has records of another day: to try its tube would collect them into this event.
    assert (port_by_board, [point.id for point in points]) == ({A1: "p1"}, ["A1", "A2"])
    assert stepped(rows, points, {"A1": 5}, {"A2": None})[1].reasons[1:] == ("its tubes were not tried",)
    # Where its tube was proven before, what waits on it came since, and is collected while steps are asked for.
    _, of_both = to_step_on(event(), rows, {"A3": 7})
    assert [point.id for point in of_both] == ["A1", "A2", "A3"]
    assert stepped(rows, of_both, {"A3": 7}, {"A1": 5, "A2": 6})[1].reasons == ()


VAIN = "no edge came from the tube of A2: look at the tube and its plug, then prepare with --tube A2"
NOBODY = "nobody has stepped on the tube of A2: prepare with --tube A2"
# name, what was proven before, what came now (None: nobody was asked), the column, the reasons.
TUBES = [
    ("both came", {}, {"A1": 5, "A2": 6}, {"A1": 5, "A2": 6}, ()),
    ("one did not", {}, {"A1": 5, "A2": None}, {"A1": 5, "A2": None}, (VAIN,)),
    ("ended before the other", {}, {"A1": 5}, {"A1": 5, "A2": None}, (NOBODY,)),
    ("the other alone", {"A1": 5}, {"A2": 9}, {"A1": 5, "A2": 9}, ()),
    ("once more, in vain", {"A1": 5, "A2": 6}, {"A2": None}, {"A1": 5, "A2": None}, (VAIN,)),
    ("nobody was asked", {"A1": 5}, None, {"A1": 5}, ()),
]


@pytest.mark.parametrize(
    ("proofs", "found", "tubes", "reasons"), [row[1:] for row in TUBES], ids=[row[0] for row in TUBES]
)
def test_what_is_proven_is_kept_and_what_is_not_is_named(proofs, found, tubes, reasons):
    points = [point for point in event().timing_points if point.board == A1]
    first, _ = stepped(judged(said()), points, proofs, found)
    assert (first.tubes, first.reasons) == (tubes, reasons)


REPORT = {"board": A1, "boot": 4, "points": ["A1:1", "A2:2"], "tubes": {"A1": 5, "A2": None}}
# name, reports as (hours ago, what is different), what is proven; board A1 has been started 4 times.
REPORTS = [
    ("no report", [], {}),
    ("an hour ago", [(1, {})], {"A1": 5}),
    ("six hours ago", [(6, {})], {"A1": 5}),
    ("longer ago", [(6.01, {})], {}),
    ("longer ago, and said again since", [(6.01, {}), (1, {})], {}),
    ("by a clock that is ahead", [(-1, {})], {}),
    ("before the board was started anew", [(1, {"boot": 3})], {}),
    ("by an older program", [(1, {"boot": None})], {}),
    ("of another board", [(1, {"board": A2, "boot": 5})], {}),
    ("on another input", [(1, {"points": ["A1:3", "A2:2"]})], {}),
    ("the other since", [(2, {}), (1, {"tubes": {"A1": 5, "A2": 9}})], {"A1": 5, "A2": 9}),
    ("in vain since", [(2, {}), (1, {"tubes": {"A1": None, "A2": None}})], {}),
]


@pytest.mark.parametrize(("reports", "expected"), [row[1:] for row in REPORTS], ids=[row[0] for row in REPORTS])
def test_a_step_counts_for_a_while(reports, expected):
    given = [(NOW_S * S - round(hours * H), "before", [{**REPORT, **changes}]) for hours, changes in reports]
    assert proven(judged(said()), given, NOW_S * S) == expected


def test_with_a_port_only_its_board_is_judged():
    (row,) = prepare(event(), {"p1": said()}, lambda board: FINGERPRINTS, is_fleet=False)
    assert (row.board, row.reasons) == (A1, ())


def prepared(folder, *options):
    """Run the command; return its rows, what it said beside, and why it failed."""
    result = CliRunner().invoke(centesimo, ["prepare", str(folder), "--json", *options])
    return json.loads(result.stdout), result.stderr, str(result.exception)


def test_the_real_firmware_is_prepared_and_kept_in_the_store(tmp_path, monkeypatch):
    monkeypatch.setenv("CENTESIMO_SECRETS", str(tmp_path / "secrets"))
    folder = write(tmp_path / "event")
    scenario = Scenario(FIRST_AT_NS, 400, A1, crossings=(Crossing(FIRST_AT_NS + 50 * S, 1),), true_time_from_s=60)
    with VirtualBoard(scenario) as virtual:
        virtual.wait_until_ready(30)
        (before,), _, _ = prepared(folder, virtual.port)
        (first,), _, why = prepared(folder, virtual.port, "--write")
    assert (before["fingerprint"], before["reasons"][-1][:16]) == ("", "it has no secret")
    assert (first["board"], first["name"], first["points"]) == (A1, "A1 A2 Bridge", ["A1:1", "A2:2"])
    (master,) = read_masters(tmp_path / "secrets")
    assert first["fingerprint"] == fingerprints([master], A1)[0].hex()
    assert first["error_ns"] < 100_000_000  # told by its anchors, not by its whole second
    # One minute in, the leap seconds are not confirmed, and a car that passed has not been collected.
    confirmed, collected = first["reasons"]
    assert confirmed.startswith("its whole second is not confirmed")
    assert "records of it are not collected yet" in collected
    assert why == f"1 of 1 boards may not go: A1 A2 Bridge ({A1})"
    with closing(Store.of_event(folder)) as store:
        _, (_, phase, report) = store.preparations()
    assert (phase, report) == ("before", [first])


def test_steps_on_the_tubes_are_proven_by_the_real_firmware_and_collected(tmp_path):
    """Both tubes of board A1 are stepped on every second from second 60 on."""
    steps = tuple(Ghost(FIRST_AT_NS + (60 + at_s) * S + tube * S // 3, tube) for at_s in range(600) for tube in (1, 2))
    points, said = [point for point in event().timing_points if point.board == A1], []
    with (
        VirtualBoard(Scenario(FIRST_AT_NS, 700, A1, ghosts=steps, true_time_from_s=59)) as virtual,
        closing(Store.open(tmp_path / "s.sqlite")) as store,
    ):
        virtual.wait_until_ready(30)
        steps = Walk(points, 60_000)
        errors = walk(store, {A1: virtual.port}, steps, lambda: 7, said.append)
        value_by_sequence = {value.sequence: value for value in map(record.unpack, store.records_of(A1))}
    assert {point: value_by_sequence[sequence].input for point, sequence in steps.sequence_by_point.items()} == {
        "A1": 1,
        "A2": 2,
    }
    assert errors == []
    assert said[0] == "Step on the tube of A1 Bridge: input 1 of board A1 A2 Bridge (00000000000000a1) (1 of 2)"


def test_what_follows_the_first_edge_of_the_last_step_is_collected_too(tmp_path):
    """The second wheel of a pair 0.3 m apart at 2 km/h comes 0.54 s after the first: a foot that leaves the tube."""
    step = Crossing(FIRST_AT_NS + 62 * S, 1, speed_kmh=2, wheelbase_m=0.3)
    points = [point for point in event().timing_points if point.id == "A1"]
    with (
        VirtualBoard(Scenario(FIRST_AT_NS, 700, A1, crossings=(step,), true_time_from_s=59)) as virtual,
        closing(Store.open(tmp_path / "s.sqlite")) as store,
    ):
        virtual.wait_until_ready(30)
        walk(store, {A1: virtual.port}, once := Walk(points, 60_000), lambda: 7, lambda line: None)
        values = [record.unpack(raw) for raw in store.records_of(A1)]
    instants = [value.counter_us for value in values if isinstance(value, record.Edge)]
    assert once.sequence_by_point["A1"] is not None
    assert 540_000 <= instants[-1] - instants[0] < 560_000  # with the far wheel and a bounce


def test_a_tube_that_nobody_steps_on_is_no_go(tmp_path):
    folder = write(tmp_path / "event")
    with VirtualBoard(Scenario(FIRST_AT_NS, 400, A1, true_time_from_s=60)) as virtual:
        virtual.wait_until_ready(30)
        (first,), said, _ = prepared(folder, virtual.port, "--tubes", "--wait", "1")
    assert first["tubes"] == {"A1": None, "A2": None}
    assert first["reasons"][-1] == VAIN
    assert "  A1: nothing came within 1 s\nStep on the tube of A2 Mill" in said


def test_ctrl_c_keeps_what_is_proven_and_the_next_time_only_the_rest_is_asked_for(tmp_path, monkeypatch):
    """The tube of A1 is stepped on every second from second 60 on, that of A2 never; Ctrl-C comes when A2's turn is."""
    monkeypatch.setattr("centesimo.commands.prepare._tell", interrupted := Interrupted("Step on the tube of A2"))
    folder, one = write(tmp_path / "event"), [Ghost(FIRST_AT_NS + (60 + at_s) * S, 1) for at_s in range(600)]
    with VirtualBoard(Scenario(FIRST_AT_NS, 700, A1, ghosts=tuple(one), true_time_from_s=59)) as virtual:
        virtual.wait_until_ready(30)
        (first,), _, why = prepared(folder, virtual.port, "--tubes")
        interrupted.at = None
        (again,), _, _ = prepared(folder, virtual.port, "--tubes", "--wait", "1")
        (shown,), _, _ = prepared(folder, virtual.port)
        (alone,), _, _ = prepared(folder, virtual.port, "--tube", "A1")
        _, _, elsewhere = prepared(folder, virtual.port, "--tube", "A3")
    proof = first["tubes"]["A1"]
    assert (first["reasons"][-1], why) == (NOBODY, f"1 of 1 boards may not go: A1 A2 Bridge ({A1})")
    assert ENDED in interrupted.said
    assert f"A1: proven before, record {proof}; --tube A1 asks for it again" in interrupted.said
    assert again["tubes"] == {"A1": proof, "A2": None}
    assert shown["tubes"] == {"A1": proof}
    assert alone["tubes"]["A1"] > proof
    assert elsewhere.startswith("A3: its tube cannot be tried: expected its board on one of the ports")
    with closing(Store.of_event(folder)) as store:
        assert store.preparations()[0][2][0]["tubes"] == first["tubes"]


class Interrupted:
    """Takes the lines for the person; Ctrl-C comes at the one that begins so, if any."""

    def __init__(self, at):
        self.at = at
        self.said = []

    def __call__(self, line):
        self.said.append(line)
        if self.at and line.startswith(self.at):
            raise KeyboardInterrupt


# name, columns of the terminal (None: a file), whether it is a table
WIDTHS = [("narrow", 70, False), ("wide", 200, True), ("a file", None, True)]


@pytest.mark.parametrize(("columns", "is_table"), [row[1:] for row in WIDTHS], ids=[row[0] for row in WIDTHS])
def test_shows_a_row_a_board_and_never_cuts_an_id(columns, is_table, monkeypatch, capsys):
    out = TextConsole(width=columns or 160, force_terminal=columns is not None)
    monkeypatch.setattr("centesimo.commands.console.console", lambda: out)
    rows = stepped(judged(said(state=record.NO_FIX)), [event().timing_points[0]], {}, {"A1": 77})
    show(rows, False, BEFORE_TITLE)
    shown = capsys.readouterr().out
    assert (BEFORE_TITLE in shown, f"\n  state: {'no fix'}\n" in shown) == (is_table, not is_table)
    for text in (A1, A2, "NO-GO", "A1:77", "7468652"):  # the fingerprint's head
        assert text in shown


def test_the_same_command_tells_after_the_day_what_became_of_the_boards(tmp_path):
    folder = write(tmp_path, changed("event.toml", "2027-05-23", "2020-05-23"))
    # 2020-05-23 09:00 in Rome is 07:00 UTC: 18,405 days of 86,400 s and 25,200 s.
    anchor = record.Anchor(1, 1, 1_000_000, 18_405 * 86_400 + 25_200, 1, 100, 9, 18, 0, 0)
    with closing(Store.of_event(folder)) as store:
        store.add_records(A1, "p", [record.pack(anchor), record.pack(edge(1, 2)._replace(counter_us=2_000_000))], 7)
    shown = CliRunner().invoke(centesimo, ["prepare", str(folder)])
    assert ("After the day" in shown.stdout, shown.exit_code) == (True, 0)
    (row, _), _, _ = prepared(folder)
    assert (row["edges"], row["starts"]) == (1, 1)
    with closing(Store.of_event(folder)) as store:
        assert [phase for _, phase, _ in store.preparations()] == ["after", "after"]
    usage = CliRunner().invoke(centesimo, ["prepare", str(folder), "--after", "--tubes"])
    assert (usage.exit_code, "expected --after, or" in usage.output) == (2, True)


def test_two_boards_with_one_id_are_a_no_go():
    answers = {"p1": said(A1), "p2": said(A2), "p3": said(A1, boot=9)}
    row = next(row for row in prepare(event(), answers, lambda board: FINGERPRINTS) if row.board == A1)
    assert "has the same id: erase one, then centesimo settings PORT board_id=..." in row.reasons[0]


def test_a_board_that_is_asked_on_two_ports_is_one():
    answers = {"p1": said(A1), "p2": said(A2), "p3": said(A1)}
    assert [row.reasons for row in prepare(event(), answers, lambda board: FINGERPRINTS)] == [(), ()]


def test_a_board_with_the_name_of_another_event_is_said():
    (row, _) = judged(said(A1, settings={1: b"Old gate\0\0\0\0", 5: INPUTS}))
    assert (row.name, row.reasons) == ("Old gate", ())
    assert row.notes == ("it is called Old gate: prepare with --write calls it A1 A2 Bridge",)
    (row, _) = judged(said(A1, settings={1: bytes(12), 5: INPUTS}))
    assert (row.name, row.notes) == ("A1 A2 Bridge", ())


def test_an_alarm_of_the_past_is_a_note_and_no_reason():
    (row, _) = judged(said(A1, notes=1 << session.LOST))
    assert (row.reasons, row.notes) == ((), ("since its start: edges lost",))


@pytest.mark.parametrize(("bit", "name"), [(8, "battery low"), (9, "battery too low to write"), (10, "firmware fault")])
def test_an_alarm_is_a_no_go(bit, name):
    (row, _) = judged(said(A1, alarms=1 << bit))
    assert row.reasons == (f"alarm: {name}",)


def test_a_board_that_only_a_later_leg_needs_is_no_no_go_before_that_leg_is_next():
    """Leg 1 of tests.events is over when its last crew is due: within the hour after 09:30. Z1 stands in leg 2 only."""
    files = changed("event.toml", "[[race]]", f"{LEG_2}[[race]]")
    files = changed("event.toml", "[[timing_point]]", f"{START_2}{POINT_Z1}[[timing_point]]", files)
    of = event(files)
    rows = prepare(of, {"p1": said(), "p2": said(A2)}, lambda board: FINGERPRINTS, own_error_ns=5_000_000)
    z1 = next(row for row in rows if row.board == A3)
    assert z1.reasons == ("not plugged in",)
    before = put_off(of, rows, FIRST_AT_NS - 3_600_000_000_000)
    assert [(row.board, row.later) for row in before] == [(row.board, "L2" if row.board == A3 else "") for row in rows]
    put = next(row for row in before if row.board == A3)
    assert (put.reasons, put.notes) == ((), ("needed from leg L2 on", "not plugged in"))
    in_the_evening = put_off(of, rows, FIRST_AT_NS + 12 * 3_600_000_000_000)
    assert next(row for row in in_the_evening if row.board == A3) == z1
