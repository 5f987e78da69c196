"""What officials change of scores: each kind of amendment is one small pure function in a table.

Amendments apply in the order in which they were decided; a cancelled control stays cancelled whatever else was decided.
The taken times stay to be seen. An amendment that fits no score is a finding, not an error: facts may still come.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from centesimo.event import Event
from centesimo.facts import CANCELLED, EXCLUDED, MISSED, OPEN, Amendment, Finding, Score
from centesimo.rulebook import ControlRule, RuleBook
from centesimo.rules import plain

Applied = Callable[[Score, Amendment, RuleBook, ControlRule], Score]


def amended(
    event: Event, rulebooks: Mapping[str, RuleBook], scores: Sequence[Score], amendments: Sequence[Amendment]
) -> tuple[list[Score], list[Finding]]:
    """Return the scores with all amendments applied, and those that fit none as findings of kind "not used"."""
    changed, findings = list(scores), []
    kind_by_control = {control.id: control.kind for control in event.controls}
    for amendment in sorted(amendments, key=_in_order):
        places = [place for place, score in enumerate(changed) if _concerns(amendment, score)]
        for place in places:
            score, rulebook = changed[place], rulebooks[changed[place].race]
            rule = rulebook.rule_for(kind_by_control[score.control])
            if score.status != CANCELLED:
                changed[place] = KINDS[amendment.kind](score, amendment, rulebook, rule)
        if not places:
            findings.append(_not_used(amendment))
    return changed, findings


def _in_order(amendment: Amendment) -> tuple[int, str, str, int, str]:
    number = amendment.start_number or 0
    return amendment.at_ns, amendment.control, amendment.race or "", number, amendment.kind


def _concerns(amendment: Amendment, score: Score) -> bool:
    return (
        score.control == amendment.control
        and amendment.race in (None, score.race)
        and amendment.start_number in (None, score.start_number)
    )


def _not_used(amendment: Amendment) -> Finding:
    crew = "any crew" if amendment.start_number is None else f"start number {amendment.start_number}"
    text = f"{amendment.kind} of {amendment.control} for {crew} is not used: no such score"
    return Finding("not used", amendment.control, amendment.start_number, text)


def _said(amendment: Amendment) -> str:
    return f"{amendment.why} ({amendment.article})" if amendment.article else amendment.why


def _cost(amount: Decimal, rulebook: RuleBook) -> Decimal:
    return -amount if rulebook.highest_wins and amount else amount


def cancel(score: Score, amendment: Amendment, rulebook: RuleBook, rule: ControlRule) -> Score:
    """Take a control out, whatever was timed; it is no open question any more."""
    return score._replace(status=CANCELLED, penalty=None, reason=f"cancelled: {_said(amendment)}")


def miss(score: Score, amendment: Amendment, rulebook: RuleBook, rule: ControlRule) -> Score:
    """Say that a control was not driven: it costs what the amendment says, or else the rule book; else it is open."""
    cost = rule.missed if amendment.amount is None else amendment.amount
    reason = f"missed: {_said(amendment)}"
    if cost is None:
        return score._replace(status=OPEN, penalty=None, reason=f"{reason}; the rule book does not say what that costs")
    article = rule.missed_article if amendment.amount is None else amendment.article
    return score._replace(status=MISSED, penalty=_cost(cost, rulebook), article=article or score.article, reason=reason)


def penalty(score: Score, amendment: Amendment, rulebook: RuleBook, rule: ControlRule) -> Score:
    """Add a fixed penalty to what the control gave; an open control stays open and shows it."""
    amount = amendment.amount or Decimal(0)
    reason = f"{score.reason}; fixed penalty {plain(amount)}: {_said(amendment)}"
    if score.penalty is None:
        return score._replace(reason=reason)
    return score._replace(penalty=score.penalty + _cost(amount, rulebook), reason=reason)


def exclude(score: Score, amendment: Amendment, rulebook: RuleBook, rule: ControlRule) -> Score:
    """Exclude the crew at this control: it has no place from here on."""
    return score._replace(status=EXCLUDED, penalty=None, reason=f"excluded: {_said(amendment)}")


KINDS: dict[str, Applied] = {"cancel": cancel, "miss": miss, "penalty": penalty, "exclude": exclude}
