"""Reads a scenario from a TOML file; docs/virtual-board.md explains every key.

The keys of a table are the fields of its class here or in scenario.py; where a field is an instant, the file says
`at_s`, seconds after the start, instead. A key that is not known, one that is missing, or a value of another type is
refused with the table's name.
"""

import dataclasses
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from centesimo_virtual.scenario import (
    NS,
    Crossing,
    Fault,
    Ghost,
    Outage,
    PowerCut,
    Press,
    Receiver,
    Scenario,
    ScenarioError,
    Stuck,
    check,
    swinging_crystal,
)

Table = dict[str, Any]

PLAIN = ("duration_s", "board_id", "erase_us", "seed", "leap_at_s", "panel")
TABLES = ("crystal", "receiver")
LISTS = ("crossing", "cars", "ghost", "stuck", "fault", "press", "cut")


@dataclass(frozen=True)
class Swing:
    """The table `crystal`: ppm fast, swinging around that."""

    ppm: float = 0.0
    swing_ppm: float = 0.0
    swing_period_s: float = 3600.0


@dataclass(frozen=True)
class Cars:
    """A table `cars`: one car after another over one input."""

    input: int
    from_s: float
    every_s: float
    count: int
    speed_kmh: float = 50.0
    wheelbase_m: float = 2.5
    bounces: int = 1


def read_scenario(path: Path, now_ns: int) -> Scenario:
    """Return the scenario of a file; `now_ns` is its start if it names none. ScenarioError names what does not fit."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        made = _scenario(table, path.parent, now_ns // NS * NS)
        check(made)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ScenarioError) as error:
        raise ScenarioError(f"{path}: {error}") from error
    return made


def _scenario(table: Table, folder: Path, now_ns: int) -> Scenario:
    _refuse_unknown("the file", table, ("start", *PLAIN, *TABLES, *LISTS))
    start_ns = _start_ns(table["start"]) if "start" in table else now_ns
    plain = {name: table[name] for name in PLAIN if name in table}
    made: Scenario = _made(Scenario, "the file", {"start_utc_ns": start_ns, **plain})
    swing: Swing = _made(Swing, "crystal", table.get("crystal", {}))
    if swing.swing_period_s < 1:
        raise ScenarioError(f"crystal: expected swing_period_s of at least 1, got {swing.swing_period_s}")
    crossings = [_timed(Crossing, "crossing", row, start_ns) for row in _list(table, "crossing")]
    for row in _list(table, "cars"):
        crossings += _stream(_made(Cars, "cars", row), start_ns)
    return dataclasses.replace(
        made,
        crystal=swinging_crystal(swing.ppm, swing.swing_ppm, swing.swing_period_s, made.duration_s),
        receiver=_receiver(table.get("receiver", {}), folder),
        crossings=tuple(crossings),
        ghosts=tuple(_timed(Ghost, "ghost", row, start_ns) for row in _list(table, "ghost")),
        stuck=tuple(_made(Stuck, "stuck", row) for row in _list(table, "stuck")),
        faults=tuple(_made(Fault, "fault", row) for row in _list(table, "fault")),
        presses=tuple(_made(Press, "press", row) for row in _list(table, "press")),
        cuts=tuple(_made(PowerCut, "cut", row) for row in _list(table, "cut")),
    )


def _receiver(table: object, folder: Path) -> Receiver:
    if not isinstance(table, dict):
        raise ScenarioError(f"receiver: expected a table, got {table!r}")
    values = dict(table)
    values["outages"] = tuple(_made(Outage, "receiver.outages", row) for row in _list(table, "outages"))
    if "log" in values:
        values["log"] = folder / str(values["log"])
        if not values["log"].is_file():
            raise ScenarioError(f"receiver: expected log as the path of a receiver's log, got {values['log']}")
    if "position" in values:
        place = values["position"]
        if not isinstance(place, list) or len(place) != 2 or not all(_is(angle, float) for angle in place):
            raise ScenarioError(f"receiver: expected position as [latitude, longitude] in degrees, got {place!r}")
        values["position"] = (float(place[0]), float(place[1]))
    made: Receiver = _made(Receiver, "receiver", values)
    return made


def _start_ns(start: object) -> int:
    if not isinstance(start, datetime) or start.tzinfo is None:
        raise ScenarioError(f"start: expected a date and time with its zone, as 2026-05-16T08:00:00Z, got {start}")
    return int(start.astimezone(UTC).replace(microsecond=0).timestamp()) * NS


def _timed(kind: Any, name: str, table: object, start_ns: int) -> Any:
    """Return a Crossing or Ghost of a table that says `at_s` for true_at_ns."""
    values = dict(table) if isinstance(table, dict) else {}
    at_s = values.pop("at_s", None)
    if not _is(at_s, float):
        raise ScenarioError(f"{name}: expected at_s, seconds after the start, got {at_s}")
    return _made(kind, name, {"true_at_ns": start_ns + round(at_s * NS), **values})


def _stream(cars: Cars, start_ns: int) -> list[Crossing]:
    crossings = []
    for number in range(cars.count):
        at_ns = start_ns + round((cars.from_s + number * cars.every_s) * NS)
        crossings.append(Crossing(at_ns, cars.input, cars.speed_kmh, cars.wheelbase_m, cars.bounces))
    return crossings


def _list(table: Table, name: str) -> list[Any]:
    rows = table.get(name, [])
    if not isinstance(rows, list):
        raise ScenarioError(f"{name}: expected tables, as [[{name}]], got {rows!r}")
    return rows


def _made(kind: Any, name: str, values: object) -> Any:
    """Return an instance of a class, after comparing keys, types and what is missing."""
    if not isinstance(values, dict):
        raise ScenarioError(f"{name}: expected a table, got {values!r}")
    fields = {field.name: field for field in dataclasses.fields(kind)}
    _refuse_unknown(name, values, tuple(fields))
    for key, value in values.items():
        expected = fields[key].type
        if isinstance(expected, type) and expected in (int, float, str, bool) and not _is(value, expected):
            raise ScenarioError(f"{name}: expected {key} as {expected.__name__}, got {value!r}")
    missing = [key for key, field in fields.items() if field.default is dataclasses.MISSING and key not in values]
    if missing:
        raise ScenarioError(f"{name}: expected {', '.join(missing)}, got nothing for it")
    return kind(**values)


def _is(value: object, expected: type) -> bool:
    if isinstance(value, bool):
        return expected is bool
    return isinstance(value, (int, float) if expected is float else expected)


def _refuse_unknown(name: str, values: Table, keys: tuple[str, ...]) -> None:
    for key in values:
        if key not in keys:
            raise ScenarioError(f"{name}: expected one of {', '.join(keys)}, got {key}")
