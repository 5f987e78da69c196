"""Sessions: what a host asks and a board answers; bytes in, messages out, no port and no clock.

The host greets with the versions that it speaks, the board answers with the one it chose and with who it is; before
that it refuses everything else. From version 2 on every later message, but a refusal, begins with the number of its
session, the CRC-32 of the Welcome's payload: a board that another greeting belongs to is not taken for the one that
answered, nor is a request for another board obeyed. Then the host pulls: it asks for records from a sequence number on,
and asks again from where it stands after any loss, so a download resumes at any byte. `live` pushes new records as they
are written; a push that was lost is a gap in the sequence, and pulled. A board that restarts has forgotten the greeting
and says so.

Each message is a namedtuple with its payload's layout in MESSAGES (little-endian); docs/wire-format.md shows them byte
by byte. A trailing field "*" takes the rest of the payload. Longer payloads than known are a later version's: the
rest is ignored. What stands behind "|" came with version 2: zeros where the payload ends before it. Message kinds
that are not known are skipped and counted.
"""

import struct
from binascii import crc32
from collections import namedtuple

from centesimo_protocol import frame, record
from centesimo_protocol.shim import ProtocolError, const, fields
from centesimo_protocol.shim import VersionError as VersionError

VERSION = const(2)
LOWEST = const(1)  # that is still spoken
RECORDS_MAX = const(24)  # in one frame
LIVE_REQUEST = const(0)  # the request number of pushed records
TEXT_MAX = const(120)  # bytes of a refusal's text

# Host to board.
Hello = namedtuple("Hello", "lowest highest host_id")
Fetch = namedtuple("Fetch", "request first count")
Live = namedtuple("Live", "on")
AskStatus = namedtuple("AskStatus", "")
Acknowledge = namedtuple("Acknowledge", "up_to")
AskSettings = namedtuple("AskSettings", "")
Set = namedtuple("Set", "key value")
AskSelfTest = namedtuple("AskSelfTest", "")
Simulate = namedtuple("Simulate", "input")
# A host says which UTC the board's counter was, known to bound_us, on a basis (record.BASES).
Vouch = namedtuple("Vouch", "counter_us utc_s fraction_us bound_us basis")
Silence = namedtuple("Silence", "")
AskSecret = namedtuple("AskSecret", "")
SetSecret = namedtuple("SetSecret", "secret proof")  # proof: chain.proof, zeros where none is set
Erase = namedtuple("Erase", "count last digest")  # all records up to the last Seal; its sequence and tag

# Board to host.
Welcome = namedtuple("Welcome", "version board_id name major minor patch boot first last acknowledged sealed tag")
Records = namedtuple("Records", "request records")  # records: 0 .. RECORDS_MAX of 32 bytes each, in one bytes
End = namedtuple("End", "request next")  # the answer to a Fetch is complete; `next` follows the last record sent
LiveIs = namedtuple("LiveIs", "on")
Status = namedtuple(
    "Status",
    "state confirmed satellites uncertainty_us utc_s counter_us boot first last acknowledged capacity "
    "battery_mv temperature_cc torn lost alarms notes latitude_e7 longitude_e7 maker",
)
Acknowledged = namedtuple("Acknowledged", "up_to")
SettingIs = namedtuple("SettingIs", "key value")
SettingsEnd = namedtuple("SettingsEnd", "count")
Silenced = namedtuple("Silenced", "alarms")  # that make no tone now
Logged = namedtuple("Logged", "kind sequence")  # what a request has made is this record
Vouched = namedtuple("Vouched", "outcome sequence")  # record.OUTCOMES; of its record, 0: it is news of nothing
SecretIs = namedtuple("SecretIs", "fingerprint")  # chain.fingerprint, zeros where none is set
Erased = namedtuple("Erased", "up_to")
Refused = namedtuple("Refused", "kind reason text")  # text: 0 .. TEXT_MAX bytes of UTF-8, for a person

TYPE_CHECKING = False
if TYPE_CHECKING:  # MicroPython evaluates no annotation and knows no union of classes
    HostMessage = (
        Hello | Fetch | Live | AskStatus | Acknowledge | AskSettings | Set | AskSelfTest | Simulate | Vouch | Silence
        | AskSecret | SetSecret | Erase
    )  # fmt: skip
    BoardMessage = (
        Welcome | Records | End | LiveIs | Status | Acknowledged | SettingIs | SettingsEnd | Logged | Vouched | Silenced
        | SecretIs | Erased | Refused
    )  # fmt: skip
    Message = HostMessage | BoardMessage

# Reasons of a refusal.
NOT_GREETED = const(1)
VERSION_UNKNOWN = const(2)
MALFORMED = const(3)
OUT_OF_RANGE = const(4)
NOT_KEPT = const(5)
BUSY = const(6)
NOT_PROVEN = const(7)
REASON_NAMES = ("", "not greeted", "version not known", "malformed", "out of range", "not kept", "busy", "not proven")

# Makers of receivers, as far as theirs say who they are: the places are Status.maker.
MAKER_NAMES = ("not known", "u-blox", "MTK", "CASIC")

# Alarms in a Status, one bit each: the places of those that are of something that has happened. As long as it is recent
# they are alarms, in `notes` they stay until the next start.
TORN = const(2)
LOST = const(3)
SETTINGS = const(5)
FOREIGN = const(7)
FAULT = const(10)
ALARM_NAMES = (
    "journal 80 % full",
    "journal full",
    "records torn",
    "edges lost",
    "input stuck",
    "settings damaged",
    "input ringing",
    "journal of another format",
    "battery low",
    "battery too low to write",
    "firmware fault",
)

HOST_MESSAGES: tuple[tuple[int, type, str], ...] = (
    (0x01, Hello, "BB8s"),
    (0x02, Fetch, "HIH"),
    (0x03, Live, "B"),
    (0x04, AskStatus, ""),
    (0x05, Acknowledge, "I"),
    (0x06, AskSettings, ""),
    (0x07, Set, "B12s"),
    (0x08, AskSelfTest, ""),
    (0x09, Simulate, "B"),
    (0x0A, Vouch, "QIIIB"),
    (0x0B, Silence, ""),
    (0x20, AskSecret, ""),
    (0x21, SetSecret, "24s12s"),
    (0x22, Erase, "II11s"),
)
BOARD_MESSAGES: tuple[tuple[int, type, str], ...] = (
    (0x81, Welcome, "B8s12sBBBHIII|I11s"),
    (0x82, Records, "H*"),
    (0x83, End, "HI"),
    (0x84, Status, "BBBIIQHIIIIHhHIH|HiiB"),
    (0x85, Acknowledged, "I"),
    (0x86, SettingIs, "B12s"),
    (0x87, SettingsEnd, "B"),
    (0x88, LiveIs, "B"),
    (0x89, Logged, "BI"),
    (0x8A, Vouched, "BI"),
    (0x8B, Silenced, "H"),
    (0x8F, Refused, "BB*"),
    (0xA0, SecretIs, "12s"),
    (0xA1, Erased, "I"),
)

HELLO = const(0x01)
WELCOME = const(0x81)
REFUSED = const(0x8F)
_MESSAGES = HOST_MESSAGES + BOARD_MESSAGES
_HOST_KINDS = tuple([row[0] for row in HOST_MESSAGES])


class SessionError(ProtocolError):
    """A message that does not fit: malformed, or not what this end may send or get now."""


def encode(message: "Message", messages: tuple[tuple[int, type, str], ...] = _MESSAGES, number: bytes = b"") -> bytes:
    """Return the frame of a message of one of the tables above; SessionError if it, or a value of it, does not fit.

    `number` is the session's, which stands before the payload: 4 bytes, none before a session and in version 1.
    """
    kind, cls, layout = _row(message, messages)
    fixed = layout.rstrip("*").replace("|", "")
    values, rest = tuple(message), b""
    if layout.endswith("*"):
        values, rest = values[:-1], values[-1]
        if not isinstance(rest, bytes) or len(rest) > frame.MAX_PAYLOAD - struct.calcsize("<" + fixed):
            raise SessionError("expected bytes that fit a frame at the end of %s, got %r" % (cls.__name__, rest))
    try:
        record.check_values(fixed, values, cls.__name__, fields(cls))
    except record.RecordError as error:
        raise SessionError(str(error))
    return frame.encode(kind, number + struct.pack("<" + fixed, *values) + rest)


def number_of(welcome: bytes) -> bytes:
    """Return the 4 bytes that number the session which this frame of a Welcome begins."""
    return struct.pack("<I", crc32(welcome[frame.HEAD_SIZE : len(welcome) - frame.CHECK_SIZE]))


def _row(message: "Message", messages: tuple[tuple[int, type, str], ...]) -> tuple[int, type, str]:
    for row in messages:
        if isinstance(message, row[1]):
            return row
    raise SessionError("expected a message that this end sends, got %s" % type(message).__name__)


def decode(messages: tuple[tuple[int, type, str], ...], kind: int, payload: bytes) -> "Message | None":
    """Return the message of a frame by one of the tables above, None if its kind is not there; else SessionError."""
    for message_kind, cls, layout in messages:
        if kind == message_kind:
            return _decoded(cls, layout, payload)
    return None


def _decoded(cls: type, layout: str, payload: bytes) -> "Message":
    fixed = "<" + layout.rstrip("*").replace("|", "")
    size, least = struct.calcsize(fixed), struct.calcsize("<" + layout.rstrip("*").split("|")[0])
    if len(payload) < least:
        raise SessionError("expected %s of at least %d bytes, got %d" % (cls.__name__, least, len(payload)))
    if len(payload) < size:
        payload += b"\x00" * (size - len(payload))
    values = struct.unpack(fixed, payload[:size])
    if layout.endswith("*"):
        values += (payload[size:],)
    message: Message = cls(*values)
    return message


class BoardSession:
    """The board's end. `receive` gives the requests to answer, and Refused messages that are to be sent as they are.

    reader   the FrameReader: noise and stray bytes are seen there
    greeted  whether a Welcome has been sent since the last Hello or start
    version  of the protocol, as chosen at the last Hello
    number   of the session: 4 bytes in front of every payload; none in version 1
    skipped  messages of kinds that are not known
    """

    def __init__(self) -> None:
        self.reader = frame.FrameReader()
        self.greeted = False
        self.version = VERSION
        self.skipped = 0
        self.number = b""

    def receive(self, chunk: bytes) -> list["HostMessage | Refused"]:
        """Take the next bytes and return requests (Hello, Fetch, ...) and refusals (Refused) in order."""
        return self._messages(self.reader.receive(chunk))

    def abandon(self) -> list["HostMessage | Refused"]:
        """After a silence: give up a half frame; returns like `receive`."""
        return self._messages(self.reader.abandon())

    def send(self, message: "BoardMessage") -> bytes:
        """Return the bytes of an answer; a Welcome opens the session. SessionError if a board may not say it."""
        if isinstance(message, Refused):
            return encode(message)
        if not isinstance(message, Welcome):
            return encode(message, BOARD_MESSAGES, self.number)
        raw = encode(message)
        self.greeted = True
        self.number = number_of(raw) if message.version > 1 else b""
        return raw

    def _messages(self, frames: list[tuple[int, bytes]]) -> list["HostMessage | Refused"]:
        messages = []
        for kind, payload in frames:
            message = self._judged(kind, payload)
            if message is None:
                self.skipped += 1
            else:
                messages.append(message)
        return messages

    def _judged(self, kind: int, payload: bytes) -> "HostMessage | Refused | None":
        """Return the request in a frame, why it is refused, or None if its kind is not known."""
        if kind == HELLO:
            return self._judged_hello(payload)
        if kind not in _HOST_KINDS:
            return None
        if not self.greeted:
            return refusal(kind, NOT_GREETED, "expected a greeting first")
        size = len(self.number)
        if payload[:size] != self.number:
            return refusal(kind, NOT_GREETED, "expected the number of this session, got another one's")
        try:
            message = decode(HOST_MESSAGES, kind, payload[size:])
        except SessionError as error:
            return refusal(kind, MALFORMED, str(error))
        return message  # type: ignore[return-value]

    def _judged_hello(self, payload: bytes) -> "HostMessage | Refused":
        try:
            message: Hello = decode(HOST_MESSAGES, HELLO, payload)  # type: ignore[assignment]
        except SessionError as error:
            return refusal(HELLO, MALFORMED, str(error))
        self.greeted = False
        if message.lowest > VERSION or message.highest < LOWEST:
            text = "this board speaks protocol versions %d to %d" % (LOWEST, VERSION)
            return refusal(HELLO, VERSION_UNKNOWN, text)
        self.version = min(VERSION, message.highest)
        return message


class HostSession:
    """The host's end. `receive` gives the board's messages; what it must not say now is counted in `skipped`.

    reader   the FrameReader: noise and damaged frames are counted there
    host_id  8 bytes that name this host to the board
    board    the Welcome of this session, or None before it
    number   of the session, as in BoardSession
    skipped  messages that were not known, malformed, said before the Welcome, or of another session
    """

    def __init__(self, host_id: bytes) -> None:
        self.reader = frame.FrameReader()
        self.host_id = host_id
        self.board: Welcome | None = None
        self.skipped = 0
        self._request = 0  # number of the last Fetch; 0 is LIVE_REQUEST's
        self.number = b""

    def hello(self) -> bytes:
        """Return the greeting; the board's Welcome (or Refused) comes back."""
        self.board = None
        return encode(Hello(LOWEST, VERSION, self.host_id))

    def fetch(self, first: int, count: int) -> tuple[int, bytes]:
        """Return (request number, bytes) that ask for `count` (1 .. 65535) records from sequence `first` on."""
        self._need_board()
        self._request = self._request % 0xFFFF + 1
        return self._request, encode(Fetch(self._request, first, count), HOST_MESSAGES, self.number)

    def send(self, message: "HostMessage") -> bytes:
        """Return the bytes of any other request: all of HostMessage but Hello and Fetch."""
        self._need_board()
        return encode(message, HOST_MESSAGES, self.number)

    def receive(self, chunk: bytes) -> list["BoardMessage"]:
        """Take the next bytes and return the board's messages in order; VersionError if it chose one not offered."""
        return self._messages(self.reader.receive(chunk))

    def abandon(self) -> list["BoardMessage"]:
        """After a silence: give up a half frame; returns like `receive`."""
        return self._messages(self.reader.abandon())

    def _messages(self, frames: list[tuple[int, bytes]]) -> list["BoardMessage"]:
        messages = []
        for kind, payload in frames:
            message = self._judged(kind, payload)
            if message is None:
                self.skipped += 1
            else:
                messages.append(message)
        return messages

    def _judged(self, kind: int, payload: bytes) -> "BoardMessage | None":
        """Return the message in a frame, or None if it is not known, malformed, or not to be said now."""
        try:
            if kind == REFUSED:
                return self._refused(payload)
            if kind == WELCOME:
                return self._welcomed(payload)
            size = len(self.number)
            if self.board is None or payload[:size] != self.number:
                return None
            message = decode(BOARD_MESSAGES, kind, payload[size:])
        except SessionError:
            return None
        if isinstance(message, Records) and not fits(message):
            return None
        return message  # type: ignore[return-value]

    def _refused(self, payload: bytes) -> "Refused":
        message: Refused = decode(BOARD_MESSAGES, REFUSED, payload)  # type: ignore[assignment]
        if message.reason == NOT_GREETED:
            self.board = None  # it has restarted, or is another one: greet again
        return message

    def _welcomed(self, payload: bytes) -> "Welcome":
        message: Welcome = decode(BOARD_MESSAGES, WELCOME, payload)  # type: ignore[assignment]
        if not LOWEST <= message.version <= VERSION:
            text = "expected a protocol version from %d to %d, the board chose %d"
            raise VersionError(text % (LOWEST, VERSION, message.version))
        self.board = message
        self.number = struct.pack("<I", crc32(payload)) if message.version > 1 else b""
        return message

    def _need_board(self) -> None:
        if self.board is None:
            raise SessionError("expected a greeted board, got none: send hello() and wait for Welcome")


def fits(message: "Records") -> bool:
    """Say whether a Records message holds whole records, not too many, that each check and whose sequences rise.

    The frame's check cannot tell: a record ends with its own CRC-32, so all records add the same to the frame's, and a
    frame in which one was lost and another one doubled (a packet of USB is two records long) still checks.
    """
    raw = message.records
    if len(raw) % record.SIZE or len(raw) > RECORDS_MAX * record.SIZE:
        return False
    before = 0
    try:
        for at in range(0, len(raw), record.SIZE):
            sequence = record.unpack(raw[at : at + record.SIZE]).sequence
            if sequence <= before:
                return False
            before = sequence
    except record.RecordError:
        return False
    return True


def refusal(kind: int, reason: int, text: str) -> "Refused":
    """Return the Refused message for a message kind, with its text cut to what fits."""
    return Refused(kind, reason, text.encode()[:TEXT_MAX])
