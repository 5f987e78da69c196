"""The receiver's port: finds the speed that it speaks, asks who it is and sets it up, hands on what it says.

When bytes come but nothing whole for SEARCH_US, the next speed of BAUDS is tried; noise before a silence does not
count, for the receiver that begins after it has said nothing yet. Once something whole comes the receiver is asked who
it is, in its makers' languages. A u-blox answers MON-VER, and is set up: RMC, GGA and ZDA and nothing else, its leap
seconds (NAV-TIMELS) and what it calls its next pulse (TIM-TP) every five seconds, no pulse while it has no time, the
speed of the settings. Each is said twice, as CFG-VALSET (from M9 on) and in the older messages (up to M9): a receiver
refuses what it does not know. MTK and CASIC chips are told the same sentences in theirs. One that answers nothing is
told all of it, in every language: what it does not understand it ignores.

What has answered once is asked again until it answers at once (answers.py).

A session of the receiver ends where another one may have begun: nothing whole for SESSION_US, a word that is said at a
start only, another answer to who it is, or sentences that it was told to leave out. Then all this is done again.

u-blox's numbers: Interface Description of M8 (UBX-13003221) and of M10 (UBX-21035062). MTK's: GPS Protocol
Specification of the Quectel L80; CASIC's: of the ATGM336H.
"""

import struct

from centesimo_board.answers import Answers
from centesimo_board.receiver import CASIC, MTK, Maker, Receiver, Started, Taken, Version, ubx_check
from centesimo_protocol.shim import const

BAUDS = (9600, 115200, 38400, 4800)
SEARCH_US = const(3_000_000)
NOISE = const(32)  # bytes without a sentence that mean another speed
ASK_US = const(5_000_000)
ASKS = const(3)
BREATH_US = const(100_000)  # silence that ends a burst of sentences
SILENCE_US = const(2_000_000)  # longer than between the bursts of any receiver
FREE_US = const(550_000)  # after a burst's begin; what comes later could meet the next one
SECOND_US = const(1_000_000)
MESSAGES_US = const(300_000)  # between two messages of the set-up: the line is slow and the buffer small
SESSION_US = const(2_500_000)  # no receiver has started anew and has a fix again within that
SETTLED_US = const(10_000_000)  # after the set-up
UNWANTED = const(8)  # sentences that were to be left out, in which a receiver shows that it has forgotten
SET_UPS = const(3)  # of a receiver that does not do as it is told, in one session
BITS = const(10)  # of a byte on the line

CFG_PRT = b"\x06\x00"
CFG_MSG = b"\x06\x01"
CFG_TP5 = b"\x06\x31"
CFG_VALSET = b"\x06\x8a"
MON_VER = b"\x0a\x04"

# (class, id, key of CFG-MSGOUT for UART 1, every how many seconds)
RATES = (
    (0xF0, 0x00, 0x209100BB, 1),  # GGA
    (0xF0, 0x01, 0x209100CA, 0),  # GLL
    (0xF0, 0x02, 0x209100C0, 0),  # GSA
    (0xF0, 0x03, 0x209100C5, 0),  # GSV
    (0xF0, 0x04, 0x209100AC, 1),  # RMC
    (0xF0, 0x05, 0x209100B1, 0),  # VTG
    (0xF0, 0x08, 0x209100D9, 1),  # ZDA
    (0x01, 0x26, 0x20910061, 5),  # UBX-NAV-TIMELS
    (0x0D, 0x01, 0x2091017E, 5),  # UBX-TIM-TP
)
WANTED_KINDS = (b"RMC", b"GGA", b"ZDA", b"TXT")
LEN_TP1 = const(0x40050004)
LEN_LOCK_TP1 = const(0x40050005)
USE_LOCKED_TP1 = const(0x10050009)
UART1_BAUDRATE = const(0x40520001)
PULSE_US = const(100_000)
TP5_FLAGS = const(0x77)  # on, follows the satellites, other settings while locked, length, aligned, rising edge, UTC

# What a maker's chips are asked, and are told: RMC, GGA and ZDA alone. PMTK255: speak a fixed time behind the pulse.
ASK_MAKERS = (b"PMTK605", b"PCAS06,0")
SYNC = b"255"
MTK_SENTENCES = b"PMTK314,0,1,0,1,0,0,0,0,0,0,0,0,0,0,0,0,0,1,0"
MTK_SYNC = b"PMTK255,1"
CASIC_SENTENCES = b"PCAS03,1,0,0,0,1,0,1,0,0,0,,,0,0"
UBLOX_OFF = (b"GLL", b"GSA", b"GSV", b"VTG")  # PUBX,40: for a u-blox that listens to sentences only
SPEEDS = (4800, 9600, 19200, 38400, 57600, 115200)  # CASIC's numbers of them


class Gps:
    """The receiver on `port` (read, write, set_baud), which begins at `baud`; one that understands is set to that.

    receiver  what is found in its bytes; `begins` of that goes with what step() returns
    baud      the speed that is listened at now
    is_ublox  whether it has said so
    maker     of its chip, as far as it has said: one of receiver.MAKERS, None not known
    is_prompt whether its sentences follow its pulse by a fixed time of less than a second: it has said that it does so
    sessions  how many of the receiver have begun
    heard_us  when the last whole sentence or message was read, None before the first
    """

    def __init__(self, port, baud):
        self.receiver = Receiver()
        self.baud = baud
        self.heard_us = None
        self.sessions = 0
        self._port = port
        self._wanted = baud
        self._bytes = 0  # since the last whole sentence, silence or change of speed
        self._since_us = None  # when the noise began
        self._burst_us = self._last_us = 0  # begin of the last burst, last bytes
        self._read_us = 0  # the last look at the port
        self._begin_session()
        port.set_baud(baud)

    def step(self, now_us) -> list:
        """Read the port once; return what it said, as receiver.py has it. `now_us` is the board's counter."""
        chunk = self._port.read()
        since_us, self._read_us = self._read_us, now_us
        if self._to_send and now_us - self._sent_us >= MESSAGES_US:
            self._send(now_us)  # also while it speaks: a line that is never free is the one to be made so
        self._ask_again(now_us)
        if not chunk:
            self.receiver.bursts.listen(now_us)
            return chunk
        if now_us - self._last_us > BREATH_US:
            self._burst_us = now_us
        if now_us - self._last_us > SILENCE_US:
            self._begin_search()
        self._last_us = now_us
        receiver = self.receiver
        receiver.bursts.chunk(len(chunk), since_us, now_us, BITS * 1_000_000_000 // self.baud)
        before = receiver.sentences + receiver.frames
        answers = receiver.receive(chunk)
        if receiver.sentences + receiver.frames == before:
            self._search(len(chunk), now_us)
            return answers
        self._heard(now_us)
        for place, answer in enumerate(answers):
            self._take(answer, now_us, receiver.begins[place])
        return answers

    def is_quiet(self, now_us) -> bool:
        """Say whether the receiver is silent and will be for 450 ms, if it keeps to its seconds."""
        if now_us - self._last_us > SILENCE_US:
            return True
        return now_us - self._last_us > BREATH_US and (now_us - self._burst_us) % SECOND_US < FREE_US

    @property
    def is_at_once(self) -> bool:
        """Whether nothing says that the line hands on all late: the receiver answers at once, or never answered."""
        return self._answers.are_soon or not (self.is_ublox or self.is_prompt)

    def _begin_session(self):
        self.sessions += 1
        self.is_ublox = self.is_prompt = False
        self.maker = None
        self._answers = Answers()
        self._text = None  # who it says it is
        self._asked_us = None
        self._asks = 0
        self._set_ups = 0
        self._set_up_us = None  # when the last message of the set-up was sent
        self._unwanted = 0
        self._sent_us = 0
        self._to_send = []

    def _heard(self, now_us):
        if self.heard_us is not None and now_us - self.heard_us > SESSION_US:
            self._begin_session()
        self.heard_us = now_us
        self._begin_search()
        self._look_for_unwanted(now_us)
        if self._text is not None or self._asks > ASKS:
            return
        if self._asks == 0 or now_us - self._asked_us > ASK_US:
            self._asks += 1
            self._asked_us = self._sent_us = now_us
            if self._asks <= ASKS:
                self._port.write(message(MON_VER, b""))
                self._to_send += [command(text) for text in ASK_MAKERS]
            else:
                self._to_send = in_every_language()

    def _look_for_unwanted(self, now_us):
        """A receiver that says again what it was told to leave out has started anew, or does not do as it is told."""
        if self._set_up_us is None or now_us - self._set_up_us < SETTLED_US:
            return
        for kind in self.receiver.kinds:
            self._unwanted += kind not in WANTED_KINDS
        if self._unwanted >= UNWANTED and self._set_ups < SET_UPS:
            set_ups = self._set_ups
            self._begin_session()
            self._set_ups = set_ups

    def _ask_again(self, now_us):
        """Ask a receiver that has answered again, once it is set up, until it is known to answer at once."""
        if self.is_at_once or self._to_send or now_us - self._sent_us < SETTLED_US:
            return
        if now_us - self._last_us <= SILENCE_US and self._answers.is_due(now_us):
            self._port.write(message(MON_VER, b"") if self.is_ublox else command(MTK_SYNC))

    def _take(self, answer, now_us, begin):
        """Take what the receiver says of itself; `begin` (bursts.Begin) is a frame's own, or of a sentence's burst."""
        if isinstance(answer, Started):
            if self._asked_us is not None and now_us - self._asked_us > ASK_US:
                self._begin_session()
        elif isinstance(answer, Version):
            self._answers.take(begin.last_us)
            if self._is_new(answer.text):
                self.is_ublox = True
                self._begin_set_up([message(kind, payload) for kind, payload in set_up(self._wanted)])
        elif isinstance(answer, Maker):
            if self._is_new(answer.text):
                self.maker = answer.name
                self._begin_set_up(set_up_maker(answer.name, self._wanted))
        elif isinstance(answer, Taken) and answer.command == SYNC:
            self._answers.take(now_us)
            self.is_prompt = True

    def _is_new(self, text):
        """Say whether a receiver that says who it is was not heard to say so; another one begins a session."""
        if text == self._text:
            return False
        if self._text is not None:
            self._begin_session()
        self._text = text
        return True

    def _begin_set_up(self, messages):
        self._set_ups += 1
        self._set_up_us = None
        self._unwanted = 0
        self._to_send = messages

    def _search(self, count, now_us):
        """Try another speed when noise has come for long enough."""
        self._bytes += count
        if self._since_us is None:
            self._since_us = now_us
        if self._bytes < NOISE or now_us - self._since_us < SEARCH_US:
            return
        self._begin_search()
        self.receiver.forget()
        speeds = [self._wanted] + [baud for baud in BAUDS if baud != self._wanted]
        self.baud = speeds[(speeds.index(self.baud) + 1) % len(speeds)]
        self._port.set_baud(self.baud)

    def _begin_search(self):
        self._since_us = None
        self._bytes = 0

    def _send(self, now_us):
        self._sent_us = now_us
        self._port.write(self._to_send.pop(0))
        if not self._to_send and self._set_ups:
            self._set_up_us = now_us


def set_up(baud) -> list:
    """Return the (class and id, payload) that set a u-blox up, the change of speed last."""
    messages = [(CFG_MSG, bytes((kind, number, every))) for kind, number, _, every in RATES]
    messages.append((CFG_VALSET, valset([(key, every) for _, _, key, every in RATES])))
    pulse = struct.pack("<BBHhhIIIIiI", 0, 0, 0, 50, 0, 1_000_000, 1_000_000, 0, PULSE_US, 0, TP5_FLAGS)
    messages.append((CFG_TP5, pulse))
    messages.append((CFG_VALSET, valset([(LEN_TP1, 0), (LEN_LOCK_TP1, PULSE_US), (USE_LOCKED_TP1, 1)])))
    messages.append((CFG_VALSET, valset([(UART1_BAUDRATE, baud)])))
    messages.append((CFG_PRT, struct.pack("<BBHIIHHHH", 1, 0, 0, 0x8D0, baud, 7, 3, 0, 0)))
    return messages


def set_up_maker(name, baud) -> list:
    """Return the sentences that set up a chip of one of receiver.MAKERS, the change of speed last."""
    if name == MTK:
        return [command(MTK_SENTENCES), command(MTK_SYNC), command(b"PMTK251,%d" % baud)]
    return [command(CASIC_SENTENCES), command(b"PCAS01,%d" % SPEEDS.index(baud))] if name == CASIC else []


def in_every_language() -> list:
    """Return what asks a receiver that does not say who it is for RMC, GGA and ZDA alone."""
    off = [command(b"PUBX,40," + kind + b",0,0,0,0,0,0") for kind in UBLOX_OFF]
    return [command(MTK_SENTENCES), command(MTK_SYNC), command(CASIC_SENTENCES)] + off


def command(body) -> bytes:
    """Return a sentence of a maker's with its checksum."""
    check = 0
    for byte in body:
        check ^= byte
    return b"$" + body + b"*%02X\r\n" % check


def valset(values) -> bytes:
    """Return the payload of a CFG-VALSET for RAM; a key's top digit says whether its value has 1 or 4 bytes."""
    payload = b"\x00\x01\x00\x00"
    for key, value in values:
        payload += struct.pack("<II" if key >> 28 == 4 else "<IB", key, value)
    return payload


def message(kind, payload) -> bytes:
    """Return a UBX frame of a class and id (2 bytes) and a payload."""
    body = kind + struct.pack("<H", len(payload)) + payload
    return b"\xb5\x62" + body + ubx_check(body)
