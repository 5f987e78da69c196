"""Gaps become questions: those that one answer settles become one, each with the passages that may fill them."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from centesimo.amend.checks import contradiction
from centesimo.amend.standing import Standing
from centesimo.compute import Facts, Outcome
from centesimo.model.event import Event
from centesimo.model.facts import Passage, Score
from centesimo.model.findings import Finding, FindingKind
from centesimo.questions.answers import Answers
from centesimo.questions.fit import NEAR_NS, Fit, fitted, is_of_one_car, is_one_car
from centesimo.questions.gaps import Field, Gap, together
from centesimo.questions.question import Question
from centesimo.sanity.pairs import without_main
from centesimo.timing.passages import OF_NO_USE
from centesimo.words.boards import shown_board
from centesimo.words.findings import sentence

Car = tuple[Sequence[Gap], Fit]  # the gaps of one car, and the passages that fit them
NAMED = 12  # crews and clocks that are written out; more are counted
BEHIND = 3  # so many crews that a point has no more look like a point that was not collected to its end
NOBODYS_NEAR_NS = 60_000_000_000  # a passage that is likely nobody's is no suggestion farther from where it must be
RIVAL = 0.1  # a passage that is less likely a crew's is not suggested to it
CARS = 3  # of one doubt, up to so many cars have a decision each; of more, one is likely to settle the others


class CrewQuestions:
    """What questions about crews are made from: the facts, the outcome, and maps of what findings and decisions say.

    may_be            by start number and timing point: the passages there that may be the crew's, the likeliest first
    doubt_by_passage  the finding that asks whose a passage is
    likely            start numbers and timing points of passages that are more likely a crew's than all else
    somebodys         ids of passages that are a crew's, or likely so
    backups           by timing point: passages of its backup tubes where it has none itself
    ready             by timing point: passages of a further source there, where the one that counts has none
    written           start numbers and timing points that people wrote down, on lists or as sightings
    watched           timing points where they did
    """

    def __init__(self, facts: Facts, outcome: Outcome, ended: bool) -> None:
        self.event = facts.event
        self.outcome = outcome
        attributed = [(attribution.passage, attribution.start_number) for attribution in outcome.attributions]
        self.field = Field(facts.event, outcome.scores, outcome.passages, attributed, ended)
        self.decided = Standing(facts.event, outcome.recorded)
        for decision in outcome.applied.standing:
            self.decided.add(decision)
        self.answers = Answers(facts.event, outcome, self.decided, self.field)
        self.backups = without_main(facts.event, outcome.passages)
        counting = {passage.id for passage in outcome.passages if OF_NO_USE.isdisjoint(passage.flags)}
        self.board_by_point = {point.id: point.board for point in facts.event.timing_points}
        self.ready = {point: every.ready(counting) for point, every in outcome.witnessed.items()}
        self.may_be: dict[tuple[int, str], list[Passage]] = defaultdict(list)
        self.doubt_by_passage: dict[str, Finding] = {}
        self.written = {(line.start_number, line.timing_point) for every in facts.lists for line in every.lines} | {
            (sighting.start_number, sighting.timing_point) for sighting in facts.sightings if sighting.start_number
        }
        self.watched = {point for _, point in self.written}
        self.likely: set[tuple[int, str]] = set()
        self.somebodys = {passage.id for passage, _ in attributed} | self.decided.crew_by_passage.keys()
        self._weigh()

    def _weigh(self) -> None:
        """Fill the maps with the candidates and doubts that the findings name."""
        findings = self.outcome.findings
        passage_by_id = {
            passage.id: passage for at_point in self.field.passages_by_point.values() for passage in at_point
        }
        candidates = [
            candidate for finding in findings for candidate in finding.candidates if candidate.chance >= RIVAL
        ]
        for candidate in sorted(candidates, key=lambda candidate: -candidate.chance):
            if candidate.start_number is not None:
                passage = passage_by_id[candidate.passage]
                self.may_be[candidate.start_number, passage.timing_point].append(passage)
        for finding in findings:
            self.doubt_by_passage |= (
                dict.fromkeys(finding.passages, finding) if finding.kind == FindingKind.DOUBTFUL else {}
            )
            for identity, number in finding.likely:
                self.likely.add((number, passage_by_id[identity].timing_point))
                self.somebodys.add(identity)

    def silent_points(self, gaps: Sequence[Gap]) -> tuple[list[Question], list[Gap]]:
        """Return a question for each point that has no passage though the field was there, and the gaps elsewhere."""
        field, board_by_point = self.field, self.board_by_point
        rest = [gap for gap in gaps if field.passages_by_point[gap.point] and field.has_passed(gap)]
        silent: dict[str, list[Gap]] = defaultdict(list)
        for gap in gaps:
            if not field.passages_by_point[gap.point] and (field.ended or field.went_on(gap)):
                silent[gap.point].append(gap)
        asked = []
        for point, missing in silent.items():
            counts = Counter(passage.timing_point for passage in self.backups.get(point, ()))
            of_backups = ", ".join(f"its backup {backup} has {count}" for backup, count in counts.items())
            text = f"{point} has no passage at all{f' ({of_backups})' if of_backups else ''}"
            what, command = _fetched(self.event, board_by_point.get(point), "")
            stamped = [backup for backup in counts if board_by_point[backup]]
            otherwise = f"edit event.toml: board and input of {stamped[0]} at {point}, in its place" if stamped else ""
            asked.append(self._question(f"{text}: {what}", point, missing, command)._replace(otherwise=otherwise))
        return asked, rest

    def cut_short(self, gaps: Sequence[Gap]) -> tuple[list[Question], list[Gap]]:
        """Return a question for each point that ends while several crews were still to come, and the gaps elsewhere.

        A board that was collected at noon has nothing of the afternoon: that is asked once, not whether each crew of
        the afternoon has retired.
        """
        behind: dict[str, list[Gap]] = defaultdict(list)
        for gap in gaps:
            if gap.passage is None and self.field.is_behind_all(gap):
                behind[gap.point].append(gap)
        behind = {point: its for point, its in behind.items() if len(its) >= BEHIND}
        asked = []
        for point, missing in behind.items():
            last = self.answers.clock(self.field.last_before(missing))
            what, command = _fetched(self.event, self.board_by_point.get(point), " to the end")
            text = f"{point} has nothing after {last}, when {len(missing)} crews were still to come: {what}"
            asked.append(self._question(text, point, missing, command))
        return asked, [gap for gap in gaps if gap not in behind.get(gap.point, ())]

    def gone_crews(self, gaps: Sequence[Gap]) -> tuple[list[Question], list[Gap]]:
        """Return a question for each crew that nothing was seen of from some point on, and the gaps of other crews.

        A crew for which passages of one car would fit is not asked about here.
        """
        by_crew: dict[int, list[Gap]] = defaultdict(list)
        for gap in gaps:
            by_crew[gap.start_number].append(gap)
        asked: list[Question] = []
        rest: list[Gap] = []
        for number, of_crew in by_crew.items():
            last = [gap for gap in of_crew if gap.passage is None and not self.field.went_on(gap)]
            if self._never_came(number, last):
                text = f"Crew {number} was not seen at any point: did it start?"
                asked.append(self._question(text, last[0].scores[0].control, last, self.answers.never_started(number)))
                rest += [gap for gap in of_crew if gap not in last]
                continue
            is_likely = any((number, gap.point) in self.likely for gap in last)
            first = min(last, key=lambda gap: gap.expected_ns or 0, default=of_crew[0])
            candidates = self._candidates if self._may_have_come(last) else self._not_nobodys
            is_there = is_likely or any(is_one_car(of_one_car, candidates) for of_one_car in together(last))
            if len(last) < 2 or is_there or not self.answers.retire(first):
                rest += of_crew
                continue
            text = f"Crew {number} was not seen from {first.point} on: did it retire?"
            question = self._question(text, first.scores[0].control, last, self.answers.retire(first))
            near = self._not_nobodys(first, first.expected_ns)
            asked.append(question._replace(otherwise=self.answers.answer(first, near[0]).command if near else ""))
            rest += [gap for gap in of_crew if gap not in last]
        return asked, rest

    def _never_came(self, number: int, gaps: Sequence[Gap]) -> bool:
        """Say whether a crew has no passage anywhere, and a chain where none may be its own."""
        chains = [group for group in together(gaps) if len(group) > 1]
        if self.field.is_seen(number) or not self.answers.never_started(number):
            return False
        return any(not any(self._candidates(gap, gap.expected_ns) for gap in chain) for chain in chains)

    def _may_have_come(self, gaps: Sequence[Gap]) -> bool:
        """Say whether a crew may have passed the points of its gaps: people wrote it down at one, or nobody at all."""
        watched = [(gap.start_number, gap.point) for gap in gaps if gap.point in self.watched]
        return not watched or not self.written.isdisjoint(watched)

    def _not_nobodys(self, gap: Gap, expected_ns: int | None) -> list[Passage]:
        """Return the passages that may fill a gap, without those that are likely nobody's."""
        return [passage for passage in self._candidates(gap, expected_ns) if not self._is_nobodys(gap, passage)]

    def _is_nobodys(self, gap: Gap, passage: Passage) -> bool:
        """Say whether a passage at a gap's own point is likely nobody's, as far as the findings say."""
        if passage.timing_point != gap.point or passage is gap.passage or passage.id in self.doubt_by_passage:
            return False
        return passage.id not in self.answers.beside and passage not in self.may_be[gap.start_number, gap.point]

    def _suggested(self, group: Sequence[Gap], fit: Fit) -> Fit:
        """Return a fit without what is likely nobody's, but where that is one car, or right where it must be.

        That is where the crew's other passages of a trial put them, or else where it was expected. At points where
        people wrote down other crews and never this one, one car is no reason.
        """
        if is_of_one_car(group, fit) and self._may_have_come(group):
            return fit
        return tuple(
            None if passage and self._is_nobodys(gap, passage) and self._is_far(gap, passage) else passage
            for gap, passage in zip(group, fit, strict=True)
        )

    def _is_far(self, gap: Gap, passage: Passage) -> bool:
        from_others_ns, from_due_ns = self.field.misfit_ns(gap, passage)
        return (from_others_ns or from_due_ns) >= NOBODYS_NEAR_NS

    def _candidates(self, gap: Gap, expected_ns: int | None) -> list[Passage]:
        """Return the passages that may fill a gap, the nearest to expected_ns first.

        That is the crew's own doubtful passage; or else those of which a finding says that they may be the crew's; or
        else those that are likely nobody's, and those that only a backup has. Passages whose time does not count, and
        those that may not be given to the crew, are left out.
        """
        possible = self.may_be.get((gap.start_number, gap.point), [])
        own = gap.passage
        if own is not None and own.at_ns is not None and OF_NO_USE.isdisjoint(own.flags):
            possible = [own]
        if expected_ns is None:
            near = possible
        else:
            free = [passage for passage in self.field.passages_by_point[gap.point] if passage.id not in self.somebodys]
            free += [
                passage
                for passage in (*self.backups.get(gap.point, ()), *self.ready.get(gap.point, ()))
                if passage.start_number in (None, gap.start_number)
            ]
            near = [passage for passage in possible or free if abs((passage.at_ns or 0) - expected_ns) < NEAR_NS]
            near.sort(key=lambda passage: (abs((passage.at_ns or 0) - expected_ns), passage.id))
        return [passage for passage in near if self._fits(passage, gap)]

    def _fits(self, passage: Passage, gap: Gap) -> bool:
        """Say whether a passage has a time that counts and fits the crew's others, and may be given to it."""
        if not OF_NO_USE.isdisjoint(passage.flags) or not self.field.between(gap, passage.at_ns or 0):
            return False
        return not contradiction(self.answers.given(gap, passage), self.decided)

    def single(self, gaps: Sequence[Gap]) -> tuple[list[Question], list[Gap]]:
        """Return the questions for all gaps that are left, one for each car.

        Free passages are suggested to the crew that they fit best. Cars that one doubt ties together are one question,
        and so are the cars that only a backup has.
        """
        groups = together(gaps)
        fits = fitted(groups, self._candidates)
        cars = [(group, self._suggested(group, fit)) for group, fit in zip(groups, fits, strict=True)]
        by_tie: dict[object, list[Car]] = defaultdict(list)
        for place, (group, fit) in enumerate(cars):
            by_tie[self._tie(group, fit) or place].append((group, fit))
        asked = []
        for tied in by_tie.values():
            gaps, fit = tied[0]
            alike = self._backed if fit[0] and _is_backup(fit[0], gaps[0]) else self._between
            asked.append(alike(tied) if len(tied) > 1 else self._about(gaps, fit))
        return asked, []

    def _tie(self, group: Sequence[Gap], fit: Fit) -> tuple[str, ...]:
        """Return the key that cars of one question share: the passages of one doubt, or a point and its backup; ()."""
        backups = [
            passage.timing_point
            for gap, passage in zip(group, fit, strict=True)
            if passage and _is_backup(passage, gap)
        ]
        if None in fit or backups:
            return (group[0].point, *backups) if len(fit) == len(backups) == 1 else ()
        doubts = {id(doubt): doubt for passage in fit if passage and (doubt := self.doubt_by_passage.get(passage.id))}
        is_one = len(doubts) == 1 and all(passage and passage.id in self.doubt_by_passage for passage in fit)
        return next(iter(doubts.values())).passages if is_one else ()

    def _backed(self, cars: Sequence[Car]) -> Question:
        """Return one question about several cars that only a backup has."""
        gaps, passages = [group[0] for group, _ in cars], [fit[0] for _, fit in cars if fit[0] is not None]
        numbers, clocks = _some([str(gap.start_number) for gap in gaps]), _some(list(map(self.answers.clock, passages)))
        text = (
            f"Crews {numbers} have no time at {gaps[0].point}, but its backup {passages[0].timing_point} has one of "
            f"each, at {clocks}: are they their own?"
        )
        first, *further = [
            self.answers.answer(gap, passage).command for gap, passage in zip(gaps, passages, strict=True)
        ]
        return self._question(text, gaps[0].point, gaps, first)._replace(further=tuple(further))

    def _between(self, cars: Sequence[Car]) -> Question:
        """Return one question about several passages that are tied by the same doubt."""
        doubt = next(self.doubt_by_passage[passage.id] for passage in cars[0][1] if passage is not None)
        gaps = [gap for group, _ in cars for gap in group]
        first, *further = [self.answers.answer(group[0], fit[0]).command for group, fit in cars]
        text = sentence(doubt, self.event)
        if len(cars) > CARS:
            return self._question(f"{text} One answer or a list likely settles all.", gaps[0].point, gaps, first)
        return self._question(text, gaps[0].point, gaps, first)._replace(further=tuple(further))

    def _about(self, group: Sequence[Gap], fit: Fit) -> Question:
        """Return the question about one car."""
        number, first = group[0].start_number, group[0]
        answers = [self.answers.answer(gap, passage) for gap, passage in zip(group, fit, strict=True)]
        points = ", ".join(gap.point for gap in group)
        text = answers[0].text
        passages = [
            passage for gap, passage in zip(group, fit, strict=True) if passage and not _is_backup(passage, gap)
        ]
        if len(passages) == len(group) > 1:
            clocks, or_rivals = ", ".join(map(self.answers.clock, passages)), self.answers.or_whose(passages, number)
            text = f"Crew {number} is open at {points}: are the passages at {clocks} its own{or_rivals}?"
        elif len(group) > 1 and {answer.part for answer in answers} == {""}:
            text = f"Crew {number} has no time at {points}: does another device or a sheet have them, or are they lost?"
        elif len(group) > 1:
            parts = [answer.part or f"no time at {gap.point}" for gap, answer in zip(group, answers, strict=True)]
            text = f"Crew {number} is open at {points}: {', '.join(parts)}; is that so?"
        question = self._question(text, first.point, group, answers[0].command)
        otherwise = "" if None not in fit else self.answers.average(group)
        if not otherwise and len(group) > 1 and not any(map(self.field.went_on, group)):
            otherwise = self.answers.retire(first)
        return question._replace(otherwise=otherwise, further=tuple(answer.command for answer in answers[1:]))

    def without_gap(self, gaps: Sequence[Gap]) -> list[Question]:
        """Return the questions for scores that are open though no passage is missing: by their order, or a decision."""
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


def _fetched(event: Event, board: str | None, how_far: str) -> tuple[str, str]:
    """Return what to ask of a point that has too little, and the command that brings more."""
    if board:
        return f"is board {shown_board(event, board)} collected{how_far}?", "centesimo collect"
    return f"is its sheet loaded{how_far}?", "centesimo load FILE.csv"


def _is_backup(passage: Passage, gap: Gap) -> bool:
    """Say whether a passage comes from the backup of a gap's tube."""
    return passage.timing_point != gap.point


def _some(texts: Sequence[str]) -> str:
    more = f" and {len(texts) - NAMED} more" if len(texts) > NAMED else ""
    return ", ".join(texts[:NAMED]) + more
