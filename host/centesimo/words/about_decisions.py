"""What the sentences about officials' decisions are put together from."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from centesimo.model import about_decisions as about
from centesimo.model.decisions import Proposal
from centesimo.model.event import Event
from centesimo.model.facts import Passage
from centesimo.model.findings import Finding
from centesimo.model.said import joined, said
from centesimo.reading.numbers import plain
from centesimo.words import english
from centesimo.words.boards import shown_board
from centesimo.words.decisions import describe
from centesimo.words.instants import clock_at, shown_passage

Parts = dict[str, str | int]

KEY_DIGITS = 12  # of a device's key


def decision_unused(unused: about.DecisionUnused, finding: Finding, event: Event) -> Parts:
    """Return what the decision says."""
    decision = unused.decision
    names = {passage.id: shown_passage(event, passage) for passage in unused.passages}
    return {"id": decision.id, "text": describe(decision, names, event)}


def time_hidden(hidden: about.TimeHidden, finding: Finding, event: Event) -> Parts:
    """Return what the hidden time would give."""
    return {"cost": plain(hidden.penalty)}


def points_unused(unused: about.PointsUnused, finding: Finding, event: Event) -> Parts:
    """Return from where on."""
    return {"place": unused.control or said(english.THE_EVENT)}


def no_such_score(missing: about.NoSuchScore, finding: Finding, event: Event) -> Parts:
    """Return of what place and of whom there is no score."""
    number = missing.start_number
    crew = said(english.ANY_CREW) if number is None else said(english.START_NUMBER, start_number=number)
    return {"place": missing.control or said(english.THE_EVENT), "crew": crew}


def period_empty(empty: about.PeriodEmpty, finding: Finding, event: Event) -> Parts:
    """Return what the decision says, and when its board has passages."""
    decision = empty.decision
    why = board_stamped(event, empty.board, empty.stamped_ns)
    return {"id": decision.id, "text": describe(decision, None, event), "why": why}


def board_stamped(event: Event, board: str, stamped_ns: tuple[int, int] | None) -> str:
    """Return from when to when a board has passages, none of them in a period."""
    if stamped_ns is None:
        return said(english.NOTHING_STAMPED, board=shown_board(event, board))
    begin, end = (clock_at(event, at_ns) for at_ns in stamped_ns)
    return said(english.STAMPED, board=shown_board(event, board), begin=begin, end=end)


def retired_and_seen(retired: about.RetiredAndSeen, finding: Finding, event: Event) -> Parts:
    """Return from where on a crew gave up, and where it was seen all the same."""
    keyed = joined(
        ", ",
        [
            said(
                english.KEYED_BY,
                timing_point=sighting.timing_point,
                clock=clock_at(event, sighting.at_ns),
                person=sighting.person,
            )
            for sighting in retired.keyed
        ],
    )
    against = (
        (english.WAS_SEEN, _places(event, retired.seen)),
        (english.MAY_BE, _places(event, retired.likely)),
        (english.STANDS_ON, ", ".join(retired.lines)),
        (english.WAS_KEYED, keyed),
    )
    control = retired.decision.control
    return {
        "start_number": retired.decision.start_number or 0,
        "id": retired.decision.id,
        "from_here": "" if control is None else said(english.FROM_CONTROL, control=control),
        "against": joined(said(english.AND), [said(template, where=where) for template, where in against if where]),
    }


def _places(event: Event, passages: Iterable[Passage]) -> str:
    return ", ".join(f"{passage.timing_point} {clock_at(event, passage.at_ns)}".rstrip() for passage in passages)


def proposed(proposed: about.Proposed, finding: Finding, event: Event) -> Parts:
    """Return what a proposal says, and who signed it."""
    decision = proposed.proposal.decision
    text = describe(decision, None, event)
    return {"id": decision.id, "text": text, "who": decision.who, "signed": signed_by(proposed.proposal)}


def signed_by(proposal: Proposal) -> str:
    """Return which devices signed a decision."""
    keys = ", ".join(key[:KEY_DIGITS] for key in proposal.keys)
    return said(english.SIGNED_BY, keys=keys) if keys else said(english.NOT_SIGNED)


PARTS: Mapping[type, Callable[[Any, Finding, Event], Parts]] = {
    about.DecisionUnused: decision_unused,
    about.Proposed: proposed,
    about.TimeHidden: time_hidden,
    about.PointsUnused: points_unused,
    about.NoSuchScore: no_such_score,
    about.PeriodEmpty: period_empty,
    about.RetiredAndSeen: retired_and_seen,
}
