"""event.toml, table by table: legs, races, timing points; docs/event.md explains every key.

Controls are read in controls.py, allowances and further rankings in crew_tables.py.

Each function reads one kind of table, notes every mistake at its line and reads on. It returns each value with its
table, as some mistakes show only when the other tables are read.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import date, time
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from centesimo.check.shared_inputs import check_backups, share_inputs
from centesimo.model.event import DEFAULT_LANGUAGES, LANGUAGES, THRESHOLD, Leg, Race, Start, TimingPoint
from centesimo.reading.localtime import NS_PER_S, local_at_ns
from centesimo.reading.toml_tables import Table, as_toml, choices_text

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,19}")
LIVE = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,19}")
LOGO = re.compile(r"[\w-][\w .-]*\.(png|jpe?g)", re.IGNORECASE)
BOARD = re.compile(r"[0-9A-Fa-f]{16}")
FIRST_YEAR, LAST_YEAR = 2000, 2099
NO_DATE = date.min  # stands in for a date that was refused; outside the years, so no leg can have it
# How edges become passages where a timing point does not say; docs/event.md tells why.
BOUNCE_MS = 25
AXLE_MS = 1500
SIGMA_MS = 300


class General(NamedTuple):
    """The table [event]; `zone` is None when there is no such time zone."""

    name: str = ""
    zone: ZoneInfo | None = None
    threshold: float = THRESHOLD  # 0.5 .. 1
    languages: tuple[str, ...] = DEFAULT_LANGUAGES
    logo: str = ""


def read_general(table: Table | None) -> General:
    """Return what stands in [event]."""
    if table is None:
        return General()
    name, key = table.text("name"), table.text("timezone")
    usual = Decimal(str(THRESHOLD)) * 100
    threshold = float(table.decimal("threshold_percent", "50", "100", "%", usual) / 100)
    languages, logo = _languages(table), _logo(table)
    table.close()
    try:
        return General(name, ZoneInfo(key) if key else None, threshold, languages, logo)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        what = choices_text("a name of the IANA database", sorted(available_timezones()), key)
        how = "" if available_timezones() else "; there is no such database here: install the package tzdata"
        table.wrong("timezone", f"expected timezone as {what}, got {as_toml(key)}{how}")
        return General(name, None, threshold, languages, logo)


def _languages(table: Table) -> tuple[str, ...]:
    """Return the languages that the event speaks; the first is that of its prints."""
    languages = table.texts("languages")
    for language in languages:
        if language not in LANGUAGES:
            table.wrong("languages", f"expected languages of {', '.join(LANGUAGES)}, got {as_toml(language)}")
    if len(set(languages)) < len(languages):
        table.wrong("languages", "expected each language once, got one twice")
    return languages or General().languages


def _logo(table: Table) -> str:
    """Return the name of the logo's file, "" where there is none."""
    logo = table.text("logo", optional=True)
    if logo and not LOGO.fullmatch(logo):
        table.wrong("logo", f"expected logo as a .png or .jpg of this folder, got {as_toml(logo)}")
        return ""
    return logo


def read_legs(tables: list[Table]) -> list[tuple[Leg, Table]]:
    """Return the legs, which stand in the order of their dates."""
    legs: list[tuple[Leg, Table]] = []
    before = NO_DATE
    for table, leg in identified(tables):
        name, day = table.text("name"), table.find_day("date")
        if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
            table.wrong("date", f"expected date from {FIRST_YEAR} to {LAST_YEAR}, got {day}")
            day = None
        elif day is not None and day < before:
            table.wrong("date", f"expected the legs in the order of their dates, got {day} after {before}")
        before = max(before, day or NO_DATE)
        legs.append((Leg(leg, name, day or NO_DATE), table))
        table.close()
    return legs


def read_races(
    tables: list[Table], legs: list[tuple[Leg, Table]], zone: ZoneInfo | None, books: Collection[str]
) -> list[tuple[Race, Table]]:
    """Return the races, of which one at least starts in each leg; `books` are the names of the rule books."""
    races: list[tuple[Race, Table]] = []
    started: set[str] = set()
    for table, race in identified(tables):
        name, book = table.text("name"), table.reference("rulebook", books, "a rule book")
        starts: dict[str, Start] = {}
        for inner in table.tables("start"):
            start = _start(inner, [leg for leg, _ in legs], zone)
            if start.leg in starts:
                inner.wrong("leg", f"expected one [[race.start]] a leg, got a second one for {start.leg}")
            starts[start.leg] = start
        started.update(starts)
        in_order = tuple(starts[leg.id] for leg, _ in legs if leg.id in starts)
        races.append((Race(race, name, book, in_order, _live(table, [race.live for race, _ in races])), table))
        table.close()
    for leg, table in legs:
        if leg.id not in started and "" not in started and races:
            table.wrong("id", f"expected a [[race.start]] for leg {leg.id}, got none")
    return races


def _live(table: Table, taken: Collection[str]) -> str:
    """Return what a race is called in the address of its live pages, "" where it has its place."""
    live = table.text("live", optional=True)
    if live and not LIVE.fullmatch(live):
        table.wrong("live", f"expected letters, digits and dashes, a letter first, got {as_toml(live)}")
        return ""
    if live and live in taken:
        table.wrong("live", f"expected a name of its own for each race, got {as_toml(live)} twice")
    return live


def _start(table: Table, legs: list[Leg], zone: ZoneInfo | None) -> Start:
    leg, first = table.reference("leg", [leg.id for leg in legs], "a leg"), table.find_hour("first")
    interval_s = table.whole("interval_s", 1, 3600, "s")
    table.close()
    day = next((known_leg.date for known_leg in legs if known_leg.id == leg), NO_DATE)
    return Start(leg, local_ns(table, "first", day, first, zone), interval_s * NS_PER_S)


def local_ns(table: Table, key: str, day: date, hour: time | None, zone: ZoneInfo | None) -> int:
    """Return the instant of a local time, 0 where something of it is wrong."""
    if zone is not None and day != NO_DATE and hour is not None:
        try:
            return local_at_ns(day, hour, zone)
        except ValueError as error:
            table.wrong(key, f"expected {key} as a local time that there is once, got {error}")
    return 0


def read_points(
    tables: list[Table], legs: list[Leg], races: list[Race], zone: ZoneInfo | None
) -> list[tuple[TimingPoint, Table]]:
    """Return the timing points, with from_ns and until_ns where several share an input of a board."""
    points = []
    for table, point in identified(tables):
        place, board = table.text("place"), _board(table)
        at_board = _input(table, board)
        bounce_ms = table.whole("bounce_ms", 1, 1000, "ms", BOUNCE_MS)
        axle_ms = table.whole("axle_ms", 1, 60_000, "ms", AXLE_MS)
        sigma_ms = table.whole("sigma_ms", 1, 60_000, "ms", SIGMA_MS)
        if bounce_ms > axle_ms > 0:
            table.wrong("axle_ms", f"expected axle_ms from bounce_ms ({bounce_ms}) on, got {axle_ms}")
        serves = several(table, "legs", [leg.id for leg in legs], "leg")
        timing_point = TimingPoint(point, place, board or None, at_board or None, bounce_ms, axle_ms, sigma_ms, serves)
        timing_point = replace(timing_point, from_ns=_find_from_ns(table, serves, legs, zone))
        backup_of, counts = table.text("backup_of", optional=True), table.text("counts", optional=True)
        position = table.find_position("position")
        points.append((replace(timing_point, backup_of=backup_of, counts=counts, position=position), table))
        table.close()
    check_backups(points)
    return share_inputs(points, legs, races)


def _find_from_ns(table: Table, serves: Collection[str], legs: list[Leg], zone: ZoneInfo | None) -> int | None:
    """Return the instant from which an input is this point's: `from`, a local time on the date of its one leg."""
    if not table.has("from"):
        table.allow("from")
        return None
    hour, days = table.find_hour("from"), [leg.date for leg in legs if leg.id in serves or not serves]
    if len(days) != 1:
        table.wrong(
            "from", f"expected from in a timing point of one leg, as it is a time of its day, got {len(days)} legs"
        )
        return None
    return local_ns(table, "from", days[0], hour, zone) or None


def several(table: Table, key: str, ids: Collection[str], what: str) -> tuple[str, ...]:
    """Return an optional array of `ids`, each at most once; () when it is absent. `what` names one in messages."""
    named = table.texts(key)
    for place, name in enumerate(named):
        if ids and name not in ids:
            table.wrong(key, f"expected {choices_text(f'a {what}', ids, name)}, got {as_toml(name)}", place)
        elif name in named[:place]:
            table.wrong(key, f"expected every {what} once, got {as_toml(name)} again", place)
    return tuple(name for name in named if not ids or name in ids)


def _board(table: Table) -> str:
    """Return the board in lower case, "" for a point without one."""
    board = table.text("board", optional=True)
    if board and not BOARD.fullmatch(board):
        table.wrong("board", f'expected board as 16 hex digits, or "" for a point timed by hand, got {as_toml(board)}')
    return board.lower()


def _input(table: Table, board: str) -> int:
    if board:
        return table.whole("input", 1, 4)
    table.allow("input")
    if table.has("input"):
        table.wrong("input", f"expected no input in {table.title}, as it has no board; got one")
    return 0


def identified(tables: list[Table]) -> Iterator[tuple[Table, str]]:
    """Yield tables with their ids; two that differ only in upper and lower case are a mistake, as ids name files."""
    line_by_id: dict[str, int] = {}
    for table in tables:
        written = table.text("id")
        if written and not ID.fullmatch(written):
            table.wrong("id", f"expected id as up to 20 letters, digits, - and _, got {as_toml(written)}")
        line = table.line("id")
        first = line_by_id.setdefault(written.lower(), line)
        if written and first != line:
            table.wrong("id", f"expected an id of its own, got {as_toml(written)} as in line {first}")
        yield table, written
