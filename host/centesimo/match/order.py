"""Marshals' lists as orders: which number follows which on a list, and how likely lines are left out or misread.

What a state remembers of a list is the line that was read last, and in quarters of a line how it was come to:
0 by the next line, SKIPPED over a line that is still to come if two cars were written in the other order, LOOSE where
crews came since then that have no line.
"""

from collections.abc import Mapping

import numpy as np

from centesimo.match.parameters import (
    BEFORE,
    ELSEWHERE,
    EXCHANGED,
    LEFT_OUT,
    ONWARD_LINES,
    UNLISTED,
    WRONG_LINE,
    Floats,
    Ints,
)
from centesimo.model.facts import MarshalList

SKIPPED, LOOSE = 0.25, 0.5
LINES = 32  # that the table of steps reaches either way


class ListOrder:
    """One list: each crew's line, and what a step from line to line is worth (logs)."""

    def __init__(
        self, written: MarshalList, index_by_number: Mapping[int, int], crews: int, slips: float = WRONG_LINE
    ) -> None:
        self.rank = np.full(crews, np.nan)
        self.second = np.full(crews, np.nan)  # a second line with the same number
        for place, line in enumerate(written.lines, 1):
            who = index_by_number.get(line.start_number)
            if who is not None:
                (self.rank if np.isnan(self.rank[who]) else self.second)[who] = place
        self.is_doubled = bool(np.isfinite(self.second).any())
        self.lines = max(len(written.lines), 1)
        self.unlisted = float(np.log(UNLISTED + slips))
        self.astray = float(np.log(slips / self.lines))
        self.table = _table(slips, self.lines)

    def weigh(self, last: Floats, crews: Ints, here: bool) -> Floats:
        """Return the log weight of a crew coming after what was read last; `here`: the list's tube stamped its car."""
        rank = self.rank[crews]
        weight = self._step(rank - last)
        if self.is_doubled:
            weight = np.fmax(weight, self._step(self.second[crews] - last))
        if here:
            return np.where(np.isnan(weight), self.unlisted, weight)
        return np.where(np.isnan(weight) | (rank == np.floor(last)), 0.0, np.maximum(weight, ELSEWHERE))

    def near(self, last: Floats) -> Ints:
        """Return the crews whose lines are near to what was read last by some states."""
        first, final = np.floor(last.min()) - BEFORE, last.max() + ONWARD_LINES
        return np.flatnonzero(
            ((self.rank >= first) & (self.rank <= final)) | ((self.second >= first) & (self.second <= final))
        )

    def end(self, last: Floats) -> Floats:
        """Return the log weight of nobody coming after what was read last."""
        return np.minimum(self._step(np.minimum(self.lines + 1 - np.floor(last), LINES - 1)), 0.0)

    def after(self, last: Floats, crews: Ints) -> Floats:
        """Return what is read last once a crew has come."""
        rank = self.rank[crews]
        if self.is_doubled:
            second = self.second[crews]
            rank = np.where(np.abs(second - last - 1) < np.abs(rank - last - 1), second, rank)
        before = np.floor(last)
        step = rank - before
        exchanged = (step == -1) & (last % 1 == SKIPPED)
        rank = np.where(exchanged | (step == 0), before, np.where(step == 2, rank + SKIPPED, rank))
        return np.where(np.isnan(rank), before + LOOSE, rank)

    def _step(self, lines: Floats) -> Floats:
        quarter = np.clip(np.nan_to_num(4 * lines, nan=0.0), -4 * LINES, 4 * LINES).astype(int) + 4 * LINES
        return np.where(np.isnan(lines), np.nan, self.table[quarter])


def _table(slips: float, lines: int) -> Floats:
    """Return the log weight of each step, in quarters of a line, from -LINES to LINES lines."""
    table = np.full(8 * LINES + 1, slips / lines)
    for step in range(1, LINES):
        weight = (1 - slips) * LEFT_OUT ** (step - 1)
        place = 4 * (LINES + step)
        table[place] += weight  # from a line to the one so many further on
        table[place - 1] += weight  # the same, when a line was skipped before it
        table[place - 2] += 0.5 * weight  # a crew between has no line: none was written
        if place + 2 < len(table):
            table[place + 2] += 0.5 * weight  # or it was misread
    table[4 * LINES - 5] += EXCHANGED  # back to the line that was skipped
    table[4 * LINES] = (slips / lines) ** 2
    return np.asarray(np.log(table), float)
