"""What is known of a car at one point of a chain holds at the others as surely as it is the same car.

The due times tell a track's crew at the chain's opening, the marshals' lists and named passages tell it at their
points. All that is carried along the links between the passages, both ways; where two cars came so close that either
link is possible, it is carried along both, each with its chance. So a list beyond such a place says little about
before it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from centesimo.match.links import Track
from centesimo.match.lists import Listing, Said
from centesimo.match.model import NOBODY, SOMEBODY, STRANGER

Belief = dict[int, float]  # chance by number of the crew in the chain, NOBODY or SOMEBODY
Beliefs = dict[int, Belief]  # by node
DISORDER = 0.5  # of a list's passages: where it contradicts so many, the crews do not come in the start order
AGAINST = 1e-2  # how much less likely a list is if the crew is the one that the due times say
NEW = 0.1  # chance that a passage to which no car came by a track is a crew's, not nobody's


class Along:
    """The tracks of a chain with what the due times tell of each (`chances`), for crews of these start numbers."""

    def __init__(self, tracks: Sequence[Track], chances: Sequence[Belief], numbers: Sequence[int]) -> None:
        self.tracks = tracks
        self.chances = dict(zip(tracks, chances, strict=True))
        self.numbers = numbers
        self.index_by_number = {number: who for who, number in enumerate(numbers)}
        self._said: dict[str, Said] = {}
        self._groups = _groups(tracks)

    def hear(self, listing_by_node: Mapping[int, Listing]) -> None:
        """Take what the lists say, each beside the passages of its node."""
        if not listing_by_node:
            return
        beliefs = self.beliefs()
        against = [self._hear(node, listing, beliefs) for node, listing in listing_by_node.items()]
        if against.count(True) < 2:
            return
        # They come in another order. Each list is read again by what the others say, as the due times say nothing.
        any_crew = dict.fromkeys(range(len(self.numbers)), 1 / len(self.numbers))
        self.chances = dict.fromkeys(self.tracks, any_crew)
        self._said = {}
        for node, listing in [*listing_by_node.items()] * 2:
            for track in self.tracks:
                if node in track.members:
                    self._said.pop(track.members[node].id, None)
            self._hear(node, listing, self.beliefs())

    def _hear(self, node: int, listing: Listing, beliefs: Sequence[Beliefs]) -> bool:
        """Take what one list says; return whether it contradicts what is believed nearly everywhere."""
        here = [(track, its[node]) for track, its in zip(self.tracks, beliefs, strict=True) if node in track.members]
        here.sort(key=lambda one: one[0].members[node].at_ns or 0)
        named = [{self.numbers[who] if who >= 0 else who: chance for who, chance in its.items()} for _, its in here]
        says = listing.says(named)
        self._said.update({track.members[node].id: said for (track, _), said in zip(here, says, strict=True)})
        return sum(map(_is_against, named, says)) > DISORDER * len(says)

    def beliefs(self) -> list[Beliefs]:
        """Return the chance of each crew for each passage of each track."""
        found: dict[Track, Beliefs] = {}
        for group in self._groups:
            if len(group) > 1 or group[0].came:
                found.update(self._together(group))
            else:
                found[group[0]] = self._alone(group[0])
        return [found[track] for track in self.tracks]

    def _alone(self, track: Track) -> Beliefs:
        """Return what is believed of a track whose links are all clear: the same at each node."""
        its = self.chances[track]
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

    def _together(self, group: Sequence[Track]) -> dict[Track, Beliefs]:
        """Return what is believed of tracks that are linked to each other, node by node."""
        told = self._told_of(group)
        nodes = sorted({node for track in group for node in track.members})
        nothing = dict.fromkeys(self._candidates(group), 1.0)
        before = dict.fromkeys(group, nothing)
        forwards = []
        for node in nodes:
            came = _came(group, node)
            before = {
                track: self._rest(track, its, before)
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
            after = {one: self._mixed([(came[track].get(one, 0.0), behind[track]) for track in group]) for one in group}
        return {track: {node: its[node] for node in track.members} for track, its in found.items()}

    def _told_of(self, group: Sequence[Track]) -> dict[Track, Beliefs]:
        whos = self._candidates(group)
        return {track: {node: self._told(track, node, whos) for node in track.members} for track in group}

    def _told(self, track: Track, node: int, whos: Sequence[int]) -> Belief:
        """Return how likely each crew is by what is told of a track at one node, without its links."""
        passage = track.members[node]
        its = dict.fromkeys(whos, 1.0)
        if node == track.anchor and not _is_rest(track):
            its = {who: self.chances[track].get(who, 0.0) + STRANGER for who in whos}
        if passage.id in self._said:
            its = {who: chance * self._heard(self._said[passage.id], who) for who, chance in its.items()}
        named = self.index_by_number.get(passage.start_number or 0)
        if named is not None:
            its = {who: chance if who == named else chance * STRANGER for who, chance in its.items()}
        return its

    def _rest(self, track: Track, came: Mapping[Track, float], before: Mapping[Track, Belief]) -> Belief:
        """Return what is said of a track that begins at a later node: if it is nobody's, a car may have come to it."""
        whos = before[track].keys()
        if not _is_rest(track):
            return dict.fromkeys(whos, 1.0)
        chances = self.chances[track]
        found = {who: chances.get(who, 0.0) + STRANGER for who in whos}
        nobody = found[NOBODY]
        for one, chance in came.items():
            for who, value in self._normal(before[one]).items():
                if who >= 0:
                    found[who] += nobody * chance * value
                    found[NOBODY] -= nobody * chance * value
        return found

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

    def _mixed(self, parts: Sequence[tuple[float, Belief]]) -> Belief:
        """Return what is said when each part holds with its chance, and otherwise it may be anybody."""
        others = max(len(self.numbers) + 2 - len(parts[0][1]), 0)
        found = dict.fromkeys(parts[0][1], 0.0)
        left = 1.0
        for chance, its in parts:
            left -= chance
            for who, value in its.items():
                found[who] += chance * value
        mean = sum(sum(its.values()) + (others - 1) * its[SOMEBODY] for _, its in parts)
        mean /= len(parts) * (len(self.numbers) + 1)
        return {who: value + max(left, 0.0) * mean for who, value in found.items()}


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
