"""Receivers at their worst, and what the board's own logic says of them.

    python -m tests.nasty_receivers --runs 100 --seed 1 [--only SEED]

Independent of receiver_model.py: written from makers' documents and from what was found, not from the firmware. Each
run is one receiver with one to three habits of HABITS over SECONDS of true time, read every STEP_US as a board reads.
Wrong is what the board says at an instant, locked and confirmed, and is half a second off or more, or off by more than
its own bound and PULSE_US; deaf is a receiver with no habit that harms, which has not locked in DEAF_S of fix.

The line is a queue at its speed: what does not fit a second is sent in the next, as a UART's buffer does, up to
BUFFER bytes; what is more is lost whole.
"""

import argparse
import random
from collections import Counter, deque

from centesimo_board.civil import civil
from centesimo_protocol import record
from tests.receiver_model import checksummed, ubx
from tests.receiver_weeks import START_S, Keeper, Line, S

STEP_US = 20_000
SECONDS = 4_600
DEAF_S = 600
BUFFER = 4_096
PULSE_US = 1_000
WEEKS_S = 1024 * 604_800
PASS_EVERY_S = 7
MAKERS = {
    "silent": (),
    "mtk": (b"PMTK011,MTKGPS", b"PMTK010,001"),
    "mtk refuses 314": (b"PMTK011,MTKGPS",),
    "ublox": (b"GNTXT,01,01,02,u-blox AG - www.u-blox.com",),
    "teseo": (b"GPTXT,STM GPS Library,8.4.8.13", b"PSTMVER,GNSSLIB_8.4.8.13_ARM"),
    "unicore": (b"PDTINFO,UM980", b"CONFIG,COM1,9600"),
    "sirf": (b"PSRF150,1",),
}
ORDERS = (
    ("RMC", "VTG", "GGA", "GSA", "GSV", "GLL"),
    ("GGA", "GSA", "GSV", "RMC"),
    ("GGA", "GLL", "GSA", "GSV", "RMC", "VTG", "ZDA"),
    ("GSV", "GSA", "GGA", "ZDA", "RMC"),
    ("RMC",),
    ("GGA",),
)
GSV = checksummed(b"GLGSV,3,2,11,70,41,112,33,71,66,305,41,72,18,301,29,85,22,044,30")
HARMLESS = ("noise", "baud", "no habit", "binary", "short gaps")
HABITS = (
    "no habit", "late", "wander", "next", "cold count", "gps time", "rollover", "jump back", "frozen", "hidden restart",
    "echo", "inverted", "free pulse", "half pulse", "doubled", "ghost", "baud", "noise", "binary", "short gaps",
    "false leap", "two a second", "coasts", "late line", "old count",
)  # fmt: skip


class Nasty:
    """One receiver; `habits` say how it errs."""

    def __init__(self, seed):
        rng = self.rng = random.Random(seed)
        self.maker = rng.choice(("mtk", "mtk", "ublox", "ublox", *MAKERS))
        self.habits = set(rng.sample(HABITS, rng.randint(1, 3)))
        self.baud = rng.choice((4800, 9600, 9600, 38400, 115200))
        self.slowest = min(self.baud, 9_600) if "baud" in self.habits and self.baud == 115_200 else self.baud
        self.order = rng.choice(ORDERS)
        self.gsv = rng.randint(0, 14)
        self.delay_ms = rng.randint(60, 600)
        self.off_s = rng.choice((-18, -3, -1, 1, 2, 3)) if "cold count" in self.habits else 0
        self.fix_s = rng.randint(5, 60)
        self.counted_s = self.fix_s + rng.randint(60, 750)
        self.turn_s = rng.randint(900, 4_000)  # when its habit of a moment shows
        self.turn_for_s = rng.choice((1, 2, 5, 30, 300))
        self.width_us = rng.choice((1_000, 100_000, 500_000)) if "half pulse" not in self.habits else 500_000
        self.slide_us = rng.choice((-40, 3, 11, 230))
        self.late_ms = rng.choice((1_000, 1_200, 1_800, 2_200, 950))
        self.answer_ms = rng.choice((5, 40, 200, 900))
        self.line_us = S * rng.choice((1, 2, 3, 4, 13, 17, 30)) if "late line" in self.habits else 0
        self.count_s = rng.choice((15, 16, 17)) if "old count" in self.habits and self.maker == "ublox" else 18
        self.said = deque(MAKERS[self.maker])
        self.synced = False
        self.off, self.frames = set(), set()

    @property
    def name(self):
        return f"{self.maker}, {self.baud} baud, {'-'.join(self.order)} x{self.gsv}, {', '.join(sorted(self.habits))}"

    @property
    def is_right(self):
        """Whether a board should lock on it: labels behind their pulse, within the second, on a line with room."""
        size = sum(self._size(kind) for kind in self.order if kind not in self.off)
        return (
            self.habits <= set(HARMLESS)
            and "RMC" in self.order
            and self.delay_ms / 1000 + size * 10 / self.slowest < 0.85
        )

    def _size(self, kind):
        return len(GSV) * self.gsv if kind == "GSV" else 80

    def fixed(self, at_s):
        gone = {"coasts", "free pulse", "frozen"} & self.habits and self.turn_s <= at_s < self.turn_s + self.turn_for_s
        return at_s >= self.fix_s and not gone

    def hear(self, raw):
        """Take what the board wrote."""
        if "echo" in self.habits:
            self.said.append(bytes(raw))
        if self.maker.startswith("mtk"):
            if b"PMTK605" in raw:
                self.said.append(b"PMTK705,AXN_3.8_3333_16071400,0000,L80-R,1.0")
            if b"PMTK314" in raw:
                refuses = self.maker != "mtk"
                self.off |= set() if refuses else {"GSA", "GSV", "VTG", "GLL"}
                self.said.append(b"PMTK001,314,%d" % (2 if refuses else 3))
            if b"PMTK255,1" in raw:
                self.synced = True
                self.said.append(b"PMTK001,255,3")
        if self.maker == "ublox":
            self._hear_ubx(bytes(raw))

    def _hear_ubx(self, raw):
        if raw[:4] == b"\xb5\x62\x0a\x04":
            self.said.append(ubx(b"\x0a\x04", b"EXT CORE 4.04 (7f89f7)".ljust(30, b"\0") + b"00190000\0\0"))
        if raw[:4] == b"\xb5\x62\x06\x01":
            cls, kind, rate = raw[6], raw[7], raw[8]
            if cls == 0xF0:
                name = {0: "GGA", 1: "GLL", 2: "GSA", 3: "GSV", 4: "RMC", 5: "VTG", 8: "ZDA"}[kind]
                self.off = self.off - {name} if rate else self.off | {name}
            else:
                self.frames.add((cls, kind))

    def lateness_ms(self, at_s):
        """How long behind the pulse of true second `at_s` (since the start) its burst begins."""
        late = 175 if self.synced else self.delay_ms
        if "late" in self.habits and not self.synced:
            late = self.late_ms
        if "wander" in self.habits:  # the Garmin 18x of 2010: over 20 minutes from 300 ms to more than a second
            late += at_s % 1_200
        if "hidden restart" in self.habits and at_s >= self.turn_s:
            late += 1_000
        return late

    def label_s(self, at_s):
        """By how much the name of true second `at_s` is wrong; None says nothing."""
        wrong = (self.off_s if at_s < self.counted_s else 0) + 18 - self.count_s
        wrong += "next" in self.habits and not self.synced
        wrong += 18 * ("gps time" in self.habits and self.maker not in ("ublox", "mtk", "mtk refuses 314"))
        in_turn = self.turn_s <= at_s < self.turn_s + self.turn_for_s
        if "rollover" in self.habits:
            wrong += WEEKS_S * (-1 if self.late_ms < 1_500 else 1)
        if "jump back" in self.habits and in_turn:
            wrong += (1, -1, 3_600, WEEKS_S)[self.late_ms % 4]
        if "frozen" in self.habits and in_turn:
            wrong -= at_s - self.turn_s
        if {"hidden restart", "short gaps"} & self.habits and self.turn_s <= at_s < self.turn_s + 2:
            return None
        return wrong

    def pulses(self, at_s):
        """Return (us behind the true second, width in us) of the pulses of a second."""
        if "hidden restart" in self.habits and self.turn_s <= at_s < self.turn_s + 1:
            return []
        if not self.fixed(at_s):
            if not {"free pulse", "coasts"} & self.habits:
                return []
            since = at_s - self.turn_s if at_s >= self.fix_s else at_s
            return [(self.slide_us * since % 500_000 + (137_000 if at_s < self.fix_s else 0), self.width_us)]
        trains = [(0, self.width_us)]
        if "ghost" in self.habits:
            trains.append((2 if self.late_ms > 1_100 else 100_000, 1))
        if "doubled" in self.habits:
            trains.append((500_000, self.width_us))
        return trains

    def burst(self, at_s):
        """Return the bytes of a second."""
        said = [] if self.answer_ms < 900 else [self.answered()]
        wrong = self.label_s(at_s)
        if wrong is None:
            return b""
        fixed = self.fixed(at_s) or ("coasts" in self.habits and at_s >= self.fix_s)
        if "noise" in self.habits and self.rng.random() < 0.02:
            said.append(bytes(self.rng.randrange(256) for _ in range(30)))
        if "binary" in self.habits:
            said.append(b"\xf1\xd9\x01\x02" + bytes((7, 0)) + b"$GP*\r\n\xb5\x62$")
        utc_s = START_S + at_s + wrong
        for part in (0, 500) if "two a second" in self.habits else (0,):
            said += [self._sentence(kind, utc_s, part, fixed) for kind in self.order if kind not in self.off]
        return b"".join(said) + self._frames(at_s, utc_s, fixed)

    def answered(self):
        """Return what it says of itself, or in answer, since it was asked for last."""
        said = [text if text[:1] in (b"\xb5", b"$") else checksummed(text) for text in self.said]
        self.said.clear()
        return b"".join(said)

    def _sentence(self, kind, utc_s, part, fixed):
        year, month, day, hour, minute, second = civil(utc_s)
        time = b"%02d%02d%02d.%03d" % (hour, minute, second, part)
        if kind == "RMC":
            date = b"%02d%02d%02d" % (day, month, year % 100)
            state = (b"A", b"A") if fixed else (b"V", b"N")
            return checksummed(b"GNRMC,%s,%s,4407.1,N,00942.9,E,0.01,,%s,,,%s" % (time, state[0], date, state[1]))
        if kind == "GGA":
            return checksummed(b"GNGGA,%s,4407.1,N,00942.9,E,%d,09,1.0,80.0,M,48.0,M,," % (time, fixed))
        if kind == "ZDA":
            return checksummed(b"GNZDA,%s,%02d,%02d,%04d,00,00" % (time, day, month, year))
        if kind == "GLL":
            return checksummed(b"GNGLL,4407.1,N,00942.9,E,%s,%s" % (time, b"A,A" if fixed else b"V,N"))
        if kind == "GSV":
            return GSV * self.gsv
        return checksummed(b"GNGSA,A,3,01,02,,,,,,,,,,,1.8,1.0,1.5" if kind == "GSA" else b"GNVTG,,T,,M,0.0,N,0.0,K,A")

    def _frames(self, at_s, utc_s, fixed):
        if at_s % 5:
            return b""
        known = at_s >= self.counted_s and fixed
        lie = "false leap" in self.habits
        raw = b""
        if (1, 0x26) in self.frames:
            ahead = self.rng.choice((-(2**31), -1, 0, 3, 86_400, 2**31 - 1)) if lie else 0
            change = self.rng.choice((1, -1)) if lie else 0
            count = self.count_s - (0 if known else self.off_s)
            event = bytes((2 if known else 0, count & 0xFF, 2 if known else 0, change & 0xFF))
            raw += ubx(
                b"\x01\x26",
                bytes(8) + event + (ahead & 0xFFFFFFFF).to_bytes(4, "little") + bytes(7) + bytes([3 * known]),
            )
        if (0x0D, 1) in self.frames and fixed:
            in_gps = "gps time" in self.habits
            named_s = utc_s - ("next" in self.habits) + 1 + 18 * in_gps - 315_964_800  # it knows its own pulse
            named_s += self.lateness_ms(at_s) // 1000
            week, of_week = divmod(named_s, 604_800)
            fields = (of_week * 1000).to_bytes(4, "little"), bytes(8), (week & 0xFFFF).to_bytes(2, "little")
            raw += ubx(b"\x0d\x01", b"".join(fields) + bytes((2 if in_gps else 3, 0)))
        return raw


class Run:
    """A board that hears one receiver."""

    def __init__(self, seed):
        self.seed = seed
        self.nasty = Nasty(seed)
        self.line = Line()
        self.ppm = self.nasty.rng.uniform(-20, 20)
        self.keeper = Keeper(self.line, 0)
        self.wrong = []  # (second, states off by us)
        self.locked_s = self.confirmed_s = None
        self._bytes = deque()  # (when it begins, us a byte, bytes, how many of them have come)
        self._free_us = 0
        self._levels = deque()

    def run(self, seconds=SECONDS):
        for at_s in range(1, seconds):
            if "baud" in self.nasty.habits and at_s == self.nasty.turn_s:
                self.nasty.baud = 115_200 if self.nasty.baud != 115_200 else 9_600
            self._second(at_s)
        return self

    def _second(self, at_s):
        nasty, base_us = self.nasty, at_s * S
        events = []
        self._levels = []
        for offset_us, width_us in nasty.pulses(at_s):
            begin_us, end_us = base_us + offset_us, base_us + offset_us + width_us
            rise_us = end_us if "inverted" in nasty.habits else begin_us
            events.append((rise_us, 0, None))
            self._levels.append((begin_us, end_us))
        chunk = nasty.burst(at_s)
        begin_us = max(base_us + nasty.lateness_ms(at_s) * 1000 + nasty.rng.randint(-4_000, 4_000), self._free_us)
        byte_us = 10 * S / nasty.baud
        if chunk and (self._free_us - base_us) / byte_us < BUFFER:
            self._speak(begin_us, chunk)
        events += [(base_us + step, 1, None) for step in range(STEP_US, S + 1, STEP_US)]
        if at_s % PASS_EVERY_S == 0:
            events.append((base_us + 730_001, 2, None))
        for when_us, what, _ in sorted(events):
            self._take(when_us, what)

    def _speak(self, begin_us, chunk):
        byte_us = 10 * S / self.nasty.baud
        self._bytes.append((begin_us + self.nasty.line_us, byte_us, chunk, 0))
        self._free_us = begin_us + int(len(chunk) * byte_us) + 1

    def _counter(self, true_us):
        return int(true_us * (1 + self.ppm / 1e6)) + 1

    def _level(self, at_us):
        high = any(begin <= at_us < end for begin, end in self._levels)
        return high ^ ("inverted" in self.nasty.habits)

    def _take(self, at_us, what):
        own_us, clock = self._counter(at_us), self.keeper.clock
        if what == 0:
            clock.pulse(own_us)
            return
        if what == 2:
            clock.edge(own_us)
            return
        clock.look(self._level(at_us), own_us)
        self._read(at_us)
        self.keeper.step(own_us)
        while self.line.told:
            self.nasty.hear(self.line.told.pop(0))
        if self.nasty.said and self.nasty.answer_ms < 900:
            self._speak(max(at_us + self.nasty.answer_ms * 1000, self._free_us), self.nasty.answered())
        if at_us % 100_000 == 0:
            clock.tick(own_us)
            self._judge(at_us, own_us)

    def _read(self, at_us):
        while self._bytes and self._bytes[0][0] <= at_us:
            begin_us, byte_us, chunk, taken = self._bytes[0]
            until = min(len(chunk), int((at_us - begin_us) / byte_us))
            piece = chunk[taken:until]
            self.line.given += piece if self.line.baud == self.nasty.baud else b"\xf8" * len(piece)
            if until < len(chunk):
                self._bytes[0] = (begin_us, byte_us, chunk, until)
                return
            self._bytes.popleft()

    def _judge(self, at_us, own_us):
        clock = self.keeper.clock
        if clock.state != record.LOCKED:
            return
        at_s = at_us // S
        self.locked_s = self.locked_s or at_s
        if not clock.confirmed:
            return
        self.confirmed_s = self.confirmed_s or at_s
        seconds, fraction_us = clock.utc(own_us)
        off_us = (seconds - START_S) * S + fraction_us - at_us
        if abs(off_us) > PULSE_US:
            self.wrong.append((at_s, off_us))


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.nasty_receivers")
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int)
    asked = parser.parse_args()
    seeds = [asked.only] if asked.only else range(asked.seed * 10**6, asked.seed * 10**6 + asked.runs)
    tally = Counter()
    for seed in seeds:
        run = Run(seed).run()
        right = run.nasty.is_right
        tally.update(runs=1, right=right, locked=run.locked_s is not None, confirmed=run.confirmed_s is not None)
        tally.update(right_locked=right and run.locked_s is not None, wrong=bool(run.wrong))
        if run.wrong or (right and (run.locked_s is None or run.locked_s > DEAF_S)):
            print(
                seed,
                run.nasty.name,
                "WRONG" if run.wrong else "deaf",
                run.locked_s,
                run.confirmed_s,
                run.wrong[:2],
                flush=True,
            )
        if tally["runs"] % 10 == 0:
            print(dict(tally), flush=True)
    print(dict(tally))
    return 1 if tally["wrong"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
