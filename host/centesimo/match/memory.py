"""What the chains of a leg tell of the ones after them: who is gone, how late each crew runs, what was left open.

A doubt stays one: crews that are as late as before, or of which one does not come, are no new evidence of which crew is
which. It is settled by a list, a name or an official, or when all of its candidates come when they are due.
"""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from statistics import median
from typing import NamedTuple, Self

from centesimo.match.links import MISS, MISSED_AGAIN, Track
from centesimo.match.model import GONE, GONE_ON_THE_WAY, THERE, Crew, Manner

POSSIBLE = 0.01  # a crew's track, for what is remembered of it
DIGITS = 3  # of a chance that is told on: a change at one point shall not reach all chains after it by its last digit
FIELD = 5  # crews next to each other by which the lateness of the field is told
CERTAIN = 1 - 1e-5  # what is less likely stays a doubt, though it be attributed
SEEN = 0.99  # a crew was there: what its track tells holds for the next chain, whatever the event asks about
LIKELY = 0.9  # only of a crew that has surely been there it is known how late it was

Chances = list[dict[int, float]]


class _Seen(NamedTuple):
    """The likeliest track of a crew."""

    chance: float
    late_s: float
    rivals: dict[int, float]  # chance of every candidate of that track, by start number
    gap: float | None  # of its axles


@dataclass(slots=True)
class Memory:
    """What is known of the crews (by start number) and races from the chains before.

    absent    how likely a crew does not come any more
    before_s  how much later than the field it was, if that was out of the ordinary
    late      how much later (s) each may have been, with its chance, where a chain was read by all that people saw:
              as a crew is as late as before, a doubt of one chain stays one on the next
    wide_s    how far crews that are on time may have been from each other there: a time control tells the minute only
    field_s   lateness of the first crews of a race
    gap       axle gap of each crew that was sure, beside what is usual
    """

    absent: dict[int, float] = field(default_factory=dict)
    before_s: dict[int, float] = field(default_factory=dict)
    late: dict[int, list[tuple[float, float]]] = field(default_factory=dict)
    wide_s: float = 0.0
    field_s: dict[str, float] = field(default_factory=dict)
    gap: dict[int, float] = field(default_factory=dict)
    _doubts: dict[int, _Seen] = field(default_factory=dict)

    def copy(self) -> Self:
        """Return a memory that can be changed without changing this one."""
        doubts = dict(self._doubts)
        return type(self)(
            dict(self.absent),
            dict(self.before_s),
            dict(self.late),
            self.wide_s,
            dict(self.field_s),
            dict(self.gap),
            doubts,
        )

    def forget_doubts(self) -> None:
        """Drop what the chain before left open: people have seen who came."""
        self._doubts.clear()

    def doubted(self, crews: Sequence[Crew], tracks: list[Track], chances: Chances, manner: Manner) -> Chances:
        """Return the chances with the doubts of the chain before, where nothing new has settled them."""
        if not self._doubts:
            return chances
        seen = self._seen(crews, tracks, chances)
        fields = self._fields(crews, seen)
        index_by_number = {crew.start_number: who for who, crew in enumerate(crews)}
        found = []
        for track, its in zip(tracks, chances, strict=True):
            who = max(its, key=its.__getitem__)
            doubt = self._doubts.get(crews[who].start_number) if who >= 0 and track.number is None else None
            if doubt is None or self._settled(doubt, crews, seen, fields, index_by_number, manner):
                found.append(its)
                continue
            if doubt.chance >= SEEN:
                found.append({**its, who: min(its[who], doubt.chance)})
                continue
            rivals = doubt.rivals
            kept = {index_by_number[number]: rivals[number] for number in rivals if number in index_by_number}
            found.append(_as_doubtful(its, kept, who))
        return found

    def remember(
        self, crews: Sequence[Crew], races: Sequence[str], tracks: list[Track], chances: Chances, manner: Manner
    ) -> None:
        """Keep what a chain told."""
        if not tracks:
            return
        seen = self._seen(crews, tracks, chances)
        fields = self._fields(crews, seen)
        for number, lates in fields.items():
            late_s = median(late_s for _, late_s in lates[:FIELD])
            tells = not manner.wide_s or manner.is_away(late_s)  # within the minute of a time control, all are on time
            self.field_s[races[number]] = round(late_s) if tells else 0
        there: dict[int, float] = defaultdict(float)
        for its, drives_on in zip(chances, _driving_on(tracks), strict=True):
            for who, chance in its.items():
                there[who] += chance * drives_on
        came = sum(min(chance, 1.0) for who, chance in there.items() if who >= 0)
        has_worked = 2 * came >= sum(1 - crew.absent for crew in crews)
        self.before_s.clear()
        self.late.clear()
        self.wide_s = manner.wide_s
        self._doubts.clear()
        for who, crew in enumerate(crews):
            is_there = min(there[who], 1.0)
            if has_worked:
                self.absent[crew.start_number] = _absent(is_there)
            one = seen.get(who)
            if one and one.chance > LIKELY and self._away(crews, who, one.late_s, fields, manner):
                own_s = round(one.late_s - _near(fields[crew.field], who))
                self.before_s[crew.start_number] = own_s
                self.late[crew.start_number] = [(own_s, 1.0)]
            if one and one.chance < CERTAIN:
                self._doubts[crew.start_number] = one
            if one and one.chance >= SEEN and one.gap is not None:
                self.gap[crew.start_number] = round(one.gap, DIGITS)

    def _settled(
        self,
        doubt: _Seen,
        crews: Sequence[Crew],
        seen: dict[int, _Seen],
        fields: dict[int, list[tuple[int, float]]],
        index_by_number: dict[int, int],
        manner: Manner,
    ) -> bool:
        """Say whether all candidates of a doubt are now seen for sure, each with the field, and one had not been."""
        moved = False
        for number, chance in doubt.rivals.items():
            who = index_by_number.get(number, -1)
            now = seen.get(who)
            if chance < POSSIBLE:
                continue
            if now is None or now.chance < SEEN or self._away(crews, who, now.late_s, fields, manner):
                return False
            before = self._doubts.get(number)
            moved = moved or (before is not None and manner.is_away(now.late_s - before.late_s))
        return moved

    def _seen(self, crews: Sequence[Crew], tracks: list[Track], chances: Chances) -> dict[int, _Seen]:
        """Return the likeliest track of each crew that may have been there."""
        seen: dict[int, _Seen] = {}
        for track, its in zip(tracks, chances, strict=True):
            for who, chance in its.items():
                if who >= 0 and chance > (seen[who].chance if who in seen else POSSIBLE):
                    rivals = {crews[other].start_number: value for other, value in its.items() if other >= 0}
                    seen[who] = _Seen(chance, track.at_s - crews[who].due_s, rivals, track.anchor_gap)
        return seen

    def _fields(self, crews: Sequence[Crew], seen: dict[int, _Seen]) -> dict[int, list[tuple[int, float]]]:
        """Return (crew, lateness) of those that are sure, in order of the crews, by field."""
        fields: dict[int, list[tuple[int, float]]] = defaultdict(list)
        for who, one in sorted(seen.items()):
            if one.chance > SEEN:
                fields[crews[who].field].append((who, one.late_s))
        return fields

    def _away(
        self,
        crews: Sequence[Crew],
        who: int,
        late_s: float,
        fields: dict[int, list[tuple[int, float]]],
        manner: Manner,
    ) -> bool:
        """Say whether a crew's lateness is not that of the crews around it."""
        lates = fields.get(crews[who].field)
        return bool(lates) and manner.is_away(late_s - _near(lates or [], who))


def _as_doubtful(its: dict[int, float], kept: dict[int, float], who: int) -> dict[int, float]:
    """Return chances that are no surer of a crew than they were, nor of any other that it is not its rival."""
    sure = min(its[who], kept.get(who, 0.0))
    others = {other: max(its.get(other, 0.0), kept.get(other, 0.0)) for other in {*its, *kept} - {who}}
    whole = sum(others.values()) or 1.0
    return {who: sure, **{other: chance * (1 - sure) / whole for other, chance in others.items()}}


def _driving_on(tracks: Sequence[Track]) -> list[float]:
    """Return how likely the car of each track has left the chain: less so the earlier it was seen for the last time.

    A point that has not seen half of the cars tells nothing of any.
    """
    cars_by_node = Counter(node for track in tracks for node in track.members)
    telling = sorted(node for node, cars in cars_by_node.items() if 2 * cars >= len(tracks))
    missed = [len(telling) - bisect_right(telling, track.last_node) for track in tracks]
    unseen = [MISS * MISSED_AGAIN ** (count - 1) if count else 1.0 for count in range(len(telling) + 1)]
    return [unseen[count] / (unseen[count] + GONE_ON_THE_WAY) if count else 1.0 for count in missed]


@lru_cache(256)  # nearly all are 0 or 1, and rounding is slow
def _absent(is_there: float) -> float:
    return round(is_there * THERE + (1 - is_there) * GONE, DIGITS)


def _near(lates: list[tuple[int, float]], who: int) -> float:
    """Return the lateness of the crews nearest in the start order; `lates` are in it."""
    place = bisect_left(lates, (who,))
    half = FIELD // 2
    middle = lates[max(place - half, 0) : place + half + 1]
    if len(middle) == FIELD and middle[0][0] == who - half and middle[-1][0] == who + half:  # nobody is missing there
        return sorted([late_s for _, late_s in middle])[half]
    around = lates[max(place - FIELD, 0) : place + FIELD + 1]
    nearest = sorted(around, key=lambda one: abs(one[0] - who))[:FIELD]
    return median(late_s for _, late_s in nearest)
