"""What an official should know of a decision before it is confirmed, beside the scores and places that it changes.

Lines about what it meets in the facts, and the findings that it adds. Nothing is refused here: validate.py does that.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from centesimo.amend.scores import reached
from centesimo.compute import Outcome
from centesimo.crosscheck.decisions import behind, find_stamped_ns, held
from centesimo.decide.effect import Effect, effect
from centesimo.model.decisions import Decision, Period, Retire
from centesimo.model.event import Event
from centesimo.model.facts import Passage, by_time
from centesimo.model.findings import Finding
from centesimo.words.about_decisions import board_stamped
from centesimo.words.findings import whole
from centesimo.words.instants import clock_at, shown_passage

FEW = 12  # crews, or passages, that are named; more are counted


class Foreseen(NamedTuple):
    """What a decision would do, and what it meets in the facts."""

    effect: Effect
    met: tuple[str, ...]  # lines for an official, to be read before it is confirmed
    added: tuple[Finding, ...]  # that there were not before
    settled: tuple[Finding, ...]  # that there are no more
    is_idle: bool  # it is about a period in which its board has no passage that counts

    def as_json(self, event: Event) -> dict[str, Any]:
        """Return it as values that JSON can hold."""
        return {
            **self.effect.as_json(),
            "met": list(self.met),
            "findings": [_as_json(finding, event) for finding in self.added],
            "settled": [_as_json(finding, event) for finding in self.settled],
        }


def _as_json(finding: Finding, event: Event) -> dict[str, Any]:
    return {**whole(finding, event), "candidates": finding.candidates}


def foresee(event: Event, before: Outcome, after: Outcome, new: Decision) -> Foreseen:
    """Return what a new decision would do; `after` has it, `before` not."""
    met: list[str] = []
    action = new.action
    is_idle = isinstance(action, Period) and not held(new, after.passages, after.notes)
    if isinstance(action, Period):
        met = [_idle(event, after, action.board) if is_idle else _period(event, before, after, new)]
    elif isinstance(action, Retire):
        met = _seen(event, before, new)
    met += _with_it(event, before, after, new)
    changes = effect((before.rankings, before.scores), (after.rankings, after.scores))
    added, settled = _not_in(before.findings, after.findings), _not_in(after.findings, before.findings)
    return Foreseen(changes, tuple(met), added, settled, is_idle)


def _with_it(event: Event, before: Outcome, after: Outcome, new: Decision) -> list[str]:
    """Say which other passages become another crew's, or nobody's that is sure, by a decision."""
    was = {made.passage.id: made.start_number for made in before.attributions}
    now = {made.passage.id: made.start_number for made in after.attributions}
    own = {*new.passages, new.inserted_id}
    there = {passage.id for passage in before.passages}
    moved = [
        f"{shown_passage(event, passage)} from {_whose(was.get(passage.id))} to {_whose(now.get(passage.id))}"
        for passage in sorted(after.passages, key=by_time)
        if passage.id in there and passage.id not in own and was.get(passage.id) != now.get(passage.id)
    ]
    more = f"; and {len(moved) - FEW} more" if len(moved) > FEW else ""
    return [f"With it go other passages: {'; '.join(moved[:FEW])}{more}."] if moved else []


def _whose(start_number: int | None) -> str:
    return "nobody who is sure" if start_number is None else f"crew {start_number}"


def _not_in(earlier: Sequence[Finding], findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings that are about nothing that the earlier ones are; how likely they say it is may differ."""
    about = {_about(finding) for finding in earlier}
    return tuple(finding for finding in findings if _about(finding) not in about)


def _about(finding: Finding) -> tuple[str, str, int | None, tuple[str, ...]]:
    return finding.kind, finding.where, finding.start_number, finding.passages


def _idle(event: Event, after: Outcome, board: str) -> str:
    why = board_stamped(event, board, find_stamped_ns(board, after.passages))
    return f"Warning: {why}. Stored, this changes nothing, and is a finding as long as that is so."


def _period(event: Event, before: Outcome, after: Outcome, new: Decision) -> str:
    """Say how many passages of which crews a period holds, and where."""
    passages = held(new, after.passages, after.notes)
    used = {passage.timing_point for passage in passages}
    points = [point.id for point in event.timing_points if point.id in used]
    number_by_id = {made.passage.id: made.start_number for made in before.attributions}
    crews = sorted({number_by_id[passage.id] for passage in passages if passage.id in number_by_id})
    nobodys = sum(passage.id not in number_by_id for passage in passages)
    whose = [f"of crew{'s' * (len(crews) > 1)} {', '.join(map(str, crews))}"] if 0 < len(crews) <= FEW else []
    whose += [f"of {len(crews)} crews"] if len(crews) > FEW else []
    whose += [f"{nobodys} of no crew that is known"] if nobodys else []
    at_points = [_stamped_at(event, point, passages) for point in points]
    plural = "s" * (len(passages) > 1)
    return f"The period holds {len(passages)} passage{plural}: {'; '.join([*at_points, *whose])}."


def _stamped_at(event: Event, point: str, passages: Sequence[Passage]) -> str:
    """Say how many passages of a period are at one timing point, from when to when the board stamped them."""
    ats_ns = [passage.edges[0].at_ns or 0 for passage in passages if passage.timing_point == point]
    begin, end = clock_at(event, min(ats_ns)), clock_at(event, max(ats_ns))
    return f"{len(ats_ns)} at {point} from {begin} to {end}" if len(ats_ns) > 1 else f"1 at {point} at {begin}"


def _seen(event: Event, before: Outcome, new: Decision) -> list[str]:
    """Say where a crew that gave up was seen at a control that it did not come to."""
    passages = behind(event, before.scores, new.start_number, reached(event, new))
    if not passages:
        return []
    named = ", ".join(shown_passage(event, passage) for passage in passages[:FEW])
    more = f" and {len(passages) - FEW} more" if len(passages) > FEW else ""
    return [f"Warning: crew {new.start_number} was seen there: {named}{more}. That is a finding as long as it is so."]
