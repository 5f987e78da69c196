"""Timing points that share an input of a board, and backups.

Tubes move on with the event, so one input of a board may be the tube of one timing point in the first leg and of
another in the second. Its edges belong to the first point until the first crew of all starts in the leg of the second,
and so on. Where the road crosses one tube twice in a leg, the second point says with `from` when the input becomes its.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from centesimo.model.event import Leg, Race, TimingPoint
from centesimo.reading.toml_tables import Table, as_toml, choices_text

Read = tuple[TimingPoint, Table]  # a timing point and where it was read


def share_inputs(points: Sequence[Read], legs: Sequence[Leg], races: Sequence[Race]) -> list[Read]:
    """Return the points, with from_ns and until_ns where they share an input; note those that cannot share it."""
    first_by_leg = {leg.id: _first_start(races, leg.id) for leg in legs}
    place_by_leg = {leg.id: place for place, leg in enumerate(legs)}
    points_by_input: dict[tuple[str, int], list[Read]] = {}
    for point, table in points:
        if point.board and point.input:
            points_by_input.setdefault((point.board, point.input), []).append((point, table))
    windowed: dict[int, TimingPoint] = {}  # by line of the point's table
    for sharing in points_by_input.values():
        _check_sharing(sharing)
        order = sorted(sharing, key=lambda read: _order(read[0], place_by_leg))
        starts = [point.from_ns or (first_by_leg.get(point.legs[0]) if point.legs else None) for point, _ in order]
        for (point, table), from_ns, until_ns in zip(order, [None, *starts[1:]], [*starts[1:], None], strict=True):
            windowed[table.line()] = replace(point, from_ns=from_ns, until_ns=until_ns)
    return [(windowed.get(table.line(), point), table) for point, table in points]


def _order(point: TimingPoint, place_by_leg: Mapping[str, int]) -> tuple[int, int]:
    return min((place_by_leg[leg] for leg in point.legs), default=0), point.from_ns or 0


def check_backups(points: Sequence[Read]) -> None:
    """Note every backup_of that names no timing point, or one that is a backup itself."""
    mains = [point.id for point, _ in points if not point.backup_of]
    for point, table in points:
        if point.backup_of and point.backup_of not in mains:
            main_point = choices_text("a timing point that is no backup", mains, point.backup_of)
            table.wrong("backup_of", f"expected backup_of as {main_point}, got {as_toml(point.backup_of)}")


def _first_start(races: Sequence[Race], leg: str) -> int | None:
    """Return when the first crew of all starts in a leg, ns since 1970."""
    return min((start.first_at_ns for race in races for start in race.starts if start.leg == leg), default=None)


def _check_sharing(sharing: Sequence[Read]) -> None:
    """Note every point whose input another point has at the same time."""
    for place, (point, table) in enumerate(sharing):
        for earlier, _ in sharing[:place]:
            together = not point.legs or not earlier.legs or set(point.legs) & set(earlier.legs)
            if together and (point.from_ns is None or point.from_ns == earlier.from_ns):
                got = f"got input {point.input} of board {point.board}, which {earlier.id} has"
                table.wrong("input", f"expected an input of its own, or for other legs, or with from, {got}")
                break
    if len(sharing) == 1 and sharing[0][0].from_ns is not None:
        point, table = sharing[0]
        table.wrong("from", f"expected from only where points share an input, got it alone on input {point.input}")
