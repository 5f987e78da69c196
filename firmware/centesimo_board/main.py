"""The board: wires the steps together, one turn at a time, and never waits inside a turn.

    pulse, edges -> clock -> entries -> journal, chain -> link, panel

Entries gather during a turn and are on flash before the link is served. The sectors of flash are erased ahead only in a
quiet moment: no edge for a while, and between two bursts of sentences.
"""

from centesimo_board import report, version
from centesimo_board.chain import BLOCK, Chain
from centesimo_board.civil import next_month
from centesimo_board.clock import Clock
from centesimo_board.gps import Gps
from centesimo_board.inputs import Inputs
from centesimo_board.journal import Journal
from centesimo_board.link import Link
from centesimo_board.panel import Panel
from centesimo_board.receiver import Gga, Pulse, Rmc, Timels, Zda
from centesimo_board.selftest import AT_START, ON_REQUEST, result_text, self_test
from centesimo_board.settings import (
    ANCHOR_EVERY_S,
    AREA,
    GPS_BAUD,
    HEALTH_EVERY_S,
    INPUTS,
    LEAP_S,
    LEAP_UNTIL_S,
    PULSE_FALLS,
    SECRET,
    Settings,
    pack,
)
from centesimo_protocol import record
from centesimo_protocol.chain import fingerprint, proof
from centesimo_protocol.shim import const

FORMAT = const(1)
LOOK_US = const(100_000)  # between two looks at what changes slowly
QUIET_US = const(300_000)  # after an edge: the rear axle follows
PASSAGE_US = const(1_000_000)  # from its first edge: later ones of the input are its other wheels, and bounce
ENTRIES_MAX = const(8)  # gathered before they are written: one page
JOURNAL_SOURCE = const(17)
RECEIVER_SOURCE = const(16)
CAPTURE_OVERRUN, JOURNAL_IS_FULL, SLOTS_TORN, SENTENCES_DAMAGED = range(4)


class Board:
    """The whole board over its devices (board.Devices); `step` is one turn.

    devices, settings, journal, chain, clock, inputs, gps, link, panel  its parts
    host_id  8 bytes of the host that greeted last
    passed   (input, count, counter_us, origin) of the edge that began the last passage, None before the first
    marked   whether that passage is marked as doubtful
    """

    def __init__(self, devices):
        """Read settings and journal from flash, and log the start. Labels before version.BUILT_S are not believed."""
        self.devices = devices
        self.settings = Settings(devices.flash)
        self.journal = Journal(devices.flash, devices.flash.size - AREA)
        self.chain = Chain(self.journal, self.settings.secret())
        self.host_id = b"\x00" * 8
        self.passed = None
        self.marked = False
        self._entries = []
        self._boot_entry = None  # until it is on flash
        kept = self.settings.value(LEAP_S), self.settings.value(LEAP_UNTIL_S)
        self.clock = Clock(self._entries.append, version.BUILT_S, *kept, devices.sense.temperature_cc)
        self.inputs = Inputs(devices.capture, 0)
        self.gps = Gps(devices.gps, self.settings.value(GPS_BAUD))
        self.link = Link(devices.stream, self)
        self.panel = Panel(devices.panel, self)
        self._health_every_us = 0
        self._looked_us = 0
        self._health_us = 0
        self._edge_us = 0
        self._front_us = [-PASSAGE_US] * 5  # where the last passage of each input began
        self._lost = [0] * 5  # of each input, as far as it is logged
        self._session = 1  # of the receiver
        self._falls = False  # the pulse marks the second as it falls
        self._torn = self.journal.torn  # likewise
        self._damaged = 0  # sentences, likewise
        self._told_full = False
        self._seal_due = self.chain.tells  # what the last start left
        self._apply()
        self._start()

    def step(self):
        """One turn: everything that has happened, onto flash, then to the host."""
        now_us = self.devices.capture.now_us()
        for number, counter_us in self.devices.capture.read():
            if number == 0:
                self.clock.pulse(counter_us)
            else:
                self._edge(number, counter_us)
            if len(self._entries) >= ENTRIES_MAX:
                self._write(now_us)
        self.clock.look(not self.devices.capture.closed(0) ^ self._falls, now_us)
        messages = self.gps.step(now_us)
        if messages:
            begins = self.gps.receiver.begins
            for place, message in enumerate(messages):
                self._heard(message, now_us, begins[place])
        if now_us - self._looked_us >= LOOK_US:
            self._looked_us = now_us
            self._look(now_us)
        if self._entries or self._boot_entry:
            self._write(now_us)
        self.link.step(now_us)
        self.panel.step(now_us)
        self.devices.watchdog.feed()

    def welcome(self):
        """Return what a host is greeted with; what it will fetch then is sealed."""
        if self.chain.tells:
            self.chain.seal(self.devices.capture.now_us())
        return report.welcome(self)

    def status(self):
        """Return the Status a host asked for."""
        return report.status(self)

    def line(self):
        """Return the status as one line of text."""
        return report.line(self)

    def change(self, key, raw):
        """Change a setting to 12 bytes and log it; SettingError says why not."""
        self.settings.change(key, raw)
        self._apply()
        self._log_now((record.Setting, self.devices.capture.now_us(), key, raw))

    def acknowledge(self, up_to) -> bool:
        """Note that the host which greeted has all records up to a sequence number; False if there is none such."""
        return self.journal.acknowledge(up_to, self.devices.capture.now_us(), self.host_id)

    def self_test(self) -> tuple:
        """Test the board now; return its record's number, 0 where the journal is full, and what it says."""
        entry = self_test(self, ON_REQUEST, self.devices.capture.now_us())
        return self._log_one(entry), result_text(entry)

    def simulate(self, number) -> int:
        """Make an edge on input 1 .. 4 now, marked as simulated; return its sequence number, 0: the journal is full.

        -1 where there is no such input or it is switched off.
        """
        entry = self._edge_entry(number, self.devices.capture.now_us(), record.SIMULATED) if 1 <= number <= 4 else None
        return self._log_one(entry) if entry else -1

    def mark(self) -> bool:
        """Mark the last passage as doubtful by its first edge; False where there is none that is not marked."""
        if self.passed is None or self.marked:
            return False
        number, count, _, _ = self.passed
        self.marked = self._log_one((record.Mark, self.devices.capture.now_us(), number, count)) > 0
        return self.marked

    def fingerprint(self) -> bytes:
        """Return what a host is told of the secret: 12 bytes, zeros where none is set."""
        return fingerprint(self.settings.secret())

    def set_secret(self, secret, proven) -> str:
        """Seal with a new secret of 24 bytes from now on, and log it; return why not, "" when it is done."""
        old = self.settings.secret()
        if old == secret:
            return ""
        if not any(secret):
            return "a secret of zeros is none"
        if old and proven != proof(old, self.devices.board_id, secret):
            return "another secret is set, and the proof is not that one's"
        now_us = self.devices.capture.now_us()
        if self.journal.full or not self.chain.seal(now_us):
            return "no room to record it: collect and acknowledge first"
        self.settings.keep_secret(secret)
        self.chain.change_secret(secret)
        self._log_now((record.Setting, now_us, SECRET, fingerprint(secret)))
        return ""

    def erase(self, claim) -> str:
        """Erase what a host proves to hold (session.Erase); return why not, "" when it is done."""
        return self.chain.erase(claim, self.devices.capture.now_us(), self.host_id)

    def _start(self):
        major, minor, patch = version.VERSION
        cause = self.devices.reset_cause & 0xFF
        now_us = self.devices.capture.now_us()
        self._boot_entry = (record.Boot, now_us, cause, major, minor, patch, FORMAT, self.devices.board_id)
        self._entries.append(self_test(self, AT_START, now_us))
        self._write(now_us)

    def _apply(self):
        """Let the settings hold."""
        self.inputs.mask = self.settings.value(INPUTS)
        self.clock.anchors.every_s = self.settings.value(ANCHOR_EVERY_S)
        self._health_every_us = self.settings.value(HEALTH_EVERY_S) * 1_000_000
        falls = self.settings.value(PULSE_FALLS) == 1
        if falls != self._falls:
            self._falls = falls
            self.devices.capture.let_pulse_fall(falls)

    def _edge(self, number, counter_us):
        self._edge_us = counter_us
        entry = self._edge_entry(number, counter_us, record.TUBE)
        if entry:
            self._entries.append(entry)

    def _edge_entry(self, number, counter_us, origin):
        """Count an edge and return its entry, None where the input is switched off."""
        count = self.inputs.count(number)
        if not count:
            return None
        if counter_us - self._front_us[number] >= PASSAGE_US or origin == record.SIMULATED:
            self._front_us[number] = counter_us
            self.passed = (number, count, counter_us, origin)
            self.marked = False
        self.clock.edge(counter_us)
        bound_us = self.clock.uncertainty_us(counter_us)
        return (record.Edge, counter_us, number, count, self.clock.state, origin, bound_us)

    def _heard(self, message, now_us, begin):
        if self.gps.sessions != self._session:
            self._session = self.gps.sessions
            self.clock.begin_session()
        if isinstance(message, Rmc):
            self.clock.trust.is_prompt = self.gps.is_prompt
            self.clock.sentence(message, now_us, begin)
        elif isinstance(message, Gga):
            self.clock.fixes(message, now_us)
        elif isinstance(message, Zda):
            self.clock.date(message, now_us)
        elif isinstance(message, Timels):
            self.clock.leap(message, now_us)
        elif isinstance(message, Pulse):
            self.clock.named(message, begin)

    def _look(self, now_us):
        """What changes slowly: states, alarms, health, what was lost, the next sector."""
        if self.gps.heard_us is not None:
            self.clock.heard(self.gps.heard_us)
        self.clock.tick(now_us)
        self.inputs.look(now_us)
        self._look_for_losses(now_us)
        if now_us - self._health_us >= self._health_every_us:
            self._health_us = now_us
            self._log_health(now_us)
        if self._entries or now_us - self._edge_us < QUIET_US or not self.gps.is_quiet(now_us):
            return
        if not self._keep_leap():
            self.journal.tend()

    def _look_for_losses(self, now_us):
        for number, lost in enumerate(self.devices.capture.lost):
            if lost != self._lost[number]:
                self._entries.append((record.Loss, now_us, number, CAPTURE_OVERRUN, lost - self._lost[number]))
                self._lost[number] = lost
        if not self.journal.full:
            self._told_full = False

    def _log_health(self, now_us):
        sense, journal, clock = self.devices.sense, self.journal, self.clock
        if journal.torn != self._torn:
            self._entries.append((record.Loss, now_us, JOURNAL_SOURCE, SLOTS_TORN, journal.torn - self._torn))
            self._torn = journal.torn
        damaged = self.gps.receiver.damaged
        if damaged != self._damaged:
            self._entries.append((record.Loss, now_us, RECEIVER_SOURCE, SENTENCES_DAMAGED, damaged - self._damaged))
            self._damaged = damaged
        torn = min(journal.torn, 0xFFFF)
        battery_mv, temperature_cc = sense.battery_mv(), sense.temperature_cc()
        self._seal_due = True
        self._entries.append(
            (record.Health, now_us, battery_mv, temperature_cc, clock.satellites, clock.state, torn, journal.kept)
        )

    def _keep_leap(self) -> bool:
        """Keep the leap seconds on flash once they are confirmed by the satellites; say whether that was due."""
        trust, now_s = self.clock.trust, self.clock.utc(self.devices.capture.now_us())[0]
        if not (self.clock.confirmed and trust.from_satellites and now_s):
            return False
        until_s = next_month(now_s)
        if trust.leap_s == trust.kept_s and until_s == trust.kept_until_s:
            return False
        if trust.leap_s != trust.kept_s:
            self.change(LEAP_S, pack(LEAP_S, trust.leap_s))
        self.change(LEAP_UNTIL_S, pack(LEAP_UNTIL_S, until_s))
        trust.kept_s, trust.kept_until_s = trust.leap_s, until_s
        return True

    def _log_one(self, entry) -> int:
        """Put an entry on flash behind those that wait; return its sequence number, 0 where the journal is full."""
        self._write(entry[1])
        return self.journal.append(entry)

    def _log_now(self, entry):
        self._entries.append(entry)
        self._write(entry[1])

    def _write(self, now_us):
        """Put the entries on flash, the Boot record first; say once when the journal refuses them."""
        if self._boot_entry and not self.journal.full:
            self._entries.insert(0, self._boot_entry)
            self._boot_entry = None
        written = self.journal.append_all(self._entries)
        refused = len(self._entries) - written
        self._entries.clear()
        if refused and not self._told_full:
            self._told_full = True
            self.journal.append((record.Loss, now_us, JOURNAL_SOURCE, JOURNAL_IS_FULL, refused))
        if self.chain.tells and (self._seal_due or self.chain.open >= BLOCK):
            self._seal_due = not self.chain.seal(now_us)


def run(devices):
    """Be a board for ever."""
    board = Board(devices)
    while True:
        board.step()
        devices.wait()
