"""The host's end of a cable: which ports there are, an open one, and what to tell a person when one does not open.

A port is named by its path, or by a URL: socket://HOST:PORT or rfc2217://HOST:PORT. It is opened for this program
alone, so that two collects never share a board. Errors are LinkError and begin with the port's name.
"""

import errno
import os
import time
import uuid
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

import serial  # type: ignore[import-untyped]

from centesimo.model.errors import LinkError

SCHEMES = ("socket", "rfc2217")
BAUD = 115_200  # of a real serial line; USB does not care
READ_BYTES = 65_536  # at most, at once
WAIT_S = 0.05  # how long a read waits for a first byte
WRITE_TIMEOUT_S = 2
BOARD_VENDOR = 0x2E8A  # USB vendor of the Pico
# USB vendors of plain serial adapters, behind which a board may be: FTDI, Silicon Labs, WCH, Prolific, Microchip.
ADAPTER_VENDORS = (0x0403, 0x10C4, 0x1A86, 0x067B, 0x04D8)


class FoundPort(NamedTuple):
    """A port of this computer; `candidate` says whether a board may be behind it (else it is left undisturbed)."""

    name: str
    description: str
    candidate: bool


def system_ports() -> list[Any]:
    """Return the ports of this computer as pyserial lists them."""
    from serial.tools.list_ports import comports  # type: ignore[import-untyped]  # not there on every system

    return list(comports())


def found_ports(listed: Callable[[], Iterable[Any]] = system_ports) -> list[FoundPort]:
    """Return the ports of this computer in order of name (ptys are not listed by the system: name them).

    `listed` gives them as pyserial does: device, description, vid (None of a port that is no USB device). LinkError
    where they cannot be listed.
    """
    try:
        ports = sorted(listed(), key=lambda port: str(port.device))
    except (OSError, ImportError, ValueError, TypeError) as error:  # as the system's own list of devices may be
        raise LinkError(f"the ports of this computer cannot be listed ({_short(error)}): name the PORT") from error
    vendors = (BOARD_VENDOR, *ADAPTER_VENDORS, None)
    return [FoundPort(port.device, port.description or "", port.vid in vendors) for port in ports]


def host_id() -> bytes:
    """Return 8 bytes that name this computer to a board: its network address."""
    return uuid.getnode().to_bytes(8, "big")


def steady_ms() -> int:
    """Return the milliseconds of a clock that never jumps; only differences mean something."""
    return time.monotonic_ns() // 1_000_000


class Port:
    """An open port, for one thread; close it, or use it in a `with`."""

    def __init__(self, name: str) -> None:
        """Open the port for this program alone; LinkError says why it does not open and what to do."""
        self.name = name
        self._is_url = "://" in name  # such a port cannot say how many bytes wait
        if self._is_url and not _is_known_url(name):
            expected = " or ".join(f"{scheme}://HOST:PORT" for scheme in SCHEMES)
            raise LinkError(f"expected the path of a port, or {expected}", name)
        locked = None if self._is_url else True
        try:
            self._serial = serial.serial_for_url(
                name, BAUD, timeout=WAIT_S, write_timeout=WRITE_TIMEOUT_S, exclusive=locked
            )
        except (OSError, ValueError, KeyError) as error:  # KeyError: of an option behind "?" that there is not
            raise LinkError(_why_closed(name, error), name) from error

    def read(self) -> bytes:
        """Return the bytes that are there, b"" if none came within WAIT_S; LinkError if the port is gone."""
        try:
            chunk: bytes = self._serial.read(1)
            if chunk and self._is_url:
                self._serial.timeout = 0
                chunk += self._serial.read(READ_BYTES)
                self._serial.timeout = WAIT_S
            elif chunk:
                chunk += self._serial.read(min(self._serial.in_waiting, READ_BYTES))
        except OSError as error:
            raise LinkError("the port is gone: was the cable pulled?", self.name) from error
        return chunk

    def write(self, chunk: bytes) -> None:
        """Send bytes; LinkError if the port is gone or takes nothing for 2 s."""
        try:
            if chunk:
                self._serial.write(chunk)
        except serial.SerialTimeoutException as error:
            raise LinkError("nothing takes the bytes that are sent; is a board behind it?", self.name) from error
        except OSError as error:
            raise LinkError("the port is gone: was the cable pulled?", self.name) from error

    def close(self) -> None:
        """Close the port; it may be gone already."""
        self._serial.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def _is_known_url(name: str) -> bool:
    try:
        url = urlsplit(name)
        names_both = bool(url.hostname and url.port)
        url.netloc.encode("idna")
    except ValueError:  # brackets without an end, a number too high, a name too long
        return False
    return names_both and url.scheme in SCHEMES


def _why_closed(name: str, error: Exception) -> str:
    """Return in a person's words why a port does not open, and what to do."""
    number = _errno(error)
    if number == errno.ENOENT:
        return f"there is no such port; ports here: {_ports_text()}"
    if number in (errno.EACCES, errno.EPERM):
        return f"no permission: {permission_text(name)}"
    if number in (errno.EBUSY, errno.EAGAIN):
        return "in use by another program (another collect, or a terminal): end that one first"
    if number == errno.ECONNREFUSED:
        return "nothing answers there: is the virtual board running?"
    if os.path.isfile(name) or os.path.isdir(name):
        return "expected a serial port, got a file or folder"
    return f"cannot be opened: {_short(error)}"


def _ports_text() -> str:
    try:
        return ", ".join(port.name for port in found_ports()) or "none"
    except LinkError:
        return "not known"


def permission_text(name: str) -> str:
    """Return what to do where nobody but a port's group may open it."""
    try:
        group = Path(name).group()
    except (OSError, KeyError, NotImplementedError):  # a number without a name; no groups on this system
        return "ask for the right to use serial ports"
    user = os.environ.get("USER", "YOUR_NAME")
    return f"join its group {group} (sudo usermod -a -G {group} {user}) and log in again"


def _short(error: Exception) -> str:
    number = _errno(error)
    return os.strerror(number) if number else str(error).splitlines()[0]


def _errno(error: BaseException | None) -> int | None:
    """Return the number of an error or of one behind it (pyserial wraps them without), None if there is none."""
    while error is not None:
        number = getattr(error, "errno", None)
        if number is not None:
            return int(number)
        error = error.__cause__ or error.__context__
    return None
