"""A board reduced to what a host sees of it: the real board session over a list of records, for the host's tests.

`wire` runs one behind a real pty or a TCP socket, in a thread, until the block ends.
"""

import os
import select
import socket
import threading
import tty
from contextlib import contextmanager

from centesimo_protocol import record, session


def edges(count, boot=1, first=1, shift=0):
    """Return `count` packed edges with sequences from `first` on; `shift` moves their counter, so that they differ."""
    return [record.pack(record.Edge(n, boot, n * 1000 + shift, 1, n, 3, 0, 1)) for n in range(first, first + count)]


class PlainBoard:
    """Keeps `raws`; `receive` takes the host's bytes and returns the answers.

    absent  sequences that it numbered but has no record for
    exact   whether a request that begins at an absent record is answered with nothing
    """

    def __init__(self, raws, board_id=b"\x0b" * 8, name=b"T1", boot=1, absent=(), exact=False):
        self.raw_by_sequence = {int.from_bytes(raw[:4], "little"): raw for raw in raws}
        for sequence in absent:
            del self.raw_by_sequence[sequence]
        self.absent = set(absent)
        self.exact = exact
        self.first = min(self.raw_by_sequence, default=1)
        self.last = max(self.raw_by_sequence, default=0)
        self.board_id = board_id
        self.name = name
        self.boot = boot
        self.acknowledged = 0
        self.sealed = 0  # the newest seal that it tells of
        self.requests = []
        self.restart()

    def restart(self):
        """Forget the greeting, as after a reset."""
        self.session = session.BoardSession()

    def receive(self, chunk):
        """Take bytes, return the bytes of the answers."""
        return b"".join(self._answer(message) for message in self.session.receive(chunk))

    def _answer(self, message):
        self.requests.append(message)
        send = self.session.send
        if isinstance(message, session.Hello):
            name = self.name.ljust(12, b"\0")
            state = (self.boot, self.first, self.last, self.acknowledged)
            return send(session.Welcome(session.VERSION, self.board_id, name, 1, 0, 0, *state, self.sealed, bytes(11)))
        if isinstance(message, session.Fetch):
            return self._records(message)
        if isinstance(message, session.Acknowledge):
            self.acknowledged = message.up_to
            return send(session.Acknowledged(message.up_to))
        if isinstance(message, session.Refused):
            return send(message)
        if isinstance(message, session.Live | session.AskStatus):
            return b""  # it pushes nothing and says nothing of itself
        raise AssertionError(f"a host in these tests does not send {message}")

    def _records(self, fetch):
        asked = range(fetch.first, fetch.first + fetch.count)
        found = [self.raw_by_sequence[sequence] for sequence in asked if sequence in self.raw_by_sequence]
        if self.exact and fetch.first in self.absent:
            found = []
        sent = b""
        for at in range(0, len(found), session.RECORDS_MAX):
            raws = b"".join(found[at : at + session.RECORDS_MAX])
            sent += self.session.send(session.Records(fetch.request, raws))
        after = int.from_bytes(found[-1][:4], "little") + 1 if found else fetch.first
        return sent + self.session.send(session.End(fetch.request, after))


@contextmanager
def on_pty(receive, greeting=b""):
    """Give the name of a pty behind which `receive` (bytes in, bytes out; None: hang up) answers."""
    board_end, host_end = os.openpty()
    tty.setraw(host_end)
    name = os.ttyname(host_end)
    os.write(board_end, greeting)
    stop_read, stop_write = os.pipe()
    files = [board_end, host_end]

    def hang_up():
        while files:
            os.close(files.pop())

    def run():
        while board_end in select.select([board_end, stop_read], [], [])[0]:
            answer = receive(os.read(board_end, 4096))
            if answer is None:
                hang_up()
                break
            while answer:
                answer = answer[os.write(board_end, answer) :]

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield name
    finally:
        os.write(stop_write, b"x")
        thread.join()
        hang_up()
        os.close(stop_read)
        os.close(stop_write)


@contextmanager
def on_socket(receive):
    """Give the URL of a TCP port of this machine behind which `receive` answers one connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def run():
            connection, _ = server.accept()
            with connection:
                while chunk := connection.recv(4096):
                    connection.sendall(receive(chunk))

        thread = threading.Thread(target=run)
        thread.start()
        yield f"socket://127.0.0.1:{server.getsockname()[1]}"
        thread.join()
