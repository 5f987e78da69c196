"""An event: the races on one road, their legs, controls, timing points and crews, as read from its folder.

These are values only; check.py reads the folder and refuses what does not fit, docs/event.md explains every key.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

TIMED_TRIAL = "timed trial"
AVERAGE_TRIAL = "average trial"
TIME_CONTROL = "time control"
PASSAGE_CONTROL = "passage control"


@dataclass(frozen=True, slots=True)
class Leg:
    """One leg; its `date` is the local date of its first start."""

    id: str
    name: str
    date: date


@dataclass(frozen=True, slots=True)
class Start:
    """When a race starts a leg: the crew in place p (from 0) is due at first_at_ns + p x interval_ns."""

    leg: str
    first_at_ns: int
    interval_ns: int


@dataclass(frozen=True, slots=True)
class Race:
    """One ranking with its own entries and rule book; `rulebook` is the path of a file in the folder or a shipped name."""

    id: str
    name: str
    rulebook: str
    starts: tuple[Start, ...]  # one a leg that the race drives, in the order of the legs


@dataclass(frozen=True, slots=True)
class TimingPoint:
    """One input of one board. The settings judge edges afterwards and may be changed at any time."""

    id: str
    place: str
    board: str | None  # 16 hex digits; None: only loaded passages
    input: int | None  # 1 .. 4
    bounce_ms: int  # edges closer than this to the one before are the same contact
    axle_ms: int  # a later contact within this of the first may be the same car's next axle
    sigma_ms: int = 300  # how far crews usually are from their ideal time here; only weighs attributions


@dataclass(frozen=True, slots=True)
class Control:
    """A timed trial (from one point to the next in ideal_cs) or a time control (at `to`, due after_ns after the start)."""

    id: str
    kind: str  # TIMED_TRIAL, TIME_CONTROL
    leg: str
    opens: str | None  # timing point that opens a timed trial; None for a time control
    closes: str  # timing point that closes it, or where the time control stands
    ideal_cs: int | None  # 1/100 s; None for a time control
    after_ns: int | None  # a time control: due time after the start; a trial that opens a chain: when `opens` is expected
    races: tuple[str, ...]  # ids of the races that drive it


@dataclass(frozen=True, slots=True)
class Entry:
    """One crew of one race. Start numbers are unique in the event."""

    start_number: int
    race: str
    crew: str
    car: str
    year: int
    team: str
    coefficient: Decimal | None
    place: int  # in the start order of its race, from 0


@dataclass(frozen=True, slots=True)
class Event:
    """All of an event folder; `files` maps each file's name to its text as it was read, `digest` is SHA-256 over them."""

    name: str
    timezone: ZoneInfo
    legs: tuple[Leg, ...]
    races: tuple[Race, ...]
    timing_points: tuple[TimingPoint, ...]
    controls: tuple[Control, ...]  # in driving order
    entries: tuple[Entry, ...]
    files: dict[str, str] = field(compare=False, repr=False, default_factory=dict)
    digest: str = ""
