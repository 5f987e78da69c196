"""A published number walked back: from the penalty to the rule, both passages, every edge and the counter it came from.

An Explanation holds values only: what the score, its passages and its attributions hold, and how the penalty is
reckoned from them. The command prints its `lines`, or `as_json` for a program.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from math import floor
from zoneinfo import ZoneInfo

from centesimo.explain.averaged import Operand, reckoned
from centesimo.explain.explanation import NOT_KNOWN, ExplainedPassage, Explanation, Fact, fact
from centesimo.explain.set_time import how_set
from centesimo.explain.totals import in_totals
from centesimo.model.decisions import Decision
from centesimo.model.event import TIME_CONTROL, Event
from centesimo.model.facts import OPEN, Attribution, Edge, Passage, Ranking, Score
from centesimo.model.findings import Finding
from centesimo.reading.localtime import NS_PER_S, local_text, offset_if_twice
from centesimo.reading.numbers import plain, shown_duration
from centesimo.reading.ranges import ranges_text
from centesimo.rulebook import TRUNCATE_DEVIATION, RuleBook
from centesimo.score.instants import CS_PER_MINUTE, HUNDREDTHS, MINUTES, NS_PER_CS, UNIT_WORDS, hundredths
from centesimo.timing.passages import FLAGS, WHEELBASE_MM, speed_kmh
from centesimo.words.basis import basis_words
from centesimo.words.boards import shown_board
from centesimo.words.decisions import describe
from centesimo.words.findings import sentence
from centesimo.words.instants import dated_at, time_of_day
from centesimo_protocol.record import STATE_NAMES

# What an edge with which a contact begins is; the edges that follow it closer than bounce_ms are the same contact.
CONTACTS = {1: "first edge: its instant counts", 2: "contact 2: the next axle"}

GIVEN = "not computed: the crew was given"  # by an official, or by a loaded file that names it

# What an average and the trials that it was taken of have in common, by key: said once.
SHARED = ("start_number", "crew", "race", "instants", "rulebook", "rulebook_digest")


def explain(
    event: Event,
    rulebook: RuleBook,
    score: Score,
    attributions: Iterable[Attribution] = (),
    decisions: Sequence[Decision] = (),
    rankings: Sequence[Ranking] = (),
    operands: Sequence[Operand] = (),
    findings: Sequence[Finding] = (),
    named: Mapping[str, str] | None = None,
    beside: Mapping[str, tuple[Fact, ...]] | None = None,
) -> Explanation:
    """Return all the facts of one score.

    attributions and rankings may be all of the event's: what is about the score is taken from them. decisions are
    those about the score, findings those of related_findings.py, operands the trials that an assigned average was taken
    of (averaged.py), each of which is walked back too. named: by id, the names of the passages and files;
    beside: by id, what people keyed of passages (keyed.py) and who else timed them (witnesses.py).
    """
    by_passage = {a.passage.id: a for a in attributions if a.start_number == score.start_number}
    return Explanation(
        facts=(
            *_score_facts(event, rulebook, score),
            *_finding_facts(event, findings),
            *_average_facts(rulebook, score, operands),
            *_decision_facts(event, decisions, named),
            *_coefficient_facts(event, rulebook, score),
            *_total_facts(rankings, score),
        ),
        passages=_passages(event, rulebook, score, by_passage, beside or {}, named or {}),
        averaged=tuple(_operand(event, rulebook, operand, by_passage, named, beside or {}) for operand in operands),
    )


def _operand(
    event: Event,
    rulebook: RuleBook,
    operand: Operand,
    by_passage: Mapping[str, Attribution],
    named: Mapping[str, str] | None,
    beside: Mapping[str, tuple[Fact, ...]],
) -> Explanation:
    """Return the facts of a trial that an average was taken of, without those that the average itself has too."""
    own = [fact for fact in _score_facts(event, rulebook, operand.score) if fact.key not in SHARED]
    facts = [fact._replace(name="averaged trial") if fact.key == "control" else fact for fact in own]
    return Explanation(
        facts=(*facts, *_decision_facts(event, operand.decisions, named)),
        passages=_passages(event, rulebook, operand.score, by_passage, beside, named or {}),
    )


def _passages(
    event: Event,
    rulebook: RuleBook,
    score: Score,
    by_passage: Mapping[str, Attribution],
    beside: Mapping[str, tuple[Fact, ...]],
    named: Mapping[str, str],
) -> tuple[ExplainedPassage, ...]:
    return tuple(
        ExplainedPassage(
            facts=(
                *_passage_facts(event, rulebook, passage, by_passage.get(passage.id), named),
                *beside.get(passage.id, ()),
            ),
            edges=tuple(_edges(event, passage)),
        )
        for passage in score.passages
    )


def _score_facts(event: Event, rulebook: RuleBook, score: Score) -> Iterator[Fact]:
    control = next(control for control in event.controls if control.id == score.control)
    entry = next(entry for entry in event.entries if entry.start_number == score.start_number)
    yield fact("start_number", score.start_number)
    yield fact("crew", entry.crew)
    yield fact("race", score.race)
    yield fact("control", score.control, f"{score.control}, {control.kind} of leg {control.leg}")
    yield fact("status", score.status)
    what = "points" if rulebook.highest_wins else "penalty"  # for people; a program reads one key for both
    yield fact("penalty", None if score.penalty is None else f"{score.penalty:f}", _shown_penalty(score), what)
    yield fact("how", score.reason)
    yield fact("set_cs", score.set_cs, _time(score.set_cs, score.unit), "set time")
    timing = rulebook.rule_for(control.kind).settings.timing if control.kind == TIME_CONTROL else ""
    if made_of := how_set(event, control, entry, score, timing):
        yield fact("set_by", made_of)
    yield fact("taken_cs", score.taken_cs, _time(score.taken_cs, score.unit), "taken time")
    yield fact("deviation", score.deviation, _deviation(score))
    yield fact("unit", score.unit, None)
    yield fact("arithmetic", _arithmetic(score, rulebook, event.timezone))
    yield fact("instants", rulebook.instants, _with_article(_instants(rulebook), rulebook.instants_article))
    yield fact("article", score.article, score.article or "not given")
    yield fact("rulebook", rulebook.name, f"{rulebook.title} ({rulebook.name})", "rule book")
    yield fact("rulebook_digest", rulebook.digest, name="its digest")
    yield fact("doubts", list(score.doubts), "; ".join(score.doubts) or "none")


def _finding_facts(event: Event, findings: Sequence[Finding]) -> Iterator[Fact]:
    """Yield the texts of the findings, as one fact."""
    if texts := [str(sentence(finding, event)) for finding in findings]:
        yield fact("findings", texts, " ".join(texts))


def _average_facts(rulebook: RuleBook, score: Score, operands: Sequence[Operand]) -> Iterator[Fact]:
    """Yield which trials an average was taken of and how it is reckoned, as one fact."""
    if operands:
        yield fact(
            "average_of",
            [operand.score.control for operand in operands],
            reckoned(rulebook, score, operands),
            "average",
        )


def _decision_facts(event: Event, decisions: Sequence[Decision], named: Mapping[str, str] | None) -> Iterator[Fact]:
    """Yield who decided what, when and why, as one fact."""
    if decisions:
        sentences = [
            f"{describe(decision, named, event)}; decided by {decision.who}, {dated_at(event, decision.at_ns)}: "
            f"{decision.why} (amendment {decision.id})"
            for decision in decisions
        ]
        yield fact("amendments", sentences, "; ".join(sentences))


def _coefficient_facts(event: Event, rulebook: RuleBook, score: Score) -> Iterator[Fact]:
    """Yield how a coefficient by formula comes about."""
    entry = next(entry for entry in event.entries if entry.start_number == score.start_number)
    leg = next(control.leg for control in event.controls if control.id == score.control)
    entry = entry.in_leg(leg)
    if how := rulebook.coefficient.how(entry):
        factor = plain(rulebook.coefficient.find(entry) or Decimal(1))
        yield fact("coefficient", factor, f"{factor}: {_with_article(how, rulebook.coefficient.article)}")


def _total_facts(rankings: Sequence[Ranking], score: Score) -> Iterator[Fact]:
    """Yield how the score counts in each ranking, as one fact."""
    if totals := list(in_totals(rankings, score)):
        yield fact("counts", totals, "; ".join(totals))


def _shown_penalty(score: Score) -> str:
    if score.penalty is None:
        return "none yet" if score.status == OPEN else "none"
    return plain(score.penalty)


def _instants(rulebook: RuleBook) -> str:
    """Say how the rule book takes instants, and to what where that is not the hundredth."""
    unit_cs = rulebook.instants_unit_cs
    return rulebook.instants if unit_cs == 1 else f"{rulebook.instants}, to the {UNIT_WORDS[unit_cs]}"


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
        late = _deviation(score) if score.deviation else "in the due minute"
        return f"card {_time(score.taken_cs, MINUTES)}, due {_time(score.set_cs, MINUTES)}: {late}"
    if score.unit != HUNDREDTHS:
        return "being there is enough"
    opened, closed = (passage.at_ns or 0 for passage in score.passages)
    set_time, deviation = _time(score.set_cs, HUNDREDTHS), f"{Decimal(score.deviation) / 100:+.2f} s"
    if rulebook.instants == TRUNCATE_DEVIATION:
        taken = Decimal(closed - opened) / NS_PER_S
        return f"{taken} s - {set_time} = {deviation}, what follows the {UNIT_WORDS[rulebook.instants_unit_cs]} dropped"
    clocks = (_hundredth(at_ns, rulebook, zone) for at_ns in (closed, opened))
    return f"{' - '.join(clocks)} - {set_time} = {deviation}"


def _hundredth(at_ns: int, rulebook: RuleBook, zone: ZoneInfo) -> str:
    """Show an instant as the hundredth of local time that counts."""
    counted_ns = hundredths(at_ns, rulebook.instants, rulebook.instants_unit_cs) * NS_PER_CS
    return time_of_day(counted_ns, zone) + offset_if_twice(counted_ns, zone)


def _clock(at_ns: int, zone: ZoneInfo) -> str:
    """Show an instant as local time with microseconds; what follows them is dropped.

    With its offset from UTC where the clocks show that hour twice.
    """
    return local_text(at_ns, zone).partition("T")[2] + offset_if_twice(at_ns, zone)


def _utc(at_ns: int) -> str:
    return f"{datetime.fromtimestamp(at_ns // NS_PER_S, UTC):%Y-%m-%dT%H:%M:%S}.{at_ns % NS_PER_S:09}Z"


def _passage_facts(
    event: Event,
    rulebook: RuleBook,
    passage: Passage,
    attribution: Attribution | None,
    named: Mapping[str, str],
) -> Iterator[Fact]:
    place = next((point.place for point in event.timing_points if point.id == passage.timing_point), "")
    yield fact("passage", passage.id)
    yield fact("timing_point", passage.timing_point, f"{passage.timing_point} {place}".rstrip())
    yield from _time_facts(passage, rulebook, event.timezone)
    yield from _origin_facts(event, passage, named)
    words = "; ".join(f"{flag}: {FLAGS.get(flag, flag)}" for flag in passage.flags)
    yield fact("flags", list(passage.flags), words or "none")
    kmh = speed_kmh(passage)
    if kmh is not None and passage.axle_ns is not None:
        far = f"axles {passage.axle_ns / 1e6:.0f} ms apart, as of a car of {WHEELBASE_MM / 1000} m from axle to axle"
        yield fact("speed_kmh", round(kmh), f"about {kmh:.0f} km/h: {far}", "speed")
    if attribution is not None:
        yield fact("grounds", basis_words(attribution.basis))
        confidence = None if attribution.basis.is_given else attribution.confidence
        yield fact("confidence", confidence, GIVEN if confidence is None else _percent(confidence))
        if attribution.rival_chance:
            who = "nobody's" if attribution.rival is None else f"crew {attribution.rival}'s"
            yield fact("next_best", attribution.rival, f"{who}, {_percent(attribution.rival_chance)}")


def _percent(chance: float) -> str:
    """Return a probability in percent, cut to two decimals: never rounded up to 100 %, never shown as 0 when above."""
    if not 0.0001 <= chance <= 0.9999:
        return "more than 99.99%" if chance > 0.5 else "less than 0.01%"
    return f"{floor(round(10_000 * chance, 6)) / 100:.2f}%"


def _time_facts(passage: Passage, rulebook: RuleBook, zone: ZoneInfo) -> Iterator[Fact]:
    at_ns, uncertainty_ns = passage.at_ns, passage.uncertainty_ns
    if at_ns is None:
        yield fact("local_time", None)
    else:
        yield fact("local_time", _clock(at_ns, zone))
        if rulebook.instants != TRUNCATE_DEVIATION:
            yield fact("hundredth", _hundredth(at_ns, rulebook, zone), name=UNIT_WORDS[rulebook.instants_unit_cs])
        yield fact("utc", _utc(at_ns))
    yield fact("at_ns", at_ns, None)
    yield fact("uncertainty_ns", uncertainty_ns, _uncertainty(uncertainty_ns), "uncertainty")
    if passage.edges:
        yield fact("second_confirmed", passage.confirmed, "yes" if passage.confirmed else "no")
    else:
        yield fact("second_confirmed", None, "as the source says")


def _uncertainty(uncertainty_ns: int | None) -> str:
    return "not stated" if uncertainty_ns is None else f"+- {shown_duration(uncertainty_ns)}"


def _origin_facts(event: Event, passage: Passage, named: Mapping[str, str]) -> Iterator[Fact]:
    """Say where a passage comes from: its first edge on a board, or the line of a loaded file."""
    yield fact("source", passage.source)
    if passage.edges:
        first = passage.edges[0]
        yield fact("board", first.board, shown_board(event, first.board))
        yield fact("input", first.input)
        yield fact("boot", first.boot)
        yield fact("records", [edge.sequence for edge in passage.edges], ranges_text(e.sequence for e in passage.edges))
        yield fact("counter_us", first.counter_us, f"{first.counter_us} us", "counter")
        yield fact("time_found", first.how)
        yield fact("sync_state", _state(first))
    elif passage.loaded_from is not None:
        digest, line = passage.loaded_from
        yield fact("loaded_file", digest, named.get(digest, f"SHA-256 {digest}"))
        yield fact("line", line)


def _state(edge: Edge) -> str:
    """Name the board's own state; a newer board may know more of them."""
    return STATE_NAMES[edge.state] if edge.state < len(STATE_NAMES) else f"state {edge.state}"


def _edges(event: Event, passage: Passage) -> Iterator[tuple[Fact, ...]]:
    """Yield the facts of every edge, and which contact of the wheels it belongs to."""
    bounce_us = next((point.bounce_ms * 1000 for point in event.timing_points if point.id == passage.timing_point), 0)
    contact, before_us = 0, 0
    for edge in passage.edges:
        begins = contact == 0 or edge.counter_us - before_us >= bounce_us
        contact, before_us = contact + begins, edge.counter_us
        words = CONTACTS.get(contact, f"contact {contact}") if begins else "bounce"
        yield (*_edge_facts(edge, event.timezone, passage.edges[0]), fact("contact", contact, words, "what"))


def _edge_facts(edge: Edge, zone: ZoneInfo, first: Edge) -> tuple[Fact, ...]:
    """Say all of one edge; `after_us` is how long after the passage's first edge, by the same counter."""
    return (
        fact("record", edge.sequence),
        fact("counter_us", edge.counter_us),
        fact("after_us", edge.counter_us - first.counter_us),
        fact("local_time", None if edge.at_ns is None else _clock(edge.at_ns, zone), None),
        fact("at_ns", edge.at_ns, None),
        fact("uncertainty_ns", edge.uncertainty_ns, _uncertainty(edge.uncertainty_ns), "uncertainty"),
        fact("second_confirmed", edge.confirmed, "second confirmed" if edge.confirmed else "second not confirmed"),
        fact("time_found", edge.how),
        fact("sync_state", _state(edge)),
        fact("simulated", edge.simulated, "simulated" if edge.simulated else None),
    )
