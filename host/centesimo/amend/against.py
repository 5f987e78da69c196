"""What the facts say against decisions that stand: a period in which no car passed, a crew that gave up and was seen.

Such a decision is no mistake: the board may be collected later, another car may have been taken for the crew's. So it
is stored, with a line that says so, and is a finding as long as the facts are so. Pure functions.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from centesimo.amend import last_tube
from centesimo.amend.apply import Applied
from centesimo.amend.shown import clock_at, told
from centesimo.event import Event
from centesimo.facts import Amendment, Finding, MarshalList, Passage, Score
from centesimo.match.chains import chains, places_without

PERIODS = ("unreliable", "shift")
LIKELY = 0.1  # from this chance on a passage of nobody may be that of a crew that gave up
Noted = Mapping[str, tuple[Amendment, ...]]  # by passage id: the amendments that are about it


class Day(NamedTuple):
    """What follows from the facts, as far as it may speak against a decision."""

    event: Event
    lists: Sequence[MarshalList]
    applied: Applied
    passages: Collection[Passage]  # as the amendments leave them
    notes: Noted
    scores: Collection[Score]
    findings: Collection[Finding]  # of match


def against(day: Day) -> Iterator[Finding]:
    """Yield what speaks against the decisions that stand; kind "amendment"."""
    for one in day.applied.standing:
        if one.kind in PERIODS and not held(one, day.passages, day.notes):
            why = stamped(day.event, one, day.passages)
            text = f"Amendment {one.id} ({told(day.event, one)}) changes nothing: {why}."
            yield Finding("amendment", one.board or "", None, text)
    if day.applied.retired:
        yield from _came(day)


def held(one: Amendment, passages: Iterable[Passage], notes: Noted) -> list[Passage]:
    """Return the passages of a board's period, of those that count."""
    return [passage for passage in passages if one in notes.get(passage.id, ())]


def stamped(event: Event, one: Amendment, passages: Iterable[Passage]) -> str:
    """Say from when to when a board has passages, none of them in a period."""
    first = (its.edges[0] for its in passages if its.edges)
    ats_ns = [edge.at_ns for edge in first if edge.board == one.board and edge.at_ns is not None]
    if not ats_ns:
        return f"board {one.board} has no passage with a time yet"
    begin, end = clock_at(event, min(ats_ns)), clock_at(event, max(ats_ns))
    return f"board {one.board} has no passage then, only from {begin} to {end}"


def behind(event: Event, scores: Iterable[Score], start_number: int | None, controls: Collection[str]) -> list[Passage]:
    """Return a crew's passages at controls to which it did not come.

    The tube that closes the trial before is none of them, nor is the one that opens the trial in which it gave up.
    """
    its = [one for one in scores if one.start_number == start_number]
    before = {passage.id for one in its if one.control not in controls for passage in one.passages}
    there = {passage.id: passage for one in its if one.control in controls for passage in one.passages}
    last = last_tube(event, its[0].race, controls) if its else None
    return [one for identity, one in there.items() if identity not in before and one.timing_point != last]


def _came(day: Day) -> Iterator[Finding]:
    """Yield a finding for each crew that gave up and was seen all the same, or may have been, or stands on a list."""
    by = {one.start_number: one for one in day.applied.standing if one.kind == "retire"}  # the last one of each crew
    race_by_number = {entry.start_number: entry.race for entry in day.event.entries}
    passage_by_id, all_chains = {one.id: one for one in day.passages}, chains(day.event)
    for number, controls in day.applied.retired.items():
        points = {point for one in all_chains for _, point in places_without(day.event, one, {number: controls})}
        points.discard(last_tube(day.event, race_by_number.get(number), controls) or "")
        seen = behind(day.event, day.scores, number, controls)
        candidates = (one for finding in day.findings for one in finding.candidates if one.chance >= LIKELY)
        likely = [passage_by_id[one.passage] for one in candidates if one.start_number == number]
        likely = [one for one in likely if one.timing_point in points]
        lists = (its for its in day.lists if its.timing_point in points)
        lines = [one.source for its in lists for one in its.lines if one.start_number == number]
        if seen or likely or lines:
            yield _all_the_same(day.event, by[number], seen, likely, lines)


def _all_the_same(
    event: Event, by: Amendment, seen: Sequence[Passage], likely: Sequence[Passage], lines: Sequence[str]
) -> Finding:
    """Return the finding about a crew that gave up, and what speaks against it."""
    found = [f"was seen at {_places(event, seen)}"] if seen else []
    found += [f"may be what passed {_places(event, likely)}"] if likely else []
    found += [f"stands on {', '.join(lines)}"] if lines else []
    where = "" if by.control is None else f" from {by.control} on"
    text = f"Crew {by.start_number} has retired{where} by amendment {by.id}, but {', and '.join(found)}."
    its = (*seen, *likely)
    point = its[0].timing_point if its else by.control or "amendments"
    return Finding("amendment", point, by.start_number, text, tuple(one.id for one in its))


def _places(event: Event, passages: Iterable[Passage]) -> str:
    return ", ".join(f"{one.timing_point} {clock_at(event, one.at_ns)}".rstrip() for one in passages)
