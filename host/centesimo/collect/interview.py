"""Ask one board something; bytes and the time in, bytes to send out, no port.

It listens for a moment first, so that a receiver that speaks by itself is left undisturbed; then it greets, and takes
one step after the other: what the board is to make or to keep, what it is asked, its newest records, and last how it
is, several times: the quickest answer tells its clock best. A step that is not answered (an older firmware does not
know it) is left out after some tries; its answer stays None.
"""

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple, TypeAlias

from centesimo.collect.download import is_receiver, what_came
from centesimo.model.errors import LinkError
from centesimo_protocol import record, session
from centesimo_protocol.shim import VersionError

LISTEN_MS = 150
GREET_MS = 400  # between greetings
PATIENCE_MS = 1600  # for a Welcome; with a slow start of the program, still within 2 s
REPEAT_MS = 450
TRIES = 3
SINCE = 16  # records that it may have written since it told its last one
ASKS = 5  # how often the status is asked

FETCH = "fetch"  # the step that fetches the newest records
Step: TypeAlias = "session.HostMessage | str"

ONCE = (session.Simulate,)  # whose answer may be lost, and nobody wants two of them
# What ends a step, by the class of its message.
ENDS: dict[type, type] = {
    session.AskSelfTest: session.Logged,
    session.Simulate: session.Logged,
    session.Silence: session.Silenced,
    session.Set: session.SettingIs,
    session.AskSettings: session.SettingsEnd,
    session.AskSecret: session.SecretIs,
    str: session.End,
    session.AskStatus: session.Status,
}


class Answers(NamedTuple):
    """What a board said; `asked_ns` and `told_ns` are this computer's clock around the status, ns since 1970."""

    welcome: session.Welcome
    status: session.Status
    asked_ns: int
    told_ns: int
    settings: Mapping[int, bytes]  # 12 bytes by key
    newest: tuple["record.Record", ...]  # the newest records, in order of sequence
    made: "record.Record | None" = None  # what it made on request, if it knows that
    fingerprint: bytes | None = None  # of its secret
    refused: tuple[str, ...] = ()  # in its own words
    silenced: int | None = None  # the alarms that it has silenced, as bits; None: it was not asked, or does not know it


class Pending:
    """When what is not answered yet was asked. An answer is the oldest one's: a lost one makes it seem slow, no other.

    So the time that an answer took is never more than is said, whatever was asked twice.
    """

    def __init__(self) -> None:
        self._asked_ns: list[int] = []

    def asked(self, at_ns: int) -> None:
        """Note that it is asked now."""
        self._asked_ns.append(at_ns)

    def answered(self) -> int | None:
        """Return when what is answered now was asked; None if nothing was."""
        return self._asked_ns.pop(0) if self._asked_ns else None


class Interview:
    """The host's end; `answers` is there when it is done."""

    def __init__(self, host: bytes, steps: Sequence[Step], newest: int, within_ms: int | None = None) -> None:
        """Begin with the host's 8-byte id and what to ask before the newest records (so many) and the status.

        `within_ms`: end then, with what is there; None: ask until each step was asked often enough.
        """
        self.answers: Answers | None = None
        self.session = session.HostSession(host)
        self._steps: list[Step] = [*steps, FETCH, *[session.AskStatus()] * ASKS]
        self._newest = newest
        self._within_ms = within_ms
        self._settings: dict[int, bytes] = {}
        self._records: dict[int, record.Record] = {}
        self._fingerprint: bytes | None = None
        self._refused: list[str] = []
        self._silenced: int | None = None
        self._made = 0  # sequence of the record that was made on request
        self._statuses: list[tuple[int, session.Status, int, int]] = []  # how long it took, and as in Answers
        self._begun_ms: int | None = None
        self._welcomed: session.Welcome | None = None  # the first time: a restart begins another session
        self._is_greeting = False
        self._asked_ms: int | None = None  # None: ask now
        self._pending = Pending()  # statuses
        self._tries = 0

    def receive(self, chunk: bytes, now_ms: int, now_ns: int) -> bytes:
        """Take what came (b"": time passed), return what to send; LinkError when no board answers, or not any more.

        `now_ms` never goes back, `now_ns` is this computer's clock and may jump.
        """
        self._begun_ms = now_ms if self._begun_ms is None else self._begun_ms
        try:
            messages = self.session.receive(chunk)
        except VersionError as error:
            raise LinkError(str(error)) from error
        for message in messages:
            self._take(message, now_ns)
        if self.answers:
            return b""
        waited_ms = now_ms - self._begun_ms
        if self._welcomed is None and (waited_ms >= PATIENCE_MS or is_receiver(self.session)):
            raise LinkError(f"no board answers: {what_came(self.session)}")
        if self._within_ms is not None and waited_ms >= self._within_ms:
            self._finish()
        return self._ask(now_ms, now_ns) if waited_ms >= LISTEN_MS and not self.answers else b""

    def _ask(self, now_ms: int, now_ns: int) -> bytes:
        """Ask what is due: anew after a silence, once more after an answer, the next step after too many tries."""
        is_greeted = self.session.board is not None
        if self._asked_ms is not None and now_ms - self._asked_ms < (REPEAT_MS if is_greeted else GREET_MS):
            return b""
        if not is_greeted:
            self._asked_ms, self._is_greeting = now_ms, True
            return self.session.hello()
        step = self._steps[0]
        if self._tries >= (1 if isinstance(step, ONCE) else TRIES):
            if isinstance(step, session.AskStatus):
                raise LinkError("stopped answering")
            self._end_step()
            step = self._steps[0]
        self._tries += 1
        self._asked_ms = now_ms
        if isinstance(step, session.AskStatus):
            self._pending.asked(now_ns)
        return self._bytes_of(step)

    def _bytes_of(self, step: Step) -> bytes:
        if not isinstance(step, str):
            return self.session.send(step)
        assert self._welcomed is not None
        last = max(self._welcomed.last, self._made)
        return self.session.fetch(max(1, last - self._newest + 1), self._newest + SINCE)[1]

    def _take(self, message: object, now_ns: int) -> None:
        """Keep what a message says, and end the step that it answers."""
        if isinstance(message, session.Welcome):
            self._welcomed = self._welcomed or message
            self._asked_ms, self._is_greeting = (None if self._is_greeting else self._asked_ms), False
        elif isinstance(message, session.Refused):
            self._take_refusal(message)
        elif isinstance(message, session.SettingIs):
            self._settings[message.key] = message.value
        elif isinstance(message, session.SecretIs):
            self._fingerprint = message.fingerprint
        elif isinstance(message, session.Logged):
            self._made = message.sequence
        elif isinstance(message, session.Silenced):
            self._silenced = message.alarms
        elif isinstance(message, session.Records):
            self._keep(message.records)
        elif isinstance(message, session.Status):
            self._take_status(message, now_ns)
        if self._steps and isinstance(message, ENDS[type(self._steps[0])]):
            self._end_step()

    def _take_status(self, status: session.Status, now_ns: int) -> None:
        asked_ns = self._pending.answered()
        if asked_ns is not None:
            self._statuses.append((abs(now_ns - asked_ns), status, asked_ns, now_ns))

    def _take_refusal(self, message: session.Refused) -> None:
        if message.reason == session.VERSION_UNKNOWN:
            raise LinkError(f"it speaks another protocol version than {session.VERSION}; update the older one")
        if message.reason == session.NOT_GREETED:
            self._asked_ms = None  # it has restarted
            return
        if self._steps and self._steps[0] != FETCH:  # of an empty journal nothing is kept
            self._refused.append(message.text.decode(errors="replace"))
        self._end_step()

    def _keep(self, raws: bytes) -> None:
        for at in range(0, len(raws), record.SIZE):
            value = record.unpack(raws[at : at + record.SIZE])
            self._records[value.sequence] = value

    def _end_step(self) -> None:
        self._asked_ms, self._tries = None, 0
        self._steps = self._steps[1:]
        if not self._steps:
            self._finish()

    def _finish(self) -> None:
        if self._welcomed is None or not self._statuses:
            raise LinkError("stopped answering")
        _, status, asked_ns, told_ns = min(self._statuses, key=itemgetter(0))
        newest = tuple(self._records[sequence] for sequence in sorted(self._records))
        self.answers = Answers(
            self._welcomed, status, asked_ns, told_ns, self._settings, newest,
            self._records.get(self._made), self._fingerprint, tuple(self._refused),
            self._silenced,
        )  # fmt: skip
