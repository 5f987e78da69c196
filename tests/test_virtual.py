"""The virtual board's own parts: the simulated chip, the cable, and the process behind it."""

import select
from pathlib import Path

import pytest
import serial

from centesimo_virtual.chip import machine, rp2, world
from centesimo_virtual.chip.capture import RING, Capture
from centesimo_virtual.chip.codes import EXIT_CUT
from centesimo_virtual.wire import LANE_BYTES, STALE_S, Lane, Pty, TcpPort


@pytest.fixture
def make_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Return a function from a timeline's text to the World that it makes, current for `machine` and `rp2`."""

    def make(text: str, **settings: int) -> world.World:
        path = tmp_path / "timeline"
        path.write_text(text)
        made = world.World(str(path), **settings)
        monkeypatch.setattr(world, "current", made)
        return made

    return make


# name, the wall clock when Z is met, the instant that Z should be at, how long it waits, the counter (Z: 5000) then
IN_STEP = [
    ("any time", 7_000, 0, 0, 5_000),
    ("early", 7_000, 9_500, 2_500, 5_000),
    ("late", 7_000, 6_900, 0, 5_100),
]


@pytest.mark.parametrize(("now_us", "true_at_us", "slept_us", "counter_us"), [row[1:] for row in IN_STEP])
def test_true_time_begins_at_the_instant_that_is_said(  # type: ignore[no-untyped-def]
    now_us, true_at_us, slept_us, counter_us, make_world, monkeypatch
) -> None:
    slept: list[int] = []
    monkeypatch.setattr(world, "time_ns", lambda: now_us * 1000)
    monkeypatch.setattr(world, "ticks_us", lambda: 77)
    monkeypatch.setattr(world, "sleep_us", slept.append)
    here = make_world("5000 Z\n", true_at_us=true_at_us)
    here.wait()
    assert (sum(slept), here.now_us()) == (slept_us, counter_us)


# A timeline; after each wait: the counter and what capture and the port read.
WAITS = {
    "jumps to each event": (
        "250000 P\n900000 E 2\n",
        [(250_000, [(0, 250_000)], None), (900_000, [(2, 900_000)], None)],
    ),
    "a second at most": (
        "2500000 P\n",
        [(1_000_000, [], None), (2_000_000, [], None), (2_500_000, [(0, 2_500_000)], None)],
    ),
    "two at one instant": ("100 E 1\n100 E 4\n", [(100, [(1, 100), (4, 100)], None)]),
    "bytes of the receiver": ("5 N 2447\n9 N 4e0d0a\n", [(5, [], b"$G"), (9, [], b"N\r\n")]),
}


@pytest.mark.parametrize("name", WAITS)
def test_accelerated_time(name: str, make_world) -> None:  # type: ignore[no-untyped-def]
    text, expected = WAITS[name]
    here = make_world(text + "9000000 P\n")
    capture, port = Capture(here), machine.UART(0, rxbuf=64)
    for counter_us, edges, heard in expected:
        here.wait()
        assert (capture.now_us(), list(capture.read()), port.read()) == (counter_us, edges, heard)


def test_sent_bytes_end_the_next_wait_at_once(make_world) -> None:  # type: ignore[no-untyped-def]
    here = make_world("1000 P\n")
    here.busy = True
    here.wait()
    assert here.now_us() == 0
    here.wait()
    assert here.now_us() == 1000


def test_the_port_loses_what_its_buffer_does_not_hold(make_world) -> None:  # type: ignore[no-untyped-def]
    here = make_world(f"1 N {'41' * 40}\n1 N {'42' * 40}\n9 P\n")
    port = machine.UART(0, rxbuf=64)
    here.wait()
    assert port.any() == 64
    assert port.read(4) == b"AAAA"
    assert port.read() == b"A" * 36 + b"B" * 24


def test_an_erase_stops_the_processor_not_the_capture(make_world, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "flash").write_bytes(b"\0" * 8192)
    here = make_world(f"1000 E 1\n2000 N {'41' * 20}\n3000 N {'42' * 20}\n90000 P\n", erase_us=45_000)
    port = machine.UART(0, rxbuf=256)
    rp2.attach(str(tmp_path / "flash"))
    rp2.Flash().ioctl(6, 0)
    assert here.now_us() == 45_000
    assert Capture(here).read() == [(1, 1000)]
    assert port.read() == b"A" * 20 + b"B" * 12  # the FIFO holds 32


def test_an_unread_ring_loses_the_oldest_and_counts(make_world) -> None:  # type: ignore[no-untyped-def]
    here = make_world("".join(f"{us} E 3\n" for us in range(1, RING + 11)) + "5000000 P\n", erase_us=1)
    here.stall(RING + 10)
    capture = Capture(here)
    edges = capture.read()
    assert (len(edges), edges[0], capture.lost) == (RING, (3, 11), [0, 0, 0, 10, 0])


def test_a_stuck_contact_and_what_never_changes(make_world) -> None:  # type: ignore[no-untyped-def]
    here = make_world("10 C 2 1\n20 C 2 0\n30 P\n")
    capture, seen = Capture(here), []
    for _ in range(2):
        here.wait()
        seen.append((capture.closed(1), capture.closed(2)))
    assert seen == [(False, True), (False, False)]


# How the power goes, what the firmware does, and what the first page of flash, all 55 before, holds then.
ENDS = {
    "at once": ("10 X\n", lambda: world.current.wait(), b"\x55" * 256),
    "in a program": (
        "10 X program 3\n20 P\n",
        lambda: rp2.Flash().writeblocks(0, b"\x11" * 256, 0),
        b"\x11" * 3 + b"\x55" * 253,
    ),
    "in an erase": ("10 X erase\n20 P\n", lambda: rp2.Flash().ioctl(6, 0), b"\xff" * 256),
}


@pytest.mark.parametrize("name", ENDS)
def test_the_power_goes(name: str, make_world, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    text, act, left = ENDS[name]
    (tmp_path / "flash").write_bytes(b"\x55" * 4096)
    rp2.attach(str(tmp_path / "flash"))
    here = make_world(text)
    if name != "at once":
        here.wait()
    with pytest.raises(SystemExit) as ended:
        act()
    assert ended.value.code == EXIT_CUT
    assert (tmp_path / "flash").read_bytes()[:256] == left


def test_flash_keeps_the_rules_of_nor(make_world, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    make_world("10 P\n")
    (tmp_path / "flash").write_bytes(b"\xff" * 3 * 4096)
    rp2.attach(str(tmp_path / "flash"))
    flash, page = rp2.Flash(start=4096, len=8192), bytearray(256)
    assert (flash.ioctl(4, 0), flash.ioctl(5, 0)) == (2, 4096)
    flash.writeblocks(1, b"\xf0" * 256, 512)
    flash.writeblocks(1, b"\x3c" * 256, 512)
    flash.readblocks(1, page, 512)
    assert page == b"\x30" * 256  # f0 & 3c: programming only clears bits
    assert (tmp_path / "flash").read_bytes()[8192 + 512 :][:256] == page
    flash.ioctl(6, 1)
    flash.readblocks(1, page, 512)
    assert page == b"\xff" * 256
    with pytest.raises(ValueError, match="whole pages of 256 bytes, got 100 at 4096"):
        flash.writeblocks(0, b"x" * 100, 0)
    with pytest.raises(OSError, match="a place inside 8192 bytes of flash, got 8192"):
        flash.readblocks(2, page)


def test_a_lane_is_bounded_goes_at_its_rate_and_gets_stale() -> None:
    lane, got = Lane(baud=9600), bytearray()

    def take(chunk: bytes) -> int:
        got.extend(chunk)
        return len(chunk)

    lane.put(b"x" * (LANE_BYTES + 5), now_s=10.0)
    assert (len(lane), lane.lost) == (LANE_BYTES, 5)
    for turn in range(100):
        lane.move(take, 10.0 + turn / 100)
    assert 950 <= len(got) <= 980  # 960 bytes a second
    lane.drop_stale(10.99 + STALE_S)
    assert len(lane) == LANE_BYTES - len(got)
    lane.drop_stale(11.0 + STALE_S)
    assert (len(lane), lane.lost) == (0, LANE_BYTES + 5 - len(got))


def test_a_pty_outlives_its_host_and_vanishes_when_unplugged(tmp_path: Path) -> None:
    port = Pty(tmp_path / "port")
    port.plug()
    try:
        for _ in range(2):
            with serial.Serial(str(port.path), timeout=5) as host:
                host.write(b"\x03\x11\x13\r\n\x00")
                assert port.send(b"\x03\x11\x13\r\n\x00") == 6
                assert host.read(6) == b"\x03\x11\x13\r\n\x00"
                assert select.select([port.fileno()], [], [], 5)[0]
                assert port.receive() == b"\x03\x11\x13\r\n\x00"
        with serial.Serial(str(port.path), timeout=5) as host:
            port.unplug()
            with pytest.raises(serial.SerialException):
                host.read(1)
        assert not port.path.exists()
        port.plug()
        assert port.path.exists()
    finally:
        port.unplug()


def test_a_tcp_port_takes_one_host_at_a_time() -> None:
    port = TcpPort()
    port.plug()
    try:
        with serial.serial_for_url(f"socket://127.0.0.1:{port.port}", timeout=5) as first:
            assert select.select([port.listener()], [], [], 5)[0]
            port.accept()
            with serial.serial_for_url(f"socket://127.0.0.1:{port.port}", timeout=5) as second:
                assert select.select([port.listener()], [], [], 5)[0]
                port.accept()
                with pytest.raises(serial.SerialException):
                    second.read(1)
            port.send(b"here")
            assert first.read(4) == b"here"
        assert select.select([port.fileno()], [], [], 5)[0]
        assert (port.receive(), port.fileno()) == (b"", None)
    finally:
        port.unplug()
