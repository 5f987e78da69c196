"""Which passage at each point is a crew's, once it is known which crews come: time on both sides, and what people saw.

A track may have a hole where its crew was missed, or was far off the ideal time; a stranger may be nearer to where the
crew should be. At each point, the crews in doubt and the tracks beside them are assigned to the passages once more:
each is expected between its passages at the points before and behind, and keyed by people as what it is.
"""

from collections import defaultdict
from collections.abc import Sequence
from math import exp

import numpy as np

from centesimo.match.assignment import marginals
from centesimo.match.naming import Belief
from centesimo.match.parameters import HOLES, JOIN, LIKELY, MISS, NAMES_ANY, SEEN_S, Floats, Ints
from centesimo.match.tracks import Node, Tracks
from centesimo.match.widths import Widths

Shares = dict[int, float]  # chance by crew (index); what is left of 1 is nobody's


class Places:
    """The passages of one chain and who made them."""

    def __init__(
        self,
        nodes: Sequence[Node],
        widths: Sequence[Widths],
        tracks: Tracks,
        belief: Belief,
        crews: int,
        stray_hz: float,
    ) -> None:
        self.nodes, self.widths, self.tracks = nodes, widths, tracks
        self.crews, self.stray_hz = crews, stray_hz
        self.shares = shares_by_track(len(tracks), belief)
        self.rows = self._rows()
        self.held = self._held()

    def _rows(self) -> dict[int, tuple[int, float]]:
        """Return by track the crew that it is taken for here, or -1, and how sure that is.

        Of a crew with several tracks that may be parts of one, the most seen stands for all. Tracks that people
        name and that are no crew's are none: their passages are free.
        """
        by_crew: dict[int, list[int]] = defaultdict(list)
        rows: dict[int, tuple[int, float]] = {}
        members = self.tracks.seen.sum(1)
        for track, shares in enumerate(self.shares):
            who = max(shares, key=shares.__getitem__, default=-1)
            if who >= 0 and shares[who] > LIKELY:
                by_crew[who].append(track)
            elif not self.tracks.named[track]:
                rows[track] = -1, 1.0
        for who, tracks in by_crew.items():
            main = max(tracks, key=lambda track: (self.shares[track][who] * members[track], -track))
            apart = [track for track in tracks if not (self.tracks.seen[track] & self.tracks.seen[main]).any()]
            rows[main] = who, min(1.0, self.shares[main][who] + sum(self.shares[track][who] for track in apart))
        return rows

    def _held(self) -> Floats:
        """Return how sure it is that a track is at each node still the car whose crew is told.

        A track falls into parts at its weak links. The part that tells the crew is the one in which people name it
        most, or the first; a first passage on its own before a longer part is the odd one. Parts that people
        name stand for themselves.
        """
        tracks = self.tracks
        sure = np.where(tracks.seen, tracks.sure, 1.0)
        held = np.ones_like(sure)
        for track in np.flatnonzero((sure < HOLES).any(1)).tolist():
            who, _ = self.rows.get(track, (-1, 1.0))
            members = np.flatnonzero(tracks.member[track] >= 0).tolist()
            parts = [[members[0]]]
            for number in members[1:]:
                parts.append([number]) if sure[track, number] < HOLES else parts[-1].append(number)
            weights = [
                sum(self._named(number, int(tracks.member[track, number]), who) for number in part) for part in parts
            ]
            anchor = int(np.argmax(weights))
            if not weights[anchor] and len(parts) > 1 and len(parts[0]) == 1 and len(parts[1]) > 1:
                anchor = 1
            for way, step in ((range(anchor + 1, len(parts)), 0), (range(anchor - 1, -1, -1), 1)):
                value = 1.0
                for place in way:
                    value = 1.0 if weights[place] > JOIN else value * sure[track, parts[place + step][0]]
                    held[track, parts[place]] = value
        return held

    def _named(self, number: int, place: int, who: int) -> float:
        return self.nodes[number].seen.named[place].get(who, 0.0)

    def whose(self) -> list[dict[int, Shares]]:
        """Return by node and passage whose it is, where that is not simply whose its track is."""
        tracks, found = self.tracks, []
        seen = tracks.seen
        in_doubt = np.array([track in self.rows and self._is_in_doubt(track) for track in range(len(tracks))], bool)
        for number in range(len(self.nodes)):
            owner = np.full(len(self.nodes[number].at_s), -1)
            owner[tracks.member[seen[:, number], number]] = np.flatnonzero(seen[:, number])
            found.append(self._at(number, np.flatnonzero(in_doubt), owner))
        return found

    def _is_in_doubt(self, track: int) -> bool:
        """Say whether a track that stands for a crew has a hole or a joint."""
        who, _ = self.rows[track]
        seen = self.tracks.seen[track]
        return who >= 0 and bool(
            (not seen.all() and len(self.nodes) > 1) or (self.tracks.sure[track, seen] < HOLES).any()
        )

    def _at(self, number: int, in_doubt: Ints, owner: Ints) -> dict[int, Shares]:
        """Return whose the passages at a node are that a track in doubt may have made."""
        node = self.nodes[number]
        if not len(in_doubt) or not len(node.at_s):
            return {}
        near = {int(track): self._candidates(int(track), number) for track in in_doubt}
        beside = {int(owner[place]) for places in near.values() for place in places} - near.keys()
        near |= {track: self._candidates(track, number) for track in beside if track in self.rows}
        names = list(near)
        rows = np.array([row for row, track in enumerate(names) for _ in near[track]], int)
        columns = np.array([place for track in names for place in near[track]], int)
        if not len(rows):
            return {}
        odds = np.array([self._odds(track, number, place) for track in names for place in near[track]])
        chances = marginals(rows, columns, odds, len(names), len(node.at_s))
        found: dict[int, Shares] = {int(place): {} for place in set(columns.tolist())}
        free = np.bincount(columns, chances, len(node.at_s))
        for row, place, chance in zip(rows.tolist(), columns.tolist(), chances.tolist(), strict=True):
            who, sure = self.rows[names[row]]
            if who >= 0 and chance > 1e-6:
                found[place][who] = found[place].get(who, 0.0) + chance * sure * float(self.held[names[row], number])
        for place, shares in found.items():  # what no row here takes is whose its track is
            track = int(owner[place])
            if track >= 0 and track not in near:
                for who, chance in self.shares[track].items():
                    shares[who] = shares.get(who, 0.0) + chance * max(0.0, 1 - float(free[place]))
        return found

    def _candidates(self, track: int, number: int) -> list[int]:
        """Return the places of the passages at a node that may be a track's."""
        node, tracks = self.nodes[number], self.tracks
        who, _ = self.rows[track]
        own = int(tracks.member[track, number])
        around = [
            at_s for at_s in (self._beside_s(track, number, -1), self._beside_s(track, number, 1)) if at_s is not None
        ]
        if not around:
            return [own] if own >= 0 else []
        ideals_s = node.ideals_s
        first = np.searchsorted(node.at_s, min(around) + min(ideals_s) - SEEN_S)
        last = np.searchsorted(node.at_s, max(around) + max(ideals_s) + SEEN_S)
        if last - first > NAMES_ANY:  # hours between: only what is near to either
            near = [
                place for at_s in around for place in range(*np.searchsorted(node.at_s, [at_s - SEEN_S, at_s + SEEN_S]))
            ]
            places = set(near)
        else:
            places = set(range(int(first), int(last)))
        if who >= 0 and node.named_places:
            places.update(node.named_places.get(who, ()))
        if own >= 0:
            places.add(own)
        return sorted(int(place) for place in places if node.named[place] in (-1, who))

    def _beside_s(self, track: int, number: int, way: int) -> float | None:
        """Return the instant of a track's nearest passage at the nodes before (-1) or behind (1), or None."""
        tracks = self.tracks
        step = number + way
        while 0 <= step < len(self.nodes):
            if tracks.member[track, step] >= 0:
                return float(tracks.at_s[track, step])
            step += way
        return None

    def _odds(self, track: int, number: int, place: int) -> float:
        """Return the odds that a passage is a track's, against both being on their own."""
        node = self.nodes[number]
        who, _ = self.rows[track]
        at_s = float(node.at_s[place])
        before_s, behind_s = self._beside_s(track, number, -1), self._beside_s(track, number, 1)
        own = self.tracks.member[track, number] == place
        beside = [beside_s for beside_s in (before_s, behind_s) if beside_s is not None]
        density = 1.0
        for beside_s in beside:
            density *= self._hz(number, at_s - beside_s)
        if len(beside) > 1:
            density /= self._hz(number, beside[1] - beside[0])
        seen = node.seen
        named = seen.named[place]
        crew = exp(min(seen.crew[place], 50.0))
        mean = crew * (1 + sum(exp(min(weight, 50.0)) - 1 for weight in named.values()) / self.crews)
        nobody = exp(min(seen.nobody[place], 50.0))
        here = crew * exp(min(named.get(who, 0.0), 50.0)) if who >= 0 else nobody
        away = node.ghost_hz * nobody + self.stray_hz * mean
        goes_on = (1 - MISS) / MISS if own or who >= 0 else 1.0
        return density * goes_on * float(node.car[place]) * here / away

    def _hz(self, number: int, away_s: float) -> float:
        """Return the density of a deviation from the nearest ideal time."""
        away_s = min(abs(away_s - ideal_s) for ideal_s in self.nodes[number].ideals_s)
        return self.widths[number].at(away_s)


def shares_by_track(count: int, belief: Belief) -> list[Shares]:
    """Return whose each track is."""
    shares: list[Shares] = [{} for _ in range(count)]
    likely = belief.chances > 1e-9
    columns = (belief.tracks[likely].tolist(), belief.crews[likely].tolist(), belief.chances[likely].tolist())
    for track, who, chance in zip(*columns, strict=True):
        shares[track][who] = min(chance, 1.0)
    return shares
