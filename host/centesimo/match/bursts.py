"""Where a tube stamps again and again within seconds: a car that crosses it twice, a lorry, a loose contact.

A car that stops on a tube, reverses and goes on may keep the ideal time from its last passage, while its first one
counts; a loose contact stamps when it likes. So among passages that are no crew's, or not surely, a time tells little.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
from operator import itemgetter

from centesimo.match.along import Belief, Beliefs
from centesimo.match.links import Track
from centesimo.match.model import NOBODY

NEAR_S = 20.0  # a car needs not longer to reverse over a tube and to cross it again
MANY = 2  # of nobody's so near
SURE = 0.75  # that it is the crew's all the same; else one before it is

Stray = tuple[float, int]  # its instant in s, and the number of its track


def among_strays(tracks: Sequence[Track], beliefs: Sequence[Beliefs]) -> list[Beliefs]:
    """Return whose the passages are, less sure where others that are no crew's are near.

    One of those is a passage on its own, or the last of a track that ends there: the first crossing may have come by a
    track from the points before. A car of nobody's that drives on has passed the tube once.
    """
    strays_by_node: dict[int, list[Stray]] = defaultdict(list)
    end = max((track.last_node for track in tracks), default=0)
    for number, (track, by_node) in enumerate(zip(tracks, beliefs, strict=True)):
        last = track.last_node
        if (len(track.members) == 1 or last < end) and not _is_crews(by_node[last]):
            strays_by_node[last].append((_at_s(track, last), number))
    found = [dict(by_node) for by_node in beliefs]
    for node, strays in strays_by_node.items():
        strays.sort()
        for track, by_node in zip(tracks, found, strict=True) if len(strays) >= MANY else ():
            if node in track.members and _is_crews(by_node[node]):
                at_s = _at_s(track, node)
                near = strays[bisect_left(strays, (at_s - NEAR_S,)) : bisect_right(strays, (at_s + NEAR_S,))]
                if len(near) >= MANY:
                    earlier = [number for stray_s, number in near if stray_s < at_s]
                    by_node[node] = _shared(by_node[node], [found[number] for number in earlier], node)
    return found


def _is_crews(its: Belief) -> bool:
    """Say whether a passage is likelier one crew's than not."""
    return any(chance > 0.5 for who, chance in its.items() if who >= 0)


def _shared(its: Belief, earlier: Sequence[Beliefs], node: int) -> Belief:
    """Return what is left of a belief when earlier passages may be the same car's, and tell those."""
    who, chance = max(its.items(), key=itemgetter(1))
    for by_node in earlier:
        part = (1 - SURE) * chance / len(earlier)
        left = {one: value * (1 - part) for one, value in by_node[node].items()}
        by_node[node] = {**left, who: left.get(who, 0.0) + part}
    less = {one: value * SURE for one, value in its.items()}
    return {**less, NOBODY: less.get(NOBODY, 0.0) + 1 - SURE}


def _at_s(track: Track, node: int) -> float:
    return (track.members[node].at_ns or 0) / 1e9
