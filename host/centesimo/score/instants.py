"""Instants become the numbers that count: hundredths of a second at a trial, whole minutes on a card.

Every rounding of the sport is one function here that names its article; what is early or late is decided nowhere else.
"""

from centesimo.rulebook import ROUND_HALF_UP, TRUNCATE_DEVIATION, rules

NS_PER_CS = 10_000_000
CS_PER_MINUTE = 6_000
NS_PER_MINUTE = NS_PER_CS * CS_PER_MINUTE

HUNDREDTHS = "1/100 s"
MINUTES = "min"


def hundredths(at_ns: int, instants: str) -> int:
    """Return an instant or a positive duration in 1/100 s as the rule book's [instants] `take` says.

    "truncate instants": what follows the hundredth is dropped, as a printed time would be (no article of RDS 8.20 says;
    UK practice truncates). "round half up": to the nearest hundredth, half a hundredth up. Instants are after 1970, so
    dropping digits and rounding down are the same.
    """
    return (at_ns + NS_PER_CS // 2 if instants == ROUND_HALF_UP else at_ns) // NS_PER_CS


def truncated(deviation_ns: int) -> int:
    """Return a deviation in 1/100 s with what follows the hundredth dropped: towards 0, early and late alike."""
    size_cs = abs(deviation_ns) // NS_PER_CS
    return -size_cs if deviation_ns < 0 else size_cs


def trial_deviation(opened_ns: int, closed_ns: int, ideal_cs: int, instants: str) -> int:
    """Return taken - set time of a trial in 1/100 s, negative = early, by the rule book's [instants] `take`."""
    if instants == TRUNCATE_DEVIATION:
        return truncated(closed_ns - opened_ns - ideal_cs * NS_PER_CS)
    return hundredths(closed_ns, instants) - hundredths(opened_ns, instants) - ideal_cs


def minutes_late(due_ns: int, at_ns: int, window: str) -> int:
    """Return the whole minutes from the due minute to the minute of the passage, negative = early.

    The due minute is free from its first to its last instant (:00 to :59 on a card). A due time on the half minute has
    the same window of 59 s after it, or ("clock minute") that of the minute on the clock in which it lies.
    """
    if window == rules.CLOCK_MINUTE:
        return at_ns // NS_PER_MINUTE - due_ns // NS_PER_MINUTE
    return (at_ns - due_ns) // NS_PER_MINUTE
