"""What an event expects: the chains of timing points that crews drive, and when each crew is due.

A chain is a run of timed trials in which the tube that closes one opens the next; a time control at a tube of its
own is a chain of one point. Races that meet at a tube share a chain: its crews are merged by the time they are due.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from operator import attrgetter
from typing import NamedTuple

from centesimo.model.event import (
    AS_THEY_COME,
    AVERAGE_TRIAL,
    ORDERS,
    PASSAGE_CONTROL,
    SENT_OFF,
    TIME_CONTROL,
    Control,
    Event,
    Leg,
    Race,
)
from centesimo.model.facts import Passage
from centesimo.model.timetable import Timetable


class Due(NamedTuple):
    """A crew that is expected on a chain, `at_ns` where the chain's offset is 0."""

    start_number: int
    race: str
    at_ns: int
    is_timed: bool  # False: the event does not say when; only order and interval count


@dataclass(frozen=True, slots=True)
class Chain:
    """Timing points in driving order, the ideal time of each after the first, and the crews by due time."""

    leg: str
    points: tuple[str, ...]
    offsets_ns: tuple[int, ...]
    crews: tuple[Due, ...]
    at_control: bool  # a time control: anywhere in the due minute is on time
    # How much each race's own ideal times from one point to the next differ from those of `offsets_ns`, by point.
    ideals_ns: dict[str, tuple[int, ...]] = field(default_factory=dict)
    order: str = SENT_OFF  # what the start order is worth, by the event's word; of several races the least that it is


class _Run(NamedTuple):
    """One race's part of a chain."""

    race: Race
    points: list[str]
    offsets_ns: list[int]
    after_ns: int | None
    at_control: bool
    order: str
    opens: Control  # the control that the run begins with


def chains(event: Event) -> list[Chain]:
    """Return the chains of an event, by leg and first due time."""
    every: list[Chain] = []
    table = Timetable(event)
    for leg in event.legs:
        runs = [run for race in event.races for run in _runs(event, leg, race)]
        of_leg = [_chain(event, table, leg, together) for together in _sharing(runs)]
        every += sorted((chain for chain in of_leg if chain.crews), key=lambda chain: chain.crews[0].at_ns)
    return every


class Window(NamedTuple):
    """When a chain expects cars at one of its points."""

    chain: int  # its number
    first_ns: int  # the first crew is due
    last_ns: int  # the last one
    is_timed: bool  # the event says when

    def away_ns(self, at_ns: int) -> int:
        """Return how far outside of it an instant is."""
        return max(self.first_ns - at_ns, at_ns - self.last_ns, 0)


Windows = dict[str, tuple[Window, ...]]
AWAY_NS = 4 * 3600 * 10**9  # a passage this far from when crews are due is none of theirs: a try on another day
OUTSIDE = -1  # instead of a chain's number


def windows(all_chains: list[Chain]) -> Windows:
    """Return by timing point which chains (by number) use it, and when the first and last crews are due there."""
    users: dict[str, list[Window]] = defaultdict(list)
    for number, chain in enumerate(all_chains):
        dues = [crew.at_ns for crew in chain.crews]
        is_timed = all(crew.is_timed for crew in chain.crews)
        for point, offset_ns in zip(chain.points, chain.offsets_ns, strict=True):
            users[point].append(Window(number, min(dues) + offset_ns, max(dues) + offset_ns, is_timed))
    return {point: tuple(of_point) for point, of_point in users.items()}


def by_chain(at_point: Sequence[Window], passages: Iterable[Passage]) -> dict[int, list[Passage]]:
    """Return one point's passages with an instant, in its order, by number of the chain.

    A point that several chains use (in other legs) gives each passage to the one that expects cars nearest to it. Those
    that name no crew and are hours away from all are OUTSIDE.
    """
    passages_by_chain: dict[int, list[Passage]] = defaultdict(list)
    timed = sorted((passage for passage in passages if passage.at_ns is not None), key=attrgetter("at_ns", "id"))
    if len(at_point) == 1 and timed and not any(_is_away(at_point[0], end) for end in (timed[0], timed[-1])):
        return {at_point[0].chain: timed}
    for passage in timed:
        at_ns = passage.at_ns or 0
        window = at_point[0] if len(at_point) == 1 else min(at_point, key=lambda window: window.away_ns(at_ns))
        is_outside = passage.start_number is None and _is_away(window, passage)
        passages_by_chain[OUTSIDE if is_outside else window.chain].append(passage)
    return passages_by_chain


def _is_away(window: Window, passage: Passage) -> bool:
    """Say whether a passage is hours away from all that is expected in a window."""
    return window.is_timed and window.away_ns(passage.at_ns or 0) > AWAY_NS


Places = frozenset[tuple[int, str]]  # start number and timing point


def places_without(event: Event, chain: Chain, out: Mapping[int, Set[str]]) -> Places:
    """Return the places on a chain where a crew does not come, as `out` says by start number: the controls it missed.

    A crew that gave up in a trial, or before it, still came to the tube that closes the trial before it, and may have
    come to the one that opens it.
    """
    if not out:
        return frozenset()
    of_leg = [control for control in event.controls if control.leg == chain.leg]
    places = set()
    for due in chain.crews:
        missed = out.get(due.start_number)
        if not missed:
            continue
        last = last_tube(event, due.race, missed)
        for point in chain.points:
            driven = (control for control in of_leg if due.race in control.races)
            there = {control.id for control in driven if point in (control.opens, control.closes)}
            if there and there <= missed and point != last:
                places.add((due.start_number, point))
    return frozenset(places)


def _runs(event: Event, leg: Leg, race: Race) -> list[_Run]:
    """Return what one race drives in a leg, as runs of points."""
    its = [control for control in event.controls if control.leg == leg.id and race.id in control.races]
    runs: list[_Run] = []
    for control in its:
        if control.kind == TIME_CONTROL or control.opens is None or control.ideal_cs is None:
            continue
        last = runs[-1] if runs else None
        if last and last.points[-1] == control.opens and control.closes not in last.points:
            last.points.append(control.closes)
            last.offsets_ns.append(last.offsets_ns[-1] + control.ideal_cs * 10_000_000)
        elif last and control.kind == AVERAGE_TRIAL and control.opens in last.points:  # counted from its start
            last.points.append(control.closes)
            opened_ns = last.offsets_ns[last.points.index(control.opens)]
            last.offsets_ns.append(opened_ns + control.ideal_cs * 10_000_000)
        else:
            ideal_ns = control.ideal_cs * 10_000_000
            after_ns = control.after_ns if control.after_ns is not None else _due_there(its, control.opens)
            points = [control.opens, control.closes]
            runs.append(_Run(race, points, [0, ideal_ns], after_ns, False, control.order, control))
    timed = {point for run in runs for point in run.points}
    for control in its:
        if control.kind in (TIME_CONTROL, PASSAGE_CONTROL) and control.closes not in timed:
            runs.append(_Run(race, [control.closes], [0], control.after_ns, True, control.order, control))
    return runs


def _due_there(controls: list[Control], point: str) -> int | None:
    """Return when a time control at the same tube is due, which tells about when a chain opens there."""
    for control in controls:
        if control.kind == TIME_CONTROL and control.closes == point:
            return control.after_ns
    return None


def _sharing(runs: list[_Run]) -> list[list[_Run]]:
    """Return the runs in groups that share a timing point."""
    groups: list[list[_Run]] = []
    for run in runs:
        touching = [group for group in groups if any(set(run.points) & set(beside.points) for beside in group)]
        merged = [run, *(beside for group in touching for beside in group)]
        groups = [group for group in groups if group not in touching] + [merged]
    return groups


def _chain(event: Event, table: Timetable, leg: Leg, runs: list[_Run]) -> Chain:
    """Merge the runs of several races over the same points."""
    runs = sorted(runs, key=lambda run: -len(run.points))
    offset_by_point: dict[str, int] = {}
    shifts: dict[str, set[int]] = defaultdict(lambda: {0})
    dues = []
    for run in runs:
        shared = [(point, at) for point, at in zip(run.points, run.offsets_ns, strict=True) if point in offset_by_point]
        align_ns = offset_by_point[shared[0][0]] - shared[0][1] if shared else 0
        before_ns = 0
        for point, at_ns in zip(run.points, run.offsets_ns, strict=True):
            shift_ns = at_ns + align_ns - offset_by_point.setdefault(point, at_ns + align_ns)
            shifts[point].add(shift_ns - before_ns)
            before_ns = shift_ns
        dues += _dues(event, table, leg, run, align_ns)
    points = sorted(offset_by_point, key=lambda point: offset_by_point[point])
    first_ns = offset_by_point[points[0]]
    if first_ns:
        dues = [due._replace(at_ns=due.at_ns + first_ns) for due in dues]
    offsets = tuple(offset_by_point[point] - first_ns for point in points)
    ideals = {point: tuple(sorted(of_point)) for point, of_point in shifts.items()}
    crews = tuple(sorted(set(dues), key=lambda due: (due.at_ns, due.start_number)))
    order = max((run.order for run in runs), key=ORDERS.index)
    if any(table.is_behind_arrival(run.race.id, run.opens) for run in runs):
        order = AS_THEY_COME
    return Chain(leg.id, tuple(points), offsets, crews, all(run.at_control for run in runs), ideals, order)


def _dues(event: Event, table: Timetable, leg: Leg, run: _Run, align_ns: int) -> list[Due]:
    for start in run.race.starts:
        if start.leg == leg.id:
            after_ns, is_known = (run.after_ns or 0) - align_ns, run.after_ns is not None
            is_known = is_known and not table.is_behind_arrival(run.race.id, run.opens)
            return [
                Due(
                    entry.start_number,
                    entry.race,
                    table.base_ns(entry, run.opens) + table.given_ns(entry, run.opens) + after_ns,
                    is_known,
                )
                for entry in event.entries
                if entry.race == run.race.id
            ]
    return []


def controls_named(event: Event, name: str) -> tuple[str, ...]:
    """Return the ids of the controls that a name means: one control, or all of an average trial or a series."""
    return tuple(control.id for control in event.controls if name in (control.id, control.series))


def last_tube(event: Event, race: str | None, out: Collection[str]) -> str | None:
    """Return the tube at which a crew that gave up may have been last: it opens the first control of those `out`.

    None where the crew never started (that control is the first of all), or the control has no such tube.
    """
    driven = [control for control in event.controls if race in control.races]
    first = next((place for place, one in enumerate(driven) if one.id in out), 0)
    return driven[first].opens if first else None
