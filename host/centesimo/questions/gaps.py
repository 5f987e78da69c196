"""Gaps: the passages that open scores wait for, because they are missing or cannot be used, and when each is expected.

A crew is expected at a point an ideal time after it passed the point before; where it has no passage there, by its
start time. Nothing here suggests an answer.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from centesimo.amend.standing import HALF_DAY_NS
from centesimo.model.event import Control, Entry, Event
from centesimo.model.facts import OPEN, Passage, Score
from centesimo.model.timetable import Timetable

NS_PER_CS = 10_000_000


class Gap(NamedTuple):
    """A passage of one crew at one point that is missing or cannot be used, and the open scores that wait for it."""

    start_number: int
    point: str
    passage: Passage | None  # the crew's passage there, that cannot be used as it is
    expected_ns: int | None
    scores: tuple[Score, ...]  # the open ones that wait for it


def together(gaps: Iterable[Gap]) -> list[tuple[Gap, ...]]:
    """Return the gaps in groups: a crew's gaps that the same open scores wait for, in their order."""
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
    """Which passages there are at each point, and when each crew is expected there.

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
        self.timetable = Timetable(event)
        self.control_by_id = {control.id: control for control in event.controls}
        self.entry_by_number = {entry.start_number: entry for entry in event.entries}
        self.open_by_crew: dict[int, list[Score]] = defaultdict(list)
        for score in sorted(scores, key=lambda score: score.start_number):
            if score.status == OPEN:
                self.open_by_crew[score.start_number].append(score)
        self.passages_by_point: dict[str, list[Passage]] = defaultdict(list)
        for passage in passages:
            if passage.at_ns is not None:
                self.passages_by_point[passage.timing_point].append(passage)
        self._last_ns = max(
            (passage.at_ns or 0 for at_point in self.passages_by_point.values() for passage in at_point), default=0
        )
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
            for (leg, point), open_scores in waiting.items():
                passage = next(
                    (passage for score in open_scores for passage in score.passages if passage.timing_point == point),
                    None,
                )
                if passage is None or _cannot_be_used(passage, open_scores):
                    yield Gap(number, point, passage, expected.get((leg, point)), tuple(open_scores))

    def has_passed(self, gap: Gap) -> bool:
        """Say whether the field has passed a gap's point, so that the crew is missing and not just late.

        It has where a car passed there after this crew was expected, where the crew was seen further on, or half a day
        later anywhere, when the field drives another leg.
        """
        if self.ended or gap.passage is not None or self.went_on(gap):
            return True
        last_ns = max((passage.at_ns or 0 for passage in self.passages_by_point[gap.point]), default=0)
        expected_ns = gap.expected_ns
        return expected_ns is not None and (expected_ns < last_ns or expected_ns + HALF_DAY_NS < self._last_ns)

    def misfit_ns(self, gap: Gap, passage: Passage) -> tuple[int, int]:
        """Return how badly a passage fits the crew's others at the trials of a gap's point, then its due time.

        A crew that is five minutes late everywhere is named rightly where its trials come out, not where it was due.
        """
        at_ns, number = passage.at_ns or 0, gap.start_number
        entry = self.entry_by_number[number]
        misfits = []
        for control in self.event.controls:
            ideal_cs = control.ideal_cs_of(entry.in_leg(control.leg).car_class)
            if entry.race not in control.races or gap.point not in (control.opens, control.closes) or not ideal_cs:
                continue
            is_opening = control.opens == gap.point
            for point_passage in self._own[number].get((control.closes if is_opening else control.opens) or "", ()):
                taken_ns = ((point_passage.at_ns or 0) - at_ns) * (1 if is_opening else -1)
                misfits.append(abs(taken_ns - ideal_cs * NS_PER_CS))
        return min(misfits, default=0), abs(at_ns - (gap.expected_ns or at_ns))

    def is_behind_all(self, gap: Gap) -> bool:
        """Say whether its crew was expected after every car that the point has of that half day."""
        near = self._near(gap)
        return bool(near) and all((passage.at_ns or 0) < (gap.expected_ns or 0) for passage in near)

    def last_before(self, gaps: Sequence[Gap]) -> Passage:
        """Return the last passage that the point of these gaps has before them."""
        return max(self._near(gaps[0]), key=lambda passage: passage.at_ns or 0)

    def _near(self, gap: Gap) -> list[Passage]:
        """Return the passages of a gap's point within half a day of when its crew was expected."""
        expected_ns = gap.expected_ns
        at_point = self.passages_by_point[gap.point] if expected_ns is not None else []
        return [passage for passage in at_point if abs((passage.at_ns or 0) - (expected_ns or 0)) < HALF_DAY_NS]

    def is_seen(self, number: int) -> bool:
        """Say whether a crew has a passage anywhere."""
        return any(self._own[number].values())

    def went_on(self, gap: Gap) -> bool:
        """Say whether the crew has a passage anywhere after it was expected at this gap."""
        ats_ns = (passage.at_ns or 0 for passages in self._own[gap.start_number].values() for passage in passages)
        return gap.expected_ns is not None and any(at_ns > gap.expected_ns for at_ns in ats_ns)

    def between(self, gap: Gap, at_ns: int) -> bool:
        """Say whether an instant lies between the crew's last passage before a gap and its first one after it."""
        ats_ns = [passage.at_ns or 0 for passages in self._own[gap.start_number].values() for passage in passages]
        if gap.expected_ns is None or (gap.passage is not None and gap.passage.at_ns == at_ns):
            return True
        before = max((passed_ns for passed_ns in ats_ns if passed_ns <= gap.expected_ns), default=at_ns - 1)
        return (
            before < at_ns < min((passed_ns for passed_ns in ats_ns if passed_ns > gap.expected_ns), default=at_ns + 1)
        )

    def _expected(self, entry: Entry) -> dict[tuple[str, str], int]:
        """Return when a crew is expected (ns since 1970), by leg and timing point."""
        race = next(race for race in self.event.races if race.id == entry.race)
        expected_by_place: dict[tuple[str, str], int] = {}
        for start in race.starts:
            for control in self.event.controls:
                if control.leg == start.leg and race.id in control.races:
                    self._expect(control, self.timetable.due_ns(entry, control), expected_by_place, entry)
        return expected_by_place

    def _expect(
        self, control: Control, due_ns: int, expected_by_place: dict[tuple[str, str], int], entry: Entry
    ) -> None:
        if control.opens is None:
            if control.after_ns is not None:
                expected_by_place.setdefault((control.leg, control.closes), due_ns)
            return
        if control.after_ns is not None:
            expected_by_place.setdefault((control.leg, control.opens), due_ns)
        opens_ns = self._seen(entry.start_number, control.opens, expected_by_place.get((control.leg, control.opens)))
        ideal_cs = control.ideal_cs_of(entry.in_leg(control.leg).car_class)
        if opens_ns is not None and ideal_cs is not None:
            expected_by_place.setdefault((control.leg, control.closes), opens_ns + ideal_cs * NS_PER_CS)

    def _seen(self, number: int, point: str, expected_ns: int | None) -> int | None:
        """Return when a crew passed a point: the passage nearest to expected_ns, or else expected_ns itself."""
        timed = [passage.at_ns for passage in self._own[number].get(point, ()) if passage.at_ns is not None]
        return min(timed, key=lambda at_ns: abs(at_ns - (expected_ns or at_ns)), default=expected_ns)


def _cannot_be_used(passage: Passage, scores: Sequence[Score]) -> bool:
    return all(passage.timing_point in score.unusable for score in scores)
