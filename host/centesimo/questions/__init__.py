"""What is open, most valuable first, each with the decision that would most likely settle it as a ready command line.

A question is about gaps (gaps.py): a crew's passages that its open scores wait for. Gaps that one answer settles are
one question: a board that was not collected, a crew that went home, a car that was lost on a chain. A gap is asked when
the field has passed the point. What is open though nothing is missing is asked too: a decision or a record is wrong
there. Suggestions never invent a time: where only a sheet can tell it, the command says TIME. It is refused as it is,
as are NAME and "..." for who and why.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from shlex import quote
from typing import Any, NamedTuple

from centesimo.amend import made
from centesimo.amend.averages import crew
from centesimo.amend.checks import contradiction
from centesimo.amend.known import HALF_DAY_NS, Known
from centesimo.amend.scores import AVERAGES
from centesimo.amend.shown import shown_at
from centesimo.compute import Facts, Outcome, amendments_of, rulebooks
from centesimo.event import AVERAGE_TRIAL, PASSAGE_CONTROL, TIMED_TRIAL
from centesimo.facts import Passage, Score
from centesimo.questions.fit import NEAR_NS, Fit, fitted, is_one_car
from centesimo.questions.gaps import OF_NO_USE, Field, Gap, together
from centesimo.sanity import KINDS

LOOK = "centesimo picture"  # what shows a doubt about the points themselves; nobody's time waits for it
FILL_IN = {"who": "NAME", "why": "..."}  # what whoever decides types in its place
WHY = '--who {who} --why "{why}"'.format_map(FILL_IN)


class Question(NamedTuple):
    """One thing to be settled."""

    text: str  # one sentence, for an official
    where: str  # timing point, or control from which on
    start_numbers: tuple[int, ...]
    open_scores: int  # that the answer settles
    placed: int  # crews that get a place by it, as nothing else of theirs is open
    command: str  # the suggested answer
    otherwise: str = ""  # what settles some of it when the suggested answer cannot be given; "": nothing does
    further: tuple[str, ...] = ()  # the rest of the suggested answer, where it takes several decisions

    def as_json(self) -> dict[str, Any]:
        """Return it as values that JSON can hold."""
        return {**self._asdict(), "start_numbers": list(self.start_numbers), "further": list(self.further)}


class _Answer(NamedTuple):
    """The suggested answer to one gap."""

    command: str
    text: str  # the question, when it is alone
    part: str = ""  # what it says in the question about several; "": there is no time


def questions(facts: Facts, outcome: Outcome, ended: bool = False) -> list[Question]:
    """Return the questions, first those that give most crews a place, then those that most scores wait for.

    `ended` says that nobody comes any more, so that also whoever would be last is asked for. Findings about the points
    themselves (sanity) come last: no score waits for them.
    """
    desk = _Desk(facts, outcome, ended)
    gaps = list(desk.field.gaps())
    asked = desk.without_gap(gaps)
    for ask in (desk.silent_points, desk.gone_crews, desk.single):
        found, gaps = ask(gaps)
        asked += found
    asked += [Question(one.text, one.where, (), 0, 0, LOOK) for one in outcome.findings if one.kind in KINDS]
    return sorted(asked, key=lambda one: (-one.placed, -one.open_scores, one.where, one.start_numbers))


def yet_to_come(facts: Facts, outcome: Outcome) -> list[int]:
    """Return the start numbers of the crews that are open where the field has not passed: that is no question yet."""
    field = _Desk(facts, outcome, ended=False).field
    return sorted({gap.start_number for gap in field.gaps() if not field.has_passed(gap)})


class _Desk:
    """All that the questions are told from."""

    def __init__(self, facts: Facts, outcome: Outcome, ended: bool) -> None:
        self.event = facts.event
        self.outcome = outcome
        attributed = [(one.passage, one.start_number) for one in outcome.attributions]
        self.field = Field(facts.event, outcome.scores, outcome.passages, attributed, ended)
        self.rulebooks = rulebooks(facts.event)
        self.scores_by_crew: dict[int, list[Score]] = defaultdict(list)
        for score in outcome.scores:
            self.scores_by_crew[score.start_number].append(score)
        self.known = Known(facts.event, outcome.recorded)
        for one in outcome.applied.standing:
            self.known.stand(one)
        self.taken = {passage.id for passage, _ in attributed} | self.known.crew_by_passage.keys()
        self.likely = self._likely()
        self.somebodys = self.taken | {one.id for its in self.likely.values() for one in its}

    def _likely(self) -> dict[tuple[int, str], list[Passage]]:
        """Return the passages that are more likely a crew's than anybody else's, but not surely enough to be given."""
        found: dict[tuple[int, str], list[Passage]] = defaultdict(list)
        passage_by_id = {one.id: one for its in self.field.passages_by_point.values() for one in its}
        for finding in self.outcome.findings:
            for identity, number in finding.likely:
                passage = passage_by_id[identity]
                found[number, passage.timing_point].append(passage)
        return found

    def silent_points(self, gaps: Sequence[Gap]) -> tuple[list[Question], list[Gap]]:
        """Ask for each point that has no passage at all, though the crews are known further on; keep what has some."""
        field, board_by_point = self.field, {point.id: point.board for point in self.event.timing_points}
        rest = [gap for gap in gaps if field.passages_by_point[gap.point] and field.has_passed(gap)]
        silent: dict[str, list[Gap]] = defaultdict(list)
        for gap in gaps:
            if not field.passages_by_point[gap.point] and (field.ended or field.went_on(gap)):
                silent[gap.point].append(gap)
        asked = []
        for point, its in silent.items():
            board = board_by_point.get(point)
            text = f"{point} has no passage at all: is board {board} collected?"
            command = "centesimo collect"
            if not board:
                text, command = f"{point} has no passage at all: is its sheet loaded?", "centesimo load FILE.csv"
            asked.append(self._question(text, point, its, command))
        return asked, rest

    def gone_crews(self, gaps: Sequence[Gap]) -> tuple[list[Question], list[Gap]]:
        """Ask for each crew that was not seen any more after some point, by no passages that fit one car either."""
        by_crew: dict[int, list[Gap]] = defaultdict(list)
        for gap in gaps:
            by_crew[gap.start_number].append(gap)
        asked: list[Question] = []
        rest: list[Gap] = []
        for number, its in by_crew.items():
            last = [gap for gap in its if gap.passage is None and not self.field.went_on(gap)]
            is_likely = any((number, gap.point) in self.likely for gap in last)
            first = min(last, key=lambda gap: gap.expected_ns or 0, default=its[0])
            is_there = is_likely or any(is_one_car(one, self._candidates) for one in together(last))
            if len(last) < 2 or is_there or not self._retire(first):
                rest += its
                continue
            text = f"Crew {number} was not seen from {first.point} on: did it retire?"
            asked.append(self._question(text, first.scores[0].control, last, self._retire(first)))
            rest += [gap for gap in its if gap not in last]
        return asked, rest

    def _candidates(self, gap: Gap, expected_ns: int | None) -> list[Passage]:
        """Return the passages that may be this gap's, the nearest to where the crew is expected first.

        They are the one that is the crew's but for a doubt, or those that are likely its own, or else those that are
        likely nobody's. None is among them whose time does not count or that may not be given to the crew.
        """
        likely = self.likely.get((gap.start_number, gap.point), [])
        if gap.passage is not None and gap.passage.at_ns is not None:
            likely = [gap.passage]
        if expected_ns is None:
            near = likely
        else:
            free = [one for one in self.field.passages_by_point[gap.point] if one.id not in self.somebodys]
            near = [one for one in likely or free if abs((one.at_ns or 0) - expected_ns) < NEAR_NS]
            near.sort(key=lambda one: (abs((one.at_ns or 0) - expected_ns), one.id))
        return [one for one in near if self._may_be(one, gap)]

    def _may_be(self, passage: Passage, gap: Gap) -> bool:
        """Say whether a decision may give a passage to a gap's crew, with a time that counts and fits its others."""
        if OF_NO_USE & set(passage.flags) or not self.field.between(gap, passage.at_ns or 0):
            return False
        given = made("attribute", "-", "-", 0, passage=passage.id, start_number=gap.start_number)
        return not contradiction(given, self.known)

    def single(self, gaps: Sequence[Gap]) -> tuple[list[Question], list[Gap]]:
        """Ask for the gaps that are left, one car's together, giving passages of nobody to whom they fit best."""
        groups = together(gaps)
        fits = fitted(groups, self._candidates)
        return [self._about(group, fit) for group, fit in zip(groups, fits, strict=True)], []

    def _about(self, group: Sequence[Gap], fit: Fit) -> Question:
        number, first = group[0].start_number, group[0]
        answers = [self._answer(gap, one) for gap, one in zip(group, fit, strict=True)]
        points = ", ".join(gap.point for gap in group)
        text = answers[0].text
        if len(group) > 1 and None not in fit:
            clocks = ", ".join(self._clock(one) for one in fit if one is not None)
            text = f"Crew {number} is open at {points}: are the passages at {clocks} its own?"
        elif len(group) > 1 and {one.part for one in answers} == {""}:
            text = f"Crew {number} has no time at {points}: does another device or a sheet have them, or are they lost?"
        elif len(group) > 1:
            parts = [one.part or f"no time at {gap.point}" for gap, one in zip(group, answers, strict=True)]
            text = f"Crew {number} is open at {points}: {', '.join(parts)}; is that so?"
        question = self._question(text, first.point, group, answers[0].command)
        otherwise = "" if None not in fit else self._average(group)
        if not otherwise and len(group) > 1 and not any(map(self.field.went_on, group)):
            otherwise = self._retire(first)
        return question._replace(otherwise=otherwise, further=tuple(one.command for one in answers[1:]))

    def _answer(self, gap: Gap, passage: Passage | None) -> _Answer:
        """Return the suggested answer to a gap: a passage that is there, or what is in its way, or another's time."""
        number, point = gap.start_number, gap.point
        if passage is not None:
            clock = self._clock(passage)
            text = f"Crew {number} has no passage at {point}; is the one at {clock} its own?"
            if passage is gap.passage:
                text = f"{point} at {clock} is likely crew {number}'s, but not surely: is it?"
            command = f"centesimo amend attribute {quote(passage.id)} {number} {WHY}"
            return _Answer(command, text, f"its own at {point} at {clock}")
        if found := self._find_in_the_way(gap):
            return found
        text = f"Crew {number} has no time at {point}: does another device or a sheet have it, or is it lost?"
        source = "second device" if self._trials(gap) else "time card"
        command = f'centesimo amend insert {quote(point)} TIME --source "{source}" --start-number {number} {WHY}'
        return _Answer(command, text)

    def _find_in_the_way(self, gap: Gap) -> _Answer | None:
        """Return what keeps a time from being inserted: a decision that gives none, or a source that names it twice."""
        number, point = gap.start_number, gap.point
        for identity in self.known.passages_by_crew.get(number, ()):
            passage = self.known.find_passage(identity)
            if passage is not None and passage.timing_point == point and _is_near(passage, gap):
                by = self.known.crew_by_passage[identity][1]
                text = f"Crew {number} has a passage at {point} by amendment {by.id}, but no time: does that stand?"
                return _Answer(f"centesimo amend withdraw {by.id} {WHY}", text, f"amendment {by.id} does not stand")
        there = self.field.passages_by_point[point]
        named = [one for one in there if one.start_number == number and _is_near(one, gap)]
        if not named:
            return None
        far = max(named, key=lambda one: (abs((one.at_ns or 0) - (gap.expected_ns or 0)), one.id))
        text = f"Crew {number} is named at {point} at {self._clock(far)}, which gives no time: does that not count?"
        return _Answer(f"centesimo amend void {quote(far.id)} {WHY}", text, f"{self._clock(far)} does not count")

    def without_gap(self, gaps: Sequence[Gap]) -> list[Question]:
        """Ask for what is open though no passage is missing: one after the other, or a decision that gives nothing."""
        waiting = {(gap.start_number, score.control) for gap in gaps for score in gap.scores}
        asked = []
        for number, scores in self.field.open_by_crew.items():
            for score in scores:
                if (number, score.control) not in waiting:
                    text = f"Crew {number} is open at {score.control}: {score.reason}"
                    gap = Gap(number, score.control, None, None, (score,))
                    asked.append(self._question(text, score.control, [gap], self._settling(score)))
        return asked

    def _settling(self, score: Score) -> str:
        """Return the command that takes back the last decision about a score, says its cost, or else shows it."""
        number, control = score.start_number, quote(score.control)
        by = [one for one in amendments_of(self.event, self.outcome, score) if one.kind not in ("penalty", "confirm")]
        if by:
            return f"centesimo amend withdraw {max(by, key=lambda one: one.at_ns).id} {WHY}"
        if self.field.control_by_id[score.control].kind == PASSAGE_CONTROL:
            return f"centesimo amend miss {number} {control} --points POINTS {WHY}"
        return f"centesimo explain {number} {control}"

    def _trials(self, gap: Gap) -> list[Score]:
        kinds = self.field.control_by_id
        return [one for one in gap.scores if kinds[one.control].kind in (TIMED_TRIAL, AVERAGE_TRIAL)]

    def _average(self, group: Sequence[Gap]) -> str:
        """Return the command that assigns an average where one can be formed, the rule book's before others; or ""."""
        number = group[0].start_number
        its = crew(self.event, self.scores_by_crew[number], number, self.outcome.applied.of_scores)
        for score in dict.fromkeys(one for gap in group for one in self._trials(gap)):
            usual = self.rulebooks[score.race].rule_for(self.field.control_by_id[score.control].kind).average
            for of in (usual, *AVERAGES):
                if its.settles(score, of):
                    said = "" if of == usual else f" --of {of}"
                    return f"centesimo amend average {number} {quote(score.control)}{said} {WHY}"
        return ""

    def _retire(self, first: Gap) -> str:
        """Return the command that says a crew gave up before a gap; "" where another decision says that it did not."""
        number, control = first.start_number, first.scores[0].control
        if contradiction(made("retire", "-", "-", 0, start_number=number, control=control), self.known):
            return ""
        return f"centesimo amend retire {number} {quote(control)} {WHY}"

    def _clock(self, passage: Passage) -> str:
        return shown_at(self.event, passage.at_ns)[11:22]

    def _question(self, text: str, where: str, gaps: Sequence[Gap], command: str) -> Question:
        settled: Mapping[tuple[str, int], Score] = {
            (score.control, gap.start_number): score for gap in gaps for score in gap.scores
        }
        count_by_crew: dict[int, int] = defaultdict(int)
        for _, number in settled:
            count_by_crew[number] += 1
        waiting = self.field.open_by_crew
        placed = sum(count == len(waiting[number]) for number, count in count_by_crew.items())
        return Question(text, where, tuple(sorted(count_by_crew)), len(settled), placed, command)


def _is_near(passage: Passage, gap: Gap) -> bool:
    """Say whether a passage is of the gap's leg."""
    return gap.expected_ns is None or abs((passage.at_ns or 0) - gap.expected_ns) < HALF_DAY_NS
