"""Calibration: of what is said with some chance, how often it is so; by bins of chance, and as a picture."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

# Lower edges of the bins: chances that a passage is whose it is said to be.
EDGES = 0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.97, 0.99, 0.997, 0.999, 0.9997, 0.9999, 0.99999

Bins = list[list[float]]  # of each bin: how many, the sum of their chances of being wrong, how many were wrong


def no_bins() -> Bins:
    """Return empty bins."""
    return [[0, 0.0, 0] for _ in EDGES]


def put(bins: Bins, chance: float, is_so: bool) -> None:
    """Count what was said with a chance, and whether it was so."""
    its = bins[bisect_right(EDGES, chance) - 1]
    its[0] += 1
    its[1] += 1 - chance
    its[2] += not is_so


def together(many: Sequence[Bins]) -> Bins:
    """Return the sums of several."""
    return [[sum(values) for values in zip(*its, strict=True)] for its in zip(*many, strict=True)]


def draw(runs: Iterable[dict[str, Any]], path: Path) -> None:
    """Draw each world's calibration; to be written."""
    raise NotImplementedError
