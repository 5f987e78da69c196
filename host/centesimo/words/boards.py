"""The names of boards: what people say first, the id of 16 hex digits second, in one way: "A1 Bridge (e66...)".

A board is called after its timing points, and as many words of the place of the first of them as the board's memory has
room for. `centesimo prepare --write` gives it that name.
"""

from collections.abc import Iterable

from centesimo.model.event import Event, TimingPoint

NAME_BYTES = 12  # of the board's setting
END_OF_NAME = ",;:("  # what stands behind these in a place is a detail


def board_text(board: str, name: str) -> str:
    """Return what people read of a board: name and id, or the id alone where it has no name."""
    return f"{name} ({board})" if name else board


def shown_board(event: Event, board: str) -> str:
    """Return what people read of a board that the event may name."""
    return board_text(board, board_names(event).get(board, ""))


def find_board(event: Event, written: str) -> str | None:
    """Return the board that a person means by its id, its name, or both as they are shown; None if none is."""
    names = board_names(event)
    for board, name in names.items():
        if written.lower() in (board, name.lower(), board_text(board, name).lower()):
            return board if list(names.values()).count(name) == 1 or written.lower() != name.lower() else None
    return None


def board_names(event: Event) -> dict[str, str]:
    """Return the name of each board of an event, in its order."""
    points_by_board: dict[str, list[TimingPoint]] = {}
    for point in event.timing_points:
        if point.board:
            points_by_board.setdefault(point.board, []).append(point)
    return {board: board_name(points) for board, points in points_by_board.items()}


def board_name(points: Iterable[TimingPoint]) -> str:
    """Return the name of the board at these timing points, 12 bytes at most: "A1 A2 Bridge", "PC1-PC12"."""
    points = tuple(points)
    ids = list(dict.fromkeys(point.id for point in points))
    name = " ".join(ids)
    if _size(name) > NAME_BYTES:
        name = f"{ids[0]}-{ids[-1]}" if len(ids) > 1 else ids[0]
    if _size(name) > NAME_BYTES:
        return name.encode()[:NAME_BYTES].decode(errors="ignore")
    for word in _short(points[0].place).split() if points else ():
        longer = f"{name} {word}"
        if _size(longer) > NAME_BYTES:
            break
        name = longer
    return name


def _short(place: str) -> str:
    """Return a place up to its first detail: "Bridge" of "Bridge, near side"."""
    ends = [place.find(mark) for mark in END_OF_NAME if mark in place]
    return place[: min(ends)] if ends else place


def _size(name: str) -> int:
    return len(name.encode())
