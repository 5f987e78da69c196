"""The passages that open scores wait for: not there, or of no use as they are; and when each is expected.

A crew is expected at a point an ideal time after the one before, where it was seen there, or else by its start. Nothing
here suggests an answer.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from centesimo.amend.known import HALF_DAY_NS
from centesimo.model.event import Control, Entry, Event
from centesimo.model.facts import OPEN, Passage, Score

NS_PER_CS = 10_000_000


class Gap(NamedTuple):
    """One crew's passage that is not there, or cannot be used."""

    start_number: int
    point: str
    passage: Passage | None  # the crew's passage there, that cannot be used as it is
    expected_ns: int | None
    scores: tuple[Score, ...]  # the open ones that wait for it


def together(gaps: Iterable[Gap]) -> list[tuple[Gap, ...]]:
    """Return the gaps that an open score ties together, of one crew and in their order: it waits for all of them."""
    groups: list[list[Gap]] = []
    group_by_score: dict[tuple[int, str], list[Gap]] = {}
    for gap in gaps:
        keys = [(gap.start_number, score.control) for score in gap.scores]
        own = next((group_by_score[key] for key in keys if key in group_by_score), None)
        if own is None:
            own = []
            groups.append(own)
        own.append(gap)
        group_by_score.update(dict.fromkeys(keys, own))
    return [tuple(group) for group in groups]


class Field:
    """Who was seen where, and who is expected.

    passages_by_point  those with an instant, by timing point
    open_by_crew       the open scores by start number, in the order of crews and controls
    ended              whether nobody comes any more: then nobody is waited for
    """

    def __init__(
        self,
        event: Event,
        scores: Sequence[Score],
        passages: Iterable[Passage],
        attributed: Iterable[tuple[Passage, int]],
        ended: bool = False,
    ) -> None:
        self.event = event
        self.ended = ended
        self.control_by_id = {control.id: control for control in event.controls}
        self.entry_by_number = {entry.start_number: entry for entry in event.entries}
        self.open_by_crew: dict[int, list[Score]] = defaultdict(list)
        for score in sorted(scores, key=lambda one: one.start_number):
            if score.status == OPEN:
                self.open_by_crew[score.start_number].append(score)
        self.passages_by_point: dict[str, list[Passage]] = defaultdict(list)
        for passage in passages:
            if passage.at_ns is not None:
                self.passages_by_point[passage.timing_point].append(passage)
        self._last_ns = max((one.at_ns or 0 for its in self.passages_by_point.values() for one in its), default=0)
        self._own: dict[int, dict[str, list[Passage]]] = defaultdict(lambda: defaultdict(list))
        for passage, number in attributed:
            self._own[number][passage.timing_point].append(passage)

    def gaps(self) -> Iterator[Gap]:
        """Yield every gap that open scores wait for, in the order of crews and controls."""
        for number, scores in self.open_by_crew.items():
            waiting: dict[tuple[str, str], list[Score]] = defaultdict(list)
            for score in scores:
                control = self.control_by_id[score.control]
                for point in filter(None, (control.opens, control.closes)):
                    waiting[control.leg, point].append(score)
            expected = self._expected(self.entry_by_number[number])
            for (leg, point), its in waiting.items():
                passage = next((one for score in its for one in score.passages if one.timing_point == point), None)
                if passage is None or _cannot_be_used(passage, its):
                    yield Gap(number, point, passage, expected.get((leg, point)), tuple(its))

    def has_passed(self, gap: Gap) -> bool:
        """Say whether the field has passed: a passage there after this crew was expected, or its own further on.

        Half a day later the field is on another leg, wherever it is.
        """
        if self.ended or gap.passage is not None or self.went_on(gap):
            return True
        last_ns = max((one.at_ns or 0 for one in self.passages_by_point[gap.point]), default=0)
        expected_ns = gap.expected_ns
        return expected_ns is not None and (expected_ns < last_ns or expected_ns + HALF_DAY_NS < self._last_ns)

    def went_on(self, gap: Gap) -> bool:
        """Say whether the crew was seen where it came later than it was expected here."""
        its = (one.at_ns or 0 for found in self._own[gap.start_number].values() for one in found)
        return gap.expected_ns is not None and any(at_ns > gap.expected_ns for at_ns in its)

    def between(self, gap: Gap, at_ns: int) -> bool:
        """Say whether an instant is after all that the crew passed before this gap, and before all that follows it."""
        its = [one.at_ns or 0 for found in self._own[gap.start_number].values() for one in found]
        if gap.expected_ns is None or (gap.passage is not None and gap.passage.at_ns == at_ns):
            return True
        before = max((one for one in its if one <= gap.expected_ns), default=at_ns - 1)
        return before < at_ns < min((one for one in its if one > gap.expected_ns), default=at_ns + 1)

    def _expected(self, entry: Entry) -> dict[tuple[str, str], int]:
        """Return when a crew is expected at each point, from where it was seen before or else from its start."""
        race = next(race for race in self.event.races if race.id == entry.race)
        found: dict[tuple[str, str], int] = {}
        for start in race.starts:
            due_ns = start.first_at_ns + entry.place_in(start.leg) * start.interval_ns
            for control in self.event.controls:
                if control.leg == start.leg and race.id in control.races:
                    self._expect(control, due_ns, found, entry)
        return found

    def _expect(self, control: Control, due_ns: int, found: dict[tuple[str, str], int], entry: Entry) -> None:
        if control.opens is None:
            if control.after_ns is not None:
                found.setdefault((control.leg, control.closes), due_ns + control.after_ns)
            return
        if control.after_ns is not None:
            found.setdefault((control.leg, control.opens), due_ns + control.after_ns)
        opens_ns = self._seen(entry.start_number, control.opens, found.get((control.leg, control.opens)))
        ideal_cs = control.ideal_cs_of(entry.car_class)
        if opens_ns is not None and ideal_cs is not None:
            found.setdefault((control.leg, control.closes), opens_ns + ideal_cs * NS_PER_CS)

    def _seen(self, number: int, point: str, expected_ns: int | None) -> int | None:
        """Return when a crew was at a point, of several the passage nearest to where it was expected."""
        timed = [one.at_ns for one in self._own[number].get(point, ()) if one.at_ns is not None]
        return min(timed, key=lambda at_ns: abs(at_ns - (expected_ns or at_ns)), default=expected_ns)


def _cannot_be_used(passage: Passage, scores: Sequence[Score]) -> bool:
    return all(f"at {passage.timing_point} " in f"{score.reason} " for score in scores)
