"""Whose a passage was before a decision voided it: a voided passage is nobody's, but people ask about a crew's time.

It is what the facts of today give with the decisions taken before that one, so it follows when more is collected.
"""

from centesimo.amend import in_order
from centesimo.compute import Computation, Facts


def owners(facts: Facts, computation: Computation) -> dict[str, int]:
    """Return the start numbers by the ids of the decisions that void a passage; those of nobody's passage have none."""
    ordered = sorted(facts.amendments, key=in_order)
    found: dict[str, int] = {}
    for place, one in enumerate(ordered):
        if one.kind == "void":
            before = computation.outcome(facts._replace(amendments=tuple(ordered[:place])))
            its = {made.passage.id: made.start_number for made in before.attributions}
            if one.passage in its:
                found[one.id] = its[one.passage]
    return found
