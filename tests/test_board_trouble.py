"""What a board does when something goes wrong in it or under it: errors, undecided bits, a low supply, a backlog."""

import struct

import pytest

from centesimo_board import faults, report, settings
from centesimo_board.journal import Journal
from centesimo_board.main import FAULTS_MAX, Board, run
from centesimo_protocol import record, session, setting
from tests import desk
from tests.desk import Desk, Flash, gga, rmc
from tests.flash import ERASE, PROGRAM
from tests.test_board import edges_of, records

S = 1_000_000


def board_on(**more):
    return Desk(Board(desk.devices(**more)))


def number(value):
    return struct.pack("<q", value) + bytes(4)


# --- errors ---


def break_once(target, name, error):
    """Let a method raise once, then be as it was."""
    whole = getattr(target, name)

    def broken(*args):
        setattr(target, name, whole)
        raise error

    setattr(target, name, broken)


class StoppedError(Exception):
    pass


def run_turns(board_run, turns):
    """Let main.run() take so many turns of a board that is there."""
    left = [turns]

    def wait():
        left[0] -= 1
        board_run.devices.capture.true_us += 10_000
        if not left[0]:
            raise StoppedError

    try:
        run(board_run.devices._replace(wait=wait), board_run.board)
    except StoppedError:
        return True
    return False


# Which part, its method, the error, its number in record.FAULT_NAMES.
ERRORS = (
    ("link", "step", ValueError("from the host"), 3),
    ("panel", "step", OSError(5), 2),
    ("gps", "step", MemoryError(), 1),
    ("clock", "tick", ZeroDivisionError(), 8),
    ("inputs", "look", session.SessionError("no such message"), 11),
)


@pytest.mark.parametrize(("part", "method", "error", "kind"), ERRORS, ids=[row[0] for row in ERRORS])
def test_an_error_is_a_record_and_the_board_goes_on(part, method, error, kind):
    table = board_on()
    break_once(getattr(table.board, part), method, error)
    table.devices.capture.true_us = S
    assert run_turns(table, 30)
    (fault,) = records(table.board, record.Fault)
    assert (fault.error, fault.module.rstrip(b"\0")) == (kind, b"test_board")
    assert fault.line == break_once.__code__.co_firstlineno + 6
    assert report.alarm_names(table.board) == ["firmware fault"]
    table.edge(1, table.devices.capture.true_us)
    table.until(2 * S)
    assert len(edges_of(table.board)) == 1


def test_edges_of_the_turn_that_fails_are_not_lost():
    table = board_on()
    for place in range(20):
        table.edge(1, S + place * 20_000)
    break_once(table.board.clock, "edge", KeyError("x"))
    table.devices.capture.true_us = 2 * S
    assert run_turns(table, 5)
    # The one that raised is lost with its error; the host sees by the counts that one is not there.
    assert [edge.count for edge in edges_of(table.board)] == list(range(2, 21))


def test_an_entry_that_fits_no_record_does_not_stop_the_others():
    table = board_on()
    table.board._entries.waiting.append((record.Mark, S, 300, 1))
    table.board._entries.waiting.append((record.Mark, S, 2, 1))
    table.devices.capture.true_us = S
    assert run_turns(table, 3)
    assert [mark.input for mark in records(table.board, record.Mark)] == [2]
    assert len(records(table.board, record.Fault)) == 1


def test_turn_after_turn_that_fails_ends_the_loop():
    table = board_on()

    def broken(now_us):
        raise ValueError

    table.board.link.step = broken
    assert not run_turns(table, FAULTS_MAX + 1)


TRACES = {
    "MicroPython": (
        'Traceback (most recent call last):\n  File "main.py", line 15, in <module>\n'
        '  File "centesimo_board/main.py", line 314, in run\n  File "centesimo_board/journal.py", line 42, in append\n'
        "ValueError: \n",
        ("journal", 42),
    ),
    "no place": ("MemoryError: \n", ("", 0)),
    "a line that says nothing": ('  File "x.py", line many, in f\n', ("", 0)),
}


@pytest.mark.parametrize("case", TRACES)
def test_the_place_in_a_traceback(case):
    trace, expected = TRACES[case]
    assert faults.place_of(trace) == expected


# --- bits that a cut left undecided ---


class Undecided(Flash):
    """NOR flash whose last program was cut: `weak` bits of it read 0 now, and 1 after the next start."""

    def __init__(self, size, image, weak):
        super().__init__(size, image)
        self.weak = dict(weak)  # mask by offset

    def program(self, offset, page):
        super().program(offset, page)
        for at, byte in enumerate(page):
            if offset + at in self.weak:
                self.weak[offset + at] &= byte  # a bit that is programmed again is decided

    def restarted(self):
        for at, mask in self.weak.items():
            self.image[at] |= mask
        return Flash(self.size, self.image)


def cut(flash):
    """Return the flash whose last program left every bit that it changed undecided."""
    what, offset, page = flash.operations[-1]
    assert what == PROGRAM
    before = Flash(flash.size)
    for operation in flash.operations[:-1]:
        (before.program if operation[0] == PROGRAM else before.erase)(
            *[one for one in operation[1:] if one is not None]
        )
    weak = {offset + at: before.image[offset + at] & ~byte & 0xFF for at, byte in enumerate(page)}
    return Undecided(flash.size, flash.image, {at: mask for at, mask in weak.items() if mask})


@pytest.mark.parametrize("count", [1, 7, 8, 126, 127])
def test_a_record_that_reads_whole_at_a_start_reads_whole_at_the_next(count):
    flash = Flash(6 * 4096)
    found = Journal(flash, flash.size)
    for place in range(count):
        found.append((record.Mark, place, 1, place + 1))
    undecided = cut(flash)
    again = Journal(undecided, flash.size)
    assert again.last == count  # told to a host
    assert Journal(undecided.restarted(), flash.size).last == count


def test_a_setting_that_reads_whole_at_a_start_reads_whole_at_the_next():
    flash = Flash(4 * 4096)
    settings.Settings(flash).change(setting.ANCHOR_EVERY_S, number(30))
    undecided = cut(flash)
    assert settings.Settings(undecided).value(setting.ANCHOR_EVERY_S) == 30
    assert settings.Settings(undecided.restarted()).value(setting.ANCHOR_EVERY_S) == 30


# --- alarms of the past ---


def test_damaged_settings_are_mended_said_once_and_then_a_note():
    flash = Flash(desk.DESK_SIZE)
    settings.Settings(flash).change(setting.ANCHOR_EVERY_S, number(30))
    for copy in (1, 2):
        flash.image[flash.size - copy * 4096 + 5] ^= 1
        flash.image[flash.size - copy * 4096] &= 0xFE
    table = board_on(flash=flash)
    assert report.alarm_names(table.board) == ["settings damaged"]
    (loss,) = records(table.board, record.Loss)
    assert (loss.source, record.LOSS_REASONS[loss.reason]) == (19, "settings damaged")
    table.run(601)
    assert (report.alarm_names(table.board), report.notes(table.board)) == ([], 1 << 5)
    again = board_on(flash=flash)
    assert (report.alarm_names(again.board), report.notes(again.board)) == ([], 0)


def test_lost_edges_are_an_alarm_and_after_ten_minutes_a_note():
    table = board_on()
    table.devices.capture.lost[2] += 3
    table.run(1)
    assert report.alarm_names(table.board) == ["edges lost"]
    table.run(601)
    assert (report.alarm_names(table.board), report.notes(table.board)) == ([], 1 << 3)
    assert table.board.status().lost == 3


# --- the supply ---


def test_a_low_battery_is_an_alarm_until_it_has_risen():
    table = board_on()
    seen = []
    for mv in (3500, 3399, 3450, 3500, 3501):
        table.devices.sense.battery_mv = lambda mv=mv: mv
        table.run(1)
        seen.append(report.alarm_names(table.board))
    assert seen == [[], ["battery low"], ["battery low"], [], []]


def test_nothing_is_written_below_the_safe_voltage_and_what_waited_is_written_then():
    table = board_on()
    table.run(20)
    table.devices.sense.battery_mv = lambda: 2700
    table.run(1)
    before = len(table.devices.flash.operations)
    for place in range(5):
        table.edge(1, 22 * S + place * 100_000)
    table.run(4)
    assert len(table.devices.flash.operations) == before
    assert "battery too low to write" in report.alarm_names(table.board)
    with pytest.raises(setting.SettingError, match="expected a supply that allows to write"):
        table.board.change(setting.ANCHOR_EVERY_S, number(30))
    table.devices.sense.battery_mv = lambda: 3600
    table.run(2)
    assert [edge.count for edge in edges_of(table.board)] == [1, 2, 3, 4, 5]
    assert report.alarm_names(table.board) == []


def test_what_waits_too_long_for_the_supply_is_counted():
    table = board_on(flash=Flash(60 * 4096))
    table.devices.sense.battery_mv = lambda: 2700
    table.run(1)
    for place in range(400):
        table.edge(1, 2 * S + place * 20_000)
        table.until(2 * S + place * 20_000 + 1)
    table.devices.sense.battery_mv = lambda: 3600
    table.until(12 * S)
    table.until(13 * S)
    (loss,) = [one for one in records(table.board, record.Loss) if record.LOSS_REASONS[one.reason] == "supply too low"]
    assert len(edges_of(table.board)) + loss.count >= 400
    assert loss.count > 0


# --- an id of its own ---


def test_an_id_of_its_own_only_while_no_record_has_the_other():
    table = board_on()
    own = bytes.fromhex("0123456789abcdef") + bytes(4)
    with pytest.raises(setting.SettingError, match="collect and erase it first"):
        table.board.change(setting.BOARD_ID, own)
    welcome = table.board.welcome(2)
    assert table.board.erase(session.Erase(welcome.last, welcome.last, table.board.chain.tag)) == ""
    table.board.change(setting.BOARD_ID, own)
    assert table.board.welcome(2).board_id == own[:8]
    again = Board(table.devices)
    assert records(again, record.Boot)[-1].board_id == own[:8]


# --- a backlog ---


def test_edges_that_waited_are_judged_by_the_pulses_around_them():
    """Edges of 4 s come in pieces of 64, as from the chip; none of them is holdover, for no pulse was missing."""
    table = board_on(flash=Flash(60 * 4096))
    table.run(30)
    capture = table.devices.capture
    waiting = []
    whole = capture.read

    def read():
        waiting.extend(whole())
        given, waiting[:] = waiting[:64], waiting[64:]
        capture.until_us = given[-1][1] if waiting else None
        return given

    capture.read = read
    begin_us = 30 * S
    for second in range(1, 5):
        capture.stamps.append((0, capture.counter(begin_us + second * S)))
        capture.stamps += [
            (1, capture.counter(begin_us + (second - 1) * S + place * 5000 + 77)) for place in range(200)
        ]
        table.devices.gps.given += rmc(table.label_s + 30 + second) + gga(table.label_s + 30 + second)
    for turn in range(40):
        table.until(begin_us + 4 * S + 300_000 + turn * 10_000)
    edges = edges_of(table.board)
    assert len(edges) == 800
    assert {record.STATE_NAMES[edge.state] for edge in edges} == {"locked"}
    assert {value.state for value in records(table.board, record.State)} <= {record.ACQUIRING, record.LOCKED}


# --- erases ---

# Sentences a second, and whether the receiver's line is ever silent for a tenth of a second.
RECEIVERS = {"1 Hz": 1, "5 Hz": 5, "10 Hz": 10}


@pytest.mark.parametrize("case", RECEIVERS)
def test_no_erase_is_due_while_a_record_is_written(case):
    """An hour with an edge a second: some 12,000 records, through sectors enough to go round the ring."""
    table = board_on(flash=Flash(20 * 4096))
    late = []
    journal = table.board.journal
    open_sector = journal._open

    def watched():
        before = [what for what, _, _ in table.devices.flash.operations].count(ERASE)
        opened = open_sector()
        late.append([what for what, _, _ in table.devices.flash.operations].count(ERASE) - before)
        return opened

    journal._open = watched
    each_us = S // RECEIVERS[case]
    for second in range(1, 1200):
        table.second = second
        table.pulse()
        for tube in (1, 2, 3, 4):
            table.edge(tube, second * S + 200_000 + tube)
        for part in range(RECEIVERS[case]):
            at_us = second * S + part * each_us
            fraction = f"{part * 100 // RECEIVERS[case]:02d}"
            table.devices.gps.given += rmc(table.label_s + second, fraction=fraction)
            table.until(at_us + 60_000)
            if each_us > 100_000:
                table.until(at_us + each_us - 20_000)
        if second % 60 == 0:
            table.board.acknowledge(table.board.journal.last)
    assert len(late) > 30
    assert sum(late) == 0
