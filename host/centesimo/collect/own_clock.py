"""How well this computer knows the time: what its kernel says of the clock that NTP or PTP keeps.

Linux and macOS answer ntp_adjtime(2) for everybody, without a right to set anything. The kernel states an error that
holds at most (maxerror): what the servers stated when it was last set, and 500 us more each second since; it says that
the clock is unsynchronised when nobody has set it for long. Where no such answer is, nothing is known.

After a sleep the clock is set by the computer's own watch, to a second or so, and the kernel states the error of
before. So who watches the clock for long believes nothing for REST_NS after one. Linux tells of it; macOS does not.
"""

import ctypes
import sys
import time
from collections.abc import Callable

UNSYNCHRONISED = 0x0040  # STA_UNSYNC, the same on both
CLOCK_ERROR = 5  # TIME_ERROR, what the call returns then
REST_NS = 1_200_000_000_000  # 20 minutes: time servers are asked at least every 17
SLEPT_NS = 100_000_000  # less is none


class _Timex(ctypes.Structure):
    """The head of struct timex, and more room than any of them takes."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),  # us
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("_rest", ctypes.c_char * 256),
    )


def clock_error_ns() -> int | None:
    """Return by how many ns this computer's clock may be off UTC at most, None where it does not know."""
    if sys.platform not in ("linux", "darwin"):
        return None
    answer = _Timex()
    try:
        state = ctypes.CDLL(None).ntp_adjtime(ctypes.byref(answer))
    except (OSError, AttributeError):
        return None
    return judged_ns(state, answer.status, answer.maxerror)


def judged_ns(state: int, status: int, error_us: int) -> int | None:
    """Return the error in ns that the kernel's answer stands for, None where it says that it does not know."""
    if state < 0 or state == CLOCK_ERROR or status & UNSYNCHRONISED:
        return None
    return error_us * 1000


def awake_and_asleep_ns() -> tuple[int, int]:
    """Return for how long this computer was awake since its start, and asleep; asleep 0 where nothing tells."""
    awake_ns = time.monotonic_ns()
    if sys.platform != "linux":
        return awake_ns, 0
    return awake_ns, time.clock_gettime_ns(time.CLOCK_BOOTTIME) - awake_ns


class WatchedClock:
    """This computer's clock as it is known while a program runs: call it for clock_error_ns()."""

    def __init__(
        self,
        error_ns: Callable[[], int | None] = clock_error_ns,
        times_ns: Callable[[], tuple[int, int]] = awake_and_asleep_ns,
    ) -> None:
        """Begin to watch; `times_ns` gives how long it was awake and asleep."""
        self._error_ns = error_ns
        self._times_ns = times_ns
        self._asleep_ns = times_ns()[1]
        self._woken_ns: int | None = None

    def __call__(self) -> int | None:
        """Return by how many ns the clock may be off UTC at most, None where that is not known."""
        awake_ns, asleep_ns = self._times_ns()
        if asleep_ns - self._asleep_ns > SLEPT_NS:
            self._woken_ns = awake_ns
        self._asleep_ns = asleep_ns
        if self._woken_ns is not None and awake_ns - self._woken_ns < REST_NS:
            return None
        return self._error_ns()
