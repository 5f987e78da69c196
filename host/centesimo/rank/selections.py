"""Further rankings: the crews of a ranking that fit (a class, the ladies, a span of years), or their teams or nations.

They are made from a race's own ranking, so a crew's total is the same number in both; places and gaps are new. A
selection is shown as a race of its own: "classic-ladies", "Classic cars: Ladies' cup".
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from centesimo.check.crew_tables import fits
from centesimo.check.entries import value_of
from centesimo.model.event import Entry, Event, Leg, Race, Selection
from centesimo.model.facts import Line, Ranking
from centesimo.model.said import said
from centesimo.rank import placed, rounded_total, with_places
from centesimo.rulebook import RuleBook


class TeamLine(NamedTuple):
    """One team's (or nation's) line."""

    position: int | None  # None: not ranked; `status` says why
    name: str
    lines: tuple[Line, ...]  # the cars that count, best first
    total: Decimal
    gap: Decimal | None  # to the leader
    ahead: Decimal | None  # to the team ahead
    status: str  # "" or e.g. "2 of 3 cars"
    fails: int = 0  # of its cars that count; fewer come first, before the total


class TeamRanking(NamedTuple):
    """A table of teams or nations over the same controls as a race's own ranking."""

    race: Race
    leg: Leg | None
    by: str
    lines: tuple[TeamLine, ...]


def selected(selection: Selection, ranking: Ranking, rulebook: RuleBook) -> Iterator[Ranking]:
    """Yield a ranking of the crews that fit, or one for each value of the selection's `each`; none without crews."""
    if ranking.race.id not in selection.races:
        return
    lines = [line for line in ranking.lines if fits(selection, line.entry)]
    lines_by_value: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        lines_by_value[value_of(line.entry, selection.each) if selection.each else ""].append(line)
    for value, group in sorted(lines_by_value.items()):
        if value or not selection.each:
            totals = group if selection.coefficient else [_without_coefficient(line, rulebook) for line in group]
            race = _named(ranking.race, selection, value)
            yield ranking._replace(race=race, lines=placed(totals, ranking.controls, rulebook))


def teams(selection: Selection, ranking: Ranking, rulebook: RuleBook) -> TeamRanking:
    """Return the table of the teams or nations of a ranking; the best cars of each count, by their totals."""
    lines_by_team: dict[str, list[Line]] = defaultdict(list)
    for line in ranking.lines:
        if fits(selection, line.entry):
            counted = line if selection.coefficient else _without_coefficient(line, rulebook)
            lines_by_team[value_of(line.entry, selection.by)].append(counted)
    sign = -1 if rulebook.highest_wins else 1
    team_lines = [_team(name, group, selection, sign) for name, group in sorted(lines_by_team.items())]
    complete = sorted((team for team in team_lines if not team.status), key=lambda team: _order(team, sign))
    ranked = [
        line._replace(position=position, gap=gap, ahead=ahead)
        for line, position, gap, ahead in with_places(complete, [_order(team, sign) for team in complete])
    ]
    incomplete = sorted((team for team in team_lines if team.status), key=lambda team: (-len(team.lines), team.name))
    return TeamRanking(_named(ranking.race, selection, ""), ranking.leg, selection.by, (*ranked, *incomplete))


def find_selection(event: Event, name: str) -> Selection | None:
    """Return the further ranking of that id, or None."""
    return next((selection for selection in event.selections if selection.id == name), None)


def label(selection: Selection, entry: Entry) -> tuple[str, str]:
    """Return id and name of a crew's further ranking; with `each`, those of the crew's own value: ("class-A", ...)."""
    return _label(selection, value_of(entry, selection.each) if selection.each else "")


def _label(selection: Selection, value: str) -> tuple[str, str]:
    return "-".join(filter(None, (selection.id, value))), f"{selection.name}{value and ' ' + value}"


def _named(race: Race, selection: Selection, value: str) -> Race:
    id, name = _label(selection, value)
    return replace(race, id=f"{race.id}-{id}", name=f"{race.name}: {name}")


def _without_coefficient(line: Line, rulebook: RuleBook) -> Line:
    return line._replace(coefficient=Decimal(1), total=rounded_total(line.net, rulebook))


def _team(name: str, lines: Sequence[Line], selection: Selection, sign: int) -> TeamLine:
    """Add up the best cars of a team, of different categories where the selection says so."""
    counted: list[Line] = []
    values: set[str] = set()
    ranked = sorted((line for line in lines if not line.status), key=lambda line: line.entry.start_number)
    for line in sorted(ranked, key=lambda car: _order(car, sign)):
        value = value_of(line.entry, selection.different) if selection.different else str(line.entry.start_number)
        if value and value not in values and len(counted) < selection.best:
            values.add(value)
            counted.append(line)
    is_short = len(counted) < selection.best
    short = said("{count} of {best} cars", count=len(counted), best=selection.best) if is_short else ""
    total = sum((line.total for line in counted), Decimal(0))
    fails = sum(line.fails for line in counted)
    return TeamLine(None, name, tuple(counted), total, None, None, short, fails)


def _order(line: Line | TeamLine, sign: int) -> tuple[int, Decimal]:
    return line.fails, sign * line.total
