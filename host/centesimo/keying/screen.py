"""How the desk looks on a terminal of any size: what passed and was keyed, who is next, what is typed.

The newest rows stand at the bottom, above what is typed; where lines are few, the help goes first, what is typed last.
"""

from collections.abc import Sequence
from typing import NamedTuple

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.table import Table
from rich.text import Text

from centesimo.keying.ahead import Ahead
from centesimo.keying.rows import Row
from centesimo.model.event import Event
from centesimo.model.facts import Sighting
from centesimo.reading.localtime import NS_PER_S, local_text

ALONE_NS = 5 * NS_PER_S  # a passage takes up to so long to come
OFF_NS = 2 * NS_PER_S  # a laptop's clock that is off by more is said
MOST_AHEAD, MOST_PASSED_BY = 12, 12  # numbers of who is next, and of who was not keyed
LEAST_ROWS = 4  # lines that are left for the rows before anything else is left out
HELP = (
    ("Enter", "keep"),
    ("-", "undo"),
    ("*", "nobody's"),
    ("up down", "choose"),
    ("Tab", "point"),
    ("Esc", "clear"),
    ("Ctrl-C", "end"),
)
SAID = ("simulated", "marked doubtful")  # flags that do not change with the edges that come yet
UNITS = ((86_400, "days"), (3600, "h"), (60, "min"), (1, "s"))  # seconds of each: of a clock's error


Line = tuple[int, Text | Table]  # how soon it is left out, and what it is


class View(NamedTuple):
    """All that is on the screen."""

    event: Event
    points: Sequence[str]
    point: str  # that is keyed at
    rows: Sequence[Row]
    chosen: str  # id of a passage
    typed: str
    instead: str  # what the next number counts instead of, "" nothing
    ahead: Ahead
    who: str
    now_ns: int
    lag_ns: int | None
    word: str
    is_warning: bool
    trouble: Sequence[str]  # of the store and the ports
    unstored: int


class Screen:
    """A rich renderable of what is shown, as high as the terminal."""

    def __init__(self, view: View) -> None:
        self._view = view

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the lines for the console's height."""
        view, height = self._view, options.height or console.height
        trouble = _trouble(view)
        # In the order of the screen, each with how soon it is left out where lines are few.
        above: list[Line] = [(7, _head(view)), (6, _points(view))]
        below: list[Line] = [*((3, line) for line in trouble), (4, _next(view)), (5, _passed_by(view))]
        below += [(1, _typed(view)), (2, _word(view)), (8, _help())]
        kept = sorted(rank for rank, _ in (*above, *below))[: max(height - LEAST_ROWS, 1)]
        least = max(kept)
        lines = height - len(kept)
        table = [_table(view, lines - 1)] if lines > 1 else []
        head, foot = ([line for rank, line in part if rank <= least] for part in (above, below))
        yield Group(*head, *table, *foot)


def _head(view: View) -> Table:
    clock = local_text(view.now_ns, view.event.timezone)[11:19]
    grid = Table.grid(expand=True)
    grid.add_column(no_wrap=True, ratio=1)
    grid.add_column(no_wrap=True, justify="right")
    grid.add_row(Text(view.event.name, style="bold"), Text(f"{view.who}  {clock}{_lag(view.lag_ns)}"))
    return grid


def _lag(lag_ns: int | None) -> str:
    """Say how far the laptop's clock is off the boards', where that is more than a passage takes to come."""
    if lag_ns is None or abs(lag_ns) <= OFF_NS:
        return ""
    size_s = abs(lag_ns) // NS_PER_S
    unit_s, unit = next(row for row in UNITS if size_s >= 2 * row[0] or row[0] == 1)
    return f", {size_s / unit_s:.0f} {unit} {'ahead of' if lag_ns > 0 else 'behind'} the boards"


def _points(view: View) -> Text:
    place_by_point = {point.id: point.place for point in view.event.timing_points}
    text = Text(no_wrap=True, overflow="ellipsis")
    for point in view.points:
        text.append(f" {point} {place_by_point[point]} ", style="reverse bold" if point == view.point else "dim")
        text.append(" ")
    keyed = sum(row.sighting is not None for row in view.rows)
    passages = sum(row.passage is not None for row in view.rows)
    bare = sum(row.sighting is None for row in view.rows)
    text.append(f" {passages} passages, {keyed} keyed, {bare} without a number", style="dim")
    return text


def _table(view: View, lines: int) -> Table:
    """Return the newest rows, or those around the chosen one; empty lines above them where there are fewer."""
    table = Table(box=None, expand=True, padding=(0, 2, 0, 0), header_style="dim")
    for name, justify in (("passed", "left"), ("at", "left"), ("keyed", "right"), ("number", "right"), ("", "left")):
        table.add_column(name, justify=justify, no_wrap=True)  # type: ignore[arg-type]
    table.columns[-1].ratio = 1
    for _ in range(lines - len(view.rows)):
        table.add_row()
    end = len(view.rows)
    chosen = [place for place, row in enumerate(view.rows) if row.passage and row.passage.id == view.chosen]
    if chosen:
        end = min(end, max(chosen[0] + 2, lines))
    for row in view.rows[max(end - lines, 0) : end] if lines else ():
        table.add_row(*_cells(row, view), style="reverse" if row.passage and row.passage.id == view.chosen else "")
    return table


def _cells(row: Row, view: View) -> tuple[Text, ...]:
    passage, sighting = row.passage, row.sighting
    zone = view.event.timezone
    passed = Text("")
    if passage is not None:
        passed = Text("no time yet" if passage.at_ns is None else local_text(passage.at_ns, zone)[11:22])
    keyed = Text(local_text(sighting.at_ns, zone)[11:19] if sighting else "", style="dim")
    if sighting is None:
        number, remark = (
            Text("?", style="bold yellow"),
            ", ".join(flag for flag in SAID if passage and flag in passage.flags),
        )
    else:
        number, remark = _number(sighting.start_number, view.event), _keyed_by(sighting, view)
    alone = passage is None and view.now_ns - row.at_ns > ALONE_NS and any(beside.passage for beside in view.rows)
    words = ", ".join(filter(None, [remark, "no passage beside it" if alone else ""]))
    return passed, Text(row.timing_point), keyed, number, Text(words, style="yellow" if alone else "dim")


def _keyed_by(sighting: Sighting, view: View) -> str:
    who = f"{sighting.person}, {sighting.device}"
    return "" if who == view.who else who


def _number(number: int | None, event: Event) -> Text:
    if number is None:
        return Text("nobody's", style="magenta")
    is_entry = any(entry.start_number == number for entry in event.entries)
    return Text(str(number), style="bold green" if is_entry else "bold red")


def _next(view: View) -> Text:
    text = Text("next     ", style="dim", no_wrap=True, overflow="ellipsis")
    for place, number in enumerate(view.ahead.coming[:MOST_AHEAD]):
        text.append(f" {number} ", style="bold" if place == 0 else "none")
    return text


def _passed_by(view: View) -> Text:
    numbers = view.ahead.passed_by
    text = Text("not keyed", style="dim", no_wrap=True, overflow="ellipsis")
    for number in numbers[-MOST_PASSED_BY:]:
        text.append(f" {number} ", style="yellow")
    if len(numbers) > MOST_PASSED_BY:
        text.append(f" and {len(numbers) - MOST_PASSED_BY} before", style="dim")
    return text


def _typed(view: View) -> Text:
    where = view.point
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append(f" {where} ", style="reverse bold")
    text.append(f" {view.typed}", style="bold")
    text.append("_", style="blink")
    if view.chosen:
        text.append("   for the chosen passage", style="cyan")
    if view.instead:
        text.append(f"   instead of {view.instead}", style="cyan")
    return text


def _word(view: View) -> Text:
    return Text(view.word, style="bold yellow" if view.is_warning else "green", no_wrap=True, overflow="ellipsis")


def _trouble(view: View) -> list[Text]:
    lines = []
    if view.unstored:
        what = f"{view.unstored} entr{'ies' if view.unstored > 1 else 'y'} NOT STORED YET, tried again every 2 s"
        lines.append(Text(what, style="bold white on red", no_wrap=True, overflow="ellipsis"))
    lines += [Text(line, style="red", no_wrap=True, overflow="ellipsis") for line in view.trouble]
    return lines


def _help() -> Text:
    text = Text(no_wrap=True, overflow="ellipsis")
    for keys, what in HELP:
        text.append(keys, style="bold")
        text.append(f" {what}   ", style="dim")
    return text
