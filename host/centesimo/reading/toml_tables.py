"""A TOML file read strictly: typed values, every mistake noted as `path:line: expected ..., got ...`, and reading on.

A Table hands out one key after the other. A value that is missing or wrong is noted in Problems and stands in as "", 0
or the like, so that one reading finds all mistakes; whoever reads asks `problems.refuse()` before it uses the values.
"""

import json
import re
import tomllib
from collections.abc import Collection, Iterator, Sequence
from datetime import date, time
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches

from centesimo.model.errors import EventError
from centesimo.reading.hidden_characters import WITHOUT, hidden_texts, visible
from centesimo.reading.limits import MOST_DEPTH, MOST_MISTAKES, is_deep
from centesimo.reading.toml_errors import toml_error
from centesimo.reading.toml_lines import Path, lines_and_words

MOST_ALIKE = 10  # lines of one file with the same mistake that are each named
MOST_BITS = 1000  # of a whole number that is shown; Python refuses to write out one of more than 4300 digits


class Problems:
    """The mistakes of one reading; `prefix` is put before every file's name in messages ("demo/event/")."""

    def __init__(self, prefix: str = "") -> None:
        self.prefix = prefix
        self._mistakes: dict[tuple[str, int, str], None] = {}  # in order
        self._more = 0  # beyond those that are kept

    def add(self, file: str, line: int, why: str) -> None:
        """Note one mistake, once; line 0 is the file as a whole."""
        if len(self._mistakes) < MOST_MISTAKES:
            self._mistakes[file, line, why] = None
        elif (file, line, why) not in self._mistakes:
            self._more += 1

    def add_lines(self, lines: list[str]) -> None:
        """Note mistakes that another reader gives as `path:line: why`."""
        for problem in lines:
            place = re.match(r"(?:(.*?):)?(?:(\d+):)? ?(.*)", problem)
            if place:
                self.add(place[1] or "", int(place[2] or 0), place[3])

    def has(self, file: str) -> bool:
        """Say whether there is a mistake in a file."""
        return any(mistake[0] == file for mistake in self._mistakes)

    def lines(self) -> list[str]:
        """Return the mistakes as `path:line: why`, event.toml first, each file from top to bottom."""
        ordered = sorted(self._alike(), key=lambda mistake: (mistake[0] != "event.toml", mistake[0], mistake[1]))
        more = [f"and {self._more} mistakes more"] if self._more else []
        written = [visible(f"{self.prefix}{file}{f':{line}' if line else ''}: {why}") for file, line, why in ordered]
        return [*written, *more]

    def sources(self) -> list[tuple[str, str]]:
        """Return the mistakes as (`path:line`, why), without the prefix, in the order of `lines`."""
        places = sorted(self._mistakes, key=lambda mistake: (mistake[0], mistake[1]))
        return [(visible(f"{file}{f':{line}' if line else ''}"), visible(why)) for file, line, why in places]

    def _alike(self) -> Iterator[tuple[str, int, str]]:
        """Give the mistakes; one that many lines of a file have is given once, with how many more have it."""
        lines_by_mistake: dict[tuple[str, str], list[int]] = {}
        for file, line, why in self._mistakes:
            lines_by_mistake.setdefault((file, why), []).append(line)
        for (file, why), lines in lines_by_mistake.items():
            if len(lines) <= MOST_ALIKE:
                yield from ((file, line, why) for line in lines)
            else:
                yield file, min(lines), f"{why} (and so in {len(lines) - 1} more lines)"

    def refuse(self) -> None:
        """Raise EventError with all mistakes, if there are any."""
        if self._mistakes:
            raise EventError(self.lines())


Places = tuple[dict[Path, int], dict[Path, str]]  # lines and words by path, as toml_lines.py finds them


class Table:
    """One table of a TOML file, read key by key; `title` names it in messages ("[[control]] PC1")."""

    def __init__(self, file: str, values: dict[str, object], places: Places, path: Path, problems: Problems):
        self.file = file
        self.title = _title(file, path, values)
        self._values = values
        self._places = places
        self._lines, self._words = places
        self._path = path
        self._problems = problems
        self._asked: list[str] = []  # in the order of docs/event.md
        self._missing: dict[str, str] = {}  # key -> what was expected

    def line(self, key: str | int = "", place: int | None = None) -> int:
        """Return the line of a key, or of one element of its array; of the table itself when the key is not there."""
        for path in ((*self._path, key, place), (*self._path, key), self._path):
            if path in self._lines:
                return self._lines[path]  # type: ignore[index]
        return 1

    def line_at(self, path: Path) -> int:
        """Return the line of what stands at a path of the file, or of what holds it."""
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path, 1)

    def wrong(self, key: str, why: str, place: int | None = None) -> None:
        """Note a mistake at a key."""
        self._problems.add(self.file, self.line(key, place), why)

    def has(self, key: str) -> bool:
        """Say whether the key is there."""
        return key in self._values

    def text(self, key: str, optional: bool = False) -> str:
        """Return a text; only an optional one may be empty or absent ("")."""
        value = self._value(key, "a text in quotes", (str,), "" if optional else None)
        if isinstance(value, str) and (value.strip() or optional or not self.has(key)):
            return value.strip()
        if isinstance(value, str):
            self.wrong(key, f'expected {key} as a text, got ""')
        return ""

    def texts(self, key: str) -> tuple[str, ...]:
        """Return an optional array of texts, not an empty one; () when it is absent."""
        what = 'an array of texts, as ["a", "b"]'
        value = self._value(key, what, (list,), [])
        if (
            isinstance(value, list)
            and all(isinstance(element, str) for element in value)
            and (value or not self.has(key))
        ):
            return tuple(value)
        if isinstance(value, list):
            self.wrong(key, f"expected {key} as {what}, got {as_toml(value)}")
        return ()

    def choice(self, key: str, choices: Sequence[str], default: str = "") -> str:
        """Return a text that is one of `choices`; `default` where the key is absent and has one, or ""."""
        value = self.text(key, optional=bool(default)) or default
        if not value or value in choices:
            return value
        self.wrong(key, f"expected {key} as {' or '.join(map(as_toml, choices))}, got {as_toml(value)}")
        return ""

    def reference(self, key: str, ids: Collection[str], what: str) -> str:
        """Return a text of `ids`, or "" when it is not one of them, which is noted; any text where `ids` is empty."""
        written = self.text(key)
        if written and ids and written not in ids:
            self.wrong(key, f"expected {key} as {choices_text(what, ids, written)}, got {as_toml(written)}")
            return ""
        return written

    def whole(self, key: str, low: int, high: int, unit: str = "", default: int | None = None) -> int:
        """Return a whole number from low to high, or 0."""
        what = f"a whole number from {low} to {high}{unit and ' ' + unit}"
        value = self._value(key, what, (int,), default)
        if isinstance(value, int) and (low <= value <= high or not self.has(key)):
            return value
        if isinstance(value, int):
            self.wrong(key, f"expected {key} as {what}, got {as_toml(value)}")
        return 0

    def wholes(self, key: str, low: int, high: int) -> tuple[int, ...]:
        """Return an optional array of different whole numbers from low to high, not an empty one; () when absent."""
        what = f"an array of different whole numbers from {low} to {high}, as [1, 2]"
        value = self._value(key, what, (list,), [])
        if not isinstance(value, list) or not self.has(key):
            return ()
        fits = all(type(number) is int and low <= number <= high for number in value)
        if fits and value and len(set(value)) == len(value):
            return tuple(value)
        self.wrong(key, f"expected {key} as {what}, got {as_toml(value)}")
        return ()

    def flag(self, key: str, default: bool = False) -> bool:
        """Return true or false."""
        value = self._value(key, "true or false", (bool,), default)
        return value if isinstance(value, bool) else default

    def decimal(self, key: str, low: str, high: str, unit: str, default: Decimal | None = None) -> Decimal:
        """Return a number from low to high, or 0."""
        what = f"a number from {low} to {high} {unit}"
        value = self._value(key, what, (int, Decimal), default)
        if not isinstance(value, int | Decimal):
            return Decimal(0)
        number = Decimal(value)
        if number.is_finite() and (Decimal(low) <= number <= Decimal(high) or not self.has(key)):
            return number
        self.wrong(key, f"expected {key} as {what}, got {as_toml(value)}")
        return Decimal(0)

    def find_position(self, key: str) -> tuple[int, int] | None:
        """Return a latitude and a longitude in 1e-7 degree, None when it is absent or wrong."""
        what = "a latitude and a longitude in degrees, as [45.5431, 10.2208]"
        value = self._value(key, what, (list,), [])
        if not isinstance(value, list) or not self.has(key):
            return None
        numbers = [Decimal(number) for number in value if type(number) in (int, Decimal)]
        fits = len(value) == len(numbers) == 2 and all(number.is_finite() for number in numbers)
        if fits and abs(numbers[0]) <= 90 and abs(numbers[1]) <= 180:
            return round(numbers[0] * 10_000_000), round(numbers[1] * 10_000_000)
        self.wrong(key, f"expected {key} as {what}, got {as_toml(value)}")
        return None

    def find_day(self, key: str) -> date | None:
        """Return a date, as 2026-05-14, None when it is missing or wrong."""
        value = self._value(key, "a date without quotes, as 2026-05-14", (date,), None)
        return value if isinstance(value, date) else None

    def find_hour(self, key: str) -> time | None:
        """Return a time of day in whole hundredths, as 08:30:00, None when it is missing or wrong."""
        value = self._value(key, "a local time without quotes, as 08:30:00", (time,), None)
        if not isinstance(value, time):
            return None
        written = self._words.get((*self._path, key), str(value))
        if len(written.partition(".")[2].rstrip("0")) > 2:
            self.wrong(key, f"expected {key} in whole hundredths, got {written}")
            return None
        return value

    def find_table(self, key: str) -> "Table | None":
        """Return a table of this table, None when it is absent or none."""
        value = self._value(key, f"a table [{key}]", (dict,), None)
        return self._inner(key, value) if isinstance(value, dict) else None

    def is_table(self, key: str) -> bool:
        """Say whether the key is there and holds a table."""
        return isinstance(self._values.get(key), dict)

    def is_list(self, key: str) -> bool:
        """Say whether the key is there and holds several values."""
        return isinstance(self._values.get(key), list)

    def names(self) -> tuple[str, ...]:
        """Return the keys that are there, in their order."""
        return tuple(self._values)

    def tables(self, key: str, optional: bool = False) -> list["Table"]:
        """Return the tables of an array of tables; none at all is a mistake where it is not optional."""
        what = f"at least one [[{_dotted((*self._path, key))}]]"
        if optional and not self.has(key):
            self.allow(key)
            return []
        value = self._value(key, what, (list,), None)
        if not isinstance(value, list):
            return []
        inner = [element for element in value if isinstance(element, dict)]
        if len(inner) < len(value) or not value:
            self.wrong(key, f"expected {key} as {what}, got {as_toml(value)}")
            return []
        return [self._inner(key, table_values, place) for place, table_values in enumerate(inner)]

    def allow(self, key: str) -> None:
        """Accept a key without reading it."""
        self._asked.append(key)

    def close(self) -> None:
        """Note each key that was not read, with the one that was probably meant, and each key that is missing."""
        for key in self._values:
            if key not in self._asked:
                self._unknown(key)
        for key, what in self._missing.items():
            self.wrong("", f"expected {key} in {self.title}, {what}, got none")

    def _unknown(self, key: str) -> None:
        free = [asked for asked in self._asked if asked not in self._values]
        meant = [asked for asked in free if asked.startswith(key + "_")] or get_close_matches(key, free, 1, 0.7)
        if meant:
            self._missing.pop(meant[0], None)
            self.wrong(key, f"expected {meant[0]}, got {key}")
        else:
            self.wrong(key, f"expected one of {', '.join(self._asked)} in {self.title}, got {key}")

    def _value(self, key: str, what: str, kinds: tuple[type, ...], default: object) -> object:
        self._asked.append(key)
        if key not in self._values:
            if default is None:
                self._missing[key] = what
            return default
        value = self._values[key]
        if type(value) in kinds:  # not isinstance: true is no number, a date with a time is no date
            return value
        self.wrong(key, f"expected {key} as {what}, got {as_toml(value)}")
        return None

    def _inner(self, key: str, values: dict[str, object], place: int | None = None) -> "Table":
        path = (*self._path, key) if place is None else (*self._path, key, place)
        return Table(self.file, values, self._places, path, self._problems)


def read_tables(file: str, text: str, problems: Problems) -> Table | None:
    """Return the whole of a TOML text as a Table; None when it is no TOML, which is noted."""
    text = text.removeprefix("\ufeff")
    try:
        values = tomllib.loads(text, parse_float=decimal_of)
        if is_deep(values):
            raise ValueError(f"tables and arrays deeper than {MOST_DEPTH} in each other")
        places = lines_and_words(text)
    except (ValueError, RecursionError) as error:
        problems.add(file, *toml_error(error, text))
        return None
    root = Table(file, values, places, (), problems)
    for path, written in hidden_texts(values):
        problems.add(file, root.line_at(path), f"expected a text {WITHOUT}, got {as_toml(written)}")
    return root


def decimal_of(text: str) -> Decimal:
    """Return a number with a point or an exponent; NaN for an exponent of many digits, which is refused at its line."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal("NaN")


def as_toml(value: object) -> str:
    """Return a value as it is written in TOML, cut to 60 characters."""
    if isinstance(value, date | time | Decimal):
        return str(value)
    if isinstance(value, list | dict):
        return f"{'an array' if isinstance(value, list) else 'a table'} of {len(value)}"
    if isinstance(value, int) and value.bit_length() > MOST_BITS:
        return "a number of far too many digits"
    written = visible(json.dumps(value, ensure_ascii=False))
    return written if len(written) <= 60 else written[:57] + "..."


def choices_text(what: str, ids: Collection[str], written: str) -> str:
    """Return `what` followed by the ids that are like `written`, or by the first eight: `a leg ("L1", "L2")`."""
    meant = get_close_matches(written, ids, 3, 0.7) or list(ids)[:8]
    return f"{what} ({', '.join(map(as_toml, meant))}{', ...' if len(meant) == 8 else ''})"


def _title(file: str, path: Path, values: dict[str, object]) -> str:
    if not path:
        return file
    if isinstance(path[-1], str):
        return f"[{_dotted(path)}]"
    named = values.get("id")
    return f"[[{_dotted(path)}]]" + (f" {named}" if isinstance(named, str) else "")


def _dotted(path: Path) -> str:
    return ".".join(key for key in path if isinstance(key, str))
