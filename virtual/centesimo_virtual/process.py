"""One boot of a virtual board: the firmware in a process of MicroPython, or of CPython where there is none."""

import os
import shutil
import subprocess
import sys
from collections import deque
from pathlib import Path
from typing import NamedTuple

import centesimo_board
import centesimo_protocol
from centesimo_virtual.chip.glass import Glass

# Where what the board's process imports is: one folder when installed, three in this repository.
_FILES = (__file__, centesimo_board.__file__, centesimo_protocol.__file__)
ROOTS = tuple(dict.fromkeys(str(Path(file).resolve().parent.parent) for file in _FILES))
HEAP = "8M"  # of MicroPython; the chip has 240 KB, but neither this process's timeline nor its port
KEPT_LINES = 40  # of standard error
KILL_AFTER_S = 2.0


class Interpreter(NamedTuple):
    """What runs the firmware: the command's words before `-m MODULE`, and its name for people."""

    command: tuple[str, ...]
    name: str


def choose_interpreter() -> Interpreter:
    """Return MicroPython if it is beside this Python or on the PATH and runs here, else this Python."""
    beside = Path(sys.executable).with_name("micropython")
    for path in (str(beside) if beside.exists() else None, shutil.which("micropython")):
        if path and _runs(path):
            return Interpreter((path, "-X", f"heapsize={HEAP}"), f"MicroPython ({path})")
    return Interpreter((sys.executable,), f"CPython ({sys.executable})")


def _runs(path: str) -> bool:
    try:
        asked = subprocess.run([path, "-c", "print(1)"], capture_output=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.stdout.strip() == b"1"


class BoardProcess:
    """A running firmware: `stdin` (non-blocking), `stdout` and `stderr` are descriptors to watch.

    pid         of the process
    counter_us  how far its progress lines say it is
    ready       whether its accelerated part is done
    memory      (counter_us, bytes in use), one an hour of the accelerated part; 0 bytes where CPython runs it
    lamp, tone  (counter_us, whether it is on) of each change
    glass       the display's, None where there is none
    lines       the last lines of its standard error that say something else
    """

    def __init__(self, interpreter: Interpreter, arguments: list[str], glass: Glass | None = None) -> None:
        self.counter_us = 0
        self.ready = False
        self.memory: list[tuple[int, int]] = []
        self.lamp: list[tuple[int, bool]] = []
        self.tone: list[tuple[int, bool]] = []
        self.glass = glass
        self.lines: deque[str] = deque(maxlen=KEPT_LINES)
        self._partial = b""
        environment = {**os.environ, "MICROPYPATH": ":".join((*ROOTS, ".frozen")), "PYTHONPATH": ":".join(ROOTS)}
        read_end, self.stdin = os.pipe()
        # Not blocking at its end either: the firmware reads what there is, as it does from USB.
        os.set_blocking(read_end, False)
        os.set_blocking(self.stdin, False)
        try:
            self._process = subprocess.Popen(
                [*interpreter.command, "-m", "centesimo_virtual.chip.run", *arguments],
                stdin=read_end,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment,
                start_new_session=True,  # a person's Ctrl-C is for the launcher, which stops this process
            )
        except OSError:
            os.close(self.stdin)
            raise
        finally:
            os.close(read_end)
        self.pid = self._process.pid
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self.stdout, self.stderr = self._process.stdout.fileno(), self._process.stderr.fileno()
        os.set_blocking(self.stdout, False)
        os.set_blocking(self.stderr, False)

    def hear(self, chunk: bytes) -> None:
        """Take bytes of its standard error."""
        *lines, self._partial = (self._partial + chunk).split(b"\n")
        for line in lines:
            self._hear_line(line.decode(errors="replace"))

    def _hear_line(self, line: str) -> None:
        words = line.split()
        if words == ["ready"]:
            self.ready = True
        elif len(words) == 2 and words[0] == "p" and words[1].isdigit():
            self.counter_us = int(words[1])
        elif len(words) == 3 and words[0] == "m" and words[1].isdigit() and words[2].isdigit():
            self.memory.append((int(words[1]), int(words[2])))
        elif len(words) == 4 and words[0] == "o":
            self._hear_panel(words[1], int(words[2]), words[3])
        else:
            self.lines.append(line)

    def _hear_panel(self, what: str, counter_us: int, value: str) -> None:
        if what == "display":
            assert self.glass is not None
            self.glass.take(bytes.fromhex(value))
        else:
            (self.lamp if what == "lamp" else self.tone).append((counter_us, value == "1"))

    def end(self) -> int:
        """End the process if it still runs, free what it held, and return its exit code."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(KILL_AFTER_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
        code = self._process.wait()
        os.close(self.stdin)
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()
        return code

    def wait(self) -> int:
        """Wait for a process that has closed its output, at most KILL_AFTER_S, and return its exit code."""
        try:
            self._process.wait(KILL_AFTER_S)
        except subprocess.TimeoutExpired:
            self.lines.append("the firmware closed its output and did not end")
        return self.end()
