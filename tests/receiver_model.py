"""Receivers as real ones behave, for receiver_weeks.py: what they say, when, and what they do when told.

Nothing here knows how the firmware decides. A receiver has a delay from its pulse to its first byte, an order of
sentences, a line's speed, a pulse with a width and a polarity, and a count of leap seconds that is wrong after a cold
start until the satellites have sent it (at most 12.5 minutes). Kinds:

ublox  answers MON-VER, does as CFG-MSG says until it loses power, sends NAV-TIMELS and TIM-TP then; speaks 40 to 300 ms
       behind its pulse (M8 to M10 data sheets), its sentences last longer at 9600 baud with many satellites
mtk    answers PMTK605 and PMTK314; three of four take PMTK255, and speak 170 or 475 ms behind the pulse then (Quectel
       L80, L76-L), before that anywhere within a second
plain  answers nothing, and speaks 0 to 2500 ms behind its pulse; one of ten names the next pulse
"""

import struct

from centesimo_board.civil import civil

S = 1_000_000
KINDS = ("ublox", "mtk", "plain")
COUNT = 18  # leap seconds
SILENT, SEARCHING, FIXED = range(3)
UBX_IDS = {0x00: "GGA", 0x01: "GLL", 0x02: "GSA", 0x03: "GSV", 0x04: "RMC", 0x05: "VTG", 0x08: "ZDA"}
ORDERS = (
    ("RMC", "VTG", "GGA", "GSA", "GSV", "GLL"),  # u-blox
    ("GGA", "GSA", "GSV", "RMC", "VTG"),  # MTK
    ("GGA", "GSA", "GSV", "VTG", "RMC"),
    ("GGA", "GLL", "GSA", "GSV", "RMC", "VTG", "ZDA"),  # CASIC
    ("GGA", "RMC"),
)


def checksummed(body):
    check = 0
    for byte in body:
        check ^= byte
    return b"$%s*%02X\r\n" % (body, check)


GSV = checksummed(b"GPGSV,3,1,11,03,03,111,00,04,15,270,00,06,01,010,00,13,06,292,00")
FIXTURES = {
    "VTG": checksummed(b"GPVTG,0.0,T,,M,0.02,N,0.03,K,A"),
    "GSA": checksummed(b"GPGSA,A,3,19,28,14,18,27,22,31,39,,,,,1.7,1.0,1.3"),
}


class Model:
    """One receiver, from the moment it gets power; `rng` decides what it is.

    delay_ms       to its first byte, as it is now
    names_next     its sentences name the pulse behind them
    is_inverted    its pulse is low for width_us from the second on
    wrong_s        by how much its labels are wrong beside that
    """

    def __init__(self, rng, kind, now_s, is_cold):
        self.kind = kind
        self.rng = rng
        self.baud = 9600 if kind != "plain" else rng.choice((4800, 9600, 9600, 38400))
        self.order = ORDERS[0] if kind == "ublox" else rng.choice(ORDERS[1:])
        self.gsv = rng.randint(2, 8)
        self.takes_sync = kind == "mtk" and rng.random() < 0.75
        self.sync_ms = rng.choice((170, 475))
        self.own_ms = {"ublox": rng.randint(40, 300), "mtk": rng.randint(50, 950)}.get(kind, rng.randint(0, 2500))
        self.names_next = kind == "plain" and rng.random() < 0.1
        self.is_inverted = rng.random() < 0.08
        self.width_us = rng.choice((1_000, 50_000, 100_000, 100_000, 200_000, 400_000))
        self.off_s = rng.choice((-3, -2, -1, 0, 0, 1))  # its own table of leap seconds
        self.pulses_without_fix = rng.random() < 0.4
        self.drift_us = 0  # of its pulse while it has no fix
        self.answer_ms = rng.choice((None, 20, 60, 120, 250))  # how long it takes to answer; None: with its burst
        self.start(now_s, is_cold)

    def start(self, now_s, is_cold):
        """It gets power: what it was told is forgotten; warm it keeps its time and leap seconds."""
        self.begun_s = now_s
        self.set_off = set()
        self.frames = set()
        self.synced = False
        self.fix_from_s = now_s + (self.rng.randint(25, 60) if is_cold else self.rng.randint(1, 4))
        was_known = getattr(self, "leap_from_s", 0) <= now_s and not is_cold
        self.leap_from_s = 0 if was_known else self.fix_from_s + self.rng.randint(10, 750)
        self.lost_until_s = 0
        self.silent_until_s = now_s + self.rng.randint(1, 3)
        self.jump_s = 0
        self.jump_until_s = 0
        self.frozen_until_s = 0
        self.behind_s = 0
        self.replies = [checksummed(b"GNTXT,01,01,02,u-blox AG - www.u-blox.com")] if self.kind == "ublox" else []

    def state(self, now_s):
        if now_s < self.silent_until_s:
            return SILENT
        return FIXED if now_s >= max(self.fix_from_s, self.lost_until_s) else SEARCHING

    @property
    def is_right(self):
        """Whether a board could know which pulse it names: within the second, the right way round."""
        prompt = 30 <= self.delay_ms <= 880 if self.kind != "plain" else 30 <= self.own_ms <= 880
        return prompt and not self.names_next and not self.is_inverted

    @property
    def delay_ms(self):
        return self.sync_ms if self.synced else self.own_ms

    def wrong_s(self, now_s):
        off_s = self.off_s if now_s < self.leap_from_s else 0
        jump_s = self.jump_s if now_s < self.jump_until_s else 0
        return off_s + jump_s - self.behind_s + self.names_next

    def hear(self, raw):
        """Take what the board wrote to it."""
        if self.kind == "ublox":
            self._hear_ubx(raw)
        if b"PMTK605" in raw and self.kind == "mtk":
            self.replies.append(checksummed(b"PMTK705,AXN_2.31_3339_13101700,5632,PA6H,1.0"))
        if b"PMTK314" in raw and self.kind == "mtk":
            self.set_off |= {"GLL", "VTG", "GSA", "GSV"}
            self.replies.append(checksummed(b"PMTK001,314,3"))
        if b"PMTK255,1" in raw and self.kind == "mtk":
            self.synced = self.takes_sync
            self.replies.append(checksummed(b"PMTK001,255,%d" % (3 if self.takes_sync else 1)))

    def _hear_ubx(self, raw):
        at = raw.find(b"\xb5\x62")
        while at >= 0 and len(raw) >= at + 8:
            kind, length = raw[at + 2 : at + 4], raw[at + 4] | raw[at + 5] << 8
            payload = raw[at + 6 : at + 6 + length]
            if kind == b"\x0a\x04":
                self.replies.append(ubx(b"\x0a\x04", b"ROM CORE 3.01 (107888)".ljust(40, b"\0")))
            elif kind == b"\x06\x01" and payload[0] == 0xF0:
                name = UBX_IDS[payload[1]]
                self.set_off = self.set_off - {name} if payload[2] else self.set_off | {name}
            elif kind == b"\x06\x01":
                self.frames.add(bytes(payload[:2]))
            at = raw.find(b"\xb5\x62", at + 8 + length)

    def burst(self, now_s):
        """Return what it says of a second: replies, sentences, frames."""
        fixed = self.state(now_s) == FIXED
        label_s = now_s + self.wrong_s(now_s)
        year, month, day, hour, minute, second = civil(label_s)
        time = b"%02d%02d%02d.00" % (hour, minute, second)
        date = b"%02d%02d%02d" % (day, month, year % 100)
        parts = self.replies
        self.replies = []
        order = self.order if "ZDA" in self.order or self.kind == "plain" or not self.set_off else (*self.order, "ZDA")
        for name in order:
            if name in self.set_off:
                continue
            if name == "RMC":
                status, mode = (b"A", b"A") if fixed else (b"V", b"N")
                parts.append(
                    checksummed(b"GPRMC,%s,%s,4532.58,N,01013.24,E,0.0,0.0,%s,,,%s" % (time, status, date, mode))
                )
            elif name == "GGA":
                parts.append(checksummed(b"GPGGA,%s,4532.58,N,01013.24,E,%d,09,0.9,149.0,M,46.5,M,," % (time, fixed)))
            elif name == "ZDA":
                parts.append(checksummed(b"GPZDA,%s,%02d,%02d,%04d,00,00" % (time, day, month, year)))
            elif name == "GLL":
                parts.append(checksummed(b"GPGLL,4532.58,N,01013.24,E,%s,%s,A" % (time, b"A" if fixed else b"V")))
            elif name == "GSV":
                parts += [GSV] * self.gsv
            else:
                parts.append(FIXTURES[name])
        return b"".join(parts) + self._frames(now_s, label_s)

    def _frames(self, now_s, label_s):
        raw = b""
        if now_s % 5:
            return raw
        if b"\x01\x26" in self.frames:
            is_known = now_s >= self.leap_from_s and self.state(now_s) == FIXED
            count = COUNT if is_known else COUNT - self.off_s
            event = struct.pack("<BbBbi", 2 if is_known else 0, count, 2 if is_known else 0, 0, 0)
            raw += ubx(b"\x01\x26", bytes(8) + event + bytes(7) + (b"\x03" if is_known else b"\x00"))
        if b"\x0d\x01" in self.frames and self.state(now_s) == FIXED:
            week, of_week = divmod(label_s + 1 - 315_964_800, 604_800)
            raw += ubx(b"\x0d\x01", struct.pack("<IIiHBB", of_week * 1000, 0, 0, week, 3, 0))
        return raw


def ubx(kind, payload):
    body = kind + struct.pack("<H", len(payload)) + payload
    first = second = 0
    for byte in body:
        first = (first + byte) & 0xFF
        second = (second + first) & 0xFF
    return b"\xb5\x62" + body + bytes((first, second))
