"""Two late crews that each may have come where the other did: weighed together.

What crews and tracks tell each other (claims.py) is exact as long as no two of them hang together in more ways than
one. Two crews and two tracks, each of which may be either's, do: told often enough, the likelier order becomes certain.
So the two orders are weighed against each other once more.
"""

from collections.abc import Callable, Sequence

Chances = list[dict[int, float]]
Seen = tuple[int, int]  # the place of a track, and its likeliest crew


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
