"""Counter values of one boot become UTC, with an honest uncertainty; integers only, on the board and on the host.

No clock is steered. A boot leaves anchors (the counter stood at counter_us when the UTC second utc_s began),
corrections (labels logged so far were wrong by shift_s), leap seconds (labels logged so far count on over the inserted
second) and doubts (from counter_us on no whole second is confirmed, but by anchors logged after it). Between two
anchors an instant is interpolated; before the first and after the last it is extrapolated at the rate measured over the
nearest BASELINE_S seconds.

How sure, in ns; every term is a bound and is rounded up, so the true instant lies inside:
    counting     two captures against each other: 1 us, the counter being cut to whole ones, and 0.5 us for what the
                 receiver's pulse and the way of an edge through the chip may differ by
    between      a crystal whose rate wanders by at most w leaves the chord of T seconds by w x (T - x) / 2 after x,
                 and one whose rate moves by at most l by l x (T - x) / T; the lesser of the two
    outside      t seconds away: t (counting / S + w S / 2, at most l) for a rate measured over S seconds, plus the
                 wander since: w t^2 / 2 while the rate has moved less than l, then only in proportion to t
    one anchor   no rate was measured: t x CRYSTAL_PPB instead of the rate's term
    strayed      an anchor whose pulse came more than RESIDUAL_US from where it was predicted may be off by that and
                 by RESIDUAL_US more: so are instants at it, and the rate measured from it
w = WANDER_PPB_PER_S is half a ppm per degree (a plain crystal) at a bit more than one degree a minute;
l = WANDER_LIMIT_PPB is 20 degrees of it. docs/time.md explains each and works an example.

Anchors must agree: two neighbours further apart than the crystal allows cannot both be right. The largest group that
agrees is used (the later one of two equal), the rest is listed in `disagreeing`, for a person to see. So is, of two
sides of a gap so long that the crystal does not tell one second from the next (UNTOLD_NS), the one that is not
confirmed while the other is; where none is, the one with fewer anchors.

A doubt parts a boot's stretch of counter in two. Each is confirmed by its own anchors only, and a correction moves no
label of a stretch that was confirmed. Where the anchors on both sides agree they are one line; where they do not, each
side has its own.
"""

from collections import namedtuple

from centesimo_protocol.record import Anchor, Correction, Doubt, LeapSecond
from centesimo_protocol.shim import ProtocolError, const

TYPE_CHECKING = False
if TYPE_CHECKING:  # MicroPython evaluates no annotation
    from collections.abc import Iterable

    from centesimo_protocol.record import Record

COUNTING_NS = const(1500)
CRYSTAL_PPB = const(50_000)
WANDER_PPB_PER_S = const(10)
WANDER_LIMIT_PPB = const(10_000)
BASELINE_S = const(16)
AGREE_PPM = const(100)  # both ends of an interval: the crystal's 50 ppm, and as much for its wander
AGREE_US = const(5)
SURE_US = 4_000_000_000  # over less than this AGREE_PPM tells one second from the next
UNTOLD_NS = 300_000_000  # a board that is surer than 0.4 s notices another whole second; it knows the rate a bit better
RESIDUAL_US = const(2)  # what counting, the way of the pulse and a second of wandering may make of a right pulse
SECOND_NS = 1_000_000_000

BETWEEN = "between anchors"
BEFORE = "before the first anchor"
AFTER = "after the last anchor"

# utc_ns: ns since 1970, uncertainty_ns: the true instant is within +- this, how: one of the three above,
# confirmed: whether the whole second is (an anchor of this stretch says so).
Stamp = namedtuple("Stamp", "utc_ns uncertainty_ns how confirmed")


# An inserted second was the one before this UTC second.
Leap = namedtuple("Leap", "utc_s")

# From a counter value on nothing is confirmed, unless by an anchor that is logged after it.
Since = namedtuple("Since", "counter_us")

if TYPE_CHECKING:
    Entry = tuple[int, int, bool] | tuple[int, int, bool, int] | Leap | Since | int
    Kept = tuple[int, int, bool, int]


class TimebaseError(ProtocolError):
    """Anchors from which no time can be told."""


def wander_ns(away_us: int) -> int:
    """Return by how many ns a crystal may stray in `away_us` (at least 0) from the rate it had, at worst."""
    limit_us = WANDER_LIMIT_PPB * 1_000_000 // WANDER_PPB_PER_S
    if away_us <= limit_us:
        return _up(WANDER_PPB_PER_S * away_us * away_us, 2_000_000_000_000)
    return _up(WANDER_LIMIT_PPB * (2 * away_us - limit_us), 2_000_000)


def bend_ns(into_us: int, span_us: int) -> int:
    """Return by how many ns a crystal may leave the chord of `span_us`, `into_us` (0 .. span_us) after its start."""
    return _up(into_us * (span_us - into_us), _sharpest(span_us))


def _sharpest(span_us: int) -> int:
    """Return by what x (T - x) in us^2 has to be divided to get the ns of a chord's sharpest bend."""
    return max(2_000_000_000_000 // WANDER_PPB_PER_S, 1_000_000 // WANDER_LIMIT_PPB * span_us)


def outside_ns(away_us: int, span_us: int, strayed_us: int = 0, other_strayed_us: int = 0) -> int:
    """Return the uncertainty in ns, `away_us` from an anchor, of a rate measured over `span_us` (0: never measured).

    `strayed_us` is what may_stray_us says of that anchor, `other_strayed_us` of the one at the other end of the span.
    """
    rate_ppb = CRYSTAL_PPB
    if span_us:
        moved_ppb = min(_up(WANDER_PPB_PER_S * span_us, 2_000_000), WANDER_LIMIT_PPB)
        ends_ns = COUNTING_NS + (strayed_us + other_strayed_us) * 1000
        rate_ppb = _up(ends_ns * 1_000_000, span_us) + moved_ppb
    return COUNTING_NS + strayed_us * 1000 + _up(rate_ppb * away_us, 1_000_000) + wander_ns(away_us)


def may_stray_us(residual_us: int) -> int:
    """Return by how many us a pulse may have been off that came `residual_us` after it was predicted; 0: as it may."""
    strayed_us = abs(residual_us)
    return strayed_us + RESIDUAL_US if strayed_us > RESIDUAL_US else 0


def agree(counter_us: int, utc_s: int, later_counter_us: int, later_utc_s: int) -> bool:
    """Say whether two anchors can both be right: the counter went on by as many microseconds as the label did."""
    passed_us = later_counter_us - counter_us
    off_us = abs(passed_us - (later_utc_s - utc_s) * 1_000_000)
    return later_utc_s > utc_s and off_us <= AGREE_US + passed_us * AGREE_PPM // 1_000_000


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


class Line:
    """Instants, inserted seconds counted, of counter values by anchors that agree.

    anchors, disagreeing  as in Timebase
    """

    def __init__(self, anchors: "list[Kept]") -> None:
        parts = _parts(_joined(anchors))
        used = [part for part in parts if _is_confirmed(part)] or [_longest(parts)]
        groups = _groups([anchor for part in used for anchor in part])
        self.anchors = best = _longest(groups)
        unused = [group for group in groups if group is not best] + [part for part in parts if part not in used]
        self.disagreeing = [anchor for group in unused for anchor in group]
        self._first_rate = _rate(best, 0, 1)
        self._last_rate = _rate(best, len(best) - 1, -1)

    def is_confirmed_by(self, anchors: "list[Kept]") -> bool:
        """Say whether one of some of its anchors is used and confirmed."""
        used = {anchor[:2] for anchor in self.anchors}
        return any(anchor[2] and anchor[:2] in used for anchor in anchors)

    def columns(self, counters: list[int]) -> tuple[list[int], list[int], list[str]]:
        """Return the instants in ns, the bounds in ns and how they are known of counter values in rising order."""
        first, last = self.anchors[0], self.anchors[-1]
        early = [self._outside(counter_us, first, self._first_rate) for counter_us in counters if counter_us < first[0]]
        late = [self._outside(counter_us, last, self._last_rate) for counter_us in counters if counter_us >= last[0]]
        inner = counters[len(early) : len(counters) - len(late)]
        between_ns, bounds_ns = self._between(inner)
        instants_ns = [ns for ns, _ in early] + between_ns + [ns for ns, _ in late]
        bounds_ns = [bound_ns for _, bound_ns in early] + bounds_ns + [bound_ns for _, bound_ns in late]
        return instants_ns, bounds_ns, [BEFORE] * len(early) + [BETWEEN] * len(inner) + [AFTER] * len(late)

    def _between(self, counters: list[int]) -> tuple[list[int], list[int]]:
        """Return the instants, inserted seconds counted, of counter values between anchors, and their bounds.

        This is most of a day's work: what two anchors say of all between them is worked out once, into local names.
        """
        found_ns: list[int] = []
        bounds_ns: list[int] = []
        after = self._after(counters[0]) if counters else 0
        start_us = end_us = start_ns = span_us = passed_ns = sharpest = least_ns = 0
        for counter_us in counters:
            if counter_us >= end_us:
                while self.anchors[after][0] <= counter_us:
                    after += 1
                start_us, start_s, _, start_strayed_us = self.anchors[after - 1]
                end_us, end_s, _, end_strayed_us = self.anchors[after]
                start_ns, span_us, passed_ns = start_s * SECOND_NS, end_us - start_us, (end_s - start_s) * SECOND_NS
                sharpest = _sharpest(span_us)
                least_ns = COUNTING_NS + max(start_strayed_us, end_strayed_us) * 1000
            into_us = counter_us - start_us
            # As _divided and bend_ns do it.
            found_ns.append(start_ns + (2 * into_us * passed_ns + span_us) // (2 * span_us))
            bounds_ns.append(least_ns - into_us * (into_us - span_us) // sharpest)
        return found_ns, bounds_ns

    def _after(self, counter_us: int) -> int:
        """Return the number of the first anchor behind a counter value."""
        low, high = 0, len(self.anchors)
        while low < high:
            middle = (low + high) // 2
            if self.anchors[middle][0] <= counter_us:
                low = middle + 1
            else:
                high = middle
        return low

    def _outside(self, counter_us: int, anchor: "Kept", rate: tuple[int, int, int]) -> tuple[int, int]:
        """Return the instant, inserted seconds counted, of a counter value beyond all anchors, and its bound."""
        seconds, span_us, other_strayed_us = rate
        away_us = counter_us - anchor[0]
        ns = anchor[1] * SECOND_NS
        if span_us:
            ns += _divided(away_us * seconds * SECOND_NS, span_us)
        else:
            ns += away_us * 1000
        return ns, outside_ns(abs(away_us), span_us, anchor[3], other_strayed_us)


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
            if _is_confirmed(parts[-1][1]):
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
        if _is_confirmed(anchors):
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
    _, span_us, strayed_us = _rate(before, len(before) - 1, -1)
    bound_us = outside_ns(away_us, span_us, last[3], strayed_us) // 1000
    if bound_us * 1000 > UNTOLD_NS:
        return True
    return abs(away_us - (first[1] - last[1]) * 1_000_000) <= max(bound_us, AGREE_US) + away_us * AGREE_PPM // 1_000_000


def _joined(anchors: list["Kept"]) -> list["Kept"]:
    """Return anchors in order, those that say the same once, with the lesser certainty of the pulse."""
    joined: list[Kept] = []
    for anchor in sorted(anchors):
        if joined and joined[-1][:2] == anchor[:2]:
            twin = joined.pop()
            anchor = (anchor[0], anchor[1], anchor[2] or twin[2], max(anchor[3], twin[3]))
        joined.append(anchor)
    return joined


def _groups(anchors: list["Kept"]) -> list[list["Kept"]]:
    """Part anchors, in order, into groups of which each agrees with its predecessor; a wrong one parts no group."""
    groups: list[list[Kept]] = []
    for anchor in anchors:
        home: list[Kept] = []
        for group in groups:
            if len(group) > len(home) and agree(group[-1][0], group[-1][1], anchor[0], anchor[1]):
                home = group
        if not home:
            groups.append(home)
        home.append(anchor)
    return groups


def _parts(anchors: list["Kept"]) -> list[list["Kept"]]:
    """Part anchors, in order, where so much time passed that the crystal does not tell one second from the next."""
    parts = [anchors[:1]]
    for anchor in anchors[1:]:
        part = parts[-1]
        away_us = anchor[0] - part[-1][0]
        if away_us > SURE_US:
            _, span_us, other_strayed_us = _rate(part, len(part) - 1, -1)
            if outside_ns(away_us, span_us, part[-1][3], other_strayed_us) > UNTOLD_NS:
                parts.append([])
        parts[-1].append(anchor)
    return parts


def _longest(groups: list[list["Kept"]]) -> list["Kept"]:
    """Return the group with the most anchors, the later of two equal ones."""
    longest = groups[0]
    for group in groups:
        if len(group) >= len(longest):
            longest = group
    return longest


def _is_confirmed(anchors: list["Kept"]) -> bool:
    return any(confirmed for _, _, confirmed, _ in anchors)


def _rate(anchors: list["Kept"], end: int, step: int) -> tuple[int, int, int]:
    """Return (seconds, microseconds) from anchor `end` over at least BASELINE_S, or as far as there are anchors.

    The third value is by how many us the anchor there may have strayed.
    """
    far = end
    while 0 <= far + step < len(anchors) and abs(anchors[far][1] - anchors[end][1]) < BASELINE_S:
        far += step
    strayed_us = anchors[far][3] if far != end else 0
    return abs(anchors[far][1] - anchors[end][1]), abs(anchors[far][0] - anchors[end][0]), strayed_us


def _divided(numerator: int, denominator: int) -> int:
    """Divide to the nearest whole number, halves up; the denominator is positive."""
    return (2 * numerator + denominator) // (2 * denominator)


def _up(numerator: int, denominator: int) -> int:
    """Divide and round up; the denominator is positive."""
    return -(-numerator // denominator)
