"""How decisions and what they are about are shown to people: passages by point and local time, never by id alone."""

from collections.abc import Collection, Iterable, Mapping

from centesimo.amend import describe, inserted_passage
from centesimo.model.event import Event
from centesimo.model.facts import Decision, Passage
from centesimo.reading.localtime import local_text, offset_if_twice

HUNDREDTH, OF_SECOND, OF_MINUTE = len("10:05:58.60"), len("10:05:58"), len("10:05")


def shown_at(event: Event, at_ns: int | None) -> str:
    """Return an instant as local date and time to the microsecond; "" when it is not known."""
    return "" if at_ns is None else local_text(at_ns, event.timezone)


def clock_at(event: Event, at_ns: int | None, digits: int = HUNDREDTH) -> str:
    """Return an instant as local time; "" when it is not known.

    With its date where the event has several days, with its offset from UTC where the clocks show that hour twice.
    """
    several = len({leg.date for leg in event.legs}) > 1
    return dated_at(event, at_ns, digits) if several else dated_at(event, at_ns, digits).partition(" ")[2]


def dated_at(event: Event, at_ns: int | None, digits: int = OF_MINUTE) -> str:
    """Return an instant as local date and time, with its offset where the clocks show that hour twice; "": unknown."""
    if at_ns is None:
        return ""
    day, _, hour = shown_at(event, at_ns).partition("T")
    return f"{day} {hour[:digits]}{offset_if_twice(at_ns, event.timezone)}"


def shown_passage(event: Event, passage: Passage) -> str:
    """Return where and when a passage was: "A1 at 10:05:58.60"."""
    return f"{passage.timing_point} at {clock_at(event, passage.at_ns) or 'a time that is not known'}"


def meant(
    decisions: Collection[Decision], passages: Iterable[Passage], recorded: Mapping[str, Passage]
) -> dict[str, Passage]:
    """Return by id the passages that amendments are about, without those that do not exist any more.

    `passages` are as the amendments leave them, `recorded` as boards and files have them: those that were voided.
    """
    wanted = {identity for one in decisions for identity in (one.passage, one.other_passage) if identity}
    found = {its.id: its for its in map(inserted_passage, (one for one in decisions if one.kind == "insert"))}
    found |= {identity: recorded[identity] for identity in wanted if identity in recorded}
    return found | {one.id: one for one in passages if one.id in wanted}


def names(
    event: Event, decisions: Collection[Decision], passages: Iterable[Passage], recorded: Mapping[str, Passage]
) -> dict[str, str]:
    """Return the names by id of the passages that amendments are about, as `meant` finds them."""
    its = meant(decisions, passages, recorded)
    return {identity: shown_passage(event, one) for identity, one in its.items()}


def told(event: Event, decision: Decision, named: Mapping[str, str] | None = None) -> str:
    """Return what an amendment says, as `describe`, with the local times in it; `named` are the names of passages."""
    text = describe(decision, named)
    if decision.from_ns is not None and decision.to_ns is not None:
        begin, end = (dated_at(event, at_ns, OF_SECOND) for at_ns in (decision.from_ns, decision.to_ns))
        return f"{text} from {begin} to {end}"
    if decision.kind != "insert":
        return text
    where = f" at {decision.timing_point}"
    return text.replace(f"{where} by ", f"{where} at {clock_at(event, decision.passed_at_ns)} by ", 1)
