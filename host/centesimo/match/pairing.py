"""Which of two points' passages are the same cars', weighed over all ways to pair them.

All ways are weighed by which columns the rows before have taken; of those sets the likeliest are followed. A tube that
flutters makes hundreds of passages in a minute, and more sets than can be: there each pair is weighed beside its rivals
alone, and none is sure: all of them are asked.
"""

from collections import defaultdict
from collections.abc import Sequence

STATES = 256  # ways to pair that are kept
CROWD = 400  # pairs that are weighed in all ways; days without a tube that flutters have some 20
DOUBTFUL = 0.5  # of a pair among more than those

Weights = Sequence[dict[int, float]]


def pairing(weights: Weights, none: Sequence[float]) -> list[dict[int, float]]:
    """Return for each row the chance of each column (-1: none); a column is at most one row's.

    `weights` are odds against the column being nobody's, `none` those of the row having no column.
    """
    return marginals(weights, none) if sum(map(len, weights)) <= CROWD else beside_rivals(weights, none)


def marginals(weights: Weights, none: Sequence[float]) -> list[dict[int, float]]:
    """Return what `pairing` does, over all ways to give each column to at most one row."""
    bit = {column: 1 << place for place, column in enumerate(sorted({key for its in weights for key in its}))}
    layers: list[dict[int, float]] = [{0: 1.0}]
    for its, nobody in zip(weights, none, strict=True):
        layer: dict[int, float] = {}
        for mask, value in layers[-1].items():
            layer[mask] = layer.get(mask, 0.0) + value * nobody
            for column, weight in its.items():
                if not mask & bit[column]:
                    taken = mask | bit[column]
                    layer[taken] = layer.get(taken, 0.0) + value * weight
        layers.append(_kept(layer))
    after = dict.fromkeys(layers[-1], 1.0)
    chances: list[dict[int, float]] = []
    for number in range(len(weights) - 1, -1, -1):
        before: dict[int, float] = {}
        its_chances: dict[int, float] = {}
        for mask, value in layers[number].items():
            options = [(-1, none[number] * after.get(mask, 0.0))]
            for column, weight in weights[number].items():
                if not mask & bit[column]:
                    options.append((column, weight * after.get(mask | bit[column], 0.0)))
            before[mask] = sum(chance for _, chance in options)
            for column, chance in options:
                its_chances[column] = its_chances.get(column, 0.0) + value * chance
        total = sum(its_chances.values())
        chances.append({column: chance / total for column, chance in its_chances.items()})
        largest = max(before.values())
        after = {mask: value / largest for mask, value in before.items()}
    return chances[::-1]


def beside_rivals(weights: Weights, none: Sequence[float]) -> list[dict[int, float]]:
    """Return what `pairing` does, each pair weighed against all others of its row and of its column.

    Whether those are likelier pairs of others is not asked: so none is believed more than DOUBTFUL.
    """
    whole_by_column: dict[int, float] = defaultdict(lambda: 1.0)
    for its in weights:
        for column, weight in its.items():
            whole_by_column[column] += weight
    chances = []
    for its, nobody in zip(weights, none, strict=True):
        whole = nobody + sum(its.values())
        found = {
            column: min(weight / (whole + whole_by_column[column] - weight), DOUBTFUL) for column, weight in its.items()
        }
        chances.append({-1: 1 - sum(found.values()), **found})
    return chances


def _kept(layer: dict[int, float]) -> dict[int, float]:
    """Return the likeliest ways, scaled so that the best is 1."""
    best = sorted(layer.items(), key=lambda one: -one[1])[:STATES]
    largest = best[0][1]
    return {mask: value / largest for mask, value in best if value > largest * 1e-9}
