"""Edges of a timing point become passages: bounce merged, axles grouped, the first edge counts.

A contact is a run of edges each closer than `bounce_ms` to the one before. A passage is a contact and the later ones
within `axle_ms` of it: the rear axle comes wheelbase / speed after the front one. Two cars that close may share that
window; they stay two when the contacts can only be read so:

    front rear       front rear     a pair is followed by a like pair, too far behind to be an axle of the first car
    front                front rear the last gap is shorter than an axle behind the rear one could make
    front rear              front   the last contact is further behind than a trailer's axle could be

Nothing is dropped: every edge belongs to one passage, and what is odd about it is flagged (FLAGS). Edges without an
instant are grouped by their counter within their boot.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import partial
from operator import attrgetter, sub

from centesimo.model.about_boards import InputUnused
from centesimo.model.event import TimingPoint
from centesimo.model.facts import Edge, Passage
from centesimo.model.findings import Finding, FindingKind

# What a flag says, in the order in which they are given.
FLAGS = {
    "no time": "the board never knew the time in that boot",
    "unconfirmed second": "the whole second was not confirmed",
    "uncertain": "the uncertainty is more than half a hundredth",
    "simulated": "made on request, not by a wheel",
    "marked doubtful": "a marshal marked it so, at the board",
    "single edge": "no second axle: may be a ghost",
    "many edges": "more contacts than two axles make: a trailer, a car that stopped or two cars",
    "long": "contacts for more than a second: a car that stopped on the tube, or a tube that chatters",
    "close behind": "so close behind another car that their axles share a window",
    "unreliable": "an official says that its time does not count",
    "contested": "a record that it hangs on came in several versions, and nothing tells which is right",
    "shifted": "an official has put its board's times later or earlier",
}
OF_NO_USE = frozenset(("unreliable", "simulated", "contested"))  # of these no time counts, whoever's the passage is
UNCERTAIN_NS = 5_000_000
LONG_NS = 1_000_000_000
WHEELBASE_MM = 2500  # of most cars; a speed from it is an estimate
# The axle gap of the next car is like that of the one ahead, its nose is nearly two wheelbases behind the other's, no
# axle gap is shorter than that of a wheelbase of 2.5 m at 112 km/h, and no trailer's axle is 10 m behind the front.
_LIKE, _NOSE, _AXLE_NS, _TRAILER = 1.6, 1.8, 80_000_000, 4


_passage = partial(tuple.__new__, Passage)  # from a tuple of its values


def passages(edges: Iterable[Edge], timing_points: Iterable[TimingPoint]) -> tuple[list[Passage], list[Finding]]:
    """Return the passages of the timing points, point by point in the order given, and findings.

    At each point they stand by instant; those of a boot that never knew the time come last, by counter. Finding kind:
    "no timing point" (edges of an input that no timing point uses).
    """
    edges_by_input: dict[tuple[str, int], list[Edge]] = defaultdict(list)
    for edge in edges:
        edges_by_input[edge.board, edge.input].append(edge)
    passages: list[Passage] = []
    used: set[tuple[str, int]] = set()
    for point in timing_points:
        if point.board is not None and point.input is not None:
            passages += of_point(point, edges_by_input[point.board, point.input])
            used.add((point.board, point.input))
    findings = []
    for (board, input_), unused_edges in sorted(edges_by_input.items()):
        if (board, input_) in used:
            continue
        about = InputUnused(board, input_, len(unused_edges))
        findings.append(Finding(FindingKind.NO_TIMING_POINT, board, None, about))
    return passages, findings


def _serves(point: TimingPoint, edge: Edge) -> bool:
    """Say whether an edge of a point's input is the point's: an input may be another point's in another leg."""
    if edge.at_ns is None:
        return point.from_ns is None
    return (point.from_ns is None or edge.at_ns >= point.from_ns) and (
        point.until_ns is None or edge.at_ns < point.until_ns
    )


def speed_kmh(passage: Passage, wheelbase_mm: int = WHEELBASE_MM) -> float | None:
    """Return a car's speed in km/h: its wheelbase over the time between its first two axles; None for one axle.

    An estimate, as good as `wheelbase_mm` is known.
    """
    return wheelbase_mm * 3_600_000 / passage.axle_ns if passage.axle_ns else None


def of_point(point: TimingPoint, edges: Sequence[Edge]) -> list[Passage]:
    """Return the passages of a timing point from the edges of its input, in any order, as `passages` does."""
    if point.from_ns is not None or point.until_ns is not None:
        edges = [edge for edge in edges if _serves(point, edge)]
    timed = sorted((edge for edge in edges if edge.at_ns is not None), key=attrgetter("at_ns"))
    passages = _grouped(point, timed, [edge.at_ns for edge in timed if edge.at_ns is not None])
    edges_by_boot: dict[int, list[Edge]] = defaultdict(list)
    if len(timed) < len(edges):
        for edge in edges:
            if edge.at_ns is None:
                edges_by_boot[edge.boot].append(edge)
    for _, boot_edges in sorted(edges_by_boot.items()):
        boot_edges.sort(key=attrgetter("counter_us"))
        passages += _grouped(point, boot_edges, [edge.counter_us * 1000 for edge in boot_edges])
    return passages


def _grouped(point: TimingPoint, edges: list[Edge], ats: list[int]) -> list[Passage]:
    """Return the passages of edges in order of their instants, which are all given here."""
    bounce_ns, axle_ns = point.bounce_ms * 1_000_000, point.axle_ms * 1_000_000
    gaps = map(sub, ats[1:], ats)
    contacts = [0, *[index for index, gap_ns in enumerate(gaps, 1) if gap_ns >= bounce_ns], len(ats)]
    contact_ats = [ats[index] for index in contacts[:-1]] if ats else []
    is_plain = _is_plain(edges)
    passages = []
    first, total, close = 0, len(contact_ats), False
    while first < total:
        after, next_close = _end(contact_ats, first, axle_ns)
        start, end = contacts[first], contacts[after]
        own_edges = tuple(edges[start:end])
        length_ns = ats[end - 1] - ats[start]
        is_usual = after - first == 2 and length_ns <= LONG_NS and not (close or next_close)
        flags = () if is_usual else _flags(after - first, length_ns, close or next_close)
        if not is_plain:
            flags = _marks(own_edges) + flags
        front = own_edges[0]
        identity, gap_ns = f"{front.board}:{front.sequence}", _axle_ns(contact_ats, first, after)
        stamp = (front.at_ns, front.uncertainty_ns, front.confirmed)
        passages.append(_passage((identity, point.id, *stamp, own_edges, flags, "board", None, gap_ns)))
        first, close = after, next_close
    return passages


def _is_plain(edges: Sequence[Edge]) -> bool:
    """Say whether nothing about any edge needs a flag; one without an instant is not confirmed."""
    seen = set(map(attrgetter("simulated", "marked", "confirmed"), edges))
    return (
        seen <= {(False, False, True)} and max((edge.uncertainty_ns or 0 for edge in edges), default=0) <= UNCERTAIN_NS
    )


def _axle_ns(ats: list[int], first: int, after: int) -> int | None:
    """Return how far the second axle is behind the first, of the contacts from `first` on and before `after`.

    What is nearer than an axle can be is bounce, if another one is not.
    """
    if after - first < 2:
        return None
    second_ns = ats[first + 1] - ats[first]
    if second_ns >= _AXLE_NS:
        return second_ns
    return next((at - ats[first] for at in ats[first:after] if at - ats[first] >= _AXLE_NS), second_ns)


def _end(ats: list[int], first: int, axle_ns: int) -> tuple[int, bool]:
    """Return the contact behind the passage that begins with contact `first`, and whether another car is that close.

    `ats` are the instants of the contacts.
    """
    at = ats[first]
    total = len(ats)
    if first + 2 < total and _AXLE_NS <= ats[first + 1] - at <= axle_ns < ats[first + 2] - at - axle_ns:
        return first + 2, False  # most cars: two axles, and nothing else anywhere near
    rear_ns = None  # how far the second axle is behind the first; what is nearer than an axle can be still bounces
    index = first + 1
    while index < total and ats[index] - at <= axle_ns:
        behind_ns = ats[index] - at
        gap_ns = ats[index + 1] - ats[index] if index + 1 < total else None
        if rear_ns is None:
            if gap_ns is not None and gap_ns >= _AXLE_NS and gap_ns * _LIKE < behind_ns:
                return index, True
            rear_ns = behind_ns if behind_ns >= _AXLE_NS else None
        elif behind_ns > rear_ns * _TRAILER or _is_next_car(rear_ns, behind_ns, gap_ns):
            return index, True
        index += 1
    return index, False


def _is_next_car(rear_ns: int, behind_ns: int, gap_ns: int | None) -> bool:
    """Say whether two contacts `gap_ns` apart, `behind_ns` behind the front of a car, can be the next car's axles."""
    if gap_ns is None or behind_ns < rear_ns * _NOSE:
        return False
    return rear_ns < gap_ns * _LIKE and gap_ns < rear_ns * _LIKE


def _marks(edges: tuple[Edge, ...]) -> tuple[str, ...]:
    """Return the flags that what is known of each edge gives."""
    first = edges[0]
    flags = []
    if first.at_ns is None:
        flags.append("no time")
    elif not first.confirmed:
        flags.append("unconfirmed second")
    if first.uncertainty_ns is not None and first.uncertainty_ns > UNCERTAIN_NS:
        flags.append("uncertain")
    if any(edge.simulated for edge in edges):
        flags.append("simulated")
    if any(edge.marked for edge in edges):
        flags.append("marked doubtful")
    return tuple(flags)


def _flags(contacts: int, length_ns: int, close: bool) -> tuple[str, ...]:
    """Return the flags that the shape of a passage gives."""
    flags = []
    if contacts == 1:
        flags.append("single edge")
    elif contacts > 2:
        flags.append("many edges")
    if length_ns > LONG_NS:
        flags.append("long")
    if close:
        flags.append("close behind")
    return tuple(flags)
