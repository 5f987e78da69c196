"""Whose passage it is: passages become attributions, and what stays doubtful becomes a finding, never a guess.

Per chain of timing points: passages are linked to tracks by ideal times (links.py), tracks are read as crews by due
times, order and the marshals' lists (crews.py, lists.py), and a crew's passages are attributed where the chance
that they are this crew's reaches the threshold. docs/match.md tells the model with all its numbers (model.py).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set

from centesimo.match import findings as say
from centesimo.match.contradictions import without_contradicted
from centesimo.match.memory import Memory
from centesimo.match.one_chain import OneChain
from centesimo.match.sighted_chain import SightedChain
from centesimo.model.course import OUTSIDE, Chain, Places, Windows, by_chain, chains, places_without, windows
from centesimo.model.event import AS_THEY_COME, IN_TURN, THRESHOLD, Event
from centesimo.model.facts import Attribution, MarshalList, Passage, Sighting
from centesimo.model.findings import Finding, FindingKind
from centesimo.model.memo import Memo

SIMULATED = "simulated"  # a flag of a passage that was made on request: passages.FLAGS
NOBODY_OUT: Mapping[int, Set[str]] = {}
NodesByChain = dict[int, dict[str, Sequence[Passage]]]  # passages by number of the chain and timing point
Matched = tuple[list[Attribution], list[Finding]]  # of one chain


def match(
    event: Event,
    passages: Iterable[Passage],
    lists: Iterable[MarshalList] = (),
    threshold: float = THRESHOLD,
    out: Mapping[int, Set[str]] = NOBODY_OUT,
    sightings: Iterable[Sighting] = (),
) -> tuple[list[Attribution], list[Finding]]:
    """Return the attributions whose confidence reaches `threshold` (0.5 .. 1), and the doubts.

    A passage that names its start number keeps it; `out` has the controls by start number where an official says that
    the crew did not come. Finding kinds: "ghost" (passages of nobody), "no passage" (a crew
    expected but not seen), "doubtful" (candidates named), "list" (a marshal's list disagrees with the times), "twice"
    (timed by a board and by another device), "no time", "no control", "unknown crew".
    """
    by_point: dict[str, list[Passage]] = defaultdict(list)
    for passage in passages:
        by_point[passage.timing_point].append(passage)
    matched, findings = match_points(event, by_point, tuple(lists), Memo(), threshold, out, tuple(sightings))
    return [one for made, _ in matched for one in made], findings


def match_points(
    event: Event,
    passages_by_point: Mapping[str, Sequence[Passage]],
    lists: Sequence[MarshalList],
    memo: Memo,
    threshold: float = THRESHOLD,
    out: Mapping[int, Set[str]] = NOBODY_OUT,
    sightings: Sequence[Sighting] = (),
) -> tuple[list[Matched], list[Finding]]:
    """Return the attributions and doubts of each chain, and all doubts; what `memo` has need not be found again.

    A chain is matched again when its passages or lists changed, or what officials or the chains before it
    tell of its crews. `sightings` are those that stand, of crews and timing points of the event.
    """
    all_chains = memo("chains", chains, event)
    users = memo("windows", windows, all_chains)
    backups = {point.id for point in event.timing_points if point.backup_of}  # compared by sanity, never attributed
    findings: list[Finding] = []
    for point, passages in passages_by_point.items():
        findings += memo(("unusable", point), _unusable, point, passages, point in users or point in backups)
    nodes_by_chain, outside = _nodes(users, passages_by_point, memo)
    findings += map(say.outside, outside)
    sightings_by_place = _by_place(users, sightings)
    list_by_point = {one.timing_point: one for one in lists}
    begun = begun_legs(event, passages_by_point, lists, memo, sightings)
    known: dict[str, Memory] = defaultdict(Memory)
    matched: list[Matched] = []
    for number, chain in enumerate(all_chains):
        nodes = [nodes_by_chain[number].get(point, []) for point in chain.points]
        its_lists = {node: list_by_point[point] for node, point in enumerate(chain.points) if point in list_by_point}
        without = places_without(event, chain, out)
        made, doubts, after = memo(
            ("match", number),
            _match_chain,
            event,
            chain,
            threshold,
            nodes,
            its_lists,
            {
                node: sightings_by_place[number, point]
                for node, point in enumerate(chain.points)
                if (number, point) in sightings_by_place
            },
            _gone(chain, without),
            known[chain.leg],
        )
        known[chain.leg] = after
        is_driven = chain.leg in begun or not begun
        seen_doubts = [
            doubt
            for doubt in doubts
            if doubt.kind != FindingKind.NO_PASSAGE or (is_driven and not _is_excused(doubt, without))
        ]
        matched.append((made, seen_doubts))
        findings += matched[-1][1]
    return matched, findings


def begun_legs(
    event: Event,
    passages_by_point: Mapping[str, Sequence[Passage]],
    lists: Sequence[MarshalList],
    memo: Memo,
    sightings: Sequence[Sighting] = (),
) -> frozenset[str]:
    """Return the ids of the legs that have a passage, a list or a sighting of their own: those that are driven.

    A passage that was made on request, or lies hours away from all crews, does not begin a leg.
    """
    all_chains = memo("chains", chains, event)
    users = memo("windows", windows, all_chains)
    nodes_by_chain, _ = _nodes(users, passages_by_point, memo)
    numbers = {
        number
        for number, nodes in nodes_by_chain.items()
        if any(SIMULATED not in passage.flags for passages in nodes.values() for passage in passages)
    }
    numbers |= {number for number, _ in _by_place(users, sightings)}
    numbers |= {window.chain for marshal in lists if marshal.lines for window in users.get(marshal.timing_point, ())}
    return frozenset(all_chains[number].leg for number in numbers)


def _nodes(
    users: Windows, passages_by_point: Mapping[str, Sequence[Passage]], memo: Memo
) -> tuple[NodesByChain, list[list[Passage]]]:
    """Return the passages of each chain by its points, and those hours away from all crews, point by point."""
    nodes_by_chain: NodesByChain = defaultdict(dict)
    outside: list[list[Passage]] = []
    for point, passages in passages_by_point.items():
        if point in users:
            for number, its in memo(("by chain", point), by_chain, users[point], passages).items():
                if number == OUTSIDE:
                    outside.append(its)
                else:
                    nodes_by_chain[number][point] = its
    return nodes_by_chain, outside


def _gone(chain: Chain, without: Places) -> frozenset[int]:
    """Return the crews that do not come to a chain at all, as an official says."""
    numbers = {number for number, _ in without}
    return frozenset(number for number in numbers if all((number, point) in without for point in chain.points))


def _is_excused(no_passage: Finding, without: Places) -> bool:
    """Say whether a crew is missed only where it did not come, as an official says: it stays out from there on."""
    return (no_passage.start_number or 0, no_passage.where) in without


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
    sightings: dict[int, list[Sighting]],
    gone: Set[int],
    known: Memory,
) -> tuple[list[Attribution], list[Finding], Memory]:
    """Return the attributions and doubts of a chain, and what is known after it."""
    after = known.copy()
    # To a control crews come when they like in their minute, whatever the word is.
    told = bool(sightings) or chain.order in (AS_THEY_COME, IN_TURN)
    if told or (lists and not chain.at_control):
        made, doubts = SightedChain(event, chain, threshold, gone, after).attribute(nodes, lists, sightings)
    else:
        made, doubts = OneChain(event, chain, threshold, gone, after).attribute(nodes, lists)
    kept, contradictions = without_contradicted(made, lists.values())
    return kept, [*doubts, *contradictions], after


def _by_place(users: Windows, sightings: Sequence[Sighting]) -> dict[tuple[int, str], list[Sighting]]:
    """Return the sightings by number of the chain and timing point."""
    found: dict[tuple[int, str], list[Sighting]] = defaultdict(list)
    for one in sightings:
        if one.timing_point in users:
            window = min(users[one.timing_point], key=lambda window: window.away_ns(one.at_ns))
            found[window.chain, one.timing_point].append(one)
    return found
