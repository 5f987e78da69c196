"""What the sentences about timing points, boards and ideal times are put together from.

They say what is off, by how much, how sure that is, and what most likely causes it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from centesimo.model import about_points as about
from centesimo.model.about_points import BOARD, IDEAL_TIME, Cause, Offset, Pattern
from centesimo.model.event import Event
from centesimo.model.findings import Finding
from centesimo.model.said import Figure, joined, said
from centesimo.words import english
from centesimo.words.boards import shown_board
from centesimo.words.instants import OF_MINUTE, time_of_day

NAMED = 6  # instants that are written out; more are counted
UNLIKELY = 0.01  # a rival less likely than this is not named
CONTROLS = 4  # trials that are named as those where it shows
MINUTE_NS = 60_000_000_000
Parts = dict[str, str | int]


def offset(off: Offset, finding: Finding, event: Event) -> Parts:
    """Return where an offset shows, since when, how sure it is, and its likeliest cause before all others."""
    signs, causes = off.pattern.signs, off.pattern.causes
    shows = joined(", ", [joined(" ", (control, _off(off, sign))) for control, sign in signs[:CONTROLS]])
    rivals = [
        said(english.RIVAL, causes=_alternative(pattern, event), percent=_percent(share))
        for pattern, share in off.rivals
        if share >= UNLIKELY
    ]
    return {
        "shows": shows + (said(english.MORE, count=len(signs) - CONTROLS) if len(signs) > CONTROLS else ""),
        "since": _since(off, event),
        "error_s": Figure(f"{off.error_cs / 100:.3f}"),
        "percent": _percent(off.sure),
        "causes": joined(said(english.OR), [_cause(off, cause, event) for cause in causes]),
        "likely": _percent(off.share),
        "apart": said(english.NOT_APART) if len(causes) > 1 else "",
        "rest": said(english.OR_ELSE, rivals=joined(", ", rivals)) if rivals else "",
    }


def _alternative(pattern: Pattern, event: Event) -> str:
    return joined(said(english.OR), [_called(cause, event) for cause in pattern.causes])


def _called(cause: Cause, event: Event) -> str:
    name = shown_board(event, cause.name) if cause.kind == BOARD else cause.name
    return said(english.RIVALS[cause.kind], name=name)


def _cause(off: Offset, cause: Cause, event: Event) -> str:
    if cause.kind == IDEAL_TIME:
        size_s = cause.sign * off.size_cs / 100
        template = english.TOO_SHORT if size_s > 0 else english.TOO_LONG
        return said(template, control=cause.name, size_s=abs(size_s))
    return said(english.STAMPS, name=_called(cause, event), off=_off(off, cause.sign))


def _off(off: Offset, sign: int) -> str:
    """Return an offset in words, "0.050 s late"; of one that began during the day, "0.050 s later" than before."""
    size_s = sign * off.size_cs / 100
    if off.from_ns is None:
        return _late(size_s)
    return said(english.LATER if size_s > 0 else english.EARLIER, size_s=abs(size_s))


def _late(late_s: float) -> str:
    return said(english.LATE if late_s > 0 else english.EARLY, size_s=abs(late_s))


def _since(off: Offset, event: Event) -> str:
    if off.from_ns is None:
        return ""
    begin, end = (_minute(event, at_ns) for at_ns in (off.from_ns, off.until_ns))
    return said(english.FROM_ABOUT if off.from_ns == off.until_ns else english.MORE_AND_MORE, begin=begin, end=end)


def _percent(part: float) -> str:
    """Return a probability as people say it: never 100 %."""
    return said(english.OVER_999) if part > 0.999 else said(english.PERCENT, percent=100 * part)


def _minute(event: Event, at_ns: int) -> str:
    return time_of_day(at_ns, event.timezone)[:OF_MINUTE]


def lag(trial: about.Lag, finding: Finding, event: Event) -> Parts:
    """Return by how much the field's time differs from the ideal time of a trial."""
    more_s, control = trial.more_ns / 1e9, trial.control
    return {
        "difference": said(english.SECONDS_MORE if more_s > 0 else english.SECONDS_LESS, size_s=abs(more_s)),
        "control": control.id,
        "opens": str(control.opens),
        "closes": control.closes,
        "percent": _percent(trial.sure),
    }


def hour_off(off: about.HourOff, finding: Finding, event: Event) -> Parts:
    """Return which points are whole hours off, by whom they were timed, and how that shows."""
    minutes = abs(off.late_ns) // MINUTE_NS
    template = english.ALL_OFF if off.is_all else english.HOURS_OFF
    text = said(
        template,
        points=", ".join(off.timing_points),
        by_whom=said(english.BY_WHOM, sources=", ".join(off.sources)) if off.sources else "",
        cars=off.cars,
        of_cars=off.of_cars,
        late=said(english.LATE_WORD if off.late_ns > 0 else english.EARLY_WORD),
        apart=f"{minutes // 60}:{minutes % 60:02}:00",
    )
    return {"text": text}


def source_clock(clock: about.SourceClock, finding: Finding, event: Event) -> Parts:
    """Return by how much a second source's clock is off."""
    minutes, late_s = divmod(abs(clock.late_ns) / 1e9, 60)
    hours, minutes = divmod(int(minutes), 60)
    return {
        "size": f"{hours}:{minutes:02}:{late_s:05.2f}",
        "late": said(english.LATE_WORD if clock.late_ns > 0 else english.EARLY_WORD),
    }


def backup_late(late: about.BackupLate, finding: Finding, event: Event) -> Parts:
    """Return how late a backup is."""
    return {"late": _late(late.late_ms / 1000), "sure": _how_sure(late.how_sure)}


def backup_changed(changed: about.BackupChanged, finding: Finding, event: Event) -> Parts:
    """Return how late a backup was at first and afterwards, and when that changed."""
    template = english.DRIFTING if changed.is_drift else english.FROM_ON
    return {
        "before": _late(changed.before_ms / 1000),
        "after": _late(changed.after_ms / 1000),
        "when": said(template, clock=_minute(event, changed.changed_ns)),
        "sure": _how_sure(changed.how_sure),
    }


def backup_far(far: about.BackupFar, finding: Finding, event: Event) -> Parts:
    """Return which cars do not fit, and by how much."""
    cars = [
        joined("", (f"{time_of_day(at_ns, event.timezone)} (", _late(late_ms / 1000), ")"))
        for at_ns, late_ms in far.cars
    ]
    return {"usual_s": Figure(f"{far.usual_ms / 1000:.4f}"), "clocks": _some(cars)}


def backup_missed(missed: about.BackupMissed, finding: Finding, event: Event) -> Parts:
    """Return when the cars passed that one device does not have."""
    return {"clocks": _some([time_of_day(at_ns, event.timezone) for at_ns in missed.ats_ns])}


def _how_sure(how_sure: about.HowSure) -> str:
    return said(english.HOW_SURE, error_s=how_sure.error_ms / 1000, cars=how_sure.cars, percent=_percent(how_sure.sure))


def _some(texts: Sequence[str]) -> str:
    more = said(english.MORE, count=len(texts) - NAMED) if len(texts) > NAMED else ""
    return joined(", ", texts[:NAMED]) + more


PARTS: Mapping[type, Callable[[Any, Finding, Event], Parts]] = {
    about.Offset: offset,
    about.Lag: lag,
    about.HourOff: hour_off,
    about.SourceClock: source_clock,
    about.BackupLate: backup_late,
    about.BackupChanged: backup_changed,
    about.BackupFar: backup_far,
    about.BackupMissed: backup_missed,
}
