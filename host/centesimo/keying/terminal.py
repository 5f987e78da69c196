"""The terminal of whoever keys: its keys come one by one, each with its instant; what it was before is restored.

Signals are keys here: Ctrl-C, an ended session and a closed terminal all arrive as STOP, so a commit is never cut in
the middle; Ctrl-S and Ctrl-Z do nothing. A thread of its own reads and stamps the keys, for a commit may take its time.
"""

import os
import select
import signal
import sys
import termios
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from types import FrameType
from typing import Any, NamedTuple

from rich.console import ConsoleDimensions

from centesimo.keying.keys import STOP, Keys
from centesimo.model.errors import TimingError

RESIZED = "resized"
WITHIN_S = 0.05  # a sequence goes on within this, or was the escape key
LOOK_S = 0.5  # how often the reader looks whether it is to end
UNKNOWN = ConsoleDimensions(80, 24)  # where a terminal does not say its size
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Pressed(NamedTuple):
    """A key, STOP or RESIZED, and when it came by this computer's clock."""

    key: str
    at_ns: int


class Terminal:
    """What comes from a terminal, in order; `put` may be called from any thread and from signal handlers."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._queue: SimpleQueue[Pressed] = SimpleQueue()
        self._is_over = threading.Event()

    @property
    def size(self) -> ConsoleDimensions:
        """Columns and lines as they are now, whatever COLUMNS and LINES of the environment were when it was opened."""
        columns, lines = os.get_terminal_size(self._number)
        return ConsoleDimensions(columns or UNKNOWN.width, lines or UNKNOWN.height)

    def put(self, key: str) -> None:
        """Add what came now."""
        self._queue.put(Pressed(key, time.time_ns()))

    def find_pressed(self, within_s: float) -> Pressed | None:
        """Return what came next within a time, None if nothing did."""
        with suppress(Empty):
            return self._queue.get(timeout=within_s)
        return None

    def read(self) -> None:
        """Read keys until the terminal is gone or `end` was called."""
        keys = Keys()
        while not self._is_over.is_set():
            ready, _, _ = select.select([self._number], [], [], WITHIN_S if keys.is_within else LOOK_S)
            if not ready:
                pressed = keys.rest()
            else:
                chunk = b""
                with suppress(OSError):  # a terminal that was closed
                    chunk = os.read(self._number, 1024)
                pressed = keys.feed(chunk) if chunk else [STOP]
                if not chunk:
                    self._is_over.set()
            for key in pressed:
                self.put(key)

    def end(self) -> None:
        """Let the reader end."""
        self._is_over.set()


@contextmanager
def open_terminal() -> Iterator[Terminal]:
    """Give the keys of standard input one by one, and restore the terminal; TimingError where it is none."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise TimingError(
            "expected a terminal to key at, got a pipe or a file: centesimo load takes a file of sightings"
        )
    number = sys.stdin.fileno()
    terminal = Terminal(number)
    before = termios.tcgetattr(number)
    reader = threading.Thread(target=terminal.read, name="keys", daemon=True)
    with _signals(terminal):
        try:
            termios.tcsetattr(number, termios.TCSADRAIN, _by_key(before))
            reader.start()
            yield terminal
        finally:
            terminal.end()
            with suppress(termios.error):  # it is gone
                termios.tcsetattr(number, termios.TCSADRAIN, before)
            reader.join()


def _by_key(settings: list[Any]) -> list[Any]:
    """Return a terminal's settings for keys one by one: no lines, no echo, no signals, no stopping of the output."""
    inputs, outputs, control, local, *rest = settings
    inputs &= ~(termios.IXON | termios.ICRNL)
    local &= ~(termios.ICANON | termios.ECHO | termios.ISIG | termios.IEXTEN)
    return [inputs, outputs, control, local, *rest]


@contextmanager
def _signals(terminal: Terminal) -> Iterator[None]:
    """Turn signals into keys for as long as the terminal is used."""

    def stop(number: int, frame: FrameType | None) -> None:
        terminal.put(STOP)

    def resize(number: int, frame: FrameType | None) -> None:
        terminal.put(RESIZED)

    handlers = {**dict.fromkeys(ENDINGS, stop), signal.SIGWINCH: resize}
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
