"""Collect until stopped: a board that is plugged in is collected, and followed live until it is unplugged if so asked.

One thread a port, as in collect(); this module's own loop looks which ports there are. A port that was collected is
left alone until it vanishes, and so is one whose board differs from the store: both versions are kept by then, and to
download it again and again would only fill the archive. A port that failed is tried again.
"""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from centesimo.collect import Collected, Collecting, Fleet
from centesimo.collect.follow import Follow
from centesimo.collect.link import Port, found_ports, steady_ms
from centesimo.collect.vouching import Voucher

LOOK_S = 0.5
RETRY_MS = 3_000
COMMIT_MS = 300  # a live record waits so long for others
LEAVE_MS = 1_000  # the longest wait for the last acknowledgement


class Live(Collecting):
    """One port's collecting that goes on until the port is gone or the fleet is stopped."""

    def drive(self, port: Port) -> None:
        """Download, then follow; download again whenever something is missing."""
        while True:
            super().drive(port)
            if not self.is_live:
                self.is_live = True
                self.fleet.caught_up(self.collected(None))
            self._follow(port)
            if self.fleet.stopped.is_set():
                return
            self.download = self.new_download(self.download.intake)

    def _follow(self, port: Port) -> None:
        last = self.fleet.store.last_sequence(self.download.board)
        voucher = Voucher(self.fleet.now_ns, self.fleet.own_error_ns)
        follow = Follow(self.session, self.download.intake, last, steady_ms(), voucher)
        port.write(follow.start())
        committed_ms = steady_ms()
        try:
            while not follow.over and not self.fleet.stopped.is_set():
                now_ms = steady_ms()
                port.write(follow.receive(port.read(), now_ms))
                if self.download.fresh and now_ms - committed_ms >= COMMIT_MS:
                    committed_ms = now_ms
                    self.store()
                port.write(self._acknowledgement(follow, False))
            self.store()
            self._leave(port, follow)
        finally:
            self.store()

    def _acknowledgement(self, follow: Follow, is_last: bool) -> bytes:
        """Return the bytes that acknowledge what came live, b"" when none is due or a record is not stored yet."""
        if self.download.fresh or self.conflicts:
            return b""
        return follow.acknowledge(steady_ms(), is_last)

    def _leave(self, port: Port, follow: Follow) -> None:
        """Acknowledge what came last, so that the board does not say that it waits; no harm where it is not heard."""
        sent = self._acknowledgement(follow, True)
        port.write(sent)
        end_ms = steady_ms() + LEAVE_MS
        while sent and follow.is_news and not follow.over and steady_ms() < end_ms:
            port.write(follow.receive(port.read(), steady_ms()))


class Watch:
    """Watches ports until `fleet.stopped` is set; `done` is called with what came of each, in the port's thread."""

    def __init__(self, fleet: Fleet, ports: Sequence[str], is_live: bool, done: Callable[[Collected], None]) -> None:
        """Watch these ports, or all that may have a board if none is given."""
        self._fleet = fleet
        self._ports = ports
        self._kind = Live if is_live else Collecting
        self._done = done
        self._threads: dict[str, threading.Thread] = {}
        self._failed_ms: dict[str, int] = {}  # when a port failed
        self._error_by_port: dict[str, str] = {}  # the last one that was told, "" for none

    def run(self) -> None:
        """Look for ports until the fleet is stopped, then wait until what came is stored."""
        try:
            while not self._fleet.stopped.wait(LOOK_S):
                self.look()
        finally:
            self._fleet.stopped.set()
            self.wait()

    def wait(self) -> None:
        """Wait until every port that was begun with has ended."""
        for thread in self._threads.values():
            thread.join()

    def look(self) -> None:
        """Begin with ports that are new, or that failed a while ago."""
        there = self._there()
        for port in [port for port in self._threads if port not in there and not self._threads[port].is_alive()]:
            del self._threads[port]
            self._failed_ms.pop(port, None)
            self._error_by_port.pop(port, None)
        for port in there:
            thread = self._threads.get(port)
            failed_ms = self._failed_ms.get(port)
            is_due = failed_ms is not None and steady_ms() - failed_ms >= RETRY_MS
            if thread is None or (is_due and not thread.is_alive()):
                self._failed_ms.pop(port, None)
                self._threads[port] = threading.Thread(target=self._collect, args=(port,), name=f"port {port}")
                self._threads[port].start()

    def _there(self) -> list[str]:
        if not self._ports:
            return [port.name for port in found_ports() if port.candidate]
        return [port for port in self._ports if "://" in port or Path(port).exists()]

    def _collect(self, port: str) -> None:
        collected = self._kind(self._fleet, port).run()
        self._fleet.release(collected.board, port)
        if collected.error and not collected.differing:
            self._failed_ms[port] = steady_ms()
        is_known = (collected.error or "") == self._error_by_port.get(port)
        if not is_known or collected.added:
            self._error_by_port[port] = collected.error or ""
            self._done(collected)
