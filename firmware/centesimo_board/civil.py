"""Dates and seconds since 1970, without a clock and without time zones (Howard Hinnant's days-from-civil)."""

_DAYS_IN_MONTH = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def find_unix_s(year, month, day, hour, minute, second):
    """Return the seconds since 1970 of a UTC date and time, or None where there is no such (a leap second has none)."""
    if not (1970 <= year <= 9999 and 1 <= month <= 12 and 1 <= day <= days_in_month(year, month)):
        return None
    if not (0 <= hour <= 23 and 0 <= minute <= 59 and 0 <= second <= 59):
        return None
    if month <= 2:
        year -= 1
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    days = era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468
    return days * 86400 + hour * 3600 + minute * 60 + second


def days_in_month(year, month) -> int:
    """Return 28 .. 31 for a month (1 .. 12) of a year."""
    if month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0):
        return 29
    return _DAYS_IN_MONTH[month - 1]


def month_start(utc_s) -> int:
    """Return the first second of the month of seconds since 1970."""
    year, month = civil(utc_s)[:2]
    return find_unix_s(year, month, 1, 0, 0, 0)


def next_month(utc_s) -> int:
    """Return the first second of the month after that of seconds since 1970."""
    return month_start(month_start(utc_s) + 32 * 86400)


def civil(utc_s) -> tuple:
    """Return (year, month, day, hour, minute, second) of seconds since 1970 (0 or later)."""
    days, second = divmod(utc_s, 86400)
    days += 719468
    era, of_era = divmod(days, 146097)
    year = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    shifted = (5 * of_year + 2) // 153
    day = of_year - (153 * shifted + 2) // 5 + 1
    month = shifted + 3 if shifted < 10 else shifted - 9
    return year + era * 400 + (month <= 2), month, day, second // 3600, second // 60 % 60, second % 60
