"""event.toml's [[regroup]]: from a control on crews go in another order, at other times, or both."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from centesimo.check.entries import HIGHEST_NUMBER
from centesimo.check.event_toml import NO_DATE, local_ns, several
from centesimo.model.event import PASSAGE_CONTROL, TIME_CONTROL, Control, Entry, Leg, Race, Regroup
from centesimo.reading.csv_rows import read_rows
from centesimo.reading.localtime import NS_PER_S
from centesimo.reading.toml_tables import Problems, Table, as_toml, choices_text

ORDERS_FOLDER = "orders"  # of the files that hold an order, one start number a line
AS_BEFORE, BY_ARRIVAL = "as before", "by arrival"


class RegroupReader(NamedTuple):
    """Reads regroups against the legs and files of an event; mistakes go to `problems`."""

    legs: Sequence[Leg]
    zone: ZoneInfo | None
    files: Mapping[str, str]
    problems: Problems

    def read(
        self, tables: Sequence[Table], controls: Sequence[Control], races: Sequence[Race], entries: Sequence[Entry]
    ) -> tuple[Regroup, ...]:
        """Return the regroups, each at a control with a due time and for races that drive it."""
        regroups: list[Regroup] = []
        for table in tables:
            control = _control(table, controls)
            named = several(table, "races", [race.id for race in races], "race")
            if control:
                named = named or control.races
                _check_races(table, control, named, regroups)
            crews = {entry.start_number for entry in entries if entry.race in named}
            order, is_by_arrival = self._order(table, crews)
            first_at_ns, interval_ns = self._times(table, control)
            if control and not (table.has("order") or table.has("first") or table.has("interval_s")):
                table.wrong("at", "expected a new order, first or interval_s, got none of them")
            if control:
                regroups.append(Regroup(control.id, named, order, is_by_arrival, first_at_ns, interval_ns))
            table.close()
        return tuple(regroups)

    def _times(self, table: Table, control: Control | None) -> tuple[int | None, int | None]:
        """Return when the first crew goes on and how far apart they go, None where that stays as it was."""
        day = next((leg.date for leg in self.legs if control and leg.id == control.leg), NO_DATE)
        first_at_ns = interval_ns = None
        if table.has("first"):
            first_at_ns = local_ns(table, "first", day, table.find_hour("first"), self.zone) or None
        if table.has("interval_s"):
            interval_ns = table.whole("interval_s", 1, 3600, "s") * NS_PER_S
        for key in ("first", "interval_s"):
            table.allow(key)
        return first_at_ns, interval_ns

    def _order(self, table: Table, crews: set[int]) -> tuple[tuple[int, ...], bool]:
        """Return the start numbers as they go on (() where that is as before), and whether it is by arrival."""
        if table.is_list("order"):
            numbers = table.wholes("order", 1, HIGHEST_NUMBER)
            _check_numbers(numbers, crews, lambda place, why: table.wrong("order", why, place))
            return numbers, False
        written = table.text("order", optional=True) or AS_BEFORE
        if written in (AS_BEFORE, BY_ARRIVAL):
            return (), written == BY_ARRIVAL
        if written not in self.files:
            orders = [name for name in self.files if name.startswith(f"{ORDERS_FOLDER}/")]
            wanted = choices_text(f'"{BY_ARRIVAL}", "{AS_BEFORE}", start numbers or a file', orders, written)
            table.wrong("order", f"expected order as {wanted}, got {as_toml(written)}")
            return (), False
        rows = read_rows(written, self.files[written], ("start_number",), (), self.problems)
        rows = [row for row in rows if not row.empty]
        numbers = tuple(row.whole("start_number", 1, HIGHEST_NUMBER) for row in rows)
        _check_numbers(numbers, crews, lambda place, why: rows[place].wrong(why))
        return numbers, False


def _check_races(table: Table, control: Control, races: Sequence[str], before: Sequence[Regroup]) -> None:
    """Note races that do not drive the control, and those that regroup there already."""
    for race in races:
        if race not in control.races:
            table.wrong("races", f"expected a race that drives {control.id}, got {as_toml(race)}")
        if any(control.id == regroup.control and race in regroup.races for regroup in before):
            table.wrong("at", f"expected one [[regroup]] of {race} at {control.id}, got a second one")


def _control(table: Table, controls: Sequence[Control]) -> Control | None:
    """Return the control at which crews regroup, None when it is none of the event or has no due time."""
    name = table.reference("at", [control.id for control in controls], "a control")
    control = next((control for control in controls if control.id == name), None)
    if control is None:
        return None
    if control.kind not in (TIME_CONTROL, PASSAGE_CONTROL) or control.after_ns is None:
        table.wrong("at", f"expected a time control or a passage control with after_min, got {control.id}")
    return control


def _check_numbers(numbers: Sequence[int], crews: set[int], wrong: Callable[[int, str], None]) -> None:
    """Note start numbers that no crew of the regroup has, and those that stand twice."""
    for place, number in enumerate(numbers):
        if number and crews and number not in crews:
            wrong(place, f"expected the start number of a crew that regroups here, got {number}")
        if number in numbers[:place]:
            wrong(place, f"expected every start number once, got {number} again")
