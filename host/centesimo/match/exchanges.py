"""Two crews of which one is late and each may have come where the other did: weighed together.

What crews and tracks tell each other (claims.py) is exact as long as no two of them hang together in more ways than
one. Two crews and two tracks, each of which may be either's, do: told often enough, the likelier order becomes certain.
So the two orders are weighed against each other once more.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from statistics import median

from centesimo.match.model import Column, Crew, Manner

AROUND = 5  # of a field's crews before a track, or after it: how late they are
MOST = 12  # late crews that one is weighed with: those after it
BESIDE = 5  # tracks this many sigma apart are beside each other

Chances = list[dict[int, float]]
Seen = tuple[int, int]  # the place of a track, and its likeliest crew


class Exchanges:
    """The pairs of tracks whose crews may be exchanged, by the chances of each track's crews."""

    def __init__(self, columns: Sequence[Column], crews: Sequence[Crew], manner: Manner, chances: Chances) -> None:
        self._columns = columns
        self._crews = crews
        self._manner = manner
        likeliest = [(place, max(its, key=its.__getitem__)) for place, its in enumerate(chances)]
        self._seen = [(place, who) for place, who in likeliest if who >= 0]
        fields = {crew.field for crew in crews}
        self._lates = {field: self._lates_of(field) for field in fields}

    def pairs(self) -> Iterator[tuple[Seen, Seen]]:
        """Yield two tracks of which one comes on its own: both do, not alike, or the other is right beside it."""
        near = self._near_its_neighbours()
        offs_s = [0.0 if place in near else self.off_s(who, place) for place, who in self._seen]
        free = [number for number, (place, _) in enumerate(self._seen) if self._columns[place].only is None]
        away = [number for number in free if self._manner.is_away(offs_s[number])]
        for place, one in enumerate(away):
            for other in away[place + 1 : place + 1 + MOST]:
                if self._manner.is_away(offs_s[one] - offs_s[other]):  # else the field is so late
                    yield self._seen[one], self._seen[other]
        for one, other in pairwise(free):
            is_one = self._manner.is_away(offs_s[one]) != self._manner.is_away(offs_s[other])
            if is_one and self._apart_s(one, other) < BESIDE * self._manner.sigma_s:
                yield self._seen[one], self._seen[other]

    def off_s(self, who: int, place: int) -> float:
        """Return how much later a crew would come by a track than its field right before it, or right after.

        Than it is due, where too few crews tell.
        """
        crew = self._crews[who]
        lates = self._lates[crew.field]
        first, after = bisect_left(lates, (place,)), bisect_left(lates, (place + 1,))
        sides = lates[max(first - AROUND, 0) : first], lates[after : after + AROUND]
        late_s = self._columns[place].at_s - crew.due_s
        offs_s = (late_s - median(its for _, its in side) for side in sides if len(side) > 1)
        return min(offs_s, key=abs, default=late_s)

    def _near_its_neighbours(self) -> set[int]:
        """Return the places of tracks as late as those of their field right before and after: most are."""
        found = set()
        for its in self._lates.values():
            steps = [self._manner.is_away(after - before) for (_, before), (_, after) in pairwise(its)]
            found |= {
                place
                for (place, _), before, after in zip(its, [False, *steps], [*steps, False], strict=False)
                if not (before or after)
            }
        return found

    def _lates_of(self, field: int) -> list[tuple[int, float]]:
        """Return the place and the lateness of each track that is likeliest a crew's of a field."""
        its = [(place, self._crews[who]) for place, who in self._seen if self._crews[who].field == field]
        return [(place, self._columns[place].at_s - crew.due_s) for place, crew in its]

    def _apart_s(self, one: int, other: int) -> float:
        return abs(self._columns[self._seen[one][0]].at_s - self._columns[self._seen[other][0]].at_s)


def exchanged(chances: Chances, pairs: Iterable[tuple[Seen, Seen]], weight: Callable[[int, int], float]) -> Chances:
    """Return the chances of crews by track, each pair of crews as likely exchanged as its weights say.

    `weight`: of a crew at a track, beside those of other crews there.
    """
    odds: dict[Seen, dict[int, float]] = defaultdict(dict)
    for (one, mine), (other, its) in pairs:
        as_they_are = weight(mine, one) * weight(its, other)
        if as_they_are > 0:
            crosswise = weight(its, one) * weight(mine, other) / as_they_are
            odds[one, mine][its] = odds[other, its][mine] = crosswise
    found = list(chances)
    for (place, who), its_odds in odds.items():
        found[place] = _shared(found[place], who, its_odds)
    return found


def _shared(chances: dict[int, float], who: int, odds: Mapping[int, float]) -> dict[int, float]:
    """Return chances in which other crews have what their odds give them of a crew's, if they do not have it yet."""
    whole = 1 + sum(odds.values())
    shares = {other: chances[who] * its / whole for other, its in odds.items()}
    more = {other: share for other, share in shares.items() if share > chances.get(other, 0.0)}
    left = chances[who] - sum(share - chances.get(other, 0.0) for other, share in more.items())
    return {**chances, **more, who: left}
