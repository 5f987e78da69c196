"""Ask one board all that an official wants to know of it before the day; bytes and the time in, bytes out, no port.

In this order: a self-test, its settings (some written first), its newest records, and last how it is, with this
computer's clock before and after: so its clock can be told to the millisecond. A board that does not know a request
(an older firmware) does not answer it; that answer stays None.
"""

from collections.abc import Mapping
from typing import NamedTuple

from centesimo.collect.boards import Inquiry
from centesimo.errors import LinkError
from protocol import record, session

NEWEST = 240  # records that are looked at
REPEAT_MS = 600
TRIES = 3


class Answers(NamedTuple):
    """What a board said; `asked_ns` and `told_ns` are this computer's clock around the status, ns since 1970."""

    welcome: session.Welcome
    status: session.Status
    asked_ns: int
    told_ns: int
    settings: Mapping[int, bytes]  # 12 bytes by key
    newest: tuple["record.Record", ...]  # the newest records, in order of sequence
    is_tested: bool  # it has made a self-test; its record is among the newest


class Interview:
    """The host's end; `answers` is there when it is done."""

    def __init__(self, host: bytes, written: Mapping[int, bytes]) -> None:
        """Begin with the host's 8-byte id; `written` are settings to write before all are read."""
        self.answers: Answers | None = None
        self._inquiry = Inquiry(host)  # greets, and says what is no board
        self._session = self._inquiry.session
        self._settings: dict[int, bytes] = {}
        self._records: dict[int, record.Record] = {}
        self._is_tested = False
        self._asked_ms = 0
        self._asked_ns = 0
        self._tries = 0
        sets: list[session.HostMessage] = [session.Set(key, value) for key, value in written.items()]
        self._steps: list[session.HostMessage | str] = [
            session.AskSelfTest(),
            *sets,
            session.AskSettings(),
            "fetch",
            session.AskStatus(),
        ]

    def receive(self, chunk: bytes, now_ms: int, now_ns: int) -> bytes:
        """Take what came, return what to send; LinkError when no board answers or it refuses a setting."""
        if self._inquiry.status is None:
            sent = self._inquiry.receive(chunk, now_ms)
            return sent if self._inquiry.status is None else self._ask(now_ms, now_ns)
        for message in self._session.receive(chunk):
            if self._take(message, now_ns):
                self._steps.pop(0)
                self._tries = 0
                return self._ask(now_ms, now_ns)
        if self.answers or now_ms - self._asked_ms < REPEAT_MS:
            return b""
        if self._tries >= TRIES:
            if isinstance(self._steps[0], session.AskStatus):
                raise LinkError("stopped answering")
            self._steps.pop(0)
            self._tries = 0
        return self._ask(now_ms, now_ns)

    def _ask(self, now_ms: int, now_ns: int) -> bytes:
        if not self._steps:
            return b""
        self._asked_ms, self._asked_ns = now_ms, now_ns
        self._tries += 1
        step = self._steps[0]
        if isinstance(step, str):
            last = self._last()
            return self._session.fetch(max(1, last - NEWEST + 1), NEWEST)[1]
        return self._session.send(step)

    def _last(self) -> int:
        assert self._inquiry.status is not None
        last: int = self._inquiry.status.last
        return last + 1  # the self-test has written a record since

    def _take(self, message: object, now_ns: int) -> bool:
        """Keep what a message says; say whether the present step is done with it."""
        step = self._steps[0] if self._steps else None
        if isinstance(message, session.SettingIs):
            self._settings[message.key] = message.value
        elif isinstance(message, session.Records):
            for at in range(0, len(message.records), record.SIZE):
                value = record.unpack(message.records[at : at + record.SIZE])
                self._records[value.sequence] = value
        elif isinstance(message, session.Refused) and isinstance(step, session.Set):
            raise LinkError(f"it refuses a setting: {message.text.decode('ascii', 'replace')}")
        elif isinstance(message, session.Refused) and isinstance(step, session.AskSelfTest):
            return True  # its journal is full, which the status says too
        elif isinstance(message, session.Status) and isinstance(step, session.AskStatus):
            self._finish(message, now_ns)
        self._is_tested = self._is_tested or isinstance(message, session.Logged)
        ends = {
            session.Logged: session.AskSelfTest,
            session.SettingIs: session.Set,
            session.SettingsEnd: session.AskSettings,
            session.End: str,
            session.Status: session.AskStatus,
        }
        return isinstance(step, ends.get(type(message), ()))

    def _finish(self, status: session.Status, now_ns: int) -> None:
        if self._session.board is None:
            raise LinkError("it restarted while it was asked; ask again")
        newest = tuple(self._records[sequence] for sequence in sorted(self._records))
        said = (self._session.board, status, self._asked_ns, now_ns)
        self.answers = Answers(*said, self._settings, newest, self._is_tested)
