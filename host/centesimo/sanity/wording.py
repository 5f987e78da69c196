"""The sentences of this room's findings: what is off, by how much, how sure that is, and what most likely causes it."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from centesimo.model.facts import Passage
from centesimo.model.findings import Finding, FindingKind
from centesimo.sanity.causes import BOARD, IDEAL_TIME, TIMING_POINT, Cause, Pattern
from centesimo.sanity.hours import HourOff
from centesimo.sanity.lags import Lag
from centesimo.sanity.offsets import Offset
from centesimo.sanity.pairs import FAR_MS, Pairs
from centesimo.sanity.robust import Change, Located, chance
from centesimo.timing.witnesses import Clock
from centesimo.words.instants import time_of_day

NAMED = 6  # instants that are written out; more are counted
UNLIKELY = 0.01  # a rival less likely than this is not named
CONTROLS = 4  # trials that are named as those where it shows


def offset_finding(offset: Offset, answers: tuple[str, ...], timezone: ZoneInfo) -> Finding:
    """Return the finding about an ideal time, tube or board that makes all crews late or early alike."""
    cause = next((each for each in offset.pattern.causes if each.kind == IDEAL_TIME), offset.pattern.causes[0])
    shows = ", ".join(f"{control} {_off(offset, sign)}" for control, sign in offset.pattern.signs[:CONTROLS])
    more = f" and {len(offset.pattern.signs) - CONTROLS} more" if len(offset.pattern.signs) > CONTROLS else ""
    how_sure = f"± {offset.error_cs / 100:.3f} s (as {offset.crews} crews tell, {_percent(offset.sure)} sure)"
    ways = " or ".join(_cause(offset, each) for each in offset.pattern.causes)
    apart = "; times cannot tell these apart" if len(offset.pattern.causes) > 1 else ""
    alternatives = [
        f"{_alternative(pattern)} ({_percent(share)})" for pattern, share in offset.rivals if share >= UNLIKELY
    ]
    rest = f"; or else {', '.join(alternatives)}" if alternatives else ""
    text = (
        f"The best crews are off alike: {shows}{more}{_since(offset, timezone)}, {how_sure}. "
        f"Cause: {ways} ({_percent(offset.share)}){apart}{rest}."
    )
    return Finding(FindingKind.OFFSET, cause.name, None, text, answers=answers)


def _alternative(pattern: Pattern) -> str:
    names = {IDEAL_TIME: "the ideal time of {}", TIMING_POINT: "{}", BOARD: "board {}"}
    return " or ".join(names[cause.kind].format(cause.name) for cause in pattern.causes)


def _cause(offset: Offset, cause: Cause) -> str:
    if cause.kind == IDEAL_TIME:
        size_s = cause.sign * offset.size_cs / 100
        return f"the ideal time of {cause.name} is {abs(size_s):.3f} s too {'short' if size_s > 0 else 'long'}"
    name = f"board {cause.name}" if cause.kind == BOARD else cause.name
    return f"{name} stamps {_off(offset, cause.sign)}"


def _off(offset: Offset, sign: int) -> str:
    """Return an offset in words, "0.050 s late"; of one that began during the day, "0.050 s later" than before."""
    size_s = sign * offset.size_cs / 100
    if offset.from_ns is None:
        return _late(size_s)
    return f"{abs(size_s):.3f} s {'later' if size_s > 0 else 'earlier'}"


def _late(late_s: float) -> str:
    return f"{abs(late_s):.3f} s {'late' if late_s > 0 else 'early'}"


def _since(offset: Offset, timezone: ZoneInfo) -> str:
    if offset.from_ns is None:
        return ""
    if offset.from_ns == offset.until_ns:
        return f", from about {time_of_day(offset.from_ns, timezone)[:5]} on"
    begin, end = (time_of_day(at_ns, timezone)[:5] for at_ns in (offset.from_ns, offset.until_ns))
    return f", more and more from {begin} to {end}"


def _percent(part: float) -> str:
    """Return a probability as people say it: never 100 %."""
    return "over 99.9 %" if part > 0.999 else f"{part:.1%}".replace("%", " %")


def lag_finding(lag: Lag, answers: tuple[str, ...]) -> Finding:
    """Return the finding about a trial that the whole field drove in another time than its ideal time."""
    more_s = lag.more_ns / 1e9
    text = (
        f"{lag.cars} cars take {abs(more_s):.1f} s {'more' if more_s > 0 else 'less'} than the ideal time of "
        f"{lag.control.id} from {lag.control.opens} to {lag.control.closes}, {lag.at_ideal} about the ideal time "
        f"({_percent(lag.sure)} that it is no chance): is the ideal time right, and the whole second of both boards?"
    )
    return Finding(FindingKind.IDEAL_TIME, lag.control.id, None, text, answers=answers)


def backup_findings(pairs: Pairs, timezone: ZoneInfo) -> list[Finding]:
    """Return the findings about two devices at one place."""
    findings = [
        _constant(pairs),
        _changed(pairs, timezone),
        _far(pairs, timezone),
        _missed(pairs, pairs.timing_point, pairs.backup, pairs.only_backup, timezone),
        _missed(pairs, pairs.backup, pairs.timing_point, pairs.only_main, timezone),
    ]
    return [finding for finding in findings if finding is not None]


def hour_finding(off: HourOff, sources: Sequence[str], answers: tuple[str, ...]) -> Finding:
    """Return the finding about points that a clock timed which is whole hours off."""
    points, how_late = ", ".join(off.timing_points), "late" if off.late_ns > 0 else "early"
    minutes = abs(off.late_ns) // 60_000_000_000
    by_whom = f" ({', '.join(sources)})" if sources else ""
    apart = f"{minutes // 60}:{minutes % 60:02}:00"
    if off.is_all:
        text = (
            f"At {points}{by_whom} {off.cars} of {off.of_cars} crews are {how_late} by the same {apart}: by the look "
            "of it an offset from UTC, or a clock set to another zone of time. All that was timed with it may be off."
        )
    else:
        text = (
            f"{points}{by_whom} was timed {apart} {how_late}: so many hours beside the ideal times do {off.cars} of "
            f"{off.of_cars} cars take to or from it. By the look of it its clock was set to another hour."
        )
    return Finding(FindingKind.CLOCK, off.timing_points[0], None, text, answers=answers)


def clock_finding(clock: Clock) -> Finding:
    """Return the finding about a second source whose clock is set to another time."""
    minutes, late_s = divmod(abs(clock.late_ns) / 1e9, 60)
    hours, minutes = divmod(int(minutes), 60)
    text = (
        f"{clock.source} is {hours}:{minutes:02}:{late_s:05.2f} {'late' if clock.late_ns > 0 else 'early'} beside "
        f"{clock.main} at {clock.timing_point} ({clock.cars} cars on both): its times are only compared, less that."
    )
    return Finding(FindingKind.BACKUP, clock.timing_point, None, text)


def _is_sure(size: Located) -> bool:
    """Say whether a difference is at least FAR_MS and five times its standard error."""
    return abs(size.middle) >= FAR_MS and abs(size.middle) > 5 * size.error


def _how_sure(pairs: Pairs, size: Located, by_chance: float = 0.0) -> str:
    """Return a difference's error, cars and confidence in words; `by_chance`: the chance of a change like this."""
    sure = 1 - max(by_chance, chance(abs(size.middle) / size.error, size.resting))
    return f"(± {size.error / 1000:.4f} s, {len(pairs.pairs)} cars on both, {_percent(sure)} sure)"


def _constant(pairs: Pairs) -> Finding | None:
    if pairs.change is not None or not _is_sure(pairs.late_ms):
        return None
    how_sure = _how_sure(pairs, pairs.late_ms)
    text = f"{pairs.backup} is {_late(pairs.late_ms.middle / 1000)} beside {pairs.timing_point} {how_sure}."
    return Finding(FindingKind.BACKUP, pairs.timing_point, None, text)


def _changed(pairs: Pairs, timezone: ZoneInfo) -> Finding | None:
    change = pairs.change
    if change is None or not _is_sure(change.size):
        return None
    before, after = _late(change.base / 1000), _late((change.base + change.size.middle) / 1000)
    how_sure = _how_sure(pairs, change.size, change.chance)
    when = _when(pairs, change, timezone)
    text = f"{pairs.backup} is {before} beside {pairs.timing_point} at first and {after} {when} {how_sure}."
    return Finding(FindingKind.BACKUP, pairs.timing_point, None, text)


def _when(pairs: Pairs, change: Change, timezone: ZoneInfo) -> str:
    if change.step is None:
        return f"at last, at {time_of_day(pairs.pairs[-1].main.at_ns or 0, timezone)[:5]}, drifting all day"
    return f"from {time_of_day(pairs.pairs[change.step].main.at_ns or 0, timezone)[:5]} on"


def _far(pairs: Pairs, timezone: ZoneInfo) -> Finding | None:
    if not (far := pairs.far):
        return None
    instants = [f"{time_of_day(pair.main.at_ns or 0, timezone)} ({_late(pair.late_ms / 1000)})" for pair in far]
    text = (
        f"{pairs.backup} does not fit {pairs.timing_point} as usual (± {pairs.scale_ms / 1000:.4f} s) "
        f"at {_some(instants)}: one of both was not the front wheel."
    )
    ids = tuple(passage.id for pair in far for passage in (pair.main, pair.backup))
    return Finding(FindingKind.BACKUP, pairs.timing_point, None, text, ids)


def _missed(pairs: Pairs, who: str, beside: str, alone: Sequence[Passage], timezone: ZoneInfo) -> Finding | None:
    if not alone:
        return None
    instants = [time_of_day(passage.at_ns or 0, timezone) for passage in alone]
    text = f"{who} has nothing where {beside} has a passage: {_some(instants)}; {len(pairs.pairs)} cars are on both."
    return Finding(FindingKind.BACKUP, pairs.timing_point, None, text, tuple(passage.id for passage in alone))


def _some(texts: Sequence[str]) -> str:
    more = f" and {len(texts) - NAMED} more" if len(texts) > NAMED else ""
    return ", ".join(texts[:NAMED]) + more
