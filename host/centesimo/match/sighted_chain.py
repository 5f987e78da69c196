"""One chain of timing points of which people saw who came: its passages become tracks, its tracks crews."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from itertools import pairwise
from math import log

import numpy as np

from centesimo.match import findings as say
from centesimo.match.aligned import Names, names
from centesimo.match.field import Crews
from centesimo.match.lists import compare, doubled
from centesimo.match.memory import Memory
from centesimo.match.naming import Belief, Named, Naming, came
from centesimo.match.order import ListOrder
from centesimo.match.parameters import (
    ABSENT,
    AS_BEFORE,
    ASIDE,
    DEVIATION_SHARES,
    DEVIATION_WORTH,
    KNOWN_S,
    NAMED_LEAST,
    OUT,
    READINGS,
    SAME_NS,
)
from centesimo.match.people import Clock, Seen, see
from centesimo.match.places import Places, shares_by_track
from centesimo.match.remember import remember
from centesimo.match.tracks import Node, Tracks, link, plain_deviations
from centesimo.match.verdict import Judge
from centesimo.match.widths import Guess, Widths
from centesimo.model.course import Chain
from centesimo.model.event import AS_THEY_COME, Event
from centesimo.model.facts import Attribution, MarshalList, Passage, Sighting
from centesimo.model.findings import Finding


class SightedChain:
    """The attribution of one chain; `known` is read at the start and brought up to date at the end.

    `gone`: the crews that do not come to it, as an official says.
    """

    def __init__(self, event: Event, chain: Chain, threshold: float, gone: Set[int], known: Memory) -> None:
        self.chain, self.threshold, self.known = chain, threshold, known
        self.base_ns = chain.crews[0].at_ns
        self.races = sorted({crew.race for crew in chain.crews})
        self.numbers = [crew.start_number for crew in chain.crews]
        self.index_by_number = {number: who for who, number in enumerate(self.numbers)}
        sigma_by_point = {point.id: point.sigma_ms / 1000 for point in event.timing_points}
        self.sigmas_s = [sigma_by_point[point] for point in chain.points]
        self.crews = self._crews(gone)
        self.clocks: list[Clock] = []

    def _crews(self, gone: Set[int]) -> Crews:
        absent = [OUT if number in gone else self.known.absent.get(number, ABSENT) for number in self.numbers]
        late = [self.known.late.get(number, []) for number in self.numbers]
        most = max(1, *map(len, late)) if late else 1
        before = np.array([[*one, *[(0.0, 0.0)] * (most - len(one))] for one in late]).reshape(len(late), most, 2)
        before[:, :, 1] /= np.maximum(before[:, :, 1].sum(1, keepdims=True), 1.0)  # it was late once at most
        was_late = before[:, :, 1].sum(1)
        timed = {due.race for due in self.chain.crews if due.is_timed}
        return Crews(
            np.array([(due.at_ns - self.base_ns) / 1e9 for due in self.chain.crews]),
            np.array([self.races.index(due.race) for due in self.chain.crews]),
            np.array(absent),
            np.minimum(AS_BEFORE * was_late + ASIDE * (1 - was_late), 1 - np.array(absent)),
            [self.known.field_s.get(race) for race in self.races],
            [race in timed for race in self.races],
            before[:, :, 0],
            before[:, :, 1],
            max(KNOWN_S, 2 / 3 * self.known.wide_s),
        )

    def attribute(
        self,
        passages_by_node: Sequence[Sequence[Passage]],
        lists: Mapping[int, MarshalList],
        sightings: Mapping[int, Sequence[Sighting]],
    ) -> tuple[list[Attribution], list[Finding]]:
        """Return the attributions and doubts of this chain; `passages_by_node` are those at each of its points."""
        findings: list[Finding] = []
        nodes = self._nodes(passages_by_node, findings)
        for number, node in enumerate(nodes):
            node.seen = self._seen(node, number, sightings.get(number, ()))
            for place, weights in enumerate(node.seen.named):
                for who in weights:
                    node.named_places.setdefault(who, []).append(place)
        orders = {node: ListOrder(written, self.index_by_number, len(self.numbers)) for node, written in lists.items()}
        is_named = any(len(node.named_places) or (node.named >= 0).any() for node in nodes)
        if self.chain.order == AS_THEY_COME and not orders and not is_named:
            return [], [*findings, say.unsettled(self.chain.points, [one for node in nodes for one in node.passages])]
        widths = self._widths(nodes)
        tracks, belief, listed = self._read(nodes, orders, widths)
        judge = Judge(self.chain.points, self.numbers, self.threshold)
        offsets_s = [offset_ns / 1e9 for offset_ns in self.chain.offsets_ns]
        places = Places(nodes, widths, tracks, belief, self.crews, offsets_s, listed)
        made, doubts = judge.judge(places)
        remember(
            self.known,
            self.numbers,
            self.races,
            self.crews.race,
            self.crews.due_s,
            tracks,
            belief,
            self.chain.at_control,
        )
        for number, written in lists.items():
            made, more = self._beside_list(made, number, written)
            findings += more
        return made, findings + doubts

    def _read(
        self, nodes: Sequence[Node], orders: Mapping[int, ListOrder], widths: Sequence[Widths]
    ) -> tuple[Tracks, Belief, list[Names | None]]:
        """Return the tracks, whose each is, and by node whose its passages are by a list of it.

        Lists tell pieces of two cars, at first each on its own.
        """
        listed: list[Names | None] = [None] * len(nodes)
        if not orders or any(node.seen.keys for node in nodes):
            tracks = self._linked(nodes, widths)
            return tracks, self._believe(nodes, orders, tracks), listed
        believed: list[Names | None] = [None] * len(nodes)
        for _ in range(READINGS):
            listed = self._listed(nodes, orders, believed)
            tracks = self._linked_by_lists(nodes, listed, widths)
            belief = self._believe(nodes, orders, tracks)
            shares = shares_by_track(len(tracks), belief)
            believed = []
            for number, node in enumerate(nodes):
                found: Names = [{} for _ in node.passages]
                for track in np.flatnonzero(tracks.seen[:, number]).tolist():
                    found[int(tracks.member[track, number])] = shares[track]
                believed.append(found)
        return tracks, belief, self._listed(nodes, orders, believed)

    def _listed(
        self, nodes: Sequence[Node], orders: Mapping[int, ListOrder], believed: Sequence[Names | None]
    ) -> list[Names | None]:
        """Return by node whose its passages are by a list of it."""
        return [
            names(node, orders[number], self._expected, believed[number])
            if number in orders and len(node.at_s)
            else None
            for number, node in enumerate(nodes)
        ]

    def _linked(self, nodes: Sequence[Node], widths: Sequence[Widths]) -> Tracks:
        headway_s = max(float(np.ptp(self.crews.due_s)) / max(len(self.crews) - 1, 1), 5.0)
        return link(nodes, widths, len(self.crews), self._expected, headway_s)

    def _believe(self, nodes: Sequence[Node], orders: Mapping[int, ListOrder], tracks: Tracks) -> Belief:
        """Return whose each track is."""
        absent = came(self.crews.absent, orders, tracks, sum(bool(node.seen.keys) for node in nodes))
        named, crews = _named(nodes, tracks), self.crews.expecting(absent)
        return Naming(tracks, crews, named, orders, self.chain.order, self.chain.at_control).believe()

    @property
    def _expected(self) -> float:
        return float((1 - self.crews.absent).sum())

    def _linked_by_lists(
        self, nodes: Sequence[Node], listed: Sequence[Names | None], widths: Sequence[Widths]
    ) -> Tracks:
        """Return the tracks of passages that lists name, without their names: who it is, lists tell together."""
        crews = len(self.crews)
        named_nodes = []
        for node, found in zip(nodes, listed, strict=True):
            if found is not None:
                weights = [{who: log(chance * crews) for who, chance in named.items()} for named in found]
                unnamed = [log(max(1 - sum(named.values()), NAMED_LEAST)) for named in found]
                node = replace(node, seen=Seen(np.array(unnamed), np.zeros(len(found)), weights))
            named_nodes.append(node)
        tracks = self._linked(named_nodes, widths)
        none = np.zeros(len(tracks))
        return replace(tracks, crew=none, nobody=none, named=[{} for _ in none])

    def _nodes(self, passages_by_node: Sequence[Sequence[Passage]], findings: list[Finding]) -> list[Node]:
        """Return the nodes."""
        nodes = []
        span_s = max(float(np.ptp(self.crews.due_s)), 60.0)
        expected = self._expected
        for offset_ns, ideals, passages in zip(self.chain.offsets_ns, self._ideals_s(), passages_by_node, strict=True):
            kept = self._kept(passages, findings)
            node = Node.of(kept, self.base_ns + offset_ns, self.index_by_number, expected)
            node.ideals_s = ideals
            node.measure(expected, max(span_s, float(np.ptp(node.at_s)) if kept else 0.0))
            nodes.append(node)
        return nodes

    def _kept(self, passages: Sequence[Passage], findings: list[Finding]) -> list[Passage]:
        """Return the passages that count, in order of time; one that names its crew stands for a board's beside it."""
        named = [one for one in passages if one.start_number in self.index_by_number and not one.edges]
        boards = [one for one in passages if one.start_number is None] if named else []
        dropped = set()
        for one in named:
            near = min(boards, key=lambda board: _apart_ns(one, board), default=None)
            if near is not None and _apart_ns(one, near) < SAME_NS:
                dropped.add(near.id)
                findings.append(say.twice(one, near))
        kept = []
        for one in passages:
            if one.start_number is not None and one.start_number not in self.index_by_number:
                findings.append(say.not_expected(one))
            elif one.at_ns is not None and one.id not in dropped:
                kept.append(one)
        return kept

    def _ideals_s(self) -> list[tuple[float, ...]]:
        """Return by node the ideal times from the one before, of all races, less that of the chain."""
        return [
            tuple(ideal_ns / 1e9 for ideal_ns in self.chain.ideals_ns.get(point, (0,))) for point in self.chain.points
        ]

    def _widths(self, nodes: Sequence[Node]) -> list[Widths]:
        """Return how far cars are from the ideal time to each node; how crews drive is measured on the whole chain."""
        parts = [plain_deviations(before.at_s, after.at_s, after.ideals_s) for before, after in pairwise(nodes)]
        deviations_s = np.concatenate(parts) if parts else np.zeros(0)
        by_sigma = {
            sigma_s: Widths(Guess(sigma_s / 4, DEVIATION_SHARES, DEVIATION_WORTH)).fitted(deviations_s)
            for sigma_s in set(self.sigmas_s)
        }
        return [by_sigma[sigma_s] for sigma_s in self.sigmas_s]

    def _seen(self, node: Node, number: int, sightings: Sequence[Sighting]) -> Seen:
        """Return what people say of the passages at a node."""
        offset_ns = self.base_ns + self.chain.offsets_ns[number]
        seen = see(node.at_s, 1 - node.rear, sightings, offset_ns, self.index_by_number)
        self.clocks += seen.clocks
        return seen

    def _beside_list(
        self, made: list[Attribution], node: int, written: MarshalList
    ) -> tuple[list[Attribution], list[Finding]]:
        """Return the attributions with the lines of a list that confirm them, and findings where it disagrees."""
        here = [one for one in made if one.passage.timing_point == self.chain.points[node]]
        here.sort(key=lambda one: one.passage.at_ns or 0)
        line_by_id, findings = compare(written, here, set(self.index_by_number))
        confirmed = [
            one._replace(basis=one.basis._replace(list_line=line_by_id[one.passage.id]))
            if one.passage.id in line_by_id
            else one
            for one in made
        ]
        return confirmed, doubled(written) + findings


def _apart_ns(one: Passage, board: Passage) -> int:
    return abs((one.at_ns or 0) - (board.at_ns or 0))


def _named(nodes: Sequence[Node], tracks: Tracks) -> Named:
    """Return what people say of each track, as columns."""
    only = np.full(len(tracks), -1)
    for number, node in enumerate(nodes):
        track = np.flatnonzero(tracks.member[:, number] >= 0)
        only[track] = np.maximum(only[track], node.named[tracks.member[track, number]])
    none = np.zeros(0, int), np.zeros(0)
    crews = [
        (np.array(list(weights)), np.array(list(weights.values()))) if weights else none for weights in tracks.named
    ]
    return Named(tracks.crew, tracks.nobody, crews, only)
