"""The scores of a race crew by crew, from one outcome to the next: who scored nothing new keeps the very same tuple.

So whatever is made of a crew's scores is found again by one look, and only the crews that a passage or decision touched
are looked at closer.
"""

from collections.abc import Mapping, Sequence
from itertools import compress, count, islice, takewhile
from operator import is_not

from centesimo.model.event import Control, Race
from centesimo.model.facts import Score

ScoresByCrew = Mapping[int, tuple[Score, ...]]


class CrewScores:
    """The scores of each crew of one race, in the order of its controls."""

    def __init__(self) -> None:
        self._groups: list[Sequence[Score]] = []
        self._by_crew: dict[int, tuple[Score, ...]] = {}

    def of(self, scores: Sequence[Score], race: Race, controls: Sequence[Control]) -> ScoresByCrew:
        """Return them by start number, of all scores of an outcome."""
        before, self._groups = self._groups, _groups(scores, race, controls)
        if [len(group) for group in before] != [len(group) for group in self._groups]:
            self._by_crew = {row[0].start_number: row for row in zip(*self._groups, strict=True)}
            return self._by_crew
        rows: set[int] = set()
        for group, old in zip(self._groups, before, strict=True):
            if group != old:
                rows.update(compress(count(), map(is_not, group, old)))
        made = (tuple(group[place] for group in self._groups) for place in sorted(rows))
        changed = {row[0].start_number: row for row in made if row != self._by_crew[row[0].start_number]}
        self._by_crew = self._by_crew | changed
        return self._by_crew


def changed_crews(now: ScoresByCrew, before: ScoresByCrew) -> list[int]:
    """Return the start numbers of those whose scores are others, or may be."""
    return [number for number, scores in now.items() if scores is not before.get(number)]


def _groups(scores: Sequence[Score], race: Race, controls: Sequence[Control]) -> list[Sequence[Score]]:
    """Return a race's scores control by control.

    Those of a race follow one another, control by control, and each control has the same crews in the same order.
    """
    first = next((place for place, score in enumerate(scores) if score.race == race.id), len(scores))
    begun = islice(scores, first, None)
    crews = sum(1 for _ in takewhile(lambda score: (score.race, score.control) == (race.id, controls[0].id), begun))
    return [scores[first + place * crews : first + (place + 1) * crews] for place in range(len(controls))]
