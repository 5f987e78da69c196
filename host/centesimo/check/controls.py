"""event.toml's controls: trials, averages with their secret points, time controls, passage controls.

An average trial becomes one control for each secret point, so that each is timed, scored, cancelled and explained by
itself: "PM1.1", "PM1.2", ... Its set times follow from distance and speed here, rounded as the event says.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from centesimo.check.course import Placed
from centesimo.check.event_toml import ID, identified
from centesimo.model.event import (
    AVERAGE_TRIAL,
    ORDERS,
    PASSAGE_CONTROL,
    SENT_OFF,
    TIME_CONTROL,
    TIMED_TRIAL,
    Control,
    Leg,
    Race,
    TimingPoint,
)
from centesimo.reading.localtime import NS_PER_S
from centesimo.reading.toml_tables import Table, as_toml, choices_text

FROM_START, FROM_PREVIOUS = "start", "previous point"
SET_UNITS = ("0.01", "0.1", "1")  # s
METRES_A_SECOND = Decimal(3600) / 1000  # of 1 km/h: 1 m takes 3.6 s

ByClass = tuple[tuple[str, Decimal], ...]  # (class, value); one value for all as ("", value)


class References(NamedTuple):
    """What a control may refer to."""

    legs: Sequence[Leg]
    races: Sequence[Race]
    points: Sequence[TimingPoint]


def read_controls(tables: list[Table], references: References) -> list[Placed]:
    """Return the controls in the order of the file; each secret point of an average trial is a control."""
    controls: list[Placed] = []
    for table, control in identified(tables):
        kind = table.choice("kind", tuple(READERS))
        leg = table.reference("leg", [known_leg.id for known_leg in references.legs], "a leg")
        read = READERS.get(kind, _any)(table, Control(control, kind, leg, None, "", None, None, ()), references)
        driven_by = _driven_by(table, leg, references.races)
        controls += [(replace(part, races=driven_by), where) for part, where in read]
        table.close()
    return controls


def _timed_trial(table: Table, base: Control, references: References) -> list[Placed]:
    opens, closes = _point(table, "opens", base.leg, references), _point(table, "closes", base.leg, references)
    ideals = [
        (name, _hundredths(table, ideal_s)) for name, ideal_s in _by_class(table, "ideal_s", "0.01", "86400", "s")
    ]
    series = table.text("series", optional=True)
    if series and not ID.fullmatch(series):
        table.wrong("series", f"expected series as up to 20 letters, digits, - and _, got {as_toml(series)}")
    timed = replace(
        base,
        opens=opens or None,
        closes=closes,
        after_ns=_after_ns(table, optional=True),
        series=series,
        order=_order(table),
        early_allowed=table.flag("early_allowed"),
        cap=_find_cap(table),
        sets=table.flag("sets"),
        ideal_from=table.text("ideal_from", optional=True),
    )
    return [(_with_ideals(timed, ideals), table)]


def _average_trial(table: Table, base: Control, references: References) -> list[Placed]:
    """Read an average trial: each secret point closes a control, opened at the start or at the point before."""
    opens = _point(table, "opens", base.leg, references)
    after_ns = _after_ns(table, optional=True)
    from_start = table.choice("counted_from", (FROM_START, FROM_PREVIOUS)) == FROM_START
    order = _order(table)
    speeds = _by_class(table, "speed_kmh", "1", "200", "km/h")
    unit_s, cap = _set_unit_s(table), _find_cap(table)
    placed: list[Placed] = []
    opened_m = before_m = Decimal(0)
    for number, secret in enumerate(table.tables("secret"), 1):
        point = _point(secret, "point", base.leg, references)
        distance_m = _distance_m(secret, before_m)
        ideals = [(name, _set_time_cs(distance_m - opened_m, speed, unit_s)) for name, speed in speeds]
        control = replace(
            base,
            how_set=_how_set(distance_m - opened_m, speeds, unit_s),
            id=f"{base.id}.{number}",
            series=base.id,
            opens=opens or None,
            closes=point,
            after_ns=after_ns,
            order=order,
            cap=cap,
        )
        placed.append((_with_ideals(control, ideals), secret))
        before_m = distance_m
        if not from_start:
            opened_m, opens = distance_m, point
        after_ns = None
        secret.close()
    return placed


def _how_set(distance_m: Decimal, speeds: ByClass, unit_s: Decimal) -> str:
    """Return in one line how a set time comes about."""
    each = " or ".join(f"{speed} km/h{name and f' ({name})'}" for name, speed in speeds)
    return f"{distance_m} m at {each}, rounded half up to {unit_s} s"


def _set_unit_s(table: Table) -> Decimal:
    unit_s = table.decimal("set_unit_s", "0.01", "1", "s")
    if unit_s and unit_s not in map(Decimal, SET_UNITS):
        table.wrong("set_unit_s", f"expected set_unit_s as {', '.join(SET_UNITS)} s, got {unit_s}")
    return unit_s


def _distance_m(secret: Table, before_m: Decimal) -> Decimal:
    """Return how far a secret point lies from the start of its trial, beyond the point before it."""
    distance_m = secret.decimal("distance_m", "1", "500000", "m")
    if 0 < distance_m <= before_m:
        secret.wrong("distance_m", f"expected distance_m from the trial's start, above {before_m}, got {distance_m}")
    return distance_m


def _set_time_cs(distance_m: Decimal, speed_kmh: Decimal, unit_s: Decimal) -> int:
    """Return the set time of a distance at an average speed in 1/100 s, rounded half up to the event's unit.

    12.5 km at 50 km/h: 900 s. No article of RDS 8.20 says how it is rounded: `set_unit_s` is the event's to give.
    """
    if not speed_kmh or not unit_s or distance_m <= 0:
        return 0
    units = distance_m * METRES_A_SECOND / speed_kmh / unit_s
    return int(units.quantize(Decimal(1), rounding=ROUND_HALF_UP) * unit_s * 100)


def _time_control(table: Table, base: Control, references: References) -> list[Placed]:
    control = replace(
        base,
        closes=_point(table, "at", base.leg, references),
        after_ns=_after_ns(table),
        order=_order(table),
        early_allowed=table.flag("early_allowed"),
        new_card=table.flag("new_card"),
        max_lateness_min=table.whole("max_lateness_min", 1, 10_080, "min", 0) or None,
    )
    return [(control, table)]


def _passage_control(table: Table, base: Control, references: References) -> list[Placed]:
    at = _point(table, "at", base.leg, references)
    return [(replace(base, closes=at, after_ns=_after_ns(table, optional=True), order=_order(table)), table)]


def _find_cap(table: Table) -> Decimal | None:
    """Return the most that a trial costs, None where it is the rule book's."""
    if table.has("cap"):
        return table.decimal("cap", "0", "1000000000", "penalties")
    table.allow("cap")
    return None


def check_ideals(controls: Sequence[Placed]) -> None:
    """Note each `ideal_from` that names no trial before it in its leg that `sets`, driven by the same races."""
    for place, (control, table) in enumerate(controls):
        if not control.ideal_from:
            continue
        setting = [
            earlier.id
            for earlier, _ in controls[:place]
            if earlier.sets and earlier.leg == control.leg and set(control.races) <= set(earlier.races)
        ]
        if control.ideal_from not in setting:
            wanted = choices_text("a timed trial with sets = true before it in its leg", setting, control.ideal_from)
            table.wrong("ideal_from", f"expected ideal_from as {wanted}, got {as_toml(control.ideal_from)}")
        if control.sets:
            table.wrong("sets", "expected sets or ideal_from, got both")


def _order(table: Table) -> str:
    """Return what the start order is worth where a chain opens."""
    return table.choice("order", ORDERS, SENT_OFF)


def _any(table: Table, base: Control, references: References) -> list[Placed]:
    """Take every key of a control whose kind is not known; the kind alone is the mistake."""
    for key in table.names():
        table.allow(key)
    return [(base, table)]


def _point(table: Table, key: str, leg: str, references: References) -> str:
    """Return a timing point that serves in the control's leg, or ""."""
    named = table.reference(key, [point.id for point in references.points], "a timing point")
    serving = [point.id for point in references.points if not leg or not point.legs or leg in point.legs]
    if named and serving and named not in serving:
        wanted = choices_text(f"a timing point that serves in leg {leg}", serving, named)
        table.wrong(key, f"expected {key} as {wanted}, got {as_toml(named)}")
    return named


def _by_class(table: Table, key: str, low: str, high: str, unit: str) -> ByClass:
    """Return a number for all crews, or one for each class: `speed_kmh = { A = 40, B = 50 }`."""
    if not table.is_table(key):
        return (("", table.decimal(key, low, high, unit)),)
    inner = table.find_table(key)
    if inner is None or not inner.names():
        table.wrong(key, f"expected {key} with a number for each class, got none")
        return (("", Decimal(0)),)
    values = tuple((name, inner.decimal(name, low, high, unit)) for name in inner.names())
    inner.close()
    return values


def _with_ideals(control: Control, ideals: Sequence[tuple[str, int]]) -> Control:
    """Give a trial its set times; where they differ by class, the shortest stands for all."""
    shortest = min(ideal_cs for _, ideal_cs in ideals)
    by_class = () if ideals[0][0] == "" else tuple(sorted(ideals))
    return replace(control, ideal_cs=shortest or None, ideal_by_class=by_class)


def _hundredths(table: Table, ideal_s: Decimal) -> int:
    """Return ideal_s in 1/100 s, cut where it is wrong."""
    ideal_cs = ideal_s * 100
    if ideal_cs != int(ideal_cs):
        table.wrong("ideal_s", f"expected ideal_s in whole hundredths, got {ideal_s}")
    return int(ideal_cs)


def _after_ns(table: Table, optional: bool = False) -> int | None:
    """Return after_min as ns: up to a week, in whole seconds (0.5 is a half-minute)."""
    if optional and not table.has("after_min"):
        table.allow("after_min")
        return None
    after_s = table.decimal("after_min", "0", "10080", "min") * 60
    if after_s != int(after_s):
        table.wrong("after_min", f"expected after_min in whole seconds, got {after_s / 60}")
    return int(after_s) * NS_PER_S


def _driven_by(table: Table, leg: str, races: Sequence[Race]) -> tuple[str, ...]:
    """Return the ids of the races that drive a control: those that it names, or all that start in its leg."""
    starting = [race.id for race in races if leg in [start.leg for start in race.starts]]
    named, race_ids = table.texts("races"), [race.id for race in races]
    for place, race in enumerate(named):
        if races and race not in race_ids:
            table.wrong("races", f"expected {choices_text('a race', race_ids, race)}, got {as_toml(race)}", place)
        elif leg and starting and race not in starting:
            table.wrong("races", f"expected a race that starts in leg {leg}, got {as_toml(race)}", place)
        elif race in named[:place]:
            table.wrong("races", f"expected every race once, got {as_toml(race)} again", place)
    return named or tuple(starting)


# How each kind of control is read: a new kind is a row.
READERS: dict[str, Callable[[Table, Control, References], list[Placed]]] = {
    TIMED_TRIAL: _timed_trial,
    AVERAGE_TRIAL: _average_trial,
    TIME_CONTROL: _time_control,
    PASSAGE_CONTROL: _passage_control,
}
