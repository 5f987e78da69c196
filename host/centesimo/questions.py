"""What is open, most valuable first, each with the decision that would most likely settle it as a ready command line.

A question is a gap: a crew's passage at a timing point that its open scores wait for. Gaps that one answer settles are
one question: a board that was not collected, a crew that went home. A gap is asked when the field has passed the point.
Suggestions never invent a time: where only a sheet can tell it, the command says TIME and is refused as it stands.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from shlex import quote
from typing import Any, NamedTuple

from centesimo.amend.averages import crew
from centesimo.amend.checks import given_by
from centesimo.amend.refs import shown_at
from centesimo.amend.scores import AVERAGES
from centesimo.compute import Facts, Outcome, rulebooks
from centesimo.event import AVERAGE_TRIAL, TIMED_TRIAL, Control, Entry
from centesimo.facts import OPEN, Passage, Score
from centesimo.sanity import KINDS

NEAR_NS = 600_000_000_000  # a passage this far from where a crew is expected is no suggestion
NS_PER_CS = 10_000_000
FEW = 6  # names that are written out

LOOK = "centesimo picture"  # what shows a doubt about the points themselves; nobody's time waits for it
WHY = '--who NAME --why "..."'


class Gap(NamedTuple):
    """One crew's passage that is not there, or cannot be used."""

    start_number: int
    point: str
    passage: Passage | None  # the crew's passage there, that cannot be used as it is
    expected_ns: int | None
    scores: tuple[Score, ...]  # the open ones that wait for it


class Question(NamedTuple):
    """One thing to be settled."""

    text: str  # one sentence, for an official
    where: str  # timing point, or control from which on
    start_numbers: tuple[int, ...]
    open_scores: int  # that the answer settles
    placed: int  # crews that get a place by it, as nothing else of theirs is open
    command: str  # the suggested answer
    otherwise: str = ""  # what settles some of it when the suggested answer cannot be given; "": nothing does

    def as_json(self) -> dict[str, Any]:
        """Return it as values that JSON can hold."""
        return {**self._asdict(), "start_numbers": list(self.start_numbers)}


def questions(facts: Facts, outcome: Outcome) -> list[Question]:
    """Return the questions, first those that give most crews a place, then those that most scores wait for.

    Findings about the points themselves (sanity) come last: no score waits for them.
    """
    desk = _Desk(facts, outcome)
    gaps = list(desk.gaps())
    asked: list[Question] = []
    for ask in (desk.silent_points, desk.gone_crews, desk.single):
        found, gaps = ask(gaps)
        asked += found
    asked += [Question(one.text, one.where, (), 0, 0, LOOK) for one in outcome.findings if one.kind in KINDS]
    return sorted(asked, key=lambda one: (-one.placed, -one.open_scores, one.where, one.start_numbers))


class _Desk:
    """All that the questions are told from."""

    def __init__(self, facts: Facts, outcome: Outcome) -> None:
        event = self.event = facts.event
        self.outcome = outcome
        self.control_by_id = {control.id: control for control in event.controls}
        self.entry_by_number = {entry.start_number: entry for entry in event.entries}
        self.open_by_crew: dict[int, list[Score]] = defaultdict(list)
        self.rulebooks = rulebooks(event)
        self.scores_by_crew: dict[int, list[Score]] = defaultdict(list)
        for score in outcome.scores:
            self.scores_by_crew[score.start_number].append(score)
            if score.status == OPEN:
                self.open_by_crew[score.start_number].append(score)
        self.passages_by_point: dict[str, list[Passage]] = defaultdict(list)
        for passage in outcome.passages:
            if passage.at_ns is not None:
                self.passages_by_point[passage.timing_point].append(passage)
        self.own: dict[int, dict[str, list[Passage]]] = defaultdict(lambda: defaultdict(list))
        for one in outcome.attributions:
            self.own[one.start_number][one.passage.timing_point].append(one.passage)
        self.taken = {one.passage.id for one in outcome.attributions}
        self.taken |= {its for one in outcome.applied.standing for its, _ in given_by(one)}
        self.likely = self._likely()
        self.somebodys = self.taken | {one.id for its in self.likely.values() for one in its}

    def _likely(self) -> dict[tuple[int, str], list[Passage]]:
        """Return the passages that are more likely a crew's than anybody else's, but not surely enough to be given."""
        found: dict[tuple[int, str], list[Passage]] = defaultdict(list)
        passage_by_id = {one.id: one for its in self.passages_by_point.values() for one in its}
        for finding in self.outcome.findings:
            for identity, number in finding.likely:
                passage = passage_by_id[identity]
                found[number, passage.timing_point].append(passage)
        return found

    def gaps(self) -> Iterator[Gap]:
        """Yield every gap that open scores wait for, in the order of crews and controls."""
        for number, scores in sorted(self.open_by_crew.items()):
            waiting: dict[tuple[str, str], list[Score]] = defaultdict(list)
            for score in scores:
                control = self.control_by_id[score.control]
                for point in filter(None, (control.opens, control.closes)):
                    waiting[control.leg, point].append(score)
            expected = self._expected(self.entry_by_number[number])
            for (leg, point), its in waiting.items():
                passage = next((one for score in its for one in score.passages if one.timing_point == point), None)
                if passage is None or self._cannot_be_used(passage, its):
                    yield Gap(number, point, passage, expected.get((leg, point)), tuple(its))

    def _cannot_be_used(self, passage: Passage, scores: Sequence[Score]) -> bool:
        return all(f"at {passage.timing_point} " in f"{score.reason} " for score in scores)

    def _expected(self, entry: Entry) -> dict[tuple[str, str], int]:
        """Return when a crew is expected at each point, from where it was seen before or else from its start."""
        race = next(race for race in self.event.races if race.id == entry.race)
        found: dict[tuple[str, str], int] = {}
        for start in race.starts:
            due_ns = start.first_at_ns + entry.place * start.interval_ns
            for control in self.event.controls:
                if control.leg == start.leg and race.id in control.races:
                    self._expect(control, due_ns, found, entry.start_number)
        return found

    def _expect(self, control: Control, due_ns: int, found: dict[tuple[str, str], int], number: int) -> None:
        if control.opens is None:
            if control.after_ns is not None:
                found.setdefault((control.leg, control.closes), due_ns + control.after_ns)
            return
        if control.after_ns is not None:
            found.setdefault((control.leg, control.opens), due_ns + control.after_ns)
        opens_ns = self._seen(number, control.opens, found.get((control.leg, control.opens)))
        if opens_ns is not None and control.ideal_cs is not None:
            found.setdefault((control.leg, control.closes), opens_ns + control.ideal_cs * NS_PER_CS)

    def _seen(self, number: int, point: str, expected_ns: int | None) -> int | None:
        """Return when a crew was at a point, of several the passage nearest to where it was expected."""
        timed = [one.at_ns for one in self.own[number].get(point, ()) if one.at_ns is not None]
        return min(timed, key=lambda at_ns: abs(at_ns - (expected_ns or at_ns)), default=expected_ns)

    def _has_passed(self, gap: Gap) -> bool:
        """Say whether the field has passed: a passage there after this crew was expected, or its own further on."""
        last_ns = max((one.at_ns or 0 for one in self.passages_by_point[gap.point]), default=0)
        if gap.passage is not None or self._went_on(gap):
            return True
        return gap.expected_ns is not None and gap.expected_ns < last_ns

    def silent_points(self, gaps: Sequence[Gap]) -> tuple[list[Question], list[Gap]]:
        """Ask for each point that has no passage at all, though the crews are known further on; keep what has some."""
        rest = [gap for gap in gaps if self.passages_by_point[gap.point] and self._has_passed(gap)]
        silent: dict[str, list[Gap]] = defaultdict(list)
        for gap in gaps:
            if not self.passages_by_point[gap.point] and self._went_on(gap):
                silent[gap.point].append(gap)
        board_by_point = {point.id: point.board for point in self.event.timing_points}
        asked = []
        for point, its in silent.items():
            board = board_by_point.get(point)
            text = f"{point} has no passage at all: is board {board} collected?"
            command = "centesimo collect"
            if not board:
                text, command = f"{point} has no passage at all: is its sheet loaded?", "centesimo load FILE.csv"
            asked.append(self._question(text, point, its, command))
        return asked, rest

    def _went_on(self, gap: Gap) -> bool:
        """Say whether the crew was seen where it came later than it was expected here."""
        its = (one.at_ns or 0 for found in self.own[gap.start_number].values() for one in found)
        return gap.expected_ns is not None and any(at_ns > gap.expected_ns for at_ns in its)

    def gone_crews(self, gaps: Sequence[Gap]) -> tuple[list[Question], list[Gap]]:
        """Ask for each crew that was not seen any more after some point."""
        by_crew: dict[int, list[Gap]] = defaultdict(list)
        for gap in gaps:
            by_crew[gap.start_number].append(gap)
        asked: list[Question] = []
        rest: list[Gap] = []
        for number, its in by_crew.items():
            last = [gap for gap in its if gap.passage is None and not self._went_on(gap)]
            if len(last) < 2 or any(self._candidates(gap) for gap in last):
                rest += its
                continue
            first = min(last, key=lambda gap: gap.expected_ns or 0)
            control = first.scores[0].control
            text = f"Crew {number} was not seen from {first.point} on: did it retire?"
            asked.append(self._question(text, control, last, f"centesimo amend retire {number} {quote(control)} {WHY}"))
            rest += [gap for gap in its if gap not in last]
        return asked, rest

    def _candidates(self, gap: Gap) -> list[Passage]:
        """Return the passages that may be this gap's, the nearest to where the crew is expected first.

        They are those that are likely its own, or else those that are likely nobody's.
        """
        expected_ns, likely = gap.expected_ns, self.likely.get((gap.start_number, gap.point), [])
        if expected_ns is None:
            return likely
        free = [one for one in self.passages_by_point[gap.point] if one.id not in self.somebodys]
        near = [one for one in likely or free if abs((one.at_ns or 0) - expected_ns) < NEAR_NS]
        return sorted(near, key=lambda one: (abs((one.at_ns or 0) - expected_ns), one.id))

    def single(self, gaps: Sequence[Gap]) -> tuple[list[Question], list[Gap]]:
        """Ask for each gap that is left, giving a passage of nobody to the crew that it fits best."""
        pairs = [
            (abs((one.at_ns or 0) - (gap.expected_ns or 0)), gap.start_number, place, one)
            for place, gap in enumerate(gaps)
            for one in self._candidates(gap)
        ]
        chosen: dict[int, Passage] = {}
        used: set[str] = set()
        for _, _, place, passage in sorted(pairs, key=lambda pair: pair[:3]):
            if place not in chosen and passage.id not in used:
                chosen[place] = passage
                used.add(passage.id)
        return [self._about(gap, chosen.get(place)) for place, gap in enumerate(gaps)], []

    def _about(self, gap: Gap, candidate: Passage | None) -> Question:
        number, point = gap.start_number, gap.point
        if gap.passage is not None and gap.passage.at_ns is not None and "unreliable" not in gap.passage.flags:
            text = f"{point} at {self._clock(gap.passage)} is likely crew {number}'s, but not surely: is it?"
            return self._question(text, point, [gap], _attribute(gap.passage, number))
        if candidate is not None:
            text = f"Crew {number} has no passage at {point}; is the one at {self._clock(candidate)} its own?"
            return self._question(text, point, [gap], _attribute(candidate, number))
        text = f"Crew {number} has no time at {point}: does another device or a sheet have it, or is it lost?"
        source = "second device" if self._trials(gap) else "time card"
        command = f'centesimo amend insert {quote(point)} TIME --source "{source}" --start-number {number} {WHY}'
        return self._question(text, point, [gap], command)._replace(otherwise=self._average(gap))

    def _trials(self, gap: Gap) -> list[Score]:
        return [one for one in gap.scores if self.control_by_id[one.control].kind in (TIMED_TRIAL, AVERAGE_TRIAL)]

    def _average(self, gap: Gap) -> str:
        """Return the command that assigns an average where one can be formed, the rule book's before others; or ""."""
        number = gap.start_number
        its = crew(self.event, self.scores_by_crew[number], number, self.outcome.applied.of_scores)
        for score in self._trials(gap):
            usual = self.rulebooks[score.race].rule_for(self.control_by_id[score.control].kind).average
            for of in (usual, *AVERAGES):
                if its.settles(score, of):
                    said = "" if of == usual else f" --of {of}"
                    return f"centesimo amend average {number} {quote(score.control)}{said} {WHY}"
        return ""

    def _clock(self, passage: Passage) -> str:
        return shown_at(self.event, passage.at_ns)[11:22]

    def _question(self, text: str, where: str, gaps: Sequence[Gap], command: str) -> Question:
        settled: Mapping[tuple[str, int], Score] = {
            (score.control, gap.start_number): score for gap in gaps for score in gap.scores
        }
        count_by_crew: dict[int, int] = defaultdict(int)
        for _, number in settled:
            count_by_crew[number] += 1
        placed = sum(count == len(self.open_by_crew[number]) for number, count in count_by_crew.items())
        return Question(text, where, tuple(sorted(count_by_crew)), len(settled), placed, command)


def _attribute(passage: Passage, number: int) -> str:
    return f"centesimo amend attribute {quote(passage.id)} {number} {WHY}"
