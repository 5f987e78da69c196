"""A scripted morning of the board on the desk, for both interpreters; prints all it wrote and what it told a host.

python -m tests.board_morning        micropython -m tests.board_morning       (from the project's folder)
"""

from binascii import hexlify

from centesimo_board import selftest
from centesimo_board.main import Board
from centesimo_protocol import record, session
from tests import desk

try:
    from micropython import heap_lock, heap_unlock
except ImportError:  # CPython cannot forbid memory

    def heap_lock():
        """Do nothing."""

    heap_unlock = heap_lock


def morning():
    """Run it; return the Desk, half an hour later and one start further."""
    selftest.free_bytes = lambda: 0  # the one thing in which the interpreters differ
    devices = desk.devices(ppb=-17_000)
    run = desk.Desk(Board(devices))
    run.run(8, status="V")
    run.edge(1, 8_400_000)
    run.run(40, shift_s=2)
    for tube in (1, 2, 3, 4):
        run.edge(tube, 48_500_000 + 90_000 * tube)
    run.run(40)
    run.run(30, pulse=False, sentences=lambda _: b"\xff$GN\x00")
    run.edge(2, 118_700_000)
    run.run(30, sentences=lambda label_s: desk.rmc(label_s) + desk.zda(label_s) + desk.gga(label_s))
    run.board.self_test()
    run.board.simulate(3)
    run.board.mark()
    run.board.change(1, b"Passo\x00\x00\x00\x00\x00\x00\x00")
    again = desk.Desk(Board(devices), label_s=run.label_s)
    again.second = run.second
    again.run(30)
    return again


def download(run):
    """Greet the board, fetch and acknowledge all; return the bytes that it sent."""
    host = session.HostSession(b"host0001")
    stream = run.devices.stream
    at_us = run.devices.capture.true_us
    told = b""
    asks = [host.hello]
    asks += [lambda: host.fetch(1, 1000)[1], lambda: host.send(session.Acknowledge(3)), lambda: b"\r"]
    for ask in asks:
        stream.given += ask()
        for _ in range(20):
            at_us += 1000
            run.until(at_us)
        told += stream.told
        host.receive(stream.told)
        stream.told = b""
    return told


def idle(run, turns=50):
    """Take turns in which nothing happens, where any use of memory is an error."""
    devices = run.devices
    devices.capture.read = lambda: ()
    devices.gps.read = devices.stream.read = lambda: b""
    run.board.step()
    heap_lock()
    try:
        for _ in range(turns):
            run.board.step()
    finally:
        heap_unlock()


def main():
    """Print every record, the download and the status line."""
    run = morning()
    journal = run.board.journal
    for sequence in range(1, journal.last + 1):
        raw = journal.read(sequence, 1)
        print(hexlify(raw).decode())
        assert record.pack(record.unpack(raw)) == raw
    print(hexlify(download(run)).decode())
    print(run.board.line())
    idle(run)


if __name__ == "__main__":
    main()
