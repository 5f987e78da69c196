"""The board: wires the steps together, one turn at a time, and never waits inside a turn.

    pulse, edges -> clock -> entries -> journal, chain -> link, panel

Entries (entries.py) are on flash before the link is served. The sectors of flash are erased ahead in a
quiet moment: no edge for a while, and between two bursts of sentences; a receiver that never rests loses a sentence
to it when erased slots become scarce. An edge is judged by the pulses around it, and a sentence by those before it:
where edges wait to be read, sentences wait too.

An error that Python names is logged as a Fault, and the loop goes on with the next turn; where turn after turn fails,
the board starts anew at once.
"""

from binascii import unhexlify

from centesimo_board import report, version
from centesimo_board.chain import Chain
from centesimo_board.civil import next_month
from centesimo_board.clock import FIXED, Clock
from centesimo_board.contacts import Contacts
from centesimo_board.entries import JOURNAL_SOURCE, Entries
from centesimo_board.faults import CAUGHT, fault
from centesimo_board.gps import Gps
from centesimo_board.inputs import Inputs
from centesimo_board.journal import Journal
from centesimo_board.link import Link
from centesimo_board.losses import Losses
from centesimo_board.panel import Panel
from centesimo_board.position import Positions
from centesimo_board.receiver import Gga, Pulse, Rmc, Timels, Zda
from centesimo_board.selftest import AT_START, ON_REQUEST, result_text, self_test
from centesimo_board.settings import AREA, Settings
from centesimo_board.vouches import Vouches
from centesimo_protocol import record, session
from centesimo_protocol.chain import fingerprint, proof
from centesimo_protocol.setting import (
    ALARM_SOUNDS,
    ANCHOR_EVERY_S,
    BATTERY_LOW_MV,
    BATTERY_STOP_MV,
    BOARD_ID,
    DISPLAY,
    GPS_BAUD,
    HEALTH_EVERY_S,
    INPUTS,
    LEAP_S,
    LEAP_UNTIL_S,
    PULSE_FALLS,
    SECRET,
    SettingError,
    pack,
    unpack,
)
from centesimo_protocol.shim import const

FORMAT = const(1)
LOOK_US = const(100_000)  # between two looks at what changes slowly
QUIET_US = const(300_000)  # after an edge: the rear axle follows
PASSAGE_US = const(1_000_000)  # from its first edge: later ones of the input are its other wheels, and bounce
ENTRIES_MAX = const(8)  # gathered before they are written: one page
SENTENCES_MAX = const(64)  # that wait for the pulses before them
BATTERY_STEP_MV = const(100)  # by which the supply must rise again
FAULTS_MAX = const(50)  # turns in a row that fail before the board starts anew
SETTINGS_SOURCE = const(19)
SETTINGS_DAMAGED, FOREIGN = const(4), const(5)


class Board:
    """The whole board over its devices (board.Devices); `step` is one turn.

    devices, settings, journal, chain, clock, inputs, contacts, positions, gps, link, panel  its parts
    board_id the chip's own number, or the one of the settings
    host_id  8 bytes of the host that greeted last
    passed   (input, count, counter_us, origin) of the edge that began the last passage, None before the first
    marked   whether that passage is marked as doubtful
    silenced, sounding  the alarms that hold and make no tone, and those that do, as bits
    battery_is_low  whether the supply is below the voltage of the settings
    happened_us     when each alarm of PAST came up last in this boot, by its place in session.ALARM_NAMES
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
        self.silenced = self.sounding = 0
        self.battery_is_low = False
        self._entries = Entries(self.journal, self.chain)
        self.happened_us = self._entries.happened_us
        log = self._entries.waiting.append
        self._stamps = ()  # of this turn, in order, and the next of them
        self._place = 0
        self._sentences = []  # (message, when it was read, its begin), not judged yet
        kept = self.settings.value(LEAP_S), self.settings.value(LEAP_UNTIL_S)
        self.clock = Clock(log, version.BUILT_S, *kept, devices.sense.temperature_cc)
        self.inputs = Inputs(devices.capture, 0)
        self.contacts = Contacts(self.inputs, self.clock, log)
        self.positions = Positions(log)
        self.gps = Gps(devices.gps, self.settings.value(GPS_BAUD))
        self._losses = Losses(devices.capture, self.journal, self.gps.receiver, self._entries)
        self._vouches = Vouches(self.clock, self._entries)
        self.link = Link(devices.stream, self)
        self.panel = Panel(devices.panel, self)
        self._health_every_us = 0
        self._looked_us = 0
        self._health_us = 0
        self._edge_us = 0
        self._front_us = [-PASSAGE_US] * 5  # where the last passage of each input began
        self._session = 1  # of the receiver
        self._falls = False  # the pulse marks the second as it falls
        self._apply()
        self._start()

    def step(self):
        """One turn: everything that has happened, onto flash, then to the host."""
        capture = self.devices.capture
        is_high = not capture.closed(0) ^ self._falls
        now_us = capture.now_us()
        if self._place >= len(self._stamps):
            self._stamps, self._place = capture.read(), 0
        self._take_stamps(now_us)
        judged_us = now_us if capture.until_us is None else min(now_us, capture.until_us)
        if capture.until_us is None:
            self.clock.look(is_high, now_us)
        messages = self.gps.step(now_us)
        if messages:
            begins = self.gps.receiver.begins
            for place, message in enumerate(messages):
                if len(self._sentences) < SENTENCES_MAX:
                    self._sentences.append((message, now_us, begins[place]))
        while self._sentences and self._sentences[0][1] <= judged_us:
            self._heard(*self._sentences.pop(0))
        if now_us - self._looked_us >= LOOK_US:
            self._looked_us = now_us
            self._look(now_us, judged_us)
        if self._entries.due:
            self._entries.write(now_us)
        self.link.step(now_us)
        self.panel.step(now_us)
        self.devices.watchdog.feed()

    def caught(self, error):
        """Log an error of a turn, with its place, and let go of what may raise it again."""
        now_us = self.devices.capture.now_us()
        self.happened_us[session.FAULT] = now_us
        self._entries.log_instead(fault(error, now_us))

    def _take_stamps(self, now_us):
        """Take what the capture has stamped, the pulses and edges in their order."""
        capture = self.devices.capture
        while self._place < len(self._stamps):
            number, counter_us = self._stamps[self._place]
            self._place += 1
            if number == 0:
                self.contacts.end_turn(counter_us)
                self.clock.pulse(counter_us)
            else:
                self._edge(number, counter_us)
            if len(self._entries.waiting) >= ENTRIES_MAX:
                self._entries.write(now_us)
        if self.inputs.summed:
            for number in (1, 2, 3, 4):
                drained = capture.drain(number) if capture.drained >> number - 1 & 1 else None
                if drained:
                    self.contacts.drained(number, *drained)
                    self._edge_us = now_us
        capture.drained = self.contacts.drainable(now_us)
        self.contacts.end_turn(now_us)

    @property
    def board_id(self) -> bytes:
        """The 8 bytes that name the board to hosts."""
        own = self.settings.value(BOARD_ID)
        return unhexlify(own) if own else self.devices.board_id

    def welcome(self, version):
        """Return what a host is greeted with, in a protocol version; what it will fetch then is sealed."""
        if self.chain.tells:
            self.chain.seal(self.devices.capture.now_us())
        return report.welcome(self, version)

    def status(self):
        """Return the Status a host asked for."""
        return report.status(self)

    def line(self):
        """Return the status as one line of text."""
        return report.line(self)

    def change(self, key, raw):
        """Change a setting to 12 bytes and log it; SettingError says why not."""
        if not self.journal.writable:
            raise SettingError("expected a supply that allows to write, it is too low")
        if key == BOARD_ID and self.journal.erased < self._entries.boot_sequence:
            raise SettingError("expected an erased journal, for its records carry the id: collect and erase it first")
        battery_mv = self.devices.sense.battery_mv()
        if key == BATTERY_STOP_MV and unpack(key, raw) > battery_mv > 0:  # no setting could be changed after that
            raise SettingError("expected battery_stop_mv below the supply, which has %d mV" % battery_mv)
        self.settings.change(key, raw)
        self._apply()
        self._entries.log((record.Setting, self.devices.capture.now_us(), key, raw))

    def acknowledge(self, up_to) -> bool:
        """Note that the host which greeted has all records up to a sequence number; False if there is none such."""
        return self.journal.acknowledge(up_to, self.devices.capture.now_us(), self.host_id)

    def self_test(self) -> tuple:
        """Test the board now; return its record's number, 0 where the journal is full, and what it says."""
        entry = self_test(self, ON_REQUEST, self.devices.capture.now_us())
        return self._entries.log_one(entry), result_text(entry)

    def simulate(self, number) -> int:
        """Make an edge on input 1 .. 4 now, marked as simulated; return its sequence number, 0: the journal is full.

        -1 where there is no such input or it is switched off.
        """
        count = self.inputs.count(number) if 1 <= number <= 4 else 0
        if not count:
            return -1
        now_us = self.devices.capture.now_us()
        self._entries.write(now_us)
        if self.journal.full or not self.journal.writable:
            return 0
        self._pass(number, count, now_us, record.SIMULATED)
        self.contacts.whole(number, count, now_us, record.SIMULATED)
        self._entries.write(now_us)
        return self.journal.last

    def vouch(self, message) -> tuple:
        """Take the time from the host that greeted, as Vouches has it."""
        return self._vouches.take(message, self.host_id, self.devices.capture.now_us())

    def silence(self) -> int:
        """Let the alarms that hold now make no tone until they come anew; return them, as bits."""
        self.silenced, self.sounding = report.alarms(self), 0
        self.panel.hush()
        return self.silenced

    def mark(self) -> bool:
        """Mark the last passage as doubtful by its first edge; False where there is none that is not marked."""
        if self.passed is None or self.marked:
            return False
        number, count, _, _ = self.passed
        self.marked = self._entries.log_one((record.Mark, self.devices.capture.now_us(), number, count)) > 0
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
        if old and proven != proof(old, self.board_id, secret):
            return "another secret is set, and the proof is not that one's"
        now_us = self.devices.capture.now_us()
        if self.journal.full or not self.chain.seal(now_us):
            return "no room to record it: collect and acknowledge first"
        self.settings.keep_secret(secret)
        self.chain.change_secret(secret)
        self._entries.log((record.Setting, now_us, SECRET, fingerprint(secret)))
        return ""

    def erase(self, claim) -> str:
        """Erase what a host proves to hold (session.Erase); return why not, "" when it is done."""
        return self.chain.erase(claim, self.devices.capture.now_us(), self.host_id)

    def _start(self):
        major, minor, patch = version.VERSION
        cause = self.devices.reset_cause & 0xFF
        now_us = self.devices.capture.now_us()
        self._entries.boot = (record.Boot, now_us, cause, major, minor, patch, FORMAT, self.board_id)
        for event, holds, source, reason, count in (
            (session.SETTINGS, self.settings.damaged, SETTINGS_SOURCE, SETTINGS_DAMAGED, 1),
            (session.FOREIGN, self.journal.foreign, JOURNAL_SOURCE, FOREIGN, self.journal.foreign),
        ):
            if holds:
                self.happened_us[event] = now_us
                self._entries.waiting.append((record.Loss, now_us, source, reason, count))
        self._look_at_supply()
        self._entries.waiting.append(self_test(self, AT_START, now_us))
        self._entries.write(now_us)

    def _apply(self):
        """Let the settings hold."""
        self.inputs.mask = self.settings.value(INPUTS)
        self.clock.anchors.every_s = self.settings.value(ANCHOR_EVERY_S)
        self._health_every_us = self.settings.value(HEALTH_EVERY_S) * 1_000_000
        falls = self.settings.value(PULSE_FALLS) == 1
        if falls != self._falls:
            self._falls = falls
            self.devices.capture.let_pulse_fall(falls)
        self.panel.set_display(self.settings.value(DISPLAY))

    def _edge(self, number, counter_us):
        self._edge_us = counter_us
        count = self.contacts.take(number, counter_us)
        if count:
            self._pass(number, count, counter_us, record.TUBE)

    def _pass(self, number, count, counter_us, origin):
        """Note the edge that begins a passage."""
        if counter_us - self._front_us[number] >= PASSAGE_US or origin == record.SIMULATED:
            self._front_us[number] = counter_us
            self.passed = (number, count, counter_us, origin)
            self.marked = False

    def _heard(self, message, now_us, begin):
        if self.gps.sessions != self._session:
            self._session = self.gps.sessions
            self.clock.begin_session(now_us)
        if isinstance(message, Rmc):
            self.clock.trust.is_prompt = self.gps.is_prompt
            self.clock.trust.is_at_once = self.gps.is_at_once
            self.clock.sentence(message, now_us, begin)
        elif isinstance(message, Gga):
            self.clock.fixes(message, now_us)
            if message.quality in FIXED:
                self.positions.take(message.place, message.satellites, message.quality, now_us)
            else:
                self.positions.lose()
        elif isinstance(message, Zda):
            self.clock.date(message, now_us)
        elif isinstance(message, Timels):
            self.clock.leap(message, now_us)
        elif isinstance(message, Pulse):
            self.clock.named(message, begin)

    def _look(self, now_us, judged_us):
        """What changes slowly: states, alarms, health, what was lost, the next sector."""
        if self.gps.heard_us is not None:
            self.clock.heard(min(self.gps.heard_us, judged_us))
        self.clock.tick(judged_us)
        self.inputs.look(now_us)
        self._look_at_supply()
        self._losses.look(now_us)
        alarms = report.alarms(self)
        self.silenced &= alarms
        self.sounding = alarms & ~self.silenced if self.settings.value(ALARM_SOUNDS) else 0
        if now_us - self._health_us >= self._health_every_us:
            self._health_us = now_us
            self._log_health(now_us)
        if self._entries.waiting or now_us - self._edge_us < QUIET_US or not self.journal.writable:
            return
        if self.journal.is_scarce or (self.gps.is_quiet(now_us) and not self._keep_leap()):
            self.journal.tend()

    def _look_at_supply(self):
        """Judge the voltage: an alarm below one of the settings, nothing is written below the other."""
        battery_mv = self.devices.sense.battery_mv()
        if not battery_mv:  # not measured
            return
        low_mv, stop_mv = self.settings.value(BATTERY_LOW_MV), self.settings.value(BATTERY_STOP_MV)
        self.battery_is_low = battery_mv < low_mv + (BATTERY_STEP_MV if self.battery_is_low else 0)
        self.journal.writable = battery_mv >= stop_mv + (0 if self.journal.writable else BATTERY_STEP_MV)

    def _log_health(self, now_us):
        sense, journal, clock = self.devices.sense, self.journal, self.clock
        self._losses.log_slow(now_us)
        torn = min(journal.torn, 0xFFFF)
        battery_mv, temperature_cc = sense.battery_mv(), sense.temperature_cc()
        self._entries.seal_due = True
        self._entries.waiting.append(
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


def run(devices, board=None):
    """Be a board for ever; return when turn after turn fails: the board must start anew then."""
    board = board or Board(devices)
    failed = 0  # turns in a row
    while failed < FAULTS_MAX:
        try:
            board.step()
            failed = 0
        except CAUGHT as error:
            failed += 1
            board.caught(error)
        devices.wait()
