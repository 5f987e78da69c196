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
        # By identity of what was and what is, and what of it counts.
        self._changed: dict[tuple[object, ...], frozenset[int]] = {}

    def measure(
        self,
        event: Event,
        rulebooks: Mapping[str, RuleBook],
        crossed: Mapping[tuple[str, str], Crossed],
        memo: Memo,
        sure: float = SURE,
        unattributed: Unattributed = NOTHING,
    ) -> dict[Key, list[Score]]:
        """Return the scores of every race and control, in the order of start numbers; amendments are not in them.

        An attribution whose confidence is below `sure` leaves its control open. A crew that may have made one of the
        `unattributed` passages has not missed the point.
        """
        now: dict[Key, Measured] = {}
        self._changed.clear()
        for race in event.races:
            entries = sorted((e for e in event.entries if e.race == race.id), key=lambda entry: entry.start_number)
            for task in tasks(event, race, rulebooks[race.id], crossed, sure, memo, unattributed):
                key = race.id, task.control.id
                now[key] = self._measured(self._last.get(key), task, entries, sure)
        self._last = now
        return {key: measured.scores for key, measured in now.items()}

    def _measured(self, last: Measured | None, task: Task, entries: Sequence[Entry], sure: float) -> Measured:
        measure = MEASURES[task.control.kind]
        if last is None or _whole(last.task) != _whole(task) or (last.entries, last.sure) != (entries, sure):
            return Measured(task, entries, sure, [measure(task, entry, sure) for entry in entries])
        changed = self._numbers(last.task, task)
        if not changed:
            return last._replace(task=task)
        pairs = zip(entries, last.scores, strict=True)
        scores = [measure(task, entry, sure) if entry.start_number in changed else old for entry, old in pairs]
        return Measured(task, entries, sure, scores)

    def _numbers(self, before: Task, after: Task) -> frozenset[int]:
        """Return the start numbers of the crews whose crossings or own times differ between two tasks of a control.

        Where the control opens and closes, the whole attribution is compared; at the other points of the course only
        each crew's first passage, as nothing else of it counts here.
        """
        numbers = self._differ(before.shift_ns, after.shift_ns) | self._differ(before.carried_ns, after.carried_ns)
        numbers |= self._differ(before.opened, after.opened) | self._differ(before.closed, after.closed)
        for point in after.unattributed:
            numbers |= self._differ(before.unattributed[point], after.unattributed[point])
        same = id(before.course), id(after.course)
        if same not in self._changed:
            pairs = zip(before.course, after.course, strict=True)
            self._changed[same] = frozenset(number for old, new in pairs for number in self._differ(old, new, _first))
        return numbers | self._changed[same]

    def _differ(
        self, before: Mapping[int, Any], after: Mapping[int, Any], what: Callable[[Any], Any] = _whole_of
    ) -> frozenset[int]:
        """Return the start numbers for which `what` of their values differs between two maps by start number."""
        if before is after:
            return frozenset()
        same = id(before), id(after), what
        if same not in self._changed:
            numbers = before.keys() | after.keys()
            self._changed[same] = frozenset(
                number for number in numbers if what(before.get(number)) != what(after.get(number))
            )
        return self._changed[same]


def _whole(task: Task) -> tuple[Any, ...]:
    """Return all of a task that concerns every crew: when it differs, all of them are scored again."""
    plain = (task.race, task.control, task.start, task.midnight_ns, task.leg, task.rulebook, task.rule)
    anybody = [(point, ANYBODY in why_by_number) for point, why_by_number in task.unattributed.items()]
    return (*plain, task.chained_to, task.at, len(task.course), anybody)
