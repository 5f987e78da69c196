"""Ask boards how they are, without taking anything from them; what does not answer as a board does is named.

Before it says a word it listens for a moment: a receiver that speaks by itself is left undisturbed.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from centesimo.download import is_receiver, name_of, what_came
from centesimo.errors import LinkError
from centesimo.link import Port, host_id, steady_ms
from protocol import record, session
from protocol.shim import VersionError

LISTEN_MS = 150
REPEAT_MS = 400
PATIENCE_MS = 1600  # with the listening and a slow start of the program, still within 2 s
NS_PER_S = 1_000_000_000


class Seen(NamedTuple):
    """What was found on one port; all but `port` and `error` are None when no board answered.

    uncertainty_us  of an edge now; None also when the board does not know it
    kept, waiting   records in its journal, and those of them that no host has acknowledged
    battery_mv      None also when it is not measured
    ahead_s         its clock less this computer's, cut to whole seconds; None also when it does not know the time
    """

    port: str
    error: str | None
    board: str | None = None
    name: str | None = None
    firmware: str | None = None
    state: str | None = None
    uncertainty_us: int | None = None
    kept: int | None = None
    waiting: int | None = None
    battery_mv: int | None = None
    ahead_s: int | None = None
    alarms: tuple[str, ...] = ()


class Inquiry:
    """The host's end of one question: bytes and the time in, bytes to send out; `status` is there when it is done."""

    def __init__(self, host: bytes) -> None:
        """Begin with the host's 8-byte id."""
        self.session = session.HostSession(host)
        self.status: session.Status | None = None
        self._begun_ms: int | None = None
        self._said_ms: int | None = None

    def receive(self, chunk: bytes, now_ms: int) -> bytes:
        """Take what came (b"": time passed), return what to send; LinkError when no board answers in PATIENCE_MS."""
        self._begun_ms = now_ms if self._begun_ms is None else self._begun_ms
        try:
            messages = self.session.receive(chunk)
        except VersionError as error:
            raise LinkError(str(error)) from error
        for message in messages:
            if isinstance(message, session.Status):
                self.status = message
            elif isinstance(message, session.Welcome):
                self._said_ms = None
            elif isinstance(message, session.Refused) and message.reason == session.VERSION_UNKNOWN:
                raise LinkError(f"it speaks another protocol version than {session.VERSION}; update the older one")
        if self.status is not None:
            return b""
        waited_ms = now_ms - self._begun_ms
        if waited_ms >= PATIENCE_MS or is_receiver(self.session):
            raise LinkError(f"no board answers: {what_came(self.session)}")
        if waited_ms < LISTEN_MS or (self._said_ms is not None and now_ms - self._said_ms < REPEAT_MS):
            return b""
        self._said_ms = now_ms
        return self.session.send(session.AskStatus()) if self.session.board else self.session.hello()


def boards(ports: Sequence[str], now_ns: Callable[[], int]) -> list[Seen]:
    """Return what is on each port, in their order, within about 2 s; `now_ns` is this computer's clock."""
    with ThreadPoolExecutor(max_workers=max(1, len(ports))) as executor:
        return list(executor.map(lambda port: _look(port, now_ns), ports))


def _look(name: str, now_ns: Callable[[], int]) -> Seen:
    inquiry = Inquiry(host_id())
    try:
        with Port(name) as port:
            while inquiry.status is None:
                port.write(inquiry.receive(port.read(), steady_ms()))
    except LinkError as error:
        return Seen(name, str(error).removeprefix(f"{name}: "))
    welcome, status = inquiry.session.board, inquiry.status
    if welcome is None:
        return Seen(name, "it restarted while it was asked; ask again")
    return seen(name, welcome, status, now_ns())


def seen(port: str, welcome: session.Welcome, status: session.Status, now_ns: int) -> Seen:
    """Return what a board says of itself, in a person's units."""
    known = status.state < len(record.STATE_NAMES)
    alarms = (name for place, name in enumerate(session.ALARM_NAMES) if status.alarms >> place & 1)
    return Seen(
        port=port,
        error=None,
        board=welcome.board_id.hex(),
        name=name_of(welcome),
        firmware=f"{welcome.major}.{welcome.minor}.{welcome.patch}",
        state=record.STATE_NAMES[status.state] if known else f"state {status.state}",
        uncertainty_us=None if status.uncertainty_us == record.NOT_KNOWN_US else status.uncertainty_us,
        kept=max(0, status.last + 1 - status.first),
        waiting=max(0, status.last - max(status.acknowledged, status.first - 1)),
        battery_mv=status.battery_mv or None,
        ahead_s=status.utc_s - now_ns // NS_PER_S if status.utc_s else None,
        alarms=tuple(alarms),
    )
