"""What passed and what was keyed, side by side in time, for whoever keys; whose a passage is match says, not this.

Each sighting stands beside the passage at its timing point that was most nearly a hand's second before it by the
laptop's clock, one each; without one near, in a row of its own. A passage's instant is put on the laptop's clock by
`lag_ns`, how far that is ahead of the boards' as the passages have told that came live.
"""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from centesimo.model.facts import Passage, Sighting

HAND_NS = 1_000_000_000  # a number is usually kept so long after its car
BESIDE_NS = 20_000_000_000  # a number is keyed within this of its passage, or chosen for it
LAGS = 20  # of the newest passages: of a backlog all are late, of those that come live the least is the clock's


class Row(NamedTuple):
    """A passage, what was keyed for it, or both."""

    at_ns: int  # by the laptop's clock
    timing_point: str
    passage: Passage | None
    sighting: Sighting | None


def rows(
    passages: Sequence[Passage], arrived_ns_by_id: Mapping[str, int], standing: Sequence[Sighting], lag_ns: int
) -> list[Row]:
    """Return the rows in order of time; a passage without an instant stands where it came."""
    at_by_id = {passage.id: own_ns(passage, arrived_ns_by_id, lag_ns) for passage in passages}
    sighting_by_passage = _pairs(passages, at_by_id, standing)
    beside = {sighting.id for sighting in sighting_by_passage.values()}
    made = [
        Row(at_by_id[passage.id], passage.timing_point, passage, sighting_by_passage.get(passage.id))
        for passage in passages
    ]
    made += [
        Row(sighting.at_ns, sighting.timing_point, None, sighting) for sighting in standing if sighting.id not in beside
    ]
    return sorted(made, key=lambda row: (row.at_ns, row.timing_point, row.passage.id if row.passage else ""))


def own_ns(passage: Passage, arrived_ns_by_id: Mapping[str, int], lag_ns: int) -> int:
    """Return a passage's instant by the laptop's clock."""
    return arrived_ns_by_id.get(passage.id, 0) if passage.at_ns is None else passage.at_ns + lag_ns


def find_lag_ns(passages: Sequence[Passage], arrived_ns_by_id: Mapping[str, int]) -> int | None:
    """Return how far the laptop's clock is ahead of the boards', by the newest passages that came while it looked.

    None where none has come. Too much by the 0.1 to 0.6 s that a passage takes to come.
    """
    lags = [
        (arrived_ns_by_id[passage.id], arrived_ns_by_id[passage.id] - passage.at_ns)
        for passage in passages
        if passage.id in arrived_ns_by_id and passage.at_ns is not None
    ]
    return min((lag for _, lag in sorted(lags)[-LAGS:]), default=None)


def _pairs(
    passages: Sequence[Passage], at_by_id: Mapping[str, int], standing: Sequence[Sighting]
) -> dict[str, Sighting]:
    """Return the sighting that stands beside each passage, by the passage's id; the nearest first."""
    ats_by_point: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for passage in passages:
        insort(ats_by_point[passage.timing_point], (at_by_id[passage.id], passage.id))
    near = []
    for sighting in standing:
        ats = ats_by_point[sighting.timing_point]
        for at_ns, identity in ats[bisect_left(ats, (sighting.at_ns - BESIDE_NS,)) :]:
            if at_ns > sighting.at_ns + BESIDE_NS:
                break
            near.append((abs(sighting.at_ns - HAND_NS - at_ns), sighting, identity))
    by_passage: dict[str, Sighting] = {}
    beside: set[str] = set()
    for _, sighting, identity in sorted(near, key=lambda pair: (pair[0], pair[1].at_ns, pair[1].id, pair[2])):
        if identity not in by_passage and sighting.id not in beside:
            by_passage[identity] = sighting
            beside.add(sighting.id)
    return by_passage
