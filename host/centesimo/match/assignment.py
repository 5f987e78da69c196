"""Chances of the pairs of a sparse assignment: each row has at most one column, each column at most one row.

`odds` of a pair are against both staying alone. What is clear is taken at once, the rest falls into connected parts.
In each, the best assignment (scipy) gives prices, a pair whose reduced cost is over FAR cannot matter, and a sweep over
the rows that remembers which columns still in reach are taken weighs all assignments of what is left. It is exact but
for what FAR, FAINT and FRONTIER leave out.
"""

from collections.abc import Iterator

import numpy as np

from centesimo.match.parameters import CLEAR, FAINT, FAR, FRONTIER, Flags, Floats, Ints

Pairs = list[tuple[int, int, float]]  # (number of the pair, column, odds) of one row


def marginals(rows: Ints, columns: Ints, odds: Floats, n_rows: int, n_columns: int) -> Floats:
    """Return the chance of each pair (0 .. 1) among all assignments."""
    chances = np.zeros(len(odds))
    weighty = odds > FAINT
    row_sums = np.bincount(rows, odds, n_rows)
    column_sums = np.bincount(columns, odds, n_columns)
    in_row, in_column = row_sums[rows] - odds, column_sums[columns] - odds
    rest = 1 + in_row + in_column + in_row * in_column
    clear = weighty & (odds > rest / CLEAR)
    chances[clear] = (odds / (odds + rest))[clear]
    taken_rows, taken_columns = np.zeros(n_rows, bool), np.zeros(n_columns, bool)
    taken_rows[rows[clear]] = True
    taken_columns[columns[clear]] = True
    left = np.flatnonzero(weighty & ~taken_rows[rows] & ~taken_columns[columns])
    for part in _parts(rows, columns, left, n_rows, n_columns):
        chances[part] = _part(rows[part], columns[part], odds[part])
    # What a clear pair leaves to the pairs beside it.
    beside = weighty & ~clear & (taken_rows[rows] | taken_columns[columns])
    chances[beside] = (odds / (1 + np.maximum(row_sums[rows], column_sums[columns])))[beside]
    return chances


def _parts(rows: Ints, columns: Ints, left: Ints, n_rows: int, n_columns: int) -> Iterator[Ints]:
    """Yield the numbers of the pairs of each connected part."""
    if not len(left):
        return
    from scipy.sparse import coo_array  # scipy takes 0.3 s to load, and most days have nothing that needs it
    from scipy.sparse.csgraph import connected_components

    size = n_rows + n_columns
    graph = coo_array((np.ones(len(left)), (rows[left], n_rows + columns[left])), shape=(size, size))
    _, label = connected_components(graph, directed=False)
    labels = label[rows[left]]
    order = np.argsort(labels, kind="stable")
    cuts = np.flatnonzero(np.diff(labels[order])) + 1
    yield from np.split(left[order], cuts)


def _part(rows: Ints, columns: Ints, odds: Floats) -> Floats:
    """Return the chances of one connected part."""
    row_names, row = np.unique(rows, return_inverse=True)
    column_names, column = np.unique(columns, return_inverse=True)
    if len(row_names) == 1 or len(column_names) == 1:
        alone: Floats = odds / (1 + odds.sum())
        return alone
    keep = _reduced_costs(row, column, np.log(odds), len(row_names), len(column_names)) < FAR
    return _swept(row, column, odds, keep, len(row_names))


def _reduced_costs(rows: Ints, columns: Ints, weights: Floats, n_rows: int, n_columns: int) -> Floats:
    """Return for each pair how much worse (nats) than the best assignment the best one with it is, at least."""
    from scipy.optimize import linear_sum_assignment

    dense = np.full((n_rows, n_columns + n_rows), -1e6)
    dense[rows, columns] = weights
    dense[np.arange(n_rows), n_columns + np.arange(n_rows)] = 0.0
    _, match = linear_sum_assignment(dense, maximize=True)
    own = dense[np.arange(n_rows), match]
    price = np.zeros(n_columns)
    is_matched = match < n_columns
    match = np.minimum(match, n_columns - 1)
    elsewhere = ~(is_matched[rows] & (match[rows] == columns))
    for _ in range(n_rows + n_columns):
        gain = own - np.where(is_matched, price[match], 0.0)
        wanted = price.copy()
        np.maximum.at(wanted, columns[elsewhere], weights[elsewhere] - gain[rows[elsewhere]])
        if np.allclose(wanted, price, atol=1e-9):
            break
        price = wanted
    costs: Floats = gain[rows] + price[columns] - weights
    return costs


def _swept(rows: Ints, columns: Ints, odds: Floats, keep: Flags, n_rows: int) -> Floats:
    """Return the chance of each pair, by a sweep over the rows forth and back; a layer maps taken columns to weight."""
    pairs_by_row: list[Pairs] = [[] for _ in range(n_rows)]
    last: dict[int, int] = {}
    for pair in np.flatnonzero(keep).tolist():
        row, column = int(rows[pair]), int(columns[pair])
        pairs_by_row[row].append((pair, 1 << column, float(odds[pair])))
        last[1 << column] = max(last.get(1 << column, -1), row)
    leaving = [0] * n_rows
    for bit, row in last.items():
        leaving[row] |= bit
    layers = [{0: 1.0}]
    for row in range(n_rows):
        layers.append(_next_layer(layers[-1], pairs_by_row[row], ~leaving[row]))
    chances = np.zeros(len(odds))
    back = dict.fromkeys(layers[-1], 1.0)
    for row in range(n_rows - 1, -1, -1):
        back = _back(layers[row], back, pairs_by_row[row], ~leaving[row], chances)
    return chances


def _next_layer(layer: dict[int, float], pairs: Pairs, staying: int) -> dict[int, float]:
    after: dict[int, float] = {}
    for taken, weight in layer.items():
        left = taken & staying
        after[left] = after.get(left, 0.0) + weight
        for _, bit, odds in pairs:
            if not taken & bit:
                state = (taken | bit) & staying
                after[state] = after.get(state, 0.0) + weight * odds
    top = max(after.values())
    ranked = sorted(after.items(), key=lambda item: -item[1])[:FRONTIER]
    return {state: weight / top for state, weight in ranked if weight > FAINT * top}


def _back(
    layer: dict[int, float], back: dict[int, float], pairs: Pairs, staying: int, chances: Floats
) -> dict[int, float]:
    """Return the weight of all that follows each state of a layer; note the chances of the row's pairs."""
    before = {}
    by_pair = [0.0] * len(pairs)
    whole = 0.0
    for taken, weight in layer.items():
        value = back.get(taken & staying, 0.0)
        for place, (_, bit, odds) in enumerate(pairs):
            if not taken & bit:
                with_it = odds * back.get((taken | bit) & staying, 0.0)
                by_pair[place] += weight * with_it
                value += with_it
        before[taken] = value
        whole += weight * value
    for (pair, _, _), value in zip(pairs, by_pair, strict=True):
        chances[pair] = value / whole
    top = max(before.values())
    return {state: value / top for state, value in before.items()}
