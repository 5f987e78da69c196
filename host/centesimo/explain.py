"""A published number walked back: from the penalty to the rule, both passages, every edge and the counter it came from.

Values only: what is shown is what the score, its passages and its attributions hold, next to how it is reckoned. The
command prints `lines`, or `as_json` for a program.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from centesimo.event import Control, Event
from centesimo.facts import Attribution, Edge, Passage, Score
from centesimo.instants import CS_PER_MINUTE, HUNDREDTHS, MINUTES, NS_PER_CS, hundredths
from centesimo.passages import FLAGS
from centesimo.rulebook import TRUNCATE_DEVIATION, RuleBook
from protocol.record import STATE_NAMES

NS_PER_S = 1_000_000_000
NOT_KNOWN = "not known"

Value = str | int | float | bool | list[str] | list[int] | None


class Fact(NamedTuple):
    """One thing to say: its value for a program, and how a person reads it."""

    key: str  # of JSON, with the unit
    value: Value
    name: str
    shown: str | None  # None: for programs only


class ExplainedPassage(NamedTuple):
    """One passage with all that is known of it, and its edges one by one."""

    facts: tuple[Fact, ...]
    edges: tuple[tuple[Fact, ...], ...]


class Explanation(NamedTuple):
    """All the facts of one score."""

    facts: tuple[Fact, ...]
    passages: tuple[ExplainedPassage, ...]

    def lines(self) -> list[str]:
        """Return it as lines of text, one fact each; what belongs to a passage or an edge is indented."""
        found = _lines(self.facts)
        for passage in self.passages:
            found += ["", *_lines(passage.facts)]
            found += [f"  edge {', '.join(fact.shown for fact in edge if fact.shown)}" for edge in passage.edges]
        return found

    def as_json(self) -> dict[str, Any]:
        """Return it as values that JSON can hold; instants are ns since 1970, penalties texts."""
        content: dict[str, Any] = {fact.key: fact.value for fact in self.facts}
        content["passages"] = [
            {fact.key: fact.value for fact in passage.facts}
            | {"edges": [{fact.key: fact.value for fact in edge} for edge in passage.edges]}
            for passage in self.passages
        ]
        return content


def explain(event: Event, rulebook: RuleBook, score: Score, attributions: Iterable[Attribution] = ()) -> Explanation:
    """Return all the facts of one score; attributions may be all of the event's, those of its passages are shown."""
    by_passage = {a.passage.id: a for a in attributions if a.start_number == score.start_number}
    control = next(control for control in event.controls if control.id == score.control)
    return Explanation(
        facts=tuple(_score_facts(event, control, rulebook, score)),
        passages=tuple(
            ExplainedPassage(
                facts=tuple(_passage_facts(event, rulebook, passage, by_passage.get(passage.id))),
                edges=tuple(_edge_facts(edge, event.timezone, passage.edges[0]) for edge in passage.edges),
            )
            for passage in score.passages
        ),
    )


def _fact(key: str, value: Value, shown: str | None = "", name: str = "") -> Fact:
    """Return a fact that is shown as its value where nothing else is said."""
    text = (NOT_KNOWN if value is None else str(value)) if shown == "" else shown
    return Fact(key, value, name or key.replace("_", " "), text)


def _lines(facts: Iterable[Fact]) -> list[str]:
    return [f"{fact.name:<18}{fact.shown}" for fact in facts if fact.shown is not None]


def _score_facts(event: Event, control: Control, rulebook: RuleBook, score: Score) -> Iterator[Fact]:
    entry = next(entry for entry in event.entries if entry.start_number == score.start_number)
    yield _fact("start_number", score.start_number)
    yield _fact("crew", entry.crew)
    yield _fact("race", score.race)
    yield _fact("control", score.control, f"{score.control}, {control.kind} of leg {control.leg}")
    yield _fact("status", score.status)
    yield _fact("penalty", None if score.penalty is None else f"{score.penalty:f}", _shown_penalty(score))
    yield _fact("how", score.reason)
    yield _fact("set_cs", score.set_cs, _time(score.set_cs, score.unit), "set time")
    yield _fact("taken_cs", score.taken_cs, _time(score.taken_cs, score.unit), "taken time")
    yield _fact("deviation", score.deviation, _deviation(score))
    yield _fact("unit", score.unit, None)
    yield _fact("arithmetic", _arithmetic(score, rulebook, event.timezone))
    yield _fact("instants", rulebook.instants, _with_article(rulebook.instants, rulebook.instants_article))
    yield _fact("article", score.article, score.article or "not given")
    yield _fact("rulebook", rulebook.name, f"{rulebook.title} ({rulebook.name})", "rule book")
    yield _fact("rulebook_digest", rulebook.digest, name="its digest")
    yield _fact("doubts", list(score.doubts), "; ".join(score.doubts) or "none")


def _shown_penalty(score: Score) -> str:
    return "none yet" if score.penalty is None else f"{score.penalty:f}"


def _with_article(what: str, article: str) -> str:
    return f"{what} ({article})" if article else what


def _time(time_cs: int | None, unit: str) -> str:
    """Show a trial's time as a duration, a time control's as the time of day on the card."""
    if time_cs is None:
        return NOT_KNOWN
    minutes, rest_cs = divmod(time_cs, CS_PER_MINUTE)
    if unit == HUNDREDTHS:
        return f"{minutes}:{rest_cs // 100:02}.{rest_cs % 100:02}"
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest_cs // 100:02}.{rest_cs % 100:02}"


def _deviation(score: Score) -> str:
    if score.deviation is None:
        return NOT_KNOWN
    if score.deviation == 0:
        return "none"
    size, unit = abs(score.deviation), "/100 s" if score.unit == HUNDREDTHS else f" {score.unit}"
    return f"{size}{unit} {'early' if score.deviation < 0 else 'late'}"


def _arithmetic(score: Score, rulebook: RuleBook, zone: ZoneInfo) -> str:
    """Return how the deviation follows from the passages, in numbers that a person can check by hand."""
    if score.deviation is None:
        return "no deviation without both times"
    if score.unit == MINUTES:
        return f"card {_time(score.taken_cs, MINUTES)}, due {_time(score.set_cs, MINUTES)}: {_deviation(score)}"
    if score.unit != HUNDREDTHS:
        return "being there is enough"
    opened, closed = (passage.at_ns or 0 for passage in score.passages)
    set_time, deviation = _time(score.set_cs, HUNDREDTHS), f"{Decimal(score.deviation) / 100:+.2f} s"
    if rulebook.instants == TRUNCATE_DEVIATION:
        taken = Decimal(closed - opened) / NS_PER_S
        return f"{taken} s - {set_time} = {deviation}, what follows the hundredth dropped"
    clocks = (_hundredth(at_ns, rulebook.instants, zone) for at_ns in (closed, opened))
    return f"{' - '.join(clocks)} - {set_time} = {deviation}"


def _hundredth(at_ns: int, instants: str, zone: ZoneInfo) -> str:
    """Show an instant as the hundredth of local time that counts."""
    return _clock(hundredths(at_ns, instants) * NS_PER_CS, zone)[:-4]


def _clock(at_ns: int, zone: ZoneInfo) -> str:
    """Show an instant as local time with microseconds; what follows them is dropped."""
    local = datetime.fromtimestamp(at_ns // NS_PER_S, UTC).astimezone(zone)
    return f"{local:%H:%M:%S}.{at_ns % NS_PER_S // 1000:06}"


def _utc(at_ns: int) -> str:
    return f"{datetime.fromtimestamp(at_ns // NS_PER_S, UTC):%Y-%m-%dT%H:%M:%S}.{at_ns % NS_PER_S:09}Z"


def _passage_facts(
    event: Event, rulebook: RuleBook, passage: Passage, attribution: Attribution | None
) -> Iterator[Fact]:
    place = next((point.place for point in event.timing_points if point.id == passage.timing_point), "")
    yield _fact("passage", passage.id)
    yield _fact("timing_point", passage.timing_point, f"{passage.timing_point} {place}".rstrip())
    yield from _time_facts(passage, rulebook, event.timezone)
    yield from _origin_facts(passage)
    words = "; ".join(f"{flag}: {FLAGS.get(flag, flag)}" for flag in passage.flags)
    yield _fact("flags", list(passage.flags), words or "none")
    if attribution is not None:
        yield _fact("grounds", attribution.grounds)
        yield _fact("confidence", attribution.confidence, f"{attribution.confidence:.2%}")


def _time_facts(passage: Passage, rulebook: RuleBook, zone: ZoneInfo) -> Iterator[Fact]:
    at_ns, uncertainty_ns = passage.at_ns, passage.uncertainty_ns
    if at_ns is None:
        yield _fact("local_time", None)
    else:
        yield _fact("local_time", _clock(at_ns, zone))
        if rulebook.instants != TRUNCATE_DEVIATION:
            yield _fact("hundredth", _hundredth(at_ns, rulebook.instants, zone))
        yield _fact("utc", _utc(at_ns))
    yield _fact("at_ns", at_ns, None)
    yield _fact("uncertainty_ns", uncertainty_ns, _uncertainty(uncertainty_ns), "uncertainty")
    yield _fact("second_confirmed", passage.confirmed, "yes" if passage.confirmed else "no")


def _uncertainty(uncertainty_ns: int | None) -> str:
    return "not stated" if uncertainty_ns is None else f"+- {Decimal(uncertainty_ns) / 1000} us"


def _origin_facts(passage: Passage) -> Iterator[Fact]:
    """Say where a passage comes from: its first edge on a board, or the line of a loaded file."""
    yield _fact("source", passage.source)
    if passage.edges:
        first = passage.edges[0]
        yield _fact("board", first.board)
        yield _fact("input", first.input)
        yield _fact("boot", first.boot)
        yield _fact("records", [edge.sequence for edge in passage.edges], _list(e.sequence for e in passage.edges))
        yield _fact("counter_us", first.counter_us, f"{first.counter_us} us", "counter")
        yield _fact("time_found", first.how)
        yield _fact("sync_state", _state(first))
    elif passage.id.startswith("load:"):
        digest, line = passage.id.removeprefix("load:").rsplit(":", 1)
        yield _fact("loaded_file", digest, f"SHA-256 {digest}")
        yield _fact("line", int(line))


def _list(numbers: Iterable[int]) -> str:
    return ", ".join(map(str, numbers))


def _state(edge: Edge) -> str:
    """Name the board's own state; a newer board may know more of them."""
    return STATE_NAMES[edge.state] if edge.state < len(STATE_NAMES) else f"state {edge.state}"


def _edge_facts(edge: Edge, zone: ZoneInfo, first: Edge) -> tuple[Fact, ...]:
    """Say all of one edge; `after_us` is how long after the passage's first edge, by the same counter."""
    after_us = edge.counter_us - first.counter_us
    clock = None if edge.at_ns is None else _clock(edge.at_ns, zone)
    return (
        _fact("record", edge.sequence, f"record {edge.sequence}"),
        _fact("counter_us", edge.counter_us, f"counter {edge.counter_us} us"),
        _fact("after_us", after_us, f"after {after_us} us"),
        _fact("local_time", clock, clock or "time not known"),
        _fact("at_ns", edge.at_ns, None),
        _fact("uncertainty_ns", edge.uncertainty_ns, _uncertainty(edge.uncertainty_ns)),
        _fact("second_confirmed", edge.confirmed, "second confirmed" if edge.confirmed else "second not confirmed"),
        _fact("time_found", edge.how),
        _fact("sync_state", _state(edge)),
        _fact("simulated", edge.simulated, "simulated" if edge.simulated else None),
    )
