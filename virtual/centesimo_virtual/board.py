"""A virtual board: the real firmware in a process of its own, behind a pty and a TCP port; a host sees a board.

One thread carries the bytes. What a host does not read is lost after a while and never holds up the board. A power cut
of the scenario starts the next process on the same flash file; the port stays, as it does when a board is
powered by its battery and plugged in through its own USB chip.
"""

import atexit
import contextlib
import os
import selectors
import shutil
import tempfile
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from centesimo_virtual.chip.codes import EXIT_CUT
from centesimo_virtual.chip.glass import KINDS, Glass
from centesimo_virtual.process import BoardProcess, Interpreter, choose_interpreter
from centesimo_virtual.scenario import NO_PANEL, NS, Scenario, after
from centesimo_virtual.timeline import Segment, timeline
from centesimo_virtual.wire import Lane, Pty, TcpPort, read_some, write_some

TO_HOST, TO_BOARD = "to host", "to board"
FLASH_SIZE = 1408 * 1024  # the Pico's storage area
DAY_S = 86_400
TURN_S = 0.25  # the longest sleep of the thread

Wire = Callable[[str, bytes], bytes]

_running: "weakref.WeakSet[VirtualBoard]" = weakref.WeakSet()


class VirtualBoardError(Exception):
    """A virtual board that did not start, or whose firmware ended; the message holds the last lines it wrote."""


class VirtualBoard:
    """A context manager: the board runs inside it, its port is `port` or `url`.

    scenario     what happens to it
    folder       where its flash, its timelines and the link to its port lie; None: a folder that goes with it
    port_link    the path of its port; None: `port` in the folder
    tcp_port     0: any free one
    wire         called in the board's thread with TO_HOST or TO_BOARD and bytes on their way; what it returns goes on
    in_step      true time is the wall clock's: the board keeps the UTC of this machine, for a scenario that starts now
    baud         the most bits a second in each direction, None: no limit
    interpreter  None: choose_interpreter()
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        folder: Path | None = None,
        port_link: Path | None = None,
        tcp_port: int = 0,
        wire: Wire | None = None,
        baud: int | None = None,
        in_step: bool = False,
        interpreter: Interpreter | None = None,
    ) -> None:
        self.scenario = scenario
        self.interpreter = interpreter or choose_interpreter()
        self._own_folder = folder is None
        self._folder = folder or Path(tempfile.mkdtemp(prefix="virtual-board-"))
        self._flash = self._folder / "flash.bin"
        self._pty = Pty(port_link or self._folder / "port")
        self._tcp = TcpPort(tcp_port)
        self._wire = wire
        self._in_step = in_step
        self._to_host, self._to_board = Lane(baud), Lane(baud)
        self._unplug_after: int | None = None
        self._segments: list[Segment] = []
        self._boot = 0
        self._process: BoardProcess | None = None
        self._failure: str | None = None
        self._settled = threading.Event()  # ready, or failed
        self._stopping = False
        self._asked: deque[tuple[Callable[[], None], threading.Event]] = deque()
        self._wake_read, self._wake_write = -1, -1
        self._thread = threading.Thread(target=self._carry, name=f"board {scenario.board_id}", daemon=True)

    @property
    def port(self) -> str:
        """The path of the serial port; the same after unplug() and plug()."""
        return str(self._pty.path)

    @property
    def url(self) -> str:
        """The address of the TCP port, as pyserial's serial_for_url takes it."""
        return f"socket://127.0.0.1:{self._tcp.port}"

    @property
    def pid(self) -> int | None:
        """The id of the firmware's process; None when there is none."""
        return self._process.pid if self._process else None

    @property
    def memory(self) -> list[tuple[int, int]]:
        """What the firmware used since its last start: (counter_us, bytes), one an hour of the accelerated part."""
        return list(self._process.memory) if self._process else []

    @property
    def lamp(self) -> list[tuple[int, bool]]:
        """When the lamp changed since the firmware's last start: (counter_us, whether it is lit from then on)."""
        return list(self._process.lamp) if self._process else []

    @property
    def tone(self) -> list[tuple[int, bool]]:
        """When the buzzer changed since the firmware's last start: (counter_us, whether it sounds from then on)."""
        return list(self._process.tone) if self._process else []

    @property
    def glass(self) -> list[str]:
        """The 64 lines of the display as they are now, # for a point that is lit; none where there is no display."""
        glass = self._process.glass if self._process else None
        return glass.lines() if glass else []

    def start(self) -> Self:
        """Start the firmware and open the ports."""
        self._segments = timeline(self.scenario)
        if not self._flash.exists():
            self._flash.write_bytes(b"\xff" * FLASH_SIZE)
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        self._pty.plug()
        self._tcp.plug()
        self._begin_boot()
        _running.add(self)
        self._thread.start()
        return self

    def stop(self) -> None:
        """End the firmware, close the ports, and remove the folder if it was the board's own; may be called again."""
        _running.discard(self)
        self._stopping = True
        if self._thread.is_alive():
            self._wake()
            self._thread.join()
        if self._process is not None:
            self._process.end()
            self._process = None
        self._pty.unplug()
        self._tcp.unplug()
        for number in (self._wake_read, self._wake_write):
            if number >= 0:
                os.close(number)
        self._wake_read = self._wake_write = -1
        if self._own_folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def progress(self) -> float:
        """Return the share (0 .. 1) of the accelerated part that is done."""
        if self._settled.is_set():
            return 1.0
        process = self._process
        done_us = sum(segment.end_us for segment in self._segments[: self._boot]) + (
            process.counter_us if process else 0
        )
        return min(1.0, done_us / max(1, self._accelerated_us()))

    def _accelerated_us(self) -> int:
        total_us = sum(segment.end_us for segment in self._segments)
        true_s = self.scenario.true_time_from_s
        return total_us if true_s is None else min(total_us, round(true_s * 1_000_000))

    def wait_until_ready(self, timeout: float | None = None) -> None:
        """Wait until the accelerated part is done; VirtualBoardError if the firmware ends or the seconds do."""
        if not self._settled.wait(timeout):
            raise VirtualBoardError(
                f"board {self.scenario.board_id}: expected its accelerated part done within {timeout} s, "
                f"got {self.progress():.0%}"
            )
        if self._failure is not None:
            raise VirtualBoardError(self._failure)

    def unplug(self) -> None:
        """Pull the cable: the port vanishes, a host that has it open gets an error, the firmware runs on."""
        self._ask(self._pull)

    def plug(self) -> None:
        """Put the cable back in: the port is there again under the same path and address."""
        self._ask(self._push)

    def unplug_after(self, count: int) -> None:
        """Pull the cable as soon as `count` more bytes have gone to the host."""
        self._unplug_after = count

    def _ask(self, act: Callable[[], None]) -> None:
        """Ask the board's thread to do something, and wait until it has."""
        if threading.current_thread() is self._thread or not self._thread.is_alive():
            act()
            return
        done = threading.Event()
        self._asked.append((act, done))
        self._wake()
        while not done.wait(TURN_S):
            if not self._thread.is_alive():
                return

    def _wake(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.write(self._wake_write, b"!")

    def _pull(self) -> None:
        self._pty.unplug()
        self._tcp.unplug()
        self._to_host.clear()
        self._to_board.clear()

    def _push(self) -> None:
        self._pty.plug()
        self._tcp.plug()

    def _begin_boot(self) -> None:
        path = self._folder / f"boot{self._boot}.timeline"
        if not path.exists():
            with path.open("w", encoding="ascii") as file:
                file.writelines(self._segments[self._boot].lines)
        built_s = self.scenario.start_utc_ns // NS - DAY_S  # a firmware of the scenario's own time, if that is earlier
        settings = [f"erase_us={self.scenario.erase_us}", f"built_s={built_s}"]
        if self._in_step and self.scenario.true_time_from_s is not None:
            true_ns = max(after(self.scenario, self.scenario.true_time_from_s), self._segments[self._boot].boot.from_ns)
            settings.append(f"true_at_us={true_ns // 1000}")
        has_display = self.scenario.panel in KINDS
        settings.append(f"panel={0 if self.scenario.panel == NO_PANEL else 1 + has_display}")
        arguments = [str(path), str(self._flash), self.scenario.board_id, *settings]
        glass = Glass(self.scenario.panel) if has_display else None
        self._process = BoardProcess(self.interpreter, arguments, glass)

    def _carry(self) -> None:
        """Run the board's thread: carry bytes both ways until it is stopped."""
        try:
            while not self._stopping and self._process is not None:
                self._turn(self._process)
        except OSError as error:
            self._fail(f"board {self.scenario.board_id}: {error}")
        finally:
            if not self._stopping and self._failure is None:
                self._fail(f"board {self.scenario.board_id}: its thread ended; the error above says why")

    def _turn(self, process: BoardProcess) -> None:
        ready = self._select(process)
        while self._asked:
            act, done = self._asked.popleft()
            act()
            done.set()
        if self._wake_read in ready:
            read_some(self._wake_read)
        if self._tcp.listener() in ready:
            self._tcp.accept()
        now_s = time.monotonic()
        for end in (self._pty, self._tcp):
            if end.fileno() in ready:
                self._to_board.put(self._through(TO_BOARD, end.receive()), now_s)
        self._hear(process, ready, now_s)
        self._to_board.move(lambda chunk: write_some(process.stdin, chunk), now_s)
        self._to_host.move(self._send_to_host, now_s)
        self._to_host.drop_stale(now_s)

    def _select(self, process: BoardProcess) -> set[int | None]:
        """Wait until something can be done, and return the descriptors on which."""
        now_s = time.monotonic()
        pauses = [pause for lane in (self._to_host, self._to_board) if (pause := lane.pause_s(now_s)) is not None]
        with selectors.DefaultSelector() as selector:
            for number in (self._wake_read, process.stdout, process.stderr, self._tcp.listener()):
                if number is not None:
                    selector.register(number, selectors.EVENT_READ)
            writing = len(self._to_host) and self._to_host.pause_s(now_s) is None
            for end in (self._pty, self._tcp):
                number = end.fileno()
                if number is not None:
                    out = selectors.EVENT_WRITE if writing and end is self._host_end() else 0
                    selector.register(number, selectors.EVENT_READ | out)
            if len(self._to_board) and self._to_board.pause_s(now_s) is None:
                selector.register(process.stdin, selectors.EVENT_WRITE)
            return {key.fd for key, _ in selector.select(min([TURN_S, *pauses]))}

    def _hear(self, process: BoardProcess, ready: set[int | None], now_s: float) -> None:
        if process.stderr in ready:
            process.hear(read_some(process.stderr))
            if process.ready:
                self._settled.set()
        if process.stdout in ready:
            chunk = read_some(process.stdout)
            if not chunk:
                self._end_boot(process)
            elif self._pty.fileno() is not None:
                self._to_host.put(self._through(TO_HOST, chunk), now_s)

    def _host_end(self) -> Pty | TcpPort:
        """Return where the host is: at the TCP port while one is connected, else at the pty."""
        return self._pty if self._tcp.fileno() is None else self._tcp

    def _send_to_host(self, chunk: bytes) -> int:
        left = self._unplug_after
        if left is None:
            return self._host_end().send(chunk)
        taken = self._host_end().send(chunk[:left]) if left else 0
        self._unplug_after = left - taken
        if left == taken:
            self._unplug_after = None
            self._pull()
        return taken

    def _through(self, direction: str, chunk: bytes) -> bytes:
        return self._wire(direction, chunk) if self._wire and chunk else chunk

    def _end_boot(self, process: BoardProcess) -> None:
        """Start what follows a process that has ended."""
        while chunk := read_some(process.stderr):
            process.hear(chunk)
        code = process.wait()
        self._process = None
        if code == EXIT_CUT:
            self._boot += 1
            self._begin_boot()
        else:
            lines = "\n".join(process.lines) or "nothing"
            self._fail(f"board {self.scenario.board_id}: its firmware ended with code {code}, having said:\n{lines}")

    def _fail(self, why: str) -> None:
        self._failure = why
        self._settled.set()


@atexit.register
def _stop_all() -> None:
    for board in list(_running):
        board.stop()
