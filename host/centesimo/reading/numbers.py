"""Numbers as people write them in a cell or on the command line: digits, a sign, a point; nothing else."""

import re
from decimal import ROUND_CEILING, Decimal

from centesimo.reading.localtime import NS_PER_S

NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")


def find_number(written: str) -> Decimal | None:
    """Return the number that is written, None when it is none: "1_0" and "1e3" are none."""
    return Decimal(written) if NUMBER.fullmatch(written) else None


def uncertainty_ns(seconds: Decimal) -> int:
    """Return an uncertainty in whole ns, rounded up: never surer than stated."""
    return int((seconds * NS_PER_S).to_integral_value(ROUND_CEILING))
