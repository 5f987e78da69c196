"""The whole board: the real firmware in a virtual board, downloaded over its ports, compared with the truth."""

import os
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import serial

from centesimo_protocol import record
from centesimo_protocol.session import End, HostSession, Live, Records, Welcome
from centesimo_protocol.timebase import Timebase
from centesimo_virtual.board import TO_HOST, VirtualBoard, VirtualBoardError
from centesimo_virtual.process import Interpreter, choose_interpreter
from centesimo_virtual.proof import fetch, held, held_at_crossing
from centesimo_virtual.replay import log_span
from centesimo_virtual.scenario import (
    IN_ERASE,
    IN_PROGRAM,
    NS,
    OFF,
    Crossing,
    Fault,
    Ghost,
    Outage,
    PowerCut,
    Receiver,
    Scenario,
    ScenarioError,
    Stuck,
    swinging_crystal,
    truth,
)
from centesimo_virtual.scenario_file import read_scenario
from centesimo_virtual.soak import MIDNIGHT_S, soak

ROOT = Path(__file__).resolve().parent.parent
LOGS = ROOT.parent / "shared" / "data" / "nmea"
# Of the recorded logs: one without any status A, and those that every firmware must be able to lock to.
NEVER_A_FIX = ("ublox-lea-5q",)
LOCKING = ("ublox-neo-m9n-nmea", "mt3339", "quectel-L70", "ublox-8", "meinberg-gps164")
START_NS = 1_777_000_000 * NS  # 2026-04-24 03:06:40 UTC
READY_S = 60
SILENCES = 50  # of 0.2 s: how long a host waits for an answer


def cars(*spans: tuple[int, int, float]) -> tuple[Crossing, ...]:
    """Return crossings over inputs 1 to 4 in turn, each span from one second to another, one every so many seconds."""
    found = []
    for from_s, to_s, every_s in spans:
        for number in range(int((to_s - from_s) / every_s)):
            at_ns = START_NS + round((from_s + number * every_s) * NS) + 123_456_789 * number % NS
            found.append(Crossing(at_ns, 1 + number % 4, speed_kmh=30 + number % 60))
    return tuple(found)


def download(address: str) -> list[tuple]:
    """Return all records of the board at a port, as a host gets them."""
    with serial.serial_for_url(address, timeout=0.2) as line:
        session, found, silent = HostSession(b"host0001"), [], 0
        line.write(session.hello())
        while silent < SILENCES:
            chunk = line.read(max(1, line.in_waiting))
            silent = 0 if chunk else silent + 1
            for message in session.receive(chunk):
                if isinstance(message, Records):
                    raw = message.records
                    found += [record.unpack(raw[at : at + record.SIZE]) for at in range(0, len(raw), record.SIZE)]
                elif isinstance(message, Welcome) or (isinstance(message, End) and message.next <= session.board.last):
                    line.write(
                        session.fetch(max(message.first, 1) if isinstance(message, Welcome) else message.next, 500)[1]
                    )
                elif isinstance(message, End):
                    return found
        raise AssertionError(f"expected the end of the download, got silence after {len(found)} records")


def stamp(records: list[tuple], boot: int) -> dict[tuple[int, int], tuple[int, int]]:
    """Return (utc_ns, uncertainty_ns) of a boot's edges by (input, counter_us)."""
    own = [one for one in records if one.boot == boot]
    logged = [one for one in own if isinstance(one, record.Anchor | record.Correction)]
    base = Timebase(
        (one.counter_us, one.utc_s, one.confirmed) if isinstance(one, record.Anchor) else one.shift_s for one in logged
    )
    edges = [(one.input, one.counter_us) for one in own if isinstance(one, record.Edge)]
    return {edge: base.at(edge[1])[:2] for edge in edges}


# What happens to a board; after each, every crossing is where it truly was.
DAYS = {
    "a fix at once": Scenario(START_NS, 200, crossings=cars((30, 190, 5))),
    "cars before the first fix": Scenario(
        START_NS, 600, receiver=Receiver(silent_s=3, fix_s=120), crossings=cars((5, 590, 7))
    ),
    "a crystal that drifts": Scenario(
        START_NS, 1800, crystal=swinging_crystal(18, 1.5, 1200, 1800), crossings=cars((5, 1790, 11))
    ),
    "an hour without a fix, drifting": Scenario(
        START_NS,
        4500,
        crystal=swinging_crystal(-12, 1.0, 7200, 4500),
        receiver=Receiver(outages=(Outage(600, 4200),)),
        crossings=cars((5, 4400, 23)),
    ),
    "a receiver that does not know the leap seconds": Scenario(
        START_NS,
        900,
        receiver=Receiver(wrong_s=2, wrong_until_s=500, ubx=True, leap_known_s=500),
        crossings=cars((5, 880, 9)),
    ),
    "power cuts": Scenario(
        START_NS,
        900,
        receiver=Receiver(silent_s=2, fix_s=30),
        cuts=(PowerCut(200, 5), PowerCut(400.5, 20, IN_PROGRAM, 37), PowerCut(600, 60, IN_ERASE)),
        crossings=cars((5, 880, 3)),
    ),
    "a flash that erases for 400 ms, and eats sentences": Scenario(
        START_NS, 700, receiver=Receiver(fix_s=10), crossings=cars((60, 690, 1.7)), erase_us=400_000
    ),
    "a bad day for the receiver": Scenario(
        START_NS,
        900,
        receiver=Receiver(fix_s=20, outages=(Outage(300, 320), Outage(500, 515.5, OFF))),
        faults=(
            Fault(100, "sentence lost", 5),
            Fault(150, "sentence late", 700),
            Fault(200, "checksum damaged"),
            Fault(220, "pulse lost"),
            Fault(240, "pulse extra", 3000),
        ),
        ghosts=(Ghost(START_NS + 55 * NS, 2),),
        stuck=(Stuck(700, 720, 1),),
        crossings=tuple(
            car for car in cars((5, 880, 4)) if not (car.input == 1 and 699 <= (car.true_at_ns - START_NS) / NS < 721)
        ),
    ),
}


@pytest.mark.parametrize("name", DAYS)
def test_every_crossing_is_within_its_uncertainty_of_the_truth(name: str) -> None:
    scenario = DAYS[name]
    with VirtualBoard(scenario) as board:
        board.wait_until_ready(READY_S)
        records = download(board.port)
    assert [one.sequence for one in records] == list(range(1, len(records) + 1))
    compare(scenario, records)


def compare(scenario: Scenario, records: list[tuple]) -> None:
    """Find each crossing's front edge by its counter value, and its stated time around the true one."""
    stamps_by_boot = {}
    for one in truth(scenario):
        if one.boot is None:
            continue
        if one.boot not in stamps_by_boot:
            stamps_by_boot[one.boot] = stamp(records, one.boot + 1)
        utc_ns, uncertainty_ns = stamps_by_boot[one.boot][one.input, one.counter_us]
        assert abs(utc_ns - one.true_at_ns) <= uncertainty_ns, one


# A leap second 100 s after the start, announced by the satellites.
LEAP_NS = 1_782_863_900 * NS  # 2026-06-30 23:58:20 UTC
LEAPS = {
    "locked": Receiver(ubx=True),
    "the receiver off": Receiver(ubx=True, outages=(Outage(90, 120, OFF),)),
}


@pytest.mark.parametrize("name", LEAPS)
def test_a_leap_second_is_right_at_once(name: str) -> None:
    crossings = tuple(Crossing(LEAP_NS + round((40 + 0.7 * n) * NS), 1 + n % 4) for n in range(200))
    scenario = Scenario(LEAP_NS, 200, receiver=LEAPS[name], crossings=crossings, leap_at_s=100)
    with VirtualBoard(scenario) as board:
        board.wait_until_ready(READY_S)
        records = fetch(board)
    for found in (held_at_crossing(scenario, records), held(scenario, records)):
        assert len(found) == len(crossings)
        assert [one for one in found if not one.inside] == []


def test_the_first_half_day_of_the_week_that_the_bench_lives() -> None:
    scenario = soak(12.5)
    with VirtualBoard(scenario) as board:
        board.wait_until_ready(5 * READY_S)
        memory = [used for _, used in board.memory]
        records = fetch(board)
    found = held(scenario, records)
    assert len(found) == len(scenario.crossings)
    assert [one for one in found if not one.inside] == []
    midnight_ns = scenario.start_utc_ns + MIDNIGHT_S * NS
    told_at_once = [one for one in held_at_crossing(scenario, records) if abs(one.true_at_ns - midnight_ns) <= 20 * NS]
    assert len(told_at_once) > 50
    assert [one for one in told_at_once if not one.inside] == []
    assert [one.shift_s for one in records if isinstance(one, record.Correction)] == [-2]
    assert len([one for one in records if isinstance(one, record.LeapSecond)]) == 1
    # The timeline's reader holds some 16 kB more or less; so the least of each half.
    assert not any(memory) or min(memory[6:]) - min(memory[:6]) < 4000


INTERPRETERS = {"first choice": choose_interpreter(), "CPython": Interpreter((sys.executable,), "CPython")}


@pytest.mark.parametrize("name", INTERPRETERS)
def test_pty_and_tcp_give_the_same_records(name: str) -> None:
    scenario = DAYS["a fix at once"]
    with VirtualBoard(scenario, interpreter=INTERPRETERS[name]) as board:
        board.wait_until_ready(READY_S)
        records = download(board.port)
        again = download(board.url)
    assert again[: len(records)] == records
    compare(scenario, records)


def scenario_of(log: Path) -> Scenario:
    """Return a scenario in which a log is replayed while a car passes every 1.7 s."""
    first_ns, last_ns = log_span(log)
    start_ns = first_ns // NS * NS - 2 * NS
    duration_s = (last_ns - first_ns) / NS + 60
    crossings = tuple(
        Crossing(start_ns + NS + number * 1_700_000_000, 1 + number % 4)
        for number in range(int((duration_s - 5) / 1.7))
    )
    return Scenario(start_ns, duration_s, receiver=Receiver(log=log, baud=115_200), crossings=crossings)


@pytest.mark.skipif(not LOGS.is_dir(), reason="the recorded logs of ../shared/data/nmea are not here")
@pytest.mark.parametrize("log", sorted(LOGS.glob("*.log")), ids=lambda log: log.stem)
def test_a_recorded_receiver_never_makes_a_wrong_time(log: Path) -> None:
    if log.stem in NEVER_A_FIX:
        with pytest.raises(ScenarioError, match="expected a log with a fix"):
            log_span(log)
        return
    scenario = scenario_of(log)
    with VirtualBoard(scenario) as board:
        board.wait_until_ready(READY_S)
        records = download(board.port)
    if any(isinstance(one, record.Anchor) for one in records):
        compare(scenario, records)
    else:
        assert log.stem not in LOCKING


def test_live_records_come_as_they_happen() -> None:
    at_ns = START_NS + 61 * NS + 234_567_000
    scenario = Scenario(START_NS, 62, crossings=(Crossing(at_ns, 3),), true_time_from_s=60)
    with VirtualBoard(scenario) as board, serial.Serial(board.port, timeout=5) as line:
        session, found = HostSession(b"host0001"), []
        line.write(session.hello())
        while not found and (chunk := line.read(max(1, line.in_waiting))):
            for message in session.receive(chunk):
                if isinstance(message, Welcome):
                    line.write(session.send(Live(1)))
                elif isinstance(message, Records):
                    raw = message.records
                    pushed = [record.unpack(raw[at : at + record.SIZE]) for at in range(0, len(raw), record.SIZE)]
                    found += [one for one in pushed if isinstance(one, record.Edge)]
    assert (found[0].input, found[0].counter_us) == (3, 61_234_567)


def test_both_interpreters_write_the_same_journal(tmp_path: Path) -> None:
    flashes = []
    for name, interpreter in INTERPRETERS.items():
        (tmp_path / name).mkdir()
        with VirtualBoard(DAYS["power cuts"], interpreter=interpreter, folder=tmp_path / name) as board:
            board.wait_until_ready(READY_S)
            # The last boot's accelerated part ends at 900 - 660 s; what follows is of true time.
            records = download(board.port)
            flashes.append([plain(one) for one in records if one.boot < 4 or one.counter_us < 240_000_000])
    assert flashes[0] == flashes[1]


def plain(one: tuple) -> tuple:
    """Return a record without how much memory is free, and without the tag that is computed over that."""
    if isinstance(one, record.SelfTest):
        return one._replace(free_bytes=0)
    return one._replace(tag=b"") if isinstance(one, record.Seal) else one


def test_unplugged_in_the_middle_of_a_download_and_plugged_in_again() -> None:
    with VirtualBoard(DAYS["a crystal that drifts"]) as board:
        board.wait_until_ready(READY_S)
        board.unplug_after(5000)
        with pytest.raises(OSError, match=r"no data|Input/output error|disconnected"):
            download(board.port)
        assert not Path(board.port).exists()
        board.plug()
        records = download(board.port)
        compare(board.scenario, records)


def test_what_the_wire_returns_is_what_goes_on() -> None:
    greeting = HostSession(b"host0001").hello()
    to_swallow = bytearray(greeting)

    def wire(direction: str, chunk: bytes) -> bytes:
        if direction == TO_HOST:
            return chunk.replace(b"satellites", b"SATELLITES")
        swallowed = min(len(to_swallow), len(chunk))
        del to_swallow[:swallowed]
        return chunk[swallowed:]

    with VirtualBoard(DAYS["a fix at once"], wire=wire) as board:
        board.wait_until_ready(READY_S)
        with serial.Serial(board.port, timeout=5) as line:
            line.write(greeting + b"\r")
            said = line.read_until(b"\n")
    assert said.startswith(b"centesimo ")
    assert b"SATELLITES" in said


def test_a_firmware_that_ends_is_told(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\necho no such firmware >&2\nexit 3\n")
    broken.chmod(0o755)
    interpreter = Interpreter((str(broken),), "broken")
    said = pytest.raises(VirtualBoardError, match="ended with code 3, having said:\nno such firmware")
    with VirtualBoard(DAYS["a fix at once"], interpreter=interpreter) as board, said:
        board.wait_until_ready(READY_S)


def fail_inside(board: VirtualBoard) -> None:
    with board:
        raise OSError(f"a mistake beside process {board.pid}")


def test_no_process_and_no_port_is_left() -> None:
    board = VirtualBoard(DAYS["a fix at once"])
    with pytest.raises(OSError, match="a mistake beside process") as failed:
        fail_inside(board)
    with pytest.raises(ProcessLookupError):
        os.kill(int(str(failed.value).split()[-1]), 0)
    assert not Path(board.port).parent.exists()


FILE = """
start = 2026-04-24T03:06:40Z
duration_s = 600
board_id = "00000000000000a1"

[crystal]
ppm = 12.5

[receiver]
silent_s = 3
fix_s = 60
outages = [{ from_s = 300, to_s = 330, kind = "no fix" }]

[[crossing]]
at_s = 61.5
input = 1

[[cars]]
input = 2
from_s = 90
every_s = 30
count = 3

[[cut]]
at_s = 400
off_s = 10
"""


def test_a_scenario_file(tmp_path: Path) -> None:
    path = tmp_path / "day.toml"
    path.write_text(FILE)
    made = read_scenario(path, now_ns=0)
    assert (made.start_utc_ns, made.board_id, made.crystal.ppm(100)) == (START_NS, "00000000000000a1", 12.5)
    assert made.receiver == Receiver(silent_s=3, fix_s=60, outages=(Outage(300, 330, "no fix"),))
    seconds = [((car.true_at_ns - START_NS) / NS, car.input) for car in made.crossings]
    assert seconds == [(61.5, 1), (90, 2), (120, 2), (150, 2)]
    assert made.cuts == (PowerCut(400, 10),)


WRONG_FILES = {
    "not TOML": ("duration_s", "Expected '=' after a key"),
    "key": ("duration_s = 9\nlength = 3", "the file: expected one of .*duration_s.*, got length"),
    "missing": ('board_id = "00000000000000a1"', "the file: expected duration_s, got nothing for it"),
    "type": ('duration_s = "9 s"', "the file: expected duration_s as float, got '9 s'"),
    "start": ("duration_s = 9\nstart = 2026-04-24T03:06:40", "start: expected a date and time with its zone"),
    "no instant": ("duration_s = 9\n[[ghost]]\ninput = 1", "ghost: expected at_s, seconds after the start, got None"),
    "no table": ("duration_s = 9\ncut = 5", r"cut: expected tables, as \[\[cut\]\], got 5"),
    "outside": ("duration_s = 9\n[[ghost]]\ninput = 1\nat_s = 10", "expected an instant within the scenario"),
    "no log": ("duration_s = 9\n[receiver]\nlog = 'no.log'", "receiver: expected log as the path of a receiver's log"),
}


@pytest.mark.parametrize("name", WRONG_FILES)
def test_a_scenario_file_that_does_not_do(name: str, tmp_path: Path) -> None:
    text, message = WRONG_FILES[name]
    path = tmp_path / "day.toml"
    path.write_text(text)
    with pytest.raises(ScenarioError, match=message) as refused:
        read_scenario(path, now_ns=START_NS)
    assert str(refused.value).startswith(f"{path}: ")


def test_the_command_serves_a_board_until_it_is_interrupted(tmp_path: Path) -> None:
    (tmp_path / "day.toml").write_text(FILE)
    command = [
        sys.executable,
        "-m",
        "centesimo_virtual",
        str(tmp_path / "day.toml"),
        "--port-link",
        str(tmp_path / "board"),
    ]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    ) as served:
        assert served.stdout is not None
        said = b""
        while b"in true time now" not in said and (chunk := served.stdout.read1(200)):
            said += chunk
        records = download(str(tmp_path / "board"))
        served.send_signal(signal.SIGINT)
        assert served.wait(10) == 0
    assert said.startswith(b"board 00000000000000a1 on " + bytes(tmp_path / "board"))
    assert sum(isinstance(one, record.Boot) for one in records) == 2
    assert not (tmp_path / "board").exists()


def test_the_documented_scenario_is_one() -> None:
    text = (ROOT / "docs" / "virtual-board.md").read_text(encoding="utf-8")
    example = text.split("```toml\n")[1].split("```")[0]
    assert tomllib.loads(example)["duration_s"] > 0
