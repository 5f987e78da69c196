"""What tubes and boards make of what crosses them: edges, read into passages by the program's own reading.

A pulse may be missing, or an axle; a tube may be deaf, flutter, or be stepped on. A passage is whose the first vehicle
in it is: a step, a loose contact or the last axle of a car that was seen already begin many, and are not asked. Where
that is nobody's, but a crew's car is in it too (one that came against it, as a rule), the crew is kept beside it.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from centesimo.model.event import TimingPoint
from centesimo.model.facts import Edge, Passage
from centesimo.timing.passages import passages
from simulate.course import FIRST_NS, S_NS, Floats, Ints, Random
from simulate.road import NOBODY, Crossings

NO_VEHICLE = -1
UNCERTAINTY_NS = 1000
LOCKED = 3  # of protocol.record.STATE_NAMES
AROUND_S = 600.0  # steps count from so long before the first crossing until so long after the last


class Ills(NamedTuple):
    """What happens at tubes, and how often."""

    missed: float = 0.01  # a whole passage without an edge, per crossing
    axle: float = 0.005  # one axle without an edge, per axle
    deaf: float = 0.03  # a tube stamps nothing for ten minutes, per tube and day
    flutter: float = 0.01  # a loose contact for a minute, per tube and day
    steps_per_h: float = 1.0  # feet, loose contacts, per tube


NO_ILLS = Ills(0, 0, 0, 0, 0)
DEAF_S, FLUTTER_S = 600.0, 60.0


class Truth(NamedTuple):
    """Whose passages are."""

    crew_by_passage: dict[str, int | None]  # start numbers by passage id; None: nobody's
    beside: dict[str, int]  # of passages that a car of nobody's began: the crew whose car is in it too


class Contacts(NamedTuple):
    """Edges in order of their instants, at one timing point."""

    at_s: Floats
    crossings: Ints  # the row of the crossing, NO_VEHICLE


def stamped(random: Random, points: Iterable[TimingPoint], made: Crossings, ills: Ills) -> tuple[list[Passage], Truth]:
    """Return the passages of tubes, by timing point and instant, and whose each is."""
    tubes = [(place, point) for place, point in enumerate(points) if point.board is not None]
    at_points, at_s, numbers, own, axles_s = made.whole()
    recorded: list[Passage] = []
    truth = Truth({}, {})
    edges_by_board: dict[str, list[tuple[TimingPoint, Contacts]]] = defaultdict(list)
    for place, point in tubes:
        first, last = np.searchsorted(at_points, [place, place + 1])
        rows = slice(int(first), int(last))
        contacts = _contacts(random, at_s[rows], axles_s[rows], ills)
        edges_by_board[point.board or ""].append((point, contacts._replace(crossings=_shifted(contacts, int(first)))))
    for board, tubes_of_board in edges_by_board.items():
        edges, vehicles = _edges(board, tubes_of_board)
        read, _ = passages(edges, [point for point, _ in tubes_of_board])
        recorded += read
        _tell(truth, read, vehicles, np.where(own, numbers, NOBODY))
    return recorded, truth


def _shifted(contacts: Contacts, first: int) -> Ints:
    return np.where(contacts.crossings == NO_VEHICLE, NO_VEHICLE, contacts.crossings + first)


def _contacts(random: Random, at_s: Floats, axles_s: Floats, ills: Ills) -> Contacts:
    """Return what one tube stamps of what crosses it."""
    if not len(at_s):
        return Contacts(np.empty(0), np.empty(0, dtype=np.int64))
    wide = np.concatenate([at_s[:, None], at_s[:, None] + axles_s], axis=1)
    wide[random.random(len(at_s)) < ills.missed] = np.nan
    wide[random.random(wide.shape) < ills.axle] = np.nan
    rows = np.broadcast_to(np.arange(len(at_s))[:, None], wide.shape)
    there = ~np.isnan(wide)
    all_s, crossings = wide[there], rows[there]
    from_s, until_s = float(at_s.min()), float(at_s.max())
    strays = [_steps(random, from_s - AROUND_S, until_s + AROUND_S, ills.steps_per_h)]
    if random.random() < ills.flutter:
        begins_s = random.uniform(from_s, until_s)
        strays.append(begins_s + np.cumsum(random.exponential(1.5, int(FLUTTER_S / 1.5))))
    stray_s = np.concatenate(strays)
    all_s = np.concatenate([all_s, stray_s])
    crossings = np.concatenate([crossings, np.full(len(stray_s), NO_VEHICLE)])
    if random.random() < ills.deaf:
        begins_s = random.uniform(from_s - DEAF_S / 2, until_s)
        heard = (all_s < begins_s) | (all_s > begins_s + DEAF_S)
        all_s, crossings = all_s[heard], crossings[heard]
    order = np.argsort(all_s, kind="stable")
    return Contacts(all_s[order], crossings[order])


def _steps(random: Random, from_s: float, until_s: float, per_h: float) -> Floats:
    """Return the contacts of feet and of loose wires: one each, of three in ten a second one soon after."""
    first_s = random.uniform(from_s, until_s, int(random.poisson(per_h * (until_s - from_s) / 3600)))
    again_s = first_s[random.random(len(first_s)) < 0.3]
    return np.concatenate([first_s, again_s + random.uniform(0.1, 0.8, len(again_s))])


def _edges(board: str, tubes: list[tuple[TimingPoint, Contacts]]) -> tuple[list[Edge], Ints]:
    """Return a board's edges in order of their sequence (from 0), and of each the row of its vehicle's crossing."""
    at_ns = np.concatenate([np.round(contacts.at_s * S_NS).astype(np.int64) for _, contacts in tubes])
    inputs = np.concatenate([np.full(len(contacts.at_s), point.input or 0) for point, contacts in tubes])
    vehicles = np.concatenate([contacts.crossings for _, contacts in tubes])
    order = np.argsort(at_ns, kind="stable")
    rows = zip((at_ns[order] + FIRST_NS).tolist(), inputs[order].tolist(), strict=True)
    edges = [
        Edge(board, sequence, 1, number, at // 1000, at, UNCERTAINTY_NS, True, "between anchors", LOCKED, False)
        for sequence, (at, number) in enumerate(rows)
    ]
    return edges, vehicles[order]


def _tell(truth: Truth, read: Iterable[Passage], vehicles: Ints, crews: Ints) -> None:
    """Add whose passages are, which are in order of time; `crews` are those of crossings that count, or NOBODY."""
    rows, crew_of = vehicles.tolist(), crews.tolist()
    seen: set[int] = set()
    beside_at: dict[tuple[str, int], str] = {}  # by timing point and crew: a board reads several tubes
    for passage in read:
        new = [row for edge in passage.edges if (row := rows[edge.sequence]) != NO_VEHICLE and row not in seen]
        first = crew_of[new[0]] if new else NOBODY
        truth.crew_by_passage[passage.id] = first if first != NOBODY else None
        inside = [crew_of[row] for row in new if crew_of[row] != NOBODY]
        if inside and first == NOBODY:
            truth.beside[passage.id] = inside[0]
            beside_at[passage.timing_point, inside[0]] = passage.id
        elif (passage.timing_point, first) in beside_at:  # its rear axle has a passage, which is its own then
            truth.beside.pop(beside_at.pop((passage.timing_point, first)))
        seen.update(new[:1])
