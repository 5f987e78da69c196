"""What is odd about the points, as findings: one sentence or two, with size and confidence, for an official."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from centesimo.match.findings import clock
from centesimo.model.facts import Passage
from centesimo.model.findings import Finding, FindingKind
from centesimo.sanity.causes import BOARD, IDEAL_TIME, TIMING_POINT, Cause, Pattern
from centesimo.sanity.lags import Lag
from centesimo.sanity.offsets import Offset
from centesimo.sanity.pairs import FAR_MS, Pairs
from centesimo.sanity.robust import Change, Located, chance
from centesimo.timing.witnesses import Clock

NAMED = 6  # instants that are written out; more are counted
UNLIKELY = 0.01  # a rival less likely than this is not named
CONTROLS = 4  # trials that are named as those where it shows


def offset(one: Offset, answers: tuple[str, ...], timezone: ZoneInfo) -> Finding:
    """Return the finding about something that makes a field late or early, with what would settle it."""
    cause = next((its for its in one.pattern.causes if its.kind == IDEAL_TIME), one.pattern.causes[0])
    shows = ", ".join(f"{control} {_off(one, sign)}" for control, sign in one.pattern.signs[:CONTROLS])
    more = f" and {len(one.pattern.signs) - CONTROLS} more" if len(one.pattern.signs) > CONTROLS else ""
    known = f"± {one.error_cs / 100:.3f} s (as {one.crews} crews tell, {_percent(one.sure)} sure)"
    ways = " or ".join(_cause(one, its) for its in one.pattern.causes)
    apart = "; times cannot tell these apart" if len(one.pattern.causes) > 1 else ""
    others = [f"{_others(its)} ({_percent(share)})" for its, share in one.rivals if share >= UNLIKELY]
    rest = f"; or else {', '.join(others)}" if others else ""
    text = (
        f"The best crews are off alike: {shows}{more}{_since(one, timezone)}, {known}. "
        f"Cause: {ways} ({_percent(one.share)}){apart}{rest}."
    )
    return Finding(FindingKind.OFFSET, cause.name, None, text, answers=answers)


def _others(pattern: Pattern) -> str:
    names = {IDEAL_TIME: "the ideal time of {}", TIMING_POINT: "{}", BOARD: "board {}"}
    return " or ".join(names[one.kind].format(one.name) for one in pattern.causes)


def _cause(one: Offset, cause: Cause) -> str:
    if cause.kind == IDEAL_TIME:
        size_s = cause.sign * one.size_cs / 100
        return f"the ideal time of {cause.name} is {abs(size_s):.3f} s too {'short' if size_s > 0 else 'long'}"
    name = f"board {cause.name}" if cause.kind == BOARD else cause.name
    return f"{name} stamps {_off(one, cause.sign)}"


def _off(one: Offset, sign: int) -> str:
    """Return how late a size is by its sign; of what came during the day, how much later than before."""
    size_s = sign * one.size_cs / 100
    if one.from_ns is None:
        return _late(size_s)
    return f"{abs(size_s):.3f} s {'later' if size_s > 0 else 'earlier'}"


def _late(late_s: float) -> str:
    return f"{abs(late_s):.3f} s {'late' if late_s > 0 else 'early'}"


def _since(one: Offset, timezone: ZoneInfo) -> str:
    if one.from_ns is None:
        return ""
    if one.from_ns == one.until_ns:
        return f", from about {clock(one.from_ns, timezone)[:5]} on"
    return f", more and more from {clock(one.from_ns, timezone)[:5]} to {clock(one.until_ns, timezone)[:5]}"


def _percent(part: float) -> str:
    """Return a probability as people say it: never 100 %."""
    return "over 99.9 %" if part > 0.999 else f"{part:.1%}".replace("%", " %")


def lag(one: Lag, answers: tuple[str, ...]) -> Finding:
    """Return the finding about an ideal time that nobody drove, with what would settle it."""
    more_s = one.more_ns / 1e9
    text = (
        f"{one.cars} cars take {abs(more_s):.1f} s {'more' if more_s > 0 else 'less'} than the ideal time of "
        f"{one.control.id} from {one.control.opens} to {one.control.closes}, {one.at_ideal} about the ideal time "
        f"({_percent(one.sure)} that it is no chance): is the ideal time right, and the whole second of both boards?"
    )
    return Finding(FindingKind.IDEAL_TIME, one.control.id, None, text, answers=answers)


def backup(one: Pairs, timezone: ZoneInfo) -> list[Finding]:
    """Return the findings about two devices at one place."""
    found = [
        _constant(one),
        _changed(one, timezone),
        _far(one, timezone),
        _missed(one, one.timing_point, one.other, one.only_other, timezone),
        _missed(one, one.other, one.timing_point, one.only_main, timezone),
    ]
    return [its for its in found if its is not None]


def wrong_clock(clock: Clock) -> Finding:
    """Return the finding about a second source whose clock is set to another time."""
    minutes, late_s = divmod(abs(clock.late_ns) / 1e9, 60)
    hours, minutes = divmod(int(minutes), 60)
    text = (
        f"{clock.source} is {hours}:{minutes:02}:{late_s:05.2f} {'late' if clock.late_ns > 0 else 'early'} beside "
        f"{clock.main} at {clock.timing_point} ({clock.cars} cars on both): its times are only compared, less that."
    )
    return Finding(FindingKind.BACKUP, clock.timing_point, None, text)


def _told(size: Located) -> bool:
    """Say whether a difference is as large as a hundredth, and no chance."""
    return abs(size.middle) >= FAR_MS and abs(size.middle) > 5 * size.error


def _known(one: Pairs, size: Located, by_chance: float = 0.0) -> str:
    """Return how well a difference is known; `by_chance` is the chance of a change as large where none is."""
    sure = 1 - max(by_chance, chance(abs(size.middle) / size.error, size.resting))
    return f"(± {size.error / 1000:.4f} s, {len(one.pairs)} cars on both, {_percent(sure)} sure)"


def _constant(one: Pairs) -> Finding | None:
    if one.change is not None or not _told(one.late_ms):
        return None
    text = f"{one.other} is {_late(one.late_ms.middle / 1000)} beside {one.timing_point} {_known(one, one.late_ms)}."
    return Finding(FindingKind.BACKUP, one.timing_point, None, text)


def _changed(one: Pairs, timezone: ZoneInfo) -> Finding | None:
    change = one.change
    if change is None or not _told(change.size):
        return None
    before, after = _late(change.base / 1000), _late((change.base + change.size.middle) / 1000)
    known = _known(one, change.size, change.chance)
    when = _when(one, change, timezone)
    text = f"{one.other} is {before} beside {one.timing_point} at first and {after} {when} {known}."
    return Finding(FindingKind.BACKUP, one.timing_point, None, text)


def _when(one: Pairs, change: Change, timezone: ZoneInfo) -> str:
    if change.step is None:
        return f"at last, at {clock(one.pairs[-1].main.at_ns or 0, timezone)[:5]}, drifting all day"
    return f"from {clock(one.pairs[change.step].main.at_ns or 0, timezone)[:5]} on"


def _far(one: Pairs, timezone: ZoneInfo) -> Finding | None:
    if not (far := one.far):
        return None
    its = [f"{clock(pair.main.at_ns or 0, timezone)} ({_late(pair.late_ms / 1000)})" for pair in far]
    text = (
        f"{one.other} does not fit {one.timing_point} as usual (± {one.scale_ms / 1000:.4f} s) at {_some(its)}: "
        "one of both was not the front wheel."
    )
    ids = tuple(passage.id for pair in far for passage in (pair.main, pair.other))
    return Finding(FindingKind.BACKUP, one.timing_point, None, text, ids)


def _missed(one: Pairs, who: str, other: str, alone: Sequence[Passage], timezone: ZoneInfo) -> Finding | None:
    if not alone:
        return None
    its = [clock(passage.at_ns or 0, timezone) for passage in alone]
    text = f"{who} has nothing where {other} has a passage: {_some(its)}; {len(one.pairs)} cars are on both."
    return Finding(FindingKind.BACKUP, one.timing_point, None, text, tuple(passage.id for passage in alone))


def _some(texts: Sequence[str]) -> str:
    more = f" and {len(texts) - NAMED} more" if len(texts) > NAMED else ""
    return ", ".join(texts[:NAMED]) + more
