"""Passages of a chain become tracks: the passages of one car from point to point, by the ideal times alone.

Minus the ideal time to its point, every passage of a car falls near the same instant. From point to point, tracks and
passages are one assignment: what is nearest to each other and far from all else is taken at once, the rest is weighed
over all ways. A missing pulse leaves a hole in a track, a car of nobody's becomes a track of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import exp, log

import numpy as np

from centesimo.match.assignment import marginals
from centesimo.match.looks import look
from centesimo.match.parameters import (
    ALONG,
    FILL_S,
    GHOST_HZ,
    HOLES,
    JOIN,
    LATE_START,
    LEAVES,
    LINK_S,
    MISS,
    MISSED_AGAIN,
    PIECES,
    PLAIN,
    RIVAL,
    STALL,
    STALL_S,
    STRANGER_HZ,
    STRAY,
    SURE_FIRST,
    USUAL_GHOSTS,
    WANDER_S,
    Flags,
    Floats,
    Ints,
)
from centesimo.match.people import Seen
from centesimo.match.widths import Widths
from centesimo.model.facts import Passage


@dataclass
class Node:
    """The passages at one point of a chain, in order of time."""

    passages: Sequence[Passage]
    at_s: Floats  # after the chain's base, minus the ideal time to the point
    car: Floats  # how much likelier a car makes such a passage than nobody
    named: Ints  # index of the crew that the source names, or -1
    rear: Floats  # how likely it is the rear axle of the one ahead
    ideals_s: tuple[float, ...] = (0.0,)  # from the point before, of the races that drive here, less that of `at_s`
    ghost_hz: float = GHOST_HZ  # passages of nobody a second
    seen: Seen = field(default_factory=lambda: Seen(np.zeros(0), np.zeros(0), []))  # what people say of each
    named_places: dict[int, list[int]] = field(default_factory=dict)  # by crew: the passages that people name so

    @classmethod
    def of(cls, passages: Sequence[Passage], base_ns: int, index_by_number: dict[int, int], expected: float) -> "Node":
        """Return a node of passages that have an instant; `base_ns` is what their instants are reduced by."""
        at_s = np.array([passage.at_ns or 0 for passage in passages], np.int64)
        named = [-1 if one.start_number is None else index_by_number[one.start_number] for one in passages]
        after_s = (at_s - base_ns) / 1e9
        looks = look(passages, after_s, expected)
        return cls(passages, after_s, looks.car, np.array(named, int), looks.rear)

    def measure(self, crews: float, span_s: float) -> None:
        """Take the rate of nobody's passages from how many more there are than crews expected."""
        more = max(0.0, float((1 - self.rear).sum()) - crews)
        self.ghost_hz = (more + USUAL_GHOSTS) / (span_s + USUAL_GHOSTS / GHOST_HZ)


@dataclass
class Tracks:
    """Tracks in rows, points of the chain in columns.

    member  the passage's place in its node, or -1
    at_s    its instant minus the ideal time, NaN where there is none
    sure    how sure it is that this passage is the same car's as the one before
    car     by track: how much likelier its links and looks are one crew's than a car's of nobody's
    rivals  (node, passage) -> chance of each track, where it is not clear
    crew    what people say of its being a crew that nobody named (log, against nobody's); nobody: of being nobody's
    named   of each crew that they named, beside `crew`
    """

    member: Ints
    at_s: Floats
    sure: Floats
    car: Floats
    rivals: dict[tuple[int, int], dict[int, float]] = field(default_factory=dict)
    crew: Floats = field(default_factory=lambda: np.zeros(0))
    nobody: Floats = field(default_factory=lambda: np.zeros(0))
    named: list[dict[int, float]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.member)

    @property
    def seen(self) -> Flags:
        """Where a track has a passage."""
        return self.member >= 0

    @property
    def opens_at_s(self) -> Floats:
        """The instant of each track's first passage."""
        first = self.seen.argmax(1)
        opens_at_s: Floats = self.at_s[np.arange(len(self)), first]
        return opens_at_s

    def ordered(self) -> "Tracks":
        """Return the tracks by their first instant."""
        return self.only(np.argsort(self.opens_at_s, kind="stable"))

    def only(self, order: Ints) -> "Tracks":
        """Return these tracks, in this order."""
        place = np.full(len(self), -1)
        place[order] = np.arange(len(order))
        rivals = {
            key: {int(place[track]): chance for track, chance in by_track.items() if place[track] >= 0}
            for key, by_track in self.rivals.items()
        }
        return Tracks(
            self.member[order],
            self.at_s[order],
            self.sure[order],
            self.car[order],
            rivals,
            self.crew[order],
            self.nobody[order],
            [self.named[track] for track in order.tolist()],
        )


def plain_deviations(before_s: Floats, after_s: Floats, ideals_s: Sequence[float]) -> Floats:
    """Return deviations of passages at two points that can only be the same cars': nothing else is nearly as near."""
    if not len(before_s) or not len(after_s):
        return np.zeros(0)
    best = np.full(len(after_s), np.inf)
    for ideal_s in ideals_s:
        place, away_s, next_s = nearest(before_s + ideal_s, after_s)
        mutual, _, next_back_s = nearest(after_s, before_s + ideal_s)
        plain = (mutual[place] == np.arange(len(after_s))) & (
            np.minimum(next_s, next_back_s[place]) > PLAIN * np.abs(away_s)
        )
        nearer = plain & (np.abs(away_s) < np.abs(best))
        best[nearer] = away_s[nearer]
    deviations_s: Floats = best[np.isfinite(best)]
    return deviations_s


def nearest(among_s: Floats, to_s: Floats) -> tuple[Ints, Floats, Floats]:
    """Return by instant the place of the nearest of `among_s` (in order), how far `to_s` is behind it, and the next."""
    right = np.searchsorted(among_s, to_s)
    padded = np.concatenate([[-np.inf, -np.inf], among_s, [np.inf, np.inf]])
    near = np.stack([padded[right + step] for step in range(4)])  # two before, two after
    away_s = np.abs(to_s - near)
    order = np.argsort(away_s, 0)
    columns = np.arange(len(to_s))
    best = order[0]
    return right + best - 2, to_s - near[best, columns], away_s[order[1], columns]


def link(nodes: Sequence[Node], widths: Sequence[Widths], crews: int, expected: float, headway_s: float) -> Tracks:
    """Return the tracks of a chain's nodes; `widths`: by node, how far cars are from the ideal time to it.

    `crews` of the chain, and how many are expected to come. What is clear by time alone makes pieces; these are put
    together by time and by what people saw of all their passages.
    """
    linking = _Linking(nodes, widths, crews, expected, STRAY / headway_s)
    for number in range(len(nodes)):
        linking.extend(number)
    linking.gather()
    for least in SURE_FIRST:
        for number in range(1, len(nodes)):
            linking.put_together(number, least)
    linking.fill()
    return linking.finished()


class _Linking:
    """The tracks so far, while going from node to node."""

    def __init__(
        self, nodes: Sequence[Node], widths: Sequence[Widths], crews: int, expected: float, stray_hz: float
    ) -> None:
        self.nodes, self.widths, self.crews, self.expected = nodes, widths, crews, expected
        self.stray_hz = stray_hz  # crews a second that come on from where they were not seen, or much later
        size = 0, len(nodes)
        self.tracks = Tracks(np.full(size, -1), np.full(size, np.nan), np.ones(size), np.zeros(0))
        self.gone = np.zeros(0, bool)  # pieces that were put behind another one

    def extend(self, number: int) -> None:
        """Take the passages of a node that clearly are a track's; each of the rest begins one."""
        tracks, node = self.tracks, self.nodes[number]
        rows, columns, odds = self._pairs(np.arange(len(tracks)), node.at_s, np.arange(len(node.at_s)), number)
        chances = marginals(rows, columns, odds, len(tracks), len(node.at_s))
        clear = np.flatnonzero(chances > HOLES)
        track_by_column = np.full(len(node.at_s), -1)
        track_by_column[columns[clear]] = rows[clear]
        fresh = np.flatnonzero(track_by_column < 0)
        track_by_column[fresh] = len(tracks) + np.arange(len(fresh))
        size = len(fresh), len(self.nodes)
        tracks.member = np.vstack([tracks.member, np.full(size, -1)])
        tracks.at_s = np.vstack([tracks.at_s, np.full(size, np.nan)])
        tracks.sure = np.vstack([tracks.sure, np.ones(size)])
        tracks.member[track_by_column, number] = np.arange(len(node.at_s))
        tracks.at_s[track_by_column, number] = node.at_s
        tracks.sure[rows[clear], number] = chances[clear]

    def gather(self) -> None:
        """Add up what is seen of each piece; cut it where people name one crew before and another behind."""
        tracks = self.tracks
        self._cut()
        tracks.car, tracks.crew, tracks.nobody = np.ones(len(tracks)), np.zeros(len(tracks)), np.zeros(len(tracks))
        tracks.named = [{} for _ in range(len(tracks))]
        self.only = np.full(len(tracks), -1)
        self.gone = np.zeros(len(tracks), bool)
        last_s = np.full(len(tracks), np.nan)
        for number, node in enumerate(self.nodes):
            here = np.flatnonzero(tracks.member[:, number] >= 0)
            place = tracks.member[here, number]
            tracks.crew[here] += node.seen.crew[place]
            tracks.nobody[here] += node.seen.nobody[place]
            self.only[here] = np.maximum(self.only[here], node.named[place])
            tracks.car[here] *= node.car[place] * self._along(node.at_s[place] - last_s[here], number)
            last_s[here] = node.at_s[place]
            if any(node.seen.named):
                for track, passage in zip(here.tolist(), place.tolist(), strict=True):
                    add_names(tracks.named[track], node.seen.named[passage], 1.0)

    def put_together(self, number: int, least: float) -> None:
        """Put pieces that begin at a node behind those that they are the rest of with a chance of `least` or more."""
        tracks = self.tracks
        begins = np.flatnonzero(~self.gone & (tracks.seen.argmax(1) == number))
        rows, columns, odds = self._pairs(np.flatnonzero(~self.gone), tracks.at_s[begins, number], begins, number)
        if not len(rows):
            return
        # A piece seen at several points is less often nobody's than a passage on its own.
        length = np.minimum(tracks.seen[begins].sum(1), len(PIECES)) - 1
        ghost_hz = self.nodes[number].ghost_hz
        odds *= ((ghost_hz + self.stray_hz) / (ghost_hz * np.array(PIECES)[length] + self.stray_hz))[columns]
        only, named = self.only[rows], self.only[begins[columns]]
        odds[(only >= 0) & (named >= 0) & (only != named)] = 0.0
        for pair in np.flatnonzero(odds > RIVAL).tolist():
            odds[pair] *= self._alike(int(rows[pair]), int(begins[columns[pair]]), self.nodes[number].ghost_hz)
        chances = marginals(rows, columns, odds, len(tracks), len(begins))
        taken: set[int] = set()
        for pair in np.argsort(-chances, kind="stable").tolist():
            row, place, chance = int(rows[pair]), int(columns[pair]), float(chances[pair])
            if chance < least:
                break
            if row not in taken and -1 - place not in taken:
                taken |= {row, -1 - place}
                piece = int(begins[place])
                self._put_behind(row, piece, chance, float(self._along(self._apart_s(row, piece), number)[0]))

    def fill(self) -> None:
        """Put pieces into the holes of tracks: a car that is seconds off at a point between two others is one car."""
        tracks = self.tracks
        missed = np.full(len(self.nodes), MISS)
        parts = np.flatnonzero(~self.gone & ~tracks.seen.all(1))
        if len(parts) < 2:
            return
        middle_s = np.nanmean(tracks.at_s[parts], axis=1)
        order = np.argsort(middle_s, kind="stable")
        parts, middle_s = parts[order], middle_s[order]
        until = np.searchsorted(middle_s, middle_s + FILL_S)
        pairs = [
            (int(one), int(other))
            for place, one in enumerate(parts)
            for other in parts[place + 1 : until[place]]
            if not (tracks.seen[one] & tracks.seen[other]).any()
        ]
        if not pairs:
            return
        # The longer one is the track, the other fills it.
        length = tracks.seen.sum(1)
        pairs = [(one, other) if length[one] >= length[other] else (other, one) for one, other in pairs]
        odds = np.exp(np.minimum([self._fills(row, piece, missed) for row, piece in pairs], 300.0))
        rows, columns = np.array(pairs).T
        chances = marginals(rows, columns, odds, len(tracks), len(tracks))
        taken: set[int] = set()
        for pair in np.argsort(-chances, kind="stable").tolist():
            row, piece, chance = int(rows[pair]), int(columns[pair]), float(chances[pair])
            if chance < SURE_FIRST[-1]:
                break
            if not {row, piece} & taken:
                taken |= {row, piece}
                self._put_behind(row, piece, chance, 1.0)
                tracks.car[row] = self._car(row)

    def _fills(self, row: int, piece: int, missed: Floats) -> float:
        """Return the log odds that a piece is of the same car as a track whose holes it fills."""
        tracks = self.tracks
        if self.only[row] >= 0 and self.only[piece] >= 0 and self.only[row] != self.only[piece]:
            return -np.inf
        both_s = np.where(tracks.seen[row], tracks.at_s[row], tracks.at_s[piece])
        seen = np.stack([~np.isnan(both_s), tracks.seen[row]])
        whole, alone = seen_at(seen, missed)
        begins = int(tracks.seen[piece].argmax())
        ghost_hz = self.nodes[begins].ghost_hz
        length = min(int(tracks.seen[piece].sum()), len(PIECES)) - 1
        weight = whole - alone + self._drives(both_s)
        weight -= self._drives(tracks.at_s[row]) + self._drives(tracks.at_s[piece])
        weight -= log(ghost_hz * PIECES[length] + self.stray_hz)
        alike = self._alike(row, piece, ghost_hz)
        return float(weight + (log(alike) if alike > 0 else -np.inf))

    def _drives(self, at_s: Floats) -> float:
        """Return the log density of a car's deviations from point to point."""
        weight, before_s = 0.0, np.nan
        for number in np.flatnonzero(~np.isnan(at_s)).tolist():
            if not np.isnan(before_s):
                off_s = min(abs(float(at_s[number] - before_s) - ideal_s) for ideal_s in self.nodes[number].ideals_s)
                weight += log(self.widths[number].at(off_s))
            before_s = at_s[number]
        return weight

    def _car(self, track: int) -> float:
        """Return how much likelier a track's links and looks are one crew's than a car of nobody's."""
        car, before_s = 1.0, np.full(1, np.nan)
        for number in np.flatnonzero(self.tracks.seen[track]).tolist():
            at_s = self.tracks.at_s[track, number : number + 1]
            car *= float(self.nodes[number].car[self.tracks.member[track, number]])
            car *= float(self._along(at_s - before_s, number)[0])
            before_s = at_s
        return car

    def finished(self) -> Tracks:
        """Return the tracks."""
        self._join()
        return self.tracks.only(np.flatnonzero(~self.gone)).ordered()

    def _join(self) -> None:
        """Put together what a stall has parted: tracks that people name alike and that do not meet at any point."""
        tracks = self.tracks
        by_crew: dict[int, list[int]] = {}
        for track in np.flatnonzero(~self.gone).tolist():
            named = tracks.named[track]
            best = max(named, key=named.__getitem__, default=-1)
            if best >= 0 and named[best] > JOIN:
                by_crew.setdefault(best, []).append(track)
        for who, parts in by_crew.items():
            parts.sort(key=lambda track: -tracks.named[track][who])
            for part in parts[1:] if len(parts) > 1 else ():
                both = np.fmax(tracks.at_s[parts[0]], tracks.at_s[part])
                later_s = np.diff(both[~np.isnan(both)])
                meet = (tracks.seen[parts[0]] & tracks.seen[part]).any()
                if not meet and (later_s > -LINK_S).all() and np.nanmax(both) - np.nanmin(both) < STALL_S:
                    hz = STALL / STALL_S / (STRANGER_HZ + self.stray_hz / self.crews)
                    odds = hz * exp(min(tracks.named[part][who], 40.0)) / self.crews
                    self._put_behind(parts[0], part, odds / (1 + odds), 1.0)

    def _pairs(self, tracks: Ints, begin_s: Floats, places: Ints, number: int) -> tuple[Ints, Ints, Floats]:
        """Return (track, place in `begin_s`, odds) of what may go on from one of some tracks at a node."""
        node, width = self.nodes[number], self.widths[number]
        if not len(tracks) or not len(begin_s):
            return np.zeros(0, int), np.zeros(0, int), np.zeros(0)
        last = _last(self.tracks.member[tracks])
        recent = (last >= number - 3) & (last < number)
        tracks, last = tracks[recent], last[recent]
        last_s = self.tracks.at_s[tracks, last]
        order = np.argsort(begin_s, kind="stable")
        ideals_s = node.ideals_s
        first = np.searchsorted(begin_s[order], last_s + min(ideals_s) - LINK_S)
        count = np.searchsorted(begin_s[order], last_s + max(ideals_s) + LINK_S) - first
        rows = np.repeat(np.arange(len(tracks)), count)
        columns = order[np.arange(len(rows)) - np.repeat(np.cumsum(count) - count, count) + np.repeat(first, count)]
        away_s = begin_s[columns] - last_s[rows]
        away_s = np.min([np.abs(away_s - ideal_s) for ideal_s in ideals_s], 0)
        missed = number - 1 - last
        fresh = (self.tracks.member[tracks] >= 0).sum(1) == 1
        share = min(0.97, max(0.05, self.expected / max(len(self.nodes[0].at_s), 1)))
        goes_on = np.where(fresh, np.where(last == 0, share, LATE_START), 1 - MISS)
        goes_on = np.where(missed > 0, 1 - MISSED_AGAIN, goes_on)
        odds_on = goes_on / (1 - goes_on + MISS)
        passages = self.tracks.member[places[columns], number] if len(places) and number and self._gathered else columns
        odds = width(away_s) * node.car[passages] * odds_on[rows] / (node.ghost_hz + self.stray_hz)
        return tracks[rows], columns, odds

    @property
    def _gathered(self) -> bool:
        return len(self.tracks.named) > 0

    def _apart_s(self, row: int, piece: int) -> Floats:
        tracks = self.tracks
        first, last = tracks.seen[piece].argmax(), _last(tracks.member[row : row + 1])[0]
        return np.array([tracks.at_s[piece, first] - tracks.at_s[row, last]])

    def _along(self, away_s: Floats, number: int) -> Floats:
        """Return how much likelier crews are so far from the ideal time than cars of nobody's; 1 where none is."""
        away_s = np.min([np.abs(away_s - ideal_s) for ideal_s in self.nodes[number].ideals_s], 0)
        density = self.widths[number](np.nan_to_num(away_s))
        return np.where(np.isnan(away_s), 1.0, density / (ALONG * density + (1 - ALONG) / WANDER_S))

    def _alike(self, row: int, piece: int, ghost_hz: float) -> float:
        """Return how much likelier people say what they do of two pieces if they are of one car."""
        tracks, crews = self.tracks, self.crews
        if not tracks.crew[row] or not tracks.crew[piece]:
            return 1.0
        before, behind = tracks.named[row], tracks.named[piece]
        nobody, nobody_behind = exp(tracks.nobody[row]), exp(tracks.nobody[piece])
        crew, crew_behind = exp(tracks.crew[row]) / crews, exp(tracks.crew[piece])
        grown = {who: exp(min(weight, 80.0)) for who, weight in before.items()}
        grown_behind = {who: exp(min(weight, 80.0)) for who, weight in behind.items()}
        whole = nobody + crew * (crews - len(grown) + sum(grown.values()))
        same = nobody * nobody_behind + crew * crew_behind * (crews - len({**before, **behind}))
        same += sum(
            crew * grown.get(who, 1.0) * crew_behind * grown_behind.get(who, 1.0) for who in {**before, **behind}
        )
        mean = crew_behind * (crews - len(grown_behind) + sum(grown_behind.values())) / crews
        stray = self.stray_hz / (self.stray_hz + ghost_hz)
        fresh = (1 - stray) * nobody_behind + stray * mean
        return same / whole / fresh

    def _put_behind(self, row: int, piece: int, chance: float, along: float) -> None:
        """Make a piece the rest of a track."""
        tracks = self.tracks
        taken = tracks.member[piece] >= 0
        tracks.member[row, taken], tracks.at_s[row, taken] = tracks.member[piece, taken], tracks.at_s[piece, taken]
        tracks.sure[row, taken] = tracks.sure[piece, taken]
        tracks.sure[row, taken.argmax()] = chance
        tracks.car[row] *= tracks.car[piece] * along
        for weights in (tracks.crew, tracks.nobody):
            if weights[piece]:
                weights[row] += log(chance * exp(weights[piece]) + 1 - chance)
        add_names(tracks.named[row], tracks.named[piece], chance)
        self.only[row] = max(self.only[row], self.only[piece])
        self.gone[piece] = True

    def _cut(self) -> None:
        """Cut pieces where people name one crew before and another behind."""
        tracks = self.tracks
        if not any(any(node.seen.named) for node in self.nodes):
            return
        best_by_node = [
            [
                max(named, key=named.__getitem__) if named and max(named.values()) > JOIN else -1
                for named in node.seen.named
            ]
            for node in self.nodes
        ]
        tails: list[tuple[int, int]] = []
        for track in range(len(tracks)):
            before = -1
            for number in np.flatnonzero(tracks.member[track] >= 0).tolist():
                best = best_by_node[number][tracks.member[track, number]]
                if before >= 0 and best >= 0 and best != before:
                    tails.append((track, number))
                before = best if best >= 0 else before
        for track, number in reversed(tails):
            rows = [part[track : track + 1].copy() for part in (tracks.member, tracks.at_s, tracks.sure)]
            rows[0][0, :number], rows[1][0, :number] = -1, np.nan
            rows[2][0, : number + 1] = 1.0
            tracks.member[track, number:], tracks.at_s[track, number:] = -1, np.nan
            tracks.sure[track, number:] = 1.0
            tracks.member = np.vstack([tracks.member, rows[0]])
            tracks.at_s = np.vstack([tracks.at_s, rows[1]])
            tracks.sure = np.vstack([tracks.sure, rows[2]])
        tracks.car = np.ones(len(tracks))


def add_names(weights: dict[int, float], named: dict[int, float], share: float) -> None:
    """Add what people say of a passage that is a track's with some chance."""
    for who, weight in named.items():
        value = weight if share > 1 - 1e-9 else log(share * exp(min(weight, 600.0)) + 1 - share)
        weights[who] = weights.get(who, 0.0) + value


def seen_at(seen: Flags, missed: Floats) -> Floats:
    """Return the log chance that a crew is seen at these points and at no others; `missed`: by point, its tube's."""
    count, once = seen.shape[1], np.log(missed)
    again = np.maximum(once, log(MISSED_AGAIN))
    first, last = seen.argmax(1), _last(np.where(seen, 0, -1))
    weight = np.zeros(len(seen))
    for point in range(count):
        inside = (first < point) & (point < last)
        before = seen[:, point - 1] if point else np.ones(len(seen), bool)
        hole = np.where(before, once[point], again[point])
        weight += np.where(inside, np.where(seen[:, point], np.log1p(-missed[point]), hole), 0.0)
    head, tail = np.zeros(count), np.zeros(count)
    for point in range(1, count):
        head[point] = np.logaddexp(once[0] + again[1:point].sum(), log(STRAY))
        tail[point] = np.logaddexp(once[-1] + again[-point:-1].sum(), log(LEAVES))
    whole: Floats = weight + head[first] + tail[count - 1 - last]
    return whole


def _last(member: Ints) -> Ints:
    """Return each track's last node."""
    found: Ints = member.shape[1] - 1 - (member[:, ::-1] >= 0).argmax(1)
    return found
