"""Beliefs become attributions where they are sure enough; the rest becomes questions and findings, none left out."""

from collections import defaultdict
from collections.abc import Sequence
from math import floor
from operator import itemgetter

from centesimo.match import findings as say
from centesimo.match.along import Belief, Beliefs
from centesimo.match.bursts import among_strays
from centesimo.match.links import Track
from centesimo.match.model import NOBODY
from centesimo.model.basis import DUE, LOADED, Basis, BasisKind
from centesimo.model.facts import Attribution, Passage
from centesimo.model.findings import Candidate, Finding

POSSIBLE = 0.01  # a candidate is named
DIGITS = 6  # of what is told: a change at one passage shall not reach all others by their last digits
PARTS = 10.0**DIGITS


class _Question:
    """The passages of one track of which it is not sure whose they are."""

    def __init__(self) -> None:
        self.passages: list[Passage] = []
        self.candidates: list[Candidate] = []

    @property
    def crews(self) -> set[int]:
        """The crews that may have made it."""
        return {one.start_number for one in self.candidates if one.start_number is not None}


class Judge:
    """Tells what is sure enough on one chain: `points` of it, `numbers`: start numbers of its crews by index."""

    def __init__(self, points: Sequence[str], numbers: Sequence[int], threshold: float) -> None:
        self.points = points
        self.numbers = numbers
        self.threshold = threshold

    def judge(self, tracks: list[Track], beliefs: Sequence[Beliefs]) -> tuple[list[Attribution], list[Finding]]:
        """Return what is sure enough, and findings about the rest."""
        bases = [DUE] + [Basis(BasisKind.IDEAL_TIME, self.points[0])] * len(self.points)
        made: list[Attribution] = []
        findings: list[Finding] = []
        questions: list[_Question] = []
        for track, by_node in zip(tracks, among_strays(tracks, beliefs), strict=True):
            question = _Question()
            ghosts = _Question()
            its: Belief = {}
            for node, passage in track.members.items():
                if by_node[node] is not its:  # where all links are clear it is the same at each node
                    its = by_node[node]
                    who, chance = max(its.items(), key=itemgetter(1))
                    rival = self._rival(its, who)
                confidence = chance * track.sure[node]
                if passage.start_number is not None:
                    made.append(Attribution(passage, passage.start_number, 1.0, LOADED))
                elif who == NOBODY and chance > 0.5:
                    ghosts.passages.append(passage)
                    ghosts.candidates += [one for one in self._possible(passage, its, 1.0) if one.start_number]
                elif who >= 0 and confidence >= self.threshold:
                    number = self.numbers[who]
                    made.append(Attribution(passage, number, _told(confidence), bases[node], *rival))
                else:
                    question.passages.append(passage)
                    question.candidates += self._possible(passage, its, track.sure[node])
            if ghosts.passages:
                findings.append(say.ghost(ghosts.passages, tuple(ghosts.candidates)))
            if question.passages:
                questions.append(question)
        made, more = self._once(made)
        return made, findings + more + self._questions(questions) + self._unseen(made, questions)

    def _once(self, made: list[Attribution]) -> tuple[list[Attribution], list[Finding]]:
        """Let no crew have two passages at a point: a named one counts, of equals none does."""
        if len({(one.start_number, one.passage.timing_point) for one in made}) == len(made):
            return made, []
        by_crew: dict[tuple[int, str], list[Attribution]] = defaultdict(list)
        for one in made:
            by_crew[one.start_number, one.passage.timing_point].append(one)
        kept, findings = [], []
        for (start_number, _), its in by_crew.items():
            named = [one for one in its if one.basis.kind == BasisKind.LOADED]
            if len(its) == 1 or len(named) == 1:
                kept += named or its
            if len(its) > 1:
                findings.append(say.named_twice(start_number, [one.passage for one in its]))
        return kept, findings

    def _rival(self, its: Belief, who: int) -> tuple[int | None, float]:
        """Return whose a passage is next likeliest, and how likely."""
        if len(its) == 1:
            return None, 0.0
        rival, chance = max(((one, value) for one, value in its.items() if one != who), key=itemgetter(1))
        return (self.numbers[rival] if rival >= 0 else None), _told(chance)

    def _questions(self, questions: list[_Question]) -> list[Finding]:
        """Return one finding for tracks that share a candidate: one answer settles them together."""
        groups: list[list[_Question]] = []
        for question in questions:
            touching = [group for group in groups if any(question.crews & other.crews for other in group)]
            groups = [group for group in groups if group not in touching]
            groups.append([*(one for group in touching for one in group), question])
        return [self._asked(group) for group in groups]

    def _asked(self, group: Sequence[_Question]) -> Finding:
        candidates = tuple(its for one in group for its in one.candidates)
        return say.doubtful([one.passages for one in group], candidates)

    def _possible(self, passage: Passage, its: Belief, sure: float) -> list[Candidate]:
        """Return whose a passage may be that is its track's with the chance `sure`, the likeliest first."""
        chances = {who: chance * sure for who, chance in its.items() if chance * sure > POSSIBLE}
        named = sorted((who for who in chances if who >= NOBODY), key=lambda who: (-chances[who], who))
        return [Candidate(passage.id, self.numbers[who] if who >= 0 else None, _told(chances[who])) for who in named]

    def _unseen(self, made: list[Attribution], questions: list[_Question]) -> list[Finding]:
        """Return a finding for each crew that is missing at points where no question may be about it."""
        seen = {(one.start_number, one.passage.timing_point) for one in made}
        for question in questions:
            seen |= {(number, one.timing_point) for number in question.crews for one in question.passages}
        findings = []
        for number in self.numbers:
            missing = [point for point in self.points if (number, point) not in seen]
            if missing:
                findings.append(say.no_passage(number, missing, self.points))
        return findings


def _told(chance: float) -> float:
    """Return a chance as it is told, cut so that it is not more than it is."""
    return floor(chance * PARTS) / PARTS
