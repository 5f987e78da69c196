"""Which gaps one answer settles, and which passages that may be: gaps become questions."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from centesimo.amend.checks import contradiction
from centesimo.amend.known import Known
from centesimo.compute import Facts, Outcome
from centesimo.model.facts import Passage, Score
from centesimo.model.findings import Finding, FindingKind
from centesimo.questions.answers import Answers
from centesimo.questions.fit import NEAR_NS, Fit, fitted, is_one_car
from centesimo.questions.gaps import Field, Gap, together
from centesimo.questions.question import Question
from centesimo.sanity.pairs import without_main
from centesimo.timing.passages import OF_NO_USE

Car = tuple[Sequence[Gap], Fit]  # the gaps of one car, and the passages that fit them
NAMED = 12  # crews and clocks that are written out; more are counted
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
            self.doubt_by_passage |= (
                dict.fromkeys(finding.passages, finding) if finding.kind == FindingKind.DOUBTFUL else {}
            )
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
            counts = Counter(one.timing_point for one in self.backups.get(point, ()))
            said = ", ".join(f"its backup {backup} has {count}" for backup, count in counts.items())
            text = f"{point} has no passage at all{f' ({said})' if said else ''}"
            what, command = "is its sheet loaded?", "centesimo load FILE.csv"
            if board:
                what, command = f"is board {board} collected?", "centesimo collect"
            stamped = [backup for backup in counts if board_by_point[backup]]
            otherwise = f"edit event.toml: board and input of {stamped[0]} at {point}, in its place" if stamped else ""
            asked.append(self._question(f"{text}: {what}", point, its, command)._replace(otherwise=otherwise))
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
        own = gap.passage
        if own is not None and own.at_ns is not None and OF_NO_USE.isdisjoint(own.flags):
            mine = [own]
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
        if not OF_NO_USE.isdisjoint(passage.flags) or not self.field.between(gap, passage.at_ns or 0):
            return False
        return not contradiction(self.answers.given(gap, passage), self.known)

    def single(self, gaps: Sequence[Gap]) -> tuple[list[Question], list[Gap]]:
        """Ask for the gaps that are left, one car's together, giving passages of nobody to whom they fit best.

        Cars of which each may be the other are one question, and so are those that a backup alone has.
        """
        groups = together(gaps)
        cars = list(zip(groups, fitted(groups, self._candidates), strict=True))
        by_tie: dict[object, list[Car]] = defaultdict(list)
        for place, (group, fit) in enumerate(cars):
            by_tie[self._tie(group, fit) or place].append((group, fit))
        asked = []
        for its in by_tie.values():
            gaps, found = its[0]
            alike = self._backed if found[0] and _is_backup(found[0], gaps[0]) else self._between
            asked.append(alike(its) if len(its) > 1 else self._about(gaps, found))
        return asked, []

    def _tie(self, group: Sequence[Gap], fit: Fit) -> tuple[str, ...]:
        """Return what ties a car to others in one question: the passages of one doubt, or a backup; (): nothing."""
        backups = [one.timing_point for gap, one in zip(group, fit, strict=True) if one and _is_backup(one, gap)]
        if None in fit or backups:
            return (group[0].point, *backups) if len(fit) == len(backups) == 1 else ()
        doubts = {id(doubt): doubt for one in fit if one and (doubt := self.doubt_by_passage.get(one.id))}
        is_one = len(doubts) == 1 and all(one and one.id in self.doubt_by_passage for one in fit)
        return next(iter(doubts.values())).passages if is_one else ()

    def _backed(self, cars: Sequence[Car]) -> Question:
        """Return the question about cars that a backup has where its main tube has none."""
        gaps, its = [group[0] for group, _ in cars], [fit[0] for _, fit in cars if fit[0] is not None]
        numbers, clocks = _some([str(gap.start_number) for gap in gaps]), _some(list(map(self.answers.clock, its)))
        text = (
            f"Crews {numbers} have no time at {gaps[0].point}, but its backup {its[0].timing_point} has one of each, "
            f"at {clocks}: are they their own?"
        )
        first, *further = [self.answers.answer(gap, one).command for gap, one in zip(gaps, its, strict=True)]
        return self._question(text, gaps[0].point, gaps, first)._replace(further=tuple(further))

    def _between(self, cars: Sequence[Car]) -> Question:
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
        its = [one for gap, one in zip(group, fit, strict=True) if one and not _is_backup(one, gap)]
        if len(its) == len(group) > 1:
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


def _is_backup(passage: Passage, gap: Gap) -> bool:
    """Say whether a passage is of the backup of a gap's tube."""
    return passage.timing_point != gap.point


def _some(texts: Sequence[str]) -> str:
    more = f" and {len(texts) - NAMED} more" if len(texts) > NAMED else ""
    return ", ".join(texts[:NAMED]) + more
