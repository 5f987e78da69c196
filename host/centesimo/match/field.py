"""Who comes in what order: the tracks of a chain, in order of time, read as its crews by a hidden Markov model.

A state is the crew that came last, when it came, and what was read last on each list. The next track is the next crew
of the regime's order, one further on (those between are absent or come on their own), one of two that have exchanged
their places, or nobody of the field. All ways are weighed forwards and backwards, so the chances are exact but for
states that are e^-REACH as likely as the best or that do not fit into MOST_STATES.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from centesimo.match.order import STAMPED, ListOrder
from centesimo.match.parameters import (
    AGAIN,
    AS_BEFORE,
    AS_LATE,
    ASIDE,
    CLOSES,
    CLOSES_PLACES,
    CLOSES_S,
    EARLY_FIELD,
    ESCORTS,
    FOLLOW,
    GAPS_S,
    GAPS_WORTH,
    HEADWAY_TAIL,
    JUMP,
    JUMPED,
    LATE,
    LATE_S,
    LATE_SHARE,
    LEVELS,
    LITTLE_S,
    MINUTE_S,
    MOST_STATES,
    NEAR,
    ON_TIME,
    ON_TIME_S,
    ONWARD,
    OWN_EARLY,
    OWN_LATE,
    REACH,
    Flags,
    Floats,
    Ints,
)
from centesimo.match.widths import Widths


@dataclass
class Crews:
    """The crews of a chain by due time."""

    due_s: Floats
    race: Ints
    absent: Floats  # chance that it does not come at all
    aside: Floats  # chance that it comes, but on its own
    late_s: list[float | None]  # by race: how late its field was on the chain before
    timed: list[bool]  # by race: the event says when its crews are due
    before_s: Floats  # crews x ways: how much later than its field each may have been on the chain before
    was_late: Floats  # how likely each of these is, 0 where there is none; together 1 at most
    wide_s: float  # how exactly that is known
    next: Ints = field(init=False)  # of each, the next of its race that is expected
    before: Ints = field(init=False)  # of each, the one before it that is expected

    def __post_init__(self) -> None:
        self.skip = np.log(np.clip(self.absent + self.aside, 1e-9, 1 - 1e-9))
        self.come = np.log(np.clip(1 - self.absent, 1e-9, 1.0))
        self.races = [np.flatnonzero(self.race == number) for number in range(len(self.late_s))]
        self.interval_s = [
            max(float(np.median(np.diff(self.due_s[crews]))), 1.0) if len(crews) > 1 else 60.0 for crews in self.races
        ]
        self.place = np.zeros(len(self.due_s), int)  # within its race
        self.skipped = []  # by race: sum of `skip` of all before a place
        for crews in self.races:
            self.place[crews] = np.arange(len(crews))
            self.skipped.append(np.concatenate([[0.0], np.cumsum(self.skip[crews])]))
        self.next, self.before = np.full(len(self.due_s), -1), np.full(len(self.due_s), -1)
        for crews in self.races:
            expected = crews[self.absent[crews] < 0.5]
            after = np.searchsorted(expected, crews, side="right")
            there = after < len(expected)
            self.next[crews[there]] = expected[after[there]]
            ahead = np.searchsorted(expected, crews) - 1
            self.before[crews[ahead >= 0]] = expected[ahead[ahead >= 0]]

    def expecting(self, absent: Floats) -> "Crews":
        """Return the same crews with other chances that they do not come."""
        return replace(self, absent=absent)

    def own_hz(self, crews: Ints, own_s: Floats) -> Floats:
        """Return the density of crews coming so much later than their field, on their own."""
        usual_hz = own_hz(own_s)
        if not self.was_late.any():
            usual: Floats = self.aside[crews] * usual_hz
            return usual
        was_late = self.was_late[crews]
        whole = was_late.sum(-1, keepdims=True)
        share = AS_BEFORE * AS_BEFORE * was_late / (AS_BEFORE * whole + ASIDE * (1 - whole))  # of coming on its own
        off_s = np.abs(own_s[..., None] - self.before_s[crews])
        as_before = np.exp(-off_s / self.wide_s) / (2 * self.wide_s)
        density: Floats = self.aside[crews] * ((1 - share.sum(-1)) * usual_hz + (share * as_before).sum(-1))
        return density

    def __len__(self) -> int:
        return len(self.due_s)


@dataclass
class Columns:
    """The tracks to be read: when each opens the chain, and what is known of it without order and due times.

    Weights are logs, against a car of nobody's; those of a crew are for each second in which it may come.
    """

    at_s: Floats
    crew: Floats  # weight of being any crew's
    nobody: Floats  # weight of being nobody's, by what people saw
    named: Sequence[tuple[Ints, Floats]]  # by track: crews that people named, with the weight beside `crew`
    only: Ints  # the crew that a source or an official names, or -1
    aside: Floats  # weight of being a crew that is not with the field
    stamped: Ints  # tracks x lists: whether the list's tube stamped it: order.Seen
    counted: Flags  # tracks x lists: whether that passage has a place among those that may be on the list
    places: Ints  # tracks x lists: the place of its passage among those at the list's point, or of the one ahead of it
    passages: Sequence[int]  # by list: how many passages there are
    seen: Flags  # tracks x points


@dataclass
class Regime:
    """How the crews of a chain come."""

    kernel: Widths  # how much lateness changes from crew to crew
    by_due: float  # share of crews that keep to due times at all
    early: float  # share of crews that come in an earlier place than their own
    exchange: float  # log chance that two next to each other have exchanged their places
    ordered: bool  # crews come in due order, but for those that are late on their own
    headways: "Headways"
    belief: float = 1.0  # how much what lists tell counts: 1 as if the model were the truth, less is more careful
    on_time: float = ON_TIME  # chance that the first crews are near their due time
    minute: float = 0.0  # share of crews that come anywhere in their due minute, however late the field was so far


@dataclass
class Reading:
    """What the lattice says: log of the weight of all ways, and the chances of (track, crew), and of nobody."""

    log_z: float
    tracks: Ints
    crews: Ints
    chances: Floats
    nobody: Floats
    aside: Floats  # by track: that it is a crew which is not with the field


@dataclass
class _Layer:
    slot: Ints  # states x races: the crew in whose place the last one came, or -1
    level_s: Floats  # states x races: how late the field is
    last_s: Floats
    label: Ints
    track: Ints  # that the crew which came last made, or -1
    pending: Ints  # the crew that is to come in exchange, or -1
    lead: Floats  # states x lists: by how many lines each list is ahead of the passages
    missed_s: Floats  # when the last crew that was passed over was due, as late as its field; -inf: none was
    weight: Floats
    # How it came about: old state and new one, and the chance of each; `labels` by move, -1 for nobody.
    old: Ints = field(default_factory=lambda: np.zeros(0, int))
    new: Ints = field(default_factory=lambda: np.zeros(0, int))
    moves: Floats = field(default_factory=lambda: np.zeros(0))
    labels: Ints = field(default_factory=lambda: np.zeros(0, int))
    strange: Floats = field(default_factory=lambda: np.zeros(0))  # by move: how much of it is nobody's, not a late crew


def read(columns: Columns, crews: Crews, regime: Regime, lists: Sequence[ListOrder]) -> Reading:
    """Return the chances of all crews for all tracks, under a regime."""
    return _Lattice(columns, crews, regime, lists).reading()


class _Lattice:
    def __init__(self, columns: Columns, crews: Crews, regime: Regime, lists: Sequence[ListOrder]) -> None:
        self.columns, self.crews, self.regime, self.lists = columns, crews, regime, lists
        self.by_due = np.log(regime.by_due) if regime.by_due else -np.inf
        self.not_by_due = np.log(1 - regime.by_due) if regime.by_due < 1 else -np.inf
        self.everybody = np.arange(len(crews))
        self.unlisted = np.array([written.unlisted for written in lists])
        self.reach, self.most_states = REACH[bool(lists)], MOST_STATES[bool(lists)]
        self.near_s = NEAR * regime.kernel.usual_s

    def reading(self) -> Reading:
        races = len(self.crews.races)
        layer = _Layer(
            np.full((1, races), -1),
            np.zeros((1, races)),
            np.full(1, np.nan),
            np.full(1, -1),
            np.full(1, -1),
            np.full(1, -1),
            np.ones((1, len(self.lists))),
            np.full(1, -np.inf),
            np.ones(1),
        )
        layers, log_z = [layer], 0.0
        for number in range(len(self.columns.at_s)):
            layer, scale = self._step(layer, number)
            layers.append(layer)
            log_z += scale
        ends = self._ends(layer)
        top = ends.max()
        back = np.exp(ends - top)
        log_z += top + np.log((layer.weight * back).sum())
        return self._backward(layers, back, log_z)

    def _ends(self, layer: _Layer) -> Floats:
        """Return the weight of no more crews after each state."""
        ends = np.zeros(len(layer.weight))
        if self.regime.ordered:
            for race, skipped in enumerate(self.crews.skipped):
                slot = layer.slot[:, race]
                place = np.where(slot >= 0, self.crews.place[slot] + 1, 0)
                ends += skipped[-1] - skipped[place]
        for number, order in enumerate(self.lists):
            ends += order.left(layer.lead[:, number], self.columns.passages[number])
        ends[layer.pending >= 0] -= 7.0
        return ends

    def _backward(self, layers: list[_Layer], back: Floats, log_z: float) -> Reading:
        tracks: list[Ints] = []
        crews: list[Ints] = []
        chances: list[Floats] = []
        nobody, aside = np.zeros(len(self.columns.at_s)), np.zeros(len(self.columns.at_s))
        for number in range(len(layers) - 1, 0, -1):
            layer, before = layers[number], layers[number - 1]
            flow = layer.moves * back[layer.new]
            share = before.weight[layer.old] * flow
            whole = share.sum()
            onward: Floats = np.bincount(layer.old, flow, len(before.weight)).astype(float)
            back = onward / onward.max()
            labels: Floats = np.bincount(layer.labels + 1, share / whole, len(self.crews) + 1).astype(float)
            nobody[number - 1] = (share * layer.strange).sum() / whole
            aside[number - 1] = labels[0] - nobody[number - 1]
            likely = np.flatnonzero(labels[1:] > 1e-12)
            tracks.append(np.full(len(likely), number - 1))
            crews.append(likely)
            chances.append(labels[1 + likely])
        if not tracks:
            return Reading(log_z, np.zeros(0, int), np.zeros(0, int), np.zeros(0), nobody, aside)
        return Reading(log_z, np.concatenate(tracks), np.concatenate(crews), np.concatenate(chances), nobody, aside)

    def _step(self, layer: _Layer, number: int) -> tuple[_Layer, float]:
        """Return the states after one more track, and the log of what their weights were divided by."""
        columns, crews = self.columns, self.crews
        at_s, only = float(columns.at_s[number]), int(columns.only[number])
        named, bonus = columns.named[number]
        targets = self._targets(number, named, layer)
        crew = np.full(len(crews), columns.crew[number])
        crew[named] += bonus
        if only >= 0:
            crew[only] += 40.0
        log_old = np.log(layer.weight)
        apart = (layer.track >= 0) & ~(columns.seen[layer.track] & columns.seen[number]).any(1)
        self.again = np.where(apart, AGAIN, -np.inf)  # by state: the track may be the rest of the crew that came last
        moves = [
            self._in_order(layer, targets[crews.race[targets] == race], race, at_s, bool(len(named)))
            for race in range(len(crews.races))
        ]
        if self.regime.ordered:
            moves += [self._exchanged(layer, at_s), self._in_exchange(layer, at_s)]
        old = np.concatenate([move[0] for move in moves])
        label = np.concatenate([move[1] for move in moves])
        slot = np.concatenate([move[2] for move in moves])
        pending = np.concatenate([move[3] for move in moves])
        weight = np.concatenate([move[4] for move in moves]) + crew[label]
        listed, leads = self._listed(layer, old, label, number)
        belief, escorts = (self.regime.belief, ESCORTS[self.regime.ordered]) if self.lists else (1.0, 0.0)
        weight = belief * (weight + listed) + log_old[old]
        aside = np.logaddexp(columns.aside[number], columns.crew[number] + self._late(layer, number, at_s))
        both = np.logaddexp(columns.nobody[number], aside)
        strange = np.exp(columns.nobody[number] - both)
        stay = log_old + belief * (both + np.where(layer.label < 0, escorts, 0.0))
        if only >= 0:
            weight[label != only] = -np.inf
            stay = stay - 40.0
        top = max(stay.max(), weight.max(initial=-np.inf))
        keep = weight > top - self.reach
        old, label, slot, pending, weight = old[keep], label[keep], slot[keep], pending[keep], weight[keep]
        weight, stay = np.exp(weight - top), np.exp(stay - top)
        both_leads = layer.lead - columns.counted[number], leads[keep]
        after = self._merged(layer, number, old, label, slot, pending, both_leads, weight, stay, strange)
        return after, float(top) + self.scale

    def _late(self, layer: _Layer, number: int, at_s: float) -> Floats:
        """Return by state the log density of the crew that was passed over last coming now."""
        if not self.regime.ordered:
            return np.full(len(layer.weight), -50.0)
        listed = (self.columns.stamped[number] == STAMPED) @ self.unlisted if self.lists else 0.0
        late: Floats = np.log(LATE_SHARE * own_hz(at_s - layer.missed_s) + 1e-12) + listed
        return late

    def _targets(self, track: int, named: Ints, layer: _Layer) -> Ints:
        """Return the crews that may have made a track."""
        only, places = int(self.columns.only[track]), self.columns.places[track]
        if only >= 0:
            return np.array([only])
        near = [named] + [
            written.near(layer.lead[:, number], places[number]) for number, written in enumerate(self.lists)
        ]
        if not self.regime.ordered:
            return np.unique(np.concatenate(near)) if self.lists else self.everybody
        for race, crews in enumerate(self.crews.races):
            slot = layer.slot[:, race]
            place = np.where(slot >= 0, self.crews.place[slot], -1)
            near.append(crews[place.min() + 1 : place.max() + ONWARD])
        return np.unique(np.concatenate(near))

    def _in_order(
        self, layer: _Layer, targets: Ints, race: int, at_s: float, only_named: bool
    ) -> tuple[Ints, Ints, Ints, Ints, Floats]:
        """Return the moves from each state to each target of a race: as crews come one after the other."""
        crews, regime = self.crews, self.regime
        slot = layer.slot[:, race]
        states, count = len(slot), len(targets)
        old = np.repeat(np.arange(states), count)
        label = np.tile(targets, states)
        if regime.ordered:
            place, before = crews.place[targets], np.where(slot >= 0, crews.place[slot], -1)
            skipped = crews.skipped[race]
            order = skipped[place][None, :] - skipped[before + 1][:, None]
            order = order + crews.come[targets][None, :]
            back = place[None, :] <= before[:, None]
            came = (place[None, :] == before[:, None]) | (targets[None, :] == layer.label[:, None])
            order = np.where(came, self.again[:, None], order)
        else:
            order = np.broadcast_to(crews.come[targets], (states, count))
            order = np.where(targets[None, :] == layer.label[:, None], self.again[:, None], order)
        weight = order + self._timed(layer, np.arange(states)[:, None], targets[None, :], race, at_s)
        weight[layer.pending >= 0] -= 7.0
        pending = np.full(len(label), -1)
        if regime.ordered and back.any():  # it was passed over, and comes now on its own; the field stays where it is
            own_s = at_s - crews.due_s[targets][None, :] - layer.level_s[:, race][:, None]
            late = np.log(crews.own_hz(np.broadcast_to(targets, own_s.shape), own_s) + 1e-12)
            late = late if self.lists or only_named else np.full_like(late, -np.inf)
            passed = back & ~came
            weight = np.where(passed, late, weight)
            slots = np.where(passed, slot[:, None], targets[None, :]).ravel()
            pending[passed.ravel()] = LATE
        else:
            slots = label
        if not regime.ordered:
            return old, label, slots, pending, weight.ravel()
        if (
            self.lists and regime.early
        ):  # a crew that lists have among those that are due before it came early, on its own
            own_s = at_s - crews.due_s[targets][None, :] - layer.level_s[:, race][:, None]
            early = crews.come[targets][None, :] + np.log(
                regime.early * np.exp(-np.abs(own_s) / LATE_S) / LATE_S + 1e-12
            )
            early[back | (layer.pending >= 0)[:, None]] = -np.inf
            few = np.flatnonzero(early.ravel() > weight.max(initial=-np.inf) - self.reach)
        else:
            early, few = np.zeros(0), np.zeros(0, int)
        # The whole field may be later, or earlier, from here on.
        off_s = np.abs(at_s - crews.due_s[targets][None, :] - layer.level_s[:, race][:, None])
        moved = JUMP / LATE_S * np.exp(-off_s / LATE_S) * self._ahead(at_s - crews.due_s[targets])[None, :]
        jump = order + np.log(moved + self._closes_up(off_s, race) + 1e-300)
        jump[(slot < 0)[:, None] | (off_s < self.near_s) | back] = -np.inf
        far = np.flatnonzero(jump.ravel() > weight.max(initial=-np.inf) - self.reach)
        return (
            np.concatenate([old, old[far], old[few]]),
            np.concatenate([label, label[far], label[few]]),
            np.concatenate([slots, label[far], slot[old[few]]]),
            np.concatenate([pending, np.full(len(far), JUMPED), np.full(len(few), LATE)]),
            np.concatenate([weight.ravel(), jump.ravel()[far], early.ravel()[few]]),
        )

    def _closes_up(self, off_s: Floats, race: int) -> Floats:
        """Return the density of the field being so much earlier or later by whole intervals, where lists can tell.

        A crew that does not come leaves its due second, and all that follow may go one sooner.
        """
        if not self.lists:
            return np.zeros_like(off_s)
        interval_s = self.crews.interval_s[race]
        places = np.round(off_s / interval_s)
        near = (np.abs(off_s - places * interval_s) < CLOSES_S) & (places <= CLOSES_PLACES)
        return np.where(near, CLOSES / (2 * CLOSES_PLACES * 2 * CLOSES_S), 0.0)

    def _timed(self, layer: _Layer, old: Ints, targets: Ints, race: int, at_s: float) -> Floats:
        """Return the log density of an instant, of states with targets of a race: by due time, or by the car ahead."""
        crews, regime = self.crews, self.regime
        slot, level_s, last_s = layer.slot[old, race], layer.level_s[old, race], layer.last_s[old]
        late_s = at_s - crews.due_s[targets]
        due = regime.kernel(late_s - level_s)
        fresh = slot < 0
        if fresh.any():
            due = np.where(fresh, self._first(late_s, race), due)
        if regime.minute and crews.timed[race]:
            in_minute = (late_s >= 0) & (late_s < MINUTE_S)
            due = regime.minute * in_minute / MINUTE_S + (1 - regime.minute) * due
        behind_s = np.where(np.isnan(last_s), regime.headways.usual_s, at_s - last_s)
        headway = regime.headways(behind_s)
        density: Floats = np.log(regime.by_due * due + (1 - regime.by_due) * headway)
        return density

    def _first(self, late_s: Floats, race: int) -> Floats:
        """Return the density of the lateness of a race's first crews.

        Half an interval off nobody is on time; a field that was told to be so late before is hardly later now.
        """
        before_s = self.crews.late_s[race]
        share = self.regime.on_time if before_s is None else AS_LATE
        near = self._near(late_s, race) if self.crews.timed[race] else np.full_like(late_s, 1e-4)
        if before_s is not None:
            near = 0.5 * near + 0.5 * self._near(late_s - before_s, race)
        late = np.exp(-np.abs(late_s) / LATE_S) / LATE_S
        density = (share * near + (1 - share) * late) * self._ahead(late_s)
        return np.broadcast_to(density, late_s.shape)

    def _near(self, late_s: Floats, race: int) -> Floats:
        """Return the density of a race's first crews being so late, where they are on time."""
        density = self.regime.kernel(late_s / ON_TIME_S) / ON_TIME_S
        return np.where(np.abs(late_s) < self.crews.interval_s[race] / 2, density, 0.0)

    def _ahead(self, late_s: Floats) -> Floats:
        """Return by how late a field is how much less likely it is so: nobody sends a field off before it is due."""
        early_s = -late_s - 2 * self.near_s
        return np.where(early_s > 0, EARLY_FIELD, 1.0)

    def _exchanged(self, layer: _Layer, at_s: float) -> tuple[Ints, Ints, Ints, Ints, Floats]:
        """Return the moves to a crew that comes in the place of the one ahead of it, which is still to come."""
        crews, regime = self.crews, self.regime
        found = [np.zeros(0, int)] * 4 + [np.zeros(0)]
        for race, expected in enumerate(crews.races):
            slot = layer.slot[:, race]
            first = expected[crews.absent[expected] < 0.5][:1] if len(expected) else expected
            following = np.where(slot >= 0, crews.next[slot], first[0] if len(first) else -1)
            second = np.where(following >= 0, crews.next[following], -1)
            old = np.flatnonzero((second >= 0) & (layer.pending < 0))
            if not len(old):
                continue
            place, label = following[old], second[old]
            weight = self._timed(layer, old, place, race, at_s) + regime.exchange
            found = [np.concatenate(both) for both in zip(found, [old, label, place, place, weight], strict=True)]
        return found[0], found[1], found[2], found[3], found[4]

    def _in_exchange(self, layer: _Layer, at_s: float) -> tuple[Ints, Ints, Ints, Ints, Floats]:
        """Return the moves of the crew that was to come in exchange."""
        old = np.flatnonzero(layer.pending >= 0)
        label, place = layer.pending[old], layer.label[old]
        weight = np.zeros(len(old))
        for race in range(len(self.crews.races)):
            part = np.flatnonzero(self.crews.race[place] == race)
            weight[part] = self._timed(layer, old[part], place[part], race, at_s)
        return old, label, place, np.full(len(old), -1), weight

    def _listed(self, layer: _Layer, old: Ints, label: Ints, track: int) -> tuple[Floats, Floats]:
        """Return the log weight of what the lists read next if that crew comes next, and their leads then."""
        weight, leads = np.zeros(len(old)), layer.lead[old]
        again = label == layer.label[old]
        for number, order in enumerate(self.lists):
            counted, place = bool(self.columns.counted[track, number]), float(self.columns.places[track, number])
            stamped, lead = int(self.columns.stamped[track, number]), leads[:, number]
            weight += np.where(again, 0.0, order.weigh(lead, label, place, counted, stamped))
            leads[:, number] = order.after(lead, label, place, counted)
        return weight, leads

    def _merged(
        self,
        layer: _Layer,
        track: int,
        old: Ints,
        label: Ints,
        slot: Ints,
        pending: Ints,
        leads: tuple[Floats, Floats],
        weight: Floats,
        stay: Floats,
        strange: Floats,
    ) -> _Layer:
        """Return the layer of states that stay and of those that crews came to, the likeliest of them."""
        crews, at_s = self.crews, float(self.columns.at_s[track])
        key = label * (len(crews) + 3) + pending + 3
        if self.lists:  # two ways to a crew are two states where the field is much later by one: what follows tells
            late_s = np.where(pending == JUMPED, at_s - crews.due_s[label], layer.level_s[old, crews.race[label]])
            level = np.clip(np.round(late_s / (2 * self.near_s)), -LEVELS, LEVELS).astype(int) + LEVELS
            key = key * (2 * LEVELS + 1) + level
        names, new = np.unique(key, return_inverse=True)
        sums = np.bincount(new, weight, len(names))
        order = np.lexsort((-weight, new))
        best = order[np.concatenate([[True], np.diff(new[order]) > 0])] if len(order) else order
        states = len(stay)
        weights = np.concatenate([stay, sums])
        floor = weights.max() * np.exp(-self.reach)
        kept = np.flatnonzero(weights > floor)
        if len(kept) > self.most_states:
            kept = np.sort(kept[np.argsort(-weights[kept], kind="stable")[: self.most_states]])
        place = np.full(len(weights), -1)
        place[kept] = np.arange(len(kept))
        stays, comes = kept[kept < states], best[kept[kept >= states] - states]
        source = np.concatenate([stays, old[comes]])
        after = _Layer(
            layer.slot[source].copy(),
            layer.level_s[source].copy(),
            layer.last_s[source].copy(),
            layer.label[source].copy(),
            layer.track[source].copy(),
            layer.pending[source].copy(),
            np.concatenate([leads[0][stays], leads[1][comes]]),
            layer.missed_s[source].copy(),
            weights[kept],
        )
        came = np.arange(len(stays), len(source))
        race = crews.race[slot[comes]]
        if self.regime.ordered:
            before = crews.before[slot[comes]]
            passed = (
                (before >= 0)
                & (before != after.slot[came, race])
                & ((pending[comes] == -1) | (pending[comes] == JUMPED))
            )
            passed &= crews.place[before] > np.where(
                after.slot[came, race] >= 0, crews.place[after.slot[came, race]], -1
            )
            level_s = np.where(after.slot[came, race] >= 0, after.level_s[came, race], 0.0)
            after.missed_s[came[passed]] = crews.due_s[before[passed]] + level_s[passed]
        late_s = at_s - crews.due_s[slot[comes]]
        off_s = late_s - after.level_s[came, race]
        fresh = after.slot[came, race] < 0
        moved = np.where(np.abs(off_s) < self.near_s, FOLLOW * off_s, 0.0)
        moved = np.where(fresh | (pending[comes] == JUMPED) | (not self.regime.ordered), off_s, moved)
        moved = np.where(pending[comes] == LATE, 0.0, moved)
        after.level_s[came, race] += moved
        after.slot[came, race] = slot[comes]
        after.last_s[came] = at_s
        after.label[came] = label[comes]
        after.track[came] = track
        after.pending[came] = np.maximum(pending[comes], -1)
        moved = place[states + new] >= 0
        stayed = np.flatnonzero(place[:states] >= 0)
        after.old = np.concatenate([stayed, old[moved]])
        after.new = np.concatenate([place[stayed], place[states + new[moved]]])
        whole = after.weight.sum()
        after.moves = (
            np.concatenate([stay[stayed] / layer.weight[stayed], weight[moved] / layer.weight[old[moved]]]) / whole
        )
        after.labels = np.concatenate([np.full(len(stayed), -1), label[moved]])
        after.strange = np.concatenate([strange[stayed], np.zeros(int(moved.sum()))])
        after.weight /= whole
        self.scale = float(np.log(whole))
        return after


def own_hz(own_s: Floats) -> Floats:
    """Return the density of how much later than the field a crew on its own comes."""
    late_s, early_s = np.maximum(own_s, 0.0), np.minimum(own_s, 0.0)
    late = sum(share * np.exp(-late_s / mean_s) / mean_s for share, mean_s in OWN_LATE)
    density: Floats = np.where(own_s >= 0, late, OWN_EARLY * np.exp(early_s / LITTLE_S) / LITTLE_S)
    return density


@dataclass
class Headways:
    """How far crews come behind the one ahead of them: a density on a scale of ratios, measured on the chain."""

    usual_s: float
    gaps_s: Floats = field(default_factory=lambda: np.zeros(0))  # that were measured

    def __post_init__(self) -> None:
        edges_s = np.concatenate([[0.0], GAPS_S, [np.inf]])
        usual = np.diff(-0.9 * np.exp(-edges_s / self.usual_s) - 0.1 * np.exp(-edges_s / (HEADWAY_TAIL * self.usual_s)))
        count = np.histogram(self.gaps_s, edges_s)[0].astype(float)
        smooth = np.convolve(np.pad(count, 1, "edge"), [0.25, 0.5, 0.25], "valid")
        share = (usual * GAPS_WORTH + smooth) / (GAPS_WORTH + smooth.sum())
        self._hz = share / np.diff(np.concatenate([edges_s[:-1], [2 * GAPS_S[-1]]]))

    def __call__(self, behind_s: Floats) -> Floats:
        """Return the density of a crew coming so long behind the one ahead of it."""
        density: Floats = self._hz[np.searchsorted(GAPS_S, behind_s, side="right")]
        return density
