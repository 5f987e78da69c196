"""All that follows from the facts, in one pure function: the steps of the flow from edges to rankings, in their order.

Whoever wants a number asks for the whole: the same facts give the same outcome again, whichever command asked.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from centesimo.edges import edges
from centesimo.event import Event
from centesimo.facts import Attribution, Finding, MarshalList, Passage, Ranking, Score
from centesimo.match import match
from centesimo.passages import passages
from centesimo.rank import rankings
from centesimo.rulebook import RuleBook, find_rulebook
from centesimo.score import score


class Facts(NamedTuple):
    """What was recorded and what people wrote; nothing in it was computed."""

    event: Event
    lists: tuple[MarshalList, ...]
    records: Mapping[str, Sequence[bytes]]  # every journal record by board (16 hex digits), in order of sequence
    loaded: tuple[Passage, ...]  # timed by other devices or by hand


class Outcome(NamedTuple):
    """What follows from the facts."""

    passages: tuple[Passage, ...]  # of boards and of loaded files
    attributions: tuple[Attribution, ...]
    scores: tuple[Score, ...]
    rankings: tuple[Ranking, ...]
    findings: tuple[Finding, ...]  # of every step, in the order of the flow


def compute(facts: Facts, up_to: str | None = None) -> Outcome:
    """Return all that follows from the facts; `up_to` is the last control that counts in the rankings (None: all).

    RuleBookError when a race's rule book is missing or does not fit.
    """
    event = facts.event
    books = rulebooks(event)
    stamped, of_edges = edges(facts.records)
    crossed, of_passages = passages(stamped, event.timing_points)
    crossed.extend(facts.loaded)
    attributions, of_match = match(event, crossed, facts.lists)
    scores, of_score = score(event, books, attributions)
    return Outcome(
        tuple(crossed),
        tuple(attributions),
        tuple(scores),
        tuple(rankings(event, books, scores, up_to)),
        (*of_edges, *of_passages, *of_match, *of_score),
    )


def rulebooks(event: Event) -> dict[str, RuleBook]:
    """Return each race's rule book by the race's id, from the event's files or the shipped ones."""
    return {race.id: find_rulebook(event.files, race.rulebook) for race in event.races}
