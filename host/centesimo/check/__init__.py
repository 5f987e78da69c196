"""An event folder becomes an Event, or is refused with all its mistakes at once; docs/event.md explains every key.

event.toml, entries.csv and every other .toml in the folder (rule books) are the event: their texts go into the store,
and the same texts give the same Event again. Marshals' lists, which come later, are read by lists.py. After a mistake
reading goes on with a stand-in for the value, so that all mistakes are noted; then EventError names them.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from centesimo.check.controls import References, check_ideals, read_controls
from centesimo.check.course import Placed, check_courses
from centesimo.check.crew_tables import read_allowances, read_selections
from centesimo.check.devices import read_devices
from centesimo.check.entries import FILE as ENTRIES
from centesimo.check.entries import read_entries
from centesimo.check.event_toml import General, read_general, read_legs, read_points, read_races
from centesimo.check.lists import read_lists
from centesimo.check.regroups import ORDERS_FOLDER, RegroupReader
from centesimo.model.errors import EventError, RuleBookError
from centesimo.model.event import Allowance, Device, Entry, Event, Leg, Race, Regroup, Selection, TimingPoint
from centesimo.model.facts import MarshalList
from centesimo.reading.csv_rows import Row
from centesimo.reading.folder import names_in, prefix_of, read_texts
from centesimo.reading.toml_tables import Problems, Table, as_toml, read_tables
from centesimo.rulebook import RuleBook, find_rulebook
from centesimo.rulebook.layers import shipped

EVENT = "event.toml"


def read_event(folder: Path) -> Event:
    """Return the event of a folder; EventError with every mistake as `path:line: expected ..., got ...`."""
    return _read_folder(folder).event()


def event_from_files(files: Mapping[str, str]) -> Event:
    """Return the event of these texts by name, as Event.files holds them; EventError as read_event."""
    problems = Problems()
    for name in (EVENT, ENTRIES):
        if name not in files:
            problems.add(name, 0, "expected a file, got none")
    reader = _Reader(files, problems)
    reader.read()
    return reader.event()


def check_folder(folder: Path) -> tuple[Event, tuple[MarshalList, ...]]:
    """Return the event of a folder and its marshals' lists, each with what is wrong in it.

    EventError when the event cannot be read, with the mistakes of both.
    """
    reader = _read_folder(folder)
    numbers = [entry.start_number for entry, _ in reader.entries]
    points = [point for point, _ in reader.points]
    used = {point for control, _ in reader.controls for point in (control.opens, control.closes) if point}
    lists = read_lists(folder, points, used, numbers) if points and used and numbers else ()
    if reader.problems.lines():
        reader.problems.add_lines([f"{line.source}: {line.why}" for one in lists for line in one.unusable])
    return reader.event(), lists


def races_of(folder: Path) -> list[Race]:
    """Return the races of a folder's event.toml, before there are entries; EventError with what is wrong there."""
    problems = Problems(prefix_of(folder))
    texts = read_texts(folder, [EVENT], problems)
    books = [name for name in names_in(folder, "*.toml") if name != EVENT]
    root = read_tables(EVENT, texts[EVENT], problems) if EVENT in texts else None
    problems.refuse()
    if root is None:
        raise EventError([f"{EVENT}: expected the tables of an event, got none"])
    zone = read_general(root.find_table("event")).zone
    read = read_races(root.tables("race"), read_legs(root.tables("leg")), zone, [*books, *shipped()])
    problems.refuse()
    return [race for race, _ in read]


def digest_of(files: Mapping[str, str]) -> str:
    """Return SHA-256, hex, over the files in the order of their names: name, 0, number of bytes, 0, bytes."""
    digest = hashlib.sha256()
    for name in sorted(files):
        raw = files[name].encode()
        digest.update(f"{name}\0{len(raw)}\0".encode())
        digest.update(raw)
    return digest.hexdigest()


def _read_folder(folder: Path) -> "_Reader":
    try:
        got = "" if folder.is_dir() else "a file" if folder.exists() else "nothing"
    except OSError as error:
        got = str(error.strerror)
    if got:
        raise EventError([f"{folder.as_posix()}: expected an event folder (with {EVENT} and {ENTRIES}), got {got}"])
    problems = Problems(prefix_of(folder))
    books = [name for name in names_in(folder, "*.toml") if name != EVENT]
    orders = names_in(folder, f"{ORDERS_FOLDER}/*.csv")
    reader = _Reader(read_texts(folder, [EVENT, ENTRIES, *books, *orders], problems), problems)
    reader.read()
    return reader


class _Reader:
    """Reads the parts of one event, in the order in which they refer to one another; each part notes its mistakes."""

    def __init__(self, files: Mapping[str, str], problems: Problems) -> None:
        self.files = files
        self.problems = problems
        self.general = General()
        self.legs: list[Leg] = []
        self.races: list[tuple[Race, Table]] = []
        self.points: list[tuple[TimingPoint, Table]] = []
        self.controls: list[Placed] = []
        self.entries: list[tuple[Entry, Row]] = []
        self.allowances: tuple[Allowance, ...] = ()
        self.selections: tuple[Selection, ...] = ()
        self.regroups: tuple[Regroup, ...] = ()
        self.devices: tuple[Device, ...] = ()

    def read(self) -> None:
        """Read everything that is there."""
        root = read_tables(EVENT, self.files[EVENT], self.problems) if EVENT in self.files else None
        if root is None:
            return
        self._read_event(root)
        if ENTRIES in self.files:
            races = [race for race, _ in self.races]
            self.entries = read_entries(self.files[ENTRIES], races, self.problems, self.legs, self.general.zone)
            if not self.problems.has(ENTRIES):
                self._check_entries()
        self._read_further(root)
        root.close()
        for race, _ in self.races:
            if race.rulebook:
                self._check_rulebook(race)
        check_courses([leg.id for leg in self.legs], [race.id for race, _ in self.races], self.controls)

    def event(self) -> Event:
        """Return what was read; EventError when anything was wrong."""
        self.problems.refuse()
        if self.general.zone is None:
            raise EventError([f"{EVENT}: expected a time zone, got none"])
        order = [leg.id for leg in self.legs]
        controls = sorted((control for control, _ in self.controls), key=lambda control: order.index(control.leg))
        return Event(
            name=self.general.name,
            timezone=self.general.zone,
            legs=tuple(self.legs),
            races=tuple(race for race, _ in self.races),
            timing_points=tuple(point for point, _ in self.points),
            controls=tuple(controls),
            entries=tuple(entry for entry, _ in self.entries),
            files=dict(self.files),
            digest=digest_of(self.files),
            allowances=self.allowances,
            selections=self.selections,
            regroups=self.regroups,
            threshold=self.general.threshold,
            devices=self.devices,
            languages=self.general.languages,
            logo=self.general.logo,
        )

    def _read_event(self, root: Table) -> None:
        books = [name for name in self.files if name.endswith(".toml") and name != EVENT]
        self.general = read_general(root.find_table("event"))
        legs = read_legs(root.tables("leg"))
        self.legs = [leg for leg, _ in legs]
        self.races = read_races(root.tables("race"), legs, self.general.zone, [*books, *shipped()])
        driven = [race for race, _ in self.races]
        self.points = read_points(root.tables("timing_point"), self.legs, driven, self.general.zone)
        references = References(self.legs, driven, [point for point, _ in self.points if not point.backup_of])
        self.controls = read_controls(root.tables("control"), references)
        check_ideals(self.controls)

    def _read_further(self, root: Table) -> None:
        """Read what refers to crews."""
        races = [race for race, _ in self.races]
        entries = [] if self.problems.has(ENTRIES) else [entry for entry, _ in self.entries]
        controls = [control for control, _ in self.controls]
        self.allowances = read_allowances(root.tables("allowance", optional=True), controls, races, entries)
        regroups = RegroupReader(self.legs, self.general.zone, self.files, self.problems)
        self.regroups = regroups.read(root.tables("regroup", optional=True), controls, races, entries)
        points = [point.id for point, _ in self.points]
        self.devices = read_devices(root.tables("device", optional=True), points)
        self.selections = read_selections(root.tables("ranking", optional=True), races, entries)

    def _check_entries(self) -> None:
        """Note the races that nobody has entered."""
        entered = {entry.race for entry, _ in self.entries}
        for race, table in self.races:
            if race.id and race.id not in entered:
                table.wrong("id", f"expected at least one entry of race {race.id} in {ENTRIES}, got none")
        for entry, row in self.entries:
            self._check_class(entry, row)

    def _check_class(self, entry: Entry, row: Row) -> None:
        """Note a crew without a set time, as those of a control that it drives differ by class."""
        for control, _ in self.controls:
            classes = [name for name, _ in control.ideal_by_class]
            car_class = entry.in_leg(control.leg).car_class
            if classes and entry.race in control.races and car_class not in classes:
                wanted = f"{' or '.join(classes)}, as {control.id} has a set time for each"
                row.wrong(f"expected class as {wanted}, got {as_toml(car_class)}")
                return

    def _check_rulebook(self, race: Race) -> None:
        """Note what a race's rule book lacks, by itself or for what the race drives."""
        try:
            book = find_rulebook(self.files, race.rulebook)
        except RuleBookError as error:
            self.problems.add_lines(error.problems)
            return
        driven = {control.kind for control, _ in self.controls if race.id in control.races} - {""}
        self.problems.add_lines(book.lacks(driven))
        for control, table in self.controls:
            if control.cap is not None and race.id in control.races and book.find_capped(control.kind) is False:
                table.wrong("cap", f"expected cap only with a rule that has one, got it where {race.rulebook} has none")
        self._check_coefficients(race, book)

    def _check_coefficients(self, race: Race, book: RuleBook) -> None:
        for entry, row in self.entries:
            cars = [entry, *(entry.in_leg(leg) for leg, _ in entry.cars)]
            lacking = next((car for car in cars if book.coefficient.find(car) is None), None)
            if entry.race == race.id and lacking is not None:
                expected, got = book.coefficient.wanted(lacking)
                row.wrong(f"expected {expected}, as {race.rulebook} takes the coefficient from it, got {got}")
