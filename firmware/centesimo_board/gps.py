"""The receiver's port: finds the speed that it speaks, sets a u-blox up, hands on what it says.

When bytes come but no whole sentence for SEARCH_US, the next speed of BAUDS is tried; noise before a silence does not
count, for the receiver that begins after it has said nothing yet. Once sentences come the receiver is asked who it is
(MON-VER). Only a u-blox answers, and is set up: RMC, GGA and ZDA and nothing else, its leap seconds (NAV-TIMELS) every
five seconds, no pulse while it has no time, the speed of the settings. Each is said twice, as CFG-VALSET (from M9 on)
and in the older messages (up to M9): a receiver refuses what it does not know. Any other receiver is taken as it is.
After a silence all this is done again: the receiver may have lost its memory.

u-blox's numbers: Interface Description of M8 (UBX-13003221) and of M10 (UBX-21035062).
"""

import struct

from centesimo_board.receiver import Receiver, Version, ubx_check
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
)
LEN_TP1 = const(0x40050004)
LEN_LOCK_TP1 = const(0x40050005)
USE_LOCKED_TP1 = const(0x10050009)
UART1_BAUDRATE = const(0x40520001)
PULSE_US = const(100_000)
TP5_FLAGS = const(0x77)  # on, follows the satellites, other settings while locked, length, aligned, rising edge, UTC


class Gps:
    """The receiver on `port` (read, write, set_baud), which begins at `baud`; a u-blox is set to that.

    receiver  what is found in its bytes
    baud      the speed that is listened at now
    is_ublox  whether it has said so
    heard_us  when the last whole sentence of any kind was read, None before the first
    """

    def __init__(self, port, baud):
        self.receiver = Receiver()
        self.baud = baud
        self.is_ublox = False
        self.heard_us = None
        self._port = port
        self._wanted = baud
        self._bytes = 0  # since the last whole sentence, silence or change of speed
        self._since_us = None  # when the noise began
        self._burst_us = self._last_us = 0  # begin of the last burst, last bytes
        self._asked_us = None
        self._asks = 0
        self._sent_us = 0
        self._to_send = []
        port.set_baud(baud)

    def step(self, now_us) -> list:
        """Read the port once; return what it said: Rmc, Zda, Gga, Timels. `now_us` is the board's counter."""
        chunk = self._port.read()
        if not chunk:
            if self._to_send and now_us - self._sent_us >= MESSAGES_US:
                self._send(now_us)
            return chunk
        if now_us - self._last_us > BREATH_US:
            self._burst_us = now_us
        if now_us - self._last_us > SILENCE_US:
            self._begin_search()
        self._last_us = now_us
        before = self.receiver.sentences
        messages = self.receiver.receive(chunk)
        if self.receiver.sentences != before:
            self._heard(now_us)
        else:
            self._search(len(chunk), now_us)
        for message in messages:
            if isinstance(message, Version):
                self._set_up()
        return messages

    def is_quiet(self, now_us) -> bool:
        """Say whether the receiver is silent and will be for 450 ms, if it keeps to its seconds."""
        if now_us - self._last_us > SILENCE_US:
            return True
        return now_us - self._last_us > BREATH_US and (now_us - self._burst_us) % SECOND_US < FREE_US

    def _heard(self, now_us):
        if self.heard_us is None or now_us - self.heard_us > ASK_US:
            self.is_ublox = False
            self._asks = 0
        self.heard_us = now_us
        self._begin_search()
        if not self.is_ublox and self._asks < ASKS and (self._asks == 0 or now_us - self._asked_us > ASK_US):
            self._asks += 1
            self._asked_us = now_us
            self._port.write(message(MON_VER, b""))

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

    def _set_up(self):
        if self.is_ublox:
            return
        self.is_ublox = True
        self._to_send = [message(kind, payload) for kind, payload in set_up(self._wanted)]

    def _send(self, now_us):
        self._sent_us = now_us
        self._port.write(self._to_send.pop(0))


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
