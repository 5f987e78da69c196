"""Tracks get their crews: what people say of each car, the order of the field and crews on their own, weighed as one.

The field is read by field.py under the regimes that are possible: as the event says that crews come, or in an order
that only people know. How often cars of nobody's come, how many points a crew is seen at and how the lateness changes
from crew to crew are measured on the day and read again. Crews that come on their own are an assignment of their own
to the tracks that are not the field's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import lgamma

import numpy as np

from centesimo.match.assignment import marginals
from centesimo.match.calm import find_calm
from centesimo.match.field import Columns, Crews, Reading, Regime, read
from centesimo.match.order import ListOrder
from centesimo.match.parameters import (
    AHEAD_S,
    BEHIND_S,
    BESIDE,
    CAME,
    DISORDER,
    EARLY_ASIDE,
    EARLY_S,
    EXCHANGE,
    HABIT,
    JOIN,
    KERNEL,
    KERNEL_SHARES,
    KERNEL_WORTH,
    KEYED,
    MOST_KEYED,
    OFF_COURSE_HZ,
    OUT,
    PARTIAL,
    PARTIAL_WORTH,
    STRANGER_HZ,
    STRANGER_WORTH,
    UNEXPECTED_HZ,
    UNORDERED_ASIDE,
    UNORDERED_CAR,
    Floats,
    Ints,
)
from centesimo.match.tracks import Tracks
from centesimo.match.widths import Guess, Widths
from centesimo.model.event import AS_THEY_COME


@dataclass
class Named:
    """What is known of each track without order and due times: weights (logs) against a car of nobody's."""

    crew: Floats  # of being a crew that nobody named
    nobody: Floats
    crews: list[tuple[Ints, Floats]]  # that people named, with the weight beside `crew`
    only: Ints  # whom a source or an official names, or -1

    @property
    def is_any(self) -> bool:
        """Say whether people named anybody."""
        return any(len(crews) for crews, _ in self.crews) or bool((self.only >= 0).any())


@dataclass
class Belief:
    """The chances of (track, crew), of nobody by track, and how late the field is at each track by race."""

    tracks: Ints
    crews: Ints
    chances: Floats
    nobody: Floats
    field_s: Floats  # tracks x races
    kernel: Widths
    is_disordered: float  # chance that the due order says nothing here


class Naming:
    """One chain's tracks and crews; `before_s`: how far each crew was from the field before, NaN if with it."""

    def __init__(
        self,
        tracks: Tracks,
        crews: Crews,
        named: Named,
        lists: Mapping[int, ListOrder],
        order: str,
        at_control: bool,
    ) -> None:
        self.tracks, self.crews, self.named = tracks, crews, named
        self.lists, self.listed = list(lists.values()), tracks.seen[:, list(lists)]
        self.order = order
        self.at_s = tracks.opens_at_s
        self.members = tracks.seen.sum(1)
        span_s = max(float(np.ptp(crews.due_s)), 60.0)
        self.headway_s = span_s / max(len(crews) - 1, 1)
        if len(tracks):
            span_s = max(span_s, float(np.ptp(self.at_s)))
        self.span_s = span_s
        word = "at control" if at_control and order != AS_THEY_COME else order
        self.kernel = Widths(Guess(KERNEL, KERNEL_SHARES[word], KERNEL_WORTH))
        self.regime = Regime(self.kernel, HABIT[word], EXCHANGE[word], order != AS_THEY_COME, self.headway_s)
        self._usual_classes(tracks.member.shape[1])

    def believe(self) -> Belief:
        """Return what is to be believed of each track."""
        if not len(self.tracks):
            empty = np.zeros(0)
            none = np.zeros(0, int)
            return Belief(none, none, empty, empty, np.zeros((0, len(self.crews.races))), self.kernel, 0.0)
        if not self.regime.ordered and not self.lists and not self.named.is_any:
            return self._unknown()
        reading = self._read()
        if self._learn(reading):
            reading = self._read()
        disordered = 1.0 if not self.regime.ordered else DISORDER[self.order]
        if self.regime.ordered and (self.lists or self.named.is_any) and self._is_contradicted(reading):
            other = replace(self.regime, ordered=False, by_due=0.0)
            unordered = read(self._columns(False), self.crews, other, self.lists)
            count = len(self.crews) if self.lists else 0  # every order is as likely as any other
            odds = (
                np.exp(np.clip(unordered.log_z - lgamma(count + 1) - reading.log_z, -600, 600))
                * disordered
                / (1 - disordered)
            )
            disordered = float(odds / (1 + odds))
            reading = _mixed(reading, unordered, disordered)
        elif self.regime.ordered and not self.lists and not self.named.is_any:
            reading.chances = reading.chances * (1 - disordered)
        field_s = self._field_s(reading)
        return self._with_asides(reading, field_s, disordered)

    def _read(self) -> Reading:
        columns = self._columns(self.regime.ordered)
        calm = find_calm(columns, self.crews, self.regime)
        return calm or read(columns, self.crews, self.regime, self.lists)

    def _unknown(self) -> Belief:
        """Return that nothing tells who anybody is."""
        none, size = np.zeros(0, int), len(self.at_s)
        lateness = np.full((size, len(self.crews.races)), np.nan)
        strange = np.where(self.members < self.tracks.member.shape[1], 0.9, 0.1)
        return Belief(none, none, np.zeros(0), strange, lateness, self.kernel, 1.0)

    def _usual_classes(self, points: int) -> None:
        """Take what is usual of how many points cars are seen at: `self.seen_at` by crew, `self.hz` of nobody."""
        count = np.bincount(self.members, minlength=points + 1).astype(float)
        usual = np.full(points + 1, PARTIAL / max(points - 1, 1))
        usual[points] = 1 - PARTIAL if points > 1 else 1.0
        usual[0] = 0.0
        self.usual_seen_at, self.count = usual, count
        expected = (1 - self.crews.absent).sum()
        more = np.maximum(count - expected * usual, 0.0)
        self.seen_at = usual
        self.hz = self._rates(more)

    def _rates(self, nobodies: Floats) -> Floats:
        points = len(nobodies) - 1
        prior_hz = np.full(points + 1, STRANGER_HZ)
        prior_hz[:2] = OFF_COURSE_HZ
        rates: Floats = (nobodies + STRANGER_WORTH) / (self.span_s + STRANGER_WORTH / prior_hz)
        return rates

    def _columns(self, ordered: bool) -> Columns:
        crew = np.log(self.seen_at[self.members] / self.hz[self.members]) + np.log(np.maximum(self.tracks.car, 1e-30))
        crew = np.minimum(crew, 25.0 if ordered else UNORDERED_CAR) + self.named.crew
        if ordered:  # crews that are still to come, and come early
            ahead = np.searchsorted(self.crews.due_s, [self.at_s + EARLY_S, self.at_s])
            aside = np.log(EARLY_ASIDE * (ahead[0] - ahead[1]) / EARLY_S + 1e-12)
        else:
            aside = np.full(len(self.at_s), np.log(UNORDERED_ASIDE * len(self.crews) / self.span_s))
        for track, (_, weights) in enumerate(self.named.crews):
            if ordered and len(weights):  # in no order at all, nobody is out of it
                aside[track] = np.logaddexp(aside[track], np.log(UNEXPECTED_HZ) + np.logaddexp.reduce(weights))
        aside += self.listed @ np.array([order.unlisted for order in self.lists]) if self.lists else 0.0
        return Columns(
            self.at_s,
            crew,
            self.named.nobody,
            self.named.crews,
            self.named.only,
            crew + aside,
            self.listed,
            self.members < self.tracks.member.shape[1],
        )

    def _learn(self, reading: Reading) -> bool:
        """Measure strangers, classes and the kernel by a reading; say whether it is worth reading again."""
        crew = 1 - reading.nobody
        by_class = np.bincount(self.members, crew, len(self.usual_seen_at))
        before = np.log(self.seen_at[1:] / self.hz[1:])
        self.seen_at = (by_class + PARTIAL_WORTH * self.usual_seen_at) / (by_class.sum() + PARTIAL_WORTH)
        self.hz = self._rates(np.maximum(self.count - by_class, 0.0))
        after = np.log(self.seen_at[1:] / self.hz[1:])
        if self.regime.ordered:
            steps_s = self._steps(reading)
            self.kernel = self.kernel.fitted(steps_s)
            moved = float(np.abs(np.log(self.kernel.shares + 0.02) - np.log(self.regime.kernel.shares + 0.02)).max())
            self.regime = replace(self.regime, kernel=self.kernel)
        else:
            moved = 0.0
        used = self.count[1:] > 0
        return bool(moved > 0.7 or np.abs(after - before)[used].max(initial=0) > 1.0)

    def _steps(self, reading: Reading) -> Floats:
        """Return how far crews that are sure keep from their field: from the middle of the four around them."""
        sure = np.flatnonzero(reading.chances > 0.9)
        order = sure[np.argsort(reading.tracks[sure], kind="stable")]
        late_s = self.at_s[reading.tracks[order]] - self.crews.due_s[reading.crews[order]]
        race = self.crews.race[reading.crews[order]]
        parts = []
        for number in range(len(self.crews.races)):
            own_s = late_s[race == number]
            if len(own_s) > 4:
                around = np.lib.stride_tricks.sliding_window_view(own_s, 5)
                parts.append(own_s[2:-2] - np.median(around[:, [0, 1, 3, 4]], 1))
        return np.concatenate(parts) if parts else np.zeros(0)

    def _is_contradicted(self, reading: Reading) -> bool:
        """Say whether what people wrote disagrees with a reading at more places than one slip makes."""
        best = np.full(len(self.at_s), -1)
        order = np.argsort(reading.chances, kind="stable")
        best[reading.tracks[order]] = reading.crews[order]
        likely = np.zeros(len(self.at_s))
        likely[reading.tracks[order]] = reading.chances[order]
        against = 0
        for track, (crews, weights) in enumerate(self.named.crews):
            if len(crews) and weights.max() > 3 and (likely[track] < 0.5 or crews[weights.argmax()] != best[track]):
                against += 1
        path = best[likely > 0.5]
        for written in self.lists:
            rank = written.rank[path]
            rank = rank[np.isfinite(rank)]
            steps = np.diff(rank)
            against += int(((steps < 0) | (steps > 4)).sum())
        return against > 2

    def _listed_aside(self, reading: Reading) -> Floats:
        """Return the log weight of the lists for (track, crew) on its own: its line stands where its car passed."""
        weight = np.zeros((len(self.at_s), len(self.crews)))
        likely = np.flatnonzero(reading.chances > 0.5)
        label = np.full(len(self.at_s), -1)
        label[reading.tracks[likely]] = reading.crews[likely]
        for number, written in enumerate(self.lists):
            rank = np.where(label >= 0, written.rank[label], np.nan)
            told = np.flatnonzero(np.isfinite(rank))
            if not len(told):
                continue
            last = rank[told[np.clip(np.searchsorted(told, np.arange(len(rank)), side="right") - 1, 0, None)]]
            off = np.abs(written.rank[None, :] - last[:, None] - 0.5)
            here = np.where(np.isnan(off), written.unlisted, np.where(off < BESIDE, 0.0, written.astray))
            weight += np.where(self.listed[:, number][:, None], here, 0.0)
        return weight

    def _field_s(self, reading: Reading) -> Floats:
        """Return how late each race's field is at each track: the middle of five crews that are likely."""
        found = np.full((len(self.at_s), len(self.crews.races)), np.nan)
        likely = np.flatnonzero(reading.chances > 0.8)
        order = likely[np.argsort(reading.tracks[likely], kind="stable")]
        tracks, crews = reading.tracks[order], reading.crews[order]
        late_s = self.at_s[tracks] - self.crews.due_s[crews]
        for number in range(len(self.crews.races)):
            part = self.crews.race[crews] == number
            if not part.any():
                continue
            its, lates = tracks[part], late_s[part]
            padded = np.concatenate([np.repeat(lates[0], 2), lates, np.repeat(lates[-1], 2)])
            middle = np.median(np.lib.stride_tricks.sliding_window_view(padded, 5), 1)
            place = np.clip(np.searchsorted(its, np.arange(len(self.at_s))), 0, len(its) - 1)
            found[:, number] = middle[place]
        return found

    def _with_asides(self, reading: Reading, field_s: Floats, disordered: float) -> Belief:
        """Return the belief with crews that come on their own, among the tracks that are not surely the field's."""
        size = len(self.at_s), len(self.crews)
        in_field = np.bincount(reading.crews, reading.chances, size[1])
        columns = self._columns(self.regime.ordered)
        nobody = np.maximum(reading.nobody, 1e-300)
        whole = np.bincount(reading.tracks, reading.chances, size[0]) + nobody
        free = np.log(nobody / whole)
        rows, cols, odds = self._asides(reading, columns, field_s, free, np.clip(1 - in_field, 1e-12, 1.0))
        chances = marginals(rows, cols, odds, *size)
        by_track, by_crew = np.bincount(rows, chances, size[0]), np.bincount(cols, chances, size[1])
        kept = np.minimum(reading.chances / whole[reading.tracks], 1.0)
        keys: Ints
        keys, place = np.unique(
            np.concatenate([reading.tracks * size[1] + reading.crews, rows * size[1] + cols]), return_inverse=True
        )
        aside = np.bincount(place[len(kept) :], chances, len(keys))
        kept = np.bincount(place[: len(kept)], kept, len(keys)).astype(float)
        tracks, crews = keys // size[1], keys % size[1]
        kept *= np.clip(1 - by_crew[crews] + aside, 0, 1) * np.clip(1 - by_track[tracks] + aside, 0, 1)
        chances = kept + aside * np.clip(1 - kept, 0, 1)
        unclaimed = reading.aside * np.clip(1 - by_track, 0, 1)
        chances *= 1 - unclaimed[tracks]
        nobody = np.maximum(1 - np.bincount(tracks, chances, size[0]), 1e-12)
        return Belief(tracks, crews, chances, nobody, field_s, self.kernel, disordered)

    def _asides(
        self, reading: Reading, columns: Columns, field_s: Floats, free: Floats, out: Floats
    ) -> tuple[Ints, Ints, Floats]:
        """Return (track, crew, odds) of crews on their own, against the track being the field's or nobody's."""
        crews, named = self.crews, self.named
        late_s = self.at_s[:, None] - crews.due_s[None, :]
        own_s = late_s - np.nan_to_num(field_s[:, crews.race])
        hz = crews.own_hz(np.broadcast_to(np.arange(len(crews)), own_s.shape), own_s)
        hz[(late_s < -AHEAD_S) | (late_s > BEHIND_S)] = UNEXPECTED_HZ / len(crews)
        weight = columns.crew[:, None] - columns.nobody[:, None] + np.log(hz + 1e-15)
        for track, (who, bonus) in enumerate(named.crews):
            weight[track, who] += bonus
        weight += self._listed_aside(reading)
        weight += free[:, None] + np.log(out / np.clip(crews.absent, 1e-6, 1))[None, :]
        if not self.regime.ordered:
            weight = weight + np.log(0.01)
        weight[named.only >= 0] = -np.inf
        rows, cols = np.nonzero(weight > -16.0)
        return rows, cols, np.exp(np.minimum(weight[rows, cols], 300.0))


def came(absent: Floats, lists: Mapping[int, ListOrder], tracks: Tracks, keyed: int) -> Floats:
    """Return the chance that each crew does not come, with what people wrote: a list has who came.

    `keyed`: at so many points people keyed; a crew that comes is seldom left out at one of them, or at more.
    """
    weights = np.zeros(len(absent))
    for written in lists.values():
        weights += np.where(np.isfinite(written.rank), CAME, written.unlisted)
    if tracks.crew.any():
        named = np.full(len(absent), -np.inf)
        for weight_by_crew in tracks.named:
            for who, weight in weight_by_crew.items():
                named[who] = max(named[who], weight)
        weights += np.where(named > JOIN, CAME, np.log(1 - KEYED) * min(keyed, MOST_KEYED))
    odds = absent / (1 - absent) * np.exp(-np.clip(weights, -40, 2 * CAME))
    chances: Floats = np.clip(odds / (1 + odds), 1e-9, OUT)
    return np.where(absent > 0.9999, absent, chances)


def _mixed(ordered: Reading, unordered: Reading, share: float) -> Reading:
    """Return both readings together."""
    return Reading(
        ordered.log_z,
        np.concatenate([ordered.tracks, unordered.tracks]),
        np.concatenate([ordered.crews, unordered.crews]),
        np.concatenate([ordered.chances * (1 - share), unordered.chances * share]),
        ordered.nobody * (1 - share) + unordered.nobody * share,
        ordered.aside * (1 - share) + unordered.aside * share,
    )
