"""Load the log of another maker's device: all of its passages or nothing; docs/device-logs.md.

What the device took back itself is not loaded, and said; the whole text stays in the store as it came. A log without
dates begins on the leg's date, and a clock that goes back by more than twelve hours has passed midnight.
"""

from datetime import date, datetime, time, timedelta
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from centesimo.amend import taken_back
from centesimo.logs import BY_HAND, FORMATS, TYPED, Stamp, Standing, find_format, split, standing
from centesimo.model.errors import LoadError
from centesimo.model.event import Device, Event
from centesimo.reading.folder import find_text, prefix_of
from centesimo.reading.localtime import NS_PER_S, is_near, local_at_ns
from centesimo.reading.toml_tables import Problems, as_toml
from centesimo.store import LoadedPassage, Store

BACK_NS = 12 * 3600 * NS_PER_S  # further back than this a clock has passed midnight
HOW = {BY_HAND: ", by a key", TYPED: ", typed in"}  # behind the device's id where a passage's source is named


class LoadedLog(NamedTuple):
    """What a log brought: passages that were new, those known before, and what of it is no passage."""

    name: str
    digest: str  # SHA-256 of its text, hex
    device: str
    format: str
    added: int
    known: int
    cleared: int  # times that the device itself took back
    skipped: dict[str, int]  # why -> lines
    taken_back: bool = False  # this very file was taken back by an official


def find_device(event: Event, text: str, path: Path, name: str) -> Device | None:
    """Return the device of event.toml whose log a text is, None when it is no log of one of them.

    `name` is its id, "" where the text has to tell: then one device of its format is to be in the event.
    """
    if name:
        device = next((device for device in event.devices if device.id == name), None)
        if device is None:
            known = ", ".join(device.id for device in event.devices) or "no [[device]] at all"
            raise LoadError(f"{path}: expected --device as a [[device]] of event.toml ({known}), got {as_toml(name)}")
        return device
    form = find_format(text) if event.devices or not _is_csv(text) else None
    devices = [device for device in event.devices if device.format == form]
    if form is None or len(devices) == 1:
        return devices[0] if devices else None
    what = f"{path}: these are lines of {FORMATS[form].title}"
    if devices:
        ids = ", ".join(device.id for device in devices)
        raise LoadError(f"{what}: say --device, as the event has several of that format ({ids})")
    raise LoadError(f'{what}: expected a [[device]] with format = "{form}" and its channels in event.toml, got none')


def _is_csv(text: str) -> bool:
    return "timing_point" in text.partition("\n")[0]


def load_log(
    store: Store, event: Event, device: Device, path: Path, raw: bytes, now_ns: int, day: date | None = None
) -> LoadedLog:
    """Load a log, or add nothing and raise LoadError with every mistake as `path:line: expected ..., got ...`.

    `day` is the date of its first line, whatever its own calendar says.
    """
    problems = Problems(prefix_of(path.parent))
    text = find_text(path.name, lambda: raw, problems)
    passages, left = ([], None) if text is None else read_log(path.name, text, event, device, problems, day)
    if text is None or left is None or problems.lines():
        raise LoadError("\n".join(problems.lines()))
    digest = sha256(text.encode()).hexdigest()
    store.add_event(event, now_ns)
    files = taken_back(store.decisions())
    added = store.add_loaded(path.name, digest, text, passages, now_ns, files)
    known, back = len(passages) - added, digest[:8] in files
    return LoadedLog(path.name, digest, device.id, device.format, added, known, left.taken_back, left.skipped, back)


def read_log(
    name: str, text: str, event: Event, device: Device, problems: Problems, day: date | None = None
) -> tuple[list[LoadedPassage], Standing]:
    """Return the passages of a log in its order, noting every mistake, and what of it is no passage."""
    left, lines = standing(text, device.format), split(text)
    title, example = FORMATS[device.format].title, FORMATS[device.format].line
    for line in left.unread:
        problems.add(name, line, f"expected a line of {title}, as {as_toml(example)}, got {as_toml(lines[line - 1])}")
    for line in left.orphans:
        problems.add(
            name, line, f"expected a time given before, as this line changes it, got {as_toml(lines[line - 1])}"
        )
    if not left.stamps and not problems.lines():
        problems.add(name, 0, f"expected at least one time of {title}, got none")
    days = _Days(event, day)
    passages = [_passage(name, line, stamp, event, device, days, problems) for line, stamp in left.stamps]
    line_by_passage: dict[object, int] = {}
    for passage in passages:
        first = line_by_passage.setdefault(passage[1:], passage.line)
        if first != passage.line and passage.at_ns:
            problems.add(name, passage.line, f"expected every time once, got the same as in line {first}")
    return passages, left


class _Days:
    """The dates of a log's lines, in their order."""

    def __init__(self, event: Event, day: date | None) -> None:
        self.first = day
        self.day = day or event.legs[0].date
        self.own_first: date | None = None
        self.before_ns = 0

    def of(self, stamp: Stamp) -> date:
        """Return the date of the next line: its own, moved where the first one's was told, or by its clock."""
        if stamp.day is not None:
            self.own_first = self.own_first or stamp.day
            moved = (self.first - self.own_first) if self.first else timedelta()
            return _later(stamp.day, moved.days)
        if self.before_ns - stamp.clock_ns > BACK_NS:
            self.day = _later(self.day, 1)
        self.before_ns = stamp.clock_ns
        return self.day


def _later(day: date, days: int) -> date:
    """Return a date so many days later, kept in the calendar."""
    return date.fromordinal(min(max(day.toordinal() + days, 1), date.max.toordinal()))


def _passage(
    name: str, line: int, stamp: Stamp, event: Event, device: Device, days: _Days, problems: Problems
) -> LoadedPassage:
    """Return a time as a passage; what is wrong is noted and stands in as "" or 0."""
    point = dict(device.channels).get(stamp.channel) or dict(device.channels).get(stamp.channel.rstrip("M"), "")
    point = point or dict(device.channels).get(stamp.channel.removeprefix("M"), "")
    if not point:
        known = ", ".join(channel for channel, _ in device.channels)
        problems.add(
            name, line, f"expected a channel of [[device]] {device.id} ({known}), got {as_toml(stamp.channel)}"
        )
    number = stamp.start_number if device.numbers else None
    if number is not None and number not in {entry.start_number for entry in event.entries}:
        what = f"as [[device]] {device.id} has numbers = true"
        problems.add(name, line, f"expected the start number of an entry, {what}, got {number}")
    at_ns = _at_ns(name, line, stamp, event, device, days.of(stamp), problems)
    within_ns = None if stamp.kind in HOW else device.uncertainty_ns
    return LoadedPassage(line, point, number, at_ns, within_ns, device.id + HOW.get(stamp.kind, ""))


def _at_ns(name: str, line: int, stamp: Stamp, event: Event, device: Device, day: date, problems: Problems) -> int:
    legs = [leg.date for leg in event.legs]
    clock = (datetime.min + timedelta(seconds=stamp.clock_ns // NS_PER_S)).time()
    zone = ZoneInfo("UTC") if device.is_utc else event.timezone
    try:
        at_ns = local_at_ns(day, time(clock.hour, clock.minute, clock.second), zone) + stamp.clock_ns % NS_PER_S
    except ValueError as error:
        problems.add(name, line, f"expected a time that the clocks show once, got {error}")
        return 0
    if not is_near(at_ns, legs):
        near = f"near the event's days, {min(legs)} to {max(legs)}"
        problems.add(name, line, f"expected a date {near}, got {day}: --date says that of the first line")
        return 0
    return at_ns
