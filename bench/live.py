"""The live pages under load, with real processes: how long from a commit until readers have it.

A server on the day of bench/day.py (100,000 passages, 500 crews), with readers who listen in a process of their own;
some of these fetch what changed as the pages' script does. A passage and decisions are added from this process, and the
time runs from the end of the commit. Server and readers share this machine's processors, so the figures are those of
all of them together.

python -m bench.live [READERS]
"""

import asyncio
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from bench.amendment import BOARD, _one_more
from bench.day import make_day
from centesimo.amend import made
from centesimo.store import Store

READERS = 1000
FETCHING = 50  # of the readers, as a phone with the race's page open
TURNS = 4
APART_S = 2.5
SETTLE_S = 3.0
READY_S = 120
PAGE = "/crono/2027/race/1/"
CENTESIMO = str(Path(sys.executable).with_name("centesimo"))

Heard = dict[str, dict[str, list[float]]]  # by what and revision
Page = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def run(readers: int = READERS) -> list[tuple[str, float, str]]:
    """Return the figures."""
    rows: list[tuple[str, float, str]] = []
    with tempfile.TemporaryDirectory() as folder:
        make_day(Path(folder), 500)
        with serving(Path(folder)) as (url, pid):
            rows += _of_big_day(Path(folder), url, pid, readers)
    return rows


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[tuple[str, int]]:
    """Run the real command; give its address and process id once it has a first revision."""
    command = [CENTESIMO, "serve", str(folder), "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            for line in process.stdout or ():
                if match := re.search(r"http://[\w.:]+", line):
                    break
            else:
                raise RuntimeError("the server ended")
            asyncio.run(_first(match[0]))
            yield match[0], process.pid
        finally:
            process.terminate()


async def _first(url: str) -> None:
    reader, writer = await _asked(url, "/api/events")
    await _news(reader)
    writer.close()


def _of_big_day(folder: Path, url: str, pid: int, readers: int) -> list[tuple[str, float, str]]:
    store = Store.open(folder / "centesimo.sqlite")
    board = f"{BOARD:016x}"
    committed: dict[str, dict[str, float]] = {"passage": {}, "decision": {}}  # by the revision that followed
    with listening(url, readers) as ears:
        for turn in range(TURNS):
            raws = store.records_of(board)
            news, before = _one_more(raws)[len(raws) :], store.decisions()
            decision = made("exclude", "clerk", "bench", turn + 1, start_number=turn + 1)
            for what, add in (
                ("passage", lambda: store.add_records(board, "bench", news, 0)),  # noqa: B023
                ("decision", lambda: store.add_decision(decision, before)),  # noqa: B023
            ):
                revision, at = asyncio.run(_until_news(url, add))
                committed[what][revision] = at
                time.sleep(APART_S)
        heard = ears()
    metrics = _get(url, "/metrics")
    store.close()
    rows: list[tuple[str, float, str]] = []
    for what, at_by_revision in committed.items():
        for kind in ("news", "page"):
            spans = [1000 * (at - since) for rev, since in at_by_revision.items() for at in heard[kind].get(rev, ())]
            rows += _percentiles(f"{what} committed -> {kind} of {len(spans) // TURNS} readers", spans)
    sizes = [size for at_by_revision in committed.values() for rev in at_by_revision for size in heard["bytes"][rev]]
    rows.append(("bytes of a change to a reader of the race's page", sum(sizes) / len(sizes), "B"))
    rows.append(("that, a change every 5 s for an hour", sum(sizes) / len(sizes) * 720 / 1e6, "MB"))
    for name, text in (("read_seconds", "read the store"), ("compute_seconds", "compute"), ("render_seconds", "pages")):
        found = re.search(rf"^centesimo_{name} (\S+)$", metrics, re.MULTILINE)
        rows.append((f"the last revision: {text}", 1000 * float(found[1]) if found else -1, "ms"))
    rows.append(("readers who were lost", heard["lost"], ""))
    rows.append((f"server's memory with {readers} readers", _memory_mb(pid), "MB"))
    return rows


async def _until_news(url: str, add: Callable[[], object]) -> tuple[str, float]:
    """Add something; return the revision that readers then hear of, and when it was committed."""
    reader, writer = await _asked(url, "/api/events")
    before = await _news(reader)
    add()
    at = time.time()
    async with asyncio.timeout(READY_S):
        while (revision := await _news(reader)) == before:
            pass
    writer.close()
    return revision, at


def _percentiles(what: str, spans_ms: Sequence[float]) -> list[tuple[str, float, str]]:
    in_order = sorted(spans_ms)
    last = in_order[min(len(in_order) - 1, round(0.99 * len(in_order)))]
    return [(f"{what}, half within", median(in_order), "ms"), (f"{what}, 99 % within", last, "ms")]


def _memory_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]


def _get(url: str, path: str) -> str:
    async def got() -> str:
        reader, writer = await _asked(url, path)
        body, _ = await _body(reader)
        writer.close()
        return body.decode()

    return asyncio.run(got())


# The readers: a process of their own that says what each of them heard, when.


@contextmanager
def listening(url: str, readers: int) -> Iterator[Any]:
    """Run readers in a process of their own; calling what is given ends them and returns what they heard, by news."""
    command = [sys.executable, "-m", "bench.live", "listen", url, str(readers)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        process.stdout.readline()  # all of them listen
        time.sleep(SETTLE_S)

        def ears() -> Any:
            process.stdin.close()  # type: ignore[union-attr]
            return json.loads(process.stdout.read())  # type: ignore[union-attr]

        try:
            yield ears
        finally:
            process.kill()


async def listen(url: str, readers: int) -> None:
    """Listen with so many readers until standard input ends, then print what they heard."""
    heard: Heard = {"news": {}, "page": {}, "bytes": {}}
    ready = asyncio.Semaphore(0)
    tasks = [asyncio.create_task(_reader(url, number < FETCHING, heard, ready)) for number in range(readers)]
    async with asyncio.timeout(READY_S):
        for _ in tasks:
            await ready.acquire()
    print("all listen", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    for task in tasks:
        task.cancel()
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    lost = sum(not isinstance(end, asyncio.CancelledError) for end in ends)
    print(json.dumps({**heard, "lost": lost}))


async def _reader(url: str, is_fetching: bool, heard: Heard, ready: asyncio.Semaphore) -> None:
    reader, writer = await _asked(url, "/api/events")
    await _news(reader)
    parts: dict[str, str] = {}
    if is_fetching:
        parts, _ = await _fetched(url, parts)
    ready.release()
    while not writer.is_closing():  # it has to be held: a writer that nobody holds closes its connection
        revision = await _news(reader)
        heard["news"].setdefault(revision, []).append(time.time())
        if is_fetching:
            parts, count = await _fetched(url, parts)
            heard["page"].setdefault(revision, []).append(time.time())
            heard["bytes"].setdefault(revision, []).append(count)


async def _fetched(url: str, before: dict[str, str]) -> tuple[dict[str, str], int]:
    """Fetch what names the parts of the race's page, then those on the first screen that are others now."""
    page = await _asked(url, f"{PAGE}now.en.json")
    body, count = await _body(page[0])
    parts = dict(json.loads(body)["parts"])
    for name in ("b0", "passed", "coming"):
        if parts[name] != before.get(name):
            page[1].write(_request(f"/crono/f/{parts[name]}.html"))
            _, size = await _body(page[0])
            count += size
    page[1].close()
    return parts, count


def _request(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nhost: bench\r\naccept-encoding: gzip\r\n\r\n".encode()


async def _asked(url: str, path: str) -> Page:
    host, _, port = url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(_request(path))
    return reader, writer


async def _news(reader: asyncio.StreamReader) -> str:
    """Return the next revision that is told, perhaps the same again."""
    while not (line := await reader.readline()).startswith(b"data: {"):
        if not line:
            raise ConnectionError("the server let a reader go")
    return str(json.loads(line[6:])["revision"])


async def _body(reader: asyncio.StreamReader) -> tuple[bytes, int]:
    """Return an answer's body and how many bytes it took with its head."""
    import gzip

    head = await reader.readuntil(b"\r\n\r\n")
    lower = head.lower()
    length = re.search(rb"content-length: (\d+)", lower)
    raw = await reader.readexactly(int(length[1])) if length else b""
    return gzip.decompress(raw) if b"content-encoding: gzip" in lower else raw, len(head) + len(raw)


if __name__ == "__main__":
    if sys.argv[1:2] == ["listen"]:
        asyncio.run(listen(sys.argv[2], int(sys.argv[3])))
    else:
        for what, value, unit in run(int(sys.argv[1]) if sys.argv[1:] else READERS):
            print(f"{what:75} {value:10.1f} {unit}")
