"""The ends of a virtual board's cable: lanes of bounded bytes, a pty that can be unplugged, a TCP port for one host."""

import contextlib
import os
import socket
import tty
from collections.abc import Callable
from pathlib import Path

LANE_BYTES = 256 * 1024
STALE_S = 2.0  # bytes that a host does not take for so long are lost, as on USB
CHUNK = 4096
BITS_A_BYTE = 10  # 8N1


class Lane:
    """Bytes on their way in one direction: at most LANE_BYTES, at most `baud` bits a second (None: as fast as it goes).

    `lost` counts what did not fit or was not taken in time. Times are of a monotonic clock, in seconds.
    """

    def __init__(self, baud: int | None = None) -> None:
        self.lost = 0
        self._bytes_a_s = baud / BITS_A_BYTE if baud else None
        self._held = bytearray()
        self._free_at_s = 0.0
        self._taken_at_s = 0.0

    def __len__(self) -> int:
        return len(self._held)

    def put(self, chunk: bytes, now_s: float) -> None:
        """Add bytes; what does not fit is lost."""
        if not self._held:
            self._taken_at_s = now_s
        fits = chunk[: LANE_BYTES - len(self._held)]
        self._held += fits
        self.lost += len(chunk) - len(fits)

    def move(self, send: Callable[[bytes], int], now_s: float) -> None:
        """Give `send` what may go now; it returns how many bytes it took (0: the other side is full)."""
        while self._held and now_s >= self._free_at_s:
            most = CHUNK if self._bytes_a_s is None else max(1, int(self._bytes_a_s / 100))
            taken = send(bytes(self._held[:most]))
            if not taken:
                return
            del self._held[:taken]
            self._taken_at_s = now_s
            if self._bytes_a_s is not None:
                self._free_at_s = max(self._free_at_s, now_s - 0.01) + taken / self._bytes_a_s

    def drop_stale(self, now_s: float) -> None:
        """Lose what nobody has taken for STALE_S."""
        if self._held and now_s - self._taken_at_s > STALE_S:
            self.clear()

    def clear(self) -> None:
        """Lose everything."""
        self.lost += len(self._held)
        self._held.clear()

    def pause_s(self, now_s: float) -> float | None:
        """Return after how long more may go by the rate; None when nothing waits for it."""
        return self._free_at_s - now_s if self._held and self._free_at_s > now_s else None


class Pty:
    """A serial port at the symbolic link `path`; its host's end is kept open here too, to outlive every host."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._master: int | None = None
        self._slave: int | None = None

    def plug(self) -> None:
        """Make the port; nothing when it is there."""
        if self._master is not None:
            return
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        aside = self.path.with_name(self.path.name + ".new")
        aside.unlink(missing_ok=True)
        aside.symlink_to(os.ttyname(self._slave))
        aside.replace(self.path)

    def unplug(self) -> None:
        """Take the port away: a host that has it open gets an error."""
        self.path.unlink(missing_ok=True)
        for number in (self._master, self._slave):
            if number is not None:
                os.close(number)
        self._master = self._slave = None

    def fileno(self) -> int | None:
        """Return the descriptor to watch; None when unplugged."""
        return self._master

    def receive(self) -> bytes:
        """Return what a host has sent; b"" when nothing."""
        return read_some(self._master)

    def send(self, chunk: bytes) -> int:
        """Send to the host; return how many bytes were taken."""
        return write_some(self._master, chunk)


class TcpPort:
    """A port on 127.0.0.1 for one host at a time; a second one is turned away."""

    def __init__(self, port: int = 0) -> None:
        self.port = port
        self._listener: socket.socket | None = None
        self._client: socket.socket | None = None

    def plug(self) -> None:
        """Listen; on the same port as before, if there was one."""
        if self._listener is None:
            self._listener = socket.create_server(("127.0.0.1", self.port), backlog=1)
            self._listener.setblocking(False)
            self.port = self._listener.getsockname()[1]

    def unplug(self) -> None:
        """Hang up and stop listening."""
        self.hang_up()
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def hang_up(self) -> None:
        """End the host's connection."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def accept(self) -> None:
        """Take a host that calls."""
        if self._listener is None:
            return
        with contextlib.suppress(BlockingIOError, ConnectionAbortedError):
            client, _ = self._listener.accept()
            if self._client is not None:
                client.close()
                return
            client.setblocking(False)
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._client = client

    def listener(self) -> int | None:
        """Return the descriptor on which hosts call; None when unplugged."""
        return self._listener.fileno() if self._listener else None

    def fileno(self) -> int | None:
        """Return the descriptor of the host's connection; None without one."""
        return self._client.fileno() if self._client else None

    def receive(self) -> bytes:
        """Return what the host has sent; b"" when nothing, also when it has just hung up."""
        if self._client is None:
            return b""
        try:
            chunk = self._client.recv(CHUNK)
        except BlockingIOError:
            return b""
        except ConnectionError:
            chunk = b""
        if not chunk:
            self.hang_up()
        return chunk

    def send(self, chunk: bytes) -> int:
        """Send to the host; return how many bytes were taken."""
        if self._client is None:
            return 0
        try:
            return self._client.send(chunk)
        except BlockingIOError:
            return 0
        except ConnectionError:
            self.hang_up()
            return 0


def read_some(number: int | None) -> bytes:
    """Read what waits on a non-blocking descriptor; b"" when nothing does."""
    if number is None:
        return b""
    try:
        return os.read(number, CHUNK)
    except BlockingIOError:
        return b""


def write_some(number: int | None, chunk: bytes) -> int:
    """Write what a non-blocking descriptor takes; 0 when it is full, closed, or its reader has gone."""
    if number is None:
        return 0
    try:
        return os.write(number, chunk)
    except (BlockingIOError, BrokenPipeError):
        return 0
