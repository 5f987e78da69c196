"""Whose passage it is: passages become attributions, and what stays doubtful becomes a finding, never a guess.

Per chain of timing points: passages are linked to tracks by ideal times (match_links), tracks are read as crews by due
times, order and the marshals' lists (match_crews, match_lists), and a crew's passages are attributed where the chance
that they are this crew's reaches the threshold. docs/match.md tells the model with all its numbers.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from centesimo.event import Event
from centesimo.facts import Attribution, Finding, MarshalList, Passage
from centesimo.match_chains import Chain, chains, passages_by_chain
from centesimo.match_crews import ABSENT, Column, Crew, solve
from centesimo.match_links import Track, link, spread

THRESHOLD = 0.99
OPENING_SIGMA_S = 2.0  # crews may open a chain this much off the field's lateness, and nobody is told apart by less
CONTROL_SIGMA_S = 15.0  # at a time control they come within the due minute


class _Seen(NamedTuple):
    """What the chain before told of a crew."""

    absent: float
    late_s: float | None


def match(
    event: Event, passages: Iterable[Passage], lists: Iterable[MarshalList] = (), threshold: float = THRESHOLD
) -> tuple[list[Attribution], list[Finding]]:
    """Return the attributions whose confidence reaches `threshold` (0.5 .. 1), and the doubts.

    Finding kinds: "ghost" (a passage of nobody), "no passage" (a crew expected but not seen), "doubtful" (candidates
    named), "list" (a marshal's list disagrees with the times), "no time".
    """
    every = list(passages)
    all_chains = chains(event)
    passages_by = passages_by_chain(all_chains, every)
    attributions: list[Attribution] = []
    findings = _without_time(every)
    seen: dict[str, dict[int, _Seen]] = defaultdict(dict)
    fields: dict[str, dict[str, float]] = defaultdict(dict)
    for number, chain in enumerate(all_chains):
        its = [passages_by.get((number, point), []) for point in chain.points]
        day = _Day(event, chain, threshold, seen[chain.leg], fields[chain.leg])
        made, doubts = day.attribute(its)
        attributions += made
        findings += doubts
    return attributions, findings


def _without_time(passages: Sequence[Passage]) -> list[Finding]:
    ids_by_point = defaultdict(list)
    for passage in passages:
        if passage.at_ns is None:
            ids_by_point[passage.timing_point].append(passage.id)
    return [
        Finding("no time", point, None, f"{point}: {len(ids)} passages have no instant and are nobody's.", tuple(ids))
        for point, ids in ids_by_point.items()
    ]


class _Day:
    """One chain of one leg; `seen` and `fields` carry what is known of the crews from chain to chain."""

    def __init__(
        self, event: Event, chain: Chain, threshold: float, seen: dict[int, _Seen], fields: dict[str, float]
    ) -> None:
        self.chain = chain
        self.threshold = threshold
        self.seen = seen
        self.fields = fields
        self.base_ns = chain.crews[0].at_ns
        self.races = sorted({crew.race for crew in chain.crews})
        points = {point.id: point for point in event.timing_points}
        self.sigmas_s = [points[point].sigma_ms / 1000 for point in chain.points]
        unseen = _Seen(ABSENT, None)
        self.crews = []
        for due in chain.crews:
            known = seen.get(due.start_number, unseen)
            due_s = (due.at_ns - self.base_ns) / 1e9
            self.crews.append(Crew(due_s, self.races.index(due.race), known.absent, known.late_s, due.known))

    def attribute(self, nodes: Sequence[Sequence[Passage]]) -> tuple[list[Attribution], list[Finding]]:
        """Return the attributions and doubts of this chain; `nodes` are the passages at each of its points."""
        tracks = link(self._instants(nodes), [spread(sigma_s) for sigma_s in self.sigmas_s])
        chances = self._solve(tracks)
        made, doubts = self._judge(tracks, chances)
        self._remember(tracks, chances)
        return made, doubts

    def _instants(self, nodes: Sequence[Sequence[Passage]]) -> list[list[tuple[float, Passage]]]:
        found = []
        for passages, offset_ns in zip(nodes, self.chain.offsets_ns, strict=True):
            from_ns = self.base_ns + offset_ns
            found.append([((passage.at_ns - from_ns) / 1e9, passage) for passage in passages if passage.at_ns])
        return found

    def _solve(self, tracks: list[Track]) -> list[dict[int, float]]:
        columns = [Column(track.at_s, track.car, track.first_node == 0) for track in tracks]
        sigma_s = CONTROL_SIGMA_S if self.chain.at_control else max(OPENING_SIGMA_S, self.sigmas_s[0])
        known = {crew.field: crew.known for crew in self.crews}
        lateness = [self.fields.get(race, 0.0 if known[number] else None) for number, race in enumerate(self.races)]
        return solve(self.crews, columns, sigma_s, lateness) if tracks else []

    def _judge(self, tracks: list[Track], chances: list[dict[int, float]]) -> tuple[list[Attribution], list[Finding]]:
        made: list[Attribution] = []
        findings: list[Finding] = []
        open_numbers: set[tuple[int, int]] = set()
        for track, its in zip(tracks, chances, strict=True):
            who, chance = max(its.items(), key=lambda one: one[1])
            if who < 0 and chance > 0.5:
                findings.append(self._ghost(track))
                continue
            doubtful = []
            for node, passage in track.members.items():
                confidence = chance * track.sure[node]
                if confidence >= self.threshold:
                    made.append(self._attribution(passage, who, confidence, node))
                else:
                    doubtful.append(passage)
                    open_numbers |= {(candidate, node) for candidate in its}
            if doubtful:
                findings.append(self._doubtful(doubtful, its))
        done = {(one.start_number, one.passage.timing_point) for one in made}
        return made, findings + self._unseen(done, open_numbers)

    def _attribution(self, passage: Passage, who: int, confidence: float, node: int) -> Attribution:
        grounds = "start order and due times" if node == 0 else f"ideal time from {self.chain.points[0]}"
        return Attribution(passage, self.chain.crews[who].start_number, confidence, grounds)

    def _ghost(self, track: Track) -> Finding:
        points = ", ".join(passage.timing_point for passage in track.members.values())
        first = next(iter(track.members.values()))
        text = f"{points}: a passage that fits no crew."
        return Finding("ghost", first.timing_point, None, text, tuple(one.id for one in track.members.values()))

    def _doubtful(self, passages: list[Passage], chances: dict[int, float]) -> Finding:
        likely = sorted(chances.items(), key=lambda one: -one[1])[:4]
        names = ", ".join(
            f"{self.chain.crews[who].start_number if who >= 0 else 'nobody'} ({chance:.0%})" for who, chance in likely
        )
        text = f"{passages[0].timing_point}: whose passage is it? Candidates: {names}."
        return Finding("doubtful", passages[0].timing_point, None, text, tuple(one.id for one in passages))

    def _unseen(self, done: set[tuple[int, str]], doubtful: set[tuple[int, int]]) -> list[Finding]:
        findings = []
        for who, crew in enumerate(self.chain.crews):
            missing = [
                point
                for node, point in enumerate(self.chain.points)
                if (crew.start_number, point) not in done and (who, node) not in doubtful
            ]
            if missing:
                text = f"Crew {crew.start_number} has no passage at {', '.join(missing)}."
                findings.append(Finding("no passage", missing[0], crew.start_number, text))
        return findings

    def _remember(self, tracks: list[Track], chances: list[dict[int, float]]) -> None:
        """Keep for the next chain who was seen, and how late."""
        for crew in self.chain.crews:
            self.seen[crew.start_number] = _Seen(0.7, None)
        for track, its in zip(tracks, chances, strict=True):
            who, chance = max(its.items(), key=lambda one: one[1])
            if who >= 0:
                late_s = track.at_s - self.crews[who].due_s if chance > self.threshold else None
                self.seen[self.chain.crews[who].start_number] = _Seen(0.01, late_s)
