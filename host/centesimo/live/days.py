"""From one revision to the next: the races of an outcome, made with what did not change since the one before."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import NamedTuple

from centesimo.compute import Outcome, rulebooks
from centesimo.live.crews import CrewScores, ScoresByCrew, changed_crews
from centesimo.live.race import LiveRace
from centesimo.live.standing import Road, road_of
from centesimo.model.event import Control, Event, Leg, Race
from centesimo.model.facts import Ranking, Score
from centesimo.model.memo import Memo
from centesimo.rank import ranking_over
from centesimo.rulebook import RuleBook

Key = tuple[str | None, ...]
RANKINGS = 64  # that are kept, with their lines; those of 500 crews over 160 controls take 0.7 MB each


class _Kept(NamedTuple):
    """A ranking and what it was made of."""

    controls: tuple[Control, ...]
    whole: ScoresByCrew  # over all controls of the race
    own: ScoresByCrew  # over those of the ranking
    ranking: Ranking
    memo: Memo


class LiveDays:
    """Makes the races of one outcome after another, keeping what did not change; of one version of the event."""

    def __init__(self, event: Event) -> None:
        self.event = event
        self.books: dict[str, RuleBook] = rulebooks(event)
        self.road: Road = road_of(event)
        self._scores = {race.id: CrewScores() for race in event.races}
        self._memos: dict[Key, Memo] = {}
        self._kept: OrderedDict[Key, _Kept] = OrderedDict()

    def races(self, outcome: Outcome, as_of_ns: int) -> tuple[LiveRace, ...]:
        """Return the races of an outcome as they stand at an instant, in the order of the event."""
        for memo in self._memos.values():
            memo.turn()
        return tuple(LiveRace(self, number, race, outcome, as_of_ns) for number, race in enumerate(self.event.races, 1))

    def scores(self, scores: Sequence[Score], race: Race, controls: Sequence[Control]) -> ScoresByCrew:
        """Return a race's scores crew by crew; a crew whose scores are as before has the very same ones."""
        return self._scores[race.id].of(scores, race, controls)

    def memo(self, *key: str | None) -> Memo:
        """Return what keeps the results of one sort from one outcome to the next."""
        return self._memos.setdefault(key, Memo())

    def ranking(
        self, key: Key, race: Race, leg: Leg | None, controls: tuple[Control, ...], first: int, whole: ScoresByCrew
    ) -> Ranking:
        """Return a race's ranking over some controls; the last one of that key where no score of it is another.

        controls  follow one another in the race, from the place `first` on
        whole     the scores over all controls of the race
        """
        kept = self._kept.get(key)
        if kept is not None and kept.controls != controls:
            kept = None
        behind = first + len(controls)
        changed = changed_crews(whole, kept.whole) if kept else whole
        own: ScoresByCrew = {number: whole[number][first:behind] for number in changed}
        if kept:
            own = {number: scores for number, scores in own.items() if scores != kept.own[number]}
            own = {**kept.own, **own} if own else kept.own
        if kept and own is kept.own:
            kept = kept._replace(whole=whole)
        else:
            memo = kept.memo if kept else Memo()
            memo.turn()
            made = ranking_over(self.event, race, leg, controls, self.books[race.id], own, memo)
            kept = _Kept(controls, whole, own, made, memo)
        self._kept[key] = kept
        self._kept.move_to_end(key)
        while len(self._kept) > RANKINGS:
            self._kept.popitem(last=False)
        return kept.ranking
