"""Asking boards how they are: what a person reads, what is no board, and that nothing is disturbed."""

import json

import pytest
from click.testing import CliRunner

from centesimo.collect.interview import ASKS, LISTEN_MS, PATIENCE_MS, Answers, Interview
from centesimo.collect.status import NEWEST, boards, clock_text, made_on_request, port_report, twins_by_port
from centesimo.commands.boards import show
from centesimo.commands.console import TextConsole
from centesimo.commands.main import centesimo
from centesimo.model.errors import LinkError
from centesimo_protocol import record, session
from tests.plain_board import on_pty

WELCOME = session.Welcome(1, b"\x0b" * 8, b"Bridge".ljust(12, b"\0"), 1, 2, 3, 4, 101, 300, 250, 0, bytes(11))
STATUS = session.Status(
    state=record.LOCKED,
    confirmed=1,
    satellites=9,
    uncertainty_us=2,
    utc_s=1_000,
    counter_us=5,
    boot=4,
    first=101,
    last=300,
    acknowledged=250,
    capacity=44_000,
    battery_mv=3_900,
    temperature_cc=2_150,
    torn=0,
    lost=0,
    alarms=0,
    notes=0,
    latitude_e7=455_430_000,
    longitude_e7=102_208_000,
    maker=1,
)
NOW_NS = 1_000 * 1_000_000_000 + 7

# name, what is different in the status, field of PortReport, its value. 101 .. 300 are 200 records, 251 .. 300 are 50.
STATUSES = [
    ("locked", {}, "state", "locked"),
    ("a state of a later version", {"state": 77}, "state", "state 77"),
    ("a u-blox", {}, "receiver", "u-blox"),
    ("a receiver that says nothing of itself", {"maker": 0}, "receiver", "not known"),
    ("a maker of a later version", {"maker": 77}, "receiver", "maker 77"),
    ("sure", {}, "uncertainty_us", 2),
    ("not sure at all", {"uncertainty_us": record.NOT_KNOWN_US}, "uncertainty_us", None),
    ("kept", {}, "kept", 200),
    ("to collect", {}, "waiting", 50),
    ("never collected", {"acknowledged": 0}, "waiting", 200),
    ("an empty journal", {"first": 301, "last": 300, "acknowledged": 300}, "kept", 0),
    # Without an anchor it is within the whole second that it tells: 0.5 s and its half less, asked over 2 ms.
    ("a clock that agrees", {}, "ahead_ns", 500_000_000 - 7),
    ("how sure that is", {}, "error_ns", 501_000_000),
    ("a clock that is an hour ahead", {"utc_s": 4_600}, "ahead_ns", 3_600_500_000_000 - 7),
    ("no time", {"utc_s": 0}, "ahead_ns", None),
    ("a battery", {}, "battery_mv", 3_900),
    ("no battery measured", {"battery_mv": 0}, "battery_mv", None),
    ("all is well", {}, "wrong", ()),
    ("two alarms", {"alarms": 0b10001}, "wrong", ("journal 80 % full", "input stuck")),
    ("no fix", {"state": record.NO_FIX, "confirmed": 0}, "wrong", ("not locked: no fix",)),
    ("leap seconds not known", {"confirmed": 0}, "wrong", ("second not confirmed",)),
]


def said(newest=(), **changes):
    """Return what a board says, asked over 2 ms."""
    times = (NOW_NS - 1_000_000, NOW_NS + 1_000_000)
    return Answers(WELCOME, STATUS._replace(**changes), *times, {}, tuple(newest))


@pytest.mark.parametrize(
    ("changes", "field", "expected"), [row[1:] for row in STATUSES], ids=[row[0] for row in STATUSES]
)
def test_says_how_a_board_is(changes, field, expected):
    found = port_report("port", said(**changes))
    assert getattr(found, field) == expected
    assert (found.board, found.name, found.firmware, found.error) == ("0b" * 8, "Bridge", "1.2.3", None)


END = session.End(1, 301)


class Answering:
    """A board that says how it is, and answers what else it is given answers for."""

    def __init__(self, **more):
        self.session = session.BoardSession()
        self.more = {getattr(session, name): answers for name, answers in more.items()}

    def receive(self, chunk):
        answers = {session.Hello: [WELCOME], session.AskStatus: [STATUS], session.Fetch: [END], **self.more}
        found = [one for message in self.session.receive(chunk) for one in answers[type(message)]]
        return b"".join(map(self.session.send, found))


ACKNOWLEDGED = record.Acknowledged(0, 4, 5, 250, b"hosthost")
SEAL = record.Seal(0, 4, 5, 1, b"\0" * 11)
EDGE_OF_TUBE = record.Edge(0, 4, 5, 1, 1, record.LOCKED, record.TUBE, 2)
HEALTH = record.Health(0, 4, 5, 3_900, 2_150, 9, record.LOCKED, 0, 100)

# name, the board's newest records up to 300, up to where it is acknowledged, what is shown as to collect.
TO_COLLECT = [
    ("right after a collect", [EDGE_OF_TUBE, ACKNOWLEDGED], 299, "0"),
    ("and sealed", [EDGE_OF_TUBE, ACKNOWLEDGED, SEAL], 298, "0"),
    ("a minute later", [EDGE_OF_TUBE, ACKNOWLEDGED, HEALTH], 298, "1, no passage"),
    ("a car later", [ACKNOWLEDGED, HEALTH, EDGE_OF_TUBE], 297, "2"),
    # 3 were looked at, 251 to 297 were not
    ("more than was looked at", [HEALTH, HEALTH, HEALTH], 250, "50"),
    ("nothing could be looked at", [], 250, "50"),
]


@pytest.mark.parametrize(
    ("newest", "acknowledged", "shown"), [row[1:] for row in TO_COLLECT], ids=[row[0] for row in TO_COLLECT]
)
def test_says_what_is_to_be_collected(newest, acknowledged, shown, capsys):
    numbered = [one._replace(sequence=301 - len(newest) + place) for place, one in enumerate(newest)]
    show([port_report("port", said(numbered, acknowledged=acknowledged))])
    header, cells = [line for line in capsys.readouterr().out.splitlines() if "port" in line]
    place = [cell.strip() for cell in header.split("┃")].index("to collect")
    assert [cell.strip() for cell in cells.split("│")][place] == shown


# name, ns ahead, ns to either side, what is shown.
CLOCKS = [
    ("ms", 1_234_000, 1_049_000, "+1.2 +-1.0 ms"),
    ("behind", -9_999_000_000, 500_000_000, "-9999.0 +-500.0 ms"),
    ("seconds", 3_600_500_000_000, 501_000_000, "+3,600.5 +-0.5 s"),
    ("not known", None, None, ""),
]


@pytest.mark.parametrize(("ahead_ns", "error_ns", "shown"), [row[1:] for row in CLOCKS], ids=[row[0] for row in CLOCKS])
def test_shows_a_clock_as_sure_as_it_is(ahead_ns, error_ns, shown):
    assert clock_text(ahead_ns, error_ns) == shown


def test_a_clock_is_told_by_its_anchors():
    """The counter stood at 1 s when second 1000 began, and at 1.25 s in the status: 0.25 s of it have passed."""
    anchor = record.Anchor(299, 4, 1_000_000, 1_000, 1, 100, 9, 18, 0, 0)
    found = port_report("port", said([anchor], counter_us=1_250_000))
    assert found.ahead_ns == 250_000_000 - 7
    assert 1_000_000 < found.error_ns < 1_100_000  # 1 ms of asking, and what a plain crystal loses in 0.25 s


def interviewed(board, *steps, lost_at=(), until_ms=PATIENCE_MS, within_ms=PATIENCE_MS, now_ns=lambda now_ms: now_ms):
    """Interview a board, 50 ms a turn, losing what is sent at some instants; return the Interview and what was sent."""
    talk, answer, sent = Interview(b"hosthost", steps, NEWEST, within_ms), b"", []
    for now_ms in range(0, until_ms + 1, 50):
        asked = talk.receive(answer, now_ms, now_ns(now_ms))
        sent += [now_ms] * bool(asked)
        answer = board.receive(asked) if now_ms not in lost_at else b""
    return talk, sent


def test_listens_before_it_speaks():
    talk = Interview(b"hosthost", (), NEWEST)
    assert talk.receive(b"", 0, 0) == b""
    with pytest.raises(LinkError, match="it speaks NMEA"):
        talk.receive(b"$GNRMC,072000,V,,*00\r\n", 100, 0)


def test_asks_again_what_was_lost():
    talk, sent = interviewed(Answering(), lost_at=(LISTEN_MS, 600))
    # The greeting is lost, and 400 ms later comes through; the question is lost, and 450 ms later comes through.
    assert sent[:5] == [150, 550, 600, 1050, 1100]
    assert talk.answers.status == STATUS


def test_gives_up_in_time():
    with pytest.raises(LinkError, match="nothing came"):
        interviewed(Answering(Hello=[]))
    with pytest.raises(LinkError, match="stopped answering"):
        interviewed(Answering(AskStatus=[]))


def test_the_quickest_answer_tells_its_clock_and_a_clock_that_jumps_does_not():
    """This computer's clock is set an hour back in the middle: that question took an hour, the others 50 ns."""
    talk, _ = interviewed(Answering(), now_ns=lambda now_ms: now_ms - 3_600_000_000_000 * (now_ms >= 350))
    assert (talk.answers.told_ns - talk.answers.asked_ns, ASKS > 2) == (50, True)


def test_boards_on_ports_come_in_their_order(tmp_path):
    with on_pty(Answering().receive) as first, on_pty(Answering().receive) as second:
        found = boards([first, str(tmp_path / "none"), second], lambda: NOW_NS)
    assert [(one.name, one.error and one.error.partition(";")[0]) for one in found] == [
        ("Bridge", None),
        (None, "there is no such port"),
        ("Bridge", None),
    ]


TEST = record.SelfTest(301, 4, 5, 1, 1, 1, 2, 0b0101, 70_000)
FAILED = record.SelfTest(301, 4, 5, 1, 0, 0, record.NO_PULSE_S, 0, 0)
EDGE = record.Edge(302, 4, 5, 3, 1, record.LOCKED, record.SIMULATED, 2)

# what a board has made on request: the words
MADE = {
    "nothing": (None, ""),
    "a self-test": (
        TEST,
        "self-test, record 301; memory right, 70,000 bytes free; journal reads back; last GPS pulse 2 s ago; "
        "closed now: input 1, 3",
    ),
    "one that fails": (
        FAILED,
        "self-test, record 301; memory WRONG, 0 bytes free; journal DOES NOT READ BACK; "
        "no GPS pulse since the start; inputs idle",
    ),
    "a passage": (EDGE, "simulated passage on input 3, record 302"),
}


@pytest.mark.parametrize("name", MADE)
def test_says_what_a_board_has_made(name):
    one, words = MADE[name]
    assert "; ".join(made_on_request(one)) == words


def making(kind, one):
    """Return a board that makes a record when it is asked to."""
    records = session.Records(1, record.pack(one))
    logged = session.Logged(8 if kind == "AskSelfTest" else 9, one.sequence)
    return Answering(Fetch=[records, END], **{kind: [logged]}).receive


def test_the_command_asks_for_a_self_test_and_for_a_passage():
    with on_pty(making("AskSelfTest", TEST)) as port:
        tested = CliRunner().invoke(centesimo, ["boards", "--self-test", port])
    with on_pty(making("Simulate", EDGE)) as port:
        simulated = CliRunner().invoke(centesimo, ["boards", "--simulate", "3", "--json", port])
    assert "memory right" in tested.stdout
    assert json.loads(simulated.stdout)[0]["made"] == ["simulated passage on input 3, record 302"]
    both = CliRunner().invoke(centesimo, ["boards", "--simulate", "3", "--self-test"])
    assert both.exit_code == 2
    assert "expected one of --self-test, --simulate and --silence, got more" in both.output


def test_a_board_that_refuses_says_why():
    refused = session.Refused(9, session.OUT_OF_RANGE, b"expected an input that is switched on")
    with on_pty(Answering(Simulate=[refused]).receive) as port:
        (one,) = boards([port], lambda: NOW_NS, session.Simulate(3))
    assert one.error == "it refuses: expected an input that is switched on"


def test_a_passage_is_asked_for_once():
    """Its answer is lost: asked again, the board would make another."""
    board = Answering(Simulate=[])
    ear, heard = session.BoardSession(), []

    def receive(chunk):
        heard.extend(type(one) for one in ear.receive(chunk))
        ear.greeted = True
        return Answering.receive(board, chunk)

    board.receive = receive
    talk, _ = interviewed(board, session.Simulate(3))
    assert heard == [session.Hello, session.Simulate, session.Fetch, *[session.AskStatus] * ASKS]
    assert talk.answers.made is None


def test_the_command_shows_and_gives_json():
    with on_pty(Answering().receive) as port:
        shown = CliRunner().invoke(centesimo, ["boards", port], env={"COLUMNS": "200"})
        given = CliRunner().invoke(centesimo, ["boards", "--json", port])
    assert all(
        text in shown.stdout for text in (port, "0b" * 8, "Bridge", "1.2.3", "locked", "u-blox", "2 us", "3.90 V")
    )
    (one,) = json.loads(given.stdout)
    assert (one["port"], one["kept"], one["waiting"], one["wrong"]) == (port, 200, 50, [])


# name, columns of the terminal (None: a pipe), whether it is a table
WIDTHS = [("narrow", 80, False), ("wide", 240, True), ("a pipe", None, True)]


@pytest.mark.parametrize(("columns", "is_table"), [row[1:] for row in WIDTHS], ids=[row[0] for row in WIDTHS])
def test_an_id_is_never_cut(columns, is_table, monkeypatch, capsys):
    out = TextConsole(width=columns or 160, force_terminal=columns is not None)
    monkeypatch.setattr("centesimo.commands.console.console", lambda: out)
    show([port_report("/dev/" + "p" * 40, said(alarms=0b10001))])
    shown = capsys.readouterr().out
    assert ("port" in shown, f"  board: Bridge ({'0b' * 8})\n" in shown) == (is_table, not is_table)
    for text in ("0b" * 8, "p" * 40, "journal 80 % full, input stuck"):
        assert text in shown


def test_two_boards_with_one_id_are_each_said():
    two = {"p1": said(), "p2": said(boot=9)}
    assert twins_by_port(two) == {"p1": "p2", "p2": "p1"}
    assert twins_by_port({"p1": said(), "p2": said()}) == {}
