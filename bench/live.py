"""The live pages under load, with real processes: how long from a commit, or from an edge, until readers have it.

A server on a day of 100,000 passages and 400 crews that goes on now, in true time: a virtual board is live over two
more trials. Readers are in processes of their own, on the same processors as the server; some fetch what changed as the
pages' script does. Decisions and passages are added from this process, and the time runs from the end of the commit.
bench/live_front.py has the folder of files behind nginx, and a cache before the server.

python -m bench.live [front]
"""

import asyncio
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

from bench import live_day, live_front
from bench.amendment import BOARD, _one_more
from bench.live_readers import asked, body, fetched, readers, revision_of
from centesimo.amend import made
from centesimo.store import Store
from centesimo_virtual.board import VirtualBoard

Row = tuple[str, float, str]
Rows = Iterator[Row]
READERS, MANY, FETCHING = 1000, 5000, 50
IDLE, SLOW = 10_000, 200
TURNS = 6
APART_S = 1.6  # the readers have been told of what was before, and a second is over
CARS_S = 120
READY_S = 120
AWAY = 10  # revisions that a reader missed who comes back
CENTESIMO = str(Path(sys.executable).with_name("centesimo"))


def run() -> Rows:
    """Yield the figures as they are there."""
    with tempfile.TemporaryDirectory() as name:
        folder, now_s = Path(name), int(time.time())
        due_s = live_day.make(folder, now_s)
        cars = live_day.crossings(due_s, due_s + CARS_S)
        with VirtualBoard(live_day.scenario(now_s, cars), port_link=folder / "board", in_step=True) as board:
            board.wait_until_ready(READY_S)
            with serving(folder, "--collect", str(board.port)) as (url, pid):
                yield from _edges(url, [car.true_at_ns / 1e9 for car in cars])
                yield from _commits(folder, url, pid)
                yield from _back(folder, url)
                yield from _many(folder, url, pid)
                yield from _idle(folder, url, pid)
        yield from live_front.run(folder, serving)


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
    reader, writer = await asked(url, "/api/events")
    await revision_of(reader)
    writer.close()


def _edges(url: str, edges_s: Sequence[float]) -> list[Row]:
    """Return how long from a car's first axle to the readers: the first news after it."""
    with readers(url, READERS, FETCHING) as ears:
        began_s = time.time()
        time.sleep(max(0.0, edges_s[-1] + 5 - began_s))
        heard = ears()
    rows: list[Row] = []
    seen = [at_s for at_s in edges_s if at_s > began_s]
    for kind in ("news", "page"):
        every = sorted((min(ats), ats) for ats in heard[kind].values())
        spans = [
            1000 * (at - edge_s) for edge_s in seen for at in next((ats for first, ats in every if first > edge_s), ())
        ]
        rows += _percentiles(f"edge of {len(seen)} cars -> {kind} of {len(spans) // len(seen)} readers", spans)
    return rows


def _commits(folder: Path, url: str, pid: int) -> list[Row]:
    """Return how long from a commit to the readers, and what it costs."""
    committed: dict[str, dict[str, float]] = {"passage": {}, "decision": {}}  # by the revision that followed
    before_s = _processor_s(pid)
    with readers(url, READERS, FETCHING) as ears:
        for turn in range(TURNS):
            changes = (("passage", lambda: _passage(folder)), ("decision", lambda: _decide(folder, turn + 1)))  # noqa: B023
            for what, add in changes:
                revision, at_s = asyncio.run(_until_news(url, add))
                committed[what][revision] = at_s
                time.sleep(APART_S)
        heard = ears()
    spent_s = _processor_s(pid) - before_s
    rows: list[Row] = []
    for what, at_by_revision in committed.items():
        for kind in ("news", "page"):
            spans = [1000 * (at - since) for rev, since in at_by_revision.items() for at in heard[kind].get(rev, ())]
            rows += _percentiles(f"{what} committed -> {kind} of {len(spans) // TURNS} readers", spans)
    sizes = [size for at_by_revision in committed.values() for rev in at_by_revision for size in heard["bytes"][rev]]
    rows.append(("bytes of a change to a reader of the race's page", sum(sizes) / len(sizes), "B"))
    rows.append(("that, a change every 5 s for an hour", sum(sizes) / len(sizes) * 720 / 1e6, "MB"))
    metrics = _get(url, "/metrics")
    for name, text in (("read_seconds", "read the store"), ("compute_seconds", "compute"), ("render_seconds", "pages")):
        rows.append((f"the last revision: {text}", 1000 * float(_metric(metrics, name)), "ms"))
    rows.append((f"processor time of the server for a revision and {READERS} readers", 500 * spent_s / TURNS, "ms"))
    rows.append(("processor time of the readers for it", 500 * heard["cpu"] / TURNS, "ms"))
    rows.append(("readers who were lost", heard["lost"], ""))
    rows += _memory(pid, f"{READERS} readers")
    return rows


def _back(folder: Path, url: str) -> list[Row]:
    """Return how long a reader who was away takes to be right again: what names the parts, and the parts."""
    return [(f"a reader who missed {AWAY} revisions is right again in", 1000 * asyncio.run(_away(folder, url)), "ms")]


async def _away(folder: Path, url: str) -> float:
    parts, _ = await fetched(url, {})
    reader, writer = await asked(url, "/api/events")
    last = await revision_of(reader)
    for turn in range(AWAY):
        await asyncio.to_thread(_decide, folder, 20 + turn)
        while (told := await revision_of(reader)) == last:
            pass
        last = told
    writer.close()
    began_s = time.perf_counter()
    reader, writer = await asked(url, "/api/events")
    assert await revision_of(reader) == last
    await fetched(url, parts)
    writer.close()
    return time.perf_counter() - began_s


def _many(folder: Path, url: str, pid: int) -> list[Row]:
    """Return what MANY readers, in two processes, hear of decisions."""
    committed: dict[str, float] = {}
    with readers(url, MANY // 2, FETCHING // 2) as first, readers(url, MANY // 2, FETCHING // 2) as second:
        for turn in range(TURNS):
            revision, at_s = asyncio.run(_until_news(url, lambda: _decide(folder, 40 + turn)))  # noqa: B023
            committed[revision] = at_s
            time.sleep(APART_S)
        every = [first(), second()]
    rows: list[Row] = []
    for kind in ("news", "page"):
        spans = [
            1000 * (at - since)
            for heard in every
            for rev, since in committed.items()
            for at in heard[kind].get(rev, ())
        ]
        rows += _percentiles(f"decision committed -> {kind} of {len(spans) // TURNS} readers", spans)
    rows.append((f"of {MANY} readers, who were lost", sum(ears["lost"] for ears in every), ""))
    return rows + _memory(pid, f"{MANY} readers")


def _idle(folder: Path, url: str, pid: int) -> list[Row]:
    """Return what a decision takes beside connections that say nothing, and readers that read nothing."""
    with ExitStack() as stack:
        slow = stack.enter_context(readers(url, SLOW, how="slow"))
        idle = stack.enter_context(readers(url, IDLE, how="idle"))
        revision, at_s = asyncio.run(_until_news(url, lambda: _decide(folder, 60)))
        span_ms = 1000 * (asyncio.run(_page_of(url, revision)) - at_s)
        rows: list[Row] = [(f"decision -> page beside {IDLE} idle connections and {SLOW} slow readers", span_ms, "ms")]
        rows += _memory(pid, "these")
        time.sleep(25)
        rows.append(("of the idle connections, ended after 25 s", idle()["ended"], ""))
        slow()
    return rows


async def _page_of(url: str, revision: str) -> float:
    await fetched(url, {})
    return time.time()


def _passage(folder: Path) -> float:
    """Add a passage; return when it was committed."""
    board = f"{BOARD:016x}"
    store = Store.open(folder / "centesimo.sqlite")
    raws = store.records_of(board)
    store.add_records(board, "bench", _one_more(raws)[len(raws) :], 0)
    at_s = time.time()
    store.close()
    return at_s


def _decide(folder: Path, number: int) -> float:
    """Exclude a crew; return when that was committed."""
    store = Store.open(folder / "centesimo.sqlite")
    store.add_decision(made("exclude", "clerk", "bench", number, start_number=number), store.decisions())
    at_s = time.time()
    store.close()
    return at_s


async def _until_news(url: str, add: Callable[[], float]) -> tuple[str, float]:
    """Add something; return the revision that readers then hear of, and when it was committed."""
    reader, writer = await asked(url, "/api/events")
    before = await revision_of(reader)
    at_s = add()
    async with asyncio.timeout(READY_S):
        while (revision := await revision_of(reader)) == before:
            pass
    writer.close()
    return revision, at_s


def _percentiles(what: str, spans_ms: Sequence[float]) -> list[Row]:
    in_order = sorted(spans_ms)
    last = in_order[min(len(in_order) - 1, round(0.99 * len(in_order)))]
    return [(f"{what}, half within", median(in_order), "ms"), (f"{what}, 99 % within", last, "ms")]


def _memory(pid: int, what: str) -> list[Row]:
    status = Path(f"/proc/{pid}/status").read_text()
    return [
        (f"server's memory with {what}{text}", int(re.search(rf"{key}:\s+(\d+)", status)[1]) / 1024, "MB")  # type: ignore[index]
        for key, text in (("VmRSS", ""), ("VmHWM", ", at most"))
    ]


def _processor_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def _metric(metrics: str, name: str) -> str:
    found = re.search(rf"^centesimo_{name} (\S+)$", metrics, re.MULTILINE)
    assert found, name
    return found[1]


def _get(url: str, path: str) -> str:
    async def got() -> str:
        reader, writer = await asked(url, path)
        raw, _ = await body(reader)
        writer.close()
        return raw.decode()

    return asyncio.run(got())


def _front() -> Rows:
    with tempfile.TemporaryDirectory() as name:
        live_day.make(Path(name), int(time.time()))
        yield from live_front.run(Path(name), serving)


if __name__ == "__main__":
    for what, value, unit in _front() if sys.argv[1:] == ["front"] else run():
        print(f"{what:85} {value:10.1f} {unit}", flush=True)
