"""Inputs that lie, at every door, until the time is over: python -m tests.doors_fuzz --minutes 5 --seed 1.

Each input is a good one with bytes changed, cut, doubled, or with a right check made for it again. A door may refuse it
by an error of ours, in the processor time and memory that its size is worth; anything else ends the run with door and
seed, which python -m tests.doors_fuzz --only frame:123 runs again.

The collector of cyclic garbage visits all that thousands of inputs before left behind, so its time is no input's: it is
counted out, and it is called every few turns. (compute() lets all that is there count as old, so that by itself
the collector came once in many hundred inputs, for seconds.)
"""

import argparse
import gc
import os
import random
import resource
import struct
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from functools import cache, partial
from hashlib import sha256
from typing import NamedTuple

from centesimo.check import event_from_files
from centesimo.compute import Facts, compute
from centesimo.logs import find_format
from centesimo.model.errors import TimingError
from centesimo.model.event import Device
from centesimo.reading.toml_tables import Problems
from centesimo.rulebook import read_rulebook
from centesimo.store import IN_MEMORY, Store
from centesimo.store.bundle import write_bundle
from centesimo.store.database import _engine
from centesimo.store.load_bundle import load_bundle
from centesimo.store.load_log import read_log
from centesimo.store.load_passages import read_passages
from centesimo.store.raw_archive import Replay
from centesimo_board.gps import message
from centesimo_board.receiver import Receiver
from centesimo_protocol import frame, record, session
from centesimo_protocol.shim import ProtocolError
from tests.events import FILES, event
from tests.http_door import GOOD as REQUESTS
from tests.http_door import HttpDoor
from tests.test_merge import A1, AT_A, DECISIONS, KEYED, journal, taped

RIGHT = journal(AT_A)
EVENT = event()
CPU_S, CPU_S_A_KB = 3, 0.02  # that an input may take (scipy is loaded by the first that needs it), and each 1000 bytes
MEMORY_MB, MEMORY_MB_A_KB = 200, 0.5  # by which an input may let the process grow, and each 1000 bytes
COSTLY, CHEAP = 5, 500  # inputs a turn
COLLECTED = 10  # turns between two collections
TELL_S = 30
NMEA = b"$GPRMC,072000.00,A,4530.0000,N,01012.0000,E,0.0,0.0,230527,,,A*6D\r\n$GPZDA,072000.00,23,05,2027,00,00*60\r\n"
UBX = message(b"\x01\x21", bytes(20)) + message(b"\x01\x26", bytes(24)) + message(b"\x0d\x01", bytes(16))
SHEET = b"timing_point,start_number,time_of_day,source\nA1,1,10:15:00.25,hand\nC1,2,10:16:00,sheet\n"


LOG_LINES = {
    "timy": b" 0001 c0  09:43:49,8863 00\r?0002 c1M 09:43:50,1647 00\r"
    b"m0003 c1 09:44:00,5 00\rc0001 c0  09:43:49,8863 00\r",
    "tag-heuer": b"TN    1    4 M1  9:35:09.75300  10004\r\nT*    2    4 M1  9:35:09.75300  10004\r\n"
    b"T  3 4 1 9:36:00.5\r\n",
    "race-result": b"1;34;2027-05-23;10:50:00.477;7;3;31;;1;1;1;;16731;2\r\n2;5;;10:50:01.477;7;3;31\r\n",
}


def _device(form: str) -> Device:
    channels = {"timy": ("c0", "c1"), "tag-heuer": ("1", "2"), "race-result": ("0", "1")}[form]
    return Device("d", form, tuple(zip(channels, ("A1", "A2"), strict=True)))


def take_log(form: str, raw: bytes) -> int:
    """Read a log as `load` does, and return how many passages it has."""
    text = raw.decode(errors="replace")
    find_format(text)
    return len(read_log("l", text, EVENT, _device(form), Problems())[0])


LOGS = {form: (raw, partial(take_log, form)) for form, raw in LOG_LINES.items()}


class Door(NamedTuple):
    """Where something comes in: a good input, what takes it, and how many inputs are asked for."""

    good: bytes
    take: Callable[[bytes], object]
    inputs: int


def _wire() -> bytes:
    number = session.number_of(hello := session.encode(_welcome()))
    return (
        hello
        + session.encode(session.Records(1, b"".join(RIGHT)), number=number)
        + session.encode(session.End(1, 9), number=number)
    )


def _welcome() -> "session.Welcome":
    return session.Welcome(session.VERSION, bytes.fromhex(A1), bytes(12), 0, 1, 0, 1, 1, len(RIGHT), 0, 0, bytes(11))


@cache
def _empty() -> bytes:
    """Return a new store as it lies in memory."""
    with closing(Store.open(IN_MEMORY)) as store, store.reading() as connection:
        image: bytes = connection.connection.driver_connection.serialize()  # type: ignore[union-attr]
        return image


def _fresh() -> Store:
    """Return a new store in memory, without the steps of the schema, which take longer than an input."""
    store = Store(_engine(IN_MEMORY), IN_MEMORY)
    with store.reading() as connection:
        connection.connection.driver_connection.deserialize(_empty())  # type: ignore[union-attr]
    return store


def _bundle() -> bytes:
    with closing(_fresh()) as store:
        board, port, raws, now_ns, version, part = taped(A1, RIGHT)
        store.add_records(board, port, raws, now_ns, version, part)
        store.add_event(EVENT, 5)
        store.add_decision(DECISIONS[0], [])
        store.add_sightings(KEYED)
        with store.reading() as connection:
            return write_bundle(connection)


def _take_wire(raw: bytes) -> None:
    host, board = session.HostSession(bytes(8)), session.BoardSession()
    for at in range(0, len(raw), 50):
        host.receive(raw[at : at + 50])
        board.receive(raw[at : at + 50])


def _take_archive(raw: bytes) -> None:
    with suppress(zlib.error):
        Replay().read(zlib.decompressobj().decompress(zlib.compress(raw), 1 << 24))


def _take_bundle(raw: bytes) -> None:
    """Load it with its seal made right again; then compute all that follows from it."""
    body = raw[: raw.rfind(b"sha256 ")] if b"sha256 " in raw else raw
    with closing(_fresh()) as store:
        load_bundle(store, "b", body + b"sha256 " + sha256(body).hexdigest().encode() + b"\n", now_ns=2 * 10**18)
        store.accept([proposal.decision.id for proposal in store.proposals()], "fuzz", 1)
        facts = Facts(EVENT, (), store.records(), (), tuple(store.decisions()), tuple(store.sightings()))
        compute(facts._replace(rivals=store.rivals()))


def _take_folder(raw: bytes) -> None:
    parts = raw.decode(errors="replace").split("\0")
    compute(Facts(event_from_files(dict(zip(sorted(FILES), parts, strict=False))), (), {}, ()))


def _take_records(raw: bytes) -> None:
    """Make each 32 bytes a record with a right check and compute what follows from it beside what is right."""
    raws = [raw[at : at + 28] + struct.pack("<I", zlib.crc32(raw[at : at + 28])) for at in range(0, len(raw) - 31, 32)]
    with closing(_fresh()) as store:
        store.add_records(A1, "p", raws, 5)
        compute(Facts(EVENT, (), store.records(), (), rivals=store.rivals()))


def doors() -> dict[str, Door]:
    """Return every door by its name."""
    folder = "\0".join(FILES[name] for name in sorted(FILES)).encode()
    logs = {f"log {form}": Door(good, take, 10**7) for form, (good, take) in LOGS.items()}
    return logs | {
        "frame": Door(frame.encode(1, b"payload") * 3, lambda raw: frame.FrameReader().receive(raw), 10**7),
        "session": Door(_wire(), _take_wire, 10**7),
        "nmea": Door(NMEA, lambda raw: Receiver().receive(raw), 10**7),
        "ubx": Door(UBX, lambda raw: Receiver().receive(raw), 10**7),
        "record": Door(RIGHT[1], record.unpack, 10**7),
        "sheet": Door(SHEET, lambda raw: read_passages("s", raw.decode(errors="replace"), EVENT, Problems()), 10**7),
        "rule book": Door(
            FILES["rules.toml"].encode(), lambda raw: read_rulebook(raw.decode(errors="replace"), "r"), 10**5
        ),
        "archive part": Door(
            b"\x01" + bytes(8) + struct.pack("<BII", 0, 5, len(_wire())) + _wire(), _take_archive, 10**5
        ),
        "event folder": Door(folder, _take_folder, 10**5),
        "bundle": Door(_bundle(), _take_bundle, 10**5),
        "records, computed": Door(b"".join(RIGHT), _take_records, 10**5),
        "http": Door(REQUESTS, HttpDoor().take, 10**5),
    }


def spoilt(good: bytes, seed: int) -> bytes:
    """Return a good input with up to six changes."""
    chance, raw = random.Random(seed), bytearray(good)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(raw) + 1)
        end = min(len(raw), at + chance.choice((1, 1, 2, 4, 8, 64)))
        kind = chance.randrange(7)
        if kind == 0:
            raw[at:end] = chance.randbytes(end - at)
        elif kind == 1:
            del raw[at:end]
        elif kind == 2:
            raw[at:at] = raw[at:end] * chance.choice((1, 2, 100))
        elif kind == 3:
            raw[at:end] = chance.choice((b"\xff", b"\0", b"9", b"[", b'"', b"-", b"e", b"\x1b", b"\xe2\x80\xae")) * (
                end - at
            )
        elif kind == 4:
            raw[at:at] = chance.randbytes(chance.randrange(40))
        elif kind == 5 and raw:
            other = chance.randrange(len(raw))
            raw[at:end] = raw[other : other + end - at]
        elif raw:
            raw[min(at, len(raw) - 1)] ^= 1 << chance.randrange(8)
    return bytes(raw)


class Collector:
    """Counts the processor time that the collector of cyclic garbage took in this process, in s."""

    def __init__(self) -> None:
        self.took_s = self._begun_s = 0.0
        gc.callbacks.append(self._note)

    def _note(self, phase: str, _: dict[str, int]) -> None:
        if phase == "start":
            self._begun_s = time.process_time()
        else:
            self.took_s += time.process_time() - self._begun_s


COLLECTOR = Collector()


def tried(name: str, door: Door, seed: int) -> None:
    """Take one input; raise what is no error of ours, and where it took too long or too much."""
    raw = spoilt(door.good, seed)
    try:
        begun_mb, took_s = _peak_mb(), _taken_s(door, raw)
        if took_s > CPU_S + CPU_S_A_KB * len(raw) / 1000:
            raise AssertionError(f"{took_s:.1f} s for {len(raw)} bytes")
        grown_mb = _peak_mb() - begun_mb
        if grown_mb > MEMORY_MB + MEMORY_MB_A_KB * len(raw) / 1000:
            raise AssertionError(f"{grown_mb:.0f} MB for {len(raw)} bytes")
    except BaseException as error:
        if not isinstance(error, KeyboardInterrupt):
            print(f"{name}:{seed}: {error!r}", flush=True)
        raise


def _taken_s(door: Door, raw: bytes) -> float:
    """Return the processor time that one input took, in s, without the collector's."""
    begun_s = time.process_time() - COLLECTOR.took_s
    with suppress(TimingError, ProtocolError):
        door.take(raw)
    return time.process_time() - COLLECTOR.took_s - begun_s


def _peak_mb() -> float:
    """Return the most memory that this process ever had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _turns(seed: int, every: dict[str, Door]) -> Iterator[tuple[str, Door, range]]:
    """Yield the doors in turns, cheap ones with more inputs a turn."""
    turn = 0
    while True:
        if turn % COLLECTED == 0:
            gc.collect()
        for name, door in every.items():
            count = CHEAP if door.inputs > 10**6 else COSTLY
            yield name, door, range(seed * 10**9 + turn * count, seed * 10**9 + (turn + 1) * count)
        turn += 1


def main() -> None:
    """Try inputs until the time is over, and say how many each door took."""
    parser = argparse.ArgumentParser(prog="python -m tests.doors_fuzz")
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(3), "big"))
    parser.add_argument("--only", help="DOOR:SEED of one input")
    parser.add_argument("--door", help="only this one, or the kind of its name's first word: log")
    asked, every = parser.parse_args(), doors()
    if asked.door:
        every = {name: door for name, door in every.items() if asked.door in (name, name.partition(" ")[0])}
    if asked.only:
        name, _, number = asked.only.rpartition(":")
        tried(name, every[name], int(number))
        return
    print(f"seed {asked.seed}", flush=True)
    counts = dict.fromkeys(every, 0)
    end_s = told_s = time.monotonic()
    end_s += asked.minutes * 60
    for name, door, seeds in _turns(asked.seed, every):
        if time.monotonic() > end_s or all(counts[one] >= every[one].inputs for one in every):
            break
        if counts[name] < door.inputs:
            for number in seeds:
                tried(name, door, number)
            counts[name] += len(seeds)
        if time.monotonic() - told_s > TELL_S:
            told_s = time.monotonic()
            print(counts, flush=True)
    print(", ".join(f"{name} {count:,}" for name, count in counts.items()), "inputs: all refused by name or taken")


if __name__ == "__main__":
    sys.exit(main())
