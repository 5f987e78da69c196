"""Cars that are alone on the road: nothing else may be theirs, so their passages need no sum over paths.

Such a car was seen at every point, and no other passage is near to any of its own. Beside its own passage at a point
it may only have made none there, and that passage is nobody's: one term at each point, for all cars at once.
"""

from collections.abc import Sequence

import numpy as np

from centesimo.match.field import Crews
from centesimo.match.naming import Belief
from centesimo.match.parameters import FAR, LEAVES, MISS, NEAREST_S, PAST, Flags, Floats, Ints
from centesimo.match.tracks import Node, Tracks
from centesimo.match.widths import Widths


def own_chances(
    nodes: Sequence[Node], widths: Sequence[Widths], tracks: Tracks, belief: Belief, crews: Crews, best: Ints
) -> Floats:
    """Return by track and node how likely the passage is its car's; 0 where a track is not of a car alone.

    `best`: the crew (index) that each track is, or -1. What people keyed or listed is not looked at.
    """
    count, size = tracks.member.shape
    chances = np.zeros((count, size))
    rows = np.flatnonzero(_alone(nodes, tracks) & (best >= 0))
    if not len(rows):
        return chances
    at_s, place, who = tracks.at_s[rows], tracks.member[rows], best[rows]
    weight = np.column_stack(
        [
            node.car[place[:, number]] / node.ghost_hz * np.exp(-node.seen.nobody[place[:, number]])
            for number, node in enumerate(nodes)
        ]
    )
    link = [_link(nodes, widths, number, at_s[:, number] - at_s[:, number - 1]) for number in range(1, size)]
    none = MISS + PAST
    instead = np.empty((len(rows), size))
    opens = np.column_stack([_opens(belief, crews, rows, who, at_s[:, number]) for number in range(min(size, 2))])
    if size == 1:
        instead[:, 0] = np.exp(-FAR) / (opens[:, 0] * weight[:, 0])
    else:
        instead[:, 0] = none * opens[:, 1] / (opens[:, 0] * link[0] * weight[:, 0])
        instead[:, -1] = (LEAVES / (1 - LEAVES) + none) / (link[-1] * weight[:, -1])
    for number in range(1, size - 1):
        past = _link(nodes, widths, number + 1, at_s[:, number + 1] - at_s[:, number - 1])
        instead[:, number] = none * past / (link[number - 1] * link[number] * weight[:, number])
    chances[rows] = 1 / (1 + instead)
    return chances


def _alone(nodes: Sequence[Node], tracks: Tracks) -> Flags:
    """Say of each track whether it was seen at every point, and far from everything else there."""
    alone: Flags = np.asarray(tracks.seen.all(1))
    for number, node in enumerate(nodes):
        within_s = NEAREST_S + max(node.ideals_s) - min(node.ideals_s)
        apart_s = np.diff(node.at_s, prepend=-np.inf, append=np.inf)
        free = np.minimum(apart_s[:-1], apart_s[1:]) > within_s
        alone[alone] = free[tracks.member[alone, number]]
    return alone


def _link(nodes: Sequence[Node], widths: Sequence[Widths], number: int, away_s: Floats) -> Floats:
    """Return the density of coming to a node so long behind the ideal time from a passage before."""
    off_s = np.min([np.abs(away_s - ideal_s) for ideal_s in nodes[number].ideals_s], axis=0)
    density: Floats = widths[number](off_s) * (1 - MISS)
    return density


def _opens(belief: Belief, crews: Crews, rows: Ints, who: Ints, at_s: Floats) -> Floats:
    """Return the density of crews coming to the chain then."""
    own_s = at_s - crews.due_s[who] - np.nan_to_num(belief.field_s[rows, crews.race[who]])
    density: Floats = belief.kernel(own_s) + crews.own_hz(who, own_s)
    return density
