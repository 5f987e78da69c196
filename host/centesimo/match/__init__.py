"""Whose passage it is: passages become attributions, and what stays doubtful becomes a finding, never a guess.

Per chain of timing points: passages are linked to tracks by ideal times (links.py), tracks are read as crews by due
times, order and the marshals' lists (crews.py, lists.py), and a crew's passages are attributed where the chance
that they are this crew's reaches the threshold. docs/match.md tells the model with all its numbers (model.py).
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from math import inf, sqrt
from operator import itemgetter
from statistics import median

from centesimo.event import Event
from centesimo.facts import Attribution, Finding, MarshalList, Passage
from centesimo.match import findings as say
from centesimo.match.along import Along, Belief, Beliefs
from centesimo.match.chains import OUTSIDE, Chain, by_chain, chains, windows
from centesimo.match.crews import Reading
from centesimo.match.gaps import Gaps
from centesimo.match.links import MISS, Spread, Track, is_car, link
from centesimo.match.lists import Listing, compare, doubled
from centesimo.match.memory import Chances, Memory
from centesimo.match.model import ABSENT, CONVOY_S, LOST_HZ, NOBODY, NOT_YET, STRAY_HZ, Column, Crew, Manner, nobody_hz
from centesimo.memo import Memo

THRESHOLD = 0.99
OPENING_SIGMA_S = 0.6, 15.0  # how far off the field's lateness crews open a chain: at least and at most assumed
POSSIBLE = 0.01  # a candidate is named
LOST_S = 900.0  # a car that stops in a chain drives on within this
CONTROL = Manner(2.0, 60.0)  # at a time control they come within the due minute
SAME_NS = 1_000_000_000  # a loaded passage this near to a board's at the same point is the same one

Matched = tuple[list[Attribution], list[Finding]]  # of one chain


def match(
    event: Event, passages: Iterable[Passage], lists: Iterable[MarshalList] = (), threshold: float = THRESHOLD
) -> tuple[list[Attribution], list[Finding]]:
    """Return the attributions whose confidence reaches `threshold` (0.5 .. 1), and the doubts.

    A passage that names its start number keeps it. Finding kinds: "ghost" (passages of nobody), "no passage" (a crew
    expected but not seen), "doubtful" (candidates named), "list" (a marshal's list disagrees with the times), "twice"
    (timed by a board and by another device), "no time", "no control", "unknown crew".
    """
    by_point: dict[str, list[Passage]] = defaultdict(list)
    for passage in passages:
        by_point[passage.timing_point].append(passage)
    matched, findings = match_points(event, by_point, tuple(lists), Memo(), threshold)
    return [one for made, _ in matched for one in made], findings


def match_points(
    event: Event,
    passages_by_point: Mapping[str, Sequence[Passage]],
    lists: Sequence[MarshalList],
    memo: Memo,
    threshold: float = THRESHOLD,
) -> tuple[list[Matched], list[Finding]]:
    """Return the attributions and doubts of each chain, and all doubts; what `memo` has need not be found again.

    A chain is matched again when its passages or lists changed, or what the chains before it tell.
    """
    all_chains = memo("chains", chains, event)
    users = memo("windows", windows, all_chains)
    findings: list[Finding] = []
    backups = {point.id for point in event.timing_points if point.backup_of}  # compared by sanity, never attributed
    nodes_by_chain: dict[int, dict[str, list[Passage]]] = defaultdict(dict)
    for point, passages in passages_by_point.items():
        findings += memo(("unusable", point), _unusable, point, passages, point in users or point in backups)
        if point in users:
            for number, its in memo(("by chain", point), by_chain, users[point], passages).items():
                if number == OUTSIDE:
                    findings.append(say.outside(its, event.timezone))
                else:
                    nodes_by_chain[number][point] = its
    list_by_point = {one.timing_point: one for one in lists}
    known: dict[str, Memory] = defaultdict(lambda: Memory(threshold))
    matched: list[Matched] = []
    for number, chain in enumerate(all_chains):
        nodes = [nodes_by_chain[number].get(point, []) for point in chain.points]
        its_lists = {node: list_by_point[point] for node, point in enumerate(chain.points) if point in list_by_point}
        made, doubts, known[chain.leg] = memo(
            ("match", number), _match_chain, event, chain, threshold, nodes, its_lists, known[chain.leg]
        )
        matched.append((made, doubts))
        findings += doubts
    return matched, findings


def _unusable(point: str, passages: Sequence[Passage], used: bool) -> list[Finding]:
    if not used and not passages:
        return []
    return say.without_time(passages) + say.unused(passages, {point} if used else set())


def _match_chain(
    event: Event,
    chain: Chain,
    threshold: float,
    nodes: Sequence[Sequence[Passage]],
    lists: dict[int, MarshalList],
    known: Memory,
) -> tuple[list[Attribution], list[Finding], Memory]:
    """Return the attributions and doubts of a chain, and what is known after it."""
    after = known.copy()
    made, doubts = _ChainMatch(event, chain, threshold, after).attribute(nodes, lists)
    return made, doubts, after


class _Question:
    """The passages of one track of which it is not sure whose they are."""

    def __init__(self) -> None:
        self.passages: list[Passage] = []
        self.chances: Belief = {}  # the largest that any of them gives
        self.likely: list[tuple[str, int]] = []

    @property
    def crews(self) -> set[int]:
        """The crews that may have made it, by index."""
        return {who for who in self.chances if who >= 0}

    def add(self, passage: Passage, its: Belief, number: int | None) -> None:
        """Take a passage; `number` is the crew that is likelier than all else."""
        self.passages.append(passage)
        if number is not None:
            self.likely.append((passage.id, number))
        for who, chance in its.items():
            if chance > POSSIBLE:
                self.chances[who] = max(chance, self.chances.get(who, 0.0))


class _ChainMatch:
    """The attribution of one chain; `known` is read at the start and brought up to date at the end."""

    def __init__(self, event: Event, chain: Chain, threshold: float, known: Memory) -> None:
        self.chain = chain
        self.threshold = threshold
        self.known = known
        self.timezone = event.timezone
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
                known.absent.get(due.start_number, ABSENT),
                known.before_s.get(due.start_number),
                known.gap.get(due.start_number),
            )
            for due in chain.crews
        ]
        self.index_by_number = {crew.start_number: who for who, crew in enumerate(self.crews)}

    def attribute(
        self, nodes: Sequence[Sequence[Passage]], lists: dict[int, MarshalList]
    ) -> tuple[list[Attribution], list[Finding]]:
        """Return the attributions and doubts of this chain; `nodes` are the passages at each of its points."""
        findings: list[Finding] = []
        columns = [self._instants(offset_ns, passages, findings) for offset_ns, passages in self._offsets(nodes)]
        spreads = [
            Spread(sigma_s, [ideal_ns / 1e9 for ideal_ns in self.chain.ideals_ns.get(point, (0,))])
            for sigma_s, point in zip(self.sigmas_s, self.chain.points, strict=True)
        ]
        gaps = Gaps()
        tracks = link(columns, spreads, gaps)
        _find_rests(tracks, len(nodes))
        manner = self._manner(tracks)
        chances = self.known.doubted(self.crews, tracks, self._read(tracks, manner, gaps), manner)
        along = Along(tracks, chances, [crew.start_number for crew in self.crews])
        along.hear({node: Listing(one, self.index_by_number) for node, one in lists.items()})
        beliefs = along.beliefs()
        made, doubts = self._judge(tracks, beliefs)
        chances = [its[track.anchor] for track, its in zip(tracks, beliefs, strict=True)]
        self.known.remember(self.crews, self.races, tracks, chances, manner)
        for node, one in lists.items():
            made, more = self._beside_list(made, node, one)
            findings += more
        return made, findings + doubts

    def _manner(self, tracks: list[Track]) -> Manner:
        """Return how near crews keep to the field's lateness where this chain opens."""
        if self.chain.at_control:
            return CONTROL
        cars = [track.at_s for track in tracks if track.car > 1]
        scatter_s = _scatter_s([crew.due_s for crew in self.crews], cars)
        least_s, most_s = OPENING_SIGMA_S
        return Manner(min(max(least_s, scatter_s, self.sigmas_s[0]), most_s))

    def _offsets(self, nodes: Sequence[Sequence[Passage]]) -> Iterable[tuple[int, Sequence[Passage]]]:
        return zip(self.chain.offsets_ns, nodes, strict=True)

    def _instants(
        self, offset_ns: int, passages: Sequence[Passage], findings: list[Finding]
    ) -> list[tuple[float, Passage]]:
        """Return the passages with their instants less the ideal time; a loaded one stands for a board's beside it."""
        named = [one for one in passages if one.start_number is not None and not one.edges]
        beside: dict[str, Passage] = {}
        for one in named:
            near = [other for other in passages if other.start_number is None and _apart_ns(one, other) < SAME_NS]
            if near:
                beside[min(near, key=lambda other: _apart_ns(one, other)).id] = one
        found = []
        for passage in passages:
            if passage.id in beside:
                findings.append(say.twice(beside[passage.id], passage, self.timezone))
            elif passage.start_number is not None and passage.start_number not in self.index_by_number:
                findings.append(say.not_expected(passage, self.timezone))
            elif passage.at_ns is not None:
                found.append(((passage.at_ns - self.base_ns - offset_ns) / 1e9, passage))
        return found

    def _read(self, tracks: list[Track], manner: Manner, gaps: Gaps) -> Chances:
        """Return for each track the chance of each crew, by the due times."""
        if not tracks:
            return []
        ats_s = [track.at_s for track in tracks]
        columns = [
            Column(
                track.at_s,
                track.car,
                _stray_hz(track, tracks),
                min(track.at_s - before_s, after_s - track.at_s) < CONVOY_S,
                None if track.number is None else self.index_by_number[track.number],
                track.gap,
            )
            for before_s, track, after_s in zip([-inf, *ats_s], tracks, [*ats_s[1:], inf], strict=False)
        ]
        timed = {due.race for due in self.chain.crews if due.known}
        lateness = [self._lateness(race, race in timed, manner) for race in self.races]
        return Reading(self.crews, manner, lateness, gaps).solve(columns)

    def _lateness(self, race: str, timed: bool, manner: Manner) -> list[float]:
        """Return what the lateness of a race's first crews may be: as on the chain before, or none again."""
        before_s = self.known.field_s.get(race)
        if not timed:
            return [NOT_YET if before_s is None else before_s]
        if before_s is None:
            return [0.0]
        return [before_s] if abs(before_s) < manner.sigma_s else [before_s, 0.0]

    def _judge(self, tracks: list[Track], beliefs: Sequence[Beliefs]) -> tuple[list[Attribution], list[Finding]]:
        """Return what is sure enough, and findings about the rest."""
        grounds = ["start order and due times"] + [f"ideal time from {self.chain.points[0]}"] * len(self.chain.points)
        made: list[Attribution] = []
        findings: list[Finding] = []
        questions: list[_Question] = []
        for track, by_node in zip(tracks, beliefs, strict=True):
            question = _Question()
            ghosts: list[Passage] = []
            its: Belief = {}
            for node, passage in track.members.items():
                if by_node[node] is not its:  # where all links are clear it is the same at each node
                    its = by_node[node]
                    who, chance = max(its.items(), key=itemgetter(1))
                    rival = self._rival(its, who)
                confidence = chance * track.sure[node]
                if passage.start_number is not None:
                    made.append(Attribution(passage, passage.start_number, 1.0, "loaded"))
                elif who == NOBODY and chance > 0.5:
                    ghosts.append(passage)
                elif who >= 0 and confidence >= self.threshold:
                    number = self.crews[who].start_number
                    made.append(Attribution(passage, number, confidence, grounds[node], *rival))
                else:
                    question.add(passage, its, self.crews[who].start_number if confidence > 0.5 and who >= 0 else None)
            if ghosts:
                findings.append(say.ghost(ghosts, self.timezone))
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
            named = [one for one in its if one.grounds == "loaded"]
            if len(its) == 1 or len(named) == 1:
                kept += named or its
            if len(its) > 1:
                findings.append(say.named_twice(start_number, [one.passage for one in its], self.timezone))
        return kept, findings

    def _rival(self, its: Belief, who: int) -> tuple[int | None, float]:
        """Return whose a passage is next likeliest, and how likely."""
        if len(its) == 1:
            return None, 0.0
        rival, chance = max(((one, value) for one, value in its.items() if one != who), key=itemgetter(1))
        return (self.crews[rival].start_number if rival >= 0 else None), chance

    def _questions(self, questions: list[_Question]) -> list[Finding]:
        """Return one finding for tracks that share a candidate: one answer settles them together."""
        groups: list[list[_Question]] = []
        for question in questions:
            touching = [group for group in groups if any(question.crews & other.crews for other in group)]
            groups = [group for group in groups if group not in touching]
            groups.append([*(one for group in touching for one in group), question])
        return [self._asked(group) for group in groups]

    def _asked(self, group: Sequence[_Question]) -> Finding:
        chances = {who: chance for one in group for who, chance in one.chances.items()}
        return say.doubtful(
            [one.passages for one in group],
            {self._name(who): chances[who] for who in sorted(chances)},
            tuple(likely for one in group for likely in one.likely),
            self.timezone,
        )

    def _name(self, who: int) -> str:
        if who >= 0:
            return f"crew {self.crews[who].start_number}"
        return "nobody" if who == NOBODY else "another crew"

    def _unseen(self, made: list[Attribution], questions: list[_Question]) -> list[Finding]:
        """Return a finding for each crew that is missing at points where no question may be about it."""
        seen = {(one.start_number, one.passage.timing_point) for one in made}
        for question in questions:
            numbers = {self.crews[who].start_number for who in question.crews}
            seen |= {(number, one.timing_point) for number in numbers for one in question.passages}
        findings = []
        for crew in self.crews:
            missing = [point for point in self.chain.points if (crew.start_number, point) not in seen]
            if missing:
                findings.append(say.no_passage(crew.start_number, missing, self.chain.points))
        return findings

    def _beside_list(
        self, made: list[Attribution], node: int, one: MarshalList
    ) -> tuple[list[Attribution], list[Finding]]:
        """Return the attributions with the lines of a list that confirm them, and findings where it disagrees."""
        here = [one for one in made if one.passage.timing_point == self.chain.points[node]]
        here.sort(key=lambda one: one.passage.at_ns or 0)
        sources, findings = compare(one, here, set(self.index_by_number))
        confirmed = [
            each._replace(grounds=f"{each.grounds}; marshal's list {sources[each.passage.id]}")
            if each.passage.id in sources
            else each
            for each in made
        ]
        return confirmed, doubled(one) + findings


def _stray_hz(track: Track, tracks: list[Track]) -> float:
    """Return how often a track like this is the rest of a car that was lost: it must have begun, not long before."""
    return STRAY_HZ + LOST_HZ * len(_rest_of(track, tracks)) if track.first_node else 0.0


def _rest_of(track: Track, tracks: list[Track]) -> list[Track]:
    """Return the tracks that end before a later one begins, not long before it: it may be the rest of one of them."""
    first = track.first_node
    return [
        other for other in tracks if 0 < track.at_s - other.at_s < LOST_S and other.first_node < first > other.last_node
    ]


def _find_rests(tracks: list[Track], nodes: int) -> None:
    """Tell each track that begins late of which cars it may be the rest."""
    for track in tracks:
        if track.first_node and track.first_node not in track.came:
            rests = _rest_of(track, tracks)
            others_hz = nobody_hz(Column(track.at_s, 1.0, STRAY_HZ + LOST_HZ * len(rests)))
            if rests:
                track.came[track.first_node] = dict.fromkeys(rests, LOST_HZ / others_hz)
        for one in track.came.get(track.first_node, ()):
            if len(one.members) == 1:  # a car if the other is the rest of it
                missing = nodes - len({*one.members, *track.members})
                one.car = max(one.car, is_car(one.members[one.first_node]) * MISS ** sqrt(missing))


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
