"""What officials change of scores: each kind of decision is one small pure function in a table.

Decisions apply in the order in which they were decided; what is cancelled stays so whatever else was decided, but its
fixed penalties stand, as the conduct that they are for does, and who is out is out there too. The taken times stay to
be seen, their doubts go where they do not count any more. A decision that fits no score is a finding, not an error:
facts may still come. An average is taken of what the crew's other trials give after all other decisions, so it follows
when those change.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from centesimo.amend import in_order
from centesimo.model.about_decisions import NoSuchScore, PointsUnused, TimeHidden
from centesimo.model.course import controls_named
from centesimo.model.decisions import Action, Average, Cancel, Decision, Exclude, Miss, Penalty, Reinstate, Retire
from centesimo.model.event import AVERAGE_TRIAL, TIMED_TRIAL, Control, Event
from centesimo.model.facts import CANCELLED, EXCLUDED, MISSED, NOT_STARTED, OPEN, RETIRED, SCORED, Score
from centesimo.model.findings import Finding, FindingKind
from centesimo.model.said import joined, said
from centesimo.reading.numbers import plain
from centesimo.rulebook import ROUNDINGS, ControlRule, RuleBook
from centesimo.rulebook.keys import FAIL, Cost
from centesimo.words.decisions import signed

# By race and control: the scores in the order of start numbers, of the same crews in every group of a race.
Key = tuple[str, str]
Groups = Mapping[Key, Sequence[Score]]

# Of which of the crew's other trials an average is taken.
OWN_SERIES = "series"  # the chained trials that it stands in
OWN_LEG = "leg"
OWN_RACE = "race"
AVERAGES = (OWN_SERIES, OWN_LEG, OWN_RACE)

EVERYWHERE = "the event"  # where a decision is about that names no control

OUT = (Exclude, Retire)
FROM_HERE_ON = (*OUT, Reinstate)


class Case(NamedTuple):
    """What a decision needs to know beside the score."""

    rulebook: RuleBook
    rule: ControlRule
    operands: tuple[Score, ...] | None = None  # of which an average is taken; None: not known yet


def amended(
    event: Event, rulebooks: Mapping[str, RuleBook], groups: Groups, decisions: Sequence[Decision]
) -> tuple[dict[Key, Sequence[Score]], list[Finding]]:
    """Return the scores with all decisions applied, and those that fit none as findings of kind "not used".

    Groups that no decision concerns are the given ones.
    """
    ordered = [decision for decision in sorted(decisions, key=in_order) if type(decision.action) in KINDS]
    concerned, findings = _concerned(event, groups, ordered)
    kind_by_control = {control.id: control.kind for control in event.controls}
    changed = dict(groups)
    averages = {place for place, decided in concerned.items() if _has(decided, Average)}

    def rule_of(key: Key) -> ControlRule:
        return rulebooks[key[0]].rule_for(kind_by_control[key[1]])

    def change(key: Key, place: int, operands: tuple[Score, ...] | None) -> Score:
        case = Case(rulebooks[key[0]], rule_of(key), operands)
        return _changed(groups[key][place], concerned[key, place], case)

    first = {(key, place): change(key, place, None) for key, place in concerned}
    _put(changed, first)
    operands = {
        (key, place): _operands(event, changed, averages, key, place, _average_of(concerned[key, place], rule_of(key)))
        for key, place in averages
    }
    _put(changed, {(key, place): change(key, place, scores) for (key, place), scores in operands.items()})
    hidden = [_hidden(groups[key][place], concerned[key, place]) for key, place in sorted(averages)]
    return changed, [*findings, *_without_use(groups, concerned), *filter(None, hidden)]


def _has(decisions: Sequence[Decision], kind: type[Action]) -> bool:
    return any(isinstance(decision.action, kind) for decision in decisions)


def _hidden(measured: Score, decisions: Sequence[Decision]) -> Finding | None:
    """Return the finding that an average lies over a time that was taken, or None when none was or nothing counts."""
    if measured.status != SCORED or measured.penalty is None or _has(decisions, Cancel):
        return None
    last = next(decision for decision in reversed(decisions) if isinstance(decision.action, Average))
    about = TimeHidden(measured.start_number, measured.control, last.id, measured.penalty)
    ids = tuple(passage.id for passage in measured.passages)
    return Finding(FindingKind.AVERAGE, measured.control, measured.start_number, about, ids)


def _put(groups: dict[Key, Sequence[Score]], scores: Mapping[tuple[Key, int], Score]) -> None:
    copies = {key: list(groups[key]) for key in {key for key, _ in scores}}
    for (key, place), score in scores.items():
        copies[key][place] = score
    groups.update(copies)


def _concerned(
    event: Event, groups: Groups, decisions: Sequence[Decision]
) -> tuple[dict[tuple[Key, int], list[Decision]], list[Finding]]:
    """Return the decisions of each score that has some, by key and place, in their order."""
    concerned: dict[tuple[Key, int], list[Decision]] = defaultdict(list)
    findings = []
    for decision in decisions:
        controls, used = reached(event, decision), False
        for key, scores in groups.items():
            if key[1] in controls and decision.race in (None, key[0]):
                places = range(len(scores))
                if decision.start_number is not None:
                    places = _place(scores, decision.start_number)
                for place in places:
                    concerned[key, place].append(decision)
                used = used or bool(places)
        if not used:
            findings.append(_not_used(decision))
    return concerned, findings


def _without_use(groups: Groups, concerned: Mapping[tuple[Key, int], Sequence[Decision]]) -> Iterator[Finding]:
    """Yield the reinstatements that say what an exclusion by the rule book costs instead, where there is none."""
    scores_by_decision: dict[Decision, list[Score]] = defaultdict(list)
    for (key, place), decisions in concerned.items():
        for decision in decisions:
            if isinstance(decision.action, Reinstate) and decision.amount is not None:
                scores_by_decision[decision].append(groups[key][place])
    for decision, scores in scores_by_decision.items():
        if all(score.status != EXCLUDED for score in scores):
            about = PointsUnused(decision.id, decision.start_number, decision.control)
            yield Finding(FindingKind.NOT_USED, decision.control or EVERYWHERE, decision.start_number, about)


def _place(scores: Sequence[Score], start_number: int) -> range:
    """Return the place of a crew in a group as a range, empty if it is not there."""
    for place, score in enumerate(scores):
        if score.start_number == start_number:
            return range(place, place + 1)
    return range(0)


def reached(event: Event, decision: Decision) -> set[str]:
    """Return the ids of the controls that a decision is about."""
    ids = [control.id for control in event.controls]
    if decision.control is None:
        return set(ids)
    named = controls_named(event, decision.control)
    if isinstance(decision.action, FROM_HERE_ON) and named:
        return set(ids[ids.index(named[0]) :])
    return set(named)


def concerning(event: Event, decisions: Sequence[Decision], score: Score) -> list[Decision]:
    """Return the decisions of scores that are about this one, in the order of the decisions."""
    return [
        decision
        for decision in sorted(decisions, key=in_order)
        if score.control in reached(event, decision)
        and decision.race in (None, score.race)
        and decision.start_number in (None, score.start_number)
    ]


def _not_used(decision: Decision) -> Finding:
    about = NoSuchScore(decision.kind, decision.control, decision.start_number)
    return Finding(FindingKind.NOT_USED, decision.control or EVERYWHERE, decision.start_number, about)


def _changed(score: Score, decisions: Sequence[Decision], case: Case) -> Score:
    """Return a score with its decisions, given in their order; a reinstatement lifts what was decided before it."""
    actions = [decision.action for decision in decisions]
    back = max((place for place, action in enumerate(actions) if isinstance(action, Reinstate)), default=-1)
    out = [decision for decision in decisions[back + 1 :] if isinstance(decision.action, OUT)]
    for decision in [*(decision for decision in decisions if not isinstance(decision.action, OUT)), *out]:
        if score.status != CANCELLED or isinstance(decision.action, (*OUT, Penalty)):
            score = KINDS[type(decision.action)](score, decision, case)
    return score


def _average_of(decisions: Sequence[Decision], rule: ControlRule) -> str:
    """Return which average the last decision assigns: the one it names, or else the rule book's."""
    actions = (decision.action for decision in reversed(decisions))
    return next(action.average for action in actions if isinstance(action, Average)) or rule.average


def _operands(
    event: Event,
    groups: Groups,
    averages: set[tuple[Key, int]],
    key: Key,
    place: int,
    of: str,
) -> tuple[Score, ...]:
    """Return the crew's scores of which an average is taken: what was measured, or an official put in its place."""
    race, control = key
    among = averaged_over(event, race, control, of)
    keys = [(race, trial) for trial in among if (race, trial) in groups and ((race, trial), place) not in averages]
    return tuple(groups[trial][place] for trial in keys if groups[trial][place].status == SCORED)


def averaged_over(event: Event, race: str, control: str, of: str) -> list[str]:
    """Return the ids of the other trials of its kind that count for an average: of its series, leg or race."""
    trials = [
        control for control in event.controls if race in control.races and control.kind in (TIMED_TRIAL, AVERAGE_TRIAL)
    ]
    own = next((trial for trial in trials if trial.id == control), None)
    if own is None:
        return []
    if of == OWN_SERIES:
        trials = _series(trials, own)
    alike = (trial for trial in trials if trial is not own and trial.kind == own.kind)
    return [trial.id for trial in alike if of == OWN_RACE or trial.leg == own.leg]


def _series(trials: Sequence[Control], own: Control) -> list[Control]:
    """Return the trials of this one's series, with it: those that the event names so, or else those chained to it."""
    if own.series:
        return [trial for trial in trials if trial.series == own.series]
    series: list[Control] = []
    for trial in trials:
        if series and (series[-1].leg != trial.leg or series[-1].closes != trial.opens):
            if own in series:
                break
            series = []
        series.append(trial)
    return series


def _cost(amount: Decimal, rulebook: RuleBook) -> Decimal:
    return -amount if rulebook.highest_wins and amount else amount


def _beside(score: Score) -> str:
    """Say which fixed penalties lie beside what is put in a score's place."""
    return said("; beside it fixed penalties of {amount}", amount=plain(abs(score.fixed))) if score.fixed else ""


def cancel(score: Score, decision: Decision, case: Case) -> Score:
    """Take a control out, whatever was timed; it is no open question any more. Its fixed penalties stay."""
    reason = said("cancelled: {why}", why=signed(decision)) + _beside(score)
    return score._replace(status=CANCELLED, penalty=score.fixed or None, fails=0, reason=reason, doubts=())


def miss(score: Score, decision: Decision, case: Case) -> Score:
    """Say that a control was not driven: it costs what the decision says, or else the rule book; else it is open."""
    cost: Cost | None = case.rule.missed if decision.amount is None else decision.amount
    reason = said("missed: {why}", why=signed(decision))
    if cost is None:
        reason = joined("; ", (reason, said("the rule book does not say what that costs")))
        return score._replace(status=OPEN, penalty=None, reason=reason, doubts=(), unusable=())
    article = case.rule.missed_article if decision.amount is None else decision.article
    fails, cost = (1, Decimal(0)) if cost == FAIL else (0, cost)
    cost = _cost(cost, case.rulebook) + score.fixed
    reason += _beside(score)
    return score._replace(
        status=MISSED, penalty=cost, fails=fails, article=article or score.article, reason=reason, doubts=()
    )


def penalty(score: Score, decision: Decision, case: Case) -> Score:
    """Add a fixed penalty to what the control gave; an open control stays open, shows it, and costs it once settled.

    A cancelled control gives nothing and costs its fixed penalties.
    """
    amount = decision.amount or Decimal(0)
    fixed_penalty = said("fixed penalty {amount}: {why}", amount=plain(amount), why=signed(decision))
    reason = joined("; ", (score.reason, fixed_penalty))
    cost = _cost(amount, case.rulebook)
    fixed, total = score.fixed + cost, None if score.penalty is None else score.penalty + cost
    if score.status == CANCELLED:
        total = fixed or None
    return score._replace(penalty=total, fixed=fixed, reason=reason)


def exclude(score: Score, decision: Decision, case: Case) -> Score:
    """Exclude the crew at this control: it has no place from here on."""
    reason = said("excluded: {why}", why=signed(decision))
    return score._replace(status=EXCLUDED, penalty=None, reason=reason, doubts=())


def retire(score: Score, decision: Decision, case: Case) -> Score:
    """Say that the crew gave up before this control, or never started: it has no place, and nothing is open."""
    never = decision.control is None
    status, template = (NOT_STARTED, "did not start: {why}") if never else (RETIRED, "retired: {why}")
    return score._replace(status=status, penalty=None, reason=said(template, why=signed(decision)), doubts=())


def reinstate(score: Score, decision: Decision, case: Case) -> Score:
    """Take a crew back in that the rule book excluded here, where the decision says what that costs instead."""
    if score.status != EXCLUDED or decision.amount is None:
        return score
    cost = _cost(decision.amount, case.rulebook) + score.fixed
    reason = joined("; ", (score.reason, said("reinstated: {why}", why=signed(decision))))
    return score._replace(status=SCORED, penalty=cost, reason=reason, doubts=())


def average(score: Score, decision: Decision, case: Case) -> Score:
    """Give the mean of what the crew's other trials gave with their doubts, rounded as [total] says."""
    if case.operands is None:
        return score
    of = _average_of([decision], case.rule)
    given = [score.penalty for score in case.operands if score.penalty is not None]
    if not given:
        template = "average assigned: {why}; no other trial of its {of} has a time"
        reason = said(template, why=signed(decision), of=said(of))
        return score._replace(status=OPEN, penalty=None, reason=reason, doubts=(), unusable=())
    total = case.rulebook.total
    mean = (sum(given, Decimal(0)) / len(given)).quantize(
        Decimal(1).scaleb(-total.decimals), rounding=ROUNDINGS[total.rounding]
    )
    names = ", ".join(operand.control for operand in case.operands)
    template = "average of {trials} = {mean}: {why}"
    reason = said(template, trials=names, mean=plain(mean), why=signed(decision)) + _beside(score)
    doubts = tuple(dict.fromkeys(doubt for operand in case.operands for doubt in operand.doubts))
    return score._replace(status=SCORED, penalty=mean + score.fixed, fails=0, reason=reason, doubts=doubts)


KINDS: dict[type[Action], Callable[[Score, Decision, Case], Score]] = {
    Cancel: cancel,
    Miss: miss,
    Penalty: penalty,
    Exclude: exclude,
    Retire: retire,
    Reinstate: reinstate,
    Average: average,
}
