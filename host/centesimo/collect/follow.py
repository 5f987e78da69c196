"""Follow one board live, after a download: it pushes its records as it writes them; bytes and the time in, bytes out.

Nothing is believed to be complete: a push that was lost shows as a gap, or in the board's status that is asked for now
and then. Then, after a silence or a restart of the board, `over` says so and the owner downloads again, which fetches
exactly what is missing. While nothing is missing, what the owner has stored is acknowledged every ACKNOWLEDGE_MS: an
acknowledgement is a record of the board too, so each passage would cost it one more. Where a Voucher is given, it
answers the statuses.
"""

from centesimo.collect.vouching import FIRST_VERSION, Voucher
from centesimo.model.errors import LinkError
from centesimo.store.intake import TELL_NOTHING, Intake
from centesimo_protocol import record, session
from centesimo_protocol.shim import VersionError

ASK_MS = 2_000
SILENCE_MS = 3 * ASK_MS
ACKNOWLEDGE_MS = 60_000


class Follow:
    """The host's end of one live session; whoever owns the port calls `receive` with what came, or b"" as time passes.

    over    why a download is due, "" while all goes well
    status  the board's last one, None before it
    """

    def __init__(
        self, host: session.HostSession, intake: Intake, last: int, now_ms: int, voucher: Voucher | None = None
    ) -> None:
        """Begin where a download ended: `last` is the highest sequence that the store has."""
        self.over = ""
        self.status: session.Status | None = None
        self._session = host
        self._intake = intake
        self._last = last
        self._voucher = voucher
        self._due: session.Vouch | None = None
        self._behind = False  # the last status told of a record that had not come
        self._telling = 0  # highest record that came and is to be acknowledged
        self._acknowledged = 0  # up to where it is
        self._heard_ms = self._asked_ms = self._acknowledged_ms = now_ms

    @property
    def is_news(self) -> bool:
        """Whether a record came that tells something and is not acknowledged."""
        return self._telling > self._acknowledged

    def start(self) -> bytes:
        """Return what turns the pushes on."""
        return self._session.send(session.Live(1)) + self._ask()

    def receive(self, chunk: bytes, now_ms: int) -> bytes:
        """Take what came (b"": time passed), return what to send; LinkError when another board answers."""
        try:
            messages = self._session.receive(chunk)
        except VersionError as error:
            raise LinkError(str(error)) from error
        self._intake.take(messages)
        for message in messages:
            self._heard_ms = now_ms
            self._answer(message, now_ms)
        if now_ms - self._heard_ms >= SILENCE_MS:
            self.over = "stopped answering"
        if self.over or self._session.board is None:
            return b""
        said = b"" if self._due is None else self._session.send(self._due)
        self._due = None
        if now_ms - self._asked_ms < ASK_MS:
            return said
        self._asked_ms = now_ms
        return said + self._ask()

    def _ask(self) -> bytes:
        if self._voucher is not None:
            self._voucher.asked()
        return self._session.send(session.AskStatus())

    def acknowledge(self, now_ms: int, is_last: bool = False) -> bytes:
        """Return the acknowledgement that is due, or `is_last`, of all that came; call when all of that is stored."""
        is_due = is_last or now_ms - self._acknowledged_ms >= ACKNOWLEDGE_MS
        if self.over or not self.is_news or not is_due or self._session.board is None:
            return b""
        self._acknowledged_ms = now_ms
        return self._session.send(session.Acknowledge(self._last))

    def _answer(self, message: object, now_ms: int) -> None:
        if isinstance(message, session.Records):
            self._follow(message.records)
        elif isinstance(message, session.Status):
            self.status = message
            board = self._session.board
            if self._voucher is not None and board is not None and board.version >= FIRST_VERSION:
                self._due = self._voucher.find_due(message, now_ms)
            if message.last > self._last and self._behind:
                self.over = f"record {self._last + 1} did not come"
            self._behind = message.last > self._last
        elif isinstance(message, session.Acknowledged):
            self._acknowledged = message.up_to
        elif isinstance(message, session.Refused) and message.reason == session.NOT_GREETED:
            self.over = "the board has restarted"

    def _follow(self, raws: bytes) -> None:
        for at in range(0, len(raws), record.SIZE):
            sequence = int.from_bytes(raws[at : at + 4], "little")
            if sequence > self._last + 1:
                self.over = f"record {self._last + 1} did not come"
            self._last = max(self._last, sequence)
            if raws[at + 6] not in TELL_NOTHING:
                self._telling = max(self._telling, sequence)
