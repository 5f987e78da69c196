"""From one revision to the next: the races of an outcome, made with what did not change since the one before."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence

from centesimo.compute import Outcome, rulebooks
from centesimo.live.race import LiveRace
from centesimo.live.standing import Road, road_of
from centesimo.model.event import Control, Event, Leg, Race
from centesimo.model.facts import Ranking, Score
from centesimo.model.memo import Memo
from centesimo.rank import ranking_over
from centesimo.rulebook import RuleBook

Key = tuple[str | None, ...]
RANKINGS = 64  # that are kept, with their lines; those of 500 crews over 160 controls take 0.7 MB each


class LiveDays:
    """Makes the races of one outcome after another, keeping what did not change; of one version of the event."""

    def __init__(self, event: Event) -> None:
        self.event = event
        self.books: dict[str, RuleBook] = rulebooks(event)
        self.road: Road = road_of(event)
        self._memos: dict[Key, Memo] = {}
        self._kept: OrderedDict[Key, tuple[tuple[Control, ...], Mapping[int, Sequence[Score]], Ranking, Memo]]
        self._kept = OrderedDict()

    def races(self, outcome: Outcome, as_of_ns: int) -> tuple[LiveRace, ...]:
        """Return the races of an outcome as they stand at an instant, in the order of the event."""
        for memo in self._memos.values():
            memo.turn()
        return tuple(LiveRace(self, number, race, outcome, as_of_ns) for number, race in enumerate(self.event.races, 1))

    def memo(self, *key: str | None) -> Memo:
        """Return what keeps the results of one sort from one outcome to the next."""
        return self._memos.setdefault(key, Memo())

    def ranking(
        self, key: Key, race: Race, leg: Leg | None, controls: tuple[Control, ...], own: Mapping[int, Sequence[Score]]
    ) -> Ranking:
        """Return a race's ranking over some controls; the last one of that key where no score of it is another."""
        kept = self._kept.get(key)
        if kept is None or kept[0] != controls or kept[1] != own:
            memo = kept[3] if kept else Memo()
            memo.turn()
            made = ranking_over(self.event, race, leg, controls, self.books[race.id], own, memo)
            kept = self._kept[key] = controls, own, made, memo
        self._kept.move_to_end(key)
        while len(self._kept) > RANKINGS:
            self._kept.popitem(last=False)
        return kept[2]
