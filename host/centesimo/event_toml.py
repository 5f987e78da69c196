"""event.toml, table by table: legs, races, timing points, controls; docs/event.md explains every key.

Each function reads one kind of table, notes every mistake at its line and reads on; what it returns is paired with the
table that it came from, for the mistakes that only show when all is read.
"""

import re
from collections.abc import Collection, Iterator
from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from centesimo.course import Placed
from centesimo.event import TIME_CONTROL, TIMED_TRIAL, Control, Leg, Race, Start, TimingPoint
from centesimo.localtime import local_at_ns
from centesimo.tables import Table, a_known, shown

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,19}")
BOARD = re.compile(r"[0-9A-Fa-f]{16}")
FIRST_YEAR, LAST_YEAR = 2000, 2100
SECOND_NS = 1_000_000_000
# How edges become passages where a timing point does not say; docs/event.md tells why.
BOUNCE_MS = 25
AXLE_MS = 1500
SIGMA_MS = 300


def read_general(table: Table | None) -> tuple[str, ZoneInfo | None]:
    """Return the event's name and its time zone, None when there is no such zone."""
    if table is None:
        return "", None
    name, key = table.text("name"), table.text("timezone")
    table.close()
    try:
        return name, ZoneInfo(key) if key else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        what = a_known("a name of the IANA database", sorted(available_timezones()), key)
        how = "" if available_timezones() else "; there is no such database here: install the package tzdata"
        table.wrong("timezone", f"expected timezone as {what}, got {shown(key)}{how}")
        return name, None


def read_legs(tables: list[Table]) -> list[tuple[Leg, Table]]:
    """Return the legs, which stand in the order of their dates."""
    legs: list[tuple[Leg, Table]] = []
    before = date.min
    for table, leg in _identified(tables):
        name, day = table.text("name"), table.day("date")
        if day != date.min and not FIRST_YEAR <= day.year <= LAST_YEAR:
            table.wrong("date", f"expected date from {FIRST_YEAR} to {LAST_YEAR}, got {day}")
            day = date.min
        elif date.min < day < before:
            table.wrong("date", f"expected the legs in the order of their dates, got {day} after {before}")
        before = max(before, day)
        legs.append((Leg(leg, name, day), table))
        table.close()
    return legs


def read_races(
    tables: list[Table], legs: list[tuple[Leg, Table]], zone: ZoneInfo | None, books: Collection[str]
) -> list[tuple[Race, Table]]:
    """Return the races, of which one at least starts in each leg; `books` are the names of the rule books."""
    races = []
    started: set[str] = set()
    for table, race in _identified(tables):
        name, book = table.text("name"), table.reference("rulebook", books, "a rule book")
        starts: dict[str, Start] = {}
        for inner in table.tables("start"):
            start = _start(inner, [leg for leg, _ in legs], zone)
            if start.leg in starts:
                inner.wrong("leg", f"expected one [[race.start]] a leg, got a second one for {start.leg}")
            starts[start.leg] = start
        started.update(starts)
        in_order = tuple(starts[leg.id] for leg, _ in legs if leg.id in starts)
        races.append((Race(race, name, book, in_order), table))
        table.close()
    for leg, table in legs:
        if leg.id not in started and "" not in started and races:
            table.wrong("id", f"expected a [[race.start]] for leg {leg.id}, got none")
    return races


def _start(table: Table, legs: list[Leg], zone: ZoneInfo | None) -> Start:
    leg, first = table.reference("leg", [leg.id for leg in legs], "a leg"), table.hour("first")
    interval_s = table.whole("interval_s", 1, 3600, "s")
    table.close()
    day = next((one.date for one in legs if one.id == leg), date.min)
    at_ns = 0
    if zone is not None and day != date.min and table.has("first"):
        try:
            at_ns = local_at_ns(day, first, zone)
        except ValueError as error:
            table.wrong("first", f"expected first as a local time that there is once, got {error}")
    return Start(leg, at_ns, interval_s * SECOND_NS)


def read_points(tables: list[Table]) -> list[tuple[TimingPoint, Table]]:
    """Return the timing points; no two share an input of a board."""
    points = []
    point_by_input: dict[tuple[str, int], str] = {}
    for table, point in _identified(tables):
        place, board = table.text("place"), _board(table)
        at_board = _input(table, board)
        first = point_by_input.setdefault((board, at_board), point)
        if at_board and first != point:
            table.wrong(
                "input", f"expected an input of its own, got input {at_board} of board {board}, which {first} has"
            )
        bounce_ms = table.whole("bounce_ms", 1, 1000, "ms", BOUNCE_MS)
        axle_ms = table.whole("axle_ms", 1, 60_000, "ms", AXLE_MS)
        sigma_ms = table.whole("sigma_ms", 1, 60_000, "ms", SIGMA_MS)
        if bounce_ms > axle_ms > 0:
            table.wrong("axle_ms", f"expected axle_ms from bounce_ms ({bounce_ms}) on, got {axle_ms}")
        points.append((TimingPoint(point, place, board or None, at_board or None, bounce_ms, axle_ms, sigma_ms), table))
        table.close()
    return points


def _board(table: Table) -> str:
    """Return the board in lower case, "" for a point without one."""
    board = table.text("board", optional=True)
    if board and not BOARD.fullmatch(board):
        table.wrong("board", f'expected board as 16 hex digits, or "" for a point timed by hand, got {shown(board)}')
    return board.lower()


def _input(table: Table, board: str) -> int:
    if board:
        return table.whole("input", 1, 4)
    table.allow("input")
    if table.has("input"):
        table.wrong("input", f"expected no input in {table.title}, as it has no board; got one")
    return 0


def read_controls(tables: list[Table], legs: list[Leg], races: list[Race], points: Collection[str]) -> list[Placed]:
    """Return the controls in the order of the file."""
    controls = []
    for table, control in _identified(tables):
        kind = table.choice("kind", (TIMED_TRIAL, TIME_CONTROL))
        leg = table.reference("leg", [leg.id for leg in legs], "a leg")
        opens, closes, ideal_cs, after_ns = "", "", 0, None
        if kind == TIMED_TRIAL:
            opens = table.reference("opens", points, "a timing point")
            closes = table.reference("closes", points, "a timing point")
            ideal_cs = _ideal_cs(table)
            after_ns = _after_ns(table, optional=True)
        elif kind == TIME_CONTROL:
            closes = table.reference("at", points, "a timing point")
            after_ns = _after_ns(table)
        else:
            for key in ("opens", "closes", "ideal_s", "at", "after_min"):
                table.allow(key)
        driven_by = _driven_by(table, leg, races)
        controls.append(
            (Control(control, kind, leg, opens or None, closes, ideal_cs or None, after_ns, driven_by), table)
        )
        table.close()
    return controls


def _ideal_cs(table: Table) -> int:
    """Return ideal_s in 1/100 s, 0 when it is wrong."""
    ideal_s = table.decimal("ideal_s", "0.01", "86400", "s")
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
    return int(after_s) * SECOND_NS


def _driven_by(table: Table, leg: str, races: list[Race]) -> tuple[str, ...]:
    """Return the ids of the races that drive a control: those that it names, or all that start in its leg."""
    starting = [race.id for race in races if leg in [start.leg for start in race.starts]]
    named = table.texts("races")
    for place, race in enumerate(named):
        if races and race not in [one.id for one in races]:
            table.wrong(
                "races", f"expected {a_known('a race', [one.id for one in races], race)}, got {shown(race)}", place
            )
        elif leg and starting and race not in starting:
            table.wrong("races", f"expected a race that starts in leg {leg}, got {shown(race)}", place)
        elif race in named[:place]:
            table.wrong("races", f"expected every race once, got {shown(race)} again", place)
    return named or tuple(starting)


def _identified(tables: list[Table]) -> Iterator[tuple[Table, str]]:
    """Go through tables with their ids, which must differ in more than upper and lower case: they name files."""
    line_by_id: dict[str, int] = {}
    for table in tables:
        found = table.text("id")
        if found and not ID.fullmatch(found):
            table.wrong("id", f"expected id as up to 20 letters, digits, - and _, got {shown(found)}")
        line = table.line("id")
        first = line_by_id.setdefault(found.lower(), line)
        if found and first != line:
            table.wrong("id", f"expected an id of its own, got {shown(found)} as in line {first}")
        yield table, found
