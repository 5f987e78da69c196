"""What a GPS receiver says: bytes in, checked sentences and messages out, each with where its burst began.

NMEA 0183 sentences with a right checksum are believed, nothing is ever repaired: a half sentence, a wrong checksum or
a field that cannot be is counted and skipped. RMC, ZDA and GGA are read, of any talker that is no maker; of all others
only the time that they name, and what a maker's sentence says of who speaks. u-blox UBX frames between the sentences
are recognised; NAV-TIMELS, TIM-TP, MON-VER and ACK-ACK are read.

    $  body  *  two hex digits of the XOR of all bytes of the body  CR LF
    b5 62  class u8  id u8  length u16  payload  ck_a u8  ck_b u8    (Fletcher's sum from class to the payload's end)

Finding begins again at each sync: a sentence has none inside. At most MAX_UBX + 8 bytes are held. Two-digit years:
80 .. 99 are 1980 .. 1999, the others 20xx.
"""

import struct
from collections import namedtuple

from centesimo_board.bursts import Bursts
from centesimo_board.civil import find_unix_s
from centesimo_board.position import find_place
from centesimo_protocol.shim import const

MAX_SENTENCE = const(120)  # NMEA says 82; real receivers say more
MAX_UBX = const(400)  # payload bytes; MON-VER is the longest that is asked for

# utc_s: None where date or time are missing or impossible; whole: the fraction of the second is 0 (or not given);
# is_sixty: it names 23:59:60, an inserted second.
Rmc = namedtuple("Rmc", "valid utc_s whole is_sixty")
Zda = namedtuple("Zda", "utc_s whole")
Gga = namedtuple("Gga", "quality satellites place")  # position.Place; None where it names none
# leap_s: GPS minus UTC; source: u-blox's srcOfCurrLs; ahead_s: seconds until one is inserted, None where none is due.
Timels = namedtuple("Timels", "leap_s source valid ahead_s")
Pulse = namedtuple("Pulse", "utc_s")  # what the next pulse will name; None where the receiver does not know it in UTC
Version = namedtuple("Version", "text")  # who it is, of MON-VER
Maker = namedtuple("Maker", "name text")  # who it is, in a sentence of its maker's: one of MAKERS
Taken = namedtuple("Taken", "command")  # it has done what a maker's command asked for
Started = namedtuple("Started", "")  # what it says only when it starts

SENTENCE = b"$"
UBX = b"\xb5\x62"
NAV_TIMELS = b"\x01\x26"
TIM_TP = b"\x0d\x01"
MON_VER = b"\x0a\x04"
ACK_ACK = b"\x05\x01"
GPS_EPOCH_S = const(315964800)  # 1980-01-06
WEEK_S = const(604800)
# Of NAV-TIMELS (M8 description, 32.18.22): lsChange, the least srcOfLsChange that is a satellite system, bits of valid.
_INSERTED = const(1)
_SATELLITES = const(2)
_COUNT_IS_VALID = const(1)
_EVENT_IS_VALID = const(2)
_EVENT_AHEAD_S = const(16_000_000)  # half a year and some days: no leap second is announced earlier
# Of TIM-TP's flags (32.23.5): the time base is UTC, UTC is available.
_UTC_BASE = const(3)
_FIX_MODES = (b"A", b"D", b"F", b"R", b"P")  # RMC's mode: autonomous, differential, RTK float and fixed, precise

MTK, CASIC = b"MTK", b"CASIC"
MAKERS = (MTK, CASIC)
# What these say when they start, and at no other time (of TXT the field that says so begins with it).
_AT_START = (b"u-blox", b"MA=CASIC")
_TIME_FIELD = ((b"RMC", 1), (b"GGA", 1), (b"ZDA", 1), (b"GNS", 1), (b"GST", 1), (b"GBS", 1), (b"GLL", 5))


class Receiver:
    """Finds sentences and messages in bytes as they come.

    sentences  NMEA sentences with a right checksum, of any type, since the start
    frames     UBX frames with a right checksum
    damaged    sentences and frames that did not check
    noise      bytes that belonged to neither
    bursts     when what is heard began
    begins     of what the last receive() returned: the bursts.Begin of a sentence's burst, or of the message itself
    kinds      of the sentences in the last chunk, three letters each
    """

    def __init__(self):
        self.sentences = 0
        self.frames = 0
        self.damaged = 0
        self.noise = 0
        self.bursts = Bursts()
        self.begins = []
        self.kinds = []
        self._held = b""
        self._come = 0  # bytes in all, up to the begin of what is held

    def receive(self, chunk) -> list:
        """Take the next bytes and return the messages above that are now whole, in order."""
        held = self._held + chunk
        messages = []
        self.begins, self.kinds = [], []
        at = 0
        while True:
            start = _next_start(held, at)
            self.noise += start - at
            if start == len(held):
                at = start
                break
            read = self._sentence if held[start] == 0x24 else self._frame
            end, message = read(held, start)
            if end is None:
                at = start
                break
            if message is not None:
                messages.append(message)
            at = end
        self._held = held[at:]
        self._come += at
        self.bursts.hold(self._come)
        return messages

    def forget(self):
        """Drop what is held, as after a change of the line's speed."""
        self._come += len(self._held)
        self._held = b""

    def _sentence(self, held, start):
        """Return (end, message) of the sentence at `start`; end is None if more bytes are needed."""
        end = held.find(b"\n", start)
        again = _next_start(held, start + 1)
        if again < len(held) - 1 and (end < 0 or again < end):
            self.damaged += 1  # a half sentence: another begins inside it
            return again, None
        if end < 0:
            if len(held) - start <= MAX_SENTENCE:
                return None, None
            self.damaged += 1
            return start + 1, None
        body = checked(held[start + 1 : end])
        if body is None:
            self.damaged += 1
            return start + 1, None
        self.sentences += 1
        fields = body.split(b",")
        begin = self.bursts.sentence(self._come + start, self._come + end, named(fields))
        message = parse(fields)
        self.kinds.append(fields[0][2:])
        if message is not None:
            self.begins.append(begin)
        return end + 1, message

    def _frame(self, held, start):
        """Return (end, message) of the UBX frame at `start`; end is None if more bytes are needed."""
        if len(held) < start + 6:
            return None, None
        length = held[start + 4] | held[start + 5] << 8
        end = start + 8 + length
        if length > MAX_UBX:
            self.damaged += 1
            return start + 2, None
        if len(held) < end:
            return None, None
        if held[end - 2 : end] != ubx_check(held[start + 2 : end - 2]):
            self.damaged += 1
            return start + 2, None
        self.frames += 1
        message = _message(held[start + 2 : start + 4], held[start + 6 : end - 2])
        if message is not None:
            self.begins.append(self.bursts.begin_of(self._come + start))
        return end, message


def checked(line):
    """Return the body of a line "body*hh" (CR at the end allowed) whose checksum is right, else None."""
    line = line.rstrip(b"\r ")
    if len(line) < 9 or len(line) > MAX_SENTENCE or line[-3] != 0x2A:
        return None
    check = 0
    for byte in line[:-3]:
        check ^= byte
    if ("%02X" % check).encode() != line[-2:].upper():
        return None
    return line[:-3]


def parse(fields):
    """Return what the fields of a checked sentence say: one of the messages above, or None."""
    address, kind = fields[0], fields[0][2:]
    if address[:1] == b"P":
        return _of_maker(fields)
    if len(address) != 5:
        return None
    if kind == b"RMC" and len(fields) >= 10:
        return _rmc(fields)
    if kind == b"ZDA" and len(fields) >= 5:
        return _zda(fields)
    if kind == b"GGA" and len(fields) >= 8:
        quality = _number(fields[6])
        satellites = _number(fields[7])
        return Gga(quality or 0, min(satellites or 0, 255), find_place(fields))
    if kind == b"TXT" and len(fields) >= 5:
        return _text(fields[4])
    return None


def named(fields):
    """Return the instant of the day in ms that a sentence names, None where it names none."""
    if len(fields[0]) != 5 or fields[0][:1] == b"P":
        return None
    for kind, place in _TIME_FIELD:
        if fields[0][2:] == kind and len(fields) > place:
            digits, _, fraction = fields[place].partition(b".")
            if len(digits) != 6 or not digits.isdigit() or (fraction and not fraction.isdigit()):
                return None
            second = int(digits[:2]) * 3600 + int(digits[2:4]) * 60 + int(digits[4:])
            return second * 1000 + int((fraction + b"000")[:3])
    return None


def ubx_check(body) -> bytes:
    """Return the two check bytes of a UBX frame's class, id, length and payload."""
    first = second = 0
    for byte in body:
        first = (first + byte) & 0xFF
        second = (second + first) & 0xFF
    return bytes((first, second))


def _rmc(fields):
    valid = fields[2] == b"A" and (len(fields) <= 12 or fields[12] in _FIX_MODES)
    date = fields[9]
    if len(date) != 6 or not date.isdigit():
        return Rmc(valid, None, False, False)
    year = int(date[4:])
    year += 1900 if year >= 80 else 2000
    utc_s, whole = _instant(year, int(date[2:4]), int(date[:2]), fields[1])
    return Rmc(valid, utc_s, whole, fields[1][:6] == b"235960")


def _zda(fields):
    day, month, year = _number(fields[2]), _number(fields[3]), _number(fields[4])
    if day is None or month is None or year is None:
        return Zda(None, False)
    utc_s, whole = _instant(year, month, day, fields[1])
    return Zda(utc_s, whole)


def _instant(year, month, day, time):
    """Return (utc_s or None, whole) of a date and a field "hhmmss" or "hhmmss.s"."""
    digits, _, fraction = time.partition(b".")
    if len(digits) != 6 or not digits.isdigit() or (fraction and not fraction.isdigit()):
        return None, False
    utc_s = find_unix_s(year, month, day, int(digits[:2]), int(digits[2:4]), int(digits[4:]))
    return utc_s, fraction.strip(b"0") == b""


def _number(field):
    return int(field) if field.isdigit() else None


def _of_maker(fields):
    """Return who a maker's sentence says speaks, or what it has done, or None."""
    address = fields[0]
    if address == b"PMTK705" and len(fields) > 1:
        return Maker(MTK, fields[1])
    if address == b"PMTK001" and len(fields) > 2 and fields[2] == b"3":
        return Taken(fields[1])
    if address in (b"PMTK010", b"PMTK011"):
        return Started()
    return None


def _text(text):
    """Return what a TXT sentence says of its receiver, or None."""
    for begin in _AT_START:
        if text.startswith(begin):
            return Started()
    return Maker(CASIC, text) if text.startswith(b"SW=") else None


def _message(kind, payload):
    if kind == NAV_TIMELS and len(payload) >= 24:
        source, leap_s, told_by, change, ahead_s = struct.unpack("<BbBbi", payload[8:16])
        is_due = change == _INSERTED and told_by >= _SATELLITES and payload[23] & _EVENT_IS_VALID
        is_due = is_due and 0 <= ahead_s <= _EVENT_AHEAD_S
        return Timels(leap_s, source, bool(payload[23] & _COUNT_IS_VALID), ahead_s if is_due else None)
    if kind == TIM_TP and len(payload) >= 16:
        tow_ms, below_ms, _, week, flags = struct.unpack("<IIiHB", payload[:15])
        tow_ms += below_ms >> 31  # to the nearest: what the antenna's cable delays may be taken off
        is_utc = flags & _UTC_BASE == _UTC_BASE and tow_ms % 1000 == 0
        return Pulse(GPS_EPOCH_S + week * WEEK_S + tow_ms // 1000 if is_utc else None)
    if kind == MON_VER and len(payload) >= 40:
        return Version(payload[:30].rstrip(b"\x00"))
    if kind == ACK_ACK and len(payload) >= 2:
        return Taken(payload[:2])
    return None


def _next_start(held, at):
    """Return where the next sentence or frame may begin, or the length of what is held."""
    sentence = held.find(SENTENCE, at)
    frame = held.find(UBX, at)
    if frame < 0 and held.endswith(UBX[:1]) and len(held) > at:
        frame = len(held) - 1
    if sentence < 0 or 0 <= frame < sentence:
        sentence = frame
    return len(held) if sentence < 0 else sentence
