"""What findings about what people keyed and wrote say, as values: each is one sentence, which centesimo.words makes."""

from typing import NamedTuple

from centesimo.model.facts import Sighting


class KeyedNowhere(NamedTuple):
    """Sightings at what is no timing point of the event."""

    timing_point: str
    sightings: tuple[Sighting, ...]


class KeyedNobody(NamedTuple):
    """A sighting of a number that no entry has."""

    sighting: Sighting


class ReplacedMissing(NamedTuple):
    """A sighting in place of another one that is not here."""

    sighting: Sighting
    takes_back: bool  # it only takes the other one back


class DeviceTwice(NamedTuple):
    """Several devices of one name, by the counters that they both have come to."""

    device: str
    counters: tuple[int, ...]
    people: tuple[tuple[str, str], ...]  # who keyed, and at which timing point


class KeyedAway(NamedTuple):
    """Sightings hours away from when crews are due at their timing point."""

    timing_point: str
    device: str
    sightings: tuple[Sighting, ...]


class KeyedTwice(NamedTuple):
    """Numbers that one person keyed more than once at a tube: of each, its sightings."""

    timing_point: str
    person: str
    device: str
    repeated: tuple[tuple[Sighting, ...], ...]


class KeyedClock(NamedTuple):
    """What a person's device shows beside the times of the passages."""

    person: str
    device: str
    ahead_ns: int  # of the passages, with the hand's delay; negative: behind
    told_by: int  # numbers that tell about that
    numbers: int  # of all that were keyed for a crew with a passage there
    points: tuple[str, ...]


class LineUnusable(NamedTuple):
    """A line, or a file, of a marshal's list that says nothing because of a mistake."""

    source: str  # "lists/T1.csv:4"
    why: str  # what was expected, what came, what to do, as the file's reading says


class ListOfStrangers(NamedTuple):
    """A marshal's list with crews that drive no control at its timing point."""

    timing_point: str
    start_numbers: tuple[int, ...]
    crews: int  # that the list has


class ListElsewhere(NamedTuple):
    """A marshal's list whose order is not that in which the crews passed its timing point."""

    timing_point: str
    start_numbers: tuple[int, ...]  # whose place the times do not bear out
    crews: int  # that the list has
    likely: str | None  # the timing point whose order it has
    same: tuple[str, ...]  # timing points whose lists are line by line the same


class ListsAgainstDue(NamedTuple):
    """Marshals' lists that are the same, and another order than that in which their crews are due."""

    timing_point: str
    same: tuple[str, ...]
    moved: int  # crews in another order
    crews: int  # that the list has


AboutPeople = (
    KeyedNowhere
    | KeyedNobody
    | ReplacedMissing
    | DeviceTwice
    | KeyedAway
    | KeyedTwice
    | KeyedClock
    | LineUnusable
    | ListOfStrangers
    | ListElsewhere
    | ListsAgainstDue
)
