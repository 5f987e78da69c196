"""What a person at the board sees, hears and presses: a lamp, a display, a button, a tone; each may be missing.

The lamp repeats a pattern of two seconds:

    one flash           no receiver
    two flashes         no fix
    on and off, 1 Hz    acquiring
    on                  locked; with one short gap while the whole second is not confirmed
    on, two short gaps  holdover
    on and off, 0.5 Hz  free running
    flicker             an alarm holds: every other two seconds, the state in between

The button: a press shows the next page, a long one marks the last passage as doubtful; while an alarm sounds, the first
press silences it and shows the page of alarms. What the tone says is in buzzer.py. Pages are composed once a second, as
the second begins, and when something happens; of what has changed one row is sent in a turn. A display that does not
answer is given up.
"""

from collections import namedtuple

from centesimo_board import report
from centesimo_board.buzzer import MARKED_US, PASSED_US, Buzzer
from centesimo_board.civil import civil
from centesimo_board.doubts import DOUBTS
from centesimo_protocol import record
from centesimo_protocol.setting import NAME
from centesimo_protocol.shim import const

# lamp(on), tone(on): called with True and False; button(): whether it is pressed now; display: .kind and
# .show(row, text, part) as oled.Oled. None for what is not there.
PanelDevices = namedtuple("PanelDevices", "lamp display button tone")

STEP_US = const(25_000)
SLOT_US = const(125_000)
SLOTS = const(16)  # of a pattern, the leftmost first
PATTERNS = (
    0b1000000000000000,
    0b1010000000000000,
    0b1111000011110000,
    0b1111111111111111,
    0b1111111111111010,
    0b1111111100000000,
)
UNCONFIRMED = const(0b1111111111111110)
FLICKER = const(0b1010101010101010)

LONG_US = const(1_500_000)
SECOND_US = const(1_000_000)

ROWS = const(8)
COLUMNS = const(16)
PLAIN, UPPER, LOWER = range(3)
NO_TIME = "--:--:--"


class Panel:
    """The panel of a main.Board over PanelDevices, or over None where there is none; `step` is its part of a turn.

    page  of PAGES, which is shown
    """

    def __init__(self, devices, board):
        self.page = 0
        self._devices = devices
        self._board = board
        self._display = devices.display if devices else None
        self._stepped_us = 0
        self._slot = -1
        self._lit = False
        self._is_alarmed = False  # as the pattern began
        self._passed = None  # the edge that was shown last
        self._buzzer = Buzzer(devices.tone if devices else None)
        self._pressed_us = None
        self._is_done = False  # the press has done what it does
        self._due_us = 0  # when the page is to be composed
        self._wanted = [("", PLAIN)] * ROWS
        self._displayed = [("", PLAIN)] * ROWS

    def set_display(self, kind):
        """Draw for another kind of display: oled.SSD1306 or oled.SH1106."""
        if self._display and self._display.kind != kind:
            self._display.kind = kind
            self._displayed = [None] * ROWS

    def step(self, now_us):
        """Look at the button, let lamp and tone be as they should, send one row that has changed."""
        if self._devices is None or now_us - self._stepped_us < STEP_US:
            return
        self._stepped_us = now_us
        if self._board.passed is not self._passed:
            self._pass(now_us)
        if self._devices.button:
            self._press(now_us)
        if self._devices.lamp:
            self._blink(now_us)
        self._buzzer.step(now_us, self._board.sounding)
        if self._display:
            self._show(now_us)

    def _pass(self, now_us):
        self._passed = self._board.passed
        self._due_us = now_us
        if not self._board.journal.full:  # what is not kept is not confirmed by a tone
            self._sound(PASSED_US)

    def _sound(self, for_us):
        """Let a tone sound from now on: from the begin of the turn, a flash page ago, it would end so much early."""
        self._buzzer.sound(for_us, self._board.devices.capture.now_us())

    def hush(self):
        """Let no alarm sound on: it is silenced."""
        self._buzzer.hush()

    def _press(self, now_us):
        if not self._devices.button():
            if self._pressed_us is not None and not self._is_done:
                self._turn_page()
                self._due_us = now_us
            self._pressed_us = None
            self._is_done = False
        elif self._pressed_us is None:
            self._pressed_us = now_us
        elif not self._is_done and now_us - self._pressed_us >= LONG_US:
            self._is_done = True
            if self._board.mark():
                self._due_us = now_us
                self._sound(MARKED_US)

    def _turn_page(self):
        if self._board.sounding:
            self._board.silence()
            self.page = PAGES.index(alarms_page)
        else:
            self.page = (self.page + 1) % len(PAGES)

    def _blink(self, now_us):
        slot = now_us // SLOT_US % (2 * SLOTS)
        if slot == self._slot:
            return
        if slot < self._slot or self._slot < 0:
            self._is_alarmed = report.alarms(self._board) != 0
        self._slot = slot
        pattern = FLICKER if slot >= SLOTS and self._is_alarmed else lamp_pattern(self._board.clock)
        lit = bool(pattern >> SLOTS - 1 - slot % SLOTS & 1)
        if lit != self._lit:
            self._lit = lit
            self._devices.lamp(lit)

    def _show(self, now_us):
        if now_us >= self._due_us:
            self._due_us = now_us + SECOND_US - self._board.clock.utc(now_us)[1]
            self._wanted = composed(PAGES[self.page](self._board, now_us))
        for row in range(ROWS):
            if self._wanted[row] != self._displayed[row]:
                self._displayed[row] = self._wanted[row]
                self._send(row)
                return

    def _send(self, row):
        text, part = self._displayed[row]
        try:
            self._display.show(row, text, part)
        except OSError:
            self._display = None


def lamp_pattern(clock) -> int:
    """Return the 16 slots of the lamp's pattern for a clock's state, the first in the highest bit."""
    if clock.state == record.LOCKED and not clock.confirmed:
        return UNCONFIRMED
    return PATTERNS[clock.state]


def composed(lines) -> list:
    """Return what is to stand in each row as (text, part); a line that begins with a tab is big and takes two rows."""
    rows = []
    for line in lines:
        if line[:1] == "\t":
            rows.append((line[1:], UPPER))
            rows.append((line[1:], LOWER))
        else:
            rows.append((line[:COLUMNS], PLAIN))
    return rows[:ROWS] + [("", PLAIN)] * (ROWS - len(rows))


def now_page(board, now_us) -> list:
    """Time, state and uncertainty, satellites, why it is no better, the last passage."""
    clock = board.clock
    lines = ["\t" + time_text(clock.utc(now_us)[0]), record.STATE_NAMES[clock.state]]
    lines.append("%-9s%3d sat" % (bound_text(clock.uncertainty_us(now_us)), clock.satellites))
    if clock.doubt:
        lines += in_two(DOUBTS[clock.doubt])
    else:
        lines += ["seconds sure" if clock.confirmed else "seconds not sure", ""]
    return lines + passed_lines(board)


def passage_page(board, _) -> list:
    """The last passage: time, how sure, which input and number, the board's name."""
    if board.passed is None:
        return ["no passage yet"]
    number, count, counter_us, origin = board.passed
    utc_s, fraction_us = board.clock.utc(counter_us)
    lines = ["\t" + time_text(utc_s)]
    lines.append(".%06d %s" % (fraction_us, bound_text(board.clock.uncertainty_us(counter_us))) if utc_s else "")
    lines += ["input %d" % number, "edge %d" % count, board.settings.value(NAME)]
    lines.append("simulated" if origin == record.SIMULATED else "")
    lines.append("MARKED DOUBTFUL" if board.marked else "hold to mark")
    return lines


def inputs_page(board, _) -> list:
    """How many edges each input has had, and what is wrong with it."""
    lines = ["edges by input"]
    for number in (1, 2, 3, 4):
        bit = 1 << number - 1
        word = "off" if not board.inputs.mask & bit else ""
        word = "stuck" if board.inputs.stuck & bit else "rings" if board.inputs.ringing & bit else word
        lines.append("%d %7d %s" % (number, board.inputs.counted(number), word))
    lines += ["", "lost %d" % report.lost(board)]
    return lines


def board_page(board, _) -> list:
    """Name, battery, temperature, memory."""
    journal, sense = board.journal, board.devices.sense
    battery_mv, temperature_cc = sense.battery_mv(), sense.temperature_cc()
    degrees = "" if temperature_cc == record.NOT_MEASURED else "%3d C" % (temperature_cc // 100)
    lines = [board.settings.value(NAME) or board.devices.board_id.hex()]
    lines.append("%d.%02d V %s" % (battery_mv // 1000, battery_mv // 10 % 100, degrees))
    lines.append("%d records" % journal.kept)
    lines.append("%d to collect" % journal.waiting)
    lines.append("%d %% full" % (journal.waiting * 100 // journal.capacity))
    return lines


def alarms_page(board, _) -> list:
    """What is wrong, as far as it fits."""
    lines = []
    for name in report.alarm_names(board):
        lines += [line for line in in_two(name) if line]
    return lines or ["no alarm"]


PAGES = (now_page, passage_page, inputs_page, board_page, alarms_page)


def passed_lines(board) -> list:
    """Return two lines about the last passage."""
    if board.passed is None:
        return ["no passage yet", ""]
    number, count, counter_us, origin = board.passed
    utc_s, fraction_us = board.clock.utc(counter_us)
    word = "MARK" if board.marked else "SIM" if origin == record.SIMULATED else ""
    time = "%s.%02d" % (time_text(utc_s), fraction_us // 10_000) if utc_s else NO_TIME
    return ["input %d no %d" % (number, count), "%-12s%s" % (time, word)]


def in_two(text) -> list:
    """Return a text as two lines, the first as long as whole words of it fit; each of doubts.DOUBTS does."""
    end = len(text) if len(text) <= COLUMNS else text.rfind(" ", 0, COLUMNS + 1)
    return [text[:end], text[end + 1 :]]


def time_text(utc_s) -> str:
    """Return "hh:mm:ss" of seconds since 1970, UTC; dashes for 0, a time that is not known."""
    return "%02d:%02d:%02d" % civil(utc_s)[3:] if utc_s else NO_TIME


def bound_text(bound_us) -> str:
    """Return an uncertainty in us or ms, rounded up; a question mark where it is not known."""
    if bound_us == record.NOT_KNOWN_US:
        return "+-?"
    return "+-%d us" % bound_us if bound_us < 1000 else "+-%d ms" % min(-(-bound_us // 1000), 99_999)
