"""The readers of bench/live.py, many in one process: what each heard, and when; some fetch as the pages' script does.

python -m bench.live_readers URL COUNT FETCHING listen|idle|slow
"""

import asyncio
import gzip
import json
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from subprocess import PIPE, Popen
from typing import Any

READY_S = 300
AT_ONCE = 200  # connections that are begun together
PAGE = "/crono/{year}/race/1/"
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@contextmanager
def readers(url: str, count: int, fetching: int = 0, how: str = "listen") -> Iterator[Any]:
    """Run readers in a process of their own; calling what is given ends them and returns what they heard, by news."""
    command = [sys.executable, "-m", "bench.live_readers", url, str(count), str(fetching), how]
    with Popen(command, stdin=PIPE, stdout=PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        process.stdout.readline()  # all are there

        def ears() -> Any:
            process.stdin.close()  # type: ignore[union-attr]
            return json.loads(process.stdout.read())  # type: ignore[union-attr]

        try:
            yield ears
        finally:
            process.kill()


class Ear(asyncio.Protocol):
    """One connection that listens, as cheap as can be; `heard` has what all of a process heard."""

    def __init__(self, heard: "Heard", is_fetching: bool) -> None:
        self.heard = heard
        self.is_fetching = is_fetching
        self.revision = ""
        self.parts: dict[str, str] = {}
        self.waiting: asyncio.Task[None] | None = None

    def connection_made(self, transport: Any) -> None:
        """Ask for news."""
        self.transport = transport
        transport.write(request("/api/events"))

    def data_received(self, data: bytes) -> None:
        """Note a revision that is another one."""
        at_s = time.time()
        for found in re.findall(rb'"revision": "(\w+)"', data):
            revision = found.decode()
            if self.revision:
                if revision != self.revision:
                    self.heard.news.setdefault(revision, []).append(at_s)
                    if self.is_fetching:
                        self.waiting = asyncio.ensure_future(self._fetch(revision))
            else:
                self.heard.ready.release()
            self.revision = revision

    def connection_lost(self, error: Exception | None) -> None:
        """Note that the server let a reader go."""
        self.heard.lost += not self.heard.is_over

    async def _fetch(self, revision: str) -> None:
        self.parts, count = await fetched(self.heard.url, self.parts)
        self.heard.page.setdefault(revision, []).append(time.time())
        self.heard.bytes.setdefault(revision, []).append(count)


class Heard:
    """What the readers of a process heard, by revision."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.news: dict[str, list[float]] = {}
        self.page: dict[str, list[float]] = {}
        self.bytes: dict[str, list[int]] = {}
        self.lost = 0
        self.is_over = False
        self.ready = asyncio.Semaphore(0)


async def listen(url: str, count: int, fetching: int) -> None:
    """Listen with so many readers until standard input ends, then print what they heard."""
    loop, heard = asyncio.get_running_loop(), Heard(url)
    host, port = place(url)
    ears = [Ear(heard, number < fetching) for number in range(count)]
    for at in range(0, count, AT_ONCE):
        some = ears[at : at + AT_ONCE]
        await asyncio.gather(*(loop.create_connection(lambda ear=ear: ear, host, port) for ear in some))  # type: ignore[misc]
        for ear in some:
            async with asyncio.timeout(READY_S):
                await heard.ready.acquire()
            if ear.is_fetching:
                ear.parts, _ = await fetched(url, {})
    print("all listen", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    heard.is_over = True
    spent = time.process_time()
    print(json.dumps({"news": heard.news, "page": heard.page, "bytes": heard.bytes, "lost": heard.lost, "cpu": spent}))


async def idle(url: str, count: int, is_slow: bool) -> None:
    """Open connections that say nothing, or ask for a page and news and read none; print how many the server ended."""
    host, port = place(url)
    writers: list[Connection] = []
    for _ in range(0, count, AT_ONCE):
        writers += await asyncio.gather(*(asyncio.open_connection(host, port, limit=1024) for _ in range(AT_ONCE)))
        if is_slow:
            for _, writer in writers[-AT_ONCE:]:
                writer.write(await page_path(url) + request("/api/events"))
    print("all are there", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    ended = 0 if is_slow else sum(reader.at_eof() or reader.exception() is not None for reader, _ in writers)
    print(json.dumps({"ended": ended}))


async def page_path(url: str) -> bytes:
    """Return the request for the race's whole page."""
    return request(f"{await race_path(url)}index.en.html")


async def race_path(url: str) -> str:
    """Return the address of the first race."""
    connection = await asked(url, "/api/races")
    raw, _ = await body(connection[0])
    connection[1].close()
    return PAGE.format(year=json.loads(raw)["year"])


async def fetched(url: str, before: dict[str, str]) -> tuple[dict[str, str], int]:
    """Fetch what names the parts of the race's page, then those on the first screen that are others now."""
    if not before:
        before = {"path": await race_path(url)}
    connection = await asked(url, f"{before['path']}now.en.json")
    raw, count = await body(connection[0])
    parts = dict(json.loads(raw)["parts"])
    for name in ("b0", "passed", "coming"):
        if parts[name] != before.get(name):
            connection[1].write(request(f"/crono/f/{parts[name]}.html"))
            _, size = await body(connection[0])
            count += size
    connection[1].close()
    return {**parts, "path": before["path"]}, count


def place(url: str) -> tuple[str, int]:
    """Return host and port of an address."""
    host, _, port = url.removeprefix("http://").rstrip("/").partition(":")
    return host, int(port)


def request(path: str) -> bytes:
    """Return a request as a browser makes it."""
    return f"GET {path} HTTP/1.1\r\nhost: bench\r\naccept-encoding: gzip\r\n\r\n".encode()


async def asked(url: str, path: str) -> Connection:
    """Return a connection on which an address was asked for."""
    reader, writer = await asyncio.open_connection(*place(url))
    writer.write(request(path))
    return reader, writer


async def body(reader: asyncio.StreamReader) -> tuple[bytes, int]:
    """Return an answer's body and how many bytes it took with its head."""
    head = await reader.readuntil(b"\r\n\r\n")
    lower = head.lower()
    length = re.search(rb"content-length: (\d+)", lower)
    raw = await reader.readexactly(int(length[1])) if length else b""
    return gzip.decompress(raw) if b"content-encoding: gzip" in lower else raw, len(head) + len(raw)


async def revision_of(reader: asyncio.StreamReader) -> str:
    """Return the next revision that is told, perhaps the same again."""
    while not (line := await reader.readline()).startswith(b"data: {"):
        if not line:
            raise ConnectionError("the server let a reader go")
    return str(json.loads(line[6:])["revision"])


if __name__ == "__main__":
    URL, COUNT, FETCHING, HOW = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    asyncio.run(listen(URL, COUNT, FETCHING) if HOW == "listen" else idle(URL, COUNT, HOW == "slow"))
