"""Two crews of which one is late and each may have come where the other did: weighed together.

What crews and tracks tell each other (claims.py) is exact as long as no two of them hang together in more ways than
one. Two crews and two tracks, each of which may be either's, do: told often enough, the likelier order becomes certain.
So the two orders are weighed against each other once more.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, pairwise
from statistics import median

from centesimo.match.model import Column, Crew, Manner

AROUND = 5  # of a field's crews before a track, or after it: how late they are
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
        self._seen = [(place, who) for place, who in likeliest if who >= 0 and columns[place].only is None]
        fields = {crew.field for crew in crews}
        self._lates = {field: self._lates_of(field) for field in fields}

    def pairs(self) -> Iterator[tuple[Seen, Seen]]:
        """Yield two tracks of which one comes on its own: both do, not alike, or the other is right beside it."""
        near = self._near_its_neighbours()
        offs_s = [0.0 if place in near else self.off_s(who, place) for place, who in self._seen]
        away = [number for number, off_s in enumerate(offs_s) if self._manner.is_away(off_s)]
        for one, other in combinations(away, 2):
            if self._manner.is_away(offs_s[one] - offs_s[other]):  # else the field is so late
                yield self._seen[one], self._seen[other]
        for one in away:
            for other in range(max(one - 1, 0), min(one + 2, len(self._seen))):
                if other not in away and self._apart_s(one, other) < BESIDE * self._manner.sigma_s:
                    yield self._seen[one], self._seen[other]

    def off_s(self, who: int, place: int) -> float:
        """Return how much later a crew would come by a track than its field right before it, or right after."""
        crew = self._crews[who]
        lates = self._lates[crew.field]
        first, after = bisect_left(lates, (place,)), bisect_left(lates, (place + 1,))
        sides = lates[max(first - AROUND, 0) : first], lates[after : after + AROUND]
        late_s = self._columns[place].at_s - crew.due_s
        return min((late_s - median(its for _, its in side) for side in sides if side), key=abs, default=0.0)

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


def exchanged(chances: Chances, pairs: Sequence[tuple[Seen, Seen]], weight: Callable[[int, int], float]) -> Chances:
    """Return the chances of crews by track, each pair of crews as likely exchanged as its weights say.

    `weight`: of a crew at a track, beside those of other crews there.
    """
    found = list(chances)
    for (one, mine), (other, its) in pairs:
        as_they_are = weight(mine, one) * weight(its, other)
        crosswise = weight(its, one) * weight(mine, other)
        if crosswise > 0:
            share = crosswise / (crosswise + as_they_are) * min(chances[one][mine], chances[other][its])
            found[one] = _moved(found[one], mine, its, share)
            found[other] = _moved(found[other], its, mine, share)
    return found


def _moved(chances: dict[int, float], away: int, to: int, share: float) -> dict[int, float]:
    """Return chances in which a crew has at least that share, at the cost of the other."""
    more = min(share - chances.get(to, 0.0), chances[away])
    if more <= 0:
        return chances
    return {**chances, to: chances.get(to, 0.0) + more, away: chances[away] - more}
