"""The tables of a rule book that are no control's rule: what each may hold, and the settings that it becomes."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from centesimo.model.said import said
from centesimo.rulebook.coefficients import COEFFICIENT_KEYS, coefficient_mistakes
from centesimo.rulebook.coefficients import NO_COEFFICIENT as NO_COEFFICIENT
from centesimo.rulebook.keys import (
    AMOUNT,
    Key,
    Mistake,
    amount,
    expects_words,
    instants_unit,
    text,
    texts,
    whole,
    words,
    yes,
)

# How instants become hundredths, or tenths or whole seconds where the book says so.
TRUNCATE_INSTANTS = "truncate instants"
TRUNCATE_DEVIATION = "truncate deviation"
ROUND_HALF_UP = "round half up"

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
class Total:
    """How a total is rounded, after the coefficient."""

    decimals: int
    rounding: str  # a key of ROUNDINGS
    article: str

    def __str__(self) -> str:
        """Say it: "2 decimals, half up"."""
        template = "{decimals} decimal, {rounding}" if self.decimals == 1 else "{decimals} decimals, {rounding}"
        return said(template, decimals=self.decimals, rounding=said(self.rounding))


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


def _named(value: object) -> tuple[tuple[str, Decimal, str], ...]:
    """Read [["stopping in the zone", 300, "art. 14"]]: names that differ, each with amount and article."""
    if not isinstance(value, list) or not all(isinstance(row, list) and len(row) == 3 for row in value):
        raise ValueError
    rows = tuple((text(name), amount(cost), text(article)) for name, cost, article in value)
    if len({name for name, _, _ in rows}) != len(rows) or any(name[0].isdigit() for name, _, _ in rows):
        raise ValueError
    return rows


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
    "coefficient": (Key("on", "on", _LIST_OF_CONTROLS, texts(*_CONTROLS), _CONTROLS), *COEFFICIENT_KEYS, _ARTICLE),
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
