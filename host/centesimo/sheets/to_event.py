"""A sheet of controls in driving order becomes event.toml: points are named where the sheet does not, chains follow.

A row is a control; of an average trial each further row of the same name is a secret point. A trial without a time
after the start is chained to the one above it. Kinds are told by their words, or by how the name begins (CO, PC, PM).
Sheets without controls may say which board stamps each point.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date, time
from typing import NamedTuple

from centesimo.model.event import AVERAGE_TRIAL, DEFAULT_LANGUAGES, PASSAGE_CONTROL, TIME_CONTROL, TIMED_TRIAL
from centesimo.reading.toml_tables import Problems, as_toml
from centesimo.sheets.headings import plain
from centesimo.sheets.understood import Understood
from centesimo.words.paper import words_in

WHAT_AND_WHERE = ("control", "kind", "leg", "opens", "timing_point", "place_name")
WANTED = (*WHAT_AND_WHERE, "ideal", "after_min", "time_of_day", "distance_km", "speed_kmh", "board", "input")
OF_POINTS = ("timing_point", "place_name", "board", "input")
# How a kind of control is called, and how the names of its controls begin.
KINDS = {
    TIMED_TRIAL: "pc|prova cronometrata|timed trial|wp|wertungsprufung|zr|test|ss|zeitprufung|epreuve|es",
    AVERAGE_TRIAL: "pm|prova di media|media|average trial|average|regularity|gleichmassigkeit|moyenne|zrm",
    TIME_CONTROL: "co|controllo orario|time control|tc|zk|zeitkontrolle|ch|controle horaire|mtc",
    PASSAGE_CONTROL: "ct|controllo timbro|controllo a timbro|passage control|dk|pk|durchfahrtskontrolle"
    "|cp|controle de passage",
}
KIND_BY_WORD = {word: kind for kind, words in KINDS.items() for word in words.split("|")}
CLOCK = re.compile(r"(?:(\d{1,2})[:h])?(\d{1,3})[:']([0-5]\d)(?:[.,](\d{1,2}))?")
BOARD = re.compile(r"[0-9a-f]{16}")
INPUTS = ("1", "2", "3", "4")
HOUR = re.compile(r"(\d{1,2})[:.h](\d\d)(?:[:.](\d\d))?")


class NewEvent(NamedTuple):
    """What a new event needs beside its controls."""

    name: str
    timezone: str
    languages: tuple[str, ...]  # that crews and public read; (): none is named
    legs: tuple[tuple[str, date], ...]  # (id, date), in order
    races: tuple[tuple[str, str], ...]  # (id, name)
    rulebook: str
    starts: tuple["NewStart", ...]

    def first(self, leg: str) -> time:
        """Return the local time at which the first crew of all starts in a leg."""
        return min(start.first for start in self.starts if start.leg == leg)


class NewStart(NamedTuple):
    """The start of a race in a leg."""

    race: str
    leg: str
    first: time
    interval_s: int


class Row(NamedTuple):
    """One control of a sheet, or one secret point of it."""

    where: str
    line: int
    control: str
    kind: str
    leg: str
    cells: dict[str, str]


class Place(NamedTuple):
    """One row of a sheet of timing points: where it is, and what stamps it."""

    where: str
    line: int
    name: str
    board: str
    input: str


def event_toml(new: NewEvent, file: str, sheets: Sequence[Understood], points: Sequence[Understood] = ()) -> str:
    """Return the text of event.toml from sheets of controls and of points; EventError with every row that is wrong."""
    problems = Problems()
    rows = [row for sheet in sheets for row in _rows(file, sheet, new, problems)]
    problems.refuse()
    course = _Course(new, problems, dict(_places(file, points)))
    for row in rows:
        course.add(row)
    course.refuse_unused()
    made = [*course.points(), *course.controls]
    problems.refuse()
    return "\n".join((_head(new), *made))


def _places(file: str, sheets: Sequence[Understood]) -> Iterator[tuple[str, Place]]:
    for sheet in sheets:
        for line, cells, _ in sheet.rows:
            where = f"{file}, sheet {sheet.name}"
            yield _id(cells.get("timing_point")), _place(where, line, cells)


def _place(where: str, line: int, cells: dict[str, str]) -> Place:
    return Place(where, line, cells.get("place_name", ""), cells.get("board", ""), cells.get("input", ""))


def _id(written: str | None) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "", written or "")[:20]


def _rows(file: str, sheet: Understood, new: NewEvent, problems: Problems) -> list[Row]:
    rows = []
    leg_by_word = {plain(leg): leg for leg, _ in new.legs}
    own_leg = leg_by_word.get(plain(sheet.name), new.legs[0][0])
    for line, cells, _ in sheet.rows:
        where, control = f"{file}, sheet {sheet.name}", re.sub(r"[^A-Za-z0-9_-]", "", cells.get("control", ""))
        begin = re.match(r"[A-Za-z]*", control)
        kind = KIND_BY_WORD.get(plain(cells.get("kind", ""))) or KIND_BY_WORD.get(begin[0].lower() if begin else "")
        leg = leg_by_word.get(plain(cells.get("leg", ""))) if cells.get("leg") else own_leg
        if kind is None:
            problems.add(
                where,
                line,
                f"expected the kind of a control (CO, CT, PC, PM), got {as_toml(cells.get('kind') or control)}",
            )
        if leg is None:
            problems.add(
                where, line, f"expected a leg ({', '.join(leg_by_word.values())}), got {as_toml(cells['leg'])}"
            )
        rows.append(Row(where, line, control, kind or "", leg or "", cells))
    return rows


def _head(new: NewEvent) -> str:
    spoken = ", ".join(map(as_toml, new.languages))
    languages = f"languages = [{spoken}]\n" if spoken else ""
    leg_name = words_in(new.languages[0] if new.languages else DEFAULT_LANGUAGES[0])["leg number"]
    names = [as_toml(leg_name.format(number=place)) for place in range(1, len(new.legs) + 1)]
    legs = "".join(
        f'[[leg]]\nid = "{leg}"\nname = {name}\ndate = {day}\n\n'
        for name, (leg, day) in zip(names, new.legs, strict=True)
    )
    races = "".join(
        f"[[race]]\nid = {as_toml(race)}\nname = {as_toml(name)}\nrulebook = {as_toml(new.rulebook)}\n\n"
        + "".join(_start(start) for start in new.starts if start.race == race)
        for race, name in new.races
    )
    return f"[event]\nname = {as_toml(new.name)}\ntimezone = {as_toml(new.timezone)}\n{languages}\n{legs}{races}"


def _start(start: NewStart) -> str:
    return (
        f'[[race.start]]\nleg = "{start.leg}"\nfirst = {start.first.isoformat()}\ninterval_s = {start.interval_s}\n\n'
    )


class _Course:
    """The points and controls of an event as its rows come, in driving order."""

    def __init__(self, new: NewEvent, problems: Problems, places: dict[str, Place]) -> None:
        self.new = new
        self.problems = problems
        self.controls: list[str] = []
        self._places = places
        self._legs_by_point: dict[str, list[str]] = {}
        self._last = ("", "", "")  # leg, control and closing point of the row before
        self._chains = False  # it was a timed trial, to which the next may be chained

    def add(self, row: Row) -> None:
        """Add a control, or a secret point of the average trial above."""
        leg, control, closed = self._last
        is_secret = row.kind == AVERAGE_TRIAL and (leg, control) == (row.leg, row.control)
        closes = closed
        if is_secret:
            closes = self._point(row, row.cells.get("timing_point"))
            self.controls.append(f'[[control.secret]]\npoint = "{closes}"\ndistance_m = {self._metres(row)}\n')
        else:
            before = closed if leg == row.leg and self._chains else ""
            keys, closes = READERS[row.kind](self, row, before)
            head = {"id": as_toml(row.control), "kind": as_toml(row.kind), "leg": as_toml(row.leg)}
            lines = [f"{key} = {value}" for key, value in {**head, **keys}.items() if value]
            self.controls.append("\n".join(("[[control]]", *lines, "")))
        self._last = row.leg, row.control, closes
        self._chains = row.kind == TIMED_TRIAL

    def at_control(self, row: Row, before: str) -> tuple[dict[str, str], str]:
        """Return the keys of a time control or passage control."""
        at = self._point(row, row.cells.get("timing_point"))
        return {"at": as_toml(at), "after_min": self._after_min(row, row.kind == TIME_CONTROL)}, at

    def trial(self, row: Row, before: str) -> tuple[dict[str, str], str]:
        """Return the keys of a timed trial; without a time after the start it is chained to the one before."""
        after = self._after_min(row, not before)
        named = row.cells.get("opens")
        opens = before if before and not after and not named else self._point(row, named, False)
        closes = self._point(row, row.cells.get("timing_point"))
        return {
            "opens": as_toml(opens),
            "closes": as_toml(closes),
            "ideal_s": self._seconds(row),
            "after_min": after,
        }, closes

    def average(self, row: Row, before: str) -> tuple[dict[str, str], str]:
        """Return the keys of an average trial, whose secret points are the rows below."""
        opens = self._point(row, row.cells.get("opens") or row.cells.get("timing_point"))
        speed = row.cells.get("speed_kmh", "").replace(",", ".")
        if not re.fullmatch(r"\d+(?:\.\d+)?", speed):
            self._wrong(row, f"expected the average in km/h, as 45 or 45,5, got {as_toml(speed)}")
        keys = {"opens": as_toml(opens), "counted_from": '"start"', "speed_kmh": speed, "set_unit_s": "1"}
        return {**keys, "after_min": self._after_min(row, True)}, opens

    def points(self) -> Iterator[str]:
        """Give the tables of the timing points, in the order in which they are driven."""
        for point, legs in self._legs_by_point.items():
            place = self._places[point]
            keys = {"id": as_toml(point), "place": as_toml(place.name or point), **self._board(point, place)}
            if len(legs) < len(self.new.legs):
                keys["legs"] = f"[{', '.join(map(as_toml, legs))}]"
            yield "\n".join(("[[timing_point]]", *(f"{key} = {value}" for key, value in keys.items()), ""))

    def refuse_unused(self) -> None:
        """Note each point that a sheet of points has and no control."""
        for point, place in self._places.items():
            if point not in self._legs_by_point:
                self.problems.add(place.where, place.line, f"expected a point of a control, got {as_toml(point)}")

    def _board(self, point: str, place: Place) -> dict[str, str]:
        """Return what stamps a point; nothing where no board is named."""
        board = place.board.lower()
        if not board:
            return {}
        if not BOARD.fullmatch(board):
            why = f"{point}: expected a board as 16 hex digits, got {as_toml(place.board)}"
            if place.board.replace(".", "").isdigit():
                why += ": Excel took it for a number; make the column text and type it again"
            self.problems.add(place.where, place.line, why)
        if place.input not in INPUTS:
            self.problems.add(
                place.where, place.line, f"{point}: expected the input of a board, 1 to 4, got {as_toml(place.input)}"
            )
        return {"board": as_toml(board), "input": place.input}

    def _point(self, row: Row, named: str | None, is_own: bool = True) -> str:
        """Return the id of a timing point, a new one where the sheet names none; what the row says is of its own."""
        point = _id(named) or f"T{len(self._legs_by_point) + 1}"
        if row.leg not in self._legs_by_point.setdefault(point, []):
            self._legs_by_point[point].append(row.leg)
        told, before = _place(row.where, row.line, row.cells), self._places.get(point)
        if not is_own:
            told = told._replace(board="", input="")
        if before is None:
            self._places[point] = told
        elif told.board:
            self._places[point] = told._replace(name=told.name or before.name)
        return point

    def _after_min(self, row: Row, is_needed: bool) -> str:
        """Return the minutes after the start, from minutes or from the time of day of the first crew."""
        minutes, hour = (
            row.cells.get("after_min", "").replace(",", "."),
            HOUR.fullmatch(row.cells.get("time_of_day", "")),
        )
        if re.fullmatch(r"\d+(?:\.\d+)?", minutes):
            return minutes
        if hour is not None:
            first = self.new.first(row.leg)
            seconds = (
                (int(hour[1]) - first.hour) * 3600
                + (int(hour[2]) - first.minute) * 60
                + int(hour[3] or 0)
                - first.second
            )
            return f"{seconds % 86_400 / 60:g}"
        if is_needed:
            self._wrong(row, "expected the minutes after the start, or the time of day of the first crew, got neither")
        return ""

    def _seconds(self, row: Row) -> str:
        """Return an ideal time in s: 30, 30,5, 1:30.50 or 1:02:03."""
        written = row.cells.get("ideal", "").replace(",", ".")
        if re.fullmatch(r"\d+(?:\.\d{1,2})?", written):
            return written
        match = CLOCK.fullmatch(row.cells.get("ideal", ""))
        if match is None:
            self._wrong(row, f"expected an ideal time, as 30,5 or 1:30.50, got {as_toml(row.cells.get('ideal', ''))}")
            return "1"
        seconds = int(match[1] or 0) * 3600 + int(match[2]) * 60 + int(match[3])
        return f"{seconds}.{match[4]}" if match[4] else str(seconds)

    def _metres(self, row: Row) -> str:
        written = row.cells.get("distance_km", "").replace(",", ".")
        if not re.fullmatch(r"\d+(?:\.\d{1,3})?", written):
            self._wrong(
                row,
                f"expected km from the start of the trial, as 3,25, got {as_toml(row.cells.get('distance_km', ''))}",
            )
            return "1"
        return f"{float(written) * 1000:g}"

    def _wrong(self, row: Row, why: str) -> None:
        self.problems.add(row.where, row.line, f"{row.control}: {why}")


READERS = {
    TIMED_TRIAL: _Course.trial,
    AVERAGE_TRIAL: _Course.average,
    TIME_CONTROL: _Course.at_control,
    PASSAGE_CONTROL: _Course.at_control,
}
