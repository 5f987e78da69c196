"""What findings about timing points, boards and ideal times say, as values: each is one sentence of centesimo.words."""

from typing import NamedTuple

from centesimo.model.event import Control

IDEAL_TIME, TIMING_POINT, BOARD = "ideal time", "timing point", "board"


class Cause(NamedTuple):
    """One thing that may be off."""

    kind: str  # IDEAL_TIME, TIMING_POINT, BOARD
    name: str  # of the control, the timing point, or the board
    sign: int  # of its effect on the first control of its pattern: +1, -1


# How a cause of size 1 changes the deviations: +1 later, -1 earlier, by control in driving order; the first is +1.
Signs = tuple[tuple[str, int], ...]


class Pattern(NamedTuple):
    """Causes that would change the deviations of the same trials in the same way, and how."""

    signs: Signs
    causes: tuple[Cause, ...]


class Offset(NamedTuple):
    """An ideal time, a tube or a board that is off: by how much, since when, how surely, and what else it may be."""

    pattern: Pattern  # how it shows, and its causes that show so
    size_cs: float  # how late the first cause of sign +1 makes its first control
    error_cs: float  # standard error of the size
    crews: int  # that it rests on: those that are often far off count little
    sure: float  # that it is no chance, 0 .. 1
    share: float  # of the probability that it is this pattern and none of the rivals
    rivals: tuple[tuple[Pattern, float], ...]  # with their share, the likeliest first
    from_ns: int | None = None  # it came from this instant on; None: it was there all day
    until_ns: int = 0  # it was all there by this one, at the same when it came at once


class Lag(NamedTuple):
    """A trial that the field drove in another time than its ideal time."""

    control: Control
    more_ns: int  # than the ideal time
    cars: int  # that took about that
    at_ideal: int  # cars that took about the ideal time
    sure: float  # that this is not chance, 0 .. 1


class HourOff(NamedTuple):
    """Timing points that were timed by a clock that is whole hours off."""

    timing_points: tuple[str, ...]
    late_ns: int  # later than it was; negative: earlier
    cars: int  # of which it is told, at the point where most are
    of_cars: int
    is_all: bool  # told from time controls, where everybody is late alike: all that was timed with it may be off
    sources: tuple[str, ...] = ()  # by whom the points were timed, in the sources' own words


class SourceClock(NamedTuple):
    """A second source whose clock is set to another time than the main one's."""

    timing_point: str
    source: str  # its own words
    main: str  # the main source's own words
    late_ns: int  # later than the main source; negative: earlier
    cars: int  # that both have


class HowSure(NamedTuple):
    """How sure a difference between two devices is."""

    error_ms: float  # its standard error
    cars: int  # on both
    sure: float  # that it is no chance, 0 .. 1


class BackupLate(NamedTuple):
    """A backup that is late, or early, all day."""

    timing_point: str
    backup: str
    late_ms: float
    how_sure: HowSure


class BackupChanged(NamedTuple):
    """A backup whose difference changed during the day."""

    timing_point: str
    backup: str
    before_ms: float
    after_ms: float
    changed_ns: int  # the instant of the change, or the last one where it drifted
    is_drift: bool
    how_sure: HowSure


class BackupFar(NamedTuple):
    """Cars for which a backup does not fit the main device as usual."""

    timing_point: str
    backup: str
    usual_ms: float
    cars: tuple[tuple[int, float], ...]  # of each its instant, and how much later the backup has it in ms


class BackupMissed(NamedTuple):
    """Cars that one of two devices at one place has and the other not."""

    missing: str  # that has nothing
    beside: str  # that has a passage
    ats_ns: tuple[int, ...]
    cars: int  # on both


AboutPoints = Offset | Lag | HourOff | SourceClock | BackupLate | BackupChanged | BackupFar | BackupMissed
