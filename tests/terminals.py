"""A real terminal for tests: a program on a pty, what it draws read by pyte, an emulator of its own."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time

import pyte

LONGEST_S = 30.0  # that anything may take on a busy machine; nothing waits so long when all is well
COMMAND = (sys.executable, "-c", "from centesimo.commands.main import main; main()")


class Seat:
    """A person at a terminal in which `centesimo` runs with these words; a context manager."""

    def __init__(self, *words, columns=100, lines=24, env=None):
        self.screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self.screen)
        self._master, slave = pty.openpty()
        self._size(columns, lines)
        self.program = subprocess.Popen(
            [*COMMAND, *map(str, words)],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            env={**os.environ, "TERM": "xterm-256color", **(env or {})},
        )
        self.line = os.ttyname(slave)  # the path of the program's end
        os.close(slave)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
        if self.program.poll() is None:
            self.program.kill()
        self.program.wait()

    @property
    def text(self):
        """All that is on the screen."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def type(self, keys):
        """Press keys."""
        os.write(self._master, keys.encode())

    def until(self, holds):
        """Take what the program draws until something holds of the screen's text, a text in it or a condition."""
        end_s = time.monotonic() + LONGEST_S
        is_so = holds if callable(holds) else lambda text: holds in text
        while not is_so(self.text):
            if not self._take(end_s - time.monotonic()):
                raise AssertionError(f"expected {holds!r} on the screen, got:\n{self.text}")

    def end(self):
        """Take what it draws until it ends; return its exit code."""
        while self._take(LONGEST_S):
            pass
        return self.program.wait(LONGEST_S)

    def resize(self, columns, lines):
        """Make the terminal another size, as a person drags its corner."""
        self.screen.resize(lines, columns)
        self._size(columns, lines)

    def close(self):
        """Close the terminal, as a window is closed."""
        if self._master >= 0:
            os.close(self._master)
            self._master = -1

    def _size(self, columns, lines):
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def _take(self, within_s):
        ready, _, _ = select.select([self._master], [], [], max(within_s, 0))
        if not ready:
            return False
        try:
            chunk = os.read(self._master, 65536)
        except OSError:  # the program has ended
            return False
        self._stream.feed(chunk)
        return bool(chunk)
