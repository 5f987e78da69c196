"""What this computer says of a board's second: which UTC the board's counter was, and by how much that may be off.

A board that was asked how it is has taken its counter between asking and the answer, so this computer's clock is known
there to half of that time, and to what the clock itself may be off. docs/time.md says what the board makes of it.
Nothing is said of a board that differs by more than a day: that is a virtual board, or a case for a person.
"""

from collections.abc import Callable

from centesimo.collect.interview import Pending
from centesimo.reading.localtime import NS_PER_S
from centesimo_protocol import record, session

FIRST_VERSION = 2  # of the protocol, in which a board knows the message
AGAIN_MS = 20_000  # while its second is not confirmed
KEEP_MS = 600_000  # when it is
DAY_S = 86_400


def vouch(
    status: session.Status,
    asked_ns: int,
    told_ns: int,
    error_ns: int,
    basis: int = record.KERNEL,
    ahead_ns: int = 0,
) -> session.Vouch | None:
    """Return what to say to a board whose status came between two instants of this computer's clock.

    That clock is off by `ahead_ns`, to at most `error_ns`. None where the board is not locked, or more than one second
    is possible.
    """
    bound_ns = (told_ns - asked_ns + 1) // 2 + error_ns
    seconds, below_ns = divmod((asked_ns + told_ns) // 2 + ahead_ns, NS_PER_S)
    is_told = status.state == record.LOCKED and told_ns >= asked_ns and bound_ns < NS_PER_S // 2
    if not is_told or abs(status.utc_s - seconds) > DAY_S:
        return None
    return session.Vouch(status.counter_us, seconds, below_ns // 1000, bound_ns // 1000 + 1, basis)


class Voucher:
    """Vouches to one board that is followed live: often while its second is not confirmed, seldom when it is."""

    def __init__(self, now_ns: Callable[[], int], error_ns: Callable[[], int | None]) -> None:
        """Begin; `now_ns` is this computer's clock, `error_ns` how well that is known now, None not at all."""
        self._now_ns = now_ns
        self._error_ns = error_ns
        self._pending = Pending()
        self._due_ms = 0
        self._was_confirmed = False

    def asked(self) -> None:
        """Note that the board is asked how it is."""
        self._pending.asked(self._now_ns())

    def find_due(self, status: session.Status, now_ms: int) -> session.Vouch | None:
        """Take the answer; return what is to be said now, if anything."""
        asked_ns, told_ns = self._pending.answered(), self._now_ns()
        if self._was_confirmed and not status.confirmed:
            self._due_ms = now_ms
        self._was_confirmed = bool(status.confirmed)
        if now_ms < self._due_ms or asked_ns is None:
            return None
        error_ns = self._error_ns()
        said = None if error_ns is None else vouch(status, asked_ns, told_ns, error_ns)
        if said is not None:
            self._due_ms = now_ms + (KEEP_MS if status.confirmed else AGAIN_MS)
        return said
