"""The rooms of this repository and the imports between them, counted and drawn from the code itself.

A room is a folder with code; a module that lies loose in host/centesimo, beside the folders of the flow, is a room of
its own. All of the repository but tests/ counts. An arrow is a pair of rooms of which the first imports the second; the
drawing leaves out those that follow from the others. A room's floor is the longest way down from it, so no arrow goes
upwards unless rooms import each other in a ring: such a knot is named. What a room holds is what its docstring says.

    python tools/rooms.py            the counts, and a table of the rooms, floor by floor
    python tools/rooms.py --write    the same, put into ARCHITECTURE.md between its two marks
    python tools/rooms.py --check    exit 1 when ARCHITECTURE.md shows something else, names a module in backticks that
                                     is not there, or when there is a knot
"""

import ast
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FLOW = ROOT / "host" / "centesimo"
PAGE = ROOT / "ARCHITECTURE.md"
BEGIN, END = "<!-- rooms: made by tools/rooms.py -->", "<!-- rooms end -->"
SOURCE_ROOTS = ("host", "protocol", "firmware", "virtual", "")  # where a dotted name begins; "" is the repository
FOLDERS = ("host", "protocol", "firmware", "virtual", "simulate", "bench", "demo", "tools")

# What the folders hold that are no package.
NO_PACKAGE = {
    "firmware/frozen": "What is frozen into the firmware, and what the chip runs at start",
    "tools": "Scripts of this repository: set-up, builds, and what `make lint` asks beside ruff and mypy",
}

Rooms = Mapping[str, frozenset[str]]  # by room: the rooms that it imports


def modules() -> dict[str, Path]:
    """Return every module of the repository but its tests, by dotted name."""
    paths = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
    return {_name(path): path for path in paths}


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    if parts[0] in SOURCE_ROOTS:
        parts = parts[1:]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(path: Path) -> str:
    """Return the room of a module: its folder, or itself where it lies loose in the flow."""
    is_loose = path.parent == FLOW and path.name != "__init__.py"
    place = path.with_suffix("") if is_loose else path.parent
    return str(place.relative_to(ROOT)).removeprefix("host/")


def imported(path: Path) -> Iterator[str]:
    """Return the dotted names that a module imports; `from a import b` gives a.b and a."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{name.name}" for name in node.names)
            yield node.module


def rooms() -> Rooms:
    """Return every room with those that it imports."""
    path_by_name = modules()
    targets: dict[str, set[str]] = {room_of(path): set() for path in path_by_name.values()}
    for path in path_by_name.values():
        room = room_of(path)
        for name in imported(path):
            parent = name.rpartition(".")[0]
            if name in path_by_name and (name != parent):
                targets[room].add(room_of(path_by_name[name]))
        targets[room].discard(room)
    return {room: frozenset(names) for room, names in sorted(targets.items())}


def floors(targets_by_room: Rooms) -> tuple[dict[str, int], list[str]]:
    """Return the floor of each room, from 0, and the rooms that no floor fits as they import each other."""
    floor_by_room: dict[str, int] = {}
    left = set(targets_by_room)
    while left:
        ready = {room for room in left if not targets_by_room[room] & left}
        if not ready:
            return floor_by_room, sorted(left)
        for room in ready:
            floor_by_room[room] = 1 + max((floor_by_room[name] for name in targets_by_room[room]), default=-1)
        left -= ready
    return floor_by_room, []


def nearest(room: str, targets_by_room: Rooms) -> frozenset[str]:
    """Return the rooms that a room imports, without those that one of them imports anyway."""
    below: set[str] = set()
    ahead = [name for target in targets_by_room[room] for name in targets_by_room[target]]
    while ahead:
        name = ahead.pop()
        if name not in below:
            below.add(name)
            ahead += targets_by_room[name]
    return targets_by_room[room] - below


def drawing(targets_by_room: Rooms) -> str:
    """Return the counts and a table of the rooms, floor by floor from the top."""
    floor_by_room, knot = floors(targets_by_room)
    arrows = sum(map(len, targets_by_room.values()))
    counts = f"{len(targets_by_room)} rooms, {arrows} arrows, {len(set(floor_by_room.values()))} floors, none upwards."
    if knot:
        counts = f"{len(targets_by_room)} rooms, {arrows} arrows; these import each other: {', '.join(knot)}."
    lines = [counts, "", "| floor | room | what it holds | imports, and all that those import |", "|---:|---|---|---|"]
    rooms_from_top = sorted(floor_by_room, key=lambda room: (-floor_by_room[room], room))
    for room in rooms_from_top:
        targets = [name for name in rooms_from_top if name in nearest(room, targets_by_room)]
        short = ", ".join(name.rpartition("/")[2] for name in targets)
        lines.append(f"| {floor_by_room[room]} | {room} | {holds(room)} | {short} |")
    return "\n".join(lines)


def holds(room: str) -> str:
    """Return the first line of the docstring of a room, without the full stop."""
    place = ROOT / ("host" if room.startswith("centesimo") else "") / room
    path = next((path for path in (place / "__init__.py", place.with_suffix(".py")) if path.exists()), None)
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) if path else NO_PACKAGE.get(room)
    if not text:
        raise SystemExit(f"{room}: expected a docstring that says what the room holds, got none")
    return text.splitlines()[0].removesuffix(".")


def absent(page: str) -> list[str]:
    """Return the Python files that a text names in backticks, from the repository or the flow, and that are gone."""
    paths = re.findall(r"`([\w/]+\.py)`", page)
    return [path for path in paths if not any((root / path).exists() for root in (ROOT, FLOW))]


def main(words: Sequence[str]) -> int:
    """Print the drawing, put it into the page, or compare it with the page; 1 when they differ or there is a knot."""
    targets_by_room = rooms()
    text = drawing(targets_by_room)
    if not words:
        print(text)
        return 0
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    after = rest.split(END)[1]
    fresh = f"{before}{BEGIN}\n\n{text}\n\n{END}{after}"
    if words[0] == "--write":
        PAGE.write_text(fresh, encoding="utf-8")
        return 0
    if fresh != page:
        print("ARCHITECTURE.md shows other rooms than the code has: python tools/rooms.py --write", file=sys.stderr)
    gone = absent(page)
    if gone:
        print(f"ARCHITECTURE.md names what is not there: {', '.join(gone)}", file=sys.stderr)
    return int(fresh != page or bool(gone) or bool(floors(targets_by_room)[1]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
