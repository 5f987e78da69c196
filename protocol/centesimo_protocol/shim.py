"""The one place where the two interpreters differ for this package, and the one error that all of it raises."""

import struct


def const(value: int) -> int:
    """Stand in for MicroPython's compile-time constant; returns `value`."""
    return value


try:
    from micropython import const as const  # type: ignore[import-not-found, no-redef, assignment, unused-ignore]
except ImportError:
    pass  # CPython keeps the stand-in


# What struct raises for a value that has no place: MicroPython's raises one of Python's own.
struct_error: type[Exception] = getattr(struct, "error", ValueError)


def fields(cls: type) -> tuple[str, ...]:
    """Return the field names of a namedtuple's class; none on MicroPython, which keeps no list of them."""
    return getattr(cls, "_fields", ())


def is_whole(value: object) -> bool:
    """Say whether a value is a whole number or a truth value, which is an int on CPython but not on MicroPython."""
    return isinstance(value, (int, bool))


class ProtocolError(Exception):
    """Bytes or values that do not fit the protocol; the message says what was expected and what came."""


class FrameError(ProtocolError):
    """A payload that no frame can carry, or a frame that does not check."""


class RecordError(ProtocolError):
    """A record whose values or bytes do not fit docs/wire-format.md."""


class VersionError(ProtocolError):
    """The other end speaks a protocol version that this end does not."""
