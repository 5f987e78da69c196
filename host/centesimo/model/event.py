"""An event: the races on one road, their legs, controls, timing points and crews, as read from its folder.

These are values only; check/ reads the folder and refuses what does not fit, docs/event.md explains every key.
"""

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

THRESHOLD = 0.99  # confidence from which a passage is a crew's, where the event does not say
LANGUAGES = ("it", "en", "de", "fr")  # that crews and public can read
DEFAULT_LANGUAGES = ("en",)  # of an event that names none
TIMED_TRIAL = "timed trial"
AVERAGE_TRIAL = "average trial"
TIME_CONTROL = "time control"
PASSAGE_CONTROL = "passage control"

# What a start order is worth where a chain opens: `Control.order`.
SENT_OFF = "sent off"  # each crew in its own due second
IN_TURN = "in turn"  # in order, each when it likes in its due minute
AS_THEY_COME = "as they come"  # by queue, by arrival, by a ranking: due times say nothing of who it is
ORDERS = SENT_OFF, IN_TURN, AS_THEY_COME


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
    """One ranking with its own entries and rule book; `rulebook` is a file of the folder or a shipped name."""

    id: str
    name: str
    rulebook: str
    starts: tuple[Start, ...]  # one a leg that the race drives, in the order of the legs
    live: str = ""  # what its live pages are called in their address; "": its place among the races


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
    legs: tuple[str, ...] = ()  # ids of the legs that it serves; (): all
    # Where points share an input, what it stamps from from_ns on and before until_ns is this one's; None: no end.
    from_ns: int | None = None
    until_ns: int | None = None
    backup_of: str = ""  # id of the timing point at the same place that counts; this one is only compared with it
    counts: str = ""  # the source that counts where several timed here; "": the board, or the larger file
    position: tuple[int, int] | None = None  # latitude and longitude in 1e-7 degree; None: not given


@dataclass(frozen=True, slots=True)
class Control:
    """A trial (from one point to the next in ideal_cs), a time control (at `closes`, due after_ns after the start) or a
    passage control (at `closes`).

    Each secret point of an average trial is a control of its own: `series` is the trial's id, `id` is "PM1.1", "PM1.2",
    ... Of a series that counts from its start, all have the same `opens`.
    """

    id: str
    kind: str  # TIMED_TRIAL, AVERAGE_TRIAL, TIME_CONTROL, PASSAGE_CONTROL
    leg: str
    opens: str | None  # timing point that opens a trial; None for the others
    closes: str  # timing point that closes it, or where the control stands
    ideal_cs: int | None  # 1/100 s, the shortest of all classes; None for a time or passage control
    after_ns: int | None  # after a crew's start: due at a time control; expected where `opens` begins a chain
    races: tuple[str, ...]  # ids of the races that drive it
    series: str = ""  # the average trial, or the series of timed trials, that it belongs to; "": none is named
    ideal_by_class: tuple[tuple[str, int], ...] = ()  # (class, 1/100 s) where it differs by class
    early_allowed: bool = False  # of a time control or timed trial: who is early pays nothing
    new_card: bool = False  # of a time control: who is late there is due so much later at the next ones of the leg
    how_set: str = ""  # of a point of an average trial: "3250 m at 50 km/h, in whole 1 s"
    order: str = SENT_OFF  # one of ORDERS: how crews come to a chain that this control opens
    max_lateness_min: int | None = None  # of a time control, in place of the rule book's; None: the rule book's
    cap: Decimal | None = None  # the most that a trial costs, in place of the rule book's; None: the rule book's
    sets: bool = False  # of a timed trial: what a crew takes is its own ideal time at those that name it in ideal_from
    ideal_from: str = ""  # of a timed trial: id of the trial of this leg whose taken time is the crew's ideal time

    def ideal_cs_of(self, car_class: str) -> int | None:
        """Return the ideal time of a class in 1/100 s; that of all where it does not differ."""
        if not self.ideal_by_class:
            return self.ideal_cs
        return next((ideal_cs for name, ideal_cs in self.ideal_by_class if name == car_class), self.ideal_cs)


@dataclass(frozen=True, slots=True)
class Allowance:
    """Time given to crews: at a trial its set time is longer, from a time control on they are due later in that leg."""

    control: str  # id; of an average trial counted from its start, the later points of the trial too
    races: tuple[str, ...]  # ids
    start_numbers: tuple[int, ...]  # (): all crews of the races
    time_ns: int
    why: str


@dataclass(frozen=True, slots=True)
class Regroup:
    """From a control on crews go in another order, at other times, or both; `control` is due as it was before."""

    control: str  # id of a time control or passage control with a due time
    races: tuple[str, ...]  # ids
    order: tuple[int, ...] = ()  # start numbers as they go on; who is not among them follows; (): in the order before
    by_arrival: bool = False  # in the order in which they came to the control
    first_at_ns: int | None = None  # when the first one goes on; None: when the first of the leg was due there
    interval_ns: int | None = None  # None: that of the start


@dataclass(frozen=True, slots=True)
class Selection:
    """A further ranking: the crews of a race that fit, or their teams or nations, by the same totals."""

    id: str
    name: str
    races: tuple[str, ...]  # ids of the races that have it
    values: tuple[tuple[str, tuple[str, ...]], ...] = ()  # (column, the values that fit), columns as in COLUMNS
    each: str = ""  # one ranking for each value of this column
    year_from: int | None = None
    year_to: int | None = None
    coefficient: bool = True  # False: totals without it
    by: str = ""  # "team", "nation": ranks these instead of crews
    best: int = 0  # how many cars of a team count
    different: str = ""  # column in which the cars of a team that count must differ; "": none


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
    place: int  # in the start order of its race, from 0; place_in() knows of legs with another order
    car_class: str = ""
    category: str = ""
    nation: str = ""
    ladies: bool = False
    under30: bool = False
    places: tuple[tuple[str, int], ...] = ()  # (leg, place from 0) where a leg has a start order of its own
    own_starts: tuple[tuple[str, int], ...] = ()  # (leg, instant) where the crew starts at a time of its own
    cc: int | None = None  # displacement of the engine in cm3, where a coefficient by formula goes by it
    factor: bool = False  # of the model, and bonus of this very car, where a coefficient by formula has them
    bonus: bool = False
    cars: tuple[tuple[str, tuple[tuple[str, object], ...]], ...] = ()  # (leg, fields) where it drives another car

    def in_leg(self, leg: str) -> "Entry":
        """Return the entry with the car that it drives in a leg."""
        if not self.cars:
            return self
        return replace(self, cars=(), **dict(dict(self.cars).get(leg, ())))  # type: ignore[arg-type]

    def place_in(self, leg: str) -> int:
        """Return the crew's place in the start order of a leg, from 0."""
        for name, place in self.places:
            if name == leg:
                return place
        return self.place


@dataclass(frozen=True, slots=True)
class Device:
    """A device of another maker, whose log is loaded: docs/device-logs.md."""

    id: str
    format: str  # a name of logs.FORMATS
    channels: tuple[tuple[str, str], ...]  # (its channel, id of the timing point that it stamps)
    is_utc: bool = False  # its clock shows UTC; else the event's local time
    numbers: bool = False  # its numbers are start numbers; else only its own counting
    uncertainty_ns: int | None = None  # of what its inputs stamp; None: it does not say


@dataclass(frozen=True, slots=True)
class Event:
    """All of an event folder; `files` maps each file's name to its text as it was read, `digest` is their SHA-256."""

    name: str
    timezone: ZoneInfo
    legs: tuple[Leg, ...]
    races: tuple[Race, ...]
    timing_points: tuple[TimingPoint, ...]
    controls: tuple[Control, ...]  # in driving order
    entries: tuple[Entry, ...]
    files: dict[str, str] = field(compare=False, repr=False, default_factory=dict)
    digest: str = ""
    allowances: tuple[Allowance, ...] = ()
    selections: tuple[Selection, ...] = ()
    regroups: tuple[Regroup, ...] = ()
    threshold: float = THRESHOLD  # confidence from which a passage is a crew's, 0.5 .. 1
    devices: tuple[Device, ...] = ()  # of other makers
    languages: tuple[str, ...] = DEFAULT_LANGUAGES  # of LANGUAGES; the first is that of its prints
    logo: str = ""  # file of the folder, for the head of prints; "": none
