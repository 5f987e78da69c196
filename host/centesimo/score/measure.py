"""Scores again, of those only whose passages changed: control by control, and in each crew by crew.

What a control gave a crew follows from its task and from the crew's own crossings (tasks.py); so a crew whose crossings
are equal to those of the last time has the score of the last time. Nothing is approximated: a task that is otherwise
different is measured wholly.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from centesimo.model.event import Entry, Event
from centesimo.model.facts import Attribution, Passage, Score
from centesimo.model.memo import Memo
from centesimo.rulebook import RuleBook
from centesimo.score import MEASURES
from centesimo.score.tasks import SURE, Crossed, Task, tasks
from centesimo.score.whose import ANYBODY, NOTHING, Whose

Key = tuple[str, str]  # race and control


def _whole_of(its: Any) -> Any:
    """Return all that is known of a crew."""
    return its


def _first(crossed: Sequence[Attribution] | None) -> Passage | None:
    """Return a crew's first passage at a point, None when it was not seen there."""
    return crossed[0].passage if crossed else None


class Measured(NamedTuple):
    """What a task gave, with all that it was measured of."""

    task: Task
    entries: Sequence[Entry]
    sure: float  # confidence from which an attribution counts
    scores: list[Score]


class Measures:
    """The measured tasks of the last computation, by race and control."""

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
        whose: Whose = NOTHING,
    ) -> dict[Key, list[Score]]:
        """Return the scores of every race and control, in the order of start numbers; amendments are not in them.

        An attribution whose confidence is below `sure` leaves its control open. Where `whose` says that a passage is
        nobody's yet, who was not seen has not missed it.
        """
        now: dict[Key, Measured] = {}
        self._changed.clear()
        for race in event.races:
            entries = sorted((e for e in event.entries if e.race == race.id), key=lambda entry: entry.start_number)
            for task in tasks(event, race, rulebooks[race.id], crossed, sure, memo, whose):
                key = race.id, task.control.id
                now[key] = self._measured(self._last.get(key), task, entries, sure)
        self._last = now
        return {key: one.scores for key, one in now.items()}

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
        """Return the crews whose crossings, or whose own times, are not what they were.

        Of the other points of the course it only counts where a crew was, and when; how sure that is counts where the
        control opens and closes.
        """
        found = self._differ(before.shift_ns, after.shift_ns) | self._differ(before.carried_ns, after.carried_ns)
        found |= self._differ(before.opened, after.opened) | self._differ(before.closed, after.closed)
        for point in after.whose:
            found |= self._differ(before.whose[point], after.whose[point])
        same = id(before.course), id(after.course)
        if same not in self._changed:
            pairs = zip(before.course, after.course, strict=True)
            self._changed[same] = frozenset(number for old, new in pairs for number in self._differ(old, new, _first))
        return found | self._changed[same]

    def _differ(
        self, before: Mapping[int, Any], after: Mapping[int, Any], what: Callable[[Any], Any] = _whole_of
    ) -> frozenset[int]:
        """Return the crews of which `what` is not what it was, of those that are in one of both."""
        if before is after:
            return frozenset()
        same = id(before), id(after), what
        if same not in self._changed:
            numbers = before.keys() | after.keys()
            self._changed[same] = frozenset(one for one in numbers if what(before.get(one)) != what(after.get(one)))
        return self._changed[same]


def _whole(task: Task) -> tuple[Any, ...]:
    """Return all of a task that is not of one crew."""
    plain = (task.race, task.control, task.start, task.midnight_ns, task.leg, task.rulebook, task.rule)
    anybody = [(point, ANYBODY in its) for point, its in task.whose.items()]
    return (*plain, task.chained_to, task.at, len(task.course), anybody)
