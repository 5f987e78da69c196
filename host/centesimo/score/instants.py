"""Instants become the numbers that count: hundredths of a second at a trial, whole minutes on a card.

Every rounding of the sport is one function here that names its article; what is early or late is decided nowhere else.
"""

from centesimo.rulebook import ROUND_HALF_UP, TRUNCATE_DEVIATION, rules

NS_PER_CS = 10_000_000
CS_PER_MINUTE = 6_000
NS_PER_MINUTE = NS_PER_CS * CS_PER_MINUTE

HUNDREDTHS = "1/100 s"
UNIT_WORDS = {1: "hundredth", 10: "tenth", 100: "second"}  # by 1/100 s: the unit to which a rule book takes instants
MINUTES = "min"


def hundredths(at_ns: int, instants: str, unit_cs: int = 1) -> int:
    """Return an instant or a positive duration in 1/100 s as the rule book's [instants] `take` and `unit_s` say.

    "truncate instants": what follows the unit is dropped, as a printed time would be (no article of RDS 8.20 says; a
    time in whole seconds is the previous one: Motorsport UK NCR 2026, p. 489, art. 8.4). "round half up": to the
    nearest unit, half of one up. Instants are after 1970, so dropping digits and rounding down are the same.
    """
    unit_ns = unit_cs * NS_PER_CS
    return (at_ns + unit_ns // 2 if instants == ROUND_HALF_UP else at_ns) // unit_ns * unit_cs


def truncated(deviation_ns: int, unit_cs: int = 1) -> int:
    """Return a deviation in 1/100 s with what follows the unit dropped: towards 0, early and late alike."""
    size_cs = abs(deviation_ns) // (unit_cs * NS_PER_CS) * unit_cs
    return -size_cs if deviation_ns < 0 else size_cs


def trial_deviation(opened_ns: int, closed_ns: int, ideal_cs: int, instants: str, unit_cs: int = 1) -> int:
    """Return taken - set time of a trial in 1/100 s, negative = early, by the rule book's [instants]."""
    if instants == TRUNCATE_DEVIATION:
        return truncated(closed_ns - opened_ns - ideal_cs * NS_PER_CS, unit_cs)
    return hundredths(closed_ns, instants, unit_cs) - hundredths(opened_ns, instants, unit_cs) - ideal_cs


def minutes_late(due_ns: int, at_ns: int, window: str) -> int:
    """Return the whole minutes from the due minute to the minute of the passage, negative = early.

    The due minute is free from its first to its last instant (:00 to :59 on a card). A due time on the half minute has
    the same window of 59 s after it, or ("clock minute") that of the minute on the clock in which it lies.
    """
    if window == rules.CLOCK_MINUTE:
        return at_ns // NS_PER_MINUTE - due_ns // NS_PER_MINUTE
    return (at_ns - due_ns) // NS_PER_MINUTE
