"""Which passage at each point is a crew's, once it is known which crews come: time along the chain, and what was keyed.

Every crew that is told by its track or by a key is a car whose path through the chain is sought (paths.py): a passage
near to where it is expected, or near to its key, or none. What a tube did not stamp may have been keyed all the same,
when the crew was due there. Cars that may have made the same passage, strangers among them, are weighed together.
"""

from collections.abc import Sequence
from math import log

import numpy as np

from centesimo.match.alone import own_chances
from centesimo.match.field import Crews
from centesimo.match.keys import Keyed, Shares
from centesimo.match.naming import Belief
from centesimo.match.parameters import (
    ALONG,
    ANY_TIME,
    AROUND_S,
    BEHIND_S,
    CLEAR,
    EXCHANGED_WHERE_STOPPED,
    FAR,
    FLIES,
    JOIN,
    KEYED_ONCE,
    KINDS_SHARE,
    LEAVES,
    LIKELY,
    MISS,
    MOST_CARS,
    NAMED_LEAST,
    NEAREST,
    NEAREST_S,
    PAST,
    QUICKEST,
    SEEN_S,
    STOPPED_BESIDE_S,
    STOPPED_S,
    STRANGER_GOES,
    STRANGER_HZ,
    SURE_ENOUGH,
    UNLIKELY,
    UNSHARED,
    WANDER_S,
    Floats,
)
from centesimo.match.paths import Car, Choice, meeting, weigh, weigh_alone
from centesimo.match.tracks import Node, Tracks
from centesimo.match.widths import Widths

Row = tuple[int, list[int]]  # a crew (index) or -1, and the tracks that may be its own


class Places:
    """The passages of one chain and who made them."""

    def __init__(
        self,
        nodes: Sequence[Node],
        widths: Sequence[Widths],
        tracks: Tracks,
        belief: Belief,
        crews: Crews,
        offsets_s: Sequence[float],
        listed: Sequence[Sequence[Shares] | None],
    ) -> None:
        self.offsets_s, self.listed = offsets_s, listed
        self.nodes, self.widths, self.tracks, self.belief, self.crews = nodes, widths, tracks, belief, crews
        self.opens_at_s = tracks.opens_at_s
        self.span_s = max(float(np.ptp(crews.due_s)), 60.0) + BEHIND_S
        self.shares = shares_by_track(len(tracks), belief)
        self.kinds, self.likely = self._kinds()
        self.own = [self._widths_of(kind) for kind in self.likely]
        self.track_by_place = [
            {int(place): track for track, place in enumerate(self.tracks.member[:, node].tolist()) if place >= 0}
            for node in range(len(nodes))
        ]
        self.exchanged = self._may_be_exchanged()
        self.keyed = Keyed(nodes, widths, tracks, self.shares)
        self.behind_s = [np.append(np.diff(node.at_s), np.inf) for node in nodes]
        self.clear = self._clear()
        self.taken = [set(self.tracks.member[list(self.clear), node].tolist()) for node in range(len(nodes))]

    def _kinds(self) -> tuple[list[float], Floats]:
        """Return how crews drive: the chance (log) of each way, and to which of the widths (columns) it keeps."""
        shares = self.widths[0].shares
        likely = [kind for kind in range(len(shares) - 1) if shares[kind] > KINDS_SHARE]
        whole = sum(shares[kind] for kind in likely)
        return [log(shares[kind] / whole) for kind in likely], np.eye(len(shares))[likely]

    def _widths_of(self, kinds: Floats) -> list[Widths]:
        """Return by node how far a crew is off that keeps to each width with a chance."""
        own = {id(width): width.of_kinds(kinds) for width in self.widths}
        return [own[id(width)] for width in self.widths]

    def _may_be_exchanged(self) -> set[int]:
        """Return the tracks of cars that stopped, and of those that they then were beside: each may go on as the other.

        What lists say behind that place does not tell who came to it.
        """
        at_s = self.tracks.at_s
        found: set[int] = set()
        if not any(listed is not None for listed in self.listed):
            return found
        for track in range(len(self.tracks)):
            seen = np.flatnonzero(self.tracks.seen[track])
            stops = seen[1:][np.abs(np.diff(at_s[track, seen])) > STOPPED_S]
            if len(stops):
                near = np.abs(at_s[:, stops[0]] - at_s[track, stops[0]]) < STOPPED_BESIDE_S
                near[track] = False
                if near.any():
                    found |= {track, *np.flatnonzero(near).tolist()}
        return found

    def _clear(self) -> dict[int, list[float]]:
        """Return the tracks of cars alone on the road, with the chances of their passages."""
        if any(node.seen.keys for node in self.nodes) or any(listed is not None for listed in self.listed):
            return {}
        best = np.full(len(self.tracks), -1)
        claims: dict[int, int] = {}
        for track, shares in enumerate(self.shares):
            for who, share in shares.items():
                if share > SURE_ENOUGH:
                    best[track] = who
                if share > LIKELY:
                    claims[who] = claims.get(who, 0) + 1
        chances = own_chances(self.nodes, self.widths, self.tracks, self.belief, self.crews, best)
        clear = np.flatnonzero((chances > 1 - CLEAR).all(1))
        return {
            track: its
            for track, its in zip(clear.tolist(), chances[clear].tolist(), strict=True)
            if claims[int(best[track])] == 1
        }

    def whose(self) -> list[dict[int, Shares]]:
        """Return by node and passage whose it is."""
        rows = self._rows()
        cars = [self._car(who, tracks) for who, tracks in rows]
        found: list[dict[int, Shares]] = [{} for _ in self.nodes]
        for track, chances in self.clear.items():
            shares = self.shares[track]
            for by_place, place, chance in zip(found, self.tracks.member[track].tolist(), chances, strict=True):
                by_place[place] = {who: chance * share for who, share in shares.items()}
        for part in self._meeting(cars, rows, list(range(len(cars)))):
            self._weigh_together([cars[number] for number in part], [rows[number] for number in part], found)
        self._rest(found, rows)
        return found

    def _weigh_together(self, cars: list[Car], rows: list[Row], found: list[dict[int, Shares]]) -> None:
        """Add whose the passages are that some cars may have made."""
        if all(car.who < 0 for car in cars):
            return
        if len(cars) == 2 and self._is_needless(rows[1]):
            cars, rows = cars[:1], rows[:1]
        chances = [cars[0].alone] if len(cars) == 1 else weigh(cars, len(self.nodes), self.keyed.in_order)
        for (who, tracks), car, by_node in zip(rows, cars, chances, strict=True):
            labels = self._labels(who, tracks) if who >= 0 else {}
            for node, by_place in enumerate(by_node):
                in_doubt = self.listed[node] is None and not self.exchanged.isdisjoint(tracks)
                sure = min(car.sure, 1 - EXCHANGED_WHERE_STOPPED) if in_doubt else car.sure
                for place, chance in by_place.items():
                    shares = found[node].setdefault(place, {})
                    for crew, share in labels.items():
                        if chance > UNLIKELY[0]:
                            shares[crew] = shares.get(crew, 0.0) + chance * min(sure, share)

    def _rest(self, found: Sequence[dict[int, Shares]], rows: Sequence[Row]) -> None:
        """Add what is left of passages to the crews that their tracks may be, where neither has a path."""
        crews = {who for who, _ in rows}
        with_path = {track for who, tracks in rows for track in tracks if who >= 0 and who not in self.keyed.crews}
        with_path |= self.clear.keys()
        for node, by_place in enumerate(found):
            for track in np.flatnonzero(self.tracks.member[:, node] >= 0).tolist():
                shares = by_place.setdefault(int(self.tracks.member[track, node]), {})
                free = max(0.0, 1 - sum(shares.values()))
                for who, chance in self.shares[track].items() if track not in with_path else ():
                    if who not in crews:
                        shares[who] = shares.get(who, 0.0) + chance * free

    def _rows(self) -> list[Row]:
        """Return who has a path: crews that people keyed, tracks that are likely other crews', and cars of nobody's."""
        by_crew: dict[int, list[int]] = {who: [] for who in sorted(self.keyed.crews)}
        strangers: list[Row] = []
        for track, shares in enumerate(self.shares):
            if track in self.clear:
                continue
            best = max(shares, key=shares.__getitem__, default=-1)
            for who in {best, *self.keyed.crews.intersection(shares)}:
                if shares.get(who, 0.0) > LIKELY:
                    by_crew.setdefault(who, []).append(track)
            is_told = best in self.keyed.crews or shares.get(best, 0.0) <= LIKELY
            if is_told and self.tracks.seen[track].sum() > 1:
                strangers.append((-1, [track]))
        return [*by_crew.items(), *strangers]

    def _is_needless(self, row: Row) -> bool:
        """Say whether a car of nobody's is nothing but a track that surely is a crew's, as people say too."""
        who, tracks = row
        return who < 0 and any(
            share > SURE_ENOUGH and self.tracks.named[tracks[0]].get(crew, 0.0) > JOIN
            for crew, share in self.shares[tracks[0]].items()
        )

    def _labels(self, who: int, tracks: Sequence[int]) -> Shares:
        """Return whose a path is: the crew's that people keyed there; else what is to be believed of its main track.

        A number that was keyed once only may be another crew's: beside it counts what its track is taken for.
        """
        if self.keyed.times(who) > 1:
            return {who: 1.0}
        if not tracks:
            return {who: KEYED_ONCE}
        main = max(tracks, key=lambda track: self.shares[track][who])
        apart = [track for track in tracks if not (self.tracks.seen[track] & self.tracks.seen[main]).any()]
        sure = min(1.0, self.shares[main][who] + sum(self.shares[track][who] for track in apart))
        return {**{crew: share * (1 - sure) for crew, share in self._others(main, who).items()}, who: sure}

    def _others(self, track: int, who: int) -> Shares:
        """Return of the other crews that a track may be how likely each is, were it not that crew's."""
        rest = max(1 - self.shares[track][who], 1e-9)
        return {crew: min(1.0, share / rest) for crew, share in self.shares[track].items() if crew != who}

    def _car(self, who: int, tracks: Sequence[int]) -> Car:
        if who < 0:
            return self._stranger(tracks[0])
        odds = log(1 / self.crews.absent[who] - 1)
        is_keyed = who in self.keyed.crews
        choices = [self._choices(who, tracks, node) for node in range(len(self.nodes))]
        begins = {} if is_keyed else self._begins(who, choices)
        car = Car(
            who,
            choices,
            opens=lambda at_s: odds + self._opens(who, at_s) if is_keyed else begins[at_s],
            never=0.0 if is_keyed else -FAR,  # a track is some car's
            leaves=log(LEAVES),
            kinds=self.kinds,
            link=lambda kind, before, node, away_s: log(self._hz(self.own[kind], before, node, away_s) * (1 - MISS)),
            unstamped=lambda node, at_s: self._unstamped(who, node, at_s),
            unseen=lambda node, at_s: self._unstamped(who, node, at_s),
            stays=log(1 - LEAVES),
        )
        car.alone, kinds = weigh_alone(car, len(self.nodes))
        own = self._widths_of(np.array(kinds) @ self.likely)
        car.kinds = [0.0]
        car.link = lambda kind, before, node, away_s: log(self._hz(own, before, node, away_s) * (1 - MISS))
        car.restrict(UNLIKELY[0])
        return car

    def _begins(self, who: int, choices: Sequence[Sequence[Choice]]) -> dict[float, float]:
        """Return by instant of a passage the log weight of a crew beginning with it: its track's, and by due time."""
        return {
            choice.at_s: log(max(self.shares[self.track_by_place[node][choice.place]].get(who, 0.0), UNSHARED))
            + (self._opens(who, choice.at_s) if self.belief.is_disordered < 0.5 else 0.0)
            for node, at_node in enumerate(choices)
            for choice in at_node
        }

    def _stranger(self, track: int) -> Car:
        """Return a car of nobody's by its track; it may have been at points where the track has no passage."""
        expected = self.tracks.at_s[track]
        choices = []
        for number, node in enumerate(self.nodes):
            own = int(self.tracks.member[track, number])
            places = [own] if own >= 0 else sorted(set(self._near(number, self._beside(expected, number), AROUND_S)))
            choices.append([Choice(place, float(node.at_s[place]), -log(node.ghost_hz)) for place in places])
        goes, stops = log(STRANGER_GOES), log(1 - STRANGER_GOES)
        return Car(
            -1,
            choices,
            opens=lambda at_s: log(STRANGER_HZ),
            never=0.0,
            leaves=stops,
            kinds=[0.0],
            link=lambda kind, before, node, away_s: log(
                ALONG * self._hz(self.widths, before, node, away_s) + (1 - ALONG) / WANDER_S
            ),
            unstamped=lambda node, at_s: stops,
            unseen=lambda node, at_s: goes,
        )

    def _choices(self, who: int, tracks: Sequence[int], number: int) -> list[Choice]:
        """Return the passages at a node that may be a crew's."""
        node = self.nodes[number]
        places = set(node.named_places.get(who, ()))
        for track in tracks:
            own = int(self.tracks.member[track, number])
            if own >= 0:
                places.add(own)
            places.update(self._near(number, self._beside(self.tracks.at_s[track], number), NEAREST_S))
        for keys in node.seen.keys:
            for key in keys.places_by_crew.get(who, ()):
                around = keys.at_s[max(key - 1, 0) : key + 2]  # with those that it may have changed places with
                places.update(self._near(number, around.tolist(), SEEN_S))
        return [
            Choice(place, float(node.at_s[place]), self._weight(who, number, place))
            for place in sorted(places)
            if node.named[place] in (-1, who) and place not in self.taken[number]
        ]

    def _near(self, number: int, expected_s: Sequence[float], within_s: float) -> list[int]:
        """Return the places of the passages at a node that are nearest to where a car is expected."""
        at_s = self.nodes[number].at_s
        ideals_s = self.nodes[number].ideals_s
        found = []
        for one_s in expected_s:
            first, final = np.searchsorted(at_s, [one_s + min(ideals_s) - within_s, one_s + max(ideals_s) + within_s])
            places = range(int(first), int(final))
            found += sorted(places, key=lambda place: abs(at_s[place] - one_s))[:NEAREST]
        return found

    def _beside(self, at_s: Floats, number: int) -> list[float]:
        """Return the instants of a track's nearest passages before and behind a node, and there."""
        seen = np.flatnonzero(~np.isnan(at_s))
        after = int(np.searchsorted(seen, number))
        return [float(at_s[seen[place]]) for place in (after - 1, after) if 0 <= place < len(seen)]

    def _opens(self, who: int, at_s: float) -> float:
        """Return the log density of a crew that comes coming to the chain then."""
        track = min(int(np.searchsorted(self.opens_at_s, at_s)), len(self.opens_at_s) - 1)
        field_s = float(np.nan_to_num(self.belief.field_s[track, self.crews.race[who]]))
        own_s = at_s - float(self.crews.due_s[who]) - field_s
        own = float(self.crews.own_hz(np.array([who]), np.array([own_s]))[0])
        disorder = max(self.belief.is_disordered, ANY_TIME)
        return log((1 - disorder) * (self.belief.kernel.at(own_s) + own) + disorder / self.span_s)

    def _weight(self, who: int, number: int, place: int) -> float:
        node = self.nodes[number]
        weight = log(float(node.car[place]) / node.ghost_hz) - float(node.seen.nobody[place])
        at_s, behind_s = float(node.at_s[place]), float(self.behind_s[number][place])
        if (listed := self.listed[number]) is not None:
            weight += log(listed[place].get(who, 0.0) + NAMED_LEAST)
        return weight + self.keyed.weigh(who, number, at_s, behind_s)

    def _unstamped(self, who: int, number: int, at_s: float) -> float:
        """Return the log weight of a crew having no passage at a node that it was due at then."""
        node = self.nodes[number]
        after = int(np.searchsorted(node.at_s, at_s))
        behind_s = float(node.at_s[after]) - at_s if after < len(node.at_s) else np.inf
        keyed = self.keyed.weigh(who, number, at_s, behind_s, is_stamped=False)
        return float(np.logaddexp(log(MISS) + keyed, log(PAST)))

    def _hz(self, widths: Sequence[Widths], before: int, number: int, away_s: float) -> float:
        """Return the density of a deviation from the nearest ideal time; no car flies."""
        if away_s < -QUICKEST * (self.offsets_s[number] - self.offsets_s[before]):
            return FLIES
        away_s = min(abs(away_s - ideal_s) for ideal_s in self.nodes[number].ideals_s)
        return widths[number].at(away_s)

    def _meeting(
        self, cars: Sequence[Car], rows: Sequence[Row], numbers: Sequence[int], level: int = 0
    ) -> list[list[int]]:
        """Return cars by number in groups: those of one may have made the same passage.

        Where many meet, what is less likely is left out, so that they fall apart: first that surely named tracks are
        nobody's, then passages that would be less likely a car's own.
        """
        found = []
        for group in meeting(cars, numbers):
            if len(group) > MOST_CARS:
                group = [number for number in group if not self._is_needless(rows[number])]
            if len(group) <= MOST_CARS or level + 1 == len(UNLIKELY):
                found.append(group)
                continue
            for number in group:
                cars[number].restrict(UNLIKELY[level + 1])
            found += self._meeting(cars, rows, group, level + 1)
        return found


def shares_by_track(count: int, belief: Belief) -> list[Shares]:
    """Return whose each track is."""
    shares: list[Shares] = [{} for _ in range(count)]
    likely = belief.chances > 1e-9
    columns = (belief.tracks[likely].tolist(), belief.crews[likely].tolist(), belief.chances[likely].tolist())
    for track, who, chance in zip(*columns, strict=True):
        shares[track][who] = min(chance, 1.0)
    return shares
