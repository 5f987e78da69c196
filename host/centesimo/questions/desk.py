"""Which gaps one answer settles, and which passages that may be: gaps become questions."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from centesimo.amend.checks import contradiction
from centesimo.amend.known import Known
from centesimo.compute import Facts, Outcome
from centesimo.facts import Finding, Passage, Score
from centesimo.questions.answers import Answers
from centesimo.questions.fit import NEAR_NS, Fit, fitted, is_one_car
from centesimo.questions.gaps import OF_NO_USE, Field, Gap, together
from centesimo.questions.question import Question
from centesimo.sanity.pairs import without_main

RIVAL = 0.1  # a passage that is less likely a crew's is not suggested to it
CARS = 3  # of one doubt, up to so many cars have a decision each; of more, one is likely to settle the others


class Desk:
    """All that the questions are told from.

    may_be            by start number and timing point: the passages there that may be the crew's, the likeliest first
    doubt_by_passage  the finding that asks whose a passage is
    likely            start numbers and timing points of passages that are more likely a crew's than all else
    somebodys         ids of passages that are a crew's, or likely so
    backups           by timing point: passages of its backup tubes where it has none itself
    """

    def __init__(self, facts: Facts, outcome: Outcome, ended: bool) -> None:
        self.event = facts.event
        self.outcome = outcome
        attributed = [(one.passage, one.start_number) for one in outcome.attributions]
        self.field = Field(facts.event, outcome.scores, outcome.passages, attributed, ended)
        self.known = Known(facts.event, outcome.recorded)
        for one in outcome.applied.standing:
            self.known.stand(one)
        self.answers = Answers(facts.event, outcome, self.known, self.field)
        self.backups = without_main(facts.event, outcome.passages)
        self.may_be: dict[tuple[int, str], list[Passage]] = defaultdict(list)
        self.doubt_by_passage: dict[str, Finding] = {}
        self.likely: set[tuple[int, str]] = set()
        self.somebodys = {passage.id for passage, _ in attributed} | self.known.crew_by_passage.keys()
        self._weigh()

    def _weigh(self) -> None:
        """Take what the findings say of whose passages may be."""
        findings = self.outcome.findings
        passage_by_id = {one.id: one for its in self.field.passages_by_point.values() for one in its}
        candidates = [one for finding in findings for one in finding.candidates if one.chance >= RIVAL]
        for one in sorted(candidates, key=lambda one: -one.chance):
            if one.start_number is not None:
                passage = passage_by_id[one.passage]
                self.may_be[one.start_number, passage.timing_point].append(passage)
        for finding in findings:
            self.doubt_by_passage |= dict.fromkeys(finding.passages, finding) if finding.kind == "doubtful" else {}
            for identity, number in finding.likely:
                self.likely.add((number, passage_by_id[identity].timing_point))
                self.somebodys.add(identity)

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
            text = f"{point} has no passage at all{self._backed(point)}: is board {board} collected?"
            command = "centesimo collect"
            if not board:
                text = f"{point} has no passage at all{self._backed(point)}: is its sheet loaded?"
                command = "centesimo load FILE.csv"
            asked.append(self._question(text, point, its, command))
        return asked, rest

    def _backed(self, point: str) -> str:
        """Return what backups have of a point that has no passage."""
        counts = Counter(one.timing_point for one in self.backups.get(point, ()))
        said = [f"its backup {backup} has {count}" for backup, count in counts.items()]
        return f" ({', '.join(said)})" if said else ""

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
            if len(last) < 2 or is_there or not self.answers.retire(first):
                rest += its
                continue
            text = f"Crew {number} was not seen from {first.point} on: did it retire?"
            asked.append(self._question(text, first.scores[0].control, last, self.answers.retire(first)))
            rest += [gap for gap in its if gap not in last]
        return asked, rest

    def _candidates(self, gap: Gap, expected_ns: int | None) -> list[Passage]:
        """Return the passages that may be this gap's, the nearest to where the crew is expected first.

        They are the one that is the crew's but for a doubt, or those that may be its own, or else those that are
        likely nobody's and what only a backup has. None is among them whose time does not count or that may not be
        given to the crew.
        """
        mine = self.may_be.get((gap.start_number, gap.point), [])
        if gap.passage is not None and gap.passage.at_ns is not None:
            mine = [gap.passage]
        if expected_ns is None:
            near = mine
        else:
            free = [one for one in self.field.passages_by_point[gap.point] if one.id not in self.somebodys]
            free += [one for one in self.backups.get(gap.point, ()) if one.start_number in (None, gap.start_number)]
            near = [one for one in mine or free if abs((one.at_ns or 0) - expected_ns) < NEAR_NS]
            near.sort(key=lambda one: (abs((one.at_ns or 0) - expected_ns), one.id))
        return [one for one in near if self._fits(one, gap)]

    def _fits(self, passage: Passage, gap: Gap) -> bool:
        """Say whether a decision may give a passage to a gap's crew, with a time that counts and fits its others."""
        if OF_NO_USE & set(passage.flags) or not self.field.between(gap, passage.at_ns or 0):
            return False
        return not contradiction(self.answers.given(gap, passage), self.known)

    def single(self, gaps: Sequence[Gap]) -> tuple[list[Question], list[Gap]]:
        """Ask for the gaps that are left, one car's together, giving passages of nobody to whom they fit best.

        Cars of which each may be the other are one question.
        """
        groups = together(gaps)
        asked: list[Question] = []
        by_doubt: dict[int, list[tuple[Sequence[Gap], Fit]]] = defaultdict(list)
        for group, fit in zip(groups, fitted(groups, self._candidates), strict=True):
            doubts = {id(self.doubt_by_passage.get(one.id)) for one in fit if one is not None}
            shared = doubts.pop() if len(doubts) == 1 and None not in fit else id(None)
            if shared == id(None):
                asked.append(self._about(group, fit))
            else:
                by_doubt[shared].append((group, fit))
        for its in by_doubt.values():
            asked.append(self._between(its) if len(its) > 1 else self._about(*its[0]))
        return asked, []

    def _between(self, cars: Sequence[tuple[Sequence[Gap], Fit]]) -> Question:
        """Return the question about several cars that the same crews may have driven."""
        doubt = next(self.doubt_by_passage[one.id] for one in cars[0][1] if one is not None)
        gaps = [gap for group, _ in cars for gap in group]
        first, *further = [self.answers.answer(group[0], fit[0]).command for group, fit in cars]
        if len(cars) > CARS:
            return self._question(f"{doubt.text} One answer or a list likely settles all.", gaps[0].point, gaps, first)
        return self._question(doubt.text, gaps[0].point, gaps, first)._replace(further=tuple(further))

    def _about(self, group: Sequence[Gap], fit: Fit) -> Question:
        """Return the question about one car."""
        number, first = group[0].start_number, group[0]
        answers = [self.answers.answer(gap, one) for gap, one in zip(group, fit, strict=True)]
        points = ", ".join(gap.point for gap in group)
        text = answers[0].text
        if len(group) > 1 and None not in fit:
            its = [one for one in fit if one is not None]
            clocks, others = ", ".join(map(self.answers.clock, its)), self.answers.or_whose(its, number)
            text = f"Crew {number} is open at {points}: are the passages at {clocks} its own{others}?"
        elif len(group) > 1 and {one.part for one in answers} == {""}:
            text = f"Crew {number} has no time at {points}: does another device or a sheet have them, or are they lost?"
        elif len(group) > 1:
            parts = [one.part or f"no time at {gap.point}" for gap, one in zip(group, answers, strict=True)]
            text = f"Crew {number} is open at {points}: {', '.join(parts)}; is that so?"
        question = self._question(text, first.point, group, answers[0].command)
        otherwise = "" if None not in fit else self.answers.average(group)
        if not otherwise and len(group) > 1 and not any(map(self.field.went_on, group)):
            otherwise = self.answers.retire(first)
        return question._replace(otherwise=otherwise, further=tuple(one.command for one in answers[1:]))

    def without_gap(self, gaps: Sequence[Gap]) -> list[Question]:
        """Ask for what is open though no passage is missing: one after the other, or a decision that gives nothing."""
        waiting = {(gap.start_number, score.control) for gap in gaps for score in gap.scores}
        asked = []
        for number, scores in self.field.open_by_crew.items():
            for score in scores:
                if (number, score.control) not in waiting:
                    text = f"Crew {number} is open at {score.control}: {score.reason}"
                    gap = Gap(number, score.control, None, None, (score,))
                    asked.append(self._question(text, score.control, [gap], self.answers.settling(score)))
        return asked

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
