"""Sessions: what a host asks and a board answers; bytes in, messages out, no port and no clock.

The host greets with the versions that it speaks, the board answers with the one it chose and with who it is; before
that it refuses everything else. Then the host pulls: it asks for records from a sequence number on, and asks again
from where it stands after any loss, so a download resumes at any byte. `live` pushes new records as they are written;
a push that was lost is a gap in the sequence, and pulled. A board that restarts has forgotten the greeting and says so.

Each message is a namedtuple with its payload's layout in MESSAGES (little-endian); docs/wire-format.md shows them byte
by byte. A trailing field "*" takes the rest of the payload. Longer payloads than known are a later version's: the
rest is ignored. Message kinds that are not known are skipped and counted.
"""

import struct
from collections import namedtuple

from protocol import frame, record
from protocol.shim import ProtocolError, VersionError, const

VERSION = const(1)
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

# Board to host.
Welcome = namedtuple("Welcome", "version board_id name major minor patch boot first last acknowledged")
Records = namedtuple("Records", "request records")  # records: 0 .. RECORDS_MAX of 32 bytes each, in one bytes
End = namedtuple("End", "request next")  # the answer to a Fetch is complete; `next` follows the last record sent
LiveIs = namedtuple("LiveIs", "on")
Status = namedtuple(
    "Status",
    "state confirmed satellites uncertainty_us utc_s counter_us boot first last acknowledged capacity "
    "battery_mv temperature_cc torn lost alarms",
)
Acknowledged = namedtuple("Acknowledged", "up_to")
SettingIs = namedtuple("SettingIs", "key value")
SettingsEnd = namedtuple("SettingsEnd", "count")
Refused = namedtuple("Refused", "kind reason text")

# Reasons of a refusal.
NOT_GREETED = const(1)
VERSION_UNKNOWN = const(2)
MALFORMED = const(3)
OUT_OF_RANGE = const(4)
NOT_KEPT = const(5)
BUSY = const(6)
REASON_NAMES = ("", "not greeted", "version not known", "malformed", "out of range", "not kept", "busy")

# Alarms in a Status, one bit each.
ALARM_NAMES = ("journal 80 % full", "journal full", "records torn", "edges lost", "input stuck", "settings damaged")

HOST_MESSAGES = (
    (0x01, Hello, "BB8s"),
    (0x02, Fetch, "HIH"),
    (0x03, Live, "B"),
    (0x04, AskStatus, ""),
    (0x05, Acknowledge, "I"),
    (0x06, AskSettings, ""),
    (0x07, Set, "B12s"),
)
BOARD_MESSAGES = (
    (0x81, Welcome, "B8s12sBBBHIII"),
    (0x82, Records, "H*"),
    (0x83, End, "HI"),
    (0x84, Status, "BBBIIQHIIIIHhHIH"),
    (0x85, Acknowledged, "I"),
    (0x86, SettingIs, "B12s"),
    (0x87, SettingsEnd, "B"),
    (0x88, LiveIs, "B"),
    (0x8F, Refused, "BB*"),
)


class SessionError(ProtocolError):
    """A message that does not fit: malformed, or not what this end may send or get now."""


def encode(message) -> bytes:
    """Return the frame of any message above; SessionError if a value does not fit its field."""
    for kind, cls, layout in HOST_MESSAGES + BOARD_MESSAGES:
        if isinstance(message, cls):
            break
    else:
        raise SessionError("expected a message of the session, got %s" % type(message).__name__)
    fixed = layout.rstrip("*")
    values = tuple(message)
    rest = values[-1] if layout != fixed else b""
    record.check_values(fixed, values, cls.__name__)
    if layout != fixed:
        values = values[:-1]
    return frame.encode(kind, struct.pack("<" + fixed, *values) + rest)


def decode(messages, kind, payload):
    """Return the message of a frame, by one of the two tables above; None if the kind is not in it; else SessionError."""
    for known, cls, layout in messages:
        if kind == known:
            break
    else:
        return None
    fixed = "<" + layout.rstrip("*")
    size = struct.calcsize(fixed)
    if len(payload) < size:
        raise SessionError("expected %s of at least %d bytes, got %d" % (cls.__name__, size, len(payload)))
    values = struct.unpack(fixed, payload[:size])
    if layout.endswith("*"):
        values += (payload[size:],)
    return cls(*values)


class BoardSession:
    """The board's end. `receive` gives the requests to answer, and Refused messages that are to be sent as they are.

    skipped  messages of kinds that are not known
    """

    def __init__(self):
        self.reader = frame.FrameReader()
        self.greeted = False
        self.skipped = 0

    def receive(self, chunk) -> list:
        """Take the next bytes and return requests (Hello, Fetch, ...) and refusals (Refused) in order."""
        return self._messages(self.reader.receive(chunk))

    def abandon(self) -> list:
        """After a silence: give up a half frame; returns like `receive`."""
        return self._messages(self.reader.abandon())

    def send(self, message) -> bytes:
        """Return the bytes of an answer; a Welcome opens the session."""
        if isinstance(message, Welcome):
            self.greeted = True
        return encode(message)

    def _messages(self, frames):
        found = []
        for kind, payload in frames:
            try:
                message = decode(HOST_MESSAGES, kind, payload)
            except SessionError as error:
                found.append(refusal(kind, MALFORMED, str(error)))
                continue
            if message is None:
                self.skipped += 1
            elif isinstance(message, Hello):
                self.greeted = False
                if message.lowest <= VERSION <= message.highest:
                    found.append(message)
                else:
                    found.append(refusal(kind, VERSION_UNKNOWN, "this board speaks protocol version %d" % VERSION))
            elif not self.greeted:
                found.append(refusal(kind, NOT_GREETED, "expected a greeting first"))
            else:
                found.append(message)
        return found


class HostSession:
    """The host's end. `receive` gives the board's messages; what it must not say now is counted in `skipped`.

    board  the Welcome of this session, or None before it
    """

    def __init__(self, host_id):
        self.reader = frame.FrameReader()
        self.host_id = host_id
        self.board = None
        self.skipped = 0
        self._request = 0

    def hello(self) -> bytes:
        """Return the greeting; the board's Welcome (or Refused) comes back."""
        self.board = None
        return encode(Hello(VERSION, VERSION, self.host_id))

    def fetch(self, first, count) -> tuple:
        """Return (request number, bytes) that ask for `count` (1 .. 65535) records from sequence `first` on."""
        self._need_board()
        self._request = self._request % 0xFFFF + 1
        return self._request, encode(Fetch(self._request, first, count))

    def send(self, message) -> bytes:
        """Return the bytes of any other request (Live, AskStatus, Acknowledge, AskSettings, Set)."""
        self._need_board()
        return encode(message)

    def receive(self, chunk) -> list:
        """Take the next bytes and return the board's messages in order; VersionError if it chose one we did not offer."""
        return self._messages(self.reader.receive(chunk))

    def abandon(self) -> list:
        """After a silence: give up a half frame; returns like `receive`."""
        return self._messages(self.reader.abandon())

    def _messages(self, frames):
        found = []
        for kind, payload in frames:
            try:
                message = decode(BOARD_MESSAGES, kind, payload)
            except SessionError:
                message = None
            if isinstance(message, Welcome):
                if message.version != VERSION:
                    raise VersionError("expected protocol version %d, the board chose %d" % (VERSION, message.version))
                self.board = message
            elif isinstance(message, Refused):
                if message.reason == NOT_GREETED:
                    self.board = None  # it has restarted: greet again
            elif self.board is None:
                message = None
            if isinstance(message, Records) and not fits(message):
                message = None
            if message is None:
                self.skipped += 1
            else:
                found.append(message)
        return found

    def _need_board(self):
        if self.board is None:
            raise SessionError("expected a greeted board, got none: send hello() and wait for Welcome")


def fits(message) -> bool:
    """Say whether a Records message holds whole records, not too many, and each of them checks."""
    raw = message.records
    if len(raw) % record.SIZE or len(raw) > RECORDS_MAX * record.SIZE:
        return False
    try:
        for at in range(0, len(raw), record.SIZE):
            record.unpack(raw[at : at + record.SIZE])
    except record.RecordError:
        return False
    return True


def refusal(kind, reason, text):
    """Return the Refused message for a message kind, with its text cut to what fits."""
    return Refused(kind, reason, text.encode()[:TEXT_MAX])
