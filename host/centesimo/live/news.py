"""News for readers, as server-sent events: the revision only, at most one a second, and a heartbeat.

The first news after a quiet second goes out at once. A reader is a connection and nothing that runs, not even a task:
the server hands the connection over once it was asked for news, and all are written to one after another. Who has not
read what was written before is let be until the connection takes more, and then told the newest. So a slow reader costs
the connection's buffer (64 KB at most) and no other reader waits for it.
"""

import asyncio
from collections.abc import Callable

NEWS_S = 1.0  # at most one in so many seconds
HEARTBEAT_S = 15.0
FIRST = b"retry: 3000\n\n"
BEAT = b": \n\n"


class Reader(asyncio.Protocol):
    """A connection that hears of news until it ends; what it says meanwhile is nothing to anybody."""

    __slots__ = ("_left", "_news", "is_behind", "sent", "transport")

    def __init__(self, news: "News", transport: asyncio.WriteTransport, left: Callable[["Reader"], None]) -> None:
        self._news = news
        self._left = left
        self.transport = transport
        self.is_behind = False  # its connection takes no more now
        self.sent = 0  # bytes

    def tell(self, body: bytes) -> None:
        """Send without waiting, nothing to who is behind."""
        if not self.is_behind:
            self.sent += len(body)
            self.transport.write(body)

    def pause_writing(self) -> None:
        """Be let be."""
        self.is_behind = True

    def resume_writing(self) -> None:
        """Hear the newest."""
        self.is_behind = False
        self.tell(self._news.text)

    def connection_lost(self, error: Exception | None) -> None:
        """Be a reader no more."""
        self._news.readers.discard(self)
        self._left(self)

    def shutdown(self) -> None:
        """End: the server asks every connection for that."""
        self.transport.close()


class News:
    """Tells all readers of the newest revision; of one event loop."""

    def __init__(self) -> None:
        self.readers: set[Reader] = set()
        self.text = b""  # the newest news
        self._closing = False
        self._told_s = float("-inf")
        self._later: asyncio.TimerHandle | None = None
        self._beat: asyncio.TimerHandle | None = None

    def tell(self, text: str) -> None:
        """Tell a text, at once or when the second since the last one is over; the newest of a second counts."""
        told = f"data: {text}\n\n".encode()
        if told == self.text:
            return
        self.text = told
        if self._later is None:
            loop = asyncio.get_running_loop()
            self._later = loop.call_later(max(0.0, self._told_s + NEWS_S - loop.time()), self._now)

    def _now(self) -> None:
        self._later = None
        self._told_s = asyncio.get_running_loop().time()
        self._to_all(self.text)

    def _to_all(self, body: bytes) -> None:
        for reader in tuple(self.readers):
            reader.tell(body)
        self._beat_later()

    def _beat_later(self) -> None:
        if self._beat:
            self._beat.cancel()
        self._beat = None
        if self.readers and not self._closing:
            self._beat = asyncio.get_running_loop().call_later(HEARTBEAT_S, lambda: self._to_all(BEAT))

    def close(self) -> None:
        """Let all readers go."""
        self._closing = True
        for reader in tuple(self.readers):
            reader.shutdown()

    def take(self, transport: asyncio.Transport, head: bytes, left: Callable[[Reader], None]) -> Reader:
        """Take a connection over: send the head of the answer and the newest, from then on news and heartbeats.

        `left` is called when the reader has left or was let go.
        """
        reader = Reader(self, transport, left)
        self.readers.add(reader)
        transport.set_protocol(reader)
        reader.tell(head + FIRST + self.text)
        if self._closing:
            reader.shutdown()
        elif self._beat is None:
            self._beat_later()
        return reader
