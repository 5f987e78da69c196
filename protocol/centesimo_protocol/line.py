"""Anchors that agree are one line; on it counter values are instants, inserted seconds counted, with their bounds.

Between two anchors an instant is interpolated; before the first and after the last it is extrapolated at the rate
measured over the nearest BASELINE_S seconds. bounds.py says how sure that is.

Anchors must agree: two neighbours further apart than the crystal allows cannot both be right. The largest group that
agrees is used (the later one of two equal), the rest is listed in `disagreeing`, for a person to see. So is, of two
sides of a gap so long that the crystal does not tell one second from the next (UNTOLD_NS), the one that is not
confirmed while the other is; where none is, the one with fewer anchors.
"""

from centesimo_protocol.bounds import COUNTING_NS, agree, outside_ns, sharpest
from centesimo_protocol.shim import const

TYPE_CHECKING = False
if TYPE_CHECKING:  # MicroPython evaluates no annotation
    # counter_us, label with inserted seconds counted, confirmed, what may_stray_us says of it
    Kept = tuple[int, int, bool, int]

BASELINE_S = const(16)
SURE_US = 4_000_000_000  # over less than this AGREE_PPM tells one second from the next
UNTOLD_NS = 300_000_000  # a board that is surer than 0.4 s notices another whole second; it knows the rate a bit better
SECOND_NS = 1_000_000_000

BETWEEN = "between anchors"
BEFORE = "before the first anchor"
AFTER = "after the last anchor"


class Line:
    """Instants, inserted seconds counted, of counter values by anchors that agree.

    anchors, disagreeing  those that are used, and those that are not
    """

    def __init__(self, anchors: "list[Kept]") -> None:
        parts = _parts(_joined(anchors))
        used = [part for part in parts if is_confirmed(part)] or [_longest(parts)]
        groups = _groups([anchor for part in used for anchor in part])
        self.anchors = best = _longest(groups)
        unused = [group for group in groups if group is not best] + [part for part in parts if part not in used]
        self.disagreeing = [anchor for group in unused for anchor in group]
        self._first_rate = rate(best, 0, 1)
        self._last_rate = rate(best, len(best) - 1, -1)

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
        start_us = end_us = start_ns = span_us = passed_ns = bend = least_ns = 0
        for counter_us in counters:
            if counter_us >= end_us:
                while self.anchors[after][0] <= counter_us:
                    after += 1
                start_us, start_s, _, start_strayed_us = self.anchors[after - 1]
                end_us, end_s, _, end_strayed_us = self.anchors[after]
                start_ns, span_us, passed_ns = start_s * SECOND_NS, end_us - start_us, (end_s - start_s) * SECOND_NS
                bend = sharpest(span_us)
                least_ns = COUNTING_NS + max(start_strayed_us, end_strayed_us) * 1000
            into_us = counter_us - start_us
            # As _divided and bend_ns do it.
            found_ns.append(start_ns + (2 * into_us * passed_ns + span_us) // (2 * span_us))
            bounds_ns.append(least_ns - into_us * (into_us - span_us) // bend)
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
            _, span_us, other_strayed_us = rate(part, len(part) - 1, -1)
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


def is_confirmed(anchors: list["Kept"]) -> bool:
    """Say whether one of some anchors is confirmed."""
    return any(confirmed for _, _, confirmed, _ in anchors)


def rate(anchors: list["Kept"], end: int, step: int) -> tuple[int, int, int]:
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
