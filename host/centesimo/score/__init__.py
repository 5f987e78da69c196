"""What each control gave each crew: from attributed passages to penalties, by the rule book of the crew's race.

A pure function of facts. A control that cannot be scored stays open with the reason, it is never guessed: a passage
that is missing, has no time, is of doubtful crew, or comes before the one that opens the trial; unless the rule book
says that a crew which was seen further on has missed it. What can be scored but deserves a look carries doubts. The
order of the facts does not matter.
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from centesimo.amend.scores import amended
from centesimo.model.decisions import Decision
from centesimo.model.event import AVERAGE_TRIAL, PASSAGE_CONTROL, TIME_CONTROL, TIMED_TRIAL, Control, Entry, Event
from centesimo.model.facts import EXCLUDED, MISSED, OPEN, SCORED, Attribution, Passage, Score
from centesimo.model.findings import Finding
from centesimo.model.said import joined, said
from centesimo.rulebook import CLOSING_TRIAL, TRUNCATE_DEVIATION, RuleBook, rules
from centesimo.rulebook.keys import FAIL, Cost
from centesimo.rulebook.rules import Outcome
from centesimo.score.crossings import crossings, road
from centesimo.score.doubts import deviation_doubts, doubts_of, reaches, why_open
from centesimo.score.instants import CS_PER_MINUTE as CS_PER_MINUTE
from centesimo.score.instants import HUNDREDTHS as HUNDREDTHS
from centesimo.score.instants import MINUTES as MINUTES
from centesimo.score.instants import NS_PER_CS as NS_PER_CS
from centesimo.score.instants import NS_PER_MINUTE, minutes_late, trial_deviation
from centesimo.score.tasks import SURE as SURE
from centesimo.score.tasks import Task, due_ns, tasks
from centesimo.score.unattributed import ANYBODY, NOTHING, Unattributed


def score(
    event: Event,
    rulebooks: Mapping[str, RuleBook],
    attributions: Sequence[Attribution],
    sure: float = SURE,
    decisions: Sequence[Decision] = (),
    unattributed: Unattributed = NOTHING,
) -> tuple[list[Score], list[Finding]]:
    """Return one score for each crew and control of its race, in the order of races, controls and start numbers.

    rulebooks is by race id. An attribution whose confidence is below `sure` leaves its control open. A crew
    that may have made one of the `unattributed` passages has not missed the point. Findings: passages and decisions
    that are not used, and crews that crossed twice. RuleBookError when a race drives a control that its book does not
    cover.
    """
    findings: list[Finding] = []
    crossed = crossings(road(event), attributions, findings)
    groups: dict[tuple[str, str], list[Score]] = {}
    for race in event.races:
        entries = sorted((e for e in event.entries if e.race == race.id), key=lambda entry: entry.start_number)
        for task in tasks(event, race, rulebooks[race.id], crossed, sure, unattributed=unattributed):
            measure = MEASURES[task.control.kind]
            groups[race.id, task.control.id] = [measure(task, entry, sure) for entry in entries]
    changed, of_decisions = amended(event, rulebooks, groups, decisions)
    findings += of_decisions
    scores = [score for group in changed.values() for score in group]
    return scores, sorted(findings, key=lambda finding: (finding.where, finding.start_number or 0, finding.passages))


PASSED_BEFORE = "passed before {point}, out of order"
PASSED_AFTER = "passed after {point}, out of order"


def outcome(task: Task, deviation: int, carried_min: int) -> Outcome:
    """Return what the rule gives for a deviation, in 1/100 s or minutes as the control counts.

    Where the highest total wins, a cost is negative. carried_min: minutes late that new time cards carried on to here.
    """
    key = deviation, carried_min
    result = task.outcome_by_deviation.get(key)
    if result is None:
        if task.control.early_allowed and deviation < 0:
            early = "{size} min early" if task.control.kind == TIME_CONTROL else "{size}/100 s early"
            allowed = said("{early}, which is allowed here", early=said(early, size=-deviation))
            result = Outcome(Decimal(0), allowed)
        else:
            result = task.rule.apply(deviation, task.leg, carried_min)
        if task.rulebook.highest_wins and not task.rule.gains and result.amount:
            result = result._replace(amount=-result.amount, reason=said("{how}, taken off", how=result.reason))
        task.outcome_by_deviation[key] = result
    return result


def _scored(
    task: Task,
    start_number: int,
    unit: str,
    times: tuple[int | None, int | None, int],  # set, taken, deviation
    passages: tuple[Passage, ...],
    doubts: tuple[str, ...] = (),
    carried_min: int = 0,
) -> Score:
    result = outcome(task, times[2], carried_min)
    status, amount = (EXCLUDED, None) if result.excluded else (SCORED, result.amount)
    article, race, control = task.rule.article, task.race.id, task.control.id
    return Score(race, control, start_number, status, unit, *times, amount, article, result.reason, passages, doubts)


def _not_scored(
    task: Task,
    start_number: int,
    unit: str,
    set_cs: int | None,
    passages: tuple[Passage, ...],
    reason: str,
    unusable: tuple[str, ...] = (),
) -> Score:
    """Return an open control, or a missed one where the rule book says so."""
    open_score = Score(
        task.race.id,
        task.control.id,
        start_number,
        OPEN,
        unit,
        set_cs,
        None,
        None,
        None,
        task.rule.article,
        reason,
        passages,
        (),
        unusable=unusable,
    )
    return _missed(task, open_score) if task.rule.missed_when_seen_later else open_score


def _missed(task: Task, score: Score) -> Score:
    """Count a control without a passage as missed, once the crew was seen at a later point of the leg.

    Of a tube in a chain, the rule book says whether both trials cost or only the one that it closes.
    """
    number, rule = score.start_number, task.rule
    if not any(number in crossed for crossed in task.course[task.at :]):
        return score
    opening_only = bool(task.control.opens) and number not in task.opened and number in task.closed
    if not opening_only and number in task.closed:
        return score  # it passed: what is open is something else
    crossed_at = {task.control.opens or "": task.opened, task.control.closes: task.closed}
    unsettled = [
        point
        for point, why_by_number in task.unattributed.items()
        if number not in crossed_at[point] and {number, ANYBODY} & why_by_number.keys()
    ]
    if unsettled:
        elsewhere = [point for point in unsettled if not task.may_be(point, number)]
        if not elsewhere:
            return score
        points = joined(said(" and "), elsewhere)
        more = said("a passage at {points} is of a doubtful crew", points=points)
        return score._replace(reason=joined("; ", (score.reason, more)))
    if opening_only and task.chained_to and rule.missed_tube == CLOSING_TRIAL:
        template = "{how}: missed, which {trial} pays for ({article})"
        reason = said(template, how=score.reason, trial=task.chained_to, article=rule.missed_article)
        return score._replace(status=MISSED, penalty=Decimal(0), reason=reason)
    missed = score._replace(reason=said("{how}, but further on: missed", how=score.reason))
    return _costs(task, missed, rule.missed, rule.missed_article or rule.article)


def _costs(task: Task, score: Score, cost: Cost | None, article: str) -> Score:
    """Return a control that was not driven as it must be, with what that costs; open where no cost is named."""
    if cost is None:
        return score._replace(reason=joined("; ", (score.reason, said("the rule book does not say what that costs"))))
    if cost == FAIL:
        reason = said("{how}: a fail", how=score.reason)
        return score._replace(status=MISSED, penalty=Decimal(0), fails=1, article=article, reason=reason)
    amount = -cost if task.rulebook.highest_wins and cost else cost
    return score._replace(status=MISSED, penalty=amount, article=article)


def trial(task: Task, entry: Entry, sure: float) -> Score:
    """Score a timed or average trial: from the passage that opens it to the one that closes it, in 1/100 s."""
    number, ideal_cs = entry.start_number, _ideal_cs(task.control, entry)
    if task.control.ideal_from:
        own_cs = task.own_ideal_cs.get(number)
        if own_cs is None:
            return _without_ideal(task, number, sure)
        ideal_cs = own_cs
    if task.shift_ns:
        ideal_cs += task.shift_ns.get(number, 0) // NS_PER_CS
    opening, closing = task.opening.get(number), task.closing.get(number)
    if opening is None or closing is None or closing.at_ns <= opening.at_ns:
        return _open_trial(task, number, ideal_cs, sure)
    doubts = opening.doubts + closing.doubts
    if task.rulebook.instants == TRUNCATE_DEVIATION:
        unit_cs = task.rulebook.instants_unit_cs
        deviation = trial_deviation(opening.at_ns, closing.at_ns, ideal_cs, TRUNCATE_DEVIATION, unit_cs)
        doubts += deviation_doubts(opening.passage, closing.passage, ideal_cs, unit_cs)
    else:
        deviation = closing.counted_cs - opening.counted_cs - ideal_cs
    times = ideal_cs, ideal_cs + deviation, deviation
    passages = opening.passage, closing.passage
    if not task.control.sets:
        return _scored(task, number, HUNDREDTHS, times, passages, doubts)
    times, reason = (times[1], times[1], 0), said("sets the crew's own ideal time")
    article, race, control = task.rule.article, task.race.id, task.control.id
    return Score(race, control, number, SCORED, HUNDREDTHS, *times, Decimal(0), article, reason, passages, doubts)


def _ideal_cs(control: Control, entry: Entry) -> int:
    """Return the ideal time of the car that a crew drives in the control's leg."""
    return control.ideal_cs_of(entry.in_leg(control.leg).car_class) or 0


def _without_ideal(task: Task, number: int, sure: float) -> Score:
    """Return a trial whose ideal time the crew has not set: open where it was driven, else as without a passage."""
    opening, closing = task.opening.get(number), task.closing.get(number)
    if opening is None or closing is None or closing.at_ns <= opening.at_ns:
        return _open_trial(task, number, None, sure)
    passages, article = (opening.passage, closing.passage), task.rule.article
    reason = said("no time at {control}, which sets the crew's ideal time", control=task.control.ideal_from)
    times = None, None, None
    return Score(task.race.id, task.control.id, number, OPEN, HUNDREDTHS, *times, None, article, reason, passages, ())


def _open_trial(task: Task, number: int, ideal_cs: int | None, sure: float) -> Score:
    """Return a trial that cannot be scored, with the reason: at one of its tubes, or in the order of both."""
    control, opens = task.control, task.control.opens or ""
    opening, closing = task.opened.get(number), task.closed.get(number)
    passages = tuple([crossed[0].passage for crossed in (opening, closing) if crossed])
    why_by_point = {
        point: why
        for point, crossed in ((opens, opening), (control.closes, closing))
        if (why := why_open(point, crossed, sure, task.may_be(point, number)))
    }
    reversed_order = said("the passage at {closes} is not after the one at {opens}", closes=control.closes, opens=opens)
    reason = joined("; ", why_by_point.values()) or reversed_order
    unusable = tuple(why_by_point) or (control.closes,)
    return _not_scored(task, number, HUNDREDTHS, ideal_cs, passages, reason, unusable)


def time_control(task: Task, entry: Entry, sure: float) -> Score:
    """Score a time control: the whole minutes between the due minute and that of the passage."""
    control = task.control
    due_at_ns = due_ns(task, entry)
    set_cs = task.clock.shown_cs(due_at_ns)
    crossed = task.closed.get(entry.start_number, ())
    passages = tuple(attribution.passage for attribution in crossed[:1])
    reason = why_open(control.closes, crossed, sure, task.may_be(control.closes, entry.start_number))
    unusable = (control.closes,) if reason else ()
    if not_due := task.not_due.get(entry.start_number):
        return _not_scored(task, entry.start_number, MINUTES, None, passages, reason or not_due, unusable)
    if reason:
        return _not_scored(task, entry.start_number, MINUTES, set_cs, passages, reason, unusable)
    at_ns, window = passages[0].at_ns or 0, task.rule.settings.window
    carried_ns = task.carried_ns.get(entry.start_number, 0)
    deviation, reason = minutes_late(due_at_ns, at_ns, window), ""
    if deviation < 0 and task.rule.settings.timing == rules.SCHEDULED:
        scheduled_at_ns = due_at_ns - carried_ns
        deviation = min(minutes_late(scheduled_at_ns, at_ns, window), 0)
        if deviation:
            due_at_ns, set_cs = scheduled_at_ns, task.clock.shown_cs(scheduled_at_ns)
        else:
            reason = said("between the scheduled time and the due time")
    from_ns = 0 if window == rules.CLOCK_MINUTE else due_at_ns
    reached = reaches(at_ns, passages[0].uncertainty_ns or 0, from_ns, NS_PER_MINUTE)
    doubts = doubts_of(passages[0], "minute" if reached else "")
    if due_doubt := task.due_doubts.get(entry.start_number):
        doubts = (*doubts, due_doubt)
    times = set_cs, task.clock.shown_cs(at_ns), deviation
    carried_min = carried_ns // NS_PER_MINUTE
    result = _scored(task, entry.start_number, MINUTES, times, passages, doubts, carried_min)
    return result._replace(reason=reason) if reason else result


def passage_control(task: Task, entry: Entry, sure: float) -> Score:
    """Score a passage control: being there is enough, in the order of the road; the time does not count."""
    number, control = entry.start_number, task.control
    crossed = task.closed.get(number, [])
    passages = tuple(attribution.passage for attribution in crossed[:1])
    if not crossed or crossed[0].confidence < sure:
        reason = why_open(control.closes, crossed, sure, task.may_be(control.closes, number))
        return _not_scored(task, number, "", None, passages, reason, (control.closes,))
    settings = task.rule.settings
    wrong = _out_of_order(task, number) if settings.order == rules.ORDER_COUNTS else ""
    if not wrong:
        return _scored(task, number, "", (None, None, 0), passages)
    open_score = _not_scored(task, number, "", None, passages, wrong)
    return _costs(task, open_score, settings.out_of_order, task.rule.article)


def _out_of_order(task: Task, number: int) -> str:
    """Return at which next point with a passage a crew was out of order, "" when it came in order or has no times."""
    at_ns = task.closed[number][0].passage.at_ns
    if at_ns is None:
        return ""
    before, after = reversed(task.course[: task.at]), iter(task.course[task.at + 1 :])
    for course, wrong, how in ((before, operator.lt, PASSED_BEFORE), (after, operator.gt, PASSED_AFTER)):
        neighbour = next((crossed[number][0].passage for crossed in course if number in crossed), None)
        if neighbour is not None and neighbour.at_ns is not None and wrong(at_ns, neighbour.at_ns):
            return said(how, point=neighbour.timing_point)
    return ""


# How each kind of control is measured: a new kind of control is a row.
MEASURES: dict[str, Callable[[Task, Entry, float], Score]] = {
    TIMED_TRIAL: trial,
    AVERAGE_TRIAL: trial,
    TIME_CONTROL: time_control,
    PASSAGE_CONTROL: passage_control,
}
