"""The kinds of rules: each is the keys that a rule book gives it, and one small pure function of the deviation.

KINDS is the one table: a new kind is a frozen class of its settings, a tuple of keys, a function and a row. The package
reads the keys, score calls the function; neither knows any kind by name. docs/rulebook.md explains every key.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from centesimo.model.said import joined, said
from centesimo.reading.numbers import plain
from centesimo.rulebook.keys import (
    AMOUNT,
    AMOUNT_OR_FAIL,
    AMOUNT_OR_NONE,
    Cost,
    Key,
    Mistake,
    amount,
    amount_or_exclusion,
    amount_or_fail,
    amount_or_none,
    expects_words,
    hundredths,
    minutes_or_none,
    one_of,
    text,
    unit,
)

DROPPED = "dropped"
COUNTED = "counted"
WHOLE = "whole deviation"
EXCESS = "excess"
FROM_DUE = "from the due time"
CLOCK_MINUTE = "clock minute"
AT_THE_CONTROL = "the control"
OF_THE_LEG = "the leg"
TIME_CARDS = "time cards"
SCHEDULED = "scheduled"
TARGET = "target"
ORDER_COUNTS = "counts"
ORDER_FREE = "free"

# Which leg of its race a control stands in.
ONLY_LEG = "only leg"
INNER_LEG = "leg of several"
LAST_LEG = "last leg"


class Outcome(NamedTuple):
    """What a rule gives: a cost (penalties) or a gain (points), never negative, and how it follows in one line."""

    amount: Decimal
    reason: str
    excluded: bool = False


class RuleKind(NamedTuple):
    """One row of the table of rule kinds."""

    keys: tuple[Key, ...]
    settings: Callable[..., Any]  # the settings' class, called with the fields by name
    # (settings, deviation in the control's unit, which leg, minutes that new time cards carried on to here)
    apply: Callable[[Any, int, str, int], Outcome]
    mistakes: Callable[[dict[str, Any]], list[Mistake]]  # from the keys as read, by name
    gains: bool = False  # whether the amount is a gain rather than a cost


AS_CAP = "as cap"  # of early_cap and late_cap, and of a cap that is not given
UNIT = Key("unit_s", "unit_cs", "a number of seconds, at least 0.01", unit)


@dataclass(frozen=True, slots=True)
class PerUnit:
    """A penalty for every unit early or late."""

    unit_cs: int
    early: Decimal
    late: Decimal
    early_cap: Decimal | None
    late_cap: Decimal | None
    part_unit: str  # DROPPED, COUNTED: what a part of a unit is worth
    dead_band_cs: int  # no penalty up to here
    beyond_dead_band: str | None  # WHOLE, EXCESS: what counts once the dead band is passed


def _per_unit_settings(cap: Any, early_cap: Any, late_cap: Any, **keys: Any) -> PerUnit:
    """Return the settings; `cap` is that of each side which has none of its own."""
    early_cap, late_cap = (cap if own is AS_CAP else own for own in (early_cap, late_cap))
    return PerUnit(early_cap=early_cap, late_cap=late_cap, **keys)


def per_unit(rule: PerUnit, deviation_cs: int, leg: str, carried_min: int) -> Outcome:
    """Return the penalty for a deviation in 1/100 s: units x rate, never above the cap."""
    if abs(deviation_cs) <= rule.dead_band_cs:
        within = said("{size}, within the dead band", size=_size(deviation_cs))
        return Outcome(Decimal(0), within if deviation_cs else said("exactly on time"))
    counted_cs = abs(deviation_cs) - (rule.dead_band_cs if rule.beyond_dead_band == EXCESS else 0)
    units, part = divmod(counted_cs, rule.unit_cs)
    if part and rule.part_unit == COUNTED:
        units += 1
    rate, cap = (rule.early, rule.early_cap) if deviation_cs < 0 else (rule.late, rule.late_cap)
    return _capped(units * rate, cap, _times(_units(deviation_cs, units, rule.unit_cs), rate))


def _size(deviation_cs: int) -> str:
    return said("{size}/100 s early" if deviation_cs < 0 else "{size}/100 s late", size=abs(deviation_cs))


def _times(how: str, rate: Decimal) -> str:
    return said("{how} x {rate}", how=how, rate=plain(rate))


def _units(deviation_cs: int, units: int, unit_cs: int) -> str:
    """Return a deviation, and how many units it is where a unit is not 1/100 s."""
    size = _size(deviation_cs)
    if unit_cs == 1:
        return size
    template = "{size}, {units} unit of {unit} s" if units == 1 else "{size}, {units} units of {unit} s"
    return said(template, size=size, units=units, unit=plain(Decimal(unit_cs) / 100))


def _capped(cost: Decimal, cap: Decimal | None, how: str) -> Outcome:
    if cap is not None and cost > cap:
        return Outcome(cap, said("{how} = {cost}, capped at {cap}", how=how, cost=plain(cost), cap=plain(cap)))
    return Outcome(cost, said("{how} = {cost}", how=how, cost=plain(cost)))


def _per_unit_mistakes(read: dict[str, Any]) -> list[Mistake]:
    sides = {"early_cap": "early_per_unit", "late_cap": "late_per_unit"}
    open_sides = [cap for cap in sides if read.get(cap) is AS_CAP]  # those that `cap` stands for
    mistakes = _cap_mistakes(read, "cap", *(sides[cap] for cap in open_sides))
    for cap in sides.keys() - open_sides:
        mistakes += _cap_mistakes(read, cap, sides[cap])
    if open_sides and read.get("cap") is AS_CAP:
        mistakes.append(Mistake("rule", f"cap ({AMOUNT_OR_NONE}), or early_cap and late_cap, beside it", "nothing"))
    if read.get("dead_band_s") and read.get("beyond_dead_band", "") is None:
        words = expects_words(WHOLE, EXCESS)
        mistakes.append(Mistake("dead_band_s", f"beyond_dead_band ({words}) beside a dead band", "none"))
    return mistakes


def _cap_mistakes(read: dict[str, Any], key: str, *rates: str) -> list[Mistake]:
    """Find a cap below what one unit costs: it could never let two deviations differ."""
    cap = read.get(key)
    read_rates = [read[rate] for rate in rates if rate in read]
    if cap is None or cap is AS_CAP or not read_rates or cap >= max(read_rates):
        return []
    return [Mistake(key, f"at least {plain(max(read_rates))}, what one unit costs", plain(cap))]


@dataclass(frozen=True, slots=True)
class PointsTable:
    """Points for each number of units of deviation, and one value for all deviations beyond the table."""

    unit_cs: int
    points: tuple[Decimal, ...]  # for 0, 1, 2, ... units
    beyond: Decimal


def points_table(rule: PointsTable, deviation_cs: int, leg: str, carried_min: int) -> Outcome:
    """Return the points for a deviation in 1/100 s, early or late alike; a part of a unit is dropped."""
    units = abs(deviation_cs) // rule.unit_cs
    how = _units(deviation_cs, units, rule.unit_cs) if deviation_cs else said("exactly on time")
    if units < len(rule.points):
        points = rule.points[units]
        return Outcome(points, said("{how}: {points} by the table", how=how, points=plain(points)))
    return Outcome(rule.beyond, said("{how}: {points} beyond the table", how=how, points=plain(rule.beyond)))


def table(value: object) -> tuple[Decimal, ...]:
    """Read [[0, 420], [1, 395], ...]: units from 0 without a hole, each with its points."""
    if not isinstance(value, list) or not value:
        raise ValueError
    points = []
    for units, row in enumerate(value):
        if not isinstance(row, list) or len(row) != 2 or isinstance(row[0], bool) or row[0] != units:
            raise ValueError
        points.append(amount(row[1]))
    return tuple(points)


@dataclass(frozen=True, slots=True)
class PerMinute:
    """A penalty for every whole minute on the card early or late, and what follows past the maximum lateness."""

    window: str  # FROM_DUE, CLOCK_MINUTE: where the free minute begins
    timing: str  # TIME_CARDS, SCHEDULED, TARGET: how lateness moves the due time of the controls behind it
    early: Decimal
    late: Decimal
    early_cap: Decimal | None
    late_cap: Decimal | None
    max_lateness_min: int | None
    max_lateness_of: str  # AT_THE_CONTROL, OF_THE_LEG: whether lateness that new time cards carried on counts too
    max_lateness_article: str
    beyond_only_leg: Decimal | None  # None: exclusion
    beyond_inner_leg: Decimal | None
    beyond_last_leg: Decimal | None


def per_minute(rule: PerMinute, deviation_min: int, leg: str, carried_min: int) -> Outcome:
    """Return the penalty for whole minutes early (negative) or late; the free minute is 0."""
    if deviation_min == 0:
        return Outcome(Decimal(0), said("in the due minute"))
    carried_min = carried_min if rule.max_lateness_of == OF_THE_LEG else 0
    if deviation_min > 0 and rule.max_lateness_min is not None and deviation_min + carried_min > rule.max_lateness_min:
        return _too_late(rule, deviation_min, leg, carried_min)
    early = deviation_min < 0
    rate, cap = (rule.early, rule.early_cap) if early else (rule.late, rule.late_cap)
    size = said("{size} min early" if early else "{size} min late", size=abs(deviation_min))
    return _capped(abs(deviation_min) * rate, cap, _times(size, rate))


def _too_late(rule: PerMinute, deviation_min: int, leg: str, carried_min: int) -> Outcome:
    beyond = {ONLY_LEG: rule.beyond_only_leg, INNER_LEG: rule.beyond_inner_leg, LAST_LEG: rule.beyond_last_leg}[leg]
    late = said("{size} min late", size=deviation_min)
    if carried_min:
        late = said("{late} and {carried} min before", late=late, carried=carried_min)
    how = said("{late}, maximum lateness {maximum} min", late=late, maximum=rule.max_lateness_min)
    how = joined(", ", (how, rule.max_lateness_article)) if rule.max_lateness_article else how
    if beyond is None:
        return Outcome(Decimal(0), said("{how}: excluded ({leg})", how=how, leg=said(leg)), excluded=True)
    return Outcome(beyond, said("{how}: {cost} ({leg})", how=how, cost=plain(beyond), leg=said(leg)))


def _per_minute_mistakes(read: dict[str, Any]) -> list[Mistake]:
    early = _cap_mistakes(read, "early_cap", "early_per_minute")
    return early + _cap_mistakes(read, "late_cap", "late_per_minute")


@dataclass(frozen=True, slots=True)
class Presence:
    """Being there is enough; what a missed control costs is the key `missed`, common to all kinds."""

    order: str  # ORDER_COUNTS, ORDER_FREE: whether it must be passed in the order of the road
    out_of_order: Cost | None  # what it costs when it was not; None: the book does not say


def presence(rule: Presence, deviation: int, leg: str, carried_min: int) -> Outcome:
    """Return nothing to pay: the crew was there."""
    return Outcome(Decimal(0), said("passed"))


def _no_mistakes(read: dict[str, Any]) -> list[Mistake]:
    return []


_OR_EXCLUSION = 'a number, 0 or more, or "exclusion"'

KINDS: dict[str, RuleKind] = {
    "per unit": RuleKind(
        keys=(
            UNIT,
            Key("early_per_unit", "early", AMOUNT, amount),
            Key("late_per_unit", "late", AMOUNT, amount),
            Key("cap", "cap", AMOUNT_OR_NONE, amount_or_none, AS_CAP),
            Key("early_cap", "early_cap", AMOUNT_OR_NONE, amount_or_none, AS_CAP),
            Key("late_cap", "late_cap", AMOUNT_OR_NONE, amount_or_none, AS_CAP),
            Key("part_unit", "part_unit", expects_words(DROPPED, COUNTED), one_of(DROPPED, COUNTED), DROPPED),
            Key("dead_band_s", "dead_band_cs", "a number of seconds, 0 or more, in whole hundredths", hundredths, 0),
            Key("beyond_dead_band", "beyond_dead_band", expects_words(WHOLE, EXCESS), one_of(WHOLE, EXCESS), None),
        ),
        settings=_per_unit_settings,
        apply=per_unit,
        mistakes=_per_unit_mistakes,
    ),
    "points table": RuleKind(
        keys=(
            UNIT,
            Key("table", "points", "rows [units, points] with units 0, 1, 2, ... without a hole", table),
            Key("beyond", "beyond", AMOUNT, amount),
        ),
        settings=PointsTable,
        apply=points_table,
        mistakes=_no_mistakes,
        gains=True,
    ),
    "per minute": RuleKind(
        keys=(
            Key("window", "window", expects_words(FROM_DUE, CLOCK_MINUTE), one_of(FROM_DUE, CLOCK_MINUTE), FROM_DUE),
            Key(
                "timing",
                "timing",
                expects_words(TIME_CARDS, SCHEDULED, TARGET),
                one_of(TIME_CARDS, SCHEDULED, TARGET),
                TIME_CARDS,
            ),
            Key("early_per_minute", "early", AMOUNT, amount),
            Key("late_per_minute", "late", AMOUNT, amount),
            Key("early_cap", "early_cap", AMOUNT_OR_NONE, amount_or_none),
            Key("late_cap", "late_cap", AMOUNT_OR_NONE, amount_or_none),
            Key(
                "max_lateness_min",
                "max_lateness_min",
                'a whole number of minutes up to 1440, or "none"',
                minutes_or_none,
            ),
            Key(
                "max_lateness_of",
                "max_lateness_of",
                expects_words(AT_THE_CONTROL, OF_THE_LEG),
                one_of(AT_THE_CONTROL, OF_THE_LEG),
                AT_THE_CONTROL,
            ),
            Key("max_lateness_article", "max_lateness_article", "a text", text, ""),
            Key("beyond_only_leg", "beyond_only_leg", _OR_EXCLUSION, amount_or_exclusion),
            Key("beyond_inner_leg", "beyond_inner_leg", _OR_EXCLUSION, amount_or_exclusion),
            Key("beyond_last_leg", "beyond_last_leg", _OR_EXCLUSION, amount_or_exclusion),
        ),
        settings=PerMinute,
        apply=per_minute,
        mistakes=_per_minute_mistakes,
    ),
    "presence": RuleKind(
        keys=(
            Key(
                "order",
                "order",
                expects_words(ORDER_COUNTS, ORDER_FREE),
                one_of(ORDER_COUNTS, ORDER_FREE),
                ORDER_COUNTS,
            ),
            Key("out_of_order", "out_of_order", AMOUNT_OR_FAIL, amount_or_fail, None),
        ),
        settings=Presence,
        apply=presence,
        mistakes=_no_mistakes,
    ),
}
