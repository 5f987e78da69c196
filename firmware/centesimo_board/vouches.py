"""What hosts say of the time: handed to the clock, and logged where that is news."""

from centesimo_protocol import record
from centesimo_protocol.shim import const

LATE_US = const(60_000_000)  # after the counter that a host has told the time of
EVERY_US = const(600_000_000)  # a host that says the same again is logged so often


class Vouches:
    """The last word of a host, over the board's clock and entries."""

    def __init__(self, clock, entries):
        self._clock = clock
        self._entries = entries
        self._logged = None  # the last (host, basis, outcome)
        self._logged_us = 0

    def take(self, message, host_id, now_us) -> tuple:
        """Take the time from a host (session.Vouch), and log what came of it where that is news.

        Return the place in record.OUTCOMES, -1 where the message cannot be, and the sequence of the record or 0.
        """
        counter_us, utc_s, fraction_us, bound_us, basis = message
        is_now = 0 <= now_us - counter_us <= LATE_US and fraction_us <= counter_us
        if not is_now or fraction_us >= 1_000_000 or not 0 < basis < len(record.BASES):
            return -1, 0
        outcome = self._clock.vouch(counter_us, utc_s, fraction_us, bound_us, basis)
        news = host_id, basis, outcome
        if outcome == record.NO_TIME or (news == self._logged and now_us - self._logged_us < EVERY_US):
            return outcome, 0
        self._logged, self._logged_us = news, now_us
        bound_ms = min((bound_us + 999) // 1000, 0xFFFF)
        return outcome, self._entries.log_one(
            (record.Vouch, counter_us - fraction_us, utc_s, bound_ms, basis + 16 * outcome, host_id[2:])
        )
