"""Counter values of one boot become UTC, with an honest uncertainty; integers only, on the board and on the host.

No clock is steered. A boot leaves anchors (the counter stood at counter_us when the UTC second utc_s began),
corrections (labels logged so far were wrong by shift_s), leap seconds (labels logged so far count on over the inserted
second) and doubts (from counter_us on no whole second is confirmed, but by anchors logged after it). What anchors that
agree make of a counter value is in line.py, how sure that is in bounds.py.

A doubt parts a boot's stretch of counter in two. Each is confirmed by its own anchors only, and a correction moves no
label of a stretch that was confirmed. Where the anchors on both sides agree they are one line; where they do not, each
side has its own.
"""

from collections import namedtuple

from centesimo_protocol.bounds import AGREE_PPM, AGREE_US, may_stray_us, outside_ns
from centesimo_protocol.line import SECOND_NS, UNTOLD_NS, Line, is_confirmed, rate
from centesimo_protocol.record import Anchor, Correction, Doubt, LeapSecond
from centesimo_protocol.shim import ProtocolError

TYPE_CHECKING = False
if TYPE_CHECKING:  # MicroPython evaluates no annotation
    from collections.abc import Iterable

    from centesimo_protocol.line import Kept
    from centesimo_protocol.record import Record

# utc_ns: ns since 1970, uncertainty_ns: the true instant is within +- this, how: one of line.BETWEEN, BEFORE, AFTER,
# confirmed: whether the whole second is (an anchor of this stretch says so).
Stamp = namedtuple("Stamp", "utc_ns uncertainty_ns how confirmed")

# An inserted second was the one before this UTC second.
Leap = namedtuple("Leap", "utc_s")

# From a counter value on nothing is confirmed, unless by an anchor that is logged after it.
Since = namedtuple("Since", "counter_us")

if TYPE_CHECKING:
    Entry = tuple[int, int, bool] | tuple[int, int, bool, int] | Leap | Since | int


class TimebaseError(ProtocolError):
    """Anchors from which no time can be told."""


def logged(records: "Iterable[Record]") -> list["Entry"]:
    """Return what a Timebase takes of one boot's records, given in the order of their sequence."""
    entries: list[Entry] = []
    for record in records:
        if isinstance(record, Anchor):
            entries.append((record.counter_us, record.utc_s, bool(record.confirmed), record.residual_us))
        elif isinstance(record, Correction):
            entries.append(record.shift_s)
        elif isinstance(record, LeapSecond):
            entries.append(Leap(record.utc_s))
        elif isinstance(record, Doubt):
            entries.append(Since(record.counter_us))
    return entries


class Timebase:
    """UTC of one boot's counter values.

    `logged` is what the board wrote down, in that order: anchors as tuples (counter_us, utc_s, confirmed, residual_us),
    the last of which may be left out when it is 0; for each correction its shift_s, which puts the labels logged before
    it right; Leaps; Sinces. Raises TimebaseError when there is no anchor.

    anchors      those that are used, in order: (counter_us, utc_s, confirmed, what may_stray_us says of it), with the
                 labels as corrected and inserted seconds counted
    disagreeing  those that are not
    leaps        the UTC seconds behind the inserted ones
    confirmed    whether all of the boot is
    stretches    (first counter_us, the Line there, confirmed), in order
    """

    def __init__(self, logged: "Iterable[Entry]") -> None:
        parts, self.leaps = _corrected(logged)
        if not any(anchors for _, anchors in parts):
            raise TimebaseError("expected at least one anchor, got none: this boot never knew the time")
        lines = _lines(parts)
        self.stretches = [
            (start_us, line, line.is_confirmed_by(anchors))
            for (start_us, anchors), line in zip(parts, lines)  # noqa: B905 - MicroPython knows no strict
        ]
        different: list[Line] = []
        for line in lines:
            if line not in different:
                different.append(line)
        self.anchors = sorted([anchor for line in different for anchor in line.anchors])
        self.disagreeing = sorted([anchor for line in different for anchor in line.disagreeing])
        self.confirmed = all(confirmed for _, _, confirmed in self.stretches)

    def at(self, counter_us: int) -> Stamp:
        """Return the Stamp of one counter value (0 .. 2**64 - 1) of this boot."""
        return self.stamps((counter_us,))[0]

    def stamps(self, counters: "Iterable[int]") -> list[Stamp]:
        """Return the Stamps of counter values in rising order, found in one walk."""
        return list(map(Stamp, *self.columns(counters)))

    def columns(self, counters: "Iterable[int]") -> tuple[list[int], list[int], list[str], list[bool]]:
        """Return utc_ns, uncertainty_ns, how and confirmed of the Stamps of counter values in rising order."""
        counters = list(counters)
        instants_ns: list[int] = []
        bounds_ns: list[int] = []
        hows: list[str] = []
        trusts: list[bool] = []
        taken = 0
        for place, (_, line, confirmed) in enumerate(self.stretches):
            is_last = place + 1 == len(self.stretches)
            until = len(counters) if is_last else max(taken, _place(counters, self.stretches[place + 1][0]))
            of_line = line.columns(counters[taken:until])
            instants_ns += of_line[0]
            bounds_ns += of_line[1]
            hows += of_line[2]
            trusts += [confirmed] * (until - taken)
            taken = until
        if self.leaps:
            instants_ns = [self._told_ns(ns) for ns in instants_ns]
        return instants_ns, bounds_ns, hows, trusts

    def _told_ns(self, ns: int) -> int:
        """Return UTC as Unix time has it, of an instant in which inserted seconds are counted.

        Unix time has no inserted seconds: 23:59:60 and the 00:00:00 behind it have the same number.
        """
        behind = 0
        for utc_s in self.leaps:
            if ns >= (utc_s + behind + 1) * SECOND_NS:
                behind += 1
        return ns - behind * SECOND_NS


def _corrected(logged: "Iterable[Entry]") -> tuple[list[tuple[int, list["Kept"]]], list[int]]:
    """Return (first counter_us, anchors) of the stretches that doubts make, and the leaps in order.

    The anchors have their right labels, inserted seconds counted. What was confirmed is not corrected: a correction
    behind it (none of this firmware's) begins a stretch as a doubt does.
    """
    parts: list[tuple[int, list[Kept]]] = [(0, [])]
    leaps: list[int] = []
    for entry in logged:
        if isinstance(entry, Leap):
            leaps = sorted(set(leaps + [entry.utc_s]))
        elif isinstance(entry, Since):
            parts.append((max(entry.counter_us, parts[-1][0]), []))
        elif isinstance(entry, tuple):
            strayed_us = may_stray_us(entry[3]) if len(entry) > 3 else 0
            inserted = len([utc_s for utc_s in leaps if utc_s <= entry[1]])
            parts[-1][1].append((entry[0], entry[1] + inserted, bool(entry[2]), strayed_us))
        elif entry:
            if is_confirmed(parts[-1][1]):
                parts.append((parts[-1][1][-1][0] + 1, []))
            parts = _shifted(parts, entry)
    return parts, leaps


def _place(counters: list[int], counter_us: int) -> int:
    """Return how many of counter values in rising order are below one."""
    low, high = 0, len(counters)
    while low < high:
        middle = (low + high) // 2
        if counters[middle] < counter_us:
            low = middle + 1
        else:
            high = middle
    return low


def _shifted(parts: list[tuple[int, list["Kept"]]], shift_s: int) -> list[tuple[int, list["Kept"]]]:
    """Return the stretches with the labels of all behind the last confirmed one shifted."""
    first = 0
    for place, (_, anchors) in enumerate(parts):
        if is_confirmed(anchors):
            first = place + 1
    moved = [
        (start_us, [(counter_us, utc_s + shift_s, False, strayed) for counter_us, utc_s, _, strayed in anchors])
        for start_us, anchors in parts[first:]
    ]
    return parts[:first] + moved


def _lines(parts: list[tuple[int, list["Kept"]]]) -> list[Line]:
    """Return the line of each stretch: one for those whose neighbouring anchors agree, or that have none."""
    runs: list[list[Kept]] = []
    run_by_part: list[int] = []
    for _, anchors in parts:
        if not runs or (anchors and runs[-1] and not _go_on(sorted(runs[-1]), sorted(anchors))):
            runs.append([])
        runs[-1] += anchors
        run_by_part.append(len(runs) - 1)
    lines = [Line(run) for run in runs]
    return [lines[run] for run in run_by_part]


def _go_on(before: list["Kept"], after: list["Kept"]) -> bool:
    """Say whether anchors behind others may be of the same line: the crystal says so, or does not tell."""
    last, first = before[-1], after[0]
    away_us = first[0] - last[0]
    if away_us <= 0:
        return True
    _, span_us, strayed_us = rate(before, len(before) - 1, -1)
    bound_us = outside_ns(away_us, span_us, last[3], strayed_us) // 1000
    if bound_us * 1000 > UNTOLD_NS:
        return True
    return abs(away_us - (first[1] - last[1]) * 1_000_000) <= max(bound_us, AGREE_US) + away_us * AGREE_PPM // 1_000_000
