"""Keys of a rule book: what each may be, and how its value is read; a reader raises ValueError when it does not fit."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final, Literal, NamedTuple

REQUIRED = object()  # a key without a default
EXCLUSION = "exclusion"
FAIL: Final = "fail"  # what a control costs by the fails system: fails come before all penalties in the order
Cost = Decimal | Literal["fail"]
HIGHEST = 1_000_000_000  # of any number in a rule book
SMALLEST = Decimal("0.000001")
MINUTES_PER_DAY = 1440


class Key(NamedTuple):
    """One key of a rule book's table: what it may be, and how it is read (ValueError when it does not fit)."""

    name: str
    field: str  # of the settings
    expects: str  # completes "expected ..."
    read: Callable[[object], Any]
    default: object = REQUIRED


class Mistake(NamedTuple):
    """Keys that are right one by one but do not go together; shown at `key`."""

    key: str
    expected: str
    got: str


def amount(value: object) -> Decimal:
    """Read a number of penalties or points, 0 to HIGHEST, of at most 6 decimals."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError
    number = Decimal(value)
    if not number.is_finite() or not 0 <= number <= HIGHEST or number % SMALLEST:
        raise ValueError
    return number


def amount_or_none(value: object) -> Decimal | None:
    """Read a number of penalties or points, or the word "none"."""
    return None if value == "none" else amount(value)


def amount_or_fail(value: object) -> Cost:
    """Read a number of penalties, or the word "fail"."""
    return FAIL if value == FAIL else amount(value)


def amount_or_exclusion(value: object) -> Decimal | None:
    """Read a number of penalties, or the word "exclusion" (None)."""
    return None if value == EXCLUSION else amount(value)


def hundredths(value: object) -> int:
    """Read seconds, 0 or more, as whole hundredths."""
    as_cs = amount(value) * 100
    if as_cs != as_cs.to_integral_value():
        raise ValueError
    return int(as_cs)


def unit(value: object) -> int:
    """Read a unit in seconds, at least 0.01, as whole hundredths."""
    unit_cs = hundredths(value)
    if unit_cs == 0:
        raise ValueError
    return unit_cs


def instants_unit(value: object) -> int:
    """Read to what instants are taken, in seconds: 0.01, 0.1 or 1; as whole hundredths."""
    unit_cs = unit(value)
    if unit_cs not in (1, 10, 100):
        raise ValueError
    return unit_cs


def minutes_or_none(value: object) -> int | None:
    """Read whole minutes, 0 to a day, or the word "none"."""
    if value == "none":
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MINUTES_PER_DAY:
        raise ValueError
    return value


def one_of(*words: str) -> Callable[[object], str]:
    """Return a reader that takes one of the words and nothing else."""

    def read(value: object) -> str:
        if not isinstance(value, str) or value not in words:
            raise ValueError
        return value

    return read


def expects_words(*words: str) -> str:
    """Say which words a key takes, for Key.expects."""
    return " or ".join(f'"{word}"' for word in words)


def words(name: str, *choices: str, default: object = REQUIRED) -> Key:
    """Return a key that takes one of some words."""
    return Key(name, name, expects_words(*choices), one_of(*choices), default)


def text(value: object) -> str:
    """Read a text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError
    return value


def texts(*words: str) -> Callable[[object], tuple[str, ...]]:
    """Return a reader of a list of different texts; only these words, if any are given."""

    def read(value: object) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            raise ValueError
        if len(set(value)) != len(value) or (words and not set(value) <= set(words)):
            raise ValueError
        return tuple(value)

    return read


def whole(low: int, high: int) -> Callable[[object], int]:
    """Return a reader of a whole number from low to high."""

    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError
        return value

    return read


def yes(value: object) -> bool:
    """Read true or false."""
    if not isinstance(value, bool):
        raise ValueError
    return value


AMOUNT = "a number, 0 or more"
AMOUNT_OR_FAIL = 'a number, 0 or more, or "fail"'
AMOUNT_OR_NONE = 'a number, 0 or more, or "none"'
