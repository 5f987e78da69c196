"""What is known of a car at one point of a chain holds at the others as surely as it is the same car.

The due times tell a track's crew at the chain's opening, the marshals' lists and named passages tell it at their
points. All that is carried along the links between the passages, both ways; where two cars came so close that either
link is possible, it is carried along both, each with its chance. So a list beyond such a place says little about
before it.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from centesimo.match.links import Track
from centesimo.match.lists import IN_DISORDER, PLAUSIBLE, Listing, Said
from centesimo.match.model import NOBODY, SOMEBODY, STRANGER

Belief = dict[int, float]  # chance by number of the crew in the chain, NOBODY or SOMEBODY
Beliefs = dict[int, Belief]  # by node
DISORDER = 0.5  # of a list's passages: where it contradicts so many, the crews do not come in the start order
ENOUGH = 1.001  # of the chances of one crew at one point: more is too much
FAINT = 1e-12
AGAINST = 1e-2  # how much less likely a list is if the crew is the one that the due times say
NEW = 0.1  # chance that a passage to which no car came by a track is a crew's, not nobody's


class Along:
    """The tracks of a chain with what the due times tell of each (`chances`), for crews of these start numbers."""

    def __init__(self, tracks: Sequence[Track], chances: Sequence[Belief], numbers: Sequence[int]) -> None:
        self.tracks = tracks
        self.chances = dict(zip(tracks, chances, strict=True))
        self.numbers = numbers
        self.index_by_number = {number: who for who, number in enumerate(numbers)}
        self.is_disorder = False  # the lists contradict the due times: the crews come in another order
        self._said: dict[str, Said] = {}
        self._groups = _groups(tracks)

    def hear(self, listing_by_node: Mapping[int, Listing]) -> None:
        """Take what the lists say, each beside the passages of its node."""
        if not listing_by_node:
            return
        beliefs = self._beliefs()
        against = [self._hear(node, listing, beliefs) for node, listing in listing_by_node.items()]
        if against.count(True) < 2:
            return
        self.is_disorder = True
        # They come in another order. Each list is read again by what the others say, as the due times say nothing.
        any_crew = dict.fromkeys(range(len(self.numbers)), 1 / len(self.numbers))
        self.chances = dict.fromkeys(self.tracks, any_crew)
        self._said = {}
        for node, listing in [*listing_by_node.items()] * 2:
            for track in self.tracks:
                if node in track.members:
                    self._said.pop(track.members[node].id, None)
            self._hear(node, listing, self._beliefs(), IN_DISORDER)

    def heard(self) -> list[Said | None]:
        """Return what the lists say of each track at its anchor, by index of the crews; None: nothing."""
        even = {track: dict.fromkeys(its, 1.0) for track, its in self.chances.items()}
        found: dict[Track, Said | None] = dict.fromkeys(self.tracks)
        for group in self._groups:
            if any(passage.id in self._said for track in group for passage in track.members.values()):
                for track, by_node in self._of_group(group, even).items():
                    its = by_node[track.anchor]
                    found[track] = Said({who: its[who] for who in its if who != SOMEBODY}, its.get(SOMEBODY, 0.0))
        return list(found.values())

    def expect(self, chances: Sequence[Belief]) -> None:
        """Take other chances of the tracks by the due times; what was heard stays."""
        self.chances = dict(zip(self.tracks, chances, strict=True))

    def _hear(self, node: int, listing: Listing, beliefs: Sequence[Beliefs], plausible: float = PLAUSIBLE) -> bool:
        """Take what one list says; return whether it contradicts what is believed nearly everywhere."""
        here = [(track, its[node]) for track, its in zip(self.tracks, beliefs, strict=True) if node in track.members]
        here.sort(key=lambda one: one[0].members[node].at_ns or 0)
        named = [{self.numbers[who] if who >= 0 else who: chance for who, chance in its.items()} for _, its in here]
        says = listing.says(named, plausible)
        self._said.update({track.members[node].id: said for (track, _), said in zip(here, says, strict=True)})
        return sum(map(_is_against, named, says)) > DISORDER * len(says)

    def beliefs(self) -> list[Beliefs]:
        """Return the chance of each crew for each passage of each track; no crew passes a point more than once."""
        return _once(self._beliefs())

    def _beliefs(self) -> list[Beliefs]:
        found: dict[Track, Beliefs] = {}
        for group in self._groups:
            found.update(self._of_group(group, self.chances))
        return [found[track] for track in self.tracks]

    def _of_group(self, group: Sequence[Track], chances: Mapping[Track, Belief]) -> dict[Track, Beliefs]:
        if len(group) > 1 or group[0].came:
            return self._together(group, chances)
        return {group[0]: self._alone(group[0], chances[group[0]])}

    def _alone(self, track: Track, its: Belief) -> Beliefs:
        """Return what is believed of a track whose links are all clear: the same at each node."""
        said = [self._said[one.id] for one in track.members.values() if one.id in self._said]
        named = self.index_by_number.get(track.number or 0)
        if named is not None:
            its = {named: 1.0}
        elif said:
            its = {who: its.get(who, 0.0) + STRANGER for who in self._candidates([track])}
            for one in said:
                its = {who: chance * self._heard(one, who) for who, chance in its.items()}
            its = self._normal(its)
        return dict.fromkeys(track.members, its)

    def _together(self, group: Sequence[Track], chances: Mapping[Track, Belief]) -> dict[Track, Beliefs]:
        """Return what is believed of tracks that are linked to each other, node by node."""
        told = self._told_of(group, chances)
        nodes = sorted({node for track in group for node in track.members})
        nothing = dict.fromkeys(self._candidates(group), 1.0)
        before = dict.fromkeys(group, nothing)
        forwards = []
        for node in nodes:
            came = _came(group, node)
            before = {
                track: self._rest(track, chances[track], its, before)
                if node == track.first_node
                else self._came_to([(chance, before[one]) for one, chance in its.items()])
                for track, its in came.items()
            }
            forwards.append(before)
            before = {track: _both(before[track], told[track].get(node)) for track in group}
        after = dict.fromkeys(group, nothing)
        found: dict[Track, Beliefs] = {track: {} for track in group}
        for node, ahead in zip(reversed(nodes), reversed(forwards), strict=True):
            behind = {track: _both(after[track], told[track].get(node)) for track in group}
            came = _came(group, node)
            for track in group:
                if node in track.members:
                    found[track][node] = self._normal(_both(ahead[track], behind[track]))
            mean = self._mean(behind.values())
            after = {
                one: _mixed([(came[track][one], its) for track, its in behind.items() if one in came[track]], mean)
                for one in group
            }
        return {track: {node: its[node] for node in track.members} for track, its in found.items()}

    def _told_of(self, group: Sequence[Track], chances: Mapping[Track, Belief]) -> dict[Track, Beliefs]:
        whos = self._candidates(group)
        return {
            track: {node: self._told(track, node, whos, chances[track]) for node in track.members} for track in group
        }

    def _told(self, track: Track, node: int, whos: Sequence[int], chances: Belief) -> Belief:
        """Return how likely each crew is by what is told of a track at one node, without its links."""
        passage = track.members[node]
        its = dict.fromkeys(whos, 1.0)
        if node == track.anchor and not _is_rest(track):
            its = {who: chances.get(who, 0.0) + self._stranger for who in whos}
        if passage.id in self._said:
            its = {who: chance * self._heard(self._said[passage.id], who) for who, chance in its.items()}
        named = self.index_by_number.get(passage.start_number or 0)
        if named is not None:
            its = {who: chance if who == named else chance * STRANGER for who, chance in its.items()}
        return its

    def _rest(
        self, track: Track, chances: Belief, came: Mapping[Track, float], before: Mapping[Track, Belief]
    ) -> Belief:
        """Return what is said of a track that begins at a later node: if it is nobody's, a car may have come to it."""
        whos = before[track].keys()
        if not _is_rest(track):
            return dict.fromkeys(whos, 1.0)
        found = {who: chances.get(who, 0.0) + self._stranger for who in whos}
        nobody = found[NOBODY]
        for one, chance in came.items():
            for who, value in self._normal(before[one]).items():
                if who >= 0:
                    found[who] += nobody * chance * value
                    found[NOBODY] -= nobody * chance * value
        return found

    @property
    def _stranger(self) -> float:
        """How likely a passage is a given crew's that it cannot be by the due times: only a list can tell that."""
        return STRANGER if self._said else FAINT

    def _heard(self, said: Said, who: int) -> float:
        if who == SOMEBODY:
            return said.rest
        return said.of(self.numbers[who] if who >= 0 else who)

    def _candidates(self, group: Sequence[Track]) -> list[int]:
        """Return the crews that one of the tracks may be, with NOBODY and SOMEBODY."""
        found = {NOBODY, SOMEBODY}
        for track in group:
            found |= self.chances[track].keys()
            for passage in track.members.values():
                if passage.start_number in self.index_by_number:
                    found.add(self.index_by_number[passage.start_number])
                if passage.id in self._said:
                    numbers = self._said[passage.id].by_number
                    found |= {self.index_by_number[number] for number in numbers if number in self.index_by_number}
        return sorted(found)

    def _normal(self, its: Belief) -> Belief:
        """Return chances of what was said of each crew; SOMEBODY stands for all crews that are no candidates."""
        others = max(len(self.numbers) + 2 - len(its), 0)
        whole = {who: value * others if who == SOMEBODY else value for who, value in its.items()}
        total = sum(whole.values())
        return {who: value / total for who, value in whole.items()}

    def _came_to(self, parts: Sequence[tuple[float, Belief]]) -> Belief:
        """Return the chances of a car that came by one of several ways; by none, it is nobody's or any crew's."""
        even = NEW / (len(self.numbers) + 1)
        left = max(0.0, 1 - sum(chance for chance, _ in parts))
        found = dict.fromkeys(parts[0][1], left * even)
        found[NOBODY] += left * (1 - NEW)
        others = max(len(self.numbers) + 2 - len(found), 0)
        for chance, its in parts:
            total = sum(its.values()) + (others - 1) * its[SOMEBODY]
            for who, value in its.items():
                found[who] += chance * value / total
        return found

    def _mean(self, beliefs: Collection[Belief]) -> Belief:
        """Return the same of each crew: what is said in the mean."""
        others = max(len(self.numbers) + 2 - len(next(iter(beliefs))), 0)
        whole = sum(sum(its.values()) + (others - 1) * its[SOMEBODY] for its in beliefs)
        return dict.fromkeys(next(iter(beliefs)), whole / (len(beliefs) * (len(self.numbers) + 1)))


def _mixed(parts: Sequence[tuple[float, Belief]], mean: Belief) -> Belief:
    """Return what is said when each part holds with its chance, and otherwise it may be anybody."""
    left = max(1 - sum(chance for chance, _ in parts), 0.0)
    found = {who: left * value for who, value in mean.items()}
    for chance, its in parts:
        for who, value in its.items():
            found[who] += chance * value
    return found


def _once(beliefs: list[Beliefs]) -> list[Beliefs]:
    """Return beliefs in which no crew passes a point more than once: where all is too much, it is weighed as odds."""
    by_key: dict[tuple[int, int], list[float]] = defaultdict(list)
    for by_node in beliefs:
        for node, its in by_node.items():
            for who, chance in its.items():
                by_key[node, who].append(chance)
    whole = {
        key: 1 + sum(map(_odds, chances)) for key, chances in by_key.items() if key[1] >= 0 and sum(chances) > ENOUGH
    }
    nodes = {node for node, _ in whole}
    return [by_node if nodes.isdisjoint(by_node) else _shared(by_node, whole) for by_node in beliefs]


def _shared(by_node: Beliefs, whole: Mapping[tuple[int, int], float]) -> Beliefs:
    """Return what is believed of a track; `whole`: the odds of all tracks by which a crew came, by node and crew."""
    return {
        node: {who: _odds(chance) / whole[node, who] if (node, who) in whole else chance for who, chance in its.items()}
        for node, its in by_node.items()
    }


def _odds(chance: float) -> float:
    return chance / max(1 - chance, FAINT)


def _is_against(its: Mapping[int, float], said: Said) -> bool:
    """Say whether a list contradicts what the due times say of a passage."""
    number = max(its, key=its.__getitem__)
    return number >= 0 and said.of(number) < AGAINST * max(said.by_number.values())


def _groups(tracks: Sequence[Track]) -> list[list[Track]]:
    """Return the tracks in groups that share a link that is not clear."""
    group_by_track: dict[Track, list[Track]] = {track: [track] for track in tracks}
    for track in tracks:
        for rows in track.came.values():
            for other in rows:
                mine, its = group_by_track[track], group_by_track[other]
                if mine is not its:
                    mine += its
                    group_by_track.update(dict.fromkeys(its, mine))
    return list({id(group): group for group in group_by_track.values()}.values())


def _came(group: Sequence[Track], node: int) -> dict[Track, dict[Track, float]]:
    """Return for each track the chance of each by which its car came to a node."""
    gone: dict[Track, float] = defaultdict(float)
    for track in group:
        for one, chance in track.came.get(node, {}).items():
            gone[one] += chance
    found = {}
    for track in group:
        found[track] = track.came.get(node, {})
        if not found[track] and node != track.first_node:
            found[track] = {track: max(0.0, 1 - gone[track])}
    return found


def without(chances: Sequence[Belief], heard: Sequence[Said | None]) -> list[Belief]:
    """Return chances from which what was heard of each track itself is taken off again."""
    return [
        its if said is None else _scaled({who: its[who] / said.of(who) for who in its})
        for its, said in zip(chances, heard, strict=True)
    ]


def _scaled(its: Belief) -> Belief:
    whole = sum(its.values())
    return {who: value / whole for who, value in its.items()}


def _is_rest(track: Track) -> bool:
    """Say whether a track may be the rest of another, from its first passage on."""
    return track.first_node in track.came and track.anchor == track.first_node


def _both(one: Belief, other: Belief | None) -> Belief:
    """Return what two say together, scaled so that the likeliest is 1."""
    if other is None:
        return one
    both = {who: value * other[who] for who, value in one.items()}
    largest = max(both.values())
    return {who: value / largest for who, value in both.items()}
