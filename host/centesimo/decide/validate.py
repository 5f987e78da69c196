"""Whether a decision settles what it says: asked of the outcome that it would give, before it is stored.

amend/checks.py looks at decisions beside decisions; here is what only the scores can tell. Each function returns one
line that says why not, or "" when it does. Nothing is changed here.
"""

from collections.abc import Callable, Iterator

from centesimo.amend.averages import crew, why_unformed
from centesimo.amend.scores import reached
from centesimo.compute import Outcome, rulebooks
from centesimo.model.course import controls_named
from centesimo.model.decisions import Action, Average, Confirm, Decision, Miss, Reinstate
from centesimo.model.event import Event
from centesimo.model.facts import EXCLUDED, OPEN, Score
from centesimo.model.findings import Finding, FindingKind
from centesimo.words.decisions import describe
from centesimo.words.findings import sentence


def unsettled(event: Event, before: Outcome, after: Outcome, new: Decision) -> str:
    """Return why a new decision cannot be stored though no other one contradicts it; `after` has it, `before` not."""
    own = CHECKS.get(type(new.action))
    why = own(event, after, new) if own is not None else ""
    return why or _confirmed(event, before, after) or _without_use(event, before, after)


def _scores_of(event: Event, outcome: Outcome, decision: Decision) -> list[Score]:
    """Return the scores of a decision's crew at the controls that it names."""
    named = controls_named(event, decision.control or "")
    return [score for score in outcome.scores if score.start_number == decision.start_number and score.control in named]


def average(event: Event, after: Outcome, new: Decision) -> str:
    """An average of nothing settles nothing."""
    race = next(entry.race for entry in event.entries if entry.start_number == new.start_number)
    named = controls_named(event, new.control or "")
    kind = next(control.kind for control in event.controls if control.id in named)
    scores = crew(event, after.scores, new.start_number, after.applied.of_scores)
    return why_unformed(scores, new, rulebooks(event)[race].rule_for(kind).average)


def miss(event: Event, after: Outcome, new: Decision) -> str:
    """A missed control that costs nobody knows what would be open for ever."""
    left = next((score.control for score in _scores_of(event, after, new) if score.status == OPEN), None)
    if left is None or new.amount is not None:
        return ""
    return f"expected --points with a missed {left}: the rule book does not say what that costs"


def confirm(event: Event, after: Outcome, new: Decision) -> str:
    """Only a time that is there is confirmed."""
    for score in _scores_of(event, after, new):
        if score.status == OPEN or score.deviation is None:
            return f"expected a time of crew {new.start_number} at {score.control} to confirm, got none: {score.reason}"
    return ""


def reinstate(event: Event, after: Outcome, new: Decision) -> str:
    """Who is taken back in is out no more: where the rule book excludes, the decision says what that costs instead."""
    number, controls = new.start_number, reached(event, new)
    for score in after.scores:
        if score.start_number == number and score.control in controls and score.status == EXCLUDED:
            return f"expected --points, as the rule book excludes crew {number} at {score.control}: {score.reason}"
    return ""


def _confirmed(event: Event, before: Outcome, after: Outcome) -> str:
    """Return which time that a decision says stands would be another one."""
    changed = {
        (old.start_number, old.control)
        for old, new in zip(before.scores, after.scores, strict=True)
        if old is not new and old.deviation is not None and old.taken_cs != new.taken_cs
    }
    confirmations = (decision for decision in after.applied.standing if isinstance(decision.action, Confirm))
    for confirmed in confirmations if changed else ():
        named = controls_named(event, confirmed.control or "")
        if any((confirmed.start_number, control) in changed for control in named):
            return (
                f"the time of crew {confirmed.start_number} at {confirmed.control} stands by amendment {confirmed.id} "
                f"({describe(confirmed)}), and this would change it: withdraw that first"
            )
    return ""


def _without_use(event: Event, before: Outcome, after: Outcome) -> str:
    """Return which decision would have nothing to change, be it the new one or one that rests on what changes."""
    earlier = set(_idle(before))
    idle = next((finding for finding in _idle(after) if finding not in earlier), None)
    return sentence(idle, event) if idle else ""


def _idle(outcome: Outcome) -> Iterator[Finding]:
    """Yield the findings about decisions that have nothing to change."""
    return (finding for finding in outcome.findings if finding.kind == FindingKind.NOT_USED and not finding.passages)


CHECKS: dict[type[Action], Callable[[Event, Outcome, Decision], str]] = {
    Average: average,
    Miss: miss,
    Confirm: confirm,
    Reinstate: reinstate,
}
