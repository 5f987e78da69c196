"""Cars that stop on a chain and drive on: a track that ends, and one that begins later, may be the same car."""

from math import sqrt

from centesimo.match.links import MISS, Track, is_car
from centesimo.match.model import LOST_HZ, STRAY_HZ, nobody_hz

LOST_S = 900.0  # a car that stops in a chain drives on within this


def stray_hz(track: Track, tracks: list[Track], nodes: int) -> float:
    """Return how often a track like this is the rest of a car that was lost: it must have begun, not long before.

    That it was not seen at the first nodes, which speaks against a car on this chain, does not against a rest.
    """
    if not track.first_node:
        return 0.0
    missing = nodes - len(track.members)
    seen: float = MISS ** (sqrt(missing - track.first_node) - sqrt(missing))
    return STRAY_HZ + LOST_HZ * len(_rest_of(track, tracks)) * seen


def _rest_of(track: Track, tracks: list[Track]) -> list[Track]:
    """Return the tracks that end before a later one begins, not long before it: it may be the rest of one of them."""
    first = track.first_node
    return [
        other for other in tracks if 0 < track.at_s - other.at_s < LOST_S and other.first_node < first > other.last_node
    ]


def find_rests(tracks: list[Track], nodes: int) -> None:
    """Tell each track that begins late of which cars it may be the rest."""
    for track in tracks:
        if track.first_node and track.first_node not in track.came:
            rests = _rest_of(track, tracks)
            others_hz = nobody_hz(1.0, STRAY_HZ + LOST_HZ * len(rests))
            if rests:
                track.came[track.first_node] = dict.fromkeys(rests, LOST_HZ / others_hz)
        for one in track.came.get(track.first_node, ()):
            if len(one.members) == 1:  # a car if the other is the rest of it
                missing = nodes - len({*one.members, *track.members})
                one.car = max(one.car, is_car(one.members[one.first_node]) * MISS ** sqrt(missing))
