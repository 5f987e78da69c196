"""Whether the points themselves are right: what no crew can be blamed for, as findings with size and confidence.

Three looks, each a pure function of what was computed: the deviations of all crews (offsets.py), the times between
tubes without knowing the crews (lags.py), and two devices at one place (pairs.py). Nothing here touches a time, a crew
or a penalty. It looks at the whole day at once, so those who show findings ask for it when all else is computed.
"""

from centesimo.compute import Outcome
from centesimo.model.event import Event
from centesimo.model.findings import Finding, FindingKind
from centesimo.sanity import say
from centesimo.sanity.answers import of_lag, of_offset
from centesimo.sanity.lags import lags
from centesimo.sanity.offsets import offsets
from centesimo.sanity.pairs import REACH_NS, pairs

KINDS = (FindingKind.IDEAL_TIME, FindingKind.OFFSET, FindingKind.BACKUP)
OF_ALL = (FindingKind.IDEAL_TIME, FindingKind.OFFSET)  # of these: what is off is off for every crew


def sanity(event: Event, outcome: Outcome) -> list[Finding]:
    """Return what is odd about timing points, boards and ideal times; of the kinds in KINDS."""
    behind = lags(event, outcome.passages)
    found = [say.lag(one, of_lag(event, one, behind, outcome.passages)) for one in behind]
    for offset in offsets(event, outcome.scores):
        found.append(say.offset(offset, of_offset(event, offset, outcome.passages), event.timezone))
    for one in pairs(event, outcome.passages, outcome.beside):
        found += say.backup(one, event.timezone)
    clocks = (clock for every in outcome.witnessed.values() for clock in every.clocks)
    found += [say.wrong_clock(clock) for clock in clocks if clock.is_told and abs(clock.late_ns) > REACH_NS]
    return found


def judged(event: Event, outcome: Outcome) -> Outcome:
    """Return an outcome with these findings behind its own: the list that officials see."""
    return outcome._replace(findings=(*outcome.findings, *sanity(event, outcome)))
