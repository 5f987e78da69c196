"""A board on the desk: the real firmware over devices in memory, with a receiver, tubes and a host's end of the line.

Time passes only when told. The counter runs at `ppb` parts in 10**9 off true time and begins at `counter_us`.
Runs on MicroPython too.
"""

from collections import namedtuple

from centesimo_board.civil import civil
from tests.flash import Flash

DESK_SIZE = 10 * 4096
START_S = 1778925600  # 2026-05-16 10:00:00 UTC

# The same fields as firmware.board.Devices, which needs the chip's modules to be imported.
Devices = namedtuple("Devices", "capture gps flash stream panel wait sense watchdog board_id reset_cause")


class Capture:
    """A counter and what it has stamped."""

    def __init__(self, counter_us, ppb):
        self.true_us = 0
        self.lost = [0] * 5
        self.drained = 0
        self.until_us = None
        self.stamps = []
        self.drainable = []
        self.is_closed = [False] * 5
        self.pulse_us = -1_000_000
        self.high_us = 100_000
        self.falls = False
        self._begin_us = counter_us
        self._ppb = ppb

    def counter(self, true_us):
        return self._begin_us + true_us + true_us * self._ppb // 1_000_000_000

    def now_us(self):
        return self.counter(self.true_us)

    def read(self):
        taken = [stamp for stamp in self.stamps if not self._is_drained(stamp[0])]
        self.drainable += [stamp for stamp in self.stamps if self._is_drained(stamp[0])]
        self.stamps = []
        taken.sort(key=lambda stamp: stamp[1])
        return taken

    def _is_drained(self, number):
        return number > 0 and self.drained >> number - 1 & 1

    def drain(self, number):
        counters = sorted(counter_us for one, counter_us in self.drainable if one == number)
        self.drainable = [stamp for stamp in self.drainable if stamp[0] != number]
        if not counters:
            return None
        gaps = [counters[place] - counters[place - 1] for place in range(1, len(counters))]
        return len(counters), counters[0], counters[-1], min(gaps) if gaps else 0xFFFF

    def closed(self, number):
        """Inputs as told; the pulse's line is high for `high_us` behind the edge that is stamped."""
        if number:
            return self.is_closed[number]
        return not 0 <= self.true_us - self.pulse_us < self.high_us

    def let_pulse_fall(self, falls):
        self.falls = falls


class Port:
    """The receiver's port: `given` is read next, `told` is what the firmware wrote, `answers` is by what was asked."""

    def __init__(self):
        self.given = b""
        self.told = b""
        self.bauds = []
        self.answers = {}

    def read(self):
        taken, self.given = self.given, b""
        return taken

    def write(self, chunk):
        self.told += chunk
        self.given += self.answers.get(bytes(chunk), b"")

    def set_baud(self, rate):
        self.bauds.append(rate)


class Stream:
    """The host's line: `given` is read next, `told` is what was taken, at most `room` bytes at a time."""

    def __init__(self):
        self.given = b""
        self.told = b""
        self.room = 1 << 20

    def read(self):
        taken, self.given = self.given[:256], self.given[256:]
        return taken

    def write(self, chunk):
        taken = bytes(chunk[: self.room])
        self.told += taken
        return len(taken)


class Sense:
    def battery_mv(self):
        return 4980

    def temperature_cc(self):
        return 2150


class Watchdog:
    def __init__(self):
        self.fed = 0

    def feed(self):
        self.fed += 1


def devices(flash=None, counter_us=1_000_000, ppb=0, panel=None):
    """Return Devices in memory; an empty flash of ten sectors where none is given, and no panel."""
    capture = Capture(counter_us, ppb)
    flash = flash or Flash(DESK_SIZE)
    return Devices(capture, Port(), flash, Stream(), panel, None, Sense(), Watchdog(), bytes(range(8)), 1)


def checksummed(body):
    check = 0
    for byte in body.encode():
        check ^= byte
    return f"${body}*{check:02X}\r\n".encode()


def time(utc_s):
    """Return "hhmmss" of seconds since 1970; civil() is held against the calendar in test_receiver.py."""
    hour, minute, second = civil(utc_s)[3:]
    return f"{hour:02}{minute:02}{second:02}"


def rmc(utc_s, status="A", fraction="00"):
    year, month, day = civil(utc_s)[:3]
    date = f"{day:02}{month:02}{year % 100:02}"
    return checksummed(f"GNRMC,{time(utc_s)}.{fraction},{status},4530.0,N,01012.0,E,0.0,0.0,{date},,,A")


def zda(utc_s):
    year, month, day = civil(utc_s)[:3]
    return checksummed(f"GNZDA,{time(utc_s)}.00,{day:02},{month:02},{year:04},00,00")


def gga(utc_s, satellites=9, quality=1):
    return checksummed(f"GNGGA,{time(utc_s)}.00,4530.0,N,01012.0,E,{quality},{satellites:02d},0.9,150.0,M,47.0,M,,")


class Desk:
    """A Board on the desk and what happens around it; `label_s` less `true second` is START_S at first."""

    def __init__(self, board, label_s=START_S):
        self.board = board
        self.devices = board.devices
        self.label_s = label_s
        self.second = 0

    def until(self, true_us):
        """Let time pass to a true instant (us since the start) and take one turn there."""
        self.devices.capture.true_us = true_us
        self.board.step()

    def pulse(self, late_us=0):
        capture = self.devices.capture
        capture.pulse_us = self.second * 1_000_000 + late_us
        capture.stamps.append((0, capture.counter(capture.pulse_us)))

    def edge(self, number, true_us):
        capture = self.devices.capture
        capture.stamps.append((number, capture.counter(true_us)))

    def say(self, from_us, chunk):
        """Let bytes come from a true instant on, as fast as the line is, and take turns before and after."""
        self.until(from_us - 5_000)
        self.devices.gps.given += chunk
        self.until(from_us + len(chunk) * 10_000_000 // self.board.gps.baud)

    def run(self, seconds, pulse=True, status="A", delay_ms=120, shift_s=0, sentences=None):
        """Let whole seconds pass: a pulse, then after `delay_ms` sentences; `sentences(label)` gives others."""
        for _ in range(seconds):
            self.second += 1
            at_us = self.second * 1_000_000
            if pulse:
                self.pulse()
            self.until(at_us + 500)
            label_s = self.label_s + self.second + shift_s
            self.say(at_us + delay_ms * 1000, sentences(label_s) if sentences else rmc(label_s, status) + gga(label_s))
            self.until(max(at_us + 600_000, self.devices.capture.true_us))
