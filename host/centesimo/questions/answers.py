"""The suggested answer to one gap, as ready commands.

A time is never invented: where only a sheet can tell it, the command says TIME, which is refused as it is.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from shlex import quote
from typing import NamedTuple

from centesimo.amend import made
from centesimo.amend.averages import crew
from centesimo.amend.checks import contradiction
from centesimo.amend.scores import AVERAGES
from centesimo.amend.standing import HALF_DAY_NS, Standing
from centesimo.compute import Outcome, decisions_of, rulebooks
from centesimo.decide.command_text import WHY, typed
from centesimo.model.decisions import Confirm, Decision, Penalty
from centesimo.model.event import AVERAGE_TRIAL, PASSAGE_CONTROL, TIMED_TRIAL, Event
from centesimo.model.facts import Passage, Score
from centesimo.model.findings import FindingKind
from centesimo.questions.gaps import Field, Gap
from centesimo.reading.localtime import NS_PER_S
from centesimo.score.crossings import road
from centesimo.score.instants import NS_PER_CS
from centesimo.score.unattributed import unattributed
from centesimo.timing.witnesses import file_of
from centesimo.words.instants import shown_at

CLOCK = slice(len("2027-05-23T"), len("2027-05-23T10:05:58.60"))  # of a local time
BOARD = "board"  # the source of what a board has timed


class Answer(NamedTuple):
    """The suggested answer to one gap."""

    command: str
    text: str  # the question, when it is alone
    part: str = ""  # what it says in the question about several; "": there is no time


class Answers:
    """What an official could decide about gaps and open scores, as commands that no other decision contradicts."""

    def __init__(self, event: Event, outcome: Outcome, decided: Standing, field: Field) -> None:
        self.event = event
        self.outcome = outcome
        self.decided = decided
        self.field = field
        self.rulebooks = rulebooks(event)
        self.unattributed = unattributed(road(event), outcome.findings, field.passages_by_point, event.timezone)
        self.scores_by_crew: dict[int, list[Score]] = defaultdict(list)
        self.beside = {passage.id for passage in outcome.beside}
        for score in outcome.scores:
            self.scores_by_crew[score.start_number].append(score)

    def given(self, gap: Gap, passage: Passage) -> Decision:
        """Return the decision that gives a gap's crew a passage; of a backup's passage, its time as an insertion."""
        if passage.timing_point == gap.point:
            return made("attribute", "-", "-", 0, passage=passage.id, start_number=gap.start_number)
        values = {"timing_point": gap.point, "passed_at_ns": passage.at_ns, "source": _source(passage)}
        return made("insert", "-", "-", 0, start_number=gap.start_number, **values)

    def answer(self, gap: Gap, passage: Passage | None) -> Answer:
        """Return the suggested answer to a gap.

        It gives the crew `passage`, of this point or its backup; without one, it removes what keeps a time from being
        inserted, or else asks for a time from another device or a sheet.
        """
        if passage is None:
            return self._in_the_way(gap) or self._by_hand(gap)
        if passage.timing_point != gap.point:
            return self._of_backup(gap, passage)
        number, point, clock = gap.start_number, gap.point, self.clock(passage)
        or_rivals = self.or_whose([passage], number)
        text = f"Crew {number} has no passage at {point}; is the one at {clock} its own{or_rivals}?"
        if passage.id in self.beside:
            clock += self._wrong_clock(passage)
            text = f"Crew {number} has no time at {point}, but {passage.source} has one at {clock}: is it its own?"
        elif passage is gap.passage:
            text = f"{point} at {clock} is likely crew {number}'s, but not surely: is it{or_rivals}?"
        return Answer(self.attribute(passage, number), text, f"its own at {point} at {clock}")

    def _wrong_clock(self, passage: Passage) -> str:
        """Return by how much the clock of a second source is off, with what to do; "" where it is right or not told."""
        at_point = self.outcome.witnessed.get(passage.timing_point)
        for clock in at_point.clocks if at_point else ():
            if (clock.file, clock.source) == (file_of(passage), passage.source) and abs(clock.late_ns) >= NS_PER_CS:
                late_s = clock.late_ns / NS_PER_S
                how = f"{abs(late_s):.3f} s {'late' if late_s > 0 else 'early'}"
                return f" (by a clock that is {how} there, as {clock.cars} cars tell: shift-file its file first)"
        return ""

    def or_whose(self, passages: Iterable[Passage], start_number: int) -> str:
        """Return which other crews the passages may be of: ", or crew 13's, or nobody's"; "" where there are none."""
        ids = {passage.id for passage in passages}
        findings = [finding for finding in self.outcome.findings if finding.candidates and ids & set(finding.passages)]
        numbers = {
            candidate.start_number
            for finding in findings
            for candidate in finding.candidates
            if candidate.passage in ids
        }
        crews = [f"crew {number}'s" for number in sorted(filter(None, numbers - {start_number}))]
        if None in numbers or any(finding.kind == FindingKind.GHOST for finding in findings):
            crews.append("nobody's")
        return "".join(f", or {crew}" for crew in crews)

    def attribute(self, passage: Passage, start_number: int) -> str:
        """Return the command that gives a passage to a crew."""
        return f"centesimo amend attribute {quote(passage.id)} {start_number} {WHY}"

    def _by_hand(self, gap: Gap) -> Answer:
        number, point, why = gap.start_number, gap.point, self._why(gap)
        text = f"Crew {number} has no time at {point}{why}: does another device or a sheet have it, or is it lost?"
        source = "second device" if self.trials(gap) else "time card"
        command = f'centesimo amend insert {quote(point)} TIME --source "{source}" --start-number {number} {WHY}'
        return Answer(command, text)

    def _why(self, gap: Gap) -> str:
        """Return why passages at a gap's point that may be the crew's are not suggested to it; "": there are none."""
        leg = self.field.control_by_id[gap.scores[0].control].leg
        why = self.unattributed.get((leg, gap.point), {}).get(gap.start_number, "")
        return f" ({why})" if why else ""

    def _of_backup(self, gap: Gap, passage: Passage) -> Answer:
        """Return the answer that inserts a backup tube's time where the main tube has none."""
        number, backup, clock = gap.start_number, passage.timing_point, self.clock(passage)
        text = f"Crew {number} has no time at {gap.point}, but its backup {backup} has one at {clock}: is it its own?"
        width_ns = passage.uncertainty_ns
        width = "" if width_ns is None else f"--uncertainty-s {_in_s(width_ns)} "
        command = (
            f"centesimo amend insert {quote(gap.point)} {typed(self.event, passage.at_ns or 0)} "
            f"--source {quote(_source(passage))} {width}--start-number {number} {WHY}"
        )
        return Answer(command, text, f"that of backup {backup} at {clock} at {gap.point}")

    def _in_the_way(self, gap: Gap) -> Answer | None:
        """Return the answer that removes what keeps a time from being inserted: a decision, or a loaded passage."""
        number, point = gap.start_number, gap.point
        for identity in self.decided.passages_by_crew.get(number, ()):
            passage = self.decided.find_passage(identity)
            if passage is not None and passage.timing_point == point and _is_near(passage, gap):
                by = self.decided.crew_by_passage[identity][1]
                text = f"Crew {number} has a passage at {point} by amendment {by.id}, but no time: does that stand?"
                return Answer(f"centesimo amend withdraw {by.id} {WHY}", text, f"amendment {by.id} does not stand")
        there = self.field.passages_by_point[point]
        named = [passage for passage in there if passage.start_number == number and _is_near(passage, gap)]
        if not named:
            return None
        far = max(named, key=lambda passage: (*self.field.misfit_ns(gap, passage), passage.id))
        text = f"Crew {number} is named at {point} at {self.clock(far)}, which gives no time: does that not count?"
        return Answer(f"centesimo amend void {quote(far.id)} {WHY}", text, f"{self.clock(far)} does not count")

    def settling(self, score: Score) -> str:
        """Return the command for an open score without a gap: withdraw the last decision, give a cost, or explain."""
        number, control = score.start_number, quote(score.control)
        by = [
            decision
            for decision in decisions_of(self.event, self.outcome, score)
            if not isinstance(decision.action, Penalty | Confirm)
        ]
        if by:
            return f"centesimo amend withdraw {max(by, key=lambda decision: decision.at_ns).id} {WHY}"
        if self.field.control_by_id[score.control].kind == PASSAGE_CONTROL:
            return f"centesimo amend miss {number} {control} --points POINTS {WHY}"
        return f"centesimo explain {number} {control}"

    def trials(self, gap: Gap) -> list[Score]:
        """Return the scores of trials that wait for a gap."""
        kinds = self.field.control_by_id
        return [score for score in gap.scores if kinds[score.control].kind in (TIMED_TRIAL, AVERAGE_TRIAL)]

    def average(self, group: Sequence[Gap]) -> str:
        """Return the command that assigns an average, the rule book's kind before others; "": none can be formed."""
        number = group[0].start_number
        averages = crew(self.event, self.scores_by_crew[number], number, self.outcome.applied.of_scores)
        for score in dict.fromkeys(score for gap in group for score in self.trials(gap)):
            usual = self.rulebooks[score.race].rule_for(self.field.control_by_id[score.control].kind).average
            for of in (usual, *AVERAGES):
                if averages.settles(score, of):
                    option = "" if of == usual else f" --of {of}"
                    return f"centesimo amend average {number} {quote(score.control)}{option} {WHY}"
        return ""

    def retire(self, first: Gap) -> str:
        """Return the command that says a crew gave up before a gap; "" where that would contradict a decision."""
        number, control = first.start_number, first.scores[0].control
        if contradiction(made("retire", "-", "-", 0, start_number=number, control=control), self.decided):
            return ""
        return f"centesimo amend retire {number} {quote(control)} {WHY}"

    def never_started(self, number: int) -> str:
        """Return the command that says a crew did not start; "" where that would contradict a decision."""
        if contradiction(made("retire", "-", "-", 0, start_number=number, control=None), self.decided):
            return ""
        return f"centesimo amend retire {number} {WHY}"

    def clock(self, passage: Passage) -> str:
        """Return a passage's local time to the hundredth."""
        return shown_at(self.event, passage.at_ns)[CLOCK]


def _source(passage: Passage) -> str:
    """Return the source to name for a time that is taken from a backup."""
    return f"backup {passage.timing_point}" + ("" if passage.source == BOARD else f" ({passage.source})")


def _in_s(width_ns: int) -> str:
    """Return an uncertainty in s, with 1 us more, as the inserted instant is cut to the microsecond."""
    return f"{Decimal((width_ns + 999) // 1000 + 1).scaleb(-6):f}"


def _is_near(passage: Passage, gap: Gap) -> bool:
    """Say whether a passage lies within half a day of when the gap's passage was expected: in the same leg."""
    return gap.expected_ns is None or abs((passage.at_ns or 0) - gap.expected_ns) < HALF_DAY_NS
