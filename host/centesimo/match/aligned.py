"""A list laid beside the passages of its own tube: of each passage, whose line it may be.

Both are in order, so a line goes with a passage, or with none, as a tube misses pulses and sleeps; a passage goes with
a line, or with none, as it is nobody's or was not written down. All ways are weighed, forwards and backwards. What is
told so tells pieces of one car from pieces of two: it says little of a car of nobody's, which shifts all behind it at
every point alike.
"""

from collections.abc import Sequence

import numpy as np

from centesimo.match.order import ListOrder
from centesimo.match.parameters import (
    ASTRAY,
    BESIDE_LINE,
    DEAF,
    DEAF_LINES,
    LEFT_OUT,
    NAMED_LEAST,
    UNLISTED,
    USUAL_GHOSTS,
    Floats,
)
from centesimo.match.tracks import Node

Names = list[dict[int, float]]  # by passage: the chance that it is each crew's


def names(node: Node, written: ListOrder, expected: float, believed: Names | None = None) -> Names:
    """Return of each passage of a node whose it is by a list of it; `expected`: how many crews come.

    `believed`: whose each is by all that is known of its track; a track that is two cars' contradicts its neighbours.
    """
    lines, count = written.lines, len(node.at_s)
    nobody = max(0.0, float((1 - node.rear).sum()) - expected) + USUAL_GHOSTS
    odds = np.clip(node.car, 1e-6, None) * expected / nobody
    chance = odds / (1 + odds)
    alone = (1 - chance) + chance * UNLISTED
    crews = _crews(written)
    fits = _fits(crews, believed, count)
    kernel = LEFT_OUT ** np.arange(lines + 1) + DEAF * np.exp(-np.arange(lines + 1) / DEAF_LINES)
    # Forwards: the weight of all ways so far whose last line is the one of that place, 0 for none.
    before = np.zeros((count + 1, lines + 1))
    before[0, 0] = 1.0
    comes = np.zeros((count, lines + 1))
    for passage in range(count):
        comes[passage, 1:] = chance[passage] * fits[passage] * np.convolve(before[passage], kernel)[:lines]
        after = comes[passage] + alone[passage] * before[passage]
        whole = after.sum()
        before[passage + 1] = after / whole
        comes[passage] /= whole
    after = kernel[::-1].copy()
    found: Names = [{} for _ in range(count)]
    for passage in range(count - 1, -1, -1):
        share = comes[passage] * after
        whole = float((before[passage + 1] * after).sum())
        if whole > 0:
            found[passage] = _named(share[1:] / whole, crews)
        onward = np.convolve((chance[passage] * fits[passage] * after[1:])[::-1], kernel)[:lines][::-1]
        after = alone[passage] * after
        after[:lines] += onward
        after /= after.max()
    return found


def _fits(crews: Sequence[int], believed: Names | None, count: int) -> Floats:
    """Return by passage and line how well what is believed of the passage goes with the line."""
    lines = len(crews) - 1
    if believed is None:
        return np.ones((count, lines))
    place = {who: line for line, who in enumerate(crews[:-1]) if who >= 0}
    fits = np.full((count, lines), ASTRAY)
    for passage, chances in enumerate(believed):
        for who, chance in chances.items():
            if who in place:
                fits[passage, place[who]] += chance
    return fits


def _crews(written: ListOrder) -> Sequence[int]:
    """Return the crew (index) of each line, -1 for none."""
    crews = np.full(written.lines + 1, -1)
    for places in (written.second, written.rank):
        there = np.flatnonzero(np.isfinite(places))
        crews[places[there].astype(int) - 1] = there
    return crews.tolist()


def _named(share: Floats, crews: Sequence[int]) -> dict[int, float]:
    """Return the chances of the crews whose lines may be a passage's; a line may have changed places with the next."""
    chances: dict[int, float] = {}
    for line in np.flatnonzero(share > NAMED_LEAST / 10).tolist():
        for beside, part in ((0, 1 - 2 * BESIDE_LINE), (-1, BESIDE_LINE), (1, BESIDE_LINE)):
            if 0 <= line + beside < len(share) and (who := crews[line + beside]) >= 0:
                chances[who] = chances.get(who, 0.0) + float(share[line]) * part
    return {who: chance for who, chance in chances.items() if chance > NAMED_LEAST}
