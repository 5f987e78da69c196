"""The controls that a race drives, each with all that is needed to score any crew at it: a task.

A task also holds the times that crews are given (allowances) and the lateness that a new time card carries on. Both
follow from the event and from who passed when, never from what a control cost, so each control can be scored alone.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from centesimo.model.event import (
    AVERAGE_TRIAL,
    TIME_CONTROL,
    Allowance,
    Control,
    Entry,
    Event,
    Race,
    Regroup,
    Start,
)
from centesimo.model.facts import Attribution, Passage
from centesimo.model.memo import Memo
from centesimo.model.said import said
from centesimo.model.timetable import Timetable, by_arrival, is_given, with_inferred
from centesimo.reading.localtime import LegClock, leg_clock
from centesimo.rulebook import ControlRule, RuleBook, rules
from centesimo.rulebook.rules import Outcome
from centesimo.score.crossings import Crossings
from centesimo.score.doubts import MARKED, instant_doubts, why_open
from centesimo.score.instants import NS_PER_CS, NS_PER_MINUTE, hundredths, minutes_late, trial_deviation
from centesimo.score.unattributed import NOTHING, Unattributed

# Below this an attribution is a question for a person, not a time.
SURE = 0.9

HALF_CS_NS = NS_PER_CS // 2

Crossed = Mapping[int, list[Attribution]]  # the crossings of one timing point by start number, each in order of time


class Stamp(NamedTuple):
    """A crew's passage that a trial can count on, and what follows from it alone; both trials of a tube share it."""

    passage: Passage
    at_ns: int
    counted_cs: int  # its instant in 1/100 s, as the rule book takes it
    doubts: tuple[str, ...]


class Task(NamedTuple):
    """One control as one race drives it, with all that does not change from crew to crew."""

    race: Race
    control: Control
    start: Start
    clock: LegClock
    leg: str  # rules.ONLY_LEG, INNER_LEG, LAST_LEG
    rulebook: RuleBook
    rule: ControlRule
    outcome_by_deviation: dict[tuple[int, int], Outcome]  # and lateness carried here; found once, used for every crew
    opened: Crossed  # at the point that opens a trial
    closed: Crossed  # at the point that closes it, or where the control stands
    shift_ns: Mapping[int, int]  # by start number: how much longer the set time is, or how much later the crew is due
    carried_ns: Mapping[int, int]  # by start number: lateness before, of this leg, that counts towards its maximum
    chained_to: str  # the trial that is closed where this one opens; "": none
    course: Sequence[Crossed]  # at every point of the leg, in driving order
    at: int  # the place of `closed` in it
    opening: Mapping[int, Stamp]  # by start number: of `opened`, what can be counted on; of trials only
    closing: Mapping[int, Stamp]
    # By its points that have a passage no crew was given, then by start number: why the crew has none there yet.
    unattributed: Mapping[str, Mapping[int, str]]
    timetable: Timetable
    not_due: Mapping[int, str]  # by start number: why it is not known when the crew is due
    due_doubts: Mapping[int, str]  # by start number: why its due time may be another one
    own_ideal_cs: Mapping[int, int]  # by start number: what a crew took at the trial that sets its ideal time here

    def may_be(self, point: str, start_number: int) -> str:
        """Return the sentence about a passage at a point that may be a crew's, "" when there is none."""
        return self.unattributed.get(point, {}).get(start_number, "")


class DrivenLeg(NamedTuple):
    """What the tasks of one leg share."""

    race: Race
    start: Start
    clock: LegClock
    name: str  # rules.ONLY_LEG, INNER_LEG, LAST_LEG
    rulebook: RuleBook
    controls: Sequence[Control]
    course: Sequence[Crossed]  # at every point of the leg, in driving order
    place_by_point: Mapping[str, int]  # in it
    stamps_by_point: Mapping[str, Mapping[int, Stamp]]  # of those where a trial opens or closes
    chained_to: Mapping[str, str]  # by trial: the one that is closed where it opens; "": none
    unattributed: Unattributed
    timetable: Timetable
    outcomes: dict[tuple[object, ...], dict[tuple[int, int], Outcome]]  # of the whole race

    def crossed(self, point: str | None) -> Crossed:
        """Return the crossings of a point of the leg; none where `point` is None."""
        return {} if point is None else self.course[self.place_by_point[point]]


def tasks(
    event: Event,
    race: Race,
    rulebook: RuleBook,
    crossed: Crossings,
    sure: float = SURE,
    memo: Memo | None = None,
    unattributed: Unattributed = NOTHING,
) -> Iterator[Task]:
    """Yield the controls that a race drives, each with its rule; RuleBookError when its book has none for one.

    Stamps that `memo` has of the same crossings are not judged again. `unattributed` are the passages that no crew has
    been given yet.
    """
    memo = memo or Memo()
    outcomes: dict[tuple[object, ...], dict[tuple[int, int], Outcome]] = defaultdict(dict)
    leg_by_id = {leg.id: leg for leg in event.legs}
    entries = [entry for entry in event.entries if entry.race == race.id]
    timetable = memo("timetable", Timetable, event)
    for start in race.starts:
        controls = [control for control in event.controls if control.leg == start.leg and race.id in control.races]
        crossed_by_point: dict[str, Crossed] = {
            point: crossed.get((start.leg, point), {}) for point in _points(controls)
        }
        driven = DrivenLeg(
            race=race,
            start=start,
            clock=leg_clock(leg_by_id[start.leg].date, event.timezone),
            name=which_leg(race, start.leg),
            rulebook=rulebook,
            controls=controls,
            course=list(crossed_by_point.values()),
            place_by_point={point: place for place, point in enumerate(crossed_by_point)},
            stamps_by_point={
                point: memo(
                    ("stamps", race.id, start.leg, point), _stamps, point, crossed_by_point[point], rulebook, sure
                )
                for point in _points([control for control in controls if control.opens])
            },
            chained_to=_chained_to(controls),
            unattributed=unattributed,
            timetable=timetable,
            outcomes=outcomes,
        )
        yield from _along(driven, event.allowances, event.regroups, entries, sure)


class Moved(NamedTuple):
    """What passages have made of crews' due times at the next time control of a leg, by start number."""

    later_ns: Mapping[int, int]  # than by the road book; negative: earlier
    carried_ns: Mapping[int, int]  # lateness that counts towards the maximum of the leg
    not_due: Mapping[int, str]  # of whom it is not known when they are due, and why
    doubts: Mapping[
        int, str
    ] = {}  # of whom it follows from something less than a passage at the control, and from what


def _along(
    driven: DrivenLeg,
    allowances: Sequence[Allowance],
    regroups: Sequence[Regroup],
    entries: Sequence[Entry],
    sure: float,
) -> Iterator[Task]:
    """Yield the tasks of a leg; the time given or carried on at a time control shifts all later time controls too."""
    given_so_far: Mapping[int, int] = {}
    moved = Moved({}, {}, {})
    regroup_by_control = {regroup.control: regroup for regroup in regroups if driven.race.id in regroup.races}
    for control in driven.controls:
        given = _given(allowances, control, driven.controls, entries)
        if control.kind == TIME_CONTROL:
            given_so_far = _sum(given_so_far, given)
            task = _task(driven, control, moved._replace(later_ns=_sum(given_so_far, moved.later_ns)))
            yield task
            moved = MOVES[task.rule.settings.timing](task, moved, entries, sure)
        else:
            task = _task(driven, control, Moved(given, {}, {}))
            yield task
        if (regroup := regroup_by_control.get(control.id)) is not None:
            given_so_far, moved = {}, _regrouped(driven, task, regroup, entries, sure)


def _task(driven: DrivenLeg, control: Control, moved: Moved) -> Task:
    """Return the task of one control of a leg."""
    same = control.kind, driven.name, control.max_lateness_min, control.early_allowed, control.cap
    return Task(
        race=driven.race,
        control=control,
        start=driven.start,
        clock=driven.clock,
        leg=driven.name,
        rulebook=driven.rulebook,
        rule=_rule(driven.rulebook, control),
        outcome_by_deviation=driven.outcomes[same],
        opened=driven.crossed(control.opens),
        closed=driven.crossed(control.closes),
        shift_ns=moved.later_ns,
        carried_ns=moved.carried_ns,
        chained_to=driven.chained_to.get(control.id, ""),
        course=driven.course,
        at=driven.place_by_point[control.closes],
        opening=driven.stamps_by_point.get(control.opens or "", {}),
        closing=driven.stamps_by_point.get(control.closes, {}),
        unattributed={
            point: driven.unattributed[control.leg, point]
            for point in (control.opens or "", control.closes)
            if (control.leg, point) in driven.unattributed
        },
        timetable=driven.timetable,
        not_due=moved.not_due,
        due_doubts=moved.doubts,
        own_ideal_cs=_own_ideals_cs(driven, control),
    )


def _own_ideals_cs(driven: DrivenLeg, control: Control) -> dict[int, int]:
    """Return by start number what crews took at the trial that sets their ideal time at a control; none elsewhere."""
    if not control.ideal_from:
        return {}
    setting = next(earlier for earlier in driven.controls if earlier.id == control.ideal_from)
    opening, closing = (driven.stamps_by_point[point] for point in (setting.opens or "", setting.closes))
    rulebook = driven.rulebook
    return {
        number: trial_deviation(opened.at_ns, closed.at_ns, 0, rulebook.instants, rulebook.instants_unit_cs)
        for number, opened in opening.items()
        if (closed := closing.get(number)) and closed.at_ns > opened.at_ns
    }


def _regrouped(driven: DrivenLeg, task: Task, regroup: Regroup, entries: Sequence[Entry], sure: float) -> Moved:
    """Return what crews are later by behind a regroup.

    All that was given or carried on before ends there: the new start is for all. In an order by arrival a crew's place
    follows from its passage at the control, or from the tube behind it; one that neither has seen has none.
    """
    if not regroup.by_arrival:
        return Moved({}, {}, {})
    control, number_of = task.control, [entry.start_number for entry in entries]
    arrived_at_ns = _passed_at_ns(control.closes, task.closed, number_of, sure)
    tube = _tube_behind(driven, control)
    passed_at_ns = _passed_at_ns(tube, driven.crossed(tube), number_of, sure) if tube else {}
    arrived_at_ns, inferred = with_inferred(arrived_at_ns, passed_at_ns)
    place_by_number = by_arrival(arrived_at_ns, entries, control.leg)
    later = {}
    for entry in entries:
        if (place := place_by_number.get(entry.start_number)) is not None:
            restart_ns = task.timetable.restart_ns(entry.race, control, regroup, place)
            own_ns = task.timetable.base_ns(entry, control)
            later[entry.start_number] = restart_ns - (control.after_ns or 0) - own_ns
    why = said("its place in the order of arrival at {control} is not known", control=control.id)
    doubt = said(
        "its place in the order of arrival at {control} follows from {tube}, as {control} has no passage of it",
        control=control.id,
        tube=tube,
    )
    not_due = {number: why for number in number_of if number not in later}
    return Moved(later, {}, not_due, dict.fromkeys(inferred, doubt))


def _passed_at_ns(point: str, crossed: Crossed, numbers: Iterable[int], sure: float) -> dict[int, int]:
    """Return when crews passed a point, of those of whom that is sure enough."""
    return {
        number: crossed[number][0].passage.at_ns or 0
        for number in numbers
        if number in crossed and not why_open(point, crossed[number], sure)
    }


def _tube_behind(driven: DrivenLeg, control: Control) -> str:
    """Return the timing point at which a trial opens behind a control and before the next time control; "": none."""
    behind = driven.controls[driven.controls.index(control) + 1 :]
    following = next((next_one for next_one in behind if next_one.opens or next_one.kind == TIME_CONTROL), None)
    return (following.opens or "") if following else ""


def _chained_to(controls: Sequence[Control]) -> dict[str, str]:
    """Return by trial the first earlier trial that closes at the tube where it opens, "" where there is none."""
    earlier_by_trial: dict[str, str] = {}
    closing_by_point: dict[str, str] = {}
    for control in controls:
        if control.opens:
            earlier_by_trial[control.id] = closing_by_point.get(control.opens, "")
            closing_by_point.setdefault(control.closes, control.id)
    return earlier_by_trial


def _stamps(point: str, crossed: Crossed, rulebook: RuleBook, sure: float) -> dict[int, Stamp]:
    """Return each crew's first passage at a timing point by start number, where it can be counted on."""
    stamp_by_number = {}
    instants, unit_cs = rulebook.instants, rulebook.instants_unit_cs
    half_ns = HALF_CS_NS * unit_cs
    for number, attributions in crossed.items():
        first = attributions[0]
        passage, at_ns = first.passage, first.passage.at_ns
        if at_ns is None or first.confidence < sure or (passage.flags and why_open(point, attributions, sure)):
            continue
        # Most instants are far from the edges of their unit by any rounding: nothing more is asked of them.
        uncertainty_ns, apart_ns = passage.uncertainty_ns, at_ns % half_ns
        clear = uncertainty_ns is not None and uncertainty_ns <= apart_ns < half_ns - uncertainty_ns
        clear = clear and passage.confirmed and MARKED not in passage.flags
        doubts = () if clear else instant_doubts(passage, instants, unit_cs)
        stamp_by_number[number] = Stamp(passage, at_ns, hundredths(at_ns, instants, unit_cs), doubts)
    return stamp_by_number


def _rule(rulebook: RuleBook, control: Control) -> ControlRule:
    """Return the rule of a control; a maximum lateness or a cap of its own lies over the rule book's."""
    rule = rulebook.rule_for(control.kind)
    if control.max_lateness_min is not None:
        return replace(rule, settings=replace(rule.settings, max_lateness_min=control.max_lateness_min))
    if control.cap is not None:
        return replace(rule, settings=replace(rule.settings, early_cap=control.cap, late_cap=control.cap))
    return rule


def _points(controls: Sequence[Control]) -> list[str]:
    """Return the timing points of a leg in driving order, each once."""
    points = (point for control in controls for point in (control.opens, control.closes) if point)
    return list(dict.fromkeys(points))


def _given(
    allowances: Sequence[Allowance], control: Control, controls: Sequence[Control], entries: Sequence[Entry]
) -> dict[int, int]:
    """Return the time that crews are given at a control, by start number."""
    given_ns: dict[int, int] = {}
    for allowance in allowances:
        if not reaches_to(allowance, control, controls):
            continue
        for entry in entries:
            if is_given(allowance, entry):
                given_ns[entry.start_number] = given_ns.get(entry.start_number, 0) + allowance.time_ns
    return given_ns


def reaches_to(allowance: Allowance, control: Control, controls: Sequence[Control]) -> bool:
    """Say whether an allowance makes the set time of a trial longer, or is given at this time control.

    In an average trial that counts from its start, the time given at one point is gone at the later ones too.
    """
    if allowance.control == control.id:
        return True
    if control.kind != AVERAGE_TRIAL:
        return False
    same = [trial.id for trial in controls if trial.series == control.series and trial.opens == control.opens]
    return allowance.control in same[: same.index(control.id)]


def _sum(first_ns: Mapping[int, int], second_ns: Mapping[int, int]) -> Mapping[int, int]:
    if not second_ns:
        return first_ns
    return {number: first_ns.get(number, 0) + second_ns.get(number, 0) for number in {**first_ns, **second_ns}}


def _late_ns(task: Task, entries: Sequence[Entry], sure: float) -> dict[int, int]:
    """Return by start number how late crews were at a time control, in whole minutes; negative = early."""
    late_ns = {}
    for entry in entries:
        passed = task.closed.get(entry.start_number)
        if passed and not why_open(task.control.closes, passed, sure):
            late = minutes_late(due_ns(task, entry), passed[0].passage.at_ns or 0, task.rule.settings.window)
            late_ns[entry.start_number] = late * NS_PER_MINUTE
    return late_ns


def _by_time_cards(task: Task, moved: Moved, entries: Sequence[Entry], sure: float) -> Moved:
    """A new time card carries on the lateness that it shows; no other control moves anything."""
    if not task.control.new_card:
        return moved
    deviation_ns = _late_ns(task, entries, sure)
    late_ns = {number: late for number, late in deviation_ns.items() if late > 0 and number not in task.not_due}
    return moved._replace(later_ns=_sum(moved.later_ns, late_ns), carried_ns=_sum(moved.carried_ns, late_ns))


def _by_schedule(task: Task, moved: Moved, entries: Sequence[Entry], sure: float) -> Moved:
    """A crew is later by what it was late at the control before, of the scheduled time; that may be made up.

    Motorsport UK NCR 2026, ch. 13 app. 5 art. 5.2 to 5.7. A crew without a time here stays as late as it was.
    """
    late_ns = dict(moved.carried_ns)
    for number, late in _late_ns(task, entries, sure).items():
        if number not in task.not_due:
            late_ns[number] = max(late + late_ns.get(number, 0), 0)
    arrival_ns = {number: later - moved.carried_ns.get(number, 0) for number, later in moved.later_ns.items()}
    return moved._replace(later_ns=_sum(arrival_ns, late_ns), carried_ns=late_ns)


def _by_target(task: Task, moved: Moved, entries: Sequence[Entry], sure: float) -> Moved:
    """A crew is due by its departure from the control before, early or late; lateness over target times adds up.

    Motorsport UK NCR 2026, p. 489, art. 9.1. A crew without a time here has no due time at the next control; with a
    time it has one again.
    """
    deviation_ns = _late_ns(task, entries, sure)
    late_ns = {number: late for number, late in deviation_ns.items() if late > 0 and number not in task.not_due}
    why = said("its departure from {control} is not known", control=task.control.id)
    return Moved(
        later_ns=_sum({number: moved.later_ns.get(number, 0) for number in deviation_ns}, deviation_ns),
        carried_ns=_sum(moved.carried_ns, late_ns),
        not_due={entry.start_number: why for entry in entries if entry.start_number not in deviation_ns},
    )


# How what a crew did at a time control moves its due time at the next one, by the rule's `timing`.
MOVES: dict[str, Callable[[Task, Moved, Sequence[Entry], float], Moved]] = {
    rules.TIME_CARDS: _by_time_cards,
    rules.SCHEDULED: _by_schedule,
    rules.TARGET: _by_target,
}


def due_ns(task: Task, entry: Entry) -> int:
    """Return when a crew is due at a time control.

    First start + place in the start order x interval, or what a regroup made of it, + the control's time + what the
    crew was given + lateness that a new time card carries on.
    """
    base_ns = task.timetable.base_ns(entry, task.control)
    return base_ns + (task.control.after_ns or 0) + task.shift_ns.get(entry.start_number, 0)


def which_leg(race: Race, leg: str) -> str:
    """Return which leg of its race this is, as a word of rules: the only one, the last, or one of several."""
    if len(race.starts) == 1:
        return rules.ONLY_LEG
    return rules.LAST_LEG if race.starts[-1].leg == leg else rules.INNER_LEG
