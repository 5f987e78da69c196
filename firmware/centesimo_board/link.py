"""The board's end of the serial line: answers what a host asks, sends records, pushes new ones; never waits.

What is to be sent is held in one rest of bounded size: while it is larger than REST_MAX nothing more is read and no
record is fetched, so the journal itself is the buffer. Bytes that nobody takes for GIVE_UP_US are dropped, and the
greeting with them: whoever comes next greets again. Live records are pushed from the journal, so they are in it.
A carriage return or line feed outside frames, from a person at a terminal, is answered with one line of text.
"""

from centesimo_protocol import record, session
from centesimo_protocol.shim import ProtocolError, const

REST_MAX = const(1024)
GIVE_UP_US = const(10_000_000)
SILENCE_US = const(1_000_000)
FETCHES_MAX = const(4)  # requests that wait; more are refused as busy
FRAMES = const(4)  # of records in one turn


class Link:
    """One host at a time on `stream`; `board` (main.Board) answers for itself.

    given_up  how often bytes were dropped because nobody read them
    """

    def __init__(self, stream, board):
        self.given_up = 0
        self._stream = stream
        self._board = board
        self._session = session.BoardSession()
        self._rest = b""
        self._taken_us = 0  # when the stream last took bytes
        self._heard_us = None  # last bytes, until the silence after them
        self._fetches = []  # (request, next sequence, end) in order
        self._is_live = False
        self._pushed = 0  # newest record that was pushed
        self._answers = (
            (session.Hello, self._hello),
            (session.Fetch, self._fetch),
            (session.Live, self._live),
            (session.AskStatus, lambda _: board.status()),
            (session.Acknowledge, self._acknowledge),
            (session.AskSettings, self._settings),
            (session.Set, self._set),
            (session.AskSelfTest, self._self_test),
            (session.Simulate, self._simulate),
            (session.Vouch, self._vouch),
            (session.Silence, self._silence),
            (session.AskSecret, self._secret),
            (session.SetSecret, self._secret),
            (session.Erase, self._erase),
        )

    def step(self, now_us):
        """One turn: read, answer, send what fits."""
        if len(self._rest) < REST_MAX:
            chunk = self._stream.read()
            if chunk:
                self._heard_us = now_us
                self._answer_all(self._session.receive(chunk))
                self._answer_line()
            elif self._heard_us is not None and now_us - self._heard_us > SILENCE_US:
                self._heard_us = None
                self._answer_all(self._session.abandon())
        if self._rest or self._fetches or self._is_live:
            self._send_some(now_us)
        else:
            self._taken_us = now_us

    def _send_some(self, now_us):
        for _ in range(FRAMES):
            self._flush(now_us)
            if self._rest or not self._next_records():
                break
        self._flush(now_us)

    def _answer_all(self, messages):
        for message in messages:
            self._send(self._answer(message))

    def _answer(self, message):
        """Return the message that answers a request, or None where the answer comes in parts."""
        for kind, answer in self._answers:
            if isinstance(message, kind):
                return answer(message)
        return message  # a refusal of the session itself

    def _hello(self, message):
        self._forget()
        self._board.host_id = message.host_id
        return self._board.welcome(self._session.version)

    def _live(self, message):
        self._is_live = message.on != 0
        self._pushed = self._board.journal.last
        return session.LiveIs(1 if self._is_live else 0)

    def _fetch(self, message):
        if len(self._fetches) >= FETCHES_MAX:
            return session.refusal(0x02, session.BUSY, "expected at most %d fetches at a time" % FETCHES_MAX)
        end = message.first + message.count
        if end <= self._board.journal.first:
            return session.refusal(0x02, session.NOT_KEPT, "kept from %d on" % self._board.journal.first)
        self._fetches.append((message.request, message.first, end))
        return None

    def _acknowledge(self, message):
        if self._board.acknowledge(message.up_to):
            return session.Acknowledged(self._board.journal.acknowledged)
        text = "expected a sequence up to %d, got %d" % (self._board.journal.last, message.up_to)
        return session.refusal(0x05, session.OUT_OF_RANGE, text)

    def _settings(self, _):
        items = self._board.settings.items()
        for key, raw in items:
            self._send(session.SettingIs(key, raw))
        return session.SettingsEnd(len(items))

    def _set(self, message):
        try:
            self._board.change(message.key, message.value)
        except ProtocolError as error:
            return session.refusal(0x07, session.OUT_OF_RANGE, str(error))
        return session.SettingIs(message.key, message.value)

    def _self_test(self, _):
        sequence, text = self._board.self_test()
        return _logged(0x08, sequence, "not recorded, journal full; " + text)

    def _simulate(self, message):
        sequence = self._board.simulate(message.input)
        if sequence < 0:
            text = "expected an input from 1 to 4 that is switched on, got %d" % message.input
            return session.refusal(0x09, session.OUT_OF_RANGE, text)
        return _logged(0x09, sequence)

    def _vouch(self, message):
        outcome, sequence = self._board.vouch(message)
        if outcome < 0:
            return session.refusal(0x0A, session.OUT_OF_RANGE, "expected a counter of the last minute, and a basis")
        return session.Vouched(outcome, sequence)

    def _silence(self, _):
        return session.Silenced(self._board.silence())

    def _secret(self, message):
        why = ""
        if isinstance(message, session.SetSecret):
            why = self._board.set_secret(message.secret, message.proof)
        if why:
            return session.refusal(0x21, session.NOT_PROVEN, why)
        return session.SecretIs(self._board.fingerprint())

    def _erase(self, message):
        why = self._board.erase(message)
        if why:
            return session.refusal(0x22, session.NOT_PROVEN, why)
        return session.Erased(self._board.journal.erased)

    def _answer_line(self):
        reader = self._session.reader
        if b"\r" in reader.stray or b"\n" in reader.stray:
            reader.stray = b""
            self._rest += self._board.line().encode() + b"\r\n"

    def _next_records(self) -> bool:
        """Put the next frame of records into the rest; say whether there was one."""
        if self._fetches:
            self._send_fetched()
            return True
        journal = self._board.journal
        if not self._is_live or self._pushed >= journal.last:
            return False
        raw = journal.read(self._pushed + 1, session.RECORDS_MAX)
        if not raw:
            self._pushed = journal.last
            return False
        self._pushed = newest(raw)
        self._send(session.Records(session.LIVE_REQUEST, raw))
        return True

    def _send_fetched(self):
        request, first, end = self._fetches[0]
        raw = self._board.journal.read(first, min(end - first, session.RECORDS_MAX)) if first < end else b""
        while raw and newest(raw) >= end:
            raw = raw[: -record.SIZE]
        if raw:
            self._fetches[0] = (request, newest(raw) + 1, end)
            self._send(session.Records(request, raw))
        else:
            self._fetches.pop(0)
            self._send(session.End(request, first))

    def _send(self, message):
        if message is not None:
            self._rest += self._session.send(message)

    def _flush(self, now_us):
        if not self._rest:
            self._taken_us = now_us
            return
        taken = self._stream.write(self._rest)
        if taken:
            self._taken_us = now_us
            self._rest = self._rest[taken:]
        elif now_us - self._taken_us > GIVE_UP_US:
            self.given_up += 1
            self._forget()
            self._session.greeted = False

    def _forget(self):
        self._rest = b""
        self._fetches = []
        self._is_live = False


def _logged(kind, sequence, why="the journal is full: collect and acknowledge first"):
    """Return the answer to a request of this kind that has made this record, 0 if there was no room for it."""
    return session.Logged(kind, sequence) if sequence else session.refusal(kind, session.BUSY, why)


def newest(raw) -> int:
    """Return the sequence number of the last record in bytes that hold at least one."""
    at = len(raw) - record.SIZE
    return raw[at] | raw[at + 1] << 8 | raw[at + 2] << 16 | raw[at + 3] << 24
