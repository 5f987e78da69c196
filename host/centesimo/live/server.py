"""The server of the live pages: it only reads. Files of the newest site, news as server-sent events, health, metrics.

Every answer says that the page may load nothing from elsewhere. A Feed makes the sites in a thread of its own.
"""

import asyncio
import json
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import partial
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from centesimo.live.access import AccessLog
from centesimo.live.feed import Feed
from centesimo.live.files import FOR_EVER, HTML, JSON, File, Files
from centesimo.live.folder import Folder
from centesimo.live.news import News, Reader
from centesimo.live.parts import rendered
from centesimo.live.site import Site
from centesimo.live.texts import hour_of
from centesimo.words.live import CATALOGUES, Words, find_language

WANTED_S = 60.0  # a page that somebody asked for in that time is made before readers hear of a revision
IDLE_S = 20  # a connection may be without a request, at its begin too
CONNECTIONS = 12_000  # at once; who comes beyond is told 503, and comes again
LEAVE_S = 3  # the longest wait for readers when it ends

SAFE = {
    "content-security-policy": "default-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cross-origin-opener-policy": "same-origin",
}
EVENTS = b"/api/events"
NEWS = SAFE | {
    "connection": "close",  # the answer ends with it
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
}
PLAIN = {"x-content-type-options": "nosniff"}  # of what is no page
OVERLAY = SAFE | {
    "content-security-policy": SAFE["content-security-policy"].replace("frame-ancestors 'none'", "frame-ancestors *")
}


class Live:
    """The application: what it needs to answer."""

    def __init__(self, feed: Feed, folder: Folder | None = None) -> None:
        self.feed = feed
        self.folder = folder
        self.files = Files()
        self.news = News()
        self.began_ns = time.time_ns()
        self._wanted_s: dict[tuple[str, str], float] = {}
        feed.made = self.warm

    def warm(self, site: Site) -> None:
        """Make the pages that readers asked for of late; called in the feed's thread."""
        oldest_s = time.monotonic() - WANTED_S
        for (path, language), asked_s in list(self._wanted_s.items()):
            if asked_s < oldest_s:
                self._wanted_s.pop((path, language), None)
            elif (found := self.files.find(site, path, language)) and found.media == JSON:
                found.packed  # noqa: B018 - what scripts read before they fetch its parts; a whole page can wait
        if self.folder:
            self.folder.put(site, self.files)

    def text_of_news(self) -> str:
        """Return what readers are told: the revision, and since when there is no news where there is a trouble."""
        site, trouble = self.feed.site, self.feed.trouble
        told: dict[str, Any] = json.loads(site.now()) if site else {}
        if trouble and site:
            told["since"] = hour_of(trouble.since_ns, site.event.timezone, with_seconds=True)
        return json.dumps(told)

    def find(self, request: Request, path: str) -> Response:
        """Return the answer at an address."""
        site = self.feed.site
        language = find_language(
            request.headers.get("accept-language", ""), site.languages if site else tuple(CATALOGUES)
        )
        if site is None:
            return self._computing(language)
        if path == "":
            return RedirectResponse(site.root, headers=SAFE)
        if path == "crono/now.json":
            return answer(request, Files.of_text(self.text_of_news()))
        found = self.files.find(site, path, language)
        if found is None and not path.endswith("/") and self.files.find(site, f"{path}/", language):
            return RedirectResponse(request.url.path.rpartition("/")[2] + "/", headers=SAFE)
        if found is None:
            return self._not_found(site, path, language)
        if found.media in (HTML,) or path.rpartition("/")[2].startswith("now."):
            self._wanted_s[path, language] = time.monotonic()
        return answer(request, found, OVERLAY if path.startswith("overlay/") else SAFE)

    def _computing(self, language: str) -> Response:
        words = Words(language)
        hour = time.strftime("%H:%M", time.localtime(self.began_ns / 1e9))
        text = rendered("plain", w=words, text=words("computing", hour=hour), links=[])
        headers = SAFE | {"retry-after": "2", "refresh": "2", "cache-control": "no-store"}
        return Response(text, 503, headers, HTML)

    def _not_found(self, site: Site, path: str, language: str) -> Response:
        if path.startswith("api/"):
            names = [race.race.live or str(race.number) for race in site.races]
            body = json.dumps({"error": f"there is nothing at /{path}", "races": names})
            return Response(body, 404, SAFE, "application/json")
        words = Words(language)
        links = [(f"/{site.path_of(race)}", race.race.name) for race in site.races]
        return Response(rendered("plain", w=words, text=words("not found"), links=links), 404, SAFE, HTML)

    def health(self) -> tuple[dict[str, Any], int]:
        """Return how it is, and the status: 503 where readers do not see what the facts say."""
        site, trouble, why = self.feed.site, self.feed.trouble, self.folder.why if self.folder else ""
        state: dict[str, Any] = {
            "status": "ok" if site and not (trouble or self.feed.mistake or why) else "trouble",
            "revision": site.revision if site else None,
            "at_ns": site.at_ns if site else None,
            "trouble": trouble.why if trouble else None,
            "since_ns": trouble.since_ns if trouble else None,
            "mistake": self.feed.mistake or None,
            "folder": why or None,
        }
        return state, 200 if site and not trouble else 503

    def metrics(self) -> str:
        """Return the figures as Prometheus reads them."""
        figures, site = self.feed.figures, self.feed.site
        age_s = (time.time_ns() - site.at_ns) / 1e9 if site else float("nan")
        rows = (
            ("readers", "gauge", "Readers who hear of news.", len(self.news.readers)),
            ("revision_age_seconds", "gauge", "Since the newest revision was made.", age_s),
            ("revisions_total", "counter", "Revisions since the start.", figures.revisions),
            ("read_seconds", "gauge", "To read the store, at the newest revision.", figures.read_s),
            ("compute_seconds", "gauge", "To compute it.", figures.compute_s),
            ("render_seconds", "gauge", "To make the pages that readers want.", figures.render_s),
            ("passages", "gauge", "Passages of the newest revision.", figures.passages),
            ("trouble", "gauge", "1 while the store gives no news.", int(self.feed.trouble is not None)),
            ("event_mistake", "gauge", "1 while the event folder has a mistake.", int(bool(self.feed.mistake))),
        )
        return "".join(
            f"# HELP centesimo_{name} {text}\n# TYPE centesimo_{name} {kind}\ncentesimo_{name} {value}\n"
            for name, kind, text, value in rows
        )


def answer(request: Request, found: File, safe: dict[str, str] = SAFE) -> Response:
    """Return a file as an answer: packed where the reader takes that, nothing where it has the very same."""
    headers = (safe if found.media == HTML and found.cache != FOR_EVER else PLAIN) | {
        "cache-control": found.cache,
        "etag": found.etag,
        "vary": "accept-encoding",
    }
    if found.language:
        headers["content-language"] = found.language
        if request.url.path.endswith("/"):  # the address does not name the language
            headers["vary"] = "accept-encoding, accept-language"
    if found.etag in request.headers.get("if-none-match", ""):
        return Response(None, 304, headers)
    body = found.raw
    if "gzip" in request.headers.get("accept-encoding", "") and len(found.packed) < len(body):
        headers["content-encoding"] = "gzip"
        body = found.packed
    return Response(body, 200, headers, found.media)


def pages_of(live: Live) -> Starlette:
    """Return what answers all but news."""

    async def healthz(request: Request) -> Response:
        state, status = live.health()
        return Response(json.dumps(state), status, SAFE | {"cache-control": "no-store"}, "application/json")

    async def metrics(request: Request) -> Response:
        return PlainTextResponse(live.metrics(), headers=SAFE | {"cache-control": "no-store"})

    async def anything(request: Request) -> Response:
        return live.find(request, request.path_params["path"])

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()

        def changed() -> None:
            with suppress(RuntimeError):  # the loop is over
                loop.call_soon_threadsafe(lambda: live.news.tell(live.text_of_news()))

        live.feed.changed = changed
        if live.feed.site:
            live.news.tell(live.text_of_news())
        yield
        live.news.close()

    routes = [Route("/healthz", healthz), Route("/metrics", metrics), Route("/{path:path}", anything)]
    return Starlette(routes=routes, lifespan=lifespan)


def app_of(live: Live, log: AccessLog | None = None) -> ASGIApp:
    """Return the application; `log` gets a line for each answer."""
    pages = pages_of(live)

    async def logged(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or log is None:
            await pages(scope, receive, send)
        else:
            async with log.line_of(scope, send) as counted:
                await pages(scope, receive, counted)

    return logged


class _Connection(HttpToolsProtocol):
    """A connection that ends when nobody has asked for anything on it for IDLE_S, from the first moment on.

    One that asks for news is handed over to them, so that nothing else of it stays: a task, a request and its parser
    would take twice as much as the reader itself.
    """

    def __init__(self, live: Live, log: AccessLog | None, **options: Any) -> None:
        super().__init__(**options)
        self._live = live
        self._log = log
        self._is_reader = False

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._idle = self.loop.call_later(IDLE_S, self._end_idle)

    def connection_lost(self, exc: Exception | None) -> None:
        self._idle.cancel()
        super().connection_lost(exc)

    def _end_idle(self) -> None:
        if self.cycle is None:  # not one whole request, however slowly it comes
            self.transport.abort()

    def on_headers_complete(self) -> None:
        is_news = self.url.partition(b"?")[0] == EVENTS and self.parser.get_method() == b"GET"
        is_free = self.cycle is None or self.cycle.response_complete
        if is_news and is_free and len(self.connections) < CONNECTIONS:
            self._is_reader = True
            self._hand_over()
        else:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if not self._is_reader:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if not self._is_reader:
            super().on_message_complete()

    def _hand_over(self) -> None:
        self._idle.cancel()
        self._unset_keepalive_if_required()
        connections, write = self.connections, None
        if self._log:
            _, _, query = self.url.partition(b"?")
            asked = {"method": "GET", "raw_path": EVENTS, "query_string": query}
            write = self._log.later({**self.scope, **asked})

        def left(reader: Reader) -> None:
            connections.discard(reader)
            if write:
                write(reader.sent)

        connections.discard(self)
        heads = (*self.server_state.default_headers, *((name.encode(), text.encode()) for name, text in NEWS.items()))
        lines = b"".join(b"%b: %b\r\n" % head for head in heads)
        reader = self._live.news.take(self.transport, b"HTTP/1.1 200 OK\r\n%b\r\n" % lines, left)
        connections.add(reader)  # type: ignore[arg-type]


class Server(uvicorn.Server):
    """A server that lets its readers go as soon as it is to end."""

    def __init__(self, live: Live, log: AccessLog | None = None) -> None:
        self.live = live
        config = uvicorn.Config(
            app_of(live, log),
            http=partial(_Connection, live, log),  # type: ignore[arg-type]
            limit_concurrency=CONNECTIONS,
            log_config=None,
            log_level="error",  # or else each line that is no HTTP is a line on the terminal
            access_log=False,
            timeout_graceful_shutdown=LEAVE_S,
            timeout_keep_alive=IDLE_S,
            backlog=4096,
            server_header=False,
        )
        super().__init__(config)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End at SIGINT and SIGTERM, readers first; as it was asked to end, that is no error."""
        ended = {number: signal.signal(number, self._end) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, before in ended.items():
                signal.signal(number, before)

    def _end(self, number: int, frame: Any) -> None:
        self.live.news.close()
        self.handle_exit(number, frame)
