"""Scores computed again only for the crews whose passages changed, control by control.

What a control gave a crew follows from its task and from the crew's own crossings (tasks.py): a crew whose crossings
did not change since the computation before keeps its score. When anything else of a task changed (the rule, a start
time), all of its crews are scored again. So the scores are always those of a computation from nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from centesimo.model.event import Entry, Event
from centesimo.model.facts import Attribution, Passage, Score
from centesimo.model.memo import Memo
from centesimo.rulebook import RuleBook
from centesimo.score import MEASURES
from centesimo.score.tasks import SURE, Crossed, Task, tasks
from centesimo.score.unattributed import ANYBODY, NOTHING, Unattributed

Key = tuple[str, str]  # race and control


def _whole_of(value: Any) -> Any:
    """Return a crew's value as it is: all of it is compared."""
    return value


def _first(crossed: Sequence[Attribution] | None) -> Passage | None:
    """Return a crew's first passage at a point, None when it was not seen there."""
    return crossed[0].passage if crossed else None


class Measured(NamedTuple):
    """The scores of a task, with the task that they were computed from."""

    task: Task
    entries: Sequence[Entry]
    sure: float  # confidence from which an attribution counts
    scores: list[Score]


class Measures:
    """The tasks of the computation before with their scores, by race and control."""

    def __init__(self) -> None:
        self._last: dict[Key, Measured] = {}

    def measure(
        self,
        event: Event,
        rulebooks: Mapping[str, RuleBook],
        crossed: Mapping[tuple[str, str], Crossed],
        memo: Memo,
        sure: float = SURE,
        unattributed: Unattributed = NOTHING,
    ) -> dict[Key, list[Score]]:
        """Return the scores of every race and control, in the order of start numbers; decisions are not in them.

        An attribution whose confidence is below `sure` leaves its control open. A crew that may have made one of the
        `unattributed` passages has not missed the point.
        """
        now: dict[Key, Measured] = {}
        differences = _Differences()
        for race in event.races:
            entries = sorted((e for e in event.entries if e.race == race.id), key=lambda entry: entry.start_number)
            for task in tasks(event, race, rulebooks[race.id], crossed, sure, memo, unattributed):
                key = race.id, task.control.id
                now[key] = _measured(self._last.get(key), task, entries, sure, differences)
        self._last = now
        return {key: measured.scores for key, measured in now.items()}


def _measured(
    last: Measured | None, task: Task, entries: Sequence[Entry], sure: float, differences: "_Differences"
) -> Measured:
    """Return a control's scores: those of the computation before where nothing that they follow from is different."""
    measure = MEASURES[task.control.kind]
    if last is None or _whole(last.task) != _whole(task) or (last.entries, last.sure) != (entries, sure):
        return Measured(task, entries, sure, [measure(task, entry, sure) for entry in entries])
    changed = _numbers(last.task, task, differences)
    if not changed:
        return last._replace(task=task)
    pairs = zip(entries, last.scores, strict=True)
    scores = [measure(task, entry, sure) if entry.start_number in changed else old for entry, old in pairs]
    return Measured(task, entries, sure, scores)


def _numbers(before: Task, after: Task, differences: "_Differences") -> frozenset[int]:
    """Return the start numbers of the crews whose crossings or own times differ between two tasks of a control.

    Where the control opens and closes, the whole attribution is compared; at the other points of the course only each
    crew's first passage, as nothing else of it counts here.
    """
    numbers = differences.of(before.shift_ns, after.shift_ns) | differences.of(before.carried_ns, after.carried_ns)
    numbers |= differences.of(before.opened, after.opened) | differences.of(before.closed, after.closed)
    numbers |= differences.of(before.own_ideal_cs, after.own_ideal_cs)
    for point in after.unattributed:
        numbers |= differences.of(before.unattributed[point], after.unattributed[point])
    return numbers | differences.of_courses(before.course, after.course)


class _Differences:
    """The crews for which two values differ, found once in one computation: controls share courses and crossings.

    Values are known by their identity, so each is kept here with the result that it led to: an identity cannot become
    another value's while the computation lasts.
    """

    def __init__(self) -> None:
        self._numbers: dict[tuple[object, ...], tuple[frozenset[int], object, object]] = {}

    def of(
        self, before: Mapping[int, Any], after: Mapping[int, Any], what: Callable[[Any], Any] = _whole_of
    ) -> frozenset[int]:
        """Return the start numbers for which `what` of their values differs between two maps by start number."""
        if before is after:
            return frozenset()
        return self._once(before, after, what, lambda: _differing(before, after, what))

    def of_courses(self, before: Sequence[Crossed], after: Sequence[Crossed]) -> frozenset[int]:
        """Return the start numbers of the crews whose first passage differs at a point of a course."""
        pairs = zip(before, after, strict=True)
        return self._once(
            before, after, None, lambda: frozenset(number for old, new in pairs for number in self.of(old, new, _first))
        )

    def _once(self, before: object, after: object, what: object, find: Callable[[], frozenset[int]]) -> frozenset[int]:
        same = id(before), id(after), what
        if same not in self._numbers:
            self._numbers[same] = find(), before, after
        return self._numbers[same][0]


def _differing(before: Mapping[int, Any], after: Mapping[int, Any], what: Callable[[Any], Any]) -> frozenset[int]:
    numbers = before.keys() | after.keys()
    return frozenset(number for number in numbers if what(before.get(number)) != what(after.get(number)))


def _whole(task: Task) -> tuple[Any, ...]:
    """Return all of a task that concerns every crew: when it differs, all of them are scored again."""
    plain = (task.race, task.control, task.start, task.clock, task.leg, task.rulebook, task.rule)
    anybody = [(point, ANYBODY in why_by_number) for point, why_by_number in task.unattributed.items()]
    return (*plain, task.chained_to, task.at, len(task.course), anybody)
