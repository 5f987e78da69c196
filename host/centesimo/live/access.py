"""The access log: a line for each answer, in the form that every tool for logs of web servers reads ("combined")."""

import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from logging.handlers import WatchedFileHandler
from pathlib import Path

from starlette.types import Message, Scope, Send

LONGEST = 500  # letters of an address or a browser's name in a line


class AccessLog(WatchedFileHandler):
    """Writes a file of lines; one that was moved away (as logrotate does) is begun anew.

    A line that cannot be written is lost, not the answer; `say` is told once why.
    """

    def __init__(self, path: Path, say: Callable[[str], None]) -> None:
        self._say = say
        self._is_failing = False
        super().__init__(path, encoding="utf-8")

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line."""
        try:
            self.reopenIfNeeded()
            if self.stream:
                self.stream.write(record.getMessage() + "\n")
                self.stream.flush()
            self._is_failing = False
        except OSError as error:
            if not self._is_failing:
                self._say(f"error: {self.baseFilename} cannot be written: {error.strerror}; answers go on without it")
            self._is_failing = True

    def later(self, scope: Scope) -> Callable[[int], None]:
        """Return what writes the line of news once the reader has left; it is told how many bytes were sent."""
        at = _now()
        return lambda count: self._write(_line(scope, at, 200, count))

    def _write(self, line: str) -> None:
        self.handle(logging.makeLogRecord({"msg": line}))

    @asynccontextmanager
    async def line_of(self, scope: Scope, send: Send) -> AsyncIterator[Send]:
        """Give what an answer is sent with; its line is there before its end is."""
        at = _now()
        status = count = 0
        is_written = False

        def write() -> None:
            nonlocal is_written
            if not is_written:
                self._write(_line(scope, at, status, count))
            is_written = True

        async def counted(message: Message) -> None:
            nonlocal status, count
            status = message.get("status", status)
            count += len(message.get("body", b""))
            if message["type"] == "http.response.body" and not message.get("more_body"):
                write()
            await send(message)

        try:
            yield counted
        finally:
            write()


def _now() -> str:
    return time.strftime("%d/%b/%Y:%H:%M:%S %z")


def _line(scope: Scope, at: str, status: int, count: int) -> str:
    heads = {name: value.decode("latin-1") for name, value in scope["headers"] if name in (b"user-agent", b"referer")}
    address = (scope["client"] or ("-",))[0]
    query = f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else ""
    asked = f"{scope['method']} {scope.get('raw_path', b'').decode('latin-1')}{query} HTTP/{scope['http_version']}"
    quoted = (_quoted(text) for text in (asked, heads.get(b"referer", "-"), heads.get(b"user-agent", "-")))
    request, referrer, browser = quoted
    return f"{address} - - [{at}] {request} {status} {count} {referrer} {browser}"


def _quoted(text: str) -> str:
    """Return a text in quotes, without anything in it that could end them or the line."""
    return '"' + text[:LONGEST].encode("unicode_escape").decode().replace('"', "\\x22") + '"'
