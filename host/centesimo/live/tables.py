"""What live pages show of a race, as values: lines of its tables, who passed last, who comes next, a crew's sheet."""

from typing import NamedTuple

from centesimo.live.standing import Standing
from centesimo.model.event import Control, Entry, Leg
from centesimo.model.facts import Line, Score
from centesimo.rank.selections import TeamLine


class Row(NamedTuple):
    """One crew's line of a table, and where the crew is now; a table of one control, or up to one, does not say."""

    line: Line
    standing: Standing | None
    moved: int | None  # places won (negative: lost) by the last control of the table; None: it had or has no place


class Table(NamedTuple):
    """One ranking as it is shown; of teams or nations it has `teams` and no rows."""

    key: str  # "leg-L1", "overall", "leg-L1/ladies", "after-PC3", "control-PC3"
    leg: Leg | None  # None: over all legs
    name: str  # of a further ranking: "Ladies' cup"; ""
    by: str  # "team", "nation" where it ranks these, else ""
    controls: tuple[Control, ...]
    up_to: Control | None  # the last control that counts while there are more to come; None: all count
    alone: Control | None  # the one control that it is about
    highest_wins: bool
    rows: tuple[Row, ...]
    teams: tuple[TeamLine, ...] = ()
    best: int = 0  # how many cars of a team count


class Passed(NamedTuple):
    """A crew that has just closed a control."""

    at_ns: int
    entry: Entry
    control: Control
    score: Score
    place: int | None  # of those who have settled all up to this control; None: it has none
    among: int  # how many have
    moved: int | None


class Next(NamedTuple):
    """Who comes next at a timing point, the first one first."""

    point: str
    place: str  # "Lake road, km 3.5"
    crews: tuple[tuple[Entry, Standing], ...]


class CrewPlace(NamedTuple):
    """A crew's place in one table."""

    table: Table
    row: Row
    overall: int | None  # of a further ranking: the place among all crews


class CrewSheet(NamedTuple):
    """All of one crew."""

    entry: Entry
    standing: Standing
    places: tuple[CrewPlace, ...]
    legs: tuple["LegSheet", ...]
    highest_wins: bool


class LegSheet(NamedTuple):
    """One leg of a crew: its controls with what each gave, and where the crew stands over them."""

    leg: Leg
    pairs: tuple[tuple[Control, Score], ...]
    standing: Standing
