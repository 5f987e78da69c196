"""Marshals' lists as orders: which number follows which on a list, and how likely lines are left out or misread.

What a state remembers of a list is by how many lines it is ahead of the passages at its point, and in quarters of a
line how it was come to: 0 by the next line, SKIPPED over a line that is still to come if two cars were written in the
other order, LOOSE where crews came since then that have no line.
"""

from collections.abc import Mapping

import numpy as np

from centesimo.match.parameters import (
    BEFORE,
    ELSEWHERE,
    EXCHANGED,
    FARTHEST,
    LEFT_OUT,
    LINES_WORTH,
    MISSED_AGAIN,
    ONWARD_LINES,
    UNLISTED,
    UNTOLD,
    WRONG_LINE,
    Floats,
    Ints,
)
from centesimo.model.facts import MarshalList

SKIPPED, LOOSE = 0.25, 0.5
LINES = 32  # that the table of steps reaches either way


Seen = int
STAMPED, BETWEEN, BEYOND = 0, 1, 2  # whether a tube stamped a track: if not, it did so before and behind, or not


class ListOrder:
    """One list: each crew's line, and what each way from line to line is worth (logs).

    `lead`: how many lines the list is ahead of the passages, in lines: the line that was read last, less the place of
    its passage among all at the list's point. It stays as it is from crew to crew, in whatever order cars passed the
    chain's first point; a passage that is nobody's lowers it by one, a line whose car made no passage raises it.
    """

    def __init__(self, written: MarshalList, index_by_number: Mapping[int, int], crews: int) -> None:
        self.rank = np.full(crews, np.nan)
        self.second = np.full(crews, np.nan)  # a second line with the same number
        for place, line in enumerate(written.lines, 1):
            who = index_by_number.get(line.start_number)
            if who is not None:
                (self.rank if np.isnan(self.rank[who]) else self.second)[who] = place
        told = np.isfinite(self.rank).sum()  # any other line has a number that is none, or one again
        slips = (len(written.lines) - told + LINES_WORTH * WRONG_LINE) / (len(written.lines) + LINES_WORTH)
        self.is_doubled = bool(np.isfinite(self.second).any())
        self.lines = max(len(written.lines), 1)
        self.unlisted = float(np.log(UNLISTED + slips))
        self.astray = float(np.log(slips / self.lines))
        self.table = _table(slips, self.lines)

    def weigh(self, lead: Floats, crews: Ints, place: float, counted: bool, seen: Seen) -> Floats:
        """Return the log weight of a crew making the passage at `place`.

        Not `counted`: its passage has no place among those that may be on the list, it is behind the one at `place`. A
        crew that the list has passed the tube, whether that stamped it or not.
        """
        rank = self.rank[crews]
        weight = self._step(rank - place - lead + counted)
        if self.is_doubled:
            weight = np.fmax(weight, self._step(self.second[crews] - place - lead + counted))
        if seen == STAMPED:
            return np.where(np.isnan(weight), self.unlisted, weight)
        missed, unlisted = (0.0, self.unlisted) if seen == BETWEEN else (float(np.log(MISSED_AGAIN)), 0.0)
        return np.where(np.isnan(weight), unlisted, np.maximum(weight, ELSEWHERE) + missed)

    def near(self, lead: Floats, place: float) -> Ints:
        """Return the crews whose lines are near to what some states read at a place."""
        first, final = np.floor(lead.min()) + place - BEFORE, lead.max() + place + ONWARD_LINES
        return np.flatnonzero(
            ((self.rank >= first) & (self.rank <= final)) | ((self.second >= first) & (self.second <= final))
        )

    def left(self, lead: Floats, passages: int) -> Floats:
        """Return the log weight of no more crews: lines are left behind all passages."""
        left: Floats = np.maximum(self.lines + 1 - passages - np.floor(lead), 0.0)
        return float(np.log(LEFT_OUT)) * left

    def after(self, lead: Floats, crews: Ints, place: float, here: bool) -> Floats:
        """Return how many lines the list is ahead once a crew has made the passage at `place`."""
        rank = self.rank[crews] - place
        if self.is_doubled:
            second = self.second[crews] - place
            rank = np.where(np.abs(second - lead) < np.abs(rank - lead), second, rank)
        before = np.floor(lead)
        off = rank - before - (not here)
        exchanged = (off == -2) & (lead % 1 == SKIPPED)
        is_far = np.isnan(off) | (off < -1) | (off > FARTHEST)
        kept = before - 1 + LOOSE if here else lead
        return np.where(exchanged, before - 1, np.where(is_far, kept, np.where(off == 1, rank + SKIPPED, rank)))

    def _step(self, lines: Floats) -> Floats:
        quarter = np.clip(np.nan_to_num(4 * lines, nan=0.0), -4 * LINES, 4 * LINES).astype(int) + 4 * LINES
        return np.where(np.isnan(lines), np.nan, self.table[quarter])


def _table(slips: float, lines: int) -> Floats:
    """Return the log weight of each step, in quarters of a line, from -LINES to LINES lines; 1 is as it should be."""
    table = np.full(8 * LINES + 1, slips / lines)
    for step in range(1, LINES):
        weight = (1 - slips) * LEFT_OUT ** (step - 1)
        place = 4 * (LINES + step)
        table[place] += weight  # so many lines less one have no passage
        table[place - 1] += weight  # the same, when a line was skipped before it
        table[place - 2] += 0.5 * weight  # a crew between has no line: none was written
        if place + 2 < len(table):
            table[place + 2] += 0.5 * weight  # or it was misread
    table[4 * LINES - 5] += EXCHANGED  # back to the line that was skipped
    table[4 * LINES] += UNTOLD  # a passage between is nobody's
    return np.asarray(np.log(table), float)
