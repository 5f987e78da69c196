"""The instants of many counter values at once: what Timebase.columns gives, by arrays instead of value by value.

Between two anchors an instant is start + 1000 x into + (2 x into x rest + span) // (2 x span), where `rest` is what the
interval's seconds are more than its counts: the same integers as the Timebase's own, without its products of 64 bits
and more. Where they might not fit (anchors that lie hours apart), and outside of the anchors, the Timebase is asked.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from centesimo_protocol.bounds import COUNTING_NS, sharpest
from centesimo_protocol.line import BETWEEN, SECOND_NS, Line
from centesimo_protocol.timebase import Timebase

Ints = NDArray[np.int64]
MOST = 2**61  # so that no sum of two leaves an int64


class Instants(NamedTuple):
    """What is known of counter values, each in their order: instants and bounds in ns, how, and whether confirmed."""

    ats: list[int]
    widths: list[int]
    hows: list[str]
    trusts: list[bool]


def instants(timebase: Timebase, counters: Ints) -> Instants:
    """Return what a boot's timebase says of counter values in us, which are in rising order."""
    if timebase.leaps:
        return Instants(*timebase.columns(counters.tolist()))
    ats: list[int] = []
    widths: list[int] = []
    hows: list[str] = []
    trusts: list[bool] = []
    ends = [int(np.searchsorted(counters, start_us)) for start_us, _, _ in timebase.stretches[1:]] + [len(counters)]
    taken = 0
    for (_, line, confirmed), end in zip(timebase.stretches, ends, strict=True):
        until = max(taken, end)
        of_line = _of_line(line, counters[taken:until])
        ats += of_line[0]
        widths += of_line[1]
        hows += of_line[2]
        trusts += [confirmed] * (until - taken)
        taken = until
    return Instants(ats, widths, hows, trusts)


def _of_line(line: Line, counters: Ints) -> tuple[list[int], list[int], list[str]]:
    """Return instants, bounds and how they are known of counter values in rising order, as Line.columns does."""
    first, last = (int(np.searchsorted(counters, anchor[0])) for anchor in (line.anchors[0], line.anchors[-1]))
    inner = _between(line, counters[first:last])
    if inner is None:
        return line.columns(counters.tolist())
    before, behind = (line.columns(some.tolist()) for some in (counters[:first], counters[last:]))
    hows = before[2] + [BETWEEN] * (last - first) + behind[2]
    return before[0] + inner[0] + behind[0], before[1] + inner[1] + behind[1], hows


def _between(line: Line, counters: Ints) -> tuple[list[int], list[int]] | None:
    """Return instants and bounds of counter values between a line's anchors; None where int64 has no room for it."""
    if not len(counters):
        return [], []
    anchor_us, anchor_s, strayed_us = (np.array([one[place] for one in line.anchors], np.int64) for place in (0, 1, 3))
    spans_us = np.diff(anchor_us)
    rests_ns = np.diff(anchor_s) * SECOND_NS - 1000 * spans_us
    widest = int(spans_us.max())
    if 2 * widest * max(int(np.abs(rests_ns).max()), widest) > MOST:
        return None
    sharpest_us2 = np.array([sharpest(span_us) for span_us in spans_us.tolist()])
    least_ns = COUNTING_NS + np.maximum(strayed_us[:-1], strayed_us[1:]) * 1000
    place = np.searchsorted(anchor_us, counters, side="right") - 1
    into_us, span_us = counters - anchor_us[place], spans_us[place]
    bent_ns = (2 * into_us * rests_ns[place] + span_us) // (2 * span_us)
    at_ns = anchor_s[place] * SECOND_NS + 1000 * into_us + bent_ns
    bounds_ns = least_ns[place] - into_us * (into_us - span_us) // sharpest_us2[place]
    return at_ns.tolist(), bounds_ns.tolist()
