"""What is shown of a race while it runs, as values: its tables, who passed last, who comes next, each crew's own sheet.

While a leg runs, a ranking over all of it would have no places: every crew has controls ahead. So its table goes up to
the last control that half of the crews have settled, as `ranking --up-to` would; the others follow with where they are.
Whatever has a number here is a Line of rank/ and a Score of score/, never computed anew.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, cached_property
from heapq import nlargest
from typing import TYPE_CHECKING

from centesimo.check.entries import value_of
from centesimo.compute import Outcome
from centesimo.live.standing import COMING, OUT, Road, Standing, standing_of
from centesimo.live.tables import CrewPlace, CrewSheet, LegSheet, Next, Passed, Row, Table
from centesimo.model.event import Control, Entry, Leg, Race
from centesimo.model.facts import Line, Ranking, Score
from centesimo.rank.selections import label, selected, teams

if TYPE_CHECKING:
    from centesimo.live.days import LiveDays

LATEST = 8  # passages that are shown as the last ones
NEXT = 3  # crews that are shown as coming next at each timing point
OVERALL = "overall"


class LiveRace:
    """One race at one revision; what is asked for is made once."""

    def __init__(self, day: "LiveDays", number: int, race: Race, outcome: Outcome, as_of_ns: int) -> None:
        self.number = number
        self.race = race
        self.event = day.event
        self.book = day.books[race.id]
        self.as_of_ns = as_of_ns
        self._days = day
        legs = {start.leg for start in race.starts}
        self.legs = tuple(leg for leg in self.event.legs if leg.id in legs)
        self._rankings = {
            ranking.leg.id if ranking.leg else None: ranking
            for ranking in outcome.rankings
            if ranking.race.id == race.id
        }
        self.entries = tuple(entry for entry in self.event.entries if entry.race == race.id)
        self.controls = tuple(control for control in self.event.controls if race.id in control.races)
        self.scores_by_crew = day.scores(outcome.scores, race, self.controls)
        self._tables: dict[str, Table] = {}
        self._rows_by_key: dict[str, Mapping[int, Row]] = {}
        self._placed_by_key: dict[str, int] = {}
        self._begun: dict[Leg, bool] = {}
        self._standings: dict[Leg | None, Mapping[int, Standing]] = {}
        self._leg_by_id = {leg.id: leg for leg in self.legs}
        self._place_by_control = {control.id: place for place, control in enumerate(self.controls)}

    @property
    def highest_wins(self) -> bool:
        """Say whether the highest total wins: then penalties are points, and a gap is negative."""
        return self.book.highest_wins

    @cached_property
    def running(self) -> Leg:
        """The last leg in which a crew was seen; the first one before that."""
        return next((leg for leg in reversed(self.legs) if self._is_begun(leg)), self.legs[0])

    def _is_begun(self, leg: Leg) -> bool:
        """Say whether a crew was seen in a leg."""
        if leg not in self._begun:
            self._begun[leg] = self._is_seen(leg)
        return self._begun[leg]

    def _is_seen(self, leg: Leg) -> bool:
        places = [place for place, control in enumerate(self.controls) if control.leg == leg.id]
        return any(scores[place].passages for scores in self.scores_by_crew.values() for place in places)

    @cached_property
    def up_to(self) -> Control | None:
        """The last control that half of the crews still in the race have settled in the leg that runs; None: all."""
        controls = [control for control in self.controls if control.leg == self.running.id]
        done = sorted(standing.done for standing in self.standings.values() if standing.state not in OUT)
        if not any(standing.state in COMING for standing in self.standings.values()):
            return None
        settled = [len(done) - bisect_right(done, control) for control in range(len(controls))]
        last = max((place for place, count in enumerate(settled) if 2 * count >= len(done) and count), default=0)
        return controls[last]

    @property
    def standings(self) -> Mapping[int, Standing]:
        """Where each crew is in the leg that runs, by start number."""
        return self._standings_over(self.running)

    def _standings_over(self, leg: Leg | None) -> Mapping[int, Standing]:
        """Return where each crew is over the controls of a leg; None: of all legs up to the one that runs."""
        if leg not in self._standings:
            begun = self.legs[: self.legs.index(self.running) + 1] if leg is None else (leg,)
            # The controls of a leg follow one another, and so do those of the legs that have begun.
            places = [place for place, control in enumerate(self.controls) if self.leg_of(control) in begun]
            first, behind = (places[0], places[-1] + 1) if places else (0, 0)
            controls = self.controls[first:behind]
            memo, road = self._days.memo("standings", self.race.id, leg.id if leg else None), self._days.road
            self._standings[leg] = {
                entry.start_number: memo(
                    entry.start_number,
                    _standing,
                    entry,
                    self.scores_by_crew[entry.start_number],
                    first,
                    controls,
                    road,
                    self.as_of_ns,
                )
                for entry in self.entries
            }
        return self._standings[leg]

    # Tables.

    @cached_property
    def bases(self) -> tuple[str, ...]:
        """The keys of the race's own tables: each leg, and all legs where there are several."""
        of_legs = tuple(f"leg-{slug(leg.id)}" for leg in self.legs)
        return (*of_legs, OVERALL) if len(self.legs) > 1 else of_legs

    @property
    def main(self) -> str:
        """The key of the table of the leg that runs."""
        return f"leg-{slug(self.running.id)}"

    @cached_property
    def further(self) -> tuple[tuple[str, str], ...]:
        """The key (behind that of a base) and the name of each further ranking, each class on its own."""
        named: dict[str, str] = {}
        for selection in self.event.selections:
            if self.race.id not in selection.races:
                continue
            if selection.by or not selection.each:
                named[slug(selection.id)] = selection.name
                continue
            names = dict(sorted(label(selection, entry) for entry in self.entries if value_of(entry, selection.each)))
            named |= {slug(identity): name for identity, name in names.items()}
        return tuple(named.items())

    def find_table(self, key: str) -> Table | None:
        """Return a table by its key; None where the race has none such."""
        if key not in self._tables:
            made = self._find_table(key)
            if made is None:
                return None
            self._tables[key] = made
        return self._tables[key]

    def table(self, key: str) -> Table:
        """Return a table that the race has."""
        found = self.find_table(key)
        if found is None:
            raise LookupError(key)
        return found

    def _find_table(self, key: str) -> Table | None:
        base, _, further = key.partition("/")
        if further:
            return self._further_table(base, further) if base in self.bases else None
        if base == OVERALL and OVERALL in self.bases:
            return self._base(base, None)
        for leg in self.legs:
            if base == f"leg-{slug(leg.id)}":
                return self._base(base, leg)
        for control in self.controls:
            if base == f"after-{slug(control.id)}":
                return self._shown(base, self.leg_of(control), self._up_to(self.leg_of(control), control), control)
            if base == f"control-{slug(control.id)}":
                return self._alone(base, control)
        return None

    def leg_of(self, control: Control) -> Leg:
        """Return the leg of a control."""
        return self._leg_by_id[control.leg]

    def _base(self, key: str, leg: Leg | None) -> Table:
        up_to = self.up_to if leg in (None, self.running) else None
        return self._shown(key, leg, self._ranking(leg, up_to), up_to)

    def _ranking(self, leg: Leg | None, up_to: Control | None) -> Ranking:
        return self._rankings[leg.id if leg else None] if up_to is None else self._up_to(leg, up_to)

    def _up_to(self, leg: Leg | None, control: Control) -> Ranking:
        """Return the ranking up to a control, as `ranking --up-to` would show it."""
        place = self._place_by_control[control.id]
        driven = self._driven(leg)
        return self._over(leg, [own for own in driven if self._place_by_control[own.id] <= place], control.id)

    def _driven(self, leg: Leg | None) -> tuple[Control, ...]:
        return tuple(control for control in self.controls if leg is None or control.leg == leg.id)

    def _over(self, leg: Leg | None, controls: Sequence[Control], what: str) -> Ranking:
        # The controls of a leg follow one another, and so do those of all legs up to one of them.
        key = self.race.id, leg.id if leg else None, what
        first = self._place_by_control[controls[0].id]
        return self._days.ranking(key, self.race, leg, tuple(controls), first, self.scores_by_crew)

    def _alone(self, key: str, control: Control) -> Table:
        leg = self.leg_of(control)
        ranking = self._over(leg, (control,), f"alone {control.id}")
        return self._table(key, leg, ranking)._replace(alone=control)

    def _shown(self, key: str, leg: Leg | None, ranking: Ranking, up_to: Control | None) -> Table:
        controls = ranking.controls
        before = None
        if len(controls) > 1 and controls[-2].leg == controls[-1].leg:
            before = self._up_to(leg, controls[-2])
        is_last = bool(controls) and controls[-1] == self._driven(leg)[-1]
        return self._table(key, leg, ranking, before)._replace(up_to=None if is_last else up_to)

    def _table(self, key: str, leg: Leg | None, ranking: Ranking, before: Ranking | None = None) -> Table:
        moved_by_number = moves(ranking.lines, before.lines) if before else {}
        standings = self._standings_over(leg) if key in self.bases else {}
        rows = tuple(
            Row(line, standings.get(line.entry.start_number), moved_by_number.get(line.entry.start_number))
            for line in ranking.lines
        )
        return Table(key, leg, "", "", ranking.controls, None, None, ranking.highest_wins, rows)

    def _further_table(self, base: str, further: str) -> Table | None:
        own = self.table(base)
        ranking = self._ranking(own.leg, own.up_to)
        standings = self._standings_over(own.leg)
        for selection in self.event.selections:
            if self.race.id not in selection.races:
                continue
            if selection.by:
                if slug(selection.id) == further:
                    lines = teams(selection, ranking, self.book).lines
                    return own._replace(
                        key=f"{base}/{further}",
                        name=selection.name,
                        by=selection.by,
                        rows=(),
                        teams=lines,
                        best=selection.best,
                    )
                continue
            for part in selected(selection, ranking, self.book):
                id, name = label(selection, part.lines[0].entry)
                if slug(id) == further:
                    rows = tuple(Row(line, standings[line.entry.start_number], None) for line in part.lines)
                    return own._replace(key=f"{base}/{further}", name=name, rows=rows)
        return None

    # Who passed last, who comes next.

    @cached_property
    def latest(self) -> tuple[Passed, ...]:
        """The crews that closed a control last, the newest first."""
        memo = self._days.memo("closings", self.race.id)
        of_crews = (memo(number, _closings, scores, self.controls) for number, scores in self.scores_by_crew.items())
        # Nobody else has one of the last, as each has those of its own before it.
        newest = nlargest(LATEST, filter(None, of_crews), key=lambda closings: closings[-1])
        entry_by_number = {entry.start_number: entry for entry in self.entries}
        last = nlargest(LATEST, (closing for closings in newest for closing in closings))
        return tuple(self._passed(entry_by_number, *closing) for closing in last)

    def _passed(self, entry_by_number: Mapping[int, Entry], at_ns: int, number: int, place: int) -> Passed:
        control = self.controls[place]
        row = self._rows_after(control).get(number)
        among = self._placed(f"after-{slug(control.id)}")
        score = self.scores_by_crew[number][place]
        position, moved = (row.line.position, row.moved) if row else (None, None)
        return Passed(at_ns, entry_by_number[number], control, score, position, among, moved)

    def _rows_after(self, control: Control) -> Mapping[int, Row]:
        return self._rows(f"after-{slug(control.id)}")

    def _placed(self, key: str) -> int:
        """Return how many crews of a table have a place."""
        if key not in self._placed_by_key:
            self._placed_by_key[key] = sum(row.line.position is not None for row in self._rows(key).values())
        return self._placed_by_key[key]

    def _rows(self, key: str) -> Mapping[int, Row]:
        """Return the rows of a table by start number; none where the race has no such table."""
        if key not in self._rows_by_key:
            table = self.find_table(key)
            self._rows_by_key[key] = {row.line.entry.start_number: row for row in table.rows} if table else {}
        return self._rows_by_key[key]

    @cached_property
    def coming(self) -> tuple[Next, ...]:
        """Who comes next at each timing point of the leg that runs, in the order of the road."""
        by_point: dict[str, list[tuple[int, Entry, Standing]]] = {}
        for entry in self.entries:
            standing = self.standings.get(entry.start_number)
            if standing and standing.next_point and standing.next_at_ns is not None:
                by_point.setdefault(standing.next_point, []).append((standing.next_at_ns, entry, standing))
        place_by_point = {point.id: point.place for point in self.event.timing_points}
        order = {point: place for place, point in enumerate(_points(self._driven(self.running)))}
        return tuple(
            Next(
                point,
                place_by_point.get(point, ""),
                tuple((entry, standing) for _, entry, standing in sorted(crews, key=_first)[:NEXT]),
            )
            for point, crews in sorted(by_point.items(), key=lambda item: order.get(item[0], len(order)))
        )

    # One crew.

    def find_crew(self, number: int) -> CrewSheet | None:
        """Return all of one crew; None where the race has no such start number."""
        entry = next((entry for entry in self.entries if entry.start_number == number), None)
        if entry is None:
            return None
        legs = tuple(self._leg_sheet(entry, leg) for leg in self.legs)
        return CrewSheet(entry, self.standings[number], tuple(self._places(number)), legs, self.highest_wins)

    def _leg_sheet(self, entry: Entry, leg: Leg) -> LegSheet:
        scores = self.scores_by_crew[entry.start_number]
        pairs = tuple(pair for pair in zip(self.controls, scores, strict=True) if pair[0].leg == leg.id)
        controls, own = zip(*pairs, strict=True) if pairs else ((), ())
        return LegSheet(leg, pairs, standing_of(entry, own, controls, self._days.road, self.as_of_ns))

    def _places(self, number: int) -> Iterator[CrewPlace]:
        """Yield the places of a crew: in the race's own tables, each followed by the further ones that it is in."""
        for base in reversed(self.bases):
            table = self.table(base)
            own = self._rows(base).get(number)
            if own is None or (table.leg and not self._is_begun(table.leg)):
                continue
            yield CrewPlace(table, own, None)
            for further, _ in self.further:
                row = self._rows(f"{base}/{further}").get(number)
                if row:
                    yield CrewPlace(self.table(f"{base}/{further}"), row, own.line.position)


def moves(lines: Sequence[Line], before: Sequence[Line]) -> dict[int, int]:
    """Return by start number how many places each crew won since a ranking before, of those that have one now."""
    position_by_number = {line.entry.start_number: line.position for line in lines if line.position is not None}
    ranked = [line for line in before if line.position is not None and line.entry.start_number in position_by_number]
    if 2 * sum(line.position == ranked[0].position for line in ranked) > len(ranked) > 1:
        return {}  # there was no order yet: most shared the first place
    moved: dict[int, int] = {}
    place = 0
    for number, line in enumerate(ranked):
        if number == 0 or line.position != ranked[number - 1].position:
            place = number + 1
        moved[line.entry.start_number] = place - (position_by_number[line.entry.start_number] or 0)
    return moved


@cache  # of the ids of an event, which are few
def slug(identity: str) -> str:
    """Return an id as it stands in an address: letters, digits, points, dashes and underscores."""
    return "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in identity)


def _standing(
    entry: Entry, scores: Sequence[Score], first: int, controls: Sequence[Control], road: Road, as_of_ns: int
) -> Standing:
    return standing_of(entry, scores[first : first + len(controls)], controls, road, as_of_ns)


def _closings(scores: Sequence[Score], controls: Sequence[Control]) -> list[tuple[int, int, int]]:
    """Return the last controls that a crew closed: the instant, its number, the place of the control."""
    closings = [
        (passage.at_ns, score.start_number, place)
        for place, (score, control) in enumerate(zip(scores, controls, strict=True))
        for passage in score.passages[-1:]
        if passage.at_ns is not None and passage.timing_point == control.closes
    ]
    return sorted(closings)[-LATEST:]


def _points(controls: Sequence[Control]) -> list[str]:
    points = (point for control in controls for point in (control.opens, control.closes) if point)
    return list(dict.fromkeys(points))


def _first(crew: tuple[int, Entry, Standing]) -> tuple[int, int]:
    return crew[0], crew[1].start_number
