"""A timekeeper with a sheet of who truly passed, who answers what `questions` asks until nothing is open.

Of each round the first questions are answered, then all is computed anew. What is asked is read as a person reads it:
from the suggested commands. An answer is right: the passage is the crew's whose it was, or nobody's; a crew that drove
on has not retired; a time that no tube has comes from the sheet, to the hundredth.
"""

import shlex
from collections.abc import Iterator
from typing import Any, NamedTuple

from centesimo.amend import made
from centesimo.compute import Computation, Outcome
from centesimo.model.decisions import Decision
from centesimo.questions import questions
from simulate.worlds import WorldDay

ROUNDS = 40
AT_ONCE = 5  # questions answered before all is computed anew
CS_NS = 10_000_000


class Answered(NamedTuple):
    """What became of a day."""

    passages: int  # of crews
    answers: int
    open: int  # passages of crews that are nobody's in the end
    wrong_before: int
    wrong: int


def settle(day: WorldDay) -> Answered:
    """Answer what is asked about a day until nothing is open, or nothing is asked that the sheet can answer."""
    sheet, computation, facts = _Sheet(day), Computation(), day.facts()
    outcome = computation.outcome(facts)
    before = len(sheet.wrong(outcome))
    for _ in range(ROUNDS):
        if not sheet.open(outcome):
            break
        new: list[Decision] = []
        asked = (question for question in questions(facts, outcome, ended=True))
        for question in asked:
            new += sheet.answers((question.command, *question.further))
            if len(new) >= AT_ONCE:
                break
        if not new:
            break
        facts = facts._replace(decisions=(*facts.decisions, *new))
        outcome = computation.outcome(facts)
    return Answered(
        len(sheet.of_crews), len(facts.decisions), len(sheet.open(outcome)), before, len(sheet.wrong(outcome))
    )


class _Sheet:
    """Who truly passed where, and what was answered already."""

    def __init__(self, day: WorldDay) -> None:
        self.day = day
        self.whose = {passage.id: day.truth[passage.id] for passage in day.passages}
        self.of_crews = {identity for identity, number in self.whose.items() if number is not None}
        self._passage_by_key = {
            (number, passage.timing_point): passage.id for passage in day.passages if (number := day.truth[passage.id])
        }
        self._answered: set[Any] = set()

    def open(self, outcome: Outcome) -> set[str]:
        """Return the passages of crews that have no crew."""
        return self.of_crews - {attribution.passage.id for attribution in outcome.attributions}

    def wrong(self, outcome: Outcome) -> list[str]:
        """Return the passages that have another crew than they had; not where its car is in it, behind nobody's."""
        given = (attribution for attribution in outcome.attributions if attribution.passage.id in self.whose)
        beside = self.day.beside
        return [
            attribution.passage.id
            for attribution in given
            if attribution.start_number not in (self.whose[attribution.passage.id], beside.get(attribution.passage.id))
        ]

    def answers(self, commands: tuple[str, ...]) -> Iterator[Decision]:
        """Yield what the sheet says of suggested commands; nothing twice."""
        for command in commands:
            _, _, kind, *values = [*shlex.split(command), "", "", ""]
            for answer in self._answer(kind, values):
                key = answer[0], *sorted(answer[1].items())
                if key not in self._answered:
                    self._answered.add(key)
                    yield made(answer[0], "Timekeeper", "sheet", len(self._answered), **answer[1])

    def _answer(self, kind: str, values: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        if kind == "attribute" and values[0] in self.whose:
            yield self._of(values[0])
        elif kind == "retire":
            yield from self._retired(int(values[0]), values[1])
        elif kind == "insert" and "--start-number" in values:
            yield from self._at(int(values[values.index("--start-number") + 1]), values[0])

    def _at(self, number: int, point: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield which passage is a crew's at a point, or else when it passed there; nothing where it did not."""
        identity, at_ns = self._passage_by_key.get((number, point)), self.day.passed_ns.get((number, point))
        if identity is not None:
            yield self._of(identity)
        elif at_ns is not None:
            at_ns -= at_ns % CS_NS
            values = {"timing_point": point, "passed_at_ns": at_ns, "source": "sheet", "start_number": number}
            yield "insert", values

    def _of(self, identity: str) -> tuple[str, dict[str, Any]]:
        """Return whose a passage was."""
        number = self.whose[identity]
        return (
            ("void", {"passage": identity})
            if number is None
            else ("attribute", {"passage": identity, "start_number": number})
        )

    def _retired(self, number: int, control: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield that a crew gave up before a control, or else its passages and times from there on."""
        ids = [control.id for control in self.day.event.controls]
        after = self.day.event.controls[ids.index(control) :]
        points = dict.fromkeys(point for control in after for point in (control.opens, control.closes) if point)
        drove = [point for point in points if (number, point) in self.day.passed_ns]
        if not drove:
            yield "retire", {"start_number": number, "control": control}
        for point in drove:
            yield from self._at(number, point)
