"""How sure an instant is that anchors tell; integers only, on the board and on the host.

In ns; every term is a bound and is rounded up, so the true instant lies inside:
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
"""

from centesimo_protocol.shim import const

COUNTING_NS = const(1500)
CRYSTAL_PPB = const(50_000)
WANDER_PPB_PER_S = const(10)
WANDER_LIMIT_PPB = const(10_000)
AGREE_PPM = const(100)  # both ends of an interval: the crystal's 50 ppm, and as much for its wander
AGREE_US = const(5)
RESIDUAL_US = const(2)  # what counting, the way of the pulse and a second of wandering may make of a right pulse


def wander_ns(away_us: int) -> int:
    """Return by how many ns a crystal may stray in `away_us` (at least 0) from the rate it had, at worst."""
    limit_us = WANDER_LIMIT_PPB * 1_000_000 // WANDER_PPB_PER_S
    if away_us <= limit_us:
        return _up(WANDER_PPB_PER_S * away_us * away_us, 2_000_000_000_000)
    return _up(WANDER_LIMIT_PPB * (2 * away_us - limit_us), 2_000_000)


def bend_ns(into_us: int, span_us: int) -> int:
    """Return by how many ns a crystal may leave the chord of `span_us`, `into_us` (0 .. span_us) after its start."""
    return _up(into_us * (span_us - into_us), sharpest(span_us))


def sharpest(span_us: int) -> int:
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


def _up(numerator: int, denominator: int) -> int:
    """Divide and round up; the denominator is positive."""
    return -(-numerator // denominator)
