"""Tracks get their crews: what people say of each car, the order of the field and crews on their own, weighed as one.

The field is read by field.py under the regimes that are possible: as the event says that crews come, or in an order
that only people know. How often cars of nobody's come, how many points a crew is seen at and how the lateness changes
from crew to crew are measured on the day and read again. Crews that come on their own are an assignment of their own
to the tracks that are not the field's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from centesimo.match.assignment import marginals
from centesimo.match.calm import find_calm
from centesimo.match.field import Columns, Crews, Headways, Reading, Regime, read
from centesimo.match.order import BETWEEN, BEYOND, STAMPED, ListOrder
from centesimo.match.parameters import (
    AHEAD_S,
    AWAY,
    BEHIND_S,
    BELIEF,
    BESIDE,
    CAME,
    DISORDER,
    EARLY_ASIDE,
    EARLY_LISTED,
    EARLY_S,
    EXCHANGE,
    HABIT,
    HABIT_WORTH,
    HARDLY,
    HEADWAY_S,
    IN_MINUTE,
    JOIN,
    KERNEL,
    KERNEL_SHARES,
    KERNEL_WORTH,
    KEYED,
    KNOWN_LATE,
    KNOWN_LATER,
    LOOKS,
    LOOKS_A_CREW,
    MINUTE_S,
    MINUTE_WORTH,
    MISS,
    MISS_WORTH,
    MISSING,
    MOST_CAME,
    MOST_KEYED,
    NOBODYS,
    ODD_CARS,
    OFF_COURSE_HZ,
    OUT,
    STRANGER_HZ,
    STRANGER_WORTH,
    UNEXPECTED_HZ,
    UNKNOWN_LATE,
    UNKNOWN_OWN,
    UNORDERED_ASIDE,
    UNTAKEN,
    Flags,
    Floats,
    Ints,
)
from centesimo.match.tracks import Tracks, seen_at
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
    """One chain's tracks and crews."""

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
        self.lists, self.nodes = list(lists.values()), list(lists)
        self.order = order
        self.at_s = tracks.opens_at_s
        self.members = tracks.seen.sum(1)
        span_s = max(float(np.ptp(crews.due_s)), 60.0)
        headways = self._headways(span_s / max(len(crews) - 1, 1))
        if len(tracks):
            span_s = max(span_s, float(np.ptp(self.at_s)))
        self.span_s = span_s
        word = "at control" if at_control and order != AS_THEY_COME else order
        self.kernel = Widths(Guess(KERNEL, KERNEL_SHARES[word], KERNEL_WORTH))
        is_ordered = order != AS_THEY_COME
        early = EARLY_LISTED[order]
        self.in_minute = IN_MINUTE.get(word, 0.0)
        self.regime = Regime(
            self.kernel, HABIT[word], early, EXCHANGE[word], is_ordered, headways, minute=self.in_minute
        )
        self._usual_classes(tracks.member.shape[1])
        self._count(self._looks() < NOBODYS)

    def _headways(self, due_s: float) -> Headways:
        """Return the usual time between two crews: `due_s` where the event says when they come, else the tracks'."""
        gaps_s = np.diff(self.at_s[self.members == self.members.max()]) if len(self.at_s) else np.zeros(0)
        if self.order != AS_THEY_COME or len(gaps_s) < 2:
            return Headways(due_s)
        return Headways(max(float(np.median(gaps_s)) / np.log(2), HEADWAY_S), gaps_s)

    def believe(self) -> Belief:
        """Return what is to be believed of each track."""
        if not len(self.tracks):
            empty = np.zeros(0)
            none = np.zeros(0, int)
            return Belief(none, none, empty, empty, np.zeros((0, len(self.crews.races))), self.kernel, 0.0)
        if not self.regime.ordered and not self.lists and not self.named.is_any:
            return self._unknown()
        reading = self._read()
        for _ in range(LOOKS):
            if not self._learn(reading):
                break
            reading = self._read()
        if not self.regime.ordered:
            reading = self._carefully(reading, self._columns(False))
        disordered = 1.0 if not self.regime.ordered else DISORDER[self.order]
        if self.regime.ordered and (self.lists or self.named.is_any) and self._is_contradicted(reading):
            unordered, weight = self._unordered()
            odds = np.exp(np.clip(weight - reading.log_z, -600, 600)) * disordered / (1 - disordered)
            disordered = float(odds / (1 + odds))
            reading = _mixed(reading, unordered, disordered)
        field_s = self._field_s(reading)
        belief = self._with_asides(reading, field_s, disordered)
        if self.regime.ordered and not self.lists and not self.named.is_any:
            belief.chances = belief.chances * (1 - self._doubt(belief, disordered))
        return belief

    def _unordered(self) -> tuple[Reading, float]:
        """Return the reading in an order that only people know, and its weight (log)."""
        ordered = self.regime
        columns = self._columns(False)
        self.regime = replace(ordered, ordered=False, by_due=HABIT[AS_THEY_COME])
        reading = read(columns, self.crews, self.regime, self.lists)
        if self.lists:
            self._learn_steps(reading)
            reading = read(columns, self.crews, self.regime, self.lists)
        weight = reading.log_z + self._order_weight(reading)
        reading = self._carefully(reading, columns)
        self.regime = ordered
        return reading, weight

    def _carefully(self, reading: Reading, columns: Columns) -> Reading:
        """Return a reading in no order that is no surer than it may be: cars of nobody's that look like crews shift it.

        Lists have no times: where such cars came, every line behind may go with the next car.
        """
        if not self.lists or not ((reading.nobody > 0.5) & (self._looks() > LOOKS_A_CREW)).any():
            return reading
        return read(columns, self.crews, replace(self.regime, belief=BELIEF), self.lists)

    def _order_weight(self, reading: Reading) -> float:
        """Return the log chance of the order in which crews came: each is the one that is due next, or any one."""
        best = np.full(len(self.at_s), -1)
        order = np.argsort(reading.chances, kind="stable")
        best[reading.tracks[order]] = reading.crews[order]
        crews = best[(best >= 0) & (reading.nobody < 0.5)]
        follows = self.crews.next[crews[:-1]] == crews[1:]
        share = (follows.sum() + 1) / (len(follows) + 2)
        return float(np.log(share * follows + (1 - share) / len(self.crews)).sum())

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
        """Take what is usual of tubes that miss cars: `self.missed` by point, `self.hz` of nobody's by points seen."""
        self.missed = np.full(points, MISS)
        self.count = np.bincount(self.members, minlength=points + 1).astype(float)
        expected = np.zeros(points + 1)
        come = (1 - self.crews.absent).sum()
        if self.lists:
            come = min(come, max(order.lines for order in self.lists))
        expected[points] = come * np.prod(1 - self.missed[1:-1])
        self.hz = self._rates(np.maximum(self.count - expected, 0.0))

    def _count(self, strange: Flags) -> None:
        """Take the passages that lists are held against: all but those of tracks that are `strange`, nobody's."""
        told = np.array([len(crews) > 0 for crews, _ in self.named.crews], bool) | (self.named.only >= 0)
        counts = told | ~strange
        self.listed = (self.tracks.seen & counts[:, None])[:, self.nodes]
        self.places, self.passages = _places(self.tracks, self.listed, self.nodes)

    def _looks(self) -> Floats:
        """Return the log weight of each track being a crew's, by what of it was seen and how it drove."""
        whole = seen_at(self.tracks.seen, self.missed) - np.log(self.hz[self.members])
        looks: Floats = whole + np.log(np.maximum(self.tracks.car, 1e-30))
        return looks

    def _rates(self, nobodies: Floats) -> Floats:
        points = len(nobodies) - 1
        prior_hz = np.full(points + 1, STRANGER_HZ)
        prior_hz[:2] = OFF_COURSE_HZ
        rates: Floats = (nobodies + STRANGER_WORTH) / (self.span_s + STRANGER_WORTH / prior_hz)
        return rates

    def _columns(self, ordered: bool) -> Columns:
        crew = np.minimum(self._looks(), 25.0) + self.named.crew
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
            self._stamped(),
            self.listed,
            self.places,
            self.passages,
            self.tracks.seen,
        )

    def _stamped(self) -> Ints:
        """Return by track and list whether its tube stamped the track."""
        seen = self.tracks.seen
        begun = np.maximum.accumulate(seen, 1) & np.maximum.accumulate(seen[:, ::-1], 1)[:, ::-1]
        stamped: Ints = np.where(seen, STAMPED, np.where(begun, BETWEEN, BEYOND))[:, self.nodes]
        return stamped

    def _learn(self, reading: Reading) -> bool:
        """Measure strangers, what tubes miss and the kernel by a reading; say whether it is worth reading again."""
        crew, seen = 1 - reading.nobody, self.tracks.seen
        before = np.concatenate([np.log(self.hz[1:]), np.log(self.missed)])
        points = np.arange(seen.shape[1])
        first, last = seen.argmax(1)[:, None], (seen.shape[1] - 1 - seen[:, ::-1].argmax(1))[:, None]
        inside = ((first < points) & (points < last)) * crew[:, None]
        self.missed = ((inside * ~seen).sum(0) + MISS * MISS_WORTH) / (inside.sum(0) + MISS_WORTH)
        by_class = np.bincount(self.members, crew, len(self.count))
        self.hz = self._rates(np.maximum(self.count - by_class, 0.0))
        after = np.concatenate([np.log(self.hz[1:]), np.log(self.missed)])
        if self.regime.ordered:
            self.kernel = self.kernel.fitted(self._steps(reading))
            moved = float(np.abs(np.log(self.kernel.shares + 0.02) - np.log(self.regime.kernel.shares + 0.02)).max())
            self.regime = replace(self.regime, kernel=self.kernel, minute=self._minute(reading))
        else:
            moved = 0.0
            self._learn_steps(reading)
        used = np.concatenate([self.count[1:] > 0, np.ones(len(self.missed), bool)])
        return bool(moved > 0.7 or np.abs(after - before)[used].max(initial=0) > 1.0)

    def _learn_steps(self, reading: Reading) -> None:
        """Measure how many crews that come in no due order are as late as the one ahead of them."""
        sure = np.flatnonzero(reading.chances > 0.9)
        order = sure[np.argsort(reading.tracks[sure], kind="stable")]
        late_s = self.at_s[reading.tracks[order]] - self.crews.due_s[reading.crews[order]]
        behind_s = np.diff(self.at_s[reading.tracks[order]])
        if not len(behind_s):
            return
        due = self.regime.by_due * self.kernel(np.diff(late_s))
        share = due / (due + (1 - self.regime.by_due) * self.regime.headways(behind_s))
        by_due = (share.sum() + HABIT_WORTH * HABIT[AS_THEY_COME]) / (len(share) + HABIT_WORTH)
        headways = Headways(self.regime.headways.usual_s, behind_s)
        self.regime = replace(self.regime, by_due=float(by_due), headways=headways)

    def _minute(self, reading: Reading) -> float:
        """Return which share of the crews that are sure came in their due minute."""
        if not self.in_minute:
            return 0.0
        sure = reading.chances > 0.9
        late_s = self.at_s[reading.tracks[sure]] - self.crews.due_s[reading.crews[sure]]
        there = float(((late_s >= 0) & (late_s < MINUTE_S)).sum())
        return (there + MINUTE_WORTH * self.in_minute) / (len(late_s) + MINUTE_WORTH)

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
        for written in self.lists:
            for crews in self.crews.races:
                rank = written.rank[crews]
                against += 3 * bool((np.diff(rank[np.isfinite(rank)]) < 0).any())
        return against > 2

    def _listed_aside(self, reading: Reading) -> Floats:
        """Return the log weight of the lists for (track, crew) on its own: its line stands where its car passed."""
        weight = np.zeros((len(self.at_s), len(self.crews)))
        likely = np.flatnonzero(reading.chances > 0.5)
        label = np.full(len(self.at_s), -1)
        label[reading.tracks[likely]] = reading.crews[likely]
        for number, written in enumerate(self.lists):
            rank, places = np.where(label >= 0, written.rank[label], np.nan), self.places[:, number]
            told = np.flatnonzero(np.isfinite(rank) & self.listed[:, number])
            if not len(told):
                continue
            told = told[np.argsort(places[told], kind="stable")]
            last = rank[told[np.clip(np.searchsorted(places[told], places, side="right") - 1, 0, None)]]
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

    def _doubt(self, belief: Belief, disordered: float) -> Floats:
        """Return of the chances, where times alone tell, how likely each is another crew's after all.

        A field as late as nothing told may be later by a place, the more so the more crews are missing, and cars too
        many; who comes on its own is told by who else is missing.
        """
        race = self.crews.race[belief.crews]
        came = np.bincount(belief.crews, belief.chances, len(self.crews))
        missing = (self.crews.absent < MISSING) & (came < 0.5)
        misleading = (belief.nobody > 0.5) & (self._looks() > LOOKS_A_CREW)
        odd = (missing.sum() + misleading.sum()) / (ODD_CARS * len(self.crews))
        late_s = self.at_s[belief.tracks] - self.crews.due_s[belief.crews] - belief.field_s[belief.tracks, race]
        is_own = np.abs(late_s) > AWAY * self.kernel.usual_s
        near = np.abs(late_s[:, None] - self.crews.before_s[belief.crews]) < AWAY * self.crews.wide_s
        is_own &= ~(near & (self.crews.was_late[belief.crews] > KNOWN_LATER)).any(1) & missing.any()
        known = self._is_known(belief.field_s)[belief.tracks, race]
        doubt = np.where(known, disordered, max(disordered, UNKNOWN_LATE * min(odd, 1.0)))
        found: Floats = np.where(is_own, np.maximum(doubt, UNKNOWN_OWN), doubt)
        return found

    def _is_known(self, field_s: Floats) -> Flags:
        """Return by track and race whether its field is as late as the event says, or as it was on the chain before."""
        usual_s = KNOWN_LATE * self.kernel.usual_s
        known = np.zeros(field_s.shape, bool)
        for race, before_s in enumerate(self.crews.late_s):
            near_s = min(usual_s, self.crews.interval_s[race])
            if self.crews.timed[race]:
                known[:, race] = np.abs(field_s[:, race]) < near_s
                if self.in_minute:
                    known[:, race] = (field_s[:, race] >= 0) & (field_s[:, race] < MINUTE_S)
            if before_s is not None:
                known[:, race] |= np.abs(field_s[:, race] - before_s) < near_s
        return known

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
        # A crew that hardly is out of the field is hardly here: no more than that chance is shared out.
        at_most = np.log(out)[None, :] - np.logaddexp(np.log(np.maximum(1 - out, 1e-12))[None, :], -weight)
        weight = np.where(out[None, :] < HARDLY, np.minimum(weight, at_most), weight)
        weight[named.only >= 0] = -np.inf
        if self.lists:
            weight[free < np.log(UNTAKEN)] = -np.inf
        rows, cols = np.nonzero(weight > -16.0)
        return rows, cols, np.exp(np.minimum(weight[rows, cols], 300.0))


def _places(tracks: Tracks, listed: Flags, nodes: Sequence[int]) -> tuple[Ints, list[int]]:
    """Return where each track's passage stands among those of each node, or the one ahead of it; how many there are."""
    places, passages = np.zeros((len(tracks), len(nodes)), int), []
    middle_s = np.nanmedian(tracks.at_s, axis=1) if len(tracks) else np.zeros(0)
    for column, node in enumerate(nodes):
        here = np.flatnonzero(listed[:, column])
        order = here[np.argsort(tracks.at_s[here, node], kind="stable")]
        places[:, column] = np.searchsorted(tracks.at_s[order, node], middle_s) - 1
        places[order, column] = np.arange(len(order))
        passages.append(len(order))
    return places, passages


def came(absent: Floats, lists: Mapping[int, ListOrder], tracks: Tracks, keyed: int) -> Floats:
    """Return the chance that each crew does not come, with what people wrote: a list has who came.

    `keyed`: at so many points people keyed; a crew that comes is seldom left out at one of them, or at more.
    """
    on = np.zeros(len(absent))
    for written in lists.values():
        on += np.isfinite(written.rank)
    unlisted = sum(written.unlisted for written in lists.values())
    weights = np.where(on > 0, CAME * np.minimum(on, MOST_CAME), unlisted)
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
