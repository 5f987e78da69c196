"""Coefficients of cars: by the year, as entries give them, by a table, or by a formula of shares; docs/rulebook.md."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from centesimo.model.event import Entry
from centesimo.reading.numbers import plain
from centesimo.reading.toml_tables import as_toml
from centesimo.rulebook.keys import Key, Mistake, amount, expects_words, words

# Which coefficient multiplies.
BY_YEAR = "year"  # 1.YY, the last two digits of the car's year
BY_ENTRY = "entry"  # as the entries give it
BY_TABLE = "table"  # as the book's own table gives it
BY_FORMULA = "formula"  # 1 + the shares of the car's period, class and category, and its factor and bonus
NO_COEFFICIENT = "none"

# By what of a car the table of coefficients goes.
YEAR, CLASS, CATEGORY = "year", "class", "category"
LOWEST_FACTOR, HIGHEST_FACTOR = Decimal("0.01"), Decimal(100)


@dataclass(frozen=True, slots=True)
class Coefficient:
    """Which factor multiplies which part of the total."""

    kind: str  # BY_YEAR, BY_ENTRY, BY_TABLE, BY_FORMULA, NO_COEFFICIENT
    on: tuple[str, ...]  # the tables of the controls that it multiplies
    by: str | None  # of BY_TABLE: YEAR, CLASS, CATEGORY
    table: tuple[tuple[int | str, Decimal], ...]  # (first year, factor) in order, or (class or category, factor)
    article: str
    # Of BY_FORMULA: (first year, share), (first cm3, share), both in order, (category, share); what is added where the
    # entry has a factor or a bonus.
    period: tuple[tuple[int | str, Decimal], ...] = ()
    cc: tuple[tuple[int | str, Decimal], ...] = ()
    category: tuple[tuple[int | str, Decimal], ...] = ()
    factor: Decimal = Decimal(0)
    bonus: Decimal = Decimal(0)

    def find(self, entry: Entry) -> Decimal | None:
        """Return a crew's factor, by `kind`: 1.YY of its car's year (1937: 1.37), its entry's, the table's, or 1.

        None where the entry lacks what the factor is taken from.
        """
        if self.kind == BY_YEAR:
            return 1 + Decimal(entry.year % 100) / 100
        if self.kind == BY_ENTRY:
            return entry.coefficient
        if self.kind == NO_COEFFICIENT:
            return Decimal(1)
        if self.kind == BY_FORMULA:
            return entry.coefficient if entry.coefficient is not None else self._find_sum(entry)
        if self.by == YEAR:
            return _find_since(self.table, entry.year)
        return dict(self.table).get(entry.car_class if self.by == CLASS else entry.category)

    def _find_sum(self, entry: Entry) -> Decimal | None:
        shares = self.shares(entry)
        known = [share for _, share in shares if share is not None]
        return 1 + sum(known, Decimal(0)) if len(known) == len(shares) else None

    def shares(self, entry: Entry) -> list[tuple[str, Decimal | None]]:
        """Return what a coefficient by formula adds to 1 for a crew, each with its name; None: the entry lacks it."""
        shares: list[tuple[str, Decimal | None]] = []
        if self.period:
            shares.append((f"year {entry.year}", _find_since(self.period, entry.year)))
        if self.cc:
            shares.append((f"{entry.cc} cc", None if entry.cc is None else _find_since(self.cc, entry.cc)))
        if self.category:
            shares.append((entry.category, dict(self.category).get(entry.category)))
        flags = (("factor", entry.factor, self.factor), ("bonus", entry.bonus, self.bonus))
        return [*shares, *((name, share) for name, is_given, share in flags if is_given)]

    def how(self, entry: Entry) -> str:
        """Return how a coefficient by formula comes about: "1 + 0.35 (year 1927) + 0.15 (1991 cc)"; "" by others."""
        if self.kind != BY_FORMULA:
            return ""
        if entry.coefficient is not None:
            return "as entries.csv gives it"
        signed = (
            f"{'-' if share < 0 else '+'} {plain(abs(share))} ({name})"
            for name, share in self.shares(entry)
            if share is not None
        )
        return " ".join(("1", *signed))

    def wanted(self, entry: Entry) -> tuple[str, str]:
        """Return what an entry without a factor should have, and what it has, for "expected ..., got ..."."""
        if self.kind == BY_FORMULA:
            return self._wanted_of_formula(entry)
        if self.kind == BY_ENTRY:
            return "coefficient", "an empty cell"
        if self.by == YEAR:
            return f"a year from {self.table[0][0]} on", str(entry.year)
        got = entry.car_class if self.by == CLASS else entry.category
        return f"{self.by} as {' or '.join(str(name) for name, _ in self.table)}", as_toml(
            got
        ) if got else "an empty cell"

    def _wanted_of_formula(self, entry: Entry) -> tuple[str, str]:
        if self.period and _find_since(self.period, entry.year) is None:
            return f"a year from {self.period[0][0]} on, or a coefficient", str(entry.year)
        if self.cc and (entry.cc is None or _find_since(self.cc, entry.cc) is None):
            return f"cc from {self.cc[0][0]} on, or a coefficient", str(entry.cc or "an empty cell")
        got = as_toml(entry.category) if entry.category else "an empty cell"
        return f"category as {' or '.join(str(name) for name, _ in self.category)}, or a coefficient", got


def _find_since(table: Sequence[tuple[int | str, Decimal]], value: int) -> Decimal | None:
    """Return what a table of rows [from, value] gives, None before its first."""
    since = [share for first, share in table if isinstance(first, int) and first <= value]
    return since[-1] if since else None


def _factors(value: object) -> tuple[tuple[int | str, Decimal], ...]:
    """Read [[1927, 1.8], [1931, 1.6]] with years that rise, or [["A", 1.1], ["B", 1.2]] with values that differ."""
    rows = _rows(value, amount)
    if not all(LOWEST_FACTOR <= factor <= HIGHEST_FACTOR for _, factor in rows):
        raise ValueError
    return rows


def _share(value: object) -> Decimal:
    """Read what is added to 1, from -1 to 10."""
    is_negative = isinstance(value, int | Decimal) and value < 0
    share = amount(-value if is_negative else value)  # type: ignore[operator]
    if share > (1 if is_negative else 10):
        raise ValueError
    return -share if is_negative else share


def _shares_since(value: object) -> tuple[tuple[int | str, Decimal], ...]:
    """Read [[1927, 0.35], [1930, 0.3]]: from which number on, and the share."""
    rows = _rows(value, _share)
    if not all(isinstance(first, int) for first, _ in rows):
        raise ValueError
    return rows


def _shares_by_name(value: object) -> tuple[tuple[int | str, Decimal], ...]:
    """Read [["Sport", 0.2], ["Turismo", 0]]: names and shares."""
    rows = _rows(value, _share)
    if not all(isinstance(first, str) for first, _ in rows):
        raise ValueError
    return rows


def _rows(value: object, read: Callable[[object], Decimal]) -> tuple[tuple[int | str, Decimal], ...]:
    """Read rows of two: whole numbers that rise or names that differ, each with a number."""
    if not isinstance(value, list) or not all(isinstance(row, list) and len(row) == 2 for row in value):
        raise ValueError
    firsts = [row[0] for row in value]
    years = [first for first in firsts if isinstance(first, int) and not isinstance(first, bool)]
    names = [first for first in firsts if isinstance(first, str) and first]
    if not firsts or len(firsts) not in (len(years), len(names)):
        raise ValueError
    if years != sorted(set(years)) or len(names) != len(set(names)):
        raise ValueError
    return tuple(zip(firsts, [read(row[1]) for row in value], strict=True))


def coefficient_mistakes(read: dict[str, Any]) -> list[Mistake]:
    """Return what is wrong between `kind`, `by` and `table`: each is needed, or allowed, only with certain others."""
    if not {"kind", "by", "table"} <= read.keys():
        return []  # one of them has a mistake of its own
    by, factors = read["by"], read["table"]
    if read["kind"] == BY_FORMULA and not any(read.get(key) for key in ("period", "cc", "category")):
        return [Mistake("kind", "period, cc or category beside it", "none")]
    if read["kind"] != BY_FORMULA:
        for key in ("period", "cc", "category", "factor", "bonus"):
            if read.get(key):
                return [Mistake(key, f'no {key} beside another kind than "{BY_FORMULA}"', "one")]
    if read["kind"] != BY_TABLE:
        given = [key for key in ("by", "table") if read.get(key)]
        return [Mistake(key, f'no {key} beside another kind than "{BY_TABLE}"', "one") for key in given]
    if not by or not factors:
        missing = "table" if by else "by"
        what = "[[first year, factor], ...] or [[class, factor], ...]" if by else expects_words(YEAR, CLASS, CATEGORY)
        return [Mistake("kind", f"{missing} = {what} beside it", "nothing")]
    if (by == YEAR) != isinstance(factors[0][0], int):
        rows = "[first year, factor]" if by == YEAR else f'["{by}", factor]'
        return [Mistake("table", f"rows {rows}", f"{factors[0][0]!r} first")]
    return []


SHARE = "a share from -1 to 10"
COEFFICIENT_KEYS = (
    words("kind", BY_YEAR, BY_ENTRY, BY_TABLE, BY_FORMULA, NO_COEFFICIENT),
    words("by", YEAR, CLASS, CATEGORY, default=None),
    Key(
        "table",
        "table",
        f"rows [first year or name, factor from {LOWEST_FACTOR} to {HIGHEST_FACTOR}], years that rise, no name twice",
        _factors,
        (),
    ),
    Key("period", "period", f"rows [first year, {SHARE}], years that rise", _shares_since, ()),
    Key("cc", "cc", f"rows [first cm3, {SHARE}], numbers that rise", _shares_since, ()),
    Key("category", "category", f"rows [category, {SHARE}], no name twice", _shares_by_name, ()),
    Key("factor", "factor", SHARE, _share, Decimal(0)),
    Key("bonus", "bonus", SHARE, _share, Decimal(0)),
)
