"""Numbers as people write them in a cell or on the command line: digits, a sign, a point; nothing else."""

import re
from decimal import ROUND_CEILING, Decimal

from centesimo.model.said import Figure
from centesimo.reading.localtime import NS_PER_S

NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")

# Units of a duration from the longest: ns, name, the part of it from which it is used (a tenth of a second is 0.1 s).
UNITS = ((1_000_000_000, "s", 10), (1_000_000, "ms", 1), (1000, "us", 1))


def find_number(written: str) -> Decimal | None:
    """Return the number that is written, None when it is none: "1_0" and "1e3" are none."""
    return Decimal(written) if NUMBER.fullmatch(written) else None


def uncertainty_ns(seconds: Decimal) -> int:
    """Return an uncertainty in whole ns, rounded up: never surer than stated."""
    return int((seconds * NS_PER_S).to_integral_value(ROUND_CEILING))


def shown_duration(duration_ns: int) -> str:
    """Return a duration (ns, 0 or more) in the unit that people read it in: 0.5 s, 5 ms, 12 us."""
    unit_ns, unit = next((row for row in UNITS if duration_ns >= row[0] // row[2]), UNITS[-1])[:2]
    return Figure(f"{Decimal(duration_ns) / unit_ns:f} {unit}")


def plain(number: Decimal) -> str:
    """Return a number without exponent and without zeros at its end: "12", "0.5"."""
    text = format(number, "f")
    return Figure(text.rstrip("0").rstrip(".") if "." in text else text)
