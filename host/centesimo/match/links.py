"""Passages of a chain become tracks: the passages of one car from point to point, told by the ideal times alone.

Minus the ideal time to its point, every passage of a car falls near the same instant: crews leave it by hundredths or a
second or two. Going from point to point, each track takes the passage nearest to it when no other is near enough to
be mistaken; the rest is weighed exactly, over all ways to pair them (a track may end, a passage may be new).
"""

from collections.abc import Sequence
from math import sqrt
from operator import attrgetter, itemgetter
from statistics import fmean
from typing import NamedTuple, Self

import numpy as np

from centesimo.match.gaps import Gaps, relative_gaps
from centesimo.match.model import GHOST_HZ, STRAY_HZ
from centesimo.match.nearest import nearest_of
from centesimo.match.pairing import pairing
from centesimo.match.spread import WINDOW_S, Spread
from centesimo.model.facts import Passage

SURE = 0.999  # a first passage that is linked less surely may be a ghost
SINGLE, AXLES = 0.02, 2.0  # how much less likely a car makes a single edge than a ghost does, and likelier two axles
MISS = 0.01  # a car's passage that is not there
USUAL = 2.0  # what is usual counts as much as so many of a chain's own ghosts, and missing pulses
MISSED_AGAIN = 0.3  # a car missed at one point is missed at the next
CLEAR = 1000.0  # how much likelier than any other a pair must be to be taken without weighing all
FAINT = 1e-4  # a pair less likely than this is none

# (row, or -1 for none; how sure that is; density of the deviation; chance of each row, or None: this is the only one)
Pair = tuple[int, float, float, dict[int, float] | None]
NEW: Pair = (-1, 0.0, 0.0, None)  # a passage that no track can have come to


class Track:
    """Passages of one car along a chain.

    members  the passage at each node (index of the chain's points) where it was seen
    ats      the instant of each, minus its ideal time, in s after the chain's base
    at_s     that of the first; of the second, if it tells it
    last_s   that of the last
    last_node  the node of its last passage
    anchor   the node whose passage tells at_s
    sure     by node: how sure the clear links are by which this passage is the same car's as that one
    came     by node: the chance of each track, where it is not clear by which one the car came there
    car      how much likelier this is one car on this chain than passages of nobody
    number   the start number that a source names, or None
    second   the node and instant of the second passage, if the first may well be a ghost, or None
    gap      its axle gaps, in the mean (gaps.py), or None
    gaps     those by node
    """

    __slots__ = (
        "anchor",
        "at_s",
        "ats",
        "came",
        "car",
        "gap",
        "gaps",
        "last_node",
        "last_s",
        "members",
        "missed",
        "number",
        "second",
        "sure",
    )

    def __init__(self, node: int, at_s: float, passage: Passage, gap: float | None) -> None:
        self.members = {node: passage}
        self.last_node = node
        self.sure = {node: 1.0}
        self.came: dict[int, dict[Track, float]] = {}
        self.anchor = node
        self.at_s = self.last_s = at_s
        self.ats = {node: at_s}
        self.missed = 0
        self.car = is_car(passage)
        self.number = passage.start_number
        self.second: tuple[int, float] | None = None
        self.gap = gap
        self.gaps = {} if gap is None else {node: gap}

    @property
    def first_node(self) -> int:
        """The node of its first passage."""
        return next(iter(self.members))

    def firsts(self) -> list[tuple[float, float]]:
        """Return (chance, instant) of each first passage that its car may have had, its own first, or none last.

        Empty where its own is sure.
        """
        its = self.came.get(self.second[0], {}) if self.second else {}
        if self not in its or not self.second:
            return []
        node, at_s = self.second
        rivals = [(chance, one.at_s) for one, chance in its.items() if one is not self and node not in one.members]
        left = max(0.0, 1 - sum(its.values()))
        return [(its[self], self.at_s), *rivals, (left, at_s)]

    def weigh_first(self, same: float, none: float) -> None:
        """Take how likely its first passage is its car's, by all that is known, and that it had none."""
        if self.second and none > same:
            self.anchor, self.at_s = self.second
            self.came[self.anchor] = {self: same}
        else:
            self.sure[self.first_node] = same

    @property
    def anchor_gap(self) -> float | None:
        """Its axle gaps in the mean, as far as they are surely those of the car that the due times tell."""
        if not self.came and self.anchor == self.first_node:
            return self.gap
        its = [gap for node, gap in self.gaps.items() if self.is_told(node)]
        return fmean(its) if its else None

    def is_told(self, node: int) -> bool:
        """Say whether its car at a node is the one that the due times tell: no unclear link lies between."""
        return node >= self.anchor and not any(self.anchor < other <= node for other in self.came)

    def contradicts(self, passage: Passage) -> bool:
        """Say whether a passage is named for another car."""
        return None not in (self.number, passage.start_number) and self.number != passage.start_number

    def add(self, node: int, at_s: float, passage: Passage, pair: Pair, gap: float | None) -> None:
        """Take the passage at a further node."""
        _, sure, weight, rows = pair
        before = self.last_node
        if len(self.members) == 1 and sure < SURE:
            self.second = node, at_s
        self.sure[node] = self.sure[before] * (sure if rows is None else 1.0)
        self.members[node] = passage
        self.last_node = node
        self.last_s = self.ats[node] = at_s
        self.missed = 0
        if sure >= SURE:
            self.number = self.number or passage.start_number
        self.car = min(self.car * weight / GHOST_HZ, 1e12)
        if gap is not None:
            self.gaps[node] = gap
            self.gap = sum(self.gaps.values()) / len(self.gaps)

    def leave(self, node: int) -> Self:
        """Return a track of its own for a passage that is not this car's."""
        gap = self.gaps.pop(node, None)
        self.gap = fmean(self.gaps.values()) if self.gaps else None
        del self.sure[node]
        ghost = type(self)(node, self.ats.pop(node), self.members.pop(node), gap)
        self.last_node = next(reversed(self.members), node)
        self.came.pop(node, None)
        return ghost


class Rates(NamedTuple):
    """How often tubes err on a chain."""

    ghost_hz: float = GHOST_HZ  # single passages of nobody a second
    miss: float = MISS  # a car's pulse is missing, per passage

    @classmethod
    def measured(cls, tracks: Sequence[Track], nodes: int) -> Self:
        """Return what the tracks of a chain say beside what is usual; of two points they cannot say which one errs."""
        if nodes < 3 or not tracks:
            return cls()
        cars = [track for track in tracks if len(track.members) > 1]
        holes = sum(track.last_node - track.first_node + 1 - len(track.members) for track in cars)
        places = sum(track.last_node - track.first_node - 1 for track in cars)
        seconds = (nodes - 1) * (tracks[-1].at_s - tracks[0].at_s)
        ghosts = sum(len(track.members) == 1 and track.first_node > 0 for track in tracks)  # at the first, it may stop
        return cls((ghosts + USUAL) / (seconds + USUAL / GHOST_HZ), (holes + USUAL) / (places + USUAL / MISS))


USUALLY = Rates()


def is_unclear(tracks: Sequence[Track]) -> bool:
    """Say whether any passage of the tracks may be another car's, or nobody's, by the ideal times."""
    return any(track.came for track in tracks)


def is_car(passage: Passage) -> float:
    """Return how much likelier a passage looks as it does when it is a car than when it is nobody."""
    if "single edge" in passage.flags:
        return SINGLE
    return 1.0 if passage.axle_ns is None else AXLES


def link(
    nodes: Sequence[Sequence[tuple[float, Passage]]], spreads: Sequence[Spread], gaps: Gaps, rates: Rates = USUALLY
) -> list[Track]:
    """Return the tracks, by their first instant; `nodes` gives (s since the base minus the ideal time, passage).

    `gaps` learns from the clear links how alike a car's axle gaps are.
    """
    tracks: list[Track] = []
    for node, columns in enumerate(nodes):
        rows = sorted((track for track in tracks if track.missed <= 2), key=attrgetter("last_s"))
        gap_by_column = relative_gaps([passage for _, passage in columns])
        pairs = _pairs(rows, columns, spreads[node], gaps, gap_by_column, rates)
        for track in rows:
            track.missed += 1
        for column, (at_s, passage) in enumerate(columns):
            pair = pairs.get(column, NEW)
            if pair[0] >= 0:
                track = rows[pair[0]]
                track.add(node, at_s, passage, pair, gap_by_column[column])
            else:
                track = Track(node, at_s, passage, gap_by_column[column])
                tracks.append(track)
            if pair[3]:
                track.came[node] = {rows[row]: chance for row, chance in pair[3].items()}
    for track in tracks:
        _settle(track)
        track.car *= MISS ** sqrt(len(nodes) - len(track.members))
    return sorted(tracks, key=attrgetter("at_s"))


def _settle(track: Track) -> None:
    """Weigh again by which track a car came, now that it is known which tracks went on."""
    last = track.last_node
    for node, its in list(track.came.items()):
        if len(track.members) == 1:  # no car came to it that was seen on its own track further on
            its = {one: chance for one, chance in its.items() if one.last_node <= node}
        elif node < last:  # a ghost does not go on
            whole = sum(its.values())
            whole += (1 - whole) * STRAY_HZ / GHOST_HZ
            its = {one: chance / whole for one, chance in its.items()}
        track.came[node] = its
        if not its:
            del track.came[node]


def _pairs(
    rows: list[Track],
    columns: Sequence[tuple[float, Passage]],
    density: Spread,
    gaps: Gaps,
    gap_by_column: Sequence[float | None],
    rates: Rates,
) -> dict[int, Pair]:
    """Return the pair of each column that has one, or that may have one."""
    found, open_rows, open_columns = _clear_pairs(rows, columns, density, rates)
    for column, pair in found.items():
        gaps.add(rows[pair[0]].gap, gap_by_column[column])
    for some_rows, some_columns in _clusters(rows, columns, open_rows, open_columns):
        tracks = [rows[row] for row in some_rows]
        weights = [
            {
                column: weight * gaps.alike(track.gap, gap_by_column[column])
                for column, weight in _weights(track, columns, some_columns, density, rates).items()
            }
            for track in tracks
        ]
        chances = pairing(weights, [_ends(track, rates) for track in tracks])
        for column in some_columns:
            came = {row: its[column] for row, its in zip(some_rows, chances, strict=True) if its.get(column, 0) > FAINT}
            if came:
                found[column] = (-1, 0.0, 0.0, came)
        for row, its, weight in zip(some_rows, chances, weights, strict=True):
            column, sure = max(its.items(), key=itemgetter(1))
            if column >= 0 and sure > found[column][1]:
                found[column] = (row, sure, weight[column] * rates.ghost_hz, found[column][3])
    return found


def _weights(
    track: Track, columns: Sequence[tuple[float, Passage]], some: Sequence[int], density: Spread, rates: Rates
) -> dict[int, float]:
    """Return for some columns how much likelier they are the track's next passage than nobody's."""
    found = {}
    for column in some:
        at_s, passage = columns[column]
        weight = density(at_s - track.last_s) * is_car(passage)
        if weight and not track.contradicts(passage):
            found[column] = weight / rates.ghost_hz
    return found


def _ends(track: Track, rates: Rates) -> float:
    """Return how likely a track is not seen at the next point."""
    if track.missed:
        return MISSED_AGAIN
    return 1.0 if len(track.members) == 1 and track.car < 1 else 2 * rates.miss


def _clear_pairs(
    rows: list[Track], columns: Sequence[tuple[float, Passage]], density: Spread, rates: Rates
) -> tuple[dict[int, Pair], list[int], list[int]]:
    """Pair what is nearest to each other and far from all else; return those and what is left."""
    found: dict[int, Pair] = {}
    if rows and columns:
        row_ats = [row.last_s for row in rows]
        column_ats = [at_s for at_s, _ in columns]
        of_rows = nearest_of(column_ats, row_ats, density.ideals_s)
        of_columns = nearest_of(row_ats, column_ats, [-ideal_s for ideal_s in density.ideals_s])
        mutual = np.flatnonzero(of_rows.places[of_columns.places] == np.arange(len(columns)))
        its_rows = of_columns.places[mutual]
        weights = density.all_at(of_columns.aways_s[mutual])
        others = density.all_at(np.minimum(of_columns.nexts_s[mutual], of_rows.nexts_s[its_rows]))
        for column, row, weight, other in zip(mutual.tolist(), its_rows.tolist(), weights, others, strict=True):
            track, passage = rows[row], columns[column][1]
            if passage.start_number is not None and track.contradicts(passage):
                continue
            weight = weight * is_car(passage) * (track.car if track.car < 1.0 else 1.0)
            if weight > CLEAR * other and weight > CLEAR * rates.ghost_hz:
                found[column] = (row, weight / (weight + other), weight, None)
    taken = {pair[0] for pair in found.values()}
    open_rows = [row for row in range(len(rows)) if row not in taken]
    return found, open_rows, [column for column in range(len(columns)) if column not in found]


def _clusters(
    rows: list[Track], columns: Sequence[tuple[float, Passage]], open_rows: list[int], open_columns: list[int]
) -> list[tuple[list[int], list[int]]]:
    """Return what is left, cut where there is nothing within reach."""
    ends = [(rows[row].last_s, 0, row) for row in open_rows]
    ends += [(columns[column][0], 1, column) for column in open_columns]
    found: list[tuple[list[int], list[int]]] = []
    last_s = None
    for at_s, side, index in sorted(ends):
        if last_s is None or at_s - last_s > WINDOW_S / 4:
            found.append(([], []))
        found[-1][side].append(index)
        last_s = at_s
    return [one for one in found if one[0] and one[1]]
