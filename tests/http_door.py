"""The door of `serve`: bytes as a connection brings them, in pieces, to uvicorn's own parser and our application.

No port and no clock: the connection is a value that keeps what was sent, and time goes on when nothing else is left to
do, so a reader who waits for news is let go at once.
"""

import asyncio
import logging
import os
import re
from pathlib import Path

from uvicorn.server import ServerState

from centesimo.live.access import AccessLog
from centesimo.live.feed import Feed
from centesimo.live.server import Live, Server
from tests.test_live_api import site_of_example
from tests.test_live_news import Clock

GOOD = (
    b"GET /crono/2027/race/1/ HTTP/1.1\r\nHost: crono\r\nAccept-Language: it,en;q=0.5\r\nAccept-Encoding: gzip\r\n\r\n"
    b'GET /api/v1/races HTTP/1.1\r\nHost: crono\r\nIf-None-Match: "0123"\r\n\r\n'
    b"GET /crono/2027/race/1/crew/1/index.en.html?a=b%20c HTTP/1.1\r\nHost: crono\r\nRange: bytes=0-9\r\n\r\n"
    b"POST /crono/now.json HTTP/1.1\r\nHost: crono\r\nContent-Length: 3\r\n\r\nabc"
    b"GET /api/events HTTP/1.1\r\nHost: crono\r\nAccept: text/event-stream\r\n\r\n"
)
PIECE = 200  # bytes at once
TURNS = 60  # of the loop, in which everything is answered that will be


class Failures(logging.Handler):
    """What the server logs of an answer that failed; there shall be nothing."""

    def __init__(self):
        super().__init__(logging.ERROR)
        self.texts = []

    def emit(self, record):
        self.texts.append(self.format(record))


class Kept(asyncio.Transport):
    """A connection that keeps what was sent."""

    def __init__(self):
        super().__init__({"peername": ("127.0.0.1", 4711), "sockname": ("127.0.0.1", 80)})
        self.sent, self.is_over, self.protocol = bytearray(), False, None

    def write(self, data):
        self.sent += data

    def set_protocol(self, protocol):
        self.protocol = protocol

    def get_write_buffer_size(self):
        return 0

    def is_closing(self):
        return self.is_over

    def close(self):
        self.is_over = True

    abort = close

    def pause_reading(self):
        pass

    def resume_reading(self):
        pass


class HttpDoor:
    """Takes the bytes of one connection after another."""

    def __init__(self):
        live = Live(Feed(Path(), lambda: None, lambda: 0, print))
        live.feed.site = site_of_example()
        self._config = Server(live, AccessLog(Path(os.devnull), print)).config
        self._config.load()
        self._failures = Failures()
        logging.getLogger("uvicorn.error").addHandler(self._failures)
        self._runner = asyncio.Runner(loop_factory=Clock)

    def take(self, raw):
        """Return the statuses that were answered; AssertionError for one of 500, or an answer that never ends."""
        return self._runner.run(self._taken(raw))

    async def _taken(self, raw):
        state, kept = ServerState(), Kept()
        loop = asyncio.get_running_loop()
        connection = self._config.http_protocol_class(config=self._config, server_state=state, app_state={}, _loop=loop)
        kept.set_protocol(connection)
        connection.connection_made(kept)
        for at in range(0, len(raw), PIECE):
            if not kept.is_over:
                kept.protocol.data_received(raw[at : at + PIECE])
                await asyncio.sleep(0)
        for _ in range(TURNS):
            await asyncio.sleep(0)
        kept.protocol.connection_lost(None)
        for _ in range(TURNS):
            await asyncio.sleep(0)
        statuses = [int(status) for status in re.findall(rb"HTTP/1\.1 (\d\d\d) ", kept.sent)]
        assert not self._failures.texts, self._failures.texts.pop()
        assert 500 not in statuses, statuses
        assert not state.tasks, "an answer never ends"
        assert not state.connections, "a connection is never let go"
        return statuses
