"""Counter values of one boot become UTC, with an honest uncertainty; integers only, on the board and on the host.

No clock is steered. A boot leaves anchors (the counter stood at counter_us when the UTC second utc_s began) and
corrections (all labels logged so far were wrong by shift_s). Between two anchors an instant is interpolated; before the
first and after the last it is extrapolated at the rate measured over the nearest BASELINE_S seconds.

How sure, in ns; every term is a bound and is rounded up, so the true instant lies inside:
    counting     two captures against each other: 1 us, the counter being cut to whole ones, and 0.5 us for what the
                 receiver's pulse and the way of an edge through the chip may differ by
    between      a crystal whose rate wanders by at most w leaves the chord of T seconds by w x (T - x) / 2 after x,
                 and one whose rate moves by at most l by l x (T - x) / T; the lesser of the two
    outside      t seconds away: t (counting / S + w S / 2, at most l) for a rate measured over S seconds, plus the
                 wander since: w t^2 / 2 while the rate has moved less than l, then only in proportion to t
    one anchor   no rate was measured: t x CRYSTAL_PPB instead of the rate's term
w = WANDER_PPB_PER_S is half a ppm per degree (a plain crystal) at a bit more than one degree a minute;
l = WANDER_LIMIT_PPB is 20 degrees of it. docs/time.md explains each and works an example.

Anchors must agree: two neighbours further apart than the crystal allows cannot both be right. The largest group that
agrees is used (the later one of two equal), the rest is listed in `disagreeing`, for a person to see.
"""

from collections import namedtuple

from protocol.shim import ProtocolError, const

TYPE_CHECKING = False
if TYPE_CHECKING:  # MicroPython evaluates no annotation
    from collections.abc import Iterable

COUNTING_NS = const(1500)
CRYSTAL_PPB = const(50_000)
WANDER_PPB_PER_S = const(10)
WANDER_LIMIT_PPB = const(10_000)
BASELINE_S = const(16)
AGREE_PPM = const(100)  # both ends of an interval: the crystal's 50 ppm, and as much for its wander
AGREE_US = const(5)

BETWEEN = "between anchors"
BEFORE = "before the first anchor"
AFTER = "after the last anchor"

# utc_ns: ns since 1970, uncertainty_ns: the true instant is within +- this, how: one of the three above,
# confirmed: whether the whole second is (an anchor of this boot says that the leap seconds are known).
Stamp = namedtuple("Stamp", "utc_ns uncertainty_ns how confirmed")


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
    product = into_us * (span_us - into_us)
    wandering = _up(WANDER_PPB_PER_S * product, 2_000_000_000_000)
    return min(wandering, _up(WANDER_LIMIT_PPB * product, 1_000_000 * span_us))


def outside_ns(away_us: int, span_us: int) -> int:
    """Return the uncertainty in ns, `away_us` from an anchor, of a rate measured over `span_us` (0: never measured)."""
    rate_ppb = CRYSTAL_PPB
    if span_us:
        moved_ppb = min(_up(WANDER_PPB_PER_S * span_us, 2_000_000), WANDER_LIMIT_PPB)
        rate_ppb = _up(COUNTING_NS * 1_000_000, span_us) + moved_ppb
    return COUNTING_NS + _up(rate_ppb * away_us, 1_000_000) + wander_ns(away_us)


def agree(counter_us: int, utc_s: int, later_counter_us: int, later_utc_s: int) -> bool:
    """Say whether two anchors can both be right: the counter went on by as many microseconds as the label did."""
    passed_us = later_counter_us - counter_us
    off_us = abs(passed_us - (later_utc_s - utc_s) * 1_000_000)
    return later_utc_s > utc_s and off_us <= AGREE_US + passed_us * AGREE_PPM // 1_000_000


class Timebase:
    """UTC of one boot's counter values.

    `logged` is what the board wrote down, in that order: anchors as tuples (counter_us, utc_s, confirmed), and for each
    correction its shift_s, which puts the labels logged before it right. Raises TimebaseError when there is no anchor.

    anchors      those that are used, in order, with the labels as corrected
    disagreeing  those that are not
    confirmed    whether a used anchor whose label was never corrected says that the leap seconds are known
    """

    def __init__(self, logged: "Iterable[tuple[int, int, bool] | int]") -> None:
        anchors = _corrected(logged)
        if not anchors:
            raise TimebaseError("expected at least one anchor, got none: this boot never knew the time")
        groups = _groups(sorted(set(anchors)))
        best = groups[0]
        for group in groups:
            if len(group) >= len(best):
                best = group
        self.anchors = best
        self.disagreeing = sorted([anchor for group in groups if group is not best for anchor in group])
        self.confirmed = any(confirmed for _, _, confirmed in best)
        self._first_rate = _rate(best, 0, 1)
        self._last_rate = _rate(best, len(best) - 1, -1)

    def at(self, counter_us: int) -> Stamp:
        """Return the Stamp of one counter value (0 .. 2**64 - 1) of this boot."""
        low, high = 0, len(self.anchors)
        while low < high:
            middle = (low + high) // 2
            if self.anchors[middle][0] <= counter_us:
                low = middle + 1
            else:
                high = middle
        return self._stamp(counter_us, low)

    def stamps(self, counters: "Iterable[int]") -> list[Stamp]:
        """Return the Stamps of counter values in rising order; the same as `at` for each, in one walk."""
        found, after = [], 0
        anchors, total = self.anchors, len(self.anchors)
        for counter_us in counters:
            while after < total and anchors[after][0] <= counter_us:
                after += 1
            found.append(self._stamp(counter_us, after))
        return found

    def _stamp(self, counter_us: int, after: int) -> Stamp:
        """Stamp a counter value that lies before anchor number `after` and not before the one ahead of it."""
        if after == 0:
            return self._outside(counter_us, self.anchors[0], self._first_rate, BEFORE)
        if after == len(self.anchors):
            return self._outside(counter_us, self.anchors[-1], self._last_rate, AFTER)
        start_us, start_s, _ = self.anchors[after - 1]
        end_us, end_s, _ = self.anchors[after]
        into_us, span_us = counter_us - start_us, end_us - start_us
        ns = start_s * 1_000_000_000 + _divided(into_us * (end_s - start_s) * 1_000_000_000, span_us)
        return Stamp(ns, COUNTING_NS + bend_ns(into_us, span_us), BETWEEN, self.confirmed)

    def _outside(self, counter_us: int, anchor: tuple[int, int, bool], rate: tuple[int, int], how: str) -> Stamp:
        seconds, span_us = rate
        away_us = counter_us - anchor[0]
        ns = anchor[1] * 1_000_000_000
        if span_us:
            ns += _divided(away_us * seconds * 1_000_000_000, span_us)
        else:
            ns += away_us * 1000
        return Stamp(ns, outside_ns(abs(away_us), span_us), how, self.confirmed)


def _corrected(logged: "Iterable[tuple[int, int, bool] | int]") -> list[tuple[int, int, bool]]:
    """Return the anchors with their right labels; one that had to be shifted was wrongly confirmed, if it was."""
    anchors: list[tuple[int, int, bool]] = []
    for entry in logged:
        if isinstance(entry, tuple):
            anchors.append((entry[0], entry[1], bool(entry[2])))
        elif entry:
            anchors = [(counter_us, utc_s + entry, False) for counter_us, utc_s, _ in anchors]
    return anchors


def _groups(anchors: list[tuple[int, int, bool]]) -> list[list[tuple[int, int, bool]]]:
    """Part anchors, in order, into groups of which each agrees with its predecessor; a wrong one parts no group."""
    groups: list[list[tuple[int, int, bool]]] = []
    for anchor in anchors:
        home: list[tuple[int, int, bool]] = []
        for group in groups:
            if len(group) > len(home) and agree(group[-1][0], group[-1][1], anchor[0], anchor[1]):
                home = group
        if not home:
            groups.append(home)
        home.append(anchor)
    return groups


def _rate(anchors: list[tuple[int, int, bool]], end: int, step: int) -> tuple[int, int]:
    """Return (seconds, microseconds) from anchor `end` over at least BASELINE_S, or as far as there are anchors."""
    other = end
    while 0 <= other + step < len(anchors) and abs(anchors[other][1] - anchors[end][1]) < BASELINE_S:
        other += step
    return abs(anchors[other][1] - anchors[end][1]), abs(anchors[other][0] - anchors[end][0])


def _divided(numerator: int, denominator: int) -> int:
    """Divide to the nearest whole number, halves up; the denominator is positive."""
    return (2 * numerator + denominator) // (2 * denominator)


def _up(numerator: int, denominator: int) -> int:
    """Divide and round up; the denominator is positive."""
    return -(-numerator // denominator)
