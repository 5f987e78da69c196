"""event.toml's tables that refer to crews: allowances of time, and further rankings by what entries.csv says."""

from collections.abc import Sequence
from dataclasses import replace

from centesimo.check.entries import BY_VALUE, FIRST_YEAR, HIGHEST_NUMBER, LAST_YEAR, value_of
from centesimo.check.event_toml import identified, several
from centesimo.check.spellings import key_of, tidy
from centesimo.model.event import PASSAGE_CONTROL, Allowance, Control, Entry, Race, Selection
from centesimo.reading.localtime import NS_PER_S
from centesimo.reading.toml_tables import Table, as_toml, choices_text

TEAMS = ("team", "nation")


def read_allowances(
    tables: list[Table], controls: Sequence[Control], races: Sequence[Race], entries: Sequence[Entry]
) -> tuple[Allowance, ...]:
    """Return the allowances: times given back to crews, each at a control that these crews drive."""
    allowances = []
    for table in tables:
        control = table.reference("control", [known_control.id for known_control in controls], "a control")
        driven_by = next((known_control.races for known_control in controls if known_control.id == control), ())
        named = several(table, "races", [race.id for race in races], "race")
        numbers = table.wholes("start_numbers", 1, HIGHEST_NUMBER)
        time_s, why = table.whole("time_s", 1, 86_400, "s"), table.text("why")
        race_by_number = {entry.start_number: entry.race for entry in entries}
        for place, number in enumerate(numbers):
            if entries and race_by_number.get(number) not in (named or driven_by):
                what = f"the start number of a crew that drives {control}"
                table.wrong("start_numbers", f"expected {what}, got {number}", place)
        if any(known_control.id == control and known_control.kind == PASSAGE_CONTROL for known_control in controls):
            table.wrong("control", f"expected a trial or a time control, got the passage control {control}")
        for race in named:
            if control and race not in driven_by:
                table.wrong("races", f"expected a race that drives {control}, got {as_toml(race)}")
        allowances.append(Allowance(control, named or driven_by, numbers, time_s * NS_PER_S, why))
        table.close()
    return tuple(allowances)


def read_selections(tables: list[Table], races: Sequence[Race], entries: Sequence[Entry]) -> tuple[Selection, ...]:
    """Return the further rankings; one that no crew fits is a mistake."""
    selections = []
    for table, ranking in identified(tables):
        named = several(table, "races", [race.id for race in races], "race") or tuple(race.id for race in races)
        selection = Selection(ranking, table.text("name"), named, _values(table, named, entries))
        first, last = _years(table)
        selection = replace(selection, year_from=first, year_to=last, coefficient=table.flag("coefficient", True))
        if table.has("each"):
            selection = replace(selection, each=table.choice("each", tuple(BY_VALUE)))
        table.allow("each")
        selections.append(_of_teams(table, selection))
        fitting = [entry for entry in entries if entry.race in named and fits(selection, entry)]
        if entries and not fitting:
            table.wrong("id", f"expected at least one crew of entries.csv in {table.title}, got none")
        table.close()
    return tuple(selections)


def fits(selection: Selection, entry: Entry) -> bool:
    """Say whether a crew is in a further ranking of its race."""
    if entry.race not in selection.races:
        return False
    if selection.year_from is not None and entry.year < selection.year_from:
        return False
    if selection.year_to is not None and entry.year > selection.year_to:
        return False
    if selection.by and not value_of(entry, selection.by):
        return False
    return all(value_of(entry, column) in wanted for column, wanted in selection.values)


def _values(table: Table, races: Sequence[str], entries: Sequence[Entry]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return (column, values) for each column of entries.csv by which a ranking chooses its crews."""
    wanted_by_column = []
    for column in BY_VALUE:
        present = sorted({value_of(entry, column) for entry in entries if entry.race in races} - {""})
        wanted = tuple(_as_entered(value, column, present) for value in table.texts(column))
        for place, value in enumerate(wanted):
            if entries and value not in present:
                what = (
                    choices_text(f"a {column} that a crew has", present, value)
                    if present
                    else f"a {column} that a crew has"
                )
                table.wrong(column, f"expected {what}, got {as_toml(value)}", place)
        wanted = tuple(value for value in wanted if not entries or value in present)
        if wanted:
            wanted_by_column.append((column, wanted))
    for column in ("ladies", "under30"):
        if table.flag(column):
            wanted_by_column.append((column, ("yes",)))
    return tuple(wanted_by_column)


def _as_entered(value: str, column: str, present: Sequence[str]) -> str:
    """Return a value in the spelling that entries.csv has; as it is where that has none of it."""
    key = key_of if column in TEAMS else tidy
    return next((known for known in present if key(known) == key(value)), value)


def _years(table: Table) -> tuple[int | None, int | None]:
    """Return the first and the last year of the cars in a ranking, None where any will do."""
    first = table.whole("year_from", FIRST_YEAR, LAST_YEAR, "", 0) or None
    last = table.whole("year_to", FIRST_YEAR, LAST_YEAR, "", 0) or None
    if first and last and last < first:
        table.wrong("year_to", f"expected year_to from year_from ({first}) on, got {last}")
        first = last = None
    return first, last


def _of_teams(table: Table, selection: Selection) -> Selection:
    """Read what ranks teams or nations: by which column, how many cars, and in what these differ."""
    if not table.has("by"):
        for key in ("by", "best", "different"):
            table.allow(key)
            if table.has(key):
                table.wrong(key, f"expected {key} only beside by ({' or '.join(map(as_toml, TEAMS))})")
        return selection
    by, best = table.choice("by", TEAMS), table.whole("best", 1, 100, "cars")
    different = table.choice("different", tuple(BY_VALUE)) if table.has("different") else ""
    table.allow("different")
    return replace(selection, by=by, best=best, different=different)
