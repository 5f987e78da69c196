"""What may be in a decision, value by value, whoever took it and by whichever door it came.

Ranges, lengths and forms only: whether what it names is there is for checks.py, as that depends on all the rest. Hidden
characters are refused at the doors; a decision that a store has with them stands, and they are written out.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal

NS_PER_DAY = 86_400_000_000_000
LAST_AT_NS = 2**63 - 1  # the year 2262
HIGHEST_NUMBER = 999_999_999  # of what can be typed
MOST_AMOUNT = 10_000_000
MOST_DECIMALS = 9
SHOWN = 40
NAMES = ("passage", "other_passage", "timing_point", "control", "race", "board", "file", "withdrawn", "digest")

# Lowest and highest of each whole number.
WHOLES = {
    **dict.fromkeys(("at_ns", "passed_at_ns", "from_ns", "to_ns", "received_at_ns"), (0, LAST_AT_NS)),
    **dict.fromkeys(("start_number", "other_number"), (0, HIGHEST_NUMBER)),
    "sequence": (0, 2**32 - 1),
    "uncertainty_ns": (0, 2 * NS_PER_DAY),
    "shift_ns": (-NS_PER_DAY, NS_PER_DAY),
}
# The most letters of each text.
TEXTS = {
    **dict.fromkeys(("who", "source", "article", "reason", "outcome", "average"), 500),
    **dict.fromkeys(NAMES, 200),
    "why": 5_000,
}


def problems(values: Mapping[str, object]) -> Iterator[str]:
    """Yield what cannot be among the values of a decision: what was expected, what came."""
    for name, value in values.items():
        if name in WHOLES:
            low, high = WHOLES[name]
            if type(value) is not int or not low <= value <= high:
                yield f"expected {name} as a whole number from {low} to {high}, got {short(value)}"
        elif name == "amount":
            if not _is_amount(value):
                yield f"expected amount as a number from 0 to {MOST_AMOUNT}, got {short(value)}"
        else:
            yield from _of_text(name, value, TEXTS[name])


def _is_amount(value: object) -> bool:
    if type(value) is not int and not isinstance(value, Decimal):
        return False
    number = Decimal(value)
    if not number.is_finite() or not 0 <= number <= MOST_AMOUNT:
        return False
    exponent = number.as_tuple().exponent
    return isinstance(exponent, int) and -MOST_DECIMALS <= exponent <= MOST_DECIMALS


def _of_text(name: str, value: object, most: int) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"expected {name} as a text, got {short(value)}"
    elif len(value) > most:
        yield f"expected {name} of at most {most} letters, got {len(value)}"


def short(value: object) -> str:
    """Return a value as a message shows it: its first letters, nothing hidden in them."""
    written = ascii(value)
    return written if len(written) <= SHOWN else f"{written[: SHOWN - 3]}..."
