"""A timing point on the emulated chip: a receiver that speaks true time, a host on its USB, and what both make of it.

The chip's crystal is fast by CRYSTAL_PPM, so a true second lasts that much longer on its counter. The receiver's pulse
and its sentences (virtual.receiver) come at their times on the line; the host is protocol.session's own.
"""

import os
import subprocess
from pathlib import Path
from random import Random

import pytest

from centesimo_protocol import record, session, setting
from centesimo_protocol.timebase import Stamp, Timebase, logged
from centesimo_virtual.receiver import sentences
from centesimo_virtual.scenario import Receiver
from tests.chip import FLASH_NS, MS, SECOND, TUBE_PINS, Chip

ROOT = Path(__file__).resolve().parent.parent
IMAGE = ROOT / "build" / "centesimo-rp2040.uf2"
CRYSTAL_PPM = 12
FIRST_UTC_S = 1_772_359_200  # 2026-03-01 10:00:00 UTC
SPEAKS_MS = 150  # from the pulse to the first sentence's first byte
TURN_NS = 10 * MS
ANSWER_NS = 2 * SECOND
SATELLITES = 9

Truth = dict[int, list[int]]  # by tube, the chip's instants of edges, in order


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
        self.answers: list[tuple] = []  # to what was asked for with `ask`
        self._on_ns = on_ns
        self._fix_s = fix_s
        self._second = 0
        self._is_off = False
        self._skipped: list[tuple[int, int]] = []  # (chip's instant, true ns that passed in it)
        chip.at(on_ns, self._say)

    def true_ns(self, chip_ns: int) -> int:
        """Return the true UTC in ns since 1970 at an instant of the chip's."""
        skipped_ns = sum(true_ns for at_ns, true_ns in self._skipped if at_ns <= chip_ns)
        return FIRST_UTC_S * SECOND + skipped_ns + (chip_ns - self._on_ns) * 1_000_000 // (1_000_000 + CRYSTAL_PPM)

    def chip_ns(self, second: int) -> int:
        """Return the instant of the chip's at which a true second begins, counted from the receiver's start."""
        return self._on_ns + second * (SECOND + CRYSTAL_PPM * 1000)

    def switch_receiver_off(self) -> None:
        """Let the receiver be silent from its next second on, for good."""
        self._is_off = True

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

    def ask(self, message: tuple) -> tuple:
        """Send a request that gets one answer, other than those above, and return that."""
        count = len(self.answers)
        self.chip.send(self.host.send(message))
        self._run_while(lambda: len(self.answers) == count)
        return self.answers[-1]

    def set(self, key: int, value: int) -> None:
        """Change a setting."""
        assert isinstance(self.ask(session.Set(key, setting.pack(key, value))), session.SettingIs)

    def line(self) -> str:
        """Press Enter as at a terminal and return the line that is answered."""
        self.chip.take()
        self.chip.send(b"\r")
        self.chip.run_while(lambda: b"\n" not in self.chip.said, ANSWER_NS)
        return self.chip.take().decode().strip()

    def fetch(self, first: int = 1, count: int = 0xFFFF) -> None:
        """Pull all records from a sequence number on into `records`, or so many numbers."""
        ended = self.ended
        self.chip.send(self.host.fetch(first, count)[1])
        self._run_while(lambda: self.ended == ended)

    def until_locked(self, limit_s: int) -> float:
        """Run until the board says that it is locked; return the seconds since the receiver was switched on."""
        end_ns = self.chip.now_ns + limit_s * SECOND
        while self.status().state != record.LOCKED:
            assert self.chip.now_ns < end_ns, f"expected locked within {limit_s} s, got {self.statuses[-1]}"
            self.run(self.chip.now_ns + SECOND // 2)
        return (self.chip.now_ns - self._on_ns) / SECOND

    def edges(self, boot: int = 1) -> list[record.Edge]:
        """Return the edges of a boot among what was fetched, each input's in order."""
        edges = [edge for value in self._of(boot) for edge in record.edges_of(value)]
        return sorted(edges, key=lambda edge: (edge.input, edge.count))

    def timebase(self, boot: int = 1) -> Timebase:
        """Return the time of a boot, as the host makes it of what was fetched."""
        return Timebase(logged(self._of(boot)))

    def errors_ns(self, *groups: Truth) -> list[list[tuple[int, Stamp]]]:
        """Return for each group stamp less true UTC in ns of every edge, with its Stamp; AssertionError if one lacks.

        The groups follow each other in time; together they are all edges of boot 1.
        """
        timebase, found = self.timebase(), [[] for _ in groups]
        for tube in TUBE_PINS:
            stamps = [timebase.at(edge.counter_us) for edge in self.edges() if edge.input == tube]
            instants = [(place, at_ns) for place, group in enumerate(groups) for at_ns in group.get(tube, [])]
            assert len(stamps) == len(instants), f"tube {tube}: {len(stamps)} of {len(instants)} edges"
            for stamp, (place, at_ns) in zip(stamps, instants, strict=True):
                found[place].append((stamp.utc_ns - self.true_ns(at_ns), stamp))
        return found

    def to_flash_ms(self, before: Truth, truth: Truth) -> list[float]:
        """Return how long each edge of a group took to the end of its record's program; `before` came earlier."""
        written: dict[tuple[int, int], int] = {}
        for at_ns, operation, _, page in self.chip.flash_ops:
            for raw in slots(page) if operation == "program" else ():
                if raw[6] not in (record.EDGE, record.BURST) or raw == record.ERASED:
                    continue
                for edge in record.edges_of(record.unpack(raw)):
                    written.setdefault((edge.input, edge.count), at_ns + FLASH_NS["program"])
        return [
            (written[tube, len(before[tube]) + place + 1] - at_ns) / MS
            for tube, instants in truth.items()
            for place, at_ns in enumerate(instants)
        ]

    def drive(self, truth: Truth) -> None:
        """Let a group's edges come."""
        for tube, instants in truth.items():
            for at_ns in instants:
                self.chip.edge(at_ns, tube)

    def skip(self, counted_s: int, drift_ppb: int) -> None:
        """Let the counter go on by so many seconds at once, in which the crystal is that much faster still."""
        rate_ppb = 1_000_000_000 + CRYSTAL_PPM * 1000 + drift_ppb
        self.chip.skip(counted_s * SECOND)
        self._skipped.append((self.chip.now_ns, counted_s * SECOND * 1_000_000_000 // rate_ppb))

    def _of(self, boot: int) -> list[tuple]:
        """Return what was fetched of a boot, in order of sequence."""
        return [self.records[sequence] for sequence in sorted(self.records) if self.records[sequence].boot == boot]

    def _run_while(self, condition) -> None:
        end_ns = self.chip.now_ns + ANSWER_NS
        while condition():
            assert self.chip.now_ns < end_ns, f"expected an answer within {ANSWER_NS / SECOND} s"
            self.run(self.chip.now_ns + TURN_NS)

    def _listen(self) -> None:
        for message in self.host.receive(self.chip.take()):
            if isinstance(message, session.Records):
                for found in map(record.unpack, slots(message.records)):
                    self.records[found.sequence] = found
            elif isinstance(message, session.Status):
                self.statuses.append(message)
            elif isinstance(message, session.End):
                self.ended += 1
            elif not isinstance(message, session.Welcome):
                self.answers.append(message)

    def _say(self) -> None:
        """Pulse and speak for one second, and come again in the next."""
        if self._is_off:
            return
        at_ns = self.chip_ns(self._second)
        fix = self._second >= self._fix_s
        if fix and self._second:
            self.chip.pulse(at_ns)
        text = b"".join(sentences(FIRST_UTC_S + self._second, fix, SATELLITES, Receiver().position))
        self.chip.speak(at_ns + SPEAKS_MS * MS, text, self.baud)
        self._second += 1
        self.chip.at(self.chip_ns(self._second) - MS, self._say)


def slots(raw: bytes) -> list[bytes]:
    """Return the whole slots of 32 bytes in some bytes."""
    return [raw[at : at + record.SIZE] for at in range(0, len(raw) - record.SIZE + 1, record.SIZE)]


def passages(from_ns: int, count: int, over_ns: int, seed: int) -> Truth:
    """Return instants of `count` edges a tube, spread over a time, by tube."""
    rng = Random(seed)
    truth: Truth = {}
    for tube in (1, 2, 3, 4):
        slot_ns = over_ns // count
        truth[tube] = [from_ns + place * slot_ns + rng.randrange(slot_ns * 9 // 10) for place in range(count)]
    return truth


def burst(from_ns: int, count: int, apart_ns: int, seed: int) -> Truth:
    """Return instants of `count` edges a tube, `apart_ns` apart, all tubes at once, by tube."""
    rng = Random(seed)
    starts = {tube: from_ns + rng.randrange(apart_ns) for tube in (1, 2, 3, 4)}
    return {tube: [start + place * apart_ns for place in range(count)] for tube, start in starts.items()}
