"""Ask boards how they are, without taking anything from them; what does not answer as a board does is named.

On request a board also tests itself, or makes a passage that is marked as simulated; both are records of its own.
Before it says a word it listens for a moment: a receiver that speaks by itself is left undisturbed.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from centesimo.collect.download import is_receiver, name_of, what_came
from centesimo.collect.link import Port, host_id, steady_ms
from centesimo.errors import LinkError
from centesimo.reading.localtime import NS_PER_S
from protocol import record, session
from protocol.shim import VersionError

LISTEN_MS = 150
REPEAT_MS = 400
PATIENCE_MS = 1600  # with the listening and a slow start of the program, still within 2 s

Request = session.AskSelfTest | session.Simulate


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
    made: tuple[str, ...] = ()  # what it found or made on request


class Inquiry:
    """The host's end of one question: bytes and the time in, bytes to send out.

    status  the board's answer
    made    the record that it has made on request
    done    whether all is there that was asked for
    """

    def __init__(self, host: bytes, request: Request | None = None) -> None:
        """Begin with the host's 8-byte id, and what the board is to do beside."""
        self.session = session.HostSession(host)
        self.status: session.Status | None = None
        self.made: record.Record | None = None
        self._request = request
        self._is_requested = False
        self._sequence = 0  # of the record that it has made
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
            self._take(message)
        if self.done:
            return b""
        waited_ms = now_ms - self._begun_ms
        if waited_ms >= PATIENCE_MS or is_receiver(self.session):
            raise LinkError(f"no board answers: {what_came(self.session)}")
        if waited_ms < LISTEN_MS or (self._said_ms is not None and now_ms - self._said_ms < REPEAT_MS):
            return b""
        self._said_ms = now_ms
        return self._question()

    @property
    def done(self) -> bool:
        """Whether all is there that was asked for."""
        return self.status is not None and (self._request is None or self.made is not None)

    def _take(self, message: "session.BoardMessage") -> None:
        self._said_ms = None  # it answers: the next question need not wait
        if isinstance(message, session.Status):
            self.status = message
        elif isinstance(message, session.Logged):
            self._sequence = message.sequence
        elif isinstance(message, session.Records):
            self.made = record.unpack(message.records[: record.SIZE]) if message.records else None
        elif isinstance(message, session.Refused):
            if message.reason == session.VERSION_UNKNOWN:
                raise LinkError(f"it speaks another protocol version than {session.VERSION}; update the older one")
            if message.reason != session.NOT_GREETED:
                raise LinkError(f"it refuses: {message.text.decode(errors='replace')}")

    def _question(self) -> bytes:
        """Return what to ask next; a request only once, for it makes a record each time."""
        if self.session.board is None:
            return self.session.hello()
        if self.status is None or self._request is None:
            return self.session.send(session.AskStatus())
        if self._sequence:
            return self.session.fetch(self._sequence, 1)[1]
        if self._is_requested:
            return b""
        self._is_requested = True
        return self.session.send(self._request)


def boards(ports: Sequence[str], now_ns: Callable[[], int], request: Request | None = None) -> list[Seen]:
    """Return what is on each port, in their order, within about 2 s; `now_ns` is this computer's clock.

    `request`: what each board is to do beside, a self-test or a simulated passage.
    """
    with ThreadPoolExecutor(max_workers=max(1, len(ports))) as executor:
        return list(executor.map(lambda port: _look(port, now_ns, request), ports))


def _look(name: str, now_ns: Callable[[], int], request: Request | None) -> Seen:
    inquiry = Inquiry(host_id(), request)
    try:
        with Port(name) as port:
            while not inquiry.done:
                port.write(inquiry.receive(port.read(), steady_ms()))
    except LinkError as error:
        return Seen(name, str(error).removeprefix(f"{name}: "))
    welcome, status = inquiry.session.board, inquiry.status
    if welcome is None or status is None:
        return Seen(name, "it restarted while it was asked; ask again")
    return seen(name, welcome, status, now_ns())._replace(made=made(inquiry.made))


def made(one: "record.Record | None") -> tuple[str, ...]:
    """Return what a record says that a board has made on request, in a person's words; none for None."""
    if isinstance(one, record.Edge):
        return (f"simulated passage on input {one.input}, record {one.sequence}",)
    if not isinstance(one, record.SelfTest):
        return ()
    closed = [str(number) for number in (1, 2, 3, 4) if one.inputs >> number - 1 & 1]
    never = one.pulse_s == record.NO_PULSE_S
    return (
        f"self-test, record {one.sequence}",
        f"memory {'right' if one.ram else 'WRONG'}, {one.free_bytes:,} bytes free",
        f"journal {'reads back' if one.journal else 'DOES NOT READ BACK'}",
        "no GPS pulse since the start" if never else f"last GPS pulse {one.pulse_s} s ago",
        f"closed now: input {', '.join(closed)}" if closed else "inputs idle",
    )


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
