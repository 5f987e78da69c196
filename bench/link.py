"""Downloading: which share of the bytes on a line are records, at 115200 baud and on a pty, alone and eight at once.

The board's end is its real session over records in memory, in a process of its own; at 115200 baud the bytes of both
directions take the time that 8N1 takes them.
"""

import os
import select
import sys
import tempfile
import time
import tty
from pathlib import Path

from centesimo.collect import collect
from centesimo.store import Store
from centesimo_protocol import record, session

RECORDS = 30_000
RECORDS_AT_BAUD = 4_000  # 12 s
BAUD = 115_200
BITS_A_BYTE = 10
BOARDS = 8
RECORDS_EACH = 6_000


class Wired:
    """A board's end of a pty in a child process; `report` gives the bytes that went each way, when it has ended."""

    def __init__(self, number: int, count: int, baud: int | None = None) -> None:
        self._board_end, host_end = os.openpty()
        tty.setraw(host_end)
        self.port = os.ttyname(host_end)
        report, counts = os.pipe()
        self.child = os.fork()
        if self.child == 0:
            os.close(report)
            try:
                os.write(counts, "{} {}".format(*_be_board(self._board_end, number, count, baud)).encode())
            finally:
                os._exit(0)
        os.close(counts)
        self._report, self._host_end = report, host_end

    def report(self) -> tuple[int, int]:
        """Return how many bytes went to the board and to the host."""
        to_board, to_host = os.read(self._report, 100).split()
        os.waitpid(self.child, 0)
        for number in (self._board_end, self._host_end, self._report):
            os.close(number)
        return int(to_board), int(to_host)


def _be_board(end: int, number: int, count: int, baud: int | None) -> tuple[int, int]:
    """Answer until all is acknowledged; return the bytes that came and went."""
    raws = [record.pack(record.Edge(n, 1, n * 1000, 1, n, 3, 0, 1)) for n in range(1, count + 1)]
    board = session.BoardSession()
    came = went = 0
    free_at_s = time.monotonic()
    while True:
        select.select([end], [], [])
        chunk = os.read(end, 4096)
        came += len(chunk)
        for request in board.receive(chunk):
            for answer in _answers(request, number, raws):
                raw = board.send(answer)
                went += len(raw)
                if baud is not None:
                    free_at_s = max(free_at_s, time.monotonic()) + len(raw) * BITS_A_BYTE / baud
                    time.sleep(max(0.0, free_at_s - time.monotonic()))
                while raw:
                    raw = raw[os.write(end, raw) :]
            if isinstance(request, session.Acknowledge):
                return came, went


def _answers(request: object, number: int, raws: list[bytes]) -> list["session.BoardMessage"]:
    if isinstance(request, session.Hello):
        state = 1, 1, len(raws), 0, 0, bytes(11)
        return [session.Welcome(session.VERSION, bytes([number]) * 8, bytes(12), 0, 1, 0, *state)]
    if isinstance(request, session.Acknowledge):
        return [session.Acknowledged(request.up_to)]
    if not isinstance(request, session.Fetch):
        return []
    first, end = request.first - 1, min(request.first - 1 + request.count, len(raws))
    starts = range(first, end, session.RECORDS_MAX)
    parts = [b"".join(raws[at : min(at + session.RECORDS_MAX, end)]) for at in starts]
    return [*(session.Records(request.request, part) for part in parts), session.End(request.request, end + 1)]


def _collected(boards: list[Wired]) -> tuple[float, int]:
    """Collect boards at once; return the seconds that took and the bytes that crossed all lines."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Path(folder) / "store.sqlite")
        start_s = time.perf_counter()
        downloads = collect(store, [board.port for board in boards], time.time_ns)
        took_s = time.perf_counter() - start_s
        store.close()
    errors = [download.error for download in downloads if download.error]
    if errors:
        sys.exit("\n".join(errors))
    return took_s, sum(sum(board.report()) for board in boards)


def run() -> list[tuple[str, float, str]]:
    """Return (what, value, unit): shares of payload, rates, and what a board at 115200 baud has left of its line."""
    rows: list[tuple[str, float, str]] = []
    for what, count, baud in ((f"at {BAUD} baud", RECORDS_AT_BAUD, BAUD), ("on a pty", RECORDS, None)):
        took_s, crossed = _collected([Wired(1, count, baud)])
        rows.append((f"records among all bytes, {what}", 100 * count * record.SIZE / crossed, "%"))
        rows.append((f"records, {what}", count / took_s, "records/s"))
        if baud is not None:
            rows.append((f"of the line's time, {what}", 100 * count * record.SIZE * BITS_A_BYTE / baud / took_s, "%"))
    took_s, _ = _collected([Wired(1 + number, RECORDS_EACH) for number in range(BOARDS)])
    rows.append((f"{BOARDS} boards at once on ptys, each", RECORDS_EACH / took_s, "records/s"))
    took_s, _ = _collected([Wired(1 + number, RECORDS_AT_BAUD, BAUD) for number in range(BOARDS)])
    share = 100 * RECORDS_AT_BAUD * record.SIZE * BITS_A_BYTE / BAUD / took_s
    rows.append((f"of each line's time, {BOARDS} boards at once at {BAUD} baud", share, "%"))
    return rows


if __name__ == "__main__":
    from bench.__main__ import main

    main(["link"])
