"""The one place where the two interpreters differ for this package, and the one error that all of it raises."""

try:
    from micropython import const
except ImportError:

    def const(value):
        """Stand in for MicroPython's compile-time constant; returns `value`."""
        return value


class ProtocolError(Exception):
    """Bytes or values that do not fit the protocol; the message says what was expected and what came."""


class FrameError(ProtocolError):
    """A payload that no frame can carry, or a frame that does not check."""


class RecordError(ProtocolError):
    """A record whose values or bytes do not fit docs/wire-format.md."""


class VersionError(ProtocolError):
    """The other end speaks a protocol version that this end does not."""
