"""How well this computer knows the time: what its kernel says of the clock that NTP or PTP keeps.

Linux and macOS answer ntp_adjtime(2) for everybody, without a right to set anything. The kernel states an error that
holds at most (maxerror): what the servers stated when it was last set, and 500 us more each second since; it says that
the clock is unsynchronised when nobody has set it for long. Where no such answer is, nothing is known.
"""

import ctypes
import sys

UNSYNCHRONISED = 0x0040  # STA_UNSYNC, the same on both
CLOCK_ERROR = 5  # TIME_ERROR, what the call returns then


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
