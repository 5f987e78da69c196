"""Whether tubes, boards and ideal times are right: what makes a whole field late or early, as findings.

Three pure functions look at the outcome of a day: at the deviations of all crews (offsets.py), at the times between
tubes without knowing the crews (lags.py), and at two devices at one place (pairs.py). They change no time, crew or
penalty. As they need the whole day, commands that show findings call `judged` after compute.
"""

from collections import Counter
from collections.abc import Iterable

from centesimo.compute import Outcome
from centesimo.model.about_points import HourOff
from centesimo.model.event import Event
from centesimo.model.facts import Passage
from centesimo.model.findings import Finding, FindingKind
from centesimo.sanity.answers import of_hour, of_lag, of_offset
from centesimo.sanity.causes import touched
from centesimo.sanity.findings import backup_findings, clock_finding, hour_finding, lag_finding, offset_finding
from centesimo.sanity.hours import hours_off
from centesimo.sanity.lags import lags
from centesimo.sanity.offsets import offsets
from centesimo.sanity.pairs import REACH_NS, pairs

KINDS = (FindingKind.CLOCK, FindingKind.IDEAL_TIME, FindingKind.OFFSET, FindingKind.BACKUP)
OF_ALL = (FindingKind.CLOCK, FindingKind.IDEAL_TIME, FindingKind.OFFSET)  # of these: what is off is off for every crew


def sanity(event: Event, outcome: Outcome) -> list[Finding]:
    """Return the findings about timing points, boards and ideal times that may be off; of the kinds in KINDS."""
    off_by_hours = hours_off(event, outcome.passages, outcome.scores)
    explained = touched(event, {point for off in off_by_hours for point in off.timing_points})
    behind = lags(event, outcome.passages)
    findings = [
        hour_finding(off._replace(sources=_sources(off, outcome.passages)), of_hour(event, off, outcome.passages))
        for off in off_by_hours
    ]
    findings += [lag_finding(lag, of_lag(event, lag, behind, outcome.passages)) for lag in behind]
    for offset in offsets(event, [score for score in outcome.scores if score.control not in explained]):
        findings.append(offset_finding(offset, of_offset(event, offset, outcome.passages)))
    for devices in pairs(event, outcome.passages, outcome.beside):
        findings += backup_findings(devices)
    clocks = (clock for every in outcome.witnessed.values() for clock in every.clocks)
    findings += [clock_finding(clock) for clock in clocks if clock.is_told and abs(clock.late_ns) > REACH_NS]
    return findings


def _sources(off: HourOff, passages: Iterable[Passage]) -> tuple[str, ...]:
    """Return by whom the points of an hour off were timed, in the sources' own words, the most frequent first."""
    words = Counter(passage.source for passage in passages if passage.timing_point in off.timing_points)
    return tuple(word for word, _ in words.most_common())


def judged(event: Event, outcome: Outcome) -> Outcome:
    """Return an outcome with the findings of this room after its own: the list that officials see."""
    return outcome._replace(findings=(*outcome.findings, *sanity(event, outcome)))
