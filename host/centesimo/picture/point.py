"""The pictures of one timing point: how late crews were along the day, and the strip of its passages.

The strip is cut into charts of a quarter of an hour, or of less where the field is dense, so that it reads on a phone,
at a desk and in print: below when each crew was due, above when it passed, with a line between the two that leans when
the crew was late.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple
from zoneinfo import ZoneInfo

from centesimo.picture.arrivals import DOUBT, KINDS, MISSING, NOBODY, VOID, Arrival, mark_of
from centesimo.picture.chart import Dot, Frame, dots
from centesimo.picture.scale import S_NS, clock, hours, reach_s, signed_cs, y_labels

SPANS_S = (900, 600, 300)  # of a chart, the widest that is not too dense
MOST = 14  # passages that a chart has room for, with their numbers
WIDTH, HEIGHT = 400, 170  # of a chart
LABEL_PX, PLOT_PX, DIGIT_PX = 3, 340, 6  # about what labels need, and what they have
LANES, LANE = (
    4,
    0.8,
)  # rows of passages, so that the numbers of crews close behind each other do not overlap, and how far
DUE, BEYOND = "due", "beyond"
FEWEST = 8  # crews from which the middle is drawn


class Strip(NamedTuple):
    """A part of an hour as a chart."""

    begins: str  # local time
    chart: str


def middle_s(arrivals: Sequence[Arrival]) -> float | None:
    """Return the median of how late crews were, in s; None where there are too few crews."""
    passed = [arrival for arrival in arrivals if arrival.at_ns and arrival.kind != VOID]
    late = sorted(((arrival.at_ns or 0) - arrival.due_ns) / S_NS for arrival in passed if arrival.due_ns)
    return late[len(late) // 2] if len(late) >= FEWEST else None


def late_chart(arrivals: Sequence[Arrival], timezone: ZoneInfo, about: str) -> str:
    """Return the chart of how late crews were along the day, "" when nobody was due."""
    passed = [
        (arrival, ((arrival.at_ns or 0) - arrival.due_ns) / S_NS)
        for arrival in arrivals
        if arrival.at_ns and arrival.due_ns
    ]
    if not passed:
        return ""
    reach = reach_s(late for _, late in passed)
    ats_ns = [arrival.at_ns or 0 for arrival, _ in passed]
    first_s, last_s = min(ats_ns) / S_NS - 60, max(ats_ns) / S_NS + 60
    marks: dict[str, list[Dot]] = {}
    if (middle := middle_s(arrivals)) is not None:
        title = f"the middle crew: {signed_cs(middle)}"
        y = max(-reach, min(reach, middle))
        marks["middle"] = [Dot(at_s, y, title, link="middle") for at_s in (first_s, last_s)]
    marks |= {kind: [] for kind in (*KINDS, BEYOND)}  # the later ones lie above the others
    for arrival, late in passed:
        kind, y = arrival.mark, late
        if abs(late) > reach:
            kind, y = mark_of(BEYOND, arrival.is_shifted), reach if late > 0 else -reach
        label = "?" if _is_doubt(arrival) else ""
        marks.setdefault(kind, []).append(Dot((arrival.at_ns or 0) / S_NS, y, arrival.title, label))
    labels = hours(min(ats_ns), max(ats_ns), timezone)
    frame = Frame(900, 260, (-reach, reach), y_labels(reach), (first_s, last_s), labels, about=about)
    return dots(frame, {kind: of_kind for kind, of_kind in marks.items() if of_kind})


def strips(arrivals: Sequence[Arrival], timezone: ZoneInfo, about: str) -> list[Strip]:
    """Return the strip of a point's passages, chart by chart; parts of the day without any are left out."""
    charts = []
    span_s = _span_s(arrivals)
    for part, of_part in groupby(arrivals, key=lambda arrival: _at_ns(arrival) // (span_s * S_NS)):
        begin_ns = part * span_s * S_NS
        begins = clock(begin_ns, timezone)[:5]
        charts.append(Strip(begins, _chart(list(of_part), begin_ns, span_s, timezone, f"{about} from {begins}")))
    return charts


def _at_ns(arrival: Arrival) -> int:
    """Return where an arrival stands on the time axis: when the crew passed, or else when it was due."""
    return arrival.at_ns or arrival.due_ns or 0


def _span_s(arrivals: Sequence[Arrival]) -> int:
    """Return the widest span (s) with which no chart has more than MOST arrivals, or the least of SPANS_S."""
    for span_s in SPANS_S[:-1]:
        counts = Counter(_at_ns(arrival) // (span_s * S_NS) for arrival in arrivals)
        if max(counts.values(), default=0) <= MOST:
            return span_s
    return SPANS_S[-1]


def _chart(arrivals: Sequence[Arrival], begin_ns: int, span_s: int, timezone: ZoneInfo, about: str) -> str:
    """Return one chart of the strip."""
    marks: dict[str, list[Dot]] = {DUE: [], BEYOND: []}
    ends = [float("-inf")] * LANES  # where the last label of each row ends, in s
    ends_due = [float("-inf")] * 2
    a_px_s = span_s / PLOT_PX
    for arrival in arrivals:
        if arrival.due_ns is not None and arrival.kind != MISSING:
            kind, dot = _due(arrival, (arrival.due_ns - begin_ns) / S_NS, span_s, timezone)
            marks[kind].append(dot)
        at_s, label = (_at_ns(arrival) - begin_ns) / S_NS, _label(arrival)
        if arrival.kind == MISSING:
            y = -0.7 * _lane(ends_due, at_s, label, a_px_s)
            marks.setdefault(MISSING, []).append(Dot(at_s, y, arrival.title, label))
            continue
        y = 1 + LANE * _lane(ends, at_s, label, a_px_s)
        marks.setdefault(arrival.mark, []).append(Dot(at_s, y, arrival.title, label, str(arrival.start_number or "")))
    step_s = 300 if span_s > 300 else 60
    labels = [(float(at_s), clock(begin_ns + at_s * S_NS, timezone)[:5]) for at_s in range(0, span_s, step_s)]
    frame = Frame(WIDTH, HEIGHT, (-0.9, 4.0), [(0, "due"), (1, "passed")], (0, span_s), labels, about=about)
    return dots(frame, {kind: of_kind for kind, of_kind in marks.items() if of_kind})


def _due(arrival: Arrival, due_s: float, span_s: int, timezone: ZoneInfo) -> tuple[str, Dot]:
    """Return the mark of when a crew was due; at the edge where that is not in its chart."""
    title = f"crew {arrival.start_number}: due {clock(arrival.due_ns or 0, timezone)}"
    kind = DUE if 0 <= due_s < span_s else BEYOND
    return kind, Dot(max(0.0, min(float(span_s), due_s)), 0, title, link=str(arrival.start_number))


def _label(arrival: Arrival) -> str:
    """Return what is written at a mark: the start number, with a question mark where there is a doubt."""
    number = str(arrival.start_number or "")
    return f"{number}?" if _is_doubt(arrival) or arrival.kind == NOBODY else number


def _is_doubt(arrival: Arrival) -> bool:
    return arrival.kind == DOUBT


def _lane(ends: list[float], at_s: float, label: str, a_px_s: float) -> int:
    """Return the lowest row where a label has room, and take the room; the least crowded one when none has."""
    half_s = (len(label) * DIGIT_PX + LABEL_PX) / 2 * a_px_s
    free = [lane for lane, end_s in enumerate(ends) if end_s <= at_s - half_s]
    lane = free[0] if free else min(range(len(ends)), key=ends.__getitem__)
    ends[lane] = at_s + half_s
    return lane
