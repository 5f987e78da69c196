"""The pictures of one timing point: how late crews were along the day, and the strip of its passages.

The strip is cut into quarters of an hour, each a chart of its own, so that it reads on a phone, at a desk and in print:
below when each crew was due, above when it passed, with a line between the two that leans when the crew was late.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple
from zoneinfo import ZoneInfo

from centesimo.picture.chart import Dot, Frame, dots
from centesimo.picture.scale import S_NS, clock, hours, reach_s, y_labels
from centesimo.picture.seen import DOUBT, MISSING, NOBODY, Seen

QUARTER_NS = 900 * S_NS
WIDTH, HEIGHT = 400, 150  # of a quarter
LABEL_PX, PLOT_PX, DIGIT_PX = 3, 340, 6  # about what labels need, and what they have
LANES = 4  # rows of passages, so that the numbers of crews close behind each other do not overlap
DUE = "due"
FEWEST = 8  # crews from which the middle is drawn


class Strip(NamedTuple):
    """One quarter of an hour as a chart."""

    begins: str  # local time
    chart: str


def late_chart(seen: Sequence[Seen], timezone: ZoneInfo, about: str) -> str:
    """Return the chart of how late crews were along the day, "" when nobody was due."""
    known = [(one, ((one.at_ns or 0) - one.due_ns) / S_NS) for one in seen if one.at_ns and one.due_ns]
    if not known:
        return ""
    reach = reach_s(late for _, late in known)
    ats_ns = [one.at_ns or 0 for one, _ in known]
    first_s, last_s = min(ats_ns) / S_NS - 60, max(ats_ns) / S_NS + 60
    marks: dict[str, list[Dot]] = {}
    for one, late in known:
        kind, y = (one.kind, late) if abs(late) <= reach else ("beyond", reach if late > 0 else -reach)
        marks.setdefault(kind, []).append(Dot((one.at_ns or 0) / S_NS, y, one.title))
    if len(known) >= FEWEST:
        middle = sorted(late for _, late in known)[len(known) // 2]
        title = f"the middle crew: {middle:+.2f} s".replace("-", "\u2212")
        ends = [Dot(at_s, max(-reach, min(reach, middle)), title, link="middle") for at_s in (first_s, last_s)]
        marks = {"middle": ends, **marks}
    labels = hours(min(ats_ns), max(ats_ns), timezone)
    frame = Frame(900, 260, (-reach, reach), y_labels(reach), (first_s, last_s), labels, about=about)
    return dots(frame, marks)


def strips(seen: Sequence[Seen], timezone: ZoneInfo, about: str) -> list[Strip]:
    """Return the strip of a point's passages, quarter by quarter; quarters without any are left out."""
    found = []
    for quarter, its in groupby(seen, key=lambda one: (one.at_ns or one.due_ns or 0) // QUARTER_NS):
        begin_ns = quarter * QUARTER_NS
        begins = clock(begin_ns, timezone)[:5]
        found.append(Strip(begins, _quarter(list(its), begin_ns, timezone, f"{about} from {begins}")))
    return found


def _quarter(seen: Sequence[Seen], begin_ns: int, timezone: ZoneInfo, about: str) -> str:
    """Return one quarter of an hour."""
    marks: dict[str, list[Dot]] = {DUE: []}
    ends = [float("-inf")] * LANES  # where the last label of each row ends, in s
    ends_due = [float("-inf")] * 2
    for one in seen:
        if one.due_ns is not None and 0 <= one.due_ns - begin_ns < QUARTER_NS and one.kind != MISSING:
            due = f"crew {one.start_number}: due {clock(one.due_ns, timezone)}"
            marks[DUE].append(Dot((one.due_ns - begin_ns) / S_NS, 0, due, link=str(one.start_number)))
        number = str(one.start_number or "")
        label = "?" if one.kind == NOBODY else f"{number}?" if one.kind == DOUBT else number
        at_s = ((one.at_ns or one.due_ns or 0) - begin_ns) / S_NS
        if one.kind == MISSING:
            y = -0.7 * _lane(ends_due, at_s, label)
            marks.setdefault(MISSING, []).append(Dot(at_s, y, one.title, label))
            continue
        lane = _lane(ends, at_s, label)
        marks.setdefault(one.kind, []).append(Dot(at_s, 1 + lane * 0.6, one.title, label, number))
    labels = [(minute * 60.0, clock(begin_ns + minute * 60 * S_NS, timezone)[:5]) for minute in (0, 5, 10)]
    frame = Frame(WIDTH, HEIGHT, (-0.9, 3.2), [(0, "due"), (1, "passed")], (0, 900), labels, about=about)
    return dots(frame, marks)


def _lane(ends: list[float], at_s: float, label: str) -> int:
    """Return the lowest row where a label has room, and take the room; the least crowded one when none has."""
    half_s = (len(label) * DIGIT_PX + LABEL_PX) / 2 * 900 / PLOT_PX
    free = [lane for lane, end_s in enumerate(ends) if end_s <= at_s - half_s]
    lane = free[0] if free else min(range(len(ends)), key=ends.__getitem__)
    ends[lane] = at_s + half_s
    return lane
