"""The tables of a rule book that are no control's rule: what each may hold, and the settings that it becomes."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from centesimo.model.event import Entry
from centesimo.reading.toml_tables import as_toml
from centesimo.rulebook.keys import (
    AMOUNT,
    REQUIRED,
    Key,
    Mistake,
    amount,
    expects_words,
    instants_unit,
    one_of,
    text,
    texts,
    whole,
    yes,
)

# How instants become hundredths, or tenths or whole seconds where the book says so.
TRUNCATE_INSTANTS = "truncate instants"
TRUNCATE_DEVIATION = "truncate deviation"
ROUND_HALF_UP = "round half up"

# Which coefficient multiplies.
BY_YEAR = "year"  # 1.YY, the last two digits of the car's year
BY_ENTRY = "entry"  # as the entries give it
BY_TABLE = "table"  # as the book's own table gives it
NO_COEFFICIENT = "none"

# By what of a car the table of coefficients goes.
YEAR, CLASS, CATEGORY = "year", "class", "category"
LOWEST_FACTOR, HIGHEST_FACTOR = Decimal("0.01"), Decimal(100)

# Whether the coefficient multiplies a fixed penalty, and whether one goes with a control that is discarded.
AS_THE_CONTROL = "as the control"
WITH_THE_CONTROL = "with the control"
NEVER = "never"

# What parts crews of the same total, in the order in which a book lists them.
MOST_ZEROS = "most zeros"
FIRST_TRIAL = "first trial"
TRIAL_AFTER_TRIAL = "trial after trial"
OLDER_CAR = "older car"
SHARED_PLACE = "shared place"
TIES = (MOST_ZEROS, FIRST_TRIAL, TRIAL_AFTER_TRIAL, OLDER_CAR, SHARED_PLACE)

ROUNDINGS = {"half up": "ROUND_HALF_UP", "half even": "ROUND_HALF_EVEN", "down": "ROUND_DOWN"}

# The tables of a book that hold the rule of a kind of control, and the rules that such a control may follow.
RULES_BY_CONTROL = {
    "timed_trial": ("per unit", "points table"),
    "average_trial": ("per unit", "points table"),
    "time_control": ("per minute",),
    "passage_control": ("presence",),
}


@dataclass(frozen=True, slots=True)
class Coefficient:
    """Which factor multiplies which part of the total."""

    kind: str  # BY_YEAR, BY_ENTRY, BY_TABLE, NO_COEFFICIENT
    on: tuple[str, ...]  # the tables of the controls that it multiplies
    by: str | None  # of BY_TABLE: YEAR, CLASS, CATEGORY
    table: tuple[tuple[int | str, Decimal], ...]  # (first year, factor) in order, or (class or category, factor)
    article: str

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
        if self.by == YEAR:
            since = [factor for first, factor in self.table if isinstance(first, int) and first <= entry.year]
            return since[-1] if since else None
        return dict(self.table).get(entry.car_class if self.by == CLASS else entry.category)

    def wanted(self, entry: Entry) -> tuple[str, str]:
        """Return what an entry without a factor should have, and what it has, for "expected ..., got ..."."""
        if self.kind == BY_ENTRY:
            return "coefficient", "an empty cell"
        if self.by == YEAR:
            return f"a year from {self.table[0][0]} on", str(entry.year)
        got = entry.car_class if self.by == CLASS else entry.category
        return f"{self.by} as {' or '.join(str(name) for name, _ in self.table)}", as_toml(
            got
        ) if got else "an empty cell"


@dataclass(frozen=True, slots=True)
class Total:
    """How a total is rounded, after the coefficient."""

    decimals: int
    rounding: str  # a key of ROUNDINGS
    article: str

    def __str__(self) -> str:
        """Say it: "2 decimals, half up"."""
        return f"{self.decimals} decimal{'s' * (self.decimals != 1)}, {self.rounding}"


@dataclass(frozen=True, slots=True)
class Discard:
    """How many of a crew's worst results are taken out."""

    worst: int
    of: tuple[str, ...]  # the tables of the controls, of which the worst are looked for together
    per: str  # "leg", "race"
    late_only: bool
    counts_as: Decimal  # what a discarded control still costs
    article: str


@dataclass(frozen=True, slots=True)
class FixedPenalties:
    """What becomes of fixed penalties in a total, and those that the book names."""

    coefficient: str  # AS_THE_CONTROL, NO_COEFFICIENT
    discard: str  # WITH_THE_CONTROL, NEVER
    named: tuple[tuple[str, Decimal, str], ...]  # (name, amount, article)
    article: str

    def find(self, name: str) -> tuple[Decimal, str] | None:
        """Return amount and article of a fixed penalty that the book names, or None."""
        return next(((cost, article) for own, cost, article in self.named if own == name), None)


def _ties(value: object) -> tuple[str, ...]:
    ties = texts(*TIES)(value)
    if not ties or ties[-1] != SHARED_PLACE:
        raise ValueError
    return ties


def _kinds(value: object) -> tuple[str, ...]:
    """Read the table of a kind of control, or a list of several."""
    kinds = texts(*RULES_BY_CONTROL)([value] if isinstance(value, str) else value)
    if not kinds:
        raise ValueError
    return kinds


def _factors(value: object) -> tuple[tuple[int | str, Decimal], ...]:
    """Read [[1927, 1.8], [1931, 1.6]] with years that rise, or [["A", 1.1], ["B", 1.2]] with values that differ."""
    if not isinstance(value, list) or not all(isinstance(row, list) and len(row) == 2 for row in value):
        raise ValueError
    firsts = [row[0] for row in value]
    years = [first for first in firsts if isinstance(first, int) and not isinstance(first, bool)]
    names = [first for first in firsts if isinstance(first, str) and first]
    if not firsts or len(firsts) not in (len(years), len(names)):
        raise ValueError
    if years != sorted(set(years)) or len(names) != len(set(names)):
        raise ValueError
    factors = [amount(row[1]) for row in value]
    if not all(LOWEST_FACTOR <= factor <= HIGHEST_FACTOR for factor in factors):
        raise ValueError
    return tuple(zip(firsts, factors, strict=True))


def _named(value: object) -> tuple[tuple[str, Decimal, str], ...]:
    """Read [["stopping in the zone", 300, "art. 14"]]: names that differ, each with amount and article."""
    if not isinstance(value, list) or not all(isinstance(row, list) and len(row) == 3 for row in value):
        raise ValueError
    rows = tuple((text(name), amount(cost), text(article)) for name, cost, article in value)
    if len({name for name, _, _ in rows}) != len(rows) or any(name[0].isdigit() for name, _, _ in rows):
        raise ValueError
    return rows


def coefficient_mistakes(read: dict[str, Any]) -> list[Mistake]:
    """Return what is wrong between `kind`, `by` and `table`: each is needed, or allowed, only with certain others."""
    if not {"kind", "by", "table"} <= read.keys():
        return []  # one of them has a mistake of its own
    by, factors = read["by"], read["table"]
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


def words(name: str, *choices: str, default: object = REQUIRED) -> Key:
    """Return a key that takes one of some words."""
    return Key(name, name, expects_words(*choices), one_of(*choices), default)


_CONTROLS = tuple(RULES_BY_CONTROL)
_LIST_OF_CONTROLS = f"a list of {', '.join(_CONTROLS)}"
_ARTICLE = Key("article", "article", "a text", text, "")

TOP_KEYS = (
    Key("title", "title", "a text", text),
    words("wins", "lowest", "highest"),
    Key("extends", "extends", "the name of a rule book", text, ""),
)
# The tables that are no control's rule; a table whose keys all have a default may be left out.
TABLES: dict[str, tuple[Key, ...]] = {
    "instants": (
        words("take", TRUNCATE_INSTANTS, TRUNCATE_DEVIATION, ROUND_HALF_UP, default=TRUNCATE_INSTANTS),
        Key("unit_s", "unit_cs", "0.01, 0.1 or 1", instants_unit, 1),
        _ARTICLE,
    ),
    "coefficient": (
        words("kind", BY_YEAR, BY_ENTRY, BY_TABLE, NO_COEFFICIENT),
        Key("on", "on", _LIST_OF_CONTROLS, texts(*_CONTROLS), _CONTROLS),
        words("by", YEAR, CLASS, CATEGORY, default=None),
        Key(
            "table",
            "table",
            f"rows [first year or name, factor from {LOWEST_FACTOR} to {HIGHEST_FACTOR}], years that "
            "rise, no name twice",
            _factors,
            (),
        ),
        _ARTICLE,
    ),
    "total": (
        Key("decimals", "decimals", "a whole number, 0 to 6", whole(0, 6)),
        words("rounding", *ROUNDINGS),
        _ARTICLE,
    ),
    "ties": (Key("order", "order", f'a list of {", ".join(TIES)}, "shared place" last', _ties), _ARTICLE),
    "discard": (
        Key("worst", "worst", "a whole number, 0 to 99", whole(0, 99)),
        Key("of", "of", f"{expects_words(*_CONTROLS)}, or a list of these", _kinds),
        words("per", "leg", "race"),
        Key("late_only", "late_only", "true or false", yes, False),
        Key("counts_as", "counts_as", AMOUNT, amount, Decimal(0)),
        _ARTICLE,
    ),
    "fixed_penalties": (
        words("coefficient", AS_THE_CONTROL, NO_COEFFICIENT, default=AS_THE_CONTROL),
        words("discard", WITH_THE_CONTROL, NEVER, default=WITH_THE_CONTROL),
        Key(
            "amounts", "named", "rows [name, amount, article], no name twice, none that begins with a digit", _named, ()
        ),
        _ARTICLE,
    ),
}
# Keys of a table that are right one by one but do not go together, from the fields as read.
MISTAKES: dict[str, Callable[[dict[str, Any]], list[Mistake]]] = {"coefficient": coefficient_mistakes}
