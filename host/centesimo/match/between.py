"""A ghost where a pulse was missed: does a car's passage fit between those before and behind it, or is it nobody's?

Tracks are made from point to point, and each link looks at what came before. Only both links together tell a car that
left its ideal time, and comes back to it at the very next point, from one whose pulse was missed while a ghost passed.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from operator import attrgetter

from centesimo.match.links import Rates, Track, is_car
from centesimo.match.spread import Spread

NOBODYS = 0.1  # a passage less likely a car's than this leaves its track


def weigh_between(tracks: list[Track], spreads: Sequence[Spread], rates: Rates) -> None:
    """Weigh each passage between two others of its car whose links are not clear; ghosts become tracks of their own."""
    ghosts = []
    for track in (track for track in tracks if track.came):
        for node, after, chance, straight_hz in list(_unclear(track, spreads, rates)):
            if chance >= NOBODYS:
                track.sure[node] = min(track.sure[node], chance)
                continue
            onward_hz = spreads[after](track.ats[after] - track.ats[node])
            ghosts.append(track.leave(node))
            if after in track.came:
                track.came[after] = _likelier(track, straight_hz / onward_hz, track.came[after])
    if ghosts:
        tracks += ghosts
        tracks.sort(key=attrgetter("at_s"))


def _unclear(track: Track, spreads: Sequence[Spread], rates: Rates) -> Iterator[tuple[int, int, float, float]]:
    """Yield the nodes between others where a link is not clear, each with the next one.

    With them: how likely the passage there is the car's, and the density of the way straight to the next. Two such next
    to each other are told by what lies around them when it is their turn.
    """
    before = track.first_node
    for node, after in list(pairwise(track.members))[1:]:
        if node not in track.came and after not in track.came:
            before = node
            continue
        before_s, at_s, after_s = track.ats[before], track.ats[node], track.ats[after]
        passage = track.members[node]
        with_it = spreads[node](at_s - before_s) * spreads[after](after_s - at_s) * is_car(passage)
        straight_hz = spreads[after](after_s - before_s)
        without = rates.miss * rates.ghost_hz * straight_hz
        if passage.start_number is None and with_it + without > 0:
            chance = with_it / (with_it + without)
            yield node, after, chance, straight_hz
            if chance < NOBODYS:
                continue
        before = node


def _likelier(track: Track, times: float, came: Mapping[Track, float]) -> dict[Track, float]:
    """Return by which tracks a car came to a node when its own way there is so many times as dense as it was."""
    weights = {**came, track: times * came[track]}
    whole = sum(weights.values()) + max(0.0, 1 - sum(came.values()))
    return {one: weight / whole for one, weight in weights.items()}
