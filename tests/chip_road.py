"""A timing point on the emulated chip: a receiver that speaks true time, a host on its USB, and what both make of it.

The chip's crystal is fast by CRYSTAL_PPM, so a true second lasts that much longer on its counter. The receiver's pulse
and its sentences (virtual.receiver) come at their times on the line; the host is protocol.session's own.
"""

import os
import subprocess
from pathlib import Path
from random import Random

import pytest
from chip import MS, SECOND, Chip

from protocol import record, session
from protocol.timebase import Stamp, Timebase
from virtual.receiver import sentences

ROOT = Path(__file__).resolve().parent.parent
IMAGE = ROOT / "build" / "centesimo-rp2040.uf2"
CRYSTAL_PPM = 12
FIRST_UTC_S = 1_772_359_200  # 2026-03-01 10:00:00 UTC
SPEAKS_MS = 150  # from the pulse to the first sentence's first byte
TURN_NS = 10 * MS
ANSWER_NS = 2 * SECOND
SATELLITES = 9


def image() -> Path:
    """Return the shipped UF2, made anew if the firmware has changed.

    Where it cannot be made the test is skipped, with what to do; in CI it fails.
    """
    done = subprocess.run([ROOT / "tools" / "build_firmware.sh", IMAGE], capture_output=True, text=True)
    if done.returncode == 3 and os.environ.get("CI") != "true":
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, done.stderr
    return IMAGE


class Road:
    """A chip, its receiver from `on_ns` after power on (a fix comes `fix_s` later), and a host."""

    def __init__(self, chip: Chip, baud: int, on_ns: int = 500 * MS, fix_s: int = 1):
        self.chip = chip
        self.baud = baud
        self.host = session.HostSession(b"\x01" * 8)
        self.records: dict[int, tuple] = {}
        self.statuses: list[session.Status] = []
        self.ended = 0
        self._on_ns = on_ns
        self._fix_s = fix_s
        self._second = 0
        chip.at(on_ns, self._say)

    def true_ns(self, chip_ns: int) -> int:
        """Return the true UTC in ns since 1970 at an instant of the chip's."""
        return FIRST_UTC_S * SECOND + (chip_ns - self._on_ns) * 1_000_000 // (1_000_000 + CRYSTAL_PPM)

    def chip_ns(self, second: int) -> int:
        """Return the instant of the chip's at which a true second begins, counted from the receiver's start."""
        return self._on_ns + second * (SECOND + CRYSTAL_PPM * 1000)

    def run(self, until_ns: int) -> None:
        """Let the chip run to an instant, the host listening."""
        while self.chip.now_ns < until_ns:
            self.chip.run_until(min(until_ns, self.chip.now_ns + TURN_NS))
            self._listen()

    def greet(self) -> session.Welcome:
        """Greet the board until it answers, as after its start."""
        self.host.board = None
        for _ in range(4):
            self.chip.send(self.host.hello())
            end_ns = self.chip.now_ns + SECOND
            while self.host.board is None and self.chip.now_ns < end_ns:
                self.run(self.chip.now_ns + TURN_NS)
            if self.host.board:
                return self.host.board
        raise AssertionError("expected a Welcome within 4 s, got none")

    def status(self) -> session.Status:
        """Ask for the status and return it."""
        count = len(self.statuses)
        self.chip.send(self.host.send(session.AskStatus()))
        self._run_while(lambda: len(self.statuses) == count)
        return self.statuses[-1]

    def fetch(self, first: int = 1) -> None:
        """Pull all records from a sequence number on into `records`."""
        count = self.ended
        self.chip.send(self.host.fetch(first, 0xFFFF)[1])
        self._run_while(lambda: self.ended == count)

    def until_locked(self, limit_s: int) -> float:
        """Run until the board says that it is locked; return the seconds since the receiver was switched on."""
        end_ns = self.chip.now_ns + limit_s * SECOND
        while self.status().state != record.LOCKED:
            assert self.chip.now_ns < end_ns, f"expected locked within {limit_s} s, got {self.statuses[-1]}"
            self.run(self.chip.now_ns + SECOND // 2)
        return (self.chip.now_ns - self._on_ns) / SECOND

    def edges(self, boot: int = 1) -> list[record.Edge]:
        """Return the edges of a boot among what was fetched, in order of sequence."""
        found = [self.records[sequence] for sequence in sorted(self.records)]
        return [one for one in found if isinstance(one, record.Edge) and one.boot == boot]

    def timebase(self, boot: int = 1) -> Timebase:
        """Return the time of a boot, as the host makes it of what was fetched."""
        logged: list[tuple[int, int, bool] | int] = []
        for sequence in sorted(self.records):
            one = self.records[sequence]
            if isinstance(one, record.Anchor) and one.boot == boot:
                logged.append((one.counter_us, one.utc_s, bool(one.confirmed)))
            elif isinstance(one, record.Correction) and one.boot == boot:
                logged.append(one.shift_s)
        return Timebase(logged)

    def errors_ns(self, truth: dict[int, list[int]]) -> list[tuple[int, Stamp]]:
        """Return stamp less true UTC in ns of every edge of boot 1, with its Stamp; AssertionError if one is missing.

        `truth` has the chip's instants of the edges, by tube.
        """
        timebase, found = self.timebase(), []
        for tube, instants in truth.items():
            stamps = [timebase.at(edge.counter_us) for edge in self.edges() if edge.input == tube]
            assert len(stamps) == len(instants), f"tube {tube}: {len(stamps)} of {len(instants)} edges"
            found += [
                (stamp.utc_ns - self.true_ns(at_ns), stamp) for stamp, at_ns in zip(stamps, instants, strict=True)
            ]
        return found

    def _run_while(self, condition) -> None:
        end_ns = self.chip.now_ns + ANSWER_NS
        while condition():
            assert self.chip.now_ns < end_ns, f"expected an answer within {ANSWER_NS / SECOND} s"
            self.run(self.chip.now_ns + TURN_NS)

    def _listen(self) -> None:
        for message in self.host.receive(self.chip.take()):
            if isinstance(message, session.Records):
                for at in range(0, len(message.records), record.SIZE):
                    found = record.unpack(message.records[at : at + record.SIZE])
                    self.records[found.sequence] = found
            elif isinstance(message, session.Status):
                self.statuses.append(message)
            elif isinstance(message, session.End):
                self.ended += 1

    def _say(self) -> None:
        """Pulse and speak for one second, and come again in the next."""
        at_ns = self.chip_ns(self._second)
        fix = self._second >= self._fix_s
        if fix and self._second:
            self.chip.pulse(at_ns)
        text = b"".join(sentences(FIRST_UTC_S + self._second, fix, SATELLITES))
        self.chip.speak(at_ns + SPEAKS_MS * MS, text, self.baud)
        self._second += 1
        self.chip.at(self.chip_ns(self._second) - MS, self._say)


def passages(from_ns: int, count: int, over_ns: int, seed: int) -> dict[int, list[int]]:
    """Return instants of `count` edges a tube, spread over a time, by tube."""
    rng = Random(seed)
    truth: dict[int, list[int]] = {}
    for tube in (1, 2, 3, 4):
        slot_ns = over_ns // count
        truth[tube] = [from_ns + place * slot_ns + rng.randrange(slot_ns * 9 // 10) for place in range(count)]
    return truth


def burst(from_ns: int, count: int, apart_ns: int, seed: int) -> dict[int, list[int]]:
    """Return instants of `count` edges a tube, `apart_ns` apart, all tubes at once, by tube."""
    rng = Random(seed)
    starts = {tube: from_ns + rng.randrange(apart_ns) for tube in (1, 2, 3, 4)}
    return {tube: [start + place * apart_ns for place in range(count)] for tube, start in starts.items()}
