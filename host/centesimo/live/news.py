"""News for readers, as server-sent events: the revision only, at most one a second, and a heartbeat.

The first news after a quiet second goes out at once. A reader is one connection and nothing that runs: all are written
to one after another, and who has not read what was written before is let be until the connection takes more. So a slow
reader costs the connection's buffer (64 KB at most) and no other reader waits for it.
"""

import asyncio

from starlette.types import Message, Receive, Send

NEWS_S = 1.0  # at most one in so many seconds
HEARTBEAT_S = 15.0


class News:
    """Tells all readers of the newest revision; of one event loop."""

    def __init__(self) -> None:
        self._sends: set[Send] = set()
        self._behind: set[Send] = set()  # whose connection took no more when the newest text was told
        self._closing = False
        self._text = b""
        self._told_s = float("-inf")
        self._later: asyncio.TimerHandle | None = None
        self._beat: asyncio.TimerHandle | None = None

    @property
    def readers(self) -> int:
        """How many readers hear of news."""
        return len(self._sends)

    def tell(self, text: str) -> None:
        """Tell a text, at once or when the second since the last one is over; the newest of a second counts."""
        told = f"data: {text}\n\n".encode()
        if told == self._text:
            return
        self._text = told
        if self._later is None:
            loop = asyncio.get_running_loop()
            self._later = loop.call_later(max(0.0, self._told_s + NEWS_S - loop.time()), self._now)

    def _now(self) -> None:
        self._later = None
        self._told_s = asyncio.get_running_loop().time()
        self._to_all(self._text)

    def _to_all(self, body: bytes, more: bool = True) -> None:
        for send in tuple(self._sends):
            whole = self._text if send in self._behind else body
            if _is_put(send, {"type": "http.response.body", "body": whole, "more_body": more}):
                self._behind.discard(send)
            else:
                self._behind.add(send)
        self._beat_later()

    def _beat_later(self) -> None:
        if self._beat:
            self._beat.cancel()
        self._beat = None
        if self._sends and not self._closing:
            self._beat = asyncio.get_running_loop().call_later(HEARTBEAT_S, lambda: self._to_all(b": \n\n"))

    def close(self) -> None:
        """Let all readers go."""
        self._closing = True
        self._to_all(b"", more=False)

    async def listen(self, receive: Receive, send: Send, headers: dict[str, str]) -> None:
        """Answer one reader until it leaves or all are let go: what is told, the newest at once, and heartbeats."""
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": 200, "headers": raw})
        first = b"retry: 3000\n\n" + self._text
        await send({"type": "http.response.body", "body": first, "more_body": not self._closing})
        if self._closing:
            return
        self._sends.add(send)
        if self._beat is None:
            self._beat_later()
        try:
            while (await receive())["type"] != "http.disconnect":
                pass
        finally:
            self._sends.discard(send)
            self._behind.discard(send)


def _is_put(send: Send, message: Message) -> bool:
    """Send without waiting; False where the connection takes no more now."""
    step = send(message).__await__()
    try:
        next(step)
    except (StopIteration, OSError):  # sent, or the reader is gone: its own task sees that
        return True
    step.close()  # it would wait
    return False
