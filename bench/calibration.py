"""Calibration: of what is said with some chance of being wrong, how much is; by bins of chance, and as a picture."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import cycle
from math import log10
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

# Lower edges of the bins: chances that a passage is whose it is said to be.
EDGES = 0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.97, 0.99, 0.997, 0.999, 0.9997, 0.9999, 0.99999
LEAST = 1e-6  # shares wrong below this are drawn on the edge
ENOUGH = 5  # errors, or as many expected, below which a bin tells nothing

COLUMNS, SIDE, GAP, TOP = 5, 150, 34, 54  # of the picture, in px
COLOURS = "#777777", "#d98c00", "#1f77b4", "#2a9d3a", "#8c564b", "#9467bd", "#d62728", "#17becf"
STYLE = "text{font:11px sans-serif;fill:#222}.h{font-size:14px}.w{font-weight:bold}.s{font-size:9px;fill:#666}"

Bins = list[list[float]]  # of each bin: how many, the sum of their chances of being wrong, how many were wrong


def no_bins() -> Bins:
    """Return empty bins."""
    return [[0, 0.0, 0] for _ in EDGES]


def put(bins: Bins, chance: float, is_so: bool) -> None:
    """Count what was said with a chance, and whether it was so."""
    row = bins[bisect_right(EDGES, chance) - 1]
    row[0] += 1
    row[1] += 1 - chance
    row[2] += not is_so


def together(many: Sequence[Bins]) -> Bins:
    """Return the sums of several."""
    return [[sum(values) for values in zip(*rows, strict=True)] for rows in zip(*many, strict=True)]


def draw(runs: Iterable[dict[str, Any]], path: Path) -> None:
    """Draw the calibration of each world: a panel each, a line for each evidence; the newest run of each counts.

    Across is what was said to be wrong, up is what was, both from 1 in 10 to 1 in a million; on the diagonal both are
    the same, above it more is wrong than was said. Open dots are bins where nothing was wrong: at most 3 divided by
    their number is.
    """
    bins_by_world: dict[str, dict[str, Bins]] = defaultdict(dict)
    for run in runs:
        word = f", event says {run['word']}" if run["word"] else ""
        bins_by_world[run["world"] + word][run["evidence"]] = run["bins"]
    rows = -(-len(bins_by_world) // COLUMNS)
    width, height = COLUMNS * (SIDE + GAP) + GAP, rows * (SIDE + GAP) + TOP + GAP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">',
        f"<style>{STYLE}</style>",
    ]
    parts.append(f'<rect width="{width}" height="{height}" fill="white"/>')
    parts.append(f'<text class="h w" x="{GAP}" y="20">Said to be wrong (across) and wrong (up), world by world</text>')
    names = dict.fromkeys(name for lines in bins_by_world.values() for name in lines)
    colour_by_name = dict(zip(names, cycle(COLOURS), strict=False))
    parts += _legend(colour_by_name)
    for place, (world, lines) in enumerate(bins_by_world.items()):
        x, y = GAP + place % COLUMNS * (SIDE + GAP), TOP + GAP / 2 + place // COLUMNS * (SIDE + GAP)
        parts += [f'<g transform="translate({x},{y})">', *_panel(world, lines, colour_by_name), "</g>"]
    path.write_text("\n".join([*parts, "</svg>"]) + "\n", encoding="utf-8")


def _legend(colour_by_name: dict[str, str]) -> Iterator[str]:
    for place, (name, colour) in enumerate(colour_by_name.items()):
        x = GAP + place * 130
        yield f'<circle cx="{x + 4}" cy="36" r="4" fill="{colour}"/>'
        yield f'<text x="{x + 12}" y="40">{escape(name)}</text>'


def _panel(world: str, lines: dict[str, Bins], colour_by_name: dict[str, str]) -> Iterator[str]:
    yield f'<text class="w" x="0" y="-5">{escape(world)}</text>'
    yield f'<rect width="{SIDE}" height="{SIDE}" fill="none" stroke="#999"/>'
    yield f'<line x1="0" y1="{SIDE}" x2="{SIDE}" y2="0" stroke="#bbb"/>'
    for power in range(-5, 0):
        at = _at(10.0**power)
        yield f'<path d="M{at:.1f} 0V{SIDE}M0 {SIDE - at:.1f}H{SIDE}" stroke="#eee"/>'
        yield f'<text class="s" x="{at:.1f}" y="{SIDE + 10}" text-anchor="middle">1e{power}</text>'
    for name, bins in lines.items():
        yield from _dots(name, bins, colour_by_name[name])


def _dots(name: str, bins: Bins, colour: str) -> Iterator[str]:
    """Yield a line through the bins that tell something, and a dot for each with what it is made of as its title."""
    points = []
    for many, chances, wrong in bins:
        if not many or max(chances, wrong) < ENOUGH:
            continue
        x, y = _at(chances / many), SIDE - _at((wrong or 3) / many)
        title = f"{name}: of {many:.0f} said {chances:.1f} to be wrong, {wrong:.0f} were"
        points.append(f"{x:.1f},{y:.1f}")
        look = f'r="2.5" fill="{colour if wrong else "white"}" stroke="{colour}"'
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" {look}><title>{title}</title></circle>'
    if points:
        yield f'<polyline points="{" ".join(points)}" fill="none" stroke="{colour}"/>'


def _at(share: float) -> float:
    """Return where a share lies on an axis, in px."""
    return SIDE * (1 - log10(max(share, LEAST)) / log10(LEAST))
