"""What people call the passages that decisions are about: where and when they were, never the id alone."""

from collections.abc import Collection, Iterable, Mapping

from centesimo.amend import inserted_passage
from centesimo.model.decisions import Decision, Insert
from centesimo.model.event import Event
from centesimo.model.facts import Passage
from centesimo.words.instants import shown_passage


def passages_of(
    decisions: Collection[Decision], passages: Iterable[Passage], recorded: Mapping[str, Passage]
) -> dict[str, Passage]:
    """Return by id the passages that decisions are about, without those that do not exist any more.

    `passages` are as the decisions leave them, `recorded` as boards and files have them: those that were voided.
    """
    wanted = {identity for decision in decisions for identity in decision.passages}
    inserted = (inserted_passage(decision) for decision in decisions if isinstance(decision.action, Insert))
    passage_by_id = {passage.id: passage for passage in inserted}
    passage_by_id |= {identity: recorded[identity] for identity in wanted if identity in recorded}
    return passage_by_id | {passage.id: passage for passage in passages if passage.id in wanted}


def passage_names(
    event: Event, decisions: Collection[Decision], passages: Iterable[Passage], recorded: Mapping[str, Passage]
) -> dict[str, str]:
    """Return by id what people call the passages that decisions are about, as `passages_of` finds them."""
    passage_by_id = passages_of(decisions, passages, recorded)
    return {identity: shown_passage(event, passage) for identity, passage in passage_by_id.items()}
