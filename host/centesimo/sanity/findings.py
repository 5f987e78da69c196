"""What this room finds, as findings: what is off, where it is shown, and what would settle it."""

from collections.abc import Sequence

from centesimo.model.about_points import (
    IDEAL_TIME,
    BackupChanged,
    BackupFar,
    BackupLate,
    BackupMissed,
    HourOff,
    HowSure,
    Lag,
    Offset,
    SourceClock,
)
from centesimo.model.facts import Passage
from centesimo.model.findings import Finding, FindingKind
from centesimo.sanity.pairs import FAR_MS, Pairs
from centesimo.sanity.robust import Located, chance
from centesimo.timing.witnesses import Clock


def offset_finding(offset: Offset, answers: tuple[str, ...]) -> Finding:
    """Return the finding about an ideal time, tube or board that makes all crews late or early alike."""
    causes = offset.pattern.causes
    cause = next((cause for cause in causes if cause.kind == IDEAL_TIME), causes[0])
    return Finding(FindingKind.OFFSET, cause.name, None, offset, answers=answers)


def lag_finding(lag: Lag, answers: tuple[str, ...]) -> Finding:
    """Return the finding about a trial that the whole field drove in another time than its ideal time."""
    return Finding(FindingKind.IDEAL_TIME, lag.control.id, None, lag, answers=answers)


def hour_finding(off: HourOff, answers: tuple[str, ...]) -> Finding:
    """Return the finding about points that a clock timed which is whole hours off."""
    return Finding(FindingKind.CLOCK, off.timing_points[0], None, off, answers=answers)


def clock_finding(clock: Clock) -> Finding:
    """Return the finding about a second source whose clock is set to another time."""
    about = SourceClock(clock.timing_point, clock.source, clock.main, clock.late_ns, clock.cars)
    return Finding(FindingKind.BACKUP, clock.timing_point, None, about)


def backup_findings(pairs: Pairs) -> list[Finding]:
    """Return the findings about two devices at one place."""
    findings = [
        _constant(pairs),
        _changed(pairs),
        _far(pairs),
        _missed(pairs, pairs.timing_point, pairs.backup, pairs.only_backup),
        _missed(pairs, pairs.backup, pairs.timing_point, pairs.only_main),
    ]
    return [finding for finding in findings if finding is not None]


def _is_sure(size: Located) -> bool:
    """Say whether a difference is at least FAR_MS and five times its standard error."""
    return abs(size.middle) >= FAR_MS and abs(size.middle) > 5 * size.error


def _how_sure(pairs: Pairs, size: Located, by_chance: float = 0.0) -> HowSure:
    """Return how sure a difference is; `by_chance`: the chance of a change like this."""
    sure = 1 - max(by_chance, chance(abs(size.middle) / size.error, size.resting))
    return HowSure(size.error, len(pairs.pairs), sure)


def _constant(pairs: Pairs) -> Finding | None:
    late = pairs.late_ms
    if pairs.change is not None or not _is_sure(late):
        return None
    about = BackupLate(pairs.timing_point, pairs.backup, late.middle, _how_sure(pairs, late))
    return Finding(FindingKind.BACKUP, pairs.timing_point, None, about)


def _changed(pairs: Pairs) -> Finding | None:
    change = pairs.change
    if change is None or not _is_sure(change.size):
        return None
    is_drift = change.step is None
    changed_ns = pairs.pairs[-1 if change.step is None else change.step].main.at_ns or 0
    before_ms, after_ms = change.base, change.base + change.size.middle
    how_sure = _how_sure(pairs, change.size, change.chance)
    about = BackupChanged(pairs.timing_point, pairs.backup, before_ms, after_ms, changed_ns, is_drift, how_sure)
    return Finding(FindingKind.BACKUP, pairs.timing_point, None, about)


def _far(pairs: Pairs) -> Finding | None:
    if not (far := pairs.far):
        return None
    cars = tuple((pair.main.at_ns or 0, pair.late_ms) for pair in far)
    about = BackupFar(pairs.timing_point, pairs.backup, pairs.scale_ms, cars)
    ids = tuple(passage.id for pair in far for passage in (pair.main, pair.backup))
    return Finding(FindingKind.BACKUP, pairs.timing_point, None, about, ids)


def _missed(pairs: Pairs, missing: str, beside: str, alone: Sequence[Passage]) -> Finding | None:
    if not alone:
        return None
    about = BackupMissed(missing, beside, tuple(passage.at_ns or 0 for passage in alone), len(pairs.pairs))
    return Finding(FindingKind.BACKUP, pairs.timing_point, None, about, tuple(passage.id for passage in alone))
