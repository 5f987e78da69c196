"""What each control gave each crew: from attributed passages to penalties, by the rule book of the crew's race.

A pure function of facts. A control that cannot be scored stays open with the reason, it is never guessed: a passage
that is missing, has no time, is of doubtful crew, or comes before the one that opens the trial. What can be scored
but deserves a look carries doubts. The order of the facts does not matter.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from centesimo import rules
from centesimo.amend_scores import amended
from centesimo.crossings import Crossings, crossings
from centesimo.event import (
    AVERAGE_TRIAL,
    PASSAGE_CONTROL,
    TIME_CONTROL,
    TIMED_TRIAL,
    Control,
    Entry,
    Event,
    Leg,
    Race,
    Start,
)
from centesimo.facts import EXCLUDED, OPEN, SCORED, Amendment, Attribution, Finding, Passage, Score
from centesimo.rulebook import ROUND_HALF_UP, TRUNCATE_DEVIATION, ControlRule, RuleBook
from centesimo.rules import Outcome

NS_PER_CS = 10_000_000
CS_PER_MINUTE = 6_000
NS_PER_MINUTE = NS_PER_CS * CS_PER_MINUTE

# Below this an attribution is a question for a person, not a time.
SURE = 0.9

HUNDREDTHS = "1/100 s"
MINUTES = "min"


class Task(NamedTuple):
    """One control as one race drives it, with all that does not change from crew to crew."""

    race: Race
    control: Control
    start: Start
    midnight_ns: int  # local midnight of the leg's date
    leg: str  # rules.ONLY_LEG, INNER_LEG, LAST_LEG
    rulebook: RuleBook
    rule: ControlRule
    outcome_by_deviation: dict[int, Outcome]  # found once, used for every crew
    opened: Mapping[int, list[Attribution]]  # by start number, at the point that opens a trial; in order of time
    closed: Mapping[int, list[Attribution]]  # likewise at the point that closes it, or where the control stands


def score(
    event: Event,
    rulebooks: Mapping[str, RuleBook],
    attributions: Sequence[Attribution],
    sure: float = SURE,
    amendments: Sequence[Amendment] = (),
) -> tuple[list[Score], list[Finding]]:
    """Return one score for each crew and control of its race, in the order of races, controls and start numbers.

    rulebooks is by race id. An attribution whose confidence is below `sure` leaves its control open. Findings: passages
    and amendments that are not used, and crews that crossed twice. RuleBookError when a race drives a control that its
    book does not cover.
    """
    findings: list[Finding] = []
    crossed = crossings(event, attributions, findings)
    groups: dict[tuple[str, str], list[Score]] = {}
    for race in event.races:
        entries = sorted((e for e in event.entries if e.race == race.id), key=lambda entry: entry.start_number)
        for task in tasks(event, race, rulebooks[race.id], crossed):
            measure = MEASURES[task.control.kind]
            groups[race.id, task.control.id] = [measure(task, entry, sure) for entry in entries]
    changed, of_amendments = amended(event, rulebooks, groups, amendments)
    findings += of_amendments
    scores = [one for group in changed.values() for one in group]
    return scores, sorted(findings, key=lambda finding: (finding.where, finding.start_number or 0, finding.passages))


def tasks(event: Event, race: Race, rulebook: RuleBook, crossed: Crossings) -> Iterator[Task]:
    """Yield the controls that a race drives, each with its rule; RuleBookError when its book has none for one."""
    start_by_leg = {start.leg: start for start in race.starts}
    outcomes: dict[tuple[str, str], dict[int, Outcome]] = defaultdict(dict)
    leg_by_id = {leg.id: leg for leg in event.legs}
    for control in event.controls:
        if race.id in control.races and control.leg in start_by_leg:
            leg = which_leg(race, control.leg)
            yield Task(
                race=race,
                control=control,
                start=start_by_leg[control.leg],
                midnight_ns=midnight_ns(leg_by_id[control.leg], event.timezone),
                leg=leg,
                rulebook=rulebook,
                rule=rulebook.rule_for(control.kind),
                outcome_by_deviation=outcomes[control.kind, leg],
                opened=crossed.get((control.leg, control.opens or ""), {}),
                closed=crossed.get((control.leg, control.closes), {}),
            )


def which_leg(race: Race, leg: str) -> str:
    """Return which leg of its race this is, as a word of rules: the only one, the last, or one of several."""
    if len(race.starts) == 1:
        return rules.ONLY_LEG
    return rules.LAST_LEG if race.starts[-1].leg == leg else rules.INNER_LEG


def midnight_ns(leg: Leg, timezone: ZoneInfo) -> int:
    """Return the instant of local midnight at the begin of a leg's date."""
    local = datetime.combine(leg.date, time(), timezone)
    return round(local.astimezone(UTC).timestamp()) * 1_000_000_000


def hundredths(at_ns: int, instants: str) -> int:
    """Return an instant or a positive duration in 1/100 s as the rule book's [instants] `take` says.

    "truncate instants": what follows the hundredth is dropped, as a printed time would be (no article of RDS 8.20 says;
    UK practice truncates). "round half up": to the nearest hundredth, half a hundredth up. Instants are after 1970, so
    dropping digits and rounding down are the same.
    """
    return (at_ns + NS_PER_CS // 2 if instants == ROUND_HALF_UP else at_ns) // NS_PER_CS


def truncated(deviation_ns: int) -> int:
    """Return a deviation in 1/100 s with what follows the hundredth dropped: towards 0, early and late alike."""
    size_cs = abs(deviation_ns) // NS_PER_CS
    return -size_cs if deviation_ns < 0 else size_cs


def trial_deviation(opened_ns: int, closed_ns: int, ideal_cs: int, instants: str) -> int:
    """Return taken - set time of a trial in 1/100 s, negative = early, by the rule book's [instants] `take`."""
    if instants == TRUNCATE_DEVIATION:
        return truncated(closed_ns - opened_ns - ideal_cs * NS_PER_CS)
    return hundredths(closed_ns, instants) - hundredths(opened_ns, instants) - ideal_cs


def minutes_late(due_ns: int, at_ns: int, window: str) -> int:
    """Return the whole minutes from the due minute to the minute of the passage, negative = early.

    The due minute is free from its first to its last instant (:00 to :59 on a card). A due time on the half minute has
    the same window of 59 s after it, or ("clock minute") that of the minute on the clock in which it lies.
    """
    if window == rules.CLOCK_MINUTE:
        return at_ns // NS_PER_MINUTE - due_ns // NS_PER_MINUTE
    return (at_ns - due_ns) // NS_PER_MINUTE


def _why_open(point: str, found: Sequence[Attribution], sure: float) -> str:
    """Return why the crew's passage at a timing point cannot be used, "" when it can."""
    if not found:
        return f"no passage at {point}"
    if found[0].passage.at_ns is None:
        return f"the time of the passage at {point} is not known"
    if "simulated" in found[0].passage.flags:
        return f"the passage at {point} was made on request, not by a wheel"
    if "unreliable" in found[0].passage.flags:
        return f"the time of the passage at {point} is not reliable, an official says"
    if found[0].confidence < sure:
        return f"whose passage it is at {point} is doubtful ({found[0].confidence:.0%}, {found[0].grounds})"
    return ""


def _doubts(passage: Passage, reaches: str) -> tuple[str, ...]:
    """Return why a person may want to look at a passage; `reaches` names the unit that its uncertainty reaches."""
    point = passage.timing_point
    doubts = []
    if passage.uncertainty_ns is None:
        doubts.append(f"{point}: the source ({passage.source}) states no uncertainty")
    elif reaches:
        doubts.append(f"{point}: the uncertainty of {passage.uncertainty_ns / 1000:g} us reaches the next {reaches}")
    if not passage.confirmed:
        doubts.append(f"{point}: the whole second is not confirmed")
    return tuple(doubts)


def _reaches(at_ns: int, uncertainty_ns: int, from_ns: int, unit_ns: int) -> bool:
    """Say whether an instant lies so near the edge of its unit (counted from from_ns) that it may be in the next."""
    apart_ns = (at_ns - from_ns) % unit_ns
    return apart_ns < uncertainty_ns or apart_ns + uncertainty_ns >= unit_ns


def _trial_doubts(opened: Passage, closed: Passage, ideal_cs: int, instants: str) -> tuple[str, ...]:
    if instants == TRUNCATE_DEVIATION:
        return (*_doubts(opened, ""), *_doubts(closed, ""), *_deviation_doubts(opened, closed, ideal_cs))
    from_ns = NS_PER_CS // 2 if instants == ROUND_HALF_UP else 0
    doubts: tuple[str, ...] = ()
    for passage in (opened, closed):
        reaches = _reaches(passage.at_ns or 0, passage.uncertainty_ns or 0, from_ns, NS_PER_CS)
        if reaches or not passage.confirmed or passage.uncertainty_ns is None:
            doubts += _doubts(passage, "hundredth" if reaches else "")
    return doubts


def _deviation_doubts(opened: Passage, closed: Passage, ideal_cs: int) -> tuple[str, ...]:
    """Return whether the uncertainties of both passages together reach another hundredth of the deviation."""
    deviation_ns = (closed.at_ns or 0) - (opened.at_ns or 0) - ideal_cs * NS_PER_CS
    both_ns = (opened.uncertainty_ns or 0) + (closed.uncertainty_ns or 0)
    if truncated(deviation_ns - both_ns) == truncated(deviation_ns + both_ns):
        return ()
    return (f"the uncertainty of {both_ns / 1000:g} us reaches the next hundredth of the deviation",)


def outcome(task: Task, deviation: int) -> Outcome:
    """Return what the rule gives for a deviation; where the highest total wins, a cost is negative."""
    found = task.outcome_by_deviation.get(deviation)
    if found is None:
        found = task.rule.apply(deviation, task.leg)
        if task.rulebook.highest_wins and not task.rule.gains and found.amount:
            found = found._replace(amount=-found.amount, reason=f"{found.reason}, taken off")
        task.outcome_by_deviation[deviation] = found
    return found


class _Measured(NamedTuple):
    """What was measured of one crew at one control; without a deviation, `reason` says why it is open."""

    set_cs: int | None
    taken_cs: int | None
    deviation: int | None
    passages: tuple[Passage, ...]
    reason: str = ""
    doubts: tuple[str, ...] = ()


def _scored(task: Task, start_number: int, unit: str, measured: _Measured) -> Score:
    status, amount, reason = OPEN, None, measured.reason
    if measured.deviation is not None:
        found = outcome(task, measured.deviation)
        status, reason = (EXCLUDED, found.reason) if found.excluded else (SCORED, found.reason)
        amount = None if found.excluded else found.amount
    return Score(
        task.race.id,
        task.control.id,
        start_number,
        status,
        unit,
        measured.set_cs,
        measured.taken_cs,
        measured.deviation,
        amount,
        task.rule.article,
        reason,
        measured.passages,
        measured.doubts,
    )


def trial(task: Task, entry: Entry, sure: float) -> Score:
    """Score a timed or average trial: from the passage that opens it to the one that closes it, in 1/100 s."""
    control, number, instants = task.control, entry.start_number, task.rulebook.instants
    opens, ideal_cs = control.opens or "", control.ideal_cs or 0
    opening, closing = task.opened.get(number, ()), task.closed.get(number, ())
    passages = tuple([found[0].passage for found in (opening, closing) if found])
    whys = _why_open(opens, opening, sure), _why_open(control.closes, closing, sure)
    if any(whys):
        reason = "; ".join(filter(None, whys))
        return _scored(task, number, HUNDREDTHS, _Measured(ideal_cs, None, None, passages, reason))
    opened_ns, closed_ns = passages[0].at_ns or 0, passages[1].at_ns or 0
    if closed_ns <= opened_ns:
        reason = f"the passage at {control.closes} is not after the one at {opens}"
        return _scored(task, number, HUNDREDTHS, _Measured(ideal_cs, None, None, passages, reason))
    deviation = trial_deviation(opened_ns, closed_ns, ideal_cs, instants)
    doubts = _trial_doubts(passages[0], passages[1], ideal_cs, instants)
    return _scored(task, number, HUNDREDTHS, _Measured(ideal_cs, ideal_cs + deviation, deviation, passages, "", doubts))


def due_ns(task: Task, entry: Entry) -> int:
    """Return when a crew is due at a time control: first start + place in the start order x interval + after."""
    return task.start.first_at_ns + entry.place * task.start.interval_ns + (task.control.after_ns or 0)


def time_control(task: Task, entry: Entry, sure: float) -> Score:
    """Score a time control: the whole minutes between the due minute and that of the passage."""
    control = task.control
    due_at_ns = due_ns(task, entry)
    set_cs = (due_at_ns - task.midnight_ns) // NS_PER_CS
    found = task.closed.get(entry.start_number, ())
    passages = tuple(one.passage for one in found[:1])
    if reason := _why_open(control.closes, found, sure):
        return _scored(task, entry.start_number, MINUTES, _Measured(set_cs, None, None, passages, reason))
    at_ns, window = passages[0].at_ns or 0, task.rule.settings.window
    deviation = minutes_late(due_at_ns, at_ns, window)
    from_ns = 0 if window == rules.CLOCK_MINUTE else due_at_ns
    reaches = _reaches(at_ns, passages[0].uncertainty_ns or 0, from_ns, NS_PER_MINUTE)
    doubts = _doubts(passages[0], "minute" if reaches else "")
    taken_cs = (at_ns - task.midnight_ns) // NS_PER_CS
    return _scored(task, entry.start_number, MINUTES, _Measured(set_cs, taken_cs, deviation, passages, doubts=doubts))


def passage_control(task: Task, entry: Entry, sure: float) -> Score:
    """Score a passage control: being there is enough, at any time; a missing passage is open, not missed."""
    control = task.control
    found = task.closed.get(entry.start_number, ())
    passages = tuple(one.passage for one in found[:1])
    reason = _why_open(control.closes, found, sure) if not found or found[0].confidence < sure else ""
    deviation = None if reason else 0
    return _scored(task, entry.start_number, "", _Measured(None, None, deviation, passages, reason))


# How each kind of control is measured: a new kind of control is a row.
MEASURES: dict[str, Callable[[Task, Entry, float], Score]] = {
    TIMED_TRIAL: trial,
    AVERAGE_TRIAL: trial,
    TIME_CONTROL: time_control,
    PASSAGE_CONTROL: passage_control,
}
