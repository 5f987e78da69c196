"""What was keyed at each point of a chain if a crew passed it then: how people key, measured on all of their keys.

A number stands near to the passage that it is about, once the clock's offset is off. It may be keyed late, behind the
next car, in the place of another one, or by mistake; a car may not be keyed. What no tube stamped is keyed as well.
"""

from collections.abc import Sequence
from math import log

import numpy as np

from centesimo.match.parameters import (
    EXCHANGED_KEYS,
    KEYED,
    KEYED_LATE,
    KEYED_LATE_S,
    KEYED_WORTH,
    SEEN_S,
    TOGETHER,
    TOGETHER_S,
)
from centesimo.match.paths import Car
from centesimo.match.people import Keys
from centesimo.match.tracks import Node, Tracks
from centesimo.match.widths import Widths

Shares = dict[int, float]  # chance by crew (index); what is left of 1 is nobody's


class Keyed:
    """The keys of one chain; `shares`: whose each track is, by which it is measured how many cars a person keys.

    crews  those that somebody keyed (indices)
    """

    def __init__(
        self, nodes: Sequence[Node], widths: Sequence[Widths], tracks: Tracks, shares: Sequence[Shares]
    ) -> None:
        self.nodes = nodes
        self.crews = {who for node in nodes for keys in node.seen.keys for who in keys.places_by_crew}
        self._blurred = [
            [width.blurred(keys.width) for keys in node.seen.keys] for node, width in zip(nodes, widths, strict=True)
        ]
        self._shares = [
            [self._share(number, keys, tracks, shares) for keys in node.seen.keys] for number, node in enumerate(nodes)
        ]

    def weigh(self, who: int, number: int, at_s: float, behind_s: float = np.inf, is_stamped: bool = True) -> float:
        """Return the log weight of what was keyed at a node if a crew passed it then, against its not passing.

        `behind_s`: how far behind it the next car is; of two that come together both are often keyed behind the second.
        If it is not stamped, `at_s` is only where it was expected.
        """
        weight = 0.0
        node = self.nodes[number]
        widths = [keys.width for keys in node.seen.keys] if is_stamped else self._blurred[number]
        for keys, width, share in zip(node.seen.keys, widths, self._shares[number], strict=True):
            places = keys.places_by_crew.get(who, ())
            if not places and not keys.covers(at_s):
                continue
            value = 1 - share
            for place in places:
                away_s = float(keys.at_s[place]) - at_s
                near_hz = width.at(away_s)
                if behind_s < TOGETHER_S:
                    near_hz = (1 - TOGETHER) * near_hz + TOGETHER * width.at(away_s - behind_s)
                for beside in (place - 1, place + 1):  # the numbers of two cars have changed places
                    if 0 <= beside < len(keys.at_s):
                        near_hz += EXCHANGED_KEYS / 2 * width.at(float(keys.at_s[beside]) - at_s)
                late_hz = KEYED_LATE / KEYED_LATE_S if 0 < away_s < KEYED_LATE_S else 0.0
                value += share * ((1 - KEYED_LATE) * near_hz + late_hz) / float(keys.wrong_hz[place])
            weight += log(value)
        return weight

    def times(self, who: int) -> int:
        """Return at how many points somebody keyed a crew."""
        return sum(any(who in keys.places_by_crew for keys in node.seen.keys) for node in self.nodes)

    def in_order(self, before: Car, behind: Car, number: int, place: int, other_place: int) -> float:
        """Return the log weight of two cars being keyed in the order in which they were, passing at these places."""
        weight = 0.0
        if before.who < 0 or behind.who < 0:
            return weight
        node = self.nodes[number]
        for keys in node.seen.keys:
            key = _key(keys, before.who, float(node.at_s[place]))
            other_key = _key(keys, behind.who, float(node.at_s[other_place]))
            if key is not None and other_key is not None and (key < other_key) != (place < other_place):
                weight += log(EXCHANGED_KEYS)
        return weight

    def _share(self, number: int, keys: Keys, tracks: Tracks, shares: Sequence[Shares]) -> float:
        """Return how many of the cars of crews a person keys, by those that are told by their keys elsewhere."""
        node = self.nodes[number]
        there = keyed = 0
        for track in np.flatnonzero(tracks.member[:, number] >= 0).tolist():
            who = max(shares[track], key=shares[track].__getitem__, default=-1)
            place = int(tracks.member[track, number])
            if who in self.crews and shares[track][who] > KEYED and keys.covers(float(node.at_s[place])):
                there += 1
                keyed += who in node.seen.named[place]
        return (keyed + KEYED * KEYED_WORTH) / (there + KEYED_WORTH)


def _key(keys: Keys, who: int, at_s: float) -> int | None:
    """Return the key that is about a crew's passing then, or None."""
    near = [place for place in keys.places_by_crew.get(who, ()) if abs(keys.at_s[place] - at_s) < SEEN_S]
    return min(near, key=lambda place: abs(keys.at_s[place] - at_s), default=None)
