"""Decisions that came from elsewhere: shown with what they would do, and accepted by somebody here."""

from collections.abc import Sequence

from centesimo.amend.passage_names import passage_names
from centesimo.commands.console import say
from centesimo.commands.take_decision import show_effect
from centesimo.compute import Computation, Facts
from centesimo.decide.effect import effect
from centesimo.model.decisions import Proposal
from centesimo.model.errors import DecisionError
from centesimo.words.about_decisions import signed_by
from centesimo.words.decisions import describe


def show_proposals(facts: Facts, proposals: Sequence[Proposal]) -> None:
    """Say what each proposal decides, who says so and who signed it, then what all of them together would change."""
    computation = Computation()
    before = computation.outcome(facts)
    decisions = tuple(proposal.decision for proposal in proposals)
    rest = tuple(one for one in facts.proposals if one.decision not in decisions)
    after = computation.outcome(facts._replace(decisions=(*facts.decisions, *decisions), proposals=rest))
    named = passage_names(facts.event, decisions, before.passages, before.recorded)
    for proposal in proposals:
        decision = proposal.decision
        say(f"  {decision.id}  {describe(decision, named, facts.event)}")
        say(f"      {decision.who}: {decision.why}; {signed_by(proposal)}")
    show_effect(effect((before.rankings, before.scores), (after.rankings, after.scores)))
    for refused, why in after.applied.refused:
        if refused in decisions:
            say(f"  {refused.id} could not stand: {why}")


def find_proposal(proposals: Sequence[Proposal], written: str) -> Proposal:
    """Return the proposal that is meant by the begin of its id; DecisionError when none is, or several are."""
    named = [one for one in proposals if one.decision.id.startswith(written)]
    if len(named) == 1:
        return named[0]
    ids = ", ".join(one.decision.id for one in proposals) or "none waits"
    got = f"{written}, which {len(named)} begin with" if named else written
    raise DecisionError(f"expected a decision that waits to be accepted ({ids}), got {got}")
