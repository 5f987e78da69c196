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
from collections.abc import Iterator, Sequence
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
TURNS = 3
APART_S = 2.5
SETTLE_S = 3.0
READY_S = 120
PAGE = "/crono/2027/race/1/"
CENTESIMO = str(Path(sys.executable).with_name("centesimo"))


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
    committed: dict[str, list[float]] = {"passage": [], "decision": []}
    with listening(url, readers) as ears:
        for turn in range(TURNS):
            raws = store.records_of(board)
            store.add_records(board, "bench", _one_more(raws)[len(raws) :], 0)
            committed["passage"].append(time.time())
            time.sleep(APART_S)
            before = store.decisions()
            store.add_decision(made("exclude", "clerk", "bench", turn + 1, start_number=turn + 1), before)
            committed["decision"].append(time.time())
            time.sleep(APART_S)
        heard = ears()
    metrics = _get(url, "/metrics")
    store.close()
    rows: list[tuple[str, float, str]] = []
    for place, (what, instants) in enumerate(committed.items()):
        for kind in ("news", "page"):
            spans = [1000 * (at - instants[turn]) for turn in range(TURNS) for at in heard[kind][2 * turn + place]]
            rows += _percentiles(f"{what} committed -> {kind} of {len(spans) // TURNS} readers", spans)
    size = [sum(sizes) / max(1, len(sizes)) for sizes in heard["bytes"]]
    rows.append(("bytes of a change to a reader of the race's page", sum(size) / len(size), "B"))
    rows.append(("that, a change every 5 s for an hour", sum(size) / len(size) * 720 / 1e6, "MB"))
    for name, text in (("read_seconds", "read the store"), ("compute_seconds", "compute"), ("render_seconds", "pages")):
        found = re.search(rf"^centesimo_{name} (\S+)$", metrics, re.MULTILINE)
        rows.append((f"the last revision: {text}", 1000 * float(found[1]) if found else -1, "ms"))
    rows.append(("readers who were lost", heard["lost"], ""))
    rows.append((f"server's memory with {readers} readers", _memory_mb(pid), "MB"))
    return rows


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
    heard: dict[str, list[list[float]]] = {"news": [], "page": [], "bytes": []}
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
    lost = sum(isinstance(end, ConnectionError) for end in ends)
    print(json.dumps({**heard, "lost": lost}))


async def _reader(url: str, is_fetching: bool, heard: dict[str, list[list[float]]], ready: asyncio.Semaphore) -> None:
    reader, _ = await _asked(url, "/api/events")
    await _news(reader)
    parts: dict[str, str] = {}
    page = await _asked(url, f"{PAGE}now.en.json") if is_fetching else None
    if page:
        await _body(page[0])
        parts, _ = await _fetched(page, parts)
    ready.release()
    turn = 0
    while True:
        await _news(reader)
        _at(heard["news"], turn).append(time.time())
        if page:
            parts, count = await _fetched(page, parts)
            _at(heard["page"], turn).append(time.time())
            _at(heard["bytes"], turn).append(count)
        turn += 1


def _at(lists: list[list[float]], turn: int) -> list[float]:
    while len(lists) <= turn:
        lists.append([])
    return lists[turn]


Page = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _fetched(page: Page, before: dict[str, str]) -> tuple[dict[str, str], int]:
    """Fetch what names the parts of the race's page, then those on the first screen that are others now."""
    body, count = await _more(page, f"{PAGE}now.en.json")
    parts = dict(json.loads(body)["parts"])
    for name in ("b0", "passed", "coming"):
        if parts[name] != before.get(name):
            _, size = await _more(page, f"/crono/f/{parts[name]}.html")
            count += size
    return parts, count


async def _more(page: Page, path: str) -> tuple[bytes, int]:
    reader, writer = page
    writer.write(f"GET {path} HTTP/1.1\r\nhost: bench\r\naccept-encoding: gzip\r\n\r\n".encode())
    return await _body(reader)


async def _asked(url: str, path: str) -> Page:
    host, _, port = url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(f"GET {path} HTTP/1.1\r\nhost: bench\r\naccept-encoding: gzip\r\n\r\n".encode())
    return reader, writer


async def _news(reader: asyncio.StreamReader) -> None:
    while not (line := await reader.readline()).startswith(b"data: {"):
        if not line:
            raise ConnectionError("the server let a reader go")


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
