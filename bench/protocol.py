"""Records through record, frame and session, on CPython and on MicroPython, and what share of the link they have.

python -m bench.protocol     prints plain lines: what, value, unit
"""

import sys
import time

from centesimo_protocol import frame, record, session

RECORDS = 30_000  # what a full board holds
REQUEST = 240  # records in one Fetch, as the host asks
CHUNK = 512  # bytes at a time, as a port gives them
HOST_ID, BOARD_ID = b"host0001", b"board001"
ON_MICROPYTHON = sys.implementation.name == "micropython"


def run():
    """Return (what, value, unit) for CPython, for MicroPython where there is one, and the share of the link."""
    figures = [(what + ", CPython", value, unit) for what, value, unit in _speeds(RECORDS)]
    figures += [(what + ", MicroPython", value, unit) for what, value, unit in _on_micropython()]
    sent, received = _download(_raws(RECORDS))
    share = 100 * RECORDS * record.SIZE / (sent + received)
    figures.append((f"share of records in the bytes of a link, {RECORDS} records", share, "%"))
    return figures


def _speeds(count):
    """Return the figures of this interpreter, taken over `count` records."""
    raws = _raws(count)
    values = [record.unpack(raw) for raw in raws]
    payloads = [b"".join(raws[at : at + session.RECORDS_MAX]) for at in range(0, count, session.RECORDS_MAX)]
    stream = b"".join([frame.encode(0x82, payload) for payload in payloads])
    steps = (
        ("record.pack", lambda: [record.pack(value) for value in values]),
        ("record.unpack", lambda: [record.unpack(raw) for raw in raws]),
        ("frame.encode", lambda: [frame.encode(0x82, payload) for payload in payloads]),
        ("FrameReader", lambda: _read(stream)),
        ("a download, session to session", lambda: _download(raws)),
    )
    return [(what, count / _seconds(step), "records/s") for what, step in steps]


def _seconds(step):
    start = time.ticks_us() if ON_MICROPYTHON else time.perf_counter_ns() // 1000
    step()
    end = time.ticks_us() if ON_MICROPYTHON else time.perf_counter_ns() // 1000
    return max(1, end - start) / 1_000_000


def _read(stream):
    reader = frame.FrameReader()
    return sum([len(reader.receive(stream[at : at + CHUNK])) for at in range(0, len(stream), CHUNK)])


def _raws(count):
    """Return a journal of `count` edges."""
    return [record.pack(record.Edge(1 + n, 1, 5000 * n, 1, 1 + n, record.LOCKED, record.TUBE, 2)) for n in range(count)]


def _download(raws):
    """Collect a journal from one session to another; returns the bytes that the host sent and received."""
    board, host = session.BoardSession(), session.HostSession(HOST_ID)
    sent, received, pieces = 0, 0, []

    def ask(asked):
        nonlocal sent, received
        answers = [answer for request in board.receive(asked) for answer in _to(request, raws)]
        raw = b"".join([board.send(answer) for answer in answers])
        sent, received = sent + len(asked), received + len(raw)
        return [message for at in range(0, len(raw), CHUNK) for message in host.receive(raw[at : at + CHUNK])]

    ask(host.hello())
    for at in range(0, len(raws), REQUEST):
        messages = ask(host.fetch(1 + at, min(REQUEST, len(raws) - at))[1])
        pieces += [message.records for message in messages if isinstance(message, session.Records)]
    ask(host.send(session.Acknowledge(len(raws))))
    if b"".join(pieces) != b"".join(raws):
        raise session.SessionError(f"expected the whole journal, got {len(pieces)} frames")
    return sent, received


def _to(request, raws):
    """Return the answers of a board with this journal."""
    if isinstance(request, session.Hello):
        return [session.Welcome(session.VERSION, BOARD_ID, bytes(12), 0, 1, 0, 1, 1, len(raws), 0, 0, bytes(11))]
    if isinstance(request, session.Acknowledge):
        return [session.Acknowledged(request.up_to)]
    first, after = request.first - 1, request.first - 1 + request.count
    starts = range(first, after, session.RECORDS_MAX)
    parts = [b"".join(raws[at : min(at + session.RECORDS_MAX, after)]) for at in starts]
    answers = [session.Records(request.request, part) for part in parts]
    answers.append(session.End(request.request, after + 1))
    return answers


def _on_micropython():
    """Return MicroPython's figures, from a process of its own; none where there is no MicroPython."""
    import os
    import shutil
    import subprocess
    from pathlib import Path

    beside = str(Path(sys.executable).parent)
    interpreter = shutil.which("micropython", path=beside) or shutil.which("micropython")
    if interpreter is None:
        return []
    root = Path(__file__).parent.parent
    paths = [str(root), str(root / "protocol"), str(root / "firmware"), ".frozen"]
    environment = os.environ | {"MICROPYPATH": ":".join(paths)}
    command = [interpreter, "-X", "heapsize=64m", "-m", "bench.protocol"]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=True)
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    return [(what, float(value), unit) for what, value, unit in rows]


if __name__ == "__main__":
    for what, value, unit in _speeds(3000) if ON_MICROPYTHON else run():
        print(f"{what}\t{value:.1f}\t{unit}")
