"""One chain of timing points: its passages become tracks, its tracks crews, its lists are heard, its doubts told."""

from bisect import bisect_right
from collections.abc import Sequence, Set
from itertools import pairwise
from math import inf
from operator import attrgetter
from statistics import median

from centesimo.match import findings as say
from centesimo.match.along import Along, without
from centesimo.match.between import weigh_between
from centesimo.match.crews import PASSES, Reading
from centesimo.match.gaps import Gaps
from centesimo.match.judge import Judge
from centesimo.match.links import Rates, Track, is_unclear, link
from centesimo.match.lists import Listing, Said, compare, doubled
from centesimo.match.memory import Chances, Memory
from centesimo.match.model import ABSENT, AT_CONTROL, CONVOY_S, NOT_YET, OUT, Column, Crew, Manner
from centesimo.match.rests import find_rests, stray_hz
from centesimo.match.shared import of_single, once
from centesimo.match.spread import Spread, plain
from centesimo.model.course import Chain
from centesimo.model.event import Event
from centesimo.model.facts import Attribution, MarshalList, Passage
from centesimo.model.findings import Finding

OPENING_SIGMA_S = 0.6, 15.0  # how far off the field's lateness crews open a chain: at least and at most assumed
CONTROL = 2.0, 60.0, AT_CONTROL  # at a time control they come within the due minute
AROUND = 4  # tracks before and after one that tell how late the field is
FIRST_PASSES = 2  # before lists are heard
SAME_NS = 1_000_000_000  # a loaded passage this near to a board's at the same point is the same one


class OneChain:
    """The attribution of one chain; `known` is read at the start and brought up to date at the end.

    `gone`: the crews that do not come to it, as an official says.
    """

    def __init__(self, event: Event, chain: Chain, threshold: float, gone: Set[int], known: Memory) -> None:
        self.chain = chain
        self.threshold = threshold
        self.gone = gone
        self.known = known
        self.base_ns = chain.crews[0].at_ns
        self.races = sorted({crew.race for crew in chain.crews})
        self.sigmas_s = [
            next(point.sigma_ms for point in event.timing_points if point.id == one) / 1000 for one in chain.points
        ]
        self.crews = [
            Crew(
                due.start_number,
                (due.at_ns - self.base_ns) / 1e9,
                self.races.index(due.race),
                self._absent(due.start_number),
                known.before_s.get(due.start_number),
                known.gap.get(due.start_number),
            )
            for due in chain.crews
        ]
        self.numbers = [crew.start_number for crew in self.crews]
        self.index_by_number = {crew.start_number: who for who, crew in enumerate(self.crews)}

    def _absent(self, number: int) -> float:
        """Return how likely a crew does not come at all."""
        return OUT if number in self.gone else self.known.absent.get(number, ABSENT)

    def attribute(
        self, nodes: Sequence[Sequence[Passage]], lists: dict[int, MarshalList]
    ) -> tuple[list[Attribution], list[Finding]]:
        """Return the attributions and doubts of this chain; `nodes` are the passages at each of its points."""
        findings: list[Finding] = []
        columns = [
            self._instants(offset_ns, passages, findings)
            for offset_ns, passages in zip(self.chain.offsets_ns, nodes, strict=True)
        ]
        spreads, gaps = self._spreads(columns), Gaps()
        tracks = link(columns, spreads, gaps)
        rates = Rates.measured(tracks, len(nodes))
        if is_unclear(tracks):
            gaps = Gaps()
            tracks = link(columns, spreads, gaps, rates)
        weigh_between(tracks, spreads, rates)
        find_rests(tracks, len(nodes))
        manner = self._manner(tracks)
        beliefs = self._heard(tracks, manner, gaps, lists).beliefs()
        judge = Judge(self.chain.points, self.numbers, self.threshold)
        made, doubts = judge.judge(tracks, beliefs)
        chances = [its[track.anchor] for track, its in zip(tracks, beliefs, strict=True)]
        self.known.remember(self.crews, self.races, tracks, chances, manner)
        for node, one in lists.items():
            made, more = self._beside_list(made, node, one)
            findings += more
        return made, findings + doubts

    def _spreads(self, columns: Sequence[Sequence[tuple[float, Passage]]]) -> list[Spread]:
        """Return how far cars are from the ideal time to each point; how crews drive is measured on the whole chain."""
        ideals_s = [[one_ns / 1e9 for one_ns in self.chain.ideals_ns.get(point, (0,))] for point in self.chain.points]
        ats = [[at_s for at_s, _ in its] for its in columns]
        links = zip(ats, ats[1:], ideals_s[1:], strict=False)
        deviations_s = [one_s for before, after, its in links for one_s in plain(before, after, its)]
        by_sigma = {sigma_s: Spread(sigma_s, deviations_s) for sigma_s in set(self.sigmas_s)}
        return [by_sigma[sigma_s].around(its) for sigma_s, its in zip(self.sigmas_s, ideals_s, strict=True)]

    def _heard(self, tracks: list[Track], manner: Manner, gaps: Gaps, lists: dict[int, MarshalList]) -> Along:
        """Return what the due times tell of the tracks, and the lists: these first by what those tell, then both."""
        nothing: list[Said | None] = [None] * len(tracks)
        passes = FIRST_PASSES if lists else PASSES
        chances = self._read(tracks, manner, gaps, nothing, passes)
        if self._weigh_firsts(tracks, chances, manner):
            chances = self._read(tracks, manner, gaps, nothing, passes)
        along = Along(tracks, self.known.doubted(self.crews, tracks, chances, manner), self.numbers)
        if lists:
            along.hear({node: Listing(one, self.index_by_number) for node, one in lists.items()})
        if lists and not along.is_disorder:
            heard = of_single(along.heard(), tracks)
            shared = once(heard, chances, self.crews)
            chances = without(self._read(tracks, manner, gaps, shared), heard)
            along.expect(self.known.doubted(self.crews, tracks, chances, manner))
        return along

    def _weigh_firsts(self, tracks: list[Track], chances: Chances, manner: Manner) -> bool:
        """Weigh first passages that may be ghosts: does the likeliest crew open the chain with it, or without it?

        Return whether the instant of any track is another one now.
        """
        before = [track.at_s for track in tracks]
        for place, (track, its) in enumerate(zip(tracks, chances, strict=True)):
            who = max(its, key=its.__getitem__)
            firsts = track.firsts()
            if who < 0 or not firsts:
                continue
            crew = self.crews[who]
            usual_s = crew.due_s + self._field_s(tracks, chances, place, crew.field)
            weights = [chance * manner.hz(crew, at_s - usual_s) for chance, at_s in firsts]
            track.weigh_first(weights[0] / sum(weights), weights[-1] / sum(weights))
        moved = before != [track.at_s for track in tracks]
        tracks.sort(key=attrgetter("at_s"))
        return moved

    def _field_s(self, tracks: list[Track], chances: Chances, place: int, field: int) -> float:
        """Return how late a field is around one of the tracks."""
        lates = []
        for other in range(max(place - AROUND, 0), min(place + AROUND + 1, len(tracks))):
            who = max(chances[other], key=chances[other].__getitem__)
            if other != place and who >= 0 and self.crews[who].field == field:
                lates.append(tracks[other].at_s - self.crews[who].due_s)
        return median(lates) if lates else 0.0

    def _manner(self, tracks: list[Track]) -> Manner:
        """Return how near crews keep to the field's lateness where this chain opens."""
        if self.chain.at_control:
            return Manner(*CONTROL, self.known.wide_s)
        cars = [track.at_s for track in tracks if track.car > 1]
        scatter_s = _scatter_s([crew.due_s for crew in self.crews], cars)
        least_s, most_s = OPENING_SIGMA_S
        return Manner(min(max(least_s, scatter_s, self.sigmas_s[0]), most_s), before_wide_s=self.known.wide_s)

    def _instants(
        self, offset_ns: int, passages: Sequence[Passage], findings: list[Finding]
    ) -> list[tuple[float, Passage]]:
        """Return the passages with their instants less the ideal time; a loaded one stands for a board's beside it."""
        named = [one for one in passages if one.start_number in self.index_by_number and not one.edges]
        beside: dict[str, Passage] = {}
        for one in named:
            near = [other for other in passages if other.start_number is None and _apart_ns(one, other) < SAME_NS]
            if near:
                beside[min(near, key=lambda other: _apart_ns(one, other)).id] = one
        found = []
        for passage in passages:
            if passage.id in beside:
                findings.append(say.twice(beside[passage.id], passage))
            elif passage.start_number is not None and passage.start_number not in self.index_by_number:
                findings.append(say.not_expected(passage))
            elif passage.at_ns is not None:
                found.append(((passage.at_ns - self.base_ns - offset_ns) / 1e9, passage))
        return found

    def _read(
        self, tracks: list[Track], manner: Manner, gaps: Gaps, heard: Sequence[Said | None], passes: int = PASSES
    ) -> Chances:
        """Return for each track the chance of each crew, by the due times and what was heard from lists."""
        if not tracks:
            return []
        ats_s = [track.at_s for track in tracks]
        columns = [
            Column(
                number,
                track.at_s,
                track.car,
                stray_hz(track, tracks, len(self.chain.points)),
                min(track.at_s - before_s, after_s - track.at_s) < CONVOY_S,
                None if track.number is None else self.index_by_number[track.number],
                track.anchor_gap,
                *(heard[number] or (None, 1.0)),
            )
            for number, (before_s, track, after_s) in enumerate(
                zip([-inf, *ats_s], tracks, [*ats_s[1:], inf], strict=False)
            )
        ]
        timed = {due.race for due in self.chain.crews if due.is_timed}
        lateness = [self._lateness(race, race in timed, manner) for race in self.races]
        return Reading(self.crews, manner, lateness, gaps).solve(columns, passes)

    def _lateness(self, race: str, timed: bool, manner: Manner) -> list[float]:
        """Return what the lateness of a race's first crews may be: as on the chain before, or none again."""
        before_s = self.known.field_s.get(race)
        if not timed:
            return [NOT_YET if before_s is None else before_s]
        if before_s is None:
            return [0.0]
        return [before_s] if abs(before_s) < manner.sigma_s else [before_s, 0.0]

    def _beside_list(
        self, made: list[Attribution], node: int, one: MarshalList
    ) -> tuple[list[Attribution], list[Finding]]:
        """Return the attributions with the lines of a list that confirm them, and findings where it disagrees."""
        here = [one for one in made if one.passage.timing_point == self.chain.points[node]]
        here.sort(key=lambda one: one.passage.at_ns or 0)
        sources, findings = compare(one, here, set(self.index_by_number))
        confirmed = [
            each._replace(basis=each.basis._replace(list_line=sources[each.passage.id]))
            if each.passage.id in sources
            else each
            for each in made
        ]
        return confirmed, doubled(one) + findings


def _scatter_s(dues_s: list[float], ats_s: list[float]) -> float:
    """Return by how much tracks scatter about the due times, whatever the lateness they share.

    Each track has an offset to the due time before it; those of neighbours differ by the scatter of two, and by the
    interval when one of them has the next due time: what is left of that is taken.
    """
    if len(dues_s) < 3 or len(ats_s) < 3:
        return 0.0
    interval_s = median(after - before for before, after in pairwise(dues_s))
    if interval_s <= 0:
        return 0.0
    offsets = [at_s - dues_s[max(bisect_right(dues_s, at_s) - 1, 0)] for at_s in ats_s]
    steps = [(after - before + interval_s / 2) % interval_s - interval_s / 2 for before, after in pairwise(offsets)]
    return 1.05 * median(abs(step) for step in steps)


def _apart_ns(one: Passage, other: Passage) -> int:
    return abs((one.at_ns or 0) - (other.at_ns or 0))
