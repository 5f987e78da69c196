"""Beliefs become attributions where they are sure enough; the rest becomes questions and findings, none left out."""

from collections import defaultdict
from collections.abc import Sequence
from math import floor

import numpy as np

from centesimo.match import findings as say
from centesimo.match.keys import Shares
from centesimo.match.parameters import DIGITS, POSSIBLE
from centesimo.match.places import Places
from centesimo.model.basis import DUE, LOADED, Basis, BasisKind
from centesimo.model.facts import Attribution, Passage
from centesimo.model.findings import Candidate, Finding


class Judge:
    """Tells what is sure enough on one chain: `points` of it, `numbers`: start numbers of its crews by index."""

    def __init__(self, points: Sequence[str], numbers: Sequence[int], threshold: float) -> None:
        self.points = points
        self.numbers = numbers
        self.threshold = threshold
        self.bases = [DUE] + [Basis(BasisKind.IDEAL_TIME, points[0])] * len(points)

    def judge(self, places: Places) -> tuple[list[Attribution], list[Finding]]:
        """Return what is sure enough, and findings about the rest."""
        tracks = places.tracks
        made: list[Attribution] = []
        ghosts: dict[int, list[tuple[Passage, Shares]]] = defaultdict(list)
        open_: dict[int, list[tuple[Passage, Shares]]] = defaultdict(list)
        for number, (node, by_place) in enumerate(zip(places.nodes, places.whose(), strict=True)):
            here = np.flatnonzero(tracks.member[:, number] >= 0)
            for track, place in zip(here.tolist(), tracks.member[here, number].tolist(), strict=True):
                passage = node.passages[place]
                if passage.start_number is not None:
                    made.append(Attribution(passage, passage.start_number, 1.0, LOADED))
                    continue
                whose = by_place.get(place, places.shares[track])
                if whose:
                    who = max(whose, key=whose.__getitem__)
                    if whose[who] >= self.threshold:
                        made.append(self._attribution(passage, whose, who, number))
                        continue
                nobody = 1 - sum(whose.values())
                # Crews whose own path leads elsewhere are named all the same.
                may_be = {**places.shares[track], **whose}
                (ghosts if nobody > 0.5 else open_)[track].append((passage, may_be))
        found = [self._ghost(part) for _, part in sorted(ghosts.items())]
        made, more = self._once(made)
        questions = [part for _, part in sorted(open_.items())]
        return made, found + more + self._questions(questions) + self._unseen(made, questions)

    def _attribution(self, passage: Passage, whose: Shares, who: int, number: int) -> Attribution:
        rest = {rival: chance for rival, chance in whose.items() if rival != who}
        nobody = max(0.0, 1 - sum(whose.values()))
        rival = max(rest, key=rest.__getitem__, default=-1)
        confidence = _cut(min(whose[who], 1.0))
        if rival < 0 or rest[rival] < nobody:
            return Attribution(passage, self.numbers[who], confidence, self.bases[number], None, _cut(nobody))
        return Attribution(
            passage, self.numbers[who], confidence, self.bases[number], self.numbers[rival], _cut(rest[rival])
        )

    def _ghost(self, part: Sequence[tuple[Passage, Shares]]) -> Finding:
        candidates = [one for passage, whose in part for one in self._possible(passage, whose) if one.start_number]
        return say.ghost([passage for passage, _ in part], tuple(candidates))

    def _possible(self, passage: Passage, whose: Shares) -> list[Candidate]:
        """Return whose a passage may be, the likeliest first."""
        chances = {**whose, -1: max(0.0, 1 - sum(whose.values()))}
        likely = sorted((who for who in chances if chances[who] > POSSIBLE), key=lambda who: (-chances[who], who))
        return [Candidate(passage.id, self.numbers[who] if who >= 0 else None, _cut(chances[who])) for who in likely]

    def _once(self, made: list[Attribution]) -> tuple[list[Attribution], list[Finding]]:
        """Let no crew have two passages at a point: a named one counts, of equals none does."""
        if len({(one.start_number, one.passage.timing_point) for one in made}) == len(made):
            return made, []
        by_crew: dict[tuple[int, str], list[Attribution]] = defaultdict(list)
        for one in made:
            by_crew[one.start_number, one.passage.timing_point].append(one)
        kept, findings = [], []
        for (start_number, _), group in by_crew.items():
            named = [one for one in group if one.basis.kind == BasisKind.LOADED]
            if len(group) == 1 or len(named) == 1:
                kept += named or group
            if len(group) > 1:
                findings.append(say.named_twice(start_number, [one.passage for one in group]))
        return kept, findings

    def _questions(self, questions: list[list[tuple[Passage, Shares]]]) -> list[Finding]:
        """Return one finding for tracks that share a candidate: one answer settles them together."""
        asked = [
            (
                [passage for passage, _ in part],
                [one for passage, whose in part for one in self._possible(passage, whose)],
            )
            for part in questions
        ]
        leader = list(range(len(asked)))

        def lead(place: int) -> int:
            while leader[place] != place:
                leader[place] = leader[leader[place]]
                place = leader[place]
            return place

        first_by_crew: dict[int, int] = {}
        for place, (_, candidates) in enumerate(asked):
            for number in {one.start_number for one in candidates if one.start_number is not None}:
                if number in first_by_crew:
                    leader[lead(place)] = lead(first_by_crew[number])
                first_by_crew[number] = lead(place)
        groups: dict[int, list[int]] = defaultdict(list)
        for place in range(len(asked)):
            groups[lead(place)].append(place)
        return [
            say.doubtful(
                [asked[place][0] for place in group],
                tuple(one for place in group for one in asked[place][1]),
            )
            for group in groups.values()
        ]

    def _unseen(self, made: list[Attribution], questions: list[list[tuple[Passage, Shares]]]) -> list[Finding]:
        """Return a finding for each crew that is missing at points where no question may be about it."""
        seen = {(one.start_number, one.passage.timing_point) for one in made}
        for part in questions:
            for passage, whose in part:
                seen |= {
                    (self.numbers[who], passage.timing_point) for who, chance in whose.items() if chance > POSSIBLE
                }
        findings = []
        for number in self.numbers:
            missing = [point for point in self.points if (number, point) not in seen]
            if missing:
                findings.append(say.no_passage(number, missing, self.points))
        return findings


def _cut(chance: float) -> float:
    """Return a chance as it is told, cut so that it is not more than it is."""
    parts = 10.0**DIGITS
    return floor(chance * parts) / parts
